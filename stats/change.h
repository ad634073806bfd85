/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * change - the date at which a rate changed, with p and interval (methods.md E2), and the
 * penalty of blocks (F3), both judged by series whose rate wanders as the data's does.
 *
 *     struct change_opts o = {.seed = 1, .subject = id, .replicates = 999};
 *     struct change c;
 *     if (change_test(&c, y, e, n, &o) == 0) ... c.log_p, c.split.at, c.lo, c.hi
 *
 * The scatter and memory of the replicates are those left by the best split (a change must
 * not be read as clustering), and are refitted in each replicate by the same steps; p =
 * (b+1)/(m+1). Poisson's law comes out where nothing more is left. The interval holds the
 * dates whose LR lies short of the best by less than 95 % of replicates with a change at
 * the found date show between their best and their true date, at the scatter of the data.
 *
 * Cannot tell a change from a wander longer than the series: of series with log-rate AR(1),
 * rho .9 a day, see docs/validation.md (V9).
 */
#ifndef STATS_CHANGE_H
#define STATS_CHANGE_H

#include "stats/clustered.h"
#include "stats/mc.h"
#include "stats/split.h"

struct change_opts {
    uint64_t seed, subject;
    uint32_t replicates; /* of p; half as many for the interval */
};

struct change {
    struct split_best split;
    double statistic; /* LR over its dispersion */
    double log_p;
    struct mc mc;
    size_t lo, hi;         /* the date's 95 % interval, as first cells after the change */
    struct clustered left; /* scatter and memory after the split */
};

enum { CHANGE_CELLS = 12, CHANGE_EVENTS = 10 };

/* y counts, e exposures (or expected counts) of n cells. -1, *ret untouched, below
 * CHANGE_CELLS cells with exposure or CHANGE_EVENTS events. Dates in the first and last
 * tenth of the exposure are not looked at. */
int change_test(struct change *ret, const double *y, const double *e, size_t n,
                const struct change_opts *o);

/* The dates that are looked at, as first cells after the change; both 0: none. */
void change_reach(const double *e, size_t n, size_t *ret_first, size_t *ret_last);

/* What change_test dates a change to, by itself: first cell after it; n: nothing to date. */
size_t change_date(const double *y, const double *e, size_t n);

/* The same at a date that was stated before (methods.md E1): the signed root of LR at cell
 * `at` over its dispersion, larger where the rate changed in the direction `sign`; NAN where
 * a side has no exposure, or nothing no event. work holds n doubles. */
double change_at(const double *y, const double *e, size_t n, size_t at, int sign, double *work);
/* Scatter and memory left by a split at that date, for its replicates. */
void change_left(struct clustered *ret, const double *y, const double *e, size_t n, size_t at,
                 const struct change_opts *o);

/* The penalty at which a series of one block falls into more with probability p0, from m
 * series of the scatter and memory that `left` states. */
double change_penalty(const struct clustered *left, const double *y, const double *e, size_t n,
                      double p0, const struct change_opts *o);

#endif
