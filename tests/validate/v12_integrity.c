/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, integrity: false alarms of the screens on clean worlds, and how often tampering is
 * found, through the product's own path: scenario, simulated look-ups, counts, integrity_run.
 * Foils: calling any two gaps that come twice in a row a copy, and
 * calling any session within the time to live a forgery, where two caches answer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "models/beside.h"
#include "models/integrity.h"
#include "models/live.h"
#include "models/repeats.h"
#include "models/scenario.h"
#include "models/shortgaps.h"
#include "stats/order.h"
#include "tests/made.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

/* Three months; target 192.0.2.1 for a.example, ttl one hour. %s: processes, caches and what
 * else a world adds. */
static const char frame[] = "scenario: v12 (simulated)\n"
                            "span: {from: 2024-01-08, to: 2024-04-01}\n"
                            "seed: 1\n"
                            "clients: {target: [192.0.2.1], others: [\"198.51.100.{1..8}\"]}\n"
                            "names: {one: [a.example], rest: [\"n{1..3}.example\"]}\n%s";

#define HUMAN                                                                                  \
    "processes: [{id: h, kind: human, clients: [target, others], names: [one, rest], "         \
    "per_day: 12, hours: \"08:00-18:00\", outside: 0.2, weekend: 0.4, zone: UTC}]\n"
#define CACHE "caches: [{clients: [target, others], names: [one, rest], ttl: 1h}]\n"
#define TARGET "clients: [target], names: [one], "
#define ALL "clients: [target, others], names: [one, rest], "
#define SPAN "span: {from: 2024-01-08, to: 2024-04-01}"

enum { CLIENTS = 9 };

struct world {
    const char *id, *body;
    double ttl_s;
};

static const struct world worlds[] = {
    {"W0 cache", HUMAN CACHE, 3600},
    {"W1 mail",
     "processes: [{id: m, kind: mail, clients: [target, others], names: [one, rest], "
     "per_week: 7, messages: 1.5, within: 20m}]\n" CACHE,
     3600},
    {"W2 monitor",
     "processes: [{id: b, kind: monitor, clients: [target, others], names: [one, rest], "
     "period: 2h, jitter: 30s, miss: 0.1}]\n" CACHE,
     3600},
    {"W3 retries",
     HUMAN CACHE "retries: [{clients: [target, others], names: [one, rest], chance: 0.4, "
                 "after: [2s, 4s, 8s]}]\n",
     3600},
    {"W4 shared rhythm",
     "processes: [{id: h, kind: human, clients: [target, others], names: [one, rest], "
     "per_day: 12, hours: \"09:00-17:00\", outside: 0.05, weekend: 0.1, day_theta: 4, "
     "zone: UTC}]\n" CACHE,
     3600},
    {"W5 two caches",
     HUMAN "caches: [{clients: [target, others], names: [one, rest], ttl: 1h, copies: 2}]\n",
     3600},
    {"W6 biased sensor",
     HUMAN CACHE "sensor: {kept: 0.8, outages: [{from: 2024-02-10, to: 2024-02-11}]}\n", 3600},
    {"W7 trigger",
     "processes: [{id: h, kind: human, clients: [target, others], names: [one, rest], "
     "per_day: 12, hours: \"08:00-18:00\", outside: 0.2, weekend: 0.4, zone: UTC},"
     " {id: t, kind: trigger, clients: [target], names: [one], after: {clients: [others], "
     "names: [rest]}, eta: 0.1, within: 10m}]\n" CACHE,
     3600},
};
enum { WORLDS = sizeof worlds / sizeof *worlds };

/* 20 look-ups a day by all pairs together: .58 demands a day of each of 36, behind a cache of
 * an hour, 20.4 misses. */
#define THIN                                                                                   \
    "processes: [{id: h, kind: human, clients: [target, others], names: [one, rest], "         \
    "per_day: 0.58}]\n"
static const struct world thin[] = {
    {"20 look-ups a day,", THIN CACHE, 3600},
    {"20 look-ups a day, a day's outage:",
     THIN CACHE "sensor: {outages: [{from: 2024-02-10, to: 2024-02-11}]}\n", 3600},
};

