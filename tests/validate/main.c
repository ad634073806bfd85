/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * validate [--fast | --minutes N | --full] [--only V2 | --only TITLE] [--resume FILE] [--write
 * FILE]
 *
 * Runs THE EXPERIMENT TABLE and prints one line a cell; exit code 1 when one
 * misses its band. The number of replicates follows from the minutes asked for
 * and the costs in the table, not from a clock: the same options give the same
 * figures on every machine, sooner or later. With --resume, figures that an earlier,
 * broken-off run of the same build and length left in FILE are not made again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gsl/gsl_errno.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/span.h"
#include "tests/validate/cells.h"
#include "tests/validate/validate.h"

/* `fast_s` and `full_s`: seconds of one 2 GHz core. The first is measured (each run tells it),
 * the second that, times the replicates. */
struct experiment {
    const char *name, *title;
    void (*run)(struct validation *v);
    double fast_s, full_s;
};

static const struct experiment experiments[] = {
    {"V1", "log tails against plain sums in 50 digits", v1_tails, .1, 940},
    {"V2", "exact tests of excess gaps keep their size", v2_cache, 1, 5000},
    {"V3", "rate, dead time and number of caches", v3_rates, 2.6, 190},
    {"V4", "baselines at risk and out of sample; size of scan", v4_baseline, 2.2, 1360},
    {"V5", "tests for a period behind a cache", v5_period, 3.4, 1200},
    {"V6", "working hours and the time zone that keeps them", v6_hours, 4.8, 900},
    {"V7", "presence-days, who was not seen, exclusivity and rarity", v7_contingency, 6, 6000},
    {"V8", "synchrony under a shared rhythm", v8_sync, 6.8, 7900},
    {"V8", "residuals, coincidences and triggers of a pair", v8_pairs, 6, 7600},
    {"V8", "synchrony under a common mailing: drivers and controls", v8_driver, 2.2, 1200},
    {"bound", "V8, the bound of eta over control pairs, with and without a common mailing",
     v8_bound, 2.6, 1500},
    {"V8", "the surrogate table: what surrogates make of a shared rhythm", v8_table, .7, 160},
    {"makers", "cache or timer: the rows of a busy cache and of timers", v_makers, 4, 2000},
    {"retries", "gaps that pile up where resolvers repeat", v_retries, 1, 240},
    {"V9", "changes, dates and what falls near them", v9_events, 5, 2620},
    {"joint", "V9, dates that several series have in common", v9_joint, 4, 2500},
    {"V10",
     "many tests, looks and specifications; shared shocks, sparse and least p: expectation "
     "known, "
     "not refitted; peers fitted: refitted",
     v10_multi, 6, 5400},
    {"V10", "searches that a study writes out, and its specification curve", v10_search, 3,
     1000},
    {"curves", "V10, specification curves of every kind of claim", v10_curves, 3, 2900},
    {"searches", "V10, the price of looks of other kinds", v10_looks, 2, 900},
    {"V11", "the busiest stretch", v11_scan, .8, 1800},
    {"V11", "timer or cache: Bayes factors of gaps", v11_gaps, 6, 9000},
    {"V11", "what a claimant's model is worth against its rivals", v11_rivals, 6, 1500},
    {"V11", "ratios drawn longer, their error being too large", v11_longer, 6, 240},
    {"V11", "rival explanations among themselves", v11_bouts, 2.1, 500},
    {"rolling", "rolling baselines over 42 scenarios", v_rolling, 2.8, 840},
    {"shrink", "dispersion, rates over pairs, goodness of fit", v_shrink, 2.2, 400},
    {"counts", "laws of counts: zeros, scatter, scatter over pairs", v_counts, 3, 600},
    {"V12", "integrity screens: false alarms, and tampering found", v12_integrity, 3.7, 6300},
    {"screens", "V12, screens of digits, clocks, ids and servers, one by one", v12_rows, 1.6,
     620},
    {"messages", "V12, messages in their order: runs of ids and ports, letters", v12_letters, 1,
     120},
    {"name servers", "V12, servers of one name beside those of the others", v12_names, 2, 300},
    {"altered", "V12, claims about the log, of altered and of honest logs", v12_altered, 4,
     1600},
    {"truth", "V12, claims of just the truth", v12_truth, 1, 250},
    {"worlds", "V12, worlds of known truth, answered by the whole program", v12_worlds, 2.2,
     12000},
    {"worlds-held-out", "V12, worlds of a truth that was written blind", v12_held_out, .01,
     17000},
    {"worlds-true", "V12, claims that are true, of the worlds written blind", v12_true, 2.2,
     2300},
    {"worlds-tampered", "V12, altered and honest worlds: the screens alone", v12_tampered, .6,
     700},
    {"worlds-weighed", "V12, what a claimant writes of innocent worlds, weighed", v12_weighed,
     1.5, 1000},
    {"alone", "explanations of dates and of the log, one by one", v_alone, 2, 900},
    {"apart", "tests apart from mailings and from a monitor's turns", v_apart, 2, 330},
    {"sessions", "what a session hides where answers live shorter", v_sessions, 4, 900},
    {"nulls", "nulls of volume and timing keep their size", v_nulls, 14, 3130},
    {"gate", "control pairs before the claim", v_gate, 5, 3000},
    {"gate", "control pairs of other kinds; faulty tests", v_gate_kinds, .9, 900},
    {"power", "power said beforehand, and power found", v_power, 3.4, 600},
    {"power", "the same of the other kinds; logs at the smallest detectable effect",
     v_power_kinds, 1.5, 1000},
    {"power", "power of an effect of the test's own, and power found", v_own_power, 3, 400},
    {NULL, NULL, NULL, 0, 0},
};

