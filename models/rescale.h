/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rescale - a cache's time measured in expected demands (Brown et al. 2002, Neural
 * Comput. 14:325; methods.md C1).
 *
 * Under demand lambda(t) the integral of lambda from the end of an answer's life to the
 * next miss is Exp(1), whatever the rhythm. The rate is in steps of a bucket, as
 * baseline.h fits it.
 *
 *     struct rescale r;
 *     rescale_init(&r, grid, baseline.rate, room);   // room: grid.n + 1 doubles
 *     m = rescale_excess(&r, stream, window, u);     // Exp(1) each
 */
#ifndef MODELS_RESCALE_H
#define MODELS_RESCALE_H

#include "models/stream.h"
#include "stats/rng.h"

struct rescale {
    struct grid grid;
    const double *rate; /* per hour; not owned */
    double *integral;   /* of the rate from the grid's start to each border; not owned */
};

void rescale_init(struct rescale *ret, struct grid grid, const double *rate, double *room);
double rescale_rate(const void *rescale, double t); /* per second; for cache_draw */
double rescale_top(const struct rescale *r);        /* its largest, per second */
double rescale_between(const struct rescale *r, double from, double to);

/* Expected demands between the end of each answer's life and the next miss; 0 where the
 * miss came early. Gaps over dead sensor time are left out. Returns how many (< s->n). */
size_t rescale_excess(const struct rescale *r, const struct stream *s, const struct window *w,
                      double *ret_u);

/* Times with the same excess gaps in expected demands and the same life, at the even
 * rate `lambda` per second: what the stream would be without its rhythm. Returns how
 * many; ret_t holds s->n. */
size_t rescale_even(const struct rescale *r, const struct stream *s, const struct window *w,
                    double lambda, double *ret_t);

/* Misses in the place of a stream's (cache_draw_like) drawn from the rate, over live time only;
 * ret has room for cap. */
void rescale_draw(const struct rescale *r, const struct stream *like, const struct window *w,
                  struct rng *rng, struct stream *ret, size_t cap);

#endif
