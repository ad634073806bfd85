/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dates: chance coverage, a change of unknown and of stated date, placebo blocks, blocks of
 * constant rate, and the nulls of alignment and reaction from look-ups to p. Series of 142
 * days under Poisson's law, where days scatter (size 2), and where the rate wanders (log
 * rate AR(1), .9 a day, sd .3). Foils: the chi-square law of the largest ratio, the binomial
 * of a total, the closed form where features come in days, Scargle's own penalty. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/blocks.h"
#include "stats/change.h"
#include "stats/stop.h"
#include "stats/tail.h"
#include "tests/eventful.h"
#include "tests/validate/validate.h"

enum { N = 142, HALVED = 90 };

/* --- chance coverage ------------------------------------------------------------------- */

/* Share of draws in which one of F uniform features falls within w days of M dates, beside
 * 1 - (1 - c)^F; the dates are drawn once a cell. */
static double coverage_z(int features, int dates, double within, uint32_t R)
{
    struct moment at[20];
    struct moments m = {.at = at, .n = (size_t)dates};
    struct interval live = {0, N * 86400.0};
    struct window w = {.to_ns = (int64_t)N * 86400 * NS_PER_S,
                       .live = &live,
                       .nlive = 1,
                       .length_s = live.to,
                       .live_s = live.to};
    struct rng r;
    struct stretches s;
    rng_stream(&r, 20160720, RNG_VALIDATE, (uint64_t)(features * 1000 + dates),
               (uint32_t)(within * 2));
    for (int i = 0; i < dates; i++)
        at[i].from_ns = at[i].to_ns = (int64_t)(live.to * rng_unit(&r)) * NS_PER_S;
    stretches_around(&s, &m, &w, within * 86400, 0, SIZE_MAX);
    double c = stretches_live(&s, &w) / w.live_s, hits = 0;
    for (uint32_t i = 0; i < R; i++) {
        bool hit = false;
        for (int k = 0; k < features; k++)
            hit |= stretches_hold(&s, live.to * rng_unit(&r));
        hits += hit;
    }
    stretches_free(&s);
    double p = exp(binomial_log_upper(1, (uint64_t)features, c));
    return fabs(hits / R - p) / sqrt(p * (1 - p) / R);
}

static void check_coverage(struct validation *v)
{
    static const int features[] = {1, 2, 4, 8}, dates[] = {10, 20};
    static const double within[] = {.5, 1, 2};
    uint32_t R = validate_pick(v, 2000, 100000);
    double most = 0;
    for (size_t f = 0; f < 4; f++)
        for (size_t d = 0; d < 2; d++)
            for (size_t w = 0; w < 3; w++)
                most = fmax(most, coverage_z(features[f], dates[d], within[w], R));
    validate_cell(v, "V9", "coverage: closed form against draws, 24 cells, largest |z|", most,
                  0, 3, R, 0);
}

/* --- series of days ------------------------------------------------------------------------
 */

struct days {
    double shape, memory, spread;
    bool halved;
};

static void draw_days(const struct days *w, struct rng *r, double *y)
{
    double x = w->spread > 0 ? w->spread * rng_normal(r) : 0;
    for (int d = 0; d < N; d++) {
        double mu = !w->halved ? 20 : d < HALVED ? 2820 / 116. : 2820 / 232.;
        mu *= exp(x);
        y[d] = w->shape > 0 ? (double)rng_negbin(r, mu, w->shape) : (double)rng_poisson(r, mu);
        if (w->spread > 0)
            x = w->memory * x + sqrt(1 - w->memory * w->memory) * w->spread * rng_normal(r);
    }
}

enum { UNKNOWN, CHISQ, COVERS, COLUMNS_CHANGE };

static void change_replicate(const void *ctx, struct rng *r, double *ret)
{
    double y[N], e[N];
    struct change c;
    for (int i = 0; i < N; i++)
        e[i] = 1;
    draw_days(ctx, r, y);
    struct change_opts o = {rng_u32(r), 1, 199};
    ret[UNKNOWN] = ret[CHISQ] = 1;
    ret[COVERS] = 0;
    if (change_test(&c, y, e, N, &o) < 0)
        return;
    ret[UNKNOWN] = exp(c.log_p);
    ret[CHISQ] = exp(chisq_log_upper(c.split.lr, 1));
    ret[COVERS] = c.lo <= HALVED && c.hi >= HALVED;
}

enum { PLACEBO4, PLACEBO14, SCATTER4, SCATTER14, BINOMIAL4, COLUMNS_DATE };

