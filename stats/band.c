/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "base/mem.h"

enum { HALVINGS = 30 };

/* P(k points so far, no bound crossed), moved on by a time in which `mean` are expected. */
static void move(double *p, double *jump, size_t n, double mean)
{
    for (size_t j = 0; j <= n; j++)
        jump[j] = gsl_ran_poisson_pdf((unsigned)j, mean);
    for (size_t k = n + 1; k-- > 0;) {
        double sum = 0;
        for (size_t j = 0; j <= k; j++)
            sum += p[k - j] * jump[j];
        p[k] = sum;
    }
}

double band_inside(const double *lo, const double *hi, size_t n)
{
    double *p = mem_zero(2 * n + 2, sizeof *p), *jump = p + n + 1, now = 0;
    size_t a = 0, b = 0; /* bounds passed: U(a) may have come, U(b) must have */
    p[0] = 1;
    while (a < n || b < n) {
        double next = a < n ? fmin(lo[a], hi[b]) : hi[b];
        if (next > now)
            move(p, jump, n, (double)n * (next - now));
        now = next;
        for (; a < n && lo[a] <= now; a++) /* before lo[a] at most a points */
            memset(p + a + 1, 0, (n - a) * sizeof *p);
        for (; b < n && hi[b] <= now; b++)
            p[b] = 0; /* at hi[b] at least b + 1 */
    }
    if (now < 1)
        move(p, jump, n, (double)n * (1 - now));
    double inside = p[n] / gsl_ran_poisson_pdf((unsigned)n, (double)n);
    free(p);
    return inside;
}

double band_uniform(size_t n, double level, double *ret_lo, double *ret_hi)
{
    double few = 0, many = 1 - level; /* eta: for one point, for all of them alike */
    for (int step = 0; step < HALVINGS; step++) {
        double eta = (few + many) / 2;
        for (size_t i = 0; i < n; i++) {
            ret_lo[i] = gsl_cdf_beta_Pinv(eta / 2, (double)i + 1, (double)(n - i));
            ret_hi[i] = gsl_cdf_beta_Qinv(eta / 2, (double)i + 1, (double)(n - i));
        }
        *(band_inside(ret_lo, ret_hi, n) > level ? &few : &many) = eta;
    }
    return (few + many) / 2;
}
