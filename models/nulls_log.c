/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the log itself: authenticity. The estimand is the share of sessions that are
 * copies of a run, or were put in: the two alterations that leave a sign in times alone
 * (methods.md I1, I2). It is counted as (copied + short gaps / 2H) / sessions, as if no
 * innocent cause made a short gap, or as the sessions of runs that come again beside others
 * (beside.h), which make short gaps too, if these are more. A row taken away, moved or changed
 * leaves no such sign, and is in no bound.
 *
 * The nulls: nothing altered, demand without memory (cache), or following the hours of the
 * subject's own sessions (rhythm), behind k caches a stream, k and rate by maximum likelihood;
 * where the other names of the stream's client show one cache (shortgaps.h), behind one that is
 * restarted as often as they show. The statistic adds what each sign has beyond its law: found
 * runs over the root of one plus their expectation (with nothing between, repeats.h, or beside
 * others, whichever is more), and of short gaps, where they are few and
 * in three places or more, the standard score by which k caches make more, or -ln P of so many
 * places by restarts. What it needs of the stream itself, caches and the places E to be
 * expected of it, is fitted anew in every replicate; what the other names show is given, as in
 * the binomial law of the places (shortgaps.h), which is that of the places drawn here. */
#include "models/nulls.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/beside.h"
#include "models/cache.h"
#include "models/demand.h"
#include "models/putin.h"
#include "models/repeats.h"
#include "models/shortgaps.h"

enum { LEAST_SESSIONS = 20 };
static const double CHANCE = 1e-3;

/* Signs of one stream's times. */
struct signs {
    struct repeats runs;
    struct beside beside;
    struct shortgaps gaps;
};

static void find_runs(struct signs *s, const double *t, size_t n, double tick_s, double target)
{
    uint64_t *gap = mem_alloc((n + 1) * sizeof *gap);
    for (size_t i = 1; i < n; i++)
        gap[i - 1] = (uint64_t)llround((t[i] - t[i - 1]) / tick_s);
    repeats_find(&s->runs, gap, n ? n - 1 : 0, target);
    beside_find(&s->beside, t, n, tick_s, target);
    free(gap);
}

static void find_short_gaps(struct signs *s, const double *t, size_t n, double length_s,
                            double ttl_s)
{
    s->gaps = (struct shortgaps){0};
    if (n > 1)
        shortgaps_test(&s->gaps, t, n, length_s, ttl_s, 0, 0, NULL);
}

/* What of a stream its replicates are drawn from. */
struct caches {
    int k;
    double lambda;
    struct shortgaps_others others; /* one_cache: k is 1, and restarts make short gaps */
};

/* One replicate's stream as it was drawn last, and what its score was: replicates of one number
 * begin alike at every effect, and effects that copy as many gaps end alike. */
struct drawn {
    struct rng before, drawn, after; /* random numbers: at the start, as drawn, at the end */
    double *t;                       /* NULL: nothing yet */
    size_t n, run;                   /* gaps copied; SIZE_MAX: none tried */
    double score;
};

struct log_null {
    struct trial *t;
    bool rhythm; /* demand follows the hours that the subject's sessions keep */
    struct demand demand;
    double mean_rate, top_rate;
    struct caches *v; /* a stream; k 0: left out */
    double *ttl_s;    /* a name of the case */
    double target, tick_s;
    struct drawn *kept; /* a replicate with an effect, a stream */
    double enough;      /* a score that passes all that one with an effect is held against */
};

/* Candidates at the top rate, kept by the rhythm, each at one of k caches at random. */
static size_t draw_rhythm(const struct log_null *d, const struct caches *c, struct rng *r,
                          double *ret_t, size_t cap)
{
    double until[CACHE_K_MAX] = {0}, top = c->lambda * d->top_rate / d->mean_rate, now = 0;
    size_t n = 0;
    while (n < cap && (now += rng_exponential(r, 1 / top)) < d->t->window.length_s) {
        if (rng_unit(r) * d->top_rate >= demand_rate(&d->demand, now))
            continue;
        double *own = &until[rng_below(r, (size_t)c->k)];
        if (now < *own)
            continue;
        *own = now + d->t->ttl_s;
        ret_t[n++] = now;
    }
    return n;
}

