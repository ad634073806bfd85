/* SPDX-License-Identifier: GPL-3.0-or-later
 * Series are decoded a (client, name, qtype) at a time; sessions are formed over
 * the whole series and only then cut to the window, so that a run of retries
 * that began before the window does not look like a new session inside it. */
#include "models/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "stats/order.h"
#include "stats/rng.h"

/* Times are exact multiples of a tick, but seconds since an arbitrary start are
 * rounded doubles: comparisons allow for that, far below any tick. */
static const double ROUNDING_S = 1e-8;

static const double S_PER_HOUR = 3600;

static double seconds_since(int64_t from_ns, int64_t t_ns)
{
    return (double)(t_ns - from_ns) / (double)NS_PER_S;
}

/* --- window ------------------------------------------------------------------------- */

void window_make(struct window *w, const struct counts *c, int64_t from_ns, int64_t to_ns)
{
    if (from_ns >= to_ns) {
        from_ns = c->nlive ? c->live[0].from_ns : 0;
        to_ns = c->nlive ? c->live[c->nlive - 1].to_ns : 0;
    }
    *w = (struct window){.from_ns = from_ns, .to_ns = to_ns};
    w->length_s = seconds_since(from_ns, to_ns);
    w->live = mem_alloc(c->nlive * sizeof *w->live);
    for (size_t i = 0; i < c->nlive; i++) {
        const struct counts_live *l = &c->live[i];
        int64_t from = l->from_ns > from_ns ? l->from_ns : from_ns;
        int64_t to = l->to_ns < to_ns ? l->to_ns : to_ns;
        if (from >= to)
            continue;
        struct interval v = {seconds_since(from_ns, from), seconds_since(from_ns, to)};
        w->live[w->nlive++] = v;
        w->live_s += v.to - v.from;
        w->inferred |= l->why && strcmp(l->why, "inferred") == 0;
    }
}

void window_free(struct window *w)
{
    free(w->live);
    free(w->aside);
    *w = (struct window){0};
}

static double overlap(struct interval v, double from, double to)
{
    return fmax(0, fmin(v.to, to) - fmax(v.from, from));
}

double window_live_between(const struct window *w, double from, double to)
{
    double sum = 0;
    for (size_t i = 0; i < w->nlive; i++)
        sum += overlap(w->live[i], from, to);
    return sum;
}

/* Live time before, between and after the stretches; each may cut a piece in two. */
void window_set_aside(struct window *w, const struct interval *aside, size_t n)
{
    struct interval *live = mem_alloc((w->nlive + n + 1) * sizeof *live);
    size_t m = 0;
    w->live_s = 0;
    for (size_t i = 0, k = 0; i < w->nlive; i++) {
        double from = w->live[i].from, to = w->live[i].to;
        for (; k < n && aside[k].from < to; k++) {
            if (aside[k].from > from)
                live[m++] = (struct interval){from, aside[k].from};
            from = fmax(from, aside[k].to);
            if (from > to) /* it may reach into the next piece */
                break;
        }
        if (from < to)
            live[m++] = (struct interval){from, to};
    }
    for (size_t i = 0; i < m; i++)
        w->live_s += live[i].to - live[i].from;
    free(w->live);
    w->live = live;
    w->nlive = m;
    w->aside = mem_alloc((n + 1) * sizeof *w->aside);
    memcpy(w->aside, aside, n * sizeof *aside);
    w->naside = n;
}

/* Is t in one of n intervals? *at is where the last search ended; t must not fall between
 * calls. */
static bool holds(const struct interval *v, size_t n, double t, size_t *at)
{
    while (*at < n && v[*at].to <= t)
        ++*at;
    return *at < n && v[*at].from <= t;
}

static bool live_at(const struct window *w, double t, size_t *at)
{
    return holds(w->live, w->nlive, t, at);
}

/* --- sessions ----------------------------------------------------------------------- */

/* ret_last: the last look-up of each. */
static size_t collapse(const double *t, const uint32_t *weight, size_t n, double session_s,
                       double *ret_t, uint32_t *ret_size, double *ret_last)
{
    size_t out = 0;
    double last = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double now = t[i]; /* read before ret_t, which may be t, is written */
        uint32_t size = weight ? weight[i] : 1;
        if (now - last > session_s + ROUNDING_S) {
            ret_t[out] = now;
            if (ret_size)
                ret_size[out] = size;
            out++;
        } else if (ret_size) {
            ret_size[out - 1] += size;
        }
        last = now;
        if (ret_last)
            ret_last[out - 1] = now;
    }
    return out;
}

