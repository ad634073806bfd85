/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * glm - Poisson and negative binomial regression with log link and exposure, by
 * Newton's method (reweighted least squares with the observed weights; methods.md
 * A3, A4).
 *
 *     ln E[y_i] = ln exposure_i + b0 + sum_f b_f[level_f(i)] + sum_c b_c x_c(i)
 *
 * Factors are given by the level of each row, first level the reference (R's
 * treatment contrasts), so that a row touches 1 + factors + covariates entries
 * of the normal equations and no dense design matrix exists. Rows with exposure
 * 0 are left out: no data is not a zero. A step that would lower the likelihood is
 * halved; the last step promised a gain of less than 1e-14 of the log-likelihood
 * (R's rule is a change of 1e-8 of the deviance, so R's figures have fewer digits).
 * theta of the negative binomial (variance mu + mu^2/theta) is found by maximum
 * likelihood together with the coefficients, ln theta in [-8, 14]; at the upper
 * end the fit says `poisson_limit`. stats/dispersion.h has the
 * theta of Cox & Reid.
 *
 * A level without an event would have coefficient -infinity: a ridge of 1e-4 on
 * all but the intercept keeps it finite (`ridge` says whether it was needed;
 * otherwise none is applied).
 *
 *     struct glm_design d = {.n = n, .nfactors = 1, .level = {hour}, .nlevels = {24}};
 *     struct glm *g = glm_new();              // workspace and result, reusable
 *     if (glm_fit(g, y, exposure, &d, GLM_NEGBIN, err) < 0) ...
 *     g->beta[0], g->mu[i], g->theta
 *     glm_free(g);
 */
#ifndef STATS_GLM_H
#define STATS_GLM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum glm_family { GLM_POISSON, GLM_NEGBIN };
enum { GLM_FACTORS = 4, GLM_COVARIATES = 16 };

struct glm_design {
    size_t n; /* rows */
    size_t nfactors;
    const uint16_t *level[GLM_FACTORS]; /* n levels each, 0..nlevels-1 */
    size_t nlevels[GLM_FACTORS];
    size_t ncovariates;
    const double *covariate[GLM_COVARIATES]; /* n values each */
    const double *weight; /* n prior weights of the rows' log-likelihoods; NULL: all 1 */
    /* First row with the same levels and covariates, n of them: what is equal need not be
     * worked out again. NULL: not known. */
    const uint32_t *twin;
    bool bare; /* a refit: no se, deviance or pearson, and no information for leverages */
};

struct glm {
    enum glm_family family;
    size_t n, p;     /* rows given; parameters in the linear predictor */
    size_t used;     /* rows with exposure */
    double *beta;    /* p: intercept, then factors in order, then covariates */
    double *se;      /* p: from the inverse Fisher information */
    double *mu;      /* n: fitted means; 0 where exposure is 0 */
    double *eta;     /* n: linear predictor without exposure (ln rate), all rows */
    double theta;    /* INFINITY for GLM_POISSON */
    double theta_se; /* of theta, from the observed information */
    bool poisson_limit, ridge;
    double loglik;            /* with all constants */
    double deviance, pearson; /* pearson: sum (y - mu)^2 / V(mu) */
    int iterations;
    struct glm_work *work; /* private */
};

struct glm *glm_new(void);
void glm_free(struct glm *g);

/* ERR_DEGENERATE: no event, no exposure, fewer rows than parameters, or no
 * convergence; the message says which. */
int glm_fit(struct glm *g, const double *y, const double *exposure, const struct glm_design *d,
            enum glm_family family, struct err *err);

/* The negative binomial with a given theta. */
int glm_fit_theta(struct glm *g, const double *y, const double *exposure,
                  const struct glm_design *d, double theta, struct err *err);

/* Of the last fit at its theta: the adjusted profile log-likelihood, loglik less
 * ln det(X'WX) / 2, W = mu/(1 + mu/theta). */
double glm_adjusted_loglik(const struct glm *g);
/* The same up to a constant at another theta and the last fit's coefficients, to which theta is
 * orthogonal (Cox & Reid 1987). Later leverages and errors of g are those at that theta. */
double glm_adjusted_at(struct glm *g, double theta);

/* Of the last fit: diagonal of the hat matrix W^(1/2) X (X'WX)^-1 X' W^(1/2), n values, 0
 * where there is no exposure; and the standard error of the linear predictor at a row
 * that need not be one of the design's: a level a factor, a value a covariate. Of a Poisson
 * fit, times sqrt(phi) under a quasi-Poisson law. */
void glm_leverage(const struct glm *g, double *ret);
double glm_predictor_se(const struct glm *g, const uint16_t *level, const double *covariate);

size_t glm_parameters(const struct glm_design *d);
double glm_aic(const struct glm *g); /* theta counts as a parameter */
double glm_bic(const struct glm *g);

#endif
