/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/dates.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/split.h"

const char *const dates_reading_text[DATES_READINGS] = {
    [DATES_LOG] = "an input begins or ends there: another sensor or server is not ruled out",
    [DATES_ALONE] = "no other pairs to set beside it: rate and coverage are not told apart",
    [DATES_ALL] = "not beyond the change of all other pairs: coverage, or what all share",
    [DATES_PART] = "rate, beyond all other pairs; of some of these pairs only",
    [DATES_RATE] = "rate, beyond all other pairs; of all of these pairs",
};

/* --- pairs ----------------------------------------------------------------------------- */

size_t dates_of_name(const struct counts *c, uint32_t name, struct dates_pair **ret)
{
    size_t n = 0, cap = 0;
    struct dates_pair *v = NULL;
    for (size_t i = 0; i < c->npairs; i++)
        if (c->pairs[i].name == name && !(n && v[n - 1].client == c->pairs[i].client)) {
            MEM_GROW(v, n, cap);
            v[n++] = (struct dates_pair){.client = c->pairs[i].client, .name = name};
        }
    *ret = v;
    return n;
}

/* Busy first; then in the order of the case. */
static int by_sessions(const void *a, const void *b)
{
    const struct dates_pair *x = a, *y = b;
    if (x->s.n != y->s.n)
        return x->s.n > y->s.n ? -1 : 1;
    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
}

/* Days, or whole days together where the window has more than DATES_CELLS: the cut takes n^2 of
 * them, in time and memory. */
static void widen(struct daycells *c)
{
    size_t together = (c->grid.n + DATES_CELLS - 1) / DATES_CELLS;
    if (together < 2)
        return;
    for (size_t i = 0; i < c->grid.n; i++) {
        double y = c->y[i], e = c->e[i];
        if (i % together == 0)
            c->y[i / together] = c->e[i / together] = 0;
        c->y[i / together] += y;
        c->e[i / together] += e;
    }
    c->grid.n = (c->grid.n + together - 1) / together;
    c->grid.width *= (double)together;
}

void dates_make(struct dates *ret, const struct counts *c, const struct dates_pair *pairs,
                size_t n, const struct window *w, const struct dates_opts *o)
{
    struct dates d = {.c = c, .w = w, .v = mem_alloc((n + 1) * sizeof *d.v)};
    for (size_t i = 0; i < n; i++) {
        struct dates_pair *p = &d.v[d.n];
        *p = (struct dates_pair){.client = pairs[i].client, .name = pairs[i].name};
        struct selection sel = {&p->client, &p->name, 1, 1};
        subject_make(&p->s, c, &sel, w, o->session_s, o->ttl_s);
        if (p->s.n >= JOINT_EVENTS) {
            d.n++;
        } else {
            d.too_few++;
            subject_free(&p->s);
        }
    }
    if (d.n)
        qsort(d.v, d.n, sizeof *d.v, by_sessions);
    for (; d.n > DATES_PAIRS; d.more++)
        subject_free(&d.v[--d.n].s);
    d.series = mem_alloc((d.n + 1) * sizeof *d.series);
    for (size_t i = 0; i < d.n; i++) {
        daycells_make(&d.v[i].cells, &d.v[i].s, w, o->zone);
        widen(&d.v[i].cells);
        d.series[i] = (struct joint_series){d.v[i].cells.y, d.v[i].cells.e, d.v[i].s.id};
    }
    *ret = d;
}

int dates_find(struct dates *d, uint64_t seed, uint32_t replicates)
{
    uint64_t subject = 0;
    for (size_t i = 0; i < d->n; i++) /* in any order */
        subject ^= d->series[i].id;
    struct joint_opts o = {seed, subject, replicates};
    return d->n ? joint_find(&d->joint, d->series, d->n, d->v[0].cells.grid.n, &o) : -1;
}

void dates_free(struct dates *d)
{
    joint_free(&d->joint);
    for (size_t i = 0; i < d->n; i++) {
        subject_free(&d->v[i].s);
        daycells_free(&d->v[i].cells);
    }
    free(d->v);
    free(d->series);
    *d = (struct dates){0};
}

double dates_cell(const struct dates *d, size_t cell)
{
    const struct grid *g = &d->v[0].cells.grid;
    return fmin(fmax(0, g->t0 + (double)cell * g->width), d->w->length_s);
}

/* --- what else changed ------------------------------------------------------------------- */

static bool is_own(const struct dates_pair *own, size_t n, const struct counts_pair *p)
{
    for (size_t i = 0; i < n; i++)
        if (own[i].client == p->client && own[i].name == p->name)
            return true;
    return false;
}

