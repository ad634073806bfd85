/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stop - how rare is the silence at the end of a series? Three answers (methods.md E6),
 * because the choice of one moves the figure by many decades:
 *
 *     Poisson            exp(-L), L expected in the silence
 *     negative binomial  (theta / (theta + mu))^(theta d), mu a day for d days
 *     rank               turns after which the end is at least as silent / turns, no turn
 * included
 *
 * Turns: the window is joined to a ring and cut at whole cells before its end (a cell is a day
 * where the window is long enough), so that a silence is set beside silences at the same time
 * of day. Where cells are exchangeable, or the ring is as likely after each turn, P(p <= alpha)
 * <= alpha whatever the law within cells (randomisation test: Lehmann & Romano 2005, Testing
 * Statistical Hypotheses, 15.2); p is at least 1 / turns. A window that is no whole number of
 * cells leaves a piece that is no turn, and then so only nearly. Ranks of the silence among
 * gaps are not: by their number .12 to .14 at .05 where days scatter (theta .5, two a day),
 * since a moment falls into a long gap more often than a gap is long; weighed by time .061,
 * since the gaps that the window's borders cut are missing; over the ring at any time of day
 * .055, since shocks end where days do, as the window does.
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

struct silence {
    double expected, cells, theta; /* in the silence; theta of a cell, INFINITY for Poisson */
    const double *t;               /* moments, ascending from the window's start */
    size_t n;                      /* >= 1 */
    double length, turn;           /* of the window; of a cell, in the unit of t */
};

struct stop stop_log_p(const struct silence *s);

/* Placebo by sliding blocks: the `cells` after a date are set beside every stretch of as
 * many cells before it; p = (1 + blocks at least as extreme) / (1 + blocks). sign -1: small
 * is extreme; +1: large is. Blocks without exposure are passed over.
 *   without controls (methods.md E1): (y + 1/2) / (e + 1/2)
 *   with controls (E3's in-time placebo): the signed root of the likelihood ratio of y and cy
 *     beside their equal rate over e and ce. A bare ln of their ratio would reject where
 *     everybody's rate falls, since small counts scatter more than the blocks before did; over
 *     sqrt(1/y + 1/cy), its error, it says less the farther y falls (Hauck & Donner 1977, JASA
 *     72:851): of 12 a day, none lies nearer to the controls than one does, and a fall to .03
 * was found less often than one to .3. */
struct placebo {
    double observed, least, largest; /* of the blocks before */
    size_t blocks, reach;
    double log_p;
};

/* Cells of a stretch for a p of `level`: `after`, or as many as leave 25 stretches side by side
 * in `before` cells, and 1/level - 1 where those are more. Stretches that overlap are alike, so
 * that the next one lies beyond all of them more often than once in their number. With 11 apart
 * (113 days, 10 after) a nominal .05 was .06 for steady days and .09 to .10 for a rate that
 * wanders; with 22, .05 and .07. With 25 apart a nominal .01 is .013 to .018 and .005 is .011
 * to .015; with 99 and 199 apart .009 and .003 (five cells; steady days, 20,000 series). */
size_t placebo_cells(size_t before, size_t after, double level);

/* y, e: expectations, on a scale with y; control_y NULL: none. at: first cell after the date,
 * with `cells` cells from there on. blocks 0: nothing to compare with, log_p 0. */
void placebo_blocks(struct placebo *ret, const double *y, const double *e,
                    const double *control_y, const double *control_e, size_t at, size_t cells,
                    int sign);

#endif
