/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, weighed. What a claimant writes of the innocent worlds (tests/worlds/claimed.yaml: one
 * look-up of a in three is followed by one of b) against the innocent explanations: a ratio of
 * 100 for him, over the likeliest of them, may come of one log in a hundred at most.
 *
 * Besides the innocent worlds w0 to w6 two of people who act in bouts, by log-normal gaps and
 * by look-ups that bring others about.
 *
 * Few draws decide most logs: where the claim is behind at DRAWS_FEW, it is not weighed again;
 * only where it is ahead is the log weighed with as many draws as bear a ratio of 100. One
 * log in 25 is weighed in full in any case, and must say the same.
 *
 * Foils, both as they come, without calibration or cap: the ratio over the explanation that the
 * claimant would choose, and the ratio over look-ups at a constant rate that no cache hides. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "models/evidence.h"
#include "models/simulated.h"
#include "stats/lr.h"
#include "stats/order.h"
#include "tests/validate/validate.h"

enum { DRAWS_FEW = 60, EVEN_DRAWS = 60, TEXT = 1 << 16, TTL_S = 3600, SESSION_S = 30 };

static const char folder[] = "tests/worlds", experiment[] = "worlds-weighed";

/* AHEAD: for the claim on few draws; CHANGED: in full, what few draws had decided. */
enum column { HUNDRED, AHEAD, CHANGED, CHOSEN, EVEN, COLUMNS };

static void open_world(struct scenario *s, const char *world)
{
    const char *const parts[] = {"frame", world};
    char *text = mem_zero(2 * TEXT, 1);
    struct err err;
    for (size_t i = 0; i < 2; i++) {
        char *path = mem_format("%s/%s.yaml", folder, parts[i]);
        FILE *f = fopen(path, "rb");
        if (!f || fread(text + strlen(text), 1, TEXT - 1, f) == 0) {
            fprintf(stderr, "%s: %s: cannot be read\n", experiment, path);
            exit(1);
        }
        fclose(f);
        free(path);
    }
    if (scenario_parse(s, world, span_of(text), &err) < 0) {
        fprintf(stderr, "%s: %s\n", experiment, err.msg);
        exit(1);
    }
    free(text);
}

/* --- the foil: a constant rate --------------------------------------------------------------
 */

/* n times at even odds anywhere in the window, as one stream. */
static void even_subject(struct subject *s, struct stream *r, const struct window *w, size_t n,
                         struct rng *rng)
{
    *r = (struct stream){.t = mem_alloc((n + 1) * sizeof *r->t), .n = n, .ttl_s = TTL_S};
    for (size_t i = 0; i < n; i++)
        r->t[i] = rng_unit(rng) * w->length_s;
    order_sort(r->t, n);
    *s = (struct subject){.streams = r, .nstreams = 1};
    subject_merge(s);
}

/* ln p of the data's numbers that are not given, where the given are as they are, at a constant
 * rate. */
static double even_density(const struct rival_data *d, const double *data, struct rng *rng)
{
    enum { LOGS = EVEN_DRAWS * EVIDENCE_REPEATS };
    double *x = mem_alloc(LOGS * SUMMARY_N * sizeof *x);
    for (size_t i = 0; i < LOGS; i++) {
        struct subject a, b;
        struct stream ra, rb;
        double *row = x + i * SUMMARY_N;
        even_subject(&a, &ra, d->window, d->a->n, rng);
        even_subject(&b, &rb, d->window, d->b->n, rng);
        summary_of(&a, &b, d->window, row);
        for (size_t k = 0; k < SUMMARY_N; k++)
            row[k] += summary_table[k].grain * rng_normal(rng);
        free(ra.t);
        free(rb.t);
        free(a.t);
        free(a.origin);
        free(b.t);
        free(b.origin);
    }
    size_t flat;
    struct synth *s = synth_make(x, EVEN_DRAWS, EVIDENCE_REPEATS, SUMMARY_N, &flat);
    double p = s ? synth_log_conditional(s, data, SUMMARY_GIVEN, NULL) : NAN;
    synth_free(s);
    free(x);
    return p;
}

/* --- one log --------------------------------------------------------------------------------
 */

struct log {
    struct counts *c;
    struct window w;
    struct subject a, b;
};

static bool draw_log(struct log *l, struct scenario *s, struct rng *r)
{
    s->world.seed = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    if (simulated_counts(&l->c, &s->world, NULL) < 0)
        return false;
    uint32_t a = counts_client(l->c, span_of("192.0.2.1")),
             b = counts_client(l->c, span_of("198.51.100.2")),
             name = counts_name(l->c, span_of("mail.target.example"));
    window_make(&l->w, l->c, 0, 0);
    subject_make(&l->a, l->c, &(struct selection){&a, &name, 1, 1}, &l->w, SESSION_S, TTL_S);
    subject_make(&l->b, l->c, &(struct selection){&b, &name, 1, 1}, &l->w, SESSION_S, TTL_S);
    return true;
}

static void free_log(struct log *l)
{
    subject_free(&l->a);
    subject_free(&l->b);
    window_free(&l->w);
    counts_free(l->c);
}

