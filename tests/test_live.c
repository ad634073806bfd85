/* SPDX-License-Identifier: GPL-3.0-or-later
 * The common silence of 23-24 July 2016 in the published log is the model: some
 * 25 to 50 sessions expected in a day or so that has none (case-alfa.md,
 * methods.md I6). */
#include "tests/check.h"

#include "models/live.h"
#include "stats/rng.h"
#include "tests/made.h"

enum { HOUR = 3600, DAY = 86400, WEEKS = 20 };

/* Sessions an hour at an hour of the day: nights have a tenth of the days' rate. */
static double hourly(double peak, int64_t hour)
{
    double turn = (1 + cos(2 * M_PI * ((double)(hour % 24) - 14) / 24)) / 2;
    return peak * (.1 + .9 * turn);
}

/* `weeks` of diurnal negative binomial traffic of four pairs, empty in [from, to). */
static struct counts *world(uint64_t seed, double peak, double theta, int weeks, int64_t from,
                            int64_t to)
{
    static const char *const clients[] = {"a", "b", "c", "d"};
    struct made m = {0};
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 0, 0);
    for (int64_t h = 0; h < (int64_t)weeks * 168; h++) {
        uint64_t n = rng_negbin(&r, hourly(peak, h), theta);
        for (uint64_t i = 0; i < n; i++) {
            int64_t t = h * HOUR + (int64_t)rng_below(&r, HOUR);
            if (t < from || t >= to)
                made_add(&m, clients[rng_below(&r, 4)], "mail.example", 1, t, 1);
        }
    }
    return made_counts(&m, 0, 0);
}

static void a_common_silence_of_a_day_is_found_with_its_expected_sessions(void **state)
{
    (void)state;
    int64_t from = 70 * DAY + 5 * HOUR, to = from + 26 * HOUR;
    struct counts *c = world(1, 2.5, 3, WEEKS, from, to);
    struct live_silence *s;
    size_t n;
    live_silences(c, log(1e-6), &s, &n);
    assert_int_equal(n, 1);
    assert_true(s[0].from_ns < from * NS_PER_S && s[0].to_ns >= to * NS_PER_S);
    /* 26 h from 05:00: a whole day of mean .55 * 2.5 * 24 = 33 and two early hours */
    assert_true(s[0].expected > 25 && s[0].expected < 50);
    assert_true(s[0].dispersion >= 1 && s[0].dispersion < 2.5);
    assert_close(s[0].log_p, -s[0].expected / s[0].dispersion, 1e-12);
    free(s);
    counts_free(c);
}

static void live_time_leaves_the_silence_out_and_keeps_the_last_lookup(void **state)
{
    (void)state;
    int64_t from = 70 * DAY, to = 72 * DAY;
    struct counts *c = world(2, 2.5, 3, WEEKS, from, to);
    struct live_silence *s;
    size_t n;
    live_silences(c, log(1e-6), &s, &n);
    live_infer(c);
    assert_int_equal(n, 1);
    assert_int_equal(c->nlive, 2);
    assert_string_equal(c->live[0].why, "inferred");
    assert_true(c->live[0].to_ns == s[0].from_ns + c->tick_ns);
    assert_true(c->live[1].from_ns == s[0].to_ns);
    live_infer(c); /* again: the same */
    assert_int_equal(c->nlive, 2);
    free(s);
    counts_free(c);
}

