/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * spread - counts whose variance is a multiple of their mean: negative binomial of the
 * first kind (methods.md A4; Cameron & Trivedi 2013, Regression Analysis of Count Data,
 * 3.3).
 *
 *     Y ~ negative binomial, mean mu, variance phi mu      phi > 1
 *
 * that is size mu/(phi - 1), probability 1/phi; phi = 1 is Poisson's law. A sum of
 * independent such counts is again such a count, so phi does not change with the width
 * of a bucket, other than the theta of NB2.
 *
 * spread_posterior says what counts tell of phi once their means are fitted: the
 * likelihood with Cox and Reid's adjustment for p fitted coefficients, which for weights
 * mu/phi is phi^(p/2), and a uniform prior on (phi - 1)/phi. It is returned as points
 * over +-3 standard deviations of ln(phi - 1) about the mode, with weights that sum to 1.
 * The means themselves, by quasi-likelihood, do not depend on phi.
 */
#ifndef STATS_SPREAD_H
#define STATS_SPREAD_H

#include <stddef.h>
#include <stdint.h>

/* Logarithms; the upper tail includes k. */
double spread_logpmf(uint64_t k, double mu, double phi);
double spread_log_upper(uint64_t k, double mu, double phi);

enum { SPREAD_POINTS = 9 };

struct spread_posterior {
    double mode; /* phi */
    double phi[SPREAD_POINTS], weight[SPREAD_POINTS];
};

/* n counts y with fitted means mu (rows with mu 0 are left out), weights of their log
 * likelihoods (NULL: 1), p coefficients fitted. */
void spread_posterior(const double *y, const double *mu, const double *weight, size_t n,
                      double p, struct spread_posterior *ret);

/* What is known of one count to come: ln mean normal about log_mu with variance
 * phi * unit_se^2, phi by the posterior. ln P(Y >= k) and ln P(Y = k). */
void spread_predict(const struct spread_posterior *p, double log_mu, double unit_se, uint64_t k,
                    double *ret_log_upper, double *ret_log_pmf);

#endif
