/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "models/coincide.h"
#include "stats/tail.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 28, N = 39 };

static struct interval live[] = {{0, DAYS *DAY}};
static const struct window whole = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                                    .to_ns = (INT64_C(16986) + DAYS) * DAY * NS_PER_S,
                                    .live = live,
                                    .nlive = 1,
                                    .length_s = DAYS * DAY,
                                    .live_s = DAYS * DAY};

static const struct surrogate_opts opts = {
    .window_s = 4 * HOUR, .session_s = 30, .tick_s = 1, .sweeps = 3, .seed = 1};

static struct subject subject_of(struct stream *s, double *t, size_t n)
{
    *s = (struct stream){.t = t, .n = n, .ttl_s = HOUR};
    return (struct subject){.streams = s, .nstreams = 1, .t = t, .n = n};
}

static void tested(struct coincide_result *ret, double *ta, size_t na, double *tb, size_t nb,
                   const struct coincide_opts *o)
{
    struct stream sa, sb;
    struct subject a = subject_of(&sa, ta, na), b = subject_of(&sb, tb, nb);
    struct surrogate *s;
    struct err err = {.msg = ""};
    if (surrogate_window(&s, &b, &whole, &opts, &err) < 0)
        fail_msg("%s", err.msg);
    coincide(ret, &a, &b, s, o);
    surrogate_free(s);
}

/* Two of a before one of b: three triggers, two precursors; both ends of [lag, lag + within]
 * belong to it. */
static void rates_count_each_session_once_on_either_side(void **state)
{
    (void)state;
    double ta[] = {10 * HOUR, 10 * HOUR + 50, 20 * HOUR, 30 * HOUR, 40 * HOUR, 50 * HOUR};
    double tb[] = {10 * HOUR + 100, 20 * HOUR + 160, 30 * HOUR + 161, 40 * HOUR + 99,
                   60 * HOUR};
    struct coincide_result r;
    tested(&r, ta, 6, tb, 5, &(struct coincide_opts){60, 100, 99, 1});
    assert_int_equal(r.precursor.count, 3); /* at 10 h, 20 h and 40 h */
    assert_int_equal(r.precursor.of, 5);
    assert_int_equal(r.trigger.count, 3); /* 10 h, 20 h, 40 h: 50 s before is too near */
    assert_int_equal(r.trigger.of, 6);
    assert_close(r.trigger.rate, .5, 1e-15);
    tested(&r, ta, 6, tb, 5, &(struct coincide_opts){0, 100, 99, 1});
    assert_int_equal(r.precursor.count, 2);
    assert_int_equal(r.trigger.count, 3); /* 10 h, 10 h + 50 s, 40 h */
}

/* One session in a window of 14,400 s, hours in turn, so that b has hardly a rhythm. */
static void surrogates_hit_an_interval_as_often_as_it_is_long(void **state)
{
    (void)state;
    double ta[N], tb[N];
    for (size_t i = 0; i < N; i++) {
        ta[i] = (double)i * 17 * HOUR + 2 * HOUR;
        tb[i] = ta[i] + 600;
    }
    struct coincide_result r, again;
    tested(&r, ta, N, tb, N, &(struct coincide_opts){0, 599, 4000, 1});
    assert_near(r.trigger.expected, 600.0 / 14400, .004);
    assert_int_equal(r.trigger.count, 0);
    assert_close(mc_p(&r.trigger.mc), 1, 1e-12);
    tested(&r, ta, N, tb, N, &(struct coincide_opts){0, 600, 99, 1});
    tested(&again, ta, N, tb, N, &(struct coincide_opts){0, 600, 99, 3});
    assert_int_equal(r.trigger.count, N);
    assert_close(mc_p(&r.trigger.mc), .01, 1e-12);
    assert_memory_equal(&r, &again, sizeof r);
}

/* CoinCalc 2.0 (R 4.2.2), CC.eca.es, Poisson test with N_A = 40, N_B = 60, T = 336, dT = 1,
 * K = 20: p = .0065342052902. As a foil only: V8 shows how often it rejects when two
 * independent clients keep the same hours. */
static void coincalcs_binomial_is_a_foil_known_by_its_number(void **state)
{
    (void)state;
    double chance = 1 - pow(1 - 2.0 / 336, 60);
    assert_close(exp(binomial_log_upper(20, 40, chance)), .0065342052902, 1e-11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_count_each_session_once_on_either_side),
        cmocka_unit_test(surrogates_hit_an_interval_as_often_as_it_is_long),
        cmocka_unit_test(coincalcs_binomial_is_a_foil_known_by_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
