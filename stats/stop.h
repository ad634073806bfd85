/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stop - how rare is the silence at the end of a series? Three answers (methods.md E6),
 * because the choice of one moves the figure by many decades:
 *
 *     Poisson            exp(-L), L expected in the silence
 *     negative binomial  (theta / (theta + mu))^(theta d), mu a day for d days
 *     rank               (1 + sum of (gap - s)+ / mean gap) / (gaps + 1), s the silence: how
 * many of as many moments as there are gaps have such a silence behind them, whatever the law
 * of gaps
 *
 * Ranked among gaps by their number the silence was .12 to .14 at .05 where days scatter (theta
 * .5, two a day): a moment falls into a long gap more often than a gap is long. So it is .061
 * there, .050 at an even rate (V9): long gaps are few, and how much lies beyond them is little
 * known.
 *
 * That there is a stop says nothing of what made it, or of whether it was timed by
 * anything.
 */
#ifndef STATS_STOP_H
#define STATS_STOP_H

#include <stddef.h>

struct stop {
    double log_poisson, log_negbin, log_rank; /* natural logs */
};

/* `expected` in a silence of `days`; theta of days, INFINITY for Poisson; n gaps in any
 * order and the last, unfinished one. */
struct stop stop_log_p(double expected, double days, double theta, const double *gaps, size_t n,
                       double last);

/* Placebo by sliding blocks: the `cells` after a date are set beside every stretch of as
 * many cells before it; p = (1 + blocks at least as extreme) / (1 + blocks). sign -1: small
 * is extreme; +1: large is. Blocks without exposure are passed over.
 *   without controls (methods.md E1): (y + 1/2) / (e + 1/2)
 *   with controls (E3's in-time placebo): ln of that less the controls' ln, over
 *     sqrt(1/(y + 1/2) + 1/(cy + 1/2)). The bare difference would reject where everybody's
 *     rate falls, since small counts scatter more than the blocks before did. */
struct placebo {
    double observed, least, largest; /* of the blocks before */
    size_t blocks, reach;
    double log_p;
};

/* y, e: expectations, on a scale with y; control_y NULL: none. at: first cell after the date,
 * with `cells` cells from there on. blocks 0: nothing to compare with, log_p 0. */
void placebo_blocks(struct placebo *ret, const double *y, const double *e,
                    const double *control_y, const double *control_e, size_t at, size_t cells,
                    int sign);

#endif
