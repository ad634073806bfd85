/* SPDX-License-Identifier: GPL-3.0-or-later
 * The table, and Holm over the family. */
#include "models/integrity.h"

#include <math.h>
#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"
#include "models/screens.h"
#include "stats/multi.h"

const char *const integrity_answer_names[INTEGRITY_ANSWERS] = {
    [INTEGRITY_PASS] = "pass",
    [INTEGRITY_EXPLAIN] = "explain",
    [INTEGRITY_FAIL] = "fail",
    [INTEGRITY_NOT_APPLICABLE] = "not_applicable",
};

#define BY_P "p at most alpha after Holm over all screens"
#define BY_OWN_P "p at most alpha after Holm over the screens that only explain and say so here"

const struct screen screen_table[] = {
    {"repeats", "runs of gaps that come twice",
     "runs of gaps between sessions found twice, in one pair or in all together", BY_P,
     "a timer: regular pairs are left out; a log that was fed in twice under two names",
     "look-ups copied in one run", "Arratia, Goldstein & Gordon 1990 (Stat. Sci. 5:403)", true,
     TOUCHES_ALL, screen_repeats, NULL, FAMILY_FIRST},
    {"offsets", "rows that come again at one distance",
     "sessions of one pair that have another at the distance that stands out most", BY_P,
     "a timer: then five distances or more stand out, and it is explained",
     "look-ups copied at one distance", "Cox & Lewis 1966 (Statistical Analysis of Series)",
     true, TOUCHES_ALL, screen_offsets, screen_offsets_smallest, FAMILY_FIRST},
    {"doubled", "a stretch in which every row is there twice",
     "longest run of moments of a pair with more than one look-up",
     BY_P ", by the exact law of the longest run among so many doubled moments",
     "two taps for a part of the time; a server that asked everything twice for a while",
     "doubled moments in one run", "Mood 1940 (Ann. Math. Stat. 11:367)", true, TOUCHES_ALL,
     screen_doubled, screen_doubled_smallest, FAMILY_FIRST},
    {"short_gaps", "sessions closer than the time to live",
     "gaps shorter than the time to live less 2 s",
     "any is explained; a failure where fewer than one gap in ten is shorter, three places or "
     "more, and " BY_P ", by restarts at the rate of the client's other pairs (none there: one "
     "in 30 days or so) and by as many caches as fit best, where those pairs do not show one",
     "several caches behind one address; a restart or flush, one each; a shorter life than "
     "stated, or for a time; clients without a cache; types that the log does not tell apart",
     "look-ups put into the busiest pair at even times",
     "Jung, Berger & Balakrishnan 2003 (INFOCOM)", true, TOUCHES_ALL, screen_short_gaps,
     screen_short_gaps_smallest, FAMILY_FIRST},
    {"too_clean", "gaps that fit too well",
     "Kolmogorov's distance of the excess gaps of the busiest pair to the exponential law",
     BY_P ", lower tail, by Monte Carlo of normalised exponentials",
     "none is known; the sign is as old as Fisher's doubts of Mendel", "",
     "Fisher 1936 (Ann. Sci. 1:115)", false, TOUCHES_ALL, screen_too_clean, NULL, FAMILY_FIRST},
    {"thinned", "rows missing at random", "share of sessions kept, by the gaps of one pair",
     "none: an estimate. It takes demand to be even, and hours that differ look like loss",
     "a demand that changes with the hour; a sensor that samples", "",
     "Cox & Isham 1980 (Point Processes, 4.3)", false, TOUCHES_ALL, screen_thinned, NULL,
     FAMILY_FIRST},
    {"subsecond", "first digit of the fraction of a second",
     "chi-square of ten digits, the worst source", BY_P ", for independent rows",
     "timers; clocks that round or cut to a coarser fraction; bursts of rows", "",
     "Mosimann, Dahlberg, Davidian & Krueger 2002 (Account. Res. 9:75)", false, TOUCHES_TIMES,
     screen_subsecond, NULL, FAMILY_FIRST},
    {"seconds", "second of the minute of session starts",
     "chi-square of sixty seconds, over first look-ups of a client after a quiet minute", BY_P,
     "timers such as cron, which start at full minutes", "",
     "Mosimann, Dahlberg, Davidian & Krueger 2002 (Account. Res. 9:75)", false, TOUCHES_TIMES,
     screen_seconds, NULL, FAMILY_FIRST},
    {"order", "rows against the order of time",
     "rows a second or more earlier than the row before them",
     "any is explained; a writer that appends as it receives makes none",
     "logs that are written when an answer comes; exports that were sorted by something "
     "else; a clock set back",
     "", "", false, TOUCHES_TIMES, screen_order, NULL, FAMILY_FIRST},
    {"local_time", "an hour missing or double when clocks change",
     "fewest or most sessions in the local hour of a change of clocks, over those expected",
     BY_P, "the sensor was off, or a burst fell, in just that hour", "expected in the hour", "",
     true, TOUCHES_TIMES, screen_local_time, NULL, FAMILY_FIRST},
    {"shift", "a stretch of the log on another clock",
     "hours by which the daily profile of one stretch lies off the others'",
     BY_P ", by permutation of whole days; one hour is explained by a change of clocks",
     "people who moved or changed their hours; summer time", "hours",
     "Besag & Clifford 1989 (Biometrika 76:633)", true, TOUCHES_TIMES, screen_shift, NULL,
     FAMILY_FIRST},
    {"source_clocks", "sources on different clocks",
     "hours by which one source's daily profile lies off the others'",
     "the 99 % bootstrap interval of the shift excludes 0, and it is an hour or more",
     "sources of different places, whose clients keep different hours", "hours",
     "Jammalamadaka & SenGupta 2001 (Topics in Circular Statistics)", false, TOUCHES_TIMES,
     screen_source_clocks, NULL, FAMILY_FIRST},
    {"ids", "message ids are like random ones",
     "the least of p for equal ids, ids one above the last, and rising ids",
     BY_P ", for ids drawn evenly",
     "old resolvers and many small devices count up or use few bits; proxies keep ids", "",
     "RFC 5452", false, TOUCHES_ALL, screen_ids, NULL, FAMILY_FIRST},
    {"id_bytes", "bytes of message ids",
     "the least of p of chi-square of 256 high and of 256 low bytes", BY_P ", for even ids",
     "old resolvers and small devices that use few bits or count up", "messages of one byte",
     "RFC 5452", false, TOUCHES_ALL, screen_id_bytes, NULL, FAMILY_FIRST},
    {"traits", "queries of one client that are not alike",
     "queries whose hop limit, EDNS or case of letters is not that of the client's query "
     "before, "
     "the worst of the three",
     "more than one in fifty, and five, is explained; a resolver on one path makes none",
     "several machines behind one address; paths that change; tries without EDNS after no "
     "answer; a resolver that was changed",
     "queries put in", "RFC 5452, RFC 6891; Vixie & Dagon 2008 (draft dns0x20)", false,
     TOUCHES_ALL, screen_traits, NULL, FAMILY_FIRST},
    {"ports", "ports are spread", "number of equally used ports that collide as often",
     "below 1,000 is explained", "fixed ports; address translation; small port ranges", "",
     "RFC 5452, RFC 6056", false, TOUCHES_ALL, screen_ports, NULL, FAMILY_FIRST},
    {"silences", "all clients silent at once",
     "longest joint silence (h) of probability below 1e-6",
     "any is explained: probability below 1e-6 each by the fitted hourly rates",
     "the sensor was off; rows of all pairs were removed", "hours", "", false, TOUCHES_ALL,
     screen_silences, NULL, FAMILY_FIRST},
    {"coverage", "rows that only one of two copies has",
     "look-ups in all by capture and recapture of two copies",
     "the 95 % interval lies above the rows that either has",
     "two vantage points that see different look-ups by design", "",
     "Chapman 1951; Seber 1970 (Biometrika 57:313)", false, TOUCHES_ALL, screen_coverage, NULL,
     FAMILY_FIRST},
    {"server_shares", "servers chosen too evenly",
     "chi-square of each client's servers against equal shares", BY_P ", lower tail",
     "a balancer that takes servers in turn", "", "Fisher 1936 (Ann. Sci. 1:115)", false,
     TOUCHES_ALL, screen_server_shares, NULL, FAMILY_FIRST},
    {"server_runs", "servers chosen without memory",
     "standard score of look-ups that go to the server of the client's look-up before",
     BY_P ", either tail: with memory it is explained",
     "resolvers that prefer the fastest have memory; that take any of a band have none", "",
     "Barton & David 1957 (Biometrika 44:168)", false, TOUCHES_ALL, screen_server_runs, NULL,
     FAMILY_FIRST},
    {"floor", "clients that asked once or twice", "clients with at most two look-ups",
     "none, among 1,000 look-ups over 30 days at an authority, is explained: no rate can be "
     "stated",
     "a name that no scanner knows; a log that was cut down to some clients", "", "", false,
     TOUCHES_ALL, screen_floor, NULL, FAMILY_FIRST},
    {.id = "id_runs",
     .label = "ids or ports that go up or down for long",
     .statistic = "the least likely of the longest strict runs, up and down: ids of a source, "
                  "ids and ports of one client in it",
     .rule = BY_OWN_P ", by the exact law of the longest run in a random order",
     .innocent = "resolvers and small devices that count ids; systems and address translation "
                 "that give out ports in turn",
     .unit = "messages in a run",
     .cite = "David & Barton 1962 (Combinatorial Chance); RFC 5452, RFC 6056",
     .family = FAMILY_SIGNS,
     .touches = TOUCHES_ALL,
     .run = screen_id_runs,
     .smallest = screen_id_runs_smallest},
    {.id = "letters",
     .label = "mixed capitals that are not like coins",
     .statistic =
         "the least p of capitals by place, of letters and whole names that are as the "
         "client sent them before, and of neighbours of one case",
     .rule = BY_OWN_P ", for fair letters of clients whose ten queries before had mixed ones",
     .innocent = "programs that ask with capitals of their own; names that carry text in both "
                 "cases; resolvers that keep the letters of a try before",
     .unit = "",
     .cite = "Vixie & Dagon 2008 (draft dns0x20)",
     .family = FAMILY_SIGNS,
     .touches = TOUCHES_ALL,
     .run = screen_letters},
    {.id = "name_servers",
     .label = "a name divided over servers unlike the others",
     .statistic = "chi-square of a name's servers against those of the same clients' other "
                  "names, over the scatter of these among themselves, the worst name",
     .rule = BY_OWN_P ", by the larger of two F tests: scatter of one factor, or of one "
                      "correlation",
     .innocent = "names of other zones, with servers of their own; a name that was asked when "
                 "clients preferred another server; a zone that moved",
     .unit = "",
     .cite = "Rao & Scott 1981 (JASA 76:221); McCullagh & Nelder 1989 (4.5)",
     .family = FAMILY_SIGNS,
     .touches = TOUCHES_ALL,
     .run = screen_name_servers},
    {.id = "name_memory",
     .label = "a name whose look-ups keep a server unlike the others'",
     .statistic = "share of a name's steps that keep their server less that of the same "
                  "clients' other names after as long a time, the worst name",
     .rule = "p at most alpha, a level of its own, by the larger of two F tests: scatter of "
             "names of one factor, or of their own shares",
     .innocent = "names whose answers come late or never, so that clients try another server; "
                 "names of other zones; one of the clients' many machines asked for it",
     .unit = "",
     .cite = "Barton & David 1957 (Biometrika 44:168); Mantel & Haenszel 1959 (JNCI 22:719)",
     .family = FAMILY_MEMORY,
     .touches = TOUCHES_ALL,
     .run = screen_name_memory},
    {0},
};

