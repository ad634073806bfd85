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
#include "stats/tail.h"

static const double MEAN_S[TRIGGER_KERNELS] = {1, 10, 120, 1800};
enum { ITERATIONS = 100 };

/* What the likelihood of a draw of b needs of a and the window. */
struct model {
    const struct subject *a;
    const struct window *w;
    const struct surrogate *surrogate;
    size_t nstreams;              /* of b */
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
        stream_at_risk(&b->streams[j], m->w, add_mass, &x);
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
        stream_at_risk(&b->streams[j], m->w, add_demand, &x);
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
    double level; /* of l(pi) - l(0); for roots */
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

static double gain_less_level(double pi, void *ctx)
{
    const struct mixture *x = ctx;
    return gain(x, pi) - x->level;
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

/* Of kernel k: v_i / u_i of each session where b has demand at all; ratio has room. */
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
            if (own > 0)
                x->ratio[x->n++] = scale * kernels_at(m, k, r->t[i], n) / own;
        }
    }
}

/* --- statistic, effect -------------------------------------------------------------- */

static void largest_ratio(const void *ctx, double *t, size_t n, double *ret)
{
    const struct model *m = ctx;
    struct mixture x = {.ratio = mem_alloc(n * sizeof *x.ratio)};
    struct stream *streams = mem_alloc(m->nstreams * sizeof *streams);
    struct subject b;
    struct demand d;
    double mass[TRIGGER_KERNELS];
    surrogate_view(m->surrogate, t, streams, &b);
    surrogate_refit(m->surrogate, &b, &d);
    mass_at_risk(m, &b, mass);
    *ret = 0;
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        if (!(mass[k] > 0))
            continue;
        mix(m, k, &b, m->held ? m->held : &d, mass[k], &x);
        *ret = fmax(*ret, 2 * gain(&x, best_share(&x)));
    }
    demand_free(&d);
    free(streams);
    free(x.ratio);
}

/* One kernel's fit to the data. */
static void fit(struct mixture *x, double level, struct trigger_kernel *ret)
{
    double pi = best_share(x);
    ret->lr = 2 * gain(x, pi);
    ret->eta = pi * x->per;
    x->level = ret->lr / 2 - gsl_cdf_chisq_Pinv(level, 1) / 2;
    ret->eta_lo = x->level > 0 ? x->per * root(gain_less_level, x, 0, pi) : 0;
    ret->eta_hi =
        x->per * (gain_less_level(PI_MAX, x) < 0 ? root(gain_less_level, x, pi, PI_MAX) : 1);
}

static void fit_data(struct model *m, const struct subject *b, struct trigger_result *r,
                     double level)
{
    struct mixture x = {.ratio = mem_alloc(b->n * sizeof *x.ratio)};
    const struct demand *d = surrogate_demand(m->surrogate);
    double mass[TRIGGER_KERNELS];
    mass_at_risk(m, b, mass);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        struct trigger_kernel *one = &r->kernel[k];
        *one = (struct trigger_kernel){.mean_s = MEAN_S[k], .mass = mass[k]};
        if (mass[k] > 0) {
            mix(m, k, b, d, mass[k], &x);
            fit(&x, level, one);
        }
        one->log_p = one->lr > 0 ? chisq_log_upper(one->lr, 1) - M_LN2 : 0;
        if (one->lr > r->kernel[r->best].lr)
            r->best = k;
    }
    r->statistic = r->kernel[r->best].lr;
    free(x.ratio);
}

int trigger(struct trigger_result *ret, const struct subject *a, const struct subject *b,
            const struct window *w, const struct surrogate *s, const struct trigger_opts *o,
            struct err *err)
{
    struct model m = {.a = a, .w = w, .surrogate = s, .nstreams = b->nstreams};
    struct trigger_result r = {.mc = {.max = o->replicates}};
    double *rows = mem_alloc(o->replicates * sizeof *rows), mass = 0;
    m.held = o->hold_demand ? surrogate_demand(s) : NULL;
    sums_begin(&m);
    fit_data(&m, b, &r, o->level);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        mass += r.kernel[k].mass;
    if (mass > 0) {
        surrogate_rows(s, 1, o->replicates, o->threads, largest_ratio, &m, 1, rows);
        for (uint32_t i = 0; i < o->replicates; i++)
            mc_add(&r.mc, rows[i], r.statistic);
        *ret = r;
    }
    sums_free(&m);
    free(rows);
    return mass > 0 ? 0
                    : err_set(err, ERR_DEGENERATE,
                              "trigger: expected b at risk after a session of a, found none");
}
