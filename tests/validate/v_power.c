/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Power said beforehand and power found, of every kind whose nulls print it, from look-ups
 * through study, trial and null. Each log is drawn at the claimed effect, by a generator that
 * is not the null's own. And the minimal detectable effect: what one log prints, the next log
 * is drawn at. Volume and hours stand in v_nulls.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "tests/made.h"
#include "tests/picked.h"
#include "tests/validate/promise.h"

enum { DAY = 86400, TTL = 3600, NULLS_MOST = 7 };
static const int64_t monday = 94694400; /* 1973-01-01 */

struct scene {
    const char *label, *claim; /* id in tests/data/study-power*.yaml */
    const char *nulls[NULLS_MOST];
    double effect;
    void (*draw)(struct made *m, struct rng *r, double effect);
    /* NULL, or another way to alter the same log: power is that of finding both */
    void (*other)(struct made *m, struct rng *r, double effect);
    int days;
    uint32_t fast, full;
    bool mde; /* draw a log at the MDE too */
};

static const char me[] = "192.0.2.1", target[] = "target.example";

static void add(struct made *m, const char *client, const char *name, double t)
{
    made_add(m, client, name, 1, monday + (int64_t)t, 1);
}

static const char *name_of(char ret[32], char letter, int i)
{
    snprintf(ret, 32, "%c%02d.example", letter, i);
    return ret;
}

static const char *client_of(char ret[32], int i)
{
    snprintf(ret, 32, "198.51.100.%d", i);
    return ret;
}

/* --- reaction, alignment: so many look-ups a day ---------------------------------------- */

enum { BEFORE = 75, AFTER = 3, ALIGNED_DAYS = 147, CONTROL_NAMES = 24 };

/* One day of Poisson look-ups with a Gamma factor of its own. */
static void add_day(struct made *m, struct rng *r, const char *name, int day, double mean)
{
    uint64_t n = rng_poisson(r, mean * rng_gamma(r, 8, 1. / 8));
    for (uint64_t i = 0; i < n; i++)
        add(m, me, name, day * (double)DAY + DAY * rng_unit(r));
}

/* The target falls to `effect` times its rate for the last days; eight other names do not. */
static void draw_fell(struct made *m, struct rng *r, double effect)
{
    char name[32];
    for (int day = 0; day < BEFORE + AFTER; day++) {
        add_day(m, r, target, day, 10 * (day < BEFORE ? 1 : effect));
        for (int i = 0; i < 8; i++)
            add_day(m, r, name_of(name, 'p', i), day, 10);
    }
}

/* Less than one in a stretch, and then `effect` times as many. */
static void draw_rose(struct made *m, struct rng *r, double effect)
{
    char name[32];
    for (int day = 0; day < BEFORE + AFTER; day++) {
        add_day(m, r, target, day, .25 * (day < BEFORE ? 1 : effect));
        for (int i = 0; i < 8; i++)
            add_day(m, r, name_of(name, 'p', i), day, 10);
    }
}

/* tests/data/power-events.csv */
static const int dates[] = {5,  11, 19, 24, 33,  38,  46,  55,  60,  69,
                            75, 80, 88, 97, 104, 111, 119, 126, 135, 140};
enum { DATES = sizeof dates / sizeof *dates };

static bool is_date(int day)
{
    for (int i = 0; i < DATES; i++)
        if (dates[i] == day)
            return true;
    return false;
}

/* Two a day, on the dates as many more as bring the share near them to the effect. */
static void draw_dates(struct made *m, struct rng *r, double effect)
{
    char name[32];
    double chance = (double)DATES / ALIGNED_DAYS, share = chance + effect * (1 - chance);
    double times = share / (1 - share) * (ALIGNED_DAYS - DATES) / DATES;
    for (int day = 0; day < ALIGNED_DAYS; day++) {
        add_day(m, r, target, day, 2 * (is_date(day) ? times : 1));
        for (int i = 0; i < CONTROL_NAMES; i++)
            add_day(m, r, name_of(name, 'p', i), day, 2);
    }
}

/* --- exclusivity, rarity: who asks on which days ----------------------------------------- */

enum { SHARE_DAYS = 84, SHARE_NAMES = 26, BLOCKS = 26 };

