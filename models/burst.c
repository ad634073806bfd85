/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/burst.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/baseline.h"
#include "models/flat.h"
#include "stats/mc.h"
#include "stats/rng.h"
#include "stats/tail.h"
#include "stats/order.h"

enum { LADDER_EVENTS = 30 }; /* fewer admit no rung but the first (season table) */
static const double S_PER_HOUR = 3600;

static double log_upper(uint64_t k, double mu, double theta)
{
    if (k == 0)
        return 0;
    return isinf(theta) ? poisson_log_upper(k, mu) : negbin_log_upper(k, mu, theta);
}

/* --- prediction interval ------------------------------------------------------------ */

/* Buckets of one mean. */
struct level {
    double mu, n;
};

struct levels {
    struct level *v;
    size_t n, cap;
    double theta;
};

/* Smallest k >= 1 with ln P(Y >= k) <= limit. */
static uint64_t first_beyond(double limit, double mu, double theta)
{
    uint64_t low = 0, high = 1; /* low: not beyond */
    while (log_upper(high, mu, theta) > limit) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (log_upper(middle, mu, theta) > limit)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* P(no bucket is as surprising as one with that ln P). */
static double none_beyond(const struct levels *l, double limit)
{
    double sum = 0;
    for (size_t i = 0; i < l->n; i++) {
        uint64_t k = first_beyond(limit, l->v[i].mu, l->theta);
        sum += l->v[i].n * log1m_exp(log_upper(k, l->v[i].mu, l->theta));
    }
    return exp(sum);
}

/* Smallest count of a bucket of mean mu that the maximum stays at or below with
 * probability q. */
static double peak_quantile(const struct levels *l, double mu, double q)
{
    uint64_t low = 0, high = 1; /* answer in [low, high] */
    while (none_beyond(l, log_upper(high + 1, mu, l->theta)) < q) {
        low = high + 1;
        high *= 2;
    }
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (none_beyond(l, log_upper(middle + 1, mu, l->theta)) < q)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)high;
}

static void predict(struct burst *b, const struct levels *l, double mu)
{
    b->expected = peak_quantile(l, mu, .5);
    b->lo = peak_quantile(l, mu, .025);
    b->hi = peak_quantile(l, mu, .975);
}

static struct levels levels_of(const double *mu, size_t n, double theta)
{
    struct levels l = {.theta = theta};
    double *sorted = mem_alloc(n * sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = mu[i];
    order_sort(sorted, n);
    for (size_t i = 0; i < n; i++) {
        if (!(sorted[i] > 0))
            continue;
        /* means of one hour of the week differ by rounding only */
        if (l.n == 0 || sorted[i] > l.v[l.n - 1].mu * (1 + 1e-9)) {
            MEM_GROW(l.v, l.n, l.cap);
            l.v[l.n++] = (struct level){sorted[i], 0};
        }
        l.v[l.n - 1].n++;
    }
    free(sorted);
    return l;
}

/* --- Monte Carlo -------------------------------------------------------------------- */

struct tails {
    struct mc upper, lower;
    int tail;
};

static struct tails tails_make(const struct burst_opts *o)
{
    struct mc mc = {.stop_at = o->stop_at, .max = o->max_replicates};
    return (struct tails){mc, mc, o->tail};
}

/* Count a replicate in the tails asked for; true while one wants more. */
static bool tails_add(struct tails *t, bool *upper, bool *lower, double replicate,
                      double observed)
{
    if (*upper)
        *upper = mc_add(&t->upper, replicate, observed);
    if (*lower)
        *lower = mc_add(&t->lower, -replicate, -observed);
    return *upper || *lower;
}

static void tails_end(const struct tails *t, struct burst *b)
{
    double up = mc_p(&t->upper), low = mc_p(&t->lower);
    bool use_lower = t->tail < 0 || (t->tail == 0 && low < up);
    const struct mc *mc = use_lower ? &t->lower : &t->upper;
    double twice = t->tail == 0 ? log(2) : 0;
    b->log_p = fmin(0, twice + log(mc_p(mc)));
    b->log_p_mid = fmin(0, twice + log(mc_midp(mc)));
    b->replicates = mc->replicates;
}

typedef double replicate_fn(void *ctx, struct rng *r);

static void bootstrap(struct burst *b, double observed, uint64_t subject,
                      const struct burst_opts *o, replicate_fn *replicate, void *ctx)
{
    struct tails t = tails_make(o);
    bool upper = o->tail >= 0, lower = o->tail <= 0, more = o->max_replicates > 0;
    struct rng r;
    for (uint32_t k = 0; more; k++) {
        rng_stream(&r, o->seed, RNG_BOOTSTRAP, subject, k);
        more = tails_add(&t, &upper, &lower, replicate(ctx, &r), observed);
    }
    tails_end(&t, b);
}

/* --- flat season, no TTL ------------------------------------------------------------ */

struct flat_job {
    struct flat f;
    const struct thetas *others;
    struct flat_fit fit;
    struct flat_data data, drawn;
};

static double flat_replicate(void *ctx, struct rng *r)
{
    struct flat_job *job = ctx;
    struct flat_fit refit;
    flat_draw(&job->f, &job->fit, r, &job->drawn);
    if (!flat_fit(&job->f, &job->drawn, job->others, &refit))
        return 0; /* no event, nothing surprising */
    return flat_peak(&job->f, &job->drawn, &refit);
}

/* The bucket of the least upper tail; the earliest on a tie. */
static size_t most_surprising(const double *y, const double *mu, size_t n, double theta,
                              double *ret_peak)
{
    size_t best = 0;
    double peak = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(y[i] > 0) || !(mu[i] > 0))
            continue;
        double surprise = -log_upper((uint64_t)y[i], mu[i], theta);
        if (surprise > peak) {
            peak = surprise;
            best = i;
        }
    }
    *ret_peak = peak;
    return best;
}

