/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * summary - twelve numbers that describe the look-ups of a group pair, for models
 * whose likelihood cannot be written down (methods.md H2). THE SUMMARY TABLE.
 *
 * None of them is the number of sessions: rivals are compared at the pair's own level,
 * which is the subject of `volume`. All are on scales on which they are roughly normal
 * (logs, log odds), and finite for every series of SUMMARY_LEAST sessions.
 */
#ifndef MODELS_SUMMARY_H
#define MODELS_SUMMARY_H

#include "models/stream.h"

enum { SUMMARY_N = 12, SUMMARY_LEAST = 20 };

struct summary_row {
    const char *name, *help;
    double grain; /* scale below which a difference means nothing: sd of the smoothing */
};
extern const struct summary_row summary_table[SUMMARY_N];

/* b: the second group pair, or NULL: the last two are then 0. false below
 * SUMMARY_LEAST sessions of a. */
bool summary_of(const struct subject *a, const struct subject *b, const struct window *w,
                double ret[SUMMARY_N]);

#endif