struct dates_others dates_others(const struct counts *c, const struct window *w,
                                 const struct dates_pair *own, size_t n,
                                 const double from_at_to[3])
{
    struct dates_others ret = {0};
    double from = from_at_to[0], at = from_at_to[1], to = from_at_to[2];
    double beside = fmin(at - from, to - at);
    unsigned char *heard = mem_zero(c->nclients + 1, 1);
    int64_t first = w->from_ns + (int64_t)(from * 1e9), cut = w->from_ns + (int64_t)(at * 1e9),
            end = w->from_ns + (int64_t)(to * 1e9), near = (int64_t)(beside * 1e9);
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        bool mine = is_own(own, n, p);
        struct series_iter it = series_begin(counts_series(p), p->first);
        while (series_next(&it)) {
            int64_t t = it.tick * c->tick_ns;
            if (t < first || t >= end)
                continue;
            if (!mine)
                *(t < cut ? &ret.before : &ret.after) += 1;
            if (t >= cut - near && t < cut + near)
                heard[p->client] |= t < cut ? 1 : 2;
        }
    }
    for (size_t i = 0; i < c->nclients; i++) {
        ret.clients_before += heard[i] & 1;
        ret.clients_after += heard[i] >> 1;
    }
    free(heard);
    ret.before /= window_live_between(w, from, at);
    ret.after /= window_live_between(w, at, to);
    return ret;
}

static double since_start(const struct window *w, int64_t t_ns)
{
    return (double)(t_ns - w->from_ns) / 1e9;
}

static bool inside(double t, double from, double to)
{
    return t > from && t < to;
}

size_t dates_logs_turning(const struct counts *c, const struct window *w, double from,
                          double to)
{
    size_t n = 0;
    for (size_t i = 0; i < c->nsources; i++) {
        const struct counts_source *s = &c->sources[i];
        n += s->lookups && (inside(since_start(w, s->first_ns), from, to) ||
                            inside(since_start(w, s->last_ns), from, to));
    }
    return n;
}

/* Inputs that listen at a time of [from, to), on average. */
static double logs_listening(const struct dates *d, double from, double to)
{
    double sum = 0;
    int64_t first = d->w->from_ns + (int64_t)(from * 1e9),
            end = d->w->from_ns + (int64_t)(to * 1e9);
    for (size_t i = 0; i < d->c->nsources; i++)
        for (size_t k = 0; k < d->c->sources[i].nlive; k++) {
            const struct counts_live *l = &d->c->sources[i].live[k];
            int64_t a = l->from_ns > first ? l->from_ns : first,
                    b = l->to_ns < end ? l->to_ns : end;
            sum += b > a ? (double)(b - a) / 1e9 : 0;
        }
    return to > from ? sum / (to - from) : 0;
}

static size_t live_borders(const struct window *w, double from, double to)
{
    size_t n = 0;
    for (size_t i = 0; i < w->nlive; i++)
        n += inside(w->live[i].from, from, to) + inside(w->live[i].to, from, to);
    return n;
}

/* Is the server one of an input that begins in (from, to), and of no other? */
static bool server_begins(const struct dates *d, uint64_t server, double from, double to)
{
    bool begins = false;
    for (size_t i = 0; i < d->c->nsources && server < d->c->nservers; i++) {
        const struct counts_source *s = &d->c->sources[i];
        if (!s->server || !span_equal(span_of(s->server), d->c->servers[server]))
            continue;
        if (s->lookups && !inside(since_start(d->w, s->first_ns), from, to))
            return false;
        begins = true;
    }
    return begins;
}

static void count_rows(const struct dates *d, double from, double to, struct dates_cause *ret)
{
    for (size_t i = 0; i < d->c->npairs; i++) {
        const struct counts_pair *p = &d->c->pairs[i];
        if (!is_own(d->v, d->n, p))
            continue;
        ret->rows += p->total;
        struct marks_iter it = marks_begin(counts_marks(p));
        while (marks_next(&it))
            if (it.kind == MARK_SERVER && server_begins(d, it.value, from, to))
                ret->rows_new += it.count;
    }
}

/* --- beyond the change of all others? ------------------------------------------------------
 */

/* Counts before and after a date over their exposures; phi: their dispersion. */
struct change_of {
    double y[2], e[2], phi;
};

static struct change_of change_make(const double *y, const double *e, size_t n, size_t at,
                                    double phi)
{
    struct change_of c = {.phi = phi};
    for (size_t i = 0; i < n; i++) {
        c.y[i >= at] += y[i];
        c.e[i >= at] += e[i];
    }
    return c;
}

/* LR over phi that the rate did not change by `ratio`. */
static double change_lr(const struct change_of *c, double ratio)
{
    double e[] = {c->e[0], c->e[1] * ratio}, lr = split_lr(c->y, e, 2, 1);
    return isnan(lr) ? 0 : lr / c->phi;
}

/* Events after the date beyond those that `ratio` makes of all, over phi: half of what the LR
 * falls by as ln ratio grows. */
