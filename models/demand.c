/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/demand.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum { HOURS = 24, LEVELS = 2 * HOURS, ROUNDS = 2 };
enum { SCALES = 3, STEPS = 40, TERM_ROUNDS = 6 };
static const double SLOT_S = 600, HOUR_S = 3600, DRIVEN_SLOT_S = 60;
static const double SCALE_S[SCALES] = {120, 480, 1800};

/* --- frame -------------------------------------------------------------------------- */

/* One driver at one scale: the step that each cell is on. */
struct term {
    uint8_t *step;
};

/* A UTC day: its hours [from, to), whose levels follow each other. */
struct day {
    size_t from, to, level;
};

/* Slots that are on the same step of every term are one cell: they share a factor, and sums
 * over slots are sums over cells, of which there are few. */
struct demand_frame {
    const struct window *w;
    struct grid hours;
    struct day *days; /* level: hour of day, and whether on a weekend */
    size_t ndays;
    struct grid grid; /* of slots */
    double *live;     /* seconds of each slot */
    /* First of the slots between the middles of an hour and the next; hours.n + 1. */
    size_t *between;
    double *share; /* of the way between the two, of each slot */
    uint32_t *cell;
    size_t ncells, nterms;
    struct term terms[DRIVERS_MAX * SCALES];
};

/* Half octaves of 1 + count: 0, 1, 2, 3-4, 5, 6-7, ... */
static uint8_t step_of(size_t count)
{
    return (uint8_t)fmin(floor(2 * log2(1 + (double)count) + 1e-9), STEPS - 1);
}

static uint8_t *steps(const struct grid *g, const struct driver *d, double scale_s)
{
    uint8_t *step = mem_alloc(g->n * sizeof *step);
    size_t from = 0, to = 0;
    for (size_t i = 0; i < g->n; i++) {
        double middle = g->t0 + ((double)i + .5) * g->width;
        while (from < d->n && d->t[from] < middle - scale_s)
            from++;
        while (to < d->n && d->t[to] < middle + scale_s)
            to++;
        step[i] = step_of(to - from);
    }
    return step;
}

/* Part each cell by the step of its slots. */
static void part_cells(struct demand_frame *f, const uint8_t *step)
{
    size_t room = f->ncells * STEPS, n = 0;
    uint32_t *new_cell = mem_zero(room, sizeof *new_cell); /* plus 1; 0: none yet */
    for (size_t i = 0; i < f->grid.n; i++) {
        uint32_t *to = &new_cell[f->cell[i] * STEPS + step[i]];
        if (*to == 0)
            *to = (uint32_t)++n;
        f->cell[i] = *to - 1;
    }
    f->ncells = n;
    free(new_cell);
}

static void add_terms(struct demand_frame *f, const struct drivers *drivers)
{
    uint8_t *step[DRIVERS_MAX * SCALES];
    f->cell = mem_zero(f->grid.n, sizeof *f->cell);
    f->ncells = 1;
    for (size_t d = 0; d < drivers->n; d++)
        for (size_t k = 0; k < SCALES; k++) {
            step[f->nterms] = steps(&f->grid, &drivers->series[d], SCALE_S[k]);
            part_cells(f, step[f->nterms++]);
        }
    for (size_t k = 0; k < f->nterms; k++) {
        f->terms[k].step = mem_alloc(f->ncells);
        for (size_t i = 0; i < f->grid.n; i++)
            f->terms[k].step[f->cell[i]] = step[k][i];
        free(step[k]);
    }
}

static void name_hours(struct demand_frame *f)
{
    int64_t first = floor_div(f->hours.first_s, 3600), day = floor_div(first, HOURS);
    f->days = mem_alloc((f->hours.n / HOURS + 2) * sizeof *f->days);
    for (size_t from = 0, to; from < f->hours.n; from = to, day++) {
        int64_t weekday = day + 3 - floor_div(day + 3, 7) * 7; /* 1970-01-01 was a Thursday */
        size_t hour = (size_t)(first + (int64_t)from - day * HOURS);
        to = from + HOURS - hour < f->hours.n ? from + HOURS - hour : f->hours.n;
        f->days[f->ndays++] = (struct day){from, to, hour + (weekday >= 5 ? HOURS : 0)};
    }
}

static void name_slots(struct demand_frame *f)
{
    double last = (double)f->hours.n - 1;
    size_t hours = 0; /* whose slots have begun */
    f->live = mem_alloc(f->grid.n * sizeof *f->live);
    f->between = mem_alloc((f->hours.n + 1) * sizeof *f->between);
    f->share = mem_alloc(f->grid.n * sizeof *f->share);
    for (size_t i = 0; i < f->grid.n; i++) {
        double from = f->grid.t0 + (double)i * f->grid.width;
        double at = (from + .5 * f->grid.width - f->hours.t0) / HOUR_S - .5;
        at = fmin(fmax(at, 0), last);
        f->live[i] = window_live_between(f->w, from, from + f->grid.width);
        f->share[i] = at - floor(at);
        while (hours <= (size_t)at)
            f->between[hours++] = i;
    }
    while (hours <= f->hours.n)
        f->between[hours++] = f->grid.n;
}

