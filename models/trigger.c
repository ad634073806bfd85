/* SPDX-License-Identifier: GPL-3.0-or-later
 * a is fixed, so the sum of kernels at any time follows from its value at the last session
 * of a before, g_j = 1 + g_(j-1) exp(-(a_j - a_(j-1)) / mean): a look-up, not a sum. */
#include "models/trigger.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include "base/mem.h"
#include "base/par.h"
#include "stats/order.h"
#include "stats/tail.h"

static const double MEAN_S[TRIGGER_KERNELS] = {1, 10, 120, 1800};
enum { ITERATIONS = 100, STEPS = 2 };

/* What the likelihood of a draw of b needs of a and the window. */
struct model {
    const struct subject *a, *b;
    const struct window *w;
    const struct surrogate *surrogate;
    const struct demand *held;    /* the data's, in every replicate; NULL: refitted */
    double *sum[TRIGGER_KERNELS]; /* g_j */
};

/* --- kernels ------------------------------------------------------------------------ */

/* Sessions of a at or before t, which must not fall between calls. */
static size_t started(const struct subject *a, double t, size_t *at)
{
    while (*at < a->n && a->t[*at] <= t)
        ++*at;
    return *at;
}

/* Sum of mean * phi(t - a_j) over the first n sessions of a. */
static double kernels_at(const struct model *m, size_t k, double t, size_t n)
{
    return n ? m->sum[k][n - 1] * exp((m->a->t[n - 1] - t) / MEAN_S[k]) : 0;
}

static void sums_begin(struct model *m)
{
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        double *g = m->sum[k] = mem_alloc((m->a->n + 1) * sizeof *g);
        for (size_t j = 0; j < m->a->n; j++)
            g[j] = 1 + (j ? g[j - 1] * exp((m->a->t[j - 1] - m->a->t[j]) / MEAN_S[k]) : 0);
    }
}

static void sums_free(struct model *m)
{
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        free(m->sum[k]);
}

/* --- what is at risk ------------------------------------------------------------------ */

/* Time in which stream j of b may start a session: neither an answer lives nor does the session
 * before still take in what comes. */
static void each_at_risk(const struct model *m, const struct subject *b, size_t j,
                         stream_piece *fn, void *ctx)
{
    struct stream s = b->streams[j];
    s.ttl_s = fmax(s.ttl_s, surrogate_options(m->surrogate)->session_s);
    stream_at_risk(&s, m->w, fn, ctx);
}

struct mass {
    const struct model *m;
    size_t at; /* sessions of a so far */
    double sum[TRIGGER_KERNELS];
};

/* Integral of each kernel's sum over [from, to). */
static void add_mass(void *ctx, double from, double to)
{
    struct mass *x = ctx;
    size_t before = started(x->m->a, from, &x->at), until = started(x->m->a, to, &x->at);
    if (until == 0)
        return;
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        x->sum[k] += (double)(until - before) + kernels_at(x->m, k, from, before) -
                     kernels_at(x->m, k, to, until);
}

/* At-risk mass of each kernel over b's streams, over their number. */
static void mass_at_risk(const struct model *m, const struct subject *b, double *ret)
{
    struct mass x = {.m = m};
    for (size_t j = 0; j < b->nstreams; j++) {
        x.at = 0;
        each_at_risk(m, b, j, add_mass, &x);
    }
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        ret[k] = x.sum[k] / (double)b->nstreams;
}

struct asked {
    const struct demand *demand;
    double sum;
};

static void add_demand(void *ctx, double from, double to)
{
    struct asked *x = ctx;
    x->sum += demand_between(x->demand, from, to);
}

static double demand_at_risk(const struct model *m, const struct subject *b,
                             const struct demand *d)
{
    double sum = 0;
    for (size_t j = 0; j < b->nstreams; j++) {
        struct asked x = {d, 0};
        each_at_risk(m, b, j, add_demand, &x);
        sum += d->factor[j] * x.sum;
    }
    return sum;
}

/* --- likelihood --------------------------------------------------------------------- */

/* Mixture of b's own demand (pi 0) and triggers (pi 1). */
struct mixture {
    double *ratio; /* v_i / u_i */
    size_t n;
    double per;   /* eta at pi 1 */
    double best;  /* pi */
    double level; /* of its signed root; for roots */
};

static double gain(const struct mixture *x, double pi)
{
    double sum = 0;
    for (size_t i = 0; i < x->n; i++)
        sum += log1p(pi * (x->ratio[i] - 1));
    return sum;
}

static double slope(double pi, void *ctx)
{
    const struct mixture *x = ctx;
    double sum = 0;
    for (size_t i = 0; i < x->n; i++)
        sum += (x->ratio[i] - 1) / (1 + pi * (x->ratio[i] - 1));
    return sum;
}

