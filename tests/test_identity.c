/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two addresses: one population of askers or two? */
#include "models/identity.h"

#include "tests/check.h"

enum { A = 30, B = 20 };

/* Three sessions of a and two of b in turn, an hour apart. */
static void in_turn(double ta[A], double tb[B])
{
    for (int i = 0, a = 0, b = 0; i < A + B; i++)
        if (i % 5 < 3)
            ta[a++] = 3600. * i;
        else
            tb[b++] = 3600. * i;
}

/* statsmodels 0.13.5, Runs(x).runs_test(correction=False); scipy.stats.binomtest(30, 50). */
static void split_and_runs_agree_with_statsmodels_and_scipy(void **state)
{
    (void)state;
    double ta[A], tb[B];
    struct identity d;
    in_turn(ta, tb);
    struct stream a = {.t = ta, .n = A}, b = {.t = tb, .n = B};
    assert_int_equal(identity_test(&d, &a, &b, 30, 1, NULL), 0);
    assert_int_equal(d.n, 50);
    assert_int_equal(d.runs, 20);
    assert_close(d.runs_expected, 25, 1e-12);
    assert_close(d.runs_z, -1.4896989288278102, 1e-9);
    assert_close(exp(d.runs_log_p), .1363034163995242, 1e-9);
    assert_close(d.split_z, 10 / sqrt(50), 1e-12);
    assert_close(exp(d.split_log_p), .20263875106454066, 1e-9);
}

static void a_repeat_by_the_other_address_is_of_the_same_session(void **state)
{
    (void)state;
    const double want[] = {0, 100, 200};
    double ta[] = {0, 100, 131}, tb[] = {2, 120, 200}, t[6];
    bool of_b[6];
    struct stream a = {.t = ta, .n = 3}, b = {.t = tb, .n = 3};
    assert_int_equal(identity_merge(&a, &b, 30, t, of_b), 3);
    assert_memory_equal(t, want, sizeof want);
    assert_true(!of_b[0] && !of_b[1] && of_b[2]);
    assert_int_equal(identity_merge(&a, &b, 10, t, of_b), 5);
}

/* Ten days of a, then ten of b: the halves are even, the days and runs are not. */
static void addresses_that_take_turns_by_the_week_are_found_by_days_and_runs(void **state)
{
    (void)state;
    double ta[40], tb[40];
    struct identity d;
    for (int i = 0; i < 40; i++) {
        ta[i] = 21600. * i;
        tb[i] = 21600. * (i + 40);
    }
    struct stream a = {.t = ta, .n = 40}, b = {.t = tb, .n = 40};
    assert_int_equal(identity_test(&d, &a, &b, 30, 1, NULL), 0);
    assert_close(d.split_z, 0, 1e-12);
    assert_int_equal(d.runs, 2);
    assert_true(d.runs_log_p < log(1e-12) && d.days == 20);
    assert_close(d.days_chi, 80, 1e-12); /* 20 days x (2^2 / 1) */
    assert_close(exp(d.days_log_p), .001, 1e-9);
}

static void few_sessions_are_refused(void **state)
{
    (void)state;
    double ta[A], tb[B];
    struct identity d;
    struct err err;
    in_turn(ta, tb);
    struct stream a = {.t = ta, .n = A}, b = {.t = tb, .n = 19};
    assert_fails(ERR_DEGENERATE, "expected 20 sessions of each, found 30 and 19",
                 identity_test(&d, &a, &b, 30, 1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_and_runs_agree_with_statsmodels_and_scipy),
        cmocka_unit_test(a_repeat_by_the_other_address_is_of_the_same_session),
        cmocka_unit_test(addresses_that_take_turns_by_the_week_are_found_by_days_and_runs),
        cmocka_unit_test(few_sessions_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
