/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * busiest - the stretch of time, of any length up to half the window, in which a pair was
 * asked for most beyond its own season (methods.md F2; Kulldorff 1997).
 *
 * Statistic: the largest log likelihood ratio over windows (stats/tscan.h), expectations
 * from the pair's own season of listening time. p by a bootstrap of that maximum: from the
 * baseline of time at risk come buckets, or session starts with their dead times where the
 * law is Poisson's and a TTL is known, so that what a cache hides is hidden in the
 * replicates too; the expectations are refitted in each. Besag-Clifford stopping.
 *
 * Expectations of time at risk would not do for the statistic: time at risk ends with the
 * session that ends it, and a bucket with five seconds of it and a session would always
 * win.
 *
 * Where no replicate reaches the data, a Gumbel law fitted to the replicates' maxima says
 * how far they fall short (Abrams, Kleinman & Kulldorff 2010, Int. J. Health Geogr. 9:61),
 * beside an exact test of its own fit. It is extrapolated, is printed with that word, and
 * decides nothing.
 *
 * Cannot tell a stretch from a rate that wanders slowly: replicates have independent
 * buckets. For that there is stats/change.h.
 */
#ifndef MODELS_BUSIEST_H
#define MODELS_BUSIEST_H

#include "models/baseline.h"
#include "stats/mc.h"
#include "stats/tscan.h"

struct busiest_opts {
    const struct baseline_opts *baseline;
    uint64_t seed;
    uint32_t replicates, stop_at;
};

struct busiest {
    struct tscan_best best; /* cells are buckets of the grid */
    double log_p;
    struct mc mc;
    double log_p_gumbel; /* NAN: not needed (some replicate reached the data), or no fit */
    double gumbel_fit_p; /* of the law to the replicates; NAN likewise */
    bool through_cache;  /* replicates were drawn through the caches */
};

/* ERR_DEGENERATE where no baseline can be fitted. */
int busiest_test(struct busiest *ret, const struct subject *s, const struct window *w,
                 const struct grid *g, const struct busiest_opts *o, struct err *err);

#endif