/* r(pi): falls with pi. */
static double signed_root(const struct mixture *x, double pi)
{
    double r = sqrt(2 * fmax(gain(x, x->best) - gain(x, pi), 0));
    return pi < x->best ? r : -r;
}

static double root_less_level(double pi, void *ctx)
{
    const struct mixture *x = ctx;
    return signed_root(x, pi) - x->level;
}

/* The root between lo and hi, where f differs in sign. */
static double root(double (*f)(double, void *), struct mixture *x, double lo, double hi)
{
    gsl_function g = {f, x};
    gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_root_fsolver_set(s, &g, lo, hi);
    for (int i = 0; i < ITERATIONS; i++) {
        gsl_root_fsolver_iterate(s);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(s), gsl_root_fsolver_x_upper(s),
                                   1e-12, 1e-9) == GSL_SUCCESS)
            break;
    }
    double at = gsl_root_fsolver_root(s);
    gsl_root_fsolver_free(s);
    return at;
}

static const double PI_MAX = 1 - 1e-9; /* at 1 a session without a trigger has no chance */

static double best_share(struct mixture *x)
{
    if (!(slope(0, x) > 0))
        return 0;
    return slope(PI_MAX, x) >= 0 ? PI_MAX : root(slope, x, 0, PI_MAX);
}

/* Of kernel k: v_i / u_i of each session; 1, as if it told nothing, where b has no demand. */
static void mix(const struct model *m, size_t k, const struct subject *b,
                const struct demand *d, double mass, struct mixture *x)
{
    double scale = demand_at_risk(m, b, d) / (mass * MEAN_S[k] * (double)b->nstreams);
    x->n = 0;
    x->per = (double)b->n / mass;
    for (size_t j = 0; j < b->nstreams; j++) {
        const struct stream *r = &b->streams[j];
        for (size_t i = 0, at = 0; i < r->n; i++) {
            double own = d->factor[j] * demand_rate(d, r->t[i]);
            size_t n = started(m->a, r->t[i], &at);
            x->ratio[x->n++] = own > 0 ? scale * kernels_at(m, k, r->t[i], n) / own : 1;
        }
    }
}

/* --- statistic ---------------------------------------------------------------------- */

/* The best kernel's mixture with the demand `d`, in x and *ret_k; returns its ratio, 0 where no
 * kernel adds anything. x->ratio has room for b->n and one. */
static double best_fit(const struct model *m, const struct subject *b, const struct demand *d,
                       struct mixture *x, struct trigger_kernel *ret, size_t *ret_k)
{
    struct mixture one = {.ratio = mem_alloc((b->n + 1) * sizeof *one.ratio)};
    double mass[TRIGGER_KERNELS], most = -1;
    mass_at_risk(m, b, mass);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        ret[k] = (struct trigger_kernel){.mean_s = MEAN_S[k], .mass = mass[k]};
        if (!(mass[k] > 0))
            continue;
        mix(m, k, b, d, mass[k], &one);
        one.best = best_share(&one);
        ret[k].lr = 2 * gain(&one, one.best);
        ret[k].eta = one.best * one.per;
        if (ret[k].lr > most) {
            struct mixture swap = *x;
            most = ret[k].lr;
            *ret_k = k;
            *x = one;
            one = swap;
        }
    }
    free(one.ratio);
    return fmax(most, 0);
}

static void largest_ratio(const void *ctx, double *t, size_t n, double *ret)
{
    const struct model *m = ctx;
    struct mixture x = {.ratio = mem_alloc((n + 1) * sizeof *x.ratio)};
    struct stream *streams = mem_alloc(m->b->nstreams * sizeof *streams);
    struct trigger_kernel kernel[TRIGGER_KERNELS];
    struct subject b;
    struct demand d;
    size_t k;
    surrogate_view(m->surrogate, t, streams, &b);
    surrogate_refit(m->surrogate, &b, &d);
    *ret = best_fit(m, &b, m->held ? m->held : &d, &x, kernel, &k);
    demand_free(&d);
    free(streams);
    free(x.ratio);
}

/* --- logs of a given eta ------------------------------------------------------------ */

struct injection {
    const struct model *m;
    size_t k;
    double eta, own;      /* share of b's demand that is its own */
    const double *chance; /* of each of b's sessions to be triggered, stream after stream */
    double *root;         /* of each replicate */
};

/* What asks one cache: sessions that are known, demand that was hidden behind them, triggers.
 */
struct event {
    double t;
    bool known;
};

struct asks {
    struct event *v;
    size_t n, cap;
};

