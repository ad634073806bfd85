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

/* A line: from,to or from,to,SOURCE. */
static int read_line(struct ingest_job *job, const char *line, int n, struct err *err)
{
    const char *path = job->v.live, *to_text = strchr(line, ',');
    const char *source = to_text ? strchr(to_text + 1, ',') : NULL;
    struct ingest_given g = {.source = source ? source + 1 : NULL};
    if (!to_text ||
        read_instant(job, span_make(line, (size_t)(to_text - line)), &g.from_ns) < 0 ||
        read_instant(job,
                     source ? span_make(to_text + 1, (size_t)(source - to_text - 1))
                            : span_of(to_text + 1),
                     &g.to_ns) < 0)
        return err_set(err, ERR_USAGE,
                       "%s:%d: expected from,to as ISO-8601 times with a zone, found '%s'",
                       path, n, line);
    if (g.from_ns >= g.to_ns)
        return err_set(err, ERR_USAGE, "%s:%d: expected from before to, found '%s'", path, n,
                       line);
    bool known = !g.source;
    for (size_t i = 0; i < job->inputs.n && !known; i++)
        known = strcmp(ingest_base_name(job->inputs.v[i]), g.source) == 0;
    if (!known)
        return err_set(err, ERR_USAGE,
                       "%s:%d: expected the name of an input behind the second comma, found"
                       " '%s'",
                       path, n, g.source);
    MEM_GROW(job->given, job->ngiven, job->given_cap);
    job->given[job->ngiven++] = g;
    ingest_add_live(job, g.from_ns, g.to_ns, "given");
    return 0;
}

int ingest_read_live(struct ingest_job *job, struct err *err)
{
    int rc = ingest_read_text(&job->live_text, job->v.live, err);
    if (rc < 0)
        return rc;
    char *rest = job->live_text, *line;
    for (int n = 1; rc == 0 && (line = strsep(&rest, "\n")); n++) {
        line[strcspn(line, "\r")] = '\0';
        bool heading =
            n == 1 && (strcmp(line, "from,to") == 0 || strcmp(line, "from,to,source") == 0);
        if (line[0] && line[0] != '#' && !heading)
            rc = read_line(job, line, n, err);
    }
    if (rc == 0 && job->ngiven == 0)
        rc = err_set(err, ERR_USAGE, "%s: expected lines from,to, found none", job->v.live);
    job->live_given = true;
    return rc;
}

