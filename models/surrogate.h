/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * surrogate - a party's sessions drawn anew, as they would be if nothing but its own
 * demand made them.
 *
 * surrogate_window, null D1 (methods.md D1): weighted hard-core window surrogate. The
 * number of sessions in each window of width W is fixed; their times have density
 * proportional to prod lambda(t_i) exp(Lambda(t_i, t_i + ttl)) on gaps >= ttl, in each
 * stream, and none where the sensor was deaf. lambda is the party's own demand
 * (models/demand.h), or what the drivers in opts explain of it. Besag & Clifford's (1989,
 * Biometrika 76: 633) parallel method: L sweeps from the data to x0, then chains of L
 * sweeps from x0; so the data and the replicates are exchangeable given lambda, mixed or
 * not.
 * surrogate_days: whole days (UTC) permuted within weekday; days with deaf time or cut by
 * the window stay in place (peers-statistics 0.2).
 *
 * A replicate is a function of (seed, subject, replicate) alone.
 *
 *     struct subject b;  surrogate_party(&b, given, session_s);
 *     struct surrogate *s;
 *     if (surrogate_window(&s, &b, &window, &opts, err) < 0) ...
 *     surrogate_draw(s, 1, t);    // b.n times
 */
#ifndef MODELS_SURROGATE_H
#define MODELS_SURROGATE_H

#include "base/err.h"
#include "models/demand.h"
#include "models/stream.h"
#include "stats/rng.h"

struct surrogate;

struct surrogate_opts {
    double window_s;  /* W; >= 2 ttl */
    double session_s; /* gaps inside a stream stay >= this even where ttl is 0 */
    double tick_s;    /* draws are cut to whole ticks since the window's start; 0: not */
    int sweeps;       /* L, 3 */
    uint64_t seed, subject;
    const struct drivers *drivers; /* of the demand; NULL: none */
};

/* A party as its nulls see it. Sessions of two of its caches within session_s are one, and
 * the first stands for both (twin resolvers asked for one reason): moved one by one they
 * would cover more times than the data can, and hide what is there. Where what is left
 * keeps the dead time as a whole, all but one session in 20, the party is one cache behind
 * several addresses. Otherwise each cache moves by itself. Free with subject_free. */
void surrogate_party(struct subject *ret, const struct subject *s, double session_s);

/* `b` and `w` must live as long as the surrogate. ERR_DEGENERATE: W < 2 ttl; nothing free
 * to move. */
int surrogate_window(struct surrogate **ret, const struct subject *b, const struct window *w,
                     const struct surrogate_opts *o, struct err *err);
int surrogate_days(struct surrogate **ret, const struct subject *b, const struct window *w,
                   const struct surrogate_opts *o, struct err *err);
void surrogate_free(struct surrogate *s);

/* Write the b->n times of replicate 1, 2, ...: stream after stream, each ascending. Any
 * thread. */
void surrogate_draw(const struct surrogate *s, uint32_t replicate, double *ret_t);
const struct surrogate_opts *surrogate_options(const struct surrogate *s);
/* Share of b's sessions that the null could move. */
double surrogate_moved(const struct surrogate *s);
/* The demand that a window surrogate moves by; NULL for days. */
const struct demand *surrogate_demand(const struct surrogate *s);

/* --- the baseline, refitted in every replicate. Window surrogates only.
 * A statistic that is held against lambda takes that of the replicate itself: lambda fitted
 * to the data is nearer to the data than the truth is, and smoother, and so is lambda fitted
 * to a replicate. */
bool surrogate_has_demand(const struct surrogate *s);
/* `drawn`: b, a draw of it, or a change to one, with b's streams. */
void surrogate_refit(const struct surrogate *s, const struct subject *drawn,
                     struct demand *ret);

/* The b->n times of a draw, or the data's (surrogate_data), stream after stream, as a subject
 * (streams, t and n) over them; `streams` has room for b's. */
void surrogate_view(const struct surrogate *s, double *t, struct stream *streams,
                    struct subject *ret);

/* Where the null expects the sessions: each window's number spread over it in proportion to
 * the refitted lambda (dead times inside a window left out). */
struct placed_window {
    double before, per; /* sessions before it; those in it over its share of lambda */
    double cum;         /* lambda's integral up to it */
};
struct placed {
    double t0, slot_s, total;
    size_t n;               /* slots */
    const uint32_t *window; /* of each slot; the surrogate's */
    double *cum;            /* n + 1 */
    struct placed_window *windows;
};
void surrogate_placed(const struct surrogate *s, double *t, struct placed *ret);
void placed_free(struct placed *p);
/* Expected up to a time in slots since t0; linear within a slot. */
static inline double placed_until(const struct placed *p, double slots)
{
    if (!(slots > 0))
        return 0;
    size_t i = (size_t)slots;
    if (i >= p->n)
        return p->total;
    const struct placed_window *w = &p->windows[p->window[i]];
    double cum = p->cum[i] + (slots - (double)i) * (p->cum[i + 1] - p->cum[i]);
    return w->before + w->per * (cum - w->cum);
}
/* Add those expected in n pieces, each `step` slots long, from `at` slots on, to
 * sum[0..n - 1]. */
void placed_add(const struct placed *p, double at, double step, size_t n, double *sum);

/* The data's times in the same order. */
void surrogate_data(const struct surrogate *s, double *ret_t);

/* k statistics of each of m replicates from `first`, drawn on `threads`: ret_rows holds
 * m x k, in order of the replicates. A statistic may reorder t. */
typedef void surrogate_stat(const void *ctx, double *t, size_t n, double *ret);
void surrogate_rows(const struct surrogate *s, uint32_t first, uint32_t m, size_t threads,
                    surrogate_stat *stat, const void *ctx, size_t k, double *ret_rows);

#endif