static const struct world tampered[] = {
    {"W9 copy of a day in place",
     HUMAN CACHE "tampering: [{kind: copy, " ALL
                 "span: {from: 2024-01-20, to: 2024-01-21}, by: 30d}]\n",
     3600},
    {"W9 copy of 2 days beside", /* overlay */
     HUMAN CACHE "tampering: [{kind: overlay, " ALL
                 "span: {from: 2024-01-22, to: 2024-01-24}, by: 29d}]\n",
     3600},
    {"W9 insert 3 %", HUMAN CACHE "tampering: [{kind: insert, " TARGET SPAN ", lookups: 20}]\n",
     3600},
    {"W9 a month shifted by 5 h",
     HUMAN CACHE "tampering: [{kind: shift, " ALL
                 "span: {from: 2024-01-08, to: 2024-02-10}, by: 5h}]\n",
     3600},
    {"W9 delete 20 %", HUMAN CACHE "tampering: [{kind: delete, " TARGET SPAN ", share: 0.2}]\n",
     3600},
};
enum { TAMPERED = sizeof tampered / sizeof *tampered };

static struct counts *counts_of(const struct world *w, uint64_t seed)
{
    char text[4096];
    struct scenario s;
    struct err err;
    struct sim_row *rows;
    size_t n;
    struct made m = {0};
    snprintf(text, sizeof text, frame, w->body);
    if (scenario_parse(&s, w->id, span_of(text), &err) < 0) {
        fprintf(stderr, "%s: %s\n", w->id, err.msg);
        abort();
    }
    s.world.seed = seed;
    if (simulate(&s.world, &rows, &n, &err) < 0)
        abort();
    for (size_t i = 0; i < n; i++)
        made_add(&m, s.world.clients[rows[i].client], s.world.names[rows[i].name],
                 rows[i].qtype, rows[i].t_ns / NS_PER_S, 1);
    struct counts *c = made_counts(&m, s.world.from_ns / NS_PER_S, s.world.to_ns / NS_PER_S);
    free(rows);
    scenario_close(&s);
    return c;
}

/* Figures of a log: any fail; repeats flagged; short gaps not passed; outage declared; the
 * least p of the family after Holm at .01. */
enum { ANY_FAIL, REPEATS, SHORT, OUTAGE, BY_P, COLUMNS };

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct counts *c = counts_of(w, (uint64_t)rng_u32(r));
    double *ttl = mem_alloc((c->nnames + 1) * sizeof *ttl);
    for (uint32_t i = 0; i < c->nnames; i++)
        ttl[i] = w->ttl_s;
    struct integrity in;
    drawn_screens(&in, c, ttl, rng_u32(r));
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = 0;
    for (size_t i = 0; i < in.n; i++) {
        ret[ANY_FAIL] = fmax(ret[ANY_FAIL], in.v[i].answer == INTEGRITY_FAIL);
        ret[BY_P] = fmax(ret[BY_P], in.v[i].log_p_adjusted <= log(.01));
    }
    ret[REPEATS] = integrity_find(&in, "repeats")->answer != INTEGRITY_PASS &&
                   integrity_find(&in, "repeats")->answer != INTEGRITY_NOT_APPLICABLE;
    ret[SHORT] = integrity_find(&in, "short_gaps")->answer != INTEGRITY_PASS;
    ret[OUTAGE] = integrity_find(&in, "silences")->answer == INTEGRITY_EXPLAIN;
    integrity_free(&in);
    free(ttl);
    counts_free(c);
}

static void run_world(struct validation *v, const struct world *w,
                      const struct validate_figure *f, size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "V12",
                                            .prefix = w->id,
                                            .replicate = replicate,
                                            .ctx = w,
                                            .columns = COLUMNS,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R});
}

/* --- runs and insertions by themselves, on gaps of one cache
 * ---------------------------------- */

struct gaps_plan {
    double lambda_ttl;
    bool copied;
};

enum { GAPS = 1000 };

