/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/asked.h"
#include "models/nulls.h"
#include "models/trial.h"
#include "stats/tail.h"
#include "tests/check.h"
#include "tests/made.h"
#include "tests/picked.h"

enum { DAY = 86400, HOUR = 3600, MOST = 5, DAYS = 42, PEERS = 5 };

static struct window window_of(struct interval *live, size_t n)
{
    struct window w = {
        .from_ns = 0, .to_ns = (int64_t)DAY * 1000000000, .live = live, .nlive = n};
    w.length_s = DAY;
    for (size_t i = 0; i < n; i++)
        w.live_s += live[i].to - live[i].from;
    return w;
}

/* What one day of `t` hours was asked for, over its hours listened to; and e. */
static double rate_of(const double *t, size_t n, double life, double *ret_e)
{
    struct interval all = {0, DAY};
    struct window w = window_of(&all, 1);
    struct grid g = grid_make(&w, DAY);
    double seconds[MOST + 1], asked, hours;
    for (size_t i = 0; i < n; i++)
        seconds[i] = t[i] * HOUR;
    struct stream r = {.t = seconds, .n = n, .ttl_s = life * HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = seconds, .n = n};
    exposure_fill(&s, &w, &g, ret_e);
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(hours, 24, 1e-12);
    return asked / hours;
}

/* Density of n sessions in e hours at risk at .3 an hour; `last`: a session ends them. */
static double density(size_t n, double e, bool last)
{
    return exp((double)n * log(.3) - .3 * e +
               (e > 0 || n > last ? ((double)n - last) * log(e) : 0) -
               lgamma((double)n + 1 - last));
}

/* Every path of a day of 24 h behind a life of 5 h, by the hours at risk at its last session
 * (Simpson): the estimates weighted by their densities. mpmath 1.2.1, the same integral in 20
 * digits: .3 of (n - d) / e, and .3703412339 of n / e. */
static void on_average_a_day_was_asked_at_its_rate_whatever_the_cache_hides(void **state)
{
    (void)state;
    enum { STEPS = 200 };
    double mean = 0, plain = 0, all = 0, e;
    for (size_t n = 0; n <= MOST; n++) {
        double t[MOST];
        for (size_t i = 0; i < n; i++)
            t[i] = 5.0 * (double)i;
        if (24 > 5 * (double)n) { /* the day ends at risk */
            double rate = rate_of(t, n, 5, &e), p = density(n, 24 - 5 * (double)n, false);
            assert_close(e, 24 - 5 * (double)n, 1e-9);
            mean += p * rate;
            plain += p * (double)n / e;
            all += p;
        }
        double lo = fmax(0, 24 - 5 * (double)n), h = (24 - 5 * ((double)n - 1) - lo) / STEPS;
        for (size_t k = 0; n > 0 && k <= STEPS; k++) { /* or within the last session's life */
            double at = lo + h * ((double)k + (k == 0) * 1e-9 - (k == STEPS) * 1e-9);
            t[n - 1] = at + 5 * ((double)n - 1);
            double rate = rate_of(t, n, 5, &e);
            double p = density(n, at, true) * h / 3 *
                       (k == 0 || k == STEPS ? 1
                        : k % 2              ? 4
                                             : 2);
            assert_true(fabs(e - at) < 1e-6);
            mean += p * rate;
            plain += p * (double)n / at;
            all += p;
        }
    }
    assert_close(all, 1, 1e-7);
    assert_close(mean, .3, 1e-7);
    assert_close(plain, .3703412339, 1e-7);
}

/* Listened to until 10:00 and from 20:00; lives of 1 h. A session at 9:30 outlasts the first
 * piece, none the day. e = 14 - .5 - 1, and 3 sessions. */
static void hours_that_nobody_listened_to_are_neither_asked_nor_hidden(void **state)
{
    (void)state;
    struct interval live[] = {{0, 10 * HOUR}, {20 * HOUR, DAY}};
    struct window w = window_of(live, 2);
    struct grid g = grid_make(&w, DAY);
    double t[] = {9.5 * HOUR, 21 * HOUR, 23.5 * HOUR}, asked, hours;
    struct stream r = {.t = t, .n = 2, .ttl_s = HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = t, .n = 2};
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(hours, 14, 1e-12);
    assert_close(asked, 2 / 12.5 * 14, 1e-12);
    r.n = s.n = 3; /* the last outlasts the day */
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 2 / 12. * 14, 1e-12);
    s.n = r.n = 1; /* nobody listens when the first one's life ends */
    w.nlive = 1;
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 0, 1e-12);
    assert_close(hours, 10, 1e-12);
}

