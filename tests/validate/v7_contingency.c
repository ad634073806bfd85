/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V7: tables of 80 clients x 100 names x 140 days whose margins are heavy-tailed and whose
 * cells are independent, but bursty: a cell's look-ups of a day are negative binomial of
 * size .01 to infinity (Poisson). Presence-days keep their size; the foil, Poisson tails of
 * look-ups, finds hundreds of pairs. Then power, shrinkage, truncation and coverage. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/crosstab.h"
#include "stats/multi.h"
#include "stats/poisbin.h"
#include "stats/tail.h"
#include "stats/unseen.h"
#include "tests/validate/validate.h"

enum { CLIENTS = 80, NAMES = 100, DAYS = 140, LOOKUPS = 80000, PLANTED = 20 };

struct world {
    double size;  /* of a cell's day; INFINITY: Poisson */
    double times; /* planted cells ask so many times as often; 1: none is planted */
};

/* A table: mean look-ups of each cell, and what was drawn. */
struct drawn {
    double mu[CLIENTS * NAMES];
    bool planted[CLIENTS * NAMES];
    uint64_t lookups[CLIENTS * NAMES];
};

static double pareto(struct rng *r)
{
    return fmin(60, pow(rng_unit(r), -1 / 1.2));
}

/* Days of presence expected of a cell of that mean. */
static double days_of(double mu, double size)
{
    double none = isinf(size) ? exp(-mu / DAYS) : pow(1 + mu / DAYS / size, -size);
    return DAYS * (1 - none);
}

/* Plants the PLANTED cells whose expectation is nearest 5 days. */
static void plant(const struct world *w, struct drawn *d)
{
    for (int k = 0; k < PLANTED; k++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < CLIENTS * NAMES; i++)
            if (!d->planted[i] &&
                (best == SIZE_MAX || fabs(days_of(d->mu[i], w->size) - 5) <
                                         fabs(days_of(d->mu[best], w->size) - 5)))
                best = i;
        d->planted[best] = true;
    }
    for (size_t i = 0; i < CLIENTS * NAMES; i++)
        d->mu[i] *= d->planted[i] ? w->times : 1;
}

static void means(const struct world *w, struct rng *r, struct drawn *d)
{
    double a[CLIENTS], b[NAMES], sum = 0;
    for (int i = 0; i < CLIENTS; i++)
        a[i] = pareto(r);
    for (int j = 0; j < NAMES; j++)
        b[j] = pareto(r);
    for (int i = 0; i < CLIENTS; i++)
        for (int j = 0; j < NAMES; j++)
            sum += a[i] * b[j];
    for (int i = 0; i < CLIENTS; i++)
        for (int j = 0; j < NAMES; j++) {
            d->mu[i * NAMES + j] = LOOKUPS * a[i] * b[j] / sum;
            d->planted[i * NAMES + j] = false;
        }
    if (w->times > 1)
        plant(w, d);
}

/* The table as pairdays_make would leave it; all days are heard whole. */
static void draw(const struct world *w, struct rng *r, struct drawn *d, struct pairdays *p)
{
    size_t days_cap = 0, days_n = 0;
    means(w, r, d);
    *p = (struct pairdays){.ndays = DAYS, .nclients = CLIENTS, .nnames = NAMES};
    p->live = mem_alloc(DAYS * sizeof *p->live);
    p->cells = mem_alloc(CLIENTS * NAMES * sizeof *p->cells);
    p->client = mem_zero(CLIENTS, sizeof *p->client);
    p->name = mem_zero(NAMES, sizeof *p->name);
    p->per_day = mem_zero(DAYS, sizeof *p->per_day);
    for (int k = 0; k < DAYS; k++)
        p->live[k] = 1;
    for (uint32_t i = 0; i < CLIENTS * NAMES; i++) {
        struct pairdays_cell cell = {i / NAMES, i % NAMES, 0, (uint32_t)days_n, 0};
        double mu = d->mu[i] / DAYS;
        for (uint32_t k = 0; k < DAYS; k++) {
            uint64_t y = isinf(w->size) ? rng_poisson(r, mu) : rng_negbin(r, mu, w->size);
            if (!y)
                continue;
            MEM_GROW(p->day, days_n, days_cap);
            p->day[days_n++] = k;
            p->per_day[k]++;
            cell.n++;
            cell.lookups += y;
        }
        d->lookups[i] = cell.lookups;
        if (!cell.n)
            continue;
        p->cells[p->ncells++] = cell;
        p->client[cell.client] += cell.n;
        p->name[cell.name] += cell.n;
        p->total += cell.n;
    }
}

