/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/days.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/tail.h"

const struct rolling_opts days_opts = {
    .name = "rolling",
    .help = "is a day high for its weekday, judged from the weeks before it?",
    .law = ROLLING_PREDICTIVE,
    .period = 7,
    .back = 8,
    .skip = 7,
    .harmonics = 3,
    .threshold = 2.58,
    .trend_p = 1,
    .alpha = .005,
    .least_span = 1,
};

/* The tested day with the least p. */
static void take_least(struct days *d, const double *y, const double *hours, size_t n)
{
    struct rolling_opts o = days_opts;
    struct rolling r;
    struct glm *g = glm_new();
    size_t least = 0;
    o.alpha = 0;
    for (size_t i = rolling_first(&o); i < n; i++) {
        if (!(hours[i] > 0)) {
            d->not_at_risk++;
            continue;
        }
        if (rolling_test(&r, g, y, hours, i, &o, NULL) < 0)
            continue;
        if (d->tested++ == 0 || r.log_p < d->at.log_p) {
            d->at = r;
            least = i;
        }
    }
    if (d->tested)
        rolling_test(&d->at, g, y, hours, least, &days_opts, NULL);
    d->observed = y[least];
    d->hours = hours[least];
    d->when_s = (int64_t)least;
    glm_free(g);
}

int days_test(struct days *ret, const struct subject *s, const struct window *w,
              struct err *err)
{
    struct grid g = grid_make(w, 86400);
    struct days d = {0};
    double *y = mem_zero(2 * g.n, sizeof *y), *hours = y + g.n;
    bucket_fill(s, &g, y);
    exposure_fill(s, w, &g, hours);
    take_least(&d, y, hours, g.n);
    free(y);
    if (d.tested == 0)
        return err_set(err, ERR_DEGENERATE,
                       "rolling baseline: expected more than %zu days with sessions, found %zu",
                       rolling_first(&days_opts), g.n);
    d.when_s = g.first_s + d.when_s * 86400;
    d.log_p = log_sidak(d.at.log_p, (double)d.tested);
    *ret = d;
    return 0;
}