/* --- time to live ----------------------------------------------------------------- */

void integrity_ttl_of_log(const struct counts *c, double *ret)
{
    for (uint32_t i = 0; i < c->nnames; i++)
        ret[i] = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        struct marks_iter it = marks_begin(counts_marks(&c->pairs[i]));
        while (marks_next(&it))
            if (it.kind == MARK_TTL && (double)it.value > ret[c->pairs[i].name])
                ret[c->pairs[i].name] = (double)it.value;
    }
}

/* --- the whole ---------------------------------------------------------------------- */

struct busy {
    uint32_t ticks; /* bytes of the series: nearly so */
    size_t pair;
};

static int by_busy(const void *a, const void *b)
{
    const struct busy *x = a, *y = b;
    if (x->ticks != y->ticks)
        return x->ticks > y->ticks ? -1 : 1;
    return (x->pair > y->pair) - (x->pair < y->pair);
}

static size_t *order_pairs(const struct counts *c)
{
    struct busy *v = mem_alloc((c->npairs + 1) * sizeof *v);
    size_t *ret = mem_alloc((c->npairs + 1) * sizeof *ret);
    for (size_t i = 0; i < c->npairs; i++)
        v[i] = (struct busy){c->pairs[i].series_n, i};
    if (c->npairs)
        qsort(v, c->npairs, sizeof *v, by_busy);
    for (size_t i = 0; i < c->npairs; i++)
        ret[i] = v[i].pair;
    free(v);
    return ret;
}

