/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/zone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/tz.h"
#include "stats/mc.h"
#include "stats/rng.h"
#include "stats/tail.h"

/* West to east; where an offset is kept with and without summer time, or with rules that
 * differ, one of each. */
const char *const zone_table[] = {"Pacific/Pago_Pago",
                                  "Pacific/Honolulu",
                                  "Pacific/Marquesas",
                                  "America/Anchorage",
                                  "America/Los_Angeles",
                                  "America/Phoenix",
                                  "America/Denver",
                                  "America/Chicago",
                                  "America/Costa_Rica",
                                  "America/New_York",
                                  "America/Bogota",
                                  "America/Halifax",
                                  "America/Caracas",
                                  "America/Santiago",
                                  "America/St_Johns",
                                  "America/Sao_Paulo",
                                  "America/Argentina/Buenos_Aires",
                                  "America/Noronha",
                                  "Atlantic/Azores",
                                  "Atlantic/Cape_Verde",
                                  "UTC",
                                  "Europe/London",
                                  "Europe/Berlin",
                                  "Africa/Lagos",
                                  "Europe/Kiev",
                                  "Africa/Johannesburg",
                                  "Asia/Jerusalem",
                                  "Europe/Moscow",
                                  "Asia/Tehran",
                                  "Asia/Dubai",
                                  "Asia/Kabul",
                                  "Asia/Karachi",
                                  "Asia/Kolkata",
                                  "Asia/Kathmandu",
                                  "Asia/Dhaka",
                                  "Asia/Yangon",
                                  "Asia/Bangkok",
                                  "Asia/Shanghai",
                                  "Asia/Tokyo",
                                  "Australia/Darwin",
                                  "Australia/Adelaide",
                                  "Australia/Brisbane",
                                  "Australia/Sydney",
                                  "Australia/Lord_Howe",
                                  "Pacific/Guadalcanal",
                                  "Pacific/Auckland",
                                  "Pacific/Fiji",
                                  "Pacific/Chatham",
                                  "Pacific/Tongatapu",
                                  "Pacific/Kiritimati",
                                  NULL};

const char zone_note[] =
    "a human rhythm need not be a human at the client: mail comes in its sender's hours and is "
    "checked at once; and every party of a zone keeps its hours. Hours are taken to be 9 to "
    "18: who "
    "keeps 8 to 17 is told a zone an hour further east";

/* 15 minutes, because zones may start at a quarter; days are turned by half hours. */
enum { SLOT = 900, DAY_SLOTS = 96, TURN = 2, FROM = 9 * 3600, TO = 18 * 3600, DAY = 86400 };

/* Whole UTC days, each laid out twice in running sums, so that a day that was turned is
 * still one stretch: cum_y[d * STRETCH + i] is the sum of the first i slots of day d. */
enum { STRETCH = 2 * DAY_SLOTS + 1, RUNS = 3 };
struct slots {
    size_t days;
    double *cum_y, *cum_hours;
    double sessions, at_risk;
};

/* Working slots of a zone: up to RUNS stretches [from, to) of each day. */
struct mask {
    uint8_t *run; /* days x RUNS x {from, to} */
};

static bool working(const struct tz *z, int64_t utc_s)
{
    int64_t local = utc_s + tz_offset(z, utc_s), day = floor_div(local, DAY);
    int64_t second = local - day * DAY, weekday = (day % 7 + 7 + 3) % 7; /* 0: Monday */
    return weekday < 5 && second >= FROM && second < TO;
}

static double *running_sums(const double *v, size_t days)
{
    double *cum = mem_zero(days * STRETCH, sizeof *cum);
    for (size_t d = 0; d < days; d++)
        for (size_t i = 0; i + 1 < STRETCH; i++)
            cum[d * STRETCH + i + 1] = cum[d * STRETCH + i] + v[d * DAY_SLOTS + i % DAY_SLOTS];
    return cum;
}

static void slots_make(struct slots *ret, const struct subject *s, const struct window *w,
                       int64_t *ret_start_s)
{
    struct grid g = grid_make(w, SLOT);
    int64_t day = floor_div(g.first_s, DAY);
    size_t before = (size_t)((g.first_s - day * DAY) / SLOT);
    size_t days = (before + g.n + DAY_SLOTS - 1) / DAY_SLOTS, n = days * DAY_SLOTS;
    double *y = mem_zero(n, sizeof *y), *hours = mem_zero(n, sizeof *hours);
    bucket_fill(s, &g, y + before);
    exposure_fill(s, w, &g, hours + before);
    *ret = (struct slots){
        .days = days, .cum_y = running_sums(y, days), .cum_hours = running_sums(hours, days)};
    for (size_t i = 0; i < n; i++) {
        ret->sessions += y[i];
        ret->at_risk += hours[i];
    }
    *ret_start_s = day * DAY;
    free(y);
    free(hours);
}

