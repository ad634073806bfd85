/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "base/text.h"
#include "ingest/presence.h"
#include "stats/rng.h"

enum { SPAN_S = 40000, ROWS = 60000 };

static void add_all(struct presence *p, const int64_t *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        presence_add(p, floor_div(t[i], 60 * NS_PER_S), t[i]);
    presence_tidy(p);
}

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void the_order_of_rows_does_not_matter_also_before_1970(void **state)
{
    (void)state;
    static int64_t t[ROWS];
    struct rng r;
    rng_stream(&r, 7, RNG_VALIDATE, 0, 0);
    for (size_t i = 0; i < ROWS; i++)
        t[i] = ((int64_t)rng_below(&r, SPAN_S) - SPAN_S / 2) * NS_PER_S + (int64_t)i;
    struct presence shuffled = {0}, sorted = {0};
    add_all(&shuffled, t, ROWS);
    qsort(t, ROWS, sizeof *t, by_value);
    add_all(&sorted, t, ROWS);
    assert_int_equal(sorted.n, (SPAN_S + 40) / 60 + 1); /* every minute, two of them in part */
    assert_int_equal(shuffled.n, sorted.n);
    assert_memory_equal(shuffled.v, sorted.v, sorted.n * sizeof *sorted.v);
    uint64_t sum = 0;
    for (size_t i = 0; i < sorted.n; i++) {
        sum += sorted.v[i].lookups;
        assert_true(sorted.v[i].first_ns >= sorted.v[i].minute * 60 * NS_PER_S &&
                    sorted.v[i].last_ns < (sorted.v[i].minute + 1) * 60 * NS_PER_S);
    }
    assert_int_equal(sum, ROWS);
    assert_true(sorted.v[0].first_ns == t[0] && sorted.v[sorted.n - 1].last_ns == t[ROWS - 1]);
    presence_free(&shuffled);
    presence_free(&sorted);
}

static void a_log_that_goes_back_and_forth_holds_each_minute_about_twice_at_most(void **state)
{
    (void)state;
    struct presence p = {0};
    for (int64_t i = 0; i < 1000000; i++)
        presence_add(&p, i % 10, i % 10 * 60 * NS_PER_S);
    assert_true(p.n < 5000);
    presence_tidy(&p);
    assert_int_equal(p.n, 10);
    assert_int_equal(p.v[3].lookups, 100000);
    presence_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_rows_does_not_matter_also_before_1970),
        cmocka_unit_test(a_log_that_goes_back_and_forth_holds_each_minute_about_twice_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