static void add_presence(struct made *m, struct rng *r, const char *client, const char *name,
                         double chance)
{
    for (int day = 0; day < SHARE_DAYS; day++)
        if (rng_unit(r) < chance)
            add(m, client, name, day * (double)DAY + DAY * rng_unit(r));
}

/* The group sees .95 of its own look-ups, others .9; together they are there .95 of days.
 * Other names: one client at .5, three at .18. */
static void draw_alone(struct made *m, struct rng *r, double effect)
{
    char name[32], client[32];
    double odds = effect / (1 - effect) * .95 / .9, all = .95;
    add_presence(m, r, me, target, all * odds / (1 + odds));
    add_presence(m, r, "198.51.100.1", target, all / (1 + odds));
    for (int i = 0; i < SHARE_NAMES; i++)
        for (int k = 0; k < 4; k++)
            add_presence(m, r, client_of(client, 2 + (i + 7 * k) % 30), name_of(name, 'n', i),
                         k ? .18 : .5);
}

static void add_blocks(struct made *m, struct rng *r, double effect, double mean, double shape)
{
    char client[32];
    for (int i = 0; i <= BLOCKS; i++) {
        double own = shape > 0 ? rng_gamma(r, shape, 1 / shape) : 1;
        const char *who = i ? client_of(client, 4 * i) : me;
        add_presence(m, r, who, target, mean * own * (i ? 1 : effect));
        add_presence(m, r, who, "busy.example", .5); /* all are clients of the case */
    }
}

static void draw_rare(struct made *m, struct rng *r, double effect)
{
    add_blocks(m, r, effect, .05, 0);
}

/* Blocks differ, the claim's as well. */
static void draw_unlike(struct made *m, struct rng *r, double effect)
{
    add_blocks(m, r, effect, .1, 4);
}

/* --- authenticity, regular: gaps of one stream -------------------------------------------- */

enum { GAP_DAYS = 14, REGULAR_DAYS = 20 };

static size_t draw_gaps(struct rng *r, double mean, double cv, double length, double *ret)
{
    size_t n = 0;
    double shape = 1 / (cv * cv);
    for (double t = 0; (t += rng_gamma(r, shape, mean / shape) + TTL * (n > 0)) < length;)
        ret[n++] = t;
    return n;
}

/* A run of that share of the gaps stands a second time, in the place of as many; what comes
 * after is moved. */
static void draw_altered(struct made *m, struct rng *r, double effect)
{
    double t[2000], gap[2000], at = 0;
    size_t n = draw_gaps(r, 1.5 * TTL, 1, GAP_DAYS * (double)DAY, t);
    for (size_t i = 0; i < n; i++)
        gap[i] = t[i] - (i ? t[i - 1] : 0);
    size_t run = (size_t)(effect * (double)n), from = 1 + rng_below(r, n - 2 * run - 1);
    memcpy(gap + from + run, gap + from, run * sizeof *gap);
    for (size_t i = 0; i < n; i++) {
        double before = floor(at);
        at += gap[i];
        /* a copy keeps whole seconds, as the rows have them */
        if (i >= from + run && i < from + 2 * run)
            at = before + floor(t[i - run]) - floor(t[i - run - 1]);
        if (at < GAP_DAYS * (double)DAY)
            add(m, me, target, at);
    }
}

/* As many rows at even times beside those of the same log. */
static void draw_put_in(struct made *m, struct rng *r, double effect)
{
    double t[2000];
    size_t n = draw_gaps(r, 1.5 * TTL, 1, GAP_DAYS * (double)DAY, t);
    for (size_t i = 0; i < n; i++)
        add(m, me, target, t[i]);
    for (size_t i = 0; i < (size_t)(effect * (double)n); i++)
        add(m, me, target, GAP_DAYS * (double)DAY * rng_unit(r));
}

static void draw_regular(struct made *m, struct rng *r, double effect)
{
    double t[2000];
    size_t n = draw_gaps(r, 3 * TTL, effect, REGULAR_DAYS * (double)DAY, t);
    for (size_t i = 0; i < n; i++)
        add(m, me, target, t[i]);
}

