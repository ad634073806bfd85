/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/asked.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define ROUNDING_S 1e-3 /* a whole day stays one where its borders are sums */

/* Did the sensor listen all the time from `from` to `to`, of which nothing is live? *at is
 * where the last search ended. */
static bool set_aside(const struct window *w, double from, double to, size_t *at)
{
    for (; *at < w->naside && w->aside[*at].from <= from && from < to; ++*at)
        from = fmax(from, w->aside[*at].to);
    return from >= to;
}

struct heard {
    double *hours; /* listened to in each bucket; one allocation, `hours` first */
    double *end;   /* where they end, seconds */
    double *piece; /* the most of them in one piece; what is set aside does not end one */
};

static struct heard listened(const struct window *w, const struct grid *g)
{
    double *all = mem_zero(3 * g->n + 1, sizeof *all);
    struct heard h = {all, all + g->n, all + 2 * g->n};
    double run = 0; /* hours of the piece so far, in bucket `in` */
    size_t in = 0, at = 0;
    for (size_t k = 0; k < w->nlive; k++) {
        double from = w->live[k].from, to = w->live[k].to;
        if (k > 0 && !set_aside(w, w->live[k - 1].to, from, &at))
            run = 0;
        size_t i = (size_t)fmax(0, floor((from - g->t0) / g->width));
        for (double start; i < g->n && (start = g->t0 + (double)i * g->width) < to; i++) {
            h.end[i] = fmin(to, start + g->width);
            double hours = fmax(0, h.end[i] - fmax(from, start)) / 3600;
            run = i == in ? run + hours : hours;
            in = i;
            h.hours[i] += hours;
            h.piece[i] = fmax(h.piece[i], run);
        }
    }
    return h;
}

static bool tells(double life_s, double piece_hours)
{
    return life_s <= ASKED_LONGEST * 3600 * piece_hours + ROUNDING_S;
}

/* Do too few buckets tell? */
static bool too_few(const struct heard *h, size_t n, double life_s)
{
    double all = 0, left_out = 0;
    for (size_t i = 0; i < n; i++) {
        all += h->hours[i];
        left_out += tells(life_s, h->piece[i]) ? 0 : h->hours[i];
    }
    return left_out > ASKED_LEFT_OUT * all;
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
    double *y = mem_zero(2 * g->n + 1, sizeof *y), *e = y + g->n;
    struct heard h = listened(w, g);
    for (size_t i = 0; i < g->n; i++)
        ret_asked[i] = ret_hours[i] = 0;
    for (size_t k = 0; k < s->nstreams; k++) {
        struct stream *r = &s->streams[k];
        struct subject one = {.streams = r, .nstreams = 1, .t = r->t, .n = r->n};
        bool at_risk = too_few(&h, g->n, r->ttl_s);
        bucket_fill(&one, g, y);
        exposure_fill(&one, w, g, e);
        if (!at_risk)
            less_the_last(r, g, h.end, y);
        for (size_t i = 0; i < g->n; i++) {
            if (!(e[i] > 0) || (!at_risk && !tells(r->ttl_s, h.piece[i])))
                continue;
            ret_asked[i] += at_risk ? y[i] : y[i] / e[i] * h.hours[i];
            ret_hours[i] += at_risk ? e[i] : h.hours[i];
        }
    }
    free(y);
    free(h.hours);
}
