/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/peers.h"
#include "stats/dispersion.h"
#include "stats/order.h"

/* The case's (client, name) pairs with their sessions. */
struct cells {
    struct peers_cell *cell;
    size_t n, at; /* at: the pair's; n if it is not among them */
};

static void make_subject(struct subject *ret, const struct counts *c, const struct window *w,
                         const struct peers_cell *p, const struct group_opts *o)
{
    struct selection sel = {&p->client, &p->name, 1, 1};
    subject_make(ret, c, &sel, w, o->session_s, o->ttl_s);
}

static void read_cells(struct cells *k, const struct counts *c, const struct window *w,
                       uint32_t client, uint32_t name, const struct group_opts *o)
{
    *k = (struct cells){.cell = mem_alloc((c->npairs + 1) * sizeof *k->cell), .at = SIZE_MAX};
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        struct peers_cell *last = k->n ? &k->cell[k->n - 1] : NULL;
        if (last && last->client == p->client && last->name == p->name)
            continue; /* another type of the same pair */
        if (p->client == client && p->name == name)
            k->at = k->n;
        k->cell[k->n++] = (struct peers_cell){p->client, p->name, 0};
    }
    for (size_t i = 0; i < k->n; i++) {
        struct subject s;
        make_subject(&s, c, w, &k->cell[i], o);
        k->cell[i].x = s.n;
        subject_free(&s);
    }
}

/* The tenth of names by volume that a total lies in. */
static int tenth_of(const double *sorted, size_t n, double total)
{
    size_t below = 0;
    while (below < n && sorted[below] < total)
        below++;
    return (int)(10 * below / (n ? n : 1));
}

/* The pair's ratio beside those of the other members that have an expectation. */
static void beside_controls(struct group *ret, const double *x, const double *expected,
                            size_t n, size_t at)
{
    double *y = mem_alloc((2 * n + 1) * sizeof *y), *se = y + n;
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (i != at && expected[i] >= GROUP_CONTROL) {
            y[k] = log((x[i] + .5) / expected[i]);
            se[k++] = 1 / sqrt(x[i] + .5);
        }
    ret->log_p_controls = NAN;
    if (controls_fit(&ret->controls, y, se, k, NULL) == 0 && ret->expected > 0)
        ret->log_p_controls = controls_log_p(&ret->controls, log((x[at] + .5) / ret->expected),
                                             1 / sqrt(fmin(x[at] + .5, ret->expected)));
    free(y);
}

static int rate_of(struct group *ret, const struct counts *c, const struct cells *k,
                   struct err *err)
{
    struct peers p;
    double *x = mem_alloc(2 * k->n * sizeof *x), *expected = x + k->n;
    peers_make(&p, k->cell, k->n, c->nclients, c->nnames, 1);
    double *sorted = mem_alloc((c->nnames + 1) * sizeof *sorted);
    memcpy(sorted, p.name, c->nnames * sizeof *sorted);
    order_sort(sorted, c->nnames);
    int tenth = tenth_of(sorted, c->nnames, p.name[k->cell[k->at].name]);
    for (size_t i = 0; i < k->n; i++) {
        bool same = tenth_of(sorted, c->nnames, p.name[k->cell[i].name]) == tenth;
        double e = peers_expected(&p, i);
        x[i] = (double)k->cell[i].x;
        expected[i] = same && e > 0 ? e : 0;
    }
    ret->sessions = x[k->at];
    ret->expected = peers_expected(&p, k->at);
    int rc = ret->expected > 0 ? shrink_rate(&ret->rate, x, expected, k->n, k->at, err)
                               : err_set(err, ERR_DEGENERATE,
                                         "group: expected others that ask for the name, and "
                                         "other names of the client, found none");
    beside_controls(ret, x, expected, k->n, k->at);
    peers_free(&p);
    free(sorted);
    free(x);
    return rc;
}

/* ln theta of a pair's buckets at one rate; false where there is no overdispersion to see. */
static bool theta_of(const struct subject *s, const struct window *w, const struct grid *g,
                     double *ret_log_theta, double *ret_se, double *ret_ml)
{
    struct glm_design one = {.n = g->n};
    struct glm *fit = glm_new();
    double *y = mem_zero(2 * g->n, sizeof *y), *hours = y + g->n;
    bucket_fill(s, g, y);
    exposure_fill(s, w, g, hours);
    *ret_ml = glm_fit(fit, y, hours, &one, GLM_NEGBIN, NULL) == 0 && !fit->poisson_limit
                  ? fit->theta
                  : INFINITY;
    bool seen = dispersion_log_theta(fit, y, hours, &one, ret_log_theta, ret_se) == 0;
    glm_free(fit);
    free(y);
    return seen;
}

static int by_sessions(const void *a, const void *b)
{
    const struct peers_cell *x = a, *y = b;
    if (x->x != y->x)
        return x->x < y->x ? 1 : -1;
    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    return (x->name > y->name) - (x->name < y->name);
}

static void scatter_of(struct group *ret, const struct counts *c, const struct window *w,
                       const struct grid *g, struct cells *k, const struct group_opts *o)
{
    struct peers_cell own = k->cell[k->at];
    double log_theta[GROUP_OTHERS], se[GROUP_OTHERS], own_log, ml;
    struct subject s;
    size_t n = 0;
    make_subject(&s, c, w, &own, o);
    theta_of(&s, w, g, &own_log, &ret->theta_se, &ret->theta_ml);
    subject_free(&s);
    ret->theta = exp(own_log);
    qsort(k->cell, k->n, sizeof *k->cell, by_sessions);
    for (size_t i = 0; i < k->n && n < GROUP_OTHERS && k->cell[i].x >= GROUP_LEAST; i++) {
        if (k->cell[i].client == own.client && k->cell[i].name == own.name)
            continue;
        make_subject(&s, c, w, &k->cell[i], o);
        n += theta_of(&s, w, g, &log_theta[n], &se[n], &ml);
        subject_free(&s);
    }
    ret->has_scatter =
        shrink_theta(&ret->scatter, log_theta, se, n, own_log, ret->theta_se, NULL) == 0;
}

int group_pair(struct group *ret, const struct counts *c, const struct window *w,
               const struct grid *g, uint32_t client, uint32_t name, const struct group_opts *o,
               struct err *err)
{
    struct group one = {0};
    struct cells k;
    read_cells(&k, c, w, client, name, o);
    int rc = k.at == SIZE_MAX ? err_set(err, ERR_DEGENERATE,
                                        "group: expected a look-up of the pair, found none")
                              : rate_of(&one, c, &k, err);
    if (rc == 0) {
        scatter_of(&one, c, w, g, &k, o);
        *ret = one;
    }
    free(k.cell);
    return rc;
}
