/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effective.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_eigen.h>

#include "base/mem.h"
#include "stats/order.h"
#include "stats/tail.h"

static double bounded(double looks, size_t n)
{
    return fmin(fmax(looks, 1), (double)n);
}

double effective_of_correlation(double *correlation, size_t n)
{
    static const double rounding = 1e-9;
    gsl_matrix_view matrix = gsl_matrix_view_array(correlation, n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
    gsl_eigen_symm(&matrix.matrix, values, work);
    double looks = 0;
    for (size_t i = 0; i < n; i++) {
        double x = fabs(gsl_vector_get(values, i)) + rounding; /* 2 must not be 1.99.. */
        looks += (x >= 1) + fmax(0, x - floor(x) - rounding);
    }
    gsl_eigen_symm_free(work);
    gsl_vector_free(values);
    return bounded(looks, n);
}

/* Normal scores of p, each test's with mean 0 and sum of squares 1; a test that is the same in
 * every replicate has scores 0. */
static double *scores_of(const double *null, size_t n, size_t m)
{
    double *z = mem_alloc((n * m + 1) * sizeof *z), most = log1p(-.5 / (double)m);
    for (size_t j = 0; j < n; j++) {
        double mean = 0, squares = 0;
        for (size_t r = 0; r < m; r++) {
            z[r * n + j] = normal_log_quantile(fmin(-null[r * n + j], most));
            mean += z[r * n + j] / (double)m;
        }
        for (size_t r = 0; r < m; r++) {
            z[r * n + j] -= mean;
            squares += z[r * n + j] * z[r * n + j];
        }
        for (size_t r = 0; r < m; r++)
            z[r * n + j] = squares > 1e-12 ? z[r * n + j] / sqrt(squares) : 0;
    }
    return z;
}

double effective_li_ji(const double *null, size_t n, size_t m)
{
    if (n < 2 || m < 2)
        return (double)n;
    double *z = scores_of(null, n, m), *c = mem_zero(n * n, sizeof *c);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t r = 0; i != j && r < m; r++)
                c[i * n + j] += z[r * n + i] * z[r * n + j];
    for (size_t i = 0; i < n; i++)
        c[i * n + i] = 1;
    double looks = effective_of_correlation(c, n);
    free(c);
    free(z);
    return looks;
}

double effective_replicates(const double *null, size_t n, size_t m)
{
    static const double level = .05;
    if (n < 2 || m < 2)
        return (double)n;
    double *most = mem_alloc(m * sizeof *most);
    for (size_t r = 0; r < m; r++) {
        most[r] = -INFINITY;
        for (size_t j = 0; j < n; j++)
            most[r] = fmax(most[r], null[r * n + j]);
    }
    double at = order_quantile(most, m, 1 - level);
    free(most);
    return bounded(log1p(-level) / log1m_exp(-fmax(at, 0)), n);
}