static int by_from(const void *a, const void *b)
{
    const struct counts_live *x = a, *y = b;
    return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

/* Sorted, overlapping spans made one; one that is partly inferred is inferred. */
static size_t unite(struct counts_live *v, size_t nv)
{
    size_t n = nv > 0;
    if (nv > 0)
        qsort(v, nv, sizeof *v, by_from);
    for (size_t i = 1; i < nv; i++) {
        struct counts_live *last = &v[n - 1], next = v[i];
        bool alike = strcmp(last->why, next.why) == 0;
        if (next.from_ns > last->to_ns || (next.from_ns == last->to_ns && !alike)) {
            v[n++] = next;
            continue;
        }
        last->to_ns = next.to_ns > last->to_ns ? next.to_ns : last->to_ns;
        bool keep = alike || strcmp(last->why, "inferred") == 0;
        free(keep ? next.why : last->why);
        last->why = keep ? last->why : next.why;
    }
    return n;
}

static void set_live(struct ingest_job *job, struct counts *c)
{
    c->live = job->live;
    c->nlive = unite(job->live, job->nlive);
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

/* --- of each source -------------------------------------------------------------- */

static bool names(const struct ingest_given *g, const char *source)
{
    return source ? g->source && strcmp(g->source, source) == 0 : !g->source;
}

/* The lines of the user that name this source (NULL: none at all), as spans. */
static void given_for(const struct ingest_job *job, const char *source,
                      struct counts_live **ret, size_t *ret_n)
{
    struct counts_live *v = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < job->ngiven; i++)
        if (names(&job->given[i], source)) {
            MEM_GROW(v, n, cap);
            v[n++] = (struct counts_live){job->given[i].from_ns, job->given[i].to_ns,
                                          mem_copy("given", 5)};
        }
    *ret = v;
    *ret_n = unite(v, n);
}

/* At least so many look-ups of the source lie outside of what was said of it: those of
 * minutes that lie outside as a whole. */
static void warn_of_outside(const struct ingest_job *job, size_t i,
                            const struct counts_source *s)
{
    const struct presence *p = tally_presence(job->tally, i);
    uint64_t outside = 0;
    for (size_t m = 0, k = 0; m < p->n; m++) {
        while (k < s->nlive && s->live[k].to_ns <= p->v[m].first_ns)
            k++;
        if (k == s->nlive || s->live[k].from_ns > p->v[m].last_ns)
            outside += p->v[m].lookups;
    }
    if (outside)
        fprintf(stderr,
                "dnsclaim: warning: %s: %" PRIu64
                " look-ups or more lie outside the live time that was given for it\n",
                job->origins[i].path, outside);
}

/* What was said of the source itself; else of what was said of all, that which lies between
 * its first and its last look-up; else what is inferred from these, and then the case has
 * its span too. */
static void set_source_live(struct ingest_job *job, size_t i)
{
    struct counts_source *s = tally_source_info(job->tally, i);
    given_for(job, ingest_base_name(job->origins[i].path), &s->live, &s->nlive);
    if (s->nlive > 0) {
        warn_of_outside(job, i, s);
        return;
    }
    if (s->first_ns > s->last_ns)
        return;
    struct counts_live span = {s->first_ns, s->last_ns + job->v.tick, NULL}, *all;
    size_t nall;
    given_for(job, NULL, &all, &nall);
    if (nall > 0) {
        counts_live_both(all, nall, &span, 1, &s->live, &s->nlive);
    } else {
        live_of_source(tally_presence(job->tally, i), job->v.tick, &s->live, &s->nlive);
        ingest_add_live(job, span.from_ns, span.to_ns, "inferred");
    }
    counts_live_free(all, nall);
}

void ingest_source_live(struct ingest_job *job)
{
    for (size_t i = 0; i < job->norigins; i++)
        if (!job->origins[i].is_case)
            set_source_live(job, i);
}

/* --- of the case ------------------------------------------------------------------- */

/* When none was listening, this source was not. */
static void clip(struct counts_source *s, const struct counts *c)
{
    struct counts_live *live;
    size_t n;
    counts_live_both(s->live, s->nlive, c->live, c->nlive, &live, &n);
    counts_live_free(s->live, s->nlive);
    s->live = live;
    s->nlive = n;
}

static void warn_of_all_outside(const struct counts *c)
{
    uint64_t outside = lookups_outside(c);
    if (outside)
        fprintf(stderr,
                "dnsclaim: warning: %" PRIu64 " look-ups lie outside the live time that was"
                " given\n",
                outside);
}

/* Of a case that holds only some look-ups: when one of its sources listened, as all rows of
 * each told, those left out too. The silences of what was kept tell nothing. */
static void infer_from_sources(struct ingest_job *job, struct counts *c)
{
    counts_live_free(job->live, job->nlive);
    job->live = NULL;
    job->nlive = job->live_cap = 0;
    for (size_t i = 0; i < c->nsources; i++)
        for (size_t k = 0; k < c->sources[i].nlive; k++)
            ingest_add_live(job, c->sources[i].live[k].from_ns, c->sources[i].live[k].to_ns,
                            c->sources[i].live[k].why);
    set_live(job, c);
}

/* Without a word from the user all of it is inferred; else logs that come without
 * a list, beside a case that has one, were live over their own span. */
void ingest_make_live(struct ingest_job *job, struct counts *c)
{
    if (job->live_given) {
        set_live(job, c);
        warn_of_all_outside(c);
    } else if (counts_is_part(c)) {
        infer_from_sources(job, c);
    } else {
        live_infer(c);
    }
    for (size_t i = 0; i < c->nsources; i++)
        clip(&c->sources[i], c);
}
