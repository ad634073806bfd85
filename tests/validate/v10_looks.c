/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V10, the joint price of searches that a study writes out, on axes other than pairs and zones
 * (v10_search.c): windows, lags, dates, lists of dates, statistics, and statistics times
 * windows. Nothing is there; the claim takes the look with the smallest p of its own, and pays.
 * Foil: that p. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "models/study_claim.h"
#include "models/verdict.h"
#include "tests/picked.h"
#include "tests/validate/cached.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { DAYS = 28, DAY = 86400, LIFE = 3600 };
static const int64_t monday = 94694400; /* 1 January 1973 */

struct search_of {
    const char *prefix;
    const char *claim, *null; /* of tests/data/study-looks.yaml; the one that is priced */
    double per_day, shape;    /* demands; of the days' Gamma factor, 0: none */
};

/* --- the world --------------------------------------------------------------------------- */

static struct study *a_study(struct rng *r, const struct counts *counts)
{
    return drawn_study("tests/data/study-looks.yaml", NULL, counts, r);
}

/* --- the search --------------------------------------------------------------------------- */

static void take(const struct study_looks *l, enum search_axis axis, size_t i,
                 struct study_claim *c)
{
    char known[160];
    switch (axis) {
    case SEARCH_WINDOWS:
        c->from_ns = l->from_ns[i];
        c->to_ns = l->to_ns[i];
        break;
    case SEARCH_LAGS:
        c->max_lag_s = l->lag_s[i];
        break;
    case SEARCH_DATES:
        c->date_ns = l->date_ns[i];
        break;
    case SEARCH_EVENTS:
        c->events = l->events[i];
        break;
    case SEARCH_STATISTICS:
        study_claim_statistic(c, l->statistic[i], known, sizeof known);
        break;
    default:
        break;
    }
}

/* p of the null by itself, as somebody who looks around has it. */
static double p_alone(const struct study *s, const struct study_claim *c,
                      const struct counts *counts)
{
    struct trial t;
    struct null_result n = trial_blank();
    if (trial_make(&t, s, c, counts, 1, NULL) < 0)
        return 1;
    t.rough = true;
    t.exactly = s->max_replicates;
    c->kind->battery->run(&t, &n);
    double p = n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE ? exp(n.log_p) : 1;
    free(n.values);
    free(n.shift);
    trial_free(&t);
    return p;
}

/* Of all combinations of what is written out, that with the smallest p. */
static struct study_claim smallest(const struct study *s, const struct study_claim *c,
                                   const struct counts *counts)
{
    const struct study_looks *l = c->search.looks;
    struct study_claim best = *c;
    double least = INFINITY;
    size_t all = 1;
    for (int a = 0; a < SEARCH_AXES; a++)
        all *= l->n[a] ? l->n[a] : 1;
    for (size_t k = 0; k < all; k++) {
        struct study_claim one = *c;
        for (size_t a = 0, rest = k; a < SEARCH_AXES; a++)
            if (l->n[a]) {
                take(l, (enum search_axis)a, rest % l->n[a], &one);
                rest /= l->n[a];
            }
        double p = p_alone(s, &one, counts);
        if (p < least) {
            least = p;
            best = one;
        }
    }
    return best;
}

static void no_effect(const struct trial *t, struct effect *ret)
{
    (void)t;
    *ret = (struct effect){NAN, NAN, NAN, NAN};
}

/* p of the chosen look after the price, and by itself. */
static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct search_of *w = ctx;
    struct made m = {0};
    struct cached asked = {monday, DAYS, w->per_day, w->shape, LIFE};
    cached_add(&m, r, "192.0.2.1", "it.example", &asked);
    cached_add(&m, r, "192.0.2.9", "it.example", &asked);
    struct counts *counts = made_counts(&m, monday, monday + DAYS * DAY);
    struct study *s = a_study(r, counts);
    struct study_claim claim = *picked_claim(s, w->claim);
    struct claim_kind kind = *claim.kind; /* with one null, and no effect to measure */
    struct battery_row one[2] = {*picked_null(&claim, w->null), {0}};
    kind.battery = one;
    kind.estimate = no_effect;
    claim.kind = &kind;
    claim = smallest(s, &claim, counts);
    struct claim_result res = {.nnulls = 0};
    ret[0] = ret[1] = 0; /* not tested: against the method */
    if (claim_test(&res, s, &claim, counts, 1, NULL) == 0) {
        if (res.nnulls == 1 && res.nulls[0].verdict != NULL_UNTESTABLE) {
            ret[0] = exp(res.nulls[0].log_p_adjusted);
            ret[1] = exp(res.nulls[0].result.log_p);
        }
        claim_result_free(&res);
    }
    study_free(s);
    counts_free(counts);
}

void v10_looks(struct validation *v)
{
    const struct validate_figure f[] = {
        {"p after the price at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"foil: p of the chosen look at .05", 1, FIGURE_SHARE, .05, .08, 1}};
    static const struct search_of w[] = {
        {"search of windows, explanation days,", "windows", "days", 3, 2},
        {"search of lags, explanation window,", "lags", "window", 3, 0},
        {"search of dates, explanation scatter,", "dates", "scatter", 3, 2},
        {"search of events, explanation habit,", "events", "habit", 3, 2},
        {"search of events, explanation rotation,", "events", "rotation", 3, 0},
        {"search of statistics, explanation cache,", "statistics", "cache", 3, 0},
        {"search of mixed, explanation cache,", "mixed", "cache", 3, 0}};
    for (size_t i = 0; i < sizeof w / sizeof *w; i++) {
        bool dear = strcmp(w[i].claim, "lags") == 0;
        uint32_t R = validate_pick(v, dear ? 2 : 4, dear ? 1000 : 2000);
        validate_run(v, &(struct validate_plan){"searches", w[i].prefix, replicate, &w[i], 2, f,
                                                2, R, 399});
    }
}
