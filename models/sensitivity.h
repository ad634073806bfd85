/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sensitivity - what one other setting would have given, everything else as
 * planned: other times to live, other windows in which repeats are collapsed.
 * Settings that the kind does not read give one answer, which is found once. Nulls after one
 * that explains the claim are not run: they could not change its answer. At most 999 replicates
 * each, or as many as the price of the search asks for, and no more than show that a null is
 * not rejected (EFFORT_COARSE): enough to see whether an answer hangs on a setting, and never
 * what decides.
 */
#ifndef MODELS_SENSITIVITY_H
#define MODELS_SENSITIVITY_H

#include "models/verdict.h"

struct variant {
    const char *set; /* as `test --set` takes it */
    struct effect effect;
    double log_p; /* largest adjusted p over the nulls that decide; NAN */
    enum claim_verdict verdict;
    enum claim_why why;
};

enum { VARIANTS = 5 };

/* Variants of one claim whose setting is not the planned one; returns how many. */
size_t sensitivity_run(const struct study *s, size_t claim, const struct counts *c,
                       size_t threads, struct variant ret[VARIANTS]);

#endif
