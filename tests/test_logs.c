/* SPDX-License-Identifier: GPL-3.0-or-later
 * The readers of logs: Zeek, JSON, BIND, Unbound, dnsmasq, PowerDNS, dnsdist, tables of
 * counts. */
#include "tests/sources.h"

#include "base/mem.h"
#include "base/tz.h"
#include "ingest/json.h"

static struct tz *open_zone(const char *name)
{
    struct tz *zone;
    struct err err;
    if (tz_open(&zone, name, &err) < 0)
        fail_msg("%s", err.msg);
    return zone;
}

/* ---- Zeek ------------------------------------------------------------------------- */

#define FIELDS                                                                                 \
    "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttrans_"                          \
    "id\tquery\tqtype\trcode\tTTLs\n"

static void zeek_times_keep_every_digit(void **state)
{
    (void)state;
    put(FIELDS
        "1521911720.865716\t10.47.1.100\t41772\t10.0.0.100\t53\t36329\ta.example\t1\t0\t-\n"
        "1521911720.865717\t10.47.1.100\t41772\t10.0.0.100\t53\t36329\ta.example\t1\t0\t-\n"
        "1521911720.123456789\t10.47.1.100\t41772\t10.0.0.100\t53\t36329\ta.example\t1\t0\t-"
        "\n");
    struct got *g = must_read(&plain);
    assert_string_equal(
        g->text,
        "2018-03-24T17:15:20.865716000Z 10.47.1.100 a.example 1 0 -1 36329 41772 10.0.0.100\n"
        "2018-03-24T17:15:20.865717000Z 10.47.1.100 a.example 1 0 -1 36329 41772 10.0.0.100\n"
        "2018-03-24T17:15:20.123456789Z 10.47.1.100 a.example 1 0 -1 36329 41772 10.0.0.100\n");
}

static void zeek_settings_and_columns_are_those_of_the_header_above(void **state)
{
    (void)state;
    put("#separator \\x7c\n#set_separator|;\n#empty_field|EMPTY\n#unset_field|NONE\n"
        "#fields|query|ts|TTLs|id.orig_h\n"
        "a.example|1.5|30.0;NONE;7.9|192.0.2.1\n"
        "EMPTY|2|NONE|192.0.2.1\n"
        "NONE|3|NONE|192.0.2.1\n"
        "#close|2024\n"
        "#separator \\x09\n#unset_field\t-\n#empty_field\t(empty)\n"
        "#fields\tts\tid.orig_h\tquery\n"
        "4\t192.0.2.1\tb.example\n"
        "5\t192.0.2.1\n");
    struct got *g = must_read(&plain);
    assert_string_equal(g->text,
                        "1970-01-01T00:00:01.500000000Z 192.0.2.1 a.example 0 -1 7 -1 -1 \n"
                        "1970-01-01T00:00:02.000000000Z 192.0.2.1 . 0 -1 -1 -1 -1 \n"
                        "1970-01-01T00:00:04.000000000Z 192.0.2.1 b.example 0 -1 -1 -1 -1 \n");
    assert_int_equal(g->skips.count[SKIP_HEADER], 10);
    assert_int_equal(g->skips.count[SKIP_NO_NAME], 1);
    assert_int_equal(g->skips.count[SKIP_BAD_COLUMNS], 1);
}

static void other_name_services_in_a_zeek_log_are_told_apart_by_port(void **state)
{
    (void)state;
    put("#fields\tts\tid.orig_h\tid.resp_p\tquery\topcode\n"
        "1\t192.0.2.1\t5353\ta.local\t0\n"
        "1\t192.0.2.1\t5355\ta\t0\n"
        "1\t192.0.2.1\t137\tWORKGROUP\t0\n"
        "1\t192.0.2.1\t137\t-\t0\n"
        "1\t192.0.2.1\t53\ta.example\t5\n"
        "1\t192.0.2.1\t53\ta.example\t0\n"
        "XXXXXXXXXX.XXXXXX\t192.0.2.1\t53\ta.example\t0\n");
    struct got *g = must_read(&plain);
    assert_int_equal(g->lookups, 1);
    assert_int_equal(g->skips.count[SKIP_MDNS], 1);
    assert_int_equal(g->skips.count[SKIP_LLMNR], 1);
    assert_int_equal(g->skips.count[SKIP_NBNS], 2);
    assert_int_equal(g->skips.count[SKIP_OPCODE], 1);
    assert_int_equal(g->skips.count[SKIP_CUT], 0);
    assert_int_equal(g->skips.count[SKIP_BAD_TIME], 1);
}

