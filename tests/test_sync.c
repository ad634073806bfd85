/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "base/text.h"
#include "models/demand.h"
#include "models/sync.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, WEEKS = 4, DAYS = 7 * WEEKS };

/* Windows begin on Monday 2016-07-04 00:00 UTC, Unix day 16986. */
static const int64_t MONDAY_NS = INT64_C(16986) * DAY * NS_PER_S;

static struct interval whole_live[] = {{0, DAYS *DAY}};
static const struct window whole = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                                    .to_ns = (INT64_C(16986) + DAYS) * DAY * NS_PER_S,
                                    .live = whole_live,
                                    .nlive = 1,
                                    .length_s = DAYS * DAY,
                                    .live_s = DAYS * DAY};

static const struct sync_opts opts = {.window_s = 4 * HOUR,
                                      .delta_s = 180,
                                      .max_lag_s = 2160,
                                      .session_s = 30,
                                      .sweeps = 3,
                                      .seed = 1,
                                      .replicates = 99,
                                      .threads = 1};

struct pair {
    struct stream stream;
    struct subject subject;
    size_t origin[4096];
};

/* One stream of ascending times. */
static const struct subject *one(struct pair *p, double *t, size_t n, double ttl_s, uint64_t id)
{
    memset(p, 0, sizeof *p);
    p->stream = (struct stream){.t = t, .n = n, .ttl_s = ttl_s};
    p->subject = (struct subject){.streams = &p->stream,
                                  .nstreams = 1,
                                  .t = t,
                                  .origin = p->origin,
                                  .n = n,
                                  .lookups = n,
                                  .id = id};
    return &p->subject;
}

/* Memoryless misses of one cache at `rate` a second. */
static size_t misses(double *t, size_t cap, double rate, double ttl_s, uint32_t which)
{
    struct rng r;
    rng_stream(&r, 7, RNG_SIMULATE, 0, which);
    size_t n = 0;
    for (double now = rng_exponential(&r, 1 / rate); now < DAYS * DAY && n < cap;
         now += ttl_s + rng_exponential(&r, 1 / rate))
        t[n++] = now;
    return n;
}

enum { CAP = 2000 };
struct couple {
    double ta[CAP], tb[CAP];
    struct pair a, b;
};

static struct couple *couple_new(void)
{
    struct couple *c = mem_zero(1, sizeof *c);
    size_t na = misses(c->ta, CAP, .6 / HOUR, HOUR, 1);
    size_t nb = misses(c->tb, CAP, .6 / HOUR, HOUR, 2);
    one(&c->a, c->ta, na, HOUR, 11);
    one(&c->b, c->tb, nb, HOUR, 12);
    return c;
}

typedef int sync_fn(struct sync_result *, const struct subject *, const struct subject *,
                    const struct window *, const struct sync_opts *, struct err *);

/* All but the pointers, and what they point to. */
static void assert_same(const struct sync_result *x, const struct sync_result *y)
{
    size_t size = x->mc.replicates * sizeof(double);
    struct sync_result a = *x, b = *y;
    assert_int_equal(x->mc.replicates, y->mc.replicates);
    assert_memory_equal(x->replicate, y->replicate, size);
    assert_memory_equal(x->excess, y->excess, size);
    assert_memory_equal(x->at_best, y->at_best, size);
    a.replicate = a.excess = a.at_best = b.replicate = b.excess = b.at_best = NULL;
    assert_true(isnan(a.bound) && isnan(b.bound));
    a.bound = b.bound = 0;
    assert_memory_equal(&a, &b, sizeof a);
}

static void the_result_does_not_know_how_many_threads_drew_it(void **state)
{
    (void)state;
    sync_fn *const both[] = {sync_window, sync_days};
    struct couple *c = couple_new();
    for (size_t k = 0; k < 2; k++) {
        struct sync_opts o = opts;
        o.replicates = 499;
        o.stop_at = 10;
        struct sync_result first;
        assert_int_equal(both[k](&first, &c->a.subject, &c->b.subject, &whole, &o, NULL), 0);
        for (size_t threads = 2; threads <= 5; threads += 3) {
            struct sync_result r;
            o.threads = threads;
            assert_int_equal(both[k](&r, &c->a.subject, &c->b.subject, &whole, &o, NULL), 0);
            assert_same(&first, &r);
            sync_free(&r);
        }
        sync_free(&first);
    }
    free(c);
}