static void a_day_tells_of_lives_up_to_a_quarter_of_it(void **state)
{
    (void)state;
    struct interval all = {0, DAY};
    struct window w = window_of(&all, 1);
    struct grid g = grid_make(&w, DAY);
    double t[] = {HOUR, 9 * HOUR}, asked, hours;
    struct stream r = {.t = t, .n = 2, .ttl_s = 7 * HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = t, .n = 2};
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 2, 1e-12); /* at risk */
    assert_close(hours, 10, 1e-12);
    r.ttl_s = 6 * HOUR;
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 2 / 12. * 24, 1e-12);
    assert_close(hours, 24, 1e-12);
}

/* Hours of a day with a session at 1:00: those listened to, or those at risk. */
static double counted(const struct window *w, double life_h)
{
    struct grid g = grid_make(w, DAY);
    double t[] = {HOUR}, asked, hours;
    struct stream r = {.t = t, .n = 1, .ttl_s = life_h * HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = t, .n = 1};
    asked_fill(&s, w, &g, &asked, &hours);
    return hours;
}

/* Twice 10 h tell of lives up to 2.5 h; of 5 where what lies between was set aside, as the
 * sensor listened there. */
static void what_tells_is_the_longest_piece_of_a_day(void **state)
{
    (void)state;
    struct interval live[] = {{0, 10 * HOUR}, {14 * HOUR, DAY}};
    struct interval aside[] = {{9 * HOUR, 12 * HOUR}, {12 * HOUR, 14 * HOUR}};
    struct window w = window_of(live, 2);
    assert_close(counted(&w, 2.5), 20, 1e-12);
    assert_close(counted(&w, 2.6), 17.4, 1e-12);
    w.aside = aside;
    w.naside = 2;
    assert_close(counted(&w, 5), 20, 1e-12);
    assert_close(counted(&w, 5.1), 14.9, 1e-12);
    w.naside = 1; /* nobody listened from 12:00 */
    assert_close(counted(&w, 2.6), 17.4, 1e-12);
}

static void ask(struct made *m, const char *name, int day, double hour)
{
    made_add(m, "192.0.2.1", name, 1, (int64_t)day * DAY + (int64_t)(hour * HOUR), 1);
}

static void peers_ask(struct made *m, int day, double hour)
{
    for (int p = 0; p < PEERS; p++) {
        char name[20];
        snprintf(name, sizeof name, "p%d.example", p);
        ask(m, name, day, hour);
    }
}

/* Listened to from hour `from` to `to` of each day, but of `outage` (-1: none) until 3:00. */
static struct counts *heard(struct made *m, double from, double to, int outage)
{
    struct counts *c = made_counts(m, 0, 1);
    counts_live_free(c->live, c->nlive);
    c->live = mem_zero(DAYS, sizeof *c->live);
    c->nlive = DAYS;
    for (int i = 0; i < DAYS; i++) {
        double until = i == outage ? 3 : to;
        c->live[i] =
            (struct counts_live){.from_ns = (int64_t)((24 * i + from) * HOUR) * NS_PER_S,
                                 .to_ns = (int64_t)((24 * i + until) * HOUR) * NS_PER_S,
                                 .why = mem_copy("given", sizeof "given" - 1)};
    }
    return c;
}

struct told {
    double ratio, exact;                /* exact: upper limit at .95, one-sided */
    double cache, retries, days, peers; /* u */
    double least[3];                    /* u_least of the first three */
};

static struct told told_of(struct counts *c, double life_h)
{
    struct study *s;
    struct err err;
    struct trial t;
    struct effect e;
    struct null_result n[4] = {trial_blank(), trial_blank(), trial_blank(), trial_blank()};
    assert_int_equal(study_read(&s, "tests/data/study-nulls.yaml", NULL, &err), 0);
    struct study_claim *claim = picked_claim(s, "volume");
    claim->ttl.seconds = life_h * HOUR;
    assert_int_equal(study_resolve(s, c, &err), 0);
    assert_int_equal(trial_make(&t, s, claim, c, 1, &err), 0);
    t.level = .95;
    volume_effect(&t, &e);
    null_volume_cache(&t, &n[0]);
    null_volume_retries(&t, &n[1]);
    null_volume_days(&t, &n[2]);
    null_volume_peers(&t, &n[3]);
    struct told ret = {.ratio = e.value,
                       .cache = n[0].u,
                       .retries = n[1].u,
                       .days = n[2].u,
                       .peers = n[3].u,
                       .least = {n[0].u_least, n[1].u_least, n[2].u_least}};
    struct rate a = trial_rate(&t, &t.a), b = {0, 0};
    for (size_t i = 0; i < t.npeers; i++) {
        b.sessions += trial_rate(&t, &t.peers[i]).sessions;
        b.hours += trial_rate(&t, &t.peers[i]).hours;
    }
    double lo;
    rates_interval(a.sessions, a.hours, b.sessions, b.hours, .9, &lo, &ret.exact);
    for (int i = 0; i < 4; i++)
        free(n[i].values);
    trial_free(&t);
    study_free(s);
    counts_free(c);
    return ret;
}

