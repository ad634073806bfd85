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

/* Of k misses the last was seen: ttl k + Gamma(k, lambda), k geometric. */
double gaplaw_lost(double gap, double ttl_s, double lambda, double q)
{
    double sum = 0, weight = 1 - q, log_factorial = 0;
    for (int k = 1; k <= 200 && gap >= k * ttl_s - SHORT_S && weight > 1e-9; k++) {
        double e = lambda * fmax(gap - k * ttl_s, 1e-9);
        log_factorial += k > 1 ? log(k - 1) : 0;
        sum += weight * exp((k - 1) * log(e) - e - log_factorial);
        weight *= q;
    }
    return floor_log(lambda * sum);
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
