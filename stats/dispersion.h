/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dispersion - how much more counts scatter than Poisson's (methods.md A2, A4).
 *
 * Quasi-Poisson: variance phi mu without a law (McCullagh & Nelder 1989, 9.2; Fletcher 2012,
 * Biometrika 99: 230). For screening and intervals; there is no likelihood, so no tail
 * probability of a count.
 *
 *     phi = sum (y - mu)^2/mu / (rows - p)   Pearson; unstable where mu is small
 *     phi / (1 + mean of (y - mu)/mu)        Fletcher: the noise of sparse rows divided out
 *
 * Negative binomial: maximum likelihood pays for p coefficients with too large a theta, and
 * too large a theta makes false alarms. Cox & Reid's maximises the adjusted profile
 * likelihood l(b_theta, theta) - ln det(X'WX) / 2, W = mu/(1 + mu/theta) (1987, J. R. Stat.
 * Soc. B 49: 1; for counts McCarthy, Chen & Smyth 2012, Nucleic Acids Res. 40: 4288).
 */
#ifndef STATS_DISPERSION_H
#define STATS_DISPERSION_H

#include "stats/glm.h"

/* Of a Poisson fit. NAN with as many coefficients as rows. */
void dispersion_phi(const double *y, const struct glm *poisson, double *ret_pearson,
                    double *ret_fletcher);
/* Do q more coefficients help? F = (D0 - D1)/(q phi) ~ F(q, rows - p1), phi Pearson's of
 * the larger Poisson fit; returns ln p. */
double dispersion_log_p(const struct glm *small, const struct glm *large, double *ret_f);

/* Overdispersion of a Poisson fit: boundary likelihood ratio against the negative binomial,
 * ln p = ln(P(chisq_1 > LR)/2); Cameron & Trivedi's (1990) regression t for NB2 and NB1;
 * Dean's (1992) score statistic, N(0,1). */
struct dispersion {
    double lr, log_p, t_nb2, t_nb1, dean;
};
void dispersion_test(const double *y, const struct glm *poisson, const struct glm *negbin,
                     struct dispersion *ret);

/* theta at the maximum of the adjusted profile likelihood, coefficients fitted to it;
 * theta_se is not given (NAN). Errors as glm_fit's. */
int dispersion_cox_reid(struct glm *g, const double *y, const double *exposure,
                        const struct glm_design *d, struct err *err);
/* Its logarithm, with a standard error from the bend of the adjusted likelihood.
 * ERR_DEGENERATE: no fit, or no overdispersion to see; then the error is INFINITY. */
int dispersion_log_theta(struct glm *g, const double *y, const double *exposure,
                         const struct glm_design *d, double *ret_log_theta, double *ret_se);

#endif
