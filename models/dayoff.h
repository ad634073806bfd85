/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dayoff - the rate of sessions on days off beside that of the same weekdays one to three
 * weeks before and after (methods.md C8).
 *
 * Days off at most three days apart are one occasion (a weekend or a bridge may lie
 * between). An occasion is set beside itself moved by -3 .. 3 whole weeks, where that lies in
 * the window, is at risk, meets no other day off, and was not taken by an earlier occasion
 * (nearest weeks first). Were a day off like any other day, each move would be as likely the
 * occasion: the sum over occasions of sessions less those expected at one rate for all its
 * moves is compared with that of moves drawn at random. So what clusters in days or in the
 * days of one occasion is no effect. Foil in `validate --only V6`: the exact binomial of
 * sessions.
 *
 *     ratio = sum n_in e_out/e / sum n_out e_in/e over occasions   (Mantel & Haenszel 1959, J.
 *                                                                   Natl. Cancer Inst. 22:719)
 */
#ifndef MODELS_DAYOFF_H
#define MODELS_DAYOFF_H

#include "base/tz.h"
#include "models/holidays.h"
#include "models/stream.h"
#include "stats/mc.h"

enum { DAYOFF_WEEKS = 3 };

struct dayoff {
    size_t occasions, compared;      /* those with a move; moves of them all */
    double n_in, n_out, e_in, e_out; /* sessions, hours at risk */
    double ratio;                    /* NAN or INFINITY where n_out is 0 */
    double log_least;                /* ln of the least p that this many moves allow */
    struct mc upper, lower;          /* more, fewer sessions than in the moves */
};

struct dayoff_opts {
    const struct tz *zone; /* whose days; NULL: UTC */
    uint32_t replicates;
    uint64_t seed;
};

/* ERR_DEGENERATE: no day off in the window with a like day beside it, or no session on any
 * of these days. */
int dayoff_test(struct dayoff *ret, const struct subject *s, const struct window *w,
                const struct holidays *h, const struct dayoff_opts *o, struct err *err);

#endif
