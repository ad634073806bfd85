/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Both nulls draw b's sessions anew and leave a alone; all else is shared. The
 * mean and deviation that standardise the counts come from a reference set of
 * surrogates apart from those that are ranked. So, given the reference, the
 * statistics of the data and of each ranked surrogate are exchangeable, which
 * is what both (b + 1)/(m + 1) and Besag and Clifford's sequential stopping
 * need. Replicate 0 is the walk from the data to x0, 1 to REFERENCE are the
 * reference, the rest are ranked in order of their number, whichever thread
 * drew them. */
#include "models/sync.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/demand.h"
#include "stats/rng.h"
#include "stats/order.h"

enum { REFERENCE = 199, BLOCK = 64, SESSIONS_MIN = 5, ONE_CACHE_IN = 20 };
static const double DAY_S = 86400, ROUNDING_S = 1e-7, SD_MIN = .5, GLOBAL_LEVEL = .95;

/* Write b's n session starts of one replicate, in any order. */
typedef void redraw_fn(const void *ctx, struct rng *r, double *ret_t);

struct trial {
    const struct subject *a, *b;
    const struct sync_opts *opts;
    redraw_fn *redraw;
    const void *ctx;
    uint64_t subject;
    size_t nlags, nreference;
    double lag_s[SYNC_LAGS_MAX];
    uint32_t *counts; /* row r - 1: C(lag) of replicate r */
    size_t rows, first;
};

/* --- caches of one party ------------------------------------------------------------ */

struct start {
    double t;
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
            v[n++] = (struct start){s->streams[k].t[j], k};
    if (n)
        qsort(v, n, sizeof *v, by_time);
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

/* A party as its nulls see it. Two of its caches that start within session_s asked
 * for one reason: the first stands for both. Moved one by one they would cover more
 * times than the data can, and hide what is there. */
static struct subject distinct(const struct subject *s, double session_s)
{
    struct start *v = merged_starts(s);
    struct subject ret = {.id = s->id,
                          .nstreams = s->nstreams,
                          .streams = mem_zero(s->nstreams, sizeof *ret.streams),
                          .t = mem_alloc((s->n + 1) * sizeof *ret.t)};
    double dead = longest_dead(s, session_s);
    size_t last = 0; /* stream of the last one kept */
    for (size_t k = 0; k < s->nstreams; k++)
        ret.streams[k] = (struct stream){.t = mem_alloc((s->n + 1) * sizeof(double)),
                                         .ttl_s = s->streams[k].ttl_s};
    for (size_t i = 0; i < s->n; i++) {
        struct stream *own = &ret.streams[v[i].stream];
        if (ret.n && v[i].stream != last && v[i].t - ret.t[ret.n - 1] <= session_s + ROUNDING_S)
            continue;
        own->t[own->n++] = ret.t[ret.n++] = v[i].t;
        last = v[i].stream;
    }
    free(v);
    if (!acts_as_one(&ret, dead))
        return ret;
    for (size_t k = 1; k < ret.nstreams; k++)
        free(ret.streams[k].t);
    memcpy(ret.streams[0].t, ret.t, ret.n * sizeof *ret.t);
    ret.streams[0].n = ret.n;
    ret.streams[0].ttl_s = dead;
    ret.nstreams = 1;
    return ret;
}

/* --- the statistic ------------------------------------------------------------------ */

/* C(lag): a's sessions with one of b in [a + lag - delta, a + lag + delta). Half
 * open, so that every difference belongs to one lag of the grid and a log on
 * whole ticks has as many places in it as continuous time has. The lags' windows
 * tile [-max - delta, max + delta): each b within it falls into one, and two of b
 * in the same count once. */
static void coincidences(const struct trial *t, const double *b, uint32_t *ret)
{
    double width = 2 * t->opts->delta_s, before = t->opts->delta_s - t->lag_s[0];
    size_t from = 0;
    memset(ret, 0, t->nlags * sizeof *ret);
    for (size_t i = 0; i < t->a->n; i++) {
        double start = t->a->t[i] - before - ROUNDING_S;
        while (from < t->b->n && b[from] < start)
            from++;
        size_t last = t->nlags;
        for (size_t j = from; j < t->b->n; j++) {
            size_t lag = (size_t)((b[j] - start) / width);
            if (lag >= t->nlags)
                break;
            ret[lag] += lag != last;
            last = lag;
        }
    }
}

static void count_replicate(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct trial *t = ctx;
    struct rng r;
    size_t row = t->first + i;
    double *b = mem_alloc(t->b->n * sizeof *b);
    rng_stream(&r, t->opts->seed, RNG_NULL, t->subject, (uint32_t)row + 1);
    t->redraw(t->ctx, &r, b);
    order_sort(b, t->b->n);
    coincidences(t, b, t->counts + row * t->nlags);
    free(b);
}

static void draw_rows(struct trial *t, size_t n)
{
    t->first = t->rows;
    t->rows += n;
    t->counts = mem_resize(t->counts, t->rows * t->nlags, sizeof *t->counts);
    par_for(t->opts->threads, n, count_replicate, t);
}

/* Mean and deviation at each lag over the reference. The deviation is at least
 * half a coincidence: one chance hit at a lag where the reference has none must
 * not decide. */
static void standardise(const struct trial *t, struct sync_result *r)
{
    double n = (double)t->nreference;
    for (size_t k = 0; k < t->nlags; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < t->nreference; i++)
            sum += t->counts[i * t->nlags + k];
        r->expected[k] = sum / n;
        for (size_t i = 0; i < t->nreference; i++) {
            double d = t->counts[i * t->nlags + k] - r->expected[k];
            squares += d * d;
        }
        r->sd[k] = fmax(sqrt(squares / n), SD_MIN);
    }
}

