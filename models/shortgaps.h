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
    double log_p;   /* lower tail of `shorter` under k caches; NAN: none shorter, or k 0 */
    struct mc mc;
};

/* t ascending seconds from the window's start, live_s > 0, ttl_s > 2; at most
 * max_replicates, fewer where ten exceed (Besag & Clifford 1991); 0: caches are fitted and
 * not tested. */
void shortgaps_test(struct shortgaps *ret, const double *t, size_t n, double live_s,
                    double ttl_s, uint32_t max_replicates, struct rng *r);

/* Draw misses of k caches behind one address over [0, length): returns how many, at most
 * cap. Exact: the rate is lambda (1 - w/k) between an expiry and the next. */
size_t shortgaps_draw(struct rng *r, int k, double lambda, double ttl_s, double length_s,
                      double *ret_t, size_t cap);

#endif
