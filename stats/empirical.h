/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * empirical - the law of scores of tests in which there is mostly nothing, taken from the
 * scores themselves (Efron 2004, JASA 99:96; methods.md G6).
 *
 * Where a model is a little wrong for every pair alike, scores are not N(0, 1) but N(delta,
 * sigma^2). Both are fitted to the scores between the first and the ninth decile by maximum
 * likelihood of the normal law cut off there; what is unusual, up to a tenth on a side, stands
 * outside and does not disturb the fit. (The central half alone says too little of sigma: of
 * 1,000 scores with nothing in them .05 then have p <= .01; V10.)
 */
#ifndef STATS_EMPIRICAL_H
#define STATS_EMPIRICAL_H

#include <stddef.h>

struct empirical {
    double delta, sigma;
    double pi0; /* share of scores that the law explains, at most 1 */
};

enum { EMPIRICAL_LEAST = 500 };

/* z is a score; -1, *ret untouched, for fewer than EMPIRICAL_LEAST, NANs among them, a middle
 * that is one value, or one that no normal law has: flat or hollow, so that the likelihood
 * grows with sigma without end and the law holds less than half of itself between the deciles.
 * Sorts z. */
int empirical_fit(struct empirical *ret, double *z, size_t n);

/* ln P(Z >= z) under the fitted law. */
double empirical_log_upper(double z, const struct empirical *e);

#endif
