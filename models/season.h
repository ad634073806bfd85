/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * season - the ladder of daily and weekly shapes. THE SEASON TABLE.
 *
 *     const: 1 | day1: one harmonic of 24 h | week21: 2 of 24 h, 1 of 168 h |
 *     week32: 3 and 2 | hours48: 24 hours x {weekday, weekend} | hours168
 *
 * A rung is admissible where the series can carry it (`min_events`, a whole turn of
 * data in fine enough buckets, and an event at risk in every level); the rung is
 * chosen by BIC (methods.md A3).
 */
#ifndef MODELS_SEASON_H
#define MODELS_SEASON_H

#include "base/tz.h"
#include "models/holidays.h"
#include "models/stream.h"
#include "stats/glm.h"

struct season {
    const char *name, *help, *cite;
    int daily, weekly; /* harmonics */
    int levels;        /* of the hour-of-week factor: 0, 48 or 168 */
    double min_events;
};

extern const struct season season_table[]; /* name NULL ends it */
const struct season *season_find(const char *name);

/* Columns of one rung over a grid; owns what the design points to. */
struct season_design {
    struct glm_design glm;
    uint16_t *level;
    uint32_t *twin;
    double *covariates;
};

/* What stands in the design beside the season. */
struct season_extras {
    bool trend;                      /* linear, scaled to [-1/2, 1/2] over the grid */
    const struct holidays *holidays; /* NULL: none; a column of 1 on their local days, if */
};                                   /* the grid has one */

/* zone NULL: UTC; extras NULL: none. Columns: harmonics, trend, holiday. */
void season_design(struct season_design *d, const struct season *s, const struct grid *g,
                   const struct tz *zone, const struct season_extras *extras);
void season_design_free(struct season_design *d);

#endif
