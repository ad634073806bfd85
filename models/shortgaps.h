/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * shortgaps - sessions closer than the time to live, and what explains them
 * (methods.md I2).
 *
 * One cache makes none: a session within ttl - 2 s of the one before is a second cache
 * behind the address, a restart (one a time), a shorter life than the stated one, a
 * client without a cache, or a row that was put in. A row put in at random makes on
 * average 2 H short gaps, H = lambda ttl / (1 + lambda ttl), and at least one with a
 * probability of H or more.
 *
 * Several caches are tested: k by maximum likelihood (cache_k_fit), then p is the share
 * of replicates of k such caches with at most as many short gaps, k refitted in none (k is
 * fixed at its fit, the rate with it). Few short gaps among many that keep the time to live
 * are what k >= 2 caches do not make. Demand that changes with the hours makes more short
 * gaps than an even demand, so that this p is on the safe side for an honest log.
 *
 * Restarts, evictions, a limit on lives belong to the client: they strike all its pairs at the
 * same rate rho, unknown. A restart shows in a pair whose name is asked for again before the
 * answer that is lost would have expired; at one restart in 30 days a pair of n sessions has
 *     E = n (1 - (1 - e^-x) / x) ttl / 30 d,   x = lambda ttl = H / (1 - H)
 * such places. Where the client's other pairs have S > 0 places and E' expected ones, those of
 * the pair are Binomial(S + places, w), w = E / (E + E'), given all: p is the upper tail, exact
 * for every rho. Where they have none, rho has an exponential prior about one in 30 days:
 * p is of the predictive law (Box 1980), the same tail with w = E / (1 + E + E'). Counts are
 * divided by Pearson's dispersion of the other pairs, if above 1 (quasi-binomial, by the
 * incomplete beta function). Over all pairs of a log p / (E / sum of E) is Bonferroni's
 * correction, weighted (Genovese, Roeder & Wasserman 2006, Biometrika 93:509).
 *
 * The other pairs also tell whether the client has one cache: two would make ten short gaps or
 * more of them, and ten times as many as there are.
 */
#ifndef MODELS_SHORTGAPS_H
#define MODELS_SHORTGAPS_H

#include "models/stream.h"
#include "stats/mc.h"
#include "stats/rng.h"

#define SHORTGAPS_SLACK_S 2.0

struct shortgaps {
    size_t sessions, gaps;
    size_t shorter; /* gaps below ttl - 2 s */
    size_t places;  /* runs of such gaps side by side: at least as many rows or restarts */
    double hidden;  /* H, of the gaps that keep the time to live */
    int k;          /* caches; 0: no number up to CACHE_K_MAX fits */
    double few;     /* the standard score by which `shorter` is below the mean of k caches,
                       half a gap off, as if gaps were independent; NAN: none shorter, or k 0 */
    double log_p;   /* lower tail of `shorter` under k caches; NAN: none shorter, or k 0 */
    struct mc mc;
};

/* t ascending seconds from the window's start, live_s > 0, ttl_s > 2; replicates are joined to
 * sessions as t was, by session_s (0: t are look-ups); at most
 * max_replicates, fewer where ten exceed (Besag & Clifford 1991); 0: caches are fitted and
 * not tested. */
void shortgaps_test(struct shortgaps *ret, const double *t, size_t n, double live_s,
                    double ttl_s, double session_s, uint32_t max_replicates, struct rng *r);

/* Few short gaps among many that keep the time to live, in more places than restarts make:
 * only then is a test of p a ground for failure. */
bool shortgaps_suspect(const struct shortgaps *s);

/* One pair among those of its client. */
struct shortgaps_pair {
    double places, shorter;
    double expected; /* E; 0: too few sessions */
    double of_two;   /* short gaps that two caches would make of its demand */
};
struct shortgaps_pair shortgaps_pair(const struct shortgaps *s, double ttl_s);

/* What the other n - 1 pairs of a client say of pair i. */
struct shortgaps_others {
    double places, expected; /* S, E' */
    double own;              /* E of pair i */
    double dispersion;       /* of the others, at least 1 */
    bool tell;               /* two caches would make ten short gaps or more of them */
    bool one_cache;          /* and ten times as many as there are */
};
struct shortgaps_others shortgaps_others(const struct shortgaps_pair *v, size_t n, size_t i);

/* ln p of so many places in pair i by restarts. */
double shortgaps_log_restarts(const struct shortgaps_others *o, double places);

/* The client's rate, over one in 30 days, given its other pairs: Gamma(S + 1, 1 / E'); and the
 * places that it makes in pair i, by that law over all rates. Pairs of a client have one rate.
 */
double shortgaps_draw_rate(const struct shortgaps_others *o, struct rng *r);
double shortgaps_draw_restarts(const struct shortgaps_others *o, double rate, struct rng *r);

/* Places with gaps below life_s. */
size_t shortgaps_places(const double *t, size_t n, double life_s);

/* Draw misses of k caches behind one address over [0, length): returns how many, at most
 * cap. Exact: the rate is lambda (1 - w/k) between an expiry and the next. */
size_t shortgaps_draw(struct rng *r, int k, double lambda, double ttl_s, double length_s,
                      double *ret_t, size_t cap);

#endif
