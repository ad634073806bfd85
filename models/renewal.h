/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * renewal - cache or timer? Likelihood ratios between what can stand behind regular
 * misses (methods.md C1, C5; "not separable" is an answer).
 *
 * THE TABLE OF MAKERS (renewal_table), each a law of a gap g given the past (stats/gaplaw.h); a
 * share q of misses may have been lost by the sensor:
 *
 *     demand        g = ttl + Exp(lambda)
 *     demand_lost   g = sum of K such, K geometric
 *     caches        k caches behind one address, hazard lambda (1 - w/k)+ (cache.h)
 *     sleep         a loop that sleeps P: g = sum of K N(P, s^2), below or without the cache
 *     sleep_cached  the same loop behind the cache: first turn at or after ttl
 *     clock         ticks at phase + kP + N(0, s^2), each seen with probability 1 - q
 *     clock_cached  the same behind the cache
 *
 * All are fitted by maximum likelihood to the gaps that were listened to, given the first
 * miss; s is at least the clock's resolution. With a rate that follows the hours (`rate`)
 * demand's density is lambda(t) exp(-integral from the end of the answer's life).
 *
 * The ratio is that of Schwarz (1978): exp of the difference of
 * loglik - parameters/2 ln m. Whether demand fits at all is a test of its own: CV (lower
 * tail) and Anderson-Darling of the expected demands of each gap, Dirichlet(1, .., 1), the
 * smaller p twice; for demand_lost a bootstrap with refit, times cut to the clock's ticks as
 * the data's. The p of memoryless demand is the largest over its makers. A gap shorter than ttl
 * - 2 s refutes one cache outright.
 *
 * Answer: timer where p <= .01 and the best timer is 100 times as likely; demand where
 * p > .05 and it is 100 times as likely; neither where p <= .01 and no timer is better;
 * else not separable. So it is too where the median excess is below three times the clock's
 * resolution: heavy demand and a fast timer are then the same data; and below
 * 30 gaps, where 1 of 106 series of 15 gaps of demand was called a timer. Turns and ticks come
 * in order: s <= P/3.
 */
#ifndef MODELS_RENEWAL_H
#define MODELS_RENEWAL_H

#include "base/err.h"
#include "models/rescale.h"

enum renewal_id {
    RENEWAL_DEMAND,
    RENEWAL_LOST,
    RENEWAL_CACHES,
    RENEWAL_SLEEP,
    RENEWAL_SLEEP_CACHED,
    RENEWAL_CLOCK,
    RENEWAL_CLOCK_CACHED,
    RENEWAL_MAKERS
};

struct renewal_maker {
    const char *id, *help;
    bool timer;
};
extern const struct renewal_maker renewal_table[RENEWAL_MAKERS];

struct renewal_fit {
    double loglik, score; /* score: loglik - parameters/2 ln m; -INFINITY: impossible */
    size_t parameters;
    double lambda, q;          /* demand: per second; share lost */
    double period_s, spread_s; /* timers */
    double phase_s;            /* clocks: since the window's start */
    int k;                     /* caches */
};

enum renewal_answer {
    RENEWAL_NOT_SEPARABLE,
    RENEWAL_IS_DEMAND,
    RENEWAL_IS_TIMER,
    RENEWAL_NEITHER
};
extern const char *const renewal_answers[];

struct renewal {
    size_t gaps, short_gaps;
    struct renewal_fit fit[RENEWAL_MAKERS];
    enum renewal_id demand, timer; /* the best of each kind */
    double log_lr;                 /* timer over demand; INFINITY: demand is impossible */
    double p;                      /* of memoryless demand; NAN: impossible outright */
    double p_maker[RENEWAL_CACHES + 1];
    bool refuted;  /* p <= .05, or impossible */
    bool resolved; /* median excess >= 3 resolutions */
    enum renewal_answer answer;
};

enum { RENEWAL_MIN = 10, RENEWAL_ANSWER = 30 };

struct renewal_opts {
    double resolution_s;        /* of the clock that stamped the look-ups */
    const struct rescale *rate; /* NULL: even demand */
    size_t rate_parameters;     /* that the rate was fitted with */
    uint32_t replicates;        /* of each test; 0: 999 */
    uint64_t seed, subject;
};

/* ERR_DEGENERATE below RENEWAL_MIN gaps or without a TTL. */
int renewal_compare(struct renewal *ret, const struct stream *s, const struct window *w,
                    const struct renewal_opts *o, struct err *err);

#endif
