/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * eventful - worlds in which it is known whether look-ups have to do with dates: 142 days
 * of a client's look-ups of target.example and of twelve other names, each through a cache
 * of one hour.
 *
 *     struct eventful w = {.per_day = 12, .on_dates = 6};
 *     struct counts *c = eventful_draw(&w, &rng);
 *     struct study *s = eventful_study(c);       // tests/data/study-events.yaml
 */
#ifndef TESTS_EVENTFUL_H
#define TESTS_EVENTFUL_H

#include <math.h>
#include <stdlib.h>

#include "models/verdict.h"
#include "tests/made.h"

enum { EVENTFUL_DAYS = 142, EVENTFUL_DATE = 113, EVENTFUL_NAMES = 12, EVENTFUL_TTL = 3600 };

/* Days of tests/data/study-events.csv, from 1 January 1973. */
static const int eventful_dates[] = {5, 17, 23, 38, 49, 54, 70, 83, 91, 106, 118, 131};
static const int64_t eventful_start = 94694400; /* 1973-01-01, a Monday */

struct eventful {
    double per_day;          /* mean demand of each name */
    double shape;            /* of a Gamma factor of each name's day; 0: none */
    double memory, spread;   /* AR(1) of the log of its days: correlation, sd; 0: none */
    double diurnal;          /* amplitude of a daily cosine */
    double on_dates;         /* factor of target's days on the dates; 0: 1 */
    double after, all_after; /* factor from day EVENTFUL_DATE on: target's, everybody's; 0: 1 */
    int silent_from, silent_to; /* days in which nobody asks; equal: none */
    bool codes;                 /* answers carry response codes */
    bool gone;                  /* target's from that day on are name errors */
};

static inline double eventful_factor(const struct eventful *w, bool target, int day)
{
    double f = day >= w->silent_from && day < w->silent_to ? 0 : 1;
    for (size_t i = 0; i < sizeof eventful_dates / sizeof *eventful_dates; i++)
        if (target && w->on_dates > 0 && eventful_dates[i] == day)
            f *= w->on_dates;
    if (day >= EVENTFUL_DATE && target && w->after > 0)
        f *= w->after;
    if (day >= EVENTFUL_DATE && w->all_after > 0)
        f *= w->all_after;
    return f;
}

static inline void eventful_pair(const struct eventful *w, struct rng *r, struct made *m,
                                 const char *name, bool target)
{
    double x = w->spread > 0 ? w->spread * rng_normal(r) : 0, lives_until = 0;
    for (int day = 0; day < EVENTFUL_DAYS; day++) {
        double shock = w->shape > 0 ? rng_gamma(r, w->shape, 1 / w->shape) : 1;
        double rate = w->per_day / 86400 * shock * exp(x - w->spread * w->spread / 2) *
                      eventful_factor(w, target, day);
        double top = rate * (1 + w->diurnal), t = day * 86400.0;
        if (w->spread > 0)
            x = w->memory * x + sqrt(1 - w->memory * w->memory) * w->spread * rng_normal(r);
        while (top > 0 && (t += rng_exponential(r, 1 / top)) < (day + 1) * 86400.0) {
            double share =
                (1 + w->diurnal * cos(2 * M_PI * (t / 86400 - .6))) / (1 + w->diurnal);
            if (rng_unit(r) >= share || t < lives_until)
                continue;
            made_add(m, "192.0.2.1", name, 1, eventful_start + (int64_t)t, 1);
            lives_until = t + EVENTFUL_TTL;
        }
    }
}

/* Marks of response codes behind a pair's series: name errors for its look-ups from the
 * date on, where the name is gone. */
static inline void eventful_codes(struct counts *c, struct counts_pair *p, bool gone)
{
    int64_t date = eventful_start + (int64_t)EVENTFUL_DATE * 86400;
    uint64_t missing = 0;
    for (struct series_iter it = series_begin(counts_series(p), p->first); series_next(&it);)
        missing += gone && it.tick >= date ? it.count : 0;
    unsigned char *out = arena_alloc(&c->bytes, p->series_n + 60);
    memcpy(out, p->bytes, p->series_n);
    size_t n = p->series_n;
    const uint64_t marks[] = {MARK_RCODE, 0, p->total - missing, MARK_RCODE, 3, missing};
    for (size_t i = 0; i < (missing ? 6 : 3); i++)
        n += varint_put(out + n, marks[i]);
    p->marks_n = (uint32_t)(n - p->series_n);
    p->bytes = (const char *)out;
}

static inline struct counts *eventful_draw(const struct eventful *w, struct rng *r)
{
    struct made m = {0};
    eventful_pair(w, r, &m, "target.example", true);
    for (int i = 0; i < EVENTFUL_NAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, "p%02d.example", i);
        eventful_pair(w, r, &m, name, false);
    }
    struct counts *c = made_counts(&m, eventful_start, eventful_start + EVENTFUL_DAYS * 86400);
    uint32_t target = counts_name(c, span_of("target.example"));
    for (size_t i = 0; w->codes && i < c->npairs; i++)
        eventful_codes(c, &c->pairs[i], w->gone && c->pairs[i].name == target);
    return c;
}

/* The study, resolved; NULL with a message where that fails. */
static inline struct study *eventful_study(const struct counts *c, struct err *err)
{
    struct study *s;
    if (study_read(&s, "tests/data/study-events.yaml", NULL, err) < 0)
        return NULL;
    if (study_resolve(s, c, err) == 0)
        return s;
    study_free(s);
    return NULL;
}

static inline const struct study_claim *eventful_claim(const struct study *s, const char *id)
{
    size_t i = 0;
    while (i < s->nclaims && strcmp(s->claims[i].id, id) != 0)
        i++;
    return i < s->nclaims ? &s->claims[i] : NULL;
}

#endif
