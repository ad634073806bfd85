/* SPDX-License-Identifier: GPL-3.0-or-later
 * Captures of tests/data (its README says how each was made), read as a whole. */
#include "tests/check.h"

#include "ingest/captures.h"
#include "tests/reading.h"

#define ASKS(name) "192.0.2.1 " name ".example 1\n"
#define ASKS6(name) "2001:db8::1 " name ".example 1\n"

static void a_recorded_session_is_counted_as_it_was_asked(void **state)
{
    (void)state;
    expect("udp-and-tcp.pcap",
           "127.0.0.1 www.example 1\n127.0.0.1 www.example 28\n::1 www.example 28\n"
           "::1 alias.example 1\n127.0.0.1 no-such-name.example 15\n"
           "127.0.0.1 a\\046b\\032c.example 1\n127.0.0.1 big.example 16\n::1 www.example 1\n"
           "127.0.0.1 . 2\n127.0.0.1 www.example 1\n127.0.0.1 version.bind 16\n"
           "127.0.0.1 www.example 1\n127.0.0.1 alias.example 1\n",
           SKIPS([SKIP_TCP_EMPTY] = 24, [SKIP_OPCODE] = 1, [SKIP_RESPONSE] = 1));
    expect("sll2.pcap", "127.0.0.1 www.example 1\n", NONE);
}

static void a_response_brings_its_rcode_and_smallest_ttl(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    assert_int_equal(read_sample(&r, "udp-and-tcp.pcap", &no_opts, &err), 0);
    assert_string_equal(r.responses,
                        "127.0.0.1 www.example 1 0 3600\n127.0.0.1 www.example 28 0 60\n"
                        "::1 www.example 28 0 60\n::1 alias.example 1 0 30\n"
                        "127.0.0.1 no-such-name.example 15 3 -1\n"
                        "127.0.0.1 a\\046b\\032c.example 1 0 3600\n"
                        "127.0.0.1 big.example 16 0 3600\n::1 www.example 1 0 3600\n"
                        "127.0.0.1 . 2 5 -1\n127.0.0.1 www.example 1 16 -1\n"
                        "127.0.0.1 version.bind 16 0 0\n127.0.0.1 www.example 1 0 3600\n"
                        "127.0.0.1 alias.example 1 0 30\n");
}

static void every_link_type_leads_to_the_same_question(void **state)
{
    (void)state;
    expect("link-null.pcap", ASKS("null"), NONE);
    expect("link-null-swapped.pcap", ASKS("null-swapped"), NONE);
    expect("link-loop.pcap", ASKS("loop"), NONE);
    expect("link-raw.pcap", ASKS("raw") ASKS6("raw-6"), NONE);
    expect("link-ipv4.pcap", ASKS("ipv4"), NONE);
    expect("link-ipv6.pcap", ASKS6("ipv6"), NONE);
    expect("link-ppp.pcap", ASKS("ppp") ASKS("ppp-short"), NONE);
    expect("link-fddi.pcap", ASKS("fddi"), NONE);
    expect("link-802.11.pcap", ASKS("wlan"), NONE);
    expect("link-radiotap.pcap", ASKS("radiotap"), NONE);
    expect("link-sll.pcap", ASKS("sll"), NONE);
    expect("link-nflog.pcap", ASKS("nflog"), NONE);
}

static void an_unknown_link_type_is_refused_by_name(void **state)
{
    (void)state;
    struct reading r;
    struct err err;
    assert_fails(ERR_MALFORMED, "link-unknown.pcap: expected packets of a known link type",
                 read_sample(&r, "link-unknown.pcap", &no_opts, &err));
}

