/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Claims whose effect a stated cause makes: mailings in office hours, to one client or to two,
 * that end or begin at a date, or a monitor's turns, beside demand without memory, all through
 * one cache a client. The
 * explanation of the cause (`mail`, `monitor`) keeps its size, where the kind's test on all
 * of the time must reject; where an effect is there besides the cause, it is found, and a
 * claim of just that effect is seldom explained. Through the product's own nulls. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/nulls.h"
#include "stats/order.h"
#include "stats/tail.h"
#include "tests/made.h"
#include "tests/picked.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { DAYS = 42, DATE = 28, DAY = 86400, LIFE = 3600, PEERS = 12, ROOM = 20000 };
static const int64_t monday = 94694400; /* 1 January 1973; DATE days later a date */

struct world {
    const char *claim, *foil, *null; /* of tests/data/study-apart.yaml */
    double per_hour;                 /* demand of each pair */
    double ratio;                    /* of it in office hours, or of the pair over its peers */
    double eta;                      /* share of a's sessions that b follows */
    double mailings;                 /* a working day, from 14 to 22 h UTC */
    double period_s;                 /* of a monitor; 0: none */
    double later;  /* mailings a working day from the date on, of a reaction */
    double theta;  /* size of days' own factors of demand; 0: steady */
    double rhythm; /* of every pair's demand, in office hours; 0: even */
};

struct log {
    double *cause; /* mailings, or turns */
    size_t n;
};

static bool office(double t)
{
    double second = fmod(t, DAY);
    return fmod(t / DAY, 7) < 5 && second >= 14 * 3600 && second < 22 * 3600;
}

static bool reacts(const struct world *w)
{
    return strcmp(w->claim, "ended") == 0 || strcmp(w->claim, "began") == 0;
}

static void draw_cause(const struct world *w, struct rng *r, struct log *ret)
{
    *ret = (struct log){.cause = mem_alloc(ROOM * sizeof *ret->cause)};
    double at = w->period_s * rng_unit(r);
    if (w->period_s > 0)
        for (; at < DAYS * (double)DAY; at += w->period_s)
            ret->cause[ret->n++] = floor(at);
    else
        for (double most = fmax(w->mailings, w->later);
             (at += rng_exponential(r, 8 * 3600 / most)) < DAYS * (double)DAY;)
            if (office(at) &&
                (!reacts(w) || rng_unit(r) * most < (at < DATE * DAY ? w->mailings : w->later)))
                ret->cause[ret->n++] = floor(at);
}

/* Times of a pair's own demand; returns how many. */
static size_t draw_demand(const struct world *w, struct rng *r, double own, double *ret)
{
    double rhythm = fmax(w->rhythm, 1), top = w->per_hour / 3600 * fmax(own, 1) * rhythm;
    double keep = 1 / (strcmp(w->claim, "hours") == 0 ? rhythm * fmax(own, 1) : rhythm);
    size_t n = 0;
    for (int d = 0; reacts(w) && d < DAYS; d++) {
        double shock = w->theta > 0 ? rng_gamma(r, w->theta, 1 / w->theta) : 1;
        double mean = 24 * w->per_hour * shock * (d < DATE ? 1 : own);
        for (uint64_t left = rng_poisson(r, mean); left > 0; left--)
            ret[n++] = (d + rng_unit(r)) * DAY;
    }
    if (reacts(w))
        return n;
    for (double t = 0; (t += rng_exponential(r, 1 / top)) < DAYS * (double)DAY && n < ROOM / 2;)
        if (keep >= 1 || office(t) || rng_unit(r) < keep)
            ret[n++] = t;
    return n;
}

/* Demand, what the cause makes and what follows `after`, through one cache; returns how many
 * look-ups left it, their times in `ret`. */
static size_t add_pair(const struct world *w, struct rng *r, struct made *m, const char *client,
                       const char *name, double own, const struct log *cause,
                       const double *after, size_t nafter, double *ret)
{
    double until = 0, late = w->period_s > 0 ? 20 : 300;
    size_t n = draw_demand(w, r, own, ret), kept = 0;
    for (size_t i = 0; cause && i < cause->n; i++)
        ret[n++] = cause->cause[i] + rng_exponential(r, late);
    for (size_t i = 0; i < nafter; i++)
        if (rng_unit(r) < w->eta)
            ret[n++] = after[i] + rng_exponential(r, 120);
    order_sort(ret, n);
    for (size_t i = 0; i < n; i++) {
        if (ret[i] < until || ret[i] >= DAYS * (double)DAY)
            continue;
        until = ret[i] + LIFE;
        made_add(m, client, name, 1, monday + (int64_t)ret[i], 1);
        ret[kept++] = ret[i];
    }
    return kept;
}