static void a_gap_can_be_left_in_and_a_silence_taken_out_of_a_list(void **state)
{
    (void)state;
    int64_t from = 70 * DAY, to = 72 * DAY;
    struct counts *c = world(2, 2.5, 3, WEEKS, from, to);
    char why[] = "given";
    const struct counts_live all = {0, WEEKS * 168LL * HOUR * NS_PER_S, why};
    struct counts_live *in, *out, *listed = counts_live_copy(&all, 1);
    size_t nin, nout;
    live_infer(c); /* from the first look-up to the last, less the silence */
    live_gaps_in(c, &in, &nin);
    assert_int_equal(nin, 1);
    assert_true(in[0].from_ns == c->live[0].from_ns && in[0].to_ns == c->live[1].to_ns);
    int64_t begins = c->live[0].to_ns, ends = c->live[1].from_ns;
    counts_live_free(c->live, c->nlive);
    c->live = listed;
    c->nlive = 1;
    live_gaps_out(c, &out, &nout);
    assert_int_equal(nout, 2);
    assert_true(out[0].from_ns == 0 && out[0].to_ns == begins);
    assert_true(out[1].from_ns == ends && out[1].to_ns == all.to_ns);
    assert_string_equal(out[0].why, "given"); /* its ends are the list's still */
    counts_live_free(in, nin);
    counts_live_free(out, nout);
    counts_free(c);
}

static void a_normal_night_is_not_an_outage(void **state)
{
    (void)state;
    /* busy days, nights with a look-up every few hours, one week only */
    struct counts *c = world(3, 60, 2, 1, 0, 0);
    for (size_t i = 0; i < c->npairs; i++)
        assert_true(c->pairs[i].total > 100);
    struct live_silence *s;
    size_t n;
    live_silences(c, log(1e-6), &s, &n);
    assert_int_equal(n, 0);
    free(s);
    counts_free(c);
}

static void a_day_of_log_with_a_silent_night_is_left_whole(void **state)
{
    (void)state;
    struct made m = {0};
    for (int64_t t = 8 * HOUR; t < 20 * HOUR; t += 20)
        made_add(&m, "a", "x", 1, t, 1);
    for (int64_t t = 30 * HOUR; t < 32 * HOUR; t += 40)
        made_add(&m, "a", "x", 1, t, 1);
    struct counts *c = made_counts(&m, 0, 0);
    live_infer(c);
    assert_int_equal(c->nlive, 1);
    counts_free(c);
}

static void diurnal_clustered_logs_are_hardly_ever_cut(void **state)
{
    (void)state;
    enum { LOGS = 200 };
    size_t silences = 0, n;
    struct live_silence *s;
    for (uint64_t seed = 0; seed < LOGS; seed++) {
        struct counts *c = world(1000 + seed, .4 * exp2((double)(seed % 5)), 1, 8, 0, 0);
        live_silences(c, log(1e-6), &s, &n);
        silences += n;
        free(s);
        counts_free(c);
    }
    /* about 2,000 gaps a log at 1e-6 each would be .4 in all if the bound were tight */
    print_message("note: %zu false silences in %d logs\n", silences, LOGS);
    assert_true(silences <= 3);
}

static void live_time_begins_with_the_tick_of_the_first_lookup(void **state)
{
    (void)state;
    struct made m = {0};
    made_add(&m, "a", "x", 1, 178, 1);
    made_add(&m, "a", "x", 1, 500, 1);
    struct counts *c = made_counts(&m, 0, 0);
    c->sources = mem_zero(1, sizeof *c->sources);
    c->nsources = 1;
    c->sources[0].first_ns = 178 * NS_PER_S + 47000000; /* finer than a tick */
    c->sources[0].last_ns = 500 * NS_PER_S + 568000000;
    live_infer(c);
    assert_int_equal(c->nlive, 1);
    assert_true(c->live[0].from_ns == 178 * NS_PER_S);
    assert_true(c->live[0].to_ns == 501 * NS_PER_S);
    counts_free(c);
}

static void counts_without_a_lookup_have_no_live_time(void **state)
{
    (void)state;
    struct made m = {0};
    struct counts *c = made_counts(&m, 0, 0);
    live_infer(c);
    assert_int_equal(c->nlive, 0);
    counts_free(c);
}