static void ask(struct asks *a, double t, bool known)
{
    MEM_GROW(a->v, a->n, a->cap);
    a->v[a->n++] = (struct event){t, known};
}

static int by_time(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return x->t != y->t ? (x->t < y->t ? -1 : 1) : y->known - x->known;
}

/* Dead time of each stream, retries of one session included. */
static double dead_of(const struct injection *in, size_t j)
{
    return fmax(in->m->b->streams[j].ttl_s, surrogate_options(in->m->surrogate)->session_s);
}

/* Own demand while the answers to stream j's n sessions lived: nobody saw it, and it is free
 * to ask where they are not. */
static void ask_hidden(const struct injection *in, size_t j, const double *t, size_t n,
                       struct rng *r, struct asks *a)
{
    const struct demand *d = surrogate_demand(in->m->surrogate);
    double rate = in->own * d->factor[j], ttl_s = in->m->b->streams[j].ttl_s;
    for (size_t i = 0; i < n && rate > 0; i++) {
        double end = i + 1 < n ? fmin(t[i] + ttl_s, t[i + 1]) : t[i] + ttl_s;
        for (double x = t[i]; (x = demand_later(d, x, rng_exponential(r, 1 / rate))) < end;)
            ask(a, x, false);
    }
}

/* What a cache lets pass; known sessions do not hide each other. Empties a. */
static size_t let_pass(struct asks *a, double dead_s, double *ret_t)
{
    size_t kept = 0;
    bool known = false;
    if (a->n)
        qsort(a->v, a->n, sizeof *a->v, by_time);
    for (size_t i = 0; i < a->n; i++) {
        if (kept && a->v[i].t < ret_t[kept - 1] + dead_s && !(a->v[i].known && known))
            continue;
        ret_t[kept++] = a->v[i].t;
        known = a->v[i].known;
    }
    a->n = 0;
    return kept;
}

/* Streams of what passes each cache; t is owned. */
static void pass_all(const struct injection *in, struct asks *asks, struct subject *ret)
{
    size_t room = 1;
    for (size_t j = 0; j < ret->nstreams; j++)
        room += asks[j].n;
    ret->t = mem_alloc(room * sizeof *ret->t);
    ret->n = 0;
    for (size_t j = 0; j < ret->nstreams; j++) {
        struct stream *s = &ret->streams[j];
        *s = (struct stream){.t = ret->t + ret->n, .ttl_s = in->m->b->streams[j].ttl_s};
        s->n = let_pass(&asks[j], dead_of(in, j), s->t);
        ret->n += s->n;
    }
}

/* b as it would be without triggers: those taken for it are out, what they hid is asked. */
static void ask_untriggered(const struct injection *in, struct rng *r, struct asks *asks)
{
    const double *chance = in->chance;
    for (size_t j = 0; j < in->m->b->nstreams; j++) {
        const struct stream *s = &in->m->b->streams[j];
        for (size_t i = 0; i < s->n; i++)
            if (rng_unit(r) >= *chance++)
                ask(&asks[j], s->t[i], true);
        ask_hidden(in, j, s->t, s->n, r, &asks[j]);
    }
}

static void ask_triggers(const struct injection *in, struct rng *r, struct asks *asks)
{
    const struct model *m = in->m;
    double tick = surrogate_options(m->surrogate)->tick_s;
    for (size_t i = 0; i < m->a->n; i++)
        for (uint64_t left = rng_poisson(r, in->eta); left > 0; left--) {
            double t = m->a->t[i] + rng_exponential(r, MEAN_S[in->k]);
            size_t j = rng_below(r, m->b->nstreams);
            if (tick > 0)
                t = floor(t / tick) * tick;
            if (window_live_between(m->w, t, t + 1e-3) > 0)
                ask(&asks[j], t, false);
        }
}

/* A log of b where eta is in->eta; free t and streams. */
static void inject(const struct injection *in, struct rng *r, struct subject *ret)
{
    size_t n = in->m->b->nstreams;
    struct asks *asks = mem_zero(n, sizeof *asks);
    struct subject own = {.streams = mem_zero(n, sizeof *own.streams), .nstreams = n};
    ask_untriggered(in, r, asks);
    pass_all(in, asks, &own);
    double *drawn = mem_alloc((own.n + 1) * sizeof *drawn), *t = drawn;
    surrogate_draw_of(in->m->surrogate, &own, r, drawn);
    for (size_t j = 0; j < n; t += own.streams[j++].n) {
        for (size_t i = 0; i < own.streams[j].n; i++)
            ask(&asks[j], t[i], true);
        ask_hidden(in, j, t, own.streams[j].n, r, &asks[j]);
    }
    ask_triggers(in, r, asks);
    free(own.t);
    *ret = own;
    pass_all(in, asks, ret);
    for (size_t j = 0; j < n; j++)
        free(asks[j].v);
    free(asks);
    free(drawn);
}

