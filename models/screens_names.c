/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Screen of servers by name: are the look-ups of one name divided over servers as those of the
 * same clients for other names are?
 *
 * For a name i and a client, row i and the sum of the other rows have classes k, servers of
 * which five or more are expected in row i, the others joined (Cochran 1954). A row counts
 * n look-ups over d, d = sum m^2 / sum m over its sessions of m: as many as it would be
 * worth if a session never changed its server (Kish 1965; Rao & Scott 1981). Summed over
 * clients, X2 of row i against the rest has f1 degrees of freedom and is independent of X2
 * among the other rows, f2 degrees (Lancaster 1949): X2_i f2 / (X2_rest f1) is F(f1, f2) where
 * scatter of any length multiplies the variance of all rows by one factor (McCullagh & Nelder
 * 1989, 4.5), which is thus estimated without row i. Where a name keeps to its servers for
 * all of the log, variance is 1 + (n - 1) rho times that of chance instead, rho by moments of
 * the others. Which holds cannot be told from counts: the larger p is taken, then Sidak over
 * names. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/screens.h"
#include "stats/tail.h"

enum { NAMES_MAX = SCREEN_NAMES, SERVERS_KEPT = 64, LEAST = 30 };
static const double EXPECTED = 5;

struct row {
    uint32_t name;
    double n[SERVERS_KEPT], sum; /* look-ups over d */
};

/* A client's rows. */
struct table {
    struct row row[NAMES_MAX];
    uint32_t server[SERVERS_KEPT];
    size_t rows, servers;
};

/* One name at one client, beside the others there. */
struct beside {
    double x, df;        /* X2 of the two rows */
    double n, rest, rho; /* look-ups; rho: sum of squares of the others over their sum */
};

struct of_name {
    struct beside *v;
    size_t n, cap;
    double x, df;           /* over clients */
    double others, f2, rho; /* X2 among the others, and what a rho of 1 adds to it */
    double looked;
};

/* --- rows ------------------------------------------------------------------------------ */

static void add_sessions(const struct screening *in, const struct counts_pair *p, double *sum,
                         double *squares)
{
    double before = -INFINITY, m = 0;
    struct series_iter it = series_begin(counts_series(p), p->first);
    while (series_next(&it)) {
        double now = (double)(it.tick - in->base_tick) * in->tick_s;
        if (now - before > in->o->session_s) {
            *squares += m * m;
            m = 0;
        }
        m += (double)it.count;
        *sum += (double)it.count;
        before = now;
    }
    *squares += m * m;
}

static size_t place_of(struct table *t, uint32_t server)
{
    size_t k = 0;
    while (k < t->servers && t->server[k] != server)
        k++;
    if (k == SERVERS_KEPT)
        return SERVERS_KEPT - 1; /* with the last */
    if (k == t->servers)
        t->server[t->servers++] = server;
    return k;
}

static void add_marks(struct table *t, struct row *r, const struct counts_pair *p)
{
    struct marks_iter it = marks_begin(counts_marks(p));
    while (marks_next(&it))
        if (it.kind == MARK_SERVER) {
            r->n[place_of(t, (uint32_t)it.value)] += (double)it.count;
            r->sum += (double)it.count;
        }
}

/* Row of the name whose pairs begin at *i; *i moves behind them. False: not EXPECTED. */
static bool next_row(const struct screening *in, size_t *i, struct table *t, struct row *r)
{
    const struct counts *c = in->c;
    const struct counts_pair *first = &c->pairs[*i];
    double sum = 0, squares = 0;
    *r = (struct row){.name = first->name};
    for (; *i < c->npairs && c->pairs[*i].client == first->client &&
           c->pairs[*i].name == first->name;
         ++*i) {
        add_sessions(in, &c->pairs[*i], &sum, &squares);
        add_marks(t, r, &c->pairs[*i]);
    }
    for (size_t k = 0; k < SERVERS_KEPT && squares > sum; k++)
        r->n[k] *= sum / squares;
    r->sum *= squares > sum ? sum / squares : 1;
    return r->sum >= EXPECTED;
}

/* Rows of the client whose pairs begin at *i, of names that are among those looked at. */
static void next_table(const struct screening *in, size_t *i, const uint32_t *place,
                       struct table *t)
{
    uint32_t client = in->c->pairs[*i].client;
    t->rows = t->servers = 0;
    while (*i < in->c->npairs && in->c->pairs[*i].client == client) {
        size_t before = *i;
        if (place[in->c->pairs[before].name] == UINT32_MAX)
            ++*i;
        else if (next_row(in, i, t, &t->row[t->rows]))
            t->rows++;
    }
}

/* --- a row beside the others -------------------------------------------------------------- */

/* Class of each server; how many. */
static size_t classes(const struct table *t, const struct row *r, const double *all, double sum,
                      size_t ret[SERVERS_KEPT])
{
    size_t n = 0, least = 0;
    double joined = 0, smallest = INFINITY;
    for (size_t k = 0; k < t->servers; k++) {
        double e = all[k] / sum * fmin(r->sum, sum - r->sum);
        ret[k] = e < EXPECTED ? SERVERS_KEPT : n++;
        joined += e < EXPECTED ? e : 0;
        if (e >= EXPECTED && e < smallest) {
            smallest = e;
            least = n - 1;
        }
    }
    for (size_t k = 0; k < t->servers; k++)
        if (ret[k] == SERVERS_KEPT)
            ret[k] = joined >= EXPECTED ? n : least;
    return n + (joined >= EXPECTED);
}

