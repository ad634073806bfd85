/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/coincide.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/order.h"

static const double ROUNDING_S = 1e-7;

enum { PRECURSOR, TRIGGER, RATES, COLUMNS = 2 * RATES };

struct pair {
    const struct subject *a;
    const struct surrogate *surrogate;
    const struct coincide_opts *opts;
};

/* How many x have a y in [x + from, x + to]; both ascending. */
static size_t followed(const double *x, size_t nx, const double *y, size_t ny, double from,
                       double to)
{
    size_t n = 0, j = 0;
    for (size_t i = 0; i < nx; i++) {
        while (j < ny && y[j] < x[i] + from - ROUNDING_S)
            j++;
        n += j < ny && y[j] <= x[i] + to + ROUNDING_S;
    }
    return n;
}

static void count(const struct pair *p, const double *b, size_t n, double *ret)
{
    double near = p->opts->lag_s, far = near + p->opts->within_s;
    ret[PRECURSOR] = (double)followed(b, n, p->a->t, p->a->n, -far, -near);
    ret[TRIGGER] = (double)followed(p->a->t, p->a->n, b, n, near, far);
}

/* What b's own demand, fitted to these times, expects of both. */
static void expect(const struct pair *p, double *b, double *ret)
{
    struct placed placed;
    double near = p->opts->lag_s, far = near + p->opts->within_s, covered = -INFINITY;
    surrogate_placed(p->surrogate, b, &placed);
    ret[PRECURSOR] = ret[TRIGGER] = 0;
    for (size_t i = 0; i < p->a->n; i++) {
        double from = (p->a->t[i] + near - placed.t0) / placed.slot_s;
        double to = (p->a->t[i] + far - placed.t0) / placed.slot_s;
        double end = placed_until(&placed, to);
        ret[TRIGGER] += end - placed_until(&placed, from);
        ret[PRECURSOR] += end - placed_until(&placed, fmax(from, covered));
        covered = to;
    }
    placed_free(&placed);
}

/* Counts less what is expected; counts; t stream after stream, left in order of time. */
static void excess(const void *ctx, double *t, size_t n, double *ret)
{
    const struct pair *p = ctx;
    double expected[RATES];
    expect(p, t, expected);
    order_sort(t, n);
    count(p, t, n, ret + RATES);
    for (size_t k = 0; k < RATES; k++)
        ret[k] = ret[RATES + k] - expected[k];
}

static void rank(struct coincide_rate *r, const double *observed, size_t of, const double *rows,
                 uint32_t m)
{
    *r = (struct coincide_rate){.count = (size_t)observed[RATES], .of = of, .mc = {.max = m}};
    r->rate = observed[RATES] / (double)of;
    for (uint32_t i = 0; i < m; i++) {
        mc_add(&r->mc, rows[i * COLUMNS], *observed);
        r->expected += rows[i * COLUMNS + RATES] / ((double)m * (double)of);
    }
}

void coincide(struct coincide_result *ret, const struct subject *a, const struct subject *b,
              const struct surrogate *s, const struct coincide_opts *o)
{
    struct pair p = {a, s, o};
    double observed[COLUMNS], *rows = mem_alloc((size_t)o->replicates * COLUMNS * sizeof *rows);
    double *t = mem_alloc(b->n * sizeof *t);
    surrogate_data(s, t);
    excess(&p, t, b->n, observed);
    free(t);
    surrogate_rows(s, 1, o->replicates, o->threads, excess, &p, COLUMNS, rows);
    for (size_t k = 0; k < RATES; k++)
        rank(k == PRECURSOR ? &ret->precursor : &ret->trigger, observed + k,
             k == PRECURSOR ? b->n : a->n, rows + k, o->replicates);
    free(rows);
}
