/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validate/v8_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/cache.h"
#include "stats/order.h"

/* Hourly demand: sine of the day, fewer look-ups at weekends, and an
 * Ornstein-Uhlenbeck drift with a time constant of 72 h. */
struct rhythm {
    double *rate, most; /* a second */
    size_t hours;
};

static void rhythm_draw(struct rhythm *h, const struct world *w, struct rng *r)
{
    h->hours = (size_t)w->days * 24;
    h->rate = mem_alloc(h->hours * sizeof *h->rate);
    h->most = 0;
    double keep = exp(-1 / 72.0), x = rng_normal(r);
    for (size_t i = 0; i < h->hours; i++) {
        double season = sin(2 * M_PI * (double)(i % 24) / 24 - 2) - (i / 24 % 7 >= 5 ? .7 : 0);
        h->rate[i] = .6 / HOUR * exp(w->amplitude * season + w->drift * x);
        h->most = fmax(h->most, h->rate[i]);
        x = keep * x + sqrt(1 - keep * keep) * rng_normal(r);
    }
}

static double rhythm_rate(const void *ctx, double t)
{
    const struct rhythm *h = ctx;
    return h->rate[(size_t)(t / HOUR)];
}

static struct window window_of(const struct world *w)
{
    struct window win = {.from_ns = INT64_C(16986) * DAY * NS_PER_S, /* a Monday, UTC */
                         .live = mem_alloc((size_t)w->days * sizeof *win.live),
                         .length_s = (double)w->days * DAY};
    win.to_ns = win.from_ns + (int64_t)w->days * DAY * NS_PER_S;
    double from = 0;
    for (int d = w->deaf_every; w->deaf_every && d < w->days; d += w->deaf_every) {
        win.live[win.nlive++] = (struct interval){from, (double)d * DAY};
        from = ((double)d + .5) * DAY;
    }
    win.live[win.nlive++] = (struct interval){from, win.length_s};
    for (size_t i = 0; i < win.nlive; i++)
        win.live_s += win.live[i].to - win.live[i].from;
    return win;
}

/* Misses, seen by the sensor, of one cache over its demand (ascending). */
static size_t filter(const struct window *w, double *t, size_t demand)
{
    double last = -HOUR;
    size_t n = 0;
    for (size_t i = 0; i < demand; i++) {
        if (t[i] < last + HOUR || t[i] >= w->length_s)
            continue;
        last = t[i];
        if (window_live_between(w, last, last + 1) > 0)
            t[n++] = last;
    }
    return n;
}

/* One demand of a client whose caches share it. */
static void ask(struct party *p, const struct window *w, enum sharing sharing, double t,
                struct rng *r, double *fresh_until)
{
    int to = (int)rng_below(r, 2);
    bool twins = sharing == TWINS || (sharing == MIXED && rng_below(r, 2) == 0);
    for (int k = 0; k < 2; k++) {
        double at = twins ? t + 5 * rng_unit(r) : t;
        double *until = sharing == EGRESS ? &fresh_until[0] : &fresh_until[k];
        if ((!twins && k != to) || at < *until || at >= w->length_s)
            continue;
        *until = at + HOUR;
        if (!(window_live_between(w, at, at + 1) > 0))
            continue;
        struct stream *s = &p->streams[k];
        s->t[s->n++] = at;
    }
}

/* Draw demand, and the triggers with it, and let it pass the caches. */
static void party_fill(struct party *p, const struct rhythm *h, const struct window *w,
                       const struct world *world, const double *triggers, size_t ntriggers,
                       struct rng *r)
{
    size_t room = (size_t)(2 * h->most * w->length_s) + 100;
    double fresh_until[CACHES_MAX] = {0};
    double *t = mem_alloc((room + ntriggers) * sizeof *t);
    size_t n = 0, streams = p->subject.nstreams;
    for (size_t k = 0; k < streams; k++)
        p->streams[k] =
            (struct stream){.t = mem_alloc((room + ntriggers) * sizeof *t), .ttl_s = HOUR};
    for (size_t k = 0; k < (world->sharing == APART ? streams : 1); k++) {
        n = cache_draw(r, 0, w->length_s, h->most, rhythm_rate, h, t, room);
        for (size_t i = 0; k == 0 && i < ntriggers; i++)
            t[n++] = triggers[i];
        order_sort(t, n);
        if (world->sharing != APART)
            break;
        memcpy(p->streams[k].t, t, n * sizeof *t);
        p->streams[k].n = filter(w, p->streams[k].t, n);
    }
    for (size_t i = 0; world->sharing != APART && i < n; i++)
        ask(p, w, world->sharing, t[i], r, fresh_until);
    free(t);
}

/* A client; the triggers go to its first cache, or to those that share its demand. */
static void party_make(struct party *p, const struct rhythm *h, const struct window *w,
                       const struct world *world, bool is_b, const double *triggers,
                       size_t ntriggers, struct rng *r)
{
    struct world one = *world;
    if (!is_b && !world->both)
        one.caches = 1, one.sharing = APART;
    *p = (struct party){{.nstreams = (size_t)one.caches}, {{0}}};
    struct subject *s = &p->subject;
    s->id = (uint64_t)rng_u32(r) << 32 | rng_u32(r);
    party_fill(p, h, w, &one, triggers, ntriggers, r);
    for (int k = 0; k < one.caches; k++)
        s->n += p->streams[k].n;
    s->t = mem_alloc((s->n + 1) * sizeof *s->t);
    for (size_t k = 0, n = 0; k < s->nstreams; n += p->streams[k++].n)
        memcpy(s->t + n, p->streams[k].t, p->streams[k].n * sizeof *s->t);
    order_sort(s->t, s->n);
}

static void party_free(struct party *p)
{
    for (size_t k = 0; k < p->subject.nstreams; k++)
        free(p->streams[k].t);
    free(p->subject.t);
}

/* Each of a's sessions with probability eta makes b ask, 2 minutes later on
 * average. */
static size_t draw_triggers(const struct subject *a, double eta, struct rng *r, double *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (rng_unit(r) < eta)
            ret[n++] = a->t[i] + rng_exponential(r, 120);
    return n;
}

void scene_draw(struct scene *s, const struct world *world, struct rng *r)
{
    struct rhythm h;
    s->w = window_of(world);
    rhythm_draw(&h, world, r);
    party_make(&s->a, &h, &s->w, world, false, NULL, 0, r);
    double *triggers = mem_alloc((s->a.subject.n + 1) * sizeof *triggers);
    size_t ntriggers = draw_triggers(&s->a.subject, world->eta, r, triggers);
    party_make(&s->b, &h, &s->w, world, true, triggers, ntriggers, r);
    s->a.subject.streams = s->a.streams;
    s->b.subject.streams = s->b.streams;
    free(triggers);
    free(h.rate);
}

void scene_free(struct scene *s)
{
    party_free(&s->a);
    party_free(&s->b);
    window_free(&s->w);
}
