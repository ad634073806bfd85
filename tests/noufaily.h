/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * noufaily - simulated weekly counts of Noufaily et al. (2013, Stat. Med. 32: 1206): 42
 * scenarios of 624 weeks, the last 49 of which are tested.
 *
 *     y_t negative binomial, mean mu_t, variance phi mu_t
 *     ln mu_t = theta + beta t [trend] + sum over j = 1..m of g1 cos(2 pi j t/52) +
 *               g2 sin(2 pi j t/52)
 *
 * Outbreaks: Poisson(k sd) cases, sd that of the week they start in, each in a week
 * floor(LogNormal(0, .5)) after the start; four in the baseline, k of 2, 3, 5, 10, and
 * one in the tested weeks, k of 1..10.
 */
#ifndef TESTS_NOUFAILY_H
#define TESTS_NOUFAILY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "stats/rng.h"

enum {
    NOUFAILY_WEEKS = 624,
    NOUFAILY_FIRST = 575, /* tested: 575..623, counted from 0 */
    NOUFAILY_TESTED = NOUFAILY_WEEKS - NOUFAILY_FIRST,
    NOUFAILY_HISTORY = 312, /* outbreaks of the baseline begin from here on */
    NOUFAILY_SCENARIOS = 42
};

struct noufaily {
    double theta, beta, g1, g2, phi;
    int waves;
    bool trend;
};

/* Scenario 0..41: parameter set the fastest, then waves, then trend. */
static inline struct noufaily noufaily_scenario(size_t i)
{
    static const double sets[7][5] = {{.1, .0025, .6, .6, 1.5}, {-2, .005, .1, .3, 2},
                                      {1.5, .003, .2, -.4, 1},  {.5, .002, .5, .5, 5},
                                      {2.5, .001, 1, .1, 3},    {3.75, .001, .1, -.1, 1.1},
                                      {5, .0001, .05, .01, 1.2}};
    const double *s = sets[i % 7];
    return (struct noufaily){s[0], s[1], s[2], s[3], s[4], (int)(i / 7 % 3), i / 21 == 1};
}

static inline double noufaily_mean(const struct noufaily *s, size_t week)
{
    double t = (double)week + 1, eta = s->theta + (s->trend ? s->beta * t : 0);
    for (int j = 1; j <= s->waves; j++)
        eta += s->g1 * cos(2 * M_PI * j * t / 52) + s->g2 * sin(2 * M_PI * j * t / 52);
    return exp(eta);
}

/* Add one outbreak; returns the last week with a case of it, or SIZE_MAX without any. */
static inline size_t noufaily_outbreak(const struct noufaily *s, struct rng *r, double k,
                                       size_t start, double *y)
{
    double sd = sqrt(s->phi * noufaily_mean(s, start));
    size_t end = SIZE_MAX;
    for (size_t left = rng_poisson(r, k * sd); left > 0; left--) {
        size_t week = start + (size_t)exp(.5 * rng_normal(r));
        if (week >= NOUFAILY_WEEKS)
            continue;
        y[week]++;
        end = end == SIZE_MAX || week > end ? week : end;
    }
    return end;
}

static inline void noufaily_draw(const struct noufaily *s, struct rng *r, double *y)
{
    for (size_t t = 0; t < NOUFAILY_WEEKS; t++) {
        double mu = noufaily_mean(s, t);
        y[t] = (double)(s->phi > 1 ? rng_negbin(r, mu, mu / (s->phi - 1)) : rng_poisson(r, mu));
    }
}

/* Outbreaks over a drawn series; the tested one is of weeks *from to *to, or *to is
 * SIZE_MAX. */
static inline void noufaily_infect(const struct noufaily *s, struct rng *r, double *y,
                                   size_t *from, size_t *to)
{
    static const double sizes[] = {2, 3, 5, 10};
    for (int i = 0; i < 4; i++)
        noufaily_outbreak(s, r, sizes[rng_below(r, 4)],
                          NOUFAILY_HISTORY + rng_below(r, NOUFAILY_FIRST - NOUFAILY_HISTORY),
                          y);
    *from = NOUFAILY_FIRST + rng_below(r, NOUFAILY_TESTED);
    *to = noufaily_outbreak(s, r, (double)(1 + rng_below(r, 10)), *from, y);
}

#endif
