/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/tscan.h"

#include <math.h>

#include "stats/tail.h"

static double llr(double c, double m, double all)
{
    if (!(c > m))
        return 0;
    double rest = all - c;
    return c * log(c / m) + (rest > 0 ? rest * log(rest / (all - m)) : 0);
}

void tscan(struct tscan_best *ret, const double *y, const double *mu, size_t n,
           const size_t *lengths, size_t nlengths, double *work)
{
    double *cy = work, *cm = work + n + 1;
    cy[0] = cm[0] = 0;
    for (size_t i = 0; i < n; i++) {
        cy[i + 1] = cy[i] + y[i];
        cm[i + 1] = cm[i] + mu[i];
    }
    double scale = cy[n] / cm[n];
    *ret = (struct tscan_best){0};
    for (size_t k = 0; k < nlengths; k++)
        for (size_t from = 0; from + lengths[k] <= n; from++) {
            size_t to = from + lengths[k];
            double c = cy[to] - cy[from], m = scale * (cm[to] - cm[from]);
            double value = llr(c, m, cy[n]);
            if (value > ret->llr)
                *ret = (struct tscan_best){value, from, to, c, m};
        }
}

size_t tscan_geometric(size_t most, size_t ret[TSCAN_LENGTHS])
{
    size_t n = 0, last = 0;
    for (double x = 1; n < TSCAN_LENGTHS && (size_t)lround(x) <= most; x *= M_SQRT2)
        if ((size_t)lround(x) > last)
            ret[n++] = last = (size_t)lround(x);
    return n;
}

double tscan_naus_log_upper(uint64_t k, uint64_t n, double w)
{
    double factor = (double)k / w - (double)n - 1;
    double upper = M_LN2 + binomial_log_upper(k, n, w);
    double p = factor > 0 ? log_add(log(factor) + binomial_logpmf(k, n, w), upper) : upper;
    return fmin(0, p);
}
