/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/repeats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sort.h"
#include "stats/evenly.h"
#include "stats/order.h"
#include "stats/tail.h"

static const double REGULAR = .05; /* r above which a sequence repeats by nature */
enum { PRIOR_PAIRS = 20, INFLATION = 4 };

/* --- equal values ------------------------------------------------------------------- */

/* How often each value came: open addressing, at most half full. */
struct census {
    uint64_t *value;
    uint32_t *n; /* 0: free */
    size_t mask;
};

static struct census census_new(size_t most)
{
    size_t size = 16;
    while (size < 2 * most)
        size *= 2;
    return (struct census){mem_alloc(size * sizeof(uint64_t)), mem_zero(size, sizeof(uint32_t)),
                           size - 1};
}

static void census_free(struct census *c)
{
    free(c->value);
    free(c->n);
}

static uint32_t *place_of(const struct census *c, uint64_t v)
{
    size_t i = (v * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & c->mask;
    while (c->n[i] && c->value[i] != v)
        i = (i + 1) & c->mask;
    c->value[i] = v; /* what stands there, or there is room */
    return &c->n[i];
}

/* Pairs of equal values among n; which of them come again: most do not, and a run that has one
 * of these is no other's equal. */
static double equal_pairs(const uint64_t *v, size_t n, bool *ret_again)
{
    struct census c = census_new(n);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (*place_of(&c, v[i]))++; /* a pair with each before it */
    for (size_t i = 0; i < n; i++)
        ret_again[i] = *place_of(&c, v[i]) > 1;
    census_free(&c);
    return sum;
}

/* Finaliser of MurmurHash3 (Appleby, public domain) over a running hash. */
static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static uint64_t run_hash(const uint64_t *token, size_t k)
{
    uint64_t h = k;
    for (size_t i = 0; i < k; i++)
        h = mix(h, token[i]);
    return h;
}

/* Pairs i, j with token i = token j and token i + 2 = token j + 3, each in both orders, but for
 * those that share a token by their place. */
static double misaligned_pairs(const uint64_t *token, size_t n, const bool *again)
{
    struct census c = census_new(n);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (again[i])
            ++*place_of(&c, mix(mix(0, token[i]), token[i + 2]));
    for (size_t i = 0; i < n; i++)
        if (again[i])
            sum += (double)*place_of(&c, mix(mix(0, token[i]), token[i + 3])) -
                   (token[i + 2] == token[i + 3]) - (i && token[i] == token[i - 1]);
    census_free(&c);
    return sum;
}

/* Chance that the next tokens of an equal pair agree; *ret_pairs: equal pairs. */
static double agreement(const uint64_t *token, size_t m, double *ret_pairs, bool *ret_again)
{
    double pairs = *ret_pairs = equal_pairs(token, m, ret_again);
    double q = (pairs + 1) / ((double)m * (double)(m - 1) / 2);
    double across = misaligned_pairs(token, m - 3, ret_again);
    return fmax(q, (across + PRIOR_PAIRS * INFLATION * q) / (2 * pairs + PRIOR_PAIRS));
}

/* --- equal runs --------------------------------------------------------------------- */

struct run {
    uint64_t hash;
    size_t at;
};

static int by_run(const void *a, const void *b)
{
    const struct run *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Does a pair of runs begin here: not lengthened to the left, not overlapping? */
static bool begins(const uint64_t *token, size_t i, size_t j, size_t k)
{
    return j >= i + k && (i == 0 || token[i - 1] != token[j - 1]);
}

static void take_pair(struct repeats *ret, const uint64_t *token, size_t m, size_t i, size_t j)
{
    size_t length = ret->k;
    while (j + length < m && i + length < j && token[i + length] == token[j + length])
        length++;
    if (!ret->found++) {
        ret->from = i;
        ret->to = j;
    }
    ret->copied = ret->copied + length < m ? ret->copied + length : m;
}

/* Runs of k tokens that all come again. */
static size_t find_runs(const uint64_t *token, size_t m, size_t k, const bool *again,
                        struct run *ret)
{
    size_t n = 0, length = 0;
    for (size_t i = 0; i < m; i++) {
        length = again[i] ? length + 1 : 0;
        if (length >= k)
            ret[n++] = (struct run){run_hash(token + i + 1 - k, k), i + 1 - k};
    }
    return n;
}

static void find_pairs(struct repeats *ret, const uint64_t *token, size_t m, const bool *again)
{
    enum { GROUP = 200 }; /* runs alike beyond this add nothing */
    struct run *v = mem_alloc(m * sizeof *v);
    size_t all = find_runs(token, m, ret->k, again, v), n = 0;
    struct census c = census_new(all);
    bool twice = false;
    for (size_t i = 0; i < all; i++)
        twice |= (*place_of(&c, v[i].hash))++ > 0;
    for (size_t i = 0; twice && i < all; i++)
        if (*place_of(&c, v[i].hash) > 1)
            v[n++] = v[i];
    census_free(&c);
    sort_by(v, n, sizeof *v, by_run);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && j < i + GROUP && v[j].hash == v[i].hash; j++)
            if (begins(token, v[i].at, v[j].at, ret->k))
                take_pair(ret, token, m, v[i].at, v[j].at);
    free(v);
}

/* Length of runs that seldom come twice by chance, and how often; false: not testable. */
static bool choose_length(struct repeats *ret, size_t m, double pairs, double r, double target)
{
    size_t k = REPEATS_K_MIN;
    double expected = (pairs + 1) * pow(r, (double)k - 1) * (1 - r);
    for (; expected > target && k <= REPEATS_K_MAX; k++)
        expected *= r;
    if (r > REGULAR || k > REPEATS_K_MAX || 2 * k > m)
        return false;
    ret->k = k;
    ret->expected = expected;
    return true;
}

void repeats_find(struct repeats *ret, const uint64_t *token, size_t m, double target)
{
    *ret = (struct repeats){0};
    if (m < 2 * REPEATS_K_MIN)
        return;
    bool *again = mem_alloc(m * sizeof *again);
    double pairs, r = agreement(token, m, &pairs, again);
    if (choose_length(ret, m, pairs, r, target))
        find_pairs(ret, token, m, again);
    free(again);
}

/* --- distances ---------------------------------------------------------------------- */

static const double NEAREST_S = 120, AROUND_S = 300, APART_S = 5;
enum { TIMER = 5 };

/* Values in [lo, hi] of ascending v, whose bounds only rise: *a and *b walk along. */
static size_t count_between(const double *v, size_t n, double lo, double hi, size_t *a,
                            size_t *b)
{
    while (*a < n && v[*a] < lo)
        ++*a;
    while (*b < n && v[*b] <= hi)
        ++*b;
    return *b - *a;
}

static size_t count_at(const double *v, size_t n, double lo, double hi)
{
    size_t from = order_below(v, n, lo), end = from;
    while (end < n && v[end] <= hi)
        end++;
    return end - from;
}

/* ln P of `found` distances within slack of D, given those around it: the predictive law of
 * a Poisson count whose mean is known from another, a negative binomial. */
static double log_p_of(size_t found, double around, double slack, double tick,
                       double *ret_expected)
{
    double ticks = 2 * AROUND_S / tick, own = 2 * slack / tick + 1;
    *ret_expected = (around + 1) * own / ticks;
    return negbin_log_upper(found, *ret_expected, around + 1);
}

/* Distances that are looked at. */
static double looks_of(double range_s, double tick)
{
    return fmax(1, 2 * (range_s - NEAREST_S) / tick);
}

size_t offsets_least(const struct offsets *o, double range_s, double tick_s, double log_limit)
{
    enum { MOST = 100000 };
    double expected, looks = looks_of(range_s, tick_s);
    size_t k = 1;
    while (k < MOST &&
           log_sidak(log_p_of(k, (double)o->densest, 0, tick_s, &expected), looks) > log_limit)
        k++;
    return k;
}

static size_t densest(const double *d, size_t n)
{
    size_t a = 0, b = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t around = count_between(d, n, d[i] - AROUND_S, d[i] + AROUND_S, &a, &b);
        if (d[i] >= NEAREST_S && around > most)
            most = around;
    }
    return most;
}

