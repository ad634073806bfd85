/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/surrogate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/sort.h"
#include "stats/order.h"
#include "stats/rng.h"

enum { ONE_CACHE_IN = 20 };
static const double DAY_S = 86400, ROUNDING_S = 1e-7;

struct session {
    double from, to; /* its window, which it never leaves */
    double dead_s, factor;
    const struct density_range *slots; /* of its stream */
    bool first, last;                  /* of its stream */
    bool fixed;
};

struct chain {
    const struct window *w;
    struct demand demand;
    uint32_t *window;         /* of each slot of the demand */
    size_t *slot, nwindows;   /* first slot of each window; nwindows + 1 */
    struct session *sessions; /* stream after stream */
    double *x0;
    struct density_range *weight0; /* of x0's sessions; weighed: both are the density */
    struct density_range *ranges;  /* of all streams' slots, one past the last */
    size_t n;
    double window_s;
    int sweeps;
};

struct days {
    struct grid grid;
    size_t *whole[7], nwhole[7]; /* days of each weekday that are wholly live */
};

/* Write the session starts of one replicate, stream after stream. */
typedef void redraw_fn(const struct surrogate *s, struct rng *r, double *ret_t);

struct surrogate {
    const struct subject *b;
    struct surrogate_opts opts;
    redraw_fn *redraw;
    double moved;
    struct demand_frame *frame; /* of a window surrogate, and its chain */
    struct chain chain;
    struct days days; /* of the other */
};

/* --- caches of one party ------------------------------------------------------------ */

struct start {
    double t, dead;
    size_t stream;
};

static int by_time(const void *a, const void *b)
{
    const struct start *x = a, *y = b;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return (x->stream > y->stream) - (x->stream < y->stream);
}

static double longest_dead(const struct subject *s, double session_s)
{
    double most = session_s;
    for (size_t k = 0; k < s->nstreams; k++)
        most = fmax(most, s->streams[k].ttl_s);
    return most;
}

static struct start *merged_starts(const struct subject *s)
{
    struct start *v = mem_alloc((s->n + 1) * sizeof *v);
    size_t n = 0;
    for (size_t k = 0; k < s->nstreams; k++)
        for (size_t j = 0; j < s->streams[k].n; j++)
            v[n++] = (struct start){s->streams[k].t[j], stream_dead(&s->streams[k], j), k};
    if (n)
        sort_by(v, n, sizeof *v, by_time);
    return v;
}

/* Is it one cache behind several addresses? Its sessions keep the dead time as a whole. */
static bool acts_as_one(const struct subject *s, double dead_s)
{
    size_t early = 0;
    for (size_t i = 1; i < s->n; i++)
        early += s->t[i] - s->t[i - 1] < dead_s - ROUNDING_S;
    return s->nstreams > 1 && early * ONE_CACHE_IN <= s->n;
}

/* hidden: what each of p's sessions hides; its own from now on, or NULL. */
static void make_one(struct subject *p, double dead_s, double *hidden)
{
    for (size_t k = 0; k < p->nstreams; k++) {
        free(p->streams[k].hidden);
        if (k > 0)
            free(p->streams[k].t);
    }
    for (size_t i = 0; hidden && i < p->n; i++)
        hidden[i] = fmax(hidden[i], dead_s);
    p->streams[0].hidden = hidden;
    memcpy(p->streams[0].t, p->t, p->n * sizeof *p->t);
    p->streams[0].n = p->n;
    p->streams[0].ttl_s = dead_s;
    p->nstreams = 1;
}