static void note_bucket(struct burst *b, const struct grid *g, const double *y, size_t at)
{
    b->observed = (uint64_t)y[at];
    b->when_s = g->first_s + (int64_t)llround((double)at * g->width);
}

static int burst_flat(struct burst *b, const struct subject *s, const struct grid *g,
                      const double *y, const double *hours, const struct burst_opts *o,
                      struct err *err)
{
    struct flat_job job = {.others = o->others};
    int rc = 0;
    flat_make(&job.f, hours, g->n);
    flat_read(&job.f, y, &job.data);
    if (flat_fit(&job.f, &job.data, job.others, &job.fit)) {
        double peak, *mu = mem_alloc(g->n * sizeof *mu);
        for (size_t i = 0; i < g->n; i++)
            mu[i] = job.fit.rate * hours[i];
        size_t at = most_surprising(y, mu, g->n, job.fit.theta, &peak);
        struct levels l = levels_of(mu, g->n, job.fit.theta);
        b->season = season_table;
        b->theta = job.fit.theta;
        note_bucket(b, g, y, at);
        predict(b, &l, mu[at]);
        bootstrap(b, flat_peak(&job.f, &job.data, &job.fit), s->id, o, flat_replicate, &job);
        free(l.v);
        free(mu);
    } else {
        rc = err_set(err, ERR_DEGENERATE, "burst: expected events in live time, found none");
    }
    flat_data_free(&job.data);
    flat_data_free(&job.drawn);
    flat_free(&job.f);
    return rc;
}

/* --- fits that a burst cannot explain itself by ------------------------------------- */

/* y with its largest value set to its second largest. */
static void cap_largest(const double *y, size_t n, double *ret)
{
    size_t top = 0;
    double next = 0;
    for (size_t i = 0; i < n; i++) {
        ret[i] = y[i];
        if (y[i] > y[top])
            top = i;
    }
    for (size_t i = 0; i < n; i++)
        if (i != top)
            next = fmax(next, y[i]);
    if (n)
        ret[top] = fmin(y[top], fmax(next, 1));
}

static int fit_capped(struct baseline *ret, const struct grid *g, const double *y,
                      const double *hours, const struct baseline_opts *o, struct err *err)
{
    double *capped = mem_alloc(g->n * sizeof *capped);
    cap_largest(y, g->n, capped);
    int rc = baseline_fit(ret, g, capped, hours, o, err);
    free(capped);
    return rc;
}

static double adjusted(double theta, void *glm)
{
    return glm_adjusted_at(glm, theta);
}

/* The same with theta among the others'; coefficients stay, which it is orthogonal to. */
static int fit_among(struct baseline *ret, const struct grid *g, const double *y,
                     const double *hours, const struct baseline_opts *o,
                     const struct thetas *others, struct err *err)
{
    int rc = fit_capped(ret, g, y, hours, o, err);
    if (rc == 0 && ret->family == GLM_NEGBIN)
        ret->theta = thetas_best(others, adjusted, ret->glm, ret->theta);
    return rc;
}

