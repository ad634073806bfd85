/* SPDX-License-Identifier: GPL-3.0-or-later
 * Laws of the simulated worlds. Expected numbers are closed forms named beside
 * them; tolerances are 4 standard deviations, so that another seed would pass
 * too (a check fails wrongly once in 16,000 seeds). */
#include "models/bearing.h"
#include "models/scenario.h"
#include "models/wishes.h"
#include "tests/check.h"

#include "base/mem.h"
#include "base/text.h"

#define FRAME(days)                                                                            \
    "scenario: test\nspan: {from: 2024-01-01, to: " days "}\nseed: 7\ntick: 1ms\n"             \
    "clients: {a: [a], b: [b], many: [\"c{1..20}\"]}\n"                                        \
    "names: {n: [n.example], m: [m.example]}\n"
#define WEEKS_20 FRAME("2024-05-20") /* a Monday to a Monday: 140 days */
static const double hour = 3600, day = 86400;

struct rows {
    struct sim_row *v;
    size_t n;
    struct scenario s;
};

static struct rows rows_of(const char *text, uint64_t seed)
{
    struct rows r = {0};
    struct err err = {0};
    if (scenario_parse(&r.s, "test", span_of(text), &err) < 0)
        fail_msg("%s", err.msg);
    if (seed)
        r.s.world.seed = seed;
    if (simulate(&r.s.world, &r.v, &r.n, &err) < 0)
        fail_msg("%s", err.msg);
    return r;
}

static void rows_free(struct rows *r)
{
    free(r->v);
    scenario_close(&r->s);
}

/* Rows of a client (NULL: any), as seconds since the span's start, ascending. */
static size_t times_of(const struct rows *r, const char *client, double *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (!client || strcmp(r->s.world.clients[r->v[i].client], client) == 0)
            ret[n++] = 1e-9 * (double)(r->v[i].t_ns - r->s.world.from_ns);
    return n;
}

static double *times(const struct rows *r, const char *client, size_t *ret_n)
{
    double *t = calloc(r->n + 1, sizeof *t);
    *ret_n = times_of(r, client, t);
    return t;
}

static double poisson_band(double mean)
{
    return 4 * sqrt(mean);
}

static double binomial_band(double n, double p)
{
    return 4 * sqrt(n * p * (1 - p));
}

/* --- demand ----------------------------------------------------------------------------- */

static void flat_demand_has_its_rate_and_is_uniform_in_time(void **state)
{
    (void)state;
    struct rows r = rows_of(
        WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 50}]", 0);
    assert_near((double)r.n, 7000, poisson_band(7000));
    size_t n;
    double *t = times(&r, "a", &n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += t[i] / (140 * day);
    assert_near(sum / (double)n, .5, 4 * sqrt(1. / 12 / (double)n));
    free(t);
    rows_free(&r);
}

/* n is Poisson and ln of gaps have that sd, at an even rate. */
static void gaps_of_a_pair_are_log_normal_where_it_says_so(void **state)
{
    (void)state;
    struct rows r = rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, "
                                     "per_day: 50, gap_sigma: 1.5}]",
                            0);
    assert_near((double)r.n, 7000, poisson_band(7000));
    size_t n;
    double *t = times(&r, "a", &n), sum = 0, squares = 0;
    for (size_t i = 1; i < n; i++) {
        double x = log(t[i] - t[i - 1] + 5e-4); /* by a clock of milliseconds */
        sum += x;
        squares += x * x;
    }
    sum /= (double)(n - 1);
    assert_near(sqrt(squares / (double)(n - 1) - sum * sum), 1.5, .05);
    free(t);
    rows_free(&r);
}

/* Variance over mean of hourly counts: k^2 + (1 - k^2) (1 - exp(-g w)) / (g w), k = 2, g w = 3:
 * 4 - (1 - exp(-3)) = 3.0498 (Da Fonseca & Zaatour 2014). */
static void wishes_that_bring_others_about_scatter_as_a_hawkes_process(void **state)
{
    (void)state;
    enum { HOURS = 140 * 24 };
    struct rows r = rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, "
                                     "per_day: 50, branching: 0.5, within: 10m}]",
                            0);
    assert_near((double)r.n, 7000, poisson_band(7000) / .5);
    size_t n;
    double *t = times(&r, "a", &n), y[HOURS] = {0}, squares = 0, mean = (double)r.n / HOURS;
    for (size_t i = 0; i < n; i++)
        y[(size_t)(t[i] / hour)]++;
    for (size_t i = 0; i < HOURS; i++)
        squares += (y[i] - mean) * (y[i] - mean) / HOURS;
    assert_close(squares / mean, 3.0498, .15);
    free(t);
    rows_free(&r);
}

