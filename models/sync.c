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
#include "models/surrogate.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "stats/tail.h"

enum { REFERENCE = 199, BLOCK = 16, SESSIONS_MIN = 5, BISECTIONS = 40 };
static const double ROUNDING_S = 1e-7, GLOBAL_LEVEL = .95;

struct trial {
    const struct subject *a, *b;
    const struct sync_opts *opts;
    const struct surrogate *surrogate; /* of b */
    size_t nlags, nreference;
    double lag_s[SYNC_LAGS_MAX];
    double *excess; /* row r - 1: C(lag) of replicate r less what its own demand expects */
    size_t rows, first;
};

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

/* Sum over a's sessions of those of b that are expected in the lag's window; 0 without a
 * demand. b stream after stream. */
static void expected_by_demand(const struct trial *t, double *b, double *ret)
{
    struct placed p;
    memset(ret, 0, t->nlags * sizeof *ret);
    if (!surrogate_has_demand(t->surrogate) || t->opts->hold_demand)
        return;
    surrogate_placed(t->surrogate, b, &p);
    double step = 2 * t->opts->delta_s / p.slot_s;
    double before = t->opts->delta_s - t->lag_s[0] + p.t0;
    for (size_t i = 0; i < t->a->n; i++)
        placed_add(&p, (t->a->t[i] - before) / p.slot_s, step, t->nlags, ret);
    placed_free(&p);
}

/* b stream after stream; left in order of time. */
static void excess_of(const struct trial *t, double *b, uint32_t *counts, double *ret)
{
    expected_by_demand(t, b, ret);
    order_sort(b, t->b->n);
    coincidences(t, b, counts);
    for (size_t k = 0; k < t->nlags; k++)
        ret[k] = counts[k] - ret[k];
}

static void count_replicate(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct trial *t = ctx;
    size_t row = t->first + i;
    uint32_t counts[SYNC_LAGS_MAX];
    double *b = mem_alloc(t->b->n * sizeof *b);
    surrogate_draw(t->surrogate, (uint32_t)row + 1, b);
    excess_of(t, b, counts, t->excess + row * t->nlags);
    free(b);
}

/* The data's counts, and their excess. */
static void count_data(const struct trial *t, uint32_t *counts, double *ret)
{
    double *b = mem_alloc(t->b->n * sizeof *b);
    surrogate_data(t->surrogate, b);
    excess_of(t, b, counts, ret);
    free(b);
}

static void draw_rows(struct trial *t, size_t n)
{
    t->first = t->rows;
    t->rows += n;
    t->excess = mem_resize(t->excess, t->rows * t->nlags, sizeof *t->excess);
    par_for(t->opts->threads, n, count_replicate, t);
}

/* Deviation of the excess at each lag over the reference, whose mean is taken out of all
 * rows. The deviation is at least half a coincidence: one chance hit at a lag where the
 * reference has none must not decide. */
static void standardise(const struct trial *t, struct sync_result *r, double *mean)
{
    double n = (double)t->nreference;
    for (size_t k = 0; k < t->nlags; k++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < t->nreference; i++)
            sum += t->excess[i * t->nlags + k];
        mean[k] = sum / n;
        for (size_t i = 0; i < t->nreference; i++) {
            double d = t->excess[i * t->nlags + k] - mean[k];
            squares += d * d;
        }
        r->sd[k] = fmax(sqrt(squares / n), SYNC_SD_MIN);
    }
}

static void centre(const struct trial *t, const double *mean, double *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < t->nlags; k++)
            rows[i * t->nlags + k] -= mean[k];
}

/* Greatest and least standardised excess of a row, and where the greatest is. */
struct extremes {
    double most, least;
    size_t best;
};

static struct extremes extremes_of(const struct sync_result *r, const double *row)
{
    struct extremes e = {-INFINITY, INFINITY, 0};
    for (size_t k = 0; k < r->nlags; k++) {
        double z = row[k] / r->sd[k];
        e.least = fmin(e.least, z);
        if (z > e.most) {
            e.most = z;
            e.best = k;
        }
    }
    return e;
}

