/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V4 (c), (d): at-risk baselines behind a cache are unbiased and not over- or
 * underdispersed; tails out of the sample that the fit saw are not too thin; and
 * the two tests of a scan keep their size. Foils: clock time in place of at-risk
 * time; a Poisson law where look-ups are clustered. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/baseline.h"
#include "models/burst.h"
#include "models/level.h"
#include "stats/tail.h"
#include "tests/validate/validate.h"

enum { HOUR = 3600 };

static struct grid hourly(size_t n)
{
    return (struct grid){.t0 = 0, .width = HOUR, .n = n, .first_s = 4 * 86400}; /* a Monday */
}

/* --- (c) behind a cache ------------------------------------------------------------- */

struct demand {
    double base;
    size_t hours;
};

enum at_risk_column { DISPERSION, PEAK, TROUGH, WEEKEND_P, CLOCK_DISPERSION, AT_RISK_COLUMNS };

/* Demand of an hour of the day: .1 to 1.9 times the base. */
static double demand_of(const struct demand *d, size_t hour)
{
    return d->base * (1 + .9 * cos(2 * M_PI * ((double)(hour % 24) - 14) / 24));
}

/* Look-ups one by one through a cache of one hour; misses into s. */
static void draw_misses(const struct demand *d, struct rng *r, struct subject *s)
{
    size_t cap = 0;
    double until = 0;
    struct stream *one = s->streams;
    for (size_t h = 0; h < d->hours; h++) {
        double t = (double)h * HOUR, rate = demand_of(d, h) / HOUR;
        while ((t += rng_exponential(r, 1 / rate)) < (double)(h + 1) * HOUR) {
            if (t < until)
                continue;
            MEM_GROW(one->t, one->n, cap);
            one->t[one->n++] = t;
            until = t + HOUR;
        }
    }
    s->t = one->t;
    s->n = one->n;
}

/* sum (y - mu)^2 / sum mu: Pearson's ratio of sums, not sum of ratios, which has no
 * variance where a bucket's exposure can be a second. */
static double dispersion(const double *y, const double *mu, size_t n, size_t parameters)
{
    double squares = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
        squares += (y[i] - mu[i]) * (y[i] - mu[i]);
        sum += mu[i];
    }
    return squares / sum * (double)n / (double)(n - parameters);
}

/* p of a weekend effect beside 24 hours: Wald's z. */
static double weekend_p(const double *y, const double *hours, size_t n)
{
    uint16_t *level = mem_alloc(n * sizeof *level);
    double *weekend = mem_alloc(n * sizeof *weekend), p = 0;
    for (size_t i = 0; i < n; i++) {
        level[i] = (uint16_t)(i % 24);
        weekend[i] = i / 24 % 7 >= 5;
    }
    struct glm_design d = {.n = n,
                           .nfactors = 1,
                           .level = {level},
                           .nlevels = {24},
                           .ncovariates = 1,
                           .covariate = {weekend}};
    struct glm *g = glm_new();
    if (glm_fit(g, y, hours, &d, GLM_POISSON, NULL) == 0)
        p = 2 * exp(normal_log_upper(fabs(g->beta[24] / g->se[24])));
    glm_free(g);
    free(level);
    free(weekend);
    return p; /* 0 where the fit failed: against the method */
}

static void at_risk(const void *ctx, struct rng *r, double *ret)
{
    const struct demand *d = ctx;
    struct interval live = {0, (double)d->hours * HOUR};
    struct window w = {.live = &live, .nlive = 1, .length_s = live.to, .live_s = live.to};
    struct stream one = {.ttl_s = HOUR};
    struct subject s = {.streams = &one, .nstreams = 1};
    struct grid g = hourly(d->hours);
    double *y = mem_alloc(3 * g.n * sizeof *y), *hours = y + g.n, *clock = hours + g.n;
    struct baseline_opts o = {.season = season_find("hours48"), .family = GLM_POISSON};
    struct baseline b;
    draw_misses(d, r, &s);
    bucket_fill(&s, &g, y);
    exposure_fill(&s, &w, &g, hours);
    for (size_t i = 0; i < g.n; i++)
        clock[i] = 1;
    for (size_t k = 0; k < AT_RISK_COLUMNS; k++)
        ret[k] = NAN;
    if (baseline_fit(&b, &g, y, hours, &o, NULL) == 0) {
        ret[DISPERSION] = dispersion(y, b.mu, g.n, b.parameters);
        ret[PEAK] = b.rate[14] / demand_of(d, 14);
        ret[TROUGH] = b.rate[8] / demand_of(d, 8);
        baseline_free(&b);
    }
    if (baseline_fit(&b, &g, y, clock, &o, NULL) == 0) {
        ret[CLOCK_DISPERSION] = dispersion(y, b.mu, g.n, b.parameters);
        baseline_free(&b);
    }
    ret[WEEKEND_P] = weekend_p(y, hours, g.n);
    free(y);
    free(one.t);
}

