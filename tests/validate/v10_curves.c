/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V10, specification curves of every kind of claim, on whole cases through multiverse_run: the
 * joint p where nothing is there, and where something is. Foil: the best specification's p, as
 * if it had been the only one. Sessions repeat after 20 s, so that sessions and dedup differ.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/multiverse.h"
#include "tests/made.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { MONTH = 28, DAY = 86400, LIFE = 3600, PEERS = 12, BLOCKS = 20 };
static const int64_t monday = 94694400; /* 1 January 1973 */
static const char me[] = "192.0.2.1", it[] = "it.example";
static const double REPEATED = .3; /* of sessions, after 20 s */

struct world {
    const char *claim, *study;
    void (*draw)(const struct world *w, struct made *m, struct rng *r);
    double per_day; /* demands, or chances of a day */
    double shape;   /* of the days' Gamma factor; 0: none */
    double effect;  /* 1: nothing is there */
    int caches;     /* behind one address; 0: one */
    int days;
    unsigned axes; /* bits of spec_axis */
};

/* --- worlds ------------------------------------------------------------------------------ */

static double factor(struct rng *r, double shape)
{
    return shape > 0 ? rng_gamma(r, shape, 1 / shape) : 1;
}

/* Demands of one client for one name through its cache, or one of its caches. From day
 * `since` on the rate is `times` as high. */
static void ask(const struct world *w, struct made *m, struct rng *r, const char *client,
                const char *name, double per_day, int since, double times)
{
    double until[2] = {0};
    for (int day = 0; day < w->days; day++) {
        double rate = per_day * factor(r, w->shape) * (day >= since ? times : 1);
        uint64_t n = rng_poisson(r, rate);
        double t = 0;
        for (uint64_t i = 0; i < n; i++) { /* in order: spacings of uniform times */
            t = 1 - (1 - t) * pow(rng_unit(r), 1 / (double)(n - i));
            double s = floor((day + t) * DAY),
                   *own = &until[w->caches > 1 ? rng_u32(r) & 1 : 0];
            if (s < *own)
                continue;
            *own = s + LIFE;
            made_add(m, client, name, 1, monday + (int64_t)s, 1);
            if (rng_unit(r) < REPEATED)
                made_add(m, client, name, 1, monday + (int64_t)s + 20, 1);
        }
    }
}

/* One pair; from the middle on its rate is `effect` times as high. */
static void draw_one(const struct world *w, struct made *m, struct rng *r)
{
    ask(w, m, r, me, it, w->per_day, w->days / 2, w->effect);
}

/* The same with five days in the place of five others. */
static void draw_copied(const struct world *w, struct made *m, struct rng *r)
{
    struct made own = {0};
    int64_t from = monday + 4 * DAY, to = from + 5 * DAY, by = 11 * DAY;
    draw_one(w, &own, r);
    for (size_t i = 0; i < own.n; i++) {
        int64_t at = own.v[i].tick;
        if (at < from + by || at >= to + by)
            made_add(m, me, it, 1, at, 1);
        if (at >= from && at < to)
            made_add(m, me, it, 1, at + by, 1);
        free(own.v[i].client);
        free(own.v[i].name);
    }
    free(own.v);
}

/* The pair is one of 13 names whose rates differ, but for its effect. */
static void draw_peers(const struct world *w, struct made *m, struct rng *r)
{
    for (int p = 0; p <= PEERS; p++) {
        char name[24];
        snprintf(name, sizeof name, "p%02d.example", p);
        ask(w, m, r, me, p ? name : it, w->per_day * factor(r, 4), 0, p ? 1 : w->effect);
    }
}

/* Two clients, each for itself. */
static void draw_two(const struct world *w, struct made *m, struct rng *r)
{
    ask(w, m, r, me, it, w->per_day, 0, 1);
    ask(w, m, r, "192.0.2.9", it, w->per_day, 0, 1);
}

/* Days on which 16 clients that are 16 bytes apart, or in threes, ask: as often as the first,
 * or `share` as often. The first one's days scatter. */