static void bytes_that_zeek_escapes_are_those_bytes(void **state)
{
    (void)state;
    put("#fields\tts\tid.orig_h\tquery\n"
        "1\t192.0.2.1\ta\\x00b\\xfF.example\n" /* NUL and 255 */
        "1\t192.0.2.1\ta\\\\x41.example\n"     /* a backslash, then x41 */
        "1\t192.0.2.1\ta\\xg1.example\n");
    assert_non_null(strstr(must_read(&plain)->text, " a\\000b\\255.example "));
    assert_non_null(strstr(must_read(&plain)->text, " a\\\\x41.example "));
    assert_non_null(strstr(must_read(&plain)->text, " a\\xg1.example "));
}

static void a_zeek_log_of_something_else_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct source_opts zeek = {.format = "zeek"};
    put("#separator \\x09\n#fields\tts\tuid\tid.orig_h\tservice\n1\tC1\t192.0.2.1\tdns\n");
    assert_fails(ERR_MALFORMED,
                 ":2: expected #fields of dns.log with ts, id.orig_h and query, found 'ts\tuid",
                 refuse(&plain, &err));
    put("1\t192.0.2.1\ta.example\n");
    assert_fails(ERR_MALFORMED, ":1: expected a line #fields first", refuse(&zeek, &err));
    put("#separator \\x0912\n");
    assert_fails(ERR_MALFORMED, ":1: expected one byte", refuse(&zeek, &err));
}

/* ---- JSON ------------------------------------------------------------------------- */

#define ZEEK_JSON(ts)                                                                          \
    "{\"_write_ts\":\"2018-03-24T17:15:20.866586Z\",\"ts\":" ts                                \
    ",\"id.orig_h\":\"10.47.1.100\",\"query\":\"a.example\",\"qtype\":28}\n"

static void zeek_json_times_are_read_in_three_spellings_to_the_last_digit(void **state)
{
    (void)state;
    static const char *const same[] = {ZEEK_JSON("1521911720.865716789"),
                                       ZEEK_JSON("\"2018-03-24T17:15:20.865716789Z\""),
                                       ZEEK_JSON("1521911720865.716789")};
    for (size_t i = 0; i < 3; i++) {
        put(same[i]);
        assert_string_equal(
            must_read(&plain)->text,
            "2018-03-24T17:15:20.865716789Z 10.47.1.100 a.example 28 -1 -1 -1 -1 \n");
    }
}

static void json_that_is_none_or_lacks_fields_is_skipped_by_reason(void **state)
{
    (void)state;
    put(ZEEK_JSON(
        "1") "{\"id.orig_h\":\"192.0.2.1\",\"query\":\"a\"}\n"
             "{\"ts\":1,\"id.orig_h\":\"192.0.2.1\"}\n"
             "{\"ts\":1,\"id.orig_h\":null,\"query\":\"a\"}\n"
             "{\"ts\":1,\"id.orig_h\":\"192.0.2.1\",\"query\":\"a\"}}\n"
             "{\"ts\":1,\"id.orig_h\":\"192.0.2.1\",\"query\":\"a\",\"rcode\":\"?\"}\n"
             "{\"ts\":1,\"id.orig_h\":\"192.0.2.1\",\"query\":\"");
    struct got *g = must_read(&plain);
    assert_int_equal(g->lookups, 1);
    assert_int_equal(g->skips.count[SKIP_BAD_TIME], 1);
    assert_int_equal(g->skips.count[SKIP_NO_NAME], 2);
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 2);
    assert_int_equal(g->skips.count[SKIP_CUT], 1);
}

