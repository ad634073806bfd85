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
    if (v > LEVEL_MOST_V) {
        ret->mu = NAN;
        return;
    }
    double own = (inverse - v) / (1 + v);
    ret->theta = own > 0 ? 1 / own : INFINITY;
    ret->v = v;
}

/* --- the law, averaged over the error of E ------------------------------------------ */

typedef double tail_fn(uint64_t x, double mu, double theta);

static double pmf_at(uint64_t x, double mu, double theta)
{
    return isinf(theta) ? poisson_logpmf(x, mu) : negbin_logpmf(x, mu, theta);
}

static double upper_at(uint64_t x, double mu, double theta)
{
    return isinf(theta) ? poisson_log_upper(x, mu) : negbin_log_upper(x, mu, theta);
}

static double lower_at(uint64_t x, double mu, double theta)
{
    return isinf(theta) ? poisson_log_lower(x, mu) : negbin_log_lower(x, mu, theta);
}

/* Gauss & Hermite for N(0, 1); numpy.polynomial.hermite_e.hermegauss(7), 1.24.2. */
static double average(const struct level_law *l, uint64_t x, tail_fn *tail)
{
    static const double node[] = {1.1544053947399682, 2.3667594107345411, 3.7504397177257423};
    static const double log_weight[] = {-1.426603243117342, -3.4816336378191766,
                                        -7.508744778239523};
    static const double log_middle = -.7827593392496325; /* of 16/35 */
    if (l->v < 1e-4)
        return tail(x, l->mu, l->theta);
    double step = sqrt(l->v), centre = l->mu * exp(l->v / 2);
    double sum = log_middle + tail(x, centre, l->theta);
    for (int k = 0; k < 3; k++) {
        double by = exp(step * node[k]);
        sum = log_add(sum, log_weight[k] + tail(x, centre * by, l->theta));
        sum = log_add(sum, log_weight[k] + tail(x, centre / by, l->theta));
    }
    return fmin(0, sum);
}

static double log_pmf(const struct level_law *l, uint64_t x)
{
    return average(l, x, pmf_at);
}

static double log_upper(const struct level_law *l, uint64_t x)
{
    return average(l, x, upper_at);
}

static double log_lower(const struct level_law *l, uint64_t x)
{
    return average(l, x, lower_at);
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

uint64_t level_quantile(const struct level_law *l, double p)
{
    uint64_t below = 0, at = 1;
    if (log_lower(l, 0) >= log(p))
        return 0;
    while (log_lower(l, at) < log(p)) {
        below = at;
        at *= 2;
    }
    while (at - below > 1) {
        uint64_t middle = below + (at - below) / 2;
        if (log_lower(l, middle) < log(p))
            below = middle;
        else
            at = middle;
    }
    return at;
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
