/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parameters: the coefficients, then a logit where there is a part for zeros, then ln
 * theta, or ln(phi - 1), where the law has one. */
#include "stats/counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sf_psi.h>

#include "base/mem.h"
#include "stats/tail.h"

const char *const counts_law_names[COUNTS_LAWS] = {"nb1", "zip", "zinb", "hurdle_poisson",
                                                   "hurdle_nb"};

enum { ITERATIONS = 200, HALVINGS = 30 };
static const double ENOUGH = 1e-16, WIDEST = 14; /* of |ln theta| */

struct model {
    enum counts_law law;
    size_t n, p, all; /* rows; coefficients; parameters */
    double *x;        /* n x p */
    double *y, *offset;
    bool zeros, shape;
};

static bool is_hurdle(enum counts_law law)
{
    return law == COUNTS_HURDLE_POISSON || law == COUNTS_HURDLE_NB;
}

/* --- one row ------------------------------------------------------------------------ */

/* A log-likelihood and its derivatives in eta, the logit, and the log shape. */
struct row {
    double value, eta, zero, shape;
};

static struct row row_of_nb1(double y, double mu, double x)
{
    double excess = exp(x), rho = excess / (1 + excess), s = mu / excess;
    int sign;
    double d = gsl_sf_psi(y + s) - gsl_sf_psi(s) - log1p(excess);
    return (struct row){
        .value = lgamma_r(y + s, &sign) - lgamma_r(s, &sign) - lgamma_r(y + 1, &sign) -
                 s * log1p(excess) + y * log(rho),
        .eta = s * d,
        .shape = -s * d - s * rho + y * (1 - rho),
    };
}

/* ln f(y), Poisson where log_theta is INFINITY. */
static struct row row_of_count(double y, double mu, double log_theta)
{
    int sign;
    if (isinf(log_theta))
        return (struct row){y * log(mu) - mu - lgamma_r(y + 1, &sign), y - mu, 0, 0};
    double t = exp(log_theta), log_share = -log1p(mu / t), off = (y - mu) / (t + mu);
    double d = y > 0 ? gsl_sf_psi(y + t) - gsl_sf_psi(t) : 0;
    double gammas = y > 0 ? lgamma_r(y + t, &sign) - lgamma_r(t, &sign) : 0;
    return (struct row){
        .value = gammas - lgamma_r(y + 1, &sign) + t * log_share +
                 (y > 0 ? y * log(mu / (t + mu)) : 0),
        .eta = off * t,
        .shape = t * (d + log_share - off),
    };
}

static struct row row_inflated(double y, double mu, double logit, double log_theta)
{
    struct row r = row_of_count(y, mu, log_theta);
    double pi = 1 / (1 + exp(-logit));
    if (y > 0) {
        r.value -= log1p(exp(logit));
        r.zero = -pi;
        return r;
    }
    double both = log_add(log(pi), r.value - log1p(exp(logit))), q = 1 - pi * exp(-both);
    return (struct row){both, q * r.eta, 1 - q - pi, q * r.shape};
}

static struct row row_hurdle(double y, double mu, double logit, double log_theta)
{
    double rho = 1 / (1 + exp(-logit));
    if (!(y > 0))
        return (struct row){.value = -log1p(exp(logit)), .zero = -rho};
    struct row r = row_of_count(y, mu, log_theta), none = row_of_count(0, mu, log_theta);
    double odds = 1 / expm1(-none.value); /* f(0)/(1 - f(0)) */
    return (struct row){r.value - log1m_exp(none.value) - log1p(exp(-logit)),
                        r.eta + odds * none.eta, 1 - rho, r.shape + odds * none.shape};
}

/* --- the log-likelihood ------------------------------------------------------------- */

static double look(const struct model *m, const double *at, double *ret_gradient)
{
    double sum = 0, logit = m->zeros ? at[m->p] : 0;
    double shape = m->shape ? at[m->all - 1] : INFINITY;
    memset(ret_gradient, 0, m->all * sizeof *ret_gradient);
    for (size_t i = 0; i < m->n; i++) {
        const double *x = m->x + i * m->p;
        double eta = m->offset[i];
        for (size_t k = 0; k < m->p; k++)
            eta += x[k] * at[k];
        double mu = exp(eta);
        struct row r = m->law == COUNTS_NB1 ? row_of_nb1(m->y[i], mu, shape)
                       : is_hurdle(m->law)  ? row_hurdle(m->y[i], mu, logit, shape)
                                            : row_inflated(m->y[i], mu, logit, shape);
        sum += r.value;
        for (size_t k = 0; k < m->p; k++)
            ret_gradient[k] += r.eta * x[k];
        if (m->zeros)
            ret_gradient[m->p] += r.zero;
        if (m->shape)
            ret_gradient[m->all - 1] += r.shape;
    }
    return sum;
}

