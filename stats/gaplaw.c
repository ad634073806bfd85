/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/gaplaw.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

static const double SHORT_S = 2, LEAST = -700, REACH = 8; /* standard deviations */

static double log_normal(double x, double mean, double spread)
{
    double z = (x - mean) / spread;
    return -.5 * z * z - log(spread) - .5 * log(2 * M_PI);
}

static double floor_log(double density)
{
    return density > 0 ? fmax(log(density), LEAST) : LEAST;
}

/* Newton from 0: the curve falls and bends down, so each step from the second on comes from
 * the right and none goes past the root. */
static double slowest_rate(double dead_s, double lambda, double q)
{
    double s = 0;
    for (int i = 0; i < 60; i++) {
        double hidden = q * lambda * exp(s * dead_s), to = lambda - s - hidden;
        double next = s + to / (1 + dead_s * hidden);
        if (fabs(next - s) <= 1e-15 * lambda)
            break;
        s = next;
    }
    return s;
}

struct gaplaw_lost gaplaw_lost_make(double dead_s, double lambda, double q)
{
    enum { LIVES = 20 };
    struct gaplaw_lost l = {dead_s, lambda, q, INFINITY, 0, 0};
    if (lambda * dead_s <= 1) {
        l.from_s = LIVES * dead_s;
        l.rate = slowest_rate(dead_s, lambda, q);
        l.log_c = log((1 - q) * lambda) + l.rate * dead_s - log1p(dead_s * (lambda - l.rate));
    }
    return l;
}

/* Of k misses the last was seen: ttl k + Gamma(k, lambda), k geometric. */
double gaplaw_lost(const struct gaplaw_lost *l, double gap)
{
    double sum = 0, weight = 1 - l->q, log_factorial = 0;
    if (gap > l->from_s)
        return fmax(l->log_c - l->rate * gap, LEAST);
    for (int k = 1; k <= 200 && gap >= k * l->dead_s - SHORT_S && weight > 1e-9; k++) {
        double e = l->lambda * fmax(gap - k * l->dead_s, 1e-9);
        log_factorial += k > 1 ? log(k - 1) : 0;
        sum += weight * exp((k - 1) * log(e) - e - log_factorial);
        weight *= l->q;
    }
    return floor_log(l->lambda * sum);
}

double gaplaw_lost_below(const struct gaplaw_lost *l, double gap)
{
    double sum = 0, weight = 1 - l->q;
    if (gap > l->from_s)
        return 1 - exp(l->log_c - l->rate * gap) / l->rate;
    for (int k = 1; k <= 200 && gap > k * l->dead_s && weight > 1e-12; k++) {
        sum += weight * gsl_cdf_gamma_P(gap - k * l->dead_s, k, 1 / l->lambda);
        weight *= l->q;
    }
    return sum;
}

/* Turns k of a loop that can end near the gap: |gap - k P| <= REACH s sqrt k. */
static int first_turn(double gap, double period, double spread)
{
    double k = gap / period;
    return (int)fmax(1, floor(k - REACH * spread * sqrt(k + 1) / period));
}

static int last_turn(double gap, double period, double spread)
{
    double k = gap / period;
    return (int)fmin(400, ceil(k + REACH * spread * sqrt(k + 1) / period));
}

double gaplaw_sleep(double gap, double period, double spread, double q)
{
    double sum = 0;
    for (int k = first_turn(gap, period, spread); k <= last_turn(gap, period, spread); k++)
        sum += (1 - q) * pow(q, k - 1) * exp(log_normal(gap, k * period, spread * sqrt(k)));
    return floor_log(sum);
}

/* Turn j is the first at or after ttl: the j - 1 before it ended below ttl, which given
 * the end of turn j at `gap` is normal, mean gap (j-1)/j, variance s^2 (j-1)/j. */
static double first_past(double gap, double ttl_s, double period, double spread)
{
    double sum = 0;
    for (int j = first_turn(gap, period, spread); j <= last_turn(gap, period, spread); j++) {
        double share = (j - 1.) / j, below = 1;
        if (j > 1)
            below = gsl_cdf_ugaussian_P((ttl_s - gap * share) / (spread * sqrt(share)));
        sum += below * exp(log_normal(gap, j * period, spread * sqrt(j)));
    }
    return sum;
}

enum { TURNS = GAPLAW_TURNS, LOST_MOST = 5 };

/* law[j]: chance that turn j is the first at or after ttl. Returns its length. */
static int turns_past(double ttl_s, double period, double spread, double *law)
{
    const int top = TURNS / LOST_MOST - 1;
    int most = (int)fmin(top, ttl_s / period + 6 * spread / period + 3);
    double before = 1;
    law[0] = 0;
    for (int j = 1; j <= most; j++) {
        double below = gsl_cdf_ugaussian_P((ttl_s - j * period) / (spread * sqrt(j)));
        law[j] = before - below;
        before = below;
    }
    return most + 1;
}

/* ret = law * into; lengths n and m; ret has n + m - 1. */
static void convolve(const double *law, int n, const double *into, int m, double *ret)
{
    for (int i = 0; i < n + m - 1; i++)
        ret[i] = 0;
    for (int j = 0; j < n; j++)
        for (int i = 0; law[j] > 1e-12 && i < m; i++)
            ret[i + j] += law[j] * into[i];
}

/* A lost miss fills the cache all the same: the gap is then that of two or more turns past
 * ttl. Their number is exact; their end is taken as normal without the slight pull of
 * having been the first past ttl. */
void gaplaw_turns_make(struct gaplaw_turns *ret, double ttl_s, double period, double spread,
                       double q)
{
    double law[TURNS], sum[TURNS], next[TURNS], weight = 1 - q;
    int n = turns_past(ttl_s, period, spread, law), length = n;
    *ret =
        (struct gaplaw_turns){.ttl_s = ttl_s, .period_s = period, .spread_s = spread, .q = q};
    if (q <= .005)
        return;
    for (int j = 0; j < n; j++)
        sum[j] = law[j];
    for (int k = 2; k <= LOST_MOST; k++) {
        convolve(law, n, sum, length, next);
        length += n - 1;
        weight *= q;
        for (int j = 0; j < length; j++) {
            sum[j] = next[j];
            ret->chance[j] += weight * next[j];
        }
    }
    ret->n = length;
}

double gaplaw_sleep_cached(const struct gaplaw_turns *law, double gap)
{
    double period = law->period_s, spread = law->spread_s;
    if (gap < law->ttl_s - SHORT_S)
        return LEAST;
    double density =
        (1 - law->q) * first_past(fmax(gap, law->ttl_s), law->ttl_s, period, spread);
    int first = first_turn(gap, period, spread), last = last_turn(gap, period, spread);
    for (int j = first; j <= last && j < law->n; j++)
        density += law->chance[j] * exp(log_normal(gap, j * period, spread * sqrt(j)));
    return floor_log(density);
}