static struct counts *draw(const struct world *w, struct rng *r, struct log *ret_cause)
{
    struct made m = {0};
    double *a = mem_alloc(ROOM * sizeof *a), *rest = mem_alloc(ROOM * sizeof *rest);
    draw_cause(w, r, ret_cause);
    size_t n =
        add_pair(w, r, &m, "192.0.2.1", "target.example", w->ratio, ret_cause, NULL, 0, a);
    if (strcmp(w->claim, "synchrony") == 0)
        add_pair(w, r, &m, "192.0.2.2", "target.example", 1, ret_cause, a, n, rest);
    else
        made_add(&m, "192.0.2.2", "target.example", 1, monday, 1);
    for (int i = 0; i < PEERS; i++) {
        char name[24];
        snprintf(name, sizeof name, "p%02d.example", i);
        if (i == 0 || strcmp(w->claim, "volume") == 0)
            add_pair(w, r, &m, "192.0.2.1", name, 1, NULL, NULL, 0, rest);
    }
    free(a);
    free(rest);
    return made_counts(&m, monday, monday + (int64_t)DAYS * DAY);
}

/* An hour after a mailing holds 1 - exp(-12) of what it makes; two minutes after a turn
 * 1 - exp(-6). */
static void state(struct study_claim *c, const struct log *cause, bool monitor)
{
    struct study_aside *to = monitor ? &c->monitors : &c->mailings;
    to->after_s = monitor ? 120 : 3600;
    to->times = mem_zero(1, sizeof *to->times);
    to->times->at = mem_alloc((cause->n + 1) * sizeof *to->times->at);
    for (size_t i = 0; i < cause->n; i++) {
        int64_t at = (monday + (int64_t)cause->cause[i]) * NS_PER_S;
        to->times->at[to->times->n++] = (struct moment){at, at};
    }
}

enum { MAIL, FOIL, SHORT, COLUMNS };

static struct study *study_for(const struct counts *c, struct rng *r)
{
    return drawn_study("tests/data/study-apart.yaml", NULL, c, r);
}

static double p_of(struct trial *t, const char *null, double *ret_u)
{
    struct null_result n = trial_blank();
    picked_null(t->claim, null)->run(t, &n);
    free(n.values);
    *ret_u = n.u;
    return n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE ? exp(n.log_p) : 1;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct log cause;
    struct counts *c = draw(w, r, &cause);
    struct study *s = study_for(c, r);
    struct trial t;
    struct study_claim *claim = picked_claim(s, w->claim);
    state(claim, &cause, w->period_s > 0);
    ret[MAIL] = ret[FOIL] = 1;
    ret[SHORT] = 0;
    if (trial_make(&t, s, claim, c, 1, NULL) == 0) {
        double u, other;
        ret[MAIL] = p_of(&t, w->null, &u);
        ret[FOIL] = p_of(&t, w->foil, &other);
        ret[SHORT] = ret[MAIL] > .05 * (1 + 1e-12) && claim->kind->sign * (u - w->ratio) < 0;
        trial_free(&t);
    }
    free(cause.cause);
    study_free(s);
    counts_free(c);
}

/* --- to whom mails went ------------------------------------------------------------------ */

/* Each client asks on a share of days by itself; one is mailed and then asks for sure. */
struct mailed {
    double mine, mails, yours;
};

