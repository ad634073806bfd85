/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * repeats - runs that come twice in one sequence (methods.md I1): copied blocks.
 *
 * Tokens are gaps between sessions (or anything else that a copy keeps). With M pairs of
 * equal tokens, and r the chance that the next tokens agree too, chance gives
 *     mu_k = (M + 1) r^(k-1) (1 - r)
 * pairs of equal runs of k tokens that no earlier token lengthens. r is taken from pairs of
 * tokens that agree and whose *misaligned* successors (i+2 against j+3) agree, so that busy
 * and quiet times, which make neighbours alike, are in it and a copy is not; with few
 * pairs it is drawn towards 4 q, q = M / C(m,2). k is the smallest, from 4 on, with
 * mu_k <= target; found pairs are Poisson(mu_k) to a close approximation (Arratia,
 * Goldstein & Gordon 1990, Stat. Sci. 5:403: declumped matches).
 *
 * A regular sequence repeats by nature: above r = .05, or where k would pass 12, the
 * sequence is not testable (k 0).
 *
 * offsets: the same where the copy was put among other rows, or shaken by 2 s: how often
 * does one distance D occur between two sessions? Against the predictive law of a Poisson count
 * given the distances within 300 s of D (negative binomial), over all distances from 120 s to
 * the whole length. Sequences of 20 to OFFSETS_MAX sessions.
 */
#ifndef MODELS_REPEATS_H
#define MODELS_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPEATS_K_MIN = 4, REPEATS_K_MAX = 12, OFFSETS_MAX = 1500 };

struct repeats {
    size_t k;        /* length looked for, in tokens; 0: not testable */
    double expected; /* pairs of runs by chance */
    size_t found;    /* pairs of runs of at least k */
    size_t copied;   /* tokens in the later run of each, at most m */
    size_t from, to; /* token at which the first found pair's two runs begin */
};

void repeats_find(struct repeats *ret, const uint64_t *token, size_t m, double target);

struct offsets {
    double offset_s; /* that stands out most */
    double expected; /* how often by chance at such a distance */
    size_t found;    /* sessions that have another at this distance (+- slack_s) */
    double slack_s;
    double log_p;   /* after all distances and both slacks */
    size_t densest; /* most distances within 300 s of one */
    bool periodic;  /* five distances or more stand out (p < 1e-6): a timer, not a copy */
};

/* Fewest copies at one distance, among the densest of o, whose ln p is at most log_limit. */
size_t offsets_least(const struct offsets *o, double range_s, double tick_s, double log_limit);

/* t ascending, whole ticks of tick_s. False: too few or too many. */
bool offsets_find(struct offsets *ret, const double *t, size_t n, double tick_s);

#endif
