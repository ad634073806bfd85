/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calibration gate, on whole cases: pairs without hours are let through, pairs that all
 * keep the hours of the claim are stopped; simulated logs stand in where there are no
 * controls. Foil: the claim alone, which a world where everybody keeps the hours makes
 * stand. Faulty tests, which call innocent controls, are stopped as well, for the other
 * reason; and what neither reason can tell. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/calibrate.h"
#include "models/nulls.h"
#include "tests/made.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { DAYS = 42 };

struct world {
    int others;          /* control pairs */
    double claim, other; /* rate inside the hours over the rate outside */
};

/* 1 January 1973 was a Monday; 09-17 New York is 14-22 UTC. */
static const int64_t monday = 94694400;

static bool office(double t)
{
    double second = fmod(t, 86400);
    return fmod(t / 86400, 7) < 5 && second >= 14 * 3600 && second < 22 * 3600;
}

static void add(struct made *m, struct rng *r, const char *client, const char *name,
                double ratio)
{
    double top = .3 / 3600 * fmax(1, ratio), until = 0;
    for (double t = rng_exponential(r, 1 / top); t < DAYS * 86400.0;
         t += rng_exponential(r, 1 / top)) {
        double share = (office(t) ? ratio : 1) / fmax(1, ratio);
        if (rng_unit(r) >= share || t < until)
            continue;
        made_add(m, client, name, 1, monday + (int64_t)t, 1);
        until = t + 3600;
    }
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct made m = {0};
    struct err err;
    struct calibration c = {.share = false};
    const char *const set[] = {"calibration=40", NULL};
    add(&m, r, "192.0.2.1", "target.example", w->claim);
    for (int i = 0; i < w->others; i++) {
        char client[32], name[32];
        snprintf(client, sizeof client, "198.51.100.%d", i + 1);
        snprintf(name, sizeof name, "n%02d.example", i);
        add(&m, r, client, name, w->other);
    }
    struct counts *counts = made_counts(&m, monday, monday + DAYS * 86400);
    struct study *s = drawn_study("tests/data/study-nulls.yaml", set, NULL, r);
    ret[0] = ret[1] = ret[2] = ret[3] = 0;
    for (size_t i = 0; i < s->nclaims; i++) {
        struct study_claim *claim = &s->claims[i];
        struct trial t;
        if (strcmp(claim->id, "hours") != 0 || study_resolve(s, counts, &err) < 0)
            continue;
        calibrate(&c, s, claim, counts, 1);
        calibration_free(&c);
        ret[0] = c.failed;
        ret[1] = c.method == CALIBRATION_SIMULATED;
        ret[3] = c.share;
        if (trial_make(&t, s, claim, counts, 1, &err) < 0)
            continue;
        ret[2] = 1;
        for (const struct battery_row *b = claim->kind->battery; b->null; b++) {
            struct null_result n = {.log_p = NAN};
            if (b->role != ROLE_REQUIRED)
                continue;
            b->run(&t, &n);
            ret[2] *= n.log_p <= log(.05);
            free(n.values);
        }
        trial_free(&t);
    }
    study_free(s);
    counts_free(counts);
}

static void run(struct validation *v, const char *prefix, const struct world *w,
                const struct validate_figure *f, size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "gate",
                                            .prefix = prefix,
                                            .replicate = replicate,
                                            .ctx = w,
                                            .columns = 4,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = 199});
}

#define MEAN(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_MEAN, .lo = (lo_), .hi = (hi_)    \
    }

/* --- the gate alone, of a claim whose tests may be others --------------------------------- */

enum { STOPPED, SHARE, CALLED, FAULT, GATE_COLUMNS };

/* Gate of the claim `id` of the study at `path`: stopped; because controls do the same; share
 * called; because the tests do not keep their level. */