static void the_client_is_the_innermost_address_of_a_tunnel(void **state)
{
    (void)state;
    expect("tunnels.pcap",
           ASKS("plain") ASKS("vlan") ASKS("qinq") ASKS("mpls") ASKS("pppoe") ASKS("options")
               ASKS6("ipv6") ASKS6("hop-by-hop") ASKS("ipip") ASKS6("6in4") ASKS("gre")
                   ASKS("gre-key") ASKS("gre-bridge") ASKS("erspan-2") ASKS("erspan-1")
                       ASKS("vxlan") ASKS("geneve") ASKS("gtpu") ASKS("gtpu-seq")
                           ASKS6("teredo") ASKS("padding"),
           NONE);
}

static void fragments_in_any_order_are_one_record(void **state)
{
    (void)state;
    expect("fragments.pcap", ASKS("in-three-fragments") ASKS6("in-three-fragments-6"), NONE);
}

static void fragments_without_their_others_are_counted_as_lost(void **state)
{
    (void)state;
    expect("fragment-lost.pcap", ASKS("after"), SKIPS([SKIP_FRAGMENT] = 2));
    expect("fragments-too-late.pcap", "", SKIPS([SKIP_FRAGMENT] = 3));
    expect("fragment-past-the-end.pcap", ASKS("after"), SKIPS([SKIP_FRAGMENT] = 3));
}

static void tcp_gives_the_same_messages_however_it_is_cut_into_segments(void **state)
{
    (void)state;
    expect("tcp-one-by-one.pcap", ASKS("one") ASKS("two"), SKIPS([SKIP_TCP_EMPTY] = 1));
    expect("tcp-many-in-one.pcap", ASKS("one") ASKS("two") ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1));
    expect("tcp-length-alone.pcap", ASKS("one"),
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 1));
    expect("tcp-byte-by-byte.pcap", ASKS("one"),
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 30));
    expect("tcp-over-borders.pcap", ASKS("one") ASKS("two") ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1));
    expect("tcp-out-of-order.pcap", ASKS("one") ASKS("two") ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 1));
    expect("tcp-overlap.pcap", ASKS("one") ASKS("two") ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1));
    expect("tcp-fast-open.pcap", ASKS("one") ASKS("two"), NONE);
}

static void a_repeated_segment_is_no_second_look_up(void **state)
{
    (void)state;
    expect("tcp-retransmission.pcap", ASKS("one") ASKS("two"),
           SKIPS([SKIP_TCP_EMPTY] = 2, [SKIP_TCP_PART] = 1));
}

static void reading_goes_on_behind_what_is_missing_from_a_stream(void **state)
{
    (void)state;
    expect("tcp-mid-stream.pcap", ASKS("two"), SKIPS([SKIP_TCP_PART] = 1));
    expect("tcp-hole.pcap", ASKS("one") ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 1));
    expect("tcp-hole-in-message.pcap", ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 2));
    expect("tcp-hole-behind-question.pcap", ASKS("padded") ASKS("three"),
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 2));
    expect("tcp-port-used-again.pcap", ASKS("two"),
           SKIPS([SKIP_TCP_EMPTY] = 2, [SKIP_TCP_PART] = 1));
    expect("tcp-no-length.pcap", ASKS("two"), SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_BAD_DNS] = 1));
}

static void a_bad_name_is_skipped_and_a_strange_one_is_not(void **state)
{
    (void)state;
    expect("pointer-loop.pcap", "", SKIPS([SKIP_BAD_NAME] = 1));
    expect("pointer-out-of-message.pcap", "", SKIPS([SKIP_BAD_NAME] = 1));
    expect("extended-label.pcap", "", SKIPS([SKIP_BAD_NAME] = 1));
    expect("name-of-256-octets.pcap", "", SKIPS([SKIP_BAD_NAME] = 1));
    expect("name-of-all-bytes.pcap", "192.0.2.1 \\046\\092\\000\\128\\032a 1\n", NONE);
    struct reading r;
    struct err err = {0};
    assert_int_equal(read_sample(&r, "name-of-255-octets.pcap", &no_opts, &err), 0);
    assert_int_equal(strlen(r.lookups), strlen("192.0.2.1 ") + 253 + strlen(" 1\n"));
}

