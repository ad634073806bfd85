/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Newton's method on the log-likelihood, in the coefficients and ln theta at
 * once. Three things make a fit cheap.
 *
 * The design stays as levels: a row adds its weight to the few cells of the
 * normal equations it touches. The equations are kept for all levels ("full"
 * columns: intercept, every level of every factor, covariates); the reference
 * levels are dropped when they are solved.
 *
 * The levels of one factor exclude each other, so their block of the equations
 * is diagonal (stats/arrow.h).
 *
 * Gamma functions of counts telescope: lnGamma(y + theta) - lnGamma(theta) is the
 * sum of ln(theta + j) for j < y, so over all rows it is a sum over j of the
 * number of rows with y > j. No gamma function is called for a count below
 * TABLE.
 */
#include "stats/glm.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sf_psi.h>

#include "base/mem.h"
#include "stats/arrow.h"

enum { TABLE = 4096, ITERATIONS = 200, HALVINGS = 40 };

static const double lowest = -8, highest = 14; /* of ln theta */
static const double penalty = 1e-4;            /* of the ridge */
/* Of the objective: the gain a step must promise to be worth another, and the
 * loss that is rounding. */
static const double enough = 1e-14, rounding = 1e-12;

struct glm_work {
    size_t rows_room, full_room; /* allocated for */
    /* The rows with exposure, packed. */
    size_t rows, nfactors, ncovariates;
    double *y, *offset, *prior, *eta, *mu, *weight, *residual;
    double *cross; /* derivative of residual in ln theta */
    double *x;     /* rows x width; width is ncovariates made even with a column of 0 */
    size_t width;
    uint32_t *column; /* rows x nfactors: full column of its level */
    uint32_t *same;   /* first row with the same predictor: its twin's, offsets 0; or itself */
    /* exceed[j]: prior weights of rows with y > j, among those with a whole y below TABLE;
     * `big` lists the others. */
    double exceed[TABLE];
    size_t top, nbig;
    uint32_t *big;
    /* Columns. */
    size_t full, base[GLM_FACTORS], nlevels[GLM_FACTORS], covariates;
    struct arrow normal;                /* the equations; without the reference levels */
    bool ridge, fixed;                  /* fixed: theta is given */
    double *beta, *step, *bend, *trial; /* full; 0 at reference levels */
    double *gradient, *cross_sum;       /* full */
    /* The log-likelihood up to terms of y, less the penalty, and its derivatives
     * in ln theta; second_theta is the second one in theta. */
    double log_theta, objective, slope, curvature, second_theta;
};

struct glm *glm_new(void)
{
    struct glm *g = mem_zero(1, sizeof *g);
    g->work = mem_zero(1, sizeof *g->work);
    return g;
}

void glm_free(struct glm *g)
{
    if (!g)
        return;
    struct glm_work *w = g->work;
    double *const reals[] = {w->y,        w->offset, w->eta,       w->mu,       w->weight,
                             w->residual, w->cross,  w->x,         w->beta,     w->step,
                             w->trial,    w->bend,   w->cross_sum, w->gradient, w->prior};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        free(reals[i]);
    free(w->column);
    free(w->same);
    free(w->big);
    arrow_free(&w->normal);
    free(w);
    free(g->beta);
    free(g->se);
    free(g->mu);
    free(g->eta);
    free(g);
}

size_t glm_parameters(const struct glm_design *d)
{
    size_t p = 1 + d->ncovariates;
    for (size_t f = 0; f < d->nfactors; f++)
        p += d->nlevels[f] - 1;
    return p;
}

/* --- setting up -------------------------------------------------------- */

static void reals_room(double **v, size_t n)
{
    *v = mem_resize(*v, n, sizeof **v);
}

