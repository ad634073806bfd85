/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/beside.h"

#include <math.h>
#include <stdlib.h>

#include "stats/order.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { ROOM = 2000 };

/* n sessions of 56 days at even times, in whole seconds. */
static void even(double *t, size_t n, uint32_t replicate)
{
    struct rng r;
    rng_stream(&r, 7, RNG_VALIDATE, 1, replicate);
    for (size_t i = 0; i < n; i++)
        t[i] = floor(rng_unit(&r) * 56 * 86400);
    order_sort(t, n);
}

/* Sessions [from, from + m) again `later`. */
static size_t lay_over(double *t, size_t n, size_t from, size_t m, double later)
{
    for (size_t i = 0; i < m; i++)
        t[n + i] = t[from + i] + later;
    order_sort(t, n + m);
    return n + m;
}

/* By hand: 0, 1000, 1700 and 2100 come again 5000 s later, with 5200 and 6900 between; 9000 is
 * nobody's copy. */
static void neighbours_that_come_again_make_a_link_whatever_lies_between(void **state)
{
    (void)state;
    const double t[] = {0, 1000, 1700, 2100, 5000, 5200, 6000, 6700, 6900, 7100, 9000};
    struct beside b;
    beside_find(&b, t, 11, 1, 1);
    assert_int_equal(b.k, 3);
    assert_int_equal(b.found, 1);
    assert_int_equal(b.copied, 4);
    assert_near(b.distance_s, 5000, 1e-9);
}

static void a_block_laid_over_other_rows_is_found_and_no_honest_row_is(void **state)
{
    (void)state;
    double t[ROOM];
    struct beside b;
    for (uint32_t k = 0; k < 200; k++) {
        even(t, 300, k);
        beside_find(&b, t, 300, 1, 1e-3);
        assert_int_equal(b.found, 0);
        size_t n = lay_over(t, 300, 40, 10, 11 * 86400);
        beside_find(&b, t, n, 1, 1e-3);
        assert_int_equal(b.found, 1);
        assert_in_range(b.copied, 8, 10);
        assert_near(b.distance_s, 11 * 86400, 1e-9);
    }
}

/* The copy may be the earlier of the two: what is whole is then the later one. */
static void a_block_laid_over_earlier_rows_is_found_too(void **state)
{
    (void)state;
    double t[ROOM];
    struct beside b;
    even(t, 300, 0);
    size_t n = lay_over(t, 300, 200, 10, -11 * 86400);
    beside_find(&b, t, n, 1, 1e-3);
    assert_int_equal(b.found, 1);
    assert_near(b.distance_s, -11 * 86400, 1e-9);
}

/* A job of one look-up a week among others is no run: neighbours do not come with it. */
static void a_weekly_job_among_other_rows_is_no_copy(void **state)
{
    (void)state;
    double t[ROOM];
    struct beside b;
    even(t, 300, 1);
    for (size_t i = 0; i < 8; i++)
        t[300 + i] = 7200 + 7 * 86400.0 * (double)i;
    order_sort(t, 308);
    beside_find(&b, t, 308, 1, 1e-3);
    assert_int_equal(b.found, 0);
}

/* Jobs of four look-ups a week, and a timer with two seconds of jitter: runs by nature. */
static void what_repeats_by_nature_is_not_testable(void **state)
{
    (void)state;
    double t[ROOM];
    struct beside b;
    struct rng r;
    even(t, 300, 2);
    for (size_t i = 0; i < 32; i++)
        t[300 + i] = 7200 + 7 * 86400.0 * (double)(i / 4) + 100.0 * (double)(i % 4);
    order_sort(t, 332);
    beside_find(&b, t, 332, 1, 1e-3);
    assert_int_equal(b.k, 0);
    assert_int_equal(b.found, 0);
    rng_stream(&r, 7, RNG_VALIDATE, 2, 0);
    for (size_t i = 0; i < 336; i++)
        t[i] = floor(14400 * (double)i + 2 * rng_unit(&r));
    beside_find(&b, t, 336, 1, 1e-3);
    assert_int_equal(b.k, 0);
}

/* Four look-ups at uneven gaps, four Mondays or three months: found as copies in all of 200
 * logs, as long as only five distances were taken for a timer's. */
static void a_job_of_several_lookups_that_runs_three_times_is_no_copy(void **state)
{
    (void)state;
    const double step[] = {0, 900, 2400, 4000};
    double t[ROOM];
    struct beside b;
    for (uint32_t k = 0; k < 200; k++) {
        size_t runs = k % 2 ? 3 : 4;
        even(t, 300, k);
        for (size_t i = 0; i < 4 * runs; i++)
            t[300 + i] = 10800 + (k % 2 ? 18 : 7) * 86400.0 * (double)(i / 4) + step[i % 4];
        order_sort(t, 300 + 4 * runs);
        beside_find(&b, t, 300 + 4 * runs, 1, 1e-3);
        assert_int_equal(b.found, 0);
    }
}

static void few_or_no_sessions_are_not_testable(void **state)
{
    (void)state;
    const double t[] = {0, 100, 200, 300};
    struct beside b;
    beside_find(&b, NULL, 0, 1, 1);
    assert_int_equal(b.k, 0);
    beside_find(&b, t, 4, 1, 1);
    assert_int_equal(b.k, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_that_come_again_make_a_link_whatever_lies_between),
        cmocka_unit_test(a_block_laid_over_other_rows_is_found_and_no_honest_row_is),
        cmocka_unit_test(a_block_laid_over_earlier_rows_is_found_too),
        cmocka_unit_test(a_weekly_job_among_other_rows_is_no_copy),
        cmocka_unit_test(what_repeats_by_nature_is_not_testable),
        cmocka_unit_test(a_job_of_several_lookups_that_runs_three_times_is_no_copy),
        cmocka_unit_test(few_or_no_sessions_are_not_testable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