static double largest_excess(const struct sync_result *r, const double *row)
{
    double most = -INFINITY;
    for (size_t k = 0; k < r->nlags; k++)
        most = fmax(most, row[k]);
    return most / (double)r->na;
}

/* Draw and rank until the sequence says stop. Blocks have a fixed size, and what
 * lies past the stop is dropped: the result does not know how it was drawn. */
static void rank(struct trial *t, const double *mean, struct sync_result *r)
{
    bool more = r->mc.max > 0;
    size_t cap = 0, cap_excess = 0;
    while (more) {
        size_t from = t->rows, left = r->mc.max - r->mc.replicates;
        draw_rows(t, left < BLOCK ? left : BLOCK);
        centre(t, mean, t->excess + from * t->nlags, t->rows - from);
        for (size_t i = from; i < t->rows && more; i++) {
            const double *row = t->excess + i * t->nlags;
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
        struct extremes e = extremes_of(r, t->excess + i * t->nlags);
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
    double na = (double)r->na, *x = mem_alloc(t->rows * sizeof *x);
    for (size_t i = 0; i < t->rows; i++)
        x[i] = t->excess[i * t->nlags + best] / na;
    r->at_best = mem_alloc((r->mc.replicates + 1) * sizeof *r->at_best);
    memcpy(r->at_best, x + t->nreference, (t->rows - t->nreference) * sizeof *x);
    r->best_lag_s = r->lag_s[best];
    r->eta = (r->observed[best] - r->expected[best]) / na;
    r->eta_lo = r->eta - quantile(x, t->rows, .95);
    r->eta_hi = r->eta - quantile(x, t->rows, .05);
    for (size_t k = 0; k < r->nlags; k++)
        r->eta_total += (r->observed[k] - r->expected[k]) / na;
    free(x);
}

/* --- bound --------------------------------------------------------------------------- */

/* Largest of a row's standardised excess, where it is, and the largest elsewhere. */
struct top {
    double most, next;
    size_t at;
};

static struct top top_of(const struct sync_result *r, const double *row)
{
    struct top top = {-INFINITY, -INFINITY, 0};
    for (size_t k = 0; k < r->nlags; k++) {
        double z = row[k] / r->sd[k];
        if (z > top.most)
            top = (struct top){z, top.most, k};
        else
            top.next = fmax(top.next, z);
    }
    return top;
}

/* How many rows leave room for up to j extra coincidences at a lag, and stay at or below the
 * data's statistic at all others. */
struct room {
    uint32_t *with;
    size_t na;
};

static void room_at(const struct sync_result *r, const double *rows, size_t m, size_t lag,
                    const struct top *top, struct room *room)
{
    memset(room->with, 0, (r->na + 1) * sizeof *room->with);
    for (size_t i = 0; i < m; i++) {
        double left = r->statistic * r->sd[lag] - rows[i * r->nlags + lag] + ROUNDING_S;
        if ((top[i].at == lag ? top[i].next : top[i].most) > r->statistic || left < 0)
            continue;
        room->with[(size_t)fmin(left, (double)r->na)]++;
    }
}

/* Rows expected at or below the data's statistic where a's sessions are followed with chance
 * eta. */
static double rows_below(const struct room *room, double eta)
{
    double sum = 0;
    for (size_t j = 0; j <= room->na; j++)
        if (room->with[j] > 0)
            sum += room->with[j] * -expm1(binomial_log_upper(j + 1, room->na, eta));
    return sum;
}

static double bound_at(const struct room *room, double few)
{
    double lo = 0, hi = 1;
    if (rows_below(room, 0) <= few)
        return 0;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (lo + hi) / 2;
        *(rows_below(room, middle) > few ? &lo : &hi) = middle;
    }
    return hi;
}

double sync_bound(const struct sync_result *r, const double *rows, size_t m, double few)
{
    struct room room = {mem_alloc((r->na + 1) * sizeof *room.with), r->na};
    struct top *top = mem_alloc((m + 1) * sizeof *top);
    double most = 0;
    for (size_t i = 0; i < m; i++)
        top[i] = top_of(r, rows + i * r->nlags);
    for (size_t k = 0; k < r->nlags; k++) {
        room_at(r, rows, m, k, top, &room);
        most = fmax(most, bound_at(&room, few));
    }
    free(top);
    free(room.with);
    return most;
}

/* Of the ranked surrogates; the data count as one row more, at or below themselves. */
static double bound(const struct trial *t, const struct sync_result *r, double level)
{
    size_t m = t->rows - t->nreference;
    double few = (1 - level) * ((double)m + 1) - 1;
    return few > 0 ? sync_bound(r, t->excess + t->nreference * t->nlags, m, few) : NAN;
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
    double excess[SYNC_LAGS_MAX] = {0}, mean[SYNC_LAGS_MAX] = {0};
    r->na = t->a->n;
    r->nb = t->b->n;
    r->nlags = t->nlags;
    r->mc = (struct mc){.stop_at = t->opts->stop_at,
                        .max = t->opts->unranked ? 0 : t->opts->replicates};
    memcpy(r->lag_s, t->lag_s, sizeof r->lag_s);
    draw_rows(t, t->nreference);
    standardise(t, r, mean);
    centre(t, mean, t->excess, t->rows);
    count_data(t, observed, excess);
    centre(t, mean, excess, 1);
    for (size_t k = 0; k < t->nlags; k++) {
        r->observed[k] = observed[k];
        r->expected[k] = r->observed[k] - excess[k];
    }
    struct extremes e = extremes_of(r, excess);
    r->statistic = e.most;
    rank(t, mean, r);
    envelope(t, r);
    effect(t, r, e.best);
    r->bound = t->opts->bound_level > 0 ? bound(t, r, t->opts->bound_level) : NAN;
    free(t->excess);
}

void sync_free(struct sync_result *r)
{
    free(r->replicate);
    free(r->excess);
    free(r->at_best);
    *r = (struct sync_result){0};
}

void sync_pairs_free(struct sync_pairs *p)
{
    for (size_t i = 0; i < p->n; i++)
        sync_free(&p->v[i].result);
    free(p->v);
    *p = (struct sync_pairs){0};
}

/* --- the two nulls ------------------------------------------------------------------ */

typedef int surrogate_fn(struct surrogate **ret, const struct subject *b,
                         const struct window *w, const struct surrogate_opts *o,
                         struct err *err);

static int test(struct sync_result *ret, struct trial *t, const struct window *w,
                surrogate_fn *make, uint64_t subject, struct err *err)
{
    const struct sync_opts *o = t->opts;
    struct surrogate *s = NULL;
    struct surrogate_opts so = {.window_s = o->window_s,
                                .session_s = o->session_s,
                                .sweeps = o->sweeps,
                                .seed = o->seed,
                                .subject = subject,
                                .drivers = o->drivers};
    int rc = begin(t, err);
    if (rc < 0 || (rc = make(&s, t->b, w, &so, err)) < 0)
        return rc;
    struct sync_result r = {.moved = surrogate_moved(s)};
    t->surrogate = s;
    run(t, &r);
    surrogate_free(s);
    *ret = r;
    return 0;
}

int sync_window(struct sync_result *ret, const struct subject *a, const struct subject *b,
                const struct window *w, const struct sync_opts *o, struct err *err)
{
    struct subject one_a, one_b;
    surrogate_party(&one_a, a, o->session_s);
    surrogate_party(&one_b, b, o->session_s);
    struct trial t = {.a = &one_a, .b = &one_b, .opts = o};
    int rc = test(ret, &t, w, surrogate_window, rng_subject_of(a->id, b->id), err);
    subject_free(&one_a);
    subject_free(&one_b);
    return rc;
}

int sync_days(struct sync_result *ret, const struct subject *a, const struct subject *b,
              const struct window *w, const struct sync_opts *o, struct err *err)
{
    struct trial t = {.a = a, .b = b, .opts = o};
    uint64_t subject = rng_subject_of(rng_subject_of(a->id, b->id), rng_subject("days", 4));
    return test(ret, &t, w, surrogate_days, subject, err);
}
