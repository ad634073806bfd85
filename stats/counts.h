/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * counts - regressions of counts that are no GLM, by maximum likelihood (methods.md A4,
 * A5). Mean ln mu = ln exposure + design, as in stats/glm.h; rows without exposure are
 * left out.
 *
 *     nb1         variance phi mu (Cameron & Trivedi 2013, 3.3)
 *     zip, zinb   P(0) = pi + (1 - pi) f(0), P(y) = (1 - pi) f(y): a pair that is switched
 *                 off in a share pi of buckets; f Poisson or NB2 (Lambert 1992,
 *                 Technometrics 34: 1)
 *     hurdle_poisson, hurdle_nb
 *                 P(0) = 1 - rho, P(y) = rho f(y)/(1 - f(0)) (Mullahy 1986, J. Econom. 33:
 *                 341): whether at all, then how many
 *
 * pi and rho are one number each. Newton's method with the Hessian from central
 * differences of the exact gradient, as MLE of few parameters need no more.
 *
 * Zero inflation and NB2 are all but the same below some 50 occupied buckets; compare by
 * BIC, not by Vuong's test, which is invalid here (Wilson 2015, Econ. Lett. 127: 51).
 */
#ifndef STATS_COUNTS_H
#define STATS_COUNTS_H

#include <stddef.h>

#include "stats/glm.h"

enum counts_law {
    COUNTS_NB1,
    COUNTS_ZIP,
    COUNTS_ZINB,
    COUNTS_HURDLE_POISSON,
    COUNTS_HURDLE_NB,
    COUNTS_LAWS
};
extern const char *const counts_law_names[COUNTS_LAWS];

enum { COUNTS_MOST = 40 }; /* coefficients */

struct counts_fit {
    enum counts_law law;
    size_t p, used, parameters; /* coefficients of the mean; rows; all parameters */
    double beta[COUNTS_MOST], se[COUNTS_MOST]; /* as glm's; se from the observed information */
    double zero;  /* ln(pi/(1 - pi)), or ln(rho/(1 - rho)); NAN for nb1 */
    double theta; /* of NB2; phi of nb1; INFINITY for Poisson */
    double loglik, bic;
    int iterations;
};

/* ERR_DEGENERATE: no event, no zero where the law has a part for zeros, more than
 * COUNTS_MOST - 2 coefficients, or no convergence. */
int counts_fit(struct counts_fit *ret, const double *y, const double *exposure,
               const struct glm_design *d, enum counts_law law, struct err *err);

/* Are there more zeros than a Poisson fit with means mu has? Score test, chi-square with
 * one degree of freedom: S = [sum (1{y = 0} - p0)/p0]^2 / [sum (1 - p0)/p0 - sum y], p0 =
 * exp(-mu) (van den Broek 1995, Biometrics 51: 738). *ret_log_p is two-sided; the sign of
 * *ret_z tells the direction. */
void counts_zero_score(const double *y, const double *mu, size_t n, double *ret_z,
                       double *ret_log_p);

#endif
