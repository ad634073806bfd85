/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * level - the law of a pair's total, given what the other pairs say and given that the
 * pair was tested.
 *
 * Totals are negative binomial about the peers' expectation E (models/peers.h). E is itself
 * estimated; the variance of its logarithm is, by the delta method over the three sums it is
 * made of (client's others, name's others, the rest, each of counts that scatter by theta),
 *
 *     v = sum over the three of  1 / total + H / theta,   H = sum of squares of the shares.
 *
 * Sums are products of many things, so the error is nearly log-normal, and E is without
 * bias: ln mean = ln E + v/2 + sqrt(v) N(0, 1). theta was fitted about such E, so it holds
 * their error once already: 1/theta = (1/theta_peers - v) / (1 + v). The law is the negative
 * binomial of theta (Poisson's where that is below 0) averaged over ln mean, by Gauss &
 * Hermite's rule of seven points; one point where v is below 1e-4.
 *
 * A negative binomial whose variance holds both errors is right in the bulk and too thin in
 * the far tail: in tables of 20 x 10, mean 10, theta 2, p was below .00025 in .00051 of pairs,
 * so that a q below .05 stood in .10 of tables; by this law in .00019, as by the true mean and
 * theta. At theta .5 it was .0017 and is .00015. In tables of 60 x 80, theta .5, p is below
 * .05, .01, .001 in .048, .0094, .0010 (`validate --only V4`, V10). Small tables pay in the
 * bulk: .042 and .036 at .05 in 20 x 10.
 *
 * A pair is tested because it has `least` sessions, at least one since others are not in the
 * case. Given that, the upper tail is P(X >= x) / P(X >= least), the lower one
 * P(least <= X <= x) / P(X >= least) (methods.md B6, zero truncation).
 */
#ifndef MODELS_LEVEL_H
#define MODELS_LEVEL_H

#include "models/peers.h"

struct level_law {
    double mu, theta;   /* E; theta without the error of E, INFINITY: Poisson */
    double v;           /* variance of ln E */
    double theta_peers; /* as fitted about E */
    uint64_t least;
};

struct level_p {
    double log_p, log_mid;
    double log_tested; /* given that the pair was tested */
    double log_above;  /* the next smaller value of log_tested; of an upper tail */
};

/* Where the others' totals are so unlike that E is known by no better than e^4 either way
 * (v above this), they say nothing: the delta method is then no approximation, and quantiles of
 * the law have twenty digits and more. One client with 26 names beside 25 with one each gave
 * v = 277. */
#define LEVEL_MOST_V 4.

/* mu is NAN where the peers say nothing. */
void level_law_of(struct level_law *ret, const struct peers *p, size_t cell, uint64_t least);

/* tail: +1 upper, -1 lower, 0 twice the smaller. x >= least. */
struct level_p level_p(const struct level_law *l, uint64_t x, int tail);

/* Smallest x with P(X <= x) >= p. */
uint64_t level_quantile(const struct level_law *l, double p);

/* log_tested with its ties broken by u in (0, 1): uniform under the law. */
double level_random(double log_tested, double log_above, double u);

/* Every value that an upper log_tested can take, ascending, from the largest below `log_from`
 * up to 0: bit for bit those of level_p. Returns how many; 0 when there are more than max (a
 * law that fine is as good as continuous). */
size_t level_support(const struct level_law *l, double log_from, double *ret, size_t max);

#endif