static void at_risk_cell(struct validation *v, double base, uint32_t R)
{
    struct demand d = {base, 140 * 24};
    char prefix[64];
    snprintf(prefix, sizeof prefix, "at risk, %g/h, ttl 1 h:", base);
    const struct validate_figure figures[] = {
        {"weekend effect at .05", WEEKEND_P, FIGURE_SHARE, .05, .05, .05},
        {"dispersion, median", DISPERSION, FIGURE_MEDIAN, 0, .97, 1.03},
        {"rate at the peak / true, median", PEAK, FIGURE_MEDIAN, 0, .95, 1.05},
        {"rate in the morning / true, median", TROUGH, FIGURE_MEDIAN, 0, .95, 1.05},
        {"foil: dispersion over clock time, median", CLOCK_DISPERSION, FIGURE_MEDIAN, 0, 0, .7},
    };
    validate_run(v, &(struct validate_plan){.experiment = "V4",
                                            .prefix = prefix,
                                            .replicate = at_risk,
                                            .ctx = &d,
                                            .columns = AT_RISK_COLUMNS,
                                            .figures = figures,
                                            .nfigures = 5,
                                            .R = R});
}

/* --- (d) tails out of the sample ---------------------------------------------------- */

struct law {
    double base, theta;
};

enum tail_column { UPPER, MID, POISSON_UPPER, TAIL_COLUMNS };
enum { TRAINING = 8 * 168 };

static double draw_count(const struct law *l, struct rng *r)
{
    return (double)(isinf(l->theta) ? rng_poisson(r, l->base)
                                    : rng_negbin(r, l->base, l->theta));
}

/* Fit on eight weeks of hours; p of one more hour. */
static void out_of_sample(const void *ctx, struct rng *r, double *ret)
{
    const struct law *l = ctx;
    double y[TRAINING], hours[TRAINING];
    struct grid g = hourly(TRAINING);
    struct baseline_opts o = {.season = season_find("const"), .family = -1};
    struct baseline b;
    for (size_t i = 0; i < TRAINING; i++) {
        y[i] = draw_count(l, r);
        hours[i] = 1;
    }
    uint64_t next = (uint64_t)draw_count(l, r);
    ret[UPPER] = ret[MID] = ret[POISSON_UPPER] = 0; /* no fit counts against the method */
    if (baseline_fit(&b, &g, y, hours, &o, NULL) < 0)
        return;
    double upper = baseline_log_upper(&b, 0, next);
    ret[UPPER] = exp(upper);
    ret[MID] = exp(log_midp(upper, baseline_log_pmf(&b, 0, next)));
    ret[POISSON_UPPER] = exp(poisson_log_upper(next, b.mu[0]));
    baseline_free(&b);
}

/* P(mid-p <= .01) under the law itself. Counts leave gaps between the sizes that a test
 * can have: none between .0012 and .048 at .05 an hour; .0133 at 1.5 an hour, theta 2
 * (scipy.stats poisson.sf, nbinom.sf, 1.10.1). */
static double exact_mid_size(const struct law *l)
{
    for (uint64_t k = 1;; k++) {
        bool poisson = isinf(l->theta);
        double upper =
            poisson ? poisson_log_upper(k, l->base) : negbin_log_upper(k, l->base, l->theta);
        double pmf = poisson ? poisson_logpmf(k, l->base) : negbin_logpmf(k, l->base, l->theta);
        if (log_midp(upper, pmf) <= log(.01))
            return exp(upper);
    }
}

