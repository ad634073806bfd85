/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V11, gaps. Bayes factors of a timer over demand behind a cache (models/gapodds.h), with data
 * drawn from their priors: Cllr, misleading factors, the identity that any true ratio keeps,
 * agreement of three ways to integrate, and posterior ranks (simulation-based
 * calibration, Talts et al. 2018). */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/gapodds.h"
#include "stats/lr.h"
#include "tests/validate/validate.h"

static const double TTL_S = 3600;
enum { GAPS_MAX = 50, CHECK_DRAWS = 4000, LOGS_LEAST = 50 }; /* fewer logs say nothing */

struct draws {
    size_t gaps;
    double *yes, *no; /* ln factor of each log of either model */
};

static void draw_gaps(bool timer, size_t n, struct rng *r, double *u, double *gap)
{
    for (int k = 0; k < 3; k++)
        u[k] = rng_unit(r);
    gapodds_draw(timer, u, TTL_S, r, gap, n);
}

static void draw_factors(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct draws *d = ctx;
    double u[3], gap[GAPS_MAX];
    struct gapodds o;
    struct rng r;
    rng_stream(&r, 20160720, RNG_VALIDATE, 1100 + d->gaps, (uint32_t)i);
    draw_gaps(true, d->gaps, &r, u, gap);
    gapodds(gap, d->gaps, TTL_S, 0, &r, &o);
    d->yes[i] = o.log_factor;
    draw_gaps(false, d->gaps, &r, u, gap);
    gapodds(gap, d->gaps, TTL_S, 0, &r, &o);
    d->no[i] = o.log_factor;
}

static void cell(struct validation *v, size_t gaps, const char *what, double figure, double lo,
                 double hi, uint32_t R)
{
    char *name = mem_format("timer or cache, %zu gaps: %s", gaps, what);
    validate_cell(v, "V11", name, figure, lo, hi, R, 0);
    free(name);
}

static void factors(struct validation *v, size_t gaps, double cllr, uint32_t R)
{
    if (R == 0)
        return;
    struct draws d = {gaps, mem_alloc(R * sizeof(double)), mem_alloc(R * sizeof(double))};
    par_for(0, R, draw_factors, &d);
    const struct lr_set s = {d.yes, d.no, R, R};
    double hundred = 0, under_no = 0, under_yes = 0;
    for (uint32_t i = 0; i < R; i++) {
        hundred += d.no[i] > log(100);
        under_no += fmin(1, exp(d.no[i]));
        under_yes += fmin(1, exp(-d.yes[i]));
    }
    double noise = 3 / sqrt(R); /* of the figures below, which are means of R of 0 to 1 */
    cell(v, gaps, "Cllr", lr_cllr(&s), 0, cllr + noise * .3, R);
    cell(v, gaps, "Cllr less its least", lr_cllr(&s) - lr_cllr_min(&s), -1e-9, .05, R);
    cell(v, gaps, "factor above 100 from demand", hundred / R, 0, .01 + 3 * sqrt(.0099 / R), R);
    /* E[min(LR, 1) | no] = E[min(1, 1/LR) | yes] for every true ratio */
    cell(v, gaps, "mean of min(LR, 1) less its twin", (under_no - under_yes) / R, -noise * .3,
         noise * .3, R);
    free(d.yes);
    free(d.no);
}

/* Do grid, importance sampling and bridge agree? And the ranks of the truth. */
static void checks(const void *ctx, struct rng *r, double *ret)
{
    const bool *timer = ctx;
    double u[3], gap[GAPS_MAX], below[4];
    struct gapodds o;
    draw_gaps(*timer, 20, r, u, gap);
    gapodds_rank(*timer, gap, 20, TTL_S, u, below);
    gapodds(gap, 20, TTL_S, CHECK_DRAWS, r, &o);
    ret[0] = o.computed;
    for (int k = 0; k < 3; k++)
        ret[1 + k] = *timer || k == 0 ? below[k] : rng_unit(r);
}

static uint32_t at_least(uint32_t R)
{
    return R > 0 && R < LOGS_LEAST ? LOGS_LEAST : R;
}

void v11_gaps(struct validation *v)
{
    factors(v, 10, .15, at_least(validate_pick(v, 0, 1000)));
    factors(v, 20, .06, at_least(validate_pick(v, 0, 1000)));
    factors(v, 50, .03, at_least(validate_pick(v, 0, 500)));
    const bool is_timer = true, is_demand = false;
    const struct validate_figure timer[] = {
        {"grid, importance and bridge agree within .1", 0, FIGURE_MEAN, 0, .9, 1},
        {"rank of the period", 1, FIGURE_KS, 0, 0, 0},
        {"rank of the spread", 2, FIGURE_KS, 0, 0, 0},
        {"rank of the share missed", 3, FIGURE_KS, 0, 0, 0}};
    const struct validate_figure demand[] = {{"rank of the rate", 1, FIGURE_KS, 0, 0, 0}};
    validate_run(v, &(struct validate_plan){.experiment = "V11",
                                            .prefix = "posterior of a timer, 20 gaps:",
                                            .replicate = checks,
                                            .ctx = &is_timer,
                                            .columns = 4,
                                            .figures = timer,
                                            .nfigures = 4,
                                            .R = validate_pick(v, 0, 500)});
    validate_run(v, &(struct validate_plan){.experiment = "V11",
                                            .prefix = "posterior of demand, 20 gaps:",
                                            .replicate = checks,
                                            .ctx = &is_demand,
                                            .columns = 4,
                                            .figures = demand,
                                            .nfigures = 1,
                                            .R = validate_pick(v, 10, 1000)});
}
