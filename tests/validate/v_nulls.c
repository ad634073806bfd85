/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sizes of the nulls of volume and timing in worlds in which they are true, from
 * look-ups to p-value through the product's own path: demand look-up by look-up,
 * one cache a pair, study file, trial, null. Foils: the exact rate test where
 * pairs or days differ, for which it was not made. Power at effects worth a claim. And how
 * often a claim of exactly the true effect is explained, which is how often its opposite
 * stands and is wrong; foil: the exact limit of the ratio by itself. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/contrast.h"
#include "models/nulls.h"
#include "stats/tail.h"
#include "base/mem.h"
#include "tests/made.h"
#include "tests/picked.h"
#include "tests/validate/drawn.h"
#include "tests/validate/promise.h"

enum { DAYS = 42, PEERS = 12, TTL = 3600 };

/* STEADY: day_shape is of the target alone. HUMPS: there are forty, and of all pairs, the
 * target as any, a tenth asks ten times as much. */
enum peers { ALIKE, STEADY, HUMPS };

struct world {
    const char *claim; /* id in tests/data/study-nulls.yaml, or `weekdays` */
    double per_hour;   /* mean demand of a pair */
    double pair_shape; /* of the Gamma factor of a pair; 0: none */
    double day_shape;  /* of the Gamma factor of a pair's day; 0: none */
    double diurnal;    /* amplitude of a daily cosine of the demand */
    double ratio;      /* target over peers, or inside over outside the hours */
    double period_s;   /* a timer instead of demand; jitter a tenth; 0: none */
    double lasting;    /* correlation from day to day of a log factor of sd 1; 0: none */
    double life;       /* of an answer over the stated TTL; 0: 1 */
    double session_s;  /* the plan's; answers then live as long as is said; 0: 30 s */
    enum peers peers;
};

static double factor(struct rng *r, double shape)
{
    return shape > 0 ? rng_gamma(r, shape, 1 / shape) : 1;
}

/* 09-17 New York in January is 14-22 UTC; 1 January 1973 was a Monday. */
static const int64_t monday = 94694400;

static bool office(double t)
{
    double second = fmod(t, 86400);
    return fmod(t / 86400, 7) < 5 && second >= 14 * 3600 && second < 22 * 3600;
}

static double rate_at(const struct world *w, double t)
{
    double rate = 1 + w->diurnal * cos(2 * M_PI * (t / 86400 - .6));
    bool hours = strcmp(w->claim, "hours") == 0;
    return hours && office(t) ? rate * w->ratio : rate;
}

static void add_timer(const struct world *w, struct rng *r, struct made *m, const char *name)
{
    for (double t = w->period_s * rng_unit(r); t < DAYS * 86400.0; t += w->period_s) {
        double at = t + w->period_s / 10 * rng_normal(r);
        if (at >= 0 && at < DAYS * 86400.0)
            made_add(m, "192.0.2.1", name, 1, monday + (int64_t)at, 1);
    }
}

/* Demand by thinning through one cache. */
static void add_pair(const struct world *w, struct rng *r, struct made *m, const char *name,
                     double ratio)
{
    double own = ratio * factor(r, w->pair_shape), lives_until = 0;
    double top = w->per_hour / 3600 * own * (1 + w->diurnal) * fmax(1, w->ratio);
    double x = w->lasting > 0 ? rng_normal(r) : 0;
    if (w->peers == HUMPS && rng_unit(r) < .1)
        top *= 10, own *= 10;
    for (int day = 0; day < DAYS; day++) {
        bool steady = w->peers == STEADY && name[0] == 'p';
        double shock = steady ? 1 : factor(r, w->day_shape), t = day * 86400.0;
        if (w->lasting > 0) {
            shock *= exp(x - .5);
            x = w->lasting * x + sqrt(1 - w->lasting * w->lasting) * rng_normal(r);
        }
        while ((t += rng_exponential(r, 1 / (top * shock))) < (day + 1) * 86400.0) {
            double share = rate_at(w, t) * own * w->per_hour / 3600 / top;
            if (rng_unit(r) >= share || t < lives_until)
                continue;
            made_add(m, "192.0.2.1", name, 1, monday + (int64_t)t, 1);
            lives_until = t + TTL * (w->life > 0 ? w->life : 1);
        }
    }
}

