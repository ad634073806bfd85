/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, servers by name, through tally and integrity_run: ten clients ask for six names (300,
 * 120, 60, 60, 30, 30 times each, 60 days; days differ by name, Gamma .5) at three servers, of
 * which each client has its own habit (Dirichlet 3). Honest worlds, by what keeps a client at
 * one server: nothing; a session of rows 5 s apart; a session whose rows lie 20 minutes apart
 * and so are none to the program; the day (.7 of rows go to its server); the name, for all of
 * the log (Dirichlet 19); a session whose rows keep the server with a chance that each name has
 * of its own (.3 to 1, drawn for each log). Forgeries: each row of the second name at a server
 * of its own, drawn evenly or by the client's habit; or all at one server. Foils: chi-square of
 * the busiest name's rows against all others'; its runs of one server against random order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/tally.h"
#include "models/integrity.h"
#include "stats/tail.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { CLIENTS = 10, NAMES = 6, SERVERS = 3, DAYS = 60 };
static const int asked[NAMES] = {300, 120, 60, 60, 30, 30};

enum keeps { NOTHING, SESSION, HIDDEN, DAY, NAME, SOME };
enum forged { HONEST, EVENLY, ONE, HABIT };

struct plan {
    enum keeps keeps;
    enum forged forged;
};

enum { P, FLAGGED, FOIL, MEMORY_P, MEMORY_FLAGGED, MEMORY_FOIL, COLUMNS };

struct log {
    struct tally *t;
    size_t source;
    double foil[CLIENTS][2][SERVERS]; /* the busiest name, the others */
    double keep[NAMES];               /* SOME: chance that a row keeps the server */
};

static void draw_shares(double shape, const double *mean, struct rng *r, double ret[SERVERS])
{
    double sum = 0;
    for (int k = 0; k < SERVERS; k++)
        sum += ret[k] = rng_gamma(r, shape * (mean ? mean[k] : 1) + 1e-3, 1);
    for (int k = 0; k < SERVERS; k++)
        ret[k] /= sum;
}

static size_t pick(const double *share, size_t n, struct rng *r)
{
    double u = rng_unit(r);
    size_t k = 0;
    while (k + 1 < n && u >= share[k])
        u -= share[k++];
    return k;
}

static void write_row(struct log *log, int client, int name, size_t server, double t_s)
{
    char who[16], what[16], at[16];
    struct skips skips = {0};
    snprintf(who, sizeof who, "192.0.2.%d", client + 1);
    snprintf(what, sizeof what, "n%d.example", name);
    snprintf(at, sizeof at, "198.51.100.%zu", server + 1);
    struct lookup v = {.t_ns = (int64_t)(t_s * 1e9),
                       .client = span_of(who),
                       .name = span_of(what),
                       .server = span_of(at),
                       .kind = LOOKUP_QUERY,
                       .qtype = 1,
                       .rcode = LOOKUP_UNKNOWN,
                       .id = LOOKUP_UNKNOWN,
                       .port = LOOKUP_UNKNOWN,
                       .ttl_s = LOOKUP_UNKNOWN,
                       .weight = 1};
    tally_add(log->t, log->source, &v, 1, &skips, NULL);
    log->foil[client][name > 0][server]++;
}

static void draw_days(struct rng *r, double ret[DAYS])
{
    double sum = 0;
    for (int i = 0; i < DAYS; i++)
        sum += ret[i] = rng_gamma(r, .5, 1);
    for (int i = 0; i < DAYS; i++)
        ret[i] /= sum;
}

static size_t forged_server(enum forged forged, const double *habit, struct rng *r)
{
    return forged == ONE     ? 0
           : forged == HABIT ? pick(habit, SERVERS, r)
                             : rng_below(r, SERVERS);
}

