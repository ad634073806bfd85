/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/busiest.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/cache.h"
#include "stats/gumbel.h"
#include "stats/rng.h"

enum { GUMBEL_REPLICATES = 199, GUMBEL_LEAST = 99 };

struct job {
    const struct subject *s;
    const struct window *w;
    const struct grid *g;
    struct baseline fit;
    struct baseline_opts again; /* of refits: the data's season and family */
    size_t lengths[TSCAN_LENGTHS], nlengths;
    bool through_cache;
    double *y, *live, *work; /* a replicate's counts; hours listened, of all caches */
    struct subject drawn;
    size_t room;
};

static double rate_at(const void *ctx, double t)
{
    const struct job *j = ctx;
    double at = (t - j->g->t0) / j->g->width;
    size_t i = at > 0 ? (size_t)at : 0;
    return j->fit.rate[i < j->g->n ? i : j->g->n - 1] / 3600;
}

static void draw_through_caches(struct job *j, struct rng *r)
{
    double top = 0;
    for (size_t i = 0; i < j->g->n; i++)
        top = fmax(top, j->fit.rate[i] / 3600);
    j->drawn.n = 0;
    for (size_t k = 0; k < j->s->nstreams; k++) {
        struct stream *to = &j->drawn.streams[k];
        cache_draw_like(r, &j->s->streams[k], j->w->length_s, top, rate_at, j, to, j->room);
        stream_keep_live(to, j->w);
        for (size_t i = 0; i < to->n; i++)
            j->drawn.t[j->drawn.n++] = to->t[i];
    }
    bucket_fill(&j->drawn, j->g, j->y);
}

/* Largest ratio of counts to what their own season makes of listening time. */
static int scan(struct job *j, struct tscan_best *ret)
{
    struct baseline fit = {0};
    int rc = baseline_fit(&fit, j->g, j->y, j->live, &j->again, NULL);
    if (rc == 0)
        tscan(ret, j->y, fit.mu, j->g->n, j->lengths, j->nlengths, j->work);
    baseline_free(&fit);
    return rc;
}

static double replicate(struct job *j, struct rng *r)
{
    struct tscan_best best;
    if (j->through_cache)
        draw_through_caches(j, r);
    else
        baseline_draw(&j->fit, r, j->y);
    return scan(j, &best) == 0 ? best.llr : NAN;
}

static void job_alloc(struct job *j)
{
    size_t n = j->g->n, streams = j->s->nstreams;
    j->y = mem_zero(n + 1, sizeof *j->y);
    j->live = mem_zero(n + 1, sizeof *j->live);
    for (size_t i = 0; i < n; i++) {
        double from = j->g->t0 + (double)i * j->g->width;
        j->live[i] =
            (double)streams * window_live_between(j->w, from, from + j->g->width) / 3600;
    }
    j->work = mem_zero(2 * (n + 1), sizeof *j->work);
    j->room = 4 * j->s->n + 1000;
    j->drawn = (struct subject){.streams = mem_zero(streams + 1, sizeof *j->drawn.streams),
                                .nstreams = streams,
                                .t = mem_zero(streams * j->room + 1, sizeof *j->drawn.t)};
    for (size_t k = 0; k < streams; k++)
        j->drawn.streams[k].t = mem_zero(j->room, sizeof(double));
}

static void job_free(struct job *j)
{
    subject_free(&j->drawn);
    free(j->y);
    free(j->live);
    free(j->work);
    baseline_free(&j->fit);
}

static bool known_ttl(const struct subject *s)
{
    for (size_t i = 0; i < s->nstreams; i++)
        if (!(s->streams[i].ttl_s > 0))
            return false;
    return s->nstreams > 0;
}

static void extrapolate(struct busiest *ret, const struct job *j, double *values, size_t n,
                        uint64_t seed)
{
    struct gumbel g;
    struct rng r;
    rng_stream(&r, seed, RNG_TIEBREAK, j->s->id, 0);
    if (ret->mc.exceed > 0 || n < GUMBEL_LEAST || gumbel_fit(&g, values, n) < 0)
        return;
    ret->log_p_gumbel = gumbel_log_upper(ret->best.llr, &g);
    ret->gumbel_fit_p = gumbel_fit_p(&g, values, n, GUMBEL_REPLICATES, &r);
}

int busiest_test(struct busiest *ret, const struct subject *s, const struct window *w,
                 const struct grid *g, const struct busiest_opts *o, struct err *err)
{
    struct job j = {.s = s, .w = w, .g = g};
    *ret = (struct busiest){.log_p_gumbel = NAN, .gumbel_fit_p = NAN};
    job_alloc(&j);
    double *at_risk = mem_zero(g->n + 1, sizeof *at_risk);
    bucket_fill(s, g, j.y);
    exposure_fill(s, w, g, at_risk);
    int rc = baseline_fit(&j.fit, g, j.y, at_risk, o->baseline, err);
    free(at_risk);
    if (rc == 0) {
        j.again = *o->baseline;
        j.again.season = j.fit.season;
        j.again.family = (int)j.fit.family;
        j.through_cache = ret->through_cache = isinf(j.fit.theta) && known_ttl(s);
        j.nlengths = tscan_geometric(g->n / 2, j.lengths);
        rc = scan(&j, &ret->best);
    }
    if (rc == 0) {
        double *values = mem_zero(o->replicates + 1, sizeof *values);
        size_t n = 0;
        bool more = o->replicates > 0;
        ret->mc = (struct mc){.max = o->replicates, .stop_at = o->stop_at};
        for (uint32_t i = 0; more; i++) {
            struct rng r;
            rng_stream(&r, o->seed, RNG_BOOTSTRAP, rng_subject_of(s->id, 5), i);
            double value = replicate(&j, &r);
            more = mc_add(&ret->mc, value, ret->best.llr);
            if (!isnan(value))
                values[n++] = value;
        }
        ret->log_p = log(mc_p(&ret->mc));
        extrapolate(ret, &j, values, n, o->seed);
        free(values);
    }
    job_free(&j);
    return rc;
}
