/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *ingest_skips(char out[INGEST_SKIPS_MAX], const struct skips *s)
{
    size_t n = 0;
    out[0] = '\0';
    for (int r = 0; r < SKIP_REASONS && n < INGEST_SKIPS_MAX; r++)
        if (s->count[r])
            n += (size_t)snprintf(out + n, INGEST_SKIPS_MAX - n, "%s%s %" PRIu64, n ? ", " : "",
                                  skip_table[r].name, s->count[r]);
    return out;
}

void ingest_summarise(const struct ingest_job *job, const char *path,
                      const struct counts_source *s)
{
    if (job->v.quiet)
        return;
    char first[TEXT_TIME_MAX], last[TEXT_TIME_MAX], text[INGEST_SKIPS_MAX];
    uint64_t skips = skips_total(&s->skips);
    printf("%s: %s, %" PRIu64 " records = %" PRIu64 " look-ups", path, s->format, s->read,
           s->lookups);
    if (s->intervals)
        printf(" + %" PRIu64 " intervals", s->intervals);
    printf(" + %" PRIu64 " skips", skips);
    if (skips)
        printf(" (%s)", ingest_skips(text, &s->skips));
    if (s->lookups)
        printf(", %s to %s", text_iso(first, s->first_ns, 0), text_iso(last, s->last_ns, 0));
    printf("\n");
    fflush(stdout);
}

/* What a reader had to decide, for the user to know. */
void ingest_warn_of_notes(const char *path, const struct notes *n, int from, int to)
{
    for (int k = from; k < to; k++)
        if (n->count[k])
            fprintf(stderr, "dnsclaim: warning: %s: %" PRIu64 " records: %s\n", path,
                    n->count[k], note_table[k].help);
}

/* Which responses of a source are transactions is known when all sources were read. */
bool ingest_summarises_late(const struct ingest_job *job)
{
    return strcmp(job->v.count, tally_count_names[TALLY_TRANSACTIONS]) == 0;
}

/* A source whose end is missing, or the ends of its packets, is told, or fails. */
static int judge_cuts(const struct ingest_job *job, const char *path,
                      const struct counts_source *s, bool cut, struct err *err)
{
    uint64_t packets = s->skips.count[SKIP_PACKET_CUT];
    cut |= s->skips.count[SKIP_CUT] > 0;
    if (cut && job->v.strict)
        return err_set(err, ERR_MALFORMED,
                       "%s: expected a whole input (--strict), found that it ends inside a"
                       " record",
                       path);
    if (packets && job->v.strict)
        return err_set(err, ERR_MALFORMED,
                       "%s: expected whole questions (--strict), found %" PRIu64
                       " records cut short by the snapshot length",
                       path, packets);
    if (cut)
        fprintf(stderr,
                "dnsclaim: warning: %s: the input ends inside a record; what is whole was"
                " counted\n",
                path);
    if (packets)
        fprintf(stderr,
                "dnsclaim: warning: %s: %" PRIu64
                " records are cut short by the snapshot length and were not counted\n",
                path, packets);
    return 0;
}

/* May this source be counted, now that it was read? */
int ingest_judge(const struct ingest_job *job, const char *path, const struct counts_source *s,
                 bool cut, struct err *err)
{
    uint64_t bad = skips_of(&s->skips, SKIP_MALFORMED);
    int rc = judge_cuts(job, path, s, cut, err);
    if (rc < 0)
        return rc;
    uint64_t good = s->lookups + s->intervals + s->skips.count[SKIP_NOT_KEPT];
    char text[INGEST_SKIPS_MAX];
    if (100. * (double)bad > job->v.max_skips * (double)(good + bad))
        return err_set(
            err, ERR_MALFORMED,
            "%s: expected at most %g %% malformed records (--max-skips), found %.3g %%:"
            " %" PRIu64 " beside %" PRIu64 " look-ups; left out: %s",
            path, job->v.max_skips, 100. * (double)bad / (double)(good + bad), bad, good,
            ingest_skips(text, &s->skips));
    return 0;
}
