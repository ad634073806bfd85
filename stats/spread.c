/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/spread.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

#include "stats/tail.h"

/* Of x = ln(phi - 1). */
static const double LOWEST = -7, HIGHEST = 7;

/* Abscissas and log weights of Gauss-Hermite quadrature for the standard normal law
 * (numpy.polynomial.hermite_e.hermegauss(9), 1.24.2). */
enum { NODES = 9 };
static const double node[NODES] = {
    -4.512745863399783, -3.20542900285647, -2.07684797867783, -1.0232556637891326, 0,
    1.0232556637891326, 2.07684797867783,  3.20542900285647,  4.512745863399783};
static const double log_node[NODES] = {
    -10.708870204632015, -5.882021500687645,  -2.9974055373750645,
    -1.4101875314801218, -0.9005423749060159, -1.4101875314801218,
    -2.9974055373750645, -5.882021500687645,  -10.708870204632015};

double spread_logpmf(uint64_t k, double mu, double phi)
{
    return phi > 1 ? negbin_logpmf(k, mu, mu / (phi - 1)) : poisson_logpmf(k, mu);
}

double spread_log_upper(uint64_t k, double mu, double phi)
{
    return phi > 1 ? negbin_log_upper(k, mu, mu / (phi - 1)) : poisson_log_upper(k, mu);
}

struct profile {
    const double *y, *mu, *weight;
    size_t n;
    double p;
};

/* lnGamma(s + y) - lnGamma(s), for a small whole y as a sum of logarithms. */
static double log_rising(double s, double y)
{
    int sign;
    if (y > 12)
        return lgamma_r(s + y, &sign) - lgamma_r(s, &sign);
    double product = 1;
    for (double j = 0; j < y; j++)
        product *= s + j;
    return y > 0 ? log(product) : 0;
}

/* Minus the log posterior of x, up to a constant. */
static double minus_log_posterior(double x, void *context)
{
    const struct profile *f = context;
    double excess = exp(x), phi = 1 + excess, log_phi = log1p(excess), sum = 0;
    for (size_t i = 0; i < f->n; i++) {
        double mu = f->mu[i], y = f->y[i];
        if (!(mu > 0))
            continue;
        double s = mu / excess, one = y * (x - log_phi) - s * log_phi + log_rising(s, y);
        sum += f->weight ? f->weight[i] * one : one;
    }
    /* prior of x: rho (1 - rho), rho = (phi - 1)/phi */
    return -(sum + .5 * f->p * log_phi + x - 2 * log(phi));
}

static double mode_of(struct profile *f)
{
    double at = LOWEST, here = minus_log_posterior(at, f), step = 1;
    for (double x = LOWEST + step; x <= HIGHEST; x += step) {
        double there = minus_log_posterior(x, f);
        if (there < here)
            at = x, here = there;
    }
    double low = minus_log_posterior(at - step, f), high = minus_log_posterior(at + step, f);
    gsl_function function = {minus_log_posterior, f};
    gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    int status = gsl_min_fminimizer_set_with_values(m, &function, at, here, at - step, low,
                                                    at + step, high);
    for (int i = 0; i < 30 && status == GSL_SUCCESS; i++) {
        status = gsl_min_fminimizer_iterate(m);
        at = gsl_min_fminimizer_x_minimum(m);
        if (gsl_min_fminimizer_x_upper(m) - gsl_min_fminimizer_x_lower(m) < 1e-4)
            break;
    }
    gsl_min_fminimizer_free(m);
    return at;
}

void spread_posterior(const double *y, const double *mu, const double *weight, size_t n,
                      double p, struct spread_posterior *ret)
{
    struct profile f = {y, mu, weight, n, p};
    double mode = mode_of(&f), here = minus_log_posterior(mode, &f), h = .05, sum = 0;
    double bend =
        (minus_log_posterior(mode - h, &f) - 2 * here + minus_log_posterior(mode + h, &f)) /
        (h * h);
    double sd = bend > .25 ? 1 / sqrt(bend) : 2;
    ret->mode = 1 + exp(mode);
    for (int k = 0; k < SPREAD_POINTS; k++) {
        int from_mode = k - SPREAD_POINTS / 2;
        double x = mode + sd * from_mode * .75;
        ret->phi[k] = 1 + exp(x);
        ret->weight[k] = exp(here - minus_log_posterior(x, &f));
        sum += ret->weight[k];
    }
    for (int k = 0; k < SPREAD_POINTS; k++)
        ret->weight[k] /= sum;
}

void spread_predict(const struct spread_posterior *p, double log_mu, double unit_se, uint64_t k,
                    double *ret_log_upper, double *ret_log_pmf)
{
    double upper = -INFINITY, pmf = -INFINITY;
    for (int i = 0; i < SPREAD_POINTS; i++) {
        double se = sqrt(p->phi[i]) * unit_se, log_weight = log(p->weight[i]);
        if (log_weight < -25)
            continue;
        for (int j = 0; j < NODES; j++) {
            double mu = exp(log_mu + se * node[j]), w = log_weight + log_node[j];
            upper = log_add(upper, w + spread_log_upper(k, mu, p->phi[i]));
            pmf = log_add(pmf, w + spread_logpmf(k, mu, p->phi[i]));
        }
    }
    *ret_log_upper = fmin(0, upper);
    *ret_log_pmf = pmf;
}
