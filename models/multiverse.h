/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * multiverse - one claim under every combination of the study's `specifications:`, and what
 * they say jointly (stats/curve.h).
 *
 *     specifications:
 *       session: {values: [1s, 30s, 5m], because: resolvers repeat within seconds or minutes}
 *       zone:    {values: [UTC, Europe/Moscow], because: the client has offices in both}
 *       window:  {values: [[2016-05-04, 2016-07-01]], because: the first report saw this part}
 *
 * An axis needs its reason: only equivalents may enter (Del Giudice & Gangestad 2021). The
 * published value, the plan's or the claim's own, is always among them. THE TABLE OF AXES, and
 * of the kinds that know each, is spec_axis_table (models/study_axes.c). Combinations in which
 * no effect can be had are left out, and counted; so is dedup off with a session's length.
 *
 * Surrogates are drawn once under the published specification and cut, collapsed and exposed
 * anew by each:
 *   volume, timing, alignment, reaction, authenticity
 *               the innocent logs of models/calibrate.h; each session repeats as one of the
 *               data's at random does, where session or dedup is an axis. For alignment and
 *               reaction days scatter as the data's do; for authenticity each stream has as
 *               many caches as fit it
 *   synchrony   both sides so, apart; eta is read off few surrogates of b, and rows are 99
 *   exclusivity, rarity
 *               sides of whole weeks change places, the same weeks in every window
 */
#ifndef MODELS_MULTIVERSE_H
#define MODELS_MULTIVERSE_H

#include "models/trial.h"
#include "stats/curve.h"

enum { MULTIVERSE_MOST = 512, MULTIVERSE_SURROGATES = 199 };

struct specification {
    size_t level[SPEC_AXES]; /* 0: the published value, k: the axis's value k - 1 */
    double effect, p;
};

struct multiverse {
    struct specification *v; /* by effect, most of the claim first */
    size_t n, left_out, surrogates;
    size_t published; /* place in v, from 0; SIZE_MAX: it has no effect */
    struct curve joint;
};

/* n 0: no axis in the study, or nothing to measure. */
void multiverse_run(struct multiverse *ret, const struct study *s, const struct study_claim *c,
                    const struct counts *counts, size_t threads);
void multiverse_free(struct multiverse *m);

#endif
