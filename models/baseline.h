/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * baseline - what a pair's counts would be without the claim: season ladder x
 * {Poisson, NB2} with at-risk exposure (methods.md A3, A4, A6).
 *
 *     struct baseline b = {0};
 *     if (baseline_fit(&b, &grid, y, E, &opts, err) < 0) ...
 *     b.mu[i], b.theta, b.season->name
 *     baseline_free(&b);
 */
#ifndef MODELS_BASELINE_H
#define MODELS_BASELINE_H

#include "models/season.h"

struct baseline_opts {
    const struct season *season; /* NULL: the rung by BIC */
    const struct tz *zone;       /* NULL: UTC */
    bool trend;                  /* see below */
    int family; /* -1: Poisson unless the NB is better by BIC; else enum glm_family */
    const struct holidays *holidays; /* NULL: none */
    /* Of a refit. `design`: the season's over this grid without a trend, made before; NULL:
     * made here. `bare`: no errors, deviance, pearson or dispersion. */
    const struct season_design *design;
    bool bare;
};

/* A trend that is asked for is in the model only with 20 events and three weeks of grid,
 * Farrington's guard of three seasons (1996); a baseline is never evaluated outside its
 * grid, so no trend is extrapolated here (stats/rolling.h does, and holds it). */
bool baseline_trend(const struct baseline_opts *o, const struct grid *g, const double *y,
                    const double *hours);

/* Every rung that was tried, for explain and for results. */
struct baseline_rung {
    const struct season *season;
    enum glm_family family;
    double loglik, bic, aic, theta;
    size_t parameters;
    bool fitted;
};

struct baseline {
    const struct season *season;
    enum glm_family family;
    size_t n;
    double *mu;   /* expected sessions a bucket */
    double *rate; /* per at-risk hour, also where exposure is 0 */
    double theta; /* INFINITY for Poisson */
    double loglik, aic, bic, deviance, pearson, dispersion; /* pearson / residual df */
    size_t parameters;
    struct baseline_rung rungs[16];
    size_t nrungs;
    struct glm *glm; /* the chosen fit */
};

/* *ret is overwritten, not freed. ERR_DEGENERATE when nothing can be fitted (no event,
 * no exposure), ERR_MISMATCH when the holidays do not cover the window. A season that is asked
 * for by name is tried even where the ladder would not admit it. */
int baseline_fit(struct baseline *ret, const struct grid *g, const double *y,
                 const double *hours, const struct baseline_opts *opts, struct err *err);
void baseline_free(struct baseline *b);

/* Log upper tail and pmf of bucket i at count k. */
double baseline_log_upper(const struct baseline *b, size_t i, uint64_t k);
double baseline_log_pmf(const struct baseline *b, size_t i, uint64_t k);
/* One replicate of all buckets. */
struct rng;
void baseline_draw(const struct baseline *b, struct rng *r, double *ret_y);

#endif