/* Share of cells of 5 expected days or more with p <= .05. */
static double size_of(const struct pairdays *p)
{
    double chance[DAYS], cells = 0, rejected = 0;
    for (uint32_t i = 0; i < CLIENTS; i++)
        for (uint32_t j = 0; j < NAMES; j++) {
            if (p->alpha[i] * p->beta[j] * DAYS < 4 || !pairdays_chances(p, i, j, chance))
                continue;
            double expected = 0;
            for (int k = 0; k < DAYS; k++)
                expected += chance[k];
            if (expected < 5)
                continue;
            const struct pairdays_cell *c = pairdays_find(p, i, j);
            cells++;
            rejected += poisbin_log_upper(c ? c->n : 0, chance, DAYS) <= log(.05);
        }
    return cells > 0 ? rejected / cells : 0;
}

/* Foil: Poisson tails of look-ups about the product of the margins, BH over listed cells. */
static double discoveries_of_counts(const struct drawn *d)
{
    double client[CLIENTS] = {0}, name[NAMES] = {0}, total = 0, found = 0;
    double *p = mem_alloc(CLIENTS * NAMES * sizeof *p);
    size_t n = 0;
    for (size_t i = 0; i < CLIENTS * NAMES; i++) {
        client[i / NAMES] += (double)d->lookups[i];
        name[i % NAMES] += (double)d->lookups[i];
        total += (double)d->lookups[i];
    }
    for (size_t i = 0; i < CLIENTS * NAMES; i++)
        if (d->lookups[i])
            p[n++] =
                poisson_log_upper(d->lookups[i], client[i / NAMES] * name[i % NAMES] / total);
    correction_find("bh")->adjust(p, n, p);
    for (size_t i = 0; i < n; i++)
        found += p[i] <= log(.05);
    free(p);
    return found;
}

enum { SIZE, ANY, FOIL, FOUND, FALSE_SHARE, TABLE_COLUMNS };

static void one_table(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct drawn *d = mem_alloc(sizeof *d);
    struct crosstab t = {0};
    double found = 0, wrong = 0;
    draw(w, r, d, &t.days);
    for (int k = 0; k < TABLE_COLUMNS; k++)
        ret[k] = 1;
    if (crosstab_rows(&t, 1, NULL) == 0) {
        for (size_t i = 0; i < t.nrows; i++) {
            if (!(t.rows[i].log_q <= log(.05)))
                continue;
            bool planted = d->planted[t.rows[i].client * NAMES + t.rows[i].name];
            found += planted;
            wrong += !planted;
        }
        ret[SIZE] = w->times > 1 ? NAN : size_of(&t.days);
        ret[ANY] = found + wrong > 0;
        ret[FOUND] = found / PLANTED;
        ret[FALSE_SHARE] = wrong > 0 ? wrong / (found + wrong) : 0;
    }
    ret[FOIL] = discoveries_of_counts(d);
    crosstab_free(&t);
    free(d);
}

/* --- shrinkage, truncation, coverage ---------------------------------------------------- */

enum { COVERED, FLAGGED_LOW, RATIO_LOW };

/* rho from the prior and a count of 1 or more about it. */
static double listed_cell(const struct gps_prior *p, struct rng *r, uint64_t *n,
                          double *expected)
{
    for (;;) {
        bool first = rng_unit(r) < p->p;
        *expected = .05 * exp(5 * rng_unit(r));
        double rho = first ? rng_gamma(r, p->alpha1, 1 / p->beta1)
                           : rng_gamma(r, p->alpha2, 1 / p->beta2);
        *n = rng_poisson(r, rho * *expected);
        if (*n)
            return rho;
    }
}

/* Does the 90 % credible interval cover? Of a cell flagged by EB05 > 2, and of one by
 * n / E > 2 (foil), is rho below 2? */