void surrogate_party(struct subject *ret, const struct subject *s, double session_s)
{
    struct start *v = merged_starts(s);
    struct subject p = {.id = s->id,
                        .nstreams = s->nstreams,
                        .streams = mem_zero(s->nstreams, sizeof *p.streams),
                        .t = mem_alloc((s->n + 1) * sizeof *p.t)};
    double dead = longest_dead(s, session_s);
    size_t last = 0;       /* stream of the last one kept */
    double *hidden = NULL; /* of all that are kept, where any hides more than a life */
    for (size_t k = 0; k < s->nstreams; k++) {
        struct stream *own = &p.streams[k];
        *own = (struct stream){.t = mem_alloc((s->n + 1) * sizeof(double)),
                               .ttl_s = s->streams[k].ttl_s};
        if (s->streams[k].hidden)
            own->hidden = mem_alloc((s->n + 1) * sizeof(double));
        if (s->streams[k].hidden && !hidden)
            hidden = mem_alloc((s->n + 1) * sizeof(double));
    }
    for (size_t i = 0; i < s->n; i++) {
        struct stream *own = &p.streams[v[i].stream];
        if (p.n && v[i].stream != last && v[i].t - p.t[p.n - 1] <= session_s + ROUNDING_S)
            continue;
        if (own->hidden)
            own->hidden[own->n] = v[i].dead;
        if (hidden)
            hidden[p.n] = v[i].dead;
        own->t[own->n++] = p.t[p.n++] = v[i].t;
        last = v[i].stream;
    }
    free(v);
    if (acts_as_one(&p, dead))
        make_one(&p, dead, hidden);
    else
        free(hidden);
    *ret = p;
}

/* --- D1: moves within windows ------------------------------------------------------- */

static bool is_live(const struct window *w, double t)
{
    size_t low = 0, high = w->nlive;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->live[middle].to <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->nlive && w->live[low].from <= t;
}

/* lambda(t) exp(Lambda(t, t + dead)): the part of the likelihood that depends on
 * where a session is. The second factor is the demand that its answer hides,
 * which need not be explained. */
static double density(const struct chain *c, const struct session *s, double t)
{
    return is_live(c->w, t) ? demand_density(&c->demand, t, s->dead_s, s->factor) : 0;
}

static struct density_range weighed(const struct chain *c, const struct session *s, double t)
{
    double w = density(c, s, t);
    return (struct density_range){w, w};
}

/* One session at random to a place drawn evenly between its neighbours' dead
 * times and its window's borders, none of which depend on where it is: so the
 * proposal is symmetric and the move reversible. Whether it is made, the ranges of
 * both densities nearly always tell; where not, both places are weighed. */
static void move(const struct chain *c, struct rng *r, double *t, struct density_range *weight)
{
    size_t i = rng_below(r, c->n);
    const struct session *s = &c->sessions[i];
    if (s->fixed)
        return;
    double lo = s->from, hi = s->to;
    if (!s->first && t[i - 1] + s->dead_s > lo)
        lo = t[i - 1] + s->dead_s;
    if (!s->last && t[i + 1] - s->dead_s < hi)
        hi = t[i + 1] - s->dead_s;
    if (!(hi > lo))
        return;
    double to = lo + (hi - lo) * rng_unit(r), u = rng_unit(r);
    struct density_range w = s->slots[(size_t)((to - c->demand.t0) / c->demand.slot_s)];
    if (u * weight[i].most >= w.least && u * weight[i].least < w.most) {
        weight[i] = weighed(c, s, t[i]);
        w = weighed(c, s, to);
    }
    if (u * weight[i].most < w.least) {
        t[i] = to;
        weight[i] = w;
    }
}

static void walk(const struct chain *c, struct rng *r, double *t, struct density_range *weight)
{
    for (size_t k = 0; k < (size_t)c->sweeps * c->n; k++)
        move(c, r, t, weight);
}

static void redraw_window(const struct surrogate *s, struct rng *r, double *ret_t)
{
    const struct chain *c = &s->chain;
    struct density_range *weight = mem_alloc(c->n * sizeof *weight);
    memcpy(ret_t, c->x0, c->n * sizeof *ret_t);
    memcpy(weight, c->weight0, c->n * sizeof *weight);
    walk(c, r, ret_t, weight);
    free(weight);
}

/* Sessions that the null cannot have made (closer than the dead time, or in
 * deaf time) stay where they are: the target leaves them no density, and moving
 * them could not be undone. */