struct screen_job {
    const struct screening *in;
    struct screen_result *v;
};

static void run_screen(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    struct screen_job *job = ctx;
    job->v[i] = (struct screen_result){
        .value = NAN, .log_p = NAN, .log_p_adjusted = NAN, .smallest = NAN};
    screen_table[i].run(job->in, &job->v[i]);
}

static void find_smallest(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    struct screen_job *job = ctx;
    if (screen_table[i].smallest && job->v[i].answer != INTEGRITY_NOT_APPLICABLE)
        job->v[i].smallest = screen_table[i].smallest(job->in, &job->v[i]);
    free(job->v[i].basis);
    job->v[i].basis = NULL;
}

/* Holm over the screens of a family that have a p, and returns how many; one without does not
 * count. */
static size_t answer(struct integrity *in, double alpha, enum screen_family family)
{
    double *p = mem_alloc(in->n * sizeof *p);
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++)
        if (!isnan(in->v[i].log_p) && screen_table[i].family == family)
            p[n++] = in->v[i].log_p;
    size_t tested = n;
    correction_find("holm")->adjust(p, n, p);
    n = 0;
    for (size_t i = 0; i < in->n; i++) {
        struct screen_result *r = &in->v[i];
        if (isnan(r->log_p) || screen_table[i].family != family)
            continue;
        r->log_p_adjusted = p[n++];
        bool bad = r->log_p_adjusted <= log(alpha);
        if (bad)
            r->answer =
                screen_table[i].may_fail && !r->innocent ? INTEGRITY_FAIL : INTEGRITY_EXPLAIN;
    }
    free(p);
    return tested;
}

