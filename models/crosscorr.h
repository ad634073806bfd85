/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * crosscorr - do the surprises of two series come together? Cross-correlogram of at-risk
 * residuals (methods.md D2) with two nulls of its own, beside the surrogates of sync.h.
 *
 * In buckets of the clock, mu = demand of the party's streams over the time each is at risk
 * (models/demand.h), scaled so that each window of W holds as many as were seen: what is
 * slower than W is out of both series. r = y - mu,
 *     Z(lag) = sum_b r_a(b) r_b(b + lag) / sqrt(sum_b mu_a(b) mu_b(b + lag)),
 * statistic: max over lags of Z, each lag standardised by mean and deviation of the data's
 * and the replicates' rows pooled.
 *
 * D2, crosscorr_bootstrap: both series drawn from their fitted demand, through their caches
 * and the sensor's deaf times; demand refitted, correlogram anew in every replicate.
 * D3, crosscorr_shift (Harris 2020, "A shift test for independence in generic time series",
 * arXiv 2012.06862): b shifted by s = -N..N whole days against the middle of a, nothing
 * wrapped round. With M of the 2 N + 1 shifts' maxima over lags at least that of s = 0,
 * p = M / (N + 1), guaranteed for whatever a, where b is stationary over days; M / (2 N + 1)
 * is what it tends to. N is a third of the days: the floor 1 / (N + 1) is high.
 *
 * Buckets see nothing below their width; a bucket's variance is taken as Poisson's before
 * the replicates standardise it.
 */
#ifndef MODELS_CROSSCORR_H
#define MODELS_CROSSCORR_H

#include "base/err.h"
#include "models/stream.h"
#include "stats/mc.h"

enum { CROSSCORR_LAGS_MAX = 257 };

struct crosscorr_opts {
    double width_s;   /* of a bucket; divides a day */
    double max_lag_s; /* lags -max..max in steps of a bucket */
    double window_s;  /* W, whole buckets */
    uint64_t seed;
    uint32_t replicates;
    size_t threads;
};

struct crosscorr {
    size_t nlags;
    double lag_s[CROSSCORR_LAGS_MAX], z[CROSSCORR_LAGS_MAX];
    /* 5 % of replicates rise above hi at some lag, 5 % fall below lo at some lag. */
    double lo[CROSSCORR_LAGS_MAX], hi[CROSSCORR_LAGS_MAX];
    double statistic, best_lag_s;
    struct mc mc;
};

struct crosscorr_shifts {
    size_t days;                  /* N */
    size_t rank;                  /* M */
    double statistic, p, p_limit; /* M/(N + 1), at most 1; M/(2 N + 1) */
};

/* ERR_USAGE: options out of range. ERR_DEGENERATE: a party without a session; of the
 * shifts: fewer than 3 days. */
int crosscorr_bootstrap(struct crosscorr *ret, const struct subject *a, const struct subject *b,
                        const struct window *w, const struct crosscorr_opts *o,
                        struct err *err);
int crosscorr_shift(struct crosscorr_shifts *ret, const struct subject *a,
                    const struct subject *b, const struct window *w,
                    const struct crosscorr_opts *o, struct err *err);

#endif
