/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * thetas - the scatter of one series among those of others: ln theta of the negative binomial
 * by its own likelihood times what the others say of it (methods.md A4, A10; as edgeR weighs a
 * gene by all genes: McCarthy, Chen & Smyth 2012, Nucleic Acids Res. 40: 4288).
 *
 * ln theta of the members is normal with centre c and sd tau, on a grid from -8 to 14, whose
 * end is Poisson's law: a member that shows no scatter says that theta is large, which moments
 * of estimates cannot hold. What the others leave open of c (uniform on the grid) and tau (1/4
 * to 4, a factor of root 2 apart) is averaged over by their likelihoods
 *
 *     p(x | others) = sum over c, tau of N(x; c, tau) prod_i sum_x L_i(x) N(x; c, tau)
 *
 * so three others say little and forty much. A member's ln theta is at the maximum of ln L(x) +
 * ln p(x | others), with two limits. ln L is at most half a unit below its own maximum: limited
 * translation by one standard error (Efron & Morris 1972, JASA 67: 130). And the others may add
 * scatter, never take it away: of a pair whose own is large they would else make the false
 * alarms that the method is there to avoid. Bursts of pairs with 75 sessions at .05: theta .3
 * among others of .3, .057 by their own theta, .051 so; theta .1 among them, .047 by its own,
 * .051 so, .073 drawn both ways (R 3,000 and 1,500). L should be Cox & Reid's adjusted profile
 * likelihood (stats/dispersion.h) where more than a rate is fitted. It is climbed by steps of 2
 * to 1/4, then the maximum is that of the parabola through three points.
 */
#ifndef STATS_THETAS_H
#define STATS_THETAS_H

#include <stddef.h>

enum { THETAS_GRID = 89 }; /* ln theta = -8, -7.75, ..., 14 */

double thetas_at(size_t k); /* ln theta of grid point k */

struct thetas {
    size_t members;
    double log_prior[THETAS_GRID]; /* 0 without others */
};

/* From log-likelihoods of n members over the grid, `without` (n: none) left out. */
void thetas_law(struct thetas *ret, const double (*loglik)[THETAS_GRID], size_t n,
                size_t without);

typedef double thetas_fn(double theta, void *ctx); /* log-likelihood up to a constant */

/* theta of a member, INFINITY for Poisson's law; the climb begins near `start` (any). */
double thetas_best(const struct thetas *others, thetas_fn *loglik, void *ctx, double start);

#endif
