/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/adjust.h"

#include <float.h>
#include <stdlib.h>

#include <gsl/gsl_linalg.h>

#include "base/mem.h"

static const double RIDGE = 1e-10;

/* Column of the i-th number that is given, or that is not. */
static size_t column(const struct adjust *a, bool given, size_t i)
{
    size_t at = 0;
    for (; a->given[at] != given || i-- > 0; at++)
        continue;
    return at;
}

static double covariance(const double *x, size_t n, size_t d, const double *mean, size_t i,
                         size_t j)
{
    double sum = 0;
    for (size_t r = 0; r < n; r++)
        sum += (x[r * d + i] - mean[i]) * (x[r * d + j] - mean[j]);
    return sum / (double)n;
}

static void fill_slopes(struct adjust *a, const double *x, size_t n, const double *mean)
{
    gsl_matrix *c = gsl_matrix_alloc(a->ngiven, a->ngiven);
    for (size_t i = 0; i < a->ngiven; i++)
        for (size_t j = 0; j <= i; j++) {
            size_t gi = column(a, true, i), gj = column(a, true, j);
            double v = covariance(x, n, a->d, mean, gi, gj);
            gsl_matrix_set(c, i, j, i == j ? v * (1 + RIDGE) + DBL_MIN : v);
        }
    gsl_linalg_cholesky_decomp1(c); /* positive definite, for the ridge */
    for (size_t k = 0; k < a->d - a->ngiven; k++) {
        gsl_vector_view v = gsl_vector_view_array(a->slope + k * a->ngiven, a->ngiven);
        for (size_t i = 0; i < a->ngiven; i++)
            gsl_vector_set(
                &v.vector, i,
                covariance(x, n, a->d, mean, column(a, false, k), column(a, true, i)));
        gsl_linalg_cholesky_svx(c, &v.vector);
    }
    gsl_matrix_free(c);
}

void adjust_fit(struct adjust *a, const double *x, size_t n, size_t d, const bool *given)
{
    *a = (struct adjust){.d = d, .given = given};
    double *mean = mem_zero(d, sizeof *mean);
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < d; i++)
            mean[i] += x[r * d + i] / (double)n;
    for (size_t i = 0; i < d; i++)
        a->ngiven += given[i];
    a->slope = mem_zero((d - a->ngiven) * a->ngiven + 1, sizeof *a->slope);
    if (a->ngiven)
        fill_slopes(a, x, n, mean);
    free(mean);
}

void adjust_free(struct adjust *a)
{
    free(a->slope);
    *a = (struct adjust){0};
}

void adjust_row(const struct adjust *a, const double *row, const double *at, double *ret)
{
    const double *slope = a->slope;
    for (size_t i = 0, k = 0; i < a->d; i++) {
        if (a->given[i])
            continue;
        double v = row[i];
        for (size_t j = 0; j < a->d; j++)
            if (a->given[j])
                v -= *slope++ * (row[j] - at[j]);
        ret[k++] = v;
    }
}