static void draw_gaps(const struct gaps_plan *p, struct rng *r, uint64_t gap[GAPS])
{
    for (size_t i = 0; i < GAPS; i++)
        gap[i] = 3600 + (uint64_t)rng_exponential(r, 3600 / p->lambda_ttl);
}

/* A run of five gaps copied elsewhere: found by the product; by the foil that calls any two
 * gaps that come twice in a row a copy. */
static void copied_run(const void *ctx, struct rng *r, double *ret)
{
    const struct gaps_plan *p = ctx;
    uint64_t gap[GAPS];
    struct repeats found;
    draw_gaps(p, r, gap);
    if (p->copied)
        memcpy(gap + 600 + rng_below(r, 300), gap + rng_below(r, 500), 5 * sizeof *gap);
    repeats_find(&found, gap, GAPS, 2e-4);
    ret[0] = found.found > 0;
    ret[1] = 0;
    for (size_t i = 0; i < GAPS && !(ret[1] > 0); i++)
        for (size_t j = i + 2; j + 1 < GAPS; j++)
            if (gap[i] == gap[j] && gap[i + 1] == gap[j + 1])
                ret[1] = 1;
}

/* Ten rows among 1,000 put in at random: is a gap shorter than the time to live? */
static void inserted(const void *ctx, struct rng *r, double *ret)
{
    const struct gaps_plan *p = ctx;
    uint64_t gap[GAPS];
    double t[GAPS + 10], at = 0;
    struct shortgaps s;
    draw_gaps(p, r, gap);
    for (size_t i = 0; i < GAPS; i++)
        t[i] = at += (double)gap[i];
    for (size_t i = 0; i < 10; i++)
        t[GAPS + i] = floor(rng_unit(r) * at);
    size_t n = GAPS + (p->copied ? 10 : 0);
    for (size_t i = GAPS; i < n; i++) /* into place */
        for (size_t k = i; k > 0 && t[k - 1] > t[k]; k--) {
            double swap = t[k];
            t[k] = t[k - 1];
            t[k - 1] = swap;
        }
    shortgaps_test(&s, t, n, at, 3600, 0, 0, r);
    ret[0] = s.shorter > 0;
}

/* 300 sessions of 60 days, in whole seconds; copied: 20 of them again 100,000 s later, among
 * the others. ret: a distance stands out at .01; so by the foil, that two or more distances of
 * the same length are a copy. */
static void distances(const void *ctx, struct rng *r, double *ret)
{
    enum { SESSIONS = 300, COPIES = 20, LENGTH = 60 * 86400 };
    bool copied = *(const bool *)ctx;
    double t[SESSIONS + COPIES];
    size_t n = SESSIONS;
    struct offsets o;
    for (size_t i = 0; i < SESSIONS; i++)
        t[i] = floor(rng_unit(r) * LENGTH);
    for (; copied && n < SESSIONS + COPIES; n++)
        t[n] = t[n - SESSIONS] + 100000;
    order_sort(t, n);
    ret[0] = !offsets_find(&o, t, n, 1) || o.log_p <= log(.01);
    ret[1] = 0;
    double *d = mem_alloc(n * n * sizeof *d);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            d[k++] = t[j] - t[i];
    order_sort(d, k);
    for (size_t i = 1; i < k; i++)
        ret[1] = fmax(ret[1], d[i] <= d[i - 1]);
    free(d);
}

static void run_distances(struct validation *v)
{
    static const bool no = false, yes = true;
    const struct validate_figure none[] = {
        {"a distance stands out at .01", 0, FIGURE_MEAN, 0, 0, .01},
        {"foil: a distance that comes twice", 1, FIGURE_MEAN, 0, .9, 1}};
    const struct validate_figure found[] = {
        {"the distance is found", 0, FIGURE_MEAN, 0, .95, 1}};
    validate_run(v, &(struct validate_plan){"V12", "300 sessions,", distances, &no, 2, none, 2,
                                            validate_pick(v, 20, 2000), 0});
    validate_run(v, &(struct validate_plan){"V12", "300 sessions and 20 copies,", distances,
                                            &yes, 2, found, 1, validate_pick(v, 10, 500), 0});
}

