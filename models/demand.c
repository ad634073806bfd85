/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/demand.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum { HOURS = 24, LEVELS = 2 * HOURS, ROUNDS = 2 };
static const double SLOT_S = 600, HOUR_S = 3600;

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

static void fit_hours(struct hourly *h, const struct subject *s, const struct window *w)
{
    h->grid = grid_make(w, HOUR_S);
    h->y = mem_zero(h->grid.n, sizeof *h->y);
    h->hours = mem_zero(h->grid.n, sizeof *h->hours);
    bucket_fill(s, &h->grid, h->y);
    exposure_fill(s, w, &h->grid, h->hours);
    h->ndays = h->grid.n ? day_of(h, h->grid.n - 1) + 1 : 0;
    h->day = mem_alloc(h->ndays * sizeof *h->day);
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

void demand_fit(struct demand *d, const struct subject *s, const struct window *w)
{
    struct hourly h = {0};
    fit_hours(&h, s, w);
    *d = (struct demand){.slot_s = SLOT_S, .n = (size_t)ceil(w->length_s / SLOT_S)};
    d->rate = mem_alloc(d->n * sizeof *d->rate);
    d->cum = mem_zero(d->n + 1, sizeof *d->cum);
    for (size_t i = 0; i < d->n; i++) {
        double from = (double)i * SLOT_S;
        d->rate[i] = interpolate(&h, from + SLOT_S / 2);
        d->cum[i + 1] = d->cum[i] + d->rate[i] * window_live_between(w, from, from + SLOT_S);
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
    if (!(t >= 0) || t >= (double)d->n * d->slot_s)
        return 0;
    return d->rate[(size_t)(t / d->slot_s)];
}

static double cumulated(const struct demand *d, double t)
{
    double at = fmin(fmax(t / d->slot_s, 0), (double)d->n);
    size_t i = (size_t)at;
    return i < d->n ? d->cum[i] + (at - (double)i) * (d->cum[i + 1] - d->cum[i]) : d->cum[d->n];
}

double demand_between(const struct demand *d, double from, double to)
{
    return cumulated(d, to) - cumulated(d, from);
}