static double stated(const double *y, const double *e, size_t at, struct rng *r)
{
    enum { M = 99 };
    double work[N], drawn[N], mean = 0, mu[N];
    struct clustered left;
    struct change_opts o = {rng_u32(r), 2, 0};
    struct mc mc = {.max = M};
    change_left(&left, y, e, N, at, &o);
    for (int i = 0; i < N; i++)
        mean += y[i] / N;
    for (int i = 0; i < N; i++)
        mu[i] = mean;
    double observed = change_at(y, e, N, at, -1, work);
    for (int k = 0; k < M; k++) {
        clustered_draw(&left, mu, N, r, drawn);
        mc_add(&mc, change_at(drawn, e, N, at, -1, work), observed);
    }
    return mc_p(&mc);
}

static void date_replicate(const void *ctx, struct rng *r, double *ret)
{
    double y[N], e[N], all = 0, after = 0;
    struct placebo p;
    draw_days(ctx, r, y);
    for (int i = 0; i < N; i++) {
        e[i] = 20;
        all += y[i];
        after += i >= N - 4 ? y[i] : 0;
    }
    placebo_blocks(&p, y, e, NULL, NULL, N - 4, 4, -1);
    ret[PLACEBO4] = exp(p.log_p);
    placebo_blocks(&p, y, e, NULL, NULL, N - 14, 14, -1);
    ret[PLACEBO14] = exp(p.log_p);
    ret[SCATTER4] = stated(y, e, N - 4, r);
    ret[SCATTER14] = stated(y, e, N - 14, r);
    ret[BINOMIAL4] = exp(binomial_log_lower((uint64_t)after, (uint64_t)all, 4. / N));
}

enum { OWN, SCARGLE, COLUMNS_BLOCKS };

/* 1 where a steady series falls into more than one block. */
static void blocks_replicate(const void *ctx, struct rng *r, double *ret)
{
    double y[N], e[N], n = 0;
    size_t from[N];
    struct change c;
    draw_days(ctx, r, y);
    for (int i = 0; i < N; i++) {
        e[i] = 1;
        n += y[i];
    }
    struct change_opts o = {rng_u32(r), 3, 99};
    ret[OWN] = ret[SCARGLE] = 0;
    if (change_test(&c, y, e, N, &o) < 0)
        return;
    ret[OWN] = blocks_find(y, e, N, change_penalty(&c.left, y, e, N, .05, &o), from) > 1;
    ret[SCARGLE] = blocks_find(y, e, N, 4 - log(73.53 * .05 * pow(n, -.478)), from) > 1;
}

static void run(struct validation *v, const char *prefix, validate_fn *fn, const void *ctx,
                size_t columns, const struct validate_figure *f, size_t n, uint32_t R,
                uint32_t m)
{
    validate_run(v, &(struct validate_plan){.experiment = "V9",
                                            .prefix = prefix,
                                            .replicate = fn,
                                            .ctx = ctx,
                                            .columns = columns,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = m});
}

#define AT05(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_SHARE, .at = .05, .lo = (lo_),    \
        .hi = (hi_)                                                                            \
    }

static const struct days poisson = {0, 0, 0, false}, scattered = {2, 0, 0, false},
                         wandering = {0, .9, .3, false}, halved = {0, 0, 0, true},
                         halved_scattered = {2, 0, 0, true};

static void check_change(struct validation *v)
{
    uint32_t R = validate_pick(v, 10, 2000), slow = validate_pick(v, 0, 2000);
    const struct validate_figure p[] = {AT05("largest ratio, bootstrap", UNKNOWN, .05, .05),
                                        AT05("foil: chi-square of it", CHISQ, .375, .441)};
    run(v, "unknown date, Poisson: size of ", change_replicate, &poisson, COLUMNS_CHANGE, p, 2,
        R, 199);
    const struct validate_figure s[] = {AT05("largest ratio, bootstrap", UNKNOWN, .05, .05),
                                        AT05("foil: chi-square of it", CHISQ, .9, 1)};
    run(v, "unknown date, days scatter: size of ", change_replicate, &scattered, COLUMNS_CHANGE,
        s, 2, R, 199);
    const struct validate_figure w[] = {AT05("largest ratio, bootstrap", UNKNOWN, 0, .075)};
    run(v, "unknown date, rate wanders: size of ", change_replicate, &wandering, COLUMNS_CHANGE,
        w, 1, slow, 199);
    const struct validate_figure c[] = {
        {.cell = "95 % interval", .column = COVERS, .kind = FIGURE_MEAN, .lo = .93, .hi = 1}};
    run(v, "2,820 sessions, rate halved: coverage of ", change_replicate, &halved,
        COLUMNS_CHANGE, c, 1, R, 99);
    run(v, "the same, days scatter: coverage of ", change_replicate, &halved_scattered,
        COLUMNS_CHANGE, c, 1, slow, 99);
}

