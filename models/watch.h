/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * watch - how far the test of a study is, for whoever wants to be told: THE TABLE OF STAGES.
 *
 *     struct watch w = {tell, ctx};
 *     watch_plan(&w, study);
 *     watch_at(&w, STAGE_GATE, study, claim);    // before the stage begins
 *
 * A stage counts as much as it took in the shipped studies, in seconds of their longest; the
 * share that is told is of that sum. It is no clock: what takes longer stands still longer.
 */
#ifndef MODELS_WATCH_H
#define MODELS_WATCH_H

#include "models/study.h"

enum stage {
    STAGE_SCREENS,
    STAGE_GATE,
    STAGE_NULLS,
    STAGE_RIVALS,
    STAGE_SETTINGS,
    STAGE_CURVE,
    STAGE_REPORT,
    STAGES
};
extern const char *const stage_names[STAGES];

struct watch {
    /* claim NULL: of all. share: 0 to 1, of the whole. */
    void (*tell)(void *ctx, enum stage stage, const struct study_claim *claim, double share);
    void *ctx;
    double done, planned;
};

void watch_plan(struct watch *w, const struct study *s);
/* w NULL: nobody watches. Stages that a claim does not have tell nothing. */
void watch_at(struct watch *w, enum stage stage, const struct study *s,
              const struct study_claim *claim);

#endif