/* --- synchrony: b after a, on one of 25 names ----------------------------------------------
 */

enum { SYNC_DAYS = 28 };

/* Own demand of .15 an hour each; b also within three minutes of a's sessions, as many of
 * them as leave `effect` a session when b's cache has hidden some. */
static void add_sync(struct made *m, struct rng *r, const char *name, double effect)
{
    double length = SYNC_DAYS * (double)DAY, rate = .15 / 3600, load, until = -1;
    double a[2000], b[4000];
    size_t na = 0, nb = 0;
    for (double t = 0; (t += rng_exponential(r, 1 / rate) + (na > 0 ? TTL : 0)) < length;)
        add(m, me, name, a[na++] = t);
    load = (rate + effect * (double)na / length) * TTL;
    for (double t = 0; (t += rng_exponential(r, 1 / rate)) < length;)
        b[nb++] = t;
    for (size_t i = 0; i < na; i++)
        if (rng_unit(r) < effect * (1 + load))
            b[nb++] = a[i] + 179 * rng_unit(r);
    for (size_t i = 1; i < nb; i++) /* by insertion: b's own come in order */
        for (size_t k = i; k > 0 && b[k] < b[k - 1]; k--) {
            double swap = b[k];
            b[k] = b[k - 1];
            b[k - 1] = swap;
        }
    for (size_t i = 0; i < nb; i++)
        if (b[i] >= until && b[i] < length) {
            add(m, "192.0.2.2", name, b[i]);
            until = b[i] + TTL;
        }
}

static void draw_together(struct made *m, struct rng *r, double effect)
{
    char name[32];
    add_sync(m, r, target, effect);
    for (int i = 0; i < CONTROL_NAMES; i++)
        add_sync(m, r, name_of(name, 'p', i), 0);
}

/* --- the whole ------------------------------------------------------------------------------
 */

