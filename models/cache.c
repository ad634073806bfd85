/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/cache.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "stats/tail.h"

/* A gap this much shorter than the TTL is no rounding of clocks. */
static const double SHORT_S = 2;

/* Live time in which a session could begin. Each miss hides [t, t + ttl), or more, but
 * not past the next miss, so a second one that came too early counts once. With
 * one live piece of length T this is T - (n-1) ttl - min(ttl, T - t_n): the cache
 * is taken to be cold at the window's start. */
static double at_risk(const struct stream *s, const struct window *w)
{
    double u = w->live_s;
    for (size_t i = 0; i < s->n; i++) {
        double end = s->t[i] + stream_dead(s, i);
        if (i + 1 < s->n && s->t[i + 1] < end)
            end = s->t[i + 1];
        u -= window_live_between(w, s->t[i], fmin(end, w->length_s));
    }
    return u;
}

static size_t short_gaps(const struct stream *s)
{
    size_t k = 0;
    for (size_t i = 1; i < s->n; i++)
        k += s->t[i] - s->t[i - 1] < s->ttl_s - SHORT_S;
    return k;
}

/* The likelihood of misses at t_1..t_n is prod lambda * exp(-lambda U), so
 * lambda = n / U. 2 lambda U is between chi-square(2n) and chi-square(2n + 2),
 * for the window ends neither at an event nor without one; 2n + 1 is the
 * mid-point, covers .941 to .954 for 5 to 1000 expected misses. */
int cache_fit(struct cache_fit *ret, const struct stream *s, const struct window *w,
              struct err *err)
{
    if (s->n == 0)
        return err_set(err, ERR_DEGENERATE, "cache: expected at least one session, found none");
    double u = at_risk(s, w), n = (double)s->n;
    if (!(u > 0))
        return err_set(err, ERR_DEGENERATE, "cache: expected time outside ttl %g s, found none",
                       s->ttl_s);
    double lambda = n / u;
    *ret = (struct cache_fit){
        .n = s->n,
        .ttl_s = s->ttl_s,
        .at_risk_s = u,
        .lambda = lambda,
        .lambda_lo = gsl_cdf_chisq_Pinv(.025, 2 * n + 1) / (2 * u),
        .lambda_hi = gsl_cdf_chisq_Pinv(.975, 2 * n + 1) / (2 * u),
        .loglik = n * log(lambda) - lambda * u,
        .hidden_demand = n * (1 + lambda * s->ttl_s),
        .cv_expected = 1 / (1 + lambda * s->ttl_s),
        .short_gaps = short_gaps(s),
    };
    return 0;
}

/* A gap is known when the sensor listened from the end of the answer's life to
 * the next miss: what it slept through before could not have held a miss. */
size_t cache_excess(const struct stream *s, const struct window *w, double *ret)
{
    size_t m = 0;
    for (size_t i = 1; i < s->n; i++) {
        double from = s->t[i - 1] + stream_dead(s, i - 1), excess = s->t[i] - from;
        if (excess > 0 && window_live_between(w, from, s->t[i]) < excess - 1e-6)
            continue;
        ret[m++] = fmax(excess, 0);
    }
    return m;
}

/* Under tau = ttl, 2 m lambda (g1 - ttl) ~ chi-square(2), independent of
 * 2 lambda sum(g_i - g1) ~ chi-square(2m - 2) (Sukhatme 1937: spacings of
 * exponential order statistics), so f ~ F(2, 2m - 2), whose tail is
 * (1 + f/(m - 1))^-(m - 1) and inverts in closed form. */
int cache_dead_time(struct cache_dead_time *ret, const double *gaps, size_t m, double ttl_s,
                    struct err *err)
{
    if (m < 3)
        return err_set(err, ERR_DEGENERATE, "dead time: expected at least 3 gaps, found %zu",
                       m);
    double least = gaps[0], sum = 0;
    for (size_t i = 1; i < m; i++)
        least = fmin(least, gaps[i]);
    for (size_t i = 0; i < m; i++)
        sum += gaps[i] - least;
    if (!(sum > 0))
        return err_set(err, ERR_DEGENERATE,
                       "dead time: expected gaps that differ, found %zu "
                       "gaps of %g s",
                       m, least);
    double scale = sum / (double)m, d = (double)m - 1;
    double f = (least - ttl_s) * d / scale;
    *ret = (struct cache_dead_time){
        .f = f,
        .log_p = f > 0 ? -d * log1p(f / d) : 0,
        .tau_lo =
            fmax(0, least - scale * expm1(-log(.05) / d)), /* F_.95 = d (.05^(-1/d) - 1) */
        .tau_hi = least,
        .m = m,
    };
    return 0;
}

