/* SPDX-License-Identifier: GPL-3.0-or-later
 * Passive DNS: what its records become, and that no series holds any of it. */
#include "tests/sources.h"

#include "ingest/casefile.h"
#include "ingest/tally.h"

/* A name in a series, for tallies that hold both. */
static struct lookup asked(const char *client, const char *name, int64_t t_ns)
{
    return (struct lookup){.t_ns = t_ns,
                           .client = span_of(client),
                           .name = span_of(name),
                           .qtype = 1,
                           .rcode = LOOKUP_UNKNOWN,
                           .id = LOOKUP_UNKNOWN,
                           .port = LOOKUP_UNKNOWN,
                           .ttl_s = LOOKUP_UNKNOWN,
                           .weight = 1};
}

static struct lookup seen(const char *client, const char *name, int64_t from_ns, int64_t to_ns,
                          uint64_t count)
{
    struct lookup v = asked(client, name, from_ns);
    v.kind = LOOKUP_INTERVAL;
    v.until_ns = to_ns;
    v.weight = count;
    return v;
}

static struct tally *new_tally(enum tally_count count)
{
    struct tally_opts o = {
        .count = count, .tick_ns = NS_PER_S, .group = {.prefix4 = 32, .prefix6 = 128}};
    return tally_new(&o);
}

static void add(struct tally *t, const struct lookup *v, size_t n, struct skips *skips)
{
    struct err err;
    size_t s = tally_source(t, "x", "test");
    assert_int_equal(tally_add(t, s, v, n, skips, &err), 0);
}

static const char *time_of(char out[TEXT_TIME_MAX], int64_t t_ns)
{
    return t_ns == COUNTS_EVER ? "ever" : text_iso(out, t_ns, t_ns % NS_PER_S ? 9 : 0);
}

/* A line an interval: "client name qtype from to count". */
static const char *shown(const struct counts *c)
{
    static char out[1 << 12];
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < c->nintervals; i++) {
        const struct counts_interval *v = &c->intervals[i];
        n += (size_t)snprintf(out + n, sizeof out - n, "%s %s %d %s %s %ju\n",
                              v->client.p ? v->client.p : "-", v->name.p, v->qtype,
                              time_of(from, v->from_ns), time_of(to, v->to_ns),
                              (uintmax_t)v->count);
    }
    return out;
}

/* Read `text` and count it. */
static struct counts *counted(const char *text, const struct source_opts *opts,
                              struct skips *ret_skips)
{
    struct source *s;
    const struct lookup *v;
    struct err err;
    size_t n;
    int got;
    put(text);
    struct tally *t = new_tally(TALLY_QUERIES);
    if (source_open(&s, path, opts, &err) < 0)
        fail_msg("%s", err.msg);
    size_t index = tally_source(t, "x", source_kind(s)->name);
    while ((got = source_next(s, &v, &n, &err)) > 0)
        assert_int_equal(tally_add(t, index, v, n, source_skips(s), &err), 0);
    assert_int_equal(got, 0);
    const struct counts_source *info = tally_source_info(t, index);
    assert_int_equal(source_read(s), info->intervals + skips_total(source_skips(s)));
    assert_int_equal(info->lookups, 0);
    if (ret_skips)
        *ret_skips = *source_skips(s);
    source_close(s);
    return tally_freeze(t, 1);
}

static void check(const char *text, const char *expected)
{
    struct counts *c = counted(text, &plain, NULL);
    assert_string_equal(shown(c), expected);
    assert_int_equal(c->npairs + c->nclients + c->nnames, 0);
    counts_free(c);
}

/* ---- COF ---------------------------------------------------------------------------- */

#define COF(fields) "{\"rrname\":\"a.example.\",\"rrtype\":\"A\"," fields "}\n"

