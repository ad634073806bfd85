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