static void a_cut_packet_loses_its_question_only_when_the_cut_is_in_it(void **state)
{
    (void)state;
    expect("packet-cut-in-question.pcap", ASKS("after"), SKIPS([SKIP_PACKET_CUT] = 1));
    expect("packet-cut-behind-question.pcap", ASKS("cut-behind-the-question"), NONE);
    expect("message-ends-in-question.pcap", "", SKIPS([SKIP_BAD_DNS] = 2));
}

static void a_cut_file_gives_what_is_whole(void **state)
{
    (void)state;
    expect("file-cut.pcap", ASKS("first"), SKIPS([SKIP_CUT] = 1));
}

static void the_client_is_the_subnet_that_a_message_names_else_who_sent_it(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    const struct source_opts subnet = {.client_subnet = true};
    assert_int_equal(read_sample(&r, "client-subnet.pcap", &subnet, &err), 0);
    assert_string_equal(r.lookups,
                        "198.51.100.0/24 for-a-24.example 1\n"
                        "2001:db8::7 for-one.example 1\n" ASKS("for-nobody") ASKS("unnamed"));
    assert_int_equal(r.notes.count[NOTE_NO_SUBNET], 2);
    assert_int_equal(read_sample(&r, "client-subnet.pcap", &no_opts, &err), 0);
    assert_string_equal(r.lookups,
                        ASKS("for-a-24") ASKS("for-one") ASKS("for-nobody") ASKS("unnamed"));
    assert_int_equal(r.notes.count[NOTE_NO_SUBNET], 0);
}

static void each_question_of_a_message_is_a_look_up(void **state)
{
    (void)state;
    expect("two-questions.pcap", "192.0.2.1 q1.example 1\n192.0.2.1 q2.example 28\n", NONE);
    expect("fewer-questions-than-said.pcap", ASKS("said-9"), NONE);
}

static void what_is_no_look_up_is_skipped_for_its_own_reason(void **state)
{
    (void)state;
    expect("not-look-ups.pcap", "",
           SKIPS([SKIP_OPCODE] = 1, [SKIP_NO_QUESTION] = 1, [SKIP_MDNS] = 1, [SKIP_LLMNR] = 1,
                 [SKIP_NBNS] = 1, [SKIP_ICMP] = 1, [SKIP_PORT] = 1, [SKIP_TRANSPORT] = 1));
    expect("bad-headers.pcap", "", SKIPS([SKIP_BAD_PACKET] = 4, [SKIP_PACKET_CUT] = 1));
}

static void the_client_is_who_asks_even_from_port_53(void **state)
{
    (void)state;
    expect("query-from-port-53.pcap", ASKS("from-53") ASKS("to-4000"), NONE);
}

static void another_port_carries_dns_when_it_is_named(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    const uint16_t ports[] = {5353, 5300, 0};
    struct source_opts opts = {.ports = ports};
    assert_int_equal(read_sample(&r, "not-look-ups.pcap", &opts, &err), 0);
    assert_string_equal(r.lookups, ASKS("mdns") ASKS("elsewhere"));
}

