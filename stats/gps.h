/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gps - how far above its expectation is a cell of a large table, shrunk by what
 * the other cells show? Gamma-Poisson shrinker (methods.md B2), information
 * component (B3) and the Bayes factor of one cell.
 *
 *   N | rho ~ Poisson(rho E),  rho ~ P Ga(alpha1, beta1) + (1 - P) Ga(alpha2, beta2)
 *   f(n; alpha, beta, E) = Gamma(alpha+n) / (Gamma(alpha) n!)
 *                          (beta/(beta+E))^alpha (E/(beta+E))^n
 * Ga(shape, rate). A table lists only cells with n >= 1, so the likelihood of a cell is
 * g(n) / (1 - g(0)), g the mixture of the two f (DuMouchel & Pregibon 2001, KDD: their
 * N* = 1). Posterior: the same mixture with alpha + n, beta + E and
 *   Q = P f1(n) / (P f1(n) + (1 - P) f2(n))
 * EBGM = exp E[ln rho | n]; EB05, EB95 are posterior quantiles of rho: not p-values,
 * and no correction for the number of cells is made or needed for EB05 > 2 to be rare
 * where the fitted prior puts little above 2.
 *
 * Sources: DuMouchel 1999 (Am. Stat. 53:177); DuMouchel & Pregibon 2001; information
 * component: Bate et al. 1998, Noren, Hopstadius & Bate 2013 (Stat. Methods Med. Res.
 * 22:57).
 */
#ifndef STATS_GPS_H
#define STATS_GPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct gps_cell {
    uint64_t n;      /* >= 1 */
    double expected; /* > 0 */
};

struct gps_prior {
    double alpha1, beta1, alpha2, beta2;
    double p; /* weight of the first */
    double loglik;
};

/* Log likelihood of cells at the prior, each cell given n >= 1. */
double gps_loglik(const struct gps_prior *prior, const struct gps_cell *cells, size_t n);

/* Maximum likelihood from three starts by BFGS (analytic gradient), logarithms of shapes and
 * rates within +-12. Above 5,000 cells those of one count enter as at most 200 groups of like
 * expectation, weighted (data squashing, DuMouchel & Pregibon 2001; they squash n <= 2 above
 * 100,000 cells, which leaves a fit of 120,000 at a minute; this one takes a second).
 * ERR_DEGENERATE below 20 cells, or where no start converges. */
enum { GPS_MIN_CELLS = 20 };
int gps_fit(struct gps_prior *ret, const struct gps_cell *cells, size_t n, struct err *err);

double gps_weight(const struct gps_prior *prior, uint64_t n, double expected); /* Q */
double gps_ebgm(const struct gps_prior *prior, uint64_t n, double expected);
/* rho with P(rho <= it | n) = p. */
double gps_quantile(const struct gps_prior *prior, uint64_t n, double expected, double p);

/* log2((n + 1/2) / (E + 1/2)), and the quantile of log2 rho under
 * rho | n ~ Ga(n + 1/2, E + 1/2): p = .025 is IC025. */
double ic_value(uint64_t n, double expected);
double ic_quantile(uint64_t n, double expected, double p);

/* ln of P(n | rho ~ Ga(a, b)) / P(n | rho = 1), n ~ Poisson(rho E). */
double gamma_poisson_log_bf(uint64_t n, double expected, double a, double b);

#endif