static void cof_numbers_may_be_strings_and_rdata_a_text_or_a_list(void **state)
{
    (void)state;
    check(COF("\"rrdata\":\"192.0.2.1\",\"count\":\"112\",\"time_first\":\"1298398002\","
              "\"time_last\":\"1354530214\"")
              COF("\"rdata\":[\"192.0.2.1\",\"192.0.2.2\"],\"count\":113,"
                  "\"time_first\":1298398002,\"time_last\":1354530214"),
          "- a.example 1 2011-02-22T18:06:42Z 2012-12-03T10:23:34Z 112\n"
          "- a.example 1 2011-02-22T18:06:42Z 2012-12-03T10:23:34Z 113\n");
}

static void cof_takes_the_finest_spelling_of_a_time(void **state)
{
    (void)state;
    check(COF("\"count\":1,\"time_first\":1400000000,\"time_first_ms\":1400000000123,"
              "\"time_last_rfc3339\":\"2014-05-13T18:53:21.5+02:00\""),
          "- a.example 1 2014-05-13T16:53:20.123000000Z 2014-05-13T16:53:21.500000000Z 1\n");
    check(COF("\"count\":1,\"time_first\":\"2014-05-13T16:53:20Z\",\"time_last\":1400000000.5"),
          "- a.example 1 2014-05-13T16:53:20Z 2014-05-13T16:53:20.500000000Z 1\n");
}

static void a_cof_count_past_32_bits_and_one_that_is_not_there_are_kept(void **state)
{
    (void)state;
    check(COF("\"count\":5000000000,\"time_first\":1,\"time_last\":2")
              COF("\"time_first\":3,\"time_last\":3"),
          "- a.example 1 1970-01-01T00:00:01Z 1970-01-01T00:00:02Z 5000000000\n"
          "- a.example 1 1970-01-01T00:00:03Z 1970-01-01T00:00:03Z 0\n");
}

static void cof_names_root_wildcard_and_underscore_are_names(void **state)
{
    (void)state;
#define TIMES "\"time_first\":1,\"time_last\":1,\"count\":1}\n"
    check("{\"rrname\":\".\",\"rrtype\":\"NS\"," TIMES
          "{\"rrname\":\"\",\"rrtype\":\"DS\"," TIMES
          "{\"obj\":{\"rrname\":\"*.Example\",\"rrtype\":\"TYPE65\",\"time_first\":1,"
          "\"time_last\":1,\"count\":1}}\n"
          "{\"rrname\":\"_tcp.example\",\"rrtype\":\"33\"," TIMES,
          "- *.example 65 1970-01-01T00:00:01Z 1970-01-01T00:00:01Z 1\n"
          "- . 2 1970-01-01T00:00:01Z 1970-01-01T00:00:01Z 1\n"
          "- . 43 1970-01-01T00:00:01Z 1970-01-01T00:00:01Z 1\n"
          "- _tcp.example 33 1970-01-01T00:00:01Z 1970-01-01T00:00:01Z 1\n");
}

static void a_cof_record_of_a_zone_file_is_no_lookup(void **state)
{
    (void)state;
    struct skips skips;
    struct counts *c =
        counted(COF("\"count\":9,\"zone_time_first\":1,\"zone_time_last\":2") COF(
                    "\"count\":9,\"zone_time_first\":1,\"zone_time_last\":2,\"time_first\":3,"
                    "\"time_last\":4"),
                &plain, &skips);
    assert_string_equal(shown(c),
                        "- a.example 1 1970-01-01T00:00:03Z 1970-01-01T00:00:04Z 9\n");
    assert_int_equal(skips.count[SKIP_ZONE], 1);
    counts_free(c);
}