static void times_are_exact_in_every_byte_order_and_resolution(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int64_t first_ns, last_ns;
    } cases[] = {
        {"big-endian.pcap", INT64_C(1469012133123456000), INT64_C(1469012134123456000)},
        {"nanoseconds.pcap", INT64_C(1469012133000123456), INT64_C(1469012134000123456)},
        {"pcapng.pcapng", INT64_C(1469012133250000000), INT64_C(1469012133500000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading r;
        struct err err = {0};
        assert_int_equal(read_sample(&r, cases[i].file, &no_opts, &err), 0);
        assert_string_equal(r.lookups, ASKS("first") ASKS("second"));
        assert_int_equal(r.first_ns, cases[i].first_ns);
        assert_int_equal(r.last_ns, cases[i].last_ns);
    }
}

static void interfaces_of_unlike_link_types_share_a_pcapng_file(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    expect("pcapng-two-links.pcapng", ASKS("first") ASKS("second"), NONE);
    assert_int_equal(read_sample(&r, "pcapng-two-links.pcapng", &no_opts, &err), 0);
    assert_int_equal(r.first_ns, INT64_C(1469012133000000007));
    assert_int_equal(r.last_ns, INT64_C(1469012133000008000));
}

static void a_pcapng_section_may_change_the_byte_order_and_the_interfaces(void **state)
{
    (void)state;
    expect("pcapng-sections.pcapng", ASKS("little") ASKS("big") ASKS("offset"), NONE);
    struct reading r;
    struct err err = {0};
    assert_int_equal(read_sample(&r, "pcapng-sections.pcapng", &no_opts, &err), 0);
    assert_int_equal(r.first_ns, INT64_C(1469012133000001000));
    assert_int_equal(r.last_ns, INT64_C(1469015733000001000)); /* if_tsoffset 3600 s */
}

static void a_pcapng_packet_without_a_time_is_skipped(void **state)
{
    (void)state;
    expect("pcapng-simple-packet.pcapng", "", SKIPS([SKIP_BAD_TIME] = 1));
}

static void a_cut_pcapng_file_gives_what_is_whole(void **state)
{
    (void)state;
    expect("pcapng-cut.pcapng", ASKS("first"), SKIPS([SKIP_CUT] = 1));
}

static void a_broken_pcapng_block_names_its_packet(void **state)
{
    (void)state;
    struct reading r;
    struct err err;
    assert_fails(ERR_MALFORMED, "pcapng-no-interface.pcapng: packet 1: packet block: expected",
                 read_sample(&r, "pcapng-no-interface.pcapng", &no_opts, &err));
    assert_fails(ERR_MALFORMED, "pcapng-bad-length.pcapng: packet 2: block of type 6: expected",
                 read_sample(&r, "pcapng-bad-length.pcapng", &no_opts, &err));
}

/* Read two captures in one run, given in this order and then in the other; `expected`
 * is of the one that is to be read first, then of the other. */
struct part {
    const char *file, *lookups;
    const struct skips *skips;
};

static void expect_run(const struct part expected[2])
{
    for (size_t first = 0; first < 2; first++) {
        char a[64], b[64];
        snprintf(a, sizeof a, "tests/data/%s", expected[first].file);
        snprintf(b, sizeof b, "tests/data/%s", expected[1 - first].file);
        struct source_opts opts = {
            .captures = captures_new((const char *[]){a, "no such file", b}, 3, NULL)};
        size_t i;
        for (size_t k = 0; k < 2; k++) {
            assert_true(captures_next(opts.captures, &i));
            assert_int_equal(i, k == first ? 0 : 2);
            expect_with(expected[k].file, &opts, expected[k].lookups, expected[k].skips);
        }
        assert_true(captures_next(opts.captures, &i));
        assert_int_equal(i, 1);
        assert_false(captures_next(opts.captures, &i));
        captures_free(opts.captures);
    }
}

#define BEFORE_THE_CUT                                                                         \
    {                                                                                          \
        "rotated-1.pcap", ASKS("before") ASKS("one"),                                          \
            SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 1, [SKIP_FRAGMENT] = 1)              \
    }
#define BEHIND_THE_CUT ASKS("two") ASKS("three") ASKS("in-three-fragments") ASKS("after")

static void a_capture_goes_on_where_the_one_before_it_was_cut(void **state)
{
    (void)state;
    expect("rotated.pcap", ASKS("before") ASKS("one") BEHIND_THE_CUT,
           SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 1));
    expect_run((const struct part[]){BEFORE_THE_CUT, {"rotated-2.pcap", BEHIND_THE_CUT, NONE}});
    expect_run(
        (const struct part[]){BEFORE_THE_CUT, {"rotated-2.pcapng", BEHIND_THE_CUT, NONE}});
}

