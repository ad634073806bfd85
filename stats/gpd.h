/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gpd - the tail of replicates by a generalised Pareto law, for p below their resolution
 * (methods.md K6; Knijnenburg et al. 2009, Bioinformatics 25:i161). What it gives is
 * extrapolated: it is printed with that word and never decides.
 *
 *     P(X - u >= y | X >= u) = (1 + shape y / scale)^(-1 / shape), shape 0: exp(-y / scale)
 *
 * The shape is held in [0, 1/2]: a negative one ends the tail at a finite point and makes p 0
 * behind it.
 */
#ifndef STATS_GPD_H
#define STATS_GPD_H

#include <stddef.h>
#include <stdint.h>

#include "stats/rng.h"

struct gpd {
    double scale, shape;
};

/* Maximum likelihood on n excesses y >= 0, by the profile over the shape (GSL, Brent); shape
 * from `lo` to `hi`. -1, *ret untouched, for n < 2, or excesses negative, not finite or all 0.
 */
int gpd_fit(struct gpd *ret, const double *y, size_t n, double lo, double hi);
double gpd_log_upper(double y, const struct gpd *g);

/* ln of an extrapolated p of `observed` among m replicates (NAN: as large as any): tail of the
 * largest 250, never below 1 / (100 (m + 1)). NAN where m < 9,999 or
 * the fit is refused at .05 by Anderson and Darling's distance over 99 refitted samples. */
double gpd_tail(const double *value, size_t m, double observed, struct rng *r);

#endif
