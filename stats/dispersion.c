/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/dispersion.h"

#include <math.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_min.h>

#include "stats/tail.h"

/* --- quasi-Poisson ------------------------------------------------------------------ */

void dispersion_phi(const double *y, const struct glm *poisson, double *ret_pearson,
                    double *ret_fletcher)
{
    double sum = 0, rows = (double)poisson->used, p = (double)poisson->p;
    for (size_t i = 0; i < poisson->n; i++)
        if (poisson->mu[i] > 0)
            sum += y[i] / poisson->mu[i] - 1;
    *ret_pearson = rows > p ? poisson->pearson / (rows - p) : NAN;
    *ret_fletcher = *ret_pearson / (1 + sum / rows);
}

double dispersion_log_p(const struct glm *small, const struct glm *large, double *ret_f)
{
    double q = (double)(large->p - small->p), df = (double)(large->used - large->p);
    *ret_f = (small->deviance - large->deviance) / q / (large->pearson / df);
    return f_log_upper(*ret_f, q, df);
}

/* --- tests -------------------------------------------------------------------------- */

void dispersion_test(const double *y, const struct glm *poisson, const struct glm *negbin,
                     struct dispersion *ret)
{
    double n = 0, mus = 0, z1 = 0, z2 = 0, zmu = 0, excess = 0;
    for (size_t i = 0; i < poisson->n; i++) {
        double mu = poisson->mu[i];
        if (!(mu > 0))
            continue;
        double over = (y[i] - mu) * (y[i] - mu) - y[i], z = over / mu;
        n++;
        mus += mu * mu;
        z1 += z;
        z2 += z * z;
        zmu += z * mu;
        excess += over;
    }
    double slope = zmu / mus;
    ret->lr = fmax(0, 2 * (negbin->loglik - poisson->loglik));
    ret->log_p = ret->lr > 0 ? chisq_log_upper(ret->lr, 1) + log(.5) : 0;
    ret->t_nb2 = slope * sqrt(mus) / sqrt((z2 - slope * zmu) / (n - 1));
    ret->t_nb1 = z1 / n / sqrt((z2 - z1 * z1 / n) / (n - 1) / n);
    ret->dean = excess / sqrt(2 * mus);
}

/* --- Cox & Reid's theta ------------------------------------------------------------- */

static const double lowest = -8, highest = 14; /* of ln theta, as in stats/glm.h */

struct profile {
    struct glm *g;
    const double *y, *exposure;
    const struct glm_design *d;
};

static double minus_adjusted(double log_theta, void *context)
{
    const struct profile *p = context;
    return glm_fit_theta(p->g, p->y, p->exposure, p->d, exp(log_theta), NULL) == 0
               ? -glm_adjusted_loglik(p->g)
               : INFINITY;
}

/* Brent's search in [a, b], which holds a minimum at `at`. */
static double search(struct profile *p, double at, const double value[3])
{
    double a = at - 1, b = at + 1;
    gsl_function function = {minus_adjusted, p};
    gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    gsl_min_fminimizer_set_with_values(m, &function, at, value[1], a, value[0], b, value[2]);
    for (int i = 0; i < 60 && b - a > 1e-6; i++) {
        if (gsl_min_fminimizer_iterate(m) != GSL_SUCCESS)
            break;
        a = gsl_min_fminimizer_x_lower(m), b = gsl_min_fminimizer_x_upper(m);
    }
    at = gsl_min_fminimizer_x_minimum(m);
    gsl_min_fminimizer_free(m);
    return at;
}

/* The best point of a grid one apart, going away from `from`; then between its neighbours. */
static double best(struct profile *p, double from)
{
    double at = fmin(fmax(from, lowest + 1), highest - 1);
    double v[3] = {minus_adjusted(at - 1, p), minus_adjusted(at, p), minus_adjusted(at + 1, p)};
    while (v[0] < v[1] && at - 1 > lowest) {
        at -= 1, v[2] = v[1], v[1] = v[0];
        v[0] = minus_adjusted(at - 1, p);
    }
    while (v[2] < v[1] && at + 1 < highest) {
        at += 1, v[0] = v[1], v[1] = v[2];
        v[2] = minus_adjusted(at + 1, p);
    }
    if (v[1] < v[0] && v[1] < v[2])
        return search(p, at, v);
    return v[2] <= v[1] ? INFINITY : lowest; /* held to the ends by glm_fit_theta */
}

int dispersion_cox_reid(struct glm *g, const double *y, const double *exposure,
                        const struct glm_design *d, struct err *err)
{
    struct profile p = {g, y, exposure, d};
    if (glm_fit(g, y, exposure, d, GLM_NEGBIN, err) < 0)
        return ERR_DEGENERATE;
    return glm_fit_theta(g, y, exposure, d, exp(best(&p, log(g->theta))), err);
}

int dispersion_log_theta(struct glm *g, const double *y, const double *exposure,
                         const struct glm_design *d, double *ret_log_theta, double *ret_se)
{
    const double h = .2;
    struct profile p = {g, y, exposure, d};
    *ret_log_theta = *ret_se = INFINITY;
    if (dispersion_cox_reid(g, y, exposure, d, NULL) < 0 || g->poisson_limit)
        return ERR_DEGENERATE;
    double at = log(g->theta), middle = -glm_adjusted_loglik(g);
    double bend =
        (minus_adjusted(at - h, &p) - 2 * middle + minus_adjusted(at + h, &p)) / h / h;
    *ret_log_theta = at;
    if (!(bend > 0) || isinf(bend))
        return ERR_DEGENERATE;
    *ret_se = 1 / sqrt(bend);
    return 0;
}