/* Eight hours of weight 1 and sixteen of a quarter: two thirds, as of Poisson demand. */
static void bouts_keep_to_office_hours(void **state)
{
    (void)state;
    static const char *const laws[] = {"gap_sigma: 1.5", "branching: 0.5, within: 10m"};
    for (size_t k = 0; k < 2; k++) {
        char text[1000];
        snprintf(text, sizeof text,
                 "%sprocesses: [{id: p, kind: human, clients: a, names: n, per_day: 100, "
                 "hours: \"09:00-17:00\", outside: 0.25, %s}]",
                 WEEKS_20, laws[k]);
        struct rows r = rows_of(text, 0);
        size_t n, inside = 0;
        double *t = times(&r, "a", &n);
        for (size_t i = 0; i < n; i++) {
            double second = fmod(t[i], day);
            inside += second >= 9 * hour && second < 17 * hour;
        }
        assert_near((double)inside / (double)n, 2. / 3, .03);
        free(t);
        rows_free(&r);
    }
}

static void office_hours_and_weekends_have_their_shares(void **state)
{
    (void)state;
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 100, "
                         "hours: \"09:00-17:00\", outside: 0.25, weekend: 0.5}]",
                0);
    size_t n, inside = 0, weekend = 0;
    double *t = times(&r, "a", &n);
    for (size_t i = 0; i < n; i++) {
        double second = fmod(t[i], day);
        inside += second >= 9 * hour && second < 17 * hour;
        weekend += fmod(t[i] / day, 7) >= 5; /* the span begins on a Monday */
    }
    /* 8 h at 1, 16 h at 1/4: 8/12 inside; 2 days at 1/2 of 5 + 1: 1/6 */
    assert_near((double)n, 100 * 140 * (12. / 24) * (6. / 7), poisson_band(6000));
    assert_near((double)inside, (double)n * 2 / 3, binomial_band((double)n, 2. / 3));
    assert_near((double)weekend, (double)n / 6, binomial_band((double)n, 1. / 6));
    free(t);
    rows_free(&r);
}

static void local_hours_follow_summer_time(void **state)
{
    (void)state;
    /* Berlin: UTC+1 until 31 March 2024 01:00 UTC, then UTC+2 (day 90 is 31 March) */
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 100, "
                         "zone: Europe/Berlin, hours: \"09:00-17:00\", outside: 0}]",
                0);
    size_t n, summer = 0;
    double *t = times(&r, "a", &n);
    for (size_t i = 0; i < n; i++) {
        bool after = t[i] >= 90 * day + hour;
        double local = fmod(t[i] + (after ? 2 : 1) * hour, day);
        assert_true(local >= 9 * hour && local < 17 * hour);
        summer += after;
    }
    assert_true(summer > 1000 && n - summer > 1000);
    free(t);
    rows_free(&r);
}

static void a_step_multiplies_the_rate_from_its_date_on(void **state)
{
    (void)state;
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 20, "
                         "steps: [{from: 2024-03-11, factor: 3}]}]",
                0);
    size_t n, after = 0;
    double *t = times(&r, "a", &n);
    for (size_t i = 0; i < n; i++)
        after += t[i] >= 70 * day;
    assert_near((double)(n - after), 1400, poisson_band(1400));
    assert_near((double)after, 4200, poisson_band(4200));
    free(t);
    rows_free(&r);
}

static void day_shocks_overdisperse_daily_counts_by_their_variance(void **state)
{
    (void)state;
    struct rows r =
        rows_of(FRAME("2026-09-27") /* 1000 days */
                "processes: [{id: p, kind: human, clients: a, names: n, per_day: 10, "
                "day_theta: 2}]",
                0);
    double counts[1000] = {0}, mean = 0, var = 0;
    size_t n;
    double *t = times(&r, "a", &n);
    for (size_t i = 0; i < n; i++)
        counts[(size_t)(t[i] / day)]++;
    for (int i = 0; i < 1000; i++)
        mean += counts[i] / 1000;
    for (int i = 0; i < 1000; i++)
        var += (counts[i] - mean) * (counts[i] - mean) / 999;
    /* negative binomial: variance 10 + 100/2 = 60; sd of the estimate is
     * var * sqrt((kurtosis excess + 2)/1000), excess 6/theta + 1/var = 3.02 */
    assert_near(mean, 10, 4 * sqrt(60. / 1000));
    assert_near(var, 60, 4 * 60 * sqrt(5.02 / 1000));
    free(t);
    rows_free(&r);
}

static void a_split_demand_is_one_demand_over_its_clients(void **state)
{
    (void)state;
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: many, names: n, "
                         "per_day: 50, split: true}]",
                0);
    size_t n;
    double *t = times(&r, "c7", &n);
    assert_near((double)r.n, 7000, poisson_band(7000));
    assert_near((double)n, 350, poisson_band(350));
    free(t);
    rows_free(&r);
}