static void join(const double *n, size_t servers, const size_t *class, double *ret, size_t k)
{
    for (size_t i = 0; i < k; i++)
        ret[i] = 0;
    for (size_t i = 0; i < servers; i++)
        ret[class[i]] += n[i];
}

static void set_beside(const struct table *t, size_t i, struct of_name *to)
{
    const struct row *r = &t->row[i];
    double all[SERVERS_KEPT] = {0}, sum = 0, own[SERVERS_KEPT], both[SERVERS_KEPT],
           one[SERVERS_KEPT];
    size_t class[SERVERS_KEPT];
    for (size_t j = 0; j < t->rows; j++) {
        sum += t->row[j].sum;
        for (size_t k = 0; k < t->servers; k++)
            all[k] += t->row[j].n[k];
    }
    double rest = sum - r->sum;
    size_t K = t->rows < 2 ? 0 : classes(t, r, all, sum, class);
    if (K < 2)
        return;
    struct beside b = {.df = (double)K - 1, .n = r->sum, .rest = rest};
    join(r->n, t->servers, class, own, K);
    join(all, t->servers, class, both, K);
    for (size_t k = 0; k < K; k++) {
        double off = own[k] / r->sum - (both[k] - own[k]) / rest;
        b.x += off * off * sum / both[k] / (1 / r->sum + 1 / rest);
    }
    for (size_t j = 0; j < t->rows; j++) {
        if (j == i)
            continue;
        double n = t->row[j].sum;
        join(t->row[j].n, t->servers, class, one, K);
        for (size_t k = 0; k < K; k++) {
            double e = n * (both[k] - own[k]) / rest;
            to->others += e > 0 ? (one[k] - e) * (one[k] - e) / e : 0;
        }
        to->rho += b.df * (1 - n / rest) * fmax(n - 1, 0);
        b.rho += n * n / rest;
    }
    to->f2 += b.df * (double)(t->rows - 2);
    to->x += b.x;
    to->df += b.df;
    to->looked += r->sum;
    MEM_GROW(to->v, to->n, to->cap);
    to->v[to->n++] = b;
}

/* ln p of a name, the larger of two; NAN: too few of it or of others. */
static double name_log_p(const struct of_name *v, double *ret_ratio)
{
    if (!(v->f2 > 0) || !(v->df > 0) || !(v->others > 0) || v->looked < LEAST)
        return NAN;
    *ret_ratio = v->x * v->f2 / (v->df * v->others);
    double rho = v->rho > 0 ? fmin(fmax((v->others - v->f2) / v->rho, 0), 1) : 0, kept = 0;
    for (size_t i = 0; i < v->n; i++) {
        const struct beside *b = &v->v[i];
        double of_own = (1 + fmax(b->n - 1, 0) * rho) / b->n,
               of_rest = (1 + fmax(b->rho - 1, 0) * rho) / b->rest;
        kept += b->x * (1 / b->n + 1 / b->rest) / (of_own + of_rest);
    }
    return fmax(f_log_upper(*ret_ratio, v->df, v->f2), f_log_upper(kept / v->df, v->df, v->f2));
}

/* --- the screen --------------------------------------------------------------------------- */

void screen_name_servers(const struct screening *in, struct screen_result *ret)
{
    if (in->c->nservers < 2) {
        screen_not_applicable(ret, "the log names no two servers");
        return;
    }
    struct of_name of[NAMES_MAX] = {0};
    struct table *t = mem_alloc(sizeof *t);
    uint32_t *place = screening_names(in), worst = UINT32_MAX;
    double least = INFINITY, tested = 0, ratio = NAN;
    for (size_t i = 0; i < in->c->npairs;) {
        next_table(in, &i, place, t);
        for (size_t k = 0; k < t->rows; k++)
            set_beside(t, k, &of[place[t->row[k].name]]);
    }
    for (uint32_t i = 0; i < in->c->nnames; i++) {
        double log_p = place[i] < NAMES_MAX ? name_log_p(&of[place[i]], &ratio) : NAN;
        if (isnan(log_p))
            continue;
        tested++;
        if (log_p >= least)
            continue;
        least = log_p;
        worst = i;
        ret->value = ratio;
    }
    if (worst == UINT32_MAX)
        screen_not_applicable(ret,
                              "no name has %d look-ups at servers that the log names, of "
                              "clients that ask two other names or more at them",
                              LEAST);
    else {
        const struct of_name *v = &of[place[worst]];
        ret->log_p = log_sidak(least, tested);
        screen_note(ret,
                    "%.0f names; least likely: %.100s, %zu clients, over the servers %.3g "
                    "times as unlike the others as these are among themselves",
                    tested, in->c->names[worst].p, v->n, ret->value);
    }
    for (size_t i = 0; i < NAMES_MAX; i++)
        free(of[i].v);
    free(place);
    free(t);
}