static void draw_name(struct log *log, const struct plan *p, int client, int name,
                      const double *habit, const size_t *of_day, struct rng *r)
{
    double day[DAYS], share[SERVERS];
    draw_days(r, day);
    if (p->keeps == NAME)
        draw_shares(19, habit, r, share);
    for (int left = asked[name]; left > 0;) {
        size_t today = pick(day, DAYS, r);
        bool session = p->keeps == SESSION || p->keeps == HIDDEN || p->keeps == SOME;
        int rows = session ? 1 + (int)rng_below(r, 5) : 1;
        size_t server = pick(p->keeps == NAME ? share : habit, SERVERS, r);
        if (p->keeps == DAY && rng_unit(r) < .7)
            server = of_day[today];
        double t = 86400 * ((double)today + .9 * rng_unit(r));
        for (; rows > 0 && left > 0; rows--, left--) {
            if (name == 1 && p->forged != HONEST)
                server = forged_server(p->forged, habit, r);
            write_row(log, client, name, server, t);
            t += p->keeps == HIDDEN ? 1200 : 5;
            if (p->keeps == SOME && rng_unit(r) >= log->keep[name])
                server = pick(habit, SERVERS, r);
        }
    }
}

static struct counts *draw(const struct plan *p, struct rng *r, struct log *log)
{
    *log = (struct log){.t = tally_new(&(struct tally_opts){.tick_ns = NS_PER_S})};
    log->source = tally_source(log->t, "simulated", "simulated");
    for (int name = 0; name < NAMES && p->keeps == SOME; name++)
        log->keep[name] = .3 + .7 * rng_unit(r);
    for (int client = 0; client < CLIENTS; client++) {
        double habit[SERVERS];
        size_t of_day[DAYS];
        draw_shares(3, NULL, r, habit);
        for (int i = 0; i < DAYS; i++)
            of_day[i] = pick(habit, SERVERS, r);
        for (int name = 0; name < NAMES; name++)
            draw_name(log, p, client, name, habit, of_day, r);
    }
    return tally_freeze(log->t, 1);
}

/* p of rows as if each were by itself. */
static double rows_p(const struct log *log)
{
    double chi = 0, df = 0;
    for (int c = 0; c < CLIENTS; c++) {
        const double *own = log->foil[c][0], *others = log->foil[c][1];
        double n = 0, m = 0;
        for (int k = 0; k < SERVERS; k++) {
            n += own[k];
            m += others[k];
        }
        for (int k = 0; k < SERVERS; k++) {
            double both = own[k] + others[k], off = own[k] / n - others[k] / m;
            chi += both > 0 ? off * off * (n + m) / both / (1 / n + 1 / m) : 0;
            df += both > 0;
        }
        df--;
    }
    return exp(chisq_log_upper(chi, df));
}

/* p of the busiest name's stays against random order, its clients together (Barton & David). */
static double runs_p(const struct counts *c)
{
    uint32_t name = counts_name(c, span_of("n0.example"));
    double off = 0, variance = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        double n = 0, s2 = 0, s3 = 0, steps = 0, stayed = 0;
        struct marks_iter it = marks_begin(counts_marks(&c->pairs[i]));
        while (c->pairs[i].name == name && marks_next(&it)) {
            double m = (double)it.count;
            n += it.kind == MARK_SERVER ? m : 0;
            s2 += it.kind == MARK_SERVER ? m * m : 0;
            s3 += it.kind == MARK_SERVER ? m * m * m : 0;
            steps += it.kind >= MARK_STAYED ? m : 0;
            stayed += it.kind == MARK_STAYED ? m : 0;
        }
        if (n < 2)
            continue;
        off += stayed - steps * (s2 - n) / (n * (n - 1));
        variance += steps * (s2 * (s2 + n * (n + 1)) - 2 * n * s3 - n * n * n) /
                    (n * n * (n - 1) * (n - 1));
    }
    return fmin(1, 2 * exp(normal_log_upper(fabs(off) / sqrt(variance))));
}

static double p_of(const struct screen_result *s)
{
    return isnan(s->log_p) ? 1 : exp(s->log_p);
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    struct log log;
    struct counts *c = draw(ctx, r, &log);
    struct integrity in;
    drawn_screens(&in, c, NULL, rng_u32(r));
    const struct screen_result *shares = integrity_find(&in, "name_servers"),
                               *memory = integrity_find(&in, "name_memory");
    ret[P] = p_of(shares);
    ret[FLAGGED] = shares->answer == INTEGRITY_EXPLAIN;
    ret[FOIL] = rows_p(&log);
    ret[MEMORY_P] = p_of(memory);
    ret[MEMORY_FLAGGED] = memory->answer == INTEGRITY_EXPLAIN;
    ret[MEMORY_FOIL] = runs_p(c);
    integrity_free(&in);
    counts_free(c);
}