static void lay_out(struct chain *c, const struct subject *b, const struct demand_frame *f,
                    double session_s)
{
    size_t i = 0;
    for (size_t k = 0; k < b->nstreams; k++) {
        const struct stream *v = &b->streams[k];
        double dead = fmax(v->ttl_s, session_s);
        struct density_range *slots = c->ranges + k * (c->demand.n + 1);
        demand_ranges(&c->demand, f, dead, c->demand.factor[k], slots);
        for (size_t j = 0; j < v->n; j++, i++) {
            bool early = j > 0 && v->t[j] - v->t[j - 1] < dead - ROUNDING_S;
            bool followed = j + 1 < v->n && v->t[j + 1] - v->t[j] < dead - ROUNDING_S;
            double from = floor(v->t[j] / c->window_s) * c->window_s;
            c->x0[i] = v->t[j];
            c->sessions[i] = (struct session){.from = from,
                                              .to = fmin(from + c->window_s, c->w->length_s),
                                              .first = j == 0,
                                              .last = j + 1 == v->n,
                                              .dead_s = dead,
                                              .factor = c->demand.factor[k],
                                              .slots = slots};
            c->weight0[i] = weighed(c, &c->sessions[i], v->t[j]);
            c->sessions[i].fixed = early || followed || !(c->weight0[i].least > 0);
        }
    }
}

static double share_moved(const struct chain *c, const struct subject *b)
{
    size_t i = 0, moved = 0;
    for (size_t k = 0; k < b->nstreams; k++)
        for (size_t j = 0; j < b->streams[k].n; j++, i++)
            moved += c->x0[i] != b->streams[k].t[j];
    return (double)moved / (double)c->n;
}

static void chain_free(struct chain *c)
{
    free(c->window);
    free(c->slot);
    free(c->sessions);
    free(c->x0);
    free(c->weight0);
    free(c->ranges);
    demand_free(&c->demand);
}

/* Slot by slot the window W that has its middle, and window by window its slots. The last
 * slot may stand out, into a window more. */
static void match_windows(struct chain *c)
{
    const struct demand *d = &c->demand;
    c->nwindows = (size_t)(c->w->length_s / c->window_s) + 2;
    c->window = mem_alloc((d->n + 1) * sizeof *c->window);
    c->slot = mem_alloc((c->nwindows + 1) * sizeof *c->slot);
    for (size_t i = 0; i < d->n; i++)
        c->window[i] = (uint32_t)(fmax(d->t0 + ((double)i + .5) * d->slot_s, 0) / c->window_s);
    for (size_t k = 0, i = 0; k <= c->nwindows; k++) {
        while (i < d->n && c->window[i] < k)
            i++;
        c->slot[k] = i;
    }
}

/* A chain at the sessions of b, L sweeps from there. */
static void chain_begin(struct chain *c, const struct surrogate *s, const struct subject *b,
                        const struct window *w, struct rng *r)
{
    *c = (struct chain){.w = w,
                        .n = b->n,
                        .window_s = s->opts.window_s,
                        .sweeps = s->opts.sweeps,
                        .sessions = mem_zero(b->n, sizeof *c->sessions),
                        .x0 = mem_alloc(b->n * sizeof *c->x0),
                        .weight0 = mem_alloc(b->n * sizeof *c->weight0)};
    demand_refit(&c->demand, b, s->frame);
    c->ranges = mem_alloc(b->nstreams * (c->demand.n + 1) * sizeof *c->ranges);
    match_windows(c);
    lay_out(c, b, s->frame, s->opts.session_s);
    walk(c, r, c->x0, c->weight0);
}

int surrogate_window(struct surrogate **ret, const struct subject *b, const struct window *w,
                     const struct surrogate_opts *o, struct err *err)
{
    double dead = longest_dead(b, o->session_s);
    if (o->window_s < 2 * dead)
        return err_set(
            err, ERR_DEGENERATE,
            "synchrony: expected a window of at least twice the ttl %g s, found %g s", dead,
            o->window_s);
    struct surrogate *s = mem_zero(1, sizeof *s);
    *s = (struct surrogate){.b = b, .opts = *o, .redraw = redraw_window};
    struct rng r;
    s->frame = demand_frame_new(w, o->drivers);
    rng_stream(&r, o->seed, RNG_NULL, o->subject, 0);
    chain_begin(&s->chain, s, b, w, &r);
    s->moved = share_moved(&s->chain, b);
    if (s->moved > 0) {
        *ret = s;
        return 0;
    }
    surrogate_free(s);
    return err_set(err, ERR_DEGENERATE,
                   "synchrony: expected sessions free to move, found none of %zu", b->n);
}

/* --- days permuted within weekday --------------------------------------------------- */