static void one_cell(const void *ctx, struct rng *r, double *ret)
{
    const struct gps_prior *p = ctx;
    double expected;
    uint64_t n;
    double rho = listed_cell(p, r, &n, &expected);
    ret[COVERED] =
        gps_quantile(p, n, expected, .05) <= rho && rho <= gps_quantile(p, n, expected, .95);
    do
        rho = listed_cell(p, r, &n, &expected);
    while (!((double)n > 2 * expected));
    ret[RATIO_LOW] = rho < 2;
    do
        rho = listed_cell(p, r, &n, &expected);
    while (!(gps_quantile(p, n, expected, .05) > 2));
    ret[FLAGGED_LOW] = rho < 2;
}

enum { LISTED, FORGOTTEN, NEXT_NEW, SHARE };

/* One more of 40 listed: its tail among the listed, and that which forgets the zeros. */
static void one_list(const void *ctx, struct rng *r, double *ret)
{
    const double *law = ctx;
    uint64_t v[40], own = truncated_draw(r, law[0], law[1]);
    for (int i = 0; i < 40; i++)
        v[i] = truncated_draw(r, law[0], law[1]);
    struct truncated f = truncated_fit(v, 40);
    double upper =
        isinf(f.theta) ? poisson_log_upper(own, f.mu) : negbin_log_upper(own, f.mu, f.theta);
    ret[LISTED] = exp(truncated_log_upper(own, f.mu, f.theta));
    ret[FORGOTTEN] = f.mu > 0 ? exp(upper) : 1;
}

/* 500 look-ups over 200 parties by Zipf: does the bound cover the unseen parties' share? And
 * a share behind two sensors of unknown coverage, from its prior. */
static void one_census(const void *ctx, struct rng *r, double *ret)
{
    enum { PARTIES = 200, N = 500 };
    uint64_t count[PARTIES] = {0}, seen[PARTIES];
    double share[PARTIES], sum = 0, unseen = 0;
    size_t n = 0;
    (void)ctx;
    for (int i = 0; i < PARTIES; i++)
        sum += share[i] = 1. / (i + 1);
    for (int k = 0; k < N; k++) {
        double u = rng_unit(r) * sum;
        int i = 0;
        while (i < PARTIES - 1 && (u -= share[i]) > 0)
            i++;
        count[i]++;
    }
    for (int i = 0; i < PARTIES; i++) {
        unseen += count[i] ? 0 : share[i] / sum;
        if (count[i])
            seen[n++] = count[i];
    }
    ret[NEXT_NEW] = unseen <= unseen_make(seen, n, 199, r).good_turing_high;
    const struct share_beta c = {8, 2, 3, 3};
    double x = rng_gamma(r, .5, 1), y = rng_gamma(r, .5, 1), true_share = x / (x + y), median,
           lo, hi, a = rng_gamma(r, 8, 1), b = rng_gamma(r, 2, 1), d = rng_gamma(r, 3, 1),
           e = rng_gamma(r, 3, 1);
    double in = (double)rng_binomial(r, 60, true_share),
           truth = share_weighted(true_share, 1 - true_share, a / (a + b), d / (d + e));
    share_posterior(in, 60 - in, &c, 999, .95, r, &median, &lo, &hi);
    ret[SHARE] = lo <= truth && truth <= hi;
}

