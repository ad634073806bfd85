/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two versions of a log, with what was changed known. */
#include "tests/check.h"

#include "ingest/versions.h"
#include "tests/made.h"

static struct counts *version(int64_t shift, int64_t skip, const char *more)
{
    struct made m = {0};
    for (int64_t i = 0; i < 20; i++)
        if (i != skip)
            made_add(&m, "192.0.2.1", "a.example", 1, 1000 * i + (i >= 15 ? shift : 0), 1);
    for (int64_t i = 0; i < 5; i++)
        made_add(&m, "192.0.2.2", "a.example", 1, 500 + 1000 * i, 1);
    if (more)
        made_add(&m, more, "b.example", 28, 77, 3);
    struct counts *c = made_counts(&m, 0, 86400);
    for (int i = 0; i < COUNTS_RULES; i++)
        if (!c->rules[i])
            c->rules[i] = mem_copy("x", 1);
    return c;
}

static void a_log_differs_in_nothing_from_itself(void **state)
{
    (void)state;
    struct counts *a = version(0, -1, NULL), *b = version(0, -1, NULL);
    struct versions v;
    struct err err;
    assert_int_equal(versions_compare(&v, a, b, &err), 0);
    assert_true(v.a == 25 && v.both == 25 && v.moved == 0 && v.nclients == 0);
    assert_true(v.pairs_equal == 2 && versions_altered(&v) == 0);
    versions_free(&v);
    counts_free(a);
    counts_free(b);
}

/* Five rows an hour later, one gone, three new of one pair: 25 rows against 27. */
static void rows_gone_new_and_moved_are_told_apart(void **state)
{
    (void)state;
    struct counts *a = version(0, -1, NULL), *b = version(3600, 4, "198.51.100.9");
    struct versions v;
    struct err err;
    assert_int_equal(versions_compare(&v, a, b, &err), 0);
    assert_true(v.a == 25 && v.b == 27);
    assert_int_equal(v.both, 19);
    assert_int_equal(v.moved, 5);
    assert_int_equal(v.nclients, 2);
    assert_true(v.pairs_a == 2 && v.pairs_b == 3 && v.pairs_equal == 1);
    /* 28 rows in all: 19 the same, 5 moved, 1 only in a, 3 only in b */
    assert_close(versions_altered(&v), 9.0 / 28, 1e-12);
    versions_free(&v);
    counts_free(a);
    counts_free(b);
}

static void the_shift_of_moved_rows_is_found(void **state)
{
    (void)state;
    struct counts *a = version(0, -1, NULL), *b = version(3600, -1, NULL);
    struct versions v;
    struct err err;
    assert_int_equal(versions_compare(&v, a, b, &err), 0);
    assert_int_equal(v.at_offset, 5);
    assert_true(v.offset_ns == 3600 * NS_PER_S);
    versions_free(&v);
    counts_free(a);
    counts_free(b);
}

static void versions_of_two_ticks_are_refused(void **state)
{
    (void)state;
    struct counts *a = version(0, -1, NULL), *b = version(0, -1, NULL);
    struct versions v;
    struct err err;
    b->tick_ns *= 60;
    assert_int_equal(versions_compare(&v, a, b, &err), ERR_MISMATCH);
    counts_free(a);
    counts_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_differs_in_nothing_from_itself),
        cmocka_unit_test(rows_gone_new_and_moved_are_told_apart),
        cmocka_unit_test(the_shift_of_moved_rows_is_found),
        cmocka_unit_test(versions_of_two_ticks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