/* Days (UTC) with deaf time, and those cut by the window, stay in place. */
static void days_begin(struct days *d, const struct window *w)
{
    d->grid = grid_make(w, DAY_S);
    size_t cap[7] = {0};
    for (size_t i = 0; i < d->grid.n; i++) {
        double from = d->grid.t0 + (double)i * DAY_S;
        size_t weekday = i % 7;
        if (window_live_between(w, from, from + DAY_S) < DAY_S - ROUNDING_S)
            continue;
        MEM_GROW(d->whole[weekday], d->nwhole[weekday], cap[weekday]);
        d->whole[weekday][d->nwhole[weekday]++] = i;
    }
}

static bool days_can_move(const struct days *d)
{
    for (size_t k = 0; k < 7; k++)
        if (d->nwhole[k] > 1)
            return true;
    return false;
}

static void redraw_days(const struct surrogate *s, struct rng *r, double *ret_t)
{
    const struct days *d = &s->days;
    double *shift = mem_zero(d->grid.n, sizeof *shift);
    size_t *to = mem_alloc(d->grid.n * sizeof *to);
    for (size_t k = 0; k < 7; k++) {
        size_t n = d->nwhole[k];
        if (n == 0)
            continue;
        memcpy(to, d->whole[k], n * sizeof *to);
        rng_shuffle(r, to, n);
        for (size_t i = 0; i < n; i++)
            shift[d->whole[k][i]] = ((double)to[i] - (double)d->whole[k][i]) * DAY_S;
    }
    for (size_t k = 0, i = 0; k < s->b->nstreams; k++)
        for (size_t j = 0; j < s->b->streams[k].n; j++) {
            double t = s->b->streams[k].t[j];
            ret_t[i++] = t + shift[(size_t)((t - d->grid.t0 + ROUNDING_S) / DAY_S)];
        }
    free(shift);
    free(to);
}

/* Share of b's sessions that lie on days which can change places. */
static double share_movable(const struct surrogate *s)
{
    const struct days *d = &s->days;
    bool *movable = mem_zero(d->grid.n, sizeof *movable);
    size_t n = 0;
    for (size_t k = 0; k < 7; k++)
        for (size_t i = 0; d->nwhole[k] > 1 && i < d->nwhole[k]; i++)
            movable[d->whole[k][i]] = true;
    for (size_t i = 0; i < s->b->n; i++)
        n += movable[(size_t)((s->b->t[i] - d->grid.t0 + ROUNDING_S) / DAY_S)];
    free(movable);
    return (double)n / (double)s->b->n;
}

static void days_free(struct days *d)
{
    for (size_t k = 0; k < 7; k++)
        free(d->whole[k]);
}

int surrogate_days(struct surrogate **ret, const struct subject *b, const struct window *w,
                   const struct surrogate_opts *o, struct err *err)
{
    struct surrogate *s = mem_zero(1, sizeof *s);
    *s = (struct surrogate){.b = b, .opts = *o, .redraw = redraw_days};
    days_begin(&s->days, w);
    if (days_can_move(&s->days)) {
        s->moved = share_movable(s);
        *ret = s;
        return 0;
    }
    surrogate_free(s);
    return err_set(err, ERR_DEGENERATE,
                   "synchrony: expected two whole live days of one weekday, found none");
}

/* --- both --------------------------------------------------------------------------- */

void surrogate_free(struct surrogate *s)
{
    if (!s)
        return;
    chain_free(&s->chain);
    demand_frame_free(s->frame);
    days_free(&s->days);
    free(s);
}

double surrogate_moved(const struct surrogate *s)
{
    return s->moved;
}

bool surrogate_has_demand(const struct surrogate *s)
{
    return s->redraw == redraw_window;
}

const struct demand *surrogate_demand(const struct surrogate *s)
{
    return surrogate_has_demand(s) ? &s->chain.demand : NULL;
}

/* --- refit ------------------------------------------------------------------------- */

void surrogate_view(const struct surrogate *s, double *t, struct stream *streams,
                    struct subject *ret)
{
    const struct subject *b = s->b;
    *ret = (struct subject){.streams = streams, .nstreams = b->nstreams, .t = t, .n = b->n};
    for (size_t k = 0; k < b->nstreams; t += streams[k++].n)
        streams[k] = (struct stream){.t = t,
                                     .n = b->streams[k].n,
                                     .ttl_s = b->streams[k].ttl_s,
                                     .hidden = b->streams[k].hidden};
}