/* Stopped at the h-th exceedance, p is h / l, and what was ranked is the
 * beginning of what a full run ranks. */
static void a_stopped_run_is_the_beginning_of_a_full_one(void **state)
{
    (void)state;
    struct couple *c = couple_new();
    struct sync_opts o = opts;
    o.replicates = 300;
    struct sync_result all, some;
    assert_int_equal(sync_window(&all, &c->a.subject, &c->b.subject, &whole, &o, NULL), 0);
    o.stop_at = 5;
    assert_int_equal(sync_window(&some, &c->a.subject, &c->b.subject, &whole, &o, NULL), 0);
    assert_int_equal(all.mc.replicates, 300);
    assert_int_equal(some.mc.exceed, 5);
    assert_true(some.mc.replicates < 300);
    assert_true(some.statistic == all.statistic);
    assert_close(mc_p(&some.mc), 5.0 / some.mc.replicates, 1e-15);
    assert_memory_equal(some.replicate, all.replicate, some.mc.replicates * sizeof(double));
    sync_free(&all);
    sync_free(&some);
    free(c);
}

/* A fifth of a's sessions are followed by one of b, 12 minutes later. */
static void planted_triggers_are_found_at_their_lag_and_size(void **state)
{
    (void)state;
    struct couple *c = couple_new();
    struct rng r;
    rng_stream(&r, 8, RNG_SIMULATE, 0, 0);
    size_t na = c->a.subject.n, n = 0, planted = 0;
    double last = -HOUR;
    double *t = mem_alloc(2 * CAP * sizeof *t);
    for (size_t i = 0, j = 0; i < na || j < c->b.subject.n;) {
        bool trigger = i < na && (j == c->b.subject.n || c->ta[i] + 720 < c->tb[j]);
        double at = trigger ? c->ta[i++] + 720 : c->tb[j++];
        if ((trigger && i % 5 != 0) || at < last + HOUR || at >= DAYS * DAY)
            continue;
        planted += trigger;
        t[n++] = last = at;
    }
    struct pair b;
    one(&b, t, n, HOUR, 12);
    struct sync_result s;
    assert_int_equal(sync_window(&s, &c->a.subject, &b.subject, &whole, &opts, NULL), 0);
    assert_near(s.best_lag_s, 720, 1e-9);
    assert_close(mc_p(&s.mc), .01, 1e-12); /* the floor of 99 */
    double eta = (double)planted / (double)na;
    assert_true(s.eta_lo <= eta && eta <= s.eta_hi);
    assert_true(s.observed[s.nlags / 2 + 2] > s.hi[s.nlags / 2 + 2]);
    assert_true(s.moved > .9);
    sync_free(&s);
    free(t);
    free(c);
}

static void a_difference_on_the_edge_belongs_to_the_later_lag(void **state)
{
    (void)state;
    double ta[20], tb[20];
    for (size_t i = 0; i < 20; i++) {
        ta[i] = HOUR + (double)i * DAY;
        tb[i] = ta[i] + 180;
    }
    struct pair a, b;
    struct sync_result s;
    one(&a, ta, 20, HOUR, 1);
    one(&b, tb, 20, HOUR, 2);
    assert_int_equal(sync_window(&s, &a.subject, &b.subject, &whole, &opts, NULL), 0);
    assert_int_equal(s.nlags, 13);
    for (size_t k = 0; k < s.nlags; k++)
        assert_true(s.observed[k] == (k == 7 ? 20 : 0));
    assert_near(s.lag_s[7], 360, 1e-9);
    sync_free(&s);
}

/* Each day live for 20 hours, two sessions a day, windows of a day: expected
 * counts against the target density integrated on a grid of one minute. */
enum { MINUTES = 20 * 60 };

static void density_by_minute(const struct demand *d, size_t day, double *ret)
{
    for (size_t m = 0; m < MINUTES; m++) {
        double t = (double)day * DAY + 60 * (double)m + 30;
        ret[m] = demand_rate(d, t) * exp(demand_between(d, t, t + HOUR));
    }
}