static void draw_days(const struct world *w, struct made *m, struct rng *r, int others,
                      double share)
{
    for (int day = 0; day < w->days; day++)
        for (int c = 0; c <= others; c++) {
            char client[24];
            double chance = w->per_day * (c ? share : w->effect * factor(r, w->shape));
            snprintf(client, sizeof client, c < 4 ? "192.0.2.%d" : "198.51.100.%d",
                     c < 4 ? 4 * c + 1 : 4 * c);
            if (rng_unit(r) < chance)
                made_add(m, client, it, 1, monday + day * DAY + 3600, 1);
        }
}

static void draw_share(const struct world *w, struct made *m, struct rng *r)
{
    draw_days(w, m, r, 4, .25); /* all others together ask on as many days */
}

static void draw_blocks(const struct world *w, struct made *m, struct rng *r)
{
    draw_days(w, m, r, BLOCKS, 1);
}

/* --- the experiment ---------------------------------------------------------------------- */

static struct study *a_study(const struct world *w, struct rng *r, const struct counts *counts)
{
    struct err err;
    struct study *s = drawn_study(w->study, NULL, NULL, r);
    for (int a = 0; a < SPEC_AXES; a++)
        s->axes[a].n = w->axes & 1u << a ? s->axes[a].n : 0;
    for (size_t i = 0; i < s->nclaims; i++) /* the others' groups may match nothing */
        if (strcmp(s->claims[i].id, w->claim) == 0) {
            struct study_claim first = s->claims[0];
            s->claims[0] = s->claims[i];
            s->claims[i] = first;
        }
    size_t all = s->nclaims;
    s->nclaims = 1;
    int rc = study_resolve(s, counts, &err);
    s->nclaims = all;
    if (rc < 0) {
        fprintf(stderr, "%s: %s\n", w->claim, err.msg);
        exit(1);
    }
    return s;
}

/* Joint p of the curve, and the smallest p of any specification. */
static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct made made = {0};
    struct multiverse m;
    w->draw(w, &made, r);
    struct counts *counts = made_counts(&made, monday, monday + (int64_t)w->days * DAY);
    struct study *s = a_study(w, r, counts);
    multiverse_run(&m, s, &s->claims[0], counts, 1);
    for (int k = 0; k < CURVE_STATISTICS; k++)
        ret[k] = m.n ? m.joint.p[k] : 0; /* no curve: against the method */
    ret[CURVE_STATISTICS] = 1;
    for (size_t i = 0; i < m.n; i++)
        ret[CURVE_STATISTICS] = fmin(ret[CURVE_STATISTICS], m.v[i].p);
    multiverse_free(&m);
    study_free(s);
    counts_free(counts);
}

static void run(struct validation *v, const char *prefix, const struct world *w,
                const struct validate_figure *f, size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "curves",
                                            .prefix = prefix,
                                            .replicate = replicate,
                                            .ctx = w,
                                            .columns = CURVE_STATISTICS + 1,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = w->draw == draw_two ? 99 : 199});
}

#define AXIS(a) (1u << SPEC_##a)
#define TIMES (AXIS(SESSION) | AXIS(DEDUP) | AXIS(TTL) | AXIS(WINDOW))

struct cell {
    const char *prefix;
    uint32_t fast, full;
    struct world w;
};

static const char all[] = "tests/data/study-curves.yaml",
                  pair[] = "tests/data/study-curves-pair.yaml",
                  days[] = "tests/data/study-curves-days.yaml";

static void run_all(struct validation *v, const struct cell *c, size_t n,
                    const struct validate_figure *f, size_t nf)
{
    for (size_t i = 0; i < n; i++) {
        run(v, c[i].prefix, &c[i].w, f, nf, validate_pick(v, c[i].fast, c[i].full));
    }
}

