/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * days - which day of a pair is high for its weekday, judged from the weeks before it?
 * stats/rolling's calibrated form over days: a season of seven, three harmonics of it
 * (every weekday its own level), trend, and nothing of the last seven days.
 *
 * Each tested day has the p of its predictive law given the days before it; the least of
 * them is corrected for their number by Sidak.
 */
#ifndef MODELS_DAYS_H
#define MODELS_DAYS_H

#include "models/stream.h"
#include "stats/rolling.h"

struct days {
    size_t tested, not_at_risk; /* days */
    int64_t when_s;             /* Unix time of the start of the most surprising day */
    double observed, hours;     /* sessions and hours at risk of it */
    struct rolling at;          /* its baseline; `upper` at the alpha of the options */
    double log_p;               /* of it, after Sidak */
};

extern const struct rolling_opts days_opts;

/* ERR_DEGENERATE: no day has enough days before it. */
int days_test(struct days *ret, const struct subject *s, const struct window *w,
              struct err *err);

#endif
