/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"
#include "stats/tail.h"

enum { HALVINGS = 16 };

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

/* What is known of the curve. Three searches begin at the same positions, and a test of 400
 * replicates a position is not made twice. */
struct curve {
    const struct power_scale *scale;
    power_fn *power;
    void *ctx;
    struct power_point known[3 * (HALVINGS + 1) + POWER_POINTS + 1];
    size_t n;
};

static struct power_point point_at(struct curve *c, double effect)
{
    size_t i = 0;
    while (i < c->n && c->known[i].effect != effect)
        i++;
    if (i == c->n) {
        c->known[c->n++] = (struct power_point){.effect = effect};
        c->power(c->ctx, &c->known[i]);
    }
    return c->known[i];
}

/* Smallest position at which the reading reaches POWER_WANTED; NAN: not even at 1. */
static double cross(struct curve *c, int by)
{
    double lo = 0, hi = 1;
    struct power_point p = point_at(c, effect_at(c->scale, 1));
    if (!(reading(&p, by) >= POWER_WANTED))
        return NAN;
    for (int i = 0; i < HALVINGS; i++) {
        double mid = (lo + hi) / 2;
        p = point_at(c, effect_at(c->scale, mid));
        *(reading(&p, by) >= POWER_WANTED ? &hi : &lo) = mid;
    }
    return hi;
}

void power_fill(struct power_curve *ret, const struct power_scale *s, power_fn *power,
                void *ctx)
{
    static const double share[POWER_POINTS] = {0, .25, .5, .75, 1, 1.5, 2};
    struct curve c = {.scale = s, .power = power, .ctx = ctx};
    ret->n = 0;
    ret->most = s->most;
    ret->mde = ret->mde_lo = ret->mde_hi = NAN;
    if (s->only_claimed) {
        ret->v[ret->n++] = ret->at_claim = point_at(&c, s->claimed);
        return;
    }
    double middle = cross(&c, BY_VALUE);
    ret->mde = isnan(middle) ? NAN : effect_at(s, middle);
    if (ret->sims) {
        ret->mde_lo = effect_at(s, cross(&c, BY_HI));
        ret->mde_hi = effect_at(s, cross(&c, BY_LO));
    }
    double unit = isnan(middle) ? position_of(s, s->claimed) : middle;
    for (size_t i = 0; i < POWER_POINTS; i++) {
        double x = share[i] * unit;
        if (x >= 0 && x <= 1)
            ret->v[ret->n++] = point_at(&c, effect_at(s, x));
    }
    ret->at_claim = point_at(&c, s->claimed);
}

void power_binomial(void *binomial, struct power_point *point)
{
    const struct power_binomial *b = binomial;
    double e = point->effect;
    double p1 = b->ratio ? b->p0 * e / (b->p0 * e + 1 - b->p0) : b->p0 + e * (1 - b->p0);
    uint64_t k = 0, top = b->n + 1;
    while (k < top) { /* smallest count that would be rejected */
        uint64_t mid = k + (top - k) / 2;
        if (mid <= b->n && binomial_log_upper(mid, b->n, b->p0) > log(b->level))
            k = mid + 1;
        else
            top = mid;
    }
    point->value = k > b->n ? 0 : exp(binomial_log_upper(k, b->n, fmin(1, p1)));
    point->lo = point->hi = NAN;
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
            critical = v[i];
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
