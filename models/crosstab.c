/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/crosstab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "stats/multi.h"
#include "stats/order.h"
#include "stats/poisbin.h"
#include "stats/tail.h"

const char *const crosstab_state_names[CROSSTAB_STATES] = {
    [CROSSTAB_OK] = "ok",
    [CROSSTAB_NO_PEERS] = "no_peers",
};

/* --- B1 ----------------------------------------------------------------------------------- */

struct row_job {
    struct crosstab *t;
    double *chance; /* ndays a worker */
};

static void two_of(const struct pairdays *p, struct crosstab_row *r)
{
    uint64_t client = (uint64_t)p->client[r->client], name = (uint64_t)p->name[r->name],
             total = (uint64_t)p->total;
    r->two = twobytwo_make(r->days, client - r->days, name - r->days,
                           total - client - name + r->days, .95);
    r->share = (double)r->days / (double)name;
    binomial_interval(r->days, name, .95, &r->share_lo, &r->share_hi);
}

static void make_row(void *ctx, size_t i, size_t worker)
{
    struct row_job *job = ctx;
    const struct pairdays *p = &job->t->days;
    const struct pairdays_cell *cell = &p->cells[i];
    struct crosstab_row *r = &job->t->rows[i];
    double *chance = job->chance + worker * p->ndays, none = 0;
    *r = (struct crosstab_row){.client = cell->client,
                               .name = cell->name,
                               .lookups = cell->lookups,
                               .days = cell->n,
                               .expected = NAN,
                               .log_p = NAN,
                               .log_p_mid = NAN,
                               .log_p_listed = NAN,
                               .log_q = NAN,
                               .ebgm = NAN,
                               .eb05 = NAN,
                               .eb95 = NAN,
                               .ic = NAN,
                               .ic025 = NAN,
                               .log_bf = NAN,
                               .p_peers = NAN};
    two_of(p, r);
    if (!pairdays_chances(p, cell->client, cell->name, chance)) {
        r->state = CROSSTAB_NO_PEERS;
        return;
    }
    r->expected = 0;
    for (size_t d = 0; d < p->ndays; d++) {
        r->expected += chance[d];
        none += log1p(-chance[d]);
    }
    r->log_p = poisbin_log_upper(cell->n, chance, p->ndays);
    r->log_p_mid = log_midp(r->log_p, poisbin_logpmf(cell->n, chance, p->ndays));
    r->log_p_listed = fmin(0, r->log_p - log1m_exp(none));
    r->ic = ic_value(cell->n, r->expected);
    r->ic025 = ic_quantile(cell->n, r->expected, .025);
    r->log_bf = gamma_poisson_log_bf(cell->n, r->expected, 1, 1);
}

/* Benjamini and Hochberg over the listed pairs that could be judged. */
static void adjust(struct crosstab *t)
{
    double *p = mem_alloc((t->nrows + 1) * sizeof *p);
    for (size_t i = 0; i < t->nrows; i++)
        if (t->rows[i].state == CROSSTAB_OK)
            p[t->tested++] = t->rows[i].log_p_listed;
    correction_find("bh")->adjust(p, t->tested, p);
    for (size_t i = 0, k = 0; i < t->nrows; i++)
        if (t->rows[i].state == CROSSTAB_OK)
            t->rows[i].log_q = p[k++];
    free(p);
}

int crosstab_rows(struct crosstab *t, size_t threads, struct err *err)
{
    int rc = pairdays_fit(&t->days, err);
    if (rc < 0)
        return rc;
    struct row_job job = {
        t, mem_alloc((par_threads(threads) * t->days.ndays + 1) * sizeof *job.chance)};
    t->nrows = t->days.ncells;
    t->rows = mem_alloc((t->nrows + 1) * sizeof *t->rows);
    par_for(threads, t->nrows, make_row, &job);
    free(job.chance);
    adjust(t);
    return 0;
}

/* --- B2 ----------------------------------------------------------------------------------- */

