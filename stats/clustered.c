/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/clustered.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* sum of r_i r_{i+k} over sum of mu_i mu_{i+k}; lag 0 less Poisson's share. */
static double moment(const double *y, const double *mu, size_t n, size_t k)
{
    double products = 0, means = 0;
    for (size_t i = k; i < n; i++) {
        double r = y[i] - mu[i], before = y[i - k] - mu[i - k];
        products += r * before - (k == 0 ? mu[i] : 0);
        means += mu[i] * mu[i - k];
    }
    return means > 0 ? products / means : 0;
}

void clustered_fit(struct clustered *ret, const double *y, const double *mu, size_t n,
                   size_t lost)
{
    size_t used = 0;
    double poisson = 0, means = 0;
    for (size_t i = 0; i < n; i++) {
        used += mu[i] > 0;
        poisson += mu[i];
        means += mu[i] * mu[i];
    }
    *ret = (struct clustered){0, 0};
    if (used <= lost + 2 || !(means > 0))
        return;
    double scale = (double)used / (double)(used - lost);
    double v0 = scale * (moment(y, mu, n, 0) + poisson / means) - poisson / means;
    if (!(v0 > 0))
        return;
    ret->s2 = log1p(v0);
    /* of a process without mean the sum of autocovariances is that of the mean's variance:
     * what the fitted means took is given back */
    double share = (double)lost / (double)used * v0;
    double m1 = fmax(0, moment(y, mu, n, 1) + share), m2 = fmax(0, moment(y, mu, n, 2) + share);
    double rho1 = log1p(m1) / ret->s2, rho2 = sqrt(log1p(m2) / ret->s2);
    ret->rho = fmin(CLUSTERED_RHO_MOST, m2 > 0 && m1 > 0 ? (rho1 + rho2) / 2 : rho1);
}

void clustered_follow(const struct clustered *c, size_t n, const double *z, double *ret_factor)
{
    double s = sqrt(c->s2), x = 0;
    for (size_t i = 0; i < n; i++) {
        x = i ? c->rho * x + sqrt(1 - c->rho * c->rho) * s * z[i] : s * z[i];
        ret_factor[i] = exp(x - c->s2 / 2);
    }
}

void clustered_rates(const struct clustered *c, size_t n, struct rng *r, double *ret_factor)
{
    bool still = !(c->s2 > 0);
    for (size_t i = 0; i < n; i++)
        ret_factor[i] = still ? 0 : rng_normal(r);
    if (!still)
        rng_normal(r); /* not used: where the stream goes on is part of every result */
    clustered_follow(c, n, ret_factor, ret_factor);
}

void clustered_counts(const double *mu, size_t n, struct rng *r, double *y)
{
    for (size_t i = 0; i < n; i++) {
        double rate = mu[i] * y[i];
        y[i] = rate > 0 ? (double)rng_poisson(r, rate) : 0;
    }
}

void clustered_draw(const struct clustered *c, const double *mu, size_t n, struct rng *r,
                    double *ret_y)
{
    clustered_rates(c, n, r, ret_y);
    clustered_counts(mu, n, r, ret_y);
}

void clustered_give_back(struct clustered *c, clustered_leave *leave, void *ctx)
{
    enum { ROUNDS = 4, SERIES = 60 };
    const struct clustered found = *c;
    for (int round = 0; found.s2 > 0 && round < ROUNDS; round++) {
        double s2 = 0, rho = 0, used = 0;
        for (uint32_t i = 0; i < SERIES; i++) {
            struct clustered again;
            if (!leave(ctx, c, i, &again))
                continue;
            s2 += again.s2;
            rho += again.rho;
            used++;
        }
        if (!(used > 0))
            return;
        c->s2 = fmax(found.s2, c->s2 + found.s2 - s2 / used);
        c->rho = fmin(CLUSTERED_RHO_MOST, fmax(found.rho, c->rho + found.rho - rho / used));
    }
}

double clustered_quotient_bound(double a, double a_limit, double b, double b_limit)
{
    double off = hypot(log(a_limit / a), log(b_limit / b));
    return a / b * exp(a_limit > a ? off : -off);
}

double clustered_share_bound(double k, double n, double phi, double level, bool upper)
{
    double a = k / phi + (upper ? 1 : 0), b = (n - k) / phi + (upper ? 0 : 1);
    if (upper ? k >= n : k <= 0)
        return upper ? 1 : 0;
    double lo = 0, hi = 1, want = upper ? level : 1 - level;
    for (int i = 0; i < 60; i++) {
        double mid = (lo + hi) / 2;
        *(gsl_cdf_beta_P(mid, a, b) < want ? &lo : &hi) = mid;
    }
    return upper ? hi : lo;
}

double clustered_common_ratio(const struct clustered_stratum *s, size_t n)
{
    double after = 0, before = 0;
    for (size_t i = 0; i < n; i++) {
        double e = s[i].e[0] + s[i].e[1];
        after += e > 0 ? s[i].y[1] * s[i].e[0] / e : 0;
        before += e > 0 ? s[i].y[0] * s[i].e[1] / e : 0;
    }
    return after + before > 0 ? after / before : NAN;
}

/* P(as few after, or as many) at a ratio. */
static double common_tail(const struct clustered_stratum *s, size_t n, double phi, double ratio,
                          bool few)
{
    double mean = 0, variance = 0, after = 0;
    for (size_t i = 0; i < n; i++) {
        double share = ratio * s[i].e[1] / (s[i].e[0] + ratio * s[i].e[1]);
        if (!(s[i].e[0] > 0) || !(s[i].e[1] > 0))
            continue;
        after += s[i].y[1];
        mean += (s[i].y[0] + s[i].y[1]) * share;
        variance += (s[i].y[0] + s[i].y[1]) * share * (1 - share);
    }
    double share = 1 - variance / mean, all = mean / share, k = after / phi, rest;
    rest = fmax(0, all / phi - k);
    if (few)
        return rest > 0 ? gsl_cdf_beta_Q(share, k + 1, rest) : 1;
    return k > 0 ? gsl_cdf_beta_P(share, k, rest + 1) : 1;
}

double clustered_common_bound(const struct clustered_stratum *s, size_t n, double phi,
                              double level, bool upper)
{
    double lo = -30, hi = 30, at = clustered_common_ratio(s, n);
    if (isnan(at) || (upper ? isinf(at) : !(at > 0)))
        return upper ? INFINITY : 0;
    for (int i = 0; i < 60; i++) {
        double mid = (lo + hi) / 2;
        bool fits = common_tail(s, n, phi, exp(mid), upper) > 1 - level;
        *(fits == upper ? &lo : &hi) = mid;
    }
    return exp(upper ? hi : lo);
}