static void a_timer_keeps_its_phase(void **state)
{
    (void)state;
    struct rows r = rows_of(WEEKS_20 "processes: [{id: p, kind: monitor, clients: a, names: n, "
                                     "period: 1h, jitter: 20s, miss: 0.1}]",
                            0);
    size_t n;
    double *t = times(&r, "a", &n), mean = 0, var = 0, phase = fmod(t[0], hour);
    for (size_t i = 0; i < n; i++)
        mean += (fmod(t[i] - phase + hour / 2, hour) - hour / 2) / (double)n;
    for (size_t i = 0; i < n; i++)
        var += pow(fmod(t[i] - phase + hour / 2, hour) - hour / 2 - mean, 2) / (double)n;
    assert_near((double)n, .9 * 3360, binomial_band(3360, .9) + 1);
    assert_near(sqrt(var), 20, 4 * 20 / sqrt(2 * (double)n)); /* after 140 days still */
    free(t);
    rows_free(&r);
}

static void mail_reaches_all_recipients_soon_after_one_instant(void **state)
{
    (void)state;
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: mail, clients: [a, b], names: n, "
                         "per_week: 7, messages: 4, within: 10m}]",
                0);
    size_t na, nb, together = 0;
    double *a = times(&r, "a", &na), *b = times(&r, "b", &nb);
    for (size_t i = 0; i < na; i++)
        for (size_t k = 0; k < nb; k++)
            if (fabs(a[i] - b[k]) < hour) {
                together++;
                break;
            }
    /* 140 campaigns of 4 messages: variance of the total 140 * (4 + 16) */
    assert_near((double)na, 560, 4 * sqrt(2800));
    /* b is absent with exp(-4) = .018, later than 1 h with less; independent: about .3 */
    assert_true((double)together > .9 * (double)na);
    free(a);
    free(b);
    rows_free(&r);
}

/* --- layers ----------------------------------------------------------------------------- */

#define DEMAND_24                                                                              \
    WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 24}]\n"

static void gaps_behind_a_cache_are_ttl_plus_exponential(void **state)
{
    (void)state;
    struct rows r = rows_of(DEMAND_24 "caches: [{clients: a, names: n, ttl: 1h}]", 0);
    size_t n, below_median = 0;
    double *t = times(&r, "a", &n), mean = 0;
    for (size_t i = 1; i < n; i++) {
        double excess = t[i] - t[i - 1] - hour;
        assert_true(excess > -.002); /* the clock's tick is 1 ms */
        mean += excess / (double)(n - 1);
        below_median += excess < hour * log(2);
    }
    /* lambda ttl = 1: n = T lambda/(1 + 1) = 1680, variance n/(1 + 1)^2 */
    assert_near((double)n, 1680, 4 * sqrt(1680. / 4));
    assert_near(mean, hour, 4 * hour / sqrt((double)n));
    assert_near((double)below_median, (double)(n - 1) / 2, binomial_band((double)n, .5));
    free(t);
    rows_free(&r);
}

static void copies_of_a_cache_each_see_their_share_of_demand(void **state)
{
    (void)state;
    struct rows r =
        rows_of(DEMAND_24 "caches: [{clients: a, names: n, ttl: 1h, copies: 4}]", 0);
    /* four caches at lambda ttl = 1/4: 4 T (lambda/4)/(1 + 1/4) = 3360 * .8 */
    assert_near((double)r.n, 2688, poisson_band(2688));
    rows_free(&r);
}

static void a_shared_cache_is_one_behind_all_its_addresses(void **state)
{
    (void)state;
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: [a, b], names: n, "
                         "per_day: 12}]\n"
                         "caches: [{clients: [a, b], names: n, ttl: 1h, shared: true}]",
                0);
    size_t n, na;
    double *t = times(&r, NULL, &n), *a = times(&r, "a", &na);
    for (size_t i = 1; i < n; i++)
        assert_true(t[i] - t[i - 1] > hour - .002);
    assert_near((double)n, 1680, 4 * sqrt(1680. / 4));
    assert_near((double)na, (double)n / 2, binomial_band((double)n, .5));
    free(t);
    free(a);
    rows_free(&r);
}

static void types_and_names_are_cached_apart(void **state)
{
    (void)state;
    struct rows r =
        rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: [n, m], per_day: "
                         "24}, {id: q, kind: human, clients: a, names: n, per_day: 24, qtype: "
                         "AAAA}]\ncaches: [{clients: a, names: [n, m], ttl: 1h}]",
                0);
    assert_near((double)r.n, 3 * 1680, 4 * sqrt(3 * 1680. / 4));
    rows_free(&r);
}