static double change_excess(const struct change_of *c, double ratio)
{
    double e = c->e[1] * ratio;
    return e > 0 ? (c->y[1] - (c->y[0] + c->y[1]) * e / (c->e[0] + e)) / c->phi : 0;
}

/* Moments with look-ups of all other pairs in the date's cells, and what was listened to. */
static struct change_of others_of(const struct dates *d, const struct joint_date *date)
{
    const struct grid *g = &d->v[0].cells.grid;
    size_t n = date->to - date->from, at = date->at - date->from;
    double *y = mem_zero(3 * n, sizeof *y), *e = y + n, *mu = e + n;
    for (size_t i = 0; i < n; i++)
        e[i] = window_live_between(d->w, dates_cell(d, date->from + i),
                                   dates_cell(d, date->from + i + 1));
    for (size_t i = 0; i < d->c->npairs; i++) {
        const struct counts_pair *p = &d->c->pairs[i];
        if (is_own(d->v, d->n, p))
            continue;
        struct series_iter it = series_begin(counts_series(p), p->first);
        while (series_next(&it)) {
            double t = since_start(d->w, it.tick * d->c->tick_ns),
                   cell = floor((t - g->t0) / g->width) - (double)date->from;
            if (t >= 0 && t < d->w->length_s && cell >= 0 && cell < (double)n)
                y[(size_t)cell]++;
        }
    }
    struct change_of c = change_make(y, e, n, at, 1);
    for (size_t i = 0; i < n; i++)
        mu[i] = c.e[i >= at] > 0 ? e[i] * c.y[i >= at] / c.e[i >= at] : 0;
    c.phi = fmax(1, split_dispersion(y, mu, n));
    free(y);
    return c;
}

/* Least LR over phi of one ratio for all: where the excesses, which fall, sum to 0. */
static double least_lr(const struct change_of *c, size_t n, double first)
{
    double low = log(first) - 20, high = log(first) + 20, sum = 0;
    for (int i = 0; i < 60; i++) {
        double ratio = exp((low + high) / 2), excess = 0;
        for (size_t k = 0; k < n; k++)
            excess += change_excess(&c[k], ratio);
        *(excess > 0 ? &low : &high) = (low + high) / 2;
    }
    for (size_t k = 0; k < n; k++)
        sum += change_lr(&c[k], exp((low + high) / 2));
    return sum;
}

/* The date again: have the pairs that take part (all, where none does by itself) and the others
 * one ratio in common? A pair that stayed while all others rose is no rise; and others that are
 * few leave their own ratio open. */
static double log_p_beyond(const struct dates *d, const struct joint_date *date, size_t parts,
                           double others)
{
    if (!(others > 0) || !isfinite(others))
        return NAN;
    size_t n = date->to - date->from, at = date->at - date->from, m = 0;
    struct change_of *c = mem_alloc((d->n + 1) * sizeof *c);
    c[m++] = others_of(d, date);
    for (size_t k = 0; k < d->n; k++)
        if (!parts || joint_takes_part(&date->part[k]))
            c[m++] = change_make(d->series[k].y + date->from, d->series[k].e + date->from, n,
                                 at, d->joint.phi[k]);
    double sum = least_lr(c, m, others);
    free(c);
    return joint_log_p(&d->joint, sum);
}

static enum dates_reading read_cause(const struct dates *d, const struct dates_cause *c)
{
    if (c->logs_turning)
        return DATES_LOG;
    if (isnan(c->log_p_beyond))
        return DATES_ALONE;
    if (c->log_p_beyond > log(.05) + 1e-9)
        return DATES_ALL;
    return c->takes_part < d->n ? DATES_PART : DATES_RATE;
}

struct dates_cause dates_cause(const struct dates *d, size_t date)
{
    const struct joint_date *j = &d->joint.dates[date];
    struct dates_cause c = {0};
    double around[] = {dates_cell(d, j->from), dates_cell(d, j->at), dates_cell(d, j->to)};
    double width = d->v[0].cells.grid.width, lo = dates_cell(d, j->lo) - width,
           hi = dates_cell(d, j->hi) + width;
    c.live_before = window_live_between(d->w, around[0], around[1]) / (around[1] - around[0]);
    c.live_after = window_live_between(d->w, around[1], around[2]) / (around[2] - around[1]);
    c.live_borders = live_borders(d->w, lo, hi);
    c.logs_before = logs_listening(d, around[0], around[1]);
    c.logs_after = logs_listening(d, around[1], around[2]);
    c.logs_turning = dates_logs_turning(d->c, d->w, lo, hi);
    count_rows(d, lo, hi, &c);
    c.others = dates_others(d->c, d->w, d->v, d->n, around);
    for (size_t k = 0; k < d->n; k++)
        c.takes_part += joint_takes_part(&j->part[k]);
    c.log_p_beyond = log_p_beyond(d, j, c.takes_part, c.others.after / c.others.before);
    c.reading = read_cause(d, &c);
    return c;
}
