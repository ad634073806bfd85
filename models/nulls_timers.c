/* SPDX-License-Identifier: GPL-3.0-or-later
 * Synchrony of two timers. Surrogates that move b's sessions within hours break what a timer
 * is, so that two that know nothing of each other and keep one period, or two of which one is a
 * multiple of the other, look coupled for as long as they run: one chance meeting, of their
 * phases, counted at every beat. Where both sides keep regular intervals, b is set against a at
 * all other times as a whole: shifted by whole widths of the lags, so that no two places share
 * a coincidence, up to a quarter of the window either way, against a's sessions of its middle
 * half, so that nothing goes round its end (of two timers the part that did would be out of
 * phase, and all places but b's own would have it). Where the sensor stopped, both are silent
 * at b's own place and at no other, so b's own place and another are compared by those of a's
 * sessions of which all lags were listened to at both. By shares of what each place heard they
 * are not alike: periods that differ by a little make phases slide over the log, b's own place
 * misses one stretch of that slide and every other place two. The largest number over lags is
 * ranked. p is its rank among all places, b's own one of them: of two timers about the share of
 * a period that the lags cover.
 *
 * Cannot tell: a timer that b follows, which makes b as regular; that is left undetermined. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double REGULAR = 1.6449; /* of a normal score, at .05 */

/* b's places, its own in the middle: coincidences by place and lag, the most over the lags, and
 * the sessions of a that can have them. */
struct places {
    size_t n, lags;
    size_t *count, *most, *heard;
    size_t reached; /* places, its own among them, that have as many as its own */
    double width, step;
    double level;
};

/* Where the lags of a's i-th session begin, b at place k. */
static double start_of(const struct trial *t, const struct places *p, size_t k, size_t i)
{
    size_t own = p->n / 2;
    double shift = ((double)k - (double)own) * p->step;
    return t->a.t[i] - shift - p->step / 2 - 1e-7;
}

/* Was all of [from, from + length) listened to, but for what lies beyond the window? From one
 * call to the next `from` does not fall; *piece begins at 0. */
static bool listened(const struct window *w, double from, double length, size_t *piece)
{
    double to = fmin(from + length, w->length_s) - 1e-6;
    while (*piece < w->nlive && w->live[*piece].to < to)
        ++*piece;
    return *piece < w->nlive && w->live[*piece].from <= fmax(from, 0) + 1e-6;
}

/* Of which of a's sessions of the middle half were all lags listened to, with b at place k?
 * Returns of how many. */
static size_t hear(const struct trial *t, const struct places *p, size_t k, bool *ret)
{
    double quarter = t->window.length_s / 4;
    size_t piece = 0, n = 0;
    for (size_t i = 0; i < t->a.n; i++) {
        ret[i] = t->a.t[i] >= quarter && t->a.t[i] < 3 * quarter &&
                 listened(&t->window, start_of(t, p, k, i), p->step, &piece);
        n += ret[i];
    }
    return n;
}

/* Coincidences of b at place k with those of a's sessions, each in the width of a lag, into
 * count by lag; returns the most. */
static size_t meet(const struct trial *t, const struct places *p, size_t k, const bool *which,
                   size_t *count)
{
    size_t from = 0, most = 0;
    for (size_t lag = 0; lag < p->lags; lag++)
        count[lag] = 0;
    for (size_t i = 0; i < t->a.n; i++) {
        double start = start_of(t, p, k, i);
        size_t last = p->lags;
        while (from < t->b.n && t->b.t[from] < start)
            from++;
        for (size_t j = from; which[i] && j < t->b.n; j++) {
            size_t lag = (size_t)((t->b.t[j] - start) / p->width);
            if (lag >= p->lags)
                break;
            count[lag] += lag != last;
            last = lag;
        }
    }
    for (size_t lag = 0; lag < p->lags; lag++)
        most = count[lag] > most ? count[lag] : most;
    return most;
}