static void retries_climb_their_ladder(void **state)
{
    (void)state;
    struct rows r =
        rows_of(DEMAND_24 "caches: [{clients: a, names: n, ttl: 1h}]\n"
                          "retries: [{clients: a, names: n, chance: 0.5, after: [2s, 4s, 8s]}]",
                0);
    size_t n, rungs[3] = {0}, sessions = 1;
    double *t = times(&r, "a", &n);
    for (size_t i = 1; i < n; i++) {
        double gap = t[i] - t[i - 1];
        if (gap > 30) {
            sessions++;
            assert_true(gap > hour - 14.01); /* the answer's life counts from the first try */
            continue;
        }
        int rung = gap < 3 ? 0 : gap < 6 ? 1 : 2;
        assert_near(gap, (double)(2 << rung), .002);
        rungs[rung]++;
    }
    assert_near((double)sessions, 1680, 4 * sqrt(1680. / 4));
    assert_near((double)rungs[0], (double)sessions / 2, binomial_band((double)sessions, .5));
    assert_near((double)rungs[1], (double)rungs[0] / 2, binomial_band((double)rungs[0], .5));
    assert_near((double)rungs[2], (double)rungs[1] / 2, binomial_band((double)rungs[1], .5));
    free(t);
    rows_free(&r);
}

static void a_trigger_follows_its_share_of_sessions_after_its_delay(void **state)
{
    (void)state;
    struct rows r = rows_of(
        WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 2},\n"
                 " {id: q, kind: trigger, clients: b, names: m, after: {clients: a, names: "
                 "n}, eta: 0.5, within: 5m}]\n",
        0);
    size_t na, nb;
    double *a = times(&r, "a", &na), *b = times(&r, "b", &nb), sum = 0;
    for (size_t i = 0, k = 0; i < nb; i++) {
        while (k + 1 < na && a[k + 1] <= b[i])
            k++;
        assert_true(a[k] <= b[i]);
        sum += b[i] - a[k];
    }
    assert_near((double)nb, (double)na / 2, binomial_band((double)na, .5));
    /* a later session of a may come between (rate 2/day, 5 min: share .007), so from below */
    assert_near(sum / (double)nb, 300, 300 * (4 / sqrt((double)nb) + .01));
    free(a);
    free(b);
    rows_free(&r);
}

static void the_sensor_loses_outages_and_its_share_but_caches_do_not_notice(void **state)
{
    (void)state;
    const char *cache = DEMAND_24 "caches: [{clients: a, names: n, ttl: 1h}]\n";
    char text[2048];
    snprintf(text, sizeof text, "%s%s", cache,
             "sensor: {kept: 0.7, outages: [{from: 2024-02-01, to: 2024-02-11}]}");
    struct rows all = rows_of(cache, 0), some = rows_of(text, 0);
    size_t off = 0, k = 0;
    int64_t from, to;
    bool zone;
    text_time(span_of("2024-02-01"), &from, &zone);
    text_time(span_of("2024-02-11"), &to, &zone);
    for (size_t i = 0; i < all.n; i++)
        off += all.v[i].t_ns >= from && all.v[i].t_ns < to;
    for (size_t i = 0; i < some.n; i++) {
        assert_false(some.v[i].t_ns >= from && some.v[i].t_ns < to);
        while (k < all.n && all.v[k].t_ns < some.v[i].t_ns)
            k++;
        assert_true(k < all.n && all.v[k].t_ns == some.v[i].t_ns); /* a subset */
    }
    double left = (double)(all.n - off);
    assert_near((double)some.n, .7 * left, binomial_band(left, .7));
    rows_free(&all);
    rows_free(&some);
}

/* --- exact totals, determinism ------------------------------------------------------------ */

static void an_exact_total_is_met_and_stays_uniform_in_time(void **state)
{
    (void)state;
    struct rows r = rows_of(DEMAND_24 "exact: [{clients: a, names: n, lookups: 1000}]", 0);
    size_t n;
    double *t = times(&r, "a", &n), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += t[i] / (140 * day);
    assert_int_equal(n, 1000);
    assert_near(sum / 1000, .5, 4 * sqrt(1. / 12 / 1000)); /* Poisson given its total */
    free(t);
    rows_free(&r);
}

static void an_exact_total_behind_a_cache_with_retries_breaks_neither(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rows r =
            rows_of(WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: "
                             "1}]\ncaches: [{clients: a, names: n, ttl: 1h}]\n"
                             "retries: [{clients: a, names: n, chance: 0.5, after: [2s, 8s]}]\n"
                             "exact: [{clients: a, names: n, lookups: 2820}]",
                    seed);
        size_t n;
        double *t = times(&r, "a", &n);
        assert_int_equal(n, 2820);
        for (size_t i = 1; i < n; i++)
            assert_true(t[i] - t[i - 1] < 8.01 || t[i] - t[i - 1] > hour - 10.01);
        free(t);
        rows_free(&r);
    }
}