/* ln of the ratio over the likeliest rival; the foils on the way. NAN: not weighed. */
static double weigh(const struct rival_data *d, const struct sim_world *claimed, size_t draws,
                    struct rng *r, double *ret)
{
    struct evidence e;
    struct evidence_opts o = {(uint64_t)rng_u32(r) << 32 | rng_u32(r), draws, 1, 0};
    if (evidence_run(&e, d, claimed, &o, NULL) < 0)
        return NAN;
    double ln_lr = e.best == SIZE_MAX ? NAN : e.rows[e.best].ln_lr, chosen = -INFINITY;
    for (size_t i = 1; i < e.nrows; i++)
        chosen = fmax(chosen, e.rows[i].score);
    ret[CHOSEN] = chosen >= log(100);
    ret[EVEN] = e.rows[0].log_marginal - even_density(d, e.data, r) >= log(100);
    evidence_free(&e);
    return ln_lr;
}

static void one_log(const void *ctx, struct rng *r, double *ret)
{
    struct scenario world, claimed;
    struct log l;
    double unused[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = NAN;
    open_world(&world, ctx);
    open_world(&claimed, "claimed");
    bool again = rng_unit(r) < .04;
    if (draw_log(&l, &world, r)) {
        struct rival_data d = {l.c, &l.w, &l.a, &l.b, TTL_S, SESSION_S};
        double few = weigh(&d, &claimed.world, DRAWS_FEW, r, ret);
        ret[AHEAD] = isnan(few) ? NAN : few > 0;
        ret[HUNDRED] = ret[CHANGED] = isnan(few) ? NAN : 0;
        if (few > 0 || (again && !isnan(few))) {
            double full = weigh(&d, &claimed.world, EVIDENCE_DRAWS, r, unused);
            ret[HUNDRED] = full >= log(100) - 1e-9;
            ret[CHANGED] = !(few > 0) && ret[HUNDRED] > 0;
        }
        free_log(&l);
    }
    scenario_close(&world);
    scenario_close(&claimed);
}

/* --- the worlds ------------------------------------------------------------------------------
 */

static const char *const worlds[] = {"w0-cache-human",   "w1-mail",
                                     "w2-monitor",       "w3-retry-storm",
                                     "w4-shared-rhythm", "w5-common-mailing",
                                     "w6-biased-sensor", "bouts-of-gaps",
                                     "bouts-of-chains",  NULL};

static const struct validate_figure figures[] = {
    {"a ratio of 100 for the claim", HUNDRED, FIGURE_MEAN, 0, 0, .01},
    {"foil: 100 as it comes over the rival of his choice", CHOSEN, FIGURE_MEAN, 0, 0, 1},
    {"foil: 100 as it comes over a constant rate", EVEN, FIGURE_MEAN, 0, 0, 1},
    {"ahead on few draws: weighed in full", AHEAD, FIGURE_MEAN, 0, 0, 1},
    {"decided by few draws, otherwise in full (one in 25 tried)", CHANGED, FIGURE_MEAN, 0, 0,
     .01}};

/* The cells of all worlds in one; returns the hits of *ret_all. */
static double pool(const struct validation *v, const char *what, double *ret_all)
{
    double hits = 0, figure;
    uint32_t R;
    *ret_all = 0;
    for (size_t i = 0; worlds[i]; i++) {
        char *name = mem_format("%s, %s", worlds[i], what);
        if (validate_find(v, experiment, name, &figure, &R)) {
            hits += round(figure * R);
            *ret_all += R;
        }
        free(name);
    }
    return hits;
}

static void pooled_cell(struct validation *v, const char *what, double lo, double hi)
{
    double all, hits = pool(v, what, &all);
    char *name = mem_format("innocent worlds, %s", what);
    if (all > 0)
        validate_cell(v, experiment, name, hits / all,
                      fmax(0, lo - 3 * sqrt(lo * (1 - lo) / all)),
                      fmin(1, hi + 3 * sqrt(hi * (1 - hi) / all)), (uint32_t)all,
                      EVIDENCE_REPEATS * EVIDENCE_DRAWS);
    free(name);
}

/* The rate of ratios of 100 that `hits` of so many logs exclude (Clopper & Pearson 1934). */
static double excluded(double hits, double all)
{
    return hits < all ? gsl_cdf_beta_Pinv(.95, hits + 1, all - hits) : 1;
}

/* .01 is asked; logs too few to tell so much may have no hit at all. */
static void bound_cell(struct validation *v)
{
    double all, hits = pool(v, figures[0].cell, &all);
    if (all > 0)
        validate_cell(v, experiment, "innocent worlds, upper 95 % bound of the rate of 100",
                      excluded(hits, all), 0, fmax(.01, excluded(0, all)), (uint32_t)all,
                      EVIDENCE_REPEATS * EVIDENCE_DRAWS);
}

void v12_weighed(struct validation *v)
{
    for (size_t i = 0; worlds[i]; i++) {
        char *prefix = mem_format("%s,", worlds[i]);
        validate_run(v, &(struct validate_plan){
                            .experiment = experiment,
                            .prefix = prefix,
                            .replicate = one_log,
                            .ctx = worlds[i],
                            .columns = COLUMNS,
                            .figures = figures,
                            .nfigures = sizeof figures / sizeof *figures,
                            .R = validate_pick(v, i == 5 ? 2 : 0, 200),
                            .m = EVIDENCE_REPEATS * DRAWS_FEW,
                        });
        free(prefix);
    }
    pooled_cell(v, figures[0].cell, 0, .01);
    pooled_cell(v, figures[1].cell, .25, 1);
    pooled_cell(v, figures[2].cell, .25, 1);
    bound_cell(v);
}
