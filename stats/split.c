/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/split.h"

#include <math.h>

static double term(double count, double exposure)
{
    return count > 0 ? count * log(count / exposure) : 0;
}

static double lr_of(double a, double ea, double b, double eb)
{
    if (!(ea > 0) || !(eb > 0))
        return NAN;
    return fmax(0, 2 * (term(a, ea) + term(b, eb) - term(a + b, ea + eb)));
}

static void sums(const double *y, const double *e, size_t n, double *ret_y, double *ret_e)
{
    *ret_y = *ret_e = 0;
    for (size_t i = 0; i < n; i++) {
        *ret_y += y[i];
        *ret_e += e[i];
    }
}

double split_lr(const double *y, const double *e, size_t n, size_t at)
{
    double a, ea, b, eb;
    sums(y, e, at, &a, &ea);
    sums(y + at, e + at, n - at, &b, &eb);
    return lr_of(a, ea, b, eb);
}

void split_scan(struct split_best *ret, const double *y, const double *e, size_t n,
                size_t first, size_t last)
{
    double a, ea, sy, se;
    *ret = (struct split_best){.lr = NAN};
    sums(y, e, n, &sy, &se);
    if (!(sy > 0) || first < 1 || last >= n)
        return;
    sums(y, e, first - 1, &a, &ea);
    for (size_t at = first; at <= last; at++) {
        a += y[at - 1];
        ea += e[at - 1];
        double lr = lr_of(a, ea, sy - a, se - ea);
        if (lr > ret->lr || (isnan(ret->lr) && !isnan(lr)))
            *ret = (struct split_best){lr, at, a / ea, (sy - a) / (se - ea)};
    }
}

double split_phi_shown(const double *mu, size_t n, size_t at)
{
    double sum[2] = {0, 0}, shown = 0;
    size_t lags = (size_t)cbrt((double)n);
    for (size_t i = 0; i < n; i++)
        sum[i >= at] += mu[i];
    for (size_t i = 0; i < n; i++) {
        double side = sum[i >= at];
        shown += side > 0 ? mu[i] - mu[i] * mu[i] / side : 0;
        for (size_t k = 1; k <= lags && k <= i && side > 0; k++)
            if ((i >= at) == (i - k >= at))
                shown -= 2 * (1 - (double)k / (double)(lags + 1)) * mu[i] * mu[i - k] / side;
    }
    return shown / (sum[0] + sum[1]);
}

double split_dispersion(const double *y, const double *mu, size_t n)
{
    double variance = 0, mean = 0;
    size_t lags = (size_t)cbrt((double)n);
    for (size_t i = 0; i < n; i++) {
        mean += mu[i];
        variance += (y[i] - mu[i]) * (y[i] - mu[i]);
    }
    for (size_t k = 1; k <= lags; k++) {
        double product = 0;
        for (size_t i = k; i < n; i++)
            product += (y[i] - mu[i]) * (y[i - k] - mu[i - k]);
        variance += 2 * (1 - (double)k / (double)(lags + 1)) * product;
    }
    return fmax(variance / mean, SPLIT_LEAST_PHI);
}

double split_studentised(const struct split_best *s, const double *y, const double *e, size_t n,
                         double *ret_mu)
{
    for (size_t i = 0; i < n; i++)
        ret_mu[i] = e[i] * (i < s->at ? s->before : s->after);
    return s->lr / split_dispersion(y, ret_mu, n);
}