/* One source of a log of look-ups that world() would give it, empty in [from, to). */
static struct presence minutes(uint64_t seed, double peak, double theta, int weeks,
                               int64_t from, int64_t to)
{
    struct presence p = {0};
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 1, 0);
    for (int64_t h = 0; h < (int64_t)weeks * 168; h++) {
        uint64_t n = rng_negbin(&r, hourly(peak, h), theta);
        for (uint64_t i = 0; i < n; i++) {
            int64_t t = h * HOUR + (int64_t)rng_below(&r, HOUR);
            if (t < from || t >= to)
                presence_add(&p, t / 60, t * NS_PER_S);
        }
    }
    presence_tidy(&p);
    return p;
}

static void a_source_that_fails_for_a_day_was_not_live_then(void **state)
{
    (void)state;
    int64_t from = 70 * DAY + 5 * HOUR, to = from + 26 * HOUR;
    struct presence p = minutes(1, 2.5, 3, WEEKS, from, to);
    struct counts_live *v;
    size_t n;
    live_of_source(&p, NS_PER_S, &v, &n);
    assert_int_equal(n, 2);
    assert_true(v[0].from_ns == p.v[0].first_ns);
    assert_true(v[0].to_ns <= from * NS_PER_S && v[0].to_ns > (from - 6 * HOUR) * NS_PER_S);
    assert_true(v[1].from_ns >= to * NS_PER_S && v[1].from_ns < (to + 6 * HOUR) * NS_PER_S);
    assert_true(v[1].to_ns == p.v[p.n - 1].last_ns + NS_PER_S);
    assert_string_equal(v[1].why, "inferred");
    counts_live_free(v, n);
    presence_free(&p);
}

static void sources_that_did_not_fail_are_hardly_ever_cut(void **state)
{
    (void)state;
    enum { LOGS = 200 };
    size_t cuts = 0, n;
    struct counts_live *v;
    for (uint64_t seed = 0; seed < LOGS; seed++) {
        struct presence p = minutes(1000 + seed, .4 * exp2((double)(seed % 5)), 1, 8, 0, 0);
        live_of_source(&p, NS_PER_S, &v, &n);
        cuts += n - 1;
        counts_live_free(v, n);
        presence_free(&p);
    }
    print_message("note: %zu false silences of single sources in %d logs\n", cuts, LOGS);
    assert_true(cuts <= 3);
}

/* An hour of a log whose clients ask for 40 names at a time, some 12 times; without it 98 of
 * 100 were cut, to seconds of listening time. */
static void a_log_of_an_hour_in_bursts_of_names_is_hardly_ever_cut(void **state)
{
    (void)state;
    enum { LOGS = 100 };
    size_t cut = 0;
    for (uint64_t seed = 0; seed < LOGS; seed++) {
        struct made m = {0};
        struct rng r;
        rng_stream(&r, seed, RNG_VALIDATE, 3, 0);
        for (double t = rng_exponential(&r, 300); t < HOUR; t += rng_exponential(&r, 300))
            for (int k = 0; k < 40; k++) {
                char name[16];
                snprintf(name, sizeof name, "n%d", k);
                made_add(&m, "a", name, 1, (int64_t)t, 1);
            }
        struct counts *c = made_counts(&m, 0, 0);
        live_infer(c);
        cut += c->nlive > 1;
        counts_free(c);
    }
    print_message("note: %zu of %d logs of an hour were cut\n", cut, LOGS);
    assert_true(cut <= 1);
}

static void a_failure_of_ten_minutes_of_a_busy_hour_is_found(void **state)
{
    (void)state;
    struct made m = {0};
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 4, 0);
    for (double t = 0; t < HOUR; t += rng_exponential(&r, 2)) {
        char name[16];
        snprintf(name, sizeof name, "n%d", (int)rng_below(&r, 400));
        if (t < 1500 || t >= 2100)
            made_add(&m, "a", name, 1, (int64_t)t, 1);
    }
    struct counts *c = made_counts(&m, 0, 0);
    live_infer(c);
    assert_int_equal(c->nlive, 2);
    assert_true(c->live[0].to_ns <= 1500 * NS_PER_S && c->live[1].from_ns >= 2100 * NS_PER_S);
    counts_free(c);
}

