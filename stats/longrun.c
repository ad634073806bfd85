/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/longrun.h"

#include <math.h>
#include <stddef.h>

#include <gsl/gsl_sf_gamma.h>

enum { K_MAX = 32, REACH = 60 };
static const double FAR = -32; /* ln of n/k! below which runs do not meet: 1e-14 of p */

static double q_of(const double *u, size_t n, size_t back)
{
    return back > n ? 0 : 1 - u[n - back];
}

/* u[m] = 1 - q_m for m to n. */
static void sum_up(double *u, size_t k, size_t n)
{
    u[0] = 0;
    for (size_t m = 1; m <= n; m++) {
        u[m] = u[m - 1];
        for (size_t at = k; at <= m && at < 170; at += k)
            u[m] += q_of(u, m, at) / gsl_sf_fact((unsigned)at) -
                    q_of(u, m, at + 1) / gsl_sf_fact((unsigned)at + 1);
    }
}

double longrun_log_upper(uint64_t k, uint64_t n)
{
    if (k <= 1)
        return n ? 0 : -INFINITY;
    if (k > n)
        return -INFINITY;
    double dk = (double)k, dn = (double)n, log_one = -gsl_sf_lngamma(dk + 1);
    if (k > K_MAX ||
        log(dn) + log_one < FAR) /* n - k + 1 places, less those that follow one another */
        return log(1 + (dn - dk) * dk / (dk + 1)) + log_one;
    double u[REACH * K_MAX + 1] = {0};
    size_t m = n < REACH * k ? (size_t)n : REACH * (size_t)k;
    sum_up(u, (size_t)k, m);
    double q = 1 - u[m];
    if (m == n)
        return fmin(0, log(u[m]));
    if (q < 1e-9) /* and less from here on */
        return 0;
    double log_ratio = log1p(-(u[m] - u[m - 1]) / (1 - u[m - 1]));
    return log(-expm1(log1p(-u[m]) + (dn - (double)m) * log_ratio));
}
