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
};

extern const struct correction correction_table[]; /* name NULL ends it */
const struct correction *correction_find(const char *name);

/* Step-down maxT of Westfall & Young (1993), algorithm 2.8: observed[j], and
 * null[r * n + j] for m joint replicates; larger is more extreme; p = (1+#)/(m+1),
 * monotone. NAN statistics: observed NAN gives NAN, a NAN replicate counts
 * against the claim. */
void multi_maxt(const double *observed, const double *null, size_t n, size_t m, double *ret_p);

#endif