/* Sessions as the data's are: misses of two caches at about the same time are one. */
static size_t draw_stream(const struct log_null *d, const struct caches *c, size_t n,
                          struct rng *r, double *t)
{
    size_t cap = 2 * n + 1000;
    size_t m = d->rhythm ? draw_rhythm(d, c, r, t, cap)
                         : shortgaps_draw(r, c->k, c->lambda, d->t->ttl_s,
                                          d->t->window.length_s, t, cap);
    for (size_t i = 0; i < m; i++)
        t[i] = floor(t[i] / d->tick_s) * d->tick_s;
    return sessions_collapse(t, NULL, m, d->t->study->session_s, t, NULL);
}

/* Of n sessions, how many a run that is copied has, or are put in. */
static size_t rows_altered(size_t n, double share)
{
    size_t run = (size_t)(share * (double)n), most = n > 2 ? (n - 2) / 2 : 0;
    return run < most ? run : most;
}

/* A run of so many gaps comes again in the place of as many others. */
static void copy_run(double *t, size_t n, size_t run, struct rng *r)
{
    if (run < 1)
        return;
    size_t from = rng_below(r, n - 2 * run), to = from + run;
    double later = t[to] + t[from + run] - t[from] - t[to + run];
    for (size_t i = 1; i <= run; i++)
        t[to + i] = t[to] + t[from + i] - t[from];
    for (size_t i = to + run + 1; i < n; i++)
        t[i] += later;
}

/* All that a client asked for in the window. */
static void subject_of_client(const struct trial *t, uint32_t client, struct subject *ret)
{
    const struct counts *c = t->counts;
    uint32_t *name = mem_alloc((c->npairs + 1) * sizeof *name);
    size_t n = 0;
    for (size_t i = 0; i < c->npairs; i++)
        if (c->pairs[i].client == client && (n == 0 || name[n - 1] != c->pairs[i].name))
            name[n++] = c->pairs[i].name;
    subject_make(ret, c, &(struct selection){&client, name, 1, n}, &t->window,
                 t->study->session_s, t->ttl_s);
    free(name);
}

/* What the client's names that the claim is not about say of a stream. */
static struct shortgaps_others find_others(const struct log_null *d, const struct stream *own,
                                           double *ret_hidden)
{
    const struct trial *t = d->t;
    struct subject all;
    struct shortgaps g;
    subject_of_client(t, own->client, &all);
    struct shortgaps_pair *v = mem_alloc((all.nstreams + 1) * sizeof *v);
    size_t n = 1;
    shortgaps_test(&g, own->t, own->n, t->window.length_s, t->ttl_s, 0, 0, NULL);
    v[0] = shortgaps_pair(&g, t->ttl_s);
    *ret_hidden = g.hidden;
    for (size_t i = 0; i < all.nstreams; i++) {
        const struct stream *s = &all.streams[i];
        double ttl_s = d->ttl_s[s->name];
        if (s->n < 2 || !(ttl_s > 2 * SHORTGAPS_SLACK_S) ||
            trial_has(&t->a, s->client, s->name))
            continue;
        shortgaps_test(&g, s->t, s->n, t->window.length_s, ttl_s, 0, 0, NULL);
        v[n++] = shortgaps_pair(&g, ttl_s);
    }
    struct shortgaps_others o = shortgaps_others(v, n, 0);
    free(v);
    subject_free(&all);
    return o;
}

static struct caches caches_of(const struct trial *t, const struct stream *s)
{
    struct cache_k fit;
    struct err err;
    if (s->n < LEAST_SESSIONS || cache_k_fit(&fit, s->t, s->n, t->ttl_s - SHORTGAPS_SLACK_S,
                                             t->window.length_s, &err) < 0)
        return (struct caches){0};
    return (struct caches){.k = fit.k, .lambda = fit.lambda};
}

static void fit_caches(const struct log_null *d, size_t i)
{
    const struct stream *s = &d->t->a.streams[i];
    struct caches *c = &d->v[i];
    double hidden;
    *c = (struct caches){0};
    if (s->n < LEAST_SESSIONS)
        return;
    struct shortgaps_others others = find_others(d, s, &hidden);
    if (others.one_cache && hidden < 1)
        *c = (struct caches){.k = 1, .lambda = hidden / (1 - hidden) / d->t->ttl_s};
    else
        *c = caches_of(d->t, s);
    c->others = others;
}

/* Are both at the same place of one stream of numbers? */
static bool same_place(const struct rng *a, const struct rng *b)
{
    return a->counter[0] == b->counter[0] && a->used == b->used;
}

/* What its runs add to a stream's score, and what its short gaps do; neither is negative. */
static double score_of_runs(const struct log_null *d, const double *t, size_t n)
{
    struct signs s;
    find_runs(&s, t, n, d->tick_s, d->target);
    return 5 * fmax((double)s.runs.found / sqrt(1 + s.runs.expected),
                    (double)s.beside.found / sqrt(1 + s.beside.expected));
}

