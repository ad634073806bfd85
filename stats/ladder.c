/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ladder.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/tail.h"

static const double STEP[LADDER_STEPS] = {1, 2, 4, 5, 7, 10};
static const double LEAST = .2, MOST = 60, HALF = .1, FINE = .02, WIDTH = .35;

/* Cells of one tick (at least .02 s), centred on multiples of it. */
struct cells {
    double width, half; /* half: of the windows about the steps */
    size_t n, gaps;
    double *count;
    bool *window;
};

static size_t cell_of(const struct cells *c, double gap)
{
    return (size_t)(gap / c->width + .5);
}

static void cells_make(struct cells *c, const double *gaps, size_t m, double tick_s)
{
    *c = (struct cells){.width = fmax(tick_s, FINE), .half = fmax(HALF, tick_s / 2)};
    c->n = cell_of(c, MOST) + 1;
    c->count = mem_zero(c->n, sizeof *c->count);
    c->window = mem_zero(c->n, sizeof *c->window);
    for (size_t i = 0; i < m; i++) {
        if (!(gaps[i] >= LEAST) || gaps[i] > MOST)
            continue;
        c->gaps++;
        c->count[cell_of(c, gaps[i])]++;
    }
    for (size_t i = 0; i < c->n; i++)
        for (int k = 0; k < LADDER_STEPS; k++)
            c->window[i] |=
                fabs((double)i * c->width - STEP[k]) <= c->half + 1e-9 - c->width / 2 ||
                fabs((double)i * c->width - STEP[k]) < c->width / 2;
}

/* Weighted Poisson regression of the cells outside windows on 1 and x = ln(gap / s), by
 * Newton; ret[0] = ln mean a cell at s, ret[1] the slope; ret_var the sandwich variance of
 * ret[0]. False where there is too little. */
static bool local_fit(const struct cells *c, double s, double ret[2], double *ret_var)
{
    double b0 = 0, b1 = 0, total = 0, area = 0;
    size_t first = cell_of(c, LEAST) + 1;
    for (int pass = 0; pass < 60; pass++) {
        double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0, v00 = 0, v01 = 0, v11 = 0;
        for (size_t i = first; i < c->n; i++) {
            double x = log((double)i * c->width / s), w = exp(-x * x / (2 * WIDTH * WIDTH));
            if (c->window[i] || w < 1e-4)
                continue;
            if (pass == 0) {
                total += w * c->count[i];
                area += w;
                continue;
            }
            double mu = exp(b0 + b1 * x), r = c->count[i] - mu;
            g0 += w * r;
            g1 += w * r * x;
            h00 += w * mu;
            h01 += w * mu * x;
            h11 += w * mu * x * x;
            v00 += w * w * mu;
            v01 += w * w * mu * x;
            v11 += w * w * mu * x * x;
        }
        if (pass == 0) {
            if (!(total > 0))
                return false;
            b0 = log(total / area);
            continue;
        }
        double det = h00 * h11 - h01 * h01;
        if (!(det > 1e-12 * h00 * h11))
            return false;
        double d0 = (h11 * g0 - h01 * g1) / det, d1 = (h00 * g1 - h01 * g0) / det;
        double cut = fmax(1, fmax(fabs(d0), fabs(d1)) / 2);
        b0 += d0 / cut;
        b1 += d1 / cut;
        /* first row of inverse(H) V inverse(H) */
        double i0 = h11 / det, i1 = -h01 / det;
        *ret_var = i0 * i0 * v00 + 2 * i0 * i1 * v01 + i1 * i1 * v11;
        if (fabs(d0) + fabs(d1) < 1e-10)
            break;
    }
    ret[0] = b0;
    ret[1] = b1;
    return isfinite(b0) && isfinite(b1) && *ret_var > 0;
}

static void step_test(struct ladder_step *s, const struct cells *c)
{
    double b[2], var;
    bool ok = local_fit(c, s->step_s, b, &var);
    for (size_t i = 1; i < c->n; i++) {
        double off = fabs((double)i * c->width - s->step_s);
        if (off > c->half + 1e-9 - c->width / 2 && off >= c->width / 2)
            continue;
        s->observed += (size_t)c->count[i];
        if (ok)
            s->expected += exp(b[0] + b[1] * log((double)i * c->width / s->step_s));
    }
    s->size = ok ? 1 / var : NAN;
    s->log_p = ok ? negbin_log_upper(s->observed, s->expected, s->size) : NAN;
}

void ladder_test(struct ladder *ret, const double *gaps, size_t m, double tick_s)
{
    struct cells c;
    cells_make(&c, gaps, m, tick_s);
    struct ladder l = {.gaps = c.gaps, .log_p = NAN};
    double tested = 0, least = 0;
    for (int k = 0; k < LADDER_STEPS; k++) {
        struct ladder_step *s = &l.step[k];
        *s = (struct ladder_step){
            .step_s = STEP[k], .half_width_s = c.half, .expected = 0, .log_p = NAN};
        if (c.gaps < LADDER_MIN)
            continue;
        step_test(s, &c);
        if (isnan(s->log_p))
            continue;
        tested++;
        least = fmin(least, s->log_p);
    }
    if (tested > 0)
        l.log_p = fmin(0, least + log(tested));
    *ret = l;
    free(c.count);
    free(c.window);
}
