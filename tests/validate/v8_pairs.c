/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V8, beside D1: at-risk residual correlogram by bootstrap and by shifts (D2, D3), event
 * coincidences and trigger hazard on window surrogates (D4, D5), in D1's worlds, and the
 * interval of eta without, with some and with many triggers. Foils:
 * the same statistics with their authors' p: the binomial of event coincidence analysis,
 * chi-square of a trigger with the fitted demand taken as known. */
#include <math.h>
#include <stdio.h>

#include "models/coincide.h"
#include "models/crosscorr.h"
#include "models/trigger.h"
#include "stats/tail.h"
#include "tests/validate/v8_world.h"
#include "tests/validate/validate.h"

enum column {
    BOOTSTRAP,
    SHIFT,
    PRECURSOR,
    FOLLOWED,
    HAZARD,
    HAZARD_BACK,
    HAZARD_HELD,
    BINOMIAL,
    CHI_SQUARE,
    COLUMNS
};

enum { WITHIN_S = 360 };

static const struct surrogate_opts window_opts = {
    .window_s = 4 * HOUR, .session_s = 30, .sweeps = 3, .seed = 8};

/* CoinCalc's p: n_b trials of one chance, that of a session of a in the interval before. */
static double binomial_p(const struct coincide_rate *k, size_t na, double length_s)
{
    double chance = -expm1((double)na * log1p(-WITHIN_S / length_s));
    return exp(binomial_log_upper(k->count, k->of, chance));
}

static void on_surrogates(const struct scene *s, const struct world *world, double *ret)
{
    const struct subject *a = &s->a.subject, *b = &s->b.subject;
    struct surrogate *sur;
    if (surrogate_window(&sur, b, &s->w, &window_opts, NULL) < 0)
        return;
    struct coincide_result c;
    coincide(&c, a, b, sur, &(struct coincide_opts){0, WITHIN_S, world->m, 1});
    ret[PRECURSOR] = mc_p(&c.precursor.mc);
    ret[FOLLOWED] = mc_p(&c.trigger.mc);
    ret[BINOMIAL] = binomial_p(&c.precursor, a->n, s->w.length_s);
    struct trigger_opts o = {.replicates = world->m, .threads = 1};
    struct trigger_result t;
    if (trigger(&t, a, b, &s->w, sur, &o, NULL) == 0) {
        ret[HAZARD] = mc_p(&t.mc);
        ret[CHI_SQUARE] = exp(t.kernel[t.best].log_p);
    }
    o.hold_demand = true;
    if (trigger(&t, a, b, &s->w, sur, &o, NULL) == 0)
        ret[HAZARD_HELD] = mc_p(&t.mc);
    surrogate_free(sur);
}

static double hazard_back(const struct scene *s, uint32_t m)
{
    const struct subject *a = &s->a.subject, *b = &s->b.subject;
    struct surrogate *sur;
    struct trigger_result t;
    if (surrogate_window(&sur, a, &s->w, &window_opts, NULL) < 0)
        return 1;
    struct trigger_opts o = {.replicates = m, .threads = 1};
    int rc = trigger(&t, b, a, &s->w, sur, &o, NULL);
    surrogate_free(sur);
    return rc < 0 ? 1 : mc_p(&t.mc);
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *world = ctx;
    struct scene s;
    scene_draw(&s, world, r);
    const struct subject *a = &s.a.subject, *b = &s.b.subject;
    struct crosscorr_opts o = {.width_s = 360,
                               .max_lag_s = 2160,
                               .window_s = 4 * HOUR,
                               .seed = 8,
                               .replicates = world->m,
                               .threads = 1};
    struct crosscorr x;
    struct crosscorr_shifts shifts;
    for (size_t k = 0; k < COLUMNS; k++)
        ret[k] = 1;
    if (crosscorr_bootstrap(&x, a, b, &s.w, &o, NULL) == 0)
        ret[BOOTSTRAP] = mc_p(&x.mc);
    if (crosscorr_shift(&shifts, a, b, &s.w, &o, NULL) == 0)
        ret[SHIFT] = shifts.p;
    on_surrogates(&s, world, ret);
    ret[HAZARD_BACK] = hazard_back(&s, world->m);
    scene_free(&s);
}

enum { ONLY_LOW, ONLY_HIGH, ONLY_HOLDS, ONLY_COLUMNS };