enum { BEFORE = 594, AFTER = 24, SHARP = 0, SHARP25, COLUMNS_SHARP };

/* Level .01, 594 days before: stretches of six days, and of 23 as at .05. */
static void sharp_replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct days *world = ctx;
    double y[BEFORE + AFTER], e[BEFORE + AFTER];
    struct placebo p;
    for (int i = 0; i < BEFORE + AFTER; i++) {
        double rate = world->shape > 0 ? rng_gamma(r, world->shape, 1 / world->shape) : 1;
        e[i] = 20;
        y[i] = (double)rng_poisson(r, 20 * rate);
    }
    for (int k = SHARP; k <= SHARP25; k++) {
        size_t cells = placebo_cells(BEFORE, AFTER, k == SHARP ? .01 : .05);
        placebo_blocks(&p, y, e, NULL, NULL, BEFORE, cells, -1);
        ret[k] = p.log_p <= log(.01) + 1e-12;
    }
}

static void check_date(struct validation *v)
{
    uint32_t R = validate_pick(v, 20, 2000);
    const struct {
        const char *prefix;
        const struct days *world;
        double most;
    } worlds[] = {{"stated date, Poisson: size of ", &poisson, .05},
                  {"stated date, days scatter: size of ", &scattered, .05},
                  {"stated date, rate wanders: size of ", &wandering, .075}};
    for (size_t i = 0; i < 3; i++) {
        const struct validate_figure f[] = {
            AT05("placebo, last 4 days", PLACEBO4, 0, .075),
            AT05("placebo, last 14 days", PLACEBO14, 0, .075),
            AT05("scatter, last 4 days", SCATTER4, 0, worlds[i].most),
            AT05("scatter, last 14 days", SCATTER14, 0, worlds[i].most),
            AT05("foil: binomial of the total, last 4 days", BINOMIAL4, i ? .25 : 0,
                 i ? 1 : .05)};
        run(v, worlds[i].prefix, date_replicate, worlds[i].world, COLUMNS_DATE, f, 5, R, 99);
    }
    const struct validate_figure sharp[] = {
        {"placebo at .01, 99 stretches side by side", SHARP, FIGURE_MEAN, 0, 0, .01},
        {"foil: placebo at .01, 25 side by side", SHARP25, FIGURE_MEAN, 0, .0125, 1}};
    for (size_t i = 0; i < 2; i++)
        run(v, worlds[i].prefix, sharp_replicate, worlds[i].world, COLUMNS_SHARP, sharp, 2,
            validate_pick(v, 100, 20000), 0);
    const struct validate_figure b[] = {{.cell = "penalty of steady series",
                                         .column = OWN,
                                         .kind = FIGURE_MEAN,
                                         .lo = 0,
                                         .hi = .05},
                                        {.cell = "foil: Scargle's penalty",
                                         .column = SCARGLE,
                                         .kind = FIGURE_MEAN,
                                         .lo = .5,
                                         .hi = 1}};
    run(v, "blocks, days scatter: more than one with ", blocks_replicate, &scattered,
        COLUMNS_BLOCKS, b, 2, validate_pick(v, 0, 500), 99);
}

/* --- from look-ups
 * ---------------------------------------------------------------------------- */

struct from_lookups {
    struct eventful world;
    const char *claim;
};

enum { NULLS = 7, STANDS_COLUMN = NULLS, EXPLAINED_COLUMN, HOLDS_COLUMN, COLUMNS_LOOKUPS };

/* p of each null (1 where it was not tested); did the claim stand, was it explained, does
 * the interval of its effect hold the value that means none? */