static void rows_room(struct glm *g, size_t n)
{
    struct glm_work *w = g->work;
    if (n <= w->rows_room)
        return;
    double **const reals[] = {&w->y,        &w->offset, &w->eta, &w->mu,    &w->weight,
                              &w->residual, &g->mu,     &g->eta, &w->cross, &w->prior};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        reals_room(reals[i], n);
    reals_room(&w->x, n * GLM_COVARIATES);
    w->column = mem_resize(w->column, n * GLM_FACTORS, sizeof *w->column);
    w->big = mem_resize(w->big, n, sizeof *w->big);
    w->same = mem_resize(w->same, n, sizeof *w->same);
    w->rows_room = n;
}

static void columns_room(struct glm *g, size_t full)
{
    struct glm_work *w = g->work;
    if (full <= w->full_room)
        return;
    double **const reals[] = {&w->beta, &w->step,      &w->trial, &w->gradient,
                              &w->bend, &w->cross_sum, &g->beta,  &g->se};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        reals_room(reals[i], full);
    w->full_room = full;
}

/* Number the full columns, and the unknowns among them: the largest factor
 * first, then intercept, other factors, covariates. */
static void set_columns(struct glm *g, const struct glm_design *d)
{
    struct glm_work *w = g->work;
    struct arrow *a = &w->normal;
    size_t full = 1, largest = 0;
    assert(d->nfactors <= GLM_FACTORS && d->ncovariates <= GLM_COVARIATES);
    for (size_t f = 0; f < d->nfactors; f++) {
        w->base[f] = full;
        w->nlevels[f] = d->nlevels[f];
        full += d->nlevels[f];
        if (d->nlevels[f] > d->nlevels[largest])
            largest = f;
    }
    w->covariates = full;
    full += d->ncovariates;
    columns_room(g, full);
    arrow_resize(a, full);
    w->full = full;
    for (size_t l = 1; d->nfactors && l < d->nlevels[largest]; l++)
        a->unknown[a->n++] = (uint32_t)(w->base[largest] + l);
    a->diagonal = a->n;
    a->unknown[a->n++] = 0;
    for (size_t f = 0; f < d->nfactors; f++)
        for (size_t l = 1; f != largest && l < d->nlevels[f]; l++)
            a->unknown[a->n++] = (uint32_t)(w->base[f] + l);
    for (size_t c = 0; c < d->ncovariates; c++)
        a->unknown[a->n++] = (uint32_t)(w->covariates + c);
}

static void set_rows(struct glm_work *w, const double *y, const double *exposure,
                     const struct glm_design *d)
{
    size_t k = 0;
    uint32_t *first = w->big; /* row of the first of each lot of twins; filled later */
    w->nfactors = d->nfactors;
    w->ncovariates = d->ncovariates;
    w->width = d->ncovariates + d->ncovariates % 2;
    for (size_t i = 0; d->twin && i < d->n; i++)
        first[i] = UINT32_MAX;
    for (size_t i = 0; i < d->n; i++) {
        double prior = d->weight ? d->weight[i] : 1;
        if (!(exposure[i] > 0 && prior > 0))
            continue;
        w->y[k] = y[i];
        w->prior[k] = prior;
        w->offset[k] = exposure[i] == 1 ? 0 : log(exposure[i]);
        for (size_t f = 0; f < d->nfactors; f++) {
            assert(d->level[f][i] < d->nlevels[f]);
            w->column[k * d->nfactors + f] = (uint32_t)(w->base[f] + d->level[f][i]);
        }
        for (size_t c = 0; c < w->width; c++)
            w->x[k * w->width + c] = c < d->ncovariates ? d->covariate[c][i] : 0;
        w->same[k] = (uint32_t)k;
        if (d->twin && w->offset[k] == 0) {
            uint32_t *of = &first[d->twin[i]];
            *of = *of == UINT32_MAX ? (uint32_t)k : *of;
            w->same[k] = *of;
        }
        k++;
    }
    w->rows = k;
}

