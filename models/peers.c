/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/peers.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/par.h"
#include "stats/tail.h"
#include "stats/order.h"

enum { DISTINCT_MAX = 512, OCTAVE_BINS = 32 };
static const double LN_THETA_MIN = -8, LN_THETA_STEP = .25;

double peers_ln_theta(size_t k)
{
    return LN_THETA_MIN + LN_THETA_STEP * (double)k;
}

/* Expectation of a cell with x, margins r and c, of N; NAN if undefined. */
static double expectation(double x, double r, double c, double total)
{
    double rest = total - r - c + x;
    return r > x && c > x && rest > 0 ? (r - x) * (c - x) / rest : NAN;
}

double peers_expected(const struct peers *p, size_t i)
{
    const struct peers_cell *cell = &p->cells[i];
    return expectation((double)cell->x, p->client[cell->client], p->name[cell->name], p->total);
}

static double cell_loglik(uint64_t x, double mu, double theta)
{
    return x ? negbin_logpmf(x, mu, theta) : -theta * log1p(mu / theta);
}

/* --- empty cells by distinct totals ------------------------------------------------- */

/* Totals that are equal, or nearly: their mean and how many. */
struct margin {
    double total, n;
};

struct margins {
    struct margin *v;
    size_t n;
};

static size_t count_distinct(const double *sorted, size_t n)
{
    size_t distinct = n > 0;
    for (size_t i = 1; i < n; i++)
        distinct += sorted[i] > sorted[i - 1];
    return distinct;
}

static bool same_margin(double a, double b, bool binned)
{
    if (!binned || !(a > 0))
        return !(b > a);
    return floor(log2(a) * OCTAVE_BINS) >= floor(log2(b) * OCTAVE_BINS);
}

static struct margins group_totals(const double *totals, size_t n)
{
    double *sorted = mem_alloc(n * sizeof *sorted);
    for (size_t i = 0; i < n; i++)
        sorted[i] = totals[i];
    if (n)
        order_sort(sorted, n);
    bool binned = count_distinct(sorted, n) > DISTINCT_MAX;
    struct margins m = {mem_alloc(n * sizeof *m.v), 0};
    for (size_t i = 0, run; i < n; i += run) {
        double sum = sorted[i];
        for (run = 1; i + run < n && same_margin(sorted[i], sorted[i + run], binned); run++)
            sum += sorted[i + run];
        m.v[m.n++] = (struct margin){sum / (double)run, (double)run};
    }
    free(sorted);
    return m;
}

/* --- the table ---------------------------------------------------------------------- */

struct tabulation {
    struct peers *p;
    struct margins clients, names;
};

/* Sum over all cells as if they were empty, taken off again for the occupied. */
static void tabulate(void *context, size_t k, size_t worker)
{
    (void)worker;
    struct tabulation *t = context;
    struct peers *p = t->p;
    double theta = exp(peers_ln_theta(k)), sum = 0;
    for (size_t i = 0; i < t->clients.n; i++)
        for (size_t j = 0; j < t->names.n; j++) {
            struct margin r = t->clients.v[i], c = t->names.v[j];
            double mu = expectation(0, r.total, c.total, p->total);
            if (mu > 0)
                sum += r.n * c.n * cell_loglik(0, mu, theta);
        }
    for (size_t i = 0; i < p->n; i++) {
        const struct peers_cell *cell = &p->cells[i];
        if (!cell->x)
            continue;
        double mu = expectation(0, p->client[cell->client], p->name[cell->name], p->total);
        if (mu > 0)
            sum -= cell_loglik(0, mu, theta);
        mu = peers_expected(p, i);
        if (mu > 0)
            sum += cell_loglik(cell->x, mu, theta);
    }
    p->loglik[k] = sum;
}

void peers_make(struct peers *p, const struct peers_cell *cells, size_t n, size_t nclients,
                size_t nnames, size_t threads)
{
    *p = (struct peers){.cells = cells, .n = n, .nclients = nclients, .nnames = nnames};
    p->client = mem_zero(nclients + 1, sizeof *p->client);
    p->name = mem_zero(nnames + 1, sizeof *p->name);
    for (size_t i = 0; i < n; i++) {
        p->client[cells[i].client] += (double)cells[i].x;
        p->name[cells[i].name] += (double)cells[i].x;
        p->total += (double)cells[i].x;
    }
    for (size_t i = 0; i < nclients; i++)
        p->client_squares += p->client[i] * p->client[i];
    for (size_t i = 0; i < nnames; i++)
        p->name_squares += p->name[i] * p->name[i];
    struct tabulation t = {p, group_totals(p->client, nclients), group_totals(p->name, nnames)};
    par_for(threads, PEERS_GRID, tabulate, &t);
    free(t.clients.v);
    free(t.names.v);
}

void peers_free(struct peers *p)
{
    free(p->client);
    free(p->name);
    *p = (struct peers){0};
}

double peers_theta(const struct peers *p, size_t cell)
{
    double table[PEERS_GRID], mu = cell < p->n ? peers_expected(p, cell) : NAN;
    size_t best = 0;
    for (size_t k = 0; k < PEERS_GRID; k++) {
        table[k] = p->loglik[k];
        if (mu > 0)
            table[k] -= cell_loglik(p->cells[cell].x, mu, exp(peers_ln_theta(k)));
        if (table[k] > table[best])
            best = k;
    }
    if (best == PEERS_GRID - 1)
        return INFINITY;
    if (best == 0)
        return exp(LN_THETA_MIN);
    double left = table[best - 1] - table[best], right = table[best + 1] - table[best];
    double bend = left + right; /* < 0 but for a flat top */
    double shift = bend < 0 ? (left - right) / (2 * bend) : 0;
    return exp(peers_ln_theta(best) + LN_THETA_STEP * shift);
}
