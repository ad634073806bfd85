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
 * end the fit says `poisson_limit`.
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

size_t glm_parameters(const struct glm_design *d);
double glm_aic(const struct glm *g); /* theta counts as a parameter */
double glm_bic(const struct glm *g);

/* Overdispersion of a Poisson fit: boundary likelihood ratio against the
 * negative binomial, ln p = ln(P(chisq_1 > LR)/2); Cameron & Trivedi's (1990)
 * regression t for NB2 and NB1; Dean's (1992) score statistic, N(0,1). */
struct glm_dispersion {
    double lr, log_p, t_nb2, t_nb1, dean;
};
void glm_dispersion(const double *y, const struct glm *poisson, const struct glm *negbin,
                    struct glm_dispersion *ret);

#endif
