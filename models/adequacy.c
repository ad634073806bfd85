/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/adequacy.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/rng.h"

enum { STOP_AT = 10, DAY_S = 86400 };

static double distance(const struct baseline *b, const double *y, double ret_pit[SCORE_BINS])
{
    score_pit(y, b->mu, b->theta, b->n, ret_pit);
    return score_pit_distance(ret_pit);
}

static void bootstrap(struct adequacy *a, const struct baseline *b, const struct grid *g,
                      const double *hours, const struct adequacy_opts *o)
{
    struct baseline_opts same = *o->baseline;
    double *y = mem_alloc(g->n * sizeof *y), pit[SCORE_BINS];
    same.season = b->season;
    same.family = (int)b->family;
    a->mc = (struct mc){.stop_at = STOP_AT, .max = o->replicates};
    for (uint32_t k = 0; k < o->replicates; k++) {
        struct rng r;
        struct baseline again;
        double d = NAN; /* a replicate without a fit counts against the finding */
        rng_stream(&r, o->seed, RNG_BOOTSTRAP, o->subject, k);
        baseline_draw(b, &r, y);
        if (baseline_fit(&again, g, y, hours, &same, NULL) == 0) {
            d = distance(&again, y, pit);
            baseline_free(&again);
        }
        if (!mc_add(&a->mc, d, a->distance))
            break;
    }
    free(y);
}

static void residuals(struct adequacy *a, const struct baseline *b, const struct grid *g,
                      const double *y, const struct adequacy_opts *o)
{
    struct rng r;
    double *z = mem_alloc(g->n * sizeof *z), scores = 0, rows = 0;
    size_t pairs, day = (size_t)(DAY_S / g->width);
    rng_stream(&r, o->seed, RNG_TIEBREAK, o->subject, 0);
    score_residuals(y, b->mu, b->theta, b->n, &r, z);
    a->day = day ? score_autocorrelation(z, b->n, day, NULL) : NAN;
    a->week = day ? score_autocorrelation(z, b->n, 7 * day, NULL) : NAN;
    score_autocorrelation(z, b->n, day ? day : 1, &pairs);
    a->acf_sd = 1 / sqrt((double)pairs);
    for (size_t i = 0; i < b->n; i++) {
        double log_p = baseline_log_upper(b, i, (uint64_t)y[i]);
        if (!(b->mu[i] > 0))
            continue;
        rows++;
        scores -= baseline_log_pmf(b, i, (uint64_t)y[i]);
        if (log_p < a->worst_log_p) {
            a->worst_log_p = log_p;
            a->worst = i;
        }
    }
    a->mean_log_score = scores / rows;
    free(z);
}

void adequacy_test(struct adequacy *ret, const struct baseline *b, const struct grid *g,
                   const double *y, const double *hours, const struct adequacy_opts *o)
{
    struct adequacy a = {.worst = 0};
    a.distance = distance(b, y, a.pit);
    a.calibration_z = score_calibration_z(y, b->mu, b->theta, b->n);
    residuals(&a, b, g, y, o);
    bootstrap(&a, b, g, hours, o);
    *ret = a;
}
