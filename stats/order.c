/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/order.h"

#include <math.h>

#include "base/sort.h"

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void order_sort(double *v, size_t n)
{
    if (n > 1)
        sort_by(v, n, sizeof *v, ascending);
}

size_t order_below(const double *sorted, size_t n, double x)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (sorted[mid] < x)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

double order_quantile(double *v, size_t n, double q)
{
    if (n == 0)
        return NAN;
    order_sort(v, n);
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[n - 1];
}
