/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/evalue.h"

#include <math.h>

#include <gsl/gsl_sf_gamma.h>

#include "stats/multi.h"
#include "stats/tail.h"

double log_e_rate(uint64_t n, double lambda0, double shape, double rate)
{
    double more = shape + (double)n;
    return lambda0 + shape * log(rate) + gsl_sf_lngamma(more) - gsl_sf_lngamma(shape) -
           more * log(rate + lambda0);
}

double log_e_of_p(double log_p, double kappa)
{
    return log(kappa) + (kappa - 1) * log_p;
}

double log_e_mean(const double *log_e, size_t n)
{
    double sum = -INFINITY;
    for (size_t i = 0; i < n; i++)
        sum = log_add(sum, log_e[i]);
    return sum - log((double)n);
}

void e_bh(const double *log_e, size_t n, double *ret_log_q)
{
    for (size_t i = 0; i < n; i++)
        ret_log_q[i] = fmin(0, -log_e[i]) + (isnan(log_e[i]) ? NAN : 0);
    correction_find("bh")->adjust(ret_log_q, n, ret_log_q);
}