static void set_table(struct glm_work *w)
{
    memset(w->exceed, 0, w->top * sizeof *w->exceed);
    w->top = w->nbig = 0;
    for (size_t i = 0; i < w->rows; i++) {
        double y = w->y[i];
        size_t whole = y < TABLE ? (size_t)y : TABLE;
        if (whole == TABLE || (double)whole != y) {
            w->big[w->nbig++] = (uint32_t)i;
        } else if (whole > 0) {
            w->exceed[whole - 1] += w->prior[i];
            w->top = whole > w->top ? whole : w->top;
        }
    }
    for (size_t j = w->top; j > 1; j--)
        w->exceed[j - 2] += w->exceed[j - 1];
}

/* --- the log-likelihood at one point ----------------------------------- */

static void predict(struct glm_work *w, const double *beta)
{
    const double *slopes = beta + w->covariates;
    for (size_t i = 0; i < w->rows; i++) {
        const uint32_t *column = w->column + i * w->nfactors;
        const double *x = w->x + i * w->width;
        size_t same = w->same[i];
        if (same < i) {
            w->eta[i] = w->eta[same];
            w->mu[i] = w->mu[same];
            continue;
        }
        double eta = w->offset[i] + beta[0];
        for (size_t f = 0; f < w->nfactors; f++)
            eta += beta[column[f]];
        for (size_t c = 0; c < w->ncovariates; c++)
            eta += x[c] * slopes[c];
        w->eta[i] = eta;
        w->mu[i] = exp(eta);
    }
}

static void look_poisson(struct glm_work *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->rows; i++) {
        double prior = w->prior[i];
        sum += prior * (w->y[i] * w->eta[i] - w->mu[i]);
        w->weight[i] = prior * w->mu[i];
        w->residual[i] = prior * (w->y[i] - w->mu[i]);
        w->cross[i] = 0;
    }
    w->objective = sum;
    w->slope = w->curvature = 0;
}

/* log1p is three times slower than log, and needed for small v only. */
static double log_one_plus(double v)
{
    return v > .01 ? log(1 + v) : log1p(v);
}

/* lnGamma(y + theta) - lnGamma(theta) - y ln theta over all rows, and its first
 * and second derivative in theta apart from the last term. */
static void gammas(const struct glm_work *w, double theta, double ret[3])
{
    double value = 0, first = 0, second = 0;
    for (size_t j = 0; j < w->top; j++) {
        double r = 1 / (theta + (double)j), n = w->exceed[j];
        value += n * log_one_plus((double)j / theta);
        first += n * r;
        second -= n * r * r;
    }
    for (size_t b = 0; b < w->nbig; b++) {
        double y = w->y[w->big[b]], n = w->prior[w->big[b]];
        int sign;
        value += n * (lgamma_r(y + theta, &sign) - lgamma_r(theta, &sign) - y * log(theta));
        first += n * (gsl_sf_psi(y + theta) - gsl_sf_psi(theta));
        second += n * (gsl_sf_psi_1(y + theta) - gsl_sf_psi_1(theta));
    }
    ret[0] = value, ret[1] = first, ret[2] = second;
}

/* Weights are those of the observed information, which is positive for this
 * law too, so that the steps are Newton's. s = theta / (theta + mu). */
static void look_negbin(struct glm_work *w)
{
    double theta = exp(w->log_theta), inverse = 1 / theta, gamma[3];
    gammas(w, theta, gamma);
    double sum = gamma[0], first = gamma[1], second = gamma[2];
    for (size_t i = 0; i < w->rows; i++) {
        double y = w->y[i], mu = w->mu[i], v = mu * inverse, s = 1 / (1 + v);
        double log_v = log_one_plus(v), prior = w->prior[i], off = prior * (y - mu) * s;
        sum += prior * (y * w->eta[i] - (y + theta) * log_v);
        first -= off * inverse + prior * log_v;
        second += (prior * mu + off) * s * inverse * inverse;
        w->weight[i] = prior * mu * s * s * (1 + y * inverse);
        w->residual[i] = off;
        w->cross[i] = off * (1 - s);
    }
    w->objective = sum;
    w->slope = theta * first;
    w->curvature = theta * (theta * second + first);
    w->second_theta = second;
}

