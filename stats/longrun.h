/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * longrun - the longest rising run among n values in random order, by its exact law.
 *
 * q_n = P(no k in a row rise) of a random order of n different values has the generating
 * function (David & Barton 1962, Combinatorial Chance, ch. 10; Goulden & Jackson 1983,
 * Combinatorial Enumeration, 2.4.19)
 *
 *     sum q_n x^n = 1 / sum_j (x^(jk)/(jk)! - x^(jk+1)/(jk+1)!),
 *
 * so q_n = q_{n-1} - sum_{j>=1} (q_{n-jk}/(jk)! - q_{n-jk-1}/(jk+1)!), q_0 = 1, nothing below
 * 0. 1 - q_n is what is summed, so that small p keep their digits. Far out q_n falls by the
 * root of the denominator next to 0: from n = 60 k on its last ratio is used, which by then is
 * constant to rounding. Mean lengths agree with Knuth, TAOCP 2, 3.3.2 G and Levene & Wolfowitz
 * 1944 (Ann. Math. Stat. 15:58), who have the number of runs, not the longest.
 *
 * Equal values end a strict run. Of exchangeable values with ties the law is an upper bound:
 * with ties broken at random the order is a random one, and its runs hold the strict ones. So
 * it is for several sequences with n values in all, each exchangeable and apart from the
 * others: laid end to end, the runs of the whole hold those of the parts. Falling runs have
 * the law of rising ones.
 */
#ifndef STATS_LONGRUN_H
#define STATS_LONGRUN_H

#include <stdint.h>

/* ln P(k or more in a row rise | n values); -INFINITY where k > n, 0 where k <= 1. */
double longrun_log_upper(uint64_t k, uint64_t n);

#endif
