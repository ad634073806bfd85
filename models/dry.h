/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dry - which explanations of a claim could be tested in a case, and which not and why,
 * without an answer: nothing of a p, an effect or a bound comes out.
 *
 *     struct dry d;
 *     if (dry_claim(&d, study, claim, counts, 1, err) < 0) ...
 *     d.nulls[i].row, d.nulls[i].why, d.nulls[i].detail
 *     dry_free(&d);
 *
 * The rules are those of the tests themselves: each null is run with two replicates and no
 * bounds, and all that is kept is whether it refused. What only replicates can tell is not
 * told: WHY_INCONCLUSIVE never comes out.
 *
 * dry_seconds runs those that could be tested once more, with more replicates, and reckons from
 * the difference what max_replicates of each would take of one processor. A null stops as soon
 * as its answer is sure; power, bounds, the gate and other settings come on top.
 */
#ifndef MODELS_DRY_H
#define MODELS_DRY_H

#include "models/trial.h"

struct dry_null {
    const struct battery_row *row;
    enum why why; /* WHY_NONE: it could be tested */
    char detail[240];
    double cpu_s; /* what the run of two replicates took */
    double floor; /* smallest p that it could give, after the price; 0 if exact or not run */
};

struct dry {
    struct trial trial;
    struct study study; /* the trial's: as given, but for power */
    struct dry_null *nulls;
    size_t nnulls;
};

int dry_claim(struct dry *ret, const struct study *s, const struct study_claim *c,
              const struct counts *counts, size_t threads, struct err *err);
double dry_seconds(struct dry *d);
void dry_free(struct dry *d);

#endif
