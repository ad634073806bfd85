/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dispersion by Cox and Reid beside maximum likelihood; rates and predictive laws shrunk over
 * pairs; goodness of fit by bootstrap with refit. */
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>

#include "models/adequacy.h"
#include "stats/dispersion.h"
#include "stats/rng.h"
#include "stats/shrink.h"
#include "stats/tail.h"
#include "tests/validate/validate.h"

/* --- dispersion --------------------------------------------------------------------- */

/* Eight weeks of hours, 31 coefficients, 1/theta = .625 (peers-statistics 5a.1), .1 to .9 an
 * hour: 1/theta by each. */
static void dispersion(const void *ctx, struct rng *r, double *ret)
{
    enum { HOURS = 1344 };
    (void)ctx;
    double y[HOURS], one[HOURS], trend[HOURS];
    uint16_t hod[HOURS], dow[HOURS];
    double base = .1 + .8 * rng_unit(r);
    for (uint16_t i = 0; i < HOURS; i++) {
        hod[i] = i % 24, dow[i] = i / 24 % 7;
        trend[i] = i / (double)HOURS;
        one[i] = 1;
        double mu = base * exp(.7 * cos(2 * M_PI * (hod[i] - 14) / 24) - .5 * (dow[i] >= 5));
        y[i] = (double)rng_negbin(r, mu, 1.6);
    }
    struct glm_design d = {.n = HOURS,
                           .nfactors = 2,
                           .level = {hod, dow},
                           .nlevels = {24, 7},
                           .ncovariates = 1,
                           .covariate = {trend}};
    struct glm *g = glm_new();
    ret[0] = ret[1] = 0; /* no fit: no dispersion, against the method */
    if (glm_fit(g, y, one, &d, GLM_NEGBIN, NULL) == 0)
        ret[0] = 1 / g->theta;
    if (dispersion_cox_reid(g, y, one, &d, NULL) == 0)
        ret[1] = 1 / g->theta;
    glm_free(g);
}

static void dispersion_cells(struct validation *v, uint32_t R)
{
    const struct validate_figure figures[] = {
        {"1/theta by Cox and Reid, median", 1, FIGURE_MEDIAN, 0, .56, .69},
        {"foil: by maximum likelihood, median", 0, FIGURE_MEDIAN, 0, .35, .56},
    };
    validate_run(v, &(struct validate_plan){.experiment = "shrink",
                                            .prefix = "31 coefficients, 1/theta = .625:",
                                            .replicate = dispersion,
                                            .columns = 2,
                                            .figures = figures,
                                            .nfigures = 2,
                                            .R = R});
}

/* --- rates -------------------------------------------------------------------------- */

/* 60 pairs, rho ~ Gamma(2, 2), .2 to 20 expected. A pair's rho inside its interval? A
 * randomised p of as long a window to come, and that of a Poisson law at its own rate. */
static void rates(const void *ctx, struct rng *r, double *ret)
{
    enum { PAIRS = 60 };
    double level = *(const double *)ctx, x[PAIRS], expected[PAIRS], rho = 0;
    for (int i = PAIRS - 1; i >= 0; i--) {
        rho = rng_gamma(r, 2, .5);
        expected[i] = level * exp(rng_normal(r));
        x[i] = (double)rng_poisson(r, rho * expected[i]);
    }
    struct shrink s;
    unsigned long next = rng_poisson(r, rho * expected[0]);
    double own = x[0], u = rng_unit(r);
    ret[0] = ret[1] = ret[2] = 0;
    ret[3] = 1;
    if (shrink_rate(&s, x, expected, PAIRS, 0, NULL) < 0)
        return;
    ret[0] = rho >= s.lo && rho <= s.hi;
    ret[3] = rho >= gsl_cdf_gamma_Pinv(.025, s.a + own, 1 / (s.b + expected[0])) &&
             rho <= gsl_cdf_gamma_Pinv(.975, s.a + own, 1 / (s.b + expected[0]));
    ret[1] = exp(log_randomp(shrink_log_upper(&s, next, expected[0]),
                             shrink_log_pmf(&s, next, expected[0]), u));
    ret[2] = own > 0
                 ? exp(log_randomp(poisson_log_upper(next, own), poisson_logpmf(next, own), u))
             : next > 0 ? 0
                        : u;
}