static void places_fill(const struct trial *t, struct places *p)
{
    size_t own = p->n / 2, *unused = mem_alloc(p->lags * sizeof *unused);
    bool *at_own = mem_alloc(t->a.n * sizeof *at_own), *at_k = mem_alloc(t->a.n * sizeof *at_k);
    p->count = mem_zero(p->n * p->lags, sizeof *p->count);
    p->most = mem_zero(p->n, sizeof *p->most);
    p->heard = mem_zero(p->n, sizeof *p->heard);
    size_t heard = hear(t, p, own, at_own), as_it_is = meet(t, p, own, at_own, unused);
    for (size_t k = 0; k < p->n; k++) {
        p->heard[k] = hear(t, p, k, at_k);
        p->most[k] = meet(t, p, k, at_k, p->count + k * p->lags);
        size_t both = 0, there = p->most[k], here = as_it_is;
        for (size_t i = 0; i < t->a.n; i++)
            both += at_k[i] = at_k[i] && at_own[i];
        if (both < p->heard[k])
            there = meet(t, p, k, at_k, unused);
        if (both < heard)
            here = meet(t, p, own, at_k, unused);
        p->reached += there >= here;
    }
    free(unused);
    free(at_own);
    free(at_k);
}

/* Were `which` b's own and had it `own`: places at which b meets a as often for what was
 * listened to, or nothing was. For power, by shares: with an outage not quite the rule of p,
 * which compares pair by pair. */
static size_t reach(const struct places *p, size_t which, size_t own)
{
    size_t n = 1;
    for (size_t k = 0; k < p->n; k++)
        n += k != which && p->most[k] * p->heard[which] >= own * p->heard[k];
    return n;
}

/* b at one of the places, and followers put in at one lag: 1 if it is rejected, else -1. */
static double follow(void *ctx, double eta, struct rng *r, size_t worker)
{
    const struct places *p = ctx;
    (void)worker;
    size_t which = rng_below(r, p->n), lag = rng_below(r, p->lags);
    size_t more =
        p->count[which * p->lags + lag] + rng_poisson(r, eta * (double)p->heard[which]);
    more = more < p->heard[which] ? more : p->heard[which];
    more = more > p->most[which] ? more : p->most[which];
    return (double)reach(p, which, more) <= p->level * (double)p->n ? 1 : -1;
}

static bool untestable(const struct trial *t, const struct places *p, struct null_result *ret)
{
    double a = regular_score(&t->a, &t->window), b = regular_score(&t->b, &t->window);
    if (!(t->ttl_s > 0))
        trial_untested(ret, WHY_NO_TTL, "excess gaps need a time to live");
    else if (!(a > REGULAR) || !(b > REGULAR))
        trial_untested(ret, WHY_NO_PREMISE,
                       "not both sides keep regular intervals (scores %.3g and %.3g; 1.64 is "
                       "asked of each)",
                       a, b);
    else if (p->n < 3)
        trial_untested(ret, WHY_MIN_DATA, "the window holds no other place for b");
    return ret->why != WHY_NONE;
}

/* No bound u: how many sessions meet is not what two timers differ in. */
void null_synchrony_timers(struct trial *t, struct null_result *ret)
{
    struct places p = {.width = 2 * t->claim->delta_s, .level = t->decide};
    p.lags = 2 * (size_t)floor(t->claim->max_lag_s / p.width + 1e-9) + 1;
    p.step = p.width * (double)p.lags;
    p.n = 2 * (size_t)floor(t->window.length_s / 4 / p.step) + 1;
    if (untestable(t, &p, ret))
        return;
    places_fill(t, &p);
    size_t own = p.most[p.n / 2], as_many = p.reached;
    ret->statistic = "largest number of coincidences over lags, rank among other times";
    ret->observed = (double)own;
    ret->log_p = log((double)as_many / (double)p.n);
    ret->floor = 1 / (double)p.n;
    if (ret->floor > t->decide)
        trial_untested(ret, WHY_RESOLUTION,
                       "%zu places of b can give p = %.3g; %.9g would be needed", p.n,
                       ret->floor, ceil(1 / t->decide));
    else
        snprintf(ret->detail, sizeof ret->detail,
                 "at %zu of %zu times, its own among them, b meets a as often", as_many, p.n);
    trial_power_at(t, "timers", (struct power_marks){0, NAN}, follow, &p, ret);
    free(p.count);
    free(p.most);
    free(p.heard);
}
