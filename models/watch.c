/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/watch.h"

const char *const stage_names[STAGES] = {
    [STAGE_SCREENS] = "screens of the log",
    [STAGE_GATE] = "gate",
    [STAGE_NULLS] = "explanations",
    [STAGE_RIVALS] = "rivals",
    [STAGE_SETTINGS] = "other settings",
    [STAGE_CURVE] = "specification curve",
    [STAGE_REPORT] = "report",
};

static const double weight[STAGES] = {1, 1, 2, 12, 1, 6, 2};

static bool has(const struct study *s, const struct study_claim *c, enum stage stage)
{
    bool axes = false;
    for (int a = 0; a < SPEC_AXES; a++)
        axes |= s->axes[a].n > 0;
    return stage == STAGE_RIVALS  ? c->model.scenario != NULL
           : stage == STAGE_CURVE ? axes
           : stage == STAGE_GATE  ? s->calibration > 0
                                  : true;
}

void watch_plan(struct watch *w, const struct study *s)
{
    w->done = 0;
    w->planned = weight[STAGE_SCREENS] + weight[STAGE_REPORT];
    for (size_t i = 0; i < s->nclaims; i++)
        for (int k = STAGE_GATE; k <= STAGE_CURVE; k++)
            w->planned += has(s, &s->claims[i], (enum stage)k) ? weight[k] : 0;
}

void watch_at(struct watch *w, enum stage stage, const struct study *s,
              const struct study_claim *claim)
{
    if (!w || (claim && !has(s, claim, stage)))
        return;
    w->tell(w->ctx, stage, claim, w->done / w->planned);
    w->done += weight[stage];
}
