/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * live - when was the sensor listening? Silences of all pairs together
 * (methods.md I6).
 *
 * Without a list from the user, live time is the union of the sources' spans
 * less every silence of all pairs whose probability under the fitted hourly
 * rates of all look-ups is below 1e-6. The rate of an hour is its hour-of-week
 * mean over the other weeks, shrunk to the overall mean where weeks are few; the
 * expected number in the silence is divided by the Pearson dispersion of the
 * hourly sessions (at least 1), because clustered look-ups leave longer holes
 * than a Poisson law allows. P = exp(-expected / dispersion). A log of less than a day has too
 * few hours to tell: the larger of the dispersions of its hours and of its minutes is taken.
 *
 * A source's own live time is its span less the silences of its own look-ups, by the same
 * rule, with the larger of the dispersions of its hours and of its minutes: a part of a log
 * that is cut by the hour has no other hours to tell how its look-ups cluster. Two sensors of
 * which one fails have a common live time without a hole, and a rate that falls.
 */
#ifndef MODELS_LIVE_H
#define MODELS_LIVE_H

#include "ingest/counts.h"
#include "ingest/presence.h"

struct live_silence {
    int64_t from_ns, to_ns; /* last look-up before, first after */
    double expected, dispersion, log_p;
};

/* Silences of all pairs below the limit, in order. *ret is malloced. */
void live_silences(const struct counts *c, double limit_log_p, struct live_silence **ret,
                   size_t *ret_n);

/* Fill c->live with the inferred live time (why "inferred"). */
void live_infer(struct counts *c);

/* Live time of the same counts as another analyst might have had it (models/sensitivity.h),
 * for counts_live_free: with every gap left in, from the first live moment to the last; and
 * less every silence of all pairs below the limit by what was to be expected inside live time,
 * where a user's list has such silences in it. Each piece keeps the why of what it was cut
 * from. */
void live_gaps_in(const struct counts *c, struct counts_live **ret, size_t *ret_n);
void live_gaps_out(const struct counts *c, struct counts_live **ret, size_t *ret_n);

/* Inferred live time of one source alone, from the minutes in which it had look-ups (so of its
 * silences none is shorter than the way between two of them; and its rates are of look-ups,
 * not of sessions, which only raises the dispersion, as its minutes tell it). *ret is malloced.
 */
void live_of_source(const struct presence *p, int64_t tick_ns, struct counts_live **ret,
                    size_t *ret_n);

#endif