static void lookups_replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct from_lookups *f = ctx;
    struct err err;
    struct counts *c = eventful_draw(&f->world, r);
    struct study *s = eventful_study(c, &err);
    if (!s) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    s->seed = rng_u32(r);
    s->power = false; /* v_power looks at it */
    struct claim_result result = {0};
    const struct study_claim *claim = eventful_claim(s, f->claim);
    for (size_t i = 0; i < COLUMNS_LOOKUPS; i++)
        ret[i] = i < NULLS;
    if (claim_test(&result, s, claim, c, 1, &err) == 0) {
        claim_turn(&result, claim);
        for (size_t i = 0; i < result.nnulls && i < NULLS; i++)
            if (result.nulls[i].verdict != NULL_UNTESTABLE)
                ret[i] = exp(result.nulls[i].result.log_p);
        ret[STANDS_COLUMN] = result.verdict == STANDS;
        ret[EXPLAINED_COLUMN] = result.verdict == EXPLAINED;
        ret[HOLDS_COLUMN] = result.effect.lo <= claim->kind->no_effect &&
                            result.effect.hi >= claim->kind->no_effect;
        claim_result_free(&result);
    }
    study_free(s);
    counts_free(c);
}

#define SHARE(cell_, column_, lo_, hi_)                                                        \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_MEAN, .lo = (lo_), .hi = (hi_)    \
    }

/* Days that scatter under a daily rhythm, and a rate that wanders. */
static const struct eventful lookup_days = {.per_day = 12, .shape = 2, .diurnal = .5},
                             lookup_wander = {.per_day = 12, .memory = .9, .spread = .3};
static const struct validate_figure lookups_stand[] = {
    SHARE("share that stands", STANDS_COLUMN, .8, 1)};

static void run_lookups(struct validation *v, const char *prefix, const struct from_lookups *w,
                        const struct validate_figure *f, size_t n, uint32_t R)
{
    run(v, prefix, lookups_replicate, w, COLUMNS_LOOKUPS, f, n, R, 199);
}

static void check_near(struct validation *v)
{
    enum { COVERAGE, ROTATION, HABIT };
    /* without a rhythm: dates as written are whole days with six hours of night on both
     * sides, which a rhythm makes poor in sessions */
    const struct eventful flat = {.per_day = 12, .shape = 1};
    struct eventful near = lookup_days;
    near.on_dates = 6;
    uint32_t R = validate_pick(v, 3, 1000), slow = validate_pick(v, 0, 1000);
    const struct from_lookups sessions = {flat, "sessions"},
                              lasting = {lookup_wander, "sessions"},
                              peaks = {lookup_days, "peaks"}, on = {near, "peaks"};
    const struct validate_figure s[] = {AT05("rotation", ROTATION, 0, .05),
                                        AT05("habit", HABIT, 0, .05),
                                        AT05("foil: closed form", COVERAGE, .08, 1),
                                        SHARE("share that stands", STANDS_COLUMN, 0, .05)};
    run_lookups(v, "sessions near dates, days scatter: size of ", &sessions, s, 4, 2 * slow);
    const struct validate_figure l[] = {AT05("rotation", ROTATION, 0, .05),
                                        AT05("habit", HABIT, 0, .075)};
    run_lookups(v, "sessions near dates, rate wanders: size of ", &lasting, l, 2, slow);
    const struct validate_figure p[] = {
        AT05("closed form", COVERAGE, 0, .05), AT05("rotation", ROTATION, 0, .05),
        AT05("habit", HABIT, 0, .05), SHARE("share explained", EXPLAINED_COLUMN, .6, 1)};
    run_lookups(v, "peaks near dates, days scatter: size of ", &peaks, p, 4, R);
    run_lookups(v, "peaks on the dates: ", &on, lookups_stand, 1, R);
}

static void check_fell(struct validation *v)
{
    enum { SCATTER, PLACEBO, CONTROLS };
    struct eventful fall = lookup_days, all = lookup_days;
    fall.after = .05;
    all.all_after = .05;
    uint32_t R = validate_pick(v, 3, 1000);
    const struct from_lookups calm = {lookup_days, "fell"}, drift = {lookup_wander, "fell"},
                              fell = {fall, "fell"}, common = {all, "fell"};
    const struct validate_figure k[] = {
        AT05("scatter", SCATTER, 0, .05),
        AT05("placebo", PLACEBO, 0, .075),
        AT05("controls", CONTROLS, 0, .05),
        SHARE("share that stands", STANDS_COLUMN, 0, .05),
        SHARE("95 % interval of the effect: holds 1", HOLDS_COLUMN, .93, 1),
        SHARE("share explained", EXPLAINED_COLUMN, .6, 1)};
    run_lookups(v, "nothing fell, days scatter: size of ", &calm, k, 6, R);
    const struct validate_figure d[] = {
        AT05("scatter", SCATTER, 0, .075), AT05("placebo", PLACEBO, 0, .075),
        SHARE("95 % interval of the effect: holds 1", HOLDS_COLUMN, .85, 1),
        SHARE("share that stands", STANDS_COLUMN, 0, .05)};
    run_lookups(v, "nothing fell, rate wanders: size of ", &drift, d, 4, R);
    run_lookups(v, "one name fell to .05: ", &fell, lookups_stand, 1, R);
    const struct validate_figure c[] = {AT05("controls", CONTROLS, 0, .05),
                                        AT05("foil: placebo without controls", PLACEBO, .8, 1),
                                        SHARE("share that stands", STANDS_COLUMN, 0, .05)};
    run_lookups(v, "every name fell to .05: size of ", &common, c, 3, R);
}