static void slots_free(struct slots *s)
{
    free(s->cum_y);
    free(s->cum_hours);
}

/* --- likelihood ------------------------------------------------------------------------- */

struct sums {
    double n_in, e_in;
};

static double log_likelihood(const struct slots *s, struct sums in, double log_rho)
{
    double out = s->at_risk - in.e_in;
    return in.n_in * log_rho - s->sessions * log((exp(log_rho) * in.e_in + out) / s->at_risk);
}

static double best_ratio(const struct slots *s, struct sums in)
{
    double n_out = s->sessions - in.n_in, e_out = s->at_risk - in.e_in;
    return in.e_in > 0 && n_out > 0 ? in.n_in / in.e_in / (n_out / e_out) : INFINITY;
}

/* Largest gain in ln L over rho = 1, for rho >= 1. */
static double gain(const struct slots *s, struct sums in)
{
    double rho = fmin(best_ratio(s, in), 1e6);
    return rho > 1 ? log_likelihood(s, in, log(rho)) : 0;
}

/* Over ln rho on a grid, half-normal(1): the integrand is smooth and its width is above
 * 1/sqrt(n), so a step of .02 is fine below some 1,000 sessions and 1/(5 sqrt n) above. */
static double log_marginal(const struct slots *s, struct sums in, double scatter)
{
    double step = fmin(.02, .2 / sqrt(s->sessions)), total = -INFINITY;
    for (double x = step / 2; x < 5; x += step)
        total = log_add(total, log_likelihood(s, in, x) / scatter - x * x / 2);
    return total + log(step * sqrt(2 / M_PI));
}

/* Sums inside of day d, turned by so many slots. */
static struct sums sums_of_day(const struct slots *s, const struct mask *mask, size_t d,
                               size_t turn)
{
    struct sums in = {0, 0};
    size_t at = d * STRETCH + turn;
    const uint8_t *run = mask->run + d * 2 * RUNS;
    for (int k = 0; k < RUNS && run[2 * k] < run[2 * k + 1]; k++) {
        in.n_in += s->cum_y[at + run[2 * k + 1]] - s->cum_y[at + run[2 * k]];
        in.e_in += s->cum_hours[at + run[2 * k + 1]] - s->cum_hours[at + run[2 * k]];
    }
    return in;
}

/* Of all days; turn NULL: as they are. */
static struct sums sums_of(const struct slots *s, const struct mask *mask, const size_t *turn)
{
    struct sums in = {0, 0};
    for (size_t d = 0; d < s->days; d++) {
        struct sums day = sums_of_day(s, mask, d, turn ? turn[d] : 0);
        in.n_in += day.n_in;
        in.e_in += day.e_in;
    }
    return in;
}

/* How much more sessions inside scatter about their share of each day's than coins do: some
 * come because others came. At least 1. */
static double scatter_of(const struct slots *s, const struct mask *mask, double ratio)
{
    double squares = 0, variance = 0;
    for (size_t d = 0; d < s->days; d++) {
        struct sums in = sums_of_day(s, mask, d, 0);
        const double *y = s->cum_y + d * STRETCH, *hours = s->cum_hours + d * STRETCH;
        double n = y[DAY_SLOTS], weighed = ratio * in.e_in;
        double share = weighed > 0 ? weighed / (weighed + hours[DAY_SLOTS] - in.e_in) : 0;
        squares += (in.n_in - n * share) * (in.n_in - n * share);
        variance += n * share * (1 - share);
    }
    return variance > 0 ? fmax(1, squares / variance) : 1;
}

/* --- candidates ------------------------------------------------------------------------- */

static int mask_make(struct mask *ret, const struct slots *s, int64_t start_s, const char *name,
                     struct err *err)
{
    struct tz *z;
    int rc = tz_open(&z, name, err);
    if (rc < 0)
        return rc;
    ret->run = mem_zero(s->days * 2 * RUNS, sizeof *ret->run);
    for (size_t d = 0; d < s->days; d++) {
        uint8_t *run = ret->run + d * 2 * RUNS;
        int k = -1;
        bool before = false;
        for (int i = 0; i < DAY_SLOTS; i++) {
            bool now = working(z, start_s + DAY * (int64_t)d + SLOT * i);
            if (now && !before && ++k < RUNS)
                run[2 * k] = (uint8_t)i;
            if (now && k < RUNS)
                run[2 * k + 1] = (uint8_t)(i + 1);
            before = now;
        }
    }
    tz_free(z);
    return 0;
}

