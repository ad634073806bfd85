/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/shortgaps.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

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

size_t shortgaps_places(const double *t, size_t n, double life_s)
{
    size_t places;
    count_shorter(t, n, life_s, &places);
    return places;
}

bool shortgaps_suspect(const struct shortgaps *s)
{
    return s->places >= 3 && s->shorter * 10 <= s->gaps;
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

/* A gap is short unless, of k independent caches, the k - 1 others, each busy with a
 * probability of h = (lambda/k) ttl / (1 + (lambda/k) ttl), are all silent for a ttl. */
static double mean_share(int k, double lambda, double ttl_s)
{
    double x = lambda * ttl_s / k;
    return 1 - pow(1 / (1 + x), k - 1);
}

static double standard_score(const struct shortgaps *s, double lambda, double life_s)
{
    double share = mean_share(s->k, lambda, life_s), gaps = (double)s->gaps;
    return (gaps * share - (double)s->shorter - .5) / sqrt(gaps * share * (1 - share));
}

static void test_caches(struct shortgaps *ret, const struct cache_k *fit, double length_s,
                        double life_s, double session_s, uint32_t max, struct rng *r)
{
    size_t cap = 2 * ret->sessions + 1000;
    double *t = mem_alloc(cap * sizeof *t);
    ret->mc = (struct mc){.stop_at = STOP_AT, .max = max};
    bool more = true;
    while (more) {
        size_t n = shortgaps_draw(r, fit->k, fit->lambda, life_s, length_s, t, cap);
        n = sessions_collapse(t, NULL, n, session_s, t, NULL);
        more =
            mc_add(&ret->mc, -(double)count_shorter(t, n, life_s, NULL), -(double)ret->shorter);
    }
    ret->log_p = log(mc_p(&ret->mc));
    free(t);
}

void shortgaps_test(struct shortgaps *ret, const double *t, size_t n, double live_s,
                    double ttl_s, double session_s, uint32_t max_replicates, struct rng *r)
{
    *ret = (struct shortgaps){.sessions = n, .gaps = n ? n - 1 : 0, .few = NAN, .log_p = NAN};
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
    ret->few = standard_score(ret, fit.lambda, life_s);
    if (max_replicates)
        test_caches(ret, &fit, length_s, life_s, session_s, max_replicates, r);
}

/* --- pairs of one client -------------------------------------------------------------- */

struct shortgaps_pair shortgaps_pair(const struct shortgaps *s, double ttl_s)
{
    static const double RESTART_S = 30 * 86400.0;
    struct shortgaps_pair p = {(double)s->places, (double)s->shorter, 0, 0};
    if (s->hidden > 0 && s->hidden < 1) {
        double x = s->hidden / (1 - s->hidden);
        p.expected = (double)s->sessions * (1 + expm1(-x) / x) * ttl_s / RESTART_S;
        p.of_two = (double)s->sessions * mean_share(2, x, 1);
    }
    return p;
}

/* Pearson's, of the places of all pairs but i. */
static double dispersion(const struct shortgaps_pair *v, size_t n, size_t i, double places,
                         double expected)
{
    double chi = 0, df = -1;
    for (size_t j = 0; j < n && places > 0; j++)
        if (j != i && v[j].expected > 0) {
            double mean = places * v[j].expected / expected;
            chi += (v[j].places - mean) * (v[j].places - mean) / mean;
            df++;
        }
    return df > 0 ? fmax(1, chi / df) : 1;
}

struct shortgaps_others shortgaps_others(const struct shortgaps_pair *v, size_t n, size_t i)
{
    struct shortgaps_others o = {.own = v[i].expected};
    double shorter = 0, of_two = 0;
    for (size_t j = 0; j < n; j++)
        if (j != i) {
            o.places += v[j].places;
            o.expected += v[j].expected;
            shorter += v[j].shorter;
            of_two += v[j].of_two;
        }
    o.dispersion = dispersion(v, n, i, o.places, o.expected);
    o.tell = of_two >= 10;
    o.one_cache = o.tell && of_two >= 10 * shorter;
    return o;
}

/* w: of the places that all its pairs have, those of pair i. */
static double share_of(const struct shortgaps_others *o)
{
    return o->own / (o->own + o->expected + (o->places > 0 ? 0 : 1));
}

double shortgaps_log_restarts(const struct shortgaps_others *o, double places)
{
    if (!(places > 0) || !(o->own > 0))
        return 0;
    double upper =
        gsl_cdf_beta_P(share_of(o), places / o->dispersion, o->places / o->dispersion + 1);
    return log(fmax(upper, 1e-300));
}

double shortgaps_draw_rate(const struct shortgaps_others *o, struct rng *r)
{
    return rng_gamma(r, o->places / o->dispersion + 1,
                     1 / (o->expected + (o->places > 0 ? 0 : 1)));
}

double shortgaps_draw_restarts(const struct shortgaps_others *o, double rate, struct rng *r)
{
    return round(o->dispersion * (double)rng_poisson(r, rate * o->own));
}
