/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "models/live.h"

void ingest_add_live(struct ingest_job *job, int64_t from_ns, int64_t to_ns, const char *why)
{
    MEM_GROW(job->live, job->nlive, job->live_cap);
    job->live[job->nlive++] = (struct counts_live){from_ns, to_ns, mem_copy(why, strlen(why))};
}

static int read_instant(const struct ingest_job *job, struct span s, int64_t *ret_ns)
{
    bool zone;
    int kind;
    if (text_time(s, ret_ns, &zone) < 0 || (!zone && !job->zone))
        return ERR_MALFORMED;
    if (!zone) {
        int64_t local_s = floor_div(*ret_ns, NS_PER_S);
        *ret_ns += (tz_to_utc(job->zone, local_s, &kind) - local_s) * NS_PER_S;
    }
    return 0;
}

int ingest_read_live(struct ingest_job *job, struct err *err)
{
    const char *path = job->v.live;
    char *text;
    int rc = ingest_read_text(&text, path, err);
    if (rc < 0)
        return rc;
    char *rest = text, *line;
    for (int n = 1; rc == 0 && (line = strsep(&rest, "\n")); n++) {
        line[strcspn(line, "\r")] = '\0';
        const char *comma = strchr(line, ',');
        int64_t from, to;
        if (!line[0] || line[0] == '#' || (n == 1 && strcmp(line, "from,to") == 0))
            continue;
        if (!comma || read_instant(job, span_make(line, (size_t)(comma - line)), &from) < 0 ||
            read_instant(job, span_of(comma + 1), &to) < 0)
            rc = err_set(err, ERR_USAGE,
                         "%s:%d: expected from,to as ISO-8601 times with a zone, found '%s'",
                         path, n, line);
        else if (from >= to)
            rc = err_set(err, ERR_USAGE, "%s:%d: expected from before to, found '%s'", path, n,
                         line);
        else
            ingest_add_live(job, from, to, "given");
    }
    free(text);
    if (rc == 0 && job->nlive == 0)
        rc = err_set(err, ERR_USAGE, "%s: expected lines from,to, found none", path);
    job->live_given = true;
    return rc;
}

static int by_from(const void *a, const void *b)
{
    const struct counts_live *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* Sorted, overlapping spans made one; one that is partly inferred is inferred. */
static void set_live(struct ingest_job *job, struct counts *c)
{
    qsort(job->live, job->nlive, sizeof *job->live, by_from);
    size_t n = 1;
    for (size_t i = 1; i < job->nlive; i++) {
        struct counts_live *last = &job->live[n - 1], next = job->live[i];
        bool alike = strcmp(last->why, next.why) == 0;
        if (next.from_ns > last->to_ns || (next.from_ns == last->to_ns && !alike)) {
            job->live[n++] = next;
            continue;
        }
        last->to_ns = next.to_ns > last->to_ns ? next.to_ns : last->to_ns;
        bool keep = alike || strcmp(last->why, "inferred") == 0;
        free(keep ? next.why : last->why);
        last->why = keep ? last->why : next.why;
    }
    c->live = job->live;
    c->nlive = n;
    job->live = NULL;
    job->nlive = 0;
}

static uint64_t lookups_outside(const struct counts *c)
{
    uint64_t outside = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        struct series_iter it = series_begin(counts_series(&c->pairs[i]), c->pairs[i].first);
        while (series_next(&it)) {
            size_t k = 0; /* the tick counts as live if any of it is */
            while (k < c->nlive && c->live[k].to_ns <= it.tick * c->tick_ns)
                k++;
            if (k == c->nlive || c->live[k].from_ns >= (it.tick + 1) * c->tick_ns)
                outside += it.count;
        }
    }
    return outside;
}

/* Without a word from the user all of it is inferred; else logs that come without
 * a list, beside a case that has one, were live over their own span. */
void ingest_make_live(struct ingest_job *job, struct counts *c)
{
    if (!job->live_given) {
        live_infer(c);
        return;
    }
    set_live(job, c);
    uint64_t outside = lookups_outside(c);
    if (outside)
        fprintf(stderr,
                "dnsclaim: warning: %" PRIu64 " look-ups lie outside the live time that was"
                " given\n",
                outside);
}

/* The spans of logs that no list of the user covers. */
void ingest_add_spans(struct ingest_job *job)
{
    for (size_t i = 0; i < job->norigins; i++) {
        const struct counts_source *s = tally_source_info(job->tally, i);
        if (!job->origins[i].is_case && s->first_ns <= s->last_ns)
            ingest_add_live(job, s->first_ns, s->last_ns + job->v.tick, "inferred");
    }
}