/* Sessions of 56 days, and ten of them again eleven days later among the others: found beside
 * others; by the foil, runs with nothing between. */
enum beside_law { EVEN, OFFICE, TIMER, JOB };
enum { JOB_RUNS = 8, JOB_STEPS = 4 };
struct beside_plan {
    enum beside_law law;
    bool copied;
};

enum { BLOCK = 10, BESIDE_ROOM = 3000 };

/* 300 at even times; some 1,400 in office hours, behind a cache of ten minutes; one an hour to
 * a minute. */
static size_t draw_sessions(enum beside_law law, struct rng *r, double *t)
{
    const double day_s = 86400, length_s = 56 * day_s;
    size_t n = 0;
    for (; (law == EVEN || law == JOB) && n < 300; n++)
        t[n] = floor(rng_unit(r) * length_s);
    for (size_t step = 0, at = 10800; law == JOB && step < JOB_STEPS; step++) {
        for (size_t run = 0; run < JOB_RUNS; run++)
            t[n++] = (double)at + 7 * day_s * (double)run;
        at += 300 + rng_below(r, 1800);
    }
    for (; law == TIMER && n < 56 * 24; n++)
        t[n] = floor(3600 * (double)n + 60 * rng_unit(r));
    for (double now = 0, until = 0; law == OFFICE && now < length_s && n < BESIDE_ROOM / 2;) {
        now += rng_exponential(r, 600);
        double hour = fmod(now, day_s) / 3600;
        bool asked = (hour >= 8 && hour < 18) || rng_unit(r) < .1;
        if (asked && now >= until) {
            t[n++] = floor(now);
            until = now + 600;
        }
    }
    order_sort(t, n);
    return n;
}

static void laid_over(const void *ctx, struct rng *r, double *ret)
{
    const struct beside_plan *p = ctx;
    double t[BESIDE_ROOM];
    uint64_t gap[BESIDE_ROOM];
    struct beside beside;
    struct repeats runs;
    size_t n = draw_sessions(p->law, r, t), from = n / 2 + rng_below(r, n / 8);
    for (size_t i = 0; p->copied && i < BLOCK; i++)
        t[n + i] = t[from + i] + 11 * 86400;
    n += p->copied ? BLOCK : 0;
    order_sort(t, n);
    for (size_t i = 1; i < n; i++)
        gap[i - 1] = (uint64_t)llround(t[i] - t[i - 1]);
    beside_find(&beside, t, n, 1, 1e-3);
    repeats_find(&runs, gap, n - 1, 1e-3);
    ret[0] = beside.found > 0;
    ret[1] = runs.found > 0;
}

static void run_beside(struct validation *v)
{
    static const struct beside_plan even = {EVEN, false}, office = {OFFICE, false},
                                    job = {JOB, false}, timer = {TIMER, false},
                                    few = {EVEN, true}, many = {OFFICE, true};
    const struct validate_figure none[] = {
        {"a block beside others found", 0, FIGURE_MEAN, 0, 0, .001}};
    const struct validate_figure found[] = {
        {"found beside others", 0, FIGURE_MEAN, 0, .95, 1},
        {"foil: found with nothing between", 1, FIGURE_MEAN, 0, 0, .5}};
    uint32_t R = validate_pick(v, 20, 2000);
    struct validate_plan plan = {
        "V12", "300 sessions, none copied,", laid_over, &even, 2, none, 1, R, 0};
    validate_run(v, &plan);
    validate_world(v, &plan, "office hours, none copied,", &office, none, 1, R);
    validate_world(v, &plan, "a timer, none copied,", &timer, none, 1, R);
    validate_world(v, &plan, "300 sessions, ten laid over,", &few, found, 2, R / 4);
    validate_world(v, &plan, "office hours, ten laid over,", &many, found, 2, R / 4);
    validate_world(v, &plan, "a job of four look-ups a week, none copied,", &job, none, 1, R);
}