static void look(struct glm_work *w, const double *beta, enum glm_family family)
{
    predict(w, beta);
    if (family == GLM_POISSON)
        look_poisson(w);
    else
        look_negbin(w);
    for (size_t k = 0; w->ridge && k < w->full; k++)
        w->objective -= k ? .5 * penalty * beta[k] * beta[k] : 0;
}

/* --- the normal equations ---------------------------------------------- */

/* All but the covariates among themselves. */
static void add_rows(struct glm_work *w)
{
    size_t full = w->full, nf = w->nfactors, nc = w->ncovariates;
    double *normal = w->normal.whole, *gradient = w->gradient, *cross = w->cross_sum;
    double weights = 0, residuals = 0, crosses = 0;
    for (size_t i = 0; i < w->rows; i++) {
        const uint32_t *column = w->column + i * nf;
        const double *x = w->x + i * w->width;
        double a = w->weight[i], r = w->residual[i], b = w->cross[i];
        weights += a;
        residuals += r;
        crosses += b;
        for (size_t f = 0; f < nf; f++) {
            double *line = normal + column[f] * full;
            gradient[column[f]] += r;
            cross[column[f]] += b;
            line[column[f]] += a;
            for (size_t h = 0; h < f; h++)
                line[column[h]] += a;
        }
        for (size_t c = 0; nf && c < nc; c++)
            for (size_t f = 0; f < nf; f++)
                normal[(w->covariates + c) * full + column[f]] += a * x[c];
    }
    normal[0] = weights;
    gradient[0] = residuals;
    cross[0] = crosses;
}

/* Sums over rows of what a row's covariates add, two columns at once: most of the work. */
struct covariate_sums {
    double gradient[GLM_COVARIATES], cross[GLM_COVARIATES], intercept[GLM_COVARIATES];
    double among[GLM_COVARIATES][GLM_COVARIATES]; /* lower half, and one column more */
};

static void add_pair(double *restrict sum, double by, const double *restrict x)
{
    sum[0] += by * x[0];
    sum[1] += by * x[1];
}

static void add_covariates(struct glm_work *w)
{
    struct covariate_sums sum = {0};
    for (size_t i = 0; i < w->rows; i++) {
        const double *x = w->x + i * w->width;
        for (size_t e = 0; e < w->width; e += 2) {
            add_pair(sum.gradient + e, w->residual[i], x + e);
            add_pair(sum.cross + e, w->cross[i], x + e);
            add_pair(sum.intercept + e, w->weight[i], x + e);
        }
        for (size_t c = 0; c < w->ncovariates; c++)
            for (size_t e = 0; e <= c; e += 2)
                add_pair(sum.among[c] + e, w->weight[i] * x[c], x + e);
    }
    for (size_t c = 0; c < w->ncovariates; c++) {
        size_t k = w->covariates + c;
        w->gradient[k] = sum.gradient[c];
        w->cross_sum[k] = sum.cross[c];
        w->normal.whole[k * w->full] = sum.intercept[c];
        memcpy(w->normal.whole + k * w->full + w->covariates, sum.among[c],
               (c + 1) * sizeof *sum.among[c]);
    }
}

static void set_equations(struct glm_work *w, const double *beta)
{
    size_t full = w->full;
    memset(w->normal.whole, 0, full * full * sizeof *w->normal.whole);
    memset(w->gradient, 0, full * sizeof *w->gradient);
    memset(w->cross_sum, 0, full * sizeof *w->cross_sum);
    add_rows(w);
    if (w->ncovariates)
        add_covariates(w);
    for (size_t k = 1; k < w->covariates; k++) /* a level meets the intercept always */
        w->normal.whole[k * full] = w->normal.whole[k * full + k];
    for (size_t k = 1; w->ridge && k < full; k++) {
        w->normal.whole[k * full + k] += penalty;
        w->gradient[k] -= penalty * beta[k];
    }
}

