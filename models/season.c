/* SPDX-License-Identifier: GPL-3.0-or-later
 * THE SEASON TABLE. A bucket stands for the local time at its middle. */
#include "models/season.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S, WORK_DAYS = 5 };

/* min_events: ten a parameter. */
const struct season season_table[] = {
    {"const", "one rate", "methods.md A1", 0, 0, 0, 1},
    {"day1", "one harmonic of 24 h", "methods.md A3", 1, 0, 0, 30},
    {"week21", "two harmonics of 24 h, one of 168 h", "methods.md A3", 2, 1, 0, 70},
    {"week32", "three harmonics of 24 h, two of 168 h", "methods.md A3", 3, 2, 0, 110},
    {"hours48", "24 hours, on weekdays and at weekends", "methods.md A3", 0, 0, 48, 480},
    {"hours168", "every hour of the week", "methods.md A3", 0, 0, 168, 1680},
    {0},
};

const struct season *season_find(const char *name)
{
    for (const struct season *s = season_table; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

/* Seconds since local Monday midnight, 0 <= s < one week. */
static double second_of_week(double unix_s, const struct tz *zone)
{
    double local = unix_s + (zone ? tz_offset(zone, (int64_t)floor(unix_s)) : 0);
    local += 3 * DAY_S; /* 1970-01-01 was a Thursday */
    return local - floor(local / WEEK_S) * WEEK_S;
}

static double middle_of(const struct grid *g, size_t i)
{
    return (double)g->first_s + ((double)i + .5) * g->width;
}

static uint16_t level_of(double second, int levels)
{
    int hour = (int)(second / 3600), day = hour / 24;
    if (levels == 168)
        return (uint16_t)hour;
    return (uint16_t)(hour % 24 + (day >= WORK_DAYS ? 24 : 0));
}

/* Sine and cosine of 1..n turns a period; returns the next free column. */
static size_t add_harmonics(struct season_design *d, size_t column, int n, double period_s,
                            const double *second)
{
    for (int k = 1; k <= n; k++) {
        double *sine = d->covariates + column++ * d->glm.n;
        double *cosine = d->covariates + column++ * d->glm.n;
        for (size_t i = 0; i < d->glm.n; i++) {
            double angle = 2 * M_PI * k * second[i] / period_s;
            sine[i] = sin(angle);
            cosine[i] = cos(angle);
        }
    }
    return column;
}

static void add_levels(struct season_design *d, int levels, const double *second)
{
    d->level = mem_alloc(d->glm.n * sizeof *d->level);
    for (size_t i = 0; i < d->glm.n; i++)
        d->level[i] = level_of(second[i], levels);
    d->glm.nfactors = 1;
    d->glm.level[0] = d->level;
    d->glm.nlevels[0] = (size_t)levels;
}

static bool on_holiday(const struct holidays *h, double unix_s, const struct tz *zone)
{
    double local = unix_s + (zone ? tz_offset(zone, (int64_t)floor(unix_s)) : 0);
    return holidays_on(h, (int64_t)floor(local / DAY_S));
}

static bool has_holiday(const struct holidays *h, const struct grid *g, const struct tz *zone)
{
    for (size_t i = 0; h && i < g->n; i++)
        if (on_holiday(h, middle_of(g, i), zone))
            return true;
    return false;
}

/* A week apart at the same second; where there is one rate, all. */
static void add_twins(struct season_design *d, const struct season *s, const struct grid *g,
                      const double *second)
{
    size_t week = s->levels || s->daily || s->weekly ? (size_t)(WEEK_S / g->width) : 1;
    d->twin = mem_alloc(g->n * sizeof *d->twin);
    for (size_t i = 0; i < g->n; i++) {
        bool again = i >= week && (week == 1 || second[i] == second[i - week]);
        d->twin[i] = again ? d->twin[i - week] : (uint32_t)i;
    }
    d->glm.twin = d->twin;
}

void season_design(struct season_design *d, const struct season *s, const struct grid *g,
                   const struct tz *zone, const struct season_extras *extras)
{
    bool trend = extras && extras->trend;
    bool holiday = extras && has_holiday(extras->holidays, g, zone);
    size_t columns = 2 * (size_t)(s->daily + s->weekly) + trend + holiday;
    *d = (struct season_design){.glm = {.n = g->n}};
    double *second = mem_alloc(g->n * sizeof *second);
    for (size_t i = 0; i < g->n; i++)
        second[i] = second_of_week(middle_of(g, i), zone);
    if (s->levels)
        add_levels(d, s->levels, second);
    d->covariates = mem_alloc(columns * g->n * sizeof *d->covariates);
    size_t column = add_harmonics(d, 0, s->daily, DAY_S, second);
    column = add_harmonics(d, column, s->weekly, WEEK_S, second);
    for (size_t i = 0; i < g->n; i++) {
        if (trend)
            d->covariates[column * g->n + i] = ((double)i + .5) / (double)g->n - .5;
        if (holiday)
            d->covariates[(column + trend) * g->n + i] =
                on_holiday(extras->holidays, middle_of(g, i), zone);
    }
    d->glm.ncovariates = columns;
    if (!trend && !holiday)
        add_twins(d, s, g, second);
    for (size_t i = 0; i < columns; i++)
        d->glm.covariate[i] = d->covariates + i * g->n;
    free(second);
}

void season_design_free(struct season_design *d)
{
    free(d->level);
    free(d->twin);
    free(d->covariates);
    *d = (struct season_design){0};
}
