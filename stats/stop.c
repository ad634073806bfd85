/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/stop.h"

#include <math.h>

struct stop stop_log_p(double expected, double days, double theta, const double *gaps, size_t n,
                       double last)
{
    double beyond = 0, all = 0; /* time in which the silence so far is as long; in all gaps */
    for (size_t i = 0; i < n; i++) {
        beyond += fmax(0, gaps[i] - last);
        all += gaps[i];
    }
    double mu = days > 0 ? expected / days : 0;
    return (struct stop){
        .log_poisson = -expected,
        .log_negbin = isinf(theta) ? -expected : -theta * days * log1p(mu / theta),
        .log_rank = all > 0 ? log((1 + (double)n * beyond / all) / (double)(n + 1)) : 0,
    };
}

static double sum_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

/* Cells [from, from + n): the rate, or ln of it over the controls', in its own errors. */
static double block(const double *const v[4], size_t from, size_t n)
{
    double y = sum_of(v[0] + from, n) + .5, e = sum_of(v[1] + from, n) + .5;
    if (!(e > .5))
        return NAN;
    if (!v[2])
        return y / e;
    double cy = sum_of(v[2] + from, n) + .5, ce = sum_of(v[3] + from, n) + .5;
    return ce > .5 ? (log(y / e) - log(cy / ce)) / sqrt(1 / y + 1 / cy) : NAN;
}

void placebo_blocks(struct placebo *ret, const double *y, const double *e,
                    const double *control_y, const double *control_e, size_t at, size_t cells,
                    int sign)
{
    const double *const v[] = {y, e, control_y, control_e};
    *ret = (struct placebo){block(v, at, cells), INFINITY, -INFINITY, 0, 0, 0};
    for (size_t from = 0; from + cells <= at; from++) {
        double value = block(v, from, cells);
        if (isnan(value))
            continue;
        ret->blocks++;
        ret->reach += sign * (value - ret->observed) >= 0;
        ret->least = fmin(ret->least, value);
        ret->largest = fmax(ret->largest, value);
    }
    if (!isnan(ret->observed))
        ret->log_p = log((double)(1 + ret->reach) / (double)(1 + ret->blocks));
}
