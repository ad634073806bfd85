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

/* "log.csv:17", "tap.pcap: packet 17", and of a path that was said already "line 17". */
static size_t put_place(char *out, size_t size, const char *path, const char *unit, uint64_t at)
{
    if (!path)
        return (size_t)snprintf(out, size, "%s %" PRIu64, unit ? unit : "line", at);
    if (!unit)
        return (size_t)snprintf(out, size, "%.200s:%" PRIu64, path, at);
    return (size_t)snprintf(out, size, "%.200s: %s %" PRIu64, path, unit, at);
}

/* "; log.csv:17: expected a time, found 'noon' (bad_time); line 20: ...": of each reason the
 * first, in the order of the source. */
enum { FAULTS_MAX = 2000 }; /* room for all reasons, and one place with its path */

static const char *faults(char out[FAULTS_MAX], const char *path, const char *unit,
                          const struct skips *s)
{
    enum skip_reason why[SKIP_FAULTS];
    size_t n = 0, count = skips_faults(s, why);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct skip_fault *f = &s->first[why[i] - SKIP_BAD_PACKET];
        n += (size_t)snprintf(out + n, FAULTS_MAX - n, i ? "; " : "; first: ");
        n += put_place(out + n, FAULTS_MAX - n, i ? NULL : path, unit, f->at);
        n += (size_t)snprintf(out + n, FAULTS_MAX - n, ": expected %s, found %s (%s)",
                              skip_table[why[i]].expected, f->found[0] ? f->found : "none",
                              skip_table[why[i]].name);
    }
    return out;
}

int ingest_judge(const struct ingest_job *job, const char *path, const char *unit,
                 const struct counts_source *s, bool cut, struct err *err)
{
    uint64_t bad = skips_of(&s->skips, SKIP_MALFORMED);
    int rc = judge_cuts(job, path, s, cut, err);
    if (rc < 0 || bad == 0)
        return rc;
    uint64_t good = s->lookups + s->intervals + s->skips.count[SKIP_NOT_KEPT];
    char text[INGEST_SKIPS_MAX], where[FAULTS_MAX];
    faults(where, path, unit, &s->skips);
    if (100. * (double)bad > job->v.max_skips * (double)(good + bad))
        return err_set(
            err, ERR_MALFORMED,
            "%s: expected at most %g %% malformed records (--max-skips), found %.3g %%:"
            " %" PRIu64 " beside %" PRIu64 " look-ups; left out: %s%s",
            path, job->v.max_skips, 100. * (double)bad / (double)(good + bad), bad, good,
            ingest_skips(text, &s->skips), where);
    fprintf(stderr, "dnsclaim: warning: %s: %" PRIu64 " malformed records were left out%s\n",
            path, bad, where);
    return 0;
}
