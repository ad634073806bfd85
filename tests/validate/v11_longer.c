/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V11, ratios drawn longer. What the rule does that gives a ratio more draws where its error
 * leaves it not computed (models/evidence.h): few draws to begin with, so that many are, and
 * beside them four times as many at once, with another seed and no rule. Of each log the first
 * such rival of the table, whatever its ratio. Foil: the ratio as the first draws leave it.
 *
 * Bands were written before the first run. An interval no wider than ten has an error of .255
 * (log10) or less, the other's is about as large: |difference| has median .24 or less, and lies
 * within their error in .95 where estimate and stopping do not go together; .9 is asked, as of
 * two weighings without the rule (v11_rivals.c). That the rule leans is asked of the median of
 * the difference. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/evidence.h"
#include "models/simulated.h"
#include "tests/validate/validate.h"

enum { FIRST_DRAWS = 100, OTHER_DRAWS = 4 * FIRST_DRAWS, TTL_S = 3600, SESSION_S = 30 };

/* Look-ups that bring others are claimed, and are there. */
static const char offices[] = "scenario: two offices (simulated)\n"
                              "span: {from: 2024-01-01, to: 2024-02-12}\n"
                              "seed: 1\n"
                              "clients: {a: [192.0.2.1], b: [192.0.2.2]}\n"
                              "names: {x: [mail.x.example]}\n"
                              "caches: [{clients: [a, b], names: x, ttl: 1h}]\n"
                              "processes: [{id: own, kind: human, clients: [a, b], names: x, "
                              "per_day: 16, branching: 0.6, "
                              "within: 2h, hours: \"08:00-18:00\", outside: 0.3}]\n";

/* LONGER: a ratio was given more draws; the others are of it. COMPUTED: it is then; WITHIN: it
 * is the other's by their errors; OFF, LEANS: how far it is from that (log10); STARTED: how far
 * the first draws' was */
enum column { LONGER, COMPUTED, WITHIN, OFF, LEANS, STARTED, COLUMNS };

/* Cut alike: the caps of more draws are larger. */
static double cut(const struct evidence *e, double ln_lr)
{
    return fmax(-e->cap, fmin(e->cap, ln_lr));
}

static void compare(const struct rival_data *d, const struct sim_world *claimed, struct rng *r,
                    double *ret)
{
    struct evidence e, first, other;
    uint64_t seed = rng_u32(r);
    const struct evidence_opts o = {seed, FIRST_DRAWS, 1, 0},
                               once = {seed, FIRST_DRAWS, 1, FIRST_DRAWS},
                               many = {rng_u32(r), OTHER_DRAWS, 1, OTHER_DRAWS};
    size_t row = 1;
    if (evidence_run(&e, d, claimed, &o, NULL) < 0)
        return;
    while (row < e.nrows && e.rows[row].draws <= FIRST_DRAWS)
        row++;
    ret[LONGER] = row < e.nrows;
    if (row < e.nrows && evidence_run(&other, d, claimed, &many, NULL) == 0) {
        const struct evidence_row *a = &e.rows[row], *b = &other.rows[row];
        double off = cut(&e, a->ln_lr) - cut(&e, b->ln_lr);
        ret[COMPUTED] = !a->enough;
        ret[WITHIN] = fabs(off) <= 1.96 * hypot(a->ln_lr_se, b->ln_lr_se);
        ret[OFF] = fabs(off) / M_LN10;
        ret[LEANS] = off / M_LN10;
        if (evidence_run(&first, d, claimed, &once, NULL) == 0) {
            ret[STARTED] = fabs(cut(&e, first.rows[row].ln_lr) - cut(&e, b->ln_lr)) / M_LN10;
            evidence_free(&first);
        }
        evidence_free(&other);
    }
    evidence_free(&e);
}

static void one_log(struct scenario *s, struct rng *r, double *ret)
{
    struct counts *c;
    s->world.seed = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    if (simulated_counts(&c, &s->world, NULL) < 0)
        return;
    struct window w;
    struct subject a, b;
    uint32_t one = counts_client(c, span_of("192.0.2.1"));
    uint32_t two = counts_client(c, span_of("192.0.2.2")), x = 0;
    window_make(&w, c, 0, 0);
    subject_make(&a, c, &(struct selection){&one, &x, 1, 1}, &w, SESSION_S, TTL_S);
    subject_make(&b, c, &(struct selection){&two, &x, 1, 1}, &w, SESSION_S, TTL_S);
    compare(&(struct rival_data){c, &w, &a, &b, TTL_S, SESSION_S}, &s->world, r, ret);
    subject_free(&a);
    subject_free(&b);
    window_free(&w);
    counts_free(c);
}

/* LONGER is of the first log; the others are of the first log that has such a ratio. */
static void first_such_log(const void *ctx, struct rng *r, double *ret)
{
    enum { LOGS = 12 };
    struct scenario s;
    struct err err;
    double longer = NAN;
    (void)ctx;
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = NAN;
    if (scenario_parse(&s, "offices", span_of(offices), &err) < 0) {
        fprintf(stderr, "v11: %s\n", err.msg);
        exit(1);
    }
    for (int i = 0; i < LOGS && !(ret[LONGER] > 0); i++) {
        one_log(&s, r, ret);
        longer = i ? longer : ret[LONGER];
    }
    ret[LONGER] = longer;
    scenario_close(&s);
}

void v11_longer(struct validation *v)
{
    static const struct validate_figure figures[] = {
        {"a rival's ratio is given more draws", LONGER, FIGURE_MEAN, 0, .3, 1},
        {"of these: computed then", COMPUTED, FIGURE_MEAN, 0, .9, 1},
        {"four times the first draws, another seed, no rule: agree by their errors", WITHIN,
         FIGURE_MEAN, 0, .9, 1},
        {"median of |difference| to that (log10)", OFF, FIGURE_MEDIAN, 0, 0, .25},
        {"foil: the same of the first draws", STARTED, FIGURE_MEDIAN, 0, .25, 2},
        {"median of the difference (log10)", LEANS, FIGURE_MEDIAN, 0, -.15, .15}};
    uint32_t R = validate_pick(v, 1, 40);
    validate_run(v, &(struct validate_plan){
                        .experiment = "V11",
                        .prefix = "ratios drawn longer:",
                        .replicate = first_such_log,
                        .columns = COLUMNS,
                        .figures = figures,
                        .nfigures = R < 20 ? 3 : 6, /* medians of a few say nothing */
                        .R = R,
                        .m = FIRST_DRAWS * EVIDENCE_REPEATS});
}