static void each_bad_cof_record_is_skipped_for_its_own_reason(void **state)
{
    (void)state;
    struct skips skips;
    struct source_opts cof = {.format = "cof"};
    struct counts *c =
        counted(COF("\"count\":1,\"time_first\":2,\"time_last\":1") COF("\"time_first\":2") COF(
                    "\"time_first\":\"2014-05-13T16:53:20\",\"time_"
                    "last\":1400000000") COF("\"count\":-1,\"time_first\":1,\"time_last\":1")
                    COF("\"count\":1.5,\"time_first\":1,\"time_last\":1")
                        COF("\"count\":0,\"time_first\":1,\"time_last\":"
                            "1") "{\"rrname\":\"a\",\"rrtype\":"
                                 "\"NOTYPE\",\"time_first\":1,\"time_"
                                 "last\":1}\n"
                                 "{\"rrtype\":\"A\",\"time_first\":1,"
                                 "\"time_last\":1}\n"
                                 "{\"rrname\":\"a..b\",\"rrtype\":\"A\","
                                 "\"time_first\":1,\"time_last\":1}\n"
                                 "{\"cond\":\"begin\"}\n{\"rrname\":"
                                 "\n\n",
                &cof, &skips);
    assert_int_equal(c->nintervals, 0);
    assert_int_equal(skips.count[SKIP_BAD_TIME], 3);
    assert_int_equal(skips.count[SKIP_BAD_FIELD], 4);
    assert_int_equal(skips.count[SKIP_ZERO], 1);
    assert_int_equal(skips.count[SKIP_NO_NAME], 1);
    assert_int_equal(skips.count[SKIP_BAD_NAME], 1);
    assert_int_equal(skips.count[SKIP_OTHER], 1);
    assert_int_equal(skips.count[SKIP_BLANK], 1);
    counts_free(c);
}

/* ---- passivedns ---------------------------------------------------------------------- */

/* The first two lines but for the count of the first are from the program's README. */
static void passivedns_knows_the_time_and_client_of_the_last_answer_only(void **state)
{
    (void)state;
    check("1322849924.408856||10.1.1.1||8.8.8.8||IN||upload.youtube.com.||A||74.125.43.117||"
          "46587||1\n"
          "1322849924.408857||10.1.1.1||8.8.8.8||IN||upload.youtube.com.||A||74.125.43.116||"
          "420509||5\n",
          "10.1.1.1 upload.youtube.com 1 2011-12-02T18:18:44.408856000Z "
          "2011-12-02T18:18:44.408856000Z 1\n"
          "- upload.youtube.com 1 ever 2011-12-02T18:18:44.408857000Z 5\n");
}

static void a_passivedns_answer_may_hold_bars_and_the_line_no_count(void **state)
{
    (void)state;
    check("1||2001:db8::7||192.0.2.53||IN||T.example.||TXT||\"a||b\"||60||2\n"
          "2||2001:db8::7||192.0.2.53||IN||T.example.||A||192.0.2.1||60\n"
          "May 13 16:53:24 host passivedns: 3.5||192.0.2.1||192.0.2.53||IN||s.example.||A||"
          "NXDOMAIN||0||1\n",
          "192.0.2.1 s.example 1 1970-01-01T00:00:03.500000000Z 1970-01-01T00:00:03.500000000Z "
          "1\n"
          "2001:db8::7 t.example 1 1970-01-01T00:00:02Z 1970-01-01T00:00:02Z 1\n"
          "- t.example 16 ever 1970-01-01T00:00:01Z 2\n");
}