static void a_total_that_the_cache_does_not_allow_is_an_error(void **state)
{
    (void)state;
    struct scenario s;
    struct err err;
    struct sim_row *rows;
    size_t n;
    assert_int_equal(
        scenario_parse(&s, "test",
                       span_of(DEMAND_24 "caches: [{clients: a, names: n, ttl: 1h}]\n"
                                         "exact: [{clients: a, names: n, lookups: 3361}]"),
                       NULL),
        0);
    assert_fails(ERR_DEGENERATE, "expected 3361 look-ups", simulate(&s.world, &rows, &n, &err));
    scenario_close(&s);
}

static void a_world_larger_than_memory_should_hold_is_refused(void **state)
{
    (void)state;
    static const char *const large[][2] = {
        {"process 'p'",
         WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 1e9}]"},
        {"feed itself", WEEKS_20
         "processes: [{id: p, kind: human, clients: a, names: n, per_day: 1},\n"
         " {id: q, kind: trigger, clients: a, names: n, after: {clients: a, names: n}, "
         "eta: 1, within: 1us}]"},
    };
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        struct scenario s;
        struct err err;
        struct sim_row *rows;
        size_t n;
        assert_int_equal(scenario_parse(&s, "test", span_of(large[i][1]), NULL), 0);
        s.world.kept = 0; /* nothing is recorded */
        assert_fails(ERR_LIMIT, large[i][0], simulate(&s.world, &rows, &n, &err));
        scenario_close(&s);
    }
}

static void an_exact_set_must_be_closed(void **state)
{
    (void)state;
    static const char *const open_sets[][2] = {
        {"a shared cache",
         WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: 1}]\n"
                  "caches: [{clients: [a, b], names: n, ttl: 1h, shared: true}]\n"
                  "exact: [{clients: a, names: n, lookups: 9}]"},
        {"a split demand", WEEKS_20
         "processes: [{id: p, kind: human, clients: [a, b], names: n, per_day: 1, split: "
         "true}]\nexact: [{clients: a, names: n, lookups: 9}]"},
        {"no trigger", WEEKS_20
         "processes: [{id: p, kind: human, clients: a, names: n, per_day: 1},\n"
         " {id: q, kind: trigger, clients: b, names: n, after: {clients: a, names: n}, "
         "eta: 1, within: 1m}]\nexact: [{clients: b, names: n, lookups: 9}]"},
        {"no bouts", WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: "
                              "1, gap_sigma: 1}]\nexact: [{clients: a, names: n, lookups: 9}]"},
    };
    for (size_t i = 0; i < sizeof open_sets / sizeof *open_sets; i++) {
        struct scenario s;
        struct err err;
        struct sim_row *rows;
        size_t n;
        assert_int_equal(scenario_parse(&s, "test", span_of(open_sets[i][1]), NULL), 0);
        assert_fails(ERR_USAGE, open_sets[i][0], simulate(&s.world, &rows, &n, &err));
        scenario_close(&s);
    }
}

static void the_seed_decides_every_row(void **state)
{
    (void)state;
    struct rows a = rows_of(DEMAND_24, 0), b = rows_of(DEMAND_24, 0), c = rows_of(DEMAND_24, 8);
    assert_int_equal(a.n, b.n);
    size_t same = 0;
    for (size_t i = 0; i < a.n; i++) {
        assert_int_equal(a.v[i].t_ns, b.v[i].t_ns);
        same += i < c.n && a.v[i].t_ns == c.v[i].t_ns;
    }
    assert_true(same < 3);
    rows_free(&a);
    rows_free(&b);
    rows_free(&c);
}

static void another_client_or_process_changes_no_row_of_the_others(void **state)
{
    (void)state;
    const char *layers =
        "caches: [{clients: [a, b], names: [n, m], ttl: 1h}]\n"
        "retries: [{clients: [a, b], names: [n, m], chance: 0.5, after: [2s]}]\n";
    char alone[2048], beside[2048];
    snprintf(alone, sizeof alone, "%s%s", DEMAND_24, layers);
    snprintf(beside, sizeof beside, "%s%s",
             WEEKS_20 "processes: [{id: z, kind: mail, clients: b, names: m, per_week: 9, "
                      "messages: 1, within: 1h}, {id: p, kind: human, clients: [b, a], names: "
                      "[m, n], per_day: 24}]\n",
             layers);
    struct rows r = rows_of(alone, 0), s = rows_of(beside, 0);
    size_t k = 0;
    for (size_t i = 0; i < s.n; i++)
        if (strcmp(s.s.world.clients[s.v[i].client], "a") == 0 &&
            strcmp(s.s.world.names[s.v[i].name], "n.example") == 0) {
            assert_true(k < r.n);
            assert_int_equal(s.v[i].t_ns, r.v[k++].t_ns);
        }
    assert_int_equal(k, r.n);
    assert_true(s.n > r.n);
    rows_free(&r);
    rows_free(&s);
}

