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
enum { ITERATIONS = 100, NEAR_STEPS = 16, ROUNDS = 3 };

/* What the likelihood of a draw of b needs of a and the window. */
struct model {
    const struct subject *a, *b;
    const struct window *w;
    const struct surrogate *surrogate;
    const struct demand *held;    /* the data's, in every replicate; NULL: refitted */
    double *sum[TRIGGER_KERNELS]; /* g_j */
    struct near *near;            /* ascending; until the first: step 0 */
    size_t nnear;
};

/* From here on as many sessions of a are within W/2, before or after; on steps of half octaves
 * of 1 + count. */
struct near {
    double from;
    size_t step;
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

/* --- what a and b share ------------------------------------------------------------- */

static size_t near_step(size_t count)
{
    return (size_t)fmin(floor(2 * log2(1 + (double)count) + 1e-9), NEAR_STEPS - 1);
}

static void near_begin(struct model *m)
{
    const struct subject *a = m->a;
    double half = surrogate_options(m->surrogate)->window_s / 2;
    m->near = mem_alloc((2 * a->n + 1) * sizeof *m->near);
    m->nnear = 0;
    for (size_t come = 0, gone = 0; gone < a->n;) {
        bool comes = come < a->n && a->t[come] - half <= a->t[gone] + half;
        double at = comes ? a->t[come++] - half : a->t[gone++] + half;
        m->near[m->nnear++] = (struct near){at, near_step(come - gone)};
    }
}

/* The step at t, which must not fall between calls; *at counts the changes until then. */
static size_t near_at(const struct model *m, double t, size_t *at)
{
    while (*at < m->nnear && m->near[*at].from <= t)
        ++*at;
    return *at ? m->near[*at - 1].step : 0;
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

/* b's own demand: what its sessions were to be expected at, and all that is expected while b is
 * at risk, by the number of a's sessions near. */
struct own {
    double *rate; /* of each session, stream after stream */
    uint8_t *step;
    size_t n;
    double expected[NEAR_STEPS];
    double level[NEAR_STEPS]; /* what is seen, triggers apart, over what is expected */
};

struct asked {
    const struct model *m;
    const struct demand *demand;
    double factor;
    struct own *own;
    size_t at;
};

static void add_demand(void *ctx, double from, double to)
{
    struct asked *x = ctx;
    while (from < to) {
        size_t step = near_at(x->m, from, &x->at);
        double until = x->at < x->m->nnear ? fmin(to, x->m->near[x->at].from) : to;
        x->own->expected[step] += x->factor * demand_between(x->demand, from, until);
        from = until;
    }
}

static void own_begin(struct own *o, const struct model *m, const struct subject *b,
                      const struct demand *d)
{
    *o = (struct own){.rate = mem_alloc((b->n + 1) * sizeof *o->rate),
                      .step = mem_alloc(b->n + 1)};
    for (size_t j = 0; j < b->nstreams; j++) {
        const struct stream *r = &b->streams[j];
        struct asked x = {m, d, d->factor[j], o, 0};
        each_at_risk(m, b, j, add_demand, &x);
        for (size_t i = 0, at = 0; i < r->n; i++, o->n++) {
            o->rate[o->n] = d->factor[j] * demand_rate(d, r->t[i]);
            o->step[o->n] = (uint8_t)near_at(m, r->t[i], &at);
        }
    }
}

static void own_free(struct own *o)
{
    free(o->rate);
    free(o->step);
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

/* Sum of kernel k at each session of b. */
static void kernels_of(const struct model *m, size_t k, const struct subject *b, double *ret)
{
    for (size_t j = 0; j < b->nstreams; j++)
        for (size_t i = 0, at = 0; i < b->streams[j].n; i++) {
            double t = b->streams[j].t[i];
            *ret++ = kernels_at(m, k, t, started(m->a, t, &at));
        }
}

static double chance_of(const struct mixture *x, double pi, size_t i)
{
    return pi * x->ratio[i] / (1 + pi * (x->ratio[i] - 1));
}

/* Level of each step from the sessions, each with its chance not to be triggered; one session
 * is added to either side. Returns what is expected in all. */
static double level_own(struct own *o, const struct mixture *x)
{
    double sum = 0, y[NEAR_STEPS] = {0};
    for (size_t i = 0; i < o->n; i++)
        y[o->step[i]] += x->best > 0 ? 1 - chance_of(x, x->best, i) : 1;
    for (size_t s = 0; s < NEAR_STEPS; s++) {
        o->level[s] = (y[s] + 1) / (o->expected[s] + 1);
        sum += o->level[s] * o->expected[s];
    }
    return sum;
}

/* Share of triggers and levels in turn (EM of the levels): v_i / u_i of each session; 1, as if
 * it told nothing, where b has no demand. v: kernel sums; per: what they have in all. */
static void fit(struct own *o, const double *v, double per, struct mixture *x)
{
    x->n = o->n;
    x->best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double scale = level_own(o, x) / per;
        for (size_t i = 0; i < o->n; i++) {
            double own = o->rate[i] * o->level[o->step[i]];
            x->ratio[i] = own > 0 ? scale * v[i] / own : 1;
        }
        x->best = best_share(x);
        if (!(x->best > 0))
            return;
    }
}

/* --- statistic ---------------------------------------------------------------------- */

/* The best kernel's mixture with the demand `d`, in x and *ret_k; returns its ratio, 0 where no
 * kernel adds anything. x->ratio has room for b->n and one. */
static double best_fit(const struct model *m, const struct subject *b, const struct demand *d,
                       struct mixture *x, struct trigger_kernel *ret, size_t *ret_k)
{
    struct mixture one = {.ratio = mem_alloc((b->n + 1) * sizeof *one.ratio)};
    double mass[TRIGGER_KERNELS], most = -1, *v = mem_alloc((b->n + 1) * sizeof *v);
    struct own own;
    own_begin(&own, m, b, d);
    mass_at_risk(m, b, mass);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        ret[k] = (struct trigger_kernel){.mean_s = MEAN_S[k], .mass = mass[k]};
        if (!(mass[k] > 0))
            continue;
        kernels_of(m, k, b, v);
        fit(&own, v, mass[k] * MEAN_S[k] * (double)b->nstreams, &one);
        one.per = (double)b->n / mass[k];
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
    own_free(&own);
    free(one.ratio);
    free(v);
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

/* lr: largest ratio of each surrogate, put in order. The lower end leaves 0 only where p is at
 * most the tail, as mc_p counts: never, where there are too few replicates for such a p. */
static void interval(struct mixture *x, double *lr, const struct trigger_opts *o,
                     struct trigger_result *r)
{
    double tail = (1 - o->level) / 2, normal = gsl_cdf_ugaussian_Pinv(1 - tail);
    double m = o->replicates, rank = ceil((1 - tail) * (m + 1) - 1e-9);
    order_sort(lr, o->replicates);
    r->eta_lo = rank > m ? 0 : eta_at(x, fmax(normal, sqrt(lr[(size_t)rank - 1])));
    r->eta_hi = eta_at(x, -normal);
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
    near_begin(&m);
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
            interval(&x, rows, o, &r);
        *ret = r;
    }
    sums_free(&m);
    free(m.near);
    free(x.ratio);
    free(rows);
    return mass > 0 ? 0
                    : err_set(err, ERR_DEGENERATE,
                              "trigger: expected b at risk after a session of a, found none");
}