static void add_name(struct zone_candidate *c, const char *name)
{
    size_t at = strlen(c->names);
    snprintf(c->names + at, sizeof c->names - at, "%s%s", at ? ", " : "", name);
}

/* One candidate a clock: those of the table that agree in every slot are one. */
static int candidates(struct zones *ret, struct mask *mask, const struct slots *s,
                      int64_t start_s, struct err *err)
{
    for (const char *const *name = zone_table; *name; name++) {
        struct mask one;
        size_t k = 0;
        int rc = mask_make(&one, s, start_s, *name, err);
        if (rc < 0)
            return rc;
        while (k < ret->n && memcmp(mask[k].run, one.run, s->days * 2 * RUNS) != 0)
            k++;
        if (k < ret->n)
            free(one.run);
        else
            mask[ret->n++] = one;
        add_name(&ret->zone[k], *name);
    }
    return 0;
}

static double largest_gain(const struct zones *z, const struct mask *mask,
                           const struct slots *s, const size_t *turn)
{
    double most = 0;
    for (size_t k = 0; k < z->n; k++)
        most = fmax(most, gain(s, sums_of(s, &mask[k], turn)));
    return most;
}

static void rhythm_test(struct zones *ret, const struct mask *mask, const struct slots *s,
                        const struct zone_opts *o, uint64_t subject)
{
    struct mc mc = {.max = o->replicates ? o->replicates : 999, .stop_at = 30};
    size_t *turn = mem_alloc(s->days * sizeof *turn);
    double observed = largest_gain(ret, mask, s, NULL);
    bool more = true;
    for (uint32_t b = 0; more; b++) {
        struct rng r;
        rng_stream(&r, o->seed, RNG_NULL, subject, b);
        for (size_t d = 0; d < s->days; d++)
            turn[d] = TURN * rng_below(&r, DAY_SLOTS / TURN);
        more = mc_add(&mc, largest_gain(ret, mask, s, turn), observed);
    }
    free(turn);
    ret->p_rhythm = mc_p(&mc);
    ret->replicates = mc.replicates;
    ret->told = ret->p_rhythm <= .01;
}

static int by_posterior(const void *a, const void *b)
{
    const struct zone_candidate *x = a, *y = b;
    return (x->posterior < y->posterior) - (x->posterior > y->posterior);
}

static void weigh(struct zones *ret, const struct mask *mask, const struct slots *s)
{
    double total = -INFINITY, held = 0;
    size_t best = 0;
    for (size_t k = 0; k < ret->n; k++) {
        struct zone_candidate *z = &ret->zone[k];
        struct sums in = sums_of(s, &mask[k], NULL);
        z->ratio = best_ratio(s, in);
        z->log_likelihood = log_likelihood(s, in, log(fmin(fmax(z->ratio, 1e-6), 1e6)));
        best = z->log_likelihood > ret->zone[best].log_likelihood ? k : best;
    }
    ret->scatter = scatter_of(s, &mask[best], fmin(ret->zone[best].ratio, 1e6));
    for (size_t k = 0; k < ret->n; k++) {
        ret->zone[k].posterior = log_marginal(s, sums_of(s, &mask[k], NULL), ret->scatter);
        total = log_add(total, ret->zone[k].posterior);
    }
    for (size_t k = 0; k < ret->n; k++)
        ret->zone[k].posterior = exp(ret->zone[k].posterior - total);
    qsort(ret->zone, ret->n, sizeof *ret->zone, by_posterior);
    while (ret->in_set < ret->n && held < .95)
        held += ret->zone[ret->in_set++].posterior;
}

int zone_posterior(struct zones *ret, const struct subject *s, const struct window *w,
                   const struct zone_opts *o, struct err *err)
{
    struct slots slots;
    struct mask mask[ZONE_MAX];
    int64_t start_s;
    if (s->n < ZONE_MIN_SESSIONS || w->length_s < 7 * DAY)
        return err_set(err, ERR_DEGENERATE,
                       "zones: expected %d sessions in a week or more, found %zu in %.1f days",
                       ZONE_MIN_SESSIONS, s->n, w->length_s / DAY);
    slots_make(&slots, s, w, &start_s);
    struct zones z = {0};
    int rc = candidates(&z, mask, &slots, start_s, err);
    if (rc == 0) {
        rhythm_test(&z, mask, &slots, o, s->id);
        weigh(&z, mask, &slots);
        *ret = z;
    }
    for (size_t k = 0; k < z.n; k++)
        free(mask[k].run);
    slots_free(&slots);
    return rc;
}
