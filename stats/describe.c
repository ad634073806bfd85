/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/describe.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "base/mem.h"
#include "stats/order.h"

struct describe_rita describe_rita(const double *gaps, size_t m)
{
    struct describe_rita r = {NAN, NAN, NAN};
    if (m < 3)
        return r;
    double *v = mem_alloc(m * sizeof *v);
    memcpy(v, gaps, m * sizeof *v);
    double low = order_quantile(v, m, .25), middle = order_quantile(v, m, .5),
           high = order_quantile(v, m, .75);
    bool flat = high - low < 10 || middle <= low || middle >= high;
    for (size_t i = 0; i < m; i++)
        v[i] = fabs(gaps[i] - middle);
    double mad = order_quantile(v, m, .5);
    free(v);
    r.skew = 1 - (flat ? 0 : fabs((low + high - 2 * middle) / (high - low)));
    r.mad = middle > 0 ? fmax(0, 1 - mad / middle) : 0;
    r.score = (r.skew + r.mad) / 2;
    return r;
}

struct describe_rita describe_rita_cache(double load)
{
    double skew = 1 - log(4 / 3.) / log(3), mad = 1 - asinh(.5) / (load + M_LN2);
    return (struct describe_rita){skew, mad, (skew + mad) / 2};
}

double describe_lag1(const double *gaps, size_t m)
{
    if (m < 3)
        return NAN;
    double *work = mem_alloc(2 * m * sizeof *work);
    double r = gsl_stats_spearman(gaps, 1, gaps + 1, 1, m - 1, work);
    free(work);
    return r;
}

double describe_fano(const double *count, size_t n)
{
    double mean = n > 1 ? gsl_stats_mean(count, 1, n) : 0;
    return mean > 0 ? gsl_stats_variance_m(count, 1, n, mean) / mean : NAN;
}

double describe_allan(const double *count, size_t n)
{
    double mean = n > 1 ? gsl_stats_mean(count, 1, n) : 0, square = 0;
    for (size_t i = 0; i + 1 < n; i++)
        square += (count[i + 1] - count[i]) * (count[i + 1] - count[i]);
    return mean > 0 ? square / (double)(n - 1) / (2 * mean) : NAN;
}
