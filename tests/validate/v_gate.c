/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calibration gate, on whole cases: pairs without hours are let through, pairs that all
 * keep the hours of the claim are stopped; simulated logs stand in where there are no
 * controls. Foil: the claim alone, which a world where everybody keeps the hours makes
 * stand. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/calibrate.h"
#include "tests/made.h"
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
    struct study *s;
    struct err err;
    struct calibration c;
    const char *const set[] = {"calibration=40", NULL};
    add(&m, r, "192.0.2.1", "target.example", w->claim);
    for (int i = 0; i < w->others; i++) {
        char client[32], name[32];
        snprintf(client, sizeof client, "198.51.100.%d", i + 1);
        snprintf(name, sizeof name, "n%02d.example", i);
        add(&m, r, client, name, w->other);
    }
    struct counts *counts = made_counts(&m, monday, monday + DAYS * 86400);
    if (study_read(&s, "tests/data/study-nulls.yaml", set, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        exit(1);
    }
    s->seed = rng_u32(r);
    ret[0] = ret[1] = ret[2] = 0;
    for (size_t i = 0; i < s->nclaims; i++) {
        struct study_claim *claim = &s->claims[i];
        struct trial t;
        if (strcmp(claim->id, "hours") != 0 || study_resolve(s, counts, &err) < 0)
            continue;
        calibrate(&c, s, claim, counts, 1);
        calibration_free(&c);
        ret[0] = c.failed;
        ret[1] = c.method == CALIBRATION_SIMULATED;
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
                                            .columns = 3,
                                            .figures = f,
                                            .nfigures = n,
                                            .R = R,
                                            .m = 199});
}

#define MEAN(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_MEAN, .lo = (lo_), .hi = (hi_)    \
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
                                            MEAN("foil, without the gate: rejected", 2, .8, 1)};
    run(v, "everybody keeps the hours: ", &all, stops, 2, R);
    const struct validate_figure weaker[] = {MEAN("stopped", 0, 0, .01),
                                             MEAN("by simulated logs", 1, 1, 1)};
    run(v, "3 controls, nobody keeps hours: ", &alone, weaker, 2, R);
}
