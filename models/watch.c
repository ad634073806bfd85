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
    return stage == STAGE_RIVALS  ? c->model.scenario && s->model_draws > 0
           : stage == STAGE_CURVE ? axes
           : stage == STAGE_GATE  ? s->calibration > 0
                                  : true;
}

void watch_plan(struct watch *w, const struct study *s, enum stage first, enum stage last)
{
    w->done = w->planned = 0;
    for (enum stage k = first; k <= last && k < STAGES; k++)
        if (k == STAGE_SCREENS || k == STAGE_REPORT)
            w->planned += weight[k];
        else
            for (size_t i = 0; i < s->nclaims; i++)
                w->planned += has(s, &s->claims[i], k) ? weight[k] : 0;
}

void watch_at(struct watch *w, enum stage stage, const struct study *s,
              const struct study_claim *claim)
{
    if (!w || (claim && !has(s, claim, stage)))
        return;
    w->tell(w->ctx, stage, claim, NULL, w->done / w->planned);
    w->done += weight[stage];
}

void watch_null(struct watch *w, const struct study_claim *claim, const char *null, size_t i,
                size_t n)
{
    if (!w)
        return;
    double left = weight[STAGE_NULLS] * (double)(n - i) / (double)n;
    w->tell(w->ctx, STAGE_NULLS, claim, null, (w->done - left) / w->planned);
}