static void root_of_injected(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct injection *in = ctx;
    const struct surrogate_opts *o = surrogate_options(in->m->surrogate);
    struct trigger_kernel kernel[TRIGGER_KERNELS];
    struct subject b;
    struct demand d;
    struct rng r;
    size_t k;
    rng_stream(&r, o->seed, RNG_BOOTSTRAP, o->subject, (uint32_t)i + 1);
    inject(in, &r, &b);
    surrogate_refit(in->m->surrogate, &b, &d);
    struct mixture x = {.ratio = mem_alloc((b.n + 1) * sizeof *x.ratio)};
    in->root[i] = best_fit(in->m, &b, &d, &x, kernel, &k) >= 0 && x.per > 0
                      ? signed_root(&x, fmin(in->eta / x.per, PI_MAX))
                      : NAN;
    demand_free(&d);
    free(x.ratio);
    free(b.t);
    free(b.streams);
}

/* --- interval ----------------------------------------------------------------------- */

/* eta whose signed root in the data is `level`. */
static double eta_at(struct mixture *x, double level)
{
    x->level = level;
    if (root_less_level(0, x) <= 0)
        return 0;
    return x->per *
           (root_less_level(PI_MAX, x) < 0 ? root(root_less_level, x, 0, PI_MAX) : PI_MAX);
}

/* Quantile of the roots; failed replicates make the interval wider. */
static double quantile_of(double *root, size_t n, double q)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(root[i]))
            root[i] = q > .5 ? INFINITY : -INFINITY;
    return order_quantile(root, n, q);
}

/* One end: q .95 the lower, .05 the upper of a 90 % interval. x is in order of the sessions. */
static double end_of(struct injection *in, struct mixture *x, double q,
                     const struct trigger_opts *o)
{
    double *chance = mem_alloc((x->n + 1) * sizeof *chance);
    double eta = eta_at(x, gsl_cdf_ugaussian_Pinv(q));
    in->chance = chance;
    for (int step = 0; step < STEPS; step++) {
        double pi = eta / x->per;
        for (size_t i = 0; i < x->n; i++)
            chance[i] = pi * x->ratio[i] / (1 + pi * (x->ratio[i] - 1));
        in->eta = eta;
        in->own = 1 - pi;
        par_for(o->threads, o->replicates, root_of_injected, in);
        eta = eta_at(x, quantile_of(in->root, o->replicates, q));
    }
    free(chance);
    return eta;
}

static void interval(const struct model *m, struct mixture *x, const struct trigger_opts *o,
                     struct trigger_result *r)
{
    double tail = (1 - o->level) / 2;
    struct injection in = {.m = m, .k = r->best};
    in.root = mem_alloc(o->replicates * sizeof *in.root);
    r->eta_lo = end_of(&in, x, 1 - tail, o);
    r->eta_hi = end_of(&in, x, tail, o);
    free(in.root);
}

int trigger(struct trigger_result *ret, const struct subject *a, const struct subject *b,
            const struct window *w, const struct surrogate *s, const struct trigger_opts *o,
            struct err *err)
{
    struct model m = {.a = a, .b = b, .w = w, .surrogate = s};
    struct trigger_result r = {.mc = {.max = o->replicates}, .eta_lo = NAN, .eta_hi = NAN};
    struct mixture x = {.ratio = mem_alloc((b->n + 1) * sizeof *x.ratio)};
    double *rows = mem_alloc(o->replicates * sizeof *rows), mass = 0;
    m.held = o->hold_demand ? surrogate_demand(s) : NULL;
    sums_begin(&m);
    r.statistic = best_fit(&m, b, surrogate_demand(s), &x, r.kernel, &r.best);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        struct trigger_kernel *one = &r.kernel[k];
        one->log_p = one->lr > 0 ? chisq_log_upper(one->lr, 1) - M_LN2 : 0;
        mass += one->mass;
    }
    if (mass > 0) {
        surrogate_rows(s, 1, o->replicates, o->threads, largest_ratio, &m, 1, rows);
        for (uint32_t i = 0; i < o->replicates; i++)
            mc_add(&r.mc, rows[i], r.statistic);
        if (o->level > 0)
            interval(&m, &x, o, &r);
        *ret = r;
    }
    sums_free(&m);
    free(x.ratio);
    free(rows);
    return mass > 0 ? 0
                    : err_set(err, ERR_DEGENERATE,
                              "trigger: expected b at risk after a session of a, found none");
}