enum { SEED = 20160720, SEED_AGAIN = 20161004, CORES = 2 };

struct validation {
    bool fast;
    double scale; /* 0: as --fast, 1: as --full */
    struct cells cells;
};

uint32_t validate_pick(const struct validation *v, uint32_t fast, uint32_t full)
{
    if (v->fast || full <= fast)
        return fast;
    return fast + (uint32_t)(v->scale * (full - fast));
}

uint32_t validate_pick_m(const struct validation *v, uint32_t fast, uint32_t full)
{
    uint32_t m = validate_pick(v, fast, full);
    return m < 100 ? 99 : m - (m + 1) % 100;
}

void validate_cell(struct validation *v, const char *experiment, const char *cell,
                   double figure, double lo, double hi, uint32_t R, uint32_t m)
{
    cells_add(&v->cells, (struct row){.experiment = mem_format("%s", experiment),
                                      .cell = mem_format("%s", cell),
                                      .note = mem_format("%s", ""),
                                      .figure = figure,
                                      .lo = lo,
                                      .hi = hi,
                                      .R = R,
                                      .m = m,
                                      .seed = SEED});
}

bool validate_find(const struct validation *v, const char *experiment, const char *cell,
                   double *ret_figure, uint32_t *ret_R)
{
    const struct row *r = cells_find(&v->cells, experiment, cell);
    if (!r)
        return false;
    *ret_figure = r->figure;
    *ret_R = r->R;
    return true;
}

struct draws {
    const struct validate_plan *plan;
    uint64_t seed, subject;
    double *rows;
};

static void draw_one(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct draws *d = ctx;
    struct rng r;
    rng_stream(&r, d->seed, RNG_VALIDATE, d->subject, (uint32_t)i);
    d->plan->replicate(d->plan->ctx, &r, d->rows + i * d->plan->columns);
}

/* The R x columns figures of a plan; the stream's subject is the plan's name,
 * so that a cell does not change when another is added. */
