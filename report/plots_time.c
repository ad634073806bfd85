/* SPDX-License-Identifier: GPL-3.0-or-later
 * Pictures of when look-ups came, and of how many pairs have more of them. */
#include "report/plots.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/periodic.h"

enum {
    RASTERS = 4,
    RASTER_DAYS = 150,
    SPECTRUM_DRAWN = 500,
    LEVEL_DRAWS = 399,
    RANKS = 200,
    FREQUENCIES = 20000
};

/* Streams of the claim's pair with most sessions, busiest first; returns how many. */
static size_t busiest(const struct subject *s, size_t most, const struct stream **ret)
{
    size_t n = 0;
    for (size_t i = 0; i < s->nstreams; i++) {
        const struct stream *v = &s->streams[i];
        size_t at = n;
        while (at > 0 && ret[at - 1]->n < v->n)
            at--;
        if (at >= most)
            continue;
        n += n < most;
        memmove(ret + at + 1, ret + at, (n - 1 - at) * sizeof *ret);
        ret[at] = v;
    }
    return n;
}

/* --- day x hour ---------------------------------------------------------------------- */

/* Sessions in each hour of each column of `days` days; ret has 24 rows of `columns`. */
static void raster_fill(const struct stream *s, const struct window *w, double days,
                        size_t columns, double *ret)
{
    double from = floor((double)w->from_ns / 8.64e13);
    for (size_t i = 0; i < s->n; i++) {
        double day = ((double)w->from_ns / 1e9 + s->t[i]) / 86400 - from;
        size_t column = (size_t)(day / days), hour = (size_t)((day - floor(day)) * 24);
        if (column < columns && hour < 24)
            ret[hour * columns + column]++;
    }
}

static void raster(const struct trial *t, const struct stream *s, size_t number, json_t *plots)
{
    const struct window *w = &t->window;
    double from = floor((double)w->from_ns / 8.64e13),
           span = ceil((double)w->to_ns / 8.64e13) - from, days = ceil(span / RASTER_DAYS),
           most = 0;
    size_t columns = (size_t)ceil(span / days), filled = 0;
    double *cell = mem_zero(24 * columns, sizeof *cell);
    json_t *x = json_array(), *y = json_array(), *z = json_array(), *series = json_array();
    raster_fill(s, w, days, columns, cell);
    for (size_t i = 0; i < 24 * columns; i++) {
        if (!(cell[i] > 0))
            continue;
        size_t hour = i / columns, column = i % columns;
        plot_point(x, (from + ((double)column + .5) * days) * 86400);
        plot_point(y, (double)hour + .5);
        plot_point(z, cell[i]);
        most = fmax(most, cell[i]);
        filled++;
    }
    free(cell);
    plot_silences(series, w);
    json_t *cells = plot_series("sessions", "cells", x, y);
    json_object_set_new(cells, "y2", z);
    json_object_set_new(cells, "dx", json_real(days * 86400));
    json_object_set_new(cells, "dy", json_real(1));
    json_array_append_new(series, cells);
    struct span client = t->counts->clients[s->client], name = t->counts->names[s->name];
    char id[32], title[400], alt[300];
    snprintf(id, sizeof id, "raster-%zu", number + 1);
    snprintf(title, sizeof title, "Sessions by day and hour: %.*s, %.*s",
             (int)(client.n < 100 ? client.n : 100), client.p,
             (int)(name.n < 255 ? name.n : 255), name.p);
    snprintf(alt, sizeof alt,
             "%zu sessions, one cell an hour of %.0f day%s; %zu of %zu cells have any, at most "
             "%.0f. Grey: the sensor did not listen.",
             s->n, days, days > 1 ? "s" : "", filled, 24 * columns, most);
    plot_add(plots,
             (struct plot_text){id, "raster", title, "day (UTC)", "hour (UTC)", "time", NULL},
             alt, series);
}

/* --- periods -------------------------------------------------------------------------- */

/* The largest power of each of SPECTRUM_DRAWN stretches: what a picture can show. */
static void thin_spectrum(const struct period_grid *g, const double *power, json_t *x,
                          json_t *y)
{
    for (size_t k = 0; k < SPECTRUM_DRAWN; k++) {
        size_t from = g->n * k / SPECTRUM_DRAWN, to = g->n * (k + 1) / SPECTRUM_DRAWN;
        if (from == to)
            continue;
        size_t best = from + period_best(power + from, to - from);
        plot_point(x, 1 / period_frequency(g, best) / 60);
        plot_point(y, power[best]);
    }
}

static json_t *level_line(const char *name, double from, double to, double level)
{
    json_t *x = json_array(), *y = json_array();
    plot_point(x, from);
    plot_point(x, to);
    plot_point(y, level);
    plot_point(y, level);
    return plot_series(name, "line", x, y);
}

/* Power over what the cache makes of even demand, so Exp(1). Rhythms of more than six hours are
 * a matter of the hours' picture. */