static const struct validate_plan plan = {
    .experiment = "name servers", .replicate = replicate, .columns = COLUMNS};

static const struct validate_figure
    shares_see = {"name_servers sees it", FLAGGED, FIGURE_MEAN, 0, .95, 1},
    memory_sees = {"name_memory sees it", MEMORY_FLAGGED, FIGURE_MEAN, 0, .95, 1},
    /* a session counts as one row there */
    foil_sees = {"foil: name_servers sees it", FLAGGED, FIGURE_MEAN, 0, 0, .5},
    /* none is kept by the others either */
    nothing = {"name_memory flagged", MEMORY_FLAGGED, FIGURE_MEAN, 0, 0, .01};

static void honest_worlds(struct validation *v)
{
    static const struct {
        const char *prefix;
        struct plan plan;
        size_t figures;
        uint32_t fast;
    } worlds[] = {{"servers at random:", {NOTHING, HONEST}, 4, 4},
                  {"a server by name:", {NAME, HONEST}, 5, 4},
                  {"a server by session:", {SESSION, HONEST}, 6, 8},
                  {"a server by session, rows apart:", {HIDDEN, HONEST}, 6, 4},
                  {"a server by day:", {DAY, HONEST}, 6, 8}};
    const struct validate_figure none[] = {
        {"name_servers, p at .05", P, FIGURE_SHARE, .05, 0, .05},
        {"name_servers flagged", FLAGGED, FIGURE_MEAN, 0, 0, .01},
        {"name_memory, p at .05", MEMORY_P, FIGURE_SHARE, .05, 0, .05},
        nothing,
        {"foil: chi-square of rows at .05", FOIL, FIGURE_SHARE, .05, .5, 1},
        {"foil: runs of a name at .05", MEMORY_FOIL, FIGURE_SHARE, .05, .5, 1}};
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        validate_world(v, &plan, worlds[i].prefix, &worlds[i].plan, none, worlds[i].figures,
                       validate_pick(v, worlds[i].fast, 1000));
    static const struct plan some = {SOME, HONEST};
    const struct validate_figure unlike[] = {none[2], none[3], none[5]};
    validate_world(v, &plan, "kept more or less by name:", &some, unlike, 3,
                   validate_pick(v, 4, 1000));
}

/* name_servers misses the second, 11 in 16 when first seen: a session counts as one row, so
 * that a name drawn evenly among few of them shows little. So it is not of the short run,
 * which every change must pass; name_memory's .95 of it was written down before it was run,
 * and so was the half of the last: a step beyond a day shows nothing. */
static void forged_worlds(struct validation *v)
{
    const struct validate_figure half = {
        "name_memory sees it", MEMORY_FLAGGED, FIGURE_MEAN, 0, .5, 1};
    const struct {
        const char *prefix;
        struct plan plan;
        struct validate_figure figures[2];
        size_t n;
        uint32_t fast;
    } worlds[] = {
        {"at random, a name drawn evenly:", {NOTHING, EVENLY}, {shares_see, nothing}, 2, 4},
        {"by session, a name drawn evenly:",
         {SESSION, EVENLY},
         {shares_see, memory_sees},
         2,
         0},
        {"by session, a name drawn by habit:",
         {SESSION, HABIT},
         {memory_sees, foil_sees},
         2,
         4},
        {"by session, a name at one server:", {SESSION, ONE}, {shares_see}, 1, 4},
        {"by day, a name at one server:", {DAY, ONE}, {shares_see}, 1, 4},
        {"by day, a name drawn by habit:", {DAY, HABIT}, {half}, 1, 0}};
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        validate_world(v, &plan, worlds[i].prefix, &worlds[i].plan, worlds[i].figures,
                       worlds[i].n, validate_pick(v, worlds[i].fast, 200));
}

/* At most what is asked in each honest world. */
void v12_names(struct validation *v)
{
    honest_worlds(v);
    forged_worlds(v);
}