void surrogate_refit(const struct surrogate *s, const struct subject *drawn, struct demand *ret)
{
    demand_refit(ret, drawn, s->frame);
}

void surrogate_data(const struct surrogate *s, double *ret_t)
{
    for (size_t k = 0; k < s->b->nstreams; ret_t += s->b->streams[k++].n)
        memcpy(ret_t, s->b->streams[k].t, s->b->streams[k].n * sizeof *ret_t);
}

/* Sessions of each window, of all streams. */
static void number_in_windows(const struct chain *c, const double *t, size_t n,
                              struct placed_window *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[(size_t)(t[i] / c->window_s)].per++;
}

void surrogate_placed(const struct surrogate *s, double *t, struct placed *ret)
{
    const struct chain *c = &s->chain;
    struct stream *streams = mem_alloc(s->b->nstreams * sizeof *streams);
    struct subject drawn;
    struct demand d;
    surrogate_view(s, t, streams, &drawn);
    demand_refit_shape(&d, &drawn, s->frame);
    struct placed_window *w = mem_zero(c->nwindows, sizeof *w);
    number_in_windows(c, t, s->b->n, w);
    *ret = (struct placed){d.t0, d.slot_s, 0, d.n, c->window, d.cum, w};
    for (size_t k = 0; k < c->nwindows; k++) {
        size_t from = c->slot[k], to = c->slot[k + 1];
        double number = w[k].per, whole = d.cum[to] - d.cum[from];
        w[k] = (struct placed_window){ret->total, whole > 0 ? number / whole : 0, d.cum[from]};
        ret->total += whole > 0 ? number : 0;
    }
    d.cum = NULL; /* the caller's now */
    demand_free(&d);
    free(streams);
}

/* placed_until at the end of each piece; what all ends in one slot share is read once. */
void placed_add(const struct placed *p, double at, double step, size_t n, double *sum)
{
    double below = placed_until(p, at), end = (double)p->n;
    size_t k = 0;
    at += step;
    for (; k < n && !(at > 0); k++)
        at += step;
    while (k < n && at < end) {
        size_t slot = (size_t)at;
        const struct placed_window w = p->windows[p->window[slot]];
        double from = (double)slot, cum = p->cum[slot], rise = p->cum[slot + 1] - cum;
        for (; k < n && at < from + 1; k++, at += step) {
            double above = w.before + w.per * (cum + (at - from) * rise - w.cum);
            sum[k] += above - below;
            below = above;
        }
    }
    if (k < n)
        sum[k] += p->total - below;
}

void placed_free(struct placed *p)
{
    free(p->cum);
    free(p->windows);
    *p = (struct placed){0};
}

/* --- replicates -------------------------------------------------------------------- */

/* On the tick, each stream of b ascending. */
static void finish(const struct surrogate *s, const struct subject *b, double *t)
{
    double tick = s->opts.tick_s;
    for (size_t i = 0; tick > 0 && i < b->n; i++)
        t[i] = floor(t[i] / tick + ROUNDING_S) * tick;
    for (size_t k = 0; k < b->nstreams; t += b->streams[k++].n)
        order_sort(t, b->streams[k].n);
}

void surrogate_draw(const struct surrogate *s, uint32_t replicate, double *ret_t)
{
    struct rng r;
    rng_stream(&r, s->opts.seed, RNG_NULL, s->opts.subject, replicate);
    s->redraw(s, &r, ret_t);
    finish(s, s->b, ret_t);
}

const struct surrogate_opts *surrogate_options(const struct surrogate *s)
{
    return &s->opts;
}

struct rows {
    const struct surrogate *s;
    uint32_t first;
    surrogate_stat *stat;
    const void *ctx;
    size_t k;
    double *rows;
};

static void draw_row(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct rows *d = ctx;
    double *t = mem_alloc(d->s->b->n * sizeof *t);
    surrogate_draw(d->s, d->first + (uint32_t)i, t);
    d->stat(d->ctx, t, d->s->b->n, d->rows + i * d->k);
    free(t);
}

void surrogate_rows(const struct surrogate *s, uint32_t first, uint32_t m, size_t threads,
                    surrogate_stat *stat, const void *ctx, size_t k, double *ret_rows)
{
    struct rows d = {s, first, stat, ctx, k, ret_rows};
    par_for(threads, m, draw_row, &d);
}