static void each_bad_passivedns_line_is_skipped_for_its_own_reason(void **state)
{
    (void)state;
    struct skips skips;
    struct source_opts passivedns = {.format = "passivedns"};
    struct counts *c = counted("#timestamp||dns-client\n"
                               "[*] Reloading\n"
                               "x||192.0.2.1||192.0.2.53||IN||a.example||A||b||1||1\n"
                               "1||host||192.0.2.53||IN||a.example||A||b||1||1\n"
                               "1||192.0.2.1||192.0.2.53||IN||a.example||NO||b||1||1\n"
                               "1||192.0.2.1||192.0.2.53||IN||a.example||A||b\n"
                               "1||192.0.2.1||192.0.2.53||IN||a.example||A||b||1||0\n"
                               "1||192.0.2.1||192.0.2.53||IN||a..b||A||b||1||1\n",
                               &passivedns, &skips);
    assert_int_equal(c->nintervals, 0);
    assert_int_equal(skips.count[SKIP_HEADER], 1);
    assert_int_equal(skips.count[SKIP_OTHER], 1);
    assert_int_equal(skips.count[SKIP_BAD_TIME], 1);
    assert_int_equal(skips.count[SKIP_BAD_CLIENT], 1);
    assert_int_equal(skips.count[SKIP_BAD_FIELD], 2);
    assert_int_equal(skips.count[SKIP_ZERO], 1);
    assert_int_equal(skips.count[SKIP_BAD_NAME], 1);
    counts_free(c);
}

/* ---- in the tally ---------------------------------------------------------------------- */

static void the_clocks_offset_moves_both_ends_but_no_unknown_one(void **state)
{
    (void)state;
    struct source_opts later = {.clock_offset_ns = 10 * NS_PER_S};
    struct counts *c =
        counted(COF("\"count\":1,\"time_first\":1,\"time_last\":2"), &later, NULL);
    assert_string_equal(shown(c),
                        "- a.example 1 1970-01-01T00:00:11Z 1970-01-01T00:00:12Z 1\n");
    counts_free(c);
    c = counted("1||192.0.2.1||192.0.2.53||IN||a.example||A||b||1||2\n", &later, NULL);
    assert_string_equal(shown(c), "- a.example 1 ever 1970-01-01T00:00:11Z 2\n");
    counts_free(c);
}

static void intervals_come_out_in_one_order_and_equal_ones_stay_apart(void **state)
{
    (void)state;
    const struct lookup v[] = {
        seen("", "b.example", 1, 2, 3),          seen("", "a.example", LOOKUP_EVER, 2, 3),
        seen("192.0.2.9", "b.example", 1, 2, 3), seen("", "a.example", 1, 2, 4),
        seen("", "A.example.", 1, 2, 3),         seen("", "a.example", 1, 2, 3)};
    const char *expected = "192.0.2.9 b.example 1 1970-01-01T00:00:00.000000001Z "
                           "1970-01-01T00:00:00.000000002Z 3\n";
    char first[DIGEST_HEX], digest[DIGEST_HEX];
    struct skips skips = {0};
    for (size_t turn = 0; turn < 6; turn++) {
        struct tally *t = new_tally(TALLY_QUERIES);
        add(t, v + turn, 6 - turn, &skips);
        add(t, v, turn, &skips);
        struct counts *c = tally_freeze(t, 1);
        assert_int_equal(c->nintervals, 6);
        assert_memory_equal(shown(c), expected, strlen(expected));
        assert_true(c->intervals[1].from_ns == COUNTS_EVER);
        counts_digest(c, turn ? digest : first);
        if (turn)
            assert_string_equal(digest, first);
        counts_free(c);
    }
    assert_int_equal(skips_total(&skips), 0);
}

static void series_clients_and_names_are_the_same_with_and_without_intervals(void **state)
{
    (void)state;
    const struct lookup both[] = {
        asked("192.0.2.1", "a.example", 5), asked("192.0.2.1", "c.example", 6),
        seen("192.0.2.2", "b.example", 0, 9, 1000), seen("", "a.example", 0, 9, 1000)};
    for (enum tally_count rule = 0; rule < TALLY_COUNTS; rule++) {
        struct skips skips = {0};
        struct tally *with = new_tally(rule), *without = new_tally(rule);
        add(with, both, 4, &skips);
        add(without, both, 2, &skips);
        struct counts *c = tally_freeze(with, 1), *d = tally_freeze(without, 1);
        assert_int_equal(c->nintervals, 2);
        assert_int_equal(d->nintervals, 0);
        assert_int_equal(c->npairs, d->npairs);
        assert_int_equal(c->nclients, d->nclients);
        assert_int_equal(c->nnames, d->nnames);
        for (size_t i = 0; i < c->npairs; i++)
            assert_true(c->pairs[i].total == 1);
        assert_true(c->sources[0].first_ns == d->sources[0].first_ns);
        assert_true(c->sources[0].last_ns == d->sources[0].last_ns);
        counts_free(c);
        counts_free(d);
    }
}