static void each_question_of_a_suricata_event_is_a_lookup(void **state)
{
    (void)state;
    put("{\"timestamp\":\"2024-03-01T12:00:00+0000\",\"event_type\":\"dns\",\"src_ip\":"
        "\"192.0.2.1\",\"dest_ip\":\"192.0.2.53\",\"dest_port\":53,\"dns\":{\"type\":"
        "\"request\","
        "\"id\":7,\"queries\":[{\"rrname\":\"a.example\",\"rrtype\":\"A\"},"
        "{\"rrname\":\"b.example\",\"rrtype\":\"MX\"}]}}\n");
    assert_string_equal(
        must_read(&plain)->text,
        "2024-03-01T12:00:00.000000000Z 192.0.2.1 a.example 1 -1 -1 7 -1 192.0.2.53\n"
        "2024-03-01T12:00:00.000000000Z 192.0.2.1 b.example 15 -1 -1 7 -1 192.0.2.53\n");
}

static void
a_suricata_answer_is_of_the_client_that_asked_whichever_side_stands_first(void **state)
{
    (void)state;
    static const char *const sides[] = {"\"src_ip\":\"192.0.2.53\",\"src_port\":53,\"dest_ip\":"
                                        "\"192.0.2.1\",\"dest_port\":4000",
                                        "\"src_ip\":\"192.0.2.1\",\"src_port\":4000,\"dest_"
                                        "ip\":\"192.0.2.53\",\"dest_port\":53"};
    for (size_t i = 0; i < 2; i++) {
        char text[512];
        snprintf(
            text, sizeof text,
            "{\"timestamp\":\"2024-03-01T12:00:00+0000\",\"event_type\":\"dns\",%s,\"dns\":"
            "{\"type\":\"answer\",\"id\":7,\"rrname\":\"a.example\",\"rrtype\":\"A\",\"rcode\":"
            "\"NXDOMAIN\",\"answers\":[{\"ttl\":60},{\"ttl\":7},{\"ttl\":30}]}}\n",
            sides[i]);
        put(text);
        assert_string_equal(must_read(&plain)->text,
                            "answer 2024-03-01T12:00:00.000000000Z 192.0.2.1 a.example 1 3 7 7 "
                            "4000 192.0.2.53\n");
    }
}

/* ---- the JSON parser ---------------------------------------------------------------- */

struct walked {
    char text[512];
    size_t used;
};

static void collect(void *context, struct span where, enum json_kind kind, struct span value)
{
    struct walked *w = context;
    w->used += (size_t)snprintf(w->text + w->used, sizeof w->text - w->used, "%.*s=%d:%.*s;",
                                (int)where.n, where.p, kind, (int)value.n, value.p);
}

static int walk(struct walked *w, const char *json)
{
    char text[4096];
    *w = (struct walked){0};
    snprintf(text, sizeof text, "%s", json);
    return json_walk(text, strlen(text), collect, w);
}

static void every_scalar_comes_with_its_path_and_its_own_spelling(void **state)
{
    (void)state;
    struct walked w;
    assert_int_equal(
        walk(&w, " {\"a\" : 1.50, \"b\":{\"c.d\":[-0e+1,[true],{\"e\":null}]},\"\":\"\", "
                 "\"z\":[]} "),
        0);
    assert_string_equal(w.text,
                        "a=1:1.50;b.c.d[]=1:-0e+1;b.c.d[][]=2:true;b.c.d[].e=4:null;=0:;");
}

static void json_escapes_are_the_characters_that_they_stand_for(void **state)
{
    (void)state;
    struct walked w;
    assert_int_equal(
        walk(&w, "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00.\"]"), 0);
    assert_string_equal(w.text, "[]=0:\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80.;");
}

static void what_rfc_8259_does_not_allow_is_no_json(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{",
        "{\"a\":1,}",
        "[1,]",
        "[1 2]",
        "{\"a\" 1}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "nul",
        "\"a",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\t\"",
        "{} {}",
        "{a:1}",
        "'a'",
        "\"\\ud800\\u0041\"",
        "[1}",
    };
    struct walked w;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (walk(&w, bad[i]) != ERR_MALFORMED)
            fail_msg("taken for JSON: %s", bad[i]);
}