static struct counts *draw(const struct world *w, struct rng *r)
{
    struct made m = {0};
    bool volume = strcmp(w->claim, "volume") == 0;
    if (w->period_s > 0)
        add_timer(w, r, &m, "target.example");
    else
        add_pair(w, r, &m, "target.example", volume ? w->ratio : 1);
    for (int i = 0; volume && i < (w->peers == HUMPS ? 40 : PEERS); i++) {
        char name[32];
        snprintf(name, sizeof name, "p%02d.example", i);
        add_pair(w, r, &m, name, 1);
    }
    return made_counts(&m, monday, monday + DAYS * 86400);
}

enum { LIFE_ALONE = 3, WRONG, WRONG_EXACT, COLUMNS };

/* Would the exact limit alone explain what is true? */
static bool wrong_exact(const struct world *w, const struct trial *t, double p)
{
    struct rate a = trial_rate(t, &t->a), b = {0, 0};
    double lo, hi;
    for (size_t i = 0; i < t->npeers; i++) {
        struct rate one = trial_rate(t, &t->peers[i]);
        b.sessions += one.sessions;
        b.hours += one.hours;
    }
    rates_interval(a.sessions, a.hours, b.sessions, b.hours, 2 * t->level - 1, &lo, &hi);
    return p > .05 && hi < w->ratio;
}

/* Where sessions are longer than answers live: the first null's p, and whether its bound is
 * below the truth; beside it with no more than a life as the dead time, as it was. */
static void long_sessions(const struct world *w, struct trial *t, double *ret)
{
    const struct battery_row *b = t->claim->kind->battery;
    for (int alone = 0; alone < 2; alone++) {
        struct null_result n = {.log_p = 0, .u = NAN};
        for (size_t i = 0; alone && i < t->a.nstreams; i++) {
            free(t->a.streams[i].hidden);
            t->a.streams[i].hidden = NULL;
        }
        b[0].run(t, &n);
        ret[alone ? LIFE_ALONE : 0] = exp(n.log_p);
        ret[alone ? WRONG_EXACT : WRONG] = n.u < w->ratio;
        free(n.values);
    }
}

/* p of each tested null of the claim's battery, in its order; is a claim of just the true
 * effect explained? */
static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct counts *c = draw(w, r);
    struct trial t;
    struct err err;
    const char *path = strcmp(w->claim, "weekdays") == 0 ? "tests/data/study-weekdays.yaml"
                                                         : "tests/data/study-nulls.yaml";
    struct study *s = drawn_study(path, NULL, NULL, r);
    struct study_claim *claim = picked_claim(s, w->claim);
    if (w->session_s > 0) {
        s->session_s = w->session_s;
        claim->ttl.seconds = TTL * w->life;
    }
    for (size_t i = 0; i < 4; i++)
        ret[i] = 1; /* what cannot be tested does not reject */
    ret[WRONG] = ret[WRONG_EXACT] = 0;
    if (study_resolve(s, c, &err) == 0 && trial_make(&t, s, claim, c, 1, &err) == 0) {
        const struct battery_row *b = claim->kind->battery;
        for (size_t i = 0; b[i].null && !(w->session_s > 0); i++) {
            struct null_result n = {.log_p = 0, .u = NAN};
            b[i].run(&t, &n);
            bool tested = n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE;
            if (tested)
                ret[i] = exp(n.log_p);
            if (tested && ret[i] > .05 * (1 + 1e-12) && n.u < w->ratio)
                ret[WRONG] = 1;
            free(n.values);
        }
        if (w->session_s > 0)
            long_sessions(w, &t, ret);
        else if (t.npeers)
            ret[WRONG_EXACT] = wrong_exact(w, &t, ret[0]);
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
}

