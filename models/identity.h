/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * identity - do two addresses that ask for one name look like one population of askers?
 * (case paper, need 16.) One cache or two is models/variants.h; here is how the sessions fall
 * to the two, if each goes to one of them at random: split   z = (a - b) / sqrt(a + b) and the
 * exact two-sided binomial p: a fair coin runs    Wald & Wolfowitz 1940 (Ann. Math. Stat.
 * 11:147): the number of runs of one address in the order of time has mean 1 + 2ab/n, variance
 * 2ab (2ab - n) / (n^2 (n - 1)); too few: stretches of one address; too many: taken in turn, or
 * two caches of their own, each of which rests for its time to live days    chi-square of the
 * daily shares, by permutation of the labels over the sessions: do both follow the same days?
 * A resolver's repeats may leave by the other address: a start within the session gap of the
 * start before it, whosesoever, is of that session, and the earliest names the address.
 *
 * Splits of one in two are common and prove nothing; runs and days can only speak against.
 */
#ifndef MODELS_IDENTITY_H
#define MODELS_IDENTITY_H

#include "models/stream.h"

enum { IDENTITY_LEAST = 20, IDENTITY_REPLICATES = 999 };

struct identity {
    size_t a, b, n; /* sessions of each, together */
    double split_z, split_log_p;
    size_t runs;
    double runs_expected, runs_z, runs_log_p; /* two-sided, normal */
    double days_chi, days_log_p;              /* Monte Carlo, upper tail */
    size_t days;
};

/* Starts of both in order of time without those that repeat one: returns how many. Both arrays
 * have room for a->n + b->n. */
size_t identity_merge(const struct stream *a, const struct stream *b, double session_s,
                      double *ret_t, bool *ret_b);

/* ERR_DEGENERATE: fewer than IDENTITY_LEAST sessions of either. */
int identity_test(struct identity *ret, const struct stream *a, const struct stream *b,
                  double session_s, uint64_t seed, struct err *err);

#endif