static void rate_cells(struct validation *v, double level, uint32_t R)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "60 pairs, %g expected:", level);
    const struct validate_figure figures[] = {
        {"rho in its 95 % interval", 0, FIGURE_MEAN, 0, .93, .96},
        {"p of a window to come at .05", 1, FIGURE_SHARE, .05, .04, .06},
        {"p of a window to come at .01", 1, FIGURE_SHARE, .01, .007, .014},
        {"foil: Poisson at its own rate at .05", 2, FIGURE_SHARE, .05, .09, 1},
        {"foil: rho in the interval at the maximum", 3, FIGURE_MEAN, 0, .7, .88},
    };
    validate_run(v, &(struct validate_plan){.experiment = "shrink",
                                            .prefix = prefix,
                                            .replicate = rates,
                                            .ctx = &level,
                                            .columns = 4,
                                            .figures = figures,
                                            .nfigures = level < 1 ? 5 : 4,
                                            .R = R});
}

/* --- goodness of fit ---------------------------------------------------------------- */

/* 400 hours of negative binomial counts; p with refit, and the foil: calibration z taken as
 * normal although its mean and theta were fitted. ctx: the true law is a mixture. */
static void fit(const void *ctx, struct rng *r, double *ret)
{
    enum { HOURS = 400 };
    bool mixture = *(const bool *)ctx;
    double y[HOURS], hours[HOURS];
    struct grid g = {.width = 3600, .n = HOURS, .first_s = 4 * 86400};
    struct baseline_opts opts = {.season = season_find("const"), .family = GLM_NEGBIN};
    struct adequacy_opts o = {&opts, 99, 0, 0};
    struct baseline b;
    struct adequacy a;
    for (int i = 0; i < HOURS; i++) {
        hours[i] = 1;
        y[i] = (double)(mixture ? rng_poisson(r, rng_unit(r) < .5 ? 0 : 4)
                                : rng_negbin(r, 1.5, 2));
    }
    o.seed = rng_u32(r);
    ret[0] = mixture ? 1 : 0; /* against the method */
    ret[1] = 1;
    if (baseline_fit(&b, &g, y, hours, &opts, NULL) < 0)
        return;
    adequacy_test(&a, &b, &g, y, hours, &o);
    ret[0] = mc_p(&a.mc);
    ret[1] = fmin(1, 2 * exp(normal_log_upper(a.calibration_z)));
    baseline_free(&b);
}

static void fit_cells(struct validation *v, uint32_t R)
{
    const bool no = false, yes = true;
    const struct validate_figure size[] = {
        {"size at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"foil: calibration z at .05, mean and theta fitted", 1, FIGURE_SHARE, .05, 0, .02}};
    const struct validate_figure power[] = {
        {"half of the hours switched off: found at .05", 0, FIGURE_SHARE, .05, .8, 1}};
    struct validate_plan plan = {.experiment = "shrink",
                                 .prefix = "PIT bootstrap, negative binomial:",
                                 .replicate = fit,
                                 .ctx = &no,
                                 .columns = 2,
                                 .figures = size,
                                 .nfigures = 2,
                                 .R = R,
                                 .m = 99};
    validate_run(v, &plan);
    plan.prefix = "PIT bootstrap,";
    plan.ctx = &yes;
    plan.figures = power;
    plan.nfigures = 1;
    validate_run(v, &plan);
}

void v_shrink(struct validation *v)
{
    dispersion_cells(v, validate_pick(v, 30, 1000));
    rate_cells(v, .5, validate_pick(v, 300, 20000));
    rate_cells(v, 5, validate_pick(v, 0, 20000));
    fit_cells(v, validate_pick(v, 40, 1000));
}
