/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, messages in their order: screens of runs of ids and ports and of letters of mixed case,
 * through tally and integrity_run. Twenty resolvers that mix letters at random (dns0x20) ask
 * 3,000 times for five names of 12 to 36 letters, with ids and ports at random.
 *
 * Forgeries: each client's ids go up by 1 to 500, or its ports by 1 or 2, modulo their range;
 * one query in ten is put in whose letters a writer made once for each name, or alternate;
 * letters are capitals in .55. Innocent: a client that passes on names of which three in ten
 * have capitals of their own. Foils: a run of seven is a forgery; a place with capitals off by
 * two standard errors is one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/tally.h"
#include "models/integrity.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { CLIENTS = 20, NAMES = 5, QUERIES = 3000 };

struct plan {
    bool count_ids, count_ports;
    double fixed, alternate; /* shares of queries put in */
    double capitals;         /* chance of a capital */
    double passed_on;        /* share of names with capitals of their own; 1: dns0x20 */
};

enum { RUNS_P, LETTERS_P, RUNS_FLAGGED, LETTERS_FLAGGED, EITHER, SEVEN, PLACE, COLUMNS };

static uint64_t draw_upper(const struct plan *p, int letters, struct rng *r)
{
    uint64_t upper = 0, all = (UINT64_C(1) << letters) - 1;
    do
        for (int i = 0; i < letters; i++)
            upper = (upper & ~(UINT64_C(1) << i)) | (uint64_t)(rng_unit(r) < p->capitals) << i;
    while (upper == 0 || upper == all);
    return upper;
}

struct world {
    const struct plan *p;
    int32_t id[CLIENTS], port[CLIENTS];
    uint64_t fixed[NAMES];
    char client[CLIENTS][16], name[NAMES][16];
};

static int letters_of(size_t name)
{
    return 12 + 6 * (int)name;
}

static void begin(struct world *w, const struct plan *p, struct rng *r)
{
    w->p = p;
    for (int i = 0; i < CLIENTS; i++) {
        w->id[i] = (int32_t)rng_below(r, 65536);
        w->port[i] = (int32_t)rng_below(r, 64512);
        snprintf(w->client[i], sizeof w->client[i], "192.0.2.%d", i + 1);
    }
    for (size_t i = 0; i < NAMES; i++) {
        w->fixed[i] = draw_upper(p, letters_of(i), r);
        snprintf(w->name[i], sizeof w->name[i], "n%zu.example", i);
    }
}

static void spell(const struct world *w, struct lookup *v, size_t name, struct rng *r)
{
    const uint64_t alternate = UINT64_C(0x5555555555555555);
    double which = rng_unit(r);
    int letters = letters_of(name);
    bool mixed = rng_unit(r) < w->p->passed_on;
    v->trait[TRAIT_CASE] = mixed ? 2 : 1;
    v->letters = mixed ? (uint8_t)letters : 0;
    v->upper = draw_upper(w->p, letters, r);
    if (which < w->p->fixed || w->p->passed_on < 1)
        v->upper = w->fixed[name];
    else if (which > 1 - w->p->alternate)
        v->upper = alternate & ((UINT64_C(1) << letters) - 1);
}

static struct lookup draw_query(struct world *w, struct rng *r)
{
    size_t from = rng_below(r, CLIENTS), name = rng_below(r, NAMES);
    int32_t up = 1 + (int32_t)rng_below(r, 500), next = 1 + (int32_t)rng_below(r, 2);
    w->id[from] = w->p->count_ids ? (w->id[from] + up) & 65535 : (int32_t)rng_below(r, 65536);
    w->port[from] =
        w->p->count_ports ? (w->port[from] + next) % 64512 : (int32_t)rng_below(r, 64512);
    struct lookup v = {.client = span_of(w->client[from]),
                       .name = span_of(w->name[name]),
                       .kind = LOOKUP_QUERY,
                       .qtype = 1,
                       .rcode = LOOKUP_UNKNOWN,
                       .id = w->id[from],
                       .port = 1024 + w->port[from],
                       .ttl_s = LOOKUP_UNKNOWN,
                       .weight = 1};
    spell(w, &v, name, r);
    return v;
}

static struct counts *draw(const struct plan *p, struct rng *r)
{
    struct world w;
    struct skips skips = {0};
    struct tally *t = tally_new(&(struct tally_opts){.tick_ns = NS_PER_S});
    size_t source = tally_source(t, "simulated", "simulated");
    int64_t at = 0;
    begin(&w, p, r);
    for (int i = 0; i < QUERIES; i++) {
        struct lookup v = draw_query(&w, r);
        v.t_ns = at += (int64_t)(rng_exponential(r, 600) * 1e9);
        tally_add(t, source, &v, 1, &skips, NULL);
    }
    return tally_freeze(t, 1);
}

