/* SPDX-License-Identifier: GPL-3.0-or-later
 * dnstap files of tests/data (make_frames.py writes them), read as a whole. */
#include "tests/reading.h"

#define ASKS(name) "192.0.2.1 " name ".example 1\n"
#define ASKS6(name) "2001:db8::1 " name ".example 1\n"

static const int64_t start_ns = INT64_C(1469012133) * 1000000000;

static void only_queries_of_a_stream_are_look_ups(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    expect("dnstap-plain.dnstap", ASKS("first") ASKS6("second"), NONE);
    assert_int_equal(read_sample(&r, "dnstap-plain.dnstap", &no_opts, &err), 0);
    assert_string_equal(r.responses, "192.0.2.1 first.example 1 0 60\n");
    assert_int_equal(r.first_ns, start_ns + 250);
    assert_int_equal(r.read, 3);
}

static void a_look_up_has_the_port_id_and_server_of_its_message(void **state)
{
    (void)state;
    struct source *s;
    struct err err = {0};
    const struct lookup *v;
    size_t n;
    const char *path = "tests/data/dnstap-plain.dnstap";
    assert_int_equal(source_open(&s, path, &no_opts, &err), 0);
    assert_int_equal(source_next(s, &v, &n, &err), 1);
    assert_int_equal(n, 3);
    assert_int_equal(v[0].port, 40000);
    assert_int_equal(v[0].id, 0x1234);
    assert_true(span_equal(v[0].server, span_make("\xc0\x00\x02\x35", 4)));
    assert_true(span_equal(v[1].client, v[0].client)); /* of a response: who is answered */
    source_close(s);
}

static void streams_of_both_directions_and_several_in_a_file_are_read(void **state)
{
    (void)state;
    expect("dnstap-both-ways.dnstap", ASKS("first") ASKS6("second"), NONE);
    expect("dnstap-two-streams.dnstap", ASKS("first") ASKS6("second"), NONE);
    expect("dnstap-no-stop.dnstap", ASKS("first") ASKS6("second"), NONE);
    expect("dnstap-no-content-type.dnstap", ASKS("first"), NONE);
    expect("dnstap-bare.dnstap", ASKS("first"), NONE);
}

static void one_message_type_is_counted_the_one_nearest_to_the_client(void **state)
{
    (void)state;
    expect("dnstap-all-types.dnstap", ASKS("client"), SKIPS([SKIP_MESSAGE_TYPE] = 12));
    expect("dnstap-resolver-and-forwarder.dnstap", ASKS("to-authority"),
           SKIPS([SKIP_MESSAGE_TYPE] = 1));
    expect("dnstap-responses-alone.dnstap", "", NONE);
}

/* One server is asked under two types, by what the client wished for. */
static void what_bind_is_asked_is_one_type(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    struct source_opts named = {.dnstap_type = "auth_query"};
    expect("dnstap-bind.dnstap", ASKS("desired") ASKS("not-desired"),
           SKIPS([SKIP_MESSAGE_TYPE] = 1));
    assert_int_equal(read_sample(&r, "dnstap-bind.dnstap", &no_opts, &err), 0);
    assert_string_equal(
        r.responses,
        "192.0.2.1 desired.example 1 0 60\n192.0.2.1 not-desired.example 1 0 60\n");
    assert_int_equal(read_sample(&r, "dnstap-bind-authority.dnstap", &no_opts, &err), 0);
    assert_string_equal(r.responses, "192.0.2.1 not-desired.example 1 0 60\n");
    expect("dnstap-bind-and-others.dnstap", ASKS("desired") ASKS("not-desired"),
           SKIPS([SKIP_MESSAGE_TYPE] = 2));
    assert_int_equal(read_sample(&r, "dnstap-bind.dnstap", &named, &err), 0);
    assert_string_equal(r.lookups, ASKS("not-desired"));
}

static void the_source_says_which_types_of_how_many_servers_were_counted(void **state)
{
    (void)state;
    static const char *const notes[][2] = {
        {"plain", "client_query is counted"},
        {"bind", "client_query and, of BIND, auth_query are counted"},
        {"two-servers", "client_query is counted, of more than one server"},
    };
    for (size_t i = 0; i < 3; i++) {
        char file[64];
        const struct lookup *v;
        size_t n;
        snprintf(file, sizeof file, "tests/data/dnstap-%s.dnstap", notes[i][0]);
        struct source *s;
        struct err err = {0};
        assert_int_equal(source_open(&s, file, &no_opts, &err), 0);
        assert_int_equal(source_next(s, &v, &n, &err), 1);
        assert_string_equal(source_note(s), notes[i][1]);
        source_close(s);
    }
}

static void the_type_that_is_named_is_counted_and_its_responses_join(void **state)
{
    (void)state;
    static const char *const names[] = {"auth", "resolver", "client", "forwarder",
                                        "stub", "tool",     "update"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct reading r;
        struct err err = {0};
        char type[32], asked[64], answered[64];
        snprintf(type, sizeof type, "%s_QUERY", names[i]); /* in any case */
        snprintf(asked, sizeof asked, "192.0.2.1 %s.example 1\n", names[i]);
        snprintf(answered, sizeof answered, "192.0.2.1 %s.example 1 0 60\n", names[i]);
        struct source_opts opts = {.dnstap_type = type};
        assert_int_equal(read_sample(&r, "dnstap-all-types.dnstap", &opts, &err), 0);
        assert_string_equal(r.lookups, asked);
        assert_string_equal(r.responses, answered);
        assert_int_equal(r.skips.count[SKIP_MESSAGE_TYPE], 12);
    }
}

