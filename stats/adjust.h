/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * adjust - simulated numbers brought to where the data are: of rows of d numbers some are
 * given (nuisance), and the others are moved along their least-squares line on these,
 *
 *     x_k <- x_k - sum over given g of B_kg (x_g - at_g),
 *
 * so that what is left of them is what a model says once the given ones are as in the data
 * (the regression adjustment of Beaumont, Zhang & Balding 2002, Genetics 162:2025, with all
 * rows of weight 1). A given number that does not vary moves nothing.
 */
#ifndef STATS_ADJUST_H
#define STATS_ADJUST_H

#include <stdbool.h>
#include <stddef.h>

struct adjust {
    size_t d, ngiven;
    const bool *given; /* d; borrowed */
    double *slope;     /* (d - ngiven) x ngiven, in the order of the columns */
};

/* x: n rows of d, n >= 2. */
void adjust_fit(struct adjust *a, const double *x, size_t n, size_t d, const bool *given);
void adjust_free(struct adjust *a);
/* The d - ngiven others of one row, moved to `at` (d numbers; only the given are read). */
void adjust_row(const struct adjust *a, const double *row, const double *at, double *ret);

#endif
