/* SPDX-License-Identifier: GPL-3.0-or-later
 * When a pair's rate changed, its busiest stretch, its stretches of constant rate, and the
 * silence at its end. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/busiest.h"
#include "models/dates.h"
#include "stats/blocks.h"
#include "stats/change.h"
#include "stats/stop.h"

enum { REPLICATES = 999, STEADY = 199, STOP_AT = 10 };

/* Start of a cell, as a time. */
static json_t *cell_time(const struct explain_job *job, const struct grid *g, size_t cell)
{
    double s = fmin(fmax(0, g->t0 + (double)cell * g->width), job->w.length_s);
    return explain_time(job->w.from_ns + (int64_t)llround(s) * NS_PER_S);
}

/* Rate, coverage or another server? If all others changed as much, it is not this pair's. */
static void add_reading(json_t *out, const struct explain_job *job, const struct daycells *c,
                        const struct change *found)
{
    const struct grid *g = &c->grid;
    const struct dates_pair pair = {.client = job->client, .name = job->name};
    double at = g->t0 + (double)found->split.at * g->width;
    struct dates_others o =
        dates_others(job->c, &job->w, &pair, 1, (double[]){0, at, job->w.length_s});
    double others = o.before > 0 ? o.after / o.before : NAN;
    double own = found->split.before > 0 ? found->split.after / found->split.before : NAN;
    json_object_set_new(out, "all_others_after_over_before", values_real(others));
    json_object_set_new(out, "change_beyond_all_others", values_real(own / others));
    json_object_set_new(
        out, "sources_that_begin_or_end_near_it",
        explain_count(dates_logs_turning(job->c, &job->w, g->t0 + (double)found->lo * g->width,
                                         g->t0 + (double)found->hi * g->width)));
}

static json_t *change_part(const struct explain_job *job, const struct daycells *c,
                           const struct change *found)
{
    json_t *out = json_object();
    json_object_set_new(out, "id", json_string("change"));
    json_object_set_new(out, "cell_hours", values_real(c->grid.width / 3600));
    json_object_set_new(out, "date", cell_time(job, &c->grid, found->split.at));
    json_object_set_new(out, "date_lo", cell_time(job, &c->grid, found->lo));
    json_object_set_new(out, "date_hi", cell_time(job, &c->grid, found->hi));
    json_object_set_new(
        out, "rate_after_over_before",
        values_real(found->split.before > 0 ? found->split.after / found->split.before : NAN));
    json_object_set_new(out, "lr", values_real(found->split.lr));
    json_object_set_new(out, "lr_over_dispersion", values_real(found->statistic));
    json_object_set_new(out, "p", values_probability(found->log_p));
    json_object_set_new(out, "replicates", explain_count(found->mc.replicates));
    json_object_set_new(out, "scatter_of_cells", values_real(expm1(found->left.s2)));
    json_object_set_new(out, "memory_of_cells", values_real(found->left.rho));
    add_reading(out, job, c, found);
    return out;
}

static json_t *blocks_part(const struct explain_job *job, const struct daycells *c,
                           const struct change *found)
{
    struct change_opts o = {(uint64_t)job->v->seed, job->s.id, STEADY};
    size_t n = c->grid.n, *from = mem_alloc((n + 1) * sizeof *from);
    double penalty = change_penalty(&found->left, c->y, c->e, n, .05, &o);
    size_t blocks = blocks_find(c->y, c->e, n, penalty, from);
    json_t *out = json_object(), *list = json_array();
    json_object_set_new(out, "id", json_string("blocks"));
    json_object_set_new(out, "penalty", values_real(penalty));
    for (size_t k = 0; k < blocks; k++) {
        size_t to = k + 1 < blocks ? from[k + 1] : n;
        double y = 0, e = 0;
        for (size_t i = from[k]; i < to; i++) {
            y += c->y[i];
            e += c->e[i];
        }
        json_t *one = json_object();
        json_object_set_new(one, "from", cell_time(job, &c->grid, from[k]));
        json_object_set_new(one, "to", cell_time(job, &c->grid, to));
        json_object_set_new(one, "sessions", values_real(y));
        json_object_set_new(one, "over_even_rate", values_real(e > 0 ? y / e : NAN));
        json_array_append_new(list, one);
    }
    json_object_set_new(out, "blocks", list);
    free(from);
    return out;
}

