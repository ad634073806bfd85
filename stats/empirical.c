/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/empirical.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

#include "stats/order.h"
#include "stats/tail.h"

/* The scores between two deciles, and those. */
struct middle {
    size_t n;
    double lo, hi, mean, square; /* mean of z and of z^2 */
};

static double inside(const struct middle *m, double delta, double sigma)
{
    return gsl_cdf_ugaussian_P((m->hi - delta) / sigma) -
           gsl_cdf_ugaussian_P((m->lo - delta) / sigma);
}

/* Mean of -ln density of the cut law, but for a constant; x: delta, ln sigma. */
static double cost(const gsl_vector *x, void *context)
{
    const struct middle *m = context;
    double delta = gsl_vector_get(x, 0), sigma = exp(gsl_vector_get(x, 1));
    double off = m->square - 2 * delta * m->mean + delta * delta;
    double kept = inside(m, delta, sigma);
    return kept > 0 ? off / (2 * sigma * sigma) + log(sigma) + log(kept) : 1e9;
}

static void minimise(struct middle *m, double *delta, double *sigma)
{
    double x[2] = {(m->lo + m->hi) / 2, log((m->hi - m->lo) / 1.349)};
    double step[2] = {.1, .1};
    gsl_vector_view at = gsl_vector_view_array(x, 2), by = gsl_vector_view_array(step, 2);
    gsl_multimin_function f = {cost, 2, m};
    gsl_multimin_fminimizer *s =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, 2);
    gsl_multimin_fminimizer_set(s, &f, &at.vector, &by.vector);
    for (int i = 0; i < 500; i++)
        if (gsl_multimin_fminimizer_iterate(s) != GSL_SUCCESS ||
            gsl_multimin_test_size(gsl_multimin_fminimizer_size(s), 1e-9) == GSL_SUCCESS)
            break;
    *delta = gsl_vector_get(s->x, 0);
    *sigma = exp(gsl_vector_get(s->x, 1));
    gsl_multimin_fminimizer_free(s);
}

int empirical_fit(struct empirical *ret, double *z, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(z[i]))
            return -1;
    if (n < EMPIRICAL_LEAST)
        return -1;
    struct middle m = {.lo = order_quantile(z, n, .1), .hi = order_quantile(z, n, .9)};
    for (size_t i = 0; i < n; i++)
        if (z[i] >= m.lo && z[i] <= m.hi) {
            m.n++;
            m.mean += z[i];
            m.square += z[i] * z[i];
        }
    if (!(m.hi > m.lo))
        return -1;
    m.mean /= (double)m.n;
    m.square /= (double)m.n;
    double delta, sigma;
    minimise(&m, &delta, &sigma);
    double kept = inside(&m, delta, sigma);
    if (!(kept >= .5))
        return -1;
    *ret = (struct empirical){delta, sigma, fmin(1, (double)m.n / (double)n / kept)};
    return 0;
}

double empirical_log_upper(double z, const struct empirical *e)
{
    return normal_log_upper((z - e->delta) / e->sigma);
}