/* Misses in (t_i - ttl, t_i) for each i, counted by k: ret_with[w] is how many
 * misses saw w others. False when one saw CACHE_K_MAX or more. */
static bool count_overlaps(const double *t, size_t n, double ttl_s,
                           size_t ret_with[CACHE_K_MAX], int *ret_most)
{
    size_t first = 0;
    *ret_most = 0;
    for (size_t i = 0; i < n; i++) {
        while (first < i && t[first] <= t[i] - ttl_s)
            first++;
        size_t w = i - first;
        if (w >= CACHE_K_MAX)
            return false;
        ret_with[w]++;
        if ((int)w > *ret_most)
            *ret_most = (int)w;
    }
    return true;
}

/* ln L(k, lambda) = n ln lambda + sum ln(1 - w_i/k) - lambda (T - W/k), with
 * W = sum min(ttl, T - t_i), is greatest in lambda at n / (T - W/k). Integrating
 * lambda out with prior 1/lambda gives the same function of k up to a constant,
 * so the posterior of k is the profile times its prior 1/k. */
int cache_k_fit(struct cache_k *ret, const double *t, size_t n, double ttl_s, double length_s,
                struct err *err)
{
    size_t with[CACHE_K_MAX] = {0};
    int most;
    if (n == 0)
        return err_set(err, ERR_DEGENERATE,
                       "caches: expected at least one session, found none");
    if (!count_overlaps(t, n, ttl_s, with, &most))
        return err_set(err, ERR_DEGENERATE,
                       "caches: expected at most %d misses within ttl %g s, found more",
                       CACHE_K_MAX, ttl_s);
    double hidden = 0, total = -INFINITY;
    for (size_t i = 0; i < n; i++)
        hidden += fmin(ttl_s, length_s - t[i]);
    struct cache_k fit = {0};
    for (int k = 0; k <= CACHE_K_MAX; k++) {
        double u = length_s - hidden / k;
        fit.loglik[k] = fit.posterior[k] = -INFINITY;
        if (k <= most || !(u > 0))
            continue;
        fit.loglik[k] = (double)n * (log((double)n / u) - 1);
        for (int w = 1; w <= most; w++)
            fit.loglik[k] += (double)with[w] * log1p(-(double)w / k);
        fit.posterior[k] = fit.loglik[k] - log(k);
        total = log_add(total, fit.posterior[k]);
        if (fit.k == 0 || fit.loglik[k] > fit.loglik[fit.k]) {
            fit.k = k;
            fit.lambda = (double)n / u;
        }
    }
    if (fit.k == 0)
        return err_set(err, ERR_DEGENERATE,
                       "caches: expected time outside ttl %g s, found none", ttl_s);
    for (int k = 0; k <= CACHE_K_MAX; k++)
        fit.posterior[k] = exp(fit.posterior[k] - total);
    *ret = fit;
    return 0;
}

/* Thinning (Lewis & Shedler 1979): candidates at the bounding rate, kept with
 * probability rate/bound. A kept one is a miss, and what is asked in the next
 * ttl is a hit: candidates are memoryless, so the next may be drawn from there. */
void cache_draw_like(struct rng *r, const struct stream *like, double length_s,
                     double lambda_max, double (*rate)(const void *ctx, double t),
                     const void *ctx, struct stream *ret, size_t cap)
{
    double t = 0;
    ret->n = 0;
    ret->ttl_s = like->ttl_s;
    while (ret->n < cap) {
        t += rng_exponential(r, 1 / lambda_max);
        if (t >= length_s)
            break;
        if (rng_unit(r) * lambda_max < rate(ctx, t)) {
            double dead = stream_dead_draw(like, t, r);
            if (ret->hidden)
                ret->hidden[ret->n] = dead;
            ret->t[ret->n++] = t;
            t += dead;
        }
    }
}

size_t cache_draw(struct rng *r, double ttl_s, double length_s, double lambda_max,
                  double (*rate)(const void *ctx, double t), const void *ctx, double *ret_t,
                  size_t cap)
{
    struct stream drawn = {.t = ret_t}, like = {.ttl_s = ttl_s};
    cache_draw_like(r, &like, length_s, lambda_max, rate, ctx, &drawn, cap);
    return drawn.n;
}
