/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scan - how unusual is each pair? Two rows a pair.
 *
 * level: total sessions against the peer expectation, fitted without that pair:
 *   E = (R - x)(C - x) / (N - R - C + x), R and C the totals of its client and
 *   its name, N of all: the maximum likelihood fill of a missing cell under
 *   quasi-independence (Goodman 1968). Totals are negative binomial about E with
 *   one theta, fitted by maximum likelihood over all cells but the pair's own,
 *   cells without a look-up included (models/peers.h). A pair's own series cannot say
 *   whether its total is unusual; only peers can, so by definition a level row
 *   changes when other pairs do.
 * burst: most surprising bucket against the pair's own season; p by a parametric
 *   bootstrap of the maximum, baseline refitted in every replicate (models/burst.h).
 *   It depends on other pairs through live time, and through how their buckets scatter: theta
 *   is judged among those of the SCAN_OTHERS busiest others with SCAN_SESSIONS sessions or more
 *   (stats/thetas.h). Their law is held in the replicates, which refit the pair's own theta in
 *   it; V4 draws the others anew for each pair that it tests.
 *
 * expected, lo, hi: the statistic's 95 % prediction interval; expected is the mean
 * (level) or the median (burst). p: exact upper tail (level) or Monte Carlo (burst).
 * p_mid: ties at half weight.
 *
 * A pair is tested because it has min_count sessions, and stands in the case because
 * it has one. Where the expectation lies below that, a tested level is high by
 * selection. So q and by_chance (N p, pairs at least that extreme expected by chance among
 * the N tested) use p_tested, the tail given that the pair was tested: P(X >= x) / P(X >=
 * max(1, min_count)) (models/level.h).
 *
 * q of a level, upper tail: the discrete step-down of Doehler, Durand & Roquain over rows in
 * state ok, each with the values its own p can take (stats/multi.h); else, and for bursts, BH.
 * q_by: BY, under any dependence. q_random: Storey's q of p_tested with ties broken at random,
 * mean over SCAN_DRAWS draws; pi0 its share of pairs with nothing unusual.
 */
#ifndef MODELS_SCAN_H
#define MODELS_SCAN_H

#include <stdbool.h>

#include "base/err.h"
#include "ingest/counts.h"
#include "models/holidays.h"
#include "stats/empirical.h"

enum { SCAN_DRAWS = 20, SCAN_OTHERS = 40, SCAN_SESSIONS = 20, SCAN_BUCKETS = 1000000 };
enum scan_kind { SCAN_LEVEL, SCAN_BURST };

/* Why a row has no p. Never an error: one odd pair does not stop a run. */
enum scan_state {
    SCAN_OK,
    SCAN_TOO_FEW,    /* sessions below min_count */
    SCAN_NO_PEERS,   /* nobody else asked for the name, or the client asked for no other */
    SCAN_NO_FIT,     /* the baseline did not converge */
    SCAN_ONE_BUCKET, /* live time is shorter than two buckets */
    SCAN_STATES
};
extern const char *const scan_state_names[SCAN_STATES];
extern const char *const scan_state_help[SCAN_STATES];

struct scan_opts {
    double bucket_s, session_s, ttl_s;
    uint32_t min_count;
    uint32_t max_replicates; /* burst: Besag-Clifford with h = 10 up to this */
    bool levels;             /* no bursts: their rows stay without p, in state too_few */
    size_t max_buckets;      /* burst: most from first to last live time; 0: any number. Each is
                                fitted in every replicate, which no shorter way gives alike */
    int tail;                /* +1 upper, -1 lower, 0 both (doubled smaller tail) */
    uint64_t seed;
    size_t threads;
    const struct holidays *holidays; /* of burst's seasons, days in UTC; NULL: none */
};

struct scan_row {
    size_t pair; /* of scan_pairs */
    enum scan_kind kind;
    enum scan_state state;
    uint64_t lookups, observed;     /* observed: sessions, or those of the bucket */
    double expected, lo, hi, score; /* score: signed normal quantile of mid-p, finite */
    double log_p, log_p_mid, log_p_tested, log_q, log_q_by; /* ln; NAN unless ok */
    double log_p_above;     /* the next smaller value that log_p_tested can take, or itself */
    double q_random;        /* NAN unless ok */
    double log_p_empirical; /* by the law of all scores; NAN for fewer than 500 tests, no such
                               law */
    double by_chance;       /* NAN unless ok */
    double dispersion;      /* theta; INFINITY for Poisson */
    const char *family, *shape; /* poisson or negbin; peers or a season; NULL unless ok */
    uint32_t replicates;        /* 0: exact */
    int64_t when_s;             /* burst: Unix time of the bucket */
};

/* A (client, name), qtypes merged. */
struct scan_pair {
    uint32_t client, name;
    size_t from, to; /* pairs of counts */
};

struct scan {
    struct scan_pair *pairs;
    size_t npairs;
    struct scan_row *rows; /* 2 a pair: level, burst; in order of pairs */
    size_t nrows;
    double theta;     /* of level */
    size_t tested[2]; /* rows in state ok, by kind */
    double pi0[2];    /* share of them with nothing unusual; 1 where it cannot be told */
    struct empirical empirical[2]; /* where have_empirical */
    bool have_empirical[2];
};

/* Over the whole of live time; ERR_DEGENERATE when the case has none, ERR_MISMATCH when the
 * holidays do not hold every year of it, ERR_LIMIT when it has more than max_buckets, with how
 * wide a bucket would do. progress may be NULL; it is told of 0 of 0 first. */
int scan_run(struct scan *ret, const struct counts *c, const struct scan_opts *o,
             void (*progress)(void *ctx, size_t done, size_t of), void *ctx, struct err *err);
/* The two rows of one pair as scan_run has them, but for what depends on the number of
 * tests: q and by_chance are NAN. ERR_DEGENERATE when the pair has no look-up. */
int scan_one(struct scan_row ret[2], const struct counts *c, const struct scan_opts *o,
             uint32_t client, uint32_t name, struct err *err);
void scan_free(struct scan *s);

#endif
