/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The busiest stretch: its size behind a cache with a daily rhythm, its power for a day of
 * six times the rate, and Naus' formula against uniform points. Foil: the p of the stretch
 * that was found, were it the one that had been named before. */
#include <math.h>
#include <stdio.h>

#include "models/busiest.h"
#include "stats/order.h"
#include "stats/tail.h"
#include "tests/made.h"
#include "tests/validate/validate.h"

enum { DAYS = 14, TTL = 3600, NAUS_MOST = 512 };

struct world {
    double per_day, diurnal, burst; /* factor of day 6 */
};

static const int64_t start = 94694400;

static struct counts *draw(const struct world *w, struct rng *r)
{
    struct made m = {0};
    double lives_until = 0, top = w->per_day / 86400 * (1 + w->diurnal) * fmax(1, w->burst);
    for (double t = rng_exponential(r, 1 / top); t < DAYS * 86400.0;
         t += rng_exponential(r, 1 / top)) {
        double share = (1 + w->diurnal * cos(2 * M_PI * t / 86400)) / (1 + w->diurnal) *
                       (w->burst > 1 && (int)(t / 86400) != 6 ? 1 / w->burst : 1);
        if (rng_unit(r) >= share || t < lives_until)
            continue;
        made_add(&m, "192.0.2.1", "a.example", 1, start + (int64_t)t, 1);
        lives_until = t + TTL;
    }
    return made_counts(&m, start, start + DAYS * 86400);
}

/* Columns: p of the busiest stretch; Poisson's p of it as if it had been named before. */
static void replicate(const void *ctx, struct rng *r, double *ret)
{
    struct counts *c = draw(ctx, r);
    struct window w;
    struct subject s;
    uint32_t zero = 0;
    struct selection sel = {&zero, &zero, 1, 1};
    window_make(&w, c, 0, 0);
    subject_make(&s, c, &sel, &w, 30, TTL);
    struct grid g = grid_make(&w, 3600);
    struct baseline_opts base = {.family = GLM_POISSON};
    struct busiest_opts o = {&base, rng_u32(r), 99, 10};
    struct busiest b;
    ret[0] = busiest_test(&b, &s, &w, &g, &o, NULL) == 0 ? exp(b.log_p) : 1;
    ret[1] = exp(poisson_log_upper((uint64_t)b.best.observed, b.best.expected));
    subject_free(&s);
    window_free(&w);
    counts_free(c);
}

struct naus {
    uint64_t k, n;
    double w;
};

/* 1 where some window of share w holds k or more of n uniform points. */
static void naus_replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct naus *p = ctx;
    double t[NAUS_MOST];
    for (uint64_t i = 0; i < p->n; i++)
        t[i] = rng_unit(r);
    order_sort(t, p->n);
    ret[0] = 0;
    for (uint64_t i = 0; i + p->k <= p->n && ret[0] == 0; i++)
        ret[0] = t[i + p->k - 1] - t[i] <= p->w;
}

static void check_naus(struct validation *v)
{
    static const struct naus points[] = {
        {10, 100, .02}, {11, 100, .02}, {16, 500, .01}, {17, 500, .01}};
    for (size_t i = 0; i < 4; i++) {
        double p = exp(tscan_naus_log_upper(points[i].k, points[i].n, points[i].w));
        char cell[96];
        snprintf(cell, sizeof cell,
                 "Naus: %d or more of %d in %g of the time, within 5 %% of %.5f",
                 (int)points[i].k, (int)points[i].n, points[i].w, p);
        const struct validate_figure f = {
            .cell = cell, .kind = FIGURE_MEAN, .lo = .95 * p, .hi = 1.05 * p};
        validate_run(v, &(struct validate_plan){.experiment = "V11",
                                                .prefix = "",
                                                .replicate = naus_replicate,
                                                .ctx = &points[i],
                                                .columns = 1,
                                                .figures = &f,
                                                .nfigures = 1,
                                                .R = validate_pick(v, 4000, 400000)});
    }
}

void v11_scan(struct validation *v)
{
    const struct world even = {12, 0, 1}, rhythm = {12, .8, 1}, burst = {6, .8, 6};
    const struct validate_figure size[] = {{"busiest stretch", 0, FIGURE_SHARE, .05, 0, .05}};
    const struct validate_figure rhythmic[] = {
        {"busiest stretch", 0, FIGURE_SHARE, .05, 0, .05},
        {"foil: the same stretch, as if named before", 1, FIGURE_SHARE, .05, .5, 1}};
    const struct validate_figure power[] = {{"busiest stretch", 0, FIGURE_SHARE, .05, .6, 1}};
    struct validate_plan p = {
        .experiment = "V11", .replicate = replicate, .columns = 2, .nfigures = 1, .m = 99};
    p.R = validate_pick(v, 20, 2000);
    p.prefix = "even demand behind a cache: size of ";
    p.ctx = &even;
    p.figures = size;
    validate_run(v, &p);
    p.prefix = "daily rhythm behind a cache: size of ";
    p.ctx = &rhythm;
    p.figures = rhythmic;
    p.nfigures = 2;
    validate_run(v, &p);
    p.prefix = "a day of six times the demand: power of ";
    p.ctx = &burst;
    p.figures = power;
    p.nfigures = 1;
    p.R = validate_pick(v, 6, 400);
    validate_run(v, &p);
    check_naus(v);
}