/* P(one of two sessions at least an hour apart lies in minutes [from, to)). */
static double chance_of_hit(const double *density, size_t from, size_t to)
{
    double all = 0, miss = 0;
    for (size_t i = 0; i < MINUTES; i++)
        for (size_t j = i + 60; j < MINUTES; j++) {
            double both = density[i] * density[j] * (j == i + 60 ? .5 : 1);
            all += both;
            miss += (i >= from && i < to) || (j >= from && j < to) ? 0 : both;
        }
    return 1 - miss / all;
}

static void surrogates_have_the_target_density(void **state)
{
    (void)state;
    struct interval live[DAYS];
    struct window w = whole;
    double ta[DAYS], tb[2 * DAYS], expected = 0, density[MINUTES];
    for (size_t i = 0; i < DAYS; i++) { /* b is busy in the morning, a is asked at 9:10 */
        double day = (double)i * DAY;
        live[i] = (struct interval){day, day + 20 * HOUR};
        ta[i] = day + 9 * HOUR + 600;
        tb[2 * i] = day + 8 * HOUR + 60 * (double)(i % 4);
        tb[2 * i + 1] = day + 9.5 * HOUR + 900 * (double)(i % 3) * (double)(i % 3);
    }
    w.live = live;
    w.nlive = DAYS;
    w.live_s = DAYS * 20 * HOUR;
    struct pair a, b;
    struct demand d;
    struct sync_opts o = opts;
    struct sync_result s;
    one(&a, ta, DAYS, 0, 1);
    one(&b, tb, 2 * DAYS, HOUR, 2);
    o.window_s = DAY;
    o.delta_s = 1800;
    o.max_lag_s = 0;
    o.sweeps = 60;
    o.replicates = 4000;
    o.threads = 2;
    o.hold_demand = true; /* counts as they are */
    assert_int_equal(sync_window(&s, &a.subject, &b.subject, &w, &o, NULL), 0);
    demand_fit(&d, &b.subject, &w, NULL);
    double sum = 0;
    for (size_t i = 0; i < DAYS; i++) {
        density_by_minute(&d, i, density);
        expected += chance_of_hit(density, 9 * 60 + 10 - 30, 9 * 60 + 10 + 30);
    }
    /* From the ranked replicates, statistic = (C - mean)/sd; 28 independent days:
     * the standard error of the mean of 4000 is about 2.6 / sqrt(4000) = .04. */
    for (uint32_t i = 0; i < s.mc.replicates; i++)
        sum += s.expected[0] + s.sd[0] * s.replicate[i];
    assert_near(sum / s.mc.replicates, expected, .16);
    assert_true(expected > 4 * DAYS / 20.0); /* the rhythm matters: evenly, it is 1 in 10 */
    demand_free(&d);
    sync_free(&s);
}

/* The deaf quarter of each window holds no surrogate, so nothing coincides with
 * an instant in its middle. */
static void no_surrogate_is_placed_in_deaf_time(void **state)
{
    (void)state;
    enum { N = DAYS * 6 };
    static struct interval live[2 * N];
    static double ta[N], tb[N];
    struct window w = whole;
    for (size_t i = 0; i < N; i++) {
        double from = (double)i * 4 * HOUR;
        live[2 * i] = (struct interval){from, from + HOUR};
        live[2 * i + 1] = (struct interval){from + 2 * HOUR, from + 4 * HOUR};
        ta[i] = from + 1.5 * HOUR;
        tb[i] = from + .5 * HOUR + 60 * (double)(i % 30);
    }
    w.live = live;
    w.nlive = 2 * N;
    w.live_s = N * 3 * HOUR;
    struct pair a, b;
    struct sync_opts o = opts;
    struct sync_result s;
    one(&a, ta, N, 0, 1);
    one(&b, tb, N, HOUR, 2);
    o.delta_s = 1799;
    o.max_lag_s = 3600;
    o.hold_demand = true; /* counts as they are */
    assert_int_equal(sync_window(&s, &a.subject, &b.subject, &w, &o, NULL), 0);
    assert_true(s.moved > .5);
    assert_int_equal(s.nlags, 3);
    assert_true(s.expected[1] == 0);

    assert_true(s.expected[0] > 20 && s.expected[2] > 5);
    sync_free(&s);
}

