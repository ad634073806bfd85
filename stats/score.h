/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * score - how well predicted laws of counts meet the counts (methods.md A6; Czado,
 * Gneiting & Held 2009, Biometrics 65: 1254). Laws are negative binomial: mean mu,
 * variance mu + mu^2/theta; theta INFINITY is Poisson. Rows with mu 0 are left out.
 */
#ifndef STATS_SCORE_H
#define STATS_SCORE_H

#include <stddef.h>
#include <stdint.h>

/* z of the Dawid-Sebastiani scores, each less its expectation and over its standard
 * deviation under the laws themselves, summed: standard normal if they are right and known (Wei
 * & Held 2014, Test 23: 787). */
double score_calibration_z(const double *y, const double *mu, double theta, size_t n);

enum { SCORE_BINS = 10 };
/* Non-randomised probability integral transform: shares of SCORE_BINS equal bins, each .1
 * if the laws are right. A count spreads evenly from P(Y < y) to P(Y <= y). */
void score_pit(const double *y, const double *mu, double theta, size_t n,
               double ret[SCORE_BINS]);
/* The greatest distance of its distribution function to the diagonal at the bins' ends. */
double score_pit_distance(const double pit[SCORE_BINS]);

/* Randomised quantile residuals, standard normal if the laws are right: the normal
 * quantile of P(Y < y) + u P(Y = y) (Dunn & Smyth 1996, J. Comput. Graph. Stat. 5: 236);
 * NAN where mu is 0. */
struct rng;
void score_residuals(const double *y, const double *mu, double theta, size_t n, struct rng *r,
                     double *ret);
/* Autocorrelation at a lag over pairs that both exist; NAN without ten. About normal with
 * sd 1/sqrt(pairs) for independent residuals; *ret_pairs may be NULL. */
double score_autocorrelation(const double *residual, size_t n, size_t lag, size_t *ret_pairs);

#endif
