/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gumbel - the law of maxima with light tails, for p below the resolution of m
 * replicates (methods.md F2, G4; Abrams, Kleinman & Kulldorff 2010, Int. J. Health
 * Geogr. 9:61). What it gives is extrapolated: it is printed with that word and never
 * decides.
 *
 *     P(X <= x) = exp(-exp(-(x - loc) / scale))
 *
 *     struct gumbel g;
 *     if (gumbel_fit(&g, maxima, m) == 0 && gumbel_fit_p(&g, maxima, m, 199, &rng) > .05)
 *         log_p = gumbel_log_upper(observed, &g);
 */
#ifndef STATS_GUMBEL_H
#define STATS_GUMBEL_H

#include <stddef.h>
#include <stdint.h>

#include "stats/rng.h"

struct gumbel {
    double loc, scale; /* scale > 0 */
};

/* Maximum likelihood: scale = mean - sum(x w) / sum(w), w = exp(-x / scale), a function
 * with one root (GSL, Brent); loc = -scale ln(mean w). -1, *ret untouched, for n < 2, values
 * that are not finite or all equal; the error is that plain, no struct err. */
int gumbel_fit(struct gumbel *ret, const double *x, size_t n);

double gumbel_log_upper(double x, const struct gumbel *g); /* ln P(X >= x) */
double gumbel_quantile(double p, const struct gumbel *g);  /* P(X <= it) = p */

/* Does a fitted Gumbel law describe x? p of the Anderson-Darling distance to the law
 * fitted by gumbel_fit, over m samples of the law, each refitted: exact, since location
 * and scale drop out. */
double gumbel_fit_p(const struct gumbel *g, const double *x, size_t n, uint32_t m,
                    struct rng *r);

#endif