/* Greatest and least (C - expected)/sd of a row, and where the greatest is. */
struct extremes {
    double most, least;
    size_t best;
};

static struct extremes extremes_of(const struct sync_result *r, const uint32_t *row)
{
    struct extremes e = {-INFINITY, INFINITY, 0};
    for (size_t k = 0; k < r->nlags; k++) {
        double z = (row[k] - r->expected[k]) / r->sd[k];
        e.least = fmin(e.least, z);
        if (z > e.most) {
            e.most = z;
            e.best = k;
        }
    }
    return e;
}

static double largest_excess(const struct sync_result *r, const uint32_t *row)
{
    double most = -INFINITY;
    for (size_t k = 0; k < r->nlags; k++)
        most = fmax(most, row[k] - r->expected[k]);
    return most / (double)r->na;
}

/* Draw and rank until the sequence says stop. Blocks have a fixed size, and what
 * lies past the stop is dropped: the result does not know how it was drawn. */
static void rank(struct trial *t, struct sync_result *r)
{
    bool more = r->mc.max > 0;
    size_t cap = 0, cap_excess = 0;
    while (more) {
        size_t from = t->rows, left = r->mc.max - r->mc.replicates;
        draw_rows(t, left < BLOCK ? left : BLOCK);
        for (size_t i = from; i < t->rows && more; i++) {
            const uint32_t *row = t->counts + i * t->nlags;
            size_t n = r->mc.replicates, n_excess = n;
            MEM_GROW(r->replicate, n, cap);
            MEM_GROW(r->excess, n_excess, cap_excess);
            r->replicate[n] = extremes_of(r, row).most;
            r->excess[n] = largest_excess(r, row);
            more = mc_add(&r->mc, r->replicate[n], r->statistic);
        }
    }
    t->rows = t->nreference + r->mc.replicates;
}

/* --- picture and effect ------------------------------------------------------------- */

/* The value below which a share p of n sorted numbers lies (the next one up). */
static double quantile(double *x, size_t n, double p)
{
    size_t at = (size_t)ceil(p * (double)n);
    order_sort(x, n);
    return x[at > 0 ? at - 1 : 0];
}

