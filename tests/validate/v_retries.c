/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Retry ladders: the test keeps its size on gaps of smooth laws, by milliseconds and by
 * seconds, and finds repeats. Foil: the same windows against gaps spread evenly. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/ladder.h"
#include "stats/tail.h"
#include "tests/validate/validate.h"

enum law { EXPONENTIAL, LOGNORMAL, POWER };
struct world {
    enum law law;
    size_t gaps;
    double tick, retries; /* share of gaps that are a retry after 5 s, spread .03 s */
};

static double draw(const struct world *w, struct rng *r)
{
    if (rng_unit(r) < w->retries)
        return 5 + .03 * rng_normal(r);
    switch (w->law) {
    case EXPONENTIAL:
        return rng_exponential(r, 20);
    case LOGNORMAL:
        return exp(2 + 1.2 * rng_normal(r));
    case POWER: /* density 1/g from .1 to 100 s */
        return .1 * pow(1000, rng_unit(r));
    }
    return 0;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct ladder l;
    double *gap = mem_alloc(w->gaps * sizeof *gap);
    for (size_t i = 0; i < w->gaps; i++) {
        gap[i] = draw(w, r);
        if (w->tick >= 1)
            gap[i] = floor(gap[i] + rng_unit(r)); /* both ends cut to seconds */
    }
    ladder_test(&l, gap, w->gaps, w->tick);
    ret[0] = isnan(l.log_p) ? 1 : exp(l.log_p);
    ret[1] = isnan(l.step[3].log_p) ? 1 : exp(l.step[3].log_p);
    double even = (double)l.gaps * 2 * l.step[0].half_width_s / 59.8;
    ret[2] = exp(poisson_log_upper(l.step[0].observed, even));
    free(gap);
}

#define SIZE(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_SHARE, .at = .05, .lo = (lo_),    \
        .hi = (hi_)                                                                            \
    }

void v_retries(struct validation *v)
{
    static const struct {
        const char *name;
        struct world w;
    } worlds[] = {
        {"exponential gaps, 300, ms:", {EXPONENTIAL, 300, .001, 0}},
        {"exponential gaps, 300, s:", {EXPONENTIAL, 300, 1, 0}},
        {"lognormal gaps, 300, ms:", {LOGNORMAL, 300, .001, 0}},
        {"lognormal gaps, 1000, ms:", {LOGNORMAL, 1000, .001, 0}},
        {"lognormal gaps, 300, s:", {LOGNORMAL, 300, 1, 0}},
        {"density 1/g, 300, ms:", {POWER, 300, .001, 0}},
        {"density 1/g, 1000, s:", {POWER, 1000, 1, 0}},
    };
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        bool foil = worlds[i].w.law == POWER;
        const struct validate_figure f[] = {
            SIZE("some step at .05", 0, 0, .05), SIZE("5 s at .05", 1, 0, .05),
            SIZE("foil: 1 s against gaps spread evenly", 2, .8, 1)};
        validate_run(v, &(struct validate_plan){.experiment = "retries",
                                                .prefix = worlds[i].name,
                                                .replicate = replicate,
                                                .ctx = &worlds[i].w,
                                                .columns = 3,
                                                .figures = f,
                                                .nfigures = foil ? 3 : 2,
                                                .R = validate_pick(v, 100, 4000)});
    }
    static const struct world found = {LOGNORMAL, 300, .001, .1};
    const struct validate_figure f[] = {SIZE("5 s at .05", 1, .9, 1)};
    validate_run(v, &(struct validate_plan){.experiment = "retries",
                                            .prefix = "a tenth are retries after 5 s:",
                                            .replicate = replicate,
                                            .ctx = &found,
                                            .columns = 3,
                                            .figures = f,
                                            .nfigures = 1,
                                            .R = validate_pick(v, 50, 1000)});
}
