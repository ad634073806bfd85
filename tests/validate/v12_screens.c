/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, what screens say they would have found. One office asks for twelve names through one
 * cache of an hour each that is restarted now and then; hours, days and names differ. Honest
 * logs: how often a screen fails. Altered logs: the honest one is screened first, and then
 * altered in just the number of rows that the screen says it would have found: by rows put in
 * at even times, a run copied in place of others, rows copied at one distance among the others,
 * a stretch doubled. What cannot be seen is asked too: a pair made up from the very law, rows
 * taken away. Foil: three places with short gaps in one pair are a forgery.
 *
 * And the claim that a share of one name's rows was put in, of honest and of altered logs,
 * where the client's other names tell how its cache is restarted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/integrity.h"
#include "models/shortgaps.h"
#include "models/verdict.h"
#include "stats/order.h"
#include "tests/made.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { NAMES = 12, DAYS = 42, ROOM = 3000 };
static const double TTL_S = 3600, DAY_S = 86400;

enum change { NOTHING, PUT_IN, RUN, DISTANCE, DOUBLED, MADE_UP, TOO_EVEN, TAKEN };

struct plan {
    const char *id;
    enum change change;
    const char *screen; /* that says how much and must find it; NULL: any */
    double restarts;    /* expected in all */
    double per_day;
};

struct log {
    double t[NAMES][ROOM];
    size_t n[NAMES];
};

/* Demand of one name: 8 to 18 h five times as much as at night, days by a gamma law; the cache
 * forgets at each restart. */
static size_t draw_name(const struct plan *p, const double *restart, size_t restarts,
                        struct rng *r, double *t)
{
    double per_day = p->per_day * exp(.5 * rng_normal(r)), until = 0;
    size_t n = 0, next = 0;
    for (int day = 0; day < DAYS; day++) {
        double of_day = rng_gamma(r, 8, 1. / 8) * per_day;
        for (int hour = 0; hour < 24; hour++) {
            double mean = of_day * (hour >= 8 && hour < 18 ? 5. : 1.) / 64;
            size_t wishes = (size_t)rng_poisson(r, mean);
            double at[64];
            wishes = wishes < 64 ? wishes : 64;
            for (size_t i = 0; i < wishes; i++)
                at[i] = floor(DAY_S * day + 3600 * (hour + rng_unit(r)));
            order_sort(at, wishes);
            for (size_t i = 0; i < wishes && n < ROOM / 2; i++) {
                for (; next < restarts && restart[next] <= at[i]; next++)
                    until = fmin(until, restart[next]);
                if (at[i] < until)
                    continue;
                t[n++] = at[i];
                until = at[i] + TTL_S;
            }
        }
    }
    return n;
}

static void draw_log(struct log *l, const struct plan *p, struct rng *r)
{
    double restart[100];
    size_t n = (size_t)rng_poisson(r, p->restarts);
    n = n < 100 ? n : 100;
    for (size_t i = 0; i < n; i++)
        restart[i] = rng_unit(r) * DAYS * DAY_S;
    order_sort(restart, n);
    for (size_t k = 0; k < NAMES; k++)
        l->n[k] = draw_name(p, restart, n, r, l->t[k]);
}

static struct counts *counts_of(const struct log *l)
{
    struct made m = {0};
    for (size_t k = 0; k < NAMES; k++)
        for (size_t i = 0; i < l->n[k]; i++) {
            char name[32] = "a.example";
            if (k)
                snprintf(name, sizeof name, "n%02zu.example", k);
            made_add(&m, "192.0.2.1", name, 1, (int64_t)l->t[k][i], 1);
        }
    return made_counts(&m, 0, (int64_t)(DAYS * DAY_S));
}

static void screened(struct integrity *in, const struct log *l, uint64_t seed)
{
    struct counts *c = counts_of(l);
    double ttl[NAMES + 1];
    for (size_t i = 0; i < NAMES; i++)
        ttl[i] = TTL_S;
    drawn_screens(in, c, ttl, seed);
    counts_free(c);
}

/* --- alterations of the busiest pair ---------------------------------------------------- */

static void put_in(double *t, size_t *n, size_t rows, struct rng *r)
{
    for (size_t i = 0; i < rows; i++)
        t[*n + i] = floor(rng_unit(r) * DAYS * DAY_S);
    *n += rows;
}

/* Rows [from, from + rows) again at the place of the row `half` the log later, for those that
 * stood there. */
static void copy_run(double *t, size_t *n, size_t rows, struct rng *r)
{
    size_t from = rng_below(r, *n / 2 - rows), to = from + *n / 2, kept = to;
    double later = t[to] - t[from], last = t[from + rows - 1] + later;
    for (size_t i = to; i < *n; i++)
        if (t[i] > last)
            t[rows + kept++] = t[i]; /* to rows on: never ahead by less than rows */
    for (size_t i = 0; i < rows; i++)
        t[to + i] = t[from + i] + later;
    *n = kept + rows;
}

