/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, rows: screens of what each row carries (fraction, second and hour of its time, id,
 * server) and of gaps that fit too well, one by one, through tally and integrity_run. Thirty
 * days of autumn 2016, in which clocks of four zones changed; twenty clients, fifteen look-ups
 * an hour, four servers taken at random. One log answers for all screens: how often p is at
 * most .05, and at most what one screen has of a level of .01.
 *
 * One altered log for all as well: one row in twenty at a full minute, one in twenty with .0 of
 * a second, one in thirty with the id above the one before, servers taken in turn, times as
 * clocks of Sao Paulo showed them, the busiest client's gaps the law's quantiles in random
 * order. Each screen must see its own by itself, without help of the others through Holm.
 * Foil: two equal ids are a forgery. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/tz.h"
#include "ingest/tally.h"
#include "models/integrity.h"
#include "models/live.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { CLIENTS = 20, SERVERS = 4, DAYS = 30, ROOM = 4 * 18 * DAYS };
static const int64_t FROM_S = 1476230400; /* 2016-10-12T00:00Z */
static const double DAY_S = 86400, TTL_S = 1800, EXCESS_S = 3000;

struct plan {
    double shape; /* days differ by a gamma law, and no cache is between; 0: one cache each */
    bool altered;
};

static const char *const screens[] = {"too_clean", "subsecond",     "seconds",    "local_time",
                                      "ids",       "server_shares", "server_runs"};
enum {
    SCREENS = sizeof screens / sizeof *screens,
    ALL_READ = SCREENS,
    FLAGGED,
    FAILED,
    EQUAL_IDS,
    COLUMNS
};

struct row {
    double t; /* s from FROM_S */
    uint32_t client;
};

static int by_time(const void *a, const void *b)
{
    double x = ((const struct row *)a)->t, y = ((const struct row *)b)->t;
    return (x > y) - (x < y);
}

/* --- times ------------------------------------------------------------------------------ */

/* Even demand behind a cache; made up: more of it, and each quantile of the law once. */
static size_t behind_cache(struct row *v, uint32_t client, bool made_up, struct rng *r)
{
    double excess = made_up ? .8 * EXCESS_S : EXCESS_S, at = rng_exponential(r, excess);
    size_t order[ROOM], m = (size_t)(DAYS * DAY_S / (TTL_S + excess)), n = 0;
    for (size_t i = 0; i < m; i++)
        order[i] = i;
    rng_shuffle(r, order, m);
    for (; at < DAYS * DAY_S && n < (made_up ? m : ROOM); n++) {
        v[n] = (struct row){at, client};
        at += TTL_S + (made_up ? -excess * log(((double)order[n] + .5) / (double)m)
                               : rng_exponential(r, excess));
    }
    return n;
}

static size_t draw_times(struct row *v, const struct plan *p, struct rng *r)
{
    size_t n = 0;
    for (uint32_t k = 0; !(p->shape > 0) && k < CLIENTS; k++)
        n += behind_cache(v + n, k, p->altered && k == 0, r);
    for (int day = 0; p->shape > 0 && day < DAYS; day++) {
        double of_day = rng_gamma(r, p->shape, 1 / p->shape) * DAY_S / (TTL_S + EXCESS_S);
        for (uint32_t k = 0; k < CLIENTS; k++)
            for (uint64_t m = rng_poisson(r, of_day); m > 0 && n < CLIENTS * ROOM; m--)
                v[n++] = (struct row){DAY_S * (day + rng_unit(r)), k};
    }
    qsort(v, n, sizeof *v, by_time);
    return n;
}

/* --- rows ------------------------------------------------------------------------------- */

struct writer {
    const struct plan *p;
    struct tz *zone;
    int32_t id;
    size_t turn[CLIENTS];
    char client[CLIENTS][16], server[SERVERS][16];
};

static int64_t time_of(const struct writer *w, const struct row *v, struct rng *r)
{
    int64_t t = FROM_S * NS_PER_S + (int64_t)(v->t * 1e9);
    if (!w->p->altered)
        return t;
    t += tz_offset(w->zone, floor_div(t, NS_PER_S)) * NS_PER_S;
    double which = rng_unit(r);
    if (v->client && which < .05)
        t -= t % (60 * NS_PER_S) - t % NS_PER_S; /* its second; the fraction stays */
    else if (which >= .95)
        t -= t % NS_PER_S - t % (NS_PER_S / 10);
    return t;
}

static struct lookup lookup_of(struct writer *w, const struct row *v, struct rng *r)
{
    bool next = rng_unit(r) < 1. / 30 && w->p->altered;
    w->id = next ? (w->id + 1) & 65535 : (int32_t)rng_below(r, 65536);
    size_t server = w->p->altered ? w->turn[v->client]++ % SERVERS : rng_below(r, SERVERS);
    return (struct lookup){.t_ns = time_of(w, v, r),
                           .client = span_of(w->client[v->client]),
                           .server = span_of(w->server[server]),
                           .name = span_of("mail.example"),
                           .kind = LOOKUP_QUERY,
                           .qtype = 1,
                           .rcode = LOOKUP_UNKNOWN,
                           .id = w->id,
                           .port = 1024 + (int32_t)rng_below(r, 64512),
                           .ttl_s = LOOKUP_UNKNOWN,
                           .weight = 1};
}