/* --- the iteration ----------------------------------------------------- */

/* Newton's step of ln theta alone. Near the Poisson law the log-likelihood is close to
 * a parabola in 1/theta and the maximum may lie at 0 or beyond; so the step is
 * taken on that scale there. */
static double theta_step(const struct glm_work *w)
{
    double to = w->curvature < 0 ? w->log_theta - w->slope / w->curvature
                                 : w->log_theta + (w->slope > 0 ? 1 : -1);
    if (w->log_theta > 3 && w->curvature + w->slope < 0) {
        double share = w->slope / (w->curvature + w->slope); /* change of 1/theta */
        to = share > -1 ? w->log_theta - log1p(share) : highest;
    }
    to = fmax(to, w->log_theta - 2);
    return fmin(fmax(to, lowest), highest) - w->log_theta;
}

/* The step of ln theta, and that of the coefficients changed to fit it: Newton's
 * in both where the log-likelihood bends down and the step is short, else each
 * alone. */
static double joint_step(struct glm_work *w)
{
    arrow_solve(&w->normal, w->cross_sum, w->bend);
    double stiffness = -w->curvature - arrow_dot(&w->normal, w->cross_sum, w->bend);
    double d = (w->slope + arrow_dot(&w->normal, w->cross_sum, w->step)) / stiffness,
           to = w->log_theta + d;
    if (!(stiffness > 0) || fabs(d) > .5 || to < lowest || to > highest)
        return theta_step(w);
    for (size_t k = 0; k < w->full; k++)
        w->step[k] += d * w->bend[k];
    return d;
}

/* Go the step, or half of it, or ... until the objective does not fall. */
static bool advance(struct glm_work *w, enum glm_family family, double dlog_theta)
{
    double before = w->objective, from = w->log_theta, part = 1;
    for (int h = 0; h < HALVINGS; h++, part /= 2) {
        for (size_t k = 0; k < w->full; k++)
            w->trial[k] = w->beta[k] + part * w->step[k];
        w->log_theta = from + part * dlog_theta;
        look(w, w->trial, family);
        if (w->objective >= before - rounding * (fabs(before) + .1)) {
            double *old = w->beta;
            w->beta = w->trial;
            w->trial = old;
            return true;
        }
    }
    return false;
}

/* Returns the iterations used; 0: singular, -1: no convergence. */
static int iterate(struct glm_work *w, enum glm_family family)
{
    look(w, w->beta, family);
    for (int i = 1; i <= ITERATIONS; i++) {
        set_equations(w, w->beta);
        if (!arrow_factor(&w->normal))
            return 0;
        arrow_solve(&w->normal, w->gradient, w->step);
        double dlog_theta = family == GLM_NEGBIN && !w->fixed ? joint_step(w) : 0;
        double gain =
            .5 * (arrow_dot(&w->normal, w->step, w->gradient) + w->slope * dlog_theta);
        if (!advance(w, family, dlog_theta))
            return -1;
        if (gain <= enough * (fabs(w->objective) + .1))
            return i;
    }
    return -1;
}

static double moment_log_theta(struct glm_work *w)
{
    double squares = 0, excess = 0;
    predict(w, w->beta);
    for (size_t i = 0; i < w->rows; i++) {
        double off = w->y[i] - w->mu[i];
        squares += w->mu[i] * w->mu[i];
        excess += off * off - w->mu[i];
    }
    return excess > 0 ? fmin(fmax(log(squares / excess), lowest), highest) : highest;
}

/* Start from the rates of the levels, as if factors did not overlap (half an event
 * more each, so that none is 0), and theta from the moments about that. */