/* b is asked in every other window only; a in the others. */
static void a_session_stays_in_its_window(void **state)
{
    (void)state;
    enum { N = DAYS * 3 };
    double ta[N], tb[N];
    for (size_t i = 0; i < N; i++) {
        tb[i] = (double)i * 8 * HOUR + 2 * HOUR;
        ta[i] = (double)i * 8 * HOUR + 6 * HOUR;
    }
    struct pair a, b;
    struct sync_opts o = opts;
    struct sync_result s;
    one(&a, ta, N, 0, 1);
    one(&b, tb, N, HOUR, 2);
    o.delta_s = 2 * HOUR;
    o.max_lag_s = 0;
    assert_int_equal(sync_window(&s, &a.subject, &b.subject, &whole, &o, NULL), 0);
    assert_true(s.moved > .5 && s.expected[0] == 0);
    assert_close(mc_p(&s.mc), 1, 1e-15);
    sync_free(&s);
}

/* Two caches asked at the same instants: each has its own dead time, so both
 * sessions may move; as one cache they would be too close to be honest. */
static void each_stream_has_its_own_dead_time(void **state)
{
    (void)state;
    enum { N = DAYS * 3 };
    double ta[N], tb[N], merged[2 * N];
    for (size_t i = 0; i < N; i++) {
        ta[i] = merged[2 * i] = (double)i * 8 * HOUR + 2 * HOUR;
        tb[i] = merged[2 * i + 1] = merged[2 * i] + 600;
    }
    struct pair a, b;
    struct stream streams[2] = {{.t = ta, .n = N, .ttl_s = HOUR},
                                {.t = tb, .n = N, .ttl_s = HOUR}};
    struct sync_result s;
    struct err err;
    one(&a, ta, N, 0, 1);
    one(&b, merged, 2 * N, HOUR, 2);
    assert_fails(ERR_DEGENERATE, "free to move, found none of 168",
                 sync_window(&s, &a.subject, &b.subject, &whole, &opts, &err));
    b.subject.streams = streams;
    b.subject.nstreams = 2;
    assert_int_equal(sync_window(&s, &a.subject, &b.subject, &whole, &opts, NULL), 0);
    assert_true(s.moved > .5);
    sync_free(&s);
}

/* Ten seconds apart in every hour of eight: one reason, and one session in what is
 * counted and moved; so is one cache that asks from two addresses in turn. */
static void two_caches_that_ask_for_one_reason_are_one(void **state)
{
    (void)state;
    enum { N = DAYS * 3 };
    double t[2][N], merged[2 * N], half[2][N];
    size_t n[2] = {0};
    for (size_t i = 0; i < N; i++) {
        t[0][i] = merged[2 * i] = (double)i * 8 * HOUR + 2 * HOUR;
        t[1][i] = merged[2 * i + 1] = t[0][i] + 10;
        half[i % 2][n[i % 2]++] = t[0][i];
    }
    struct pair a, b;
    struct stream twins[2] = {{.t = t[0], .n = N, .ttl_s = HOUR},
                              {.t = t[1], .n = N, .ttl_s = HOUR}};
    struct stream egress[2] = {{.t = half[0], .n = n[0], .ttl_s = HOUR},
                               {.t = half[1], .n = n[1], .ttl_s = HOUR}};
    struct sync_result single, both;
    one(&a, t[0], N, 0, 1);
    one(&b, t[0], N, HOUR, 2);
    assert_int_equal(sync_window(&single, &a.subject, &b.subject, &whole, &opts, NULL), 0);
    b.subject.streams = egress;
    b.subject.nstreams = 2;
    assert_int_equal(sync_window(&both, &a.subject, &b.subject, &whole, &opts, NULL), 0);
    assert_true(both.nb == N && both.statistic == single.statistic &&
                both.mc.exceed == single.mc.exceed);
    sync_free(&both);
    one(&b, merged, 2 * N, HOUR, 2);
    b.subject.streams = twins;
    b.subject.nstreams = 2;
    assert_int_equal(sync_window(&both, &a.subject, &b.subject, &whole, &opts, NULL), 0);
    assert_true(both.nb == N && both.statistic == single.statistic &&
                both.mc.exceed == single.mc.exceed);
    sync_free(&both);
    sync_free(&single);
}

/* a on Mondays, b on Tuesdays at the same hour: no permutation within weekday
 * brings them together. And b on Mondays at the hour of a in two weeks of four:
 * by 4! = 24 orders, C(0) is 2 whenever b's two days meet two of a's two. */
