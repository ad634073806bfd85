/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/dayoff.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "stats/rng.h"

enum { QUARTER = 900, DAY = 86400, MOVES = 2 * DAYOFF_WEEKS + 1, BRIDGE = 3 };

/* Local days of the window. */
struct calendar {
    size_t n;
    double *y, *e; /* sessions, hours at risk; one allocation */
    bool *off, *taken;
};

/* An occasion's residuals: sessions less those at the rate of all its moves; the first is
 * its own. */
struct occasion {
    size_t moves; /* without itself */
    double residual[MOVES];
};

static size_t day_of(const struct tz *zone, int64_t unix_s, int64_t first)
{
    return (size_t)(floor_div(unix_s + (zone ? tz_offset(zone, unix_s) : 0), DAY) - first);
}

static void read_calendar(struct calendar *c, const struct subject *s, const struct window *w,
                          const struct holidays *h, const struct tz *zone)
{
    struct grid g = grid_make(w, QUARTER);
    double *y = mem_zero(2 * g.n, sizeof *y), *e = y + g.n;
    int64_t first = (int64_t)day_of(zone, g.first_s, 0);
    bucket_fill(s, &g, y);
    exposure_fill(s, w, &g, e);
    c->n = g.n / (DAY / QUARTER) + 3; /* a day more where clocks go back */
    c->y = mem_zero(2 * c->n, sizeof *c->y);
    c->e = c->y + c->n;
    c->off = mem_zero(2 * c->n, sizeof *c->off);
    c->taken = c->off + c->n;
    for (size_t i = 0; i < g.n; i++) {
        size_t day = day_of(zone, g.first_s + QUARTER * (int64_t)i, first);
        c->y[day] += y[i];
        c->e[day] += e[i];
    }
    for (size_t i = 0; i < c->n; i++)
        c->off[i] = holidays_on(h, first + (int64_t)i);
    free(y);
}

/* Sums over the days off in [from, to), moved; false where they cannot be moved there. */
static bool moved(const struct calendar *c, size_t from, size_t to, int weeks, double *ret_y,
                  double *ret_e)
{
    *ret_y = *ret_e = 0;
    for (size_t i = from; i < to; i++) {
        int64_t at = (int64_t)i + 7 * weeks;
        if (!c->off[i])
            continue;
        if (at < 0 || at >= (int64_t)c->n || (weeks && (c->off[at] || c->taken[at])))
            return false;
        *ret_y += c->y[at];
        *ret_e += c->e[at];
    }
    return *ret_e > 0;
}

static void take(struct calendar *c, size_t from, size_t to, int weeks)
{
    for (size_t i = from; i < to; i++)
        if (c->off[i])
            c->taken[(int64_t)i + 7 * weeks] = true;
}

/* The occasion in [from, to): its residuals, and what it adds to the sums. */
static struct occasion read_occasion(struct calendar *c, size_t from, size_t to,
                                     struct dayoff *d, double *above, double *below)
{
    static const int order[] = {0, -1, 1, -2, 2, -3, 3};
    struct occasion o = {0};
    double y[MOVES], e[MOVES], n = 0, all = 0;
    size_t k = 0;
    for (int m = 0; m < MOVES; m++) {
        if (!moved(c, from, to, order[m], &y[k], &e[k])) {
            if (m == 0)
                return o; /* not at risk */
            continue;
        }
        take(c, from, to, order[m]);
        n += y[k], all += e[k];
        k++;
    }
    for (size_t i = 0; i < k; i++)
        o.residual[i] = y[i] - e[i] * n / all;
    o.moves = k - 1;
    if (o.moves == 0)
        return o;
    d->occasions++;
    d->compared += o.moves;
    d->n_in += y[0], d->e_in += e[0];
    d->n_out += n - y[0], d->e_out += all - e[0];
    d->log_least -= log((double)k);
    *above += y[0] * (all - e[0]) / all;
    *below += (n - y[0]) * e[0] / all;
    return o;
}

static void draw_moves(struct dayoff *d, const struct occasion *o, size_t n, uint64_t subject,
                       const struct dayoff_opts *opts)
{
    struct mc upper = {.max = opts->replicates}, lower = upper;
    double observed = 0;
    for (size_t i = 0; i < n; i++)
        observed += o[i].residual[0];
    double rounding = 1e-9 * (1 + d->n_in + d->n_out); /* equal moves are ties */
    for (uint32_t b = 0; b < opts->replicates; b++) {
        struct rng r;
        double sum = 0;
        rng_stream(&r, opts->seed, RNG_NULL, subject, b);
        for (size_t i = 0; i < n; i++)
            sum += o[i].residual[rng_below(&r, (uint32_t)o[i].moves + 1)];
        mc_add(&upper, sum + rounding, observed);
        mc_add(&lower, -sum + rounding, -observed);
    }
    d->upper = upper;
    d->lower = lower;
}

int dayoff_test(struct dayoff *ret, const struct subject *s, const struct window *w,
                const struct holidays *h, const struct dayoff_opts *opts, struct err *err)
{
    struct calendar c;
    struct dayoff d = {0};
    double above = 0, below = 0;
    size_t n = 0;
    read_calendar(&c, s, w, h, opts->zone);
    struct occasion *o = mem_zero(c.n, sizeof *o);
    for (size_t from = 0; from < c.n; from++) {
        size_t to = from + 1;
        if (!c.off[from])
            continue;
        for (size_t i = to; i < c.n && i < to + BRIDGE; i++)
            if (c.off[i])
                to = i + 1;
        o[n] = read_occasion(&c, from, to, &d, &above, &below);
        n += o[n].moves > 0;
        from = to - 1;
    }
    d.ratio = above / below;
    int rc = n == 0 ? err_set(err, ERR_DEGENERATE,
                              "days off: expected one at risk in the window with a like day "
                              "within three weeks, found none")
             : d.n_in + d.n_out > 0
                 ? 0
                 : err_set(err, ERR_DEGENERATE,
                           "days off: expected a session on one or a like day, found none");
    if (rc == 0) {
        draw_moves(&d, o, n, s->id, opts);
        *ret = d;
    }
    free(o);
    free(c.y);
    free(c.off);
    return rc;
}
