/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * joint - at which dates did the rates of several series change together? Each series keeps a
 * rate of its own between any two dates.
 *
 *     maximise  sum over series { (1/phi_k) sum over blocks N ln(N/U) } - penalty (blocks - 1)
 *
 * over all ways to cut the cells into blocks that are the same for all series (optimal
 * partitioning: Jackson et al. 2005; Killick, Fearnhead & Eckley 2012, JASA 107:1590, whose
 * pruning n^2 of some hundred cells does not need). phi_k is the long-run dispersion (split.h)
 * of what the series' own best cut leaves, at least 1, as it is of every replicate, so that a
 * series that scatters does not rule. A block has a twentieth of the cells or more, and two at
 * least: a date is where a rate changed and stayed.
 *
 * Judged by series that are steady and wander as the data do: scatter and memory of each
 * (clustered.h) are what its own best cut leaves, corrected for what cutting takes
 * (clustered_give_back); their innovations have the correlation `common` of any two series,
 * z = sqrt(c) w + sqrt(1 - c) v, c by the moment
 *     ln(1 + sum r_j r_k / sum mu_j mu_k) / mean of s_j s_k,
 * corrected the same way: days that are busy for all must not be read as dates. Everything
 * that is fitted to the data is fitted to each of them.
 *
 * In two steps, as several steps look like memory to one cut, and memory like steps to many.
 * Is there any date: own cuts into two, log_p the rank of the least penalty at which the data
 * have none. Only then which: own cuts into one block more every four weeks of cells
 * (joint_pieces), and the penalty at which one in twenty of the steady series has a date. (Own
 * cuts into six from the start called .24 of steady series whose log rate is AR(1), .9 a day,
 * sd .3; cuts into two alone found one of the five steps of studies/alfa-2016.)
 *
 *     struct joint j;
 *     struct joint_opts o = {.seed = 1, .subject = id, .replicates = 999};
 *     if (joint_find(&j, s, k, n, &o) == 0) ... j.dates[0].at
 *     joint_free(&j);
 *
 * Of each date, between its neighbours:
 *   log_p          the sum of LR_k/phi_k among the largest such sums of the steady series;
 *   lo, hi         95 % interval as in change.h: dates whose sum lies short of the best by less
 *                  than replicates with the change at the found date show at their true one;
 *   log_p_apart    did all series change at one date? sum over k of the largest LR_k/phi_k less
 *                  the largest sum, among the same replicates: small where dates differ;
 *   of each series: rates, LR/phi; log_p among LR_k/phi_k of steady series at the date of the
 *                  largest sum (a date that others chose is less favourable, so it is bounded);
 *                  log_p_joint by the least rank over all series and dates (min-P of Westfall &
 *                  Young 1993): small for any series that is steady in at most so many logs.
 *
 * Cannot tell a change from a wander longer than the blocks, nor see a date nearer to another
 * or to an end than a block.
 */
#ifndef STATS_JOINT_H
#define STATS_JOINT_H

#include "stats/clustered.h"
#include "stats/mc.h"

struct joint_series {
    const double *y, *e; /* n counts and exposures (or expected counts) */
    uint64_t id;         /* names its random numbers, whatever its place among the series */
};

struct joint_opts {
    uint64_t seed, subject;
    uint32_t replicates; /* of the penalty and each p; half as many for intervals */
};

struct joint_part {
    double before, after; /* rates */
    double statistic, log_p, log_p_joint;
};

struct joint_date {
    size_t from, at, to; /* cells [from, at) before, [at, to) after */
    size_t lo, hi;       /* first cells after the change */
    double statistic, log_p;
    double apart, log_p_apart;
    struct joint_part *part; /* k of them */
};

struct joint {
    size_t k, n, ndates, least; /* least: cells of a block */
    double penalty;
    double log_p; /* of any date */
    struct mc mc;
    double common;
    double *phi;
    struct clustered *left;
    struct joint_date *dates;
    double *largest; /* largest sum of each replicate, ascending */
};

enum { JOINT_CELLS = 12, JOINT_EVENTS = 10, JOINT_WEEKS = 28, JOINT_PIECES = 6 };

/* Blocks of the cut that scatter is read off: one, and one more every JOINT_WEEKS cells, two to
 * JOINT_PIECES. */
size_t joint_pieces(size_t n);

/* -1, *ret untouched, without a series, below JOINT_CELLS cells on which any is exposed, or if
 * a series has less than JOINT_EVENTS events. Memory: n^2/2 doubles a series. */
int joint_find(struct joint *ret, const struct joint_series *s, size_t k, size_t n,
               const struct joint_opts *o);
void joint_free(struct joint *j);

bool joint_takes_part(const struct joint_part *p); /* log_p_joint at .05 or less */

/* p of a sum of LR_k/phi_k at a date that was found: as that of a date, for a sum of the same
 * series under other exposures. */
double joint_log_p(const struct joint *j, double statistic);

#endif