static void shrink_row(void *ctx, size_t i, size_t worker)
{
    struct crosstab *t = ctx;
    struct crosstab_row *r = &t->rows[i];
    (void)worker;
    if (r->state != CROSSTAB_OK)
        return;
    r->ebgm = gps_ebgm(&t->prior, r->days, r->expected);
    r->eb05 = gps_quantile(&t->prior, r->days, r->expected, .05);
    r->eb95 = gps_quantile(&t->prior, r->days, r->expected, .95);
}

static void shrink(struct crosstab *t, size_t threads)
{
    struct gps_cell *cells = mem_alloc((t->nrows + 1) * sizeof *cells);
    size_t n = 0;
    for (size_t i = 0; i < t->nrows; i++)
        if (t->rows[i].state == CROSSTAB_OK)
            cells[n++] = (struct gps_cell){t->rows[i].days, t->rows[i].expected};
    t->prior.loglik = NAN;
    if (gps_fit(&t->prior, cells, n, NULL) == 0)
        par_for(threads, t->nrows, shrink_row, t);
    free(cells);
}

/* --- B5b ---------------------------------------------------------------------------------- */

double crosstab_top_share(double *v, size_t n, size_t k)
{
    double top = 0, all = 0;
    order_sort(v, n);
    for (size_t i = 0; i < n; i++) {
        all += v[i];
        top += i + k >= n ? v[i] : 0;
    }
    return all > 0 ? top / all : NAN;
}

/* A name's volume and its first client. */
struct first {
    double volume, share;
    size_t row;
};

static int by_volume(const void *a, const void *b)
{
    const struct first *x = a, *y = b;
    if (x->volume != y->volume)
        return x->volume < y->volume ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static size_t firsts_make(const struct crosstab *t, struct first *ret)
{
    size_t *best = mem_alloc((t->days.nnames + 1) * sizeof *best), n = 0;
    for (size_t i = 0; i < t->days.nnames; i++)
        best[i] = SIZE_MAX;
    for (size_t i = 0; i < t->nrows; i++) {
        size_t *b = &best[t->rows[i].name];
        if (*b == SIZE_MAX || t->rows[i].days > t->rows[*b].days)
            *b = i;
    }
    for (size_t i = 0; i < t->days.nnames; i++)
        if (best[i] != SIZE_MAX)
            ret[n++] = (struct first){t->days.name[i], t->rows[best[i]].share, best[i]};
    qsort(ret, n, sizeof *ret, by_volume);
    free(best);
    return n;
}

/* Names of one volume have the same peers: their shares are sorted once. */
void crosstab_peers(struct crosstab *t)
{
    struct first *f = mem_alloc((t->days.nnames + 1) * sizeof *f);
    size_t n = firsts_make(t, f), from = 0, to = 0;
    double *shares = mem_alloc((n + 1) * sizeof *shares);
    for (size_t i = 0, run; i < n; i += run) {
        for (run = 1; i + run < n && !(f[i + run].volume > f[i].volume); run++)
            ;
        while (2 * f[from].volume < f[i].volume)
            from++;
        while (to < n && f[to].volume <= 2 * f[i].volume)
            to++;
        for (size_t k = from; k < to; k++)
            shares[k - from] = f[k].share;
        order_sort(shares, to - from);
        for (size_t k = i; k < i + run; k++) { /* itself is one of those that reach it */
            struct crosstab_row *r = &t->rows[f[k].row];
            r->peers = to - from - 1;
            size_t below = order_below(shares, to - from, f[k].share);
            r->p_peers = (double)(to - from - below) / (double)(to - from);
        }
    }
    free(shares);
    free(f);
}

int crosstab_make(struct crosstab *t, const struct counts *c, const struct window *w,
                  size_t threads, struct err *err)
{
    *t = (struct crosstab){0};
    pairdays_make(&t->days, c, w);
    int rc = crosstab_rows(t, threads, err);
    if (rc < 0) {
        pairdays_free(&t->days);
        return rc;
    }
    shrink(t, threads);
    crosstab_peers(t);
    return 0;
}

void crosstab_free(struct crosstab *t)
{
    pairdays_free(&t->days);
    free(t->rows);
    *t = (struct crosstab){0};
}