/* Minus the Hessian. */
static void set_information(const struct model *m, const double *at, gsl_matrix *ret)
{
    double there[COUNTS_MOST], up[COUNTS_MOST], down[COUNTS_MOST];
    memcpy(there, at, m->all * sizeof *at);
    for (size_t j = 0; j < m->all; j++) {
        double h = 1e-5 * fmax(1, fabs(at[j]));
        there[j] = at[j] + h;
        look(m, there, up);
        there[j] = at[j] - h;
        look(m, there, down);
        there[j] = at[j];
        for (size_t k = 0; k < m->all; k++)
            gsl_matrix_set(ret, k, j, (down[k] - up[k]) / (2 * h));
    }
    for (size_t j = 0; j < m->all; j++)
        for (size_t k = 0; k < j; k++) {
            double mean = (gsl_matrix_get(ret, j, k) + gsl_matrix_get(ret, k, j)) / 2;
            gsl_matrix_set(ret, j, k, mean);
            gsl_matrix_set(ret, k, j, mean);
        }
}

/* Cholesky factor of the information in place, its diagonal raised until there is one. */
static void factor(gsl_matrix *a, gsl_matrix *copy)
{
    gsl_matrix_memcpy(copy, a);
    for (double raise = 0;; raise = raise > 0 ? 4 * raise : 1e-3) {
        gsl_matrix_memcpy(a, copy);
        for (size_t k = 0; k < a->size1; k++)
            *gsl_matrix_ptr(a, k, k) += raise * (1 + fabs(gsl_matrix_get(copy, k, k)));
        if (gsl_linalg_cholesky_decomp1(a) == 0 || raise > 1e9)
            return;
    }
}

/* The step, or a half of it, or ...; false when none gains. */
static bool advance(const struct model *m, double *at, double *gradient, double *value,
                    const double *step)
{
    double trial[COUNTS_MOST], slope[COUNTS_MOST];
    for (double part = 1, h = 0; h < HALVINGS; h++, part /= 2) {
        for (size_t k = 0; k < m->all; k++)
            trial[k] = at[k] + part * step[k];
        if (m->shape)
            trial[m->all - 1] = fmin(fmax(trial[m->all - 1], -WIDEST), WIDEST);
        double there = look(m, trial, slope);
        if (there >= *value - 1e-12 * fabs(*value)) {
            memcpy(at, trial, m->all * sizeof *at);
            memcpy(gradient, slope, m->all * sizeof *at);
            *value = there;
            return true;
        }
    }
    return false;
}

/* Iterations used; -1: no convergence. *information holds the factor at the end. */
static int climb(const struct model *m, double *at, double *ret_value, gsl_matrix *information)
{
    double gradient[COUNTS_MOST], step[COUNTS_MOST];
    gsl_matrix *copy = gsl_matrix_alloc(m->all, m->all);
    int used = -1;
    *ret_value = look(m, at, gradient);
    for (int i = 1; i <= ITERATIONS && isfinite(*ret_value); i++) {
        double gain = 0;
        gsl_vector_view g = gsl_vector_view_array(gradient, m->all);
        gsl_vector_view s = gsl_vector_view_array(step, m->all);
        set_information(m, at, information);
        factor(information, copy);
        gsl_linalg_cholesky_solve(information, &g.vector, &s.vector);
        for (size_t k = 0; k < m->all; k++)
            gain += .5 * step[k] * gradient[k];
        bool moved = advance(m, at, gradient, ret_value, step);
        if (gain <= ENOUGH * (fabs(*ret_value) + .1) || !moved) {
            used = moved || gain <= 1e-10 * fabs(*ret_value) ? i : -1;
            break;
        }
    }
    gsl_matrix_free(copy);
    return used;
}

/* --- setting up --------------------------------------------------------------------- */

static void fill_row(struct model *m, const struct glm_design *d, size_t i, size_t k)
{
    double *x = m->x + k * m->p;
    size_t at = 1;
    x[0] = 1;
    for (size_t f = 0; f < d->nfactors; f++) {
        if (d->level[f][i])
            x[at + d->level[f][i] - 1] = 1;
        at += d->nlevels[f] - 1;
    }
    for (size_t c = 0; c < d->ncovariates; c++)
        x[at + c] = d->covariate[c][i];
}

