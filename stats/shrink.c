/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/shrink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "stats/glm.h"
#include "stats/tail.h"

static const double LOWEST = -3, HIGHEST = 6; /* of ln a */
enum { LEAST_MEMBERS = 5, LEAST_OTHERS = 3 };

/* --- rates -------------------------------------------------------------------------- */

/* P(rho <= v) of the mixture. */
static double below(const struct shrink *s, double v)
{
    double sum = 0;
    for (int k = 0; k < SHRINK_POINTS; k++)
        if (s->weight[k] > 1e-12)
            sum += s->weight[k] * gsl_cdf_gamma_P(v, s->shape[k], 1 / s->rate[k]);
    return sum;
}

static double quantile(const struct shrink *s, double p)
{
    double low = 0, high = s->mean;
    while (below(s, high) < p)
        high *= 2;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (below(s, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The grid of a and of the group's mean, each with what the member's own events add. */
static int fill_points(struct shrink *s, struct glm *g, const double *x, const double *exposure,
                       const struct glm_design *one, double events, double expected)
{
    static const double node[] = {-1.7320508075688772, 0, 1.7320508075688772};
    static const double node_weight[] = {1. / 6, 2. / 3, 1. / 6};
    double loglik[SHRINK_POINTS], most = -INFINITY, sum = 0;
    for (int k = 0; k < SHRINK_POINTS; k++) {
        int step = k / 3, steps = SHRINK_POINTS / 3 - 1;
        double log_a = LOWEST + (HIGHEST - LOWEST) * step / steps;
        double a = exp(log_a);
        if (k % 3 == 0 && glm_fit_theta(g, x, exposure, one, a, NULL) < 0)
            return -1;
        s->shape[k] = a + events;
        s->rate[k] = a / exp(g->beta[0] + g->se[0] * node[k % 3]) + expected;
        loglik[k] = g->loglik + log_a - 2 * log1p(a); /* prior of ln a */
        most = fmax(most, loglik[k]);
    }
    for (int k = 0; k < SHRINK_POINTS; k++)
        sum += s->weight[k] = exp(loglik[k] - most) * node_weight[k % 3];
    for (int k = 0; k < SHRINK_POINTS; k++)
        s->weight[k] /= sum;
    return 0;
}

/* The member's own likelihood moves the weights too, where the fit left it out. */
static void weigh_own(struct shrink *s, double events, double expected)
{
    double log_w[SHRINK_POINTS], most = -INFINITY, sum = 0;
    for (int k = 0; k < SHRINK_POINTS; k++) {
        double a = s->shape[k] - events, mean = expected * a / (s->rate[k] - expected);
        log_w[k] = log(s->weight[k]) + negbin_logpmf((uint64_t)events, mean, a);
        most = fmax(most, log_w[k]);
    }
    for (int k = 0; k < SHRINK_POINTS; k++)
        sum += s->weight[k] = exp(log_w[k] - most);
    for (int k = 0; k < SHRINK_POINTS; k++)
        s->weight[k] /= sum;
}

static int fit_group(struct shrink *s, const double *x, const double *exposure, size_t n,
                     double events, double expected, struct err *err)
{
    struct glm *g = glm_new();
    struct glm_design one = {.n = n};
    int rc = glm_fit(g, x, exposure, &one, GLM_NEGBIN, err);
    s->a = g->theta;
    s->b = rc == 0 ? g->theta / exp(g->beta[0]) : NAN;
    if (rc == 0 && fill_points(s, g, x, exposure, &one, events, expected) < 0)
        rc = err_set(err, ERR_DEGENERATE, "shrinkage: expected a fit of the group, found none");
    glm_free(g);
    return rc;
}

int shrink_rate(struct shrink *ret, const double *x, const double *expected, size_t n,
                size_t at, struct err *err)
{
    struct shrink s = {0};
    double own = fmax(0, expected[at]), events = own > 0 ? x[at] : 0;
    double *exposure = mem_alloc((n + 1) * sizeof *exposure);
    memcpy(exposure, expected, n * sizeof *exposure);
    for (size_t i = 0; i < n; i++)
        s.members += expected[i] > 0;
    s.left_out = s.members < SHRINK_ALONE && own > 0;
    if (s.left_out) {
        exposure[at] = 0;
        s.members--;
    }
    int rc = s.members < LEAST_MEMBERS
                 ? err_set(err, ERR_DEGENERATE,
                           "shrinkage: expected %d members or more beside the pair, found %zu",
                           (int)LEAST_MEMBERS, s.members)
                 : fit_group(&s, x, exposure, n, events, own, err);
    free(exposure);
    if (rc < 0)
        return rc;
    if (s.left_out)
        weigh_own(&s, events, own);
    for (int k = 0; k < SHRINK_POINTS; k++)
        s.mean += s.weight[k] * s.shape[k] / s.rate[k];
    s.lo = quantile(&s, .025);
    s.hi = quantile(&s, .975);
    *ret = s;
    return 0;
}

double shrink_log_upper(const struct shrink *s, unsigned long k, double expected)
{
    double sum = -INFINITY;
    for (int i = 0; i < SHRINK_POINTS; i++)
        sum = log_add(
            sum, log(s->weight[i]) +
                     negbin_log_upper(k, expected * s->shape[i] / s->rate[i], s->shape[i]));
    return fmin(0, sum);
}

double shrink_log_pmf(const struct shrink *s, unsigned long k, double expected)
{
    double sum = -INFINITY;
    for (int i = 0; i < SHRINK_POINTS; i++)
        sum = log_add(sum,
                      log(s->weight[i]) +
                          negbin_logpmf(k, expected * s->shape[i] / s->rate[i], s->shape[i]));
    return sum;
}

/* --- dispersions -------------------------------------------------------------------- */

int shrink_theta(struct shrink_theta *ret, const double *log_theta, const double *se, size_t n,
                 double own, double own_se, struct err *err)
{
    double w = 0, w2 = 0, wx = 0, q = 0;
    if (n < LEAST_OTHERS)
        return err_set(err, ERR_DEGENERATE,
                       "shrinkage: expected %d other pairs or more, found %zu",
                       (int)LEAST_OTHERS, n);
    for (size_t i = 0; i < n; i++) {
        double one = 1 / (se[i] * se[i]);
        w += one, w2 += one * one, wx += one * log_theta[i];
    }
    for (size_t i = 0; i < n; i++)
        q += pow((log_theta[i] - wx / w) / se[i], 2);
    double tau2 = fmax(0, (q - (double)(n - 1)) / (w - w2 / w));
    w = wx = 0;
    for (size_t i = 0; i < n; i++) {
        double one = 1 / (se[i] * se[i] + tau2);
        w += one, wx += one * log_theta[i];
    }
    double centre = wx / w, prior = tau2 + 1 / w, here = 1 / (own_se * own_se);
    ret->members = n;
    ret->centre = centre;
    ret->tau = sqrt(tau2);
    ret->unlike = NAN;
    ret->limited = false;
    ret->log_theta = centre;
    ret->sd = sqrt(prior);
    if (!isfinite(own_se))
        return 0;
    ret->unlike = (own - centre) / sqrt(own_se * own_se + prior);
    double step = (centre - own) / (1 + here * prior);
    ret->limited = fabs(step) > own_se;
    ret->log_theta = own + (ret->limited ? copysign(own_se, step) : step);
    ret->sd = ret->limited ? own_se : 1 / sqrt(here + 1 / prior);
    return 0;
}
