/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * putin - rows put into a log at even times, as models/tamper puts them: what would have shown?
 *
 * They go into the rows of one stream that keep the time to live, so that what stood there
 * makes no short gap of its own. One put in at random makes a short gap with a probability of
 * H or more, H = lambda ttl / (1 + lambda ttl), on average 2 H.
 */
#ifndef MODELS_PUTIN_H
#define MODELS_PUTIN_H

#include "models/stream.h"
#include "stats/rng.h"

struct putin {
    const struct stream *s;
    const struct window *w;
    double life_s;    /* rows of s that do not keep it are left out */
    double session_s; /* what comes so soon after a row is no session of its own, as in s */
    double gone;      /* chance of each row of s to be gone */
};

/* Sessions with m rows put in at even live times: ascending into ret_t, which holds s->n + m.
 * Returns how many. */
size_t putin_draw(const struct putin *p, size_t m, struct rng *r, double *ret_t);

/* Does a log with m rows put in show? One replicate. */
typedef bool putin_seen(void *ctx, size_t m, struct rng *r);

/* The largest m, from `least` to `most`, that could have been put in unseen: of one row more
 * `level` of draws are seen (bisection, as if that were monotone in m; 400 draws and more).
 * most: nothing is ruled out. A draw's stream depends on (seed, subject, m) only. */
size_t putin_room(putin_seen *seen, void *ctx, size_t least, size_t most, double level,
                  uint64_t seed, uint64_t subject);

#endif
