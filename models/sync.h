/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sync - do b's sessions follow a's more than a shared rhythm explains?
 *
 * a is fixed and b's sessions are drawn anew, by either surrogate of models/surrogate.h:
 * sync_window keeps b's own demand, sync_days whole days of it.
 * The larger p of both directions decides: where the two caches of each party share half of
 * their demand, one direction alone rejected .07 at .05, the larger p .03 (300 logs of V8's
 * world MIXED). It is the caches' common demand that the surrogates, cache by cache, do not
 * have; lambda_b with a level over 12 h and a sharper profile left it at .067.
 * sync_days is a second opinion: it keeps a rhythm of day and week, but breaks what whole
 * days have in common: two independent clients with a shared drift of 72 h are rejected at
 * .05 in .18 of 28-day logs (V8). So it must not decide alone.
 *
 * Statistic: C(lag) less what b's demand, fitted to the same sessions, expects there (sum
 * over a's sessions of b's share of its window's number; sync_days has no demand: 0),
 * standardised by mean and deviation of a reference set of up to 199 surrogates that are
 * not ranked, max over lags. Demand is refitted in every replicate: so its errors, the
 * smoothing and what it learns of the very sessions it is held against, are in both.
 * The reference is apart so that the ranked statistics are exchangeable with the data's
 * one by one, which sequential stopping needs. Same numbers on any number of threads.
 *
 * What eta says: C observed less C expected at the best lag, per session of a.
 * It counts b's extra sessions within delta of that one lag, so it is a lower
 * bound where triggers are spread over lags or hidden by b's cache (V8's triggers, .10
 * of a's sessions, 2 min later on average, behind a busy cache of 1 h: .037); and it is
 * taken where the excess is largest, so under the null it is above 0 on average
 * (compare `excess`, the same maximum in each surrogate). Its interval is that
 * of the surrogates about the observed count, at that lag, and knows nothing of
 * the choice of lag.
 *
 * The bound is the largest eta under which the statistic would be as small as it is in more
 * than 1 - level of logs: a surrogate, and at one lag Binomial(n_a, eta) coincidences more; of
 * all lags the one that allows most, as the lag of an effect is not known. It knows that the
 * largest of all lags was taken: excess at the best lag plus a quantile counts that twice.
 */
#ifndef MODELS_SYNC_H
#define MODELS_SYNC_H

#include "base/err.h"
#include "models/demand.h"
#include "models/stream.h"
#include "stats/mc.h"

enum { SYNC_LAGS_MAX = 257 };
#define SYNC_SD_MIN .5 /* coincidences: the least deviation of a lag */

struct sync_opts {
    double window_s;  /* W; >= 2 ttl */
    double delta_s;   /* half width of a coincidence */
    double max_lag_s; /* lags -max..max in steps of 2 delta */
    double session_s; /* of b; gaps inside a stream stay >= this even where ttl is 0 */
    int sweeps;       /* L, 3 */
    const struct drivers *drivers; /* of b's demand (models/demand.h); NULL: none */
    bool hold_demand;   /* the data's demand in every replicate; for V8, to show what refitting
                         * is worth */
    double bound_level; /* of the bound, .95; 0: none */
    uint64_t seed;
    uint32_t replicates, stop_at; /* m_max and Besag-Clifford h; stop_at 0: all m */
    bool unranked; /* statistic, eta, expected and sd alone: what the reference gives */
    size_t threads;
};

struct sync_result {
    size_t na, nb, nlags; /* sessions, of twins one */
    double lag_s[SYNC_LAGS_MAX];
    /* C(lag): a's sessions with one of b in [a + lag - delta, a + lag + delta). */
    double observed[SYNC_LAGS_MAX];
    double expected[SYNC_LAGS_MAX]; /* by own demand, plus the reference's mean excess */
    double sd[SYNC_LAGS_MAX];       /* over the reference, at least SYNC_SD_MIN */
    /* Global envelope: 5 % of surrogates rise above hi at some lag, 5 % fall
     * below lo at some lag. */
    double lo[SYNC_LAGS_MAX], hi[SYNC_LAGS_MAX];
    double statistic; /* max over lags of (C - mean)/sd */
    double best_lag_s;
    double eta, eta_lo, eta_hi; /* extra sessions of b per session of a at best lag, 90 % */
    double eta_total;           /* summed over lags */
    double bound;               /* NAN: none asked for, or too few replicates for its level */
    struct mc mc;
    double *replicate; /* mc.replicates statistics, malloced; for maxT and plots */
    double *excess;    /* same length: max-lag excess / na of each replicate */
    double *at_best;   /* same length: excess / na of each replicate at the data's best lag */
    double moved;      /* share of b's sessions that the null could move */
};

/* ERR_DEGENERATE: fewer than 5 sessions of either, W < 2 ttl, nothing free to move.
 * ERR_USAGE: options out of range. */
int sync_window(struct sync_result *ret, const struct subject *a, const struct subject *b,
                const struct window *w, const struct sync_opts *o, struct err *err);
int sync_days(struct sync_result *ret, const struct subject *a, const struct subject *b,
              const struct window *w, const struct sync_opts *o, struct err *err);
void sync_free(struct sync_result *r);

/* What was found of pairs, for whoever asks again. */
struct sync_pair {
    uint64_t a, b; /* ids of the subjects */
    double ttl_s;
    struct sync_result result; /* nlags 0: nothing */
};
struct sync_pairs {
    struct sync_pair *v;
    size_t n;
};
void sync_pairs_free(struct sync_pairs *p);

/* The bound of the last paragraph above, of m rows of excess over r's lags, whatever drew them:
 * the largest eta under which more than `few` of them are expected to have a statistic of at
 * most r's. 0 where no more have it without an effect. Reads r's statistic, sd, na and nlags.
 */
double sync_bound(const struct sync_result *r, const double *rows, size_t m, double few);

#endif
