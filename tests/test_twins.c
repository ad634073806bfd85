/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/twins.h"

#include "tests/check.h"

static bool always(void *ctx, size_t a, size_t b)
{
    (void)ctx;
    return a < b;
}

/* A hash that is spread evenly, of a number. */
static uint64_t spread(uint64_t i)
{
    return i * UINT64_C(0x9e3779b97f4a7c15);
}

static void add(struct twins *t, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        twins_add(t, spread(i));
}

static void small_sources_are_compared_whole(void **state)
{
    (void)state;
    struct twins v[3] = {{0}};
    size_t a, b;
    uint64_t n;
    add(&v[0], 1, 10000);
    add(&v[1], 20000, 30000);
    add(&v[2], 9999, 15000); /* one row of the first */
    assert_true(twins_find(v, 3, always, NULL, &a, &b, &n));
    assert_int_equal(a, 0);
    assert_int_equal(b, 2);
    assert_int_equal(n, 1);
    assert_false(twins_find(v, 2, always, NULL, &a, &b, &n));
    for (int i = 0; i < 3; i++)
        twins_free(&v[i]);
}

static void a_row_that_one_source_has_twice_is_no_twin(void **state)
{
    (void)state;
    struct twins v[2] = {{0}};
    size_t a, b;
    uint64_t n;
    add(&v[0], 1, 100);
    add(&v[0], 1, 100);
    add(&v[1], 200, 300);
    assert_false(twins_find(v, 2, always, NULL, &a, &b, &n));
    add(&v[1], 50, 60);
    assert_true(twins_find(v, 2, always, NULL, &a, &b, &n));
    assert_int_equal(n, 10);
    twins_free(&v[0]);
    twins_free(&v[1]);
}

/* A tenth of 300,000 rows in common, 16,384 of each kept: some 1,600 are expected. */
static void a_sample_of_large_sources_finds_what_they_share_in_bounded_memory(void **state)
{
    (void)state;
    struct twins v[2] = {{0}};
    size_t a, b;
    uint64_t n;
    add(&v[0], 1, 300000);
    add(&v[1], 270000, 570000);
    assert_true(v[0].cap <= 2 * TWINS_KEPT);
    assert_true(twins_find(v, 2, always, NULL, &a, &b, &n));
    assert_true(n > 1000 && n < 2500);
    twins_free(&v[0]);
    twins_free(&v[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_sources_are_compared_whole),
        cmocka_unit_test(a_row_that_one_source_has_twice_is_no_twin),
        cmocka_unit_test(a_sample_of_large_sources_finds_what_they_share_in_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