struct demand_frame *demand_frame_new(const struct window *w, const struct drivers *drivers)
{
    struct demand_frame *f = mem_zero(1, sizeof *f);
    bool driven = drivers && drivers->n > 0;
    f->w = w;
    f->hours = grid_make(w, HOUR_S);
    f->grid = (struct grid){.width = SLOT_S, .n = (size_t)ceil(w->length_s / SLOT_S)};
    if (driven)
        f->grid = grid_make(w, DRIVEN_SLOT_S);
    name_hours(f);
    name_slots(f);
    if (driven)
        add_terms(f, drivers);
    return f;
}

void demand_frame_free(struct demand_frame *f)
{
    if (!f)
        return;
    for (size_t k = 0; k < f->nterms; k++)
        free(f->terms[k].step);
    free(f->days);
    free(f->live);
    free(f->between);
    free(f->share);
    free(f->cell);
    free(f);
}

/* --- hours ------------------------------------------------------------------------- */

/* At-risk hours of each hour, sessions by level and by day, and what is fitted to them. */
struct hourly {
    const struct demand_frame *frame;
    size_t n;
    double *hours, y[LEVELS], *y_of_day, sessions;
    double *rate; /* profile x level of its day, a second */
    double *day;  /* level of each UTC day */
    double *e_of_day;
    double profile[LEVELS];
};

static void fit_profile(struct hourly *h, double mean)
{
    const double *y = h->y;
    double e[LEVELS] = {0};
    for (size_t d = 0; d < h->frame->ndays; d++) {
        const struct day day = h->frame->days[d];
        for (size_t i = day.from; i < day.to; i++)
            e[day.level + i - day.from] += h->hours[i] * h->day[d];
    }
    for (size_t k = 0; k < LEVELS; k++) {
        size_t base = k / HOURS * HOURS;
        size_t before = base + (k + HOURS - 1) % HOURS, after = base + (k + 1) % HOURS;
        h->profile[k] = (y[k] + (y[before] + y[after] + 1) / 2) /
                        (e[k] + (e[before] + e[after] + 1 / mean) / 2);
    }
}

static void fit_days(struct hourly *h)
{
    size_t n = h->frame->ndays;
    for (size_t d = 0; d < n; d++) {
        const struct day day = h->frame->days[d];
        double e = 0;
        for (size_t i = day.from; i < day.to; i++)
            e += h->hours[i] * h->profile[day.level + i - day.from];
        h->e_of_day[d] = e;
    }
    for (size_t d = 0; d < n; d++) {
        double seen = 1, expected = 1;
        for (size_t k = d ? d - 1 : 0; k <= d + 1 && k < n; k++) {
            seen += h->y_of_day[k];
            expected += h->e_of_day[k];
        }
        h->day[d] = seen / expected;
    }
}

/* Sums of whole numbers: the same in any order. */
static void count_sessions(struct hourly *h, const struct subject *s)
{
    double *y = mem_alloc(h->n * sizeof *y);
    bucket_fill(s, &h->frame->hours, y);
    for (size_t d = 0; d < h->frame->ndays; d++) {
        const struct day day = h->frame->days[d];
        h->y_of_day[d] = 0;
        for (size_t i = day.from; i < day.to; i++) {
            h->y[day.level + i - day.from] += y[i];
            h->y_of_day[d] += y[i];
        }
        h->sessions += h->y_of_day[d];
    }
    free(y);
}

static void hours_begin(struct hourly *h, const struct subject *s, const struct demand_frame *f)
{
    *h = (struct hourly){.frame = f, .n = f->hours.n};
    h->hours = mem_alloc(h->n * sizeof *h->hours);
    h->rate = mem_alloc(h->n * sizeof *h->rate);
    h->day = mem_alloc(f->ndays * sizeof *h->day);
    h->y_of_day = mem_alloc(f->ndays * sizeof *h->y_of_day);
    h->e_of_day = mem_alloc(f->ndays * sizeof *h->e_of_day);
    count_sessions(h, s);
    exposure_fill(s, f->w, &f->hours, h->hours);
}

static void hours_free(struct hourly *h)
{
    free(h->hours);
    free(h->rate);
    free(h->day);
    free(h->y_of_day);
    free(h->e_of_day);
}

