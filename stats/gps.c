/* SPDX-License-Identifier: GPL-3.0-or-later
 * The five parameters are searched on an unbounded scale: ln of a shape or rate is
 * 12 tanh(t / 12), so that a prior that wants to be a point cannot run to infinity. */
#include "stats/gps.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/tail.h"

enum { PARAMS = 5, SQUASH_ABOVE = 5000, SQUASH_GROUPS = 200, ROUNDS = 300 };
static const double LOG_MAX = 12;

/* A cell that stands for `weight` cells. */
struct weighted {
    uint64_t n;
    double expected, weight;
};

struct likelihood {
    const struct weighted *cells;
    size_t n;
};

static double log_f(uint64_t n, double alpha, double beta, double expected)
{
    return negbin_logpmf(n, alpha * expected / beta, alpha);
}

/* ln of the mixture at n, and the share of its first part. */
static double log_mixture(const struct gps_prior *p, uint64_t n, double expected, double *ret_q)
{
    double one = log(p->p) + log_f(n, p->alpha1, p->beta1, expected),
           two = log1p(-p->p) + log_f(n, p->alpha2, p->beta2, expected),
           sum = log_add(one, two);
    *ret_q = exp(one - sum);
    return sum;
}

static double cell_loglik(const struct gps_prior *p, uint64_t n, double expected)
{
    double q;
    return log_mixture(p, n, expected, &q) - log1m_exp(log_mixture(p, 0, expected, &q));
}

double gps_loglik(const struct gps_prior *p, const struct gps_cell *cells, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += cell_loglik(p, cells[i].n, cells[i].expected);
    return sum;
}

/* --- fit ---------------------------------------------------------------------------- */

static struct gps_prior unpack(const gsl_vector *t, double ret_slope[PARAMS])
{
    double v[PARAMS];
    for (size_t i = 0; i < PARAMS; i++) {
        double x = tanh(gsl_vector_get(t, i) / LOG_MAX);
        v[i] = exp(LOG_MAX * x);
        ret_slope[i] = 1 - x * x;
    }
    return (struct gps_prior){v[0], v[1], v[2], v[3], v[4] / (1 + v[4]), NAN};
}

/* d ln g(n) by ln alpha1, ln beta1, ln alpha2, ln beta2, logit P; times `weight` onto ret. */
static void add_gradient(const struct gps_prior *p, uint64_t n, double expected, double q,
                         double weight, double ret[PARAMS])
{
    const double alpha[2] = {p->alpha1, p->alpha2}, beta[2] = {p->beta1, p->beta2},
                 share[2] = {q, 1 - q};
    for (size_t k = 0; k < 2; k++) {
        double a = alpha[k], b = beta[k];
        double by_alpha = -log1p(expected / b);
        if (n)
            by_alpha += gsl_sf_psi(a + (double)n) - gsl_sf_psi(a);
        ret[2 * k] += weight * share[k] * a * by_alpha;
        ret[2 * k + 1] += weight * share[k] * (a * expected - (double)n * b) / (b + expected);
    }
    ret[4] += weight * (q - p->p);
}

static void minus_loglik(const gsl_vector *t, void *ctx, double *ret_f, gsl_vector *ret_df)
{
    const struct likelihood *l = ctx;
    double slope[PARAMS], gradient[PARAMS] = {0}, sum = 0;
    struct gps_prior p = unpack(t, slope);
    for (size_t i = 0; i < l->n; i++) {
        const struct weighted *c = &l->cells[i];
        double q, q0, zero = log_mixture(&p, 0, c->expected, &q0);
        sum += c->weight * (log_mixture(&p, c->n, c->expected, &q) - log1m_exp(zero));
        add_gradient(&p, c->n, c->expected, q, c->weight, gradient);
        /* - d ln(1 - g0) = g0 / (1 - g0) d ln g0 */
        add_gradient(&p, 0, c->expected, q0, c->weight * exp(zero - log1m_exp(zero)), gradient);
    }
    *ret_f = isfinite(sum) ? -sum : GSL_POSINF;
    for (size_t i = 0; ret_df && i < PARAMS; i++)
        gsl_vector_set(ret_df, i, -gradient[i] * slope[i]);
}

static double fit_f(const gsl_vector *t, void *ctx)
{
    double f;
    minus_loglik(t, ctx, &f, NULL);
    return f;
}

static void fit_df(const gsl_vector *t, void *ctx, gsl_vector *ret)
{
    double f;
    minus_loglik(t, ctx, &f, ret);
}

/* The best that BFGS reaches from a start; again from there while that still helps. */
static double search(struct likelihood *l, const double start[PARAMS], struct gps_prior *ret)
{
    gsl_multimin_function_fdf f = {fit_f, fit_df, minus_loglik, PARAMS, l};
    gsl_multimin_fdfminimizer *m =
        gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, PARAMS);
    gsl_vector *t = gsl_vector_alloc(PARAMS);
    double best = INFINITY, slope[PARAMS];
    for (size_t i = 0; i < PARAMS; i++)
        gsl_vector_set(t, i, LOG_MAX * atanh(log(start[i]) / LOG_MAX));
    for (int again = 0; again < 3; again++) {
        double before = best;
        gsl_multimin_fdfminimizer_set(m, &f, t, .1, .1);
        for (int i = 0; i < ROUNDS; i++)
            if (gsl_multimin_fdfminimizer_iterate(m) ||
                gsl_multimin_test_gradient(m->gradient, 1e-6) == GSL_SUCCESS)
                break;
        if (m->f < best) {
            best = m->f;
            gsl_vector_memcpy(t, m->x);
        }
        if (!(before - best > 1e-7))
            break;
    }
    *ret = unpack(t, slope);
    ret->loglik = -best;
    gsl_vector_free(t);
    gsl_multimin_fdfminimizer_free(m);
    return -best;
}

