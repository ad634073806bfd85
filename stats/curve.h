/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * curve - joint inference over many specifications of one analysis (Simonsohn, Simmons &
 * Nelson 2020, Nat. Hum. Behav. 4:1208; methods.md G7).
 *
 * Each of m surrogates went through all S specifications, as the data did. Larger is more of
 * the claim. The p of a row (data or surrogate) under a specification is its rank among all
 * m + 1 rows, ties counted against it; so nothing is assumed of how specifications depend.
 * Four statistics of a row, larger is more:
 *   median    of its effects
 *   share     of its p at or below .05
 *   stouffer  sum of z(mid-p) / sqrt(S)
 *   least     -ln of its smallest p
 * and of each p = (b + 1) / (m + 1), b surrogates at least as large. Under the null rows are
 * exchangeable, and each p is exact. The smallest p itself, the best specification, is
 * not a p.
 */
#ifndef STATS_CURVE_H
#define STATS_CURVE_H

#include <stddef.h>

enum curve_statistic {
    CURVE_MEDIAN,
    CURVE_SHARE,
    CURVE_STOUFFER,
    CURVE_LEAST,
    CURVE_STATISTICS
};
extern const char *const curve_statistic_names[];

struct curve {
    double observed[CURVE_STATISTICS], p[CURVE_STATISTICS];
};

/* observed: S effects, finite; null[r * S + j]: of surrogate r; NAN counts as the largest.
 * ret_p: S, of the data under each specification. */
void curve_joint(struct curve *ret, const double *observed, const double *null, size_t S,
                 size_t m, double *ret_p);

#endif
