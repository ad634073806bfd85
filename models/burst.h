/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * burst - is a pair's most surprising bucket too large for its own season?
 *
 * Statistic: the maximum over buckets of -ln P(Y >= y) under the fitted baseline.
 * p by a parametric bootstrap of that maximum: draw all buckets from the fit,
 * refit, take the maximum; Besag-Clifford stopping (stats/mc.h). The season is the
 * data's in every replicate. The family should be the negative binomial, which holds
 * Poisson at its end: a choice between the two before the test spoils its size
 * (models/flat.h, which is used for a flat season where no TTL is known).
 *
 * theta is by Cox and Reid's adjusted likelihood (of one rate, the plain one) and by what other
 * pairs' buckets say of it (stats/thetas.h), in the data and in each replicate: by maximum
 * likelihood a pair is called more even than it is, which makes bursts of its usual days.
 *
 * The largest bucket enters every fit, of data and replicates alike, as no more than
 * is known without its size: as at least the second largest (flat season: censored),
 * or as equal to it (other seasons). Otherwise a burst of 25 among 40 sessions would
 * be taken as a sign of clustered look-ups and would explain itself.
 *
 * With a TTL, exposure is at-risk time, which depends on the look-ups themselves:
 * replicates then draw session starts with their dead times, stream by stream, and
 * their exposure is computed as the data's is. A session that was seen was
 * possible: it brings at least one second of exposure.
 */
#ifndef MODELS_BURST_H
#define MODELS_BURST_H

#include "base/err.h"
#include "models/season.h"
#include "stats/thetas.h"

struct burst_opts {
    const struct baseline_opts *baseline;
    const struct thetas
        *others; /* of the other pairs' buckets; NULL or none: by its own alone */
    uint64_t seed;
    uint32_t max_replicates, stop_at;
    int tail; /* +1 upper, -1 lower, 0 both: twice the smaller, at most 1 */
};

struct burst {
    uint64_t observed;       /* sessions in the most surprising bucket */
    double expected, lo, hi; /* median and 95 % prediction interval of that count, were that
                                bucket the most surprising one of a series from the fit */
    double log_p, log_p_mid;
    uint32_t replicates;
    const struct season *season;
    double theta; /* INFINITY: Poisson */
    int64_t when_s;
};

/* The adjusted log-likelihood of theta of the pair's buckets in the season that burst_test
 * takes, over the grid of stats/thetas.h: what thetas_law is made of. Negative without a fit.
 */
int burst_profile(double ret[THETAS_GRID], const struct subject *s, const struct window *w,
                  const struct grid *g, const struct baseline_opts *o);

/* ERR_DEGENERATE where no baseline can be fitted. */
int burst_test(struct burst *ret, const struct subject *s, const struct window *w,
               const struct grid *g, const struct burst_opts *o, struct err *err);

#endif