/* --- the reader -----------------------------------------------------------------------------
 */

static void a_wrong_scenario_is_refused_at_its_place(void **state)
{
    (void)state;
#define P "processes: [{id: p, kind: human, clients: a, names: n, per_day: 1"
    static const char *const wrong[][2] = {
        {"test:8:", WEEKS_20 P "}]\ncolour: red"},
        {"test:7:", WEEKS_20 P ", colour: red}]"},
        {"name of a group, found 'zebra'",
         WEEKS_20 "processes: [{id: p, kind: human, clients: zebra, names: n, per_day: 1}]"},
        {"expected hours", WEEKS_20 P ", hours: \"9-17\"}]"},
        {"expected hours", WEEKS_20 P ", hours: \"09:00-25:00\"}]"},
        {"expected 'per_day'",
         WEEKS_20 "processes: [{id: p, kind: human, clients: a, names: n, per_day: -1}]"},
        {"monitor, scanner or trigger, found 'ghost'",
         WEEKS_20 "processes: [{id: p, kind: ghost, clients: a, names: n}]"},
        {"'hours' with it", WEEKS_20 P ", outside: 0.5}]"},
        {"steps in order",
         WEEKS_20 P ", steps: [{from: 2024-02-02, factor: 1}, {from: 2024-02-01, "
                    "factor: 1}]}]"},
        {"found 'p' again",
         WEEKS_20 P "}, {id: p, kind: scanner, clients: a, names: n, per_day: 1}]"},
        {"record type", WEEKS_20 P ", qtype: FOO}]"},
        {"No/Where", WEEKS_20 P ", zone: No/Where}]"},
        {"at least one process", WEEKS_20},
        {"'split' or 'activity'", WEEKS_20 P ", split: true, activity: 1}]"},
        {"one of 'gap_sigma', 'branching' and 'split'",
         WEEKS_20 P ", gap_sigma: 1, branching: 0.5, within: 5m}]"},
        {"one of 'gap_sigma', 'branching' and 'split'",
         WEEKS_20 P ", gap_sigma: 1, split: true}]"},
        {"'branching' with it", WEEKS_20 P ", within: 5m}]"},
        {"within", WEEKS_20 P ", branching: 0.5}]"},
        {"range such as {1..60}",
         "scenario: t\nspan: {from: 2024-01-01, to: 2024-01-02}\nseed: 1\n"
         "clients: {a: [\"x{1..}\"]}\nnames: {n: [n]}\n" P "}]"},
        {"without space, comma",
         "scenario: t\nspan: {from: 2024-01-01, to: 2024-01-02}\nseed: 1\n"
         "clients: {a: [\"x,y\"]}\nnames: {n: [n]}\n" P "}]"},
        {"'copies' from 1 to 1000",
         WEEKS_20 P "}]\ncaches: [{clients: a, names: n, ttl: 1h, copies: "
                    "1000000000}]"},
        {"'ttl' from", WEEKS_20 P "}]\ncaches: [{clients: a, names: n, ttl: 9000d}]"},
        {"'from' before 'to'",
         "scenario: t\nspan: {from: 2024-01-02, to: 2024-01-02}\nseed: 1\n"
         "clients: {a: [a]}\nnames: {n: [n]}\n" P "}]"},
    };
#undef P
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct scenario s;
        struct err err;
        assert_fails(ERR_USAGE, wrong[i][0],
                     scenario_parse(&s, "test", span_of(wrong[i][1]), &err));
    }
}

/* --- tampering ------------------------------------------------------------------------ */

#define HUMAN_2 "processes: [{id: h, kind: human, clients: [a, b], names: [n], per_day: 20}]\n"
#define DAYS_3_4 "span: {from: 2024-01-03, to: 2024-01-05}"

static size_t tampered_rows(const struct rows *r, enum sim_tamper_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->v[i].tampered == kind + 1;
    return n;
}

static void a_copy_in_place_repeats_the_gaps_and_takes_the_room(void **state)
{
    (void)state;
    struct rows clean = rows_of(FRAME("2024-01-21") HUMAN_2, 0);
    struct rows r =
        rows_of(FRAME("2024-01-21") HUMAN_2
                "tampering: [{kind: copy, clients: [a], names: [n], " DAYS_3_4 ", by: 10d}]\n",
                0);
    size_t n, m;
    double *t = times(&clean, "a", &n), *u = times(&r, "a", &m);
    size_t from = 0, copies = 0, gone = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        copies += t[i] >= 2 * day && t[i] < 4 * day;
        gone += t[i] >= 12 * day && t[i] < 14 * day;
    }
    assert_int_equal(m, n - gone + copies);
    assert_int_equal(tampered_rows(&r, TAMPER_COPY), copies);
    while (t[from] < 2 * day)
        from++;
    while (u[at] < 12 * day)
        at++;
    for (size_t i = 0; i < copies; i++)
        assert_near(u[at + i], t[from + i] + 10 * day, 1e-3);
    free(t);
    free(u);
    rows_free(&clean);
    rows_free(&r);
}