static void gate_of(const char *path, const char *id, const struct battery_row *battery,
                    struct counts *counts, struct rng *r, double *ret)
{
    static const char *const set[] = {"calibration=24", NULL};
    struct study *s = drawn_study(path, set, counts, r);
    for (size_t i = 0; i < s->nclaims; i++) {
        struct calibration c;
        if (strcmp(s->claims[i].id, id) != 0)
            continue;
        struct claim_kind kind = *s->claims[i].kind;
        kind.battery = battery ? battery : kind.battery;
        s->claims[i].kind = &kind;
        calibrate(&c, s, &s->claims[i], counts, 1);
        ret[STOPPED] = c.failed;
        ret[SHARE] = c.failed && c.share;
        ret[CALLED] = c.tests > 0 ? (double)c.called / (double)c.tests : 0;
        ret[FAULT] = c.failed && !c.share;
        calibration_free(&c);
    }
    study_free(s);
    counts_free(counts);
}

static void run_kind(struct validation *v, const char *prefix, validate_fn *replicate_kind,
                     const void *ctx, int reason, uint32_t R)
{
    const struct validate_figure passes[] = {MEAN("stopped", STOPPED, 0, .01)};
    const struct validate_figure shares[] = {
        MEAN("stopped", STOPPED, .95, 1), MEAN("reason: controls", SHARE, .9, 1),
        MEAN("confused, reason: not_calibrated", FAULT, 0, .1)};
    const struct validate_figure faults[] = {MEAN("stopped", STOPPED, .95, 1),
                                             MEAN("reason: not_calibrated", FAULT, .9, 1),
                                             MEAN("confused, reason: controls", SHARE, 0, .1)};
    validate_run(v, &(struct validate_plan){.experiment = "gate",
                                            .prefix = prefix,
                                            .replicate = replicate_kind,
                                            .ctx = ctx,
                                            .columns = GATE_COLUMNS,
                                            .figures = reason == SHARE   ? shares
                                                       : reason == FAULT ? faults
                                                                         : passes,
                                            .nfigures = reason == STOPPED ? 1 : 3,
                                            .R = R,
                                            .m = 199});
}

/* --- regular: timers among pairs that ask at random ------------------------------------- */

enum { GAP_DAYS = 14, GAP_PAIRS = 24 };

struct timers {
    bool claim, others;                /* is the pair a timer; are the others? */
    double life;                       /* of an answer, hours; 1 is what the study says */
    const struct battery_row *battery; /* NULL: the kind's own */
};

/* A timer of 3 h, half an hour of jitter, or demand of the same rate, behind a cache. */
static void add_gaps(struct made *m, struct rng *r, const char *client, const char *name,
                     bool timer, double life)
{
    for (double t = 0, rest = 10800 - life * 3600; t < GAP_DAYS * 86400.0;) {
        t += timer ? 10800 + 1800 * (rng_unit(r) - .5) : life * 3600 + rng_exponential(r, rest);
        if (t < GAP_DAYS * 86400.0)
            made_add(m, client, name, 1, monday + (int64_t)t, 1);
    }
}

static void replicate_timers(const void *ctx, struct rng *r, double *ret)
{
    const struct timers *w = ctx;
    struct made m = {0};
    add_gaps(&m, r, "192.0.2.1", "target.example", w->claim, w->life);
    for (int i = 0; i < GAP_PAIRS; i++) {
        char client[32], name[32];
        snprintf(client, sizeof client, "198.51.100.%d", i + 1);
        snprintf(name, sizeof name, "p%02d.example", i);
        add_gaps(&m, r, client, name, w->others, w->life);
    }
    gate_of("tests/data/study-gate.yaml", "regular", w->battery,
            made_counts(&m, monday, monday + GAP_DAYS * 86400), r, ret);
}

/* --- synchrony: names that b asks for after a -------------------------------------------- */