static bool some_run_of(const struct counts_source *s, uint64_t run)
{
    bool any = s->id_longest >= run;
    for (int i = 0; i < HIST_RUN; i++)
        any |= s->run_longest[i] >= run;
    return any;
}

static bool some_place_is_off(const struct counts_source *s)
{
    bool any = false;
    for (int i = 0; i < HIST_LETTER; i++) {
        double up = (double)s->case_upper[i], low = (double)s->case_lower[i];
        any |= fabs(up - low) > 1.96 * sqrt(up + low) && up + low > 0;
    }
    return any;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    struct counts *c = draw(ctx, r);
    struct integrity in;
    drawn_screens(&in, c, NULL, rng_u32(r));
    const struct screen_result *runs = integrity_find(&in, "id_runs"),
                               *letters = integrity_find(&in, "letters");
    ret[RUNS_P] = exp(runs->log_p);
    ret[LETTERS_P] = isnan(letters->log_p) ? 1 : exp(letters->log_p);
    ret[RUNS_FLAGGED] = runs->answer == INTEGRITY_EXPLAIN;
    ret[LETTERS_FLAGGED] = letters->answer == INTEGRITY_EXPLAIN;
    ret[EITHER] = fmax(ret[RUNS_FLAGGED], ret[LETTERS_FLAGGED]);
    ret[SEVEN] = some_run_of(&c->sources[0], 7);
    ret[PLACE] = some_place_is_off(&c->sources[0]);
    integrity_free(&in);
    counts_free(c);
}

/* The least p of six, or of four, with Bonferroni: sizes are at most what is asked. */
void v12_letters(struct validation *v)
{
    static const struct plan honest = {.capitals = .5, .passed_on = 1},
                             ids = {.capitals = .5, .passed_on = 1, .count_ids = true},
                             ports = {.capitals = .5, .passed_on = 1, .count_ports = true},
                             fixed = {.capitals = .5, .passed_on = 1, .fixed = .1},
                             alternate = {.capitals = .5, .passed_on = 1, .alternate = .1},
                             uneven = {.capitals = .55, .passed_on = 1},
                             passed = {.capitals = .5, .passed_on = .3};
    const struct validate_figure none[] = {
        {"id_runs, p at .05", RUNS_P, FIGURE_SHARE, .05, 0, .05},
        {"letters, p at .05", LETTERS_P, FIGURE_SHARE, .05, 0, .05},
        {"one of the two is flagged", EITHER, FIGURE_MEAN, 0, 0, .01},
        {"foil: a run of seven is a forgery", SEVEN, FIGURE_MEAN, 0, .5, 1},
        {"foil: two standard errors at a place are", PLACE, FIGURE_MEAN, 0, .5, 1}};
    const struct validate_figure run[] = {
        {"id_runs sees it", RUNS_FLAGGED, FIGURE_MEAN, 0, .95, 1}};
    const struct validate_figure letter[] = {
        {"letters sees it", LETTERS_FLAGGED, FIGURE_MEAN, 0, .95, 1}};
    const struct validate_figure quiet[] = {
        {"letters flagged", LETTERS_FLAGGED, FIGURE_MEAN, 0, 0, .01}};
    const struct {
        const char *prefix;
        const struct plan *plan;
        const struct validate_figure *figures;
        size_t n;
        uint32_t fast, full;
    } cells[] = {{"honest messages in order:", &honest, none, 5, 20, 2000},
                 {"ids that count up by client:", &ids, run, 1, 5, 300},
                 {"ports in turn by client:", &ports, run, 1, 5, 300},
                 {"one in ten put in, spelt one way:", &fixed, letter, 1, 5, 300},
                 {"one in ten put in, every other letter:", &alternate, letter, 1, 5, 300},
                 {"capitals in .55:", &uneven, letter, 1, 5, 300},
                 {"capitals of others passed on:", &passed, quiet, 1, 5, 1000}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        validate_run(
            v, &(struct validate_plan){.experiment = "messages",
                                       .prefix = cells[i].prefix,
                                       .replicate = replicate,
                                       .ctx = cells[i].plan,
                                       .columns = COLUMNS,
                                       .figures = cells[i].figures,
                                       .nfigures = cells[i].n,
                                       .R = validate_pick(v, cells[i].fast, cells[i].full)});
}
