/* SPDX-License-Identifier: GPL-3.0-or-later
 * Synchrony of two timers. Surrogates that move b's sessions within hours break what a timer
 * is, so that two that know nothing of each other and keep one period, or two of which one is a
 * multiple of the other, look coupled for as long as they run: one chance meeting, of their
 * phases, counted at every beat. Where both sides keep regular intervals, b is set against a at
 * all other times as a whole: shifted by whole widths of the lags, so that no two places share
 * a coincidence, up to a quarter of the window either way, against a's sessions of its middle
 * half, so that nothing goes round its end (of two timers the part that did would be out of
 * phase, and all places but b's own would have it). p is the rank of the largest count over
 * lags among all places, b's own one of them: of two timers about the share of a period that
 * the lags cover.
 *
 * Cannot tell: a timer that b follows, which makes b as regular; that is left undetermined. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double REGULAR = 1.6449; /* of a normal score, at .05 */

/* Largest over lags of the coincidences of b, shifted, with a's sessions of the middle half,
 * each in the width of a lag. */
static size_t most_together(const struct trial *t, double shift, size_t lags, size_t *count)
{
    double width = 2 * t->claim->delta_s, before = width * (double)lags / 2;
    double quarter = t->window.length_s / 4;
    size_t from = 0, most = 0;
    for (size_t k = 0; k < lags; k++)
        count[k] = 0;
    for (size_t i = 0; i < t->a.n; i++) {
        double start = t->a.t[i] - shift - before - 1e-7;
        size_t last = lags;
        while (from < t->b.n && t->b.t[from] < start)
            from++;
        if (t->a.t[i] < quarter || t->a.t[i] >= 3 * quarter)
            continue;
        for (size_t j = from; j < t->b.n; j++) {
            size_t lag = (size_t)((t->b.t[j] - start) / width);
            if (lag >= lags)
                break;
            count[lag] += lag != last;
            last = lag;
        }
    }
    for (size_t k = 0; k < lags; k++)
        most = count[k] > most ? count[k] : most;
    return most;
}

/* No bound u: how many sessions meet is not what two timers differ in. */
void null_synchrony_timers(struct trial *t, struct null_result *ret)
{
    double a = regular_score(&t->a, &t->window), b = regular_score(&t->b, &t->window);
    double width = 2 * t->claim->delta_s;
    size_t lags = 2 * (size_t)floor(t->claim->max_lag_s / width + 1e-9) + 1;
    double step = width * (double)lags;
    size_t side = (size_t)floor(t->window.length_s / 4 / step), places = 2 * side + 1,
           reach = 0;
    if (!(t->ttl_s > 0))
        trial_untested(ret, WHY_NO_TTL, "excess gaps need a time to live");
    else if (!(a > REGULAR) || !(b > REGULAR))
        trial_untested(ret, WHY_MIN_DATA,
                       "not both sides keep regular intervals (scores %.3g and %.3g; 1.64 is "
                       "asked of each)",
                       a, b);
    else if (side == 0)
        trial_untested(ret, WHY_MIN_DATA, "the window holds no other place for b");
    if (ret->why != WHY_NONE)
        return;
    size_t *count = mem_alloc(lags * sizeof *count), own = most_together(t, 0, lags, count);
    for (size_t k = 0; k < places; k++)
        reach += most_together(t, ((double)k - (double)side) * step, lags, count) >= own;
    free(count);
    ret->statistic = "largest number of coincidences over lags, rank among other times";
    ret->observed = (double)own;
    ret->log_p = log((double)reach / (double)places);
    ret->floor = 1 / (double)places;
    if (ret->floor > t->decide)
        trial_untested(ret, WHY_RESOLUTION,
                       "%zu places of b can give p = %.3g; %.0f would be needed", places,
                       ret->floor, ceil(1 / t->decide));
    else
        snprintf(ret->detail, sizeof ret->detail,
                 "at %zu of %zu times, its own among them, b meets a as often", reach, places);
}
