/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/gpd.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

#include "base/mem.h"
#include "stats/mc.h"
#include "stats/order.h"
#include "stats/tail.h"

static const double SHAPE_MIN = 0, SHAPE_MAX = .5;
enum { EXCESSES = 250, REFITS = 99, REPLICATES_MIN = 9999 };

struct sample {
    const double *y;
    size_t n;
    double mean, most, shape;
    double scale; /* the best one at that shape */
};

/* Mean of -ln density. */
static double cost(double log_scale, void *context)
{
    const struct sample *s = context;
    double scale = exp(log_scale), sum = 0;
    if (fabs(s->shape) < 1e-9)
        return log_scale + s->mean / scale;
    for (size_t i = 0; i < s->n; i++)
        sum += log1p(fmax(s->shape * s->y[i] / scale, -1 + 1e-12));
    return log_scale + (1 + 1 / s->shape) * sum / (double)s->n;
}

/* Least value of f on [lo, hi] by a coarse search and Brent's method; *ret_at where. */
static double least(double (*f)(double, void *), void *context, double lo, double hi,
                    double *ret_at)
{
    enum { COARSE = 8 };
    double step = (hi - lo) / COARSE, at = lo, best = INFINITY;
    for (int i = 0; i <= COARSE; i++) {
        double v = f(lo + step * i, context);
        if (v < best) {
            best = v;
            at = lo + step * i;
        }
    }
    gsl_function g = {f, context};
    gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    double from = fmax(lo, at - step), to = fmin(hi, at + step);
    if (from < at && at < to && gsl_min_fminimizer_set(m, &g, at, from, to) == GSL_SUCCESS) {
        for (int i = 0; i < 100; i++) {
            gsl_min_fminimizer_iterate(m);
            if (gsl_min_fminimizer_x_upper(m) - gsl_min_fminimizer_x_lower(m) < 1e-9)
                break;
        }
        at = gsl_min_fminimizer_x_minimum(m);
        best = gsl_min_fminimizer_f_minimum(m);
    }
    gsl_min_fminimizer_free(m);
    *ret_at = at;
    return best;
}

static double profile(double shape, void *context)
{
    struct sample *s = context;
    double log_scale, lo = log(s->mean) - 3;
    s->shape = shape;
    if (shape < 0)
        lo = fmax(lo, log(-shape * s->most) + 1e-9);
    double value = least(cost, s, lo, log(s->mean) + 3, &log_scale);
    s->scale = exp(log_scale);
    return value;
}

int gpd_fit(struct gpd *ret, const double *y, size_t n, double lo, double hi)
{
    struct sample s = {.y = y, .n = n};
    for (size_t i = 0; i < n; i++) {
        if (!(y[i] >= 0) || isinf(y[i]))
            return -1;
        s.mean += y[i] / (double)n;
        s.most = fmax(s.most, y[i]);
    }
    if (n < 2 || !(s.mean > 0))
        return -1;
    double shape;
    least(profile, &s, lo, hi, &shape);
    profile(shape, &s);
    *ret = (struct gpd){s.scale, shape};
    return 0;
}

double gpd_log_upper(double y, const struct gpd *g)
{
    if (fabs(g->shape) < 1e-9)
        return -y / g->scale;
    double grown = 1 + g->shape * y / g->scale;
    return grown > 0 ? -log(grown) / g->shape : -INFINITY;
}

/* y ascending. */
static double anderson_darling(const struct gpd *g, const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (2.0 * (double)i + 1) * (log1m_exp(fmin(gpd_log_upper(y[i], g), -1e-300)) +
                                        gpd_log_upper(y[n - 1 - i], g));
    return -(double)n - sum / (double)n;
}

static bool fits(const struct gpd *g, const double *y, size_t n, struct rng *r)
{
    double *work = mem_alloc(n * sizeof *work), observed = anderson_darling(g, y, n);
    struct mc mc = {.max = REFITS};
    enum { ENOUGH = 5 }; /* exceedances that make p > .05 certain */
    for (int k = 0; k < REFITS && mc.exceed < ENOUGH; k++) {
        struct gpd again;
        for (size_t i = 0; i < n; i++) {
            double e = rng_exponential(r, 1);
            work[i] = g->scale * (g->shape > 1e-9 ? expm1(g->shape * e) / g->shape : e);
        }
        order_sort(work, n);
        bool fitted = gpd_fit(&again, work, n, SHAPE_MIN, SHAPE_MAX) == 0;
        mc_add(&mc, fitted ? anderson_darling(&again, work, n) : NAN, observed);
    }
    free(work);
    return mc.exceed >= ENOUGH;
}

double gpd_tail(const double *value, size_t m, double observed, struct rng *r)
{
    if (m < REPLICATES_MIN)
        return NAN;
    double *sorted = mem_alloc(m * sizeof *sorted), log_p = NAN;
    memcpy(sorted, value, m * sizeof *sorted);
    for (size_t i = 0; i < m; i++)
        sorted[i] = isnan(sorted[i]) ? INFINITY : sorted[i];
    order_sort(sorted, m);
    size_t n = m / 10 < EXCESSES ? m / 10 : EXCESSES;
    double *tail = sorted + (m - n), edge = (tail[-1] + tail[0]) / 2;
    struct gpd g;
    for (size_t i = 0; i < n; i++)
        tail[i] -= edge;
    if (observed > edge && gpd_fit(&g, tail, n, SHAPE_MIN, SHAPE_MAX) == 0 &&
        fits(&g, tail, n, r))
        log_p = fmax(log((double)n / (double)m) + gpd_log_upper(observed - edge, &g),
                     -log(100 * ((double)m + 1)));
    free(sorted);
    return log_p;
}