/* A curve leaves its upper (lower) border at some lag in 5 % of surrogates. */
static void envelope(const struct trial *t, struct sync_result *r)
{
    double *up = mem_alloc(t->rows * sizeof *up), *down = mem_alloc(t->rows * sizeof *down);
    for (size_t i = 0; i < t->rows; i++) {
        struct extremes e = extremes_of(r, t->counts + i * t->nlags);
        up[i] = e.most;
        down[i] = -e.least;
    }
    double high = quantile(up, t->rows, GLOBAL_LEVEL);
    double low = quantile(down, t->rows, GLOBAL_LEVEL);
    for (size_t k = 0; k < r->nlags; k++) {
        r->hi[k] = r->expected[k] + high * r->sd[k];
        r->lo[k] = fmax(0, r->expected[k] - low * r->sd[k]);
    }
    free(up);
    free(down);
}

static void effect(const struct trial *t, struct sync_result *r, size_t best)
{
    double na = (double)r->na, *c = mem_alloc(t->rows * sizeof *c);
    for (size_t i = 0; i < t->rows; i++)
        c[i] = t->counts[i * t->nlags + best];
    r->at_best = mem_alloc((r->mc.replicates + 1) * sizeof *r->at_best);
    for (size_t i = t->nreference; i < t->rows; i++)
        r->at_best[i - t->nreference] = (c[i] - r->expected[best]) / na;
    r->best_lag_s = r->lag_s[best];
    r->eta = (r->observed[best] - r->expected[best]) / na;
    r->eta_lo = (r->observed[best] - quantile(c, t->rows, .95)) / na;
    r->eta_hi = (r->observed[best] - quantile(c, t->rows, .05)) / na;
    for (size_t k = 0; k < r->nlags; k++)
        r->eta_total += (r->observed[k] - r->expected[k]) / na;
    free(c);
}

/* --- what both nulls share ---------------------------------------------------------- */

static int begin(struct trial *t, struct err *err)
{
    const struct sync_opts *o = t->opts;
    if (!(o->delta_s > 0) || !(o->max_lag_s >= 0))
        return err_set(err, ERR_USAGE,
                       "synchrony: expected delta > 0 and max lag >= 0, found %g s and %g s",
                       o->delta_s, o->max_lag_s);
    if (t->a->n < SESSIONS_MIN || t->b->n < SESSIONS_MIN)
        return err_set(err, ERR_DEGENERATE,
                       "synchrony: expected at least %d sessions of each, found %zu and %zu",
                       SESSIONS_MIN, t->a->n, t->b->n);
    double side = floor(o->max_lag_s / (2 * o->delta_s) + 1e-9);
    if (2 * side + 1 > SYNC_LAGS_MAX)
        return err_set(err, ERR_USAGE, "synchrony: expected at most %d lags, found %.0f",
                       SYNC_LAGS_MAX, 2 * side + 1);
    t->nlags = (size_t)(2 * side) + 1;
    for (size_t k = 0; k < t->nlags; k++)
        t->lag_s[k] = ((double)k - side) * 2 * o->delta_s;
    t->nreference = o->replicates < REFERENCE ? o->replicates : REFERENCE;
    if (t->nreference < 2)
        return err_set(err, ERR_USAGE, "synchrony: expected at least 2 replicates, found %u",
                       o->replicates);
    return 0;
}

static void run(struct trial *t, struct sync_result *r)
{
    uint32_t observed[SYNC_LAGS_MAX];
    r->na = t->a->n;
    r->nb = t->b->n;
    r->nlags = t->nlags;
    r->mc = (struct mc){.stop_at = t->opts->stop_at, .max = t->opts->replicates};
    memcpy(r->lag_s, t->lag_s, sizeof r->lag_s);
    draw_rows(t, t->nreference);
    standardise(t, r);
    coincidences(t, t->b->t, observed);
    for (size_t k = 0; k < t->nlags; k++)
        r->observed[k] = observed[k];
    struct extremes e = extremes_of(r, observed);
    r->statistic = e.most;
    rank(t, r);
    envelope(t, r);
    effect(t, r, e.best);
    free(t->counts);
}

