/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * multi - p-values of many tests. THE CORRECTION TABLE.
 *
 * All work on natural logs of p, so that p below 1e-308 keep their order. A NAN
 * (a test that could not be made) stays NAN and counts in n: one failed test
 * must not make the others look better.
 */
#ifndef STATS_MULTI_H
#define STATS_MULTI_H

#include <stddef.h>

struct correction {
    const char *name, *help, *cite;
    /* May alias. NULL: not from p alone but from replicates (models/verdict.c). */
    void (*adjust)(const double *log_p, size_t n, double *ret_log_q);
    /* Of such a row: as how many looks n tests count, for Sidak's price, from m joint
     * replicates (stats/effective.h). NULL: maxT. */
    double (*looks)(const double *null, size_t n, size_t m);
};

extern const struct correction correction_table[]; /* name NULL ends it */
const struct correction *correction_find(const char *name);

/* Step-down maxT of Westfall & Young (1993), algorithm 2.8: observed[j], and
 * null[r * n + j] for m joint replicates; larger is more extreme; p = (1+#)/(m+1),
 * monotone. NAN statistics: observed NAN gives NAN, a NAN replicate counts
 * against the claim. */
void multi_maxt(const double *observed, const double *null, size_t n, size_t m, double *ret_p);

/* ln of the share of m replicates at least as large as each; ties count, NAN is the largest.
 * With it statistics of different scales enter maxT as -ln p: minP of Westfall & Young. May
 * not alias. */
void multi_rank_p(const double *value, size_t m, double *ret_log_p);

/* Step-down maxT of statistics of unlike scales: each test's m + 1 values, the observed among
 * them, are set to mean 0 and deviation 1 before (a NAN replicate is the largest). All rows
 * enter alike, so that p stays exact where rows are exchangeable. Unlike minP, whose ranks end
 * at 1/(m+1) for each test, it needs no more replicates for more tests; where laws differ in
 * shape, tests with the longer tail weigh more in the maximum. ret_raw: p of each test alone,
 * (b+1)/(m+1); ret_p: after the others. */
void multi_maxt_standard(const double *observed, const double *null, size_t n, size_t m,
                         double *ret_raw, double *ret_p);

/* Share of true nulls, Storey (2002, JRSS B 64:479), lambda .5: (#{p > .5} + 1) / (.5 n), at
 * most 1. It is 1, and says nothing, for fewer than 200 tests and where more than one p in
 * twenty is 1: a lump of a discrete law, which a randomised p does not have. NAN counts as
 * p > .5. */
double multi_pi0(const double *log_p, size_t n);

/* What values a test's p can take under its null: ln p ascending, up to 0, each reached with
 * just its probability, P(p <= x) = x. n 0: a continuous law, or one too fine to list. */
struct multi_law {
    size_t n;
    const double *log_p;
};

/* FALSE DISCOVERY RATE OF DISCRETE TESTS, step-down (procedure HSD of Doehler, Durand & Roquain
 * 2018, Electron. J. Stat. 12:1867; R's DiscreteFDR: DBH, direction "sd"). With F_i(t) the
 * largest value <= t that p_i can take, rank k is rejected when for all ranks j <= k
 *
 *     sum_i F_i(p_(j)) / (1 - F_i(p_(j))) <= alpha j.
 *
 * A sparse pair that cannot reach t does not pay for the others. Holds for independent tests;
 * of all-continuous laws it is BH's step-down with p / (1 - p). q is at least p. A NAN counts
 * as a continuous test that was not rejected. n + sum of laws' n numbers are sorted. */
void multi_dbh(const double *log_p, const struct multi_law *laws, size_t n, double *ret_log_q);

#endif