static void insertions_deletions_and_shifts_touch_their_rows_only(void **state)
{
    (void)state;
    struct rows clean = rows_of(FRAME("2024-01-21") HUMAN_2, 0);
    struct rows in = rows_of(FRAME("2024-01-21") HUMAN_2
                             "tampering: [{kind: insert, clients: [a], names: [n], " DAYS_3_4
                             ", lookups: 7}]\n",
                             0);
    assert_int_equal(in.n, clean.n + 7);
    assert_int_equal(tampered_rows(&in, TAMPER_INSERT), 7);
    struct rows out =
        rows_of(FRAME("2024-01-21") HUMAN_2
                "tampering: [{kind: delete, clients: [a], names: [n], " DAYS_3_4 "}]\n",
                0);
    size_t n, m, k, inside = 0;
    double *t = times(&clean, "a", &n), *u = times(&out, "a", &m);
    for (size_t i = 0; i < n; i++)
        inside += t[i] >= 2 * day && t[i] < 4 * day;
    assert_int_equal(m, n - inside);
    struct rows moved =
        rows_of(FRAME("2024-01-21") HUMAN_2
                "tampering: [{kind: shift, clients: [b], names: [n], " DAYS_3_4 ", by: 3h}]\n",
                0);
    double *w = times(&moved, "a", &k);
    assert_int_equal(k, n);
    assert_true(memcmp(w, t, n * sizeof *t) == 0);
    assert_int_equal(moved.n, clean.n);
    assert_true(tampered_rows(&moved, TAMPER_SHIFT) > 10);
    free(t);
    free(u);
    free(w);
    rows_free(&clean);
    rows_free(&in);
    rows_free(&out);
    rows_free(&moved);
}

static void a_tampering_of_unknown_kind_is_refused_at_its_place(void **state)
{
    (void)state;
    struct scenario s;
    struct err err;
    const char *text = FRAME("2024-01-21") HUMAN_2
        "tampering: [{kind: polish, clients: [a], names: [n], " DAYS_3_4 "}]\n";
    assert_int_equal(scenario_parse(&s, "t", span_of(text), &err), ERR_USAGE);
    assert_non_null(strstr(err.msg, "expected copy, overlay, insert, delete or shift"));
}

/* Rows of a for n, their times and types, of a world that is drawn in full and in part. */
static void look_ups_of_a_pair_are_the_same_when_only_what_bears_on_it_is_drawn(void **state)
{
    (void)state;
    static const char text[] = WEEKS_20
        "processes:\n"
        "  - {id: p, kind: human, clients: [a, b, many], names: [n, m], per_day: 2, "
        "day_theta: 4, activity: 0.5}\n"
        "  - {id: q, kind: mail, clients: [a, many], names: n, per_week: 9, messages: 0.5, "
        "within: 5m}\n"
        "  - {id: s, kind: scanner, clients: [a, b], names: [n, m], split: true, per_day: 3}\n"
        "  - {id: t, kind: trigger, clients: a, names: n, after: {clients: b, names: m}, eta: "
        "0.5, within: 3m}\n"
        "caches:\n"
        "  - {clients: [a, b], names: m, ttl: 1h, shared: true}\n"
        "  - {clients: [a, b, many], names: [n, m], ttl: 1h}\n"
        "exact: [{clients: many, names: n, lookups: 300}]\n";
    struct rows all = rows_of(text, 0);
    const struct sim_world *w = &all.s.world;
    uint32_t a = 0, n = 0;
    struct sim_world part = *w;
    struct sim_row *v;
    size_t k, same = 0, at = 0;
    assert_string_equal(w->clients[a], "a");
    assert_string_equal(w->names[n], "n.example");
    bool *drawn = bearing_on(w, &(struct selection){&a, &n, 1, 1}, 1);
    part.drawn = drawn;
    assert_int_equal(simulate(&part, &v, &k, NULL), 0);
    assert_true(k < all.n / 4); /* the twenty others are not drawn */
    for (size_t i = 0; i < all.n; i++) {
        const struct sim_row *r = &all.v[i];
        if (r->client != a || r->name != n)
            continue;
        while (at < k && (v[at].client != a || v[at].name != n))
            at++;
        assert_true(at < k && v[at].t_ns == r->t_ns && v[at].process == r->process);
        at++;
        same++;
    }
    while (at < k)
        assert_true(v[at].client != a || v[at++].name != n);
    assert_true(same > 300);
    free(drawn);
    free(v);
    rows_free(&all);
}