/* restarts: places beside those in t. */
static double score_of_rows(const struct log_null *d, size_t i, const double *t, size_t n,
                            double restarts)
{
    struct signs s;
    find_short_gaps(&s, t, n, d->t->window.length_s, d->t->ttl_s);
    struct shortgaps_others others = d->v[i].others;
    others.own = shortgaps_pair(&s.gaps, d->t->ttl_s).expected;
    s.gaps.places += (size_t)restarts;
    s.gaps.shorter += (size_t)restarts;
    if (!shortgaps_suspect(&s.gaps))
        return 0;
    return others.one_cache ? -shortgaps_log_restarts(&others, (double)s.gaps.places)
                            : fmax(0, s.gaps.few); /* NAN, no caches: 0 */
}

static double score_of(const struct log_null *d, size_t i, const double *t, size_t n,
                       double restarts)
{
    return score_of_runs(d, t, n) + score_of_rows(d, i, t, n, restarts);
}

/* Restarts of stream i. `rates`: of the replicate; streams of one client have one rate. */
static double draw_restarts(const struct log_null *d, size_t i, uint32_t rates, struct rng *r)
{
    const struct shortgaps_others *o = &d->v[i].others;
    struct rng of_client;
    if (!o->one_cache)
        return 0;
    rng_stream(&of_client, d->t->study->seed, RNG_TIEBREAK,
               rng_subject_of(rates, d->t->a.streams[i].client), rng_replicate(r));
    return shortgaps_draw_restarts(o, shortgaps_draw_rate(o, &of_client), r);
}

/* The least score of two alterations: a run is copied, or as many rows are put in. */
static double altered_score(const struct log_null *d, size_t i, const struct drawn *k,
                            size_t rows, uint32_t rates, struct rng *r)
{
    double restarts = draw_restarts(d, i, rates, r);
    double *t = mem_alloc((k->n + rows + 1) * sizeof *t);
    memcpy(t, k->t, k->n * sizeof *t);
    copy_run(t, k->n, rows, r);
    double sum = score_of(d, i, t, k->n, restarts);
    if (rows) {
        struct stream drawn = {.t = k->t, .n = k->n};
        struct putin p = {&drawn, &d->t->window, 0, d->t->study->session_s, 0};
        size_t n = putin_draw(&p, rows, r, t);
        double rows_alone = score_of_rows(d, i, t, n, restarts);
        if (rows_alone < sum)
            sum = fmin(sum, rows_alone + score_of_runs(d, t, n));
    }
    free(t);
    return sum;
}

/* The score of stream i, drawn and then altered; `k` holds what this replicate had before. */
static double altered_stream(const struct log_null *d, size_t i, double share, uint32_t rates,
                             struct rng *r, struct drawn *k)
{
    size_t n = d->t->a.streams[i].n;
    if (!k->t || !same_place(&k->before, r)) {
        k->before = *r;
        if (!k->t)
            k->t = mem_alloc((2 * n + 1000) * sizeof *k->t);
        k->n = draw_stream(d, &d->v[i], n, r, k->t);
        k->drawn = *r;
        k->run = SIZE_MAX;
    }
    size_t rows = rows_altered(k->n, share);
    if (rows != k->run) {
        *r = k->drawn;
        k->score = altered_score(d, i, k, rows, rates, r);
        k->run = rows;
        k->after = *r;
    }
    *r = k->after;
    return k->score;
}

static double altered_log(void *ctx, double share, struct rng *r, size_t worker)
{
    (void)worker;
    const struct log_null *d = ctx;
    struct drawn *k = d->kept + rng_replicate(r) * d->t->a.nstreams;
    uint32_t rates = rng_u32(r);
    double sum = 0;
    for (size_t i = 0; i < d->t->a.nstreams && sum < d->enough; i++)
        if (d->v[i].k)
            sum += altered_stream(d, i, share, rates, r, &k[i]);
    return sum;
}

static double draw_log(void *ctx, struct rng *r, size_t worker)
{
    (void)worker;
    const struct log_null *d = ctx;
    uint32_t rates = rng_u32(r);
    double sum = 0;
    for (size_t i = 0; i < d->t->a.nstreams; i++) {
        struct drawn once = {.t = NULL};
        if (d->v[i].k)
            sum += altered_stream(d, i, 0, rates, r, &once);
        free(once.t);
    }
    return sum;
}

