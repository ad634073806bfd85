/* SPDX-License-Identifier: GPL-3.0-or-later
 * C-DNS files of tests/data (make_frames.py writes them), read as a whole. */
#include "tests/reading.h"

#define ASKS(name) "192.0.2.1 " name ".example 1\n"
#define ASKS6(name) "2001:db8::1 " name ".example 1\n"
#define PLAIN ASKS("first") ASKS6("second")

static const int64_t start_ns = INT64_C(1469012133) * 1000000000;

/* Look-ups of a file, of which the test reads times and fields. */
static struct source *open_sample(const char *path, const struct lookup **ret_v, size_t *ret_n)
{
    struct source *s;
    struct err err = {0};
    assert_int_equal(source_open(&s, path, &no_opts, &err), 0);
    assert_int_equal(source_next(s, ret_v, ret_n, &err), 1);
    return s;
}

static void an_item_is_a_look_up_and_its_response_a_record_of_its_own(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    expect("cdns-plain.cdns", PLAIN, NONE);
    assert_int_equal(read_sample(&r, "cdns-plain.cdns", &no_opts, &err), 0);
    assert_string_equal(r.responses, "192.0.2.1 first.example 1 0 60\n");
    assert_int_equal(r.read, 3);
}

static void a_look_up_has_the_port_id_and_server_of_its_item(void **state)
{
    (void)state;
    const struct lookup *v;
    size_t n;
    struct source *s = open_sample("tests/data/cdns-plain.cdns", &v, &n);
    assert_int_equal(n, 3);
    assert_int_equal(v[0].port, 40000);
    assert_int_equal(v[0].id, 0x1234);
    assert_true(span_equal(v[0].server, span_make("\xc0\x00\x02\x35", 4)));
    assert_int_equal(v[2].server.n, 16);
    source_close(s);
}

static void a_response_may_be_stamped_before_its_query(void **state)
{
    (void)state;
    const struct lookup *v;
    size_t n;
    struct source *s = open_sample("tests/data/cdns-plain.cdns", &v, &n);
    assert_int_equal(v[0].t_ns, start_ns + 250000000);
    assert_int_equal(v[1].kind, LOOKUP_RESPONSE);
    assert_int_equal(v[1].t_ns, start_ns + 250000000 - 5000); /* delay -5 microseconds */
    source_close(s);
}

static void the_form_of_the_file_does_not_matter(void **state)
{
    (void)state;
    expect("cdns-open.cdns", PLAIN, NONE); /* arrays and maps of unknown length */
    expect("cdns-parts-in-another-order.cdns", PLAIN, NONE);
    expect("cdns-two-files.cdns", PLAIN PLAIN, NONE);
}

static void each_block_has_the_ticks_of_its_own_parameters(void **state)
{
    (void)state;
    const struct lookup *v;
    size_t n;
    struct source *s = open_sample("tests/data/cdns-ticks.cdns", &v, &n);
    assert_int_equal(n, 3);
    assert_int_equal(v[0].t_ns, start_ns + 1999998000);     /* 999999 + 999999 of 10^-6 s */
    assert_int_equal(v[1].t_ns, start_ns + 5000000000 / 3); /* 1 + 4 thirds of a second */
    assert_int_equal(v[2].t_ns, start_ns + 7);
    source_close(s);
}

static void each_question_of_an_item_is_a_look_up(void **state)
{
    (void)state;
    expect("cdns-questions.cdns",
           "192.0.2.1 q1.example 1\n192.0.2.1 q2.example 28\n192.0.2.1 q3.example 1\n", NONE);
    expect("cdns-questions-not-there.cdns", ASKS("q1") ASKS("q1"), SKIPS([SKIP_BAD_FIELD] = 2));
}

static void a_response_without_its_query_is_no_look_up(void **state)
{
    (void)state;
    struct reading r;
    struct err err = {0};
    expect("cdns-response-alone.cdns", "", NONE);
    assert_int_equal(read_sample(&r, "cdns-response-alone.cdns", &no_opts, &err), 0);
    assert_string_equal(r.responses, "192.0.2.1 alone.example 1 0 -1\n");
}

static void an_item_that_says_nothing_of_its_messages_is_a_query(void **state)
{
    (void)state;
    expect("cdns-nothing-said-of-the-message.cdns",
           "192.0.2.1 bare.example 0\n192.0.2.1 bare.example 0\n", NONE);
}

static void what_is_no_look_up_is_skipped_for_its_own_reason(void **state)
{
    (void)state;
    expect("cdns-not-look-ups.cdns", ASKS("x"),
           SKIPS([SKIP_OPCODE] = 1, [SKIP_NO_QUESTION] = 1, [SKIP_RESPONSE] = 2,
                 [SKIP_BAD_DNS] = 2));
    expect("cdns-left-out.cdns", ASKS("x"),
           SKIPS([SKIP_NO_NAME] = 2, [SKIP_RESPONSE] = 2, [SKIP_BAD_TIME] = 4));
    expect("cdns-bad-references.cdns", "", SKIPS([SKIP_BAD_FIELD] = 6));
}

static void a_prefix_is_an_address_that_ends_in_zeros_and_the_file_says_so(void **state)
{
    (void)state;
    const struct lookup *v;
    size_t n;
    expect("cdns-prefixes.cdns", "192.0.2.0 v4.example 1\n2001:db8:: v6.example 1\n",
           SKIPS([SKIP_BAD_CLIENT] = 1)); /* two bytes of a /24 */
    struct source *s = open_sample("tests/data/cdns-prefixes.cdns", &v, &n);
    assert_string_equal(source_note(s),
                        "anonymised, a sample, clients cut to /24 (IPv4) and /44 (IPv6)");
    source_close(s);
    s = open_sample("tests/data/cdns-plain.cdns", &v, &n);
    assert_null(source_note(s));
    source_close(s);
}

