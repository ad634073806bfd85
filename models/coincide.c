/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/coincide.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"

static const double ROUNDING_S = 1e-7;

enum { PRECURSOR, TRIGGER, RATES };

struct pair {
    const struct subject *a;
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

static void count_surrogate(const void *ctx, const double *t, size_t n, double *ret)
{
    double *sorted = mem_alloc(n * sizeof *sorted);
    memcpy(sorted, t, n * sizeof *t);
    order_sort(sorted, n);
    count(ctx, sorted, n, ret);
    free(sorted);
}

static void rank(struct coincide_rate *r, double observed, size_t of, const double *rows,
                 uint32_t m)
{
    *r = (struct coincide_rate){.count = (size_t)observed, .of = of, .mc = {.max = m}};
    r->rate = observed / (double)of;
    for (uint32_t i = 0; i < m; i++) {
        mc_add(&r->mc, rows[i * RATES], observed);
        r->expected += rows[i * RATES] / ((double)m * (double)of);
    }
}

void coincide(struct coincide_result *ret, const struct subject *a, const struct subject *b,
              const struct surrogate *s, const struct coincide_opts *o)
{
    struct pair p = {a, o};
    double observed[RATES], *rows = mem_alloc((size_t)o->replicates * RATES * sizeof *rows);
    count(&p, b->t, b->n, observed);
    surrogate_rows(s, 1, o->replicates, o->threads, count_surrogate, &p, RATES, rows);
    rank(&ret->precursor, observed[PRECURSOR], b->n, rows + PRECURSOR, o->replicates);
    rank(&ret->trigger, observed[TRIGGER], a->n, rows + TRIGGER, o->replicates);
    free(rows);
}