static void run_gaps(struct validation *v)
{
    static const struct gaps_plan clean = {3, false}, copy = {3, true};
    static const struct gaps_plan few = {.3, true}, some = {.7, true}, many = {3, true};
    const struct validate_figure none[] = {
        {.cell = "clean gaps: a run found", .kind = FIGURE_MEAN, .lo = 0, .hi = .01},
        {.cell = "foil: any two gaps twice in a row",
         .column = 1,
         .kind = FIGURE_MEAN,
         .lo = .08,
         .hi = 1}};
    const struct validate_figure five[] = {
        {.cell = "run of 5 gaps copied: found", .kind = FIGURE_MEAN, .lo = .99, .hi = 1}};
    const struct validate_figure one[] = {
        {.cell = "1 % inserted: a short gap", .kind = FIGURE_MEAN, .lo = .95, .hi = 1}};
    uint32_t R = validate_pick(v, 150, 1000);
    struct validate_plan p = {
        .experiment = "V12", .prefix = "lambda ttl 3", .columns = 2, .R = R};
    p.replicate = copied_run;
    p.ctx = &clean;
    p.figures = none;
    p.nfigures = 2;
    validate_run(v, &p);
    p.prefix = "lambda ttl 3,";
    p.ctx = &copy;
    p.figures = five;
    p.nfigures = 1;
    validate_run(v, &p);
    p.replicate = inserted;
    p.figures = one;
    p.columns = 1;
    const struct gaps_plan *plans[] = {&few, &some, &many};
    const char *names[] = {"lambda ttl .3,", "lambda ttl .7,", "lambda ttl 3, "};
    for (int i = 0; i < 3; i++) {
        p.prefix = names[i];
        p.ctx = plans[i];
        validate_run(v, &p);
    }
}

void v12_integrity(struct validation *v)
{
    const struct validate_figure clean[] = {
        {.cell = "a screen fails", .column = ANY_FAIL, .kind = FIGURE_MEAN, .lo = 0, .hi = .01},
        {.cell = "repeats flagged",
         .column = REPEATS,
         .kind = FIGURE_MEAN,
         .lo = 0,
         .hi = .01}};
    const struct validate_figure outage[] = {{.cell = "a silent day declared",
                                              .column = OUTAGE,
                                              .kind = FIGURE_MEAN,
                                              .lo = .99,
                                              .hi = 1}};
    const struct validate_figure none_declared[] = {{.cell = "a silence is declared",
                                                     .column = OUTAGE,
                                                     .kind = FIGURE_MEAN,
                                                     .lo = 0,
                                                     .hi = .01}};
    const struct validate_figure foil[] = {{.cell = "foil: any short gap is a forgery",
                                            .column = SHORT,
                                            .kind = FIGURE_MEAN,
                                            .lo = .99,
                                            .hi = 1}};
    const struct validate_figure stopped[] = {{.cell = "stopped at the gate",
                                               .column = ANY_FAIL,
                                               .kind = FIGURE_MEAN,
                                               .lo = .95,
                                               .hi = 1}};
    const struct validate_figure unseen[] = {{.cell = "stopped (cannot be seen)",
                                              .column = ANY_FAIL,
                                              .kind = FIGURE_MEAN,
                                              .lo = 0,
                                              .hi = .05}};
    run_gaps(v);
    run_distances(v);
    run_beside(v);
    v12_messages(v);
    for (int i = 0; i < WORLDS; i++) {
        uint32_t R = validate_pick(v, i < 1 ? 2 : 0, 1000);
        run_world(v, &worlds[i], clean, 2, R);
        if (strncmp(worlds[i].id, "W6", 2) == 0)
            run_world(v, &worlds[i], outage, 1, R);
        if (strncmp(worlds[i].id, "W5", 2) == 0)
            run_world(v, &worlds[i], foil, 1, R);
    }
    run_world(v, &thin[0], none_declared, 1, validate_pick(v, 3, 1000));
    run_world(v, &thin[1], outage, 1, validate_pick(v, 3, 1000));
    for (int i = 0; i < TAMPERED; i++)
        run_world(v, &tampered[i], i + 1 < TAMPERED ? stopped : unseen, 1,
                  validate_pick(v, i == 0 || i == 2 ? 2 : 0, 500));
}
