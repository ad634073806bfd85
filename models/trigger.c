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
#include "stats/order.h"
#include "stats/tail.h"

static const double MEAN_S[TRIGGER_KERNELS] = {1, 10, 120, 1800};
enum { ITERATIONS = 100, NEAR_STEPS = 16 };

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
    double *rate;                    /* of each session, stream after stream */
    size_t *place;                   /* of each session among all, step after step */
    size_t n, first[NEAR_STEPS + 1]; /* places of each step */
    double expected[NEAR_STEPS];
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

/* From the step of each session its place: a counting sort. */
static void own_places(struct own *o)
{
    size_t at[NEAR_STEPS];
    for (size_t i = 0; i < o->n; i++)
        o->first[o->place[i] + 1]++;
    for (size_t s = 0; s < NEAR_STEPS; s++)
        at[s] = o->first[s + 1] += o->first[s];
    for (size_t i = o->n; i-- > 0;)
        o->place[i] = --at[o->place[i]];
}

static void own_begin(struct own *o, const struct model *m, const struct subject *b,
                      const struct demand *d)
{
    *o = (struct own){.rate = mem_alloc((b->n + 1) * sizeof *o->rate),
                      .place = mem_alloc((b->n + 1) * sizeof *o->place)};
    for (size_t j = 0; j < b->nstreams; j++) {
        const struct stream *r = &b->streams[j];
        struct asked x = {m, d, d->factor[j], o, 0};
        each_at_risk(m, b, j, add_demand, &x);
        for (size_t i = 0, at = 0; i < r->n; i++, o->n++) {
            o->rate[o->n] = d->factor[j] * demand_rate(d, r->t[i]);
            o->place[o->n] = near_at(m, r->t[i], &at);
        }
    }
    own_places(o);
}

static void own_free(struct own *o)
{
    free(o->rate);
    free(o->place);
}

/* --- likelihood --------------------------------------------------------------------- */

/* l(eta), greatest over the levels, of one kernel. */
struct profile {
    const struct own *own;
    double *c;        /* what eta 1 adds to each session's rate, over its own; by place */
    double mass;      /* of the kernel */
    double best;      /* eta */
    double eta, goal; /* at which a level is sought; the signed root that is; for roots */
    size_t step;
};

/* g times what is left of a step's score at the level g: concave, and not above 0 where no
 * session is triggered, so that Newton's steps from there fall to its root. */
static void step_score(double g, void *ctx, double *ret, double *ret_slope)
{
    const struct profile *x = ctx;
    const double *c = x->c + x->own->first[x->step], *end = x->c + x->own->first[x->step + 1];
    double more = x->own->expected[x->step] + 1, own = 1, slope = 0;
    for (; c < end; c++) {
        double share = g / (g + x->eta * *c);
        own += share;
        slope += share * (1 - share);
    }
    *ret = own - more * g;
    *ret_slope = slope / g - more;
}

static double score_only(double g, void *ctx)
{
    double score, slope;
    step_score(g, ctx, &score, &slope);
    return score;
}

static double slope_only(double g, void *ctx)
{
    double score, slope;
    step_score(g, ctx, &score, &slope);
    return slope;
}

/* Level of a step where no session is triggered. */
static double level_untouched(const struct own *o, size_t step)
{
    return ((double)(o->first[step + 1] - o->first[step]) + 1) / (o->expected[step] + 1);
}

static double level_at(struct profile *x, double eta, size_t step)
{
    double from = level_untouched(x->own, step), last;
    if (!(eta > 0) || x->own->first[step + 1] == x->own->first[step])
        return from;
    x->eta = eta;
    x->step = step;
    gsl_function_fdf f = {score_only, slope_only, step_score, x};
    gsl_root_fdfsolver *s = gsl_root_fdfsolver_alloc(gsl_root_fdfsolver_newton);
    gsl_root_fdfsolver_set(s, &f, from);
    for (int i = 0; i < ITERATIONS; i++) {
        last = gsl_root_fdfsolver_root(s);
        gsl_root_fdfsolver_iterate(s);
        if (fabs(gsl_root_fdfsolver_root(s) - last) <= 1e-10 * last)
            break;
    }
    double at = gsl_root_fdfsolver_root(s);
    gsl_root_fdfsolver_free(s);
    return at;
}

/* l(eta) - l(0). */
static double gain(struct profile *x, double eta)
{
    const struct own *o = x->own;
    double sum = -eta * x->mass;
    for (size_t s = 0; s < NEAR_STEPS && eta > 0; s++) {
        double g = level_at(x, eta, s), none = level_untouched(o, s);
        sum += log(g / none) - (g - none) * (o->expected[s] + 1);
        for (size_t i = o->first[s]; i < o->first[s + 1]; i++)
            sum += log((g + eta * x->c[i]) / none);
    }
    return sum;
}

/* dl / d eta, for the levels are at their best. */
static double slope(double eta, void *ctx)
{
    struct profile *x = ctx;
    double sum = -x->mass;
    for (size_t s = 0; s < NEAR_STEPS; s++) {
        double g = level_at(x, eta, s);
        for (size_t i = x->own->first[s]; i < x->own->first[s + 1]; i++)
            sum += x->c[i] / (g + eta * x->c[i]);
    }
    return sum;
}