static void tail_cell(struct validation *v, double base, double theta, uint32_t R)
{
    struct law l = {base, theta};
    char prefix[64];
    snprintf(prefix, sizeof prefix, "out of sample, %g/h, theta %g:", base, theta);
    bool foil = base > 1 && theta < 1;
    double mid = exact_mid_size(&l);
    const struct validate_figure figures[] = {
        {"P(p <= .01)", UPPER, FIGURE_SHARE, .01, 0, .0125},
        {"P(p <= .001)", UPPER, FIGURE_SHARE, .001, 0, .0015},
        {"P(mid-p <= .01)", MID, FIGURE_SHARE, .01, fmin(.005, .6 * mid),
         fmax(.0125, 1.1 * mid)},
        {"foil: Poisson, P(p <= .01)", POISSON_UPPER, FIGURE_SHARE, .01, .05, 1},
    };
    validate_run(v, &(struct validate_plan){.experiment = "V4",
                                            .prefix = prefix,
                                            .replicate = out_of_sample,
                                            .ctx = &l,
                                            .columns = TAIL_COLUMNS,
                                            .figures = figures,
                                            .nfigures = foil ? 4 : 3,
                                            .R = R});
}

/* --- scan: level -------------------------------------------------------------------- */

enum { CLIENTS = 60, NAMES = 80 };

/* One quasi-independent table; a randomised p of one of the cells that are tested, by the
 * law of a scan, and the Poisson p of it. */
static void level(const void *ctx, struct rng *r, double *ret)
{
    double theta = *(const double *)ctx, name[NAMES];
    struct peers_cell *cells = mem_alloc(CLIENTS * NAMES * sizeof *cells);
    struct peers p;
    size_t n = 0;
    for (size_t j = 0; j < NAMES; j++)
        name[j] = exp(.7 * rng_normal(r));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        double client = 5 * exp(.7 * rng_normal(r));
        for (uint32_t j = 0; j < NAMES; j++) {
            uint64_t x = rng_negbin(r, client * name[j], theta);
            if (x)
                cells[n++] = (struct peers_cell){i, j, x};
        }
    }
    peers_make(&p, cells, n, CLIENTS, NAMES, 1);
    struct level_law law;
    size_t at = rng_below(r, n); /* one of those that are tested */
    level_law_of(&law, &p, at, 1);
    struct level_p tail = level_p(&law, cells[at].x, 1);
    ret[0] = exp(level_random(tail.log_tested, tail.log_above, rng_unit(r)));
    ret[1] = exp(poisson_log_upper(cells[at].x, law.mu));
    peers_free(&p);
    free(cells);
}

static void level_cell(struct validation *v, double theta, uint32_t R)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "level, 60 x 80, theta %g:", theta);
    const struct validate_figure figures[] = {
        {"randomised p at .05", 0, FIGURE_SHARE, .05, .03, .05},
        {"randomised p at .01", 0, FIGURE_SHARE, .01, .006, .01},
        {"randomised p at .001", 0, FIGURE_SHARE, .001, 0, .001},
        {"foil: Poisson at .01", 1, FIGURE_SHARE, .01, .05, 1},
    };
    validate_run(v, &(struct validate_plan){.experiment = "V4",
                                            .prefix = prefix,
                                            .replicate = level,
                                            .ctx = &theta,
                                            .columns = 2,
                                            .figures = figures,
                                            .nfigures = 4,
                                            .R = R});
}

/* --- scan: burst -------------------------------------------------------------------- */

struct series {
    double rate, theta, depth;
    size_t hours;
    uint32_t replicates;
};

static void draw_series(const struct series *z, struct rng *r, struct stream *one)
{
    size_t cap = 0;
    for (size_t h = 0; h < z->hours; h++) {
        double mu = z->rate * exp(z->depth * cos(2 * M_PI * (double)h / 24));
        uint64_t n = isinf(z->theta) ? rng_poisson(r, mu) : rng_negbin(r, mu, z->theta);
        for (uint64_t k = 0; k < n; k++) {
            MEM_GROW(one->t, one->n, cap);
            one->t[one->n++] = ((double)h + rng_unit(r)) * HOUR;
        }
    }
}