static int by_n_then_expected(const void *a, const void *b)
{
    const struct gps_cell *x = a, *y = b;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return (x->expected > y->expected) - (x->expected < y->expected);
}

/* Cells as they are, or in a large table in groups of equal count and like expectation. */
static size_t squash(const struct gps_cell *cells, size_t n, struct weighted *ret)
{
    size_t kept = 0;
    struct gps_cell *sorted = mem_alloc((n + 1) * sizeof *sorted);
    memcpy(sorted, cells, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_n_then_expected);
    for (size_t from = 0, to; from < n; from = to) {
        uint64_t count = sorted[from].n;
        for (to = from; to < n && sorted[to].n == count; to++)
            ;
        size_t step = n > SQUASH_ABOVE ? (to - from) / SQUASH_GROUPS + 1 : 1;
        for (size_t i = from; i < to; i += step) {
            size_t end = i + step < to ? i + step : to;
            double sum = 0;
            for (size_t j = i; j < end; j++)
                sum += sorted[j].expected;
            ret[kept++] = (struct weighted){count, sum / (double)(end - i), (double)(end - i)};
        }
    }
    free(sorted);
    return kept;
}

int gps_fit(struct gps_prior *ret, const struct gps_cell *cells, size_t n, struct err *err)
{
    /* alpha1, beta1, alpha2, beta2, odds of the first (openEBGM's customary starts) */
    static const double starts[][PARAMS] = {
        {.2, .1, 2, 4, .5}, {.1, .2, 10, 10, .25}, {.3, .5, 6, 6, 1}};
    if (n < GPS_MIN_CELLS)
        return err_set(err, ERR_DEGENERATE, "expected %d cells or more, found %zu",
                       GPS_MIN_CELLS, n);
    struct weighted *v = mem_alloc(n * sizeof *v);
    struct likelihood l = {v, squash(cells, n, v)};
    struct gps_prior best = {.loglik = -INFINITY}, one;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (search(&l, starts[i], &one) > best.loglik)
            best = one;
    free(v);
    if (!isfinite(best.loglik))
        return err_set(err, ERR_DEGENERATE, "no start of the search had a finite likelihood");
    best.loglik = gps_loglik(&best, cells, n);
    *ret = best;
    return 0;
}

/* --- posterior ------------------------------------------------------------------------ */

double gps_weight(const struct gps_prior *p, uint64_t n, double expected)
{
    double q;
    log_mixture(p, n, expected, &q);
    return q;
}

double gps_ebgm(const struct gps_prior *p, uint64_t n, double expected)
{
    double q = gps_weight(p, n, expected), k = (double)n;
    return exp(q * (gsl_sf_psi(p->alpha1 + k) - log(p->beta1 + expected)) +
               (1 - q) * (gsl_sf_psi(p->alpha2 + k) - log(p->beta2 + expected)));
}

struct posterior {
    double q, shape[2], rate[2], p;
};

static double cdf_less_p(double log_rho, void *ctx)
{
    const struct posterior *s = ctx;
    double rho = exp(log_rho);
    return s->q * gsl_cdf_gamma_P(rho, s->shape[0], 1 / s->rate[0]) +
           (1 - s->q) * gsl_cdf_gamma_P(rho, s->shape[1], 1 / s->rate[1]) - s->p;
}

double gps_quantile(const struct gps_prior *p, uint64_t n, double expected, double prob)
{
    double k = (double)n;
    struct posterior s = {gps_weight(p, n, expected),
                          {p->alpha1 + k, p->alpha2 + k},
                          {p->beta1 + expected, p->beta2 + expected},
                          prob};
    double lo = INFINITY, hi = -INFINITY; /* between the two parts' own quantiles */
    for (size_t i = 0; i < 2; i++) {
        double x = log(gsl_cdf_gamma_Pinv(prob, s.shape[i], 1 / s.rate[i]));
        lo = fmin(lo, x);
        hi = fmax(hi, x);
    }
    if (!isfinite(lo) || !(hi - lo > 1e-12))
        return exp(lo);
    gsl_function f = {cdf_less_p, &s};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (gsl_root_fsolver_set(solver, &f, lo - 1e-9, hi + 1e-9) == GSL_SUCCESS)
        for (int i = 0; i < 100; i++) {
            gsl_root_fsolver_iterate(solver);
            lo = gsl_root_fsolver_x_lower(solver);
            hi = gsl_root_fsolver_x_upper(solver);
            if (hi - lo < 1e-13)
                break;
        }
    double root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return exp(root);
}

double ic_value(uint64_t n, double expected)
{
    return log2(((double)n + .5) / (expected + .5));
}

double ic_quantile(uint64_t n, double expected, double p)
{
    return log2(gsl_cdf_gamma_Pinv(p, (double)n + .5, 1 / (expected + .5)));
}

double gamma_poisson_log_bf(uint64_t n, double expected, double a, double b)
{
    double k = (double)n;
    return gsl_sf_lngamma(a + k) - gsl_sf_lngamma(a) + a * log(b / (b + expected)) -
           k * log(b + expected) + expected;
}