static json_t *busiest_part(const struct explain_job *job)
{
    uint32_t most =
        job->v->max_replicates < REPLICATES ? (uint32_t)job->v->max_replicates : REPLICATES;
    struct busiest_opts o = {&job->baseline, (uint64_t)job->v->seed, most, STOP_AT};
    struct busiest b;
    json_t *out = json_object();
    if (busiest_test(&b, &job->s, &job->w, &job->g, &o, NULL) < 0)
        return out;
    json_object_set_new(out, "id", json_string("kulldorff"));
    json_object_set_new(out, "from", cell_time(job, &job->g, b.best.from));
    json_object_set_new(out, "to", cell_time(job, &job->g, b.best.to));
    json_object_set_new(out, "sessions", values_real(b.best.observed));
    json_object_set_new(out, "expected", values_real(b.best.expected));
    json_object_set_new(out, "llr", values_real(b.best.llr));
    json_object_set_new(out, "p", values_probability(b.log_p));
    json_object_set_new(out, "replicates", explain_count(b.mc.replicates));
    json_object_set_new(out, "replicates_through_cache", json_boolean(b.through_cache));
    if (!isnan(b.log_p_gumbel)) {
        json_object_set_new(out, "p_gumbel_extrapolated", values_probability(b.log_p_gumbel));
        json_object_set_new(out, "gumbel_fit_p", values_real(b.gumbel_fit_p));
    }
    double share = (double)(b.best.to - b.best.from) / (double)job->g.n;
    double naus = tscan_naus_log_upper((uint64_t)b.best.observed, job->s.n, share);
    json_object_set_new(out, "p_naus_of_this_length_at_even_rate", values_probability(naus));
    return out;
}

/* Is there a stop? Three answers, since the choice of one moves it by decades. */
static json_t *silence_part(const struct explain_job *job, const struct daycells *c,
                            const struct change *found)
{
    size_t n = job->s.n;
    double last = job->s.t[n - 1], *t = mem_alloc(n * sizeof *t), expected = 0;
    double silence = window_live_between(&job->w, last, job->w.length_s);
    for (size_t i = 0; i < n; i++) /* in listening time */
        t[i] = i ? t[i - 1] + window_live_between(&job->w, job->s.t[i - 1], job->s.t[i])
                 : window_live_between(&job->w, 0, job->s.t[0]);
    double until = (last - c->grid.t0) / c->grid.width;
    for (size_t i = (size_t)until; i < c->grid.n; i++) /* the first cell in part */
        expected += c->e[i] * (i == (size_t)until ? 1 - (until - (double)i) : 1);
    double s2 = expm1(found->left.s2);
    struct stop s = stop_log_p(&(struct silence){
        .expected = expected,
        .cells = silence / c->grid.width,
        .theta = s2 > 0 ? 1 / s2 : INFINITY,
        .t = t,
        .n = n,
        .length = t[n - 1] + silence,
        .turn = c->grid.width,
    });
    json_t *out = json_object();
    json_object_set_new(out, "id", json_string("stop"));
    json_object_set_new(out, "silent_hours", values_real(silence / 3600));
    json_object_set_new(out, "expected_sessions", values_real(expected));
    json_object_set_new(out, "p_poisson", values_probability(s.log_poisson));
    json_object_set_new(out, "p_cells_that_scatter", values_probability(s.log_negbin));
    json_object_set_new(out, "p_rank_among_turns", values_probability(s.log_rank));
    free(t);
    return out;
}

void explain_events(const struct explain_job *job, json_t *out)
{
    struct daycells c;
    struct change found;
    struct change_opts o = {(uint64_t)job->v->seed, job->s.id, REPLICATES};
    json_t *events = json_object();
    daycells_make(&c, &job->s, &job->w, job->zone);
    if (change_test(&found, c.y, c.e, c.grid.n, &o) == 0) {
        json_object_set_new(events, "change", change_part(job, &c, &found));
        json_object_set_new(events, "blocks", blocks_part(job, &c, &found));
        json_object_set_new(events, "silence_at_the_end", silence_part(job, &c, &found));
    }
    json_object_set_new(events, "busiest", busiest_part(job));
    json_object_set_new(out, "events", events);
    daycells_free(&c);
}
