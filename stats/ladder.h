/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ladder - do gaps pile up where resolvers repeat a question? (methods.md C9)
 *
 * Steps: 1, 2, 4, 5, 7 and 10 s (stub resolvers 1, 1, 2, 4, 4; glibc 5 s; back-off of
 * RFC 1536). Near each, gaps in [s - d, s + d], d = .1 s or half a tick of a coarser clock,
 * are compared with a smooth density fitted to the other gaps of .2 to 60 s: ln density
 * quadratic in ln gap around s, weights normal in ln gap, width .35 (local likelihood, Loader
 * 1996, Ann. Stat. 24:1602). Its own error counts: with expected number e of relative
 * variance 1/B the tail is P(X >= x) of a negative binomial of mean e and size B.
 * A line in ln gap is not enough: on a clock of seconds the windows of 4, 5 and 7 s leave no
 * gap within a third of 5 s but 6, and where the density bends (lognormal of sd 1.2) the line
 * gave .94 of what is there: .074 of logs at .05.
 * A clock of a tick of .02 s or more cuts both ends of a gap, which then is k ticks where it
 * was k + u of them, u of density 1 - |u|: a cell expects the density folded with that.
 * A step is tested only between gaps on both sides: 1 s and 2 s not by a clock of seconds.
 *
 * What follows a ladder is one question asked again: it counts as one session.
 */
#ifndef STATS_LADDER_H
#define STATS_LADDER_H

#include <stddef.h>

enum { LADDER_STEPS = 6, LADDER_MIN = 10 };

struct ladder_step {
    double step_s, half_width_s, expected, size;
    size_t observed;
    double log_p; /* NAN where the density could not be fitted */
};

struct ladder {
    size_t gaps; /* of .2 to 60 s */
    struct ladder_step step[LADDER_STEPS];
    double log_p; /* smallest, times the steps tested */
};

/* Gaps between look-ups of one stream in seconds; tick_s of the clock. Fewer than
 * LADDER_MIN gaps in range: all log_p are NAN. */
void ladder_test(struct ladder *ret, const double *gaps, size_t m, double tick_s);

#endif
