/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gof - goodness of fit of gaps to the exponential law, exact for every sample
 * size (methods.md C1, C5).
 *
 * Under a Poisson law, gaps divided by their sum are Dirichlet(1, ..., 1)
 * whatever the rate; so every scale-free statistic of them has a null law that
 * depends on n only and is drawn by Monte Carlo from normalised exponentials.
 *
 *     double s = gof_statistic("ad")->eval(gaps, n, work);
 *     gof_dirichlet(stat, gaps, n, 999, &r, &mc_upper, &mc_lower);
 */
#ifndef STATS_GOF_H
#define STATS_GOF_H

#include <stddef.h>

#include "stats/mc.h"
#include "stats/rng.h"

struct gof_stat {
    const char *name, *help, *cite;
    /* gaps in order of time, n >= 2, all >= 0, sum > 0; work holds n doubles.
     * NAN where it is undefined. */
    double (*eval)(const double *gaps, size_t n, double *work);
};

/* ks, ad (Anderson-Darling), cv, lv (Shinomoto 2003), cv2 (Holt 1996), gini,
 * moran (sum of -ln), max (Fisher's g), min */
extern const struct gof_stat gof_table[]; /* name NULL ends it */
const struct gof_stat *gof_find(const char *name);

/* Monte Carlo under Dirichlet(1..1): exceedances of the upper tail (value >=
 * observed) and of the lower (value <= observed). work holds 2 n doubles. */
void gof_dirichlet(const struct gof_stat *s, double observed, size_t n, uint32_t m,
                   struct rng *r, double *work, struct mc *ret_upper, struct mc *ret_lower);

double gof_fisher_g_p(double g, size_t n);             /* exact P(max share >= g), in (0,1] */
double gof_ks_uniform(const double *sorted, size_t n); /* sup |F_n - F| on (0,1) */
double gof_ks_p(double d, size_t n);                   /* Marsaglia/Stephens asymptotic */

#endif
