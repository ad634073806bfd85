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
 * The law used is the negative binomial whose variance holds both:
 *     1/theta' = 1/theta + v + v/theta.
 * Without v a randomised p is below .001 in .0027 of cells of 60 x 80 tables at theta .5, with
 * it in .0015 (below .05: .058 and .050; at theta 2: .0016 and .0011): a gamma law for what is
 * nearer to a log-normal one leaves the far tail a little thin (V10).
 *
 * A pair is tested because it has `least` sessions, at least one since others are not in the
 * case. Given that, the upper tail is P(X >= x) / P(X >= least), the lower one
 * P(least <= X <= x) / P(X >= least) (methods.md B6, zero truncation).
 */
#ifndef MODELS_LEVEL_H
#define MODELS_LEVEL_H

#include "models/peers.h"

struct level_law {
    double mu, theta;   /* theta INFINITY: Poisson */
    double theta_peers; /* without the error of mu */
    uint64_t least;
};

struct level_p {
    double log_p, log_mid;
    double log_tested; /* given that the pair was tested */
    double log_above;  /* the next smaller value of log_tested; of an upper tail */
};

/* mu is NAN where the peers say nothing. */
void level_law_of(struct level_law *ret, const struct peers *p, size_t cell, uint64_t least);

/* tail: +1 upper, -1 lower, 0 twice the smaller. x >= least. */
struct level_p level_p(const struct level_law *l, uint64_t x, int tail);

/* log_tested with its ties broken by u in (0, 1): uniform under the law. */
double level_random(double log_tested, double log_above, double u);

/* Every value that an upper log_tested can take, ascending, from the largest below `log_from`
 * up to 0: bit for bit those of level_p. Returns how many; 0 when there are more than max (a
 * law that fine is as good as continuous). */
size_t level_support(const struct level_law *l, double log_from, double *ret, size_t max);

#endif