static void set_start(struct glm_work *w, double log_rate, enum glm_family family)
{
    double *events = w->gradient, *expected = w->step;
    memset(events, 0, w->full * sizeof *events);
    memset(expected, 0, w->full * sizeof *expected);
    double even = exp(log_rate);
    for (size_t i = 0; w->nfactors && i < w->rows; i++) {
        double mu = w->offset[i] == 0 ? even : exp(w->offset[i] + log_rate);
        for (size_t f = 0; f < w->nfactors; f++) {
            events[w->column[i * w->nfactors + f]] += w->y[i];
            expected[w->column[i * w->nfactors + f]] += mu;
        }
    }
    memset(w->beta, 0, w->full * sizeof *w->beta);
    w->beta[0] = log_rate;
    for (size_t f = 0; f < w->nfactors; f++) {
        const size_t first = w->base[f];
        for (size_t l = 0; l < w->nlevels[f]; l++)
            w->beta[first + l] = log((events[first + l] + .5) / (expected[first + l] + .5));
        w->beta[0] += w->beta[first];
        for (size_t l = w->nlevels[f]; l-- > 0;)
            w->beta[first + l] -= w->beta[first];
    }
    w->log_theta = family == GLM_NEGBIN ? moment_log_theta(w) : highest;
}

/* Does some level have no event, or no row? */
static bool has_empty_level(const struct glm_work *w)
{
    double *events = w->trial;
    memset(events, 0, w->full * sizeof *events);
    for (size_t i = 0; i < w->rows; i++)
        for (size_t f = 0; f < w->nfactors; f++)
            events[w->column[i * w->nfactors + f]] += w->y[i];
    for (size_t k = 1; k < w->covariates; k++)
        if (events[k] == 0)
            return true;
    return false;
}

/* --- results ----------------------------------------------------------- */

/* Leave the Fisher information X'WX factored; false when it is singular. */
static bool factor_information(struct glm_work *w, double theta)
{
    double inverse = isinf(theta) ? 0 : 1 / theta;
    for (size_t i = 0; i < w->rows; i++)
        w->weight[i] = w->prior[i] * w->mu[i] / (1 + w->mu[i] * inverse);
    set_equations(w, w->beta);
    return arrow_factor(&w->normal);
}

static void standard_errors(struct glm *g, double *ret_se)
{
    struct glm_work *w = g->work;
    bool regular = factor_information(w, g->theta);
    arrow_inverse_diagonal(&w->normal, ret_se);
    for (size_t k = 0; k < w->full; k++)
        ret_se[k] = regular ? sqrt(ret_se[k]) : NAN;
}

/* Full columns to parameters: the reference levels go. */
static void gather(const struct glm_work *w, const struct glm_design *d, const double *full,
                   double *ret)
{
    size_t p = 0;
    ret[p++] = full[0];
    for (size_t f = 0; f < d->nfactors; f++)
        for (size_t l = 1; l < d->nlevels[f]; l++)
            ret[p++] = full[w->base[f] + l];
    for (size_t c = 0; c < d->ncovariates; c++)
        ret[p++] = full[w->covariates + c];
}

static void all_rows(struct glm *g, const double *exposure, const struct glm_design *d)
{
    const struct glm_work *w = g->work;
    for (size_t i = 0; i < d->n; i++) {
        double eta = w->beta[0];
        for (size_t f = 0; f < d->nfactors; f++)
            eta += w->beta[w->base[f] + d->level[f][i]];
        for (size_t c = 0; c < d->ncovariates; c++)
            eta += w->beta[w->covariates + c] * d->covariate[c][i];
        g->eta[i] = eta;
        g->mu[i] = 0;
    }
    for (size_t i = 0, k = 0; i < d->n; i++)
        if (exposure[i] > 0 && (!d->weight || d->weight[i] > 0))
            g->mu[i] = w->mu[k++];
}

/* sum of lnGamma(y + 1) */
static double log_factorials(const struct glm_work *w)
{
    double sum = 0;
    int sign;
    for (size_t j = 1; j < w->top; j++)
        sum += w->exceed[j] * log((double)j + 1);
    for (size_t b = 0; b < w->nbig; b++)
        sum += w->prior[w->big[b]] * lgamma_r(w->y[w->big[b]] + 1, &sign);
    return sum;
}