/* Copies fall where other rows stood: such a world is drawn whole. */
static void a_world_whose_log_is_altered_is_drawn_whole(void **state)
{
    (void)state;
    struct rows r = rows_of(WEEKS_20 "processes:\n"
                                     "  - {id: p, kind: human, clients: a, names: n, per_day: "
                                     "2}\n"
                                     "tampering: [{kind: insert, clients: a, names: n, "
                                     "span: {from: 2024-01-02, to: 2024-01-09}, lookups: 5}]\n",
                            0);
    uint32_t one = 0;
    assert_null(bearing_on(&r.s.world, &(struct selection){&one, &one, 1, 1}, 1));
    rows_free(&r);
}

/* Even times, few times, one time with one far off: as by comparing all with all. */
static void wishes_are_sorted_whatever_their_times(void **state)
{
    (void)state;
    enum { N = 500 };
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 3, 0);
    for (int kind = 0; kind < 3; kind++) {
        struct wishes v = {mem_alloc(N * sizeof *v.v), N, N};
        double sum = 0, kept = 0;
        for (uint32_t i = 0; i < N; i++) {
            int64_t t_ns = kind == 0   ? (int64_t)(rng_unit(&r) * 1e16)
                           : kind == 1 ? (int64_t)rng_below(&r, 7) - 3
                           : i == 9    ? INT64_C(1) << 60
                                       : -5;
            v.v[i] =
                (struct wish){.t_ns = t_ns, .subject = rng_below(&r, 3), .replicate = N - i};
            sum += v.v[i].replicate;
        }
        wishes_sort(&v);
        assert_int_equal(v.n, N);
        for (size_t i = 0; i < N; i++) {
            kept += v.v[i].replicate;
            assert_true(i == 0 || wish_earlier(&v.v[i - 1], &v.v[i]));
        }
        assert_true(kept == sum);
        free(v.v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flat_demand_has_its_rate_and_is_uniform_in_time),
        cmocka_unit_test(gaps_of_a_pair_are_log_normal_where_it_says_so),
        cmocka_unit_test(wishes_that_bring_others_about_scatter_as_a_hawkes_process),
        cmocka_unit_test(bouts_keep_to_office_hours),
        cmocka_unit_test(office_hours_and_weekends_have_their_shares),
        cmocka_unit_test(local_hours_follow_summer_time),
        cmocka_unit_test(a_step_multiplies_the_rate_from_its_date_on),
        cmocka_unit_test(day_shocks_overdisperse_daily_counts_by_their_variance),
        cmocka_unit_test(a_split_demand_is_one_demand_over_its_clients),
        cmocka_unit_test(a_timer_keeps_its_phase),
        cmocka_unit_test(mail_reaches_all_recipients_soon_after_one_instant),
        cmocka_unit_test(gaps_behind_a_cache_are_ttl_plus_exponential),
        cmocka_unit_test(copies_of_a_cache_each_see_their_share_of_demand),
        cmocka_unit_test(a_shared_cache_is_one_behind_all_its_addresses),
        cmocka_unit_test(types_and_names_are_cached_apart),
        cmocka_unit_test(retries_climb_their_ladder),
        cmocka_unit_test(a_trigger_follows_its_share_of_sessions_after_its_delay),
        cmocka_unit_test(the_sensor_loses_outages_and_its_share_but_caches_do_not_notice),
        cmocka_unit_test(an_exact_total_is_met_and_stays_uniform_in_time),
        cmocka_unit_test(an_exact_total_behind_a_cache_with_retries_breaks_neither),
        cmocka_unit_test(a_total_that_the_cache_does_not_allow_is_an_error),
        cmocka_unit_test(a_world_larger_than_memory_should_hold_is_refused),
        cmocka_unit_test(an_exact_set_must_be_closed),
        cmocka_unit_test(the_seed_decides_every_row),
        cmocka_unit_test(another_client_or_process_changes_no_row_of_the_others),
        cmocka_unit_test(a_wrong_scenario_is_refused_at_its_place),
        cmocka_unit_test(a_copy_in_place_repeats_the_gaps_and_takes_the_room),
        cmocka_unit_test(insertions_deletions_and_shifts_touch_their_rows_only),
        cmocka_unit_test(a_tampering_of_unknown_kind_is_refused_at_its_place),
        cmocka_unit_test(look_ups_of_a_pair_are_the_same_when_only_what_bears_on_it_is_drawn),
        cmocka_unit_test(a_world_whose_log_is_altered_is_drawn_whole),
        cmocka_unit_test(wishes_are_sorted_whatever_their_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
