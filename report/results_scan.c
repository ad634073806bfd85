/* SPDX-License-Identifier: GPL-3.0-or-later
 * The scan of the whole case beside the claims: their pairs were named, these were not. */
#include "report/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/scan.h"
#include "report/plots.h"
#include "report/value.h"

/* As `scan` has them; rows listed; points that a picture can hold apart, each way. */
enum { MIN_COUNT = 10, ROWS = 40, ACROSS = 240, UP = 120 };

enum { OTHERS, CLAIMED, UNUSUAL, SORTS };

struct overview {
    const struct study *study;
    const struct counts *c;
    const struct claim_result *claims;
    struct scan scan;
    size_t *order; /* of level rows in state ok, least p first */
    size_t n, unusual, listed;
};

static const struct scan_row *row_at(const struct overview *o, size_t i)
{
    return &o->scan.rows[o->order[i]];
}

static int by_p(const void *a, const void *b, void *scan)
{
    const struct scan *s = scan;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    double x = s->rows[i].log_p_tested, y = s->rows[j].log_p_tested;
    return x != y ? (x > y) - (x < y) : (i > j) - (i < j);
}

static void rank_rows(struct overview *o)
{
    o->order = mem_alloc((o->scan.npairs + 1) * sizeof *o->order);
    for (size_t i = SCAN_LEVEL; i < o->scan.nrows; i += 2)
        if (o->scan.rows[i].state == SCAN_OK)
            o->order[o->n++] = i;
    if (o->n)
        qsort_r(o->order, o->n, sizeof *o->order, by_p, &o->scan);
    for (size_t i = 0; i < o->n; i++)
        o->unusual += row_at(o, i)->log_q <= log(o->study->alpha);
}

/* Claims that are about the pair; NULL: none is. */
static json_t *claims_of(const struct overview *o, const struct scan_row *row)
{
    const struct scan_pair *p = &o->scan.pairs[row->pair];
    json_t *list = NULL;
    for (size_t i = 0; i < o->study->nclaims; i++) {
        const struct trial *t = &o->claims[i].trial;
        if (!trial_has(&t->a, p->client, p->name) && !trial_has(&t->b, p->client, p->name))
            continue;
        list = list ? list : json_array();
        json_array_append_new(list, json_string(o->study->claims[i].id));
    }
    return list;
}

static json_t *row_json(const struct overview *o, size_t rank, json_t *claims)
{
    const struct scan_row *r = row_at(o, rank);
    const struct scan_pair *p = &o->scan.pairs[r->pair];
    struct span client = o->c->clients[p->client], name = o->c->names[p->name];
    json_t *j =
        json_pack("{s:s%, s:s%, s:o, s:I, s:I, s:I}", "client", client.p, client.n, "name",
                  name.p, name.n, "claims", claims, "rank", (json_int_t)rank + 1, "lookups",
                  (json_int_t)r->lookups, "observed", (json_int_t)r->observed);
    value_set_real(j, "expected", r->expected);
    value_set_real(j, "lo", r->lo);
    value_set_real(j, "hi", r->hi);
    value_set_p(j, "p", r->log_p_tested);
    value_set_p(j, "q", r->log_q);
    return j;
}

/* --- the picture ------------------------------------------------------------------------ */

/* One point for each cell of a raster as fine as the picture; pairs of claims all. */
struct points {
    json_t *x[SORTS], *y[SORTS];
    bool *taken;
    double lo, hi, top; /* ln of the ratio; -log10 p */
};

static double ratio_of(const struct scan_row *r)
{
    return (double)r->observed / r->expected;
}

static double height_of(const struct scan_row *r)
{
    return -r->log_p_tested / M_LN10;
}

static void add_point(struct points *v, const struct scan_row *r, int sort)
{
    double x = v->hi > v->lo ? (log(ratio_of(r)) - v->lo) / (v->hi - v->lo) : 0;
    double y = v->top > 0 ? height_of(r) / v->top : 0;
    size_t at = (size_t)(x * (ACROSS - 1)) * UP + (size_t)(y * (UP - 1));
    if (sort != CLAIMED && v->taken[at])
        return;
    v->taken[at] = true;
    plot_point(v->x[sort], ratio_of(r));
    plot_point(v->y[sort], height_of(r));
}