static void json_deeper_than_the_limit_is_refused_not_recursed(void **state)
{
    (void)state;
    struct walked w;
    char text[4096];
    memset(text, '[', sizeof text);
    assert_int_equal(json_walk(text, sizeof text, collect, &w), ERR_MALFORMED);
    snprintf(text, sizeof text, "%.*s1%.*s", JSON_DEPTH,
             "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", JSON_DEPTH,
             "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    assert_int_equal(walk(&w, text), 0);
}

static void a_path_too_long_to_tell_gives_nothing_and_spoils_nothing(void **state)
{
    (void)state;
    struct walked w;
    char text[1024], key[JSON_PATH + 2];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    snprintf(text, sizeof text, "{\"%s\":{\"a\":1},\"b\":2}", key);
    assert_int_equal(walk(&w, text), 0);
    assert_string_equal(w.text, "b=1:2;");
}

/* ---- BIND, Unbound, dnsmasq, PowerDNS, dnsdist
 * ----------------------------------------------------------- */

static void the_inner_time_of_a_line_is_its_time(void **state)
{
    (void)state;
    struct tz *moscow = open_zone("Europe/Moscow");
    struct source_opts opts = {.zone = moscow};
    put("Nov 13 10:59:46 keira named[2075772]: 19-Oct-2022 05:34:02.425 queries: client "
        "@0x7f65100ee4d8 2001:db8::1#3076 (a.example): view v: query: a.example IN ANY + "
        "(::1)\n");
    assert_string_equal(
        must_read(&opts)->text,
        "2022-10-19T02:34:02.425000000Z 2001:db8::1 a.example 255 -1 -1 -1 3076 ::1\n");
    tz_free(moscow);
}

static void refusals_and_transfers_in_a_bind_log_are_no_lookups(void **state)
{
    (void)state;
    struct tz *utc = open_zone("UTC");
    struct source_opts opts = {.zone = utc};
    put("19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): query (cache) 'x/ANY/IN' denied\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): query 'x/ANY/IN' denied "
        "(allow-query)\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): zone transfer 'x/AXFR/IN' denied\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): bad zone transfer request: 'x/IN'\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): query failed (timed out) for x/IN/A\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#99999 (x): query: x IN A +\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): query: x IN NOTYPE +\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1: UDP: query: x IN A response: NXDOMAIN +\n"
        "29-Feb-2023 05:34:02.425 client 192.0.2.1#1 (x): query: x IN A +\n"
        "19-Oct-2022 05:34:02.425 client 192.0.2.1#1 (x): query: x IN TYPE65 +\n");
    struct source_opts late = opts;
    struct got *g = must_read(&late);
    assert_int_equal(g->skips.count[SKIP_DENIED], 3);
    assert_int_equal(g->skips.count[SKIP_OTHER], 3);
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 1);
    assert_int_equal(g->skips.count[SKIP_BAD_TIME], 1);
    assert_string_equal(g->text,
                        "answer 2022-10-19T05:34:02.425000000Z 192.0.2.1 x 1 3 -1 -1 1 \n"
                        "2022-10-19T05:34:02.425000000Z 192.0.2.1 x 65 -1 -1 -1 1 \n");
    tz_free(utc);
}

static void an_unbound_reply_is_the_answer_of_a_lookup_not_another_one(void **state)
{
    (void)state;
    put("[1699999999] unbound[1:0] info: 192.0.2.1 a.example. A IN\n"
        "[1699999999] unbound[1:0] info: 192.0.2.1 a.example. A IN SERVFAIL 0.1 0 51\n"
        "[1700000000] unbound[1:0] info: average recursion processing time 0.007562 sec\n"
        "[1700000000] unbound[1:0] info: start of service (unbound 1.19.4).\n");
    struct got *g = must_read(&plain);
    assert_string_equal(
        g->text, "2023-11-14T22:13:19.000000000Z 192.0.2.1 a.example. 1 -1 -1 -1 -1 \n"
                 "answer 2023-11-14T22:13:19.000000000Z 192.0.2.1 a.example. 1 2 -1 -1 -1 \n");
    assert_int_equal(g->skips.count[SKIP_OTHER], 2);
}

