/* SPDX-License-Identifier: GPL-3.0-or-later
 * The bounds of reassembly; what it reassembles is tested on captures (test_pcap). */
#include "tests/check.h"

#include "ingest/fragment.h"
#include "ingest/tcp.h"

/* A whole query for "x", type A, behind its length. */
static const char query[] = "\0\x13"
                            "\0\7\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1";
enum { QUERY_N = sizeof query - 1 };

struct taken {
    size_t n;
    int64_t last_ns;
    uint16_t last_port;
};

static void take(void *ctx, const struct flow *flow, struct span message, int64_t t_ns,
                 bool cut)
{
    struct taken *taken = ctx;
    assert_false(cut);
    assert_int_equal(message.n, QUERY_N - 2);
    assert_memory_equal(message.p, query + 2, message.n);
    taken->n++;
    taken->last_ns = t_ns;
    taken->last_port = flow->source_port;
}

/* Send data from a client, which its number tells apart. */
static void send_data(struct tcp *t, unsigned client, uint32_t seq, struct span data,
                      unsigned flags, int64_t t_ns)
{
    const unsigned char source[] = {10, 0, (unsigned char)(client >> 8), (unsigned char)client};
    struct packet p = {.flow = {.source = span_make(source, 4),
                                .target = span_make("\xc0\0\2\x35", 4),
                                .source_port = (uint16_t)(client + 1),
                                .target_port = 53},
                       .data = data,
                       .seq = seq,
                       .tcp_flags = flags};
    tcp_add(t, &p, t_ns);
}

static void a_stream_that_makes_room_gives_what_it_held(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct tcp *t = tcp_new(take, &taken);
    for (unsigned i = 0; i <= TCP_STREAMS_MAX; i++) {
        send_data(t, i, 100, span_make("", 0), TCP_SYN, 0);
        send_data(t, i, 200, span_make(query, QUERY_N), 0, 0); /* behind a hole */
    }
    assert_int_equal(taken.n, 1);
    assert_int_equal(taken.last_port, 1); /* the one that was quiet for longest */
    tcp_end(t);
    assert_int_equal(taken.n, TCP_STREAMS_MAX + 1);
    tcp_free(t);
}

static void a_hole_is_waited_for_ten_seconds_and_no_longer(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct tcp *t = tcp_new(take, &taken);
    send_data(t, 0, 100, span_make("", 0), TCP_SYN, 0);
    send_data(t, 0, 200, span_make(query, QUERY_N), 0, 5);
    send_data(t, 0, 200 + QUERY_N, span_make(query, QUERY_N), 0, 5 + TCP_HOLE_NS);
    assert_int_equal(taken.n, 0);
    send_data(t, 0, 200 + 2 * QUERY_N, span_make(query, QUERY_N), 0, 6 + TCP_HOLE_NS);
    assert_int_equal(taken.n, 3);
    assert_int_equal(taken.last_ns, 6 + TCP_HOLE_NS);
    tcp_free(t);
}

static void a_hole_with_too_much_behind_it_is_given_up(void **state)
{
    (void)state;
    struct taken taken = {0};
    struct tcp *t = tcp_new(take, &taken);
    send_data(t, 0, 100, span_make("", 0), TCP_SYN, 0);
    for (unsigned i = 1; i <= TCP_HELD_MAX; i++) {
        assert_int_equal(taken.n, 0);
        send_data(t, 0, 200 + i * QUERY_N, span_make(query, QUERY_N), 0, 0);
    }
    assert_int_equal(taken.n, TCP_HELD_MAX);
    tcp_free(t);
}

static bool add_fragment(struct fragments *f, uint32_t id, size_t offset, struct span data,
                         bool more, struct span *ret_data)
{
    uint8_t protocol = 0;
    struct fragment part = {.source = span_make("\xc0\0\2\1", 4),
                            .target = span_make("\xc0\0\2\x35", 4),
                            .id = id,
                            .protocol = 17,
                            .more = more,
                            .offset = offset,
                            .data = data,
                            .t_ns = id};
    bool whole = fragments_add(f, &part, ret_data, &protocol);
    assert_int_equal(protocol, whole ? 17 : 0);
    return whole;
}

