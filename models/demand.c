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

/* Hourly sessions y, at-risk hours, and what is fitted to them. */
struct hourly {
    struct grid grid;
    double *y, *hours;
    double *day; /* level of each UTC day */
    size_t ndays;
    double profile[LEVELS];
};

static int64_t hour_of(const struct hourly *h, size_t i)
{
    return floor_div(h->grid.first_s, 3600) + (int64_t)i;
}

static size_t day_of(const struct hourly *h, size_t i)
{
    return (size_t)(floor_div(hour_of(h, i), HOURS) - floor_div(hour_of(h, 0), HOURS));
}

static size_t level_of(const struct hourly *h, size_t i)
{
    int64_t hour = hour_of(h, i), day = floor_div(hour, HOURS);
    int64_t weekday = day + 3 - floor_div(day + 3, 7) * 7; /* 1970-01-01 was a Thursday */
    return (size_t)(hour - day * HOURS) + (weekday >= 5 ? HOURS : 0);
}

static void fit_profile(struct hourly *h, double mean)
{
    double y[LEVELS] = {0}, e[LEVELS] = {0};
    for (size_t i = 0; i < h->grid.n; i++) {
        y[level_of(h, i)] += h->y[i];
        e[level_of(h, i)] += h->hours[i] * h->day[day_of(h, i)];
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
    double *y = mem_zero(h->ndays, sizeof *y), *e = mem_zero(h->ndays, sizeof *e);
    for (size_t i = 0; i < h->grid.n; i++) {
        y[day_of(h, i)] += h->y[i];
        e[day_of(h, i)] += h->hours[i] * h->profile[level_of(h, i)];
    }
    for (size_t d = 0; d < h->ndays; d++) {
        double seen = 1, expected = 1;
        for (size_t k = d ? d - 1 : 0; k <= d + 1 && k < h->ndays; k++) {
            seen += y[k];
            expected += e[k];
        }
        h->day[d] = seen / expected;
    }
    free(y);
    free(e);
}

static void hours_begin(struct hourly *h, const struct subject *s, const struct window *w)
{
    h->grid = grid_make(w, HOUR_S);
    h->y = mem_zero(h->grid.n, sizeof *h->y);
    h->hours = mem_zero(h->grid.n, sizeof *h->hours);
    bucket_fill(s, &h->grid, h->y);
    exposure_fill(s, w, &h->grid, h->hours);
    h->ndays = h->grid.n ? day_of(h, h->grid.n - 1) + 1 : 0;
    h->day = mem_alloc(h->ndays * sizeof *h->day);
}

static void fit_hours(struct hourly *h)
{
    double sessions = .5, hours = 0;
    for (size_t i = 0; i < h->grid.n; i++) {
        sessions += h->y[i];
        hours += h->hours[i];
    }
    for (size_t d = 0; d < h->ndays; d++)
        h->day[d] = 1;
    for (int round = 0; round < ROUNDS; round++) {
        fit_profile(h, sessions / fmax(hours, 1));
        fit_days(h);
    }
}

/* Rate a second at t: linear between the middles of hours. */
static double interpolate(const struct hourly *h, double t)
{
    double at = (t - h->grid.t0) / HOUR_S - .5;
    double last = (double)h->grid.n - 1;
    size_t low = (size_t)fmin(fmax(floor(at), 0), last);
    size_t high = low + 1 < h->grid.n ? low + 1 : low;
    double share = fmin(fmax(at - (double)low, 0), 1);
    double left = h->profile[level_of(h, low)] * h->day[day_of(h, low)];
    double right = h->profile[level_of(h, high)] * h->day[day_of(h, high)];
    return (left + share * (right - left)) / HOUR_S;
}

/* Sessions of a stream over those expected at factor 1, with one added to both:
 * expected is the integral less what its own dead times hide. */
static double stream_factor(const struct demand *d, const struct stream *r, double length_s)
{
    double expected = demand_between(d, 0, length_s);
    for (size_t i = 0; i < r->n; i++) {
        double to = r->t[i] + r->ttl_s;
        expected -= demand_between(d, r->t[i], i + 1 < r->n ? fmin(to, r->t[i + 1]) : to);
    }
    return ((double)r->n + 1) / (fmax(expected, 0) + 1);
}

/* --- drivers ------------------------------------------------------------------------ */

/* One driver at one scale: the step that each slot is on, and the factor of each step. */
struct term {
    uint8_t *step;
    double factor[STEPS];
};

struct driven {
    struct grid grid;  /* of one minute */
    double *y, *hours; /* sessions, and at-risk hours times the rate without drivers */
    double *total;     /* product of the terms in each slot */
    size_t nterms;
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

static void driven_begin(struct driven *v, const struct subject *s, const struct window *w,
                         const struct drivers *drivers)
{
    v->grid = grid_make(w, DRIVEN_SLOT_S);
    v->y = mem_zero(v->grid.n, sizeof *v->y);
    v->hours = mem_zero(v->grid.n, sizeof *v->hours);
    v->total = mem_alloc(v->grid.n * sizeof *v->total);
    bucket_fill(s, &v->grid, v->y);
    exposure_fill(s, w, &v->grid, v->hours);
    for (size_t i = 0; i < v->grid.n; i++)
        v->total[i] = 1;
    for (size_t d = 0; d < drivers->n; d++)
        for (size_t k = 0; k < SCALES; k++) {
            struct term *t = &v->terms[v->nterms++];
            t->step = steps(&v->grid, &drivers->series[d], SCALE_S[k]);
            for (size_t l = 0; l < STEPS; l++)
                t->factor[l] = 1;
        }
}

static void driven_free(struct driven *v)
{
    for (size_t k = 0; k < v->nterms; k++)
        free(v->terms[k].step);
    free(v->y);
    free(v->hours);
    free(v->total);
}

/* The at-risk ratio of each step of a term, the others held. `rate`: without drivers. */
static void fit_term(struct driven *v, struct term *t, const double *rate)
{
    double y[STEPS] = {0}, e[STEPS] = {0}, change[STEPS];
    for (size_t i = 0; i < v->grid.n; i++) {
        y[t->step[i]] += v->y[i];
        e[t->step[i]] += v->hours[i] * HOUR_S * rate[i] * v->total[i];
    }
    for (size_t l = 0; l < STEPS; l++) {
        double ratio = (y[l] + .5) / (e[l] / t->factor[l] + .5);
        change[l] = ratio / t->factor[l];
        t->factor[l] = ratio;
    }
    for (size_t i = 0; i < v->grid.n; i++)
        v->total[i] *= change[t->step[i]];
}

/* Hours at risk as profile and level see them: times the drivers' factor. */
static void weigh_hours(struct hourly *h, const struct driven *v)
{
    for (size_t i = 0; i < h->grid.n; i++)
        h->hours[i] = 0;
    for (size_t i = 0; i < v->grid.n; i++) {
        double middle = v->grid.t0 + ((double)i + .5) * v->grid.width;
        size_t hour = (size_t)fmax(0, floor((middle - h->grid.t0) / HOUR_S));
        h->hours[hour < h->grid.n ? hour : h->grid.n - 1] += v->hours[i] * v->total[i];
    }
}

/* Profile, level and the drivers' factors in turn. */
static void fit_driven(struct hourly *h, struct driven *v, double *rate)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < v->grid.n; i++)
            rate[i] = interpolate(h, v->grid.t0 + ((double)i + .5) * v->grid.width);
        for (int k = 0; k < TERM_ROUNDS; k++)
            for (size_t t = 0; t < v->nterms; t++)
                fit_term(v, &v->terms[t], rate);
        if (round + 1 < ROUNDS) {
            weigh_hours(h, v);
            fit_hours(h);
        }
    }
    for (size_t i = 0; i < v->grid.n; i++)
        rate[i] *= v->total[i];
}

