/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/rescale.h"

#include "models/cache.h"

void rescale_init(struct rescale *ret, struct grid grid, const double *rate, double *room)
{
    *ret = (struct rescale){grid, rate, room};
    room[0] = 0;
    for (size_t i = 0; i < grid.n; i++)
        room[i + 1] = room[i] + rate[i] * grid.width / 3600;
}

double rescale_rate(const void *rescale, double t)
{
    const struct rescale *s = rescale;
    size_t i = (size_t)((t - s->grid.t0) / s->grid.width);
    return s->rate[i < s->grid.n ? i : s->grid.n - 1] / 3600;
}

double rescale_top(const struct rescale *r)
{
    double top = 0;
    for (size_t i = 0; i < r->grid.n; i++)
        top = r->rate[i] > top ? r->rate[i] : top;
    return top / 3600;
}

static double integral_to(const struct rescale *s, double t)
{
    double at = (t - s->grid.t0) / s->grid.width;
    size_t i = at > 0 ? (size_t)at : 0;
    if (i >= s->grid.n)
        return s->integral[s->grid.n];
    return s->integral[i] + (at - (double)i) * (s->integral[i + 1] - s->integral[i]);
}

double rescale_between(const struct rescale *r, double from, double to)
{
    return to > from ? integral_to(r, to) - integral_to(r, from) : 0;
}

/* Was the sensor awake from the i-th miss to the next? */
static bool heard(const struct stream *s, const struct window *w, size_t i)
{
    double from = s->t[i], to = s->t[i + 1];
    return window_live_between(w, from, to) >= to - from - 1e-6;
}

size_t rescale_excess(const struct rescale *r, const struct stream *s, const struct window *w,
                      double *ret_u)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < s->n; i++)
        if (heard(s, w, i))
            ret_u[n++] = rescale_between(r, s->t[i] + stream_dead(s, i), s->t[i + 1]);
    return n;
}

size_t rescale_even(const struct rescale *r, const struct stream *s, const struct window *w,
                    double lambda, double *ret_t)
{
    size_t n = 0;
    double now = 0;
    for (size_t i = 0; i < s->n; i++) {
        ret_t[n++] = now;
        if (i + 1 == s->n)
            break;
        if (!heard(s, w, i))
            n--; /* a gap of unknown length: go on from the next miss */
        else
            now += s->ttl_s +
                   rescale_between(r, s->t[i] + stream_dead(s, i), s->t[i + 1]) / lambda;
    }
    return n;
}

void rescale_draw(const struct rescale *r, const struct stream *like, const struct window *w,
                  struct rng *rng, struct stream *ret, size_t cap)
{
    cache_draw_like(rng, like, w->length_s, rescale_top(r), rescale_rate, r, ret, cap);
    stream_keep_live(ret, w);
}
