/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/crosscorr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/cache.h"
#include "models/demand.h"
#include "stats/order.h"
#include "stats/rng.h"

static const double DAY_S = 86400, GLOBAL_LEVEL = .95;

struct residuals {
    double *r, *mu;
    size_t n;
};

static void residuals_free(struct residuals *x)
{
    free(x->r);
    free(x->mu);
}

/* --- residuals ---------------------------------------------------------------------- */

/* Expected sessions of each bucket, up to the scale of its window. */
static void expected_fill(const struct subject *s, const struct window *w,
                          const struct demand *d, const struct grid *g, double *ret)
{
    double *hours = mem_alloc(g->n * sizeof *hours);
    memset(ret, 0, g->n * sizeof *ret);
    for (size_t k = 0; k < s->nstreams; k++) {
        struct subject one = {.streams = &s->streams[k], .nstreams = 1};
        exposure_fill(&one, w, g, hours);
        for (size_t i = 0; i < g->n; i++) {
            double middle = fmax(0, g->t0 + ((double)i + .5) * g->width);
            ret[i] += d->factor[k] * hours[i] * demand_rate(d, middle);
        }
    }
    free(hours);
}

/* r and mu of a window's buckets, mu as many as y. */
static void fit_window(const double *y, double *mu, double *r, size_t n)
{
    double seen = 0, expected = 0;
    for (size_t i = 0; i < n; i++) {
        seen += y[i];
        expected += mu[i];
    }
    for (size_t i = 0; i < n; i++) {
        mu[i] *= expected > 0 ? seen / expected : 0;
        r[i] = y[i] - mu[i];
    }
}

static void residuals_make(struct residuals *x, const struct subject *s, const struct window *w,
                           const struct demand *d, const struct crosscorr_opts *o)
{
    struct grid g = grid_make(w, o->width_s);
    double *y = mem_alloc(g.n * sizeof *y);
    size_t in_window = (size_t)(o->window_s / o->width_s + .5);
    *x = (struct residuals){mem_alloc(g.n * sizeof *x->r), mem_alloc(g.n * sizeof *x->mu), g.n};
    bucket_fill(s, &g, y);
    expected_fill(s, w, d, &g, x->mu);
    for (size_t i = 0; i < g.n; i += in_window) {
        size_t n = g.n - i < in_window ? g.n - i : in_window;
        fit_window(y + i, x->mu + i, x->r + i, n);
    }
    free(y);
}

/* Z of b's buckets `ahead` after a's, over a's buckets [from, to). */
static double correlation(const struct residuals *a, const struct residuals *b, ptrdiff_t ahead,
                          size_t from, size_t to)
{
    double sum = 0, scale = 0;
    for (size_t i = from; i < to; i++) {
        ptrdiff_t j = (ptrdiff_t)i + ahead;
        if (j < 0 || (size_t)j >= b->n)
            continue;
        sum += a->r[i] * b->r[j];
        scale += a->mu[i] * b->mu[j];
    }
    return scale > 0 ? sum / sqrt(scale) : 0;
}

static void correlogram(const struct residuals *a, const struct residuals *b, size_t nlags,
                        double *ret)
{
    for (size_t l = 0; l < nlags; l++)
        ret[l] = correlation(a, b, (ptrdiff_t)l - (ptrdiff_t)(nlags / 2), 0, a->n);
}

/* --- D2: both series drawn anew ----------------------------------------------------- */

struct party {
    const struct subject *subject;
    struct demand demand;
    double most; /* of the rate */
};

struct job {
    struct party party[2];
    const struct window *w;
    const struct crosscorr_opts *o;
    uint64_t subject;
    size_t nlags;
    double *rows; /* row 0: the data */
};

struct stream_rate {
    const struct demand *demand;
    double factor;
};

static double rate_at(const void *ctx, double t)
{
    const struct stream_rate *r = ctx;
    return r->factor * demand_rate(r->demand, t);
}

static void party_begin(struct party *p, const struct subject *s, const struct window *w)
{
    *p = (struct party){.subject = s};
    demand_fit(&p->demand, s, w, NULL);
    for (size_t i = 0; i < p->demand.n; i++)
        p->most = fmax(p->most, p->demand.rate[i]);
}

