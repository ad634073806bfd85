/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/controls.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

#include "stats/tail.h"

struct sample {
    const double *y, *se;
    size_t n;
};

/* delta at a sigma, and the sum of weights. */
static double centre(const struct sample *s, double sigma, double *ret_weight)
{
    double w = 0, wy = 0;
    for (size_t i = 0; i < s->n; i++) {
        double one = 1 / (sigma * sigma + s->se[i] * s->se[i]);
        w += one;
        wy += one * s->y[i];
    }
    *ret_weight = w;
    return wy / w;
}

static double minus_loglik(double log_sigma, void *context)
{
    const struct sample *s = context;
    double w, sigma = exp(log_sigma), delta = centre(s, sigma, &w), sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        double v = sigma * sigma + s->se[i] * s->se[i], off = s->y[i] - delta;
        sum += .5 * (log(v) + off * off / v);
    }
    return sum;
}

/* The best of a grid of ln sigma, then Brent's search between its neighbours; 0 at its foot. */
static double best_sigma(struct sample *s)
{
    const double low = -7, high = 3, step = .25;
    double at = low;
    for (double x = low + step; x < high; x += step)
        if (minus_loglik(x, s) < minus_loglik(at, s))
            at = x;
    if (!(at > low))
        return 0;
    gsl_function f = {minus_loglik, s};
    gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    int status = gsl_min_fminimizer_set(m, &f, at, at - step, at + step);
    for (int i = 0; i < 100 && status == GSL_SUCCESS; i++) {
        status = gsl_min_fminimizer_iterate(m);
        at = gsl_min_fminimizer_x_minimum(m);
        if (gsl_min_fminimizer_x_upper(m) - gsl_min_fminimizer_x_lower(m) < 1e-9)
            break;
    }
    gsl_min_fminimizer_free(m);
    return exp(at);
}

int controls_fit(struct controls *ret, const double *y, const double *se, size_t n,
                 struct err *err)
{
    struct sample s = {y, se, n};
    double w;
    if (n < CONTROLS_LEAST)
        return err_set(err, ERR_DEGENERATE, "controls: expected %d or more, found %zu",
                       (int)CONTROLS_LEAST, n);
    ret->n = n;
    ret->sigma = best_sigma(&s);
    ret->delta = centre(&s, ret->sigma, &w);
    ret->delta_se = 1 / sqrt(w);
    return 0;
}

double controls_log_p(const struct controls *c, double y, double se)
{
    double v = c->sigma * c->sigma + se * se + c->delta_se * c->delta_se;
    return normal_log_upper((y - c->delta) / sqrt(v));
}
