/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * blocks - a series as stretches of constant rate, the best of all ways to cut it (methods.md
 * F3; Jackson et al. 2005, IEEE Signal Process. Lett. 12:105; Scargle, Norris, Jackson & Chiang
 * 2013, ApJ 764:167).
 *
 *     maximise  sum over blocks { N ln(N/U) } - penalty (blocks - 1)
 *
 * N the events of a block, U its exposure, so that time without data is no low rate and
 * time behind a cache is no silence. Dynamic programming, O(n^2) on n cells, also in memory:
 * first what each stretch of cells is worth as a block (gains), then the best cut of them.
 * Gains of several series add up to those of borders that they have in common (stats/joint.h).
 *
 * Scargle's own penalty, 4 - ln(73.53 p0 n^-.478), holds for Poisson events on a clock; with
 * exposure and clustering it does not, so a penalty is read off series that have one
 * block (blocks_critical): the least at which a series falls into one.
 */
#ifndef STATS_BLOCKS_H
#define STATS_BLOCKS_H

#include <stddef.h>

/* n >= 1. ret_from gets the first cell of each block, n at most; returns how many. A block
 * without exposure has fitness 0. */
size_t blocks_find(const double *y, const double *u, size_t n, double penalty,
                   size_t *ret_from);

/* The least penalty at which the series is one block, to 1e-3 of itself; 0 if it is one
 * without. */
double blocks_critical(const double *y, const double *u, size_t n);

/* Cells [from, to) as a block are worth gain[blocks_at(from, to)]. */
static inline size_t blocks_at(size_t from, size_t to)
{
    return to * (to - 1) / 2 + from;
}
/* How many gains n cells have, and all of them of one series. */
static inline size_t blocks_pairs(size_t n)
{
    return n * (n + 1) / 2;
}
void blocks_gains(const double *y, const double *u, size_t n, double *ret_gain);

/* The same two from gains, with blocks of `least` cells or more (>= 1; one block always is). */
size_t blocks_cut(const double *gain, size_t n, size_t least, double penalty, size_t *ret_from);
double blocks_cut_critical(const double *gain, size_t n, size_t least);
/* The best cut into `pieces` blocks; into fewer where so many do not fit. */
size_t blocks_cut_into(const double *gain, size_t n, size_t least, size_t pieces,
                       size_t *ret_from);

#endif
