/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * coincide - event coincidence analysis: how many of b's sessions had one of a before
 * them, how many of a's had one of b after them? (methods.md D4)
 *
 *     precursor = #{j: some i with 0 <= b_j - a_i - lag <= within}, rate over n_b
 *     trigger   = #{i: some j with 0 <= b_j - a_i - lag <= within}, rate over n_a
 *
 * Donges et al. 2016, "Event coincidence analysis for quantifying statistical
 * interrelationships between event time series", Eur. Phys. J. Spec. Top. 225: 471. Their
 * p is binomial, for b Poisson of one rate; two clients who keep the same hours are then
 * coupled (V8 shows by how often). Here the number is set beside b's window surrogates
 * (models/surrogate.h), which keep b's own rhythm, drift and cache: p = (1 + surrogates
 * with as many) / (1 + surrogates), each number less what b's demand, refitted to the very
 * sessions, expects of it (surrogate_placed; the precursor's within the union of intervals).
 * Whole ticks: so are the surrogates, so that both ends of the interval count as often in them
 * as in the data.
 */
#ifndef MODELS_COINCIDE_H
#define MODELS_COINCIDE_H

#include "models/surrogate.h"
#include "stats/mc.h"

struct coincide_opts {
    double lag_s, within_s; /* >= 0; > 0 */
    uint32_t replicates;
    size_t threads;
};

struct coincide_rate {
    size_t count, of;
    double rate, expected; /* of the surrogates' rates: the mean */
    struct mc mc;
};

struct coincide_result {
    struct coincide_rate precursor, trigger;
};

/* b is the surrogate's party; both of at least one session. */
void coincide(struct coincide_result *ret, const struct subject *a, const struct subject *b,
              const struct surrogate *s, const struct coincide_opts *o);

#endif
