/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * effective - as how many independent looks do n dependent ones count (methods.md G4)? Put into
 * Sidak's price, p_N = 1 - (1 - p)^N.
 *
 * li_ji: of the eigenvalues x of the tests' correlation, sum of 1{x >= 1} + x - floor(x): each
 * direction in which the tests vary is a look, whole ones once (Li & Ji 2005, Heredity 95: 221;
 * R's poolr: meff(R, method = "liji")). An approximation; correlations are of normal scores of
 * p. replicates: the N whose price is right at .05, ln(.95) / ln(1 - p*) with p* the lower .05
 * quantile of the least p of m joint replicates.
 *
 * Both take joint replicates on the scale -ln p, replicate by replicate: null[r * n + j]. Both
 * lie in 1 .. n. maxT (stats/multi.h) is exact where its replicates reach far enough; these
 * go on below 1/(m + 1).
 */
#ifndef STATS_EFFECTIVE_H
#define STATS_EFFECTIVE_H

#include <stddef.h>

double effective_li_ji(const double *null, size_t n, size_t m);
double effective_replicates(const double *null, size_t n, size_t m);

/* Of a correlation matrix, n x n, which is destroyed. */
double effective_of_correlation(double *correlation, size_t n);

#endif
