/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/occasions.h"

#include <math.h>
#include <stdlib.h>

#include "base/sort.h"
#include "base/text.h"
#include "models/baseline.h"
#include "stats/blocks.h"
#include "stats/change.h"
#include "stats/order.h"

/* --- stretches ---------------------------------------------------------------------- */

static int by_from(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

static void join(struct stretches *s)
{
    size_t kept = 0;
    if (s->n)
        sort_by(s->v, s->n, sizeof *s->v, by_from);
    for (size_t i = 0; i < s->n; i++)
        if (kept > 0 && s->v[i].from <= s->v[kept - 1].to)
            s->v[kept - 1].to = fmax(s->v[kept - 1].to, s->v[i].to);
        else
            s->v[kept++] = s->v[i];
    s->n = kept;
}

static void add_cut(struct stretches *s, double from, double to, double length)
{
    from = fmax(0, from);
    to = fmin(length, to);
    if (from < to)
        s->v[s->n++] = (struct interval){from, to};
}

void stretches_around(struct stretches *ret, const struct moments *m, const struct window *w,
                      double margin_s, double shift_s, size_t skip)
{
    *ret = (struct stretches){mem_alloc((3 * m->n + 1) * sizeof *ret->v), 0};
    for (size_t i = 0; i < m->n; i++) {
        double from = (double)(m->at[i].from_ns - w->from_ns) / (double)NS_PER_S,
               to = (double)(m->at[i].to_ns - w->from_ns) / (double)NS_PER_S;
        bool inside = to + margin_s > 0 && from - margin_s < w->length_s;
        if (i == skip || !inside)
            continue;
        for (int turn = shift_s > 0 ? -1 : 0; turn <= 0; turn++) {
            double by = shift_s + turn * w->length_s;
            add_cut(ret, from - margin_s + by, to + margin_s + by, w->length_s);
        }
    }
    join(ret);
}

void stretches_free(struct stretches *s)
{
    free(s->v);
    *s = (struct stretches){0};
}

bool stretches_hold(const struct stretches *s, double t)
{
    size_t low = 0, high = s->n; /* first that begins after t */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->v[mid].from <= t)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 && t < s->v[low - 1].to;
}

size_t stretches_hits(const struct stretches *s, const double *t, size_t n)
{
    size_t hits = 0;
    for (size_t i = 0; i < n; i++)
        hits += stretches_hold(s, t[i]);
    return hits;
}

double stretches_live(const struct stretches *s, const struct window *w)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += window_live_between(w, s->v[i].from, s->v[i].to);
    return sum;
}

double stretches_at_risk(const struct stretches *s, const struct subject *a,
                         const struct window *w)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += exposure_between(a, w, s->v[i].from, s->v[i].to);
    return sum;
}

size_t moments_in_window(const struct moments *m, const struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += m->at[i].to_ns >= w->from_ns && m->at[i].from_ns < w->to_ns;
    return n;
}

/* --- cells -------------------------------------------------------------------------- */

double daycells_width(const struct window *w)
{
    double days = w->length_s / 86400;
    return days >= 28 ? 86400 : days >= 4 ? 6 * 3600 : 3600;
}

/* Add the hours' expectation, or exposure, to the cells. */
static void gather(const struct daycells *c, const struct grid *hours, const double *v)
{
    for (size_t i = 0; i < hours->n; i++) {
        double middle = hours->t0 + ((double)i + .5) * hours->width;
        size_t at = (size_t)fmax(0, floor((middle - c->grid.t0) / c->grid.width));
        if (at < c->grid.n)
            c->e[at] += v[i];
    }
}

void daycells_make(struct daycells *ret, const struct subject *s, const struct window *w,
                   const struct tz *zone)
{
    struct grid hours = grid_make(w, 3600);
    double *y = mem_zero(2 * hours.n + 1, sizeof *y), *at_risk = y + hours.n;
    struct baseline b = {0};
    struct baseline_opts o = {.zone = zone, .family = GLM_NEGBIN};
    *ret = (struct daycells){.grid = grid_make(w, daycells_width(w))};
    ret->y = mem_zero(ret->grid.n + 1, sizeof *ret->y);
    ret->e = mem_zero(ret->grid.n + 1, sizeof *ret->e);
    bucket_fill(s, &ret->grid, ret->y);
    bucket_fill(s, &hours, y);
    exposure_fill(s, w, &hours, at_risk);
    bool fitted = baseline_fit(&b, &hours, y, at_risk, &o, NULL) == 0;
    gather(ret, &hours, fitted ? b.mu : at_risk);
    double sum_y = 0, sum_e = 0;
    for (size_t i = 0; i < ret->grid.n; i++) {
        sum_y += ret->y[i];
        sum_e += ret->e[i];
    }
    for (size_t i = 0; i < ret->grid.n && sum_y > 0 && sum_e > 0; i++)
        ret->e[i] *= sum_y / sum_e;
    baseline_free(&b);
    free(y);
}

