/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * blocks - a series as stretches of constant rate, the best of all 2^(n-1) ways (methods.md
 * F3; Scargle, Norris, Jackson & Chiang 2013, ApJ 764:167).
 *
 *     maximise  sum over blocks { N ln(N/U) } - penalty (blocks - 1)
 *
 * N the events of a block, U its exposure, so that time without data is no low rate and
 * time behind a cache is no silence. Dynamic programming, O(n^2) on n cells. Scargle's
 * own penalty, 4 - ln(73.53 p0 n^-.478), holds for Poisson events on a clock; with
 * exposure and clustering it does not, so a penalty is read off series that have one
 * block (blocks_critical): the least at which a series falls into one.
 */
#ifndef STATS_BLOCKS_H
#define STATS_BLOCKS_H

#include <stddef.h>

/* ret_from gets the first cell of each block, n at most; returns how many. work holds
 * 3 (n + 1) doubles. A block without exposure has fitness 0. */
size_t blocks_find(const double *y, const double *u, size_t n, double penalty, size_t *ret_from,
                   double *work);

/* The least penalty at which the series is one block, to 1e-3 of itself; 0 if it is one
 * without. work holds 3 (n + 1) doubles, cells n. */
double blocks_critical(const double *y, const double *u, size_t n, size_t *cells, double *work);

#endif