static void a_source_that_failed_leaves_no_interval(void **state)
{
    (void)state;
    struct skips skips = {0};
    const struct lookup v = seen("", "a.example", 1, 2, 3);
    struct tally *t = new_tally(TALLY_QUERIES);
    add(t, &v, 1, &skips);
    add(t, &v, 1, &skips);
    tally_drop(t);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->nintervals, 1);
    counts_free(c);
}

static void a_case_gives_back_its_intervals_and_takes_more(void **state)
{
    (void)state;
    struct err err;
    struct skips skips = {0};
    const struct lookup v[] = {
        seen("", "b.example", LOOKUP_EVER, 2 * NS_PER_S, 0),
        seen("192.0.2.1", "a.example", 0, NS_PER_S, UINT64_C(5000000000)),
        seen("", "a.example", 0, 0, 1)};
    struct tally *t = new_tally(TALLY_QUERIES), *more = new_tally(TALLY_QUERIES);
    add(t, v, 2, &skips);
    struct counts *c = tally_freeze(t, 1), *d, *sum;
    unlink(path);
    assert_int_equal(casefile_write(path, c, &err), 0);
    assert_int_equal(casefile_read(&d, path, &err), 0);
    assert_string_equal(shown(d), "192.0.2.1 a.example 1 1970-01-01T00:00:00Z "
                                  "1970-01-01T00:00:01Z 5000000000\n"
                                  "- b.example 1 ever 1970-01-01T00:00:02Z 0\n");
    assert_int_equal(d->sources[0].intervals, 2);
    add(more, v + 2, 1, &skips);
    assert_int_equal(tally_add_counts(more, d, &err), 0);
    sum = tally_freeze(more, 1);
    assert_string_equal(shown(sum),
                        "192.0.2.1 a.example 1 1970-01-01T00:00:00Z "
                        "1970-01-01T00:00:01Z 5000000000\n"
                        "- a.example 1 1970-01-01T00:00:00Z 1970-01-01T00:00:00Z 1\n"
                        "- b.example 1 ever 1970-01-01T00:00:02Z 0\n");
    counts_free(c);
    counts_free(d);
    counts_free(sum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cof_numbers_may_be_strings_and_rdata_a_text_or_a_list),
        cmocka_unit_test(cof_takes_the_finest_spelling_of_a_time),
        cmocka_unit_test(a_cof_count_past_32_bits_and_one_that_is_not_there_are_kept),
        cmocka_unit_test(cof_names_root_wildcard_and_underscore_are_names),
        cmocka_unit_test(a_cof_record_of_a_zone_file_is_no_lookup),
        cmocka_unit_test(each_bad_cof_record_is_skipped_for_its_own_reason),
        cmocka_unit_test(passivedns_knows_the_time_and_client_of_the_last_answer_only),
        cmocka_unit_test(a_passivedns_answer_may_hold_bars_and_the_line_no_count),
        cmocka_unit_test(each_bad_passivedns_line_is_skipped_for_its_own_reason),
        cmocka_unit_test(the_clocks_offset_moves_both_ends_but_no_unknown_one),
        cmocka_unit_test(intervals_come_out_in_one_order_and_equal_ones_stay_apart),
        cmocka_unit_test(series_clients_and_names_are_the_same_with_and_without_intervals),
        cmocka_unit_test(a_source_that_failed_leaves_no_interval),
        cmocka_unit_test(a_case_gives_back_its_intervals_and_takes_more),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