static double *draw(const struct validate_plan *p, uint64_t seed, uint32_t R)
{
    char *name = mem_format("%s %s", p->experiment, p->prefix);
    struct draws d = {.plan = p,
                      .seed = seed,
                      .subject = rng_subject(name, strlen(name)),
                      .rows = mem_zero((size_t)R * p->columns, sizeof(double))};
    free(name);
    par_for(0, R, draw_one, &d);
    return d.rows;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Greatest distance of the empirical law of sorted x to the uniform law on step,
 * 2 step, ..., 1: from above at each value, from below one step before it. */
static double distance(const double *x, uint32_t n, double step)
{
    double most = 0;
    for (uint32_t i = 0; i < n; i++) {
        most = fmax(most, (i + 1.0) / n - x[i]);
        most = fmax(most, x[i] - step - (double)i / n);
    }
    return most;
}

static double figure_of(const struct validate_figure *f, double *x, uint32_t R)
{
    double sum = 0;
    qsort(x, R, sizeof *x, ascending);
    switch (f->kind) {
    case FIGURE_MEAN:
        for (uint32_t i = 0; i < R; i++)
            sum += x[i];
        return sum / R;
    case FIGURE_SHARE:
        for (uint32_t i = 0; i < R; i++)
            sum += x[i] <= f->at * (1 + 1e-12); /* exp(ln .05) is above .05 */
        return sum / R;
    case FIGURE_KS:
        return distance(x, R, f->at);
    case FIGURE_MEDIAN:
        return x[R / 2];
    }
    return NAN;
}

static void band_of(const struct validate_figure *f, uint32_t R, struct row *row)
{
    row->lo = f->lo;
    row->hi = f->hi;
    if (f->kind == FIGURE_KS) {
        row->lo = 0;
        row->hi = 1.63 / sqrt(R);
    } else if (f->kind != FIGURE_MEDIAN) {
        row->lo = fmax(0, f->lo - 3 * sqrt(f->lo * (1 - f->lo) / R));
        row->hi = fmin(1, f->hi + 3 * sqrt(f->hi * (1 - f->hi) / R));
    }
}

/* Figure k of the plan from its draws, with band; not yet in the table. */
static struct row figure_row(const struct validate_plan *p, size_t k, const double *rows,
                             uint32_t R, uint64_t seed)
{
    const struct validate_figure *f = &p->figures[k];
    double *x = mem_zero(R, sizeof *x);
    for (uint32_t i = 0; i < R; i++)
        x[i] = rows[i * p->columns + f->column];
    struct row row = {.R = R, .m = p->m, .seed = seed, .figure = figure_of(f, x, R)};
    free(x);
    band_of(f, R, &row);
    row.hit = row.figure >= row.lo && row.figure <= row.hi;
    return row;
}

static char *cell_name(const struct validate_plan *p, size_t k)
{
    return mem_format("%s %s", p->prefix, p->figures[k].cell);
}

/* Does an earlier run's file hold all figures of the plan? */
static bool stored(const struct validation *v, const struct validate_plan *p)
{
    bool all = true;
    for (size_t k = 0; k < p->nfigures; k++) {
        char *cell = cell_name(p, k);
        all = all && cells_has(&v->cells, p->experiment, cell);
        free(cell);
    }
    return all;
}

void validate_run(struct validation *v, const struct validate_plan *p)
{
    if (p->R == 0 || stored(v, p))
        return;
    double *first = draw(p, SEED, p->R), *again = NULL;
    for (size_t k = 0; k < p->nfigures; k++) {
        struct row row = figure_row(p, k, first, p->R, SEED);
        char *note = NULL;
        if (!row.hit) { /* once more, with four times as many */
            note = mem_format("; at R=%u it was %.4g", p->R, row.figure);
            if (!again)
                again = draw(p, SEED_AGAIN, 4 * p->R);
            row = figure_row(p, k, again, 4 * p->R, SEED_AGAIN);
        }
        row.note = note ? note : mem_format("%s", "");
        row.experiment = mem_format("%s", p->experiment);
        row.cell = cell_name(p, k);
        cells_add(&v->cells, row);
    }
    free(first);
    free(again);
}

void validate_world(struct validation *v, const struct validate_plan *of, const char *prefix,
                    const void *ctx, const struct validate_figure *figures, size_t nfigures,
                    uint32_t R)
{
    struct validate_plan p = *of;
    p.prefix = prefix;
    p.ctx = ctx;
    p.figures = figures;
    p.nfigures = nfigures;
    p.R = R;
    validate_run(v, &p);
}

/* Seconds that an experiment gets where none may take more than `most`. */
static double seconds_of(const struct experiment *e, double most)
{
    return fmin(e->full_s, fmax(e->fast_s, most));
}

/* The most that any experiment may take, so that all together take so many minutes: cheap
 * ones then run in full, and the dear share what is left alike. */
static double most_of(double minutes)
{
    double budget = CORES * 60 * minutes, low = 0, high = budget;
    for (int i = 0; i < 60; i++) {
        double most = (low + high) / 2, sum = 0;
        for (const struct experiment *e = experiments; e->name; e++)
            sum += seconds_of(e, most);
        if (sum < budget)
            low = most;
        else
            high = most;
    }
    return low;
}

static double scale_of(const struct experiment *e, double most)
{
    double room = e->full_s - e->fast_s;
    return room > 0 ? (seconds_of(e, most) - e->fast_s) / room : 1;
}

struct options {
    const char *only, *write, *commit, *resume;
    double minutes;
    bool fast, full, list;
};

static int read_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool value = i + 1 < argc;
        if (strcmp(argv[i], "--fast") == 0)
            o->fast = true;
        else if (strcmp(argv[i], "--full") == 0)
            o->full = true;
        else if (strcmp(argv[i], "--list") == 0)
            o->list = true;
        else if (strcmp(argv[i], "--only") == 0 && value)
            o->only = argv[++i];
        else if (strcmp(argv[i], "--write") == 0 && value)
            o->write = argv[++i];
        else if (strcmp(argv[i], "--commit") == 0 && value)
            o->commit = argv[++i];
        else if (strcmp(argv[i], "--resume") == 0 && value)
            o->resume = argv[++i];
        else if (strcmp(argv[i], "--minutes") == 0 && value)
            o->minutes = atof(argv[++i]);
        else
            return -1;
    }
    return 0;
}

