/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/table.h"

static struct span key_of(uint32_t i, char out[32])
{
    return span_make(out, (size_t)snprintf(out, 32, "name-%u.example", i));
}

static void ids_are_dense_in_order_of_first_sight(void **state)
{
    (void)state;
    struct table *t = table_new();
    assert_int_equal(table_intern(t, span_of("b")), 0);
    assert_int_equal(table_intern(t, span_of("a")), 1);
    assert_int_equal(table_intern(t, span_of("b")), 0);
    assert_int_equal(table_intern(t, span_of("c")), 2);
    assert_int_equal(table_size(t), 3);
    table_free(t);
}

static void keys_are_bytes_and_may_be_empty_or_hold_nul(void **state)
{
    (void)state;
    struct table *t = table_new();
    assert_null(table_bound(t, span_of(""), table_hash(span_of(""))));
    assert_int_equal(table_intern(t, span_make("a\0b", 3)), 0);
    assert_int_equal(table_intern(t, span_make("a\0c", 3)), 1);
    assert_int_equal(table_intern(t, span_of("a")), 2);
    assert_int_equal(table_intern(t, span_make(NULL, 0)), 3);
    assert_int_equal(table_intern(t, span_of("")), 3);
    assert_true(span_equal(table_get(t, 1), span_make("a\0c", 3)));
    assert_int_equal(table_get(t, 3).n, 0);
    table_free(t);
}

static void a_key_is_copied_and_does_not_move_when_the_table_grows(void **state)
{
    (void)state;
    struct table *t = table_new();
    char text[32] = "first";
    table_intern(t, span_of(text));
    const char *before = table_get(t, 0).p;
    strcpy(text, "other");
    for (uint32_t i = 0; i < 100000; i++)
        table_intern(t, key_of(i, text));
    assert_ptr_equal(table_get(t, 0).p, before);
    assert_true(span_is(table_get(t, 0), "first"));
    table_free(t);
}

static void every_key_is_found_again_after_growth_and_no_other(void **state)
{
    (void)state;
    struct table *t = table_new();
    char text[32];
    enum { N = 200000 };
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(table_intern(t, key_of(i, text)), i);
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(table_intern(t, key_of(i, text)), i);
        assert_true(span_equal(table_get(t, i), key_of(i, text)));
        struct span other = key_of(i + N, text);
        assert_null(table_bound(t, other, table_hash(other)));
    }
    assert_int_equal(table_size(t), N);
    table_free(t);
}

static void a_hash_in_hand_gives_the_same_ids(void **state)
{
    (void)state;
    struct table *t = table_new(), *u = table_new();
    char text[32];
    for (uint32_t i = 0; i < 5000; i++) {
        struct span key = key_of(i * 7919 % 1000, text);
        uint64_t hash = table_hash(key);
        table_prefetch(t, hash);
        assert_int_equal(table_intern_hashed(t, key, hash), table_intern(u, key));
    }
    assert_int_equal(table_size(t), 1000);
    table_free(t);
    table_free(u);
}

static void a_bound_key_gives_the_number_it_was_bound_to_and_no_other_does(void **state)
{
    (void)state;
    struct table *t = table_new();
    char text[32];
    for (uint32_t i = 0; i < 5000; i++) {
        struct span key = key_of(i, text);
        assert_null(table_bound(t, key, table_hash(key)));
        table_bind(t, key, table_hash(key), i % 7);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        struct span key = key_of(i, text);
        assert_int_equal(*table_bound(t, key, table_hash(key)), i % 7);
    }
    assert_int_equal(table_size(t), 5000);
    table_free(t);
}

static void ranks_are_those_of_bytes_with_the_shorter_first(void **state)
{
    (void)state;
    static const char *const keys[] = {"b", "a.example", "a", "\xff", "A", "a-example"};
    static const uint32_t ranks[] = {4, 3, 1, 5, 0, 2}; /* LC_ALL=C sort */
    static const bool used[] = {true, false, true, true, false, true};
    static const uint32_t of_used[] = {2, TABLE_NONE, 0, 3, TABLE_NONE, 1};
    struct table *t = table_new();
    struct arena bytes = {0};
    struct span *texts;
    uint32_t n;
    for (size_t i = 0; i < 6; i++)
        table_intern(t, span_of(keys[i]));
    for (int some = 0; some < 2; some++) {
        uint32_t *rank = table_rank(t, some ? used : NULL, &bytes, &texts, &n);
        assert_int_equal(n, some ? 4 : 6);
        assert_memory_equal(rank, some ? of_used : ranks, sizeof ranks);
        for (size_t i = 0; i < 6; i++)
            if (rank[i] != TABLE_NONE)
                assert_int_equal(span_compare(texts[rank[i]], span_of(keys[i])), 0);
        free(rank);
        free(texts);
    }
    arena_free(&bytes);
    table_free(t);
}

static void an_empty_table_has_no_ranks(void **state)
{
    (void)state;
    struct table *t = table_new();
    struct arena bytes = {0};
    struct span *texts;
    uint32_t n = 7;
    free(table_rank(t, NULL, &bytes, &texts, &n));
    assert_int_equal(n, 0);
    assert_int_equal(table_size(t), 0);
    free(texts);
    table_free(t);
    table_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_dense_in_order_of_first_sight),
        cmocka_unit_test(keys_are_bytes_and_may_be_empty_or_hold_nul),
        cmocka_unit_test(a_key_is_copied_and_does_not_move_when_the_table_grows),
        cmocka_unit_test(every_key_is_found_again_after_growth_and_no_other),
        cmocka_unit_test(a_hash_in_hand_gives_the_same_ids),
        cmocka_unit_test(a_bound_key_gives_the_number_it_was_bound_to_and_no_other_does),
        cmocka_unit_test(ranks_are_those_of_bytes_with_the_shorter_first),
        cmocka_unit_test(an_empty_table_has_no_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
