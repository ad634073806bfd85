/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rolling baselines over Noufaily's 42 scenarios (tests/noufaily.h): how often is a week
 * without an outbreak above the limit, and how many outbreaks are seen? The foils are
 * the forms that R's surveillance has, by our code, which test_rolling compares with it;
 * tests/bench/rolling.sh runs that program itself on the same series. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/days.h"
#include "stats/order.h"
#include "stats/rolling.h"
#include "stats/tail.h"
#include "tests/noufaily.h"
#include "tests/validate/validate.h"

enum { CALIBRATED, NOUFAILY, MUAN, FARRINGTON, FORMS };
static const struct rolling_opts *const forms[FORMS] = {&rolling_calibrated, &rolling_noufaily,
                                                        &rolling_muan, &rolling_farrington};
static const double ALPHA = .005;

/* One form over the tested weeks of one series. */
struct track {
    double log_p[NOUFAILY_TESTED], log_random[NOUFAILY_TESTED];
};

struct series {
    struct track quiet[FORMS], infected[FORMS];
    size_t from, to; /* weeks of the tested outbreak; to SIZE_MAX: none */
};

struct study {
    struct series *series; /* scenario by scenario, R each */
    uint32_t R;
    bool power;
};

/* A week that has no fit is no alarm: p = 1. */
static void follow(const double *y, struct rng *r, struct glm *g, struct track ret[FORMS])
{
    for (int f = 0; f < FORMS; f++) {
        struct rolling_opts o = *forms[f];
        o.alpha = f == CALIBRATED ? 0 : ALPHA;
        for (size_t t = 0; t < NOUFAILY_TESTED; t++) {
            struct rolling one;
            double u = rng_unit(r);
            ret[f].log_p[t] = ret[f].log_random[t] = 0;
            if (rolling_test(&one, g, y, NULL, NOUFAILY_FIRST + t, &o, NULL) < 0)
                continue;
            ret[f].log_p[t] = one.log_p;
            ret[f].log_random[t] = log_randomp(one.log_p, one.log_pmf, u);
        }
    }
}

static void run_series(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct study *s = ctx;
    struct noufaily scenario = noufaily_scenario(i / s->R);
    struct series *one = &s->series[i];
    struct glm *g = glm_new();
    struct rng r;
    double y[NOUFAILY_WEEKS];
    rng_stream(&r, 20130330, RNG_VALIDATE, i / s->R, (uint32_t)(i % s->R));
    noufaily_draw(&scenario, &r, y);
    follow(y, &r, g, one->quiet);
    if (s->power) {
        noufaily_infect(&scenario, &r, y, &one->from, &one->to);
        follow(y, &r, g, one->infected);
    }
    glm_free(g);
}

/* --- size --------------------------------------------------------------------------- */

static double alarms(const double log_p[NOUFAILY_TESTED])
{
    double n = 0;
    for (size_t t = 0; t < NOUFAILY_TESTED; t++)
        n += log_p[t] <= log(ALPHA);
    return n / NOUFAILY_TESTED;
}

struct rate {
    double mean, se; /* clustered by series */
};

static struct rate rate_of(const struct study *s, int form, bool random, size_t from, size_t to)
{
    double sum = 0, squares = 0, n = (double)(to - from);
    for (size_t i = from; i < to; i++) {
        const struct track *t = &s->series[i].quiet[form];
        double a = alarms(random ? t->log_random : t->log_p);
        sum += a;
        squares += a * a;
    }
    double mean = sum / n;
    return (struct rate){mean, sqrt(fmax(0, squares / n - mean * mean) / fmax(1, n - 1))};
}

/* The claim [lo, hi] widened by three clustered standard errors. */
static void size_cell(struct validation *v, const struct study *s, int form, bool random,
                      double lo, double hi, const char *foil)
{
    char cell[96];
    struct rate r = rate_of(s, form, random, 0, NOUFAILY_SCENARIOS * (size_t)s->R);
    snprintf(cell, sizeof cell, "%s%s, %s p, 42 scenarios: size at .005", foil,
             forms[form]->name, random ? "randomised" : "ordinary");
    validate_cell(v, "rolling", cell, r.mean, fmax(0, lo - 3 * r.se), fmin(1, hi + 3 * r.se),
                  NOUFAILY_SCENARIOS * s->R, 0);
}

/* How many scenarios have an ordinary size above .010 by more than 3 se? The se of a
 * scenario is that of one at .010 if it is larger. */
static void scenario_cells(struct validation *v, const struct study *s)
{
    double size[NOUFAILY_SCENARIOS], above = 0;
    for (size_t k = 0; k < NOUFAILY_SCENARIOS; k++) {
        struct rate r = rate_of(s, CALIBRATED, false, k * s->R, (k + 1) * s->R);
        double least = sqrt(.01 * .99 / (NOUFAILY_TESTED * (double)s->R));
        size[k] = r.mean;
        above += r.mean > .010 + 3 * fmax(r.se, least);
    }
    order_sort(size, NOUFAILY_SCENARIOS);
    validate_cell(v, "rolling", "rolling, ordinary p: scenarios above .010 + 3 se", above, 0, 0,
                  s->R, 0);
    validate_cell(v, "rolling", "rolling, ordinary p: least scenario", size[0], 0, .01, s->R,
                  0);
    validate_cell(v, "rolling", "rolling, ordinary p: median scenario",
                  size[NOUFAILY_SCENARIOS / 2], 0, .006, s->R, 0);
    validate_cell(v, "rolling", "rolling, ordinary p: greatest scenario",
                  size[NOUFAILY_SCENARIOS - 1], 0,
                  .010 + 4 * sqrt(.01 * .99 / (NOUFAILY_TESTED * (double)s->R)), s->R, 0);
}