static void copy_distance(double *t, size_t *n, size_t rows, struct rng *r)
{
    size_t first = *n, *index = mem_alloc(first * sizeof *index);
    for (size_t i = 0; i < first; i++)
        index[i] = i;
    rng_shuffle(r, index, first);
    for (size_t i = 0, added = 0; i < first && added < rows; i++)
        if (t[index[i]] + 1000003 < DAYS * DAY_S) {
            t[(*n)++] = t[index[i]] + 1000003;
            added++;
        }
    free(index);
}

static void double_run(double *t, size_t *n, size_t rows, struct rng *r)
{
    size_t from = rng_below(r, *n - rows);
    for (size_t i = 0; i < rows; i++)
        t[(*n)++] = t[from + i];
}

/* Made up, a fifth more than stood there: gaps drawn from the law of one cache, or its
 * quantiles in random order. */
static void make_up(double *t, size_t *n, bool quantiles, struct rng *r)
{
    size_t m = *n * 6 / 5, *order = mem_alloc(m * sizeof *order);
    double excess = fmax(1, DAYS * DAY_S / (double)m - TTL_S), at = 0;
    for (size_t i = 0; i < m; i++)
        order[i] = i;
    rng_shuffle(r, order, m);
    *n = 0;
    for (size_t i = 0; i < m && at < DAYS * DAY_S; i++) {
        t[(*n)++] = floor(at);
        double even = -excess * log(((double)order[i] + .5) / (double)m);
        at += TTL_S + 1 + (quantiles ? even : rng_exponential(r, excess));
    }
    free(order);
}

static void take_away(double *t, size_t *n, struct rng *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (rng_unit(r) >= .2)
            t[kept++] = t[i];
    *n = kept;
}

static void alter(struct log *l, enum change change, size_t rows, struct rng *r)
{
    size_t k = 0;
    for (size_t i = 1; i < NAMES; i++)
        if (l->n[i] > l->n[k])
            k = i;
    double *t = l->t[k];
    size_t *n = &l->n[k];
    switch (change) {
    case PUT_IN:
        put_in(t, n, rows, r);
        break;
    case RUN:
        copy_run(t, n, rows, r);
        break;
    case DISTANCE:
        copy_distance(t, n, rows, r);
        break;
    case DOUBLED:
        double_run(t, n, rows, r);
        break;
    case TAKEN:
        take_away(t, n, r);
        break;
    case NOTHING:
        break;
    default:
        make_up(t, n, change == TOO_EVEN, r);
    }
    order_sort(t, *n);
}

/* --- one log --------------------------------------------------------------------------------
 */

enum column { FAILED, FLAGGED, FOIL, SHARE, COLUMNS };

static bool three_places(const struct log *l)
{
    for (size_t k = 0; k < NAMES; k++)
        if (shortgaps_places(l->t[k], l->n[k], TTL_S - SHORTGAPS_SLACK_S) >= 3)
            return true;
    return false;
}

static void one_log(const void *ctx, struct rng *r, double *ret)
{
    const struct plan *p = ctx;
    struct log *l = mem_zero(1, sizeof *l);
    struct integrity in;
    size_t rows = 0, all = 0;
    draw_log(l, p, r);
    for (size_t i = 0; i < COLUMNS; i++)
        ret[i] = 0;
    if (p->change != NOTHING && p->screen) {
        screened(&in, l, rng_u32(r));
        double smallest = integrity_find(&in, p->screen)->smallest;
        rows = isnan(smallest) ? 0 : (size_t)smallest;
        integrity_free(&in);
    }
    for (size_t k = 0; k < NAMES; k++)
        all = l->n[k] > all ? l->n[k] : all;
    alter(l, p->change, rows, r);
    screened(&in, l, rng_u32(r));
    for (size_t i = 0; i < in.n; i++) {
        ret[FAILED] = fmax(ret[FAILED], in.v[i].answer == INTEGRITY_FAIL);
        ret[FLAGGED] = fmax(ret[FLAGGED], in.v[i].log_p_adjusted <= log(.01));
    }
    if (p->screen)
        ret[FAILED] = integrity_find(&in, p->screen)->answer == INTEGRITY_FAIL;
    ret[FOIL] = three_places(l);
    ret[SHARE] = (double)rows / (double)all;
    integrity_free(&in);
    free(l);
}

static void run(struct validation *v, const struct plan *p, const struct validate_figure *f,
                size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "altered",
                                            .prefix = p->id,
                                            .replicate = one_log,
                                            .ctx = p,
                                            .columns = COLUMNS,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R});
}

/* --- the claim that rows were put in ------------------------------------------------------ */

struct claimed {
    const char *id;
    struct plan plan;
    double share; /* of one name's rows put in; 0: honest, and .08 is claimed */
};
enum claimed_column { STOOD, SAID, P_CACHE, P_RHYTHM, CLAIMED_COLUMNS };

static void answer(const struct counts *c, double share, struct rng *r, double *ret)
{
    struct claim_result res = {0};
    struct err err;
    struct study *s = drawn_study("tests/data/study-altered-beside.yaml", NULL, c, r);
    if (share > 0)
        s->claims[0].effect = share;
    if (claim_test(&res, s, &s->claims[0], c, 1, &err) == 0) {
        ret[STOOD] = res.verdict == STANDS;
        ret[SAID] = res.verdict == EXPLAINED || res.verdict == CONTRADICTED;
        ret[P_CACHE] = exp(res.nulls[0].result.log_p);
        ret[P_RHYTHM] = exp(res.nulls[1].result.log_p);
        claim_result_free(&res);
    }
    study_free(s);
}