static const struct cell nothing[] = {
    {"curve of volume, nothing there,",
     0,
     400,
     {"volume", all, draw_peers, 2.5, 0, 1, 0, 28, TIMES}},
    {"curve of volume, days differ (Gamma .7),",
     0,
     400,
     {"volume", all, draw_peers, 2.5, .7, 1, 0, 28, TIMES}},
    {"curve of hours, days differ (Gamma .7),",
     2,
     1300,
     {"hours", all, draw_one, 2.5, .7, 1, 0, 28, TIMES | AXIS(ZONE)}},
    {"curve of regular, nothing there,",
     1,
     800,
     {"regular", all, draw_one, 2.5, 0, 1, 0, 28, TIMES | AXIS(STATISTIC)}},
    {"curve of synchrony, nothing there,",
     0,
     200,
     {"synchrony", pair, draw_two, 3, 0, 1, 0, 28, AXIS(WINDOW) | AXIS(WITHIN) | AXIS(LAG)}},
    {"curve of alignment, nothing there,",
     1,
     1200,
     {"alignment", all, draw_one, 2.5, 0, 1, 0, 28,
      AXIS(SESSION) | AXIS(DEDUP) | AXIS(WINDOW) | AXIS(WITHIN)}},
    {"curve of alignment, days differ (Gamma .7),",
     0,
     1200,
     {"alignment", all, draw_one, 2.5, .7, 1, 0, 28,
      AXIS(SESSION) | AXIS(DEDUP) | AXIS(WINDOW) | AXIS(WITHIN)}},
    {"curve of reaction, nothing there,",
     0,
     200,
     {"reaction", all, draw_one, 2.5, 0, 1, 0, 28, AXIS(WINDOW) | AXIS(ZONE)}},
    {"curve of reaction, days differ (Gamma .7),",
     0,
     200,
     {"reaction", all, draw_one, 2.5, .7, 1, 0, 28, AXIS(WINDOW) | AXIS(ZONE)}},
    {"curve of reaction/rise, days differ (Gamma .7),",
     0,
     200,
     {"rise", all, draw_one, 2.5, .7, 1, 0, 28, AXIS(WINDOW) | AXIS(ZONE)}},
    {"curve of exclusivity, half the days, which scatter,",
     2,
     2000,
     {"exclusivity", days, draw_share, .3, 2, 1, 0, 84, AXIS(WINDOW) | AXIS(COVERAGE)}},
    {"curve of rarity, like all blocks, days scatter,",
     2,
     1000,
     {"rarity", days, draw_blocks, .3, 2, 1, 0, 84,
      AXIS(WINDOW) | AXIS(BLOCK) | AXIS(COVERAGE)}}};
/* without an alteration there is no sign, or as many as the caches make: all p are near 1
 */
static const struct cell honest[] = {
    {"curve of authenticity, one cache,",
     1,
     1000,
     {"authenticity", all, draw_one, 2.5, 0, 1, 0, 28, TIMES}},
    {"curve of authenticity, two caches,",
     1,
     1000,
     {"authenticity", all, draw_one, 2.5, 0, 1, 2, 28, TIMES}}};
static const struct cell there[] = {
    {"curve of reaction, falls to .3,",
     0,
     100,
     {"reaction", all, draw_one, 2.5, 0, .3, 0, 28, AXIS(WINDOW) | AXIS(ZONE)}},
    {"curve of exclusivity, share .75,",
     2,
     1000,
     {"exclusivity", days, draw_share, .3, 2, 3, 0, 84, AXIS(WINDOW) | AXIS(COVERAGE)}}};
/* the median specification counts repeats for short gaps, in surrogates as well */
static const struct cell copied[] = {
    {"curve of authenticity, five days copied,",
     1,
     1000,
     {"authenticity", all, draw_copied, 2.5, 0, 1, 0, 28, TIMES}}};

void v10_curves(struct validation *v)
{
    const struct validate_figure size[] = {
        {"median effect at .05", CURVE_MEDIAN, FIGURE_SHARE, .05, 0, .05},
        {"share of small p at .05", CURVE_SHARE, FIGURE_SHARE, .05, 0, .05},
        {"Stouffer's sum at .05", CURVE_STOUFFER, FIGURE_SHARE, .05, 0, .05},
        {"smallest p at .05", CURVE_LEAST, FIGURE_SHARE, .05, 0, .05},
        {"foil: p of the best specification at .05", CURVE_STATISTICS, FIGURE_SHARE, .05, .08,
         1}};
    const struct validate_figure power[] = {
        {"median effect at .05", CURVE_MEDIAN, FIGURE_SHARE, .05, .8, 1},
        {"Stouffer's sum at .05", CURVE_STOUFFER, FIGURE_SHARE, .05, .8, 1}};
    run_all(v, nothing, sizeof nothing / sizeof *nothing, size, 5);
    run_all(v, honest, sizeof honest / sizeof *honest, size, 4);
    run_all(v, there, sizeof there / sizeof *there, power, 2);
    run_all(v, copied, sizeof copied / sizeof *copied, power + 1, 1);
}