void sync_free(struct sync_result *r)
{
    free(r->replicate);
    free(r->excess);
    free(r->at_best);
    *r = (struct sync_result){0};
}

/* --- D1: moves within windows ------------------------------------------------------- */

struct session {
    size_t first, last; /* of its stream: [first, last) */
    double dead_s, factor;
    bool fixed;
};

struct chain {
    const struct window *w;
    const struct demand *demand;
    struct session *sessions; /* stream after stream */
    double *x0, *weight0;
    size_t n;
    double window_s;
    int sweeps;
};

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
    if (!is_live(c->w, t))
        return 0;
    return demand_rate(c->demand, t) *
           exp(s->factor * demand_between(c->demand, t, t + s->dead_s));
}

/* One session at random to a place drawn evenly between its neighbours' dead
 * times and its window's borders, none of which depend on where it is: so the
 * proposal is symmetric and the move reversible. */
static void move(const struct chain *c, struct rng *r, double *t, double *weight)
{
    size_t i = rng_below(r, c->n);
    const struct session *s = &c->sessions[i];
    if (s->fixed)
        return;
    double lo = floor(t[i] / c->window_s) * c->window_s;
    double hi = fmin(lo + c->window_s, c->w->length_s);
    if (i > s->first)
        lo = fmax(lo, t[i - 1] + s->dead_s);
    if (i + 1 < s->last)
        hi = fmin(hi, t[i + 1] - s->dead_s);
    if (!(hi > lo))
        return;
    double to = lo + (hi - lo) * rng_unit(r);
    double w = density(c, s, to);
    if (rng_unit(r) * weight[i] < w) {
        t[i] = to;
        weight[i] = w;
    }
}

static void walk(const struct chain *c, struct rng *r, double *t, double *weight)
{
    for (size_t k = 0; k < (size_t)c->sweeps * c->n; k++)
        move(c, r, t, weight);
}

static void redraw_window(const void *ctx, struct rng *r, double *ret_t)
{
    const struct chain *c = ctx;
    double *weight = mem_alloc(c->n * sizeof *weight);
    memcpy(ret_t, c->x0, c->n * sizeof *ret_t);
    memcpy(weight, c->weight0, c->n * sizeof *weight);
    walk(c, r, ret_t, weight);
    free(weight);
}

/* Sessions that the null cannot have made (closer than the dead time, or in
 * deaf time) stay where they are: the target leaves them no density, and moving
 * them could not be undone. */