static void burst(const void *ctx, struct rng *r, double *ret)
{
    const struct series *z = ctx;
    struct interval live = {0, (double)z->hours * HOUR};
    struct window w = {.to_ns = (int64_t)z->hours * HOUR * NS_PER_S,
                       .live = &live,
                       .nlive = 1,
                       .length_s = live.to,
                       .live_s = live.to};
    struct stream one = {0};
    struct grid g = grid_make(&w, HOUR);
    struct baseline_opts baseline = {.family = GLM_NEGBIN};
    struct burst b;
    draw_series(z, r, &one);
    struct subject s = {.streams = &one, .nstreams = 1, .t = one.t, .n = one.n};
    s.id = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    struct burst_opts o = {&baseline, NULL, 1, z->replicates, 10, 1};
    ret[0] = 1; /* too few to test */
    if (s.n >= 10)
        ret[0] = burst_test(&b, &s, &w, &g, &o, NULL) == 0 ? exp(b.log_p) : 0;
    free(one.t);
}

/* Where some 75 sessions must tell theta, it is estimated high and the size is .05 to
 * .06; else at most nominal. */
static void burst_cell(struct validation *v, struct series z, uint32_t R)
{
    double more = z.theta < 1 ? 1.2 : 1;
    char prefix[96];
    snprintf(prefix, sizeof prefix, "burst, %g/h, theta %g%s:", z.rate, z.theta,
             z.depth > 0 ? ", daily rhythm" : "");
    const struct validate_figure figures[] = {
        {"size at .05", 0, FIGURE_SHARE, .05, 0, .05 * more},
        {"size at .01", 0, FIGURE_SHARE, .01, 0, .01 * more},
    };
    validate_run(v, &(struct validate_plan){.experiment = "V4",
                                            .prefix = prefix,
                                            .replicate = burst,
                                            .ctx = &z,
                                            .columns = 1,
                                            .figures = figures,
                                            .nfigures = 2,
                                            .R = R,
                                            .m = z.replicates});
}

/* --- scan: burst among others ------------------------------------------------------- */

struct crowd {
    double rate, depth; /* of all pairs */
    double own;         /* the pair's theta; the others' is .3 */
    uint32_t m;
};

enum { CROWD = 20, CROWD_HOURS = 1500 };

static struct window window_of(struct interval *live)
{
    return (struct window){.to_ns = (int64_t)live->to * NS_PER_S,
                           .live = live,
                           .nlive = 1,
                           .length_s = live->to,
                           .live_s = live->to};
}

static void draw_law(const struct crowd *c, struct rng *r, const struct window *w,
                     const struct grid *g, struct thetas *ret)
{
    const struct series z = {c->rate, .3, c->depth, CROWD_HOURS, 0};
    const struct baseline_opts baseline = {.family = GLM_NEGBIN};
    double loglik[CROWD][THETAS_GRID];
    size_t n = 0;
    for (int i = 0; i < CROWD; i++) {
        struct stream one = {0};
        draw_series(&z, r, &one);
        struct subject s = {.streams = &one, .nstreams = 1, .t = one.t, .n = one.n};
        n += burst_profile(loglik[n], &s, w, g, &baseline) == 0;
        free(one.t);
    }
    thetas_law(ret, (const double(*)[THETAS_GRID])loglik, n, n);
}