static void one_claim(const void *ctx, struct rng *r, double *ret)
{
    const struct claimed *q = ctx;
    struct log *l = mem_zero(1, sizeof *l);
    draw_log(l, &q->plan, r);
    size_t honest = l->n[0], rows = (size_t)ceil(q->share * (double)honest);
    put_in(l->t[0], &l->n[0], rows, r);
    order_sort(l->t[0], l->n[0]);
    struct counts *c = counts_of(l);
    ret[STOOD] = ret[SAID] = 0;
    ret[P_CACHE] = ret[P_RHYTHM] = 1;
    answer(c, (double)rows / (double)(honest + rows), r, ret);
    counts_free(c);
    free(l);
}

static void run_claims(struct validation *v)
{
    static const struct claimed honest[] = {
        {"an office, 40 restarts, .08 claimed:", {NULL, NOTHING, NULL, 40, 12}, 0},
        {"a quiet office, 40 restarts, .08 claimed:", {NULL, NOTHING, NULL, 40, 4}, 0}};
    static const struct claimed altered = {
        "rows put in, a twelfth, and claimed:", {NULL, NOTHING, NULL, 0, 12}, 1. / 12};
    const struct validate_figure size[] = {
        {"stands", STOOD, FIGURE_MEAN, 0, 0, .05},
        {"cache, p at .05", P_CACHE, FIGURE_SHARE, .05, 0, .05},
        {"rhythm, p at .05", P_RHYTHM, FIGURE_SHARE, .05, 0, .05}};
    const struct validate_figure right[] = {{"stands", STOOD, FIGURE_MEAN, 0, .8, 1},
                                            {"explained", SAID, FIGURE_MEAN, 0, 0, .05}};
    struct validate_plan p = {.experiment = "altered",
                              .replicate = one_claim,
                              .columns = CLAIMED_COLUMNS,
                              .figures = size,
                              .nfigures = 3,
                              .m = 199};
    for (size_t i = 0; i < 2; i++) {
        p.prefix = honest[i].id;
        p.ctx = &honest[i];
        p.R = validate_pick(v, i ? 0 : 4, 500);
        validate_run(v, &p);
    }
    p.prefix = altered.id;
    p.ctx = &altered;
    p.figures = right;
    p.nfigures = 2;
    p.R = validate_pick(v, 4, 200);
    validate_run(v, &p);
}

void v12_screens(struct validation *v)
{
    static const struct plan honest[] = {
        {"an office, no restart:", NOTHING, NULL, 0, 12},
        {"an office, 40 restarts:", NOTHING, NULL, 40, 12},
        {"a quiet office, 40 restarts:", NOTHING, NULL, 40, 4}};
    static const struct plan found[] = {
        {"rows put in, as many as are said to be found:", PUT_IN, "short_gaps", 0, 12},
        {"the same, quiet:", PUT_IN, "short_gaps", 0, 5},
        {"a run copied, as long as is said to be found:", RUN, "repeats", 0, 12},
        {"rows copied at one distance, as many:", DISTANCE, "offsets", 0, 12},
        {"a stretch doubled, as long:", DOUBLED, "doubled", 0, 12}};
    static const struct plan unseen[] = {{"a pair made up by the law:", MADE_UP, NULL, 0, 12},
                                         {"a fifth taken away:", TAKEN, NULL, 0, 12}};
    static const struct plan even = {"a pair made up of the law's quantiles:", TOO_EVEN, NULL,
                                     0, 12};
    const struct validate_figure clean[] = {
        {"a screen fails", FAILED, FIGURE_MEAN, 0, 0, .01},
        {"a screen is flagged", FLAGGED, FIGURE_MEAN, 0, 0, .01},
        {"foil: three places in one pair are a forgery", FOIL, FIGURE_MEAN, 0, .5, 1}};
    const struct validate_figure stopped[] = {
        {"the screen fails", FAILED, FIGURE_MEAN, 0, .95, 1},
        {"share of the pair's rows, median", SHARE, FIGURE_MEDIAN, 0, 0, 1}};
    const struct validate_figure not [] = {
        {"stopped (cannot be seen)", FAILED, FIGURE_MEAN, 0, 0, .05}};
    const struct validate_figure flagged[] = {{"flagged", FLAGGED, FIGURE_MEAN, 0, .95, 1}};
    for (size_t i = 0; i < sizeof honest / sizeof *honest; i++)
        run(v, &honest[i], clean, i == 1 ? 3 : 2, validate_pick(v, i == 1 ? 2 : 0, 500));
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        run(v, &found[i], stopped, 2, validate_pick(v, i ? 0 : 2, 300));
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        run(v, &unseen[i], not, 1, validate_pick(v, 0, 200));
    run(v, &even, flagged, 1, validate_pick(v, 0, 200));
    run_claims(v);
}
