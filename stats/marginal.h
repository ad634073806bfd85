/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * marginal - ln of the integral of a likelihood over a prior, three ways that must agree
 * (methods.md H3). The prior is uniform on the unit cube: the caller maps u to his parameters.
 *
 *     grid        mean over the mid-points of a grid. Its cells are halved in all directions
 *                 where they hold more than e^-30 of the largest, and then on, the worst first,
 *                 until what halving changed, summed and as root of squares, is at most
 *                 MARGINAL_ERROR of the whole; a third of that sum is added (Richardson). A
 * likelihood is not read to its end where its cell holds at most e^-60 of the largest so far:
 * less than 1e-13 of the whole is lost of a million cells, or, where the largest has shrunk by
 * 30 since, all is computed again without a floor importance  from a t law with 5 degrees of
 * freedom about the mode, in log odds of u bridge      Meng & Wong's (1996, Stat. Sinica 6:831)
 * optimal bridge between draws of the posterior, by Metropolis in log odds, and a normal law
 * fitted to half of them
 *
 * The harmonic mean is not among them: its variance is infinite.
 */
#ifndef STATS_MARGINAL_H
#define STATS_MARGINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/rng.h"

enum { MARGINAL_D = 4 };
#define MARGINAL_ERROR .02

struct marginal_target {
    /* u in (0,1)^d; -INFINITY allowed. At or below `floor`, which nothing is read of: -INFINITY
     * may be returned as soon as that is known. */
    double (*loglik)(const void *ctx, const double *u, double floor);
    const void *ctx;
    size_t d;
    size_t steps[MARGINAL_D]; /* of the grid, a dimension */
};

/* ret_mode: the best grid point (d values); ret_below: for each dimension the posterior
 * probability of u below at[k] (NULL: not wanted). Both may be NULL. */
double marginal_grid(const struct marginal_target *t, double *ret_mode, const double *at,
                     double *ret_below);

/* *ret_se: standard error. NAN where the likelihood is 0 about the mode. */
double marginal_importance(const struct marginal_target *t, const double *mode, size_t n,
                           struct rng *r, double *ret_se);
double marginal_bridge(const struct marginal_target *t, const double *mode, size_t n,
                       struct rng *r);

#endif