static void replicate_share(const void *ctx, struct rng *r, double *ret)
{
    const struct mailed *w = ctx;
    struct made m = {0};
    struct moments *mails = mem_zero(1, sizeof *mails);
    mails->at = mem_alloc(DAYS * sizeof *mails->at);
    mails->client = mem_alloc(DAYS * sizeof *mails->client);
    for (int d = 0; d < DAYS; d++) {
        int64_t at = monday + d * (int64_t)DAY + 36000;
        bool mail = rng_unit(r) < w->mails;
        if (mail) {
            mails->at[mails->n] = (struct moment){at * NS_PER_S, at * NS_PER_S};
            mails->client[mails->n++] = mem_copy("192.0.2.1", 9);
        }
        if (rng_unit(r) < w->mine || mail)
            made_add(&m, "192.0.2.1", "target.example", 1, at + 60, 1);
        if (rng_unit(r) < w->yours)
            made_add(&m, "192.0.2.2", "target.example", 1, at + 60, 1);
    }
    made_add(&m, "192.0.2.1", "p00.example", 1, monday, 1); /* groups must match something */
    made_add(&m, "192.0.2.2", "p00.example", 1, monday, 1);
    struct counts *c = made_counts(&m, monday, monday + (int64_t)DAYS * DAY);
    struct study *s = study_for(c, r);
    struct trial t;
    double u;
    struct study_claim *claim = picked_claim(s, "share");
    claim->mailings.after_s = 3600;
    claim->mailings.times = mails;
    ret[MAIL] = ret[FOIL] = 1;
    if (trial_make(&t, s, claim, c, 1, NULL) == 0) {
        ret[MAIL] = p_of(&t, "mail", &u);
        ret[FOIL] = p_of(&t, "days", &u);
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
}

/* --- another copy ------------------------------------------------------------------------ */

/* A copy lost a share of all rows, more on some days (Gamma 1); of the first pair it never had
 * `put_in` of them. */
struct copied {
    double lost, put_in;
};

enum { PAIRS = 25, ROWS = 60 };

/* Foil: Fisher's test of the pair's rows against all others', which takes them for
 * independent. */
static void replicate_copy(const void *ctx, struct rng *r, double *ret)
{
    const struct copied *w = ctx;
    struct made own = {0}, copy = {0};
    uint64_t lost[2] = {0, 0};
    double day[DAYS];
    for (int d = 0; d < DAYS; d++)
        day[d] = fmin(1, w->lost * rng_gamma(r, 1, 1));
    for (int p = 0; p < PAIRS; p++) {
        char name[24] = "target.example";
        if (p)
            snprintf(name, sizeof name, "p%02d.example", p);
        int busy = (int)rng_below(r, DAYS); /* two thirds of its rows are of one day */
        for (int i = 0; i < ROWS; i++) {
            int d = i % 3 ? busy : (int)rng_below(r, DAYS);
            int64_t at = monday + d * (int64_t)DAY + (int64_t)rng_below(r, DAY);
            bool gone = rng_unit(r) < day[d] || (p == 0 && rng_unit(r) < w->put_in);
            lost[p > 0] += gone;
            made_add(&own, "192.0.2.1", name, 1, at, 1);
            if (!gone)
                made_add(&copy, "192.0.2.1", name, 1, at, 1);
        }
    }
    made_add(&own, "192.0.2.2", "target.example", 1, monday, 1);
    struct counts *c = made_counts(&own, monday, monday + (int64_t)DAYS * DAY);
    struct study *s = study_for(c, r);
    struct trial t;
    double u;
    struct study_claim *claim = picked_claim(s, "forged");
    claim->copy.counts = made_counts(&copy, monday, monday + (int64_t)DAYS * DAY);
    ret[MAIL] = 1;
    ret[FOIL] = exp(hypergeometric_log_upper(lost[0], lost[0] + lost[1],
                                             PAIRS * ROWS - lost[0] - lost[1], ROWS));
    if (trial_make(&t, s, claim, c, 1, NULL) == 0) {
        ret[MAIL] = p_of(&t, "versions", &u);
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
}

static void run_others(struct validation *v)
{
    static const struct validate_figure size[] = {
        {"rejects at .05", MAIL, FIGURE_SHARE, .05, 0, .05},
        {"foil: all presence-days, rejects at .05", FOIL, FIGURE_SHARE, .05, .8, 1}};
    static const struct validate_figure rank[] = {
        {"rejects at .05", MAIL, FIGURE_SHARE, .05, 0, .05},
        {"foil: Fisher's test of rows, rejects at .05", FOIL, FIGURE_SHARE, .05, .1, 1}};
    static const struct validate_figure found[] = {
        {"rejects at .05", MAIL, FIGURE_SHARE, .05, .8, 1}};
    static const struct mailed mailed = {.1, .8, .1}, besides = {.9, .4, .1};
    static const struct copied alike = {.2, 0}, put_in = {.05, .3};
    const struct validate_plan plan[] = {
        {"apart", "exclusivity, made by mails: mail", replicate_share, &mailed, COLUMNS, size,
         2, validate_pick(v, 20, 2000), 199},
        {"apart", "exclusivity, a share of .9 besides mails: mail", replicate_share, &besides,
         COLUMNS, found, 1, validate_pick(v, 20, 1000), 199},
        {"apart", "authenticity, a copy that lost rows of all: versions", replicate_copy,
         &alike, COLUMNS, rank, 2, validate_pick(v, 20, 2000), 24},
        {"apart", "authenticity, three rows in ten are in no copy: versions", replicate_copy,
         &put_in, COLUMNS, found, 1, validate_pick(v, 20, 1000), 24}};
    for (size_t i = 0; i < sizeof plan / sizeof *plan; i++)
        validate_run(v, &plan[i]);
}

static const struct {
    const char *prefix;
    struct world w;
    bool truth; /* an effect is there besides the cause; has it a bound? */
    size_t figures;
    uint32_t fast, full;
} cell[] = {{"hours, made by mailings: mail",
             {"hours", "days", "mail", .4, 1, 0, 3, 0, 0, 0, 0},
             false,
             2,
             20,
             2000},
            {"hours, twice as often besides mailings: mail",
             {"hours", "days", "mail", .4, 2, 0, 3, 0, 0, 0, 0},
             true,
             2,
             20,
             1000},
            {"volume, made by mailings: mail",
             {"volume", "days", "mail", .2, 1, 0, 4, 0, 0, 0, 0},
             false,
             2,
             10,
             2000},
            {"volume, 1.6 times as often besides mailings: mail",
             {"volume", "days", "mail", .2, 1.6, 0, 4, 0, 0, 0, 0},
             true,
             2,
             10,
             1000},
            {"volume, made by a monitor each 2 h: monitor",
             {"volume", "days", "monitor", .1, 1, 0, 0, 7200, 0, 0, 0},
             false,
             2,
             10,
             2000},
            {"volume, 1.6 times as often besides a monitor each 2 h: monitor",
             {"volume", "days", "monitor", .4, 1.6, 0, 0, 7200, 0, 0, 0},
             true,
             2,
             10,
             1000},
            {"volume, made by a monitor each 90 min, all in office hours: monitor",
             {"volume", "days", "monitor", .1, 1, 0, 0, 5400, 0, 0, 20},
             false,
             2,
             10,
             2000},
            {"volume, 1.6 times as often besides it, all in office hours: monitor",
             {"volume", "days", "monitor", .1, 1.6, 0, 0, 5400, 0, 0, 20},
             true,
             2,
             10,
             1000},
            {"synchrony, made by mailings to both: mail",
             {"synchrony", "window", "mail", .4, 1, 0, 2, 0, 0, 0, 0},
             false,
             2,
             4,
             600},
            {"synchrony, made by four mailings a day to both: mail",
             {"synchrony", "window", "mail", .4, 1, 0, 4, 0, 0, 0, 0},
             false,
             2,
             4,
             600},
            {"synchrony, eta .15 besides mailings to both: mail",
             {"synchrony", "window", "mail", .4, 1, .15, 2, 0, 0, 0, 0},
             true,
             1,
             2,
             200},
            {"regular, made by a monitor each 2 h: monitor",
             {"regular", "cache", "monitor", .1, 1, 0, 0, 7200, 0, 0, 0},
             false,
             2,
             20,
             2000},
            {"reaction, mailings that end at the date: mail",
             {"ended", "scatter", "mail", .2, 1, 0, 8, 0, 0, 0, 0},
             false,
             2,
             10,
             2000},
            {"reaction, mailings that thin out at the date, days that scatter: mail",
             {"ended", "scatter", "mail", .2, 1, 0, 12, 0, 2, 8, 0},
             false,
             1,
             10,
             2000},
            {"reaction, a fall to .5 besides mailings that end: mail",
             {"ended", "scatter", "mail", .4, .5, 0, 8, 0, 0, 0, 0},
             true,
             2,
             10,
             1000},
            {"rise, mailings that begin at the date: mail",
             {"began", "scatter", "mail", .2, 1, 0, 0, 0, 8, 0, 0},
             false,
             2,
             10,
             2000},
            {"rise, to twice besides mailings that begin: mail",
             {"began", "scatter", "mail", .2, 2, 0, 0, 0, 8, 0, 0},
             true,
             2,
             10,
             1000}};

void v_apart(struct validation *v)
{
    static const struct validate_figure size[] = {
        {"rejects at .05", MAIL, FIGURE_SHARE, .05, 0, .05},
        {"foil: the test on all of the time, rejects at .05", FOIL, FIGURE_SHARE, .05, .8, 1}};
    static const struct validate_figure power[] = {
        {"rejects at .05", MAIL, FIGURE_SHARE, .05, .8, 1},
        {"a claim of just the truth, explained", SHORT, FIGURE_MEAN, 0, 0, .05}};
    for (size_t i = 0; i < sizeof cell / sizeof *cell; i++)
        validate_run(
            v, &(struct validate_plan){"apart", cell[i].prefix, replicate, &cell[i].w, COLUMNS,
                                       cell[i].truth ? power : size, cell[i].figures,
                                       validate_pick(v, cell[i].fast, cell[i].full), 199});
    run_others(v);
}