/* ln((y + theta) / (mu + theta)), with digits both near 0 and far below it. */
static double log_ratio(double y, double mu, double theta)
{
    double off = (y - mu) / (mu + theta);
    return off < -.5 ? log((y + theta) / (mu + theta)) : log1p(off);
}

static double log_likelihood(const struct glm_work *w)
{
    double penalties = 0;
    for (size_t k = 1; w->ridge && k < w->full; k++)
        penalties += .5 * penalty * w->beta[k] * w->beta[k];
    return w->objective + penalties - log_factorials(w);
}

static void fit_quality(struct glm *g)
{
    const struct glm_work *w = g->work;
    double deviance = 0, pearson = 0, theta = g->theta;
    double inverse = isinf(theta) ? 0 : 1 / theta;
    for (size_t i = 0; i < w->rows; i++) {
        double y = w->y[i], mu = w->mu[i], off = y - mu;
        double part = y > 0 ? y * (log(y) - w->eta[i]) : 0;
        part -= isinf(theta) ? off : (y + theta) * log_ratio(y, mu, theta);
        deviance += 2 * w->prior[i] * part;
        pearson += w->prior[i] * off * off / (mu + mu * mu * inverse);
    }
    g->deviance = deviance;
    g->pearson = pearson;
}

static int check(const struct glm_work *w, double *ret_log_rate, struct err *err)
{
    double events = 0, exposure = 0;
    for (size_t i = 0; i < w->rows; i++) {
        events += w->y[i];
        exposure += w->offset[i] == 0 ? 1 : exp(w->offset[i]);
    }
    if (w->rows == 0)
        return err_set(err, ERR_DEGENERATE,
                       "regression: expected rows with exposure, found none");
    if (!(events > 0))
        return err_set(err, ERR_DEGENERATE,
                       "regression: expected an event, found none in %zu rows", w->rows);
    if (w->rows < w->normal.n)
        return err_set(err, ERR_DEGENERATE,
                       "regression: expected %zu rows or more for %zu parameters, found %zu",
                       w->normal.n, w->normal.n, w->rows);
    *ret_log_rate = log(events / exposure);
    return 0;
}

/* Read the data and start; *ret_log_rate is that of all rows together. */
static int open_fit(struct glm *g, const double *y, const double *exposure,
                    const struct glm_design *d, double *ret_log_rate, struct err *err)
{
    struct glm_work *w = g->work;
    rows_room(g, d->n);
    set_columns(g, d);
    set_rows(w, y, exposure, d);
    if (check(w, ret_log_rate, err) < 0)
        return ERR_DEGENERATE;
    set_table(w);
    w->ridge = has_empty_level(w);
    w->fixed = false;
    return 0;
}

static void close_fit(struct glm *g, const double *exposure, const struct glm_design *d,
                      enum glm_family family, int iterations)
{
    struct glm_work *w = g->work;
    bool negbin = family == GLM_NEGBIN, free_theta = negbin && !w->fixed;
    g->family = family;
    g->n = d->n, g->p = w->normal.n, g->used = w->rows;
    g->iterations = iterations;
    g->ridge = w->ridge;
    g->theta = negbin ? exp(w->log_theta) : INFINITY;
    g->theta_se = free_theta && w->second_theta < 0 ? 1 / sqrt(-w->second_theta)
                  : w->fixed                        ? NAN
                                                    : INFINITY;
    g->poisson_limit = negbin && w->log_theta >= highest;
    all_rows(g, exposure, d);
    gather(w, d, w->beta, g->beta);
    g->loglik = log_likelihood(w);
    if (d->bare)
        return;
    fit_quality(g);
    standard_errors(g, w->trial);
    gather(w, d, w->trial, g->se);
}