/* From 9:00 to 17:00, lives of 5 h. The pair asks at 9:00 and 15:00, 2 in 1 h at risk; each
 * peer at 10:00, 1 in 3: six times as much. Of what was asked it would be three times. */
static void days_short_against_a_life_are_compared_at_risk(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 0; i < DAYS; i++) {
        ask(&m, "target.example", i, 9);
        ask(&m, "target.example", i, 15);
        peers_ask(&m, i, 10);
    }
    assert_close(told_of(heard(&m, 9, 17, -1), 5).ratio, 6, 1e-12);
}

/* From 9:00 to 14:00 every session outlasts the day. The pair asks in every other week, so that
 * days bound its ratio far beyond the exact limit: that must not be left alone. */
static void where_a_day_has_one_session_at_most_days_still_bound_the_ratio(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 0; i < DAYS; i++) {
        if (i / 7 % 2 == 0)
            ask(&m, "target.example", i, 10);
        peers_ask(&m, i, 12);
    }
    struct told u = told_of(heard(&m, 9, 14, -1), 5);
    assert_true(u.days > 1.05 * u.exact && isfinite(u.days));
    assert_close(u.cache, u.days, 1e-12);
    assert_close(u.retries, u.days, 1e-12);
}

/* Whole days, lives of 1 h: the pair asks 2 and 6 times in turn, each peer once, so that of
 * what was asked days count alike: 23 times the mean of 2 / 22 and 6 / 18. A day with 3 h is
 * left out, the pair's session in it too. */
static void a_day_with_an_outage_is_left_out_and_no_more(void **state)
{
    (void)state;
    for (int outage = -1; outage <= 20; outage += 21) {
        struct made m = {0};
        for (int i = 0; i < DAYS; i++) {
            for (int k = 0; k < (i % 2 ? 6 : 2); k++)
                ask(&m, "target.example", i, 1 + 3 * k);
            peers_ask(&m, i, 1);
        }
        double few = outage < 0 ? 21 : 20;
        assert_close(told_of(heard(&m, 0, 24, outage), 1).ratio,
                     (few * 2 / 22 + 21 * 6. / 18) / (few + 21) * 23, 1e-12);
    }
}

/* Lives of 1 h; a peer asks once a day, the pair twice, but of each week's first day 16 times:
 * at risk (16 + 12) / (8 + 132) to 1 / 23, 4.6 times as much, and of what was asked 23 (16 / 8
 * + 12 / 22) / 7, 8.36 times. Scores of blocks of three days
 * bound the one below 10, the other above: a claim of 10 may neither stand nor be explained. */
static void where_a_day_in_seven_holds_most_the_two_measures_have_a_bound_each(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 0; i < DAYS; i++) {
        for (int k = 0; k < (i % 7 ? 2 : 16); k++)
            ask(&m, "target.example", i, 1 + 1.4 * k);
        peers_ask(&m, i, 1);
    }
    struct told told = told_of(heard(&m, 0, 24, -1), 1);
    double u[3] = {told.cache, told.retries, told.days};
    assert_close(told.ratio, 23 * (16. / 8 + 12. / 22) / 7, 1e-12);
    for (int i = 0; i < 3; i++) {
        assert_true(told.least[i] > told.exact && told.least[i] < 10);
        assert_true(u[i] > 10);
    }
    assert_true(told.peers > 10); /* the peers are alike, and know nothing of its days */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_average_a_day_was_asked_at_its_rate_whatever_the_cache_hides),
        cmocka_unit_test(hours_that_nobody_listened_to_are_neither_asked_nor_hidden),
        cmocka_unit_test(a_day_tells_of_lives_up_to_a_quarter_of_it),
        cmocka_unit_test(what_tells_is_the_longest_piece_of_a_day),
        cmocka_unit_test(days_short_against_a_life_are_compared_at_risk),
        cmocka_unit_test(where_a_day_has_one_session_at_most_days_still_bound_the_ratio),
        cmocka_unit_test(a_day_with_an_outage_is_left_out_and_no_more),
        cmocka_unit_test(where_a_day_in_seven_holds_most_the_two_measures_have_a_bound_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
