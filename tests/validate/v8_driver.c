/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V8, world W5: mailings reach a, b and others for one reason, and each looks up within
 * minutes if at all. D1 must reject (the coupling is real, and innocent); D1 with the other
 * clients as a driver must not; the rank among control pairs must not either. Through the
 * product's own path, study file and nulls. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "models/nulls.h"
#include "stats/order.h"
#include "tests/made.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { TTL = 3600, ROOM = 20000 };

struct world {
    int days, names, others; /* control names; control clients */
    double per_hour;         /* own demand of each pair, mean of a daily sine */
    double mailings, reach;  /* a day for each name; chance that a client looks up for one */
    double eta;              /* share of a's sessions that make b look up */
    bool ranks;              /* of controls too, which cost most */
};

enum column { PLAIN, DRIVEN, NAMES, BOTH, COLUMNS };

static const int64_t monday = 1467590400; /* 2016-07-04 */

/* Demand of own rhythm, mailings and triggers through one cache; what passed it is added to
 * m, and left in `ret` (ROOM). */
static size_t add_pair(const struct world *w, struct rng *r, struct made *m, const char *client,
                       const char *name, const double *mailings, size_t nmailings,
                       const double *after, size_t nafter, double *ret)
{
    double length = w->days * 86400.0, top = 2 * w->per_hour / 3600, until = 0;
    size_t n = 0, kept = 0;
    for (double t = 0; (t += rng_exponential(r, 1 / top)) < length && n < ROOM;)
        if (rng_unit(r) < .5 + .5 * cos(2 * M_PI * (t / 86400 - .6)))
            ret[n++] = t;
    for (size_t i = 0; i < nmailings && n < ROOM; i++)
        if (rng_unit(r) < w->reach)
            ret[n++] = mailings[i] + rng_exponential(r, 120);
    for (size_t i = 0; i < nafter && n < ROOM; i++)
        if (rng_unit(r) < w->eta)
            ret[n++] = after[i] + rng_exponential(r, 120);
    order_sort(ret, n);
    for (size_t i = 0; i < n; i++) {
        if (ret[i] < until || ret[i] >= length)
            continue;
        until = ret[i] + TTL;
        made_add(m, client, name, 1, monday + (int64_t)ret[i], 1);
        ret[kept++] = ret[i];
    }
    return kept;
}

/* A name's mailings, a and b on it, and the others on the first name. */
static void add_name(const struct world *w, struct rng *r, struct made *m, int which)
{
    double *mailing = mem_alloc(ROOM * sizeof *mailing);
    double *a = mem_alloc(ROOM * sizeof *a), *rest = mem_alloc(ROOM * sizeof *rest);
    char name[32] = "target.example", client[32];
    size_t n = 0;
    if (which > 0)
        snprintf(name, sizeof name, "s%02d.example", which);
    for (double t = 0; (t += rng_exponential(r, 86400 / w->mailings)) < w->days * 86400.0;)
        mailing[n++] = t;
    size_t na = add_pair(w, r, m, "192.0.2.1", name, mailing, n, NULL, 0, a);
    add_pair(w, r, m, "192.0.2.2", name, mailing, n, a, na, rest);
    for (int i = 0; which == 0 && i < w->others; i++) {
        snprintf(client, sizeof client, "198.51.100.%d", i + 1);
        add_pair(w, r, m, client, name, mailing, n, NULL, 0, rest);
    }
    free(mailing);
    free(a);
    free(rest);
}

static double p_of(const struct study *s, size_t claim, const struct counts *c,
                   void (*null)(struct trial *, struct null_result *))
{
    struct trial t;
    struct null_result n = {.log_p = 0, .u = NAN};
    struct err err;
    if (trial_make(&t, s, &s->claims[claim], c, 1, &err) < 0)
        return 1;
    null(&t, &n);
    trial_free(&t);
    free(n.values);
    return n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE ? mc_p(&n.mc) : 1;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct made m = {0};
    struct err err;
    for (int i = 0; i <= w->names; i++)
        add_name(w, r, &m, i);
    struct counts *c = made_counts(&m, monday, monday + w->days * INT64_C(86400));
    struct study *s = drawn_study("tests/data/study-synchrony.yaml", NULL, NULL, r);
    s->power = false;
    for (size_t i = 0; i < COLUMNS; i++)
        ret[i] = 1;
    if (study_resolve(s, c, &err) == 0) {
        ret[PLAIN] = p_of(s, 0, c, null_synchrony_window);
        ret[DRIVEN] = p_of(s, 2, c, null_synchrony_window);
        if (w->ranks) {
            ret[NAMES] = p_of(s, 0, c, null_synchrony_controls);
            ret[BOTH] = p_of(s, 1, c, null_synchrony_controls);
        }
    }
    study_free(s);
    counts_free(c);
}

