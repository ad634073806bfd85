/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V11, rivals among themselves. A log of each explanation, with parameters from its prior,
 * weighed by all, nothing being claimed: the log's own is the likeliest, or nearly, and people
 * in bouts do not take the logs of others, nor others theirs. Of true marginal likelihoods one
 * is behind another by ten in a tenth of its own logs at most, by a hundred in a hundredth
 * (Markov); these are synthetic and as they come, so a miss is what the calibrated ratios of
 * v11_rivals.c are for. Bands were written before the first run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/evidence.h"
#include "models/simulated.h"
#include "tests/validate/validate.h"

enum { WEIGHING_DRAWS = 100, TTL_S = 3600, SESSION_S = 30 };

static const char offices[] =
    "scenario: two offices (simulated)\n"
    "span: {from: 2024-01-01, to: 2024-02-12}\n"
    "seed: 1\n"
    "clients: {a: [192.0.2.1], b: [192.0.2.2]}\n"
    "names: {x: [mail.x.example]}\n"
    "caches: [{clients: [a, b], names: x, ttl: 1h}]\n"
    "processes: [{id: own, kind: human, clients: [a, b], names: x, per_day: 12, hours: "
    "\"08:00-18:00\", outside: 0.3}]\n";

/* NEAR: the log's own is behind the likeliest by ten at most; BOUTS, OTHERS: one that acts in
 * bouts, one that does not, is ahead of the log's own by a hundred */
enum column { NEAR, BOUTS, OTHERS, COLUMNS };

struct log {
    struct counts *c;
    struct window w;
    struct subject a, b;
};

static void read_log(struct log *l, struct counts *c, const struct log *of)
{
    uint32_t a = counts_client(c, span_of("192.0.2.1"));
    uint32_t b = counts_client(c, span_of("192.0.2.2")), x = 0;
    l->c = c;
    window_make(&l->w, c, of ? of->w.from_ns : 0, of ? of->w.to_ns : 0);
    subject_make(&l->a, c, &(struct selection){&a, &x, 1, 1}, &l->w, SESSION_S, TTL_S);
    subject_make(&l->b, c, &(struct selection){&b, &x, 1, 1}, &l->w, SESSION_S, TTL_S);
}

static void free_log(struct log *l)
{
    subject_free(&l->a);
    subject_free(&l->b);
    window_free(&l->w);
    counts_free(l->c);
}

static struct rival_data data_of(const struct log *l)
{
    return (struct rival_data){l->c, &l->w, &l->a, &l->b, TTL_S, SESSION_S};
}

static bool draw_offices(struct log *l, struct rng *r)
{
    struct scenario s;
    struct counts *c;
    struct err err;
    if (scenario_parse(&s, "offices", span_of(offices), &err) < 0) {
        fprintf(stderr, "v11: %s\n", err.msg);
        exit(1);
    }
    s.world.seed = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    bool ok = simulated_counts(&c, &s.world, NULL) == 0;
    if (ok)
        read_log(l, c, NULL);
    scenario_close(&s);
    return ok;
}

static bool in_bouts(const struct rival *v)
{
    return strcmp(v->id, "lognormal") == 0 || strcmp(v->id, "hawkes") == 0;
}

static void compare(const struct evidence *e, const struct rival *own, double *ret)
{
    double its = -INFINITY, most = -INFINITY, ahead[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < e->nrows; i++) {
        const struct evidence_row *row = &e->rows[i];
        if (row->why)
            continue;
        most = fmax(most, row->log_marginal);
        if (row->rival == own)
            its = row->log_marginal;
        else
            ahead[in_bouts(row->rival)] = fmax(ahead[in_bouts(row->rival)], row->log_marginal);
    }
    ret[NEAR] = its >= most - log(10);
    ret[OTHERS] = ahead[0] > its + log(100);
    ret[BOUTS] = ahead[1] > its + log(100);
}

static void one_log(const void *ctx, struct rng *r, double *ret)
{
    const struct rival *own = ctx;
    struct log base, log;
    struct counts *c;
    struct evidence e;
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = NAN;
    if (!draw_offices(&base, r))
        return;
    struct rival_data d = data_of(&base);
    struct rival_frame *f = rival_frame_new(&d, NULL);
    if (rival_draw(own, f, rng_u32(r), rng_u32(r), 0, &c, NULL) == 0) {
        read_log(&log, c, &base);
        d = data_of(&log);
        const struct evidence_opts o = {rng_u32(r), WEIGHING_DRAWS, 1, 0};
        if (evidence_run(&e, &d, NULL, &o, NULL) == 0) {
            compare(&e, own, ret);
            evidence_free(&e);
        }
        free_log(&log);
    }
    rival_frame_free(f);
    free_log(&base);
}

void v11_bouts(struct validation *v)
{
    static const struct validate_figure innocent[] = {
        {"behind another by ten at most", NEAR, FIGURE_MEAN, 0, .8, 1},
        {"people in bouts ahead by a hundred, as it comes", BOUTS, FIGURE_MEAN, 0, 0, .05}};
    static const struct validate_figure bouts[] = {
        {"behind another by ten at most", NEAR, FIGURE_MEAN, 0, .8, 1},
        {"the other in bouts ahead by a hundred, as it comes", BOUTS, FIGURE_MEAN, 0, 0, .05},
        {"one that is not in bouts ahead by a hundred, as it comes", OTHERS, FIGURE_MEAN, 0, 0,
         .05}};
    for (const struct rival *own = rival_table; own->id; own++) {
        char *prefix = mem_format("a log of %s:", own->id);
        validate_run(v, &(struct validate_plan){
                            .experiment = "V11",
                            .prefix = prefix,
                            .replicate = one_log,
                            .ctx = own,
                            .columns = COLUMNS,
                            .figures = in_bouts(own) ? bouts : innocent,
                            .nfigures = in_bouts(own) ? 3 : 2,
                            .R = validate_pick(v, in_bouts(own) ? 1 : 0, 60),
                            .m = EVIDENCE_REPEATS * WEIGHING_DRAWS,
                        });
        free(prefix);
    }
}