/* Twenty-two other names of the same two clients; `follow` of a's look-ups b's come after. */
static void replicate_names(const void *ctx, struct rng *r, double *ret)
{
    double follow = *(const double *)ctx, length = GAP_DAYS * 86400.0;
    struct made m = {0};
    for (int i = 0; i <= 22; i++) {
        char name[32];
        double b_until = 0, a_until = 0;
        snprintf(name, sizeof name, i ? "p%02d.example" : "target.example", i);
        for (double t = rng_exponential(r, 10800); t < length; t += rng_exponential(r, 10800)) {
            bool after = rng_unit(r) < follow;
            double of_b = after ? t + 60 * rng_unit(r) : length * rng_unit(r);
            if (t >= a_until)
                made_add(&m, "192.0.2.1", name, 1, monday + (int64_t)t, 1);
            a_until = fmax(a_until, t >= a_until ? t + 3600 : 0);
            if (!after || of_b >= b_until)
                made_add(&m, "192.0.2.2", name, 1, monday + (int64_t)of_b, 1);
            b_until = after ? of_b + 3600 : b_until;
        }
    }
    gate_of("tests/data/study-gate-names.yaml", "together", NULL,
            made_counts(&m, monday, monday + GAP_DAYS * 86400), r, ret);
}

/* --- faulty tests of hours ----------------------------------------------------------------
 *
 * The null is told that the sensor was off for the last of the eight hours, in which its
 * sessions came all the same: every pair seems to ask more inside the hours. */

static void told_off(struct trial *t, int64_t hours,
                     void (*null)(struct trial *t, struct null_result *ret),
                     struct null_result *ret)
{
    struct window whole = t->window, cut = whole;
    double from = 0;
    cut.live = mem_zero(DAYS + 2, sizeof *cut.live);
    cut.nlive = 0;
    cut.live_s = 0;
    for (int day = 0; day <= DAYS; day++) { /* the window begins on a Monday at 0:00 */
        double to = day * 86400.0 + (double)(22 - hours) * 3600;
        if (day < DAYS && day % 7 >= 5)
            continue;
        to = fmin(to, whole.length_s);
        cut.live[cut.nlive++] = (struct interval){from, to};
        cut.live_s += to - from;
        from = day * 86400.0 + 22 * 3600;
    }
    t->window = cut;
    null(t, ret);
    t->window = whole;
    free(cut.live);
}

static void off_two_cache(struct trial *t, struct null_result *ret)
{
    told_off(t, 2, null_hours_cache, ret);
}

static void off_two_days(struct trial *t, struct null_result *ret)
{
    told_off(t, 2, null_hours_days, ret);
}

static void off_five_cache(struct trial *t, struct null_result *ret)
{
    told_off(t, 5, null_hours_cache, ret);
}

static void off_five_days(struct trial *t, struct null_result *ret)
{
    told_off(t, 5, null_hours_days, ret);
}

static const struct battery_row off_two[] = {
    {"cache", ROLE_REQUIRED, off_two_cache, "", "", NULL, NULL},
    {"days", ROLE_REQUIRED, off_two_days, "", "", NULL, NULL},
    {0}};
static const struct battery_row off_five[] = {
    {"cache", ROLE_REQUIRED, off_five_cache, "", "", NULL, NULL},
    {"days", ROLE_REQUIRED, off_five_days, "", "", NULL, NULL},
    {0}};

struct office {
    double ratio; /* of everybody, inside the hours over outside */
    bool deaf;    /* the sensor hears a third of what is asked outside, and nobody says so */
    const struct battery_row *battery;
};

static void replicate_office(const void *ctx, struct rng *r, double *ret)
{
    const struct office *w = ctx;
    struct made m = {0};
    for (int i = 0; i <= GAP_PAIRS; i++) {
        char client[32], name[32];
        snprintf(client, sizeof client, i ? "198.51.100.%d" : "192.0.2.1", i);
        snprintf(name, sizeof name, i ? "n%02d.example" : "target.example", i);
        add(&m, r, client, name, w->ratio);
    }
    for (size_t i = 0; w->deaf && i < m.n;) {
        struct made_row *row = &m.v[i];
        if (office((double)(row->tick - monday)) || rng_unit(r) < 1. / 3) {
            i++;
            continue;
        }
        free(row->client);
        free(row->name);
        *row = m.v[--m.n];
    }
    gate_of("tests/data/study-nulls.yaml", "hours", w->battery,
            made_counts(&m, monday, monday + DAYS * 86400), r, ret);
}

