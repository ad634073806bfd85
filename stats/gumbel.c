/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/gumbel.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_roots.h>

#include "base/mem.h"
#include "stats/mc.h"
#include "stats/order.h"
#include "stats/tail.h"

struct sample {
    const double *x;
    size_t n;
    double mean, sd, least;
};

static bool describe(struct sample *s, const double *x, size_t n)
{
    *s = (struct sample){.x = x, .n = n, .least = INFINITY};
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        s->mean += x[i] / (double)n;
        s->least = fmin(s->least, x[i]);
    }
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - s->mean) * (x[i] - s->mean);
    s->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0;
    return isfinite(s->sd) && s->sd > 0;
}

/* Mean weight, and the weighted mean of x - least; weights are at most 1. */
static double weigh(const struct sample *s, double scale, double *ret_centre)
{
    double weights = 0, moments = 0;
    for (size_t i = 0; i < s->n; i++) {
        double above = s->x[i] - s->least, w = exp(-above / scale);
        weights += w;
        moments += above * w;
    }
    *ret_centre = moments / weights;
    return weights / (double)s->n;
}

/* Grows through its one root: below zero at 0, about scale at infinity. */
static double score(double scale, void *sample)
{
    const struct sample *s = sample;
    double centre;
    weigh(s, scale, &centre);
    return scale - (s->mean - s->least - centre);
}

int gumbel_fit(struct gumbel *ret, const double *x, size_t n)
{
    struct sample s;
    if (!describe(&s, x, n))
        return -1;
    double lo = 1e-3 * s.sd, hi = s.mean - s.least;
    while (score(lo, &s) > 0)
        lo /= 2;
    gsl_function f = {score, &s};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_root_fsolver_set(solver, &f, lo, hi);
    for (int i = 0; i < 200; i++) {
        gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                   gsl_root_fsolver_x_upper(solver), 0,
                                   4 * GSL_DBL_EPSILON) == GSL_SUCCESS)
            break;
    }
    double centre, scale = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    ret->scale = scale;
    ret->loc = s.least - scale * log(weigh(&s, scale, &centre));
    return 0;
}

double gumbel_log_upper(double x, const struct gumbel *g)
{
    return log1m_exp(-exp(-(x - g->loc) / g->scale));
}

double gumbel_quantile(double p, const struct gumbel *g)
{
    return g->loc - g->scale * log(-log(p));
}

/* A^2 = -n - mean((2i - 1)(ln F(x_i) + ln(1 - F(x_(n+1-i))))); x ascending. */
static double anderson_darling(const struct gumbel *g, const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (2.0 * (double)i + 1) *
               (-exp(-(x[i] - g->loc) / g->scale) + gumbel_log_upper(x[n - 1 - i], g));
    return -(double)n - sum / (double)n;
}

double gumbel_fit_p(const struct gumbel *g, const double *x, size_t n, uint32_t m,
                    struct rng *r)
{
    const struct gumbel standard = {0, 1};
    double *work = mem_alloc(n * sizeof *work);
    memcpy(work, x, n * sizeof *work);
    order_sort(work, n);
    double observed = anderson_darling(g, work, n);
    struct mc mc = {.max = m};
    bool more = m > 0;
    while (more) {
        struct gumbel fit;
        for (size_t i = 0; i < n; i++)
            work[i] = gumbel_quantile(rng_unit(r), &standard);
        order_sort(work, n);
        bool fitted = gumbel_fit(&fit, work, n) == 0;
        more = mc_add(&mc, fitted ? anderson_darling(&fit, work, n) : NAN, observed);
    }
    free(work);
    return mc_p(&mc);
}