static struct study *read_study(const struct scene *s, bool power)
{
    struct study *study;
    struct err err;
    const char *const off[] = {"power=false", NULL};
    bool date = strncmp(s->label, "reaction", 8) == 0; /* it must lie in the log */
    if (study_read(&study,
                   date ? "tests/data/study-power-date.yaml" : "tests/data/study-power.yaml",
                   power ? NULL : off, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    return study;
}

/* One log at an effect; the promises of the scene's first n nulls. */
static void one_log(const struct scene *s, bool other, double effect, struct rng *r, size_t n,
                    bool power, struct promise *ret)
{
    struct made m = {0};
    struct study *study = read_study(s, power);
    struct trial t;
    struct err err;
    (other ? s->other : s->draw)(&m, r, effect);
    add(&m, "192.0.2.2", "quiet.example", 1); /* the study's groups must be in the case */
    struct counts *c = made_counts(&m, monday, monday + s->days * (int64_t)DAY);
    struct study_claim *claim = picked_claim(study, s->claim);
    study->seed = rng_u32(r);
    claim->effect = effect;
    if (study_resolve(study, c, &err) < 0 || trial_make(&t, study, claim, c, 1, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    const struct battery_row *b = claim->kind->battery;
    struct effect measured = {NAN, NAN, NAN, NAN};
    if (power)
        t.claim->kind->estimate(&t, &measured);
    for (size_t k = 0; k < n && s->nulls[k]; k++)
        for (size_t i = 0; b[i].null; i++)
            if (strcmp(b[i].null, s->nulls[k]) == 0)
                promise_make(&ret[k], &t, &b[i], measured.value);
    trial_free(&t);
    study_free(study);
    counts_free(c);
}

struct logs {
    const struct scene *s;
    struct promise *p, *again; /* NULLS_MOST a log; one a log, at the MDE of the first null */
};

static void draw_log(void *ctx, size_t i, size_t worker)
{
    const struct logs *l = ctx;
    struct rng r;
    (void)worker;
    struct promise *p = l->p + i * NULLS_MOST;
    for (size_t k = 0; k < NULLS_MOST; k++)
        p[k] = promise_none();
    rng_stream(&r, 20160720, RNG_VALIDATE, rng_subject(l->s->label, strlen(l->s->label)),
               (uint32_t)i);
    struct promise other[NULLS_MOST] = {{0}};
    struct rng same = r;
    one_log(l->s, false, l->s->effect, &r, NULLS_MOST, true, p);
    if (l->s->other)
        one_log(l->s, true, l->s->effect, &same, NULLS_MOST, false, other);
    for (size_t k = 0; l->s->other && k < NULLS_MOST; k++)
        p[k].kept = p[k].kept && other[k].kept;
    if (l->s->mde && !isnan(p->mde))
        one_log(l->s, false, p->mde, &r, 1, false, &l->again[i]);
}

/* The share rejected of logs drawn at what another log prints as its MDE; .8 is said. */
static void mde_cell(struct validation *v, const struct logs *l, uint32_t R)
{
    char cell[160];
    double kept = 0, mde = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < R; i++)
        if (!isnan(l->p[i * NULLS_MOST].mde)) {
            kept += l->again[i].kept;
            mde += l->p[i * NULLS_MOST].mde;
            n++;
        }
    if (n == 0)
        return;
    double se = sqrt(.8 * .2 / n);
    snprintf(cell, sizeof cell, "%s, %s: a log at the MDE of another (%.3g on average): power",
             l->s->label, l->s->nulls[0], mde / n);
    validate_cell(v, "power", cell, kept / n, .75 - 3 * se, fmin(1, .85 + 3 * se), n, 199);
}

static void run(struct validation *v, const struct scene *s, uint32_t R)
{
    char label[120];
    struct logs l = {s, mem_zero((size_t)R * NULLS_MOST + 1, sizeof *l.p),
                     mem_zero((size_t)R + 1, sizeof *l.again)};
    par_for(0, R, draw_log, &l);
    for (size_t k = 0; s->nulls[k]; k++) {
        snprintf(label, sizeof label, "%s, %s", s->label, s->nulls[k]);
        promise_cells(v, label, l.p + k, NULLS_MOST, R, false);
    }
    if (s->mde)
        mde_cell(v, &l, R);
    free(l.p);
    free(l.again);
}

static const struct scene scenes[] = {
    {"exclusivity, share .566",
     "alone",
     {"days", "sensors", "concentration"},
     .566,
     draw_alone,
     NULL,
     SHARE_DAYS,
     40,
     1000,
     false},
    {"rarity, 2.5 times",
     "rare",
     {"days", "sensors"},
     2.5,
     draw_rare,
     NULL,
     SHARE_DAYS,
     40,
     1000,
     false},
    {"rarity, 2.5 times, blocks differ (Gamma 4)",
     "rare",
     {"blocks"},
     2.5,
     draw_unlike,
     NULL,
     SHARE_DAYS,
     40,
     1000,
     false},
    {"regular, CV .85",
     "regular",
     {"cache", "rhythm", "life"},
     .85,
     draw_regular,
     NULL,
     REGULAR_DAYS,
     0,
     1000,
     true},
    {"reaction, falls to half",
     "fell",
     {"scatter", "placebo", "controls"},
     .5,
     draw_fell,
     NULL,
     BEFORE + AFTER,
     0,
     500,
     true},
    {"reaction, few rise fivefold",
     "rose",
     {"placebo", "controls"},
     5,
     draw_rose,
     NULL,
     BEFORE + AFTER,
     0,
     500,
     false},
    {"alignment, .05 more",
     "dates",
     {"coverage", "rotation", "habit", "choice", "weeks", "controls"},
     .05,
     draw_dates,
     NULL,
     ALIGNED_DAYS,
     0,
     500,
     false},
    {"authenticity, .03 copied and .03 put in",
     "altered",
     {"cache", "rhythm"},
     .03,
     draw_altered,
     draw_put_in,
     GAP_DAYS,
     0,
     500,
     false},
    {"synchrony, eta .07",
     "together",
     {"window"},
     .07,
     draw_together,
     NULL,
     SYNC_DAYS,
     0,
     500,
     false},
    {"synchrony, eta .045",
     "together",
     {"controls"},
     .045,
     draw_together,
     NULL,
     SYNC_DAYS,
     0,
     500,
     false},
};

void v_power_kinds(struct validation *v)
{
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++)
        run(v, &scenes[i], validate_pick(v, scenes[i].fast, scenes[i].full));
}