static void lay_out(struct chain *c, const struct subject *b, double session_s)
{
    size_t i = 0;
    for (size_t k = 0; k < b->nstreams; k++) {
        const struct stream *v = &b->streams[k];
        double dead = fmax(v->ttl_s, session_s);
        size_t first = i;
        for (size_t j = 0; j < v->n; j++, i++) {
            bool early = j > 0 && v->t[j] - v->t[j - 1] < dead - ROUNDING_S;
            bool followed = j + 1 < v->n && v->t[j + 1] - v->t[j] < dead - ROUNDING_S;
            c->x0[i] = v->t[j];
            c->sessions[i] = (struct session){.first = first,
                                              .last = first + v->n,
                                              .dead_s = dead,
                                              .factor = c->demand->factor[k]};
            c->weight0[i] = density(c, &c->sessions[i], v->t[j]);
            c->sessions[i].fixed = early || followed || !(c->weight0[i] > 0);
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

/* The chain at x0, L sweeps from the data; returns the share of sessions moved. */
static double chain_begin(struct chain *c, const struct trial *t)
{
    struct rng r;
    c->sessions = mem_zero(c->n, sizeof *c->sessions);
    c->x0 = mem_alloc(c->n * sizeof *c->x0);
    c->weight0 = mem_alloc(c->n * sizeof *c->weight0);
    lay_out(c, t->b, t->opts->session_s);
    rng_stream(&r, t->opts->seed, RNG_NULL, t->subject, 0);
    walk(c, &r, c->x0, c->weight0);
    return share_moved(c, t->b);
}

static int window_of(struct sync_result *ret, struct trial *t, const struct window *w,
                     struct err *err)
{
    const struct sync_opts *o = t->opts;
    double dead = longest_dead(t->b, o->session_s);
    int rc = begin(t, err);
    if (rc < 0)
        return rc;
    if (o->window_s < 2 * dead)
        return err_set(
            err, ERR_DEGENERATE,
            "synchrony: expected a window of at least twice the ttl %g s, found %g s", dead,
            o->window_s);
    struct demand demand;
    demand_fit(&demand, t->b, w);
    struct chain c = {
        .w = w, .demand = &demand, .n = t->b->n, .window_s = o->window_s, .sweeps = o->sweeps};
    struct sync_result r = {0};
    t->ctx = &c;
    t->subject = rng_subject_of(t->a->id, t->b->id);
    r.moved = chain_begin(&c, t);
    if (r.moved > 0) {
        run(t, &r);
        *ret = r;
    } else {
        rc = err_set(err, ERR_DEGENERATE,
                     "synchrony: expected sessions free to move, found none of %zu", t->b->n);
    }
    free(c.sessions);
    free(c.x0);
    free(c.weight0);
    demand_free(&demand);
    return rc;
}

int sync_window(struct sync_result *ret, const struct subject *a, const struct subject *b,
                const struct window *w, const struct sync_opts *o, struct err *err)
{
    struct subject one_a = distinct(a, o->session_s), one_b = distinct(b, o->session_s);
    struct trial t = {.a = &one_a, .b = &one_b, .opts = o, .redraw = redraw_window};
    int rc = window_of(ret, &t, w, err);
    subject_free(&one_a);
    subject_free(&one_b);
    return rc;
}

/* --- days permuted within weekday --------------------------------------------------- */

struct days {
    const struct subject *b;
    struct grid grid;
    size_t *whole[7], nwhole[7]; /* days of each weekday that are wholly live */
};

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

static void redraw_days(const void *ctx, struct rng *r, double *ret_t)
{
    const struct days *d = ctx;
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
    for (size_t i = 0; i < d->b->n; i++) {
        double t = d->b->t[i];
        ret_t[i] = t + shift[(size_t)((t - d->grid.t0 + ROUNDING_S) / DAY_S)];
    }
    free(shift);
    free(to);
}

/* Share of b's sessions that lie on days which can change places. */
static double share_movable(const struct days *d)
{
    bool *movable = mem_zero(d->grid.n, sizeof *movable);
    size_t n = 0;
    for (size_t k = 0; k < 7; k++)
        for (size_t i = 0; d->nwhole[k] > 1 && i < d->nwhole[k]; i++)
            movable[d->whole[k][i]] = true;
    for (size_t i = 0; i < d->b->n; i++)
        n += movable[(size_t)((d->b->t[i] - d->grid.t0 + ROUNDING_S) / DAY_S)];
    free(movable);
    return (double)n / (double)d->b->n;
}

int sync_days(struct sync_result *ret, const struct subject *a, const struct subject *b,
              const struct window *w, const struct sync_opts *o, struct err *err)
{
    struct days d = {.b = b};
    struct trial t = {.a = a, .b = b, .opts = o, .redraw = redraw_days, .ctx = &d};
    int rc = begin(&t, err);
    if (rc < 0)
        return rc;
    t.subject = rng_subject_of(rng_subject_of(a->id, b->id), rng_subject("days", 4));
    days_begin(&d, w);
    if (days_can_move(&d)) {
        struct sync_result r = {.moved = share_movable(&d)};
        run(&t, &r);
        *ret = r;
    } else {
        rc = err_set(err, ERR_DEGENERATE,
                     "synchrony: expected two whole live days of one weekday, found none");
    }
    for (size_t k = 0; k < 7; k++)
        free(d.whole[k]);
    return rc;
}
