/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * twobytwo - one cell of a table against the rest, by the measures that other programs
 * print (methods.md B4). For comparison only: they take every count for independent, and
 * the customary rule N >= 3, PRR >= 2, chi-squared >= 4 has no error rate.
 *
 *              the name   other names
 *   client         a           b         ROR = ad / (bc)
 *   others         c           d         PRR = (a / (a+b)) / (c / (c+d))
 * Where a count is 0, 1/2 is added to all four (Haldane 1956, Ann. Hum. Genet. 20:309).
 * Intervals: Wald on the logarithm, variance of ln ROR 1/a + 1/b + 1/c + 1/d, of ln PRR
 * 1/a - 1/(a+b) + 1/c - 1/(c+d) (Evans, Waller & Davis 2001, Pharmacoepidem. Dr. S.
 * 10:483). Fisher: P(A >= a) given all margins, hypergeometric.
 */
#ifndef STATS_TWOBYTWO_H
#define STATS_TWOBYTWO_H

#include <stdint.h>

struct twobytwo {
    double ror, ror_lo, ror_hi; /* two-sided, equal tails */
    double prr, prr_lo, prr_hi;
    double log_p_fisher; /* ln, one-sided upper */
    double chisq;        /* of Yates, as the customary rule reads it */
};

struct twobytwo twobytwo_make(uint64_t a, uint64_t b, uint64_t c, uint64_t d, double level);

#endif
