/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sensitivity - what one other setting would have given, everything else as
 * planned: other times to live, other windows in which repeats are collapsed, and another
 * account of when the sensor listened:
 *
 *     silences=in   every gap of the case's live time inside the claim's window counts as time
 *                   at risk, as if nobody had asked in it
 *     silences=out  silences of all pairs together (models/live.h: p below 1e-6) inside live
 *                   time that a user's list gave are no time at risk
 *
 * Each only where it changes the live time of the claim's window. Of a count of a part of the
 * look-ups (counts_is_part) the silences are not the sensor's, and `out` is left.
 * Settings that the kind does not read give one answer, which is found once. Nulls after one
 * that explains the claim are not run, nor synchrony's second direction where the first does:
 * they could not change its answer. At most 999 replicates each, or as many as the price of the
 * search asks for, and no more than show that a null is not rejected (EFFORT_COARSE): enough to
 * see whether an answer hangs on a setting, and never what decides.
 */
#ifndef MODELS_SENSITIVITY_H
#define MODELS_SENSITIVITY_H

#include "models/verdict.h"

struct variant {
    const char *set; /* as `test --set` takes it, but for silences: a case's, not a plan's */
    struct effect effect;
    double log_p; /* largest adjusted p over the nulls that decide; NAN */
    enum claim_verdict verdict;
    enum claim_why why;
};

enum { VARIANTS = 7 };

/* Live time with its gaps in, and without what silences it holds: found once a case. */
struct sensitivity_live {
    struct counts in, out; /* the case's own, but for `live`, which is owned */
};
void sensitivity_live_make(struct sensitivity_live *ret, const struct counts *c);
void sensitivity_live_free(struct sensitivity_live *l);

/* Variants of one claim whose setting is not the planned one; returns how many. */
size_t sensitivity_run(const struct study *s, size_t claim, const struct counts *c,
                       const struct sensitivity_live *live, size_t threads,
                       struct variant ret[VARIANTS]);

#endif
