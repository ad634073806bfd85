/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/blocks.h"

#include <math.h>

#include "models/contrast.h"

struct score_job {
    const double *score;
    size_t n;
};

static double score_draw(void *ctx, struct rng *r, size_t worker)
{
    const struct score_job *job = ctx;
    (void)worker;
    return contrast_flip(job->score, job->n, r) + CONTRAST_ROUNDING;
}

void blocks_test(struct trial *t, const char *stream, const double *score, size_t n,
                 size_t days, struct null_result *ret)
{
    struct score_job job = {score, n};
    size_t used = 0;
    ret->statistic = "studentised score of whole days";
    if (t->joint) /* all pairs' days under the same signs */
        t->stream = rng_subject("days", 4);
    trial_replicate(t, stream, contrast_studentised(score, n), score_draw, &job, ret);
    t->stream = 0;
    for (size_t i = 0; i < n; i++)
        used += score[i] != 0;
    /* With n signs no p is below 2^-n, however many replicates are drawn. */
    ret->floor = fmax(ret->floor, ldexp(1, -(int)used));
    if (ret->floor > t->decide)
        trial_untested(
            ret, WHY_RESOLUTION,
            "%zu blocks of %zu days and %u replicates can give p = %.3g; %.0f blocks "
            "and %.9g replicates would be needed for %.9g look%s",
            used, days, t->study->max_replicates, ret->floor, ceil(-log2(t->decide)),
            ceil(1 / t->decide) - 1, t->looks, t->looks == 1 ? "" : "s");
}

/* Sums of signed scores lie on a lattice, draws with an effect do not: what counts as reaching
 * x begins in the middle between the least value that reaches it and the largest that does not.
 * NAN: no value is on one of its sides. */
static double middle_below(const struct null_result *r, double x)
{
    double reach = INFINITY, below = -INFINITY;
    for (size_t i = 0; i < r->mc.replicates; i++)
        if (r->values[i] >= x)
            reach = fmin(reach, r->values[i]);
        else
            below = fmax(below, r->values[i]);
    return isfinite(reach) && isfinite(below) ? (below + reach) / 2 : NAN;
}

void blocks_power(struct trial *t, const char *stream, trial_inject *inject, void *ctx,
                  struct null_result *ret)
{
    if (!t->study->power || !ret->values)
        return;
    double above = power_critical(ret->values, ret->mc.replicates, t->decide), first = INFINITY;
    for (size_t i = 0; i < ret->mc.replicates; i++)
        if (ret->values[i] >= above)
            first = fmin(first, ret->values[i]);
    double seen = middle_below(ret, ret->observed);
    struct power_marks marks = {isfinite(first) ? (above + first) / 2 : above,
                                isnan(seen) ? ret->observed : seen};
    trial_power_at(t, stream, marks, inject, ctx, ret);
}
