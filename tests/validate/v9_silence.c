/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The silence at the end of 142 days (stats/stop.h): nothing stopped, at an even rate, where
 * days scatter (theta .5), where the rate wanders (log rate AR(1), .9 a day, sd .3), of few
 * moments, and in a window that starts with the first of them; and a stop of ten days. The
 * negative binomial is held against silent days of known mean and theta, and as `explain`
 * takes it, with the scatter that is fitted to the days. Foil: Poisson where days scatter. */
#include <math.h>

#include "stats/change.h"
#include "stats/order.h"
#include "stats/stop.h"
#include "tests/validate/validate.h"

enum { N = 142, MOST = 8 * N };

struct world {
    double per_day, theta, spread;
    int stopped;       /* silent days at the end */
    bool from_first;   /* the window starts with the first moment */
    bool fitted_theta; /* by stats/change.h, as in explain */
};

enum { POISSON, NEGBIN, RANK, COLUMNS };

/* Times of the moments; days at the end without one. */
static size_t draw(const struct world *w, struct rng *r, double *t, double *y, size_t *ret_days)
{
    const double memory = .9;
    double x = w->spread * rng_normal(r);
    size_t n = 0;
    *ret_days = 0;
    for (int d = 0; d < N; d++) {
        double mu = w->per_day * exp(x - w->spread * w->spread / 2);
        uint64_t k = d >= N - w->stopped ? 0
                     : isinf(w->theta)   ? rng_poisson(r, mu)
                                         : rng_negbin(r, mu, w->theta);
        size_t from = n;
        x = memory * x + sqrt(1 - memory * memory) * w->spread * rng_normal(r);
        for (y[d] = (double)k; k > 0 && n < MOST; k--)
            t[n++] = d + rng_unit(r);
        order_sort(t + from, n - from);
        *ret_days = n > from ? 0 : *ret_days + 1;
    }
    return n;
}

static double theta_of(const struct world *w, const double *y, struct rng *r)
{
    double e[N];
    struct change c;
    struct change_opts o = {rng_u32(r), 1, 1};
    if (!w->fitted_theta)
        return w->theta;
    for (int d = 0; d < N; d++)
        e[d] = 1;
    double s2 = change_test(&c, y, e, N, &o) < 0 ? 0 : expm1(c.left.s2);
    return s2 > 0 ? 1 / s2 : INFINITY;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    double t[MOST], y[N];
    size_t days, n = draw(w, r, t, y, &days);
    ret[POISSON] = ret[NEGBIN] = ret[RANK] = 0; /* none: against the method */
    if (n < 2)
        return;
    double theta = theta_of(w, y, r), rate = w->fitted_theta ? (double)n / N : w->per_day;
    double start = w->from_first ? t[0] : 0;
    for (size_t i = 0; i < n; i++)
        t[i] -= start;
    struct silence s = {.cells = isinf(w->theta) ? N - start - t[n - 1] : (double)days,
                        .theta = theta,
                        .t = t,
                        .n = n,
                        .length = N - start,
                        .turn = 1};
    s.expected = rate * s.cells;
    struct stop p = stop_log_p(&s);
    ret[POISSON] = exp(p.log_poisson);
    ret[NEGBIN] = exp(p.log_negbin);
    ret[RANK] = exp(p.log_rank);
}

static const struct validate_plan plan = {
    .experiment = "V9", .replicate = replicate, .columns = COLUMNS};

#define AT05(cell, column, lo, hi)                                                             \
    {                                                                                          \
        cell, column, FIGURE_SHARE, .05, lo, hi                                                \
    }

void v9_silence(struct validation *v)
{
    static const struct world even = {.per_day = 2, .theta = INFINITY},
                              scatter = {.per_day = 2, .theta = .5},
                              wander = {.per_day = 2, .theta = INFINITY, .spread = .3},
                              few = {.per_day = .1, .theta = INFINITY},
                              cut = {.per_day = 2, .theta = .5, .from_first = true},
                              stopped = {.per_day = 2, .theta = .5, .stopped = 10},
                              fitted = {.per_day = 2, .theta = .5, .fitted_theta = true};
    const struct validate_figure one_rate[] = {AT05("Poisson", POISSON, .05, .05),
                                               AT05("rank", RANK, 0, .05)};
    const struct validate_figure days[] = {AT05("negative binomial", NEGBIN, 0, .05),
                                           AT05("rank", RANK, 0, .05),
                                           AT05("foil: Poisson", POISSON, .1, 1)};
    const struct validate_figure rank[] = {AT05("rank", RANK, 0, .05)};
    const struct validate_figure known[] = {AT05("negative binomial", NEGBIN, 0, .05)};
    const struct validate_figure power[] = {AT05("rank", RANK, .8, 1)};
    uint32_t R = validate_pick(v, 5000, 40000);
    validate_world(v, &plan, "nothing stopped, two a day: size of ", &even, one_rate, 2, R);
    validate_world(v, &plan, "nothing stopped, days scatter: size of ", &scatter, days, 3, R);
    validate_world(v, &plan, "nothing stopped, rate wanders: size of ", &wander, rank, 1, R);
    validate_world(v, &plan, "nothing stopped, one in ten days: size of ", &few, rank, 1, R);
    validate_world(v, &plan,
                   "nothing stopped, days scatter, window from the first moment: size of ",
                   &cut, rank, 1, R);
    validate_world(v, &plan, "silent for ten days, days scatter: power of ", &stopped, power, 1,
                   R);
    validate_world(v, &plan, "nothing stopped, scatter of days fitted: size of ", &fitted,
                   known, 1, validate_pick(v, 0, 2000));
}