/* Signs of all streams together. */
struct altered {
    double sessions, copied, beside, shorter, places, hidden;
    double run;     /* longest run of copies that would not be found */
    double regular; /* streams that repeat by nature */
};

static struct altered measure(const struct trial *t)
{
    struct altered a = {0};
    double tick_s = (double)t->counts->tick_ns / 1e9;
    for (size_t i = 0; i < t->a.nstreams; i++) {
        const struct stream *s = &t->a.streams[i];
        struct signs g;
        find_runs(&g, s->t, s->n, tick_s, CHANCE / (double)t->a.nstreams);
        find_short_gaps(&g, s->t, s->n, t->window.length_s, t->ttl_s);
        a.sessions += (double)s->n;
        a.copied += (double)g.runs.copied;
        a.beside += (double)g.beside.copied;
        a.shorter += (double)g.gaps.shorter;
        a.places += (double)g.gaps.places;
        a.hidden += s->n > 1 && g.gaps.hidden > 0 ? g.gaps.hidden * (double)s->n : 0;
        a.run = fmax(a.run, (double)g.runs.k);
        a.regular += s->n >= LEAST_SESSIONS && !g.runs.k;
    }
    a.hidden /= fmax(a.sessions, 1);
    return a;
}

/* --- the bound: what could have been put in unseen ------------------------------------------
 *
 * Rows put in at even times, as models/tamper puts them, into the rows that keep the time to
 * live: m of them are ruled out when in at most 1 - level of draws they leave as few places
 * with short gaps as there are. As many of the rows that stood there go, as if the rows that
 * were put in were among those that were seen. A copy put beside what stood there is such an
 * insertion too, so that rows are no fewer than those seen to come again beside others; one put
 * in its place is found where its run is longer than k. So up to k more, and where a stream
 * repeats by nature, and no copy can be told, everything is left open. */

struct put_in {
    const struct trial *t;
    double *all; /* one stream's rows, and those put in */
    size_t places;
};

/* Do m rows put in leave more places than there are? */
static bool would_show(void *ctx, size_t m, struct rng *r)
{
    const struct put_in *p = ctx;
    const struct subject *a = &p->t->a;
    double life_s = p->t->ttl_s - SHORTGAPS_SLACK_S, gone = (double)m / (double)a->n;
    size_t left = m, places = 0;
    for (size_t i = 0; i < a->nstreams && places <= p->places; i++) {
        size_t own = i + 1 < a->nstreams
                         ? (size_t)rng_binomial(r, left, 1 / (double)(a->nstreams - i))
                         : left;
        left -= own;
        struct putin in = {&a->streams[i], &p->t->window, life_s, p->t->study->session_s, gone};
        size_t n = putin_draw(&in, own, r, p->all);
        places += shortgaps_places(p->all, n, life_s);
    }
    return places > p->places;
}

/* The largest number of rows that could have been put in; all, if none is ruled out. */
static size_t room_for_rows(const struct trial *t, size_t places, double level)
{
    struct put_in p = {t, mem_alloc((2 * t->a.n + 1) * sizeof *p.all), places};
    size_t room = putin_room(would_show, &p, places, t->a.n, level, t->study->seed, t->a.id);
    free(p.all);
    return room;
}

/* Largest share that the signs leave room for. */
static double bound(const struct trial *t, const struct altered *a, double level)
{
    if (!(a->hidden > 0) || a->regular > 0)
        return 1;
    double rows = (double)room_for_rows(t, (size_t)a->places, level);
    return fmin(1, (a->copied + fmax(a->run, fmax(rows, a->beside))) / a->sessions);
}

void authenticity_effect(const struct trial *t, struct effect *ret)
{
    double alpha = t->study->alpha;
    *ret = (struct effect){NAN, NAN, NAN, 1 - alpha};
    if (!(t->ttl_s > 2 * SHORTGAPS_SLACK_S))
        return;
    struct altered a = measure(t);
    if (a.sessions < LEAST_SESSIONS || !(a.hidden > 0))
        return;
    double seen = fmax(a.copied, a.beside); /* a run in place of others is beside them too */
    ret->value = fmin(1, fmax(a.copied + a.shorter / (2 * a.hidden), seen) / a.sessions);
    if (t->rough)
        return;
    ret->lo = fmin(ret->value, seen / a.sessions); /* short gaps may all be innocent */
    ret->hi = fmax(ret->value, bound(t, &a, 1 - alpha / 2));
}

static void find_rhythm(struct log_null *d)
{
    demand_fit(&d->demand, &d->t->a, &d->t->window, NULL);
    for (size_t i = 0; i < d->demand.n; i++) {
        d->mean_rate += d->demand.rate[i] / (double)d->demand.n;
        d->top_rate = fmax(d->top_rate, d->demand.rate[i]);
    }
}

