/* SPDX-License-Identifier: GPL-3.0-or-later
 * The longest rising run of a random order, against enumeration and a count by last rank. */
#include "tests/check.h"

#include "stats/longrun.h"
#include "stats/rng.h"

/* All orders of 5, 7 and 8 values, counted in Python (itertools.permutations). */
static void runs_of_a_few_values_are_as_frequent_as_all_orders_say(void **state)
{
    (void)state;
    static const struct {
        uint64_t k, n;
        double orders, all;
    } rows[] = {{2, 5, 119, 120},    {3, 5, 50, 120},     {4, 5, 9, 120},
                {5, 5, 1, 120},      {3, 7, 3023, 5040},  {4, 7, 714, 5040},
                {5, 7, 112, 5040},   {6, 7, 13, 5040},    {3, 8, 26962, 40320},
                {4, 8, 6987, 40320}, {5, 8, 1176, 40320}, {6, 8, 152, 40320},
                {7, 8, 15, 40320},   {8, 8, 1, 40320}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_close(longrun_log_upper(rows[i].k, rows[i].n), log(rows[i].orders / rows[i].all),
                     1e-12);
}

/* Orders counted by the rank of the last value and the length of its run, in exact fractions
 * (Python 3.13), which uses no generating function. */
static void longer_orders_agree_with_a_count_by_the_rank_of_the_last_value(void **state)
{
    (void)state;
    static const struct {
        uint64_t k, n;
        double p;
    } rows[] = {{4, 40, 0.7525578084307755},     {5, 60, 0.33103877246147273},
                {6, 100, 0.10774205774824222},   {7, 300, 0.0498375633648174},
                {9, 300, 0.0007242343969715419}, {12, 300, 5.570880875409332e-07}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_close(longrun_log_upper(rows[i].k, rows[i].n), log(rows[i].p), 1e-11);
}

/* P(no run in n + m) <= P(none in n) P(none in m), and the bound of the first places from
 * above: so the value for a million is held by those for a thousand. */
static void a_million_values_are_held_between_bounds(void **state)
{
    (void)state;
    for (uint64_t k = 6; k <= 14; k++) {
        double log_q = log1p(-exp(longrun_log_upper(k, 1000)));
        double far = longrun_log_upper(k, 1000000), fact = lgamma((double)k + 1);
        assert_true(far >= log(-expm1(1000 * log_q)) - 1e-9);
        assert_true(far <= log(1e6 * (double)k / (double)(k + 1)) - fact + 1e-6 ||
                    far > log(.01));
    }
    /* where runs hardly meet both ways of the code say the same */
    double next = longrun_log_upper(15, 100000);
    assert_close(next, log(1 + (1e5 - 15) * 15 / 16) - lgamma(16), 1e-5);
    assert_true(longrun_log_upper(40, UINT64_MAX) < -60);
}

static void ends_of_the_law_are_exact(void **state)
{
    (void)state;
    assert_true(longrun_log_upper(1, 5) == 0 && longrun_log_upper(0, 5) == 0);
    assert_true(isinf(longrun_log_upper(6, 5)) && isinf(longrun_log_upper(1, 0)));
    assert_close(longrun_log_upper(2, 1000000), 0, 1e-12);
    assert_close(longrun_log_upper(100, 100), -lgamma(101), 1e-12);
}

/* Strict runs among values of which many are equal are no longer than the law says. */
static void equal_values_make_p_too_large_never_too_small(void **state)
{
    (void)state;
    enum { R = 4000, N = 100 };
    double reached = 0;
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 9, 0);
    for (int i = 0; i < R; i++) {
        uint32_t before = 0, longest = 1, run = 0;
        for (int k = 0; k < N; k++) {
            uint32_t now = (uint32_t)rng_below(&r, 30);
            run = k && now > before ? run + 1 : 1;
            longest = run > longest ? run : longest;
            before = now;
        }
        reached += longest >= 5;
    }
    double p = exp(longrun_log_upper(5, N));
    assert_true(reached / R < p && reached / R > .5 * p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_a_few_values_are_as_frequent_as_all_orders_say),
        cmocka_unit_test(longer_orders_agree_with_a_count_by_the_rank_of_the_last_value),
        cmocka_unit_test(a_million_values_are_held_between_bounds),
        cmocka_unit_test(ends_of_the_law_are_exact),
        cmocka_unit_test(equal_values_make_p_too_large_never_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
