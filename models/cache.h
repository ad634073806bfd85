/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cache - what a caching resolver does to memoryless demand (methods.md C1-C3).
 *
 * Demand is Poisson with rate lambda; after a miss the answer lives ttl and hides
 * what is asked (the TTL is not renewed by a hit: DNS, not LRU). Misses are then
 * a renewal process with gaps ttl + Exp(lambda): mean ttl + 1/lambda, CV
 * 1/(1 + lambda ttl). So a regular, even "hourly" series is what a cache makes of
 * unstructured demand. Excess gaps e = gap - ttl divided by their sum are
 * Dirichlet(1..1) for every lambda: all tests on them are exact.
 *
 * Jung, Berger & Balakrishnan 2003 (INFOCOM) for the renewal model; Rajab et al.
 * 2010 for the estimator lambda = n / at-risk time.
 */
#ifndef MODELS_CACHE_H
#define MODELS_CACHE_H

#include "base/err.h"
#include "models/stream.h"
#include "stats/gof.h"

struct cache_fit {
    size_t n;                            /* misses (sessions) */
    double ttl_s, at_risk_s;             /* U = T - (n-1) ttl - min(ttl, T - t_n) */
    double lambda, lambda_lo, lambda_hi; /* per second; 95 % interval by chi-square */
    double loglik;                       /* n ln lambda - lambda U */
    double hidden_demand;                /* n (1 + lambda ttl) */
    double cv_expected;                  /* of raw gaps, 1 / (1 + lambda ttl) */
    size_t short_gaps;                   /* gaps < ttl - 2 s: not one honest cache */
};

/* One stream over live time. ERR_DEGENERATE without an event or time. */
int cache_fit(struct cache_fit *ret, const struct stream *s, const struct window *w,
              struct err *err);

/* Excess gaps of a stream, e_i = gap - ttl, without those in which the sensor was
 * deaf after the answer's life ended (they are censored); negative ones (short
 * gaps) become 0. Returns how many; ret holds s->n. Exact Dirichlet tests hold
 * within one live piece; pooled over few pieces they hold closely (V2). */
size_t cache_excess(const struct stream *s, const struct window *w, double *ret);

/* C2: is the dead time the TTL? H0 tau = ttl against tau > ttl, from the smallest
 * gap: F = m (g1 - ttl)(m - 1) / sum(g_i - g1) ~ F(2, 2m - 2), exact. The
 * interval of tau is [lo, g1] at level .95. ERR_DEGENERATE below 3 gaps. */
struct cache_dead_time {
    double f, log_p, tau_lo, tau_hi;
    size_t m;
};
int cache_dead_time(struct cache_dead_time *ret, const double *gaps, size_t m, double ttl_s,
                    struct err *err);

/* C3: k identical caches behind one address, h(t) = lambda (1 - w(t)/k)+, w(t)
 * misses in (t - ttl, t). Profile likelihood over k = 1 + max w .. CACHE_K_MAX;
 * posterior of k with prior 1/k (and 1/lambda). ERR_DEGENERATE without a miss, or
 * with more than CACHE_K_MAX within one ttl. */
enum { CACHE_K_MAX = 32 };
struct cache_k {
    int k;         /* maximum likelihood */
    double lambda; /* demand per second at k */
    double loglik[CACHE_K_MAX + 1],
        posterior[CACHE_K_MAX + 1]; /* by k; -INFINITY: impossible */
};
int cache_k_fit(struct cache_k *ret, const double *t, size_t n, double ttl_s, double length_s,
                struct err *err);

/* Draw misses over [0, length) of one cache with demand lambda(t): lambda_max
 * bounds it, rate(ctx, t) <= lambda_max. Returns how many (at most cap). */
size_t cache_draw(struct rng *r, double ttl_s, double length_s, double lambda_max,
                  double (*rate)(const void *ctx, double t), const void *ctx, double *ret_t,
                  size_t cap);

/* The same in a stream's place: each hides what one of `like`'s sessions of that hour of the
 * day does (stream_dead_draw), since a session can hide more than a life. Into ret's t and,
 * where it has that, hidden, of room cap each; ret's n and ttl_s are set. */
void cache_draw_like(struct rng *r, const struct stream *like, double length_s,
                     double lambda_max, double (*rate)(const void *ctx, double t),
                     const void *ctx, struct stream *ret, size_t cap);

#endif