static void days_change_places_within_their_weekday_only(void **state)
{
    (void)state;
    enum { EACH = 6 }; /* sessions a day, an hour apart */
    double ta[2 * EACH], tb[2 * EACH];
    struct pair a, b;
    struct sync_opts o = opts;
    struct sync_result s;
    o.max_lag_s = 0;
    o.replicates = 2000;
    for (size_t i = 0; i < 2 * EACH; i++) {
        ta[i] = (double)(i / EACH) * 7 * DAY + (10 + (double)(i % EACH)) * HOUR;
        tb[i] = ta[i] + DAY;
    }
    one(&a, ta, 2 * EACH, 0, 1);
    one(&b, tb, 2 * EACH, HOUR, 2);
    assert_int_equal(sync_days(&s, &a.subject, &b.subject, &whole, &o, NULL), 0);
    assert_true(s.expected[0] == 0 && s.moved == 1);
    assert_close(mc_p(&s.mc), 1, 1e-15);
    sync_free(&s);

    /* b's weeks are a's: both of b's days fall on a's in 1 of C(4,2) = 6 draws. */
    one(&b, ta, 2 * EACH, HOUR, 2);
    assert_int_equal(sync_days(&s, &a.subject, &b.subject, &whole, &o, NULL), 0);
    assert_true(s.observed[0] == 2 * EACH);
    assert_near(mc_p(&s.mc), 1 / 6.0, 4 * sqrt(5 / 36.0 / 2000));
    sync_free(&s);
}

/* A window from Monday noon to the third Monday noon: those two Mondays are cut,
 * so b's sessions there stay; only the whole Monday between them is left. */
static void cut_days_and_days_with_deaf_time_stay(void **state)
{
    (void)state;
    struct window w = whole;
    struct interval live[] = {{0, 3 * DAY}, {3 * DAY + 60, 14 * DAY}};
    w.from_ns = MONDAY_NS + 12 * HOUR * NS_PER_S;
    w.to_ns = w.from_ns + 14 * DAY * NS_PER_S;
    w.live = live;
    w.nlive = 2;
    w.length_s = 14 * DAY;
    w.live_s = 14 * DAY - 60;
    double t[] = {HOUR, 3 * DAY - HOUR, 10 * DAY - HOUR, 7 * DAY, 13.8 * DAY};
    struct pair a, b;
    struct sync_result s;
    struct err err;
    one(&a, t, 5, 0, 1);
    one(&b, t, 5, 0, 2);
    assert_int_equal(sync_days(&s, &a.subject, &b.subject, &w, &opts, NULL), 0);
    assert_true(s.moved == 0); /* Mondays: one whole; Thursdays: one has deaf time */
    assert_close(mc_p(&s.mc), 1, 1e-15);
    sync_free(&s);
    w.to_ns = w.from_ns + 6 * DAY * NS_PER_S;
    w.length_s = 6 * DAY;
    assert_fails(ERR_DEGENERATE, "two whole live days of one weekday",
                 sync_days(&s, &a.subject, &b.subject, &w, &opts, &err));
}

static void what_cannot_be_tested_is_said(void **state)
{
    (void)state;
    struct couple *c = couple_new();
    struct sync_result s;
    struct sync_opts o = opts;
    struct err err;
    const struct subject *a = &c->a.subject;
    o.window_s = 1.9 * HOUR;
    assert_fails(ERR_DEGENERATE, "twice the ttl 3600 s",
                 sync_window(&s, a, &c->b.subject, &whole, &o, &err));
    o = opts;
    o.max_lag_s = 1e6;
    assert_fails(ERR_USAGE, "at most 257 lags",
                 sync_window(&s, a, &c->b.subject, &whole, &o, &err));
    o = opts;
    o.delta_s = 0;
    assert_fails(ERR_USAGE, "delta > 0", sync_days(&s, a, &c->b.subject, &whole, &o, &err));
    o = opts;
    o.replicates = 1;
    assert_fails(ERR_USAGE, "at least 2 replicates",
                 sync_days(&s, a, &c->b.subject, &whole, &o, &err));
    struct pair few;
    one(&few, c->tb, 4, HOUR, 2);
    assert_fails(ERR_DEGENERATE, "at least 5 sessions",
                 sync_window(&s, a, &few.subject, &whole, &opts, &err));
    free(c);
}

