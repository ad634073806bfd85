/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * split - did a rate change once, at a date that nobody named before? (methods.md E2)
 *
 *     LR(d) = 2 { a ln(a/A) + b ln(b/B) - (a + b) ln((a + b)/(A + B)) }
 *
 * a, b counts before and after cell d, A, B their exposures; 0 ln 0 = 0. Its maximum over
 * dates has no chi-square law (Worsley 1986, Biometrika 73:91; Andrews 1993, Econometrica
 * 61:821), and where counts are clustered its size is not even near: p is the share of
 * series drawn without a change (clustered.h) that reach the observed maximum. Both are
 * divided by the dispersion that is left after the best split, over the same lags, so
 * that what the split takes from the clustering is taken from the replicates too.
 *
 * The split is of constant rates: a season belongs in the exposures.
 */
#ifndef STATS_SPLIT_H
#define STATS_SPLIT_H

#include <stddef.h>

#define SPLIT_LEAST_PHI .5

struct split_best {
    double lr;            /* largest LR; NAN: no cell to split at, or no event */
    size_t at;            /* cells [0, at) lie before */
    double before, after; /* rates; 0 where no event */
};

/* Largest LR over at in [first, last], 1 <= first, last <= n - 1. Exposures >= 0; a split
 * that leaves a side without exposure is passed over. */
void split_scan(struct split_best *ret, const double *y, const double *e, size_t n,
                size_t first, size_t last);

/* LR of one split. */
double split_lr(const double *y, const double *e, size_t n, size_t at);

/* How much of the dispersion the same sum of autocovariances shows on average, where cells are
 * independent with variance phi mu: residuals of a fitted rate sum to 0 on each side of `at`,
 * cov(r_i, r_j) = phi (mu_i [i = j] - mu_i mu_j / sum of mu), which every lag takes up. 28 and
 * 14 even days: .8223, so that an interval by the raw phi is a tenth too narrow. */
double split_phi_shown(const double *mu, size_t n, size_t at);

/* Long-run dispersion of counts about fitted means: phi = 1 + 2 sums of autocovariances of the
 * residuals to lag floor(n^(1/3)) with Bartlett's weights (Newey & West 1987), over the
 * mean, at least SPLIT_LEAST_PHI. */
double split_dispersion(const double *y, const double *mu, size_t n);

/* lr over the dispersion left by the split. ret_mu gets the n fitted means. */
double split_studentised(const struct split_best *s, const double *y, const double *e, size_t n,
                         double *ret_mu);

#endif