/* What waited behind the hole is given when it is plain that the rest will not come. */
static void a_capture_that_overlaps_or_comes_late_begins_anew(void **state)
{
    (void)state;
    const struct part first = {
        "rotated-1.pcap", ASKS("before") ASKS("one") ASKS("three"),
        SKIPS([SKIP_TCP_EMPTY] = 1, [SKIP_TCP_PART] = 1, [SKIP_FRAGMENT] = 1)};
    const struct skips *alone = SKIPS([SKIP_TCP_PART] = 1, [SKIP_FRAGMENT] = 2);
    expect("rotated-2.pcap", ASKS("after"), alone);
    expect_run((const struct part[]){first, {"rotated-overlaps.pcap", ASKS("after"), alone}});
    expect_run((const struct part[]){first, {"rotated-late.pcap", ASKS("after"), alone}});
}

static void a_packet_of_more_questions_than_a_batch_loses_none(void **state)
{
    (void)state;
    struct source *s;
    struct err err = {0};
    const struct lookup *v;
    size_t n, batches = 0, total = 0;
    assert_int_equal(source_open(&s, "tests/data/many-questions.pcap", &no_opts, &err), 0);
    for (; source_next(s, &v, &n, &err) > 0; batches++, total += n)
        for (size_t i = 0; i < n; i++) /* types count up from 1 */
            assert_int_equal(v[i].qtype, total + i + 1);
    assert_int_equal(batches, 2);
    assert_int_equal(total, SOURCE_BATCH + 1);
    assert_int_equal(source_read(s), total);
    source_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_session_is_counted_as_it_was_asked),
        cmocka_unit_test(a_response_brings_its_rcode_and_smallest_ttl),
        cmocka_unit_test(every_link_type_leads_to_the_same_question),
        cmocka_unit_test(an_unknown_link_type_is_refused_by_name),
        cmocka_unit_test(the_client_is_the_innermost_address_of_a_tunnel),
        cmocka_unit_test(fragments_in_any_order_are_one_record),
        cmocka_unit_test(fragments_without_their_others_are_counted_as_lost),
        cmocka_unit_test(tcp_gives_the_same_messages_however_it_is_cut_into_segments),
        cmocka_unit_test(a_repeated_segment_is_no_second_look_up),
        cmocka_unit_test(reading_goes_on_behind_what_is_missing_from_a_stream),
        cmocka_unit_test(a_bad_name_is_skipped_and_a_strange_one_is_not),
        cmocka_unit_test(a_cut_packet_loses_its_question_only_when_the_cut_is_in_it),
        cmocka_unit_test(a_cut_file_gives_what_is_whole),
        cmocka_unit_test(each_question_of_a_message_is_a_look_up),
        cmocka_unit_test(what_is_no_look_up_is_skipped_for_its_own_reason),
        cmocka_unit_test(the_client_is_who_asks_even_from_port_53),
        cmocka_unit_test(the_client_is_the_subnet_that_a_message_names_else_who_sent_it),
        cmocka_unit_test(another_port_carries_dns_when_it_is_named),
        cmocka_unit_test(interfaces_of_unlike_link_types_share_a_pcapng_file),
        cmocka_unit_test(a_pcapng_section_may_change_the_byte_order_and_the_interfaces),
        cmocka_unit_test(a_pcapng_packet_without_a_time_is_skipped),
        cmocka_unit_test(a_cut_pcapng_file_gives_what_is_whole),
        cmocka_unit_test(a_broken_pcapng_block_names_its_packet),
        cmocka_unit_test(a_capture_goes_on_where_the_one_before_it_was_cut),
        cmocka_unit_test(a_capture_that_overlaps_or_comes_late_begins_anew),
        cmocka_unit_test(a_packet_of_more_questions_than_a_batch_loses_none),
        cmocka_unit_test(times_are_exact_in_every_byte_order_and_resolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
