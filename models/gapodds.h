/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gapodds - Bayes factor of a timer over memoryless demand, both behind a cache of known
 * life, from gaps alone, with priors that are written out (methods.md H2, H3).
 *
 *     demand  g = ttl + Exp(lambda), log10(lambda ttl) uniform on [-1, 1.5]
 *     timer   g = m P + N(0, s^2) given g >= ttl, m geometric with share q missed (5 at most);
 *             ln P/ttl uniform on [0, ln 12], ln s/ttl on [ln .002, ln .3], q on [0, .3]
 *
 * By a grid; importance sampling and bridge sampling beside it are its error: where the
 * three differ by more than GAPODDS_APART the factor is "not computed". Gaps below ttl - 2 s
 * refute both and give -INFINITY for each.
 */
#ifndef MODELS_GAPODDS_H
#define MODELS_GAPODDS_H

#include <stdbool.h>
#include <stddef.h>

#include "stats/rng.h"

#define GAPODDS_APART .1

struct gapodds {
    double log_demand, log_timer; /* ln marginal likelihoods */
    double log_factor;            /* timer over demand */
    double importance, bridge;    /* of log_factor; NAN unless asked for */
    bool computed;                /* the three agree */
};

/* gaps in seconds, at least 5; ttl > 0. draws: of the two checks; 0: no checks, and then
 * `computed` is false. */
void gapodds(const double *gap, size_t n, double ttl_s, size_t draws, struct rng *r,
             struct gapodds *ret);

/* For calibration: parameters and gaps of either model; u: d uniform numbers, 1 of demand, 3 of
 * the timer. And where the truth stands in the posterior, a parameter each. */
void gapodds_draw(bool timer, const double *u, double ttl_s, struct rng *r, double *ret,
                  size_t n);
void gapodds_rank(bool timer, const double *gap, size_t n, double ttl_s, const double *u,
                  double *ret);

#endif
