/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/putin.h"

#include <math.h>

#include "stats/evenly.h"

enum { DRAWS = 400, MOST_DRAWS = 9999 };

/* A time that was listened to. */
static double any_time(const struct window *w, struct rng *r)
{
    double at = 0;
    for (int i = 0; i < 64; i++) {
        at = w->length_s * rng_unit(r);
        if (window_live_between(w, at, at + 1e-3) > 0)
            break;
    }
    return at;
}

/* Rows put in wait at the end of ret_t: what is written before them never reaches one that has
 * not been taken. */
size_t putin_draw(const struct putin *p, size_t m, struct rng *r, double *ret_t)
{
    const struct stream *s = p->s;
    double *in = ret_t + s->n, before = -INFINITY;
    size_t n = 0, taken = 0;
    for (size_t k = 0; k < m; k++)
        in[k] = any_time(p->w, r);
    evenly_sort(in, m, 0, p->w->length_s);
    for (size_t k = 0; k < s->n; k++) {
        if (s->t[k] - before < p->life_s)
            continue;
        before = s->t[k];
        if (rng_unit(r) < p->gone)
            continue;
        while (taken < m && in[taken] <= before)
            ret_t[n++] = in[taken++];
        ret_t[n++] = before;
    }
    while (taken < m)
        ret_t[n++] = in[taken++];
    return sessions_collapse(ret_t, NULL, n, p->session_s, ret_t, NULL);
}

/* Unseen draws count one more than there are, as ties do for a p. */
static bool is_seen(putin_seen *seen, void *ctx, size_t m, double level, uint64_t seed,
                    uint64_t subject)
{
    uint32_t draws = (uint32_t)fmin(MOST_DRAWS, fmax(DRAWS, ceil(20 / (1 - level)))), not = 1;
    double most = (1 - level) * (draws + 1);
    for (uint32_t d = 0; d < draws && not <= most && not +(draws - d) > most; d++) {
        struct rng r;
        rng_stream(&r, seed, RNG_BOOTSTRAP, rng_subject_of(subject, m), d + 2);
        not += !seen(ctx, m, &r);
    }
    return not <= most; /* which the draws left out could not change */
}

size_t putin_room(putin_seen *seen, void *ctx, size_t least, size_t most, double level,
                  uint64_t seed, uint64_t subject)
{
    if (least >= most || !is_seen(seen, ctx, most, level, seed, subject))
        return most;
    while (most - least > 1) {
        size_t middle = (least + most) / 2;
        *(is_seen(seen, ctx, middle, level, seed, subject) ? &most : &least) = middle;
    }
    return least;
}
