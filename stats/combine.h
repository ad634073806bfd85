/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * combine - what a p-value weighs: several of them together, against unnamed
 * alternatives, and after a search of unknown size. THE COMBINATION TABLE.
 *
 * All on natural logs of p, so that nothing underflows.
 */
#ifndef STATS_COMBINE_H
#define STATS_COMBINE_H

#include <stddef.h>

/* p of the global null from n p-values of one question each. n >= 1; any NAN gives NAN. */
struct combination {
    const char *name, *help, *cite;
    double (*log_p)(const double *log_p, size_t n);
};

/* Independent p only: fisher (-2 sum ln p ~ chi2(2n)), stouffer (sum z / sqrt n), tippett
 * (1 - (1 - min p)^n), mudholkar_george (sum of logits, t with 5n + 4 degrees of freedom).
 * Under any dependence: bonferroni (n min p). Nearly so: cauchy (mean of cot(pi p) is again
 * Cauchy; p above .99 counts as .99, or one of them would outweigh every other). */
extern const struct combination combination_table[]; /* name NULL ends it */
const struct combination *combination_find(const char *name);

/* The largest likelihood ratio for any alternative (p with density k p^(k-1), k <= 1) against
 * the null that p can bear: 1 / (-e p ln p), and 1 from p = 1/e up. Its logarithm. Sellke,
 * Bayarri & Berger 2001 (Am. Stat. 55:62). An upper bound: the evidence is less. */
double log_sellke_bound(double log_p);

/* THE HIDDEN SEARCH: how many looks (pairs, windows, statistics), each independent and with
 * nothing in it, give a p this small with the chance `level`: 1 - (1 - p)^n = level. With
 * level .5 the finding is then ordinary. INFINITY only for ln p = -INFINITY. */
double looks_to(double log_p, double level);

/* ln of the likelihood ratio of a match found by p: 1/p when the pair was named beforehand
 * (looks 1), 1/(N p) when it is the best of N, at least 1. The pair of them brackets what a
 * search in a database leaves (Stockmarr 1999, Biometrics 55:671; Balding 2002, ibid. 58:241,
 * on why they differ). */
double log_match_ratio(double log_p, double looks);

#endif
