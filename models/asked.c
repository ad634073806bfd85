/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/asked.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Hours listened to in each bucket, and where they end. */
static void listened(const struct window *w, const struct grid *g, double *ret_hours,
                     double *ret_end)
{
    for (size_t i = 0; i < g->n; i++)
        ret_hours[i] = ret_end[i] = 0;
    for (size_t k = 0; k < w->nlive; k++) {
        double from = w->live[k].from, to = w->live[k].to;
        size_t i = (size_t)fmax(0, floor((from - g->t0) / g->width));
        for (double start; i < g->n && (start = g->t0 + (double)i * g->width) < to; i++) {
            ret_end[i] = fmin(to, start + g->width);
            ret_hours[i] += fmax(0, ret_end[i] - fmax(from, start)) / 3600;
        }
    }
}

/* One from each bucket whose last session hides what is left of it. */
static void less_the_last(const struct stream *s, const struct grid *g, const double *end,
                          double *y)
{
    for (size_t k = 0; k < s->n; k++) {
        double bucket = floor((s->t[k] - g->t0) / g->width);
        if (bucket < 0 || bucket >= (double)g->n)
            continue;
        bool last = k + 1 == s->n || s->t[k + 1] >= g->t0 + (bucket + 1) * g->width;
        if (last && s->ttl_s > 0 && s->t[k] + stream_dead(s, k) >= end[(size_t)bucket])
            y[(size_t)bucket] -= 1;
    }
}

void asked_fill(const struct subject *s, const struct window *w, const struct grid *g,
                double *ret_asked, double *ret_hours)
{
    double *y = mem_zero(4 * g->n + 1, sizeof *y), *e = y + g->n, *live = e + g->n,
           *end = live + g->n;
    listened(w, g, live, end);
    for (size_t i = 0; i < g->n; i++)
        ret_asked[i] = ret_hours[i] = 0;
    for (size_t k = 0; k < s->nstreams; k++) {
        struct stream *r = &s->streams[k];
        struct subject one = {.streams = r, .nstreams = 1, .t = r->t, .n = r->n};
        bool at_risk = r->ttl_s > ASKED_LONGEST * g->width;
        bucket_fill(&one, g, y);
        exposure_fill(&one, w, g, e);
        if (!at_risk)
            less_the_last(r, g, end, y);
        for (size_t i = 0; i < g->n; i++) {
            if (!(e[i] > 0))
                continue;
            ret_asked[i] += at_risk ? y[i] : y[i] / e[i] * live[i];
            ret_hours[i] += at_risk ? e[i] : live[i];
        }
    }
    free(y);
}