size_t sessions_collapse(const double *t, const uint32_t *weight, size_t n, double session_s,
                         double *ret_t, uint32_t *ret_size)
{
    return collapse(t, weight, n, session_s, ret_t, ret_size, NULL);
}

void stream_set(struct stream *s, double *t, uint32_t *weight, size_t n, double session_s)
{
    double *last = mem_alloc((n + 1) * sizeof *last);
    uint32_t *size = mem_alloc((n + 1) * sizeof *size);
    bool longer = false;
    s->n = collapse(t, weight, n, session_s, t, size, last);
    for (size_t i = 0; i < s->n; i++) {
        double apart = last[i] - t[i] + session_s;
        longer |= s->ttl_s > 0 && apart > s->ttl_s + ROUNDING_S;
        last[i] = fmax(s->ttl_s, apart);
    }
    free(s->t);
    free(s->lookups);
    free(s->hidden);
    free(weight);
    s->t = t;
    s->lookups = size;
    s->hidden = longer ? last : NULL;
    if (!longer)
        free(last);
}

/* Of the hour about t's time of day, on the day of one of them at random. */
double stream_dead_draw(const struct stream *s, double t, struct rng *r)
{
    enum { DAYS_TRIED = 8, HALF_HOUR = 1800, DAY = 86400 };
    if (!s->hidden || s->n == 0)
        return s->ttl_s;
    size_t any = 0;
    for (int tried = 0; tried < DAYS_TRIED; tried++) {
        any = rng_below(r, s->n);
        double at = t + DAY * round((s->t[any] - t) / DAY);
        size_t first = order_below(s->t, s->n, at - HALF_HOUR),
               end = order_below(s->t, s->n, at + HALF_HOUR);
        if (end > first)
            return s->hidden[first + rng_below(r, end - first)];
    }
    return s->hidden[any];
}

void stream_keep_live(struct stream *s, const struct window *w)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!(window_live_between(w, s->t[i], s->t[i] + 1e-3) > 0))
            continue;
        if (s->hidden)
            s->hidden[n] = s->hidden[i];
        s->t[n++] = s->t[i];
    }
    s->n = n;
}

/* The look-ups of a series as seconds since the window's start and weights. */
static size_t decode(const struct counts *c, const struct counts_pair *p,
                     const struct window *w, double **ret_t, uint32_t **ret_weight)
{
    double *t = NULL;
    uint32_t *weight = NULL;
    size_t n = 0, cap_t = 0, cap_weight = 0;
    for (struct series_iter it = series_begin(counts_series(p), p->first); series_next(&it);
         n++) {
        MEM_GROW(t, n, cap_t);
        MEM_GROW(weight, n, cap_weight);
        t[n] = seconds_since(w->from_ns, it.tick * c->tick_ns);
        weight[n] = it.count < UINT32_MAX ? (uint32_t)it.count : UINT32_MAX;
    }
    *ret_t = t;
    *ret_weight = weight;
    return n;
}

/* Keep the sessions that lie in live time. */
static void keep_live(const struct window *w, struct stream *r)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!live_at(w, r->t[i], &at))
            continue;
        r->t[kept] = r->t[i];
        if (r->hidden)
            r->hidden[kept] = r->hidden[i];
        r->lookups[kept++] = r->lookups[i];
    }
    r->n = kept;
}

/* Sessions of time set aside: what their answers hide is known. */
static void keep_aside(const struct window *w, struct stream *r)
{
    size_t at = 0;
    if (w->naside == 0)
        return;
    r->aside = mem_alloc((r->n + 1) * sizeof *r->aside);
    for (size_t i = 0; i < r->n; i++)
        if (holds(w->aside, w->naside, r->t[i], &at))
            r->aside[r->naside++] = r->t[i];
}

static uint64_t weight_in_live(const struct counts *c, struct span series, int64_t first,
                               const struct window *w)
{
    uint64_t sum = 0;
    size_t at = 0;
    for (struct series_iter it = series_begin(series, first); series_next(&it);)
        if (live_at(w, seconds_since(w->from_ns, it.tick * c->tick_ns), &at))
            sum += it.count;
    return sum;
}