/* --- any season, any TTL ------------------------------------------------------------ */

struct job {
    const struct subject *s;
    const struct window *w;
    const struct grid *g;
    const struct baseline *fit;
    struct baseline_opts refit;
    const struct thetas *others;
    const double *live_hours; /* exposure where there is no TTL */
    double *y, *hours;
};

/* At-risk exposure; a session brings at least a second of it. */
static void fill_exposure(const struct subject *s, const struct window *w, const struct grid *g,
                          const double *y, double *ret_hours)
{
    exposure_fill(s, w, g, ret_hours);
    for (size_t i = 0; i < g->n; i++)
        ret_hours[i] = fmax(ret_hours[i], y[i] / S_PER_HOUR);
}

/* A stream that is drawn in another's place. */
struct drawing {
    const struct stream *like;
    struct stream *ret;
    size_t cap, cap_hidden;
};

/* Starts up to the end of a bucket's live piece, from a rate an hour; *t is the end of the dead
 * time so far. */
static void draw_piece(struct drawing *d, double to, double rate, double *t, struct rng *rng)
{
    struct stream *r = d->ret;
    while (rate > 0 && *t < to) {
        double start = *t + rng_exponential(rng, S_PER_HOUR / rate);
        if (start >= to)
            break;
        double dead = stream_dead_draw(d->like, start, rng);
        MEM_GROW(r->t, r->n, d->cap);
        if (d->like->hidden) {
            MEM_GROW(r->hidden, r->n, d->cap_hidden);
            r->hidden[r->n] = dead;
        }
        r->t[r->n++] = start;
        *t = start + dead;
    }
    if (*t < to)
        *t = to; /* memoryless: the wait starts anew in the next bucket */
}

static void draw_stream(const struct stream *like, struct stream *r, const struct job *job,
                        const double *rate, struct rng *rng)
{
    const struct grid *g = job->g;
    struct drawing d = {like, r, 0, 0};
    double t = -INFINITY;
    r->ttl_s = like->ttl_s;
    for (size_t k = 0; k < job->w->nlive; k++) {
        struct interval live = job->w->live[k];
        t = fmax(t, live.from);
        while (t < live.to) {
            double i = floor((t - g->t0) / g->width);
            double edge = fmin(g->t0 + (i + 1) * g->width, live.to);
            if (!(edge > t)) /* t is the edge but for rounding */
                edge = fmin(t + g->width, live.to);
            draw_piece(&d, edge, i < (double)g->n ? rate[(size_t)i] : 0, &t, rng);
        }
    }
}

/* A whole series with dead times, from the fitted rates. */
static void draw_with_ttl(const struct job *job, struct rng *rng)
{
    const struct baseline *b = job->fit;
    double *rate = mem_alloc(b->n * sizeof *rate);
    for (size_t i = 0; i < b->n; i++)
        rate[i] = b->rate[i] * (isinf(b->theta) ? 1 : rng_gamma(rng, b->theta, 1 / b->theta));
    struct subject drawn = {.nstreams = job->s->nstreams};
    drawn.streams = mem_zero(drawn.nstreams, sizeof *drawn.streams);
    for (size_t i = 0; i < drawn.nstreams; i++) {
        draw_stream(&job->s->streams[i], &drawn.streams[i], job, rate, rng);
        drawn.n += drawn.streams[i].n;
    }
    drawn.t = mem_alloc(drawn.n * sizeof *drawn.t);
    for (size_t i = 0, n = 0; i < drawn.nstreams; i++)
        for (size_t k = 0; k < drawn.streams[i].n; k++)
            drawn.t[n++] = drawn.streams[i].t[k];
    bucket_fill(&drawn, job->g, job->y);
    fill_exposure(&drawn, job->w, job->g, job->y, job->hours);
    subject_free(&drawn);
    free(rate);
}

static double season_replicate(void *ctx, struct rng *r)
{
    struct job *job = ctx;
    struct baseline refit;
    const double *hours = job->live_hours ? job->live_hours : job->hours;
    double peak, events = 0;
    if (job->live_hours)
        baseline_draw(job->fit, r, job->y);
    else
        draw_with_ttl(job, r);
    for (size_t i = 0; i < job->g->n; i++)
        events += job->y[i];
    if (!(events > 0))
        return 0; /* no event, nothing surprising */
    if (fit_among(&refit, job->g, job->y, hours, &job->refit, job->others, NULL) < 0)
        return NAN;
    most_surprising(job->y, refit.mu, job->g->n, refit.theta, &peak);
    baseline_free(&refit);
    return peak;
}