static struct promise promised(const struct world *w, double effect, size_t null, struct rng *r)
{
    struct counts *c = draw(w, r);
    struct trial t;
    struct err err;
    struct promise p = promise_none();
    const char *const set[] = {"power=true", NULL};
    struct study *s = drawn_study("tests/data/study-nulls.yaml", set, NULL, r);
    struct study_claim *claim = picked_claim(s, w->claim);
    claim->effect = effect;
    if (study_resolve(s, c, &err) == 0 && trial_make(&t, s, claim, c, 1, &err) == 0) {
        const struct claim_kind *kind = claim->kind;
        struct effect measured;
        kind->estimate(&t, &measured);
        promise_make(&p, &t, &kind->battery[null], measured.value);
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
    return p;
}

static void keeps_promise(struct validation *v, const char *label, const struct world *w,
                          size_t null, uint32_t R)
{
    struct promise *p = mem_zero((size_t)R + 1, sizeof *p);
    for (uint32_t i = 0; i < R; i++) {
        struct rng r;
        rng_stream(&r, 20160720, RNG_VALIDATE, rng_subject(label, strlen(label)), i);
        p[i] = promised(w, w->ratio, null, &r);
    }
    promise_cells(v, label, p, 1, R, w->ratio == 1);
    free(p);
}

void v_power(struct validation *v)
{
    const struct world none = {"hours", .3, 0, 0, 0, 1, 0, 0, 0, 0, ALIKE},
                       some = {"hours", .3, 0, 0, 0, 1.5, 0, 0, 0, 0, ALIKE},
                       days = {"hours", .3, 0, .5, 0, 2, 0, 0, 0, 0, ALIKE},
                       peers = {"volume", .15, 2, 0, .5, 6, 0, 0, 0, 0, ALIKE};
    keeps_promise(v, "hours, no effect, cache", &none, 0, validate_pick(v, 100, 1000));
    keeps_promise(v, "hours, 1.5 times, cache", &some, 0, validate_pick(v, 100, 1000));
    keeps_promise(v, "hours, 1.5 times, days", &some, 1, validate_pick(v, 100, 1000));
    keeps_promise(v, "hours, twice, days differ (Gamma .5), days", &days, 1,
                  validate_pick(v, 100, 1000));
    keeps_promise(v, "volume, six times, peers", &peers, 2, validate_pick(v, 0, 300));
}

static const struct validate_plan plan = {
    .experiment = "nulls", .replicate = replicate, .columns = COLUMNS, .m = 199};

#define AT05(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_SHARE, .at = .05, .lo = (lo_),    \
        .hi = (hi_)                                                                            \
    }

#define MEAN(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_MEAN, .lo = (lo_), .hi = (hi_)    \
    }

/* Half as much again as the peers, or as outside the hours, and just that is claimed. */
static void check_opposites(struct validation *v, uint32_t R)
{
    const struct world days = {"volume", .3, 0, .7, .5, 1.5, 0, 0, 0, 0, ALIKE},
                       lasting = {"volume", .15, 0, 0, .5, 1.5, 0, .8, 0, 0, ALIKE},
                       hours = {"hours", .5, 0, .5, 0, 1.5, 0, 0, 0, 0, ALIKE},
                       even = {"hours", 1, 0, 0, 0, 1.5, 0, 0, 0, 0, ALIKE},
                       busy = {"volume", .5, 0, 0, .5, 1.5, 0, 0, 0, 0, ALIKE},
                       alone = {"volume", .45, 0, .7, 0, 1.5, 0, 0, 0, 0, STEADY};
    const struct validate_figure f[] = {MEAN("a claim of the truth", WRONG, 0, .05),
                                        MEAN("foil: by the exact limit", WRONG_EXACT, .1, 1)};
    const struct validate_figure l[] = {
        MEAN("a claim of the truth, beyond its blocks", WRONG, 0, .2),
        MEAN("foil: by the exact limit", WRONG_EXACT, .25, 1)};
    validate_world(v, &plan, "volume, days differ (Gamma .7): explained is ", &days, f, 2, R);
    validate_world(v, &plan, "volume, campaigns of a week: explained is ", &lasting, l, 2, R);
    validate_world(v, &plan, "hours, days differ (Gamma .5): explained is ", &hours, f, 1, R);
    validate_world(v, &plan, "hours, even demand, busy cache: explained is ", &even, f, 1, R);
    validate_world(v, &plan, "volume, daily rhythm, busy cache: explained is ", &busy, f, 1, R);
    validate_world(v, &plan, "volume, only the pair's days differ (Gamma .7): explained is ",
                   &alone, f, 2, R);
}