static void a_flood_of_fragments_pushes_out_the_oldest_and_counts_them(void **state)
{
    (void)state;
    struct fragments *f = fragments_new();
    struct span data;
    for (uint32_t id = 0; id < FRAGMENTS_MAX + 3; id++)
        assert_false(add_fragment(f, id, 0, span_make("01234567", 8), true, &data));
    assert_int_equal(fragments_lost(f), 3);
    assert_true(add_fragment(f, 3, 8, span_make("89", 2), false, &data));
    assert_int_equal(data.n, 10);
    assert_memory_equal(data.p, "0123456789", 10);
    fragments_release(f);
    assert_false(add_fragment(f, 2, 8, span_make("89", 2), false, &data)); /* came too late */
    assert_int_equal(fragments_waiting(f), FRAGMENTS_MAX);
    fragments_free(f);
}

static void a_fragment_that_waits_at_the_end_of_a_file_is_told_once_and_stays(void **state)
{
    (void)state;
    struct fragments *f = fragments_new();
    struct span data;
    add_fragment(f, 1, 0, span_make("01234567", 8), true, &data);
    add_fragment(f, 2, 0, span_make("01234567", 8), true, &data);
    assert_int_equal(fragments_waiting(f), 2);
    add_fragment(f, 2, 8, span_make("01234567", 8), true, &data);
    assert_int_equal(fragments_waiting(f), 1);
    assert_true(add_fragment(f, 1, 8, span_make("89", 2), false, &data));
    assert_memory_equal(data.p, "0123456789", 10);
    fragments_release(f);
    for (uint32_t id = 3; id < FRAGMENTS_MAX + 3; id++)
        add_fragment(f, id, 0, span_make("01234567", 8), true, &data);
    assert_int_equal(fragments_lost(f), 0); /* datagram 2 made room: both were told */
    assert_int_equal(fragments_waiting(f), FRAGMENTS_MAX);
    fragments_free(f);
}

static void a_stream_gives_its_messages_to_the_file_that_is_read(void **state)
{
    (void)state;
    struct taken first = {0}, second = {0};
    struct tcp *t = tcp_new(take, &first);
    send_data(t, 0, 100, span_make("", 0), TCP_SYN, 0);
    send_data(t, 0, 101, span_make(query, 7), 0, 1);
    tcp_give_to(t, &second);
    send_data(t, 0, 108, span_make(query + 7, QUERY_N - 7), 0, 2);
    assert_int_equal(first.n, 0);
    assert_int_equal(second.n, 1);
    assert_int_equal(second.last_ns, 2);
    tcp_free(t);
}

static void where_fragments_overlap_the_later_one_is_believed(void **state)
{
    (void)state;
    struct fragments *f = fragments_new();
    struct span data;
    assert_false(add_fragment(f, 1, 0, span_make("aaaaaaaaaaaaaaaa", 16), true, &data));
    assert_true(add_fragment(f, 1, 8, span_make("bbbbbbbbbb", 10), false, &data));
    assert_int_equal(data.n, 18);
    assert_memory_equal(data.p, "aaaaaaaabbbbbbbbbb", 18);
    fragments_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_makes_room_gives_what_it_held),
        cmocka_unit_test(a_hole_is_waited_for_ten_seconds_and_no_longer),
        cmocka_unit_test(a_hole_with_too_much_behind_it_is_given_up),
        cmocka_unit_test(a_flood_of_fragments_pushes_out_the_oldest_and_counts_them),
        cmocka_unit_test(a_fragment_that_waits_at_the_end_of_a_file_is_told_once_and_stays),
        cmocka_unit_test(a_stream_gives_its_messages_to_the_file_that_is_read),
        cmocka_unit_test(where_fragments_overlap_the_later_one_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
