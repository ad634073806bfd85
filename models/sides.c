/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/sides.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "stats/split.h"

enum { MIN_BEFORE = 20, MIN_CELLS = 7, TENTHS = 10 };

double sides_date(const struct trial *t)
{
    return (double)(t->claim->date_ns - t->window.from_ns) / (double)NS_PER_S;
}

/* --- both sides -------------------------------------------------------------------------- */

void sides_sums(const double *v, const struct sides *s, double ret[2])
{
    ret[0] = ret[1] = 0;
    for (size_t i = 0; i < s->until; i++)
        ret[0] += v[i];
    for (size_t i = s->at; i < s->at + s->after; i++)
        ret[1] += v[i];
}

static void add_controls(const struct trial *t, struct sides *s)
{
    size_t n = t->cells.grid.n;
    if (!t->ncontrols)
        return;
    double *one = mem_zero(n + 1, sizeof *one);
    s->control_y = mem_zero(n + 1, sizeof *s->control_y);
    s->control_e = mem_zero(n + 1, sizeof *s->control_e);
    for (size_t k = 0; k < t->ncontrols; k++) {
        bucket_fill(&t->control_a[k], &t->cells.grid, one);
        for (size_t i = 0; i < n; i++)
            s->control_y[i] += one[i];
        exposure_fill(&t->control_a[k], &t->window, &t->cells.grid, one);
        for (size_t i = 0; i < n; i++)
            s->control_e[i] += one[i];
    }
    free(one);
    sides_sums(s->control_y, s, s->cy);
    sides_sums(s->control_e, s, s->ce);
    double scale = s->ce[0] > 0 ? s->cy[0] / s->ce[0] : 1;
    for (size_t i = 0; i < n; i++)
        s->control_e[i] *= scale;
    s->ce[0] *= scale;
    s->ce[1] *= scale;
}

double sides_dispersion(const struct sides *s, const double *all_y, const double *all_e,
                        size_t n)
{
    double *mu = mem_zero(3 * n + 1, sizeof *mu), *y = mu + n, *e = y + n, ys[2], es[2];
    for (size_t i = 0; i < n; i++)
        if (i < s->until || i >= s->at) {
            y[i] = all_y[i];
            e[i] = all_e[i];
        }
    sides_sums(y, s, ys);
    sides_sums(e, s, es);
    struct split_best split = {1, s->at, es[0] > 0 ? ys[0] / es[0] : 0,
                               es[1] > 0 ? ys[1] / es[1] : 0};
    double phi = 1 / split_studentised(&split, y, e, n, mu);
    phi /= split_phi_shown(mu, n, s->at);
    free(mu);
    return isfinite(phi) ? fmax(1, phi) : 1;
}

void sides_make(const struct trial *t, struct sides *s)
{
    const struct daycells *c = &t->cells;
    double cell = (sides_date(t) - c->grid.t0) / c->grid.width;
    *s = (struct sides){.until = (size_t)floor(cell + 1e-9), .at = (size_t)ceil(cell - 1e-9)};
    s->after = s->at < c->grid.n ? c->grid.n - s->at : 0;
    sides_sums(c->y, s, s->y);
    sides_sums(c->e, s, s->e);
    add_controls(t, s);
    s->phi = sides_dispersion(s, c->y, c->e, c->grid.n);
    s->control_phi = t->control_cells.y ? sides_dispersion(s, t->control_cells.y,
                                                           t->control_cells.e, c->grid.n)
                                        : NAN;
}

void sides_free(struct sides *s)
{
    free(s->control_y);
    free(s->control_e);
}

/* Bounds of a ratio of two rates, counts worth 1/phi each (Clopper & Pearson on the share
 * of the second, given the total). */
static double ratio_bound(const double y[2], const double e[2], double phi, double level,
                          bool upper)
{
    double share = clustered_share_bound(y[1], y[0] + y[1], phi, level, upper);
    return share < 1 ? share / (1 - share) * e[0] / e[1] : INFINITY;
}

static double ratio(const double y[2], const double e[2])
{
    return e[0] > 0 && e[1] > 0 && y[0] > 0 ? y[1] / e[1] / (y[0] / e[0]) : NAN;
}

static double own_ratio(const struct sides *s)
{
    return s->parts ? clustered_common_ratio(s->part, s->parts) : ratio(s->y, s->e);
}

static double own_bound(const struct sides *s, double level, bool upper)
{
    return s->parts ? clustered_common_bound(s->part, s->parts, s->phi, level, upper)
                    : ratio_bound(s->y, s->e, s->phi, level, upper);
}

double sides_ratio(const struct sides *s)
{
    bool controls = s->control_y && s->cy[0] > 0 && s->cy[1] > 0;
    return own_ratio(s) / (controls ? ratio(s->cy, s->ce) : 1);
}

double sides_bound(const struct sides *s, double level, bool upper)
{
    if (!s->control_y || !(s->cy[0] > 0))
        return own_bound(s, level, upper);
    if (isnan(s->control_phi))
        return NAN;
    double own = own_ratio(s), other = ratio(s->cy, s->ce);
    bool both = own > 0 && other > 0;
    double each = both ? level : 1 - (1 - level) / 2;
    double own_limit = own_bound(s, each, upper);
    double limit = ratio_bound(s->cy, s->ce, s->control_phi, each, !upper);
    return both ? clustered_quotient_bound(own, own_limit, other, limit) : own_limit / limit;
}

/* --- may the ends be read at all? ----------------------------------------------------------
 */

/* Has each tenth of [from, to) that was listened to a look-up of another pair? */
static bool covered(const struct trial *t, double from, double to)
{
    bool seen[TENTHS] = {false};
    size_t unseen = TENTHS;
    for (size_t i = 0; i < t->counts->npairs && unseen; i++) {
        const struct counts_pair *p = &t->counts->pairs[i];
        if (trial_has(&t->a, p->client, p->name))
            continue;
        for (struct series_iter it = series_begin(counts_series(p), p->first);
             series_next(&it);) {
            double at =
                (double)(it.tick * t->counts->tick_ns - t->window.from_ns) / (double)NS_PER_S;
            if (!(at >= from && at < to))
                continue;
            bool *tenth = &seen[(size_t)((at - from) / (to - from) * TENTHS)];
            unseen -= !*tenth;
            *tenth = true;
        }
    }
    return unseen == 0;
}

bool sides_unreadable(const struct trial *t, const struct sides *s, struct null_result *ret)
{
    double date = sides_date(t);
    if (s->until < MIN_CELLS || s->after < 1 || s->y[0] + s->y[1] < MIN_BEFORE ||
        !(s->e[0] > 0) || !(s->e[1] > 0))
        trial_untested(ret, WHY_MIN_DATA,
                       "%.0f sessions in %zu cells before and %.0f in %zu after; %d sessions, "
                       "%d cells before and one whole cell after are needed",
                       s->y[0], s->until, s->y[1], s->after, MIN_BEFORE, MIN_CELLS);
    else if (t->window.inferred &&
             (!covered(t, 0, date) || !covered(t, date, t->window.length_s)))
        trial_untested(ret, WHY_LIVE_INFERRED,
                       "listening time was inferred, and other pairs do not cover the window "
                       "on both sides of the date (ingest --live)");
    return ret->why != WHY_NONE;
}

double sides_room(const struct trial *t, const struct sides *s)
{
    return sides_bound(s, t->level, t->claim->kind->sign > 0);
}