/* Misses of one cache that the sensor heard. */
static void draw_stream(const struct party *p, size_t k, const struct window *w, struct rng *r,
                        struct stream *ret)
{
    struct stream_rate rate = {&p->demand, p->demand.factor[k]};
    double most = rate.factor * p->most, mean = most * w->length_s;
    const struct stream *like = &p->subject->streams[k];
    size_t room = (size_t)(mean + 20 * sqrt(mean)) + 100;
    *ret = (struct stream){.t = mem_alloc(room * sizeof *ret->t), .ttl_s = like->ttl_s};
    if (like->hidden)
        ret->hidden = mem_alloc(room * sizeof *ret->hidden);
    if (!(most > 0))
        return;
    cache_draw_like(r, like, w->length_s, most, rate_at, &rate, ret, room);
    size_t n = ret->n;
    ret->n = 0;
    for (size_t i = 0, live = 0; i < n; i++) {
        while (live < w->nlive && w->live[live].to <= ret->t[i])
            live++;
        if (live == w->nlive || w->live[live].from > ret->t[i])
            continue;
        if (like->hidden)
            ret->hidden[ret->n] = ret->hidden[i];
        ret->t[ret->n++] = ret->t[i];
    }
}

static void draw_party(const struct party *p, const struct window *w, struct rng *r,
                       struct subject *ret)
{
    size_t n = p->subject->nstreams;
    *ret = (struct subject){.streams = mem_alloc(n * sizeof *ret->streams), .nstreams = n};
    for (size_t k = 0; k < n; k++) {
        draw_stream(p, k, w, r, &ret->streams[k]);
        ret->t = mem_resize(ret->t, ret->n + ret->streams[k].n + 1, sizeof *ret->t);
        memcpy(ret->t + ret->n, ret->streams[k].t, ret->streams[k].n * sizeof *ret->t);
        ret->n += ret->streams[k].n;
    }
    order_sort(ret->t, ret->n);
}

static void replicate(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    struct residuals x[2];
    struct rng r;
    rng_stream(&r, job->o->seed, RNG_BOOTSTRAP, job->subject, (uint32_t)i);
    for (size_t k = 0; k < 2; k++) {
        struct subject s;
        struct demand d;
        draw_party(&job->party[k], job->w, &r, &s);
        demand_fit(&d, &s, job->w, NULL);
        residuals_make(&x[k], &s, job->w, &d, job->o);
        demand_free(&d);
        subject_free(&s);
    }
    correlogram(&x[0], &x[1], job->nlags, job->rows + (i + 1) * job->nlags);
    residuals_free(&x[0]);
    residuals_free(&x[1]);
}

/* --- standardising and ranking ------------------------------------------------------ */

static void pool(const double *rows, size_t nrows, size_t nlags, size_t l, double *mean,
                 double *sd)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < nrows; i++)
        sum += rows[i * nlags + l];
    *mean = sum / (double)nrows;
    for (size_t i = 0; i < nrows; i++)
        squares += (rows[i * nlags + l] - *mean) * (rows[i * nlags + l] - *mean);
    *sd = fmax(sqrt(squares / (double)nrows), 1e-12);
}

static double quantile(double *x, size_t n, double p)
{
    order_sort(x, n);
    return x[(size_t)ceil(p * (double)n) - 1];
}

static void judge(const struct job *job, struct crosscorr *ret)
{
    size_t n = job->nlags, m = job->o->replicates;
    double *mean = mem_alloc(n * sizeof *mean), *sd = mem_alloc(n * sizeof *sd);
    double *up = mem_alloc((m + 1) * sizeof *up), *down = mem_alloc((m + 1) * sizeof *down);
    for (size_t l = 0; l < n; l++)
        pool(job->rows, m + 1, n, l, &mean[l], &sd[l]);
    for (size_t i = 0; i <= m; i++) {
        up[i] = down[i] = -INFINITY;
        for (size_t l = 0; l < n; l++) {
            double z = (job->rows[i * n + l] - mean[l]) / sd[l];
            if (i == 0 && z > up[0])
                ret->best_lag_s = ret->lag_s[l];
            up[i] = fmax(up[i], z);
            down[i] = fmax(down[i], -z);
        }
        if (i > 0)
            mc_add(&ret->mc, up[i], up[0]);
    }
    ret->statistic = up[0];
    double high = quantile(up, m + 1, GLOBAL_LEVEL), low = quantile(down, m + 1, GLOBAL_LEVEL);
    for (size_t l = 0; l < n; l++) {
        ret->z[l] = job->rows[l];
        ret->hi[l] = mean[l] + high * sd[l];
        ret->lo[l] = mean[l] - low * sd[l];
    }
    free(mean);
    free(sd);
    free(up);
    free(down);
}

/* --- calls -------------------------------------------------------------------------- */

