/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ladder.h"
#include "stats/rng.h"
#include "tests/check.h"

/* NumPy 1.24 and SciPy 1.10.1: the same local likelihood by minimize(Nelder-Mead) and fsolve,
 * its sandwich variance by matrices, the tail by nbinom.logsf(O - 1, B, B / (B + E)). */
static void a_step_agrees_with_scipy(void **state)
{
    (void)state;
    const double gaps[] = {.5,   .9,   1.4,  1.7,  2.5,  2.9, 3.1, 3.3, 3.6, 4.4, 4.6,
                           4.95, 5.0,  5.01, 5.02, 5.03, 5.5, 5.9, 6.4, 7.7, 8.3, 9.1,
                           11.2, 12.5, 14.1, 17.3, 21.,  26., 33., 41., 55.};
    struct ladder l;
    ladder_test(&l, gaps, sizeof gaps / sizeof *gaps, .001);
    assert_int_equal(l.gaps, 31);
    assert_true(l.step[3].step_s == 5 && l.step[3].half_width_s == .1);
    assert_int_equal(l.step[3].observed, 5);
    assert_close(l.step[3].expected, 0.37899614165360757, 1e-7);
    assert_close(l.step[3].size, 6.199240478425176, 1e-7);
    assert_close(l.step[3].log_p, -8.868605913297806, 1e-7);
    assert_int_equal(l.step[0].observed, 0);
    assert_close(l.step[0].expected, 0.5651818795376748, 1e-7);
    assert_true(l.step[0].log_p == 0);
    assert_close(l.log_p, l.step[3].log_p + log(6), 1e-9);
}

/* The same with cells of a second, each the density folded with 1 - |u|. */
static void a_clock_of_seconds_agrees_with_scipy(void **state)
{
    (void)state;
    static const int number[][2] = {{1, 12}, {2, 9},  {3, 9},  {4, 7},  {5, 40}, {6, 12},
                                    {7, 6},  {8, 5},  {9, 6},  {10, 3}, {11, 4}, {12, 4},
                                    {14, 4}, {17, 3}, {20, 3}, {25, 2}, {33, 2}};
    double gaps[200];
    size_t n = 0;
    struct ladder l;
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        for (int k = 0; k < number[i][1]; k++)
            gaps[n++] = number[i][0];
    ladder_test(&l, gaps, n, 1);
    assert_int_equal(l.step[2].observed, 7);
    assert_close(l.step[2].expected, 13.014415331423601, 1e-7);
    assert_close(l.step[2].size, 11.758520370283268, 1e-7);
    assert_close(l.step[2].log_p, -0.09336739433657483, 1e-6);
    assert_close(l.step[3].expected, 12.876718328004255, 1e-7);
    assert_close(l.step[3].log_p, -9.378343377798974, 1e-7);
    assert_true(isnan(l.step[0].log_p) && isnan(l.step[1].log_p)); /* no gap below them */
    assert_close(l.log_p, l.step[3].log_p + log(4), 1e-9);
}

/* A clock of whole seconds: a gap of 5 s is any between 4.5 and 5.5 s. */
static void a_clock_of_seconds_widens_the_windows(void **state)
{
    (void)state;
    double gaps[200];
    struct rng r;
    struct ladder l;
    rng_stream(&r, 1, RNG_SIMULATE, 1, 0);
    for (int i = 0; i < 200; i++)
        gaps[i] = i < 40 ? 5 : floor(rng_exponential(&r, 20) + rng_unit(&r));
    ladder_test(&l, gaps, 200, 1);
    assert_true(l.step[3].half_width_s == .5 && l.step[3].observed >= 40);
    assert_true(l.log_p < log(1e-6) && l.step[3].log_p < log(1e-6));
    assert_true(l.step[2].log_p > log(.001)); /* 4 s keeps its own count */
}

static void few_gaps_are_not_tested(void **state)
{
    (void)state;
    const double gaps[] = {5, 5, 5, 5, 5, 100, 200, 300, 400, 500, 600};
    struct ladder l;
    ladder_test(&l, gaps, 11, .001);
    assert_int_equal(l.gaps, 5);
    assert_true(isnan(l.log_p) && isnan(l.step[3].log_p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_agrees_with_scipy),
        cmocka_unit_test(a_clock_of_seconds_agrees_with_scipy),
        cmocka_unit_test(a_clock_of_seconds_widens_the_windows),
        cmocka_unit_test(few_gaps_are_not_tested),
    };
    return cmocka_run_group_tests_name("ladder", tests, NULL, NULL);
}