#define DNSMASQ(time) time " dnsmasq[7]: query[A] a.example from 192.0.2.1\n"

/* The look-ups' dates, and what is refused, of lines without year. */
static void the_year_goes_up_from_december_to_january_and_nowhere_else(void **state)
{
    (void)state;
    struct tz *utc = open_zone("UTC");
    struct source_opts opts = {.zone = utc, .year = 2023};
    struct err err;
    put(DNSMASQ("Nov  5 00:00:00") DNSMASQ("Dec 31 23:59:59") DNSMASQ("Jan  1 00:00:00")
            DNSMASQ("Dec 31 23:59:58") DNSMASQ("Jan  2 00:00:00") DNSMASQ("Feb 29 00:00:00")
                DNSMASQ("Dec 30 00:00:00") DNSMASQ("Jan  1 00:00:00"));
    const char *text = must_read(&opts)->text;
    static const char *const dates[] = {"2023-11-05T00:00:00", "2023-12-31T23:59:59",
                                        "2024-01-01T00:00:00", "2023-12-31T23:59:58",
                                        "2024-01-02T00:00:00", "2024-02-29T00:00:00",
                                        "2024-12-30T00:00:00", "2025-01-01T00:00:00"};
    for (size_t i = 0; i < 8; i++, text = strchr(text, '\n') + 1)
        assert_memory_equal(text, dates[i], strlen(dates[i]));
    put(DNSMASQ("Sep 21 00:00:00") DNSMASQ("Mar 21 00:00:00"));
    assert_fails(ERR_MALFORMED, ":2: expected times without year in order, found 'Mar 21",
                 refuse(&opts, &err));
    put(DNSMASQ("Feb 29 00:00:00"));
    assert_fails(ERR_MALFORMED, ":1: expected a day of 2023, found 'Feb 29",
                 refuse(&opts, &err));
    tz_free(utc);
}

static void
a_time_that_a_change_of_clocks_skips_is_bad_and_one_it_repeats_is_the_first(void **state)
{
    (void)state;
    struct tz *berlin = open_zone("Europe/Berlin");
    struct source_opts opts = {.zone = berlin, .year = 2024};
    put(DNSMASQ("Mar 31 01:59:59") DNSMASQ("Mar 31 02:30:00") DNSMASQ("Mar 31 03:00:00")
            DNSMASQ("Oct 27 02:30:00"));
    struct got *g = must_read(&opts);
    assert_int_equal(g->skips.count[SKIP_BAD_TIME], 1);
    assert_non_null(strstr(g->text, "2024-03-31T00:59:59.000000000Z"));
    assert_non_null(strstr(g->text, "2024-03-31T01:00:00.000000000Z"));
    assert_non_null(strstr(g->text, "2024-10-27T00:30:00.000000000Z"));
    assert_int_equal(g->notes.count[NOTE_TWICE], 1);
    tz_free(berlin);
}

