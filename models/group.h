/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * group - what the other pairs of a case say of a pair's rate and scatter
 * (stats/shrink.h), so that a pair with few look-ups has a baseline too.
 *
 * Rate: the pair's sessions against its peer expectation (models/peers.h), shrunk towards
 * the pairs whose names lie in the same tenth by volume. Scatter: ln theta of the pair's
 * hourly counts, one rate, by Cox and Reid, shrunk towards those of the pairs with most
 * sessions, at most GROUP_OTHERS.
 *
 * Controls: ln((x + 1/2)/E) of the other pairs of that tenth with E of GROUP_CONTROL or more,
 * error (x + 1/2)^(-1/2), are what such ratios come to where nobody claims anything
 * (stats/controls.h).
 */
#ifndef MODELS_GROUP_H
#define MODELS_GROUP_H

#include "models/stream.h"
#include "stats/controls.h"
#include "stats/shrink.h"

enum { GROUP_OTHERS = 40, GROUP_LEAST = 20 /* sessions of such a pair */, GROUP_CONTROL = 5 };

struct group {
    double sessions, expected; /* of the pair, over the window */
    struct shrink rate;
    struct controls controls;         /* n 0: too few */
    double log_p_controls;            /* of the pair's ratio after theirs; NAN */
    double theta, theta_se, theta_ml; /* of the pair alone; INFINITY: no overdispersion seen */
    struct shrink_theta scatter;
    bool has_scatter;
};

struct group_opts {
    double session_s, ttl_s;
};

/* ERR_DEGENERATE: the pair has no look-up, or its group is too small. */
int group_pair(struct group *ret, const struct counts *c, const struct window *w,
               const struct grid *g, uint32_t client, uint32_t name, const struct group_opts *o,
               struct err *err);

#endif