static void check_volume(struct validation *v, uint32_t R)
{
    enum { CACHE, RETRIES, PEER_TEST, DAY_TEST };
    const struct world alike = {"volume", .3, 0, 0, .5, 1, 0, 0, 0, 0, ALIKE},
                       unlike = {"volume", .3, 2, 0, .5, 1, 0, 0, 0, 0, ALIKE},
                       shocks = {"volume", .3, 0, .7, .5, 1, 0, 0, 0, 0, ALIKE},
                       more = {"volume", .15, 2, 0, .5, 12, 0, 0, 0, 0, ALIKE};
    const struct validate_figure same[] = {AT05("cache exact", CACHE, 0, .05),
                                           AT05("retries exact", RETRIES, 0, .05),
                                           AT05("days bootstrap", DAY_TEST, 0, .05)};
    validate_world(v, &plan, "volume, pairs alike: size of ", &alike, same, 3, R);
    const struct validate_figure differ[] = {AT05("peers bootstrap", PEER_TEST, 0, .05),
                                             AT05("foil: cache exact", CACHE, .2, 1)};
    validate_world(v, &plan, "volume, pairs differ (Gamma 2): size of ", &unlike, differ, 2, R);
    /* A rank of 2 among 41 is the last that reaches .05; a tenth of pairs, the target as any,
     * makes totals of two humps, which no negative binomial has. */
    const struct world humps = {"volume", .05, 0, 0, .5, 1, 0, 0, 0, 0, HUMPS};
    const struct validate_figure ranks[] = {AT05("peers, rank or bootstrap", PEER_TEST, 0, .05),
                                            AT05("foil: cache exact", CACHE, .08, 1)};
    validate_world(v, &plan, "volume, a tenth of forty peers busy: size of ", &humps, ranks, 2,
                   R);
    const struct validate_figure bursty[] = {AT05("days bootstrap", DAY_TEST, 0, .05),
                                             AT05("foil: cache exact", CACHE, .12, 1)};
    validate_world(v, &plan, "volume, days differ (Gamma .7): size of ", &shocks, bursty, 2, R);
    /* Day by day, without blocks, the bootstrap rejected .07 and .155 (R = 200). */
    const struct world weeks = {"volume", .15, 0, 0, .5, 1, 0, .5, 0, 0, ALIKE},
                       months = {"volume", .15, 0, 0, .5, 1, 0, .8, 0, 0, ALIKE};
    const struct validate_figure lasts[] = {AT05("days bootstrap", DAY_TEST, 0, .05),
                                            AT05("peers bootstrap", PEER_TEST, 0, .05)};
    const struct validate_figure lasts_long[] = {
        AT05("days bootstrap, beyond its blocks", DAY_TEST, 0, .12),
        AT05("peers bootstrap", PEER_TEST, 0, .05)};
    validate_world(v, &plan, "volume, campaigns of two days: size of ", &weeks, lasts, 2, R);
    validate_world(v, &plan, "volume, campaigns of a week: size of ", &months, lasts_long, 2,
                   R);
    check_opposites(v, validate_pick(v, 20, 1000));
    const struct validate_figure found[] = {AT05("peers bootstrap", PEER_TEST, .5, 1)};
    validate_world(v, &plan, "volume, twelve times the peers: power of ", &more, found, 1,
                   R / 2);
}

static void check_hours(struct validation *v, uint32_t R)
{
    const struct world flat = {"hours", .5, 0, 0, 0, 1, 0, 0, 0, 0, ALIKE},
                       clumps = {"hours", .5, 0, .5, 0, 1, 0, 0, 0, 0, ALIKE},
                       kept = {"hours", .3, 0, .5, 0, 3, 0, 0, 0, 0, ALIKE};
    const struct validate_figure even[] = {AT05("cache exact", 0, 0, .05),
                                           AT05("days wild bootstrap", 1, .05, .05)};
    validate_world(v, &plan, "hours, even demand: size of ", &flat, even, 2, R * 2);
    const struct validate_figure daily[] = {AT05("days wild bootstrap", 1, .05, .05),
                                            AT05("foil: cache exact", 0, .08, 1)};
    validate_world(v, &plan, "hours, days differ (Gamma .5): size of ", &clumps, daily, 2,
                   R * 2);
    const struct world whole_days = {"weekdays", .5, 0, .5, 0, 1, 0, 0, 0, 0, ALIKE};
    const struct validate_figure weekly[] = {AT05("days wild bootstrap", 1, .05, .05),
                                             AT05("foil: cache exact", 0, .08, 1)};
    validate_world(v, &plan, "weekdays, days differ (Gamma .5): size of ", &whole_days, weekly,
                   2, R * 2);
    const struct validate_figure seen[] = {AT05("days wild bootstrap", 1, .8, 1)};
    validate_world(v, &plan, "hours, three times inside: power of ", &kept, seen, 1, R);
}

