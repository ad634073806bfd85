/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * describe - measures of regularity that describe and decide nothing (methods.md C5, C7,
 * C10).
 *
 * RITA's score of time (activecm/rita, version 4) of raw gaps: mean of 1 - |Bowley skew|
 * and max(0, 1 - MADM / median), each 0 to 1, 1 for a perfect timer. Demand without memory
 * behind a busy cache scores .70 to .85, so the score is no evidence of a timer: gaps of
 * ttl + Exp(lambda) have Bowley skew ln(4/3)/ln 3 and MADM asinh(1/2)/lambda.
 *
 * Fano's factor: variance over mean of counts in buckets; Allan's: mean square of the
 * difference of neighbours over twice the mean (Lowen & Teich 2005, Fractal-Based Point
 * Processes). Both 1 for a Poisson process, (1 + lambda ttl)^-2 for long buckets behind a
 * cache.
 */
#ifndef STATS_DESCRIBE_H
#define STATS_DESCRIBE_H

#include <stddef.h>

struct describe_rita {
    double skew, mad, score;
};
/* NAN below 3 gaps. Skew is 0 where the quartiles are less than 10 s apart, or the median
 * is one of them, as in RITA's source. */
struct describe_rita describe_rita(const double *gaps, size_t m);
struct describe_rita describe_rita_cache(double load); /* expected; load = lambda ttl */

/* Rank correlation (Spearman) of neighbouring gaps, mean ranks for ties; NAN below 3. */
double describe_lag1(const double *gaps, size_t m);

/* Of n counts; NAN below 2 or without an event. */
double describe_fano(const double *count, size_t n);
double describe_allan(const double *count, size_t n);

#endif
