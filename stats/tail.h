/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tail - probabilities of counts, exact and on the log scale (methods.md K1).
 *
 * One convention: the upper tail includes the observed value, P(X >= k), and the
 * lower tail too, P(X <= k). All return natural logarithms, finite wherever the
 * probability is positive; log(0) is -INFINITY. Parameters out of range give
 * NAN.
 *
 * pmf by Loader's saddle-point expansion (C. Loader 2000, "Fast and accurate
 * computation of binomial probabilities"), tails by summing pmf ratios away from
 * the mean: as a series, or as its continued fraction where that is shorter. Good
 * to 1e-12 max(1, |ln p|) for ln p down to -50,000, theta from 1e-4 up. Why not GSL's:
 * gsl_cdf_poisson_Q(2819, 40) is 0 (truth 10^-4006.67), the hypergeometric tail is good
 * to 1.5e-8 only, and the negative binomial pmf loses 4.6e-6 at size 1e9.
 *
 * negbin: mean mu, variance mu + mu^2/theta (R: size = theta, mu = mu).
 */
#ifndef STATS_TAIL_H
#define STATS_TAIL_H

#include <stdint.h>

double poisson_logpmf(uint64_t k, double mu);
double poisson_log_upper(uint64_t k, double mu);
double poisson_log_lower(uint64_t k, double mu);

double negbin_logpmf(uint64_t k, double mu, double theta);
double negbin_log_upper(uint64_t k, double mu, double theta);
double negbin_log_lower(uint64_t k, double mu, double theta);

double binomial_logpmf(uint64_t k, uint64_t n, double p);
double binomial_log_upper(uint64_t k, uint64_t n, double p);
double binomial_log_lower(uint64_t k, uint64_t n, double p);

/* k good of `draws` from `good` + `bad`. */
double hypergeometric_logpmf(uint64_t k, uint64_t good, uint64_t bad, uint64_t draws);
double hypergeometric_log_upper(uint64_t k, uint64_t good, uint64_t bad, uint64_t draws);

double normal_log_upper(double z);
/* z with ln P(Z >= z) = log_p; finite: of ln p = 0 (rounded) it is that of 1 - e^-745. */
double normal_log_quantile(double log_p);
double chisq_log_upper(double x, double df);
double f_log_upper(double x, double df1, double df2);

/* ln(P(X > k) + P(X = k)/2) from the two logs above (Lancaster 1961). */
double log_midp(double log_upper, double log_pmf);
/* ln(P(X > k) + u P(X = k)), u in (0,1): uniform under a discrete null. */
double log_randomp(double log_upper, double log_pmf, double u);

double log_add(double a, double b); /* ln(e^a + e^b) */
double log_sub(double a, double b); /* ln(e^a - e^b), a >= b */
double log1m_exp(double a);         /* ln(1 - e^a), a <= 0 */
double log10_of(double ln);         /* ln p to log10 p */
/* ln p after n independent looks, 1 - (1 - p)^n (Sidak), without underflow. */
double log_sidak(double log_p, double n);

/* Intervals; level such as .95 (two-sided, equal tails). */
void binomial_interval(uint64_t k, uint64_t n, double level, double *ret_lo,
                       double *ret_hi); /* Clopper-Pearson */
/* Smallest k with P(X <= k) >= p. */
uint64_t negbin_quantile(double p, double mu, double theta); /* theta INFINITY: Poisson */

/* Exact conditional test of rates of that ratio, upper: ln P(K1 >= k1 | k1 + k2). And the
 * Clopper-Pearson interval of the rate ratio (k1/e1) / (k2/e2). */
double rates_log_upper(uint64_t k1, double e1, uint64_t k2, double e2, double ratio);
void rates_interval(uint64_t k1, double e1, uint64_t k2, double e2, double level,
                    double *ret_lo, double *ret_hi);

#endif
