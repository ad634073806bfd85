/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * band - where all of n ordered p values lie together, if they are uniform.
 *
 *     lo[i] <= U(i+1) <= hi[i] for every i with probability `level`,
 *
 * each at the same local level eta: lo and hi are the eta/2 and 1 - eta/2 quantiles of
 * Beta(i + 1, n - i), eta found by bisection, so the band is as sharp in its ends as in its
 * middle, which Kolmogorov's is not (Aldor-Noiman et al. 2013, Am. Stat. 67: 249).
 *
 * The probability of a band is exact: points of a Poisson process of rate n, given that n
 * fell, cross no bound; the counts are carried from bound to bound (Moscovich & Nadler 2017,
 * Stat. Probab. Lett. 123: 177, without their FFT: n^3 multiplications are few for n <= 200).
 */
#ifndef STATS_BAND_H
#define STATS_BAND_H

#include <stddef.h>

/* lo and hi ascend, n values each, in [0, 1]. */
double band_inside(const double *lo, const double *hi, size_t n);

/* Fills lo and hi; n >= 1. Returns eta. */
double band_uniform(size_t n, double level, double *ret_lo, double *ret_hi);

#endif
