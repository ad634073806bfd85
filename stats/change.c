/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/change.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/blocks.h"
#include "stats/order.h"

/* What a run holds: the data, their range of dates, and room for a replicate. */
struct work {
    const double *e;
    size_t n, first, last;
    double *y, *mean, *mu; /* a replicate, its expectation, the fit to it */
};

static double total(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

void change_reach(const double *e, size_t n, size_t *ret_first, size_t *ret_last)
{
    double all = total(e, n), sum = 0;
    *ret_first = *ret_last = 0;
    for (size_t at = 1; at < n; at++) {
        sum += e[at - 1];
        if (sum < .1 * all || sum > .9 * all)
            continue;
        if (!*ret_first)
            *ret_first = at;
        *ret_last = at;
    }
}

static void find_range(struct work *w)
{
    change_reach(w->e, w->n, &w->first, &w->last);
}

static double statistic(const struct work *w, const double *y, struct split_best *ret)
{
    split_scan(ret, y, w->e, w->n, w->first, w->last);
    return isnan(ret->lr) ? NAN : split_studentised(ret, y, w->e, w->n, w->mu);
}

static void draw(const struct work *w, const struct clustered *c, const struct change_opts *o,
                 uint64_t salt, uint32_t i)
{
    struct rng r;
    rng_stream(&r, o->seed, RNG_BOOTSTRAP, rng_subject_of(o->subject, salt), i);
    clustered_draw(c, w->mean, w->n, &r, w->y);
}

/* What a replicate of that scatter and memory leaves after its own best split. */
struct again {
    const struct work *w;
    const struct change_opts *o;
};

static bool leave_again(void *ctx, const struct clustered *c, uint32_t i, struct clustered *ret)
{
    const struct again *a = ctx;
    struct split_best s;
    draw(a->w, c, a->o, 4, i);
    if (isnan(statistic(a->w, a->w->y, &s)))
        return false;
    clustered_fit(ret, a->w->y, a->w->mu, a->w->n, 2);
    return true;
}

static void give_back(const struct work *w, const struct change_opts *o, struct clustered *c)
{
    struct again a = {w, o};
    clustered_give_back(c, leave_again, &a);
}

static void even_mean(const struct work *w, const double *y)
{
    double rate = total(y, w->n) / total(w->e, w->n);
    for (size_t i = 0; i < w->n; i++)
        w->mean[i] = rate * w->e[i];
}

static void find_p(const struct work *w, const double *y, const struct change_opts *o,
                   struct change *c)
{
    struct split_best s;
    even_mean(w, y);
    give_back(w, o, &c->left);
    c->mc = (struct mc){.max = o->replicates};
    for (uint32_t i = 0; i < o->replicates; i++) {
        draw(w, &c->left, o, 1, i);
        mc_add(&c->mc, statistic(w, w->y, &s), c->statistic);
    }
    c->log_p = log(mc_p(&c->mc));
}

/* How far, in LR over its dispersion, the true date lies below the best one. */
static double shortfall(const struct work *w, const double *y, size_t at)
{
    struct split_best s;
    double t = statistic(w, y, &s);
    if (isnan(t) || !(s.lr > 0))
        return 0;
    return (s.lr - split_lr(y, w->e, w->n, at)) * t / s.lr;
}

static void find_interval(const struct work *w, const double *y, const struct change_opts *o,
                          struct change *c)
{
    uint32_t m = o->replicates / 2 + 1;
    double *gap = mem_alloc(m * sizeof *gap);
    for (size_t i = 0; i < w->n; i++)
        w->mean[i] = w->e[i] * (i < c->split.at ? c->split.before : c->split.after);
    for (uint32_t i = 0; i < m; i++) {
        draw(w, &c->left, o, 2, i);
        gap[i] = shortfall(w, w->y, c->split.at);
    }
    double far = order_quantile(gap, m, .95);
    c->lo = c->hi = c->split.at;
    for (size_t at = w->first; at <= w->last; at++)
        if (shortfall(w, y, at) <= far) {
            c->lo = at < c->lo ? at : c->lo;
            c->hi = at > c->hi ? at : c->hi;
        }
    free(gap);
}

static int too_little(const double *y, const double *e, size_t n)
{
    size_t cells = 0;
    for (size_t i = 0; i < n; i++)
        cells += e[i] > 0;
    return cells < CHANGE_CELLS || total(y, n) < CHANGE_EVENTS;
}

int change_test(struct change *ret, const double *y, const double *e, size_t n,
                const struct change_opts *o)
{
    if (too_little(y, e, n))
        return -1;
    struct change c = {0};
    struct work w = {.e = e, .n = n, .y = mem_alloc(3 * n * sizeof(double))};
    w.mean = w.y + n;
    w.mu = w.y + 2 * n;
    find_range(&w);
    c.statistic = w.first ? statistic(&w, y, &c.split) : NAN;
    if (!isnan(c.statistic)) {
        clustered_fit(&c.left, y, w.mu, n, 2);
        find_p(&w, y, o, &c);
        find_interval(&w, y, o, &c);
        *ret = c;
    }
    free(w.y);
    return isnan(c.statistic) ? -1 : 0;
}

size_t change_date(const double *y, const double *e, size_t n)
{
    struct work w = {.e = e, .n = n};
    struct split_best s = {.lr = NAN};
    find_range(&w);
    if (w.first)
        split_scan(&s, y, e, n, w.first, w.last);
    return isnan(s.lr) ? n : s.at;
}

double change_at(const double *y, const double *e, size_t n, size_t at, int sign, double *work)
{
    struct split_best s;
    split_scan(&s, y, e, n, at, at);
    if (isnan(s.lr))
        return NAN;
    double root = sqrt(split_studentised(&s, y, e, n, work));
    return sign * (s.after - s.before) >= 0 ? root : -root;
}

void change_left(struct clustered *ret, const double *y, const double *e, size_t n, size_t at,
                 const struct change_opts *o)
{
    struct work w = {
        .e = e, .n = n, .first = at, .last = at, .y = mem_alloc(3 * n * sizeof(double))};
    struct split_best s;
    w.mean = w.y + n;
    w.mu = w.y + 2 * n;
    *ret = (struct clustered){0, 0};
    if (!isnan(statistic(&w, y, &s))) {
        clustered_fit(ret, y, w.mu, n, 2);
        even_mean(&w, y);
        give_back(&w, o, ret);
    }
    free(w.y);
}

double change_penalty(const struct clustered *left, const double *y, const double *e, size_t n,
                      double p0, const struct change_opts *o)
{
    double *critical = mem_alloc((o->replicates + 1) * sizeof *critical);
    struct work w = {.e = e, .n = n, .y = mem_alloc(2 * n * sizeof(double))};
    w.mean = w.y + n;
    even_mean(&w, y);
    for (uint32_t i = 0; i < o->replicates; i++) {
        draw(&w, left, o, 3, i);
        critical[i] = blocks_critical(w.y, e, n);
    }
    double penalty = order_quantile(critical, o->replicates, 1 - p0);
    free(w.y);
    free(critical);
    return penalty;
}