/* From a fresh start; ln theta is held at log_theta unless that is NAN. */
static int run_fit(struct glm_work *w, double log_rate, enum glm_family family,
                   double log_theta, struct err *err)
{
    for (int again = 0; again < 2; again++) {
        set_start(w, log_rate, family);
        w->fixed = !isnan(log_theta);
        if (w->fixed)
            w->log_theta = log_theta;
        int iterations = iterate(w, family);
        if (iterations > 0)
            return iterations;
        if (iterations < 0 || w->ridge)
            break;
        w->ridge = true; /* columns that depend on each other */
    }
    return err_set(err, ERR_DEGENERATE,
                   "regression: expected convergence within %d iterations, found none",
                   (int)ITERATIONS);
}

int glm_fit(struct glm *g, const double *y, const double *exposure, const struct glm_design *d,
            enum glm_family family, struct err *err)
{
    double log_rate = 0;
    if (open_fit(g, y, exposure, d, &log_rate, err) < 0)
        return ERR_DEGENERATE;
    int iterations = run_fit(g->work, log_rate, family, NAN, err);
    if (iterations < 0)
        return ERR_DEGENERATE;
    close_fit(g, exposure, d, family, iterations);
    return 0;
}

int glm_fit_theta(struct glm *g, const double *y, const double *exposure,
                  const struct glm_design *d, double theta, struct err *err)
{
    double log_rate = 0;
    if (open_fit(g, y, exposure, d, &log_rate, err) < 0)
        return ERR_DEGENERATE;
    int iterations =
        run_fit(g->work, log_rate, GLM_NEGBIN, fmin(fmax(log(theta), lowest), highest), err);
    if (iterations < 0)
        return ERR_DEGENERATE;
    close_fit(g, exposure, d, GLM_NEGBIN, iterations);
    return 0;
}

double glm_adjusted_loglik(const struct glm *g)
{
    return g->loglik - .5 * arrow_log_det(&g->work->normal);
}

double glm_adjusted_at(struct glm *g, double theta)
{
    struct glm_work *w = g->work;
    w->log_theta = fmin(fmax(log(theta), lowest), highest);
    look(w, w->beta, GLM_NEGBIN);
    return factor_information(w, theta) ? w->objective - .5 * arrow_log_det(&w->normal)
                                        : -INFINITY;
}

/* --- rows of the information's inverse ------------------------------------------ */

void glm_leverage(const struct glm *g, double *ret)
{
    struct glm_work *w = g->work;
    double *x = w->trial, inverse = isinf(g->theta) ? 0 : 1 / g->theta;
    size_t k = 0;
    for (size_t i = 0; i < g->n; i++) {
        ret[i] = 0;
        if (!(g->mu[i] > 0))
            continue;
        memset(x, 0, w->full * sizeof *x);
        x[0] = 1;
        for (size_t f = 0; f < w->nfactors; f++)
            x[w->column[k * w->nfactors + f]] = 1;
        for (size_t c = 0; c < w->ncovariates; c++)
            x[w->covariates + c] = w->x[k * w->width + c];
        ret[i] = w->prior[k] * g->mu[i] / (1 + g->mu[i] * inverse) *
                 arrow_inverse_form(&w->normal, x);
        k++;
    }
}

double glm_predictor_se(const struct glm *g, const uint16_t *level, const double *covariate)
{
    struct glm_work *w = g->work;
    double *x = w->trial;
    memset(x, 0, w->full * sizeof *x);
    x[0] = 1;
    for (size_t f = 0; f < w->nfactors; f++)
        x[w->base[f] + level[f]] = 1;
    for (size_t c = 0; c < w->ncovariates; c++)
        x[w->covariates + c] = covariate[c];
    return sqrt(arrow_inverse_form(&w->normal, x));
}

double glm_aic(const struct glm *g)
{
    return -2 * g->loglik + 2. * (double)(g->p + (g->family == GLM_NEGBIN));
}

double glm_bic(const struct glm *g)
{
    return -2 * g->loglik + log((double)g->used) * (double)(g->p + (g->family == GLM_NEGBIN));
}