/* --- a day over the controls', by the likelihood ratio and by its error
 * ------------------------ */

enum { PLACEBO_DAYS = 35, OVER = 4 };

struct over {
    double after, all_after; /* of the pair's rate, of everybody's */
    double shape;            /* of the Gamma factor of a day of either; 0: none */
};

/* Rank by ln of the ratio over the error of ln. */
static double wald_p(const double *y, const double *cy)
{
    double at[PLACEBO_DAYS + 1], reach = 0;
    for (int i = 0; i <= PLACEBO_DAYS; i++)
        at[i] = (log((y[i] + .5) / 12.5) - log((cy[i] + .5) / 100.5)) /
                sqrt(1 / (y[i] + .5) + 1 / (cy[i] + .5));
    for (int i = 0; i < PLACEBO_DAYS; i++)
        reach += at[i] <= at[PLACEBO_DAYS];
    return (1 + reach) / (1 + PLACEBO_DAYS);
}

/* 35 days and one after the date; 12 look-ups a day, 100 of the controls. */
static void over_replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct over *w = ctx;
    double v[OVER][PLACEBO_DAYS + 1];
    struct placebo p;
    for (int i = 0; i <= PLACEBO_DAYS; i++) {
        double all = i == PLACEBO_DAYS ? w->all_after : 1;
        for (int k = 0; k < 2; k++) {
            double day = w->shape > 0 ? rng_gamma(r, w->shape, 1 / w->shape) : 1;
            double own = k == 0 && i == PLACEBO_DAYS ? w->after : 1;
            v[k][i] = (double)rng_poisson(r, (k ? 100 : 12) * day * all * own);
            v[2 + k][i] = k ? 100 : 12;
        }
    }
    placebo_blocks(&p, v[0], v[2], v[1], v[3], PLACEBO_DAYS, 1, -1);
    ret[0] = exp(p.log_p);
    ret[1] = wald_p(v[0], v[1]);
}

/* NumPy, 4,000 series each: .70 and .14 to .03, .02, .05. */
static void check_over_controls(struct validation *v)
{
    static const struct over fell = {.03, 1, 8}, calm = {1, 1, 8}, all = {1, .2, 0};
    const struct validate_figure found[] = {AT05("power", 0, .6, 1),
                                            AT05("foil: over its error", 1, 0, .25)};
    const struct validate_figure size[] = {AT05("size", 0, 0, .05)};
    uint32_t R = validate_pick(v, 200, 4000);
    run(v, "one day over the controls', fell to .03: ", over_replicate, &fell, 2, found, 2, R,
        0);
    run(v, "one day over the controls', nothing fell: ", over_replicate, &calm, 2, size, 1, R,
        0);
    run(v, "one day over the controls', every name fell to .2: ", over_replicate, &all, 2, size,
        1, R, 0);
}

static void check_removal(struct validation *v)
{
    enum { REMOVAL = 4 };
    struct eventful gone = lookup_days, kept = lookup_days;
    gone.codes = gone.gone = kept.codes = true;
    gone.after = kept.after = .5;
    const struct from_lookups removed = {gone, "fell"}, answered = {kept, "fell"};
    const struct validate_figure x[] = {AT05("removal ruled out", REMOVAL, 0, .01)};
    run(v, "name gone, look-ups went on: ", lookups_replicate, &removed, COLUMNS_LOOKUPS, x, 1,
        validate_pick(v, 3, 1000), 0);
    const struct validate_figure y[] = {AT05("removal ruled out", REMOVAL, .99, 1)};
    run(v, "name still answered: ", lookups_replicate, &answered, COLUMNS_LOOKUPS, y, 1,
        validate_pick(v, 0, 1000), 0);
}

void v9_events(struct validation *v)
{
    v9_silence(v);
    check_coverage(v);
    check_change(v);
    check_date(v);
    check_near(v);
    check_fell(v);
    check_over_controls(v);
    check_removal(v);
    v9_first(v);
}