/* Fit the caches of each stream; the score of the rows. Returns how many streams count. */
static size_t prepare_streams(struct log_null *d, double *ret_observed)
{
    const struct trial *t = d->t;
    size_t usable = 0;
    *ret_observed = 0;
    for (size_t i = 0; i < t->a.nstreams; i++) {
        const struct stream *s = &t->a.streams[i];
        fit_caches(d, i);
        if (!d->v[i].k)
            continue;
        usable++;
        *ret_observed += score_of(d, i, s->t, s->n, 0);
    }
    return usable;
}

static void with_power(struct log_null *d, const char *null, struct null_result *ret)
{
    struct trial *t = d->t;
    size_t n = POWER_SIMS * t->a.nstreams;
    d->kept = mem_zero(n, sizeof *d->kept);
    /* a stream of one cache fits two when rows are put in: its score is then a standard one */
    if (t->study->power && ret->values) {
        struct power_marks marks = {
            fmax(power_critical(ret->values, ret->mc.replicates, t->decide),
                 trial_normal_quantile(t->decide)),
            ret->observed};
        d->enough = fmax(marks.critical, marks.seen);
        trial_power_at(t, null, marks, altered_log, d, ret);
    }
    for (size_t i = 0; i < n; i++)
        free(d->kept[i].t);
    free(d->kept);
}

/* Restarts are not drawn, so that what other pairs say of the caches is not asked: short gaps
 * of one cache would then be called in every log with a restart. */
void authenticity_innocent(struct trial *t, struct rng *r)
{
    struct log_null d = {.t = t, .rhythm = true, .tick_s = (double)t->counts->tick_ns / 1e9};
    if (!(t->ttl_s > 2 * SHORTGAPS_SLACK_S))
        return;
    find_rhythm(&d);
    for (size_t i = 0; i < t->a.nstreams; i++) {
        struct stream *s = &t->a.streams[i];
        struct caches c = caches_of(t, s);
        if (!c.k)
            continue;
        double *times = mem_alloc((2 * s->n + 1000) * sizeof *times);
        size_t n = draw_stream(&d, &c, s->n, r, times);
        stream_set(s, times, NULL, n, t->study->session_s);
    }
    demand_free(&d.demand);
    subject_merge(&t->a);
}

static void run_log(struct trial *t, bool rhythm, struct null_result *ret)
{
    struct log_null d = {.t = t,
                         .rhythm = rhythm,
                         .target = CHANCE / (double)t->a.nstreams,
                         .tick_s = (double)t->counts->tick_ns / 1e9};
    double observed;
    ret->statistic = "found runs, with others between or none, and short gaps that neither "
                     "caches nor restarts make";
    if (!(t->ttl_s > 2 * SHORTGAPS_SLACK_S)) {
        if (t->ttl_s > 0)
            trial_untested(ret, WHY_MIN_DATA,
                           "rows put in are told by a time to live above %g s, found %g s",
                           2 * SHORTGAPS_SLACK_S, t->ttl_s);
        else
            trial_untested(ret, WHY_NO_TTL, "rows put in are told by a time to live");
        return;
    }
    struct altered a = measure(t);
    if (rhythm)
        find_rhythm(&d);
    d.v = mem_zero(t->a.nstreams + 1, sizeof *d.v);
    d.ttl_s = mem_alloc((t->counts->nnames + 1) * sizeof *d.ttl_s);
    trial_ttl_of_names(t->study, t->counts, d.ttl_s);
    if (t->a.n < LEAST_SESSIONS || !prepare_streams(&d, &observed))
        trial_untested(ret, WHY_MIN_DATA, "no stream has %d sessions that caches could make",
                       LEAST_SESSIONS);
    else {
        trial_replicate(t, rhythm ? "authenticity rhythm" : "authenticity cache", observed,
                        draw_log, &d, ret);
        with_power(&d, rhythm ? "authenticity rhythm" : "authenticity cache", ret);
    }
    if (!(t->altered > 0)) /* both nulls have the same */
        t->altered = bound(t, &a, t->level);
    ret->u = t->altered;
    free(d.v);
    free(d.ttl_s);
    if (rhythm)
        demand_free(&d.demand);
}

void null_authenticity_cache(struct trial *t, struct null_result *ret)
{
    run_log(t, false, ret);
}

void null_authenticity_rhythm(struct trial *t, struct null_result *ret)
{
    run_log(t, true, ret);
}