/* One lag: no choice to pay for. With the replicates' coincidences as they are, the bound is
 * the eta at which C* + Binomial(n_a, eta) <= C in 1 - level of draws, here by brute force. */
static void of_a_single_lag_the_bound_is_the_binomial_over_the_surrogates(void **state)
{
    (void)state;
    struct couple *c = couple_new();
    struct sync_opts o = opts;
    struct sync_result s;
    struct rng r;
    o.max_lag_s = 0;
    o.replicates = 999;
    o.hold_demand = true;
    o.bound_level = .9;
    assert_int_equal(sync_window(&s, &c->a.subject, &c->b.subject, &whole, &o, NULL), 0);
    size_t below = 0, draws = 200000;
    rng_stream(&r, 3, RNG_SIMULATE, 5, 0);
    for (size_t i = 0; i < draws; i++) {
        double own = s.expected[0] + s.sd[0] * s.replicate[rng_below(&r, 999)];
        double extra = (double)rng_binomial(&r, s.na, s.bound);
        below += own + extra <= s.observed[0] + 1e-6;
    }
    assert_near((double)below / (double)draws, .1, .004);
    sync_free(&s);
    o.bound_level = .9999; /* 999 surrogates do not reach that far */
    assert_int_equal(sync_window(&s, &c->a.subject, &c->b.subject, &whole, &o, NULL), 0);
    assert_true(isnan(s.bound));
    sync_free(&s);
    free(c);
}

/* SciPy 1.10.1: beta.ppf(1 - .5 / 20, 13, 88); brentq of 10 binom.cdf(12, 100, e) + 10
 * binom.cdf(7, 100, e) - .5 and of 19 binom.cdf(7, 100, e) - .5. */
static void a_bound_over_rows_is_what_they_leave_to_the_binomial(void **state)
{
    (void)state;
    struct sync_result s = {.na = 100, .nlags = 1, .statistic = 12, .sd = {1, 1}};
    double rows[40] = {0};
    assert_close(sync_bound(&s, rows, 20, .5), 0.20023568361996882, 1e-9);
    for (int i = 0; i < 10; i++)
        rows[i] = 5;
    assert_close(sync_bound(&s, rows, 20, .5), 0.1874728950425671, 1e-9);
    for (int i = 0; i < 20; i++)
        rows[i] = i < 19 ? 5 : 13; /* one is above the data, whatever the effect */
    assert_close(sync_bound(&s, rows, 20, .5), 0.13810132271053502, 1e-9);
    for (int i = 0; i < 20; i++)
        rows[i] = 13;
    assert_true(sync_bound(&s, rows, 20, .5) == 0);
    for (int i = 0; i < 40;
         i++) /* 5 at the first of two lags, 0 at the other, which may be it */
        rows[i] = i % 2 ? 0 : 5;
    s.nlags = 2;
    assert_close(sync_bound(&s, rows, 20, .5), 0.20023568361996882, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_does_not_know_how_many_threads_drew_it),
        cmocka_unit_test(a_stopped_run_is_the_beginning_of_a_full_one),
        cmocka_unit_test(planted_triggers_are_found_at_their_lag_and_size),
        cmocka_unit_test(a_difference_on_the_edge_belongs_to_the_later_lag),
        cmocka_unit_test(surrogates_have_the_target_density),
        cmocka_unit_test(no_surrogate_is_placed_in_deaf_time),
        cmocka_unit_test(of_a_single_lag_the_bound_is_the_binomial_over_the_surrogates),
        cmocka_unit_test(a_bound_over_rows_is_what_they_leave_to_the_binomial),
        cmocka_unit_test(a_session_stays_in_its_window),
        cmocka_unit_test(each_stream_has_its_own_dead_time),
        cmocka_unit_test(two_caches_that_ask_for_one_reason_are_one),
        cmocka_unit_test(days_change_places_within_their_weekday_only),
        cmocka_unit_test(cut_days_and_days_with_deaf_time_stay),
        cmocka_unit_test(what_cannot_be_tested_is_said),
    };
    return cmocka_run_group_tests_name("sync", tests, NULL, NULL);
}