static void fit_hours(struct hourly *h)
{
    double hours = 0;
    for (size_t i = 0; i < h->n; i++)
        hours += h->hours[i];
    for (size_t d = 0; d < h->frame->ndays; d++)
        h->day[d] = 1;
    for (int round = 0; round < ROUNDS; round++) {
        fit_profile(h, (.5 + h->sessions) / fmax(hours, 1));
        fit_days(h);
    }
    for (size_t d = 0; d < h->frame->ndays; d++) {
        const struct day day = h->frame->days[d];
        for (size_t i = day.from; i < day.to; i++)
            h->rate[i] = h->profile[day.level + i - day.from] * h->day[d] / HOUR_S;
    }
}

static size_t hour_after(const struct demand_frame *f, size_t hour)
{
    return hour + (hour + 1 < f->hours.n);
}

/* Rate of each slot: linear between the middles of hours. */
static void fill_rate(const struct hourly *h, double *rate)
{
    const struct demand_frame *f = h->frame;
    for (size_t k = 0; k < h->n; k++) {
        double left = h->rate[k], rise = h->rate[hour_after(f, k)] - left;
        for (size_t i = f->between[k]; i < f->between[k + 1]; i++)
            rate[i] = left + f->share[i] * rise;
    }
}

/* Sessions of a stream over those expected at factor 1, with one added to both:
 * expected is the integral less what its own dead times hide. */
static double stream_factor(const struct demand *d, const struct stream *r, double length_s)
{
    double expected = demand_between(d, 0, length_s);
    for (size_t i = 0; i < r->n; i++) {
        double to = r->t[i] + stream_dead(r, i);
        expected -= demand_between(d, r->t[i], i + 1 < r->n ? fmin(to, r->t[i + 1]) : to);
    }
    return ((double)r->n + 1) / (fmax(expected, 0) + 1);
}

/* --- drivers ------------------------------------------------------------------------ */

struct driven {
    const struct demand_frame *frame;
    double *hours; /* at risk, of each slot */
    double *y, *e; /* of each cell: sessions, and those expected without drivers */
    double *total; /* product of the terms in each cell */
    double factor[DRIVERS_MAX * SCALES][STEPS];
};

static void driven_begin(struct driven *v, const struct demand_frame *f,
                         const struct subject *s)
{
    double *y = mem_alloc(f->grid.n * sizeof *y);
    v->frame = f;
    v->hours = mem_alloc(f->grid.n * sizeof *v->hours);
    v->y = mem_zero(f->ncells, sizeof *v->y);
    v->e = mem_alloc(f->ncells * sizeof *v->e);
    v->total = mem_alloc(f->ncells * sizeof *v->total);
    exposure_fill(s, f->w, &f->grid, v->hours);
    bucket_fill(s, &f->grid, y);
    for (size_t i = 0; i < f->grid.n; i++)
        v->y[f->cell[i]] += y[i];
    for (size_t c = 0; c < f->ncells; c++)
        v->total[c] = 1;
    for (size_t k = 0; k < f->nterms; k++)
        for (size_t l = 0; l < STEPS; l++)
            v->factor[k][l] = 1;
    free(y);
}

static void driven_free(struct driven *v)
{
    free(v->hours);
    free(v->y);
    free(v->e);
    free(v->total);
}

/* The at-risk ratio of each step of a term, the others held. */
static void fit_term(struct driven *v, size_t k)
{
    double y[STEPS] = {0}, e[STEPS] = {0}, change[STEPS], *factor = v->factor[k];
    const uint8_t *step = v->frame->terms[k].step;
    for (size_t c = 0; c < v->frame->ncells; c++) {
        y[step[c]] += v->y[c];
        e[step[c]] += v->e[c] * v->total[c];
    }
    for (size_t l = 0; l < STEPS; l++) {
        double ratio = (y[l] + .5) / (e[l] / factor[l] + .5);
        change[l] = ratio / factor[l];
        factor[l] = ratio;
    }
    for (size_t c = 0; c < v->frame->ncells; c++)
        v->total[c] *= change[step[c]];
}

/* Hours at risk as profile and level see them: times the drivers' factor. */
static void weigh_hours(struct hourly *h, const struct driven *v)
{
    const struct demand_frame *f = v->frame;
    for (size_t i = 0; i < h->n; i++)
        h->hours[i] = 0;
    for (size_t k = 0; k < h->n; k++)
        for (size_t i = f->between[k]; i < f->between[k + 1]; i++) {
            size_t hour = f->share[i] < .5 ? k : hour_after(f, k);
            h->hours[hour] += v->hours[i] * v->total[f->cell[i]];
        }
}

/* Profile, level and the drivers' factors in turn. */
static void fit_driven(struct hourly *h, struct driven *v, double *rate)
{
    const struct demand_frame *f = v->frame;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t c = 0; c < f->ncells; c++)
            v->e[c] = 0;
        fill_rate(h, rate);
        for (size_t i = 0; i < f->grid.n; i++)
            v->e[f->cell[i]] += v->hours[i] * HOUR_S * rate[i];
        for (int again = 0; again < TERM_ROUNDS; again++)
            for (size_t k = 0; k < f->nterms; k++)
                fit_term(v, k);
        if (round + 1 < ROUNDS) {
            weigh_hours(h, v);
            fit_hours(h);
        }
    }
    for (size_t i = 0; i < f->grid.n; i++)
        rate[i] *= v->total[f->cell[i]];
}

