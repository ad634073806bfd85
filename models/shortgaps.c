/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/shortgaps.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/cache.h"

enum { STOP_AT = 10 };

static size_t count_shorter(const double *t, size_t n, double life_s, size_t *ret_places)
{
    size_t shorter = 0, places = 0;
    bool before = false;
    for (size_t i = 1; i < n; i++) {
        bool now = t[i] - t[i - 1] < life_s;
        shorter += now;
        places += now && !before;
        before = now;
    }
    if (ret_places)
        *ret_places = places;
    return shorter;
}

/* H by the gaps that keep the time to live: 1 / lambda is their mean excess. */
static double hidden_share(const double *t, size_t n, double ttl_s)
{
    double excess = 0;
    size_t kept = 0;
    for (size_t i = 1; i < n; i++)
        if (t[i] - t[i - 1] >= ttl_s - SHORTGAPS_SLACK_S) {
            excess += fmax(0, t[i] - t[i - 1] - ttl_s);
            kept++;
        }
    return kept ? ttl_s / (ttl_s + fmax(excess, 1) / (double)kept) : NAN;
}

size_t shortgaps_draw(struct rng *r, int k, double lambda, double ttl_s, double length_s,
                      double *ret_t, size_t cap)
{
    size_t n = 0, oldest = 0; /* ret_t[oldest..n) are alive */
    double now = 0;
    while (n < cap) {
        double rate = lambda * (1 - (double)(n - oldest) / k);
        double expiry = oldest < n ? ret_t[oldest] + ttl_s : INFINITY;
        double next = rate > 0 ? now + rng_exponential(r, 1 / rate) : INFINITY;
        if (next >= length_s && expiry >= length_s)
            break;
        if (expiry <= next) {
            now = expiry;
            oldest++;
        } else {
            ret_t[n++] = now = next;
        }
    }
    return n;
}

static void test_caches(struct shortgaps *ret, const struct cache_k *fit, double length_s,
                        double life_s, uint32_t max, struct rng *r)
{
    size_t cap = 2 * ret->sessions + 1000;
    double *t = mem_alloc(cap * sizeof *t);
    ret->mc = (struct mc){.stop_at = STOP_AT, .max = max};
    bool more = true;
    while (more) {
        size_t n = shortgaps_draw(r, fit->k, fit->lambda, life_s, length_s, t, cap);
        more =
            mc_add(&ret->mc, -(double)count_shorter(t, n, life_s, NULL), -(double)ret->shorter);
    }
    ret->log_p = log(mc_p(&ret->mc));
    free(t);
}

void shortgaps_test(struct shortgaps *ret, const double *t, size_t n, double live_s,
                    double ttl_s, uint32_t max_replicates, struct rng *r)
{
    *ret = (struct shortgaps){.sessions = n, .gaps = n ? n - 1 : 0, .log_p = NAN};
    ret->shorter = count_shorter(t, n, ttl_s - SHORTGAPS_SLACK_S, &ret->places);
    ret->hidden = hidden_share(t, n, ttl_s);
    if (!ret->shorter) {
        ret->k = 1;
        return;
    }
    struct cache_k fit;
    struct err err;
    double length_s = fmax(live_s, t[n - 1] + 1);
    double life_s = ttl_s - SHORTGAPS_SLACK_S; /* what no cut of a clock can make shorter */
    if (cache_k_fit(&fit, t, n, life_s, length_s, &err) < 0)
        return;
    ret->k = fit.k;
    if (max_replicates)
        test_caches(ret, &fit, length_s, life_s, max_replicates, r);
}