static void an_unknown_type_is_wrong_use(void **state)
{
    (void)state;
    struct reading r;
    struct err err;
    struct source_opts opts = {.dnstap_type = "client"};
    assert_fails(ERR_USAGE, "--dnstap-type: expected one of client_query, resolver_query,",
                 read_sample(&r, "dnstap-plain.dnstap", &opts, &err));
}

static void a_type_that_would_change_the_choice_is_refused_when_it_comes_late(void **state)
{
    (void)state;
    struct reading r;
    struct err err;
    const char *file = "dnstap-type-comes-late.dnstap.gz";
    struct source_opts opts = {.dnstap_type = "client_query"};
    assert_fails(
        ERR_MALFORMED,
        "message 6: expected to count resolver_query, by the first messages of the file, "
        "found client_query",
        read_sample(&r, file, &no_opts, &err));
    assert_int_equal(read_sample(&r, file, &opts, &err), 0);
    assert_string_equal(r.lookups, ASKS("late"));
    assert_int_equal(r.skips.count[SKIP_MESSAGE_TYPE], 5);
}

static void a_time_that_is_none_or_absent_is_skipped(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    expect("dnstap-times.dnstap", ASKS("second-of-all-nines") ASKS("no-nanoseconds"),
           SKIPS([SKIP_BAD_TIME] = 3));
    assert_int_equal(read_sample(&r, "dnstap-times.dnstap", &no_opts, &err), 0);
    assert_int_equal(r.first_ns, start_ns + 999999999);
    assert_int_equal(r.last_ns, start_ns);
}

static void what_is_no_look_up_is_skipped_for_its_own_reason(void **state)
{
    (void)state;
    expect("dnstap-not-look-ups.dnstap", "",
           SKIPS([SKIP_OPCODE] = 1, [SKIP_NO_QUESTION] = 1, [SKIP_MESSAGE_TYPE] = 2));
    expect("dnstap-bad-messages.dnstap", "",
           SKIPS([SKIP_NO_NAME] = 2, [SKIP_BAD_CLIENT] = 1, [SKIP_BAD_DNS] = 2,
                 [SKIP_BAD_FIELD] = 1));
}

static void a_cut_file_gives_its_whole_frames(void **state)
{
    (void)state;
    expect("dnstap-cut-in-frame.dnstap", ASKS("first"), SKIPS([SKIP_CUT] = 1));
    expect("dnstap-cut-in-length.dnstap", ASKS("first"), SKIPS([SKIP_CUT] = 1));
}

static void a_stream_that_breaks_its_format_is_refused_with_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"dnstap-other-content-type.dnstap",
         "message 1: expected frames of content type protobuf:dnstap.Dnstap, found "
         "'protobuf:other'"},
        {"dnstap-data-before-start.dnstap", "message 1: expected a START frame before data"},
        {"dnstap-frame-too-long.dnstap",
         "message 1: expected a frame of at most 1048576 bytes, found 1048577"},
        {"dnstap-bad-control.dnstap", "message 2: expected a control frame, found 5 bytes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading r;
        struct err err;
        assert_fails(ERR_MALFORMED, cases[i].message,
                     read_sample(&r, cases[i].file, &no_opts, &err));
    }
}

static void the_note_names_the_type_that_is_counted(void **state)
{
    (void)state;
    struct source *s;
    struct err err = {0};
    const char *path = "tests/data/dnstap-resolver-and-forwarder.dnstap";
    assert_int_equal(source_open(&s, path, &no_opts, &err), 0);
    assert_string_equal(source_note(s), "resolver_query is counted");
    source_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_queries_of_a_stream_are_look_ups),
        cmocka_unit_test(a_look_up_has_the_port_id_and_server_of_its_message),
        cmocka_unit_test(streams_of_both_directions_and_several_in_a_file_are_read),
        cmocka_unit_test(one_message_type_is_counted_the_one_nearest_to_the_client),
        cmocka_unit_test(what_bind_is_asked_is_one_type),
        cmocka_unit_test(the_source_says_which_types_of_how_many_servers_were_counted),
        cmocka_unit_test(the_type_that_is_named_is_counted_and_its_responses_join),
        cmocka_unit_test(an_unknown_type_is_wrong_use),
        cmocka_unit_test(a_type_that_would_change_the_choice_is_refused_when_it_comes_late),
        cmocka_unit_test(a_time_that_is_none_or_absent_is_skipped),
        cmocka_unit_test(what_is_no_look_up_is_skipped_for_its_own_reason),
        cmocka_unit_test(a_cut_file_gives_its_whole_frames),
        cmocka_unit_test(a_stream_that_breaks_its_format_is_refused_with_the_place),
        cmocka_unit_test(the_note_names_the_type_that_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