/* --- fitting ------------------------------------------------------------------------ */

static void integrate(struct demand *d, const double *live)
{
    d->cum[0] = 0;
    for (size_t i = 0; i < d->n; i++)
        d->cum[i + 1] = d->cum[i] + d->rate[i] * live[i];
}

void demand_refit_shape(struct demand *d, const struct subject *s, const struct demand_frame *f)
{
    struct hourly h;
    hours_begin(&h, s, f);
    fit_hours(&h);
    *d = (struct demand){.slot_s = f->grid.width, .t0 = f->grid.t0, .n = f->grid.n};
    d->rate = mem_alloc(d->n * sizeof *d->rate);
    d->cum = mem_alloc((d->n + 1) * sizeof *d->cum);
    if (f->nterms > 0) {
        struct driven v;
        driven_begin(&v, f, s);
        fit_driven(&h, &v, d->rate);
        driven_free(&v);
    } else {
        fill_rate(&h, d->rate);
    }
    integrate(d, f->live);
    hours_free(&h);
}

void demand_refit(struct demand *d, const struct subject *s, const struct demand_frame *f)
{
    demand_refit_shape(d, s, f);
    d->factor = mem_alloc(s->nstreams * sizeof *d->factor);
    for (size_t i = 0; i < s->nstreams; i++)
        d->factor[i] = s->nstreams == 1 ? 1 : stream_factor(d, &s->streams[i], f->w->length_s);
}

void demand_fit(struct demand *d, const struct subject *s, const struct window *w,
                const struct drivers *drivers)
{
    struct demand_frame *f = demand_frame_new(w, drivers);
    demand_refit(d, s, f);
    demand_frame_free(f);
}

void demand_free(struct demand *d)
{
    free(d->rate);
    free(d->cum);
    free(d->factor);
    *d = (struct demand){0};
}

double demand_rate(const struct demand *d, double t)
{
    double at = (t - d->t0) / d->slot_s;
    return t >= 0 && at < (double)d->n ? d->rate[(size_t)at] : 0;
}

/* The integral up to a time in slots since t0. */
static inline double cumulated_at(const struct demand *d, double at)
{
    if (!(at > 0))
        return d->cum[0];
    if (at >= (double)d->n)
        return d->cum[d->n];
    size_t i = (size_t)at;
    return d->cum[i] + (at - (double)i) * (d->cum[i + 1] - d->cum[i]);
}

static double cumulated(const struct demand *d, double t)
{
    return cumulated_at(d, (t - d->t0) / d->slot_s);
}

double demand_between(const struct demand *d, double from, double to)
{
    return cumulated(d, to) - cumulated(d, from);
}

double demand_density(const struct demand *d, double t, double dead_s, double factor)
{
    double at = (t - d->t0) / d->slot_s, until = (t + dead_s - d->t0) / d->slot_s;
    if (!(t >= 0 && at < (double)d->n))
        return 0;
    return d->rate[(size_t)at] * exp(factor * (cumulated_at(d, until) - cumulated_at(d, at)));
}

static bool wholly_live(const struct demand_frame *f, size_t slot)
{
    return f->live[slot] == f->grid.width;
}

/* In a slot the integral over the dead time is linear up to where the dead time's end comes to
 * the next slot, and from there on: it is greatest and least at the ends or there. */
void demand_ranges(const struct demand *d, const struct demand_frame *f, double dead_s,
                   double factor, struct density_range *ret)
{
    const double rounding = 1e-9;
    double dead = dead_s / d->slot_s, turn = ceil(dead) - dead;
    double end = cumulated_at(d, dead) - d->cum[0];
    for (size_t i = 0; i < d->n; i++) {
        double at = (double)i + turn, start = end;
        double middle = cumulated_at(d, at + dead) - cumulated_at(d, at);
        end = cumulated_at(d, (double)i + 1 + dead) - d->cum[i + 1];
        ret[i] = (struct density_range){0, INFINITY};
        if (i == 0 || i + 1 == d->n || !wholly_live(f, i - 1) || !wholly_live(f, i) ||
            !wholly_live(f, i + 1))
            continue;
        double least = fmin(middle, fmin(start, end)), most = fmax(middle, fmax(start, end));
        ret[i].least = d->rate[i] * exp(factor * least) * (1 - rounding);
        ret[i].most = d->rate[i] * exp(factor * most) * (1 + rounding);
    }
    ret[d->n] = (struct density_range){0, INFINITY};
}