static void tables(struct validation *v)
{
    static const struct {
        const char *name;
        double size, foil;
    } sizes[] = {{"day counts Poisson: ", INFINITY, 0},
                 {"day counts NB size .3: ", .3, 0},
                 {"day counts NB size .05: ", .05, 100},
                 {"day counts NB size .01: ", .01, 100}};
    for (size_t i = 0; i < 4; i++) {
        const struct world w = {sizes[i].size, 1};
        const struct validate_figure f[] = {
            {.cell = "size at E >= 5 days", .column = SIZE, .kind = FIGURE_MEDIAN, .hi = .075},
            {.cell = "tables with a BH discovery",
             .column = ANY,
             .kind = FIGURE_MEAN,
             .hi = .05},
            {.cell = "foil: BH discoveries of look-ups",
             .column = FOIL,
             .kind = FIGURE_MEDIAN,
             .lo = sizes[i].foil,
             .hi = 8000}};
        validate_run(v, &(struct validate_plan){.experiment = "V7",
                                                .prefix = sizes[i].name,
                                                .replicate = one_table,
                                                .ctx = &w,
                                                .columns = TABLE_COLUMNS,
                                                .figures = f,
                                                .nfigures = sizes[i].foil > 0 ? 3 : 2,
                                                .R = validate_pick(v, i % 3 ? 0 : 1, 1000)});
    }
    const struct world more = {INFINITY, 5};
    const struct validate_figure f[] = {
        {.cell = "found of 20", .column = FOUND, .kind = FIGURE_MEDIAN, .lo = .8, .hi = 1},
        {.cell = "false among found", .column = FALSE_SHARE, .kind = FIGURE_MEAN, .hi = .05}};
    validate_run(v, &(struct validate_plan){.experiment = "V7",
                                            .prefix = "five times 5 days: ",
                                            .replicate = one_table,
                                            .ctx = &more,
                                            .columns = TABLE_COLUMNS,
                                            .figures = f,
                                            .nfigures = 2,
                                            .R = validate_pick(v, 1, 500)});
}

static void check_shrunk(struct validation *v)
{
    static const struct gps_prior prior = {.3, .1, 3, 3.3, .15, 0};
    const struct validate_figure cell[] = {{.cell = "90 % interval of EBGM covers",
                                            .column = COVERED,
                                            .kind = FIGURE_MEAN,
                                            .lo = .9,
                                            .hi = .9},
                                           {.cell = "rho < 2 where EB05 > 2",
                                            .column = FLAGGED_LOW,
                                            .kind = FIGURE_MEAN,
                                            .hi = .05},
                                           {.cell = "foil: rho < 2 where n / E > 2",
                                            .column = RATIO_LOW,
                                            .kind = FIGURE_MEAN,
                                            .lo = .3,
                                            .hi = 1}};
    validate_run(v, &(struct validate_plan){.experiment = "V7",
                                            .prefix = "listed cells: ",
                                            .replicate = one_cell,
                                            .ctx = &prior,
                                            .columns = 3,
                                            .figures = cell,
                                            .nfigures = 3,
                                            .R = validate_pick(v, 2000, 20000)});
}

static void check_listed(struct validation *v)
{
    static const double law[2] = {.6, 1.5};
    const struct validate_figure list[] = {{.cell = "size of the tail among the listed",
                                            .column = LISTED,
                                            .kind = FIGURE_SHARE,
                                            .at = .05,
                                            .lo = 0,
                                            .hi = .05},
                                           {.cell = "foil: the tail that forgets the zeros",
                                            .column = FORGOTTEN,
                                            .kind = FIGURE_SHARE,
                                            .at = .05,
                                            .lo = .06,
                                            .hi = 1}};
    validate_run(v, &(struct validate_plan){.experiment = "V7",
                                            .prefix = "zero truncation: ",
                                            .replicate = one_list,
                                            .ctx = law,
                                            .columns = 2,
                                            .figures = list,
                                            .nfigures = 2,
                                            .R = validate_pick(v, 400, 10000)});
}

static void check_census(struct validation *v)
{
    const struct validate_figure census[] = {{.cell = "95 % bound covers the unseen",
                                              .column = NEXT_NEW,
                                              .kind = FIGURE_MEAN,
                                              .lo = .95,
                                              .hi = 1},
                                             {.cell = "95 % interval of the share covers",
                                              .column = SHARE,
                                              .kind = FIGURE_MEAN,
                                              .lo = .95,
                                              .hi = .95}};
    validate_run(v, &(struct validate_plan){.experiment = "V7",
                                            .prefix = "who was not seen: ",
                                            .replicate = one_census,
                                            .columns = 4,
                                            .figures = census,
                                            .nfigures = 2,
                                            .R = validate_pick(v, 300, 5000)});
}

void v7_contingency(struct validation *v)
{
    tables(v);
    check_shrunk(v);
    check_listed(v);
    check_census(v);
    v7_shares(v);
    v7_measures(v);
}