/* --- fitting ------------------------------------------------------------------------ */

static void without_drivers(struct demand *d, const struct hourly *h, const struct window *w)
{
    d->slot_s = SLOT_S;
    d->n = (size_t)ceil(w->length_s / SLOT_S);
    d->rate = mem_alloc(d->n * sizeof *d->rate);
    for (size_t i = 0; i < d->n; i++)
        d->rate[i] = interpolate(h, ((double)i + .5) * SLOT_S);
}

static void with_drivers(struct demand *d, struct hourly *h, const struct subject *s,
                         const struct window *w, const struct drivers *drivers)
{
    struct driven v = {.nterms = 0};
    driven_begin(&v, s, w, drivers);
    d->slot_s = DRIVEN_SLOT_S;
    d->t0 = v.grid.t0;
    d->n = v.grid.n;
    d->rate = mem_alloc(d->n * sizeof *d->rate);
    fit_driven(h, &v, d->rate);
    driven_free(&v);
}

void demand_fit(struct demand *d, const struct subject *s, const struct window *w,
                const struct drivers *drivers)
{
    struct hourly h = {0};
    hours_begin(&h, s, w);
    fit_hours(&h);
    *d = (struct demand){.slot_s = SLOT_S};
    if (drivers && drivers->n > 0)
        with_drivers(d, &h, s, w, drivers);
    else
        without_drivers(d, &h, w);
    d->cum = mem_zero(d->n + 1, sizeof *d->cum);
    for (size_t i = 0; i < d->n; i++) {
        double from = d->t0 + (double)i * d->slot_s;
        d->cum[i + 1] = d->cum[i] + d->rate[i] * window_live_between(w, from, from + d->slot_s);
    }
    d->factor = mem_alloc(s->nstreams * sizeof *d->factor);
    for (size_t i = 0; i < s->nstreams; i++)
        d->factor[i] = s->nstreams == 1 ? 1 : stream_factor(d, &s->streams[i], w->length_s);
    free(h.y);
    free(h.hours);
    free(h.day);
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

static double cumulated(const struct demand *d, double t)
{
    double at = fmin(fmax((t - d->t0) / d->slot_s, 0), (double)d->n);
    size_t i = (size_t)at;
    return i < d->n ? d->cum[i] + (at - (double)i) * (d->cum[i + 1] - d->cum[i]) : d->cum[d->n];
}

double demand_between(const struct demand *d, double from, double to)
{
    return cumulated(d, to) - cumulated(d, from);
}