static struct points points_make(const struct overview *o)
{
    struct points v = {
        .taken = mem_zero(ACROSS * UP, sizeof *v.taken), .lo = INFINITY, .hi = -INFINITY};
    for (int k = 0; k < SORTS; k++) {
        v.x[k] = json_array();
        v.y[k] = json_array();
    }
    for (size_t i = 0; i < o->n; i++) {
        v.lo = fmin(v.lo, log(ratio_of(row_at(o, i))));
        v.hi = fmax(v.hi, log(ratio_of(row_at(o, i))));
        v.top = fmax(v.top, height_of(row_at(o, i)));
    }
    return v;
}

static json_t *points_series(struct points *v, double alpha)
{
    char unusual[80];
    snprintf(unusual, sizeof unusual, "unusual: q at most %g", alpha);
    const char *const names[SORTS] = {"other pairs", "pairs of the claims", unusual};
    json_t *series = json_array();
    for (int k = 0; k < SORTS; k++)
        if (json_array_size(v->x[k])) {
            json_array_append_new(series, plot_series(names[k], "points", v->x[k], v->y[k]));
        } else {
            json_decref(v->x[k]);
            json_decref(v->y[k]);
        }
    free(v->taken);
    return series;
}

static json_t *volcano(const struct overview *o, struct points *v)
{
    json_t *plots = json_array(), *series = points_series(v, o->study->alpha);
    char alt[400];
    snprintf(
        alt, sizeof alt,
        "%zu pairs of client and name by how many times their sessions exceed what the other "
        "pairs lead to expect, and by how unusual that is; %zu are unusual after the search "
        "over all (q at most %g); %zu of the claims. Points that would lie on one another "
        "are drawn once.",
        o->n, o->unusual, o->study->alpha, o->listed);
    if (o->n >= 2)
        plot_add(plots,
                 (struct plot_text){"volcano", "volcano", "Scan of all pairs",
                                    "sessions over expectation", "-log10 p of so many or more",
                                    "log", NULL},
                 alt, series);
    else
        json_decref(series);
    return plots;
}

/* --- the whole --------------------------------------------------------------------------- */

json_t *results_scan(const struct study *s, const struct counts *c,
                     const struct claim_result *claims)
{
    struct overview o = {.study = s, .c = c, .claims = claims};
    struct scan_opts opts = {.bucket_s = s->bucket_s,
                             .session_s = s->session_s,
                             .min_count = MIN_COUNT,
                             .levels = true,
                             .tail = 1,
                             .seed = s->seed,
                             .threads = s->nclaims ? claims[0].trial.threads : 1};
    if (scan_run(&o.scan, c, &opts, NULL, NULL, NULL) < 0)
        return json_null();
    rank_rows(&o);
    struct points v = points_make(&o);
    json_t *rows = json_array();
    for (size_t i = 0; i < o.n; i++) {
        const struct scan_row *r = row_at(&o, i);
        json_t *own = claims_of(&o, r);
        add_point(&v, r, own ? CLAIMED : r->log_q <= log(s->alpha) ? UNUSUAL : OTHERS);
        o.listed += own != NULL;
        if (own && o.listed <= ROWS)
            json_array_append_new(rows, row_json(&o, i, own));
        else
            json_decref(own);
    }
    json_t *j = json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:o}", "pairs",
                          (json_int_t)o.scan.npairs, "tested", (json_int_t)o.n, "unusual",
                          (json_int_t)o.unusual, "of_claims", (json_int_t)o.listed, "min_count",
                          (json_int_t)MIN_COUNT, "alpha", s->alpha, "rows", rows);
    json_object_set_new(j, "plots", volcano(&o, &v));
    free(o.order);
    scan_free(&o.scan);
    return j;
}
