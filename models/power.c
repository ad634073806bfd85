/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"
#include "stats/tail.h"

/* Effect at position x of the scale: 0 none, 1 most. Ratios in equal factors; shares and
 * counts finer towards 0. */
static double effect_at(const struct power_scale *s, double x)
{
    if (s->none == 0)
        return s->most * x * x;
    return s->none * pow(s->most / s->none, x);
}

static double position_of(const struct power_scale *s, double effect)
{
    if (s->none == 0)
        return sqrt(effect / s->most);
    return log(effect / s->none) / log(s->most / s->none);
}

/* Which number of a point must reach what is wanted. */
enum { BY_VALUE, BY_LO, BY_HI };

static double reading(const struct power_point *p, int by)
{
    return by == BY_LO ? p->lo : by == BY_HI ? p->hi : p->value;
}

/* Points that are known, by position. Three searches and the printed curve share them. */
enum { KNOWN = 160, STEPS = 40 };
struct known {
    double x;
    struct power_point p;
};
struct curve {
    const struct power_scale *scale;
    power_fn *power;
    void *ctx;
    bool exact;
    double claimed; /* its position */
    struct known known[KNOWN];
    size_t n;
};

/* Index of the point at x. All effects use the same random numbers, so that power rises
 * with them: between two points of the same power it is that of both. */
static size_t know(struct curve *c, double x)
{
    size_t i = 0;
    while (i < c->n && c->known[i].x < x)
        i++;
    if (i < c->n && c->known[i].x == x)
        return i;
    double effect = x == c->claimed ? c->scale->claimed : effect_at(c->scale, x);
    struct known k = {x, {.effect = effect}};
    const struct known *a = i > 0 ? &c->known[i - 1] : NULL, *b = &c->known[i];
    if (!c->exact && a && i < c->n && a->p.value == b->p.value) {
        k.p = a->p;
        k.p.effect = effect;
        if (a->p.severity != b->p.severity)
            k.p.severity = k.p.severity_lo = k.p.severity_hi = NAN;
    } else {
        c->power(c->ctx, &k.p);
    }
    memmove(&c->known[i + 1], &c->known[i], (c->n - i) * sizeof *c->known);
    c->known[i] = k;
    c->n++;
    return i;
}

/* First point whose reading reaches what is wanted; steps away from no effect until there is
 * one; n: not even the largest effect. */
static size_t first_reached(struct curve *c, int by)
{
    for (;;) {
        for (size_t i = 0; i < c->n; i++)
            if (reading(&c->known[i].p, by) >= POWER_WANTED)
                return i;
        double x = c->known[c->n - 1].x;
        if (x >= 1)
            return c->n;
        know(c, x > 0 ? fmin(1, 1.5 * x) : .1);
    }
}

/* Share of the way from a to b at which the reading would be what is wanted. */
static double way(const struct known *a, const struct known *b, int by)
{
    double lo = reading(&a->p, by), hi = reading(&b->p, by);
    return (POWER_WANTED - lo) / (hi - lo);
}

/* Near enough for an interpolation: the reading within half a standard error of 400
 * replicates of one end, or the positions alike. */
static bool settled(const struct curve *c, const struct known *a, const struct known *b, int by)
{
    double near = .01;
    if (c->exact || b->x - a->x < 1. / 4096)
        return b->x - a->x < (c->exact ? 1e-7 : 1. / 4096);
    return reading(&b->p, by) - POWER_WANTED <= near ||
           POWER_WANTED - reading(&a->p, by) <= near;
}

/* Smallest position at which the reading reaches POWER_WANTED; NAN: not even at 1. By turns
 * where a straight line has it, and the middle. */
static double cross(struct curve *c, int by)
{
    for (int step = 0;; step++) {
        size_t i = first_reached(c, by);
        if (i == c->n)
            return NAN;
        const struct known *b = &c->known[i], *a = i ? b - 1 : b;
        if (i == 0)
            return b->x;
        double at = way(a, b, by);
        if (step == STEPS || settled(c, a, b, by))
            return a->x + at * (b->x - a->x);
        at = step % 2 ? .5 : fmin(.9, fmax(.1, at));
        know(c, a->x + at * (b->x - a->x));
    }
}

