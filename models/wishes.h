/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wishes - when the processes of a simulated world want a name, before any cache.
 *
 * Inhomogeneous Poisson demand is drawn as its total and then times by inverting
 * the cumulative intensity (Cinlar 1975, "Introduction to stochastic processes",
 * section 4.7), constant in quarters of an hour: every zone's offset is a whole
 * number of them. Where many times are drawn, the search begins at a guide table (Chen & Asau
 * 1974, Technometrics 16:163). Demand in bouts is a law on a circle (stats/bouts.h) as long as
 * the whole intensity, inverted likewise: its mean rate at every time is the Poisson one.
 */
#ifndef MODELS_WISHES_H
#define MODELS_WISHES_H

#include "models/simulate.h"
#include "stats/rng.h"

/* One wish. Its draws come from rng_stream(seed, RNG_SIMULATE, subject, replicate). */
struct wish {
    int64_t t_ns;
    uint32_t client, name, process;
    uint32_t replicate;
    uint64_t subject;
    double mark; /* uniform: the stream's first number; where totals are exact, else 0 */
};

enum { WISHES_MAX = 20000000 }; /* a gigabyte of them */

struct wishes {
    struct wish *v;
    size_t n, cap;
};

/* The wishes of all processes for the pairs that `wanted` accepts, at `boost` times the rate, a
 * process after the other; free `v`. Triggers have none of their own. ERR_LIMIT when more
 * than WISHES_MAX are to be expected. */
typedef bool wishes_filter(const void *ctx, uint32_t client, uint32_t name);
int wishes_draw(const struct sim_world *w, double boost, wishes_filter *wanted, const void *ctx,
                struct wishes *ret, struct err *err);

/* In order of time, subject and replicate. */
void wishes_sort(struct wishes *v);
bool wish_earlier(const struct wish *a, const struct wish *b);

#endif
