/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/level.h"

#include <math.h>
#include <stdbool.h>

#include "stats/tail.h"

/* Relative variance of a sum of `total` sessions whose means have shares of squares H. */
static double relative(double total, double squares, double of, double inverse)
{
    double shares = of > 0 ? fmin(1, squares / (of * of)) : 1;
    return 1 / total + shares * inverse;
}

/* A client's other cells have the shares of the other names, and the other way round. */
static double error_of(const struct peers *p, size_t cell, double inverse)
{
    const struct peers_cell *c = &p->cells[cell];
    double x = (double)c->x, r = p->client[c->client], n = p->name[c->name];
    double names = p->name_squares - n * n, clients = p->client_squares - r * r;
    double name_rest = p->total - n, client_rest = p->total - r;
    double both = names * clients / (name_rest * client_rest);
    return relative(r - x, names, name_rest, inverse) +
           relative(n - x, clients, client_rest, inverse) +
           relative(p->total - r - n + x, both, sqrt(name_rest * client_rest), inverse);
}

void level_law_of(struct level_law *ret, const struct peers *p, size_t cell, uint64_t least)
{
    *ret = (struct level_law){.mu = peers_expected(p, cell), .least = least > 0 ? least : 1};
    if (!(ret->mu > 0)) {
        ret->mu = NAN;
        return;
    }
    ret->theta_peers = peers_theta(p, cell);
    double inverse = isinf(ret->theta_peers) ? 0 : 1 / ret->theta_peers;
    double v = error_of(p, cell, inverse);
    ret->theta = 1 / (inverse + v + v * inverse);
}

static double log_pmf(const struct level_law *l, uint64_t x)
{
    return isinf(l->theta) ? poisson_logpmf(x, l->mu) : negbin_logpmf(x, l->mu, l->theta);
}

static double log_upper(const struct level_law *l, uint64_t x)
{
    return isinf(l->theta) ? poisson_log_upper(x, l->mu) : negbin_log_upper(x, l->mu, l->theta);
}

static double log_lower(const struct level_law *l, uint64_t x)
{
    return isinf(l->theta) ? poisson_log_lower(x, l->mu) : negbin_log_lower(x, l->mu, l->theta);
}

struct level_p level_p(const struct level_law *l, uint64_t x, int tail)
{
    double up = log_upper(l, x), kept = log_upper(l, l->least);
    double low = tail > 0 ? 0 : log_lower(l, x);
    bool lower = tail < 0 || (tail == 0 && low < up);
    double twice = tail == 0 ? log(2) : 0, p = lower ? low : up;
    double given = lower ? log_sub(low, log_lower(l, l->least - 1)) : up;
    double tested = fmin(0, twice + given - kept);
    return (struct level_p){fmin(0, twice + p), fmin(0, twice + log_midp(p, log_pmf(l, x))),
                            tested, tail > 0 ? log_upper(l, x + 1) - kept : tested};
}

double level_random(double log_tested, double log_above, double u)
{
    if (log_above >= log_tested)
        return log_tested;
    return log_add(log_above, log(u) + log_sub(log_tested, log_above));
}

size_t level_support(const struct level_law *l, double log_from, double *ret, size_t max)
{
    size_t n = 0;
    double kept = log_upper(l, l->least), p = 0;
    if (log_upper(l, l->least + max - 1) - kept >= log_from)
        return 0;
    for (uint64_t x = l->least; p >= log_from; x++) /* one below log_from ends it */
        ret[n++] = p = fmin(0, log_upper(l, x) - kept);
    for (size_t i = 0; i < n / 2; i++) {
        double other = ret[n - 1 - i];
        ret[n - 1 - i] = ret[i];
        ret[i] = other;
    }
    return n;
}
