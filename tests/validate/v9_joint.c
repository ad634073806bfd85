/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dates that several series have in common (stats/joint.h). 142 days of three series of 20, 10
 * and 5 a day: steady under Poisson's law, where days scatter (size 2) each by itself or all by
 * the same factors, where the rate wanders (log rate AR(1), .9 a day, sd .3), and with changes.
 * Foils: the Poisson BIC penalty; the least p of each series by itself (power). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/blocks.h"
#include "stats/change.h"
#include "stats/joint.h"
#include "tests/validate/validate.h"

enum { N = 142, MOST = 6, DATE = 90 };

/* Series k is steps[k] times its level from day at[k] on; and `second` times from day 50 on. */
struct world {
    size_t k;
    double shape, memory, spread;
    bool shared;
    double step[MOST], second;
    int at[MOST];
};

struct days {
    double y[MOST][N], e[N];
    struct joint_series s[MOST];
};

static void draw_days(const struct world *w, struct rng *r, struct days *d)
{
    static const double level[MOST] = {20, 10, 5, 20, 10, 5};
    double x[MOST], own = sqrt(1 - w->memory * w->memory);
    for (size_t k = 0; k < w->k; k++)
        x[k] = w->shared && k ? x[0] : w->spread * rng_normal(r);
    for (int i = 0; i < N; i++) {
        double factor = 1, move = 0;
        d->e[i] = 1;
        for (size_t k = 0; k < w->k; k++) {
            if (!w->shared || k == 0) {
                factor = w->shape > 0 ? rng_gamma(r, w->shape, 1 / w->shape) : 1;
                move = w->spread > 0 ? own * w->spread * rng_normal(r) : 0;
            }
            double step = (w->step[k] > 0 && i >= w->at[k] ? w->step[k] : 1) *
                          (w->second > 0 && i >= 50 ? w->second : 1);
            d->y[k][i] = (double)rng_poisson(r, level[k] * step * factor * exp(x[k]));
            x[k] = w->memory * x[k] + move;
        }
    }
    for (size_t k = 0; k < w->k; k++)
        d->s[k] = (struct joint_series){d->y[k], d->e, k + 1};
}

/* Does the cut by BIC, (k + 1)/2 ln n a date, have a date? */
static bool bic_has_date(const struct days *d, size_t k)
{
    double *gain = mem_alloc(2 * blocks_pairs(N) * sizeof *gain), *sum = gain + blocks_pairs(N);
    size_t from[N + 1];
    memset(sum, 0, blocks_pairs(N) * sizeof *sum);
    for (size_t i = 0; i < k; i++) {
        blocks_gains(d->y[i], d->e, N, gain);
        for (size_t g = 0; g < blocks_pairs(N); g++)
            sum[g] += gain[g];
    }
    size_t blocks = blocks_cut(sum, N, 7, (double)(k + 1) / 2 * log(N), from);
    free(gain);
    return blocks > 1;
}

static double least_alone(const struct days *d, size_t k, struct rng *r)
{
    double least = 1;
    for (size_t i = 0; i < k; i++) {
        struct change c;
        struct change_opts o = {rng_u32(r), i + 1, 199};
        if (change_test(&c, d->y[i], d->e, N, &o) == 0)
            least = fmin(least, exp(c.log_p));
    }
    return fmin(1, least * (double)k);
}

enum { ANY, BIC, COVERS, APART, TWO, TOLD, PART_FIRST, PART_LAST, ALONE, COLUMNS };

static void read_dates(const struct world *w, const struct joint *j, double *ret)
{
    ret[TWO] = j->ndates >= 2;
    ret[TOLD] = j->ndates >= 2;
    for (size_t i = 0; i < j->ndates; i++) {
        const struct joint_date *d = &j->dates[i];
        bool near = d->lo <= DATE && d->hi >= DATE;
        ret[COVERS] = fmax(ret[COVERS], near);
        ret[PART_FIRST] = fmax(ret[PART_FIRST], d->part[0].log_p_joint <= log(.05) + 1e-9);
        ret[PART_LAST] = fmax(ret[PART_LAST], d->part[w->k - 1].log_p_joint <= log(.05) + 1e-9);
        ret[TOLD] = fmax(ret[TOLD], d->log_p_apart <= log(.05) + 1e-9);
        if (j->ndates == 1)
            ret[APART] = exp(d->log_p_apart);
    }
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct days d;
    struct joint j;
    draw_days(w, r, &d);
    struct joint_opts o = {rng_u32(r), 1, 99};
    memset(ret, 0, COLUMNS * sizeof *ret);
    ret[ANY] = ret[APART] = ret[ALONE] = 1;
    ret[BIC] = bic_has_date(&d, w->k);
    if (w->k == MOST)
        ret[ALONE] = least_alone(&d, w->k, r);
    if (joint_find(&j, d.s, w->k, N, &o) < 0)
        return;
    ret[ANY] = exp(j.log_p);
    read_dates(w, &j, ret);
    joint_free(&j);
}