void integrity_run(struct integrity *ret, const struct counts *c,
                   const struct integrity_opts *o)
{
    *ret = (struct integrity){0};
    while (screen_table[ret->n].id)
        ret->n++;
    ret->v = mem_zero(ret->n, sizeof *ret->v);
    double *of_log = mem_alloc((c->nnames + 1) * sizeof *of_log);
    integrity_ttl_of_log(c, of_log);
    struct screening in = {.c = c,
                           .o = o,
                           .ttl_s = o->ttl_s ? o->ttl_s : of_log,
                           .tick_s = (double)c->tick_ns / 1e9,
                           .base_tick = INT64_MAX,
                           .busiest = order_pairs(c)};
    for (size_t i = 0; i < c->npairs; i++)
        in.base_tick = c->pairs[i].first < in.base_tick ? c->pairs[i].first : in.base_tick;
    for (size_t i = 0; i < c->nlive; i++)
        in.live_s += (double)(c->live[i].to_ns - c->live[i].from_ns) / 1e9;
    struct screen_job job = {&in, ret->v};
    par_for(o->threads, ret->n, run_screen, &job);
    for (int k = 0; k < SCREEN_FAMILIES; k++)
        in.family[k] = answer(ret, o->alpha, (enum screen_family)k);
    par_for(o->threads, ret->n, find_smallest, &job);
    free(in.busiest);
    free(of_log);
}

void integrity_free(struct integrity *in)
{
    free(in->v);
    *in = (struct integrity){0};
}

const struct screen_result *integrity_find(const struct integrity *in, const char *id)
{
    for (size_t i = 0; i < in->n; i++)
        if (strcmp(screen_table[i].id, id) == 0)
            return &in->v[i];
    return NULL;
}

/* Totals do not depend on the hour. */
static bool reads_times(const char *kind)
{
    static const char *const totals[] = {"volume", "exclusivity", "rarity"};
    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        if (strcmp(kind, totals[i]) == 0)
            return false;
    return true;
}

const struct screen *integrity_gate(const struct integrity *in, const char *kind)
{
    for (size_t i = 0; i < in->n && strcmp(kind, "authenticity") != 0; i++)
        if (in->v[i].answer == INTEGRITY_FAIL &&
            (screen_table[i].touches == TOUCHES_ALL || reads_times(kind)))
            return &screen_table[i];
    return NULL;
}
