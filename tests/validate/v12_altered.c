/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, claims about the log. Logs altered by models/tamper in just the share that is claimed:
 * `explained`, that so much is not altered, may be said of at most alpha of them. Honest logs
 * in which such an alteration would show: `explained` of most, `stands` of at most alpha; of
 * those with copies `stands` in .8 or more. Foil: the rows with short gaps, taken for all that
 * were put in. */
#include <stdio.h>
#include <stdlib.h>

#include "models/scenario.h"
#include "models/simulated.h"
#include "models/verdict.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

/* Six weeks, one client and one name, ttl one hour. %s: rate, hours, alteration. */
static const char frame[] =
    "scenario: v12 altered (simulated)\n"
    "span: {from: 2024-01-08, to: 2024-02-19}\n"
    "seed: 1\n"
    "clients: {target: [192.0.2.1]}\n"
    "names: {one: [a.example]}\n"
    "caches: [{clients: target, names: one, ttl: 1h}]\n"
    "processes: [{id: h, kind: human, clients: target, names: one, %s}]\n"
    "%s";

#define ALL "clients: target, names: one, "
#define SPAN "span: {from: 2024-01-08, to: 2024-02-19}"
#define HOURS "per_day: 20, hours: \"08:00-18:00\", outside: 0.3, day_theta: 8"

struct world {
    const char *id, *demand, *altered;
    double effect; /* claimed of honest logs */
};

enum column { SAID, STOOD, FOIL, COLUMNS };

/* Share of the log's rows that tampering put in. */
static double share_altered(const struct sim_world *w)
{
    struct sim_row *rows;
    size_t n, put_in = 0;
    if (simulate(w, &rows, &n, NULL) < 0)
        abort();
    for (size_t i = 0; i < n; i++)
        put_in += rows[i].tampered > 0;
    free(rows);
    return n ? (double)put_in / (double)n : 0;
}

static double foil_share(const struct subject *a, double ttl_s)
{
    double shorter = 0;
    for (size_t i = 1; i < a->n; i++)
        shorter += a->t[i] - a->t[i - 1] < ttl_s - 2;
    return shorter / (double)a->n;
}

static void answer(const struct world *w, const struct sim_world *sim, struct rng *r,
                   const struct counts *c, double *ret)
{
    struct claim_result res = {0};
    struct err err;
    struct study *s = drawn_study("tests/data/study-altered.yaml", NULL, c, r);
    s->claims[0].effect = w->effect > 0 ? w->effect : share_altered(sim);
    if (claim_test(&res, s, &s->claims[0], c, 1, &err) == 0) {
        ret[SAID] = res.verdict == EXPLAINED || res.verdict == CONTRADICTED;
        ret[STOOD] = res.verdict == STANDS;
        ret[FOIL] = foil_share(&res.trial.a, 3600) < s->claims[0].effect;
        claim_result_free(&res);
    }
    study_free(s);
}

static void one_log(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    char text[2048];
    struct scenario s;
    struct counts *c;
    struct err err;
    snprintf(text, sizeof text, frame, w->demand, w->altered);
    if (scenario_parse(&s, w->id, span_of(text), &err) < 0) {
        fprintf(stderr, "%s: %s\n", w->id, err.msg);
        abort();
    }
    s.world.seed = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = 0;
    if (simulated_counts(&c, &s.world, NULL) == 0) {
        answer(w, &s.world, r, c, ret);
        counts_free(c);
    }
    scenario_close(&s);
}

static void run(struct validation *v, const struct world *w, const struct validate_figure *f,
                size_t n, uint32_t R)
{
    validate_run(v, &(struct validate_plan){.experiment = "altered",
                                            .prefix = w->id,
                                            .replicate = one_log,
                                            .ctx = w,
                                            .columns = COLUMNS,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = 199});
}

void v12_altered(struct validation *v)
{
    static const struct world altered[] = {
        {"as many rows put in as are claimed, even demand:", "per_day: 20",
         "tampering: [{kind: insert, " ALL SPAN ", lookups: 12}]\n", 0},
        {"as many rows put in as are claimed, office hours:", HOURS,
         "tampering: [{kind: insert, " ALL SPAN ", lookups: 24}]\n", 0},
        {"as much copied beside as is claimed:", HOURS,
         "tampering: [{kind: overlay, " ALL
         "span: {from: 2024-01-17, to: 2024-01-18}, by: 12d}]\n",
         0},
        {"as much copied in place as is claimed:", HOURS,
         "tampering: [{kind: copy, " ALL
         "span: {from: 2024-01-17, to: 2024-01-18}, by: 12d}]\n",
         0}};
    static const struct world honest[] = {
        {"honest, even demand, .05 claimed:", "per_day: 20", "", .05},
        {"honest, office hours, .05 claimed:", HOURS, "", .05}};
    const struct validate_figure wrong[] = {
        {"explained", SAID, FIGURE_MEAN, 0, 0, .05},
        {"foil: rows with short gaps are fewer than were put in", FOIL, FIGURE_MEAN, 0, .5, 1}};
    const struct validate_figure copied[] = {{"explained", SAID, FIGURE_MEAN, 0, 0, .05},
                                             {"stands", STOOD, FIGURE_MEAN, 0, .8, 1}};
    const struct validate_figure right[] = {{"explained", SAID, FIGURE_MEAN, 0, .6, 1},
                                            {"stands", STOOD, FIGURE_MEAN, 0, 0, .05}};
    for (size_t i = 0; i < sizeof altered / sizeof *altered; i++)
        run(v, &altered[i], i < 2 ? wrong : copied, 2, validate_pick(v, i ? 0 : 4, 200));
    for (size_t i = 0; i < sizeof honest / sizeof *honest; i++)
        run(v, &honest[i], right, 2, validate_pick(v, i ? 0 : 4, 200));
    v12_screens(v);
}
