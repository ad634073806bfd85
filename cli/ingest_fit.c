/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ingest.h"

#include <inttypes.h>
#include <string.h>

static bool overlap(const struct counts_source *a, const struct counts_source *b)
{
    return a->first_ns <= b->last_ns && b->first_ns <= a->last_ns;
}

/* A log must not count twice. Two inputs of the same bytes are one log; and counts
 * of a case carry no message ids, so that tap duplicates between it and an input
 * of the same time could not be found. */
static int check_two(const struct ingest_job *job, size_t i, size_t k, struct err *err)
{
    const struct counts_source *a = tally_source_info(job->tally, i),
                               *b = tally_source_info(job->tally, k);
    const struct ingest_origin *from_a = &job->origins[i], *from_b = &job->origins[k];
    if (a->sha256[0] && strcmp(a->sha256, b->sha256) == 0)
        return err_set(err, ERR_MISMATCH,
                       "%s%s%s and %s%s%s: expected different logs, found the same log given"
                       " twice (sha256 %.16s...)",
                       from_a->path, from_a->is_case ? ": " : "",
                       from_a->is_case ? a->name : "", from_b->path,
                       from_b->is_case ? ": " : "", from_b->is_case ? b->name : "", a->sha256);
    if (job->v.dedup > 0 && from_a->path != from_b->path &&
        (from_a->is_case || from_b->is_case) && overlap(a, b))
        return err_set(err, ERR_MISMATCH,
                       "%s (%s) and %s (%s): expected times that do not overlap, because tap"
                       " duplicates cannot be told in a case; --dedup 0 counts every row",
                       from_a->path, a->name, from_b->path, b->name);
    return 0;
}

/* Equal rows of two logs without message ids: only the user knows what they are. */
static int check_twins(const struct ingest_job *job, struct err *err)
{
    size_t a, b;
    uint64_t n;
    if (!tally_twins(job->tally, &a, &b, &n))
        return 0;
    return err_set(err, ERR_MISMATCH,
                   "%s and %s: expected different rows, found %" PRIu64
                   " or more that are equal in both: say whether they are parts of one log, so"
                   " that a row counts once (--same-log), or logs of different servers, so that"
                   " all count (--different-servers)",
                   job->origins[a].path, job->origins[b].path, n);
}

int ingest_check_sources(const struct ingest_job *job, struct err *err)
{
    uint64_t records = 0;
    struct skips skips = {0};
    char text[INGEST_SKIPS_MAX];
    for (size_t i = 0; i < job->norigins; i++) {
        const struct counts_source *s = tally_source_info(job->tally, i);
        records += s->lookups + s->intervals;
        for (int r = 0; r < SKIP_REASONS; r++)
            skips.count[r] += s->skips.count[r];
        for (size_t k = 0; k < i; k++) {
            int rc = check_two(job, k, i, err);
            if (rc < 0)
                return rc;
        }
    }
    if (records == 0)
        return err_set(err, ERR_DEGENERATE,
                       "ingest: expected at least one look-up, found none; left out: %s",
                       skips_total(&skips) ? ingest_skips(text, &skips) : "nothing");
    return check_twins(job, err);
}
