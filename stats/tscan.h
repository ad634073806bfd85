/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tscan - the window of time in which counts exceed their expectation most (methods.md
 * F1, F2).
 *
 *     LLR = c ln(c/m) + (C - c) ln((C - c)/(C - m))   where c > m, else 0
 *
 * c the count of a window, m its expectation scaled so that all expectations sum to all
 * counts C (Kulldorff 1997, Commun. Stat. 26:1481; as SaTScan). The p of its maximum over
 * windows is a matter of replicates; the caller makes them, since the expectation is
 * refitted in each.
 */
#ifndef STATS_TSCAN_H
#define STATS_TSCAN_H

#include <stddef.h>
#include <stdint.h>

struct tscan_best {
    double llr;      /* 0: no window exceeds its expectation */
    size_t from, to; /* cells [from, to) */
    double observed, expected;
};

/* work holds 2 (n + 1) doubles. Expectations >= 0, not all 0. */
void tscan(struct tscan_best *ret, const double *y, const double *mu, size_t n,
           const size_t *lengths, size_t nlengths, double *work);

enum { TSCAN_LENGTHS = 64 };
/* 1, 2, 3, 4, 6, 8, 11, ...: whole numbers near powers of sqrt(2), up to `most` (all n
 * windows of each length are looked at). Returns how many. */
size_t tscan_geometric(size_t most, size_t ret[TSCAN_LENGTHS]);

/* Naus' scan statistic: P(some window of share w of the time holds k or more of n events
 * spread uniformly) ~ (k/w - n - 1) b(k) + 2 P(B >= k), B binomial(n, w), b its pmf
 * (Wallenstein & Neff 1987, Stat. Med. 6:197). Natural log; good to 5 % for p of .001 to
 * .05, too large above .1, and cut at 0. */
double tscan_naus_log_upper(uint64_t k, uint64_t n, double w);

#endif