static struct counts *draw(const struct plan *p, struct rng *r)
{
    struct writer w = {.p = p};
    struct err err;
    struct skips skips = {0};
    struct row *v = mem_alloc(CLIENTS * ROOM * sizeof *v);
    struct tally *t = tally_new(&(struct tally_opts){.tick_ns = NS_PER_S});
    size_t source = tally_source(t, "simulated", "simulated"), n = draw_times(v, p, r);
    for (int i = 0; i < CLIENTS; i++)
        snprintf(w.client[i], sizeof w.client[i], "192.0.2.%d", i + 1);
    for (int i = 0; i < SERVERS; i++)
        snprintf(w.server[i], sizeof w.server[i], "198.51.100.%d", i + 1);
    if (tz_open(&w.zone, "America/Sao_Paulo", &err) < 0) {
        fprintf(stderr, "v12: %s\n", err.msg);
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        struct lookup one = lookup_of(&w, &v[i], r);
        tally_add(t, source, &one, 1, &skips, NULL);
    }
    tz_free(w.zone);
    free(v);
    struct counts *c = tally_freeze(t, 1);
    live_infer(c);
    return c;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct plan *p = ctx;
    struct counts *c = draw(p, r);
    struct integrity in;
    double ttl = p->shape > 0 ? 0 : TTL_S;
    drawn_screens(&in, c, &ttl, rng_u32(r));
    ret[ALL_READ] = 1;
    ret[FLAGGED] = 0;
    for (size_t i = 0; i < SCREENS; i++) {
        const struct screen_result *s = integrity_find(&in, screens[i]);
        ret[i] = isnan(s->log_p) ? 1 : exp(s->log_p);
        ret[ALL_READ] = fmin(ret[ALL_READ], !isnan(s->log_p));
        ret[FLAGGED] = fmax(ret[FLAGGED], s->log_p_adjusted <= log(.01));
    }
    ret[FAILED] = integrity_find(&in, "local_time")->answer == INTEGRITY_FAIL;
    ret[EQUAL_IDS] = c->sources[0].id_pairs > 0;
    integrity_free(&in);
    counts_free(c);
}

static const struct validate_plan plan = {
    .experiment = "screens", .replicate = replicate, .columns = COLUMNS};

/* Exact in the log with a cache: all but p of counts, which are lumpy, and of the hour of a
 * change, which a missing hour leaves at 1 and a cache makes evener than counts are. */
void v12_rows(struct validation *v)
{
    static const struct plan even = {0}, differ = {.shape = 8}, altered = {.altered = true};
    static const double alone = .01 / 13; /* Holm's first step: thirteen screens have a p */
    const struct validate_figure sizes[] = {
        {"too_clean, p at .05", 0, FIGURE_SHARE, .05, .05, .05},
        {"subsecond, p at .05", 1, FIGURE_SHARE, .05, .05, .05},
        {"seconds, p at .05", 2, FIGURE_SHARE, .05, .05, .05},
        {"local_time, p at .05", 3, FIGURE_SHARE, .05, 0, .05},
        {"ids, p at .05", 4, FIGURE_SHARE, .05, 0, .05},
        {"server_shares, p at .05", 5, FIGURE_SHARE, .05, .05, .05},
        {"server_runs, p at .05", 6, FIGURE_SHARE, .05, .05, .05},
        {"one of the seven is flagged", FLAGGED, FIGURE_MEAN, 0, 0, .01},
        {"all seven read the log", ALL_READ, FIGURE_MEAN, 0, 1, 1},
        {"foil: two equal ids are a forgery", EQUAL_IDS, FIGURE_MEAN, 0, .95, 1}};
    const struct validate_figure busy[] = {
        {"too_clean, p at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"seconds, p at .05", 2, FIGURE_SHARE, .05, .05, .05},
        {"local_time, p at .05", 3, FIGURE_SHARE, .05, 0, .05},
        {"local_time, p at a screen's share of .01", 3, FIGURE_SHARE, alone, 0, alone},
        {"local_time fails", FAILED, FIGURE_MEAN, 0, 0, .01},
        {"one of the seven is flagged", FLAGGED, FIGURE_MEAN, 0, 0, .01},
        {"all seven read the log", ALL_READ, FIGURE_MEAN, 0, 1, 1}};
    struct validate_figure seen[SCREENS];
    static const char *const cells[SCREENS] = {"too_clean sees quantiles of the law",
                                               "subsecond sees .0",
                                               "seconds sees full minutes",
                                               "local_time sees the missing hour",
                                               "ids sees ids that count up",
                                               "server_shares sees turns",
                                               "server_runs sees turns"};
    for (size_t i = 0; i < SCREENS; i++)
        seen[i] = (struct validate_figure){cells[i], i, FIGURE_SHARE, alone, .95, 1};
    validate_world(v, &plan, "honest rows, one cache each:", &even, sizes,
                   sizeof sizes / sizeof *sizes, validate_pick(v, 2, 1000));
    validate_world(v, &plan, "honest rows, days differ (Gamma 8):", &differ, busy,
                   sizeof busy / sizeof *busy, validate_pick(v, 2, 1000));
    validate_world(v, &plan, "altered rows:", &altered, seen, SCREENS,
                   validate_pick(v, 2, 300));
}
