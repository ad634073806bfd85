/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/gapodds.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/marginal.h"

enum { BEATS = 5, NOTHING = 40 }; /* e^-40 beside 1 */

struct gaps {
    const double *gap; /* in units of ttl */
    size_t n;
};

static double lambda_of(double u)
{
    return pow(10, -1 + 2.5 * u);
}

static double demand(const void *ctx, const double *u, double floor)
{
    (void)floor;
    const struct gaps *g = ctx;
    double lambda = lambda_of(u[0]), sum = 0;
    for (size_t i = 0; i < g->n; i++)
        sum += log(lambda) - lambda * fmax(g->gap[i] - 1, 0);
    return sum;
}

struct timer {
    double period, spread, miss;
};

static struct timer timer_of(const double *u)
{
    return (struct timer){exp(u[0] * log(12.)), exp(log(.002) + u[1] * log(150.)), .3 * u[2]};
}

/* No gap adds more than `each`: its beats' weights sum to 1. */
static double timer(const void *ctx, const double *u, double floor)
{
    const struct gaps *g = ctx;
    struct timer t = timer_of(u);
    double weight[BEATS], sum = 0, seen = 0; /* seen: chance that a gap reaches the ttl */
    for (int m = 1; m <= BEATS; m++) {
        weight[m - 1] = (m - 1) * log(t.miss) + (m < BEATS ? log1p(-t.miss) : 0);
        /* P >= 1, so that the tail is at least 1/2: erfc is exact enough, and quick */
        seen += exp(weight[m - 1]) * .5 * erfc((1 - m * t.period) / t.spread / M_SQRT2);
    }
    double each = -log(fmax(seen, 1e-300)) - log(t.spread) - .5 * log(2 * M_PI);
    for (size_t i = 0; i < g->n; i++) {
        double most = -INFINITY, part[BEATS], all = 0;
        for (int m = 1; m <= BEATS; m++) {
            double z = (g->gap[i] - m * t.period) / t.spread;
            part[m - 1] = weight[m - 1] - z * z / 2;
            most = fmax(most, part[m - 1]);
        }
        for (int m = 0; m < BEATS; m++)
            all += part[m] - most > -NOTHING ? exp(part[m] - most) : 0;
        sum += each + most + log(all);
        if (sum + (double)(g->n - 1 - i) * each <= floor)
            return -INFINITY;
    }
    return sum;
}

static struct marginal_target target_of(bool is_timer, const struct gaps *g)
{
    if (is_timer)
        return (struct marginal_target){timer, g, 3, {1000, 10, 2}};
    return (struct marginal_target){demand, g, 1, {64}};
}

static void scaled(const double *gap, size_t n, double ttl_s, double *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = gap[i] / ttl_s;
}

void gapodds(const double *gap, size_t n, double ttl_s, size_t draws, struct rng *r,
             struct gapodds *ret)
{
    double *g = mem_alloc(n * sizeof *g), mode[MARGINAL_D], se;
    struct gaps data = {g, n};
    struct marginal_target a = target_of(false, &data), b = target_of(true, &data);
    *ret = (struct gapodds){-INFINITY, -INFINITY, NAN, NAN, NAN, false};
    scaled(gap, n, ttl_s, g);
    bool refuted = false;
    for (size_t i = 0; i < n; i++)
        refuted |= gap[i] < ttl_s - 2;
    if (!refuted) {
        ret->log_demand = marginal_grid(&a, NULL, NULL, NULL);
        ret->log_timer = marginal_grid(&b, mode, NULL, NULL);
        ret->log_factor = ret->log_timer - ret->log_demand;
    }
    if (!refuted && draws) {
        ret->importance = marginal_importance(&b, mode, draws, r, &se) - ret->log_demand;
        ret->bridge = marginal_bridge(&b, mode, draws, r) - ret->log_demand;
        ret->computed = fabs(ret->importance - ret->log_factor) <= GAPODDS_APART &&
                        fabs(ret->bridge - ret->log_factor) <= GAPODDS_APART;
    }
    free(g);
}

void gapodds_draw(bool is_timer, const double *u, double ttl_s, struct rng *r, double *ret,
                  size_t n)
{
    struct timer t = timer_of(u);
    for (size_t i = 0; i < n;) {
        double gap = 1 + rng_exponential(r, 1 / lambda_of(u[0]));
        if (is_timer) {
            int m = 1;
            while (m < BEATS && rng_unit(r) < t.miss)
                m++;
            gap = m * t.period + t.spread * rng_normal(r);
        }
        if (gap >= 1)
            ret[i++] = gap * ttl_s;
    }
}

void gapodds_rank(bool is_timer, const double *gap, size_t n, double ttl_s, const double *u,
                  double *ret)
{
    double *g = mem_alloc(n * sizeof *g);
    struct gaps data = {g, n};
    struct marginal_target t = target_of(is_timer, &data);
    scaled(gap, n, ttl_s, g);
    marginal_grid(&t, NULL, u, ret);
    free(g);
}
