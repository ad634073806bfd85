/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * peers - what the other pairs say about a pair's total.
 *
 * The expectation of a cell is E = (R - x)(C - x) / (N - R - C + x): the maximum
 * likelihood fill of a missing cell under quasi-independence (Goodman 1968, JASA
 * 63: 1091). R and C are the totals of its client and its name, N of all, x its
 * own. Totals are negative binomial about it; theta maximises the sum of the log
 * likelihoods of all cells but the pair's own, each about its own leave-one-out
 * expectation, empty cells included. So theta also carries the error of E itself, in
 * the bulk: in 60 x 80 tables with theta 10, 2 and .5 a randomised p is below .05 in
 * .053, .055 and .059 of cells, below .001 in .0011, .0014 and .0024 (test_peers): a far
 * tail is a factor of two or so too thin. models/level.h makes the law that is used.
 *
 * The sum is tabulated on a grid of ln theta; leaving a cell out takes its term
 * off the table. The maximum is that of the parabola through the best three
 * points: within .02 of the true one in ln theta (tested). Empty cells are summed
 * over distinct totals of clients x distinct totals of names, exactly while those
 * are at most 512 x 512; beyond, totals are binned 1/32 octave or wider, which
 * moves the sum by less than a part in 10,000 (tested).
 */
#ifndef MODELS_PEERS_H
#define MODELS_PEERS_H

#include <stddef.h>
#include <stdint.h>

struct peers_cell {
    uint32_t client, name;
    uint64_t x;
};

enum { PEERS_GRID = 89 }; /* ln theta = -8, -7.75, ..., 14 */

struct peers {
    const struct peers_cell *cells; /* borrowed */
    size_t n;
    size_t nclients, nnames;
    double *client, *name; /* totals */
    double total;
    double client_squares, name_squares; /* sums of squares of those totals */
    double loglik[PEERS_GRID];           /* of all cells that have an expectation */
};

void peers_make(struct peers *p, const struct peers_cell *cells, size_t n, size_t nclients,
                size_t nnames, size_t threads);
void peers_free(struct peers *p);

/* NAN where the others say nothing: no other client asked for the name, the client
 * asked for no other name, or nobody did anything else. */
double peers_expected(const struct peers *p, size_t cell);

/* theta without that cell; cell >= n: with all. INFINITY at the upper end. */
double peers_theta(const struct peers *p, size_t cell);

double peers_ln_theta(size_t k); /* of grid point k */

#endif
