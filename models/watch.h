/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * watch - how far the test of a study is, for whoever wants to be told: THE TABLE OF STAGES.
 *
 *     struct watch w = {tell, ctx};
 *     watch_plan(&w, study, STAGE_SCREENS, STAGE_REPORT);    // what will be run
 *     watch_at(&w, STAGE_NULLS, study, claim);               // before the stage begins
 *     watch_null(&w, claim, "cache", 0, 5);                  // in it, before the first of five
 *
 * A stage counts as much as it took in the shipped studies, in seconds of their longest, and
 * the nulls of a claim share theirs evenly; the share that is told is of that sum. It is no
 * clock: what takes longer stands still longer.
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
    /* claim NULL: of all. null: its id, NULL: of all of the stage. share: 0 to 1, of the
     * whole. */
    void (*tell)(void *ctx, enum stage stage, const struct study_claim *claim, const char *null,
                 double share);
    void *ctx;
    double done, planned;
};

/* That the stages first to last will be told of, of all claims. */
void watch_plan(struct watch *w, const struct study *s, enum stage first, enum stage last);
/* w NULL: nobody watches. Stages that a claim does not have tell nothing. */
void watch_at(struct watch *w, enum stage stage, const struct study *s,
              const struct study_claim *claim);
/* Null i of the claim's n begins, after watch_at(STAGE_NULLS). */
void watch_null(struct watch *w, const struct study_claim *claim, const char *null, size_t i,
                size_t n);

#endif