/* An hour of `bursts` a minute, each of up to `most` look-ups within two seconds; empty in
 * [from, to). */
static struct presence hour_of_bursts(uint64_t seed, double bursts, unsigned most, int64_t from,
                                      int64_t to)
{
    struct presence p = {0};
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 2, 0);
    for (double t = rng_exponential(&r, 60 / bursts); t < HOUR;
         t += rng_exponential(&r, 60 / bursts)) {
        unsigned n = most > 1 ? 1 + (unsigned)rng_below(&r, most) : 1;
        for (unsigned i = 0; i < n; i++) {
            double at = t + 2 * rng_unit(&r);
            if (at < HOUR && ((int64_t)at < from || (int64_t)at >= to))
                presence_add(&p, (int64_t)at / 60, (int64_t)(at * 1e9));
        }
    }
    presence_tidy(&p);
    return p;
}

/* One hour has no other to tell how look-ups cluster: as Poisson's, 20 look-ups in one second
 * made a pause of minutes a failure, and of 500 such hours 500 were cut. */
static void an_hour_of_bursts_is_hardly_ever_cut(void **state)
{
    (void)state;
    enum { LOGS = 500 };
    size_t cuts = 0, n;
    struct counts_live *v;
    for (uint64_t seed = 0; seed < LOGS; seed++) {
        struct presence p = hour_of_bursts(seed, .4, 20, 0, 0);
        live_of_source(&p, NS_PER_S, &v, &n);
        cuts += n > 1;
        counts_live_free(v, n);
        presence_free(&p);
    }
    print_message("note: %zu of %d hours of bursts were cut\n", cuts, LOGS);
    assert_true(cuts <= 5);
}

static void a_busy_source_of_an_hour_that_fails_for_ten_minutes_was_not_live_then(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct presence p = hour_of_bursts(seed, 60, 1, 1500, 2100);
        struct counts_live *v;
        size_t n;
        live_of_source(&p, NS_PER_S, &v, &n);
        assert_int_equal(n, 2);
        assert_true(v[0].to_ns <= 1500 * NS_PER_S && v[1].from_ns >= 2100 * NS_PER_S);
        counts_live_free(v, n);
        presence_free(&p);
    }
}

static void a_source_without_a_lookup_has_no_live_time(void **state)
{
    (void)state;
    struct presence p = {0};
    struct counts_live *v;
    size_t n;
    live_of_source(&p, NS_PER_S, &v, &n);
    assert_int_equal(n, 0);
    assert_null(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_common_silence_of_a_day_is_found_with_its_expected_sessions),
        cmocka_unit_test(live_time_leaves_the_silence_out_and_keeps_the_last_lookup),
        cmocka_unit_test(a_gap_can_be_left_in_and_a_silence_taken_out_of_a_list),
        cmocka_unit_test(a_normal_night_is_not_an_outage),
        cmocka_unit_test(a_day_of_log_with_a_silent_night_is_left_whole),
        cmocka_unit_test(diurnal_clustered_logs_are_hardly_ever_cut),
        cmocka_unit_test(live_time_begins_with_the_tick_of_the_first_lookup),
        cmocka_unit_test(counts_without_a_lookup_have_no_live_time),
        cmocka_unit_test(a_source_that_fails_for_a_day_was_not_live_then),
        cmocka_unit_test(sources_that_did_not_fail_are_hardly_ever_cut),
        cmocka_unit_test(a_log_of_an_hour_in_bursts_of_names_is_hardly_ever_cut),
        cmocka_unit_test(a_failure_of_ten_minutes_of_a_busy_hour_is_found),
        cmocka_unit_test(an_hour_of_bursts_is_hardly_ever_cut),
        cmocka_unit_test(a_busy_source_of_an_hour_that_fails_for_ten_minutes_was_not_live_then),
        cmocka_unit_test(a_source_without_a_lookup_has_no_live_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