static void one_dnsmasq_lookup_of_many_lines_is_one(void **state)
{
    (void)state;
    struct tz *utc = open_zone("UTC");
    struct source_opts opts = {.zone = utc, .year = 2024};
    put("May  8 01:57:00 dnsmasq[7]: 3 192.0.2.1/53421 query[HTTPS] a.example from 192.0.2.1\n"
        "May  8 01:57:00 dnsmasq[7]: 3 192.0.2.1/53421 forwarded a.example to 192.0.2.53\n"
        "May  8 01:57:00 dnsmasq[7]: 3 192.0.2.1/53421 reply a.example is NODATA\n"
        "May  8 01:57:00 dnsmasq[7]: cached-stale a.example is 192.0.2.9\n"
        "May  8 01:57:00 dnsmasq[7]: /etc/hosts b.example is 192.0.2.9\n"
        "May  8 01:57:00 dnsmasq[7]: auth[SOA] example from 192.0.2.3\n"
        "May  8 01:57:00 dnsmasq-dhcp[7]: query[A] c.example from 192.0.2.1\n"
        "May  8 01:57:00 other[7]: query[A] c.example from 192.0.2.1\n"
        "May  8 01:57:00 dnsmasq[7]: query[A] c.example to 192.0.2.1\n"
        /* dnsmasq 2.90 asked for labels of " from ", "a\\b", "a.b" */
        "May  8 01:57:00 dnsmasq[7]: query[A]  from .example.test from 127.0.0.12\n"
        "May  8 01:57:00 dnsmasq[7]: query[A] a\\b.example.test from 127.0.0.13\n"
        "May  8 01:57:00 dnsmasq[7]: query[A] <name unprintable> from 127.0.0.11\n");
    struct got *g = must_read(&opts);
    assert_string_equal(
        g->text,
        "2024-05-08T01:57:00.000000000Z 192.0.2.1 a.example 65 -1 -1 -1 53421 \n"
        "2024-05-08T01:57:00.000000000Z 192.0.2.3 example 6 -1 -1 -1 -1 \n"
        "2024-05-08T01:57:00.000000000Z 127.0.0.12  from .example.test 1 -1 -1 "
        "-1 -1 \n"
        "2024-05-08T01:57:00.000000000Z 127.0.0.13 a\\b.example.test 1 -1 -1 -1 -1 \n");
    assert_int_equal(g->skips.count[SKIP_NO_NAME], 1);
    assert_int_equal(g->skips.count[SKIP_FORWARDED], 1);
    assert_int_equal(g->skips.count[SKIP_RESPONSE], 3);
    assert_int_equal(g->skips.count[SKIP_OTHER], 2);
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 1);
    tz_free(utc);
}

/* As dnsdist 1.7.3 writes them: it wrote 59651, 0xe903, of a query with the id 0x03e9. */
static void dnsdist_nanoseconds_have_no_leading_zeros_and_its_ids_are_swapped(void **state)
{
    (void)state;
    put("[1795459194.50414135] Packet from 127.0.0.13:44008 for a\\.b.example. A with id "
        "59651\n"
        "[1795459194.7] Packet from [::1]:33124 for . TYPE65280 with id 4\n"
        "[1795459194.695899137] Answer to 127.0.0.11:47359 for x.example. MX (Query Refused) "
        "with id 64003\n"
        "[1795459194.1000000000] Packet from 127.0.0.1:1 for x. A with id 1\n"
        "[1795459194.x] Packet from 127.0.0.1:1 for x. A with id 1\n"
        "[9223372036.999999999] Packet from 127.0.0.1:1 for x. A with id 1\n"
        "[1795459194.1] Packet from 127.0.0.1:1 for x. A with id 65536\n"
        "[1795459194.1] Packet from 127.0.0.1 for x. A with id 1\n"
        "[1795459194.1] Packet from 127.0.0.1:1 for x. NOTYPE with id 1\n");
    struct got *g = must_read(&plain);
    assert_string_equal(
        g->text,
        "2026-11-23T18:39:54.050414135Z 127.0.0.13 a\\.b.example. 1 -1 -1 1001 44008 \n"
        "2026-11-23T18:39:54.000000007Z ::1 . 65280 -1 -1 1024 33124 \n"
        "answer 2026-11-23T18:39:54.695899137Z 127.0.0.11 x.example. 15 5 -1 1018 47359 \n");
    assert_int_equal(g->skips.count[SKIP_BAD_TIME], 3);
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 3);
}

