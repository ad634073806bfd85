/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/stop.h"

#include <math.h>

static const double ROUNDING = 1e-12;

/* Turns of the ring after which the end is at least as silent; *ret_turns: all of them. */
static size_t as_silent(const struct silence *s, double silence, size_t *ret_turns)
{
    size_t before = s->n, reach = 0; /* moments at or before the cut */
    *ret_turns = (size_t)fmax(1, floor(s->length / s->turn + ROUNDING));
    for (size_t k = 0; k < *ret_turns; k++) {
        double cut = s->length - (double)k * s->turn;
        while (before > 0 && s->t[before - 1] > cut)
            before--;
        double there = before ? cut - s->t[before - 1] : cut + silence;
        reach += there >= silence * (1 - ROUNDING);
    }
    return reach;
}

struct stop stop_log_p(const struct silence *s)
{
    double silence = s->length - s->t[s->n - 1], cells = s->cells;
    double mu = cells > 0 ? s->expected / cells : 0;
    size_t turns, reach = as_silent(s, silence, &turns);
    return (struct stop){
        .log_poisson = -s->expected,
        .log_negbin = isinf(s->theta) ? -s->expected : -s->theta * cells * log1p(mu / s->theta),
        .log_rank = log((double)reach / (double)turns),
    };
}

static const double APART = 25; /* stretches side by side */

static double sum_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

static double times_log(double y, double mean)
{
    return y > 0 ? y * log(y / mean) : 0;
}

/* Signed root of the likelihood ratio of two Poisson counts of the same rate over e and ce. */
static double signed_root(double y, double e, double cy, double ce)
{
    double mean = (y + cy) * e / (e + ce), other = (y + cy) * ce / (e + ce);
    double root = sqrt(fmax(0, 2 * (times_log(y, mean) + times_log(cy, other))));
    return y < mean ? -root : root;
}

/* Cells [from, from + n): the rate, or how far it lies from the controls'. */
static double block(const double *const v[4], size_t from, size_t n)
{
    double y = sum_of(v[0] + from, n), e = sum_of(v[1] + from, n);
    if (!(e > 0))
        return NAN;
    if (!v[2])
        return (y + .5) / (e + .5);
    double cy = sum_of(v[2] + from, n), ce = sum_of(v[3] + from, n);
    return ce > 0 ? signed_root(y, e, cy, ce) : NAN;
}

size_t placebo_cells(size_t before, size_t after, double level)
{
    double apart = fmax(APART, ceil(1 / level - 1e-9) - 1),
           most = floor((double)before / apart);
    return (size_t)fmin((double)after, fmax(1, most));
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