static int check(const struct subject *a, const struct subject *b,
                 const struct crosscorr_opts *o, size_t *ret_nlags, struct err *err)
{
    if (!(o->width_s > 0) || !(o->max_lag_s >= 0) || !(o->window_s >= o->width_s))
        return err_set(err, ERR_USAGE,
                       "crosscorr: expected a bucket, at most the window, and a largest lag, "
                       "found %g s, %g s and %g s",
                       o->width_s, o->window_s, o->max_lag_s);
    double side = floor(o->max_lag_s / o->width_s + 1e-9);
    if (2 * side + 1 > CROSSCORR_LAGS_MAX)
        return err_set(err, ERR_USAGE, "crosscorr: expected at most %d lags, found %.0f",
                       CROSSCORR_LAGS_MAX, 2 * side + 1);
    if (a->n == 0 || b->n == 0)
        return err_set(err, ERR_DEGENERATE,
                       "crosscorr: expected sessions of each, found %zu "
                       "and %zu",
                       a->n, b->n);
    *ret_nlags = 2 * (size_t)side + 1;
    return 0;
}

int crosscorr_bootstrap(struct crosscorr *ret, const struct subject *a, const struct subject *b,
                        const struct window *w, const struct crosscorr_opts *o, struct err *err)
{
    struct job job = {.w = w, .o = o, .subject = rng_subject_of(a->id, b->id)};
    int rc = check(a, b, o, &job.nlags, err);
    if (rc < 0)
        return rc;
    struct residuals x[2];
    const struct subject *const parties[] = {a, b};
    struct crosscorr r = {.nlags = job.nlags, .mc = {.max = o->replicates}};
    job.rows = mem_alloc(((size_t)o->replicates + 1) * job.nlags * sizeof *job.rows);
    for (size_t k = 0; k < 2; k++) {
        party_begin(&job.party[k], parties[k], w);
        residuals_make(&x[k], parties[k], w, &job.party[k].demand, o);
    }
    for (size_t l = 0, middle = job.nlags / 2; l < job.nlags; l++)
        r.lag_s[l] = ((double)l - (double)middle) * o->width_s;
    correlogram(&x[0], &x[1], job.nlags, job.rows);
    par_for(o->threads, o->replicates, replicate, &job);
    judge(&job, &r);
    *ret = r;
    for (size_t k = 0; k < 2; k++) {
        residuals_free(&x[k]);
        demand_free(&job.party[k].demand);
    }
    free(job.rows);
    return 0;
}

/* Largest Z over lags, b another `days` later than it was. */
static double shifted(const struct residuals x[2], size_t nlags, ptrdiff_t shift, size_t from,
                      size_t to)
{
    double most = -INFINITY;
    for (size_t l = 0; l < nlags; l++)
        most = fmax(most, correlation(&x[0], &x[1],
                                      (ptrdiff_t)l - (ptrdiff_t)(nlags / 2) + shift, from, to));
    return most;
}

int crosscorr_shift(struct crosscorr_shifts *ret, const struct subject *a,
                    const struct subject *b, const struct window *w,
                    const struct crosscorr_opts *o, struct err *err)
{
    size_t nlags, per_day = (size_t)(DAY_S / o->width_s + .5), rank = 0;
    int rc = check(a, b, o, &nlags, err);
    if (rc < 0)
        return rc;
    if (fabs((double)per_day * o->width_s - DAY_S) > 1e-6)
        return err_set(err, ERR_USAGE,
                       "crosscorr: expected a bucket that divides a day, found %g s",
                       o->width_s);
    size_t days = (size_t)(w->length_s / DAY_S) / 3;
    if (days == 0)
        return err_set(err, ERR_DEGENERATE, "crosscorr: expected 3 days, found %.3g",
                       w->length_s / DAY_S);
    struct residuals x[2];
    const struct subject *const parties[] = {a, b};
    for (size_t k = 0; k < 2; k++) {
        struct demand d;
        demand_fit(&d, parties[k], w, NULL);
        residuals_make(&x[k], parties[k], w, &d, o);
        demand_free(&d);
    }
    size_t from = days * per_day, to = x[0].n - days * per_day;
    double observed = shifted(x, nlags, 0, from, to);
    for (ptrdiff_t s = -(ptrdiff_t)days; s <= (ptrdiff_t)days; s++)
        rank += shifted(x, nlags, s * (ptrdiff_t)per_day, from, to) >= observed;
    residuals_free(&x[0]);
    residuals_free(&x[1]);
    *ret = (struct crosscorr_shifts){.days = days, .rank = rank, .statistic = observed};
    ret->p = fmin(1, (double)rank / ((double)days + 1));
    ret->p_limit = (double)rank / (2 * (double)days + 1);
    return 0;
}