/* ret: p among the others and by itself; fitted theta over the true one, in the same order. */
static void crowded(const void *ctx, struct rng *r, double *ret)
{
    const struct crowd *c = ctx;
    const struct series z = {c->rate, c->own, c->depth, CROWD_HOURS, c->m};
    struct interval live = {0, (double)CROWD_HOURS * HOUR};
    struct window w = window_of(&live);
    struct grid g = grid_make(&w, HOUR);
    struct baseline_opts baseline = {.family = GLM_NEGBIN};
    struct stream one = {0};
    struct thetas law;
    draw_law(c, r, &w, &g, &law);
    draw_series(&z, r, &one);
    struct subject s = {.streams = &one, .nstreams = 1, .t = one.t, .n = one.n};
    s.id = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    for (int alone = 0; alone < 2; alone++) {
        struct burst b;
        struct burst_opts o = {&baseline, alone ? NULL : &law, 1, z.replicates, 10, 1};
        bool tested = s.n >= 10;
        int rc = tested ? burst_test(&b, &s, &w, &g, &o, NULL) : 0;
        ret[alone] = !tested ? 1 : rc == 0 ? exp(b.log_p) : 0;
        ret[2 + alone] = tested && rc == 0 ? b.theta / c->own : 1;
    }
    free(one.t);
}

/* Is a burst's theta, judged among the other pairs', better than by itself, and does a pair
 * that scatters more than all of them keep its size? The others are drawn and their law fitted
 * anew for each. */
static void crowd_cell(struct validation *v, double own, uint32_t R)
{
    struct crowd c = {.05, 0, own, 499};
    char prefix[80];
    bool alike = own > .2;
    snprintf(prefix, sizeof prefix, "burst, .05/h, theta %g among %d pairs of .3:", own, CROWD);
    const struct validate_figure figures[] = {
        {"size at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"size at .01", 0, FIGURE_SHARE, .01, 0, .01},
        {"by the pair alone: size at .05", 1, FIGURE_SHARE, .05, 0, .06},
        {"fitted over true theta, median", 2, FIGURE_MEDIAN, 0, .8, 1.1},
        {"foil: the same by the pair alone", 3, FIGURE_MEDIAN, 0, 1.05, 2},
    };
    validate_run(v, &(struct validate_plan){
                        .experiment = "V4",
                        .prefix = prefix,
                        .replicate = crowded,
                        .ctx = &c,
                        .columns = 4,
                        .figures = figures,
                        .nfigures = !alike    ? 2
                                    : R < 100 ? 3
                                              : 5, /* a median's band is not widened */
                        .R = R,
                        .m = c.m});
}

/* The same under a daily rhythm, where theta is fitted together with a season. */
static void crowd_season_cell(struct validation *v, uint32_t R)
{
    static const struct crowd c = {.2, 1, .3, 99};
    const struct validate_figure figures[] = {
        {"size at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"size at .01", 0, FIGURE_SHARE, .01, 0, .01},
        {"by the pair alone: size at .05", 1, FIGURE_SHARE, .05, 0, .06},
        {"fitted over true theta, median", 2, FIGURE_MEDIAN, 0, .8, 1.1},
    };
    validate_run(v, &(struct validate_plan){
                        .experiment = "V4",
                        .prefix = "burst, .2/h, theta .3, daily rhythm, among 20 alike:",
                        .replicate = crowded,
                        .ctx = &c,
                        .columns = 4,
                        .figures = figures,
                        .nfigures = R < 100 ? 3 : 4,
                        .R = R,
                        .m = c.m});
}

void v4_baseline(struct validation *v)
{
    const double bases[] = {.05, .3, 1.5}, thetas[] = {.5, 2, INFINITY};
    at_risk_cell(v, .6, validate_pick(v, 40, 2000));
    at_risk_cell(v, 2, validate_pick(v, 0, 2000));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            tail_cell(v, bases[i], thetas[j],
                      validate_pick(v, i == 2 && j == 0 ? 300 : 0, 20000));
    for (int j = 0; j < 2; j++)
        level_cell(v, thetas[j], validate_pick(v, j ? 0 : 20, 8000));
    burst_cell(v, (struct series){.05, .3, 0, 1500, 499}, validate_pick(v, 200, 4000));
    burst_cell(v, (struct series){.3, 1, 0, 700, 499}, validate_pick(v, 0, 4000));
    burst_cell(v, (struct series){.4, INFINITY, 1, 500, 499}, validate_pick(v, 0, 4000));
    crowd_cell(v, .3, validate_pick(v, 10, 2000));
    crowd_cell(v, .1, validate_pick(v, 0, 2000));
    crowd_season_cell(v, validate_pick(v, 0, 2000));
}