/* Lines of pdns-recursor 4.8.8 asked for labels a\b, a"b and a blank, shortened. */
static void a_structured_powerdns_line_has_its_own_time_and_quotes_once_more(void **state)
{
    (void)state;
    put("Nov 23 18:39:51 msg=\"Question\" ts=\"1795459191.533\" ecs=\"\" "
        "qname=\"a\\\\\\\\b.x\" "
        "qtype=\"A\" remote=\"127.0.0.13:33340\"\n"
        "msg=\"Question\" ts=\"1795459191.533\" qname=\"a\\\"b.x\" qtype=\"TYPE65280\" "
        "remote=\"127.0.0.12:52805 (proxied by 127.0.0.1:5)\"\n"
        "msg=\"Question answered from packet cache\" ts=\"1795459191.533\" "
        "qname=\"a\\\\032b.x\" qtype=\"A\" remote=\"127.0.0.1:5\" source=\"[::1]:60816\"\n"
        "msg=\"Answer\" ts=\"1795459191.534\" qname=\"x\" qtype=\"A\" rcode=\"3\" "
        "remote=\"127.0.0.11:1\"\n"
        "msg=\"Question\" ts=\"1795459191.533\" qname=\"x\" qtype=\"A\"\n"
        "msg=\"Question\" ts=\"1795459191.533\" qname=\"x\n");
    struct got *g = must_read(&plain);
    assert_string_equal(
        g->text, "2026-11-23T18:39:51.533000000Z 127.0.0.13 a\\\\b.x 1 -1 -1 -1 33340 \n"
                 "2026-11-23T18:39:51.533000000Z 127.0.0.12 a\"b.x 65280 -1 -1 -1 52805 \n"
                 "2026-11-23T18:39:51.533000000Z ::1 a\\032b.x 1 -1 -1 -1 60816 \n"
                 "answer 2026-11-23T18:39:51.534000000Z 127.0.0.11 x 1 3 -1 -1 1 \n");
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 2);
}

static void a_powerdns_client_is_who_sent_the_query_and_the_cache_names_nothing(void **state)
{
    (void)state;
    struct tz *utc = open_zone("UTC");
    struct source_opts opts = {.zone = utc, .year = 2026};
    put("Nov 23 18:41:47 Remote 127.0.0.12 wants 'a'|b.example|A', do = 0, bufsize = 512: "
        "packetcache MISS\n"
        "Nov 23 18:41:47 TCP Remote ::1<-192.0.2.0/24 wants '.|TYPE65280', do = 1, bufsize = "
        "65535: packetcache HIT\n"
        "Nov 23 18:41:47 1 [1/1] TCP question for 'a\\\\b.example|A' from [::1]:53021\n"
        "Nov 23 18:41:47 1 question answered from packet cache tag=0 from 127.0.0.11:59876\n"
        "Nov 23 18:41:47 1 [1/1] answer to question 'x|A': 1 answers, rcode=0\n"
        "Nov 23 18:41:47 Remote 127.0.0.12 wants 'x|NOTYPE', do = 0\n"
        "Nov 23 18:41:47 Remote 127.0.0.12 wants 'x\n"
        "Nov 23 18:41:47 Remote host wants 'x|A', do = 0\n");
    struct got *g = must_read(&opts);
    assert_string_equal(
        g->text, "2026-11-23T18:41:47.000000000Z 127.0.0.12 a'|b.example 1 -1 -1 -1 -1 \n"
                 "2026-11-23T18:41:47.000000000Z ::1 . 65280 -1 -1 -1 -1 \n"
                 "2026-11-23T18:41:47.000000000Z ::1 a\\\\b.example 1 -1 -1 -1 53021 \n");
    assert_int_equal(g->skips.count[SKIP_NO_NAME], 1);
    assert_int_equal(g->skips.count[SKIP_RESPONSE], 1);
    assert_int_equal(g->skips.count[SKIP_BAD_FIELD], 2);
    assert_int_equal(g->skips.count[SKIP_OTHER], 1);
    tz_free(utc);
}

/* ---- counts, and lines in general ------------------------------------------------------ */

static void a_row_of_counts_weighs_what_it_says(void **state)
{
    (void)state;
    struct source *s;
    const struct lookup *v;
    size_t n;
    struct err err = {0};
    put("client,name,start,count\n192.0.2.1,a.example,2024-03-01T12:00:00Z,4000000000\n"
        "192.0.2.1,a.example,2024-03-01T13:00:00Z,-1\n"
        "192.0.2.1,a.example,2024-03-01T13:00:00Z,4294967296\n");
    assert_int_equal(source_open(&s, path, &plain, &err), 0);
    assert_string_equal(source_kind(s)->name, "counts");
    assert_int_equal(source_next(s, &v, &n, &err), 1);
    assert_int_equal(n, 1);
    assert_int_equal(v[0].weight, 4000000000u);
    assert_int_equal(source_next(s, &v, &n, &err), 0);
    assert_int_equal(source_skips(s)->count[SKIP_BAD_FIELD], 2);
    source_close(s);
}