static void interval_replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *world = ctx;
    struct scene s;
    struct surrogate *sur;
    struct trigger_opts o = {.level = .9, .replicates = world->m, .threads = 1};
    struct trigger_result t;
    scene_draw(&s, world, r);
    ret[ONLY_LOW] = ret[ONLY_HIGH] = ret[ONLY_HOLDS] = 0;
    if (surrogate_window(&sur, &s.b.subject, &s.w, &window_opts, NULL) == 0) {
        if (trigger(&t, &s.a.subject, &s.b.subject, &s.w, sur, &o, NULL) == 0) {
            ret[ONLY_LOW] = t.eta_hi < world->eta;
            ret[ONLY_HIGH] = t.eta_lo > world->eta;
            ret[ONLY_HOLDS] = t.eta_lo <= world->eta && world->eta <= t.eta_hi;
        }
        surrogate_free(sur);
    }
    scene_free(&s);
}

static void run(struct validation *v, const struct world *w, const struct validate_figure *f,
                size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "V8",
                                            .prefix = w->name,
                                            .replicate = replicate,
                                            .ctx = w,
                                            .columns = COLUMNS,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = w->m});
}

#define REJECTS(name, column, lo, hi)                                                          \
    {                                                                                          \
        name ", rejects at .05", column, FIGURE_SHARE, .05, lo, hi                             \
    }
#define SIZES                                                                                  \
    REJECTS("D2, bootstrap", BOOTSTRAP, 0, .061), REJECTS("D3, shifts", SHIFT, 0, .05),        \
        REJECTS("D4, precursor", PRECURSOR, 0, .061),                                          \
        REJECTS("D4, trigger", FOLLOWED, 0, .061), REJECTS("D5, a to b", HAZARD, 0, .061),     \
        REJECTS("D5, b to a", HAZARD_BACK, 0, .061),                                           \
        REJECTS("D5, a to b, the data's demand held in all replicates", HAZARD_HELD, 0, 1)

static const struct validate_figure flat_figures[] = {SIZES};
static const struct validate_figure drift_figures[] = {
    SIZES,
    REJECTS("foil: binomial of event coincidence analysis", BINOMIAL, .25, 1),
    REJECTS("foil: D5 by chi-square, largest of four", CHI_SQUARE, .1, 1),
};
static const struct validate_figure power_figures[] = {
    REJECTS("D2, bootstrap", BOOTSTRAP, .5, 1),
    REJECTS("D4, precursor", PRECURSOR, .5, 1),
    REJECTS("D4, trigger", FOLLOWED, .5, 1),
    REJECTS("D5, a to b", HAZARD, .95, 1),
};

/* The interval of eta, level .90, under a shared rhythm with drift and without. */
static void check_interval(struct validation *v)
{
    static const struct validate_figure f[] = {
        {"interval of eta below the truth", ONLY_LOW, FIGURE_MEAN, 0, 0, .05},
        {"interval of eta above the truth", ONLY_HIGH, FIGURE_MEAN, 0, 0, .05},
        {"interval of eta holds the truth", ONLY_HOLDS, FIGURE_MEAN, 0, .9, 1}};
    static const double eta[] = {0, .03, .05, .1};
    for (size_t i = 0; i < sizeof eta / sizeof *eta; i++)
        for (int drift = 0; drift < 2; drift++) {
            char prefix[64];
            const struct world w = {.name = prefix,
                                    .amplitude = drift ? 1.2 : 0,
                                    .drift = drift,
                                    .eta = eta[i],
                                    .days = 140,
                                    .caches = 1,
                                    .m = 99};
            snprintf(prefix, sizeof prefix,
                     "D5, %s, eta %.2f, 90 %%:", drift ? "rhythm and drift" : "flat", eta[i]);
            validate_run(v, &(struct validate_plan){.experiment = "V8",
                                                    .prefix = prefix,
                                                    .replicate = interval_replicate,
                                                    .ctx = &w,
                                                    .columns = ONLY_COLUMNS,
                                                    .figures = f,
                                                    .nfigures = 3,
                                                    .R = validate_pick(v, 0, 2000),
                                                    .m = w.m});
        }
}

void v8_pairs(struct validation *v)
{
    uint32_t m = validate_pick_m(v, 99, 99), R = validate_pick(v, 0, 2000);
    const struct world brief = {"pairs, drift, 28 days:", 1.2, 1, 0, 28, 1, 0, m, APART, false};
    const struct world flat = {"pairs, flat:", 0, 0, 0, 140, 1, 0, m, APART, false};
    const struct world drift = {
        "pairs, shared rhythm and drift:", 1.2, 1, 0, 140, 1, 0, m, APART, false};
    const struct world found = {
        "pairs, drift, eta .10:", 1.2, 1, .1, 140, 1, 0, m, APART, false};
    run(v, &brief, drift_figures, 9, validate_pick(v, 24, 2000));
    run(v, &flat, flat_figures, 7, R);
    run(v, &drift, drift_figures, 9, R);
    run(v, &found, power_figures, 4, R / 2);
    check_interval(v);
}