/* Answers that live 36 s, sessions of 30 min: what is asked within 30 min of the look-up before
 * begins no session, and time at risk begins when it can. */
static void check_sessions(struct validation *v, uint32_t R)
{
    const struct world gaps = {"regular", .5, 0, 0, 0, 1, 0, 0, .01, 1800, ALIKE},
                       hours = {"hours", .5, 0, 0, 0, 3, 0, 0, .01, 1800, ALIKE};
    const struct validate_figure size[] = {
        AT05("cache exact (Dirichlet)", 0, .05, .05),
        AT05("foil: gaps less a life alone", LIFE_ALONE, .5, 1)};
    const struct validate_figure bound[] = {
        MEAN("u of cache below the truth", WRONG, 0, .05),
        MEAN("foil: time at risk less lives alone", WRONG_EXACT, .5, 1)};
    validate_world(v, &plan, "regular, sessions longer than a life: size of ", &gaps, size, 2,
                   R * 2);
    validate_world(v, &plan, "hours, sessions longer than a life, three times inside: ", &hours,
                   bound, 2, R);
}

static void check_regular(struct validation *v, uint32_t R)
{
    const struct world even_gaps = {"regular", .5, 0, 0, 0, 1, 0, 0, 0, 0, ALIKE},
                       rhythm = {"regular", .4, 0, 0, .8, 1, 0, 0, 0, 0, ALIKE},
                       timer = {"regular", 0, 0, 0, 0, 1, 7200, 0, 0, 0, ALIKE};
    const struct validate_figure exact[] = {AT05("cache exact (Dirichlet)", 0, .05, .05)};
    validate_world(v, &plan, "regular, even demand: size of ", &even_gaps, exact, 1, R * 2);
    const struct validate_figure any_life[] = {AT05("life exact (Dirichlet)", 2, .05, .05)};
    validate_world(v, &plan, "regular, even demand: size of ", &even_gaps, any_life, 1, R * 2);
    struct world longer = even_gaps;
    longer.life = 1.5;
    const struct validate_figure longer_life[] = {AT05("life exact (Dirichlet)", 2, .05, .05),
                                                  AT05("foil: cache exact", 0, .5, 1)};
    validate_world(v, &plan, "regular, answers live half as long again: size of ", &longer,
                   longer_life, 2, R * 2);
    const struct validate_figure rhythmic[] = {AT05("rhythm bootstrap", 1, .05, .05)};
    validate_world(v, &plan, "regular, daily rhythm of .8: size of ", &rhythm, rhythmic, 1,
                   validate_pick(v, 40, 2000));
    const struct validate_figure timed[] = {AT05("cache exact (Dirichlet)", 0, .9, 1),
                                            AT05("rhythm bootstrap", 1, .9, 1),
                                            AT05("life exact (Dirichlet)", 2, .9, 1)};
    validate_world(v, &plan, "regular, timer of 2 h, jitter a tenth: power of ", &timer, timed,
                   3, validate_pick(v, 10, 200));
}

enum { MEASURED, POOLED, AT_RISK, U_BELOW, U_AT_RISK, COLUMNS_EFFECT };

static bool at_office(const void *ctx, int64_t unix_s)
{
    (void)ctx;
    return office((double)(unix_s - monday));
}

/* Sessions at risk of a pair and of its peers, by day: what a busy day hides weighs less. */
static void split_at_risk(const struct trial *t, struct contrast *ret)
{
    struct grid g = grid_make(&t->window, 86400);
    double *y = mem_zero(2 * g.n, sizeof *y), *e = y + g.n;
    contrast_new(ret, g.n);
    bucket_fill(&t->a, &g, ret->in);
    exposure_fill(&t->a, &t->window, &g, ret->in_hours);
    for (size_t i = 0; i < t->npeers; i++) {
        bucket_fill(&t->peers[i], &g, y);
        exposure_fill(&t->peers[i], &t->window, &g, e);
        for (size_t k = 0; k < g.n; k++) {
            ret->out[k] += y[k];
            ret->out_hours[k] += e[k];
        }
    }
    contrast_sum(ret);
    free(y);
}

