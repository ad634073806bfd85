/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * quasi - quasi-Poisson: variance phi mu without a law (methods.md A2; McCullagh & Nelder
 * 1989, 9.2; Fletcher 2012, Biometrika 99: 230). For screening and intervals; there is no
 * likelihood, so no tail probability of a count.
 *
 *     phi = sum (y - mu)^2/mu / (rows - p)        Pearson; unstable where mu is small
 *     phi / (1 + mean of (y - mu)/mu)             Fletcher: its noise of sparse rows divided
 * out
 */
#ifndef STATS_QUASI_H
#define STATS_QUASI_H

#include "stats/glm.h"

/* Of a Poisson fit. NAN with as many coefficients as rows. */
void quasi_phi(const double *y, const struct glm *poisson, double *ret_pearson,
               double *ret_fletcher);
/* Do q more coefficients help? F = (D0 - D1)/(q phi) ~ F(q, rows - p1), phi Pearson's of
 * the larger fit; returns ln p. */
double quasi_log_p(const struct glm *small, const struct glm *large, double *ret_f);

#endif
