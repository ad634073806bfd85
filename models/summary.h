/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * summary - fourteen numbers that describe the look-ups of a group pair, for models
 * whose likelihood cannot be written down (methods.md H2). THE SUMMARY TABLE.
 *
 * The first six are `given`: how many sessions there are, their hours, weekends and the scatter
 * of their days. A rival takes these from the data (models/rival.h), so they cannot speak for
 * it or against it: models are compared by the other eight, as they are where these six are
 * (models/evidence.h). Levels are the subject of `volume`, hours of `timing`.
 *
 * All are on scales on which they are roughly normal (logs, log odds), and finite for every
 * series of SUMMARY_LEAST sessions.
 */
#ifndef MODELS_SUMMARY_H
#define MODELS_SUMMARY_H

#include "models/stream.h"

enum {
    SUMMARY_N = 14,
    SUMMARY_GIVEN = 6,  /* the first of them */
    SUMMARY_LEVELS = 2, /* the first of these */
    SUMMARY_LEAST = 20
};

struct summary_row {
    const char *name, *help;
    double grain; /* scale below which a difference means nothing: sd of the smoothing */
};
extern const struct summary_row summary_table[SUMMARY_N];

/* b: the second group pair, or NULL: what is of it is then 0. false below
 * SUMMARY_LEAST sessions of a. */
bool summary_of(const struct subject *a, const struct subject *b, const struct window *w,
                double ret[SUMMARY_N]);

#endif
