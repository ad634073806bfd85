/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V10, searches that a study writes out, on whole cases: the oddest of 20 pairs that share most
 * of their look-ups, the oddest of 11 time zones, and a specification curve through
 * multiverse_run. Nothing is there to be found. Foils: the p of the oddest by itself; Sidak's
 * price, which pays for 20 looks where far fewer were taken; the best specification's p. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/multiverse.h"
#include "models/nulls.h"
#include "models/verdict.h"
#include "stats/tail.h"
#include "tests/made.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { DAYS = 84, PAIRS = 20 };
static const int64_t monday = 94694400; /* 1 January 1973 */
static const double SHARED = .8;        /* of the common occasions that a pair takes part in */

/* Occasions at one rate, on days that differ if they scatter; each pair asks at most of them,
 * through a cache. */
static struct counts *a_world(struct rng *r, int pairs, bool scatter)
{
    struct made m = {0};
    double until[PAIRS] = {0};
    for (int day = 0; day < DAYS; day++) {
        uint64_t n = rng_poisson(r, 10 * (scatter ? rng_gamma(r, 2, .5) : 1));
        double *at = mem_alloc((n + 1) * sizeof *at), t = 0;
        for (uint64_t i = 0; i < n; i++) /* in order: spacings of uniform times */
            t = at[i] = 1 - (1 - t) * pow(rng_unit(r), 1 / (double)(n - i));
        for (uint64_t i = 0; i < n; i++)
            for (int p = 0; p < pairs; p++) {
                double s = day * 86400.0 + at[i] * 86400;
                char name[24];
                if ((pairs > 1 && rng_unit(r) > SHARED) || s < until[p])
                    continue;
                snprintf(name, sizeof name, "n%02d.example", p);
                made_add(&m, "192.0.2.1", name, 1, monday + (int64_t)s, 1);
                until[p] = floor(s) + 3600;
            }
        free(at);
    }
    return made_counts(&m, monday, monday + DAYS * 86400);
}

static struct study *a_study(struct rng *r, const struct counts *counts, const char *path)
{
    return drawn_study(path, NULL, counts, r);
}

/* The statistic of `days`, as the search saw it. */
static double oddity(const struct study *s, const struct study_claim *c,
                     const struct counts *counts)
{
    struct trial t;
    struct null_result n = {.log_p = NAN, .observed = NAN};
    if (trial_make(&t, s, c, counts, 1, NULL) < 0)
        return NAN;
    t.exactly = 99;
    null_hours_days(&t, &n);
    free(n.values);
    trial_free(&t);
    return n.observed;
}

/* After the price, before it, and by Sidak for as many looks. */
static void answer(const struct study *s, const struct study_claim *c,
                   const struct counts *counts, double *ret)
{
    struct claim_result r = {.nnulls = 0};
    ret[0] = ret[1] = ret[2] = 1;
    if (claim_test(&r, s, c, counts, 1, NULL) < 0)
        return;
    for (size_t i = 0; i < r.nnulls; i++) {
        const struct tested_null *n = &r.nulls[i];
        if (strcmp(n->row->null, "days") != 0 || n->verdict == NULL_UNTESTABLE)
            continue;
        ret[0] = exp(n->log_p_adjusted);
        ret[1] = exp(n->result.log_p);
        ret[2] = exp(log_sidak(n->result.log_p, r.trial.looks));
    }
    claim_result_free(&r);
}

static void draw_pairs(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    struct counts *counts = a_world(r, PAIRS, true);
    struct study *s = a_study(r, counts, "tests/data/study-search.yaml");
    const struct study_claim *c = &s->claims[0];
    uint32_t *name = &s->groups[c->name].name[0], best = *name;
    double most = -INFINITY;
    for (uint32_t i = 0; i < counts->nnames; i++) {
        *name = i;
        double one = oddity(s, c, counts);
        if (one > most) {
            most = one;
            best = i;
        }
    }
    *name = best;
    answer(s, c, counts, ret);
    study_free(s);
    counts_free(counts);
}

static void draw_zones(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    struct counts *counts = a_world(r, 1, true);
    struct study *s = a_study(r, counts, "tests/data/study-search.yaml");
    struct study_claim c = s->claims[1];
    const struct study_looks *l = c.search.looks;
    size_t best = 0;
    double most = -INFINITY;
    for (size_t i = 0; i < l->n[SEARCH_ZONES]; i++) {
        c.hours[0].zone = l->zone[i];
        double one = oddity(s, &c, counts);
        if (one > most) {
            most = one;
            best = i;
        }
    }
    c.hours[0].zone = l->zone[best];
    c.hours[0].zone_name = l->zone_name[best];
    answer(s, &c, counts, ret);
    study_free(s);
    counts_free(counts);
}

/* Joint p of the curve of hours, and the smallest p of any specification. */
static void draw_curve(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    struct counts *counts = a_world(r, 1, false);
    struct study *s = a_study(r, counts, "tests/data/study-curve.yaml");
    struct multiverse m;
    multiverse_run(&m, s, &s->claims[0], counts, 1);
    for (int k = 0; k < CURVE_STATISTICS; k++)
        ret[k] = m.joint.p[k];
    ret[CURVE_STATISTICS] = 1;
    for (size_t i = 0; i < m.n; i++)
        ret[CURVE_STATISTICS] = fmin(ret[CURVE_STATISTICS], m.v[i].p);
    multiverse_free(&m);
    study_free(s);
    counts_free(counts);
}

void v10_search(struct validation *v)
{
    const struct validate_figure pairs[] = {
        {"joint p at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"foil: p of the oddest at .05", 1, FIGURE_SHARE, .05, .12, 1},
        {"foil: Sidak's p at .05", 2, FIGURE_SHARE, .05, 0, .03}};
    const struct validate_figure zones[] = {
        {"joint p at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"foil: p of the oddest at .05", 1, FIGURE_SHARE, .05, .12, 1}};
    const struct validate_figure curve[] = {
        {"median effect at .05", CURVE_MEDIAN, FIGURE_SHARE, .05, .05, .05},
        {"share of small p at .05", CURVE_SHARE, FIGURE_SHARE, .05, 0, .05},
        {"Stouffer's sum at .05", CURVE_STOUFFER, FIGURE_SHARE, .05, .05, .05},
        {"smallest p at .05", CURVE_LEAST, FIGURE_SHARE, .05, 0, .05},
        {"foil: p of the best specification at .05", CURVE_STATISTICS, FIGURE_SHARE, .05, .12,
         1}};
    validate_run(v, &(struct validate_plan){"V10", "oddest of 20 pairs that share days,",
                                            draw_pairs, NULL, 3, pairs, 3,
                                            validate_pick(v, 8, 2000), 999});
    validate_run(v, &(struct validate_plan){"V10", "oddest of 11 time zones,", draw_zones, NULL,
                                            3, zones, 2, validate_pick(v, 8, 2000), 999});
    validate_run(v, &(struct validate_plan){
                        "V10", "curve by multiverse_run, 16 specifications,", draw_curve, NULL,
                        CURVE_STATISTICS + 1, curve, 5, validate_pick(v, 2, 400), 199});
}