/* Of volume: the foil, at risk; is u of whole days, at .95, below the truth? */
static void volume_columns(const struct world *w, struct trial *t, double *ret)
{
    struct contrast foil;
    struct null_result n = trial_blank();
    split_at_risk(t, &foil);
    t->level = .95;
    null_volume_days(t, &n);
    ret[AT_RISK] = foil.fit / w->ratio;
    ret[U_BELOW] = n.u < w->ratio;
    ret[U_AT_RISK] = contrast_bound(&foil, .95, +1, 1, 1) < w->ratio;
    contrast_free(&foil);
    free(n.values);
}

/* The measured effect over the true one, and the same of all days as one. */
static void effect_replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct counts *c = draw(w, r);
    struct trial t;
    struct err err;
    for (size_t i = 0; i < COLUMNS_EFFECT; i++)
        ret[i] = 0;
    struct study *s = drawn_study("tests/data/study-nulls.yaml", NULL, NULL, r);
    struct study_claim *claim = picked_claim(s, w->claim);
    if (study_resolve(s, c, &err) == 0 && trial_make(&t, s, claim, c, 1, &err) == 0) {
        struct effect measured;
        struct contrast days;
        claim->kind->estimate(&t, &measured);
        contrast_by(&days, &t.a, &t.window, CONTRAST_QUARTER, at_office, NULL);
        ret[MEASURED] = measured.value / w->ratio;
        ret[POOLED] = contrast_ratio(&days) / w->ratio;
        contrast_free(&days);
        if (t.npeers)
            volume_columns(w, &t, ret);
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
}

static void check_effect(struct validation *v)
{
    static const struct world hours = {"hours", .3, 0, .5, 0, 2, 0, 0, 0, 0, ALIKE},
                              volume = {"volume", .3, 0, .7, 0, 1.5, 0, 0, 0, 0, ALIKE},
                              alone = {"volume", .3, 0, .7, 0, 1.5, 0, 0, 0, 0, STEADY};
    const struct validate_figure f[] = {
        {"measured over true effect, median", MEASURED, FIGURE_MEDIAN, 0, .95, 1.05},
        {"foil: of all days as one", POOLED, FIGURE_MEDIAN, 0, .7, .95}};
    /* Of 14 blocks whose scores are skew: the demands' own means had .09 to .11. */
    const struct validate_figure of_volume[] = {
        f[0],
        {"foil: at risk, median", AT_RISK, FIGURE_MEDIAN, 0, 0, .95},
        MEAN("u of days below the truth, few skew blocks", U_BELOW, 0, .12)};
    const struct validate_figure of_one[] = {
        f[0],
        {"foil: at risk, median", AT_RISK, FIGURE_MEDIAN, 0, 0, .85},
        of_volume[2],
        MEAN("foil: u at risk below the truth", U_AT_RISK, .3, 1)};
    struct validate_plan p = {.experiment = "nulls",
                              .prefix = "hours, twice, days differ (Gamma .5): ",
                              .replicate = effect_replicate,
                              .ctx = &hours,
                              .columns = COLUMNS_EFFECT,
                              .figures = f,
                              .nfigures = 2,
                              .R = validate_pick(v, 300, 4000)};
    validate_run(v, &p);
    p.prefix = "volume, 1.5 times, days differ (Gamma .7): ";
    p.ctx = &volume;
    p.figures = of_volume;
    p.nfigures = 3;
    p.R = validate_pick(v, 0, 4000);
    validate_run(v, &p);
    p.prefix = "volume, 1.5 times, only the pair's days differ (Gamma .7): ";
    p.ctx = &alone;
    p.figures = of_one;
    p.nfigures = 4;
    validate_run(v, &p);
}

void v_nulls(struct validation *v)
{
    check_effect(v);
    uint32_t R = validate_pick(v, 30, 2000);
    check_volume(v, R);
    check_hours(v, R);
    check_regular(v, R);
    check_sessions(v, R);
}