/* r(eta): falls with eta. */
static double signed_root(struct profile *x, double eta)
{
    double r = sqrt(2 * fmax(gain(x, x->best) - gain(x, eta), 0));
    return eta < x->best ? r : -r;
}

static double root_less_goal(double eta, void *ctx)
{
    struct profile *x = ctx;
    return signed_root(x, eta) - x->goal;
}

/* The root between lo and hi, where f differs in sign. */
static double root(double (*f)(double, void *), struct profile *x, double lo, double hi)
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

/* Beyond n / mass the slope is below 0: n sessions add at most n / eta to it. */
static double best_eta(struct profile *x)
{
    double most = (double)x->own->n / x->mass;
    if (!(slope(0, x) > 0))
        return 0;
    return slope(most, x) >= 0 ? most : root(slope, x, 0, most);
}

/* Sum of kernel k at each session of b, over its own rate; 0, as if it told nothing, where b
 * has no demand. */
static void added_by(const struct model *m, size_t k, const struct subject *b,
                     const struct own *o, double *ret)
{
    double per = MEAN_S[k] * (double)b->nstreams;
    for (size_t j = 0, n = 0; j < b->nstreams; j++)
        for (size_t i = 0, at = 0; i < b->streams[j].n; i++, n++) {
            double t = b->streams[j].t[i];
            double v = kernels_at(m, k, t, started(m->a, t, &at)) / per;
            ret[o->place[n]] = o->rate[n] > 0 ? v / o->rate[n] : 0;
        }
}

/* --- statistic ---------------------------------------------------------------------- */

/* The best kernel's likelihood with the demand `d`, in x and *ret_k; returns its ratio, 0 where
 * no kernel adds anything. x->c has room for b->n and one; x->own is begun here. */
static double best_fit(const struct model *m, const struct subject *b, const struct demand *d,
                       struct profile *x, struct own *own, struct trigger_kernel *ret,
                       size_t *ret_k)
{
    struct profile one = {.own = own, .c = mem_alloc((b->n + 1) * sizeof *one.c)};
    double mass[TRIGGER_KERNELS], most = -1;
    own_begin(own, m, b, d);
    mass_at_risk(m, b, mass);
    for (size_t k = 0; k < TRIGGER_KERNELS; k++) {
        ret[k] = (struct trigger_kernel){.mean_s = MEAN_S[k], .mass = mass[k]};
        if (!(mass[k] > 0))
            continue;
        added_by(m, k, b, own, one.c);
        one.mass = mass[k];
        one.best = ret[k].eta = best_eta(&one);
        ret[k].lr = 2 * fmax(gain(&one, one.best), 0);
        if (ret[k].lr > most) {
            double *spare = x->c;
            most = ret[k].lr;
            *ret_k = k;
            *x = one;
            one.c = spare;
        }
    }
    free(one.c);
    return fmax(most, 0);
}

static void largest_ratio(const void *ctx, double *t, size_t n, double *ret)
{
    const struct model *m = ctx;
    struct profile x = {.c = mem_alloc((n + 1) * sizeof *x.c)};
    struct own own;
    struct stream *streams = mem_alloc(m->b->nstreams * sizeof *streams);
    struct trigger_kernel kernel[TRIGGER_KERNELS];
    struct subject b;
    struct demand d;
    size_t k;
    surrogate_view(m->surrogate, t, streams, &b);
    surrogate_refit(m->surrogate, &b, &d);
    *ret = best_fit(m, &b, m->held ? m->held : &d, &x, &own, kernel, &k);
    own_free(&own);
    demand_free(&d);
    free(streams);
    free(x.c);
}

/* --- interval ----------------------------------------------------------------------- */

/* eta whose signed root in the data is `goal`; no more than MOST times what would make all of
 * b's sessions triggered. */
static double eta_at(struct profile *x, double goal)
{
    static const double MOST = 1024;
    double all = (double)(x->own->n + 1) / x->mass, far = fmax(x->best, all);
    x->goal = goal;
    if (root_less_goal(0, x) <= 0)
        return 0;
    while (root_less_goal(far, x) > 0 && far < MOST * all)
        far *= 2;
    return root_less_goal(far, x) > 0 ? far : root(root_less_goal, x, 0, far);
}

/* lr: largest ratio of each surrogate, put in order. The lower end leaves 0 only where p is at
 * most the tail, as mc_p counts: never, where there are too few replicates for such a p. */
static void interval(struct profile *x, double *lr, const struct trigger_opts *o,
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
    struct profile x = {.c = mem_alloc((b->n + 1) * sizeof *x.c)};
    struct own own;
    double *rows = mem_alloc(o->replicates * sizeof *rows), mass = 0;
    m.held = o->hold_demand ? surrogate_demand(s) : NULL;
    sums_begin(&m);
    near_begin(&m);
    r.statistic = best_fit(&m, b, surrogate_demand(s), &x, &own, r.kernel, &r.best);
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
    own_free(&own);
    free(m.near);
    free(x.c);
    free(rows);
    return mass > 0 ? 0
                    : err_set(err, ERR_DEGENERATE,
                              "trigger: expected b at risk after a session of a, found none");
}