static void faults(struct validation *v, uint32_t R, uint32_t few)
{
    static const struct battery_row stated_life[] = {
        {"cache", ROLE_REQUIRED, null_regular_cache, "ttl", "20 gaps", NULL, NULL}, {0}};
    static const struct office keep = {3, false, NULL}, two = {1, false, off_two},
                               five = {1, false, off_five}, deaf = {1, true, NULL};
    static const struct timers longer = {false, false, 1.5, NULL},
                               believed = {false, false, 1.5, stated_life};
    run_kind(v, "faults: none, everybody keeps the hours: ", replicate_office, &keep, SHARE, R);
    run_kind(v,
             "faults: a quarter of the hours told off, nobody keeps hours: ", replicate_office,
             &two, FAULT, R);
    run_kind(v, "faults: so much told off that the claimed effect is seen: ", replicate_office,
             &five, FAULT, R);
    run_kind(v,
             "faults: answers live half as long again, a test that believes the stated "
             "life: ",
             replicate_timers, &believed, FAULT, few);
    run_kind(v, "the same, the whole battery: ", replicate_timers, &longer, STOPPED, few);
    run_kind(v,
             "a sensor two thirds deaf outside the hours, untold, looks as if all kept them: ",
             replicate_office, &deaf, SHARE, R);
}

void v_gate_kinds(struct validation *v)
{
    static const struct timers none = {false, false, 1, NULL}, one = {true, false, 1, NULL},
                               all = {true, true, 1, NULL};
    static const double apart = 0, common = .5;
    uint32_t R = validate_pick(v, 1, 400), few = validate_pick(v, 0, 400);
    run_kind(v, "regular, nobody is a timer: ", replicate_timers, &none, STOPPED, R);
    run_kind(v, "regular, only the claim's pair is one: ", replicate_timers, &one, STOPPED,
             few);
    run_kind(v, "regular, everybody is one: ", replicate_timers, &all, SHARE, R);
    run_kind(v, "synchrony, no name is followed: ", replicate_names, &apart, STOPPED, few);
    run_kind(v, "synchrony, every name is followed: ", replicate_names, &common, SHARE, few);
    faults(v, validate_pick(v, 4, 400), few);
}

void v_gate(struct validation *v)
{
    const struct world innocent = {40, 1, 1}, mark = {40, 3, 1}, all = {40, 3, 3},
                       alone = {3, 1, 1};
    uint32_t R = validate_pick(v, 30, 500);
    const struct validate_figure passes[] = {MEAN("stopped", 0, 0, .01)};
    run(v, "40 controls, nobody keeps hours: ", &innocent, passes, 1, R);
    const struct validate_figure stands[] = {MEAN("stopped", 0, 0, .01),
                                             MEAN("claim: all nulls rejected", 2, .8, 1)};
    run(v, "40 controls, only the claim's pair keeps hours: ", &mark, stands, 2, R);
    const struct validate_figure stops[] = {MEAN("stopped", 0, .95, 1),
                                            MEAN("reason: controls", 3, .9, 1),
                                            MEAN("foil, without the gate: rejected", 2, .8, 1)};
    run(v, "everybody keeps the hours: ", &all, stops, 3, R);
    const struct validate_figure weaker[] = {MEAN("stopped", 0, 0, .01),
                                             MEAN("by simulated logs", 1, 1, 1)};
    run(v, "3 controls, nobody keeps hours: ", &alone, weaker, 2, R);
}
