/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sort.h"
#include "models/cache.h"
#include "stats/gof.h"
#include "stats/order.h"

enum { DAY_S = 86400, GRAM = 4 };

/* What each number is; the order is that of the code below. */
const struct summary_row summary_table[SUMMARY_N] = {
    {"level", "ln of the number of sessions", .01},
    {"level_b", "ln of the number of sessions of the second", .01},
    {"days", "ln of the variance of daily sessions over that of Poisson", .05},
    {"cos", "mean cosine of the hour of the day, UTC", .01},
    {"sin", "mean sine of the hour of the day, UTC", .01},
    {"weekend", "log odds of a Saturday or Sunday, UTC", .05},
    {"cv", "ln of the coefficient of variation of excess gaps", .02},
    {"lv", "local variation of excess gaps", .02},
    {"short", "log odds of a gap shorter than the time to live", .1},
    {"spread", "ln of the interquartile range of gaps over their median", .05},
    {"turns", "rank correlation of neighbouring gaps, Fisher's z", .02},
    {"copies", "ln of 1 + equal runs of four gaps in whole seconds", .1},
    {"together", "log odds that a session of the second is within a minute", .05},
    {"after", "sessions of the second within ten minutes after less before, over all", .02},
};

static double log_odds(double k, double n)
{
    return log((k + .5) / (n - k + .5));
}

/* Excess gaps of all streams, each over its own mean; sets the first three. */
static void excess_part(const struct subject *s, const struct window *w, double *ret)
{
    double *gap = mem_alloc((s->n + s->nstreams + 1) * sizeof *gap);
    double *work = mem_alloc((s->n + 1) * sizeof *work), few = 0, all = 0;
    size_t n = 0;
    for (size_t i = 0; i < s->nstreams; i++) {
        const struct stream *r = &s->streams[i];
        size_t m = cache_excess(r, w, gap + n);
        double sum = 0;
        for (size_t k = 0; k < m; k++)
            sum += gap[n + k];
        for (size_t k = 0; k < m && sum > 0; k++)
            gap[n + k] *= (double)m / sum;
        for (size_t k = 1; k < r->n; k++)
            few += r->t[k] - r->t[k - 1] < fmax(r->ttl_s - 2, 0);
        all += r->n > 1 ? (double)(r->n - 1) : 0;
        n += sum > 0 ? m : 0;
    }
    double cv = n > 2 ? gof_find("cv")->eval(gap, n, work) : 1;
    double lv = n > 2 ? gof_find("lv")->eval(gap, n, work) : 1;
    ret[0] = log(fmax(cv, 1e-3));
    ret[1] = isfinite(lv) ? lv : 1;
    ret[2] = log_odds(few, all);
    free(gap);
    free(work);
}

static double spread_of(double *gap, size_t n)
{
    double low = order_quantile(gap, n, .25), high = order_quantile(gap, n, .75);
    double middle = fmax(order_quantile(gap, n, .5), 1);
    return log((high - low) / middle + .01);
}

/* Variance of daily sessions about live time's share, over its Poisson value. */
static double days_of(const struct subject *s, const struct window *w)
{
    struct grid g = grid_make(w, DAY_S);
    double *y = mem_alloc((g.n + 1) * sizeof *y), squares = 0, used = 0;
    bucket_fill(s, &g, y);
    for (size_t i = 0; i < g.n; i++) {
        double from = g.t0 + (double)i * g.width;
        double mu = (double)s->n * window_live_between(w, from, from + g.width) / w->live_s;
        if (mu > 0) {
            squares += (y[i] - mu) * (y[i] - mu) / mu;
            used++;
        }
    }
    free(y);
    return log((squares + .5) / (fmax(used - 1, 1) + .5));
}

static void clock_part(const struct subject *s, const struct window *w, double *ret)
{
    double from_s = (double)w->from_ns / 1e9, weekend = 0, cosine = 0, sine = 0;
    for (size_t i = 0; i < s->n; i++) {
        double at = from_s + s->t[i], day = floor(at / DAY_S);
        double angle = 2 * M_PI * (at - day * DAY_S) / DAY_S;
        cosine += cos(angle) / (double)s->n;
        sine += sin(angle) / (double)s->n;
        weekend += fmod(day + 3, 7) >= 5; /* 1970-01-01 was a Thursday */
    }
    ret[0] = cosine;
    ret[1] = sine;
    ret[2] = log_odds(weekend, (double)s->n);
}