/* --- subject ------------------------------------------------------------------------ */

static int compare_pair(const struct counts_pair *p, uint32_t client, uint32_t name)
{
    if (p->client != client)
        return p->client < client ? -1 : 1;
    return (p->name > name) - (p->name < name);
}

/* First pair of counts that is not before (client, name). */
static size_t first_pair(const struct counts *c, uint32_t client, uint32_t name)
{
    size_t low = 0, high = c->npairs;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_pair(&c->pairs[middle], client, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct stream *add_stream(struct subject *s, size_t *cap, uint32_t client, uint32_t name,
                                 double ttl_s)
{
    MEM_GROW(s->streams, s->nstreams, *cap);
    struct stream *r = &s->streams[s->nstreams++];
    *r = (struct stream){.client = client, .name = name, .ttl_s = ttl_s};
    return r;
}

static void fill_stream(struct subject *s, struct stream *r, const struct counts *c,
                        const struct counts_pair *p, const struct window *w, double session_s)
{
    double *t;
    uint32_t *weight;
    r->qtype = p->qtype;
    size_t n = decode(c, p, w, &t, &weight);
    stream_set(r, t, weight, n, session_s);
    keep_aside(w, r);
    keep_live(w, r);
    s->lookups += weight_in_live(c, counts_series(p), p->first, w);
    s->duplicates += weight_in_live(c, counts_copies(p), p->first, w);
}

struct start {
    double t;
    size_t origin;
};

static int by_time(const void *a, const void *b)
{
    const struct start *x = a, *y = b;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return (x->origin > y->origin) - (x->origin < y->origin);
}

void subject_merge(struct subject *s)
{
    free(s->t);
    free(s->origin);
    s->n = 0;
    for (size_t i = 0; i < s->nstreams; i++)
        s->n += s->streams[i].n;
    struct start *starts = mem_alloc(s->n * sizeof *starts);
    size_t n = 0;
    for (size_t i = 0; i < s->nstreams; i++)
        for (size_t j = 0; j < s->streams[i].n; j++)
            starts[n++] = (struct start){s->streams[i].t[j], i};
    if (n)
        sort_by(starts, n, sizeof *starts, by_time);
    s->t = mem_alloc(n * sizeof *s->t);
    s->origin = mem_alloc(n * sizeof *s->origin);
    for (size_t i = 0; i < n; i++) {
        s->t[i] = starts[i].t;
        s->origin[i] = starts[i].origin;
    }
    free(starts);
}

bool selection_has(const struct selection *s, uint32_t client, uint32_t name)
{
    size_t c = 0, n = 0;
    while (c < s->nclients && s->clients[c] != client)
        c++;
    while (n < s->nnames && s->names[n] != name)
        n++;
    return c < s->nclients && n < s->nnames;
}

/* Sums of the hashes of texts: the same in every order of the selection. */
static uint64_t subject_hash(const struct counts *c, const struct selection *sel)
{
    uint64_t clients = 0, names = 0;
    for (size_t i = 0; i < sel->nclients; i++) {
        struct span text = c->clients[sel->clients[i]];
        clients += rng_subject(text.p, text.n);
    }
    for (size_t i = 0; i < sel->nnames; i++) {
        struct span text = c->names[sel->names[i]];
        names += rng_subject(text.p, text.n);
    }
    return rng_subject_of(clients, names);
}

void subject_make(struct subject *s, const struct counts *c, const struct selection *sel,
                  const struct window *w, double session_s, double ttl_s)
{
    *s = (struct subject){.id = subject_hash(c, sel)};
    size_t cap = 0;
    for (size_t i = 0; i < sel->nclients; i++)
        for (size_t j = 0; j < sel->nnames; j++) {
            uint32_t client = sel->clients[i], name = sel->names[j];
            size_t p = first_pair(c, client, name), before = s->nstreams;
            for (; p < c->npairs && compare_pair(&c->pairs[p], client, name) == 0; p++)
                fill_stream(s, add_stream(s, &cap, client, name, ttl_s), c, &c->pairs[p], w,
                            session_s);
            if (s->nstreams == before) /* never asked: a cache all the same */
                add_stream(s, &cap, client, name, ttl_s);
        }
    subject_merge(s);
}

void subject_free(struct subject *s)
{
    for (size_t i = 0; i < s->nstreams; i++) {
        free(s->streams[i].t);
        free(s->streams[i].lookups);
        free(s->streams[i].hidden);
        free(s->streams[i].aside);
    }
    free(s->streams);
    free(s->t);
    free(s->origin);
    *s = (struct subject){0};
}

/* --- buckets and exposure ----------------------------------------------------------- */

struct grid grid_make(const struct window *w, double width_s)
{
    int64_t width = (int64_t)llround(width_s * (double)NS_PER_S);
    int64_t first = floor_div(w->from_ns, width) * width;
    return (struct grid){
        .t0 = seconds_since(w->from_ns, first),
        .width = width_s,
        .n = w->to_ns > w->from_ns ? (size_t)(floor_div(w->to_ns - 1 - first, width) + 1) : 0,
        .first_s = floor_div(first, NS_PER_S),
    };
}

static size_t bucket_of(const struct grid *g, double t)
{
    double i = (t - g->t0 + ROUNDING_S) / g->width;
    return i > 0 ? (size_t)i : 0;
}

void bucket_fill(const struct subject *s, const struct grid *g, double *ret_y)
{
    for (size_t i = 0; i < g->n; i++)
        ret_y[i] = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t at = bucket_of(g, s->t[i]);
        if (at < g->n)
            ret_y[at]++;
    }
}

/* The stream's next session, counted or set aside; INFINITY: there is none. */
static double next_start(const struct stream *r, size_t k, size_t j)
{
    double t = k < r->n ? r->t[k] : INFINITY;
    return j < r->naside && r->aside[j] < t ? r->aside[j] : t;
}

/* Inline where fn is known: a piece costs less than a call. */
static inline __attribute__((always_inline)) void
at_risk(const struct stream *r, const struct window *w, stream_piece *fn, void *ctx)
{
    size_t k = 0, j = 0;
    double free_from = -INFINITY; /* where the dead time so far ends */
    for (size_t i = 0; i < w->nlive; i++) {
        double at = fmax(w->live[i].from, free_from), to = w->live[i].to, t;
        while (r->ttl_s > 0 && (t = next_start(r, k, j)) < to) {
            if (t > at)
                fn(ctx, at, t);
            bool counted = k < r->n && r->t[k] == t;
            at = fmax(at, t + (counted ? stream_dead(r, k) : r->ttl_s));
            *(counted ? &k : &j) += 1;
        }
        if (at < to)
            fn(ctx, at, to);
        free_from = at;
    }
}

void stream_at_risk(const struct stream *r, const struct window *w, stream_piece *fn, void *ctx)
{
    at_risk(r, w, fn, ctx);
}

struct grid_sum {
    const struct grid *g;
    double *hours;
};

static void add_to_grid(void *ctx, double from, double to)
{
    const struct grid_sum *sum = ctx;
    const struct grid *g = sum->g;
    for (size_t i = bucket_of(g, from); i < g->n; i++) {
        double start = g->t0 + (double)i * g->width, end = start + g->width;
        if (start + ROUNDING_S >= to)
            break;
        sum->hours[i] += ((to < end ? to : end) - (from > start ? from : start)) / S_PER_HOUR;
    }
}

void exposure_fill(const struct subject *s, const struct window *w, const struct grid *g,
                   double *ret_hours)
{
    for (size_t i = 0; i < g->n; i++)
        ret_hours[i] = 0;
    struct grid_sum sum = {g, ret_hours};
    for (size_t i = 0; i < s->nstreams; i++)
        at_risk(&s->streams[i], w, add_to_grid, &sum);
}

struct range_sum {
    double from, to, seconds;
};

static void add_to_range(void *ctx, double from, double to)
{
    struct range_sum *sum = ctx;
    sum->seconds += overlap((struct interval){from, to}, sum->from, sum->to);
}

double exposure_between(const struct subject *s, const struct window *w, double from, double to)
{
    struct range_sum sum = {from, to, 0};
    for (size_t i = 0; i < s->nstreams; i++)
        stream_at_risk(&s->streams[i], w, add_to_range, &sum);
    return sum.seconds / S_PER_HOUR;
}