static void model_make(struct model *m, const double *y, const double *exposure,
                       const struct glm_design *d, enum counts_law law)
{
    *m = (struct model){.law = law, .p = glm_parameters(d)};
    m->zeros = law != COUNTS_NB1;
    m->shape = law != COUNTS_ZIP && law != COUNTS_HURDLE_POISSON;
    m->all = m->p + m->zeros + m->shape;
    m->x = mem_zero(d->n * m->p + 1, sizeof *m->x);
    m->y = mem_alloc((2 * d->n + 1) * sizeof *m->y);
    m->offset = m->y + d->n;
    for (size_t i = 0; i < d->n; i++) {
        if (!(exposure[i] > 0))
            continue;
        m->y[m->n] = y[i];
        m->offset[m->n] = log(exposure[i]);
        fill_row(m, d, i, m->n++);
    }
}

/* From the NB2 fit; half of the zeros are of the extra kind. */
static int set_start(const struct model *m, const double *y, const double *exposure,
                     const struct glm_design *d, double *at, struct err *err)
{
    struct glm *g = glm_new();
    double zeros = 0;
    int rc = glm_fit(g, y, exposure, d, GLM_NEGBIN, err);
    for (size_t i = 0; i < m->n; i++)
        zeros += m->y[i] == 0;
    if (rc == 0 && m->zeros && (zeros == 0 || zeros == (double)m->n))
        rc = err_set(err, ERR_DEGENERATE, "%s: expected buckets with and without an event",
                     counts_law_names[m->law]);
    if (rc == 0) {
        memcpy(at, g->beta, m->p * sizeof *at);
        double share = is_hurdle(m->law) ? 1 - zeros / (double)m->n : .5 * zeros / (double)m->n;
        if (m->zeros)
            at[m->p] = log(share / (1 - share));
        if (m->shape)
            at[m->all - 1] = m->law == COUNTS_NB1 ? log(fmax(.1, exp(g->beta[0]) / g->theta))
                                                  : fmin(log(g->theta), 6);
    }
    glm_free(g);
    return rc;
}

static void fill_result(struct counts_fit *f, const struct model *m, const double *at,
                        gsl_matrix *information)
{
    gsl_linalg_cholesky_invert(information);
    f->law = m->law;
    f->p = m->p, f->used = m->n, f->parameters = m->all;
    memcpy(f->beta, at, m->p * sizeof *at);
    for (size_t k = 0; k < m->p; k++)
        f->se[k] = sqrt(gsl_matrix_get(information, k, k));
    f->zero = m->zeros ? at[m->p] : NAN;
    f->theta = !m->shape              ? INFINITY
               : m->law == COUNTS_NB1 ? 1 + exp(at[m->all - 1])
                                      : exp(at[m->all - 1]);
    f->bic = -2 * f->loglik + log((double)m->n) * (double)m->all;
}

int counts_fit(struct counts_fit *ret, const double *y, const double *exposure,
               const struct glm_design *d, enum counts_law law, struct err *err)
{
    double at[COUNTS_MOST];
    struct counts_fit f = {0};
    struct model m;
    if (glm_parameters(d) + 2 > COUNTS_MOST)
        return err_set(err, ERR_DEGENERATE, "%s: expected at most %d coefficients, found %zu",
                       counts_law_names[law], COUNTS_MOST - 2, glm_parameters(d));
    model_make(&m, y, exposure, d, law);
    gsl_matrix *information = gsl_matrix_alloc(m.all, m.all);
    int rc = set_start(&m, y, exposure, d, at, err);
    if (rc == 0 && (f.iterations = climb(&m, at, &f.loglik, information)) < 0)
        rc = err_set(err, ERR_DEGENERATE, "%s: expected convergence, found none",
                     counts_law_names[law]);
    if (rc == 0) {
        fill_result(&f, &m, at, information);
        *ret = f;
    }
    gsl_matrix_free(information);
    free(m.x);
    free(m.y);
    return rc;
}

void counts_zero_score(const double *y, const double *mu, size_t n, double *ret_z,
                       double *ret_log_p)
{
    double excess = 0, information = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(mu[i] > 0))
            continue;
        double odds = expm1(mu[i]); /* (1 - p0)/p0 */
        excess += y[i] > 0 ? -1 : odds;
        information += odds - y[i];
    }
    *ret_z = information > 0 ? excess / sqrt(information) : NAN;
    *ret_log_p = chisq_log_upper(*ret_z * *ret_z, 1);
}