static void burst_season(struct burst *b, const struct subject *s, const struct window *w,
                         const struct grid *g, const double *y, const double *live_hours,
                         const struct baseline *fit, const struct burst_opts *o)
{
    struct job job = {.s = s, .w = w, .g = g, .fit = fit, .refit = *o->baseline};
    job.others = o->others;
    job.refit.season = fit->season;
    job.refit.family = (int)fit->family;
    job.live_hours = live_hours;
    job.y = mem_alloc(g->n * sizeof *job.y);
    job.hours = mem_alloc(g->n * sizeof *job.hours);
    double peak;
    size_t at = most_surprising(y, fit->mu, g->n, fit->theta, &peak);
    struct levels l = levels_of(fit->mu, g->n, fit->theta);
    b->season = fit->season;
    b->theta = fit->theta;
    note_bucket(b, g, y, at);
    predict(b, &l, fit->mu[at]);
    bootstrap(b, peak, s->id, o, season_replicate, &job);
    free(l.v);
    free(job.y);
    free(job.hours);
}

static bool has_ttl(const struct subject *s)
{
    bool any = false;
    for (size_t i = 0; i < s->nstreams; i++)
        any |= s->streams[i].ttl_s > 0;
    return any;
}

/* What a burst is looked for in; flat: one rate and no TTL, for which there is a closed form.
 */
struct series {
    double *y, *hours;
    struct baseline fit; /* unless flat */
    bool ttl, flat;
};

static int series_make(struct series *ret, const struct subject *s, const struct window *w,
                       const struct grid *g, const struct burst_opts *o, struct err *err)
{
    const struct baseline_opts *b = o->baseline;
    struct series one = {.y = mem_alloc(g->n * sizeof *one.y),
                         .hours = mem_alloc(g->n * sizeof *one.hours),
                         .ttl = has_ttl(s)};
    bool may = !one.ttl && !b->trend && !b->holidays;
    int rc = 0;
    bucket_fill(s, g, one.y);
    fill_exposure(s, w, g, one.y, one.hours);
    one.flat = may && b->family == GLM_NEGBIN &&
               (b->season ? b->season == season_table : s->n < LADDER_EVENTS);
    if (!one.flat) {
        rc = fit_among(&one.fit, g, one.y, one.hours, b, o->others, err);
        one.flat = rc == 0 && may && one.fit.season == season_table;
    }
    *ret = one;
    return rc;
}

static void series_free(struct series *s)
{
    baseline_free(&s->fit);
    free(s->y);
    free(s->hours);
}

/* The flat law's profile over the grid. */
static int flat_loglik(double ret[THETAS_GRID], const struct grid *g, const struct series *s)
{
    struct flat f;
    struct flat_data d = {0};
    flat_make(&f, s->hours, g->n);
    flat_read(&f, s->y, &d);
    bool fitted = flat_profile(&f, &d, ret);
    flat_data_free(&d);
    flat_free(&f);
    return fitted ? 0 : ERR_DEGENERATE;
}

int burst_profile(double ret[THETAS_GRID], const struct subject *s, const struct window *w,
                  const struct grid *g, const struct baseline_opts *o)
{
    struct series one;
    int rc = series_make(&one, s, w, g, &(struct burst_opts){.baseline = o}, NULL);
    if (rc == 0 && one.flat)
        rc = flat_loglik(ret, g, &one);
    else if (rc == 0 && one.fit.family == GLM_NEGBIN)
        for (size_t k = 0; k < THETAS_GRID; k++)
            ret[k] = glm_adjusted_at(one.fit.glm, exp(thetas_at(k)));
    else
        rc = ERR_DEGENERATE;
    series_free(&one);
    return rc;
}

int burst_test(struct burst *ret, const struct subject *s, const struct window *w,
               const struct grid *g, const struct burst_opts *o, struct err *err)
{
    struct burst b = {0};
    struct series one;
    int rc = series_make(&one, s, w, g, o, err);
    if (rc == 0 && one.flat)
        rc = burst_flat(&b, s, g, one.y, one.hours, o, err);
    else if (rc == 0)
        burst_season(&b, s, w, g, one.y, one.ttl ? NULL : one.hours, &one.fit, o);
    if (rc == 0)
        *ret = b;
    series_free(&one);
    return rc;
}