static void a_cut_file_gives_its_whole_items(void **state)
{
    (void)state;
    expect("cdns-cut-in-item.cdns", PLAIN ASKS("third"), SKIPS([SKIP_CUT] = 1));
    expect("cdns-cut-in-tables.cdns", PLAIN, SKIPS([SKIP_CUT] = 1));
    expect("cdns-cut-between-blocks.cdns", PLAIN, SKIPS([SKIP_CUT] = 1));
}

static void the_drafts_before_the_rfc_say_the_same_with_other_keys(void **state)
{
    (void)state;
    static const char *const drafts[] = {"05", "02"};
    for (size_t i = 0; i < 2; i++) {
        char file[64];
        snprintf(file, sizeof file, "cdns-draft-%s.cdns", drafts[i]);
        expect(file, PLAIN, NONE);
        snprintf(file, sizeof file, "cdns-draft-%s-questions.cdns", drafts[i]);
        expect(file,
               "192.0.2.1 q1.example 1\n192.0.2.1 q2.example 28\n192.0.2.1 q3.example 1\n",
               NONE);
        /* x; no question; a name past the table; index 0, which is none */
        snprintf(file, sizeof file, "cdns-draft-%s-not-look-ups.cdns", drafts[i]);
        expect(file, ASKS("x"),
               SKIPS([SKIP_NO_QUESTION] = 1, [SKIP_BAD_FIELD] = 2, [SKIP_NO_NAME] = 1,
                     [SKIP_RESPONSE] = 2));
    }
    expect("cdns-draft-and-rfc.cdns", PLAIN PLAIN PLAIN, NONE);
}

static void
a_draft_has_the_times_codes_and_ttls_of_the_rfc_and_says_that_it_is_one(void **state)
{
    (void)state;
    const struct lookup *v, *w;
    size_t n, m;
    struct source *rfc = open_sample("tests/data/cdns-plain.cdns", &v, &n);
    struct source *draft = open_sample("tests/data/cdns-draft-02.cdns", &w, &m);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++)
        assert_true(v[i].t_ns == w[i].t_ns && v[i].rcode == w[i].rcode &&
                    v[i].ttl_s == w[i].ttl_s && v[i].id == w[i].id && v[i].port == w[i].port &&
                    span_equal(v[i].server, w[i].server) &&
                    span_equal(v[i].client, w[i].client));
    assert_string_equal(source_note(draft), "a draft of the format");
    source_close(rfc);
    source_close(draft);
}

static void a_file_that_breaks_the_format_is_refused_with_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *file, *message;
    } cases[] = {
        {"cdns-cut-in-preamble.cdns", "expected a file preamble, found the end of the file"},
        {"cdns-version-2.cdns", "expected C-DNS 1.0 (RFC 8618), or its drafts C-DNS 0.5 and "
                                "DNS-STAT 2, found C-DNS 2.0"},
        {"cdns-draft.cdns", "DNS-STAT 2, found C-DNS 0.0"},
        {"cdns-older-draft.cdns", "DNS-STAT 2, found DNS-STAT 1.0"},
        {"cdns-no-ticks.cdns", "expected 1 to 2^40 ticks a second"},
        {"cdns-no-parameters.cdns", "expected block parameters, found none"},
        {"cdns-parameters-not-there.cdns",
         "block 2: expected one of the file's 1 block parameters, found index 1"},
        {"cdns-not-cbor.cdns", "block 2: expected CBOR of at most 32 levels"},
        {"cdns-too-deep.cdns", "block 2: expected CBOR of at most 32 levels"},
        {"cdns-block-is-a-number.cdns", "block 2: expected a block"},
        {"cdns-items-are-a-number.cdns", "block 1: expected lists of messages"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct reading r;
        struct err err;
        assert_fails(ERR_MALFORMED, cases[i].message,
                     read_sample(&r, cases[i].file, &no_opts, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_is_a_look_up_and_its_response_a_record_of_its_own),
        cmocka_unit_test(a_look_up_has_the_port_id_and_server_of_its_item),
        cmocka_unit_test(a_response_may_be_stamped_before_its_query),
        cmocka_unit_test(the_form_of_the_file_does_not_matter),
        cmocka_unit_test(each_block_has_the_ticks_of_its_own_parameters),
        cmocka_unit_test(each_question_of_an_item_is_a_look_up),
        cmocka_unit_test(a_response_without_its_query_is_no_look_up),
        cmocka_unit_test(an_item_that_says_nothing_of_its_messages_is_a_query),
        cmocka_unit_test(what_is_no_look_up_is_skipped_for_its_own_reason),
        cmocka_unit_test(a_prefix_is_an_address_that_ends_in_zeros_and_the_file_says_so),
        cmocka_unit_test(a_cut_file_gives_its_whole_items),
        cmocka_unit_test(the_drafts_before_the_rfc_say_the_same_with_other_keys),
        cmocka_unit_test(
            a_draft_has_the_times_codes_and_ttls_of_the_rfc_and_says_that_it_is_one),
        cmocka_unit_test(a_file_that_breaks_the_format_is_refused_with_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
