/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bouts - points that come in bouts, as what people do does: two laws, on a circle.
 *
 * Gaps with a heavy tail: n ~ Poisson(mean), n gaps exp(sigma Z), Z normal, scaled to fill the
 * circle, and the whole turned at random. sigma is the sd of ln gap; the coefficient of
 * variation of gaps is sqrt(exp(sigma^2) - 1). Neighbouring gaps are independent but for the
 * scaling. With exponential gaps in their place this is the Poisson process (its points, given
 * their number, are spacings over their sum), so of two laws with one mean only the law of gaps
 * differs. Barabasi 2005 (Nature 435:207); Stouffer, Malmgren & Amaral 2006 (arXiv
 * physics/0605027: log-normal gaps fit mail that people send).
 *
 * Points that bring others about: each has Poisson(branching) children, each later by an
 * exponential time of mean `delay`; those without a parent are Poisson(mean (1 - branching)).
 * This is the process of intensity
 *     mu + branching / delay * sum over t_i < t of exp(-(t - t_i) / delay)
 * (Hawkes 1971, Biometrika 58:83), drawn as the clusters that it consists of (Hawkes & Oakes
 * 1974, J. Appl. Prob. 11:493). Neighbouring gaps are alike. Cluster sizes are Borel: of mean
 * 1 / (1 - branching), so the mean number is `mean`; its variance is mean / (1 - branching)^2,
 * and that in a stretch w of the circle, with g = (1 - branching) / delay, k = 1 / (1 -
 * branching),
 *     mean [w k^2 + (1 - k^2) (1 - exp(-g w)) / g]
 * while w and delay are short beside the circle (Da Fonseca & Zaatour 2014, J. Futures Markets
 * 34:548). Malmgren, Stouffer, Motter & Amaral 2008 (PNAS 105:18153) fit such cascades to mail.
 *
 * On a circle the law is the same at every place: what begins before the end goes on at the
 * beginning, and there is no first gap of a law of its own.
 */
#ifndef STATS_BOUTS_H
#define STATS_BOUTS_H

#include <stddef.h>

struct rng;

struct bouts {
    double sigma;            /* of ln gap, above 0; 0: the second law */
    double branching, delay; /* of [0, 1); a share of the circle */
};

/* Points of [0, 1) in no order, `mean` of them on average; *ret is malloced. */
size_t bouts_draw(const struct bouts *b, double mean, struct rng *r, double **ret);

#endif