void daycells_free(struct daycells *c)
{
    free(c->y);
    free(c->e);
    *c = (struct daycells){0};
}

void daycells_count(const struct daycells *c, const double *t, size_t n, double *ret_y)
{
    struct subject s = {.t = (double *)(uintptr_t)t, .n = n};
    bucket_fill(&s, &c->grid, ret_y);
}

/* --- features ----------------------------------------------------------------------- */

/* A value and where it stands. */
struct ranked {
    double value, t;
};

/* Large first; ties by time, so that they do not depend on the sort. */
static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->t > y->t) - (x->t < y->t);
}

static void keep_largest(struct features *f, struct ranked *v, size_t n, size_t k)
{
    if (n)
        sort_by(v, n, sizeof *v, by_value);
    f->n = k < n ? k : n;
    for (size_t i = 0; i < f->n; i++)
        f->t[i] = v[i].t;
    order_sort(f->t, f->n);
}

static void find_peaks(struct features *f, const double *t, size_t n, const struct daycells *c)
{
    double *y = mem_zero(c->grid.n + 1, sizeof *y);
    struct ranked *v = mem_alloc((c->grid.n + 1) * sizeof *v);
    size_t used = 0;
    daycells_count(c, t, n, y);
    for (size_t i = 0; i < c->grid.n; i++)
        if (c->e[i] > 0)
            v[used++] = (struct ranked){(y[i] + .5) / (c->e[i] + .5),
                                        c->grid.t0 + ((double)i + .5) * c->grid.width};
    keep_largest(f, v, used, (used + 19) / 20);
    free(v);
    free(y);
}

static void find_gaps(struct features *f, const double *t, size_t n, const struct window *w)
{
    struct ranked *v = mem_alloc((n + 1) * sizeof *v);
    size_t used = 0;
    for (size_t i = 0; i + 1 < n; i++)
        if (window_live_between(w, t[i], t[i + 1]) >= t[i + 1] - t[i] - 1e-6)
            v[used++] = (struct ranked){t[i + 1] - t[i], t[i]};
    size_t k = (used + 19) / 20;
    keep_largest(f, v, used, k < 3 ? 3 : k > 20 ? 20 : k);
    free(v);
}

double features_penalty(const struct daycells *c, uint64_t subject)
{
    enum { STEADY = 99 };
    struct change_opts o = {.seed = 1, .subject = subject, .replicates = STEADY};
    struct change found;
    if (change_test(&found, c->y, c->e, c->grid.n, &o) < 0)
        return INFINITY;
    return change_penalty(&found.left, c->y, c->e, c->grid.n, .05, &o);
}

static void find_changes(struct features *f, const double *t, size_t n,
                         const struct daycells *c, double penalty)
{
    size_t cells = c->grid.n, *from = mem_alloc((cells + 1) * sizeof *from);
    double *y = mem_zero(cells + 1, sizeof *y);
    daycells_count(c, t, n, y);
    size_t blocks = blocks_find(y, c->e, cells, penalty, from);
    for (size_t k = 1; k < blocks; k++)
        f->t[f->n++] = c->grid.t0 + (double)from[k] * c->grid.width;
    free(from);
    free(y);
}

void features_find(struct features *ret, enum series_feature kind, const double *t, size_t n,
                   const struct window *w, const struct daycells *c, double penalty)
{
    *ret = (struct features){mem_alloc((n + c->grid.n + 1) * sizeof *ret->t), 0};
    switch (kind) {
    case SERIES_PEAKS:
        find_peaks(ret, t, n, c);
        break;
    case SERIES_GAPS:
        find_gaps(ret, t, n, w);
        break;
    case SERIES_CHANGES:
        find_changes(ret, t, n, c, penalty);
        break;
    default:
        memcpy(ret->t, t, n * sizeof *t);
        ret->n = n;
    }
}

void features_free(struct features *f)
{
    free(f->t);
    *f = (struct features){0};
}
