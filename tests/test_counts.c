/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/counts.h"

#include "tests/check.h"

static void varints_are_those_of_protocol_buffers(void **state)
{
    (void)state;
    /* protobuf.dev/programming-guides/encoding: 150 is 96 01 */
    unsigned char out[10];
    assert_int_equal(varint_put(out, 150), 2);
    assert_int_equal(out[0], 0x96);
    assert_int_equal(out[1], 0x01);
    const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        size_t n = varint_put(out, values[i]);
        const unsigned char *p = out;
        uint64_t back = 1;
        assert_true(varint_get(&p, out + n, &back));
        assert_true(back == values[i]);
        assert_ptr_equal(p, out + n);
    }
    assert_int_equal(varint_put(out, UINT64_MAX), 10);
}

static void a_varint_that_is_cut_or_too_long_is_refused(void **state)
{
    (void)state;
    const unsigned char cut[] = {0x80, 0x80};
    const unsigned char wide[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    const unsigned char eleven[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                    0x80, 0x80, 0x80, 0x80, 0x01};
    const unsigned char *p = cut;
    uint64_t value = 7;
    assert_false(varint_get(&p, cut + sizeof cut, &value));
    assert_ptr_equal(p, cut);
    p = wide;
    assert_false(varint_get(&p, wide + sizeof wide, &value));
    p = eleven;
    assert_false(varint_get(&p, eleven + sizeof eleven, &value));
    p = cut;
    assert_false(varint_get(&p, cut, &value));
    assert_true(value == 7);
}

static void a_series_is_walked_from_its_first_tick_also_before_1970(void **state)
{
    (void)state;
    /* ticks -3, -1, 299 with counts 2, 1, 300 */
    const unsigned char bytes[] = {0, 2, 2, 1, 0xac, 0x02, 0xac, 0x02};
    struct series_iter it = series_begin(span_make(bytes, sizeof bytes), -3);
    const int64_t ticks[] = {-3, -1, 299};
    const uint64_t counts[] = {2, 1, 300};
    for (int i = 0; i < 3; i++) {
        assert_true(series_next(&it));
        assert_true(it.tick == ticks[i]);
        assert_true(it.count == counts[i]);
    }
    assert_false(series_next(&it));
    it = series_begin(span_make(NULL, 0), 5);
    assert_false(series_next(&it));
}

/* Three clients, of which the middle one has no pair. */
static struct counts *small(void)
{
    struct counts *c = mem_zero(1, sizeof *c);
    static const struct counts_pair pairs[] = {
        {.client = 0, .name = 0, .qtype = 1, .total = 1, .bytes = "\0\1", .series_n = 2},
        {.client = 0, .name = 1, .qtype = 1, .total = 1, .bytes = "\0\1", .series_n = 2},
        {.client = 2, .name = 0, .qtype = 1, .total = 1, .bytes = "\0\1", .series_n = 2}};
    static const struct span clients[] = {{"a", 1}, {"ab", 2}, {"b", 1}};
    static const struct span names[] = {{".", 1}, {"a.example", 9}};
    c->tick_ns = 1;
    for (int i = 0; i < COUNTS_RULES; i++)
        c->rules[i] = mem_copy("any", 3);
    c->nclients = 3;
    c->nnames = 2;
    c->npairs = 3;
    c->clients = mem_alloc(sizeof clients);
    memcpy(c->clients, clients, sizeof clients);
    c->names = mem_alloc(sizeof names);
    memcpy(c->names, names, sizeof names);
    c->pairs = mem_alloc(sizeof pairs);
    memcpy(c->pairs, pairs, sizeof pairs);
    return c;
}

static void live_time_within_a_span_is_that_of_the_parts_inside_it(void **state)
{
    (void)state;
    struct counts_live live[] = {{10, 20, NULL}, {30, 40, NULL}};
    struct counts c = {.live = live, .nlive = 2};
    assert_int_equal(counts_live_within(&c, 0, 100), 20);
    assert_int_equal(counts_live_within(&c, 15, 32), 7);
    assert_int_equal(counts_live_within(&c, 20, 30), 0);
    assert_int_equal(counts_live_within(&c, 12, 13), 1);
    assert_int_equal(counts_live_within(&c, 50, 60), 0);
}

static void texts_and_pairs_of_a_client_are_found_and_absent_ones_are_not(void **state)
{
    (void)state;
    struct counts *c = small();
    size_t from, to;
    assert_int_equal(counts_client(c, span_of("ab")), 1);
    assert_int_equal(counts_client(c, span_of("b")), 2);
    assert_true(counts_client(c, span_of("aa")) == UINT32_MAX);
    assert_true(counts_client(c, span_of("")) == UINT32_MAX);
    assert_int_equal(counts_name(c, span_of(".")), 0);
    assert_true(counts_name(c, span_of("z")) == UINT32_MAX);
    counts_client_pairs(c, 0, &from, &to);
    assert_int_equal(from, 0);
    assert_int_equal(to, 2);
    counts_client_pairs(c, 1, &from, &to);
    assert_int_equal(from, to);
    counts_client_pairs(c, 2, &from, &to);
    assert_int_equal(from, 2);
    assert_int_equal(to, 3);
    counts_free(c);
}

static void the_digest_sees_every_part_and_where_texts_end(void **state)
{
    (void)state;
    struct counts *c = small();
    char base[DIGEST_HEX], other[DIGEST_HEX];
    counts_digest(c, base);
    assert_int_equal(strlen(base), 64);
#define CHANGES(change, undo)                                                                  \
    do {                                                                                       \
        change;                                                                                \
        counts_digest(c, other);                                                               \
        assert_string_not_equal(base, other);                                                  \
        undo;                                                                                  \
        counts_digest(c, other);                                                               \
        assert_string_equal(base, other);                                                      \
    } while (0)
    CHANGES(c->pairs[1].total = 2, c->pairs[1].total = 1);
    CHANGES(c->pairs[1].first = -1, c->pairs[1].first = 0);
    CHANGES(c->pairs[1].duplicates = 1, c->pairs[1].duplicates = 0);
    c->pairs[1].bytes = "\0\1\0\1\1\3\1"; /* room for more than its series */
    CHANGES(c->pairs[1].copies_n = 2, c->pairs[1].copies_n = 0);
    CHANGES(c->pairs[1].marks_n = 2, c->pairs[1].marks_n = 0);
    CHANGES(c->tick_ns = 2, c->tick_ns = 1);
    /* "a","ab","b" and "aa","b","b" are the same bytes in a row */
    CHANGES((c->clients[0] = span_of("aa"), c->clients[1] = span_of("b")),
            (c->clients[0] = span_of("a"), c->clients[1] = span_of("ab")));
    struct counts_live live = {0, 10, (char *)(uintptr_t) "given"};
    CHANGES((c->live = &live, c->nlive = 1), (c->live = NULL, c->nlive = 0));
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints_are_those_of_protocol_buffers),
        cmocka_unit_test(a_varint_that_is_cut_or_too_long_is_refused),
        cmocka_unit_test(a_series_is_walked_from_its_first_tick_also_before_1970),
        cmocka_unit_test(live_time_within_a_span_is_that_of_the_parts_inside_it),
        cmocka_unit_test(texts_and_pairs_of_a_client_are_found_and_absent_ones_are_not),
        cmocka_unit_test(the_digest_sees_every_part_and_where_texts_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
