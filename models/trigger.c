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

/* What a surrogate's likelihood needs of a, the demand and the window. */
struct model {
    const struct subject *a, *b;
    const struct window *w;
    const struct demand *demand;
    double *sum[TRIGGER_KERNELS]; /* g_j */
};

/* --- kernels ------------------------------------------------------------------------ */

/* Sessions of a at or before t. */
static size_t started(const struct subject *a, double t)
{
    size_t low = 0, high = a->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->t[middle] <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sum of mean * phi(t - a_j) over the sessions of a at or before t. */
static double kernels_at(const struct model *m, size_t k, double t)
{
    size_t n = started(m->a, t);
    return n ? m->sum[k][n - 1] * exp((m->a->t[n - 1] - t) / MEAN_S[k]) : 0;
}

/* Integral of the sum of phi up to t. */
static double mass_until(const struct model *m, size_t k, double t)
{
    return (double)started(m->a, t) - kernels_at(m, k, t);
}

/* The same over live time in [from, to). */
static double mass_between(const struct model *m, size_t k, double from, double to)
{
    double sum = 0;
    for (size_t i = 0; i < m->w->nlive; i++) {
        double x = fmax(from, m->w->live[i].from), y = fmin(to, m->w->live[i].to);
        if (x < y)
            sum += mass_until(m, k, y) - mass_until(m, k, x);
    }
    return sum;
}

static void sums_begin(struct model *m)
{
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        double *g = m->sum[k] = mem_alloc((m->a->n + 1) * sizeof *g);
        for (size_t j = 0; j < m->a->n; j++)
            g[j] = 1 + (j ? g[j - 1] * exp((m->a->t[j - 1] - m->a->t[j]) / MEAN_S[k]) : 0);
    }
}

/* --- likelihood --------------------------------------------------------------------- */

/* Mixture of b's own demand (pi 0) and triggers (pi 1). */
struct mixture {
    double *ratio; /* v_i / u_i */
    size_t n;
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

/* At-risk mass of kernel k over b's streams, over their number; at-risk demand. */
static double mass_at_risk(const struct model *m, size_t k, const double *t)
{
    const struct subject *b = m->b;
    double sum = (double)b->nstreams * mass_between(m, k, 0, m->w->length_s);
    for (size_t j = 0; j < b->nstreams; t += b->streams[j++].n)
        for (size_t i = 0; i < b->streams[j].n; i++) {
            double to = t[i] + b->streams[j].ttl_s;
            if (i + 1 < b->streams[j].n)
                to = fmin(to, t[i + 1]);
            sum -= mass_between(m, k, t[i], to);
        }
    return sum / (double)b->nstreams;
}

static double demand_at_risk(const struct model *m, const double *t)
{
    const struct subject *b = m->b;
    double sum = 0;
    for (size_t j = 0; j < b->nstreams; t += b->streams[j++].n) {
        double own = demand_between(m->demand, 0, m->w->length_s);
        for (size_t i = 0; i < b->streams[j].n; i++) {
            double to = t[i] + b->streams[j].ttl_s;
            if (i + 1 < b->streams[j].n)
                to = fmin(to, t[i + 1]);
            own -= demand_between(m->demand, t[i], to);
        }
        sum += m->demand->factor[j] * own;
    }
    return sum;
}

/* v_i / u_i of each session where b has demand at all; into x->ratio, with room for n. */
static void mix(const struct model *m, size_t k, const double *t, double demand, double mass,
                struct mixture *x)
{
    const struct subject *b = m->b;
    double scale = demand / (mass * MEAN_S[k] * (double)b->nstreams);
    x->n = 0;
    for (size_t j = 0; j < b->nstreams; t += b->streams[j++].n)
        for (size_t i = 0; i < b->streams[j].n; i++) {
            double own = m->demand->factor[j] * demand_rate(m->demand, t[i]);
            if (own > 0)
                x->ratio[x->n++] = scale * kernels_at(m, k, t[i]) / own;
        }
}

/* --- statistic, effect -------------------------------------------------------------- */

static void largest_ratio(const void *ctx, const double *t, size_t n, double *ret)
{
    const struct model *m = ctx;
    struct mixture x = {.ratio = mem_alloc(n * sizeof *x.ratio)};
    double demand = demand_at_risk(m, t);
    *ret = 0;
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        double mass = mass_at_risk(m, k, t);
        if (!(mass > 0) || !(demand > 0))
            continue;
        mix(m, k, t, demand, mass, &x);
        *ret = fmax(*ret, 2 * gain(&x, best_share(&x)));
    }
    free(x.ratio);
}

/* One kernel's fit to the data; t stream after stream. */
static void fit(const struct model *m, size_t k, const double *t, double level,
                struct trigger_kernel *ret)
{
    struct mixture x = {.ratio = mem_alloc(m->b->n * sizeof *x.ratio)};
    double mass = mass_at_risk(m, k, t), demand = demand_at_risk(m, t);
    *ret = (struct trigger_kernel){.mean_s = MEAN_S[k], .mass = mass};
    if (mass > 0 && demand > 0) {
        mix(m, k, t, demand, mass, &x);
        double pi = best_share(&x), per = (double)m->b->n / mass;
        ret->lr = 2 * gain(&x, pi);
        ret->eta = pi * per;
        x.level = ret->lr / 2 - gsl_cdf_chisq_Pinv(level, 1) / 2;
        ret->eta_lo = x.level > 0 ? per * root(gain_less_level, &x, 0, pi) : 0;
        ret->eta_hi =
            gain_less_level(PI_MAX, &x) < 0 ? per * root(gain_less_level, &x, pi, PI_MAX) : per;
    }
    ret->log_p = ret->lr > 0 ? chisq_log_upper(ret->lr, 1) - M_LN2 : 0;
    free(x.ratio);
}

static void fit_data(struct model *m, struct trigger_result *r, double level)
{
    double *t = mem_alloc(m->b->n * sizeof *t);
    for (size_t j = 0, n = 0; j < m->b->nstreams; j++)
        for (size_t i = 0; i < m->b->streams[j].n; i++)
            t[n++] = m->b->streams[j].t[i];
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        fit(m, k, t, level, &r->kernel[k]);
        if (r->kernel[k].lr > r->kernel[r->best].lr)
            r->best = k;
    }
    r->statistic = r->kernel[r->best].lr;
    free(t);
}

int trigger(struct trigger_result *ret, const struct subject *a, const struct subject *b,
            const struct window *w, const struct surrogate *s, const struct trigger_opts *o,
            struct err *err)
{
    struct model m = {.a = a, .b = b, .w = w, .demand = surrogate_demand(s)};
    struct trigger_result r = {.mc = {.max = o->replicates}};
    double *rows = mem_alloc(o->replicates * sizeof *rows), mass = 0;
    sums_begin(&m);
    fit_data(&m, &r, o->level);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        mass += r.kernel[k].mass;
    if (mass > 0) {
        surrogate_rows(s, 1, o->replicates, o->threads, largest_ratio, &m, 1, rows);
        for (uint32_t i = 0; i < o->replicates; i++)
            mc_add(&r.mc, rows[i], r.statistic);
        *ret = r;
    }
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        free(m.sum[k]);
    free(rows);
    return mass > 0 ? 0
                    : err_set(err, ERR_DEGENERATE,
                              "trigger: expected b at risk after a session of a, found none");
}