/* --- power -------------------------------------------------------------------------- */

static bool in_outbreak(const struct series *s, size_t week)
{
    return s->to != SIZE_MAX && week >= s->from && week <= s->to;
}

/* ln p that a share ALPHA of the weeks outside outbreaks lies below. */
static double fair_limit(const struct study *s, int form)
{
    size_t n = NOUFAILY_SCENARIOS * (size_t)s->R, k = 0;
    double *p = mem_alloc(n * NOUFAILY_TESTED * sizeof *p);
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; t < NOUFAILY_TESTED; t++)
            if (!in_outbreak(&s->series[i], NOUFAILY_FIRST + t))
                p[k++] = s->series[i].infected[form].log_p[t];
    double limit = order_quantile(p, k, ALPHA);
    free(p);
    return limit;
}

static bool found(const struct series *s, int form, double limit)
{
    for (size_t w = s->from; w <= s->to; w++)
        if (s->infected[form].log_p[w - NOUFAILY_FIRST] <= limit)
            return true;
    return false;
}

/* Share of the outbreaks seen by ours less that seen by another form, each at the limit
 * that gives it the same false alarms. */
static void power_cell(struct validation *v, const struct study *s, int form)
{
    double limit[2] = {fair_limit(s, CALIBRATED), fair_limit(s, form)};
    double seen[2] = {0}, n = 0, squares = 0;
    char cell[128];
    for (size_t i = 0; i < NOUFAILY_SCENARIOS * (size_t)s->R; i++) {
        const struct series *one = &s->series[i];
        if (one->to == SIZE_MAX)
            continue;
        int a = found(one, CALIBRATED, limit[0]), b = found(one, form, limit[1]);
        n++;
        seen[0] += a;
        seen[1] += b;
        squares += a != b;
    }
    double gain = (seen[0] - seen[1]) / n, se = sqrt(squares / n - gain * gain) / sqrt(n);
    snprintf(cell, sizeof cell,
             "outbreaks seen at equal false alarms: rolling %.3f, less %s %.3f", seen[0] / n,
             forms[form]->name, seen[1] / n);
    validate_cell(v, "rolling", cell, gain, -3 * se, 1, (uint32_t)n, 0);
}

/* --- days of a pair ----------------------------------------------------------------- */

/* 140 days with a weekly rhythm, NB1 of phi 2; p of the most surprising day, and without
 * the correction for the number of days. */
static void days(const void *ctx, struct rng *r, double *ret)
{
    enum { DAYS = 140, DAY_S = 86400 };
    double base = *(const double *)ctx;
    struct interval live = {0, (double)DAYS * DAY_S};
    struct window w = {.live = &live, .nlive = 1, .length_s = live.to, .live_s = live.to};
    w.to_ns = (int64_t)DAYS * DAY_S * 1000000000;
    struct stream one = {0};
    size_t cap = 0;
    for (size_t d = 0; d < DAYS; d++) {
        double mu = base * (d % 7 >= 5 ? .4 : 1);
        for (uint64_t k = rng_negbin(r, mu, mu); k > 0; k--) {
            MEM_GROW(one.t, one.n, cap);
            one.t[one.n++] = ((double)d + rng_unit(r)) * DAY_S;
        }
    }
    order_sort(one.t, one.n);
    struct subject s = {.streams = &one, .nstreams = 1, .t = one.t, .n = one.n};
    struct days best;
    ret[0] = ret[1] = 0; /* no fit counts against the method */
    if (days_test(&best, &s, &w, NULL) == 0) {
        ret[0] = exp(best.log_p);
        ret[1] = exp(best.at.log_p);
    }
    free(one.t);
}

static void days_cell(struct validation *v, double base, uint32_t R)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "days, %g a workday, variance 2 x mean:", base);
    const struct validate_figure figures[] = {
        {"least p of all days at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"least p of all days at .01", 0, FIGURE_SHARE, .01, 0, .01},
        {"foil: its own p at .05", 1, FIGURE_SHARE, .05, .5, 1},
    };
    validate_run(v, &(struct validate_plan){.experiment = "rolling",
                                            .prefix = prefix,
                                            .replicate = days,
                                            .ctx = &base,
                                            .columns = 2,
                                            .figures = figures,
                                            .nfigures = 3,
                                            .R = R});
}

void v_rolling(struct validation *v)
{
    struct study s = {.R = validate_pick(v, 1, 100), .power = validate_pick(v, 0, 100) > 0};
    size_t n = NOUFAILY_SCENARIOS * (size_t)s.R;
    s.series = mem_zero(n, sizeof *s.series);
    par_for(0, n, run_series, &s);
    size_cell(v, &s, CALIBRATED, true, .004, .006, "");
    size_cell(v, &s, CALIBRATED, false, 0, .006, "");
    scenario_cells(v, &s);
    size_cell(v, &s, NOUFAILY, false, .0072, .0092, "foil: ");
    size_cell(v, &s, MUAN, false, .0029, .0041, "foil: ");
    size_cell(v, &s, FARRINGTON, false, .0272, .0312, "foil: ");
    for (int f = NOUFAILY; s.power && f < FORMS; f++)
        power_cell(v, &s, f);
    free(s.series);
    days_cell(v, 2, validate_pick(v, 10, 2000));
    days_cell(v, 20, validate_pick(v, 0, 2000));
}