#define AT05(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_SHARE, .at = .05, .lo = (lo_),    \
        .hi = (hi_)                                                                            \
    }
#define SHARE(cell_, column_, lo_, hi_)                                                        \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_MEAN, .lo = (lo_), .hi = (hi_)    \
    }

static const struct validate_plan plan = {
    .experiment = "joint", .replicate = replicate, .columns = COLUMNS, .m = 99};

static void check_steady(struct validation *v)
{
    const struct {
        const char *prefix;
        struct world w;
        double most;
        uint32_t fast;
    } worlds[] = {
        {"joint dates, steady, Poisson: size of ", {.k = 3}, .05, 4},
        {"joint dates, steady, days scatter: size of ", {.k = 3, .shape = 2}, .05, 4},
        {"joint dates, steady, days scatter for all alike: size of ",
         {.k = 3, .shape = 2, .shared = true},
         .05,
         3},
        {"joint dates, steady, rates wander: size of ",
         {.k = 3, .memory = .9, .spread = .3},
         .075,
         0},
        {"joint dates, steady, one rate wanders for all: size of ",
         {.k = 3, .memory = .9, .spread = .3, .shared = true},
         .075,
         0},
    };
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
        const struct validate_figure f[] = {
            AT05("any date", ANY, 0, worlds[i].most),
            SHARE("foil: Poisson BIC", BIC, i ? .9 : 0, 1),
        };
        validate_world(v, &plan, worlds[i].prefix, &worlds[i].w, f, i ? 2 : 1,
                       validate_pick(v, worlds[i].fast, 1000));
    }
}

static void check_found(struct validation *v)
{
    uint32_t R = validate_pick(v, 0, 1000);
    const struct world
        all = {.k = 3, .shape = 2, .step = {.5, .5, .5}, .at = {DATE, DATE, DATE}},
        even = {.k = 3, .step = {.5, .5, .5}, .at = {DATE, DATE, DATE}},
        two_of = {.k = 3, .shape = 2, .step = {.5, .5}, .at = {DATE, DATE}},
        twice = {.k = 3, .shape = 2, .second = 3, .step = {3, 3, 3}, .at = {DATE, DATE, DATE}},
        differ = {.k = 3, .step = {.5, .5, .5}, .at = {DATE - 25, DATE, DATE}},
        weak = {.k = 6,
                .shape = 2,
                .step = {1.3, 1.3, 1.3, 1.3, 1.3, 1.3},
                .at = {71, 71, 71, 71, 71, 71}};
    const struct validate_figure halved[] = {
        SHARE("95 % interval covers the date", COVERS, .93, 1),
        AT05("dates differ", APART, 0, .05)};
    validate_world(v, &plan, "three rates halved on one day: ", &even, halved, 2,
                   validate_pick(v, 3, 1000));
    validate_world(v, &plan, "the same, days scatter: ", &all, halved, 2, R);
    const struct validate_figure part[] = {
        SHARE("the steady one takes part", PART_LAST, 0, .05),
        SHARE("the first one takes part", PART_FIRST, .8, 1)};
    validate_world(v, &plan, "two of three rates halved, days scatter: ", &two_of, part, 2, R);
    const struct validate_figure two[] = {SHARE("two dates or more", TWO, .8, 1)};
    validate_world(v, &plan, "three rates tripled twice, days scatter: ", &twice, two, 1, R);
    const struct validate_figure told[] = {SHARE("two dates, or not one", TOLD, .8, 1)};
    validate_world(v, &plan, "one rate halved 25 days before two others: ", &differ, told, 1,
                   R);
    const struct validate_figure power[] = {
        AT05("joint date", ANY, .8, 1), AT05("foil: each by itself, Bonferroni", ALONE, 0, .5)};
    validate_world(v, &plan, "six rates up by 1.3, days scatter: found by ", &weak, power, 2,
                   R);
}

void v9_joint(struct validation *v)
{
    check_steady(v);
    check_found(v);
}