void power_fill(struct power_curve *ret, const struct power_scale *s, power_fn *power,
                void *ctx)
{
    static const double share[POWER_POINTS] = {0, .25, .5, .75, 1, 1.5, 2};
    struct curve c = {.scale = s,
                      .power = power,
                      .ctx = ctx,
                      .exact = ret->sims == 0,
                      .claimed = position_of(s, s->claimed)};
    bool on_scale = c.claimed > 0 && c.claimed <= 1;
    ret->n = 0;
    ret->most = s->most;
    ret->mde = ret->mde_lo = ret->mde_hi = NAN;
    ret->at_claim = (struct power_point){s->claimed, NAN, NAN, NAN, NAN, NAN, NAN};
    if (!isnan(s->claimed) && (s->only_claimed || !on_scale))
        power(ctx, &ret->at_claim);
    if (s->only_claimed) {
        ret->v[ret->n++] = ret->at_claim;
        return;
    }
    know(&c, 0);
    if (on_scale)
        ret->at_claim = c.known[know(&c, c.claimed)].p;
    double middle = cross(&c, BY_VALUE);
    ret->mde = isnan(middle) ? NAN : effect_at(s, middle);
    if (ret->sims) {
        ret->mde_lo = effect_at(s, cross(&c, BY_HI));
        ret->mde_hi = effect_at(s, cross(&c, BY_LO));
    }
    double unit = !isnan(middle) ? middle : isnan(c.claimed) ? 1 : c.claimed;
    for (size_t i = 0; i < POWER_POINTS; i++) {
        double x = share[i] * unit;
        if (x >= 0 && x <= 1)
            ret->v[ret->n++] = c.known[know(&c, x)].p;
    }
}

void power_binomial(void *binomial, struct power_point *point)
{
    const struct power_binomial *b = binomial;
    double e = point->effect;
    double p1 = b->of == POWER_RATIO    ? b->p0 * e / (b->p0 * e + 1 - b->p0)
                : b->of == POWER_CHANCE ? e
                                        : b->p0 + e * (1 - b->p0);
    uint64_t open = b->n - b->lost;
    uint64_t k = 0, top = b->n + 1;
    while (k < top) { /* smallest count that would be rejected */
        uint64_t mid = k + (top - k) / 2;
        if (mid <= b->n && binomial_log_upper(mid, b->n, b->p0) > log(b->level))
            k = mid + 1;
        else
            top = mid;
    }
    point->value = k > open ? 0 : exp(binomial_log_upper(k, open, fmin(1, p1)));
    point->lo = point->hi = NAN;
    point->severity = fmax(0, 1 - exp(binomial_log_upper(b->seen, open, fmin(1, p1))));
    point->severity_lo = point->severity_hi = NAN;
}

double power_critical(const double *value, size_t m, double level)
{
    double *v = mem_alloc((m + 1) * sizeof *v);
    size_t n = 0, failed = 0;
    for (size_t i = 0; i < m; i++)
        if (isnan(value[i]))
            failed++;
        else
            v[n++] = value[i];
    order_sort(v, n);
    double most = floor(level * ((double)m + 1) * (1 + 1e-12)) - 1 - (double)failed;
    double critical = INFINITY;
    for (size_t i = n; i-- > 0 && (double)(n - i) <= most;)
        if (i == 0 || v[i - 1] < v[i]) /* ties count together */
            critical = i ? nextafter(v[i - 1], INFINITY) : v[i];
    if (most >= 0 && isinf(critical) && n > 0)
        critical = nextafter(v[n - 1], INFINITY); /* only what no replicate reaches */
    free(v);
    return critical;
}

double power_rate_mde(double lambda0, double alpha, double power)
{
    double z = normal_log_quantile(log(alpha)) + normal_log_quantile(log(1 - power));
    double root = 1 + z / (2 * sqrt(lambda0));
    return root * root;
}