static void lines_over_block_borders_lose_nothing(void **state)
{
    (void)state;
    enum { ROWS = 60000 }; /* three blocks of 1 MiB */
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("\xef\xbb\xbf#fields\tts\tid.orig_h\tquery\r\n", f);
    for (int i = 0; i < ROWS; i++)
        fprintf(f, "%d.%d\t192.0.2.1\tname-%d.of-some-length.example\r\n", i, i % 10, i);
    assert_int_equal(fclose(f), 0);
    static struct got g;
    struct err err = {0};
    struct source_opts opts = {.format = "zeek"};
    assert_int_equal(read_with(&g, &opts, &err), 0);
    assert_int_equal(g.lookups, ROWS);
    assert_int_equal(skips_total(&g.skips), 1);
    assert_non_null(strstr(g.text, " name-7.of-some-length.example "));
}

static void a_line_without_end_is_refused_with_its_number(void **state)
{
    (void)state;
    struct err err;
    size_t n = (2 << 20);
    char *text = mem_alloc(n);
    memset(text, 'x', n);
    memcpy(text, "#fields\tts\tid.orig_h\tquery\n", 27);
    put_bytes(text, n);
    free(text);
    assert_fails(ERR_LIMIT, ":2: expected a line of less than 1048576 bytes",
                 refuse(&plain, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeek_times_keep_every_digit),
        cmocka_unit_test(zeek_settings_and_columns_are_those_of_the_header_above),
        cmocka_unit_test(other_name_services_in_a_zeek_log_are_told_apart_by_port),
        cmocka_unit_test(bytes_that_zeek_escapes_are_those_bytes),
        cmocka_unit_test(a_zeek_log_of_something_else_is_refused),
        cmocka_unit_test(zeek_json_times_are_read_in_three_spellings_to_the_last_digit),
        cmocka_unit_test(json_that_is_none_or_lacks_fields_is_skipped_by_reason),
        cmocka_unit_test(each_question_of_a_suricata_event_is_a_lookup),
        cmocka_unit_test(
            a_suricata_answer_is_of_the_client_that_asked_whichever_side_stands_first),
        cmocka_unit_test(every_scalar_comes_with_its_path_and_its_own_spelling),
        cmocka_unit_test(json_escapes_are_the_characters_that_they_stand_for),
        cmocka_unit_test(what_rfc_8259_does_not_allow_is_no_json),
        cmocka_unit_test(json_deeper_than_the_limit_is_refused_not_recursed),
        cmocka_unit_test(a_path_too_long_to_tell_gives_nothing_and_spoils_nothing),
        cmocka_unit_test(the_inner_time_of_a_line_is_its_time),
        cmocka_unit_test(refusals_and_transfers_in_a_bind_log_are_no_lookups),
        cmocka_unit_test(an_unbound_reply_is_the_answer_of_a_lookup_not_another_one),
        cmocka_unit_test(the_year_goes_up_from_december_to_january_and_nowhere_else),
        cmocka_unit_test(
            a_time_that_a_change_of_clocks_skips_is_bad_and_one_it_repeats_is_the_first),
        cmocka_unit_test(one_dnsmasq_lookup_of_many_lines_is_one),
        cmocka_unit_test(dnsdist_nanoseconds_have_no_leading_zeros_and_its_ids_are_swapped),
        cmocka_unit_test(a_structured_powerdns_line_has_its_own_time_and_quotes_once_more),
        cmocka_unit_test(a_powerdns_client_is_who_sent_the_query_and_the_cache_names_nothing),
        cmocka_unit_test(a_row_of_counts_weighs_what_it_says),
        cmocka_unit_test(lines_over_block_borders_lose_nothing),
        cmocka_unit_test(a_line_without_end_is_refused_with_its_number),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
