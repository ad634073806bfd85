/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sync - do b's sessions follow a's more than a shared rhythm explains?
 *
 * Reference null D1 (methods.md D1): weighted hard-core window surrogate. Given
 * its own demand rate, b is independent of a; a is fixed, and b's counts in each
 * window of width W are fixed; b's times in the windows have density
 * proportional to prod lambda_b(t_i) exp(Lambda_b(t_i, t_i + ttl)) on gaps >=
 * ttl. lambda_b is fitted without a. p is exact given lambda_b by Besag &
 * Clifford's (1989) parallel method: L sweeps from the data to x0, then m
 * chains of L sweeps from x0.
 * Second opinion: b's days permuted within weekday (peers-statistics 0.2).
 */
#ifndef MODELS_SYNC_H
#define MODELS_SYNC_H

#include "base/err.h"
#include "models/stream.h"
#include "stats/mc.h"

enum { SYNC_LAGS_MAX = 257 };

struct sync_opts {
    double window_s;   /* W; >= 2 ttl */
    double delta_s;    /* half width of a coincidence */
    double max_lag_s;  /* lags -max..max in steps of 2 delta */
    double session_s;  /* of b; gaps inside a stream stay >= this even where ttl is 0 */
    int sweeps;        /* L, 3 */
    uint64_t seed;
    uint32_t replicates, stop_at; /* m_max and Besag-Clifford h; stop_at 0: all m */
    size_t threads;
};

struct sync_result {
    size_t na, nb, nlags;
    double lag_s[SYNC_LAGS_MAX];
    double observed[SYNC_LAGS_MAX];  /* C(lag): a's sessions with a b within delta of a + lag */
    double expected[SYNC_LAGS_MAX];  /* mean over surrogates */
    double sd[SYNC_LAGS_MAX];
    double lo[SYNC_LAGS_MAX], hi[SYNC_LAGS_MAX]; /* global envelope at 95 % */
    double statistic;                /* max over lags of (C - mean)/sd */
    double best_lag_s;
    double eta, eta_lo, eta_hi;      /* extra sessions of b per session of a at best lag, 90 % */
    double eta_total;                /* summed over lags */
    struct mc mc;
    double *replicate;               /* mc.replicates statistics, malloced; for maxT and plots */
    double *excess;                  /* same length: max-lag excess / na of each replicate */
    double moved;                    /* share of b's sessions that the chain moved */
};

/* ERR_DEGENERATE: too few sessions, or W <= ttl leaves no freedom. */
int sync_window(struct sync_result *ret, const struct subject *a, const struct subject *b,
                const struct window *w, const struct sync_opts *o, struct err *err);
int sync_days(struct sync_result *ret, const struct subject *a, const struct subject *b,
              const struct window *w, const struct sync_opts *o, struct err *err);
void sync_free(struct sync_result *r);

#endif