static const struct validate_plan plan = {
    .experiment = "V8", .replicate = replicate, .columns = COLUMNS, .m = 199};

#define REJECTS(name, column, lo, hi)                                                          \
    {                                                                                          \
        name ", rejects at .05", column, FIGURE_SHARE, .05, lo, hi                             \
    }

/* --- two timers of one period, which know nothing of each other ------------------------------
 */

struct timers {
    int days;
    double period_s, longer; /* b's period over a's, less 1 */
    double stop_day;         /* of a day on which nothing was heard; 0: none */
};

static void two_timers(const void *ctx, struct rng *r, double *ret)
{
    static const char *const client[] = {"192.0.2.1", "192.0.2.2"};
    struct made m = {0};
    struct trial t;
    struct err err;
    const struct timers *w = ctx;
    double end = w->days * 86400.0;
    for (int k = 0; k < 2; k++) {
        double turn = w->period_s * (k ? 1 + w->longer : 1);
        for (double at = w->period_s * rng_unit(r); at < end - 600; at += turn) {
            double when = fmax(0, at + 20 * rng_normal(r)), day = when / 86400 - w->stop_day;
            if (!(w->stop_day > 0 && day >= 0 && day < 1))
                made_add(&m, client[k], "target.example", 1, monday + (int64_t)when, 1);
        }
    }
    struct counts *c = made_counts(&m, monday, monday + (int64_t)end);
    if (w->stop_day > 0) {
        int64_t from = monday + (int64_t)(w->stop_day * 86400);
        made_stop(c, from, from + 86400);
    }
    struct study *s = drawn_study("tests/data/study-synchrony.yaml", NULL, NULL, r);
    struct null_result n = {.log_p = 0, .u = NAN};
    s->power = false;
    ret[0] = ret[1] = 1;
    if (study_resolve(s, c, &err) == 0) {
        ret[1] = p_of(s, 0, c, null_synchrony_window);
        if (trial_make(&t, s, &s->claims[0], c, 1, &err) == 0) {
            null_synchrony_timers(&t, &n);
            ret[0] = n.why == WHY_NONE ? exp(n.log_p) : 1;
            trial_free(&t);
        }
    }
    study_free(s);
    counts_free(c);
}

/* Periods that differ by 7e-4 slide by 7 minutes over the half that is looked at, a little
 * over the width of a lag, and 72 minutes are a whole number of widths: by shares of what each
 * place of b heard .1 of 300 were rejected, by what own and other place both heard .037 (own
 * computation in numpy). */
static void check_timers(struct validation *v, uint32_t R)
{
    static const struct timers alike = {28, 5400, 0, 0}, sliding = {14, 4320, 7e-4, 6.5};
    const struct validate_figure f[] = {REJECTS("rank among other times", 0, 0, .05),
                                        REJECTS("foil: D1 alone", 1, .7, 1)};
    const struct validate_plan of = {
        .experiment = "V8", .replicate = two_timers, .columns = 2, .m = 199};
    validate_world(v, &of, "two timers of one period:", &alike, f, 2, R);
    validate_world(v, &of, "two timers whose phases slide, a day's stop:", &sliding, f, 2, R);
}

void v8_driver(struct validation *v)
{
    const struct world mailing = {28, 1, 12, .25, 3, .6, 0, false},
                       quiet = {28, 1, 12, .25, .001, .6, 0, false},
                       both = {28, 1, 12, .25, 3, .6, .15, false},
                       ranked = {28, 19, 19, .25, 3, .6, 0, true};
    const struct validate_figure removed[] = {
        REJECTS("foil: D1 without drivers", PLAIN, .9, 1),
        REJECTS("D1, other clients as driver", DRIVEN, 0, .05)};
    const struct validate_figure idle[] = {
        REJECTS("D1, other clients as driver", DRIVEN, 0, .05)};
    const struct validate_figure found[] = {
        REJECTS("D1, other clients as driver", DRIVEN, .5, 1)};
    const struct validate_figure ranks[] = {
        REJECTS("D6, rank among control names", NAMES, 0, .05),
        REJECTS("D6, rank among control names and control clients", BOTH, 0, .05)};
    validate_world(v, &plan, "W5, common mailing:", &mailing, removed, 2,
                   validate_pick(v, 16, 1000));
    validate_world(v, &plan, "W5, without mailings:", &quiet, idle, 1,
                   validate_pick(v, 0, 1000));
    validate_world(v, &plan, "W5, common mailing and eta .15:", &both, found, 1,
                   validate_pick(v, 0, 400));
    validate_world(v, &plan, "W5, common mailing:", &ranked, ranks, 2,
                   validate_pick(v, 0, 500));
    check_timers(v, validate_pick(v, 10, 1000));
}
