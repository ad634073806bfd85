/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * evalue - evidence that may be looked at again and again (methods.md G8).
 *
 * An e-value E has expectation at most 1 under the null, so P(E >= 1/alpha) <= alpha; an
 * e-process keeps that at every stopping time, so that looking daily costs nothing. All on
 * natural logs. Several e-values are merged by their mean under any dependence, by their
 * product when each is valid given the ones before.
 */
#ifndef STATS_EVALUE_H
#define STATS_EVALUE_H

#include <stddef.h>
#include <stdint.h>

/* Gamma mixture of likelihood ratios for a rate: n events where lambda0 were expected (the
 * compensator: any baseline known beforehand, summed over exposure), rate ratio ~ Gamma(shape,
 * rate) under the alternative; shape = rate = 2 here means a ratio of 1 with sd .7:
 *     ln E = lambda0 + a ln b + lnG(a + n) - lnG(a) - (a + n) ln(b + lambda0)
 * Robbins & Siegmund 1974 (Ann. Stat. 2:415). Evidence for any ratio but 1. */
double log_e_rate(uint64_t n, double lambda0, double shape, double rate);

/* A p-value as an e-value: kappa p^(kappa - 1), kappa in (0, 1). Vovk & Wang 2021 (Ann. Stat.
 * 49:1736). Always less than 1/p. */
double log_e_of_p(double log_p, double kappa);

double log_e_mean(const double *log_e, size_t n); /* n >= 1 */

/* e-BH (Wang & Ramdas 2022, JRSS B 84:822): the false discovery rate under any dependence;
 * BH on 1/e. q of a NAN is NAN, and it counts. May alias. */
void e_bh(const double *log_e, size_t n, double *ret_log_q);

#endif