struct ranked {
    double value;
    size_t at;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Spearman's correlation of gap i with gap i + 1; the gaps in order into ret_gap. */
static double turns_of(const double *t, size_t n, double *ret_gap)
{
    size_t m = n - 1;
    struct ranked *r = mem_alloc(m * sizeof *r);
    double *rank = mem_alloc(m * sizeof *rank), sum = 0, middle = ((double)m - 1) / 2;
    for (size_t i = 0; i < m; i++)
        r[i] = (struct ranked){t[i + 1] - t[i], i};
    sort_by(r, m, sizeof *r, by_value);
    for (size_t i = 0; i < m; i++) {
        rank[r[i].at] = (double)i;
        ret_gap[i] = r[i].value;
    }
    for (size_t i = 0; i + 1 < m; i++)
        sum += (rank[i] - middle) * (rank[i + 1] - middle);
    free(r);
    free(rank);
    double all = (double)m * ((double)m * (double)m - 1) / 12;
    return atanh(fmax(-.99, fmin(.99, sum / all)));
}

/* Spread and turns. */
static void gaps_part(const double *t, size_t n, double *ret)
{
    double *gap = mem_alloc(n * sizeof *gap);
    ret[1] = turns_of(t, n, gap);
    ret[0] = spread_of(gap, n - 1);
    free(gap);
}

/* A run of GRAM gaps in whole seconds, by its first, and how many runs are equal to it. */
struct gram {
    size_t first, n; /* n 0: a free place */
};

static size_t gram_place(const int64_t *gap, size_t mask)
{
    uint64_t mixed = 0;
    for (size_t k = 0; k < GRAM; k++)
        mixed = (mixed ^ (uint64_t)gap[k]) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed >> 32) & mask;
}

/* ln of 1 + pairs of equal runs: by hashing, since hardly any two are equal. */
static double copies_of(const double *t, size_t n)
{
    size_t m = n - GRAM, mask = 63;
    while (mask < 2 * m)
        mask = 2 * mask + 1;
    int64_t *gap = mem_alloc(n * sizeof *gap), last = llround(t[0]);
    struct gram *g = mem_zero(mask + 1, sizeof *g);
    double equal = 0;
    for (size_t i = 1; i < n; i++) {
        int64_t now = llround(t[i]);
        gap[i - 1] = now - last;
        last = now;
    }
    for (size_t i = 0; i < m; i++) {
        size_t at = gram_place(gap + i, mask);
        while (g[at].n && memcmp(gap + g[at].first, gap + i, GRAM * sizeof *gap) != 0)
            at = (at + 1) & mask;
        g[at].first = i;
        equal += (double)g[at].n++;
    }
    free(gap);
    free(g);
    return log1p(equal);
}

/* Sessions of b in [from, to), whose ends rise from call to call: `at` is where they were. */
static size_t within(const struct subject *b, double from, double to, size_t at[2])
{
    while (at[0] < b->n && b->t[at[0]] < from)
        at[0]++;
    while (at[1] < b->n && b->t[at[1]] < to)
        at[1]++;
    return at[1] - at[0];
}

static void pair_part(const struct subject *a, const struct subject *b, double *ret)
{
    double together = 0, after = 0, before = 0;
    size_t near[2] = {0}, later[2] = {0}, earlier[2] = {0};
    for (size_t i = 0; i < a->n; i++) {
        double t = a->t[i];
        together += within(b, t - 60, t + 60, near) > 0;
        after += (double)within(b, t + .5, t + 600, later);
        before += (double)within(b, t - 600, t - .5, earlier);
    }
    ret[0] = log_odds(together, (double)a->n);
    ret[1] = (after - before) / (after + before + 10);
}

bool summary_of(const struct subject *a, const struct subject *b, const struct window *w,
                double ret[SUMMARY_N])
{
    if (a->n < SUMMARY_LEAST || !(w->live_s > 0))
        return false;
    ret[0] = log((double)a->n);
    ret[1] = b ? log((double)b->n + .5) : 0;
    ret[2] = days_of(a, w);
    clock_part(a, w, ret + 3);
    excess_part(a, w, ret + 6);
    gaps_part(a->t, a->n, ret + 9);
    ret[11] = copies_of(a->t, a->n);
    ret[12] = ret[13] = 0;
    if (b)
        pair_part(a, b, ret + 12);
    return true;
}