static int write_page(const struct validation *v, const struct options *o)
{
    FILE *f = fopen(o->write, "w");
    if (!f)
        return -1;
    fprintf(f, "# Validation\n\nMade by `validate`, dnsclaim %s, commit %s, ", DNSCLAIM_VERSION,
            o->commit ? o->commit : "not stated");
    if (o->fast || o->full)
        fprintf(f, "%s number of replicates", o->full ? "the full" : "the least");
    else
        fprintf(f, "replicates for %g minutes", o->minutes);
    fprintf(f, ": %zu cells, %zu outside their band.\n\n", v->cells.n, v->cells.misses);
    for (const struct experiment *e = experiments; e->name; e++)
        fprintf(f, "- %s: %s\n", e->name, e->title);
    cells_write(&v->cells, f);
    return fclose(f);
}

static bool is_asked(const struct options *o, const struct experiment *e)
{
    return !o->only || strcmp(o->only, e->name) == 0 || strcmp(o->only, e->title) == 0;
}

static void run_all(struct validation *v, const struct options *o)
{
    double most = most_of(o->minutes);
    for (const struct experiment *e = experiments; e->name; e++) {
        char *key = mem_format("%s %s", e->name, e->title); /* one name may have several rows */
        if (is_asked(o, e) && !cells_is_done(&v->cells, key)) {
            v->scale = o->fast ? 0 : o->full ? 1 : scale_of(e, most);
            printf("%s: %s\n", e->name, e->title);
            clock_t before = clock();
            e->run(v);
            fprintf(stderr, "%s: %.1f s of CPU\n", e->title,
                    (double)(clock() - before) / CLOCKS_PER_SEC);
            cells_done(&v->cells, key);
        }
        free(key);
    }
}

int main(int argc, char **argv)
{
    struct options o = {.minutes = 30};
    if (read_options(&o, argc, argv) < 0) {
        fprintf(stderr,
                "usage: validate [--fast | --minutes N | --full] [--only NAME|TITLE] "
                "[--resume FILE]\n                [--commit TEXT] [--write FILE] | --list\n");
        return 2;
    }
    for (const struct experiment *e = experiments; o.list && e->name; e++)
        if (e == experiments || strcmp(e->name, e[-1].name) != 0)
            puts(e->name);
    if (o.list)
        return 0;
    gsl_set_error_handler_off();
    struct validation v = {.fast = o.fast};
    if (o.resume) {
        char *run = mem_format("%s %s %.6f", DNSCLAIM_VERSION, o.commit ? o.commit : "",
                               o.fast   ? 0
                               : o.full ? INFINITY
                                        : o.minutes);
        int rc = cells_resume(&v.cells, o.resume, run);
        free(run);
        if (rc < 0)
            return 2;
    }
    run_all(&v, &o);
    int rc = v.cells.misses ? 1 : 0;
    if (v.cells.n == 0) {
        fprintf(stderr, "validate: no cell was run\n");
        rc = 2;
    }
    printf("%zu cells, %zu outside their band\n", v.cells.n, v.cells.misses);
    if (o.write && write_page(&v, &o) != 0) {
        perror(o.write);
        rc = 1;
    }
    cells_free(&v.cells);
    return rc;
}