static void periodogram(const struct trial *t, const struct stream *s, json_t *plots)
{
    struct periodic_spectrum v;
    struct periodic_opts o = {.most = FREQUENCIES,
                              .replicates = LEVEL_DRAWS,
                              .seed = t->study->seed,
                              .threads = t->threads};
    double alpha = t->study->alpha;
    if (periodic_spectrum_make(&v, s, &t->window, &o, alpha, NULL) < 0)
        return;
    const struct period_grid *g = &v.grid;
    size_t best = period_best(v.power, g->n);
    double most = v.power[best];
    json_t *x = json_array(), *y = json_array(), *series = json_array();
    thin_spectrum(g, v.power, x, y);
    json_array_append_new(series, plot_series("power", "line", x, y));
    char name[80], alt[400], how[100];
    snprintf(name, sizeof name, "level %g of the whole search", alpha);
    json_array_append_new(series, level_line(name, 1 / period_frequency(g, g->n - 1) / 60,
                                             1 / period_frequency(g, 0) / 60, v.level));
    snprintf(how, sizeof how,
             v.replicates ? "by %u logs drawn from such demand" : "by its crossings",
             v.replicates);
    snprintf(
        alt, sizeof alt,
        "The strongest period is %.4g minutes with power %.3g. Even demand behind the cache "
        "reaches %.3g somewhere among the %zu frequencies with chance %g (%s), so this is "
        "%s what it makes.",
        1 / period_frequency(g, best) / 60, most, v.level, g->n, alpha, how,
        most >= v.level ? "beyond" : "within");
    plot_add(plots,
             (struct plot_text){"periodogram", "periodogram",
                                "Periods, over what a cache makes of even demand",
                                "period (minutes)", "power", "log", NULL},
             alt, series);
    periodic_spectrum_free(&v);
}

/* --- rank ----------------------------------------------------------------------------- */

/* Pairs with more look-ups than `total`, plus one; `sorted` descends. */
static size_t rank_of(const double *sorted, size_t n, double total)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t middle = lo + (hi - lo) / 2;
        if (sorted[middle] > total)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo + 1;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

struct ranks {
    double *sorted;
    size_t n, best; /* pairs; best rank of the last series made */
};

static json_t *ranked(struct ranks *r, const struct counts *c, const struct subject *v,
                      size_t n, const char *name)
{
    json_t *x = json_array(), *y = json_array();
    r->best = r->n;
    for (size_t i = 0; i < c->npairs; i++)
        for (size_t k = 0; k < n; k++)
            if (trial_has(&v[k], c->pairs[i].client, c->pairs[i].name) &&
                json_array_size(x) < RANKS) {
                double total = (double)c->pairs[i].total;
                size_t rank = rank_of(r->sorted, r->n, total);
                r->best = rank < r->best ? rank : r->best;
                plot_point(x, (double)rank);
                plot_point(y, total);
                break;
            }
    return plot_series(name, "points", x, y);
}

/* Ranks at even steps of their logarithm. */
static json_t *rank_curve(const struct ranks *r)
{
    json_t *x = json_array(), *y = json_array();
    size_t before = 0;
    for (size_t k = 0; k <= RANKS; k++) {
        size_t rank = (size_t)llround(exp(log((double)r->n) * (double)k / RANKS));
        if (rank == before)
            continue;
        before = rank;
        plot_point(x, (double)rank);
        plot_point(y, r->sorted[rank - 1]);
    }
    return plot_series("all pairs", "line", x, y);
}

static void rank_plot(const struct trial *t, json_t *plots)
{
    const struct counts *c = t->counts;
    struct ranks r = {mem_zero(c->npairs, sizeof(double)), 0, 0};
    for (size_t i = 0; i < c->npairs; i++)
        if (c->pairs[i].total > 0)
            r.sorted[r.n++] = (double)c->pairs[i].total;
    qsort(r.sorted, r.n, sizeof *r.sorted, descending);
    if (r.n >= 2) {
        char alt[300], among[100] = "";
        json_t *series = json_array(), *own = ranked(&r, c, &t->a, 1, "of this claim");
        size_t best = r.best;
        json_array_append_new(series, rank_curve(&r));
        json_array_append_new(series, own);
        if (t->npeers) {
            json_t *peers = ranked(&r, c, t->peers, t->npeers, "comparable");
            snprintf(among, sizeof among, "; the first of %zu comparable ones has rank %zu",
                     json_array_size(json_object_get(peers, "x")), r.best);
            json_array_append_new(series, peers);
        }
        snprintf(alt, sizeof alt,
                 "Look-ups of each of %zu pairs of client and name, most first. The claim's "
                 "first pair has rank %zu%s. A rank is no test.",
                 r.n, best, among);
        plot_add(plots,
                 (struct plot_text){"rank", "rank", "Rank among all pairs of the count file",
                                    "rank", "look-ups", "log", "log"},
                 alt, series);
    }
    free(r.sorted);
}

void plots_time(const struct trial *t, json_t *plots)
{
    const struct stream *top[RASTERS];
    size_t n = busiest(&t->a, RASTERS, top);
    for (size_t i = 0; i < n; i++)
        if (top[i]->n > 0)
            raster(t, top[i], i, plots);
    if (n && t->claim->b_client == SIZE_MAX)
        periodogram(t, top[0], plots);
    rank_plot(t, plots);
}