static void look(struct offsets *ret, const double *d, size_t n, double tick, double slack)
{
    size_t a = 0, b = 0, standing = 0;
    double looks = looks_of(d[n - 1], tick), before = 0;
    for (size_t i = 0; i < n; i++) {
        if (d[i] < NEAREST_S || (i && d[i] == d[i - 1]))
            continue;
        size_t found = count_between(d, n, d[i] - slack, d[i] + slack, &a, &b);
        if (found < 4 || poisson_log_upper(found, .01) + log(looks) > log(.01))
            continue;
        double expected, around = (double)count_at(d, n, d[i] - AROUND_S, d[i] + AROUND_S);
        double log_p =
            log_sidak(log_p_of(found, around - (double)found, slack, tick, &expected), looks);
        if (log_p < log(1e-6) && d[i] > before + APART_S) {
            standing++;
            before = d[i];
        }
        if (log_p < ret->log_p)
            *ret = (struct offsets){.offset_s = d[i],
                                    .expected = expected,
                                    .found = found,
                                    .slack_s = slack,
                                    .log_p = log_p,
                                    .periodic = ret->periodic};
    }
    ret->periodic |= standing >= TIMER;
}

bool offsets_find(struct offsets *ret, const double *t, size_t n, double tick_s)
{
    *ret = (struct offsets){.log_p = 0};
    if (n < 20 || n > OFFSETS_MAX || t[n - 1] - t[0] <= 2 * NEAREST_S)
        return false;
    size_t pairs = n * (n - 1) / 2, k = 0;
    double *d = mem_alloc(pairs * sizeof *d);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            d[k++] = t[j] - t[i];
    evenly_sort(d, pairs, 0, t[n - 1] - t[0]);
    look(ret, d, pairs, tick_s, 0);
    if (tick_s <= 2)
        look(ret, d, pairs, tick_s, 2);
    ret->densest = densest(d, pairs);
    free(d);
    return true;
}
