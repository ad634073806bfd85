/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * poisbin - the number of successes among n independent trials of unequal chances p_i
 * (Poisson-binomial law), exact and on the log scale.
 *
 * Same convention as tail.h: the upper tail is P(X >= k), natural logarithms; log(0) is
 * -INFINITY; a p_i outside [0, 1] gives NAN.
 *
 * With p_i(s) = p_i e^s / (1 - p_i + p_i e^s) and K(s) = sum ln(1 - p_i + p_i e^s),
 *     P(X = j) = exp(K(s) - s j) P_s(X = j)
 * for every s (exponential tilting). s is chosen so that the tilted mean is k: then the
 * recursion over trials, f_i(j) = (1 - p_i) f_(i-1)(j) + p_i f_(i-1)(j - 1), adds only
 * positive numbers of ordinary size near k, and no tail underflows. Its error is some
 * n rounding errors, relative, in any tail; it costs n k. Why not the discrete Fourier
 * transform (Hong 2013, CSDA 59: 41): its error is absolute, so that it has no digit left
 * of a tail below 1e-15; nor logarithms in the recursion: they lose a factor of |ln p|.
 */
#ifndef STATS_POISBIN_H
#define STATS_POISBIN_H

#include <stddef.h>
#include <stdint.h>

double poisbin_logpmf(uint64_t k, const double *p, size_t n);
double poisbin_log_upper(uint64_t k, const double *p, size_t n);

/* P(X = j) for j = 0 .. n into ret, by the recursion without tilt over the band of chances
 * above 1e-40: tails down to some 1e-35 are good to n rounding errors, at a cost of n times the
 * band. For power, which asks for many of them; chances in [0, 1]. */
void poisbin_law(const double *p, size_t n, double *ret);

#endif
