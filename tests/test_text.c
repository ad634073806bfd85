/* SPDX-License-Identifier: GPL-3.0-or-later
 * Epoch seconds of dates from `date -u -d DATE +%s` (coreutils 9.1). */
#include "tests/check.h"

#include <time.h>

#include "base/text.h"
#include "ingest/pattern.h"

static void whole_numbers_are_read_to_the_ends_of_int64_and_no_further(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_int_equal(text_i64(span_of("9223372036854775807"), &v), 0);
    assert_true(v == INT64_MAX);
    assert_int_equal(text_i64(span_of("-9223372036854775808"), &v), 0);
    assert_true(v == INT64_MIN);
    v = 7;
    static const char *const bad[] = {"9223372036854775808",
                                      "-9223372036854775809",
                                      "",
                                      "-",
                                      "+",
                                      "1 ",
                                      " 1",
                                      "1.0",
                                      "0x1",
                                      "--1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(text_i64(span_of(bad[i]), &v), ERR_MALFORMED);
    assert_int_equal(text_i64(span_make("1\0", 2), &v), ERR_MALFORMED);
    assert_int_equal(v, 7); /* untouched by failures */
}

static void reals_are_finite_and_fill_their_span(void **state)
{
    (void)state;
    double v = 7;
    assert_int_equal(text_real(span_of("-1.5e3"), &v), 0);
    assert_true(v == -1500);
    v = 7;
    static const char *const bad[] = {"", "nan", "inf", "1e999", "0x10", "1,5", "1 ", "e5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(text_real(span_of(bad[i]), &v), ERR_MALFORMED);
    assert_int_equal(text_real(span_make("1\0"
                                         "2",
                                         3),
                               &v),
                     ERR_MALFORMED);
    assert_true(v == 7);
}

static void durations_have_a_unit_unless_they_are_zero(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ns;
    } good[] = {{"90s", 90 * NS_PER_S},
                {"10ms", 10000000},
                {"1.5h", 5400 * NS_PER_S},
                {"30m", 1800 * NS_PER_S},
                {"2d", 172800 * NS_PER_S},
                {"4w", 2419200 * NS_PER_S},
                {"5us", 5000},
                {"7ns", 7},
                {"0", 0}};
    int64_t ns;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(text_duration(span_of(good[i].text), &ns), 0);
        assert_true(ns == good[i].ns);
    }
    static const char *const bad[] = {"90", "s", "-1s", "1 s", "1S", "1e3s", "999999w", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(text_duration(span_of(bad[i]), &ns), ERR_MALFORMED);
}

static void a_duration_is_written_in_the_largest_unit_that_divides_it(void **state)
{
    (void)state;
    char out[TEXT_TIME_MAX];
    assert_string_equal(text_of_duration(out, 3600 * NS_PER_S), "1h");
    assert_string_equal(text_of_duration(out, 90 * NS_PER_S), "90s");
    assert_string_equal(text_of_duration(out, 86400 * NS_PER_S), "1d");
    assert_string_equal(text_of_duration(out, 10000000), "10ms");
    assert_string_equal(text_of_duration(out, 1500), "1500ns");
}

static void times_of_iso_8601_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t s, ns;
        bool zone;
    } good[] = {{"2016-07-20T10:55:33Z", 1469012133, 0, true},
                {"2016-07-20t10:55:33.5z", 1469012133, 500000000, true},
                {"2016-07-20 10:55:33,123456789Z", 1469012133, 123456789, true},
                {"2016-07-20T10:55:33.1234567899Z", 1469012133, 123456789, true},
                {"2016-07-20T13:55:33+03:00", 1469012133, 0, true},
                {"2016-07-20T13:55:33+0300", 1469012133, 0, true},
                {"2016-07-20T13:55:33+03", 1469012133, 0, true},
                {"2016-07-20 06:25:33 -04:30", 1469012133, 0, true},
                {"2016-07-20T10:55:33", 1469012133, 0, false},
                {"2016-07-20T10:55", 1469012100, 0, false},
                {"2016-07-20", 1468972800, 0, false},
                {"2016-12-31T23:59:60Z", 1483228800, 0, true}, /* the leap second */
                {"2000-02-29T00:00:00Z", 951782400, 0, true},
                {"1969-12-31T23:59:59.5Z", -1, 500000000, true}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ns = 0;
        bool zone = false;
        if (text_time(span_of(good[i].text), &ns, &zone) < 0)
            fail_msg("%s: refused", good[i].text);
        if (ns != good[i].s * NS_PER_S + good[i].ns)
            fail_msg("%s: %jd", good[i].text, (intmax_t)ns);
        assert_int_equal(zone, good[i].zone);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2016",
                                      "2016-7-20",
                                      "2016-13-01",
                                      "2016-00-01",
                                      "2016-04-31",
                                      "2015-02-29",
                                      "1900-02-29",
                                      "1677-01-01",
                                      "2262-01-01",
                                      "2016-07-20T",
                                      "2016-07-20T10",
                                      "2016-07-20T24:00:00Z",
                                      "2016-07-20T10:60:00Z",
                                      "2016-07-20T10:55:61Z",
                                      "2016-07-20T10:55:33X",
                                      "2016-07-20T10:55:33+3",
                                      "2016-07-20T10:55:33+24:00",
                                      "2016-07-20T10:55:33.Z",
                                      "20 Jul 2016",
                                      "2016/07/20",
                                      "2016-07-20x10:55:33Z",
                                      "2016-07-20T10:55:33Z "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ns = 7;
        bool zone;
        if (text_time(span_of(bad[i]), &ns, &zone) == 0)
            fail_msg("'%s': taken as %jd", bad[i], (intmax_t)ns);
        assert_int_equal(ns, 7);
    }
}

static void a_nul_byte_is_no_separator_of_date_and_time(void **state)
{
    (void)state;
    int64_t ns;
    bool zone;
    assert_int_equal(text_time(span_make("2016-07-20\0"
                                         "10:55:33Z",
                                         20),
                               &ns, &zone),
                     ERR_MALFORMED);
}

static void epochs_are_exact_in_every_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unit, ns;
    } good[] = {{"1521911720.865716", NS_PER_S, INT64_C(1521911720865716000)},
                {"1521911720.865717", NS_PER_S, INT64_C(1521911720865717000)},
                {"1469012133123.5", 1000000, INT64_C(1469012133123500000)},
                {"1469012133123456.789", 1000, INT64_C(1469012133123456789)},
                {"1469012133123456789", 1, INT64_C(1469012133123456789)},
                {"-0.25", NS_PER_S, -250000000},
                {"-1.5", NS_PER_S, -1500000000}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ns;
        assert_int_equal(text_epoch(span_of(good[i].text), good[i].unit, &ns), 0);
        assert_true(ns == good[i].ns);
    }
    static const char *const bad[] = {"", ".", ".5", "1.", "1.x", "1e9", "9223372037", "1.5.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ns;
        assert_int_equal(text_epoch(span_of(bad[i]), NS_PER_S, &ns), ERR_MALFORMED);
    }
}

static void written_times_are_read_back(void **state)
{
    (void)state;
    char out[TEXT_TIME_MAX];
    assert_string_equal(text_iso(out, INT64_C(1469012133123456789), 0), "2016-07-20T10:55:33Z");
    assert_string_equal(text_iso(out, INT64_C(1469012133123456789), 3),
                        "2016-07-20T10:55:33.123Z");
    assert_string_equal(text_iso(out, -1, 9), "1969-12-31T23:59:59.999999999Z");
    for (int64_t t = INT64_C(-9000000000) * NS_PER_S; t < INT64_C(9000000000) * NS_PER_S;
         t += INT64_C(98765432123456789)) {
        int64_t back = 0;
        bool zone;
        assert_int_equal(text_time(span_of(text_iso(out, t, 9)), &back, &zone), 0);
        assert_true(back == t);
    }
}

/* Against the C library's calendar, which knows nothing of ours. */
static void dates_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -106000; day < 106000; day++) {
        time_t t = (time_t)day * 86400;
        struct tm tm;
        int64_t year;
        int month, mday;
        gmtime_r(&t, &tm);
        text_civil(day, &year, &month, &mday);
        assert_int_equal(year, tm.tm_year + 1900);
        assert_int_equal(month, tm.tm_mon + 1);
        assert_int_equal(mday, tm.tm_mday);
        assert_int_equal(text_days(year, month, mday), day);
    }
}

static void floor_division_rounds_down_on_both_sides_of_zero(void **state)
{
    (void)state;
    assert_int_equal(floor_div(7, 2), 3);
    assert_int_equal(floor_div(-7, 2), -4);
    assert_int_equal(floor_div(-8, 2), -4);
    assert_int_equal(floor_div(-1, 86400), -1);
    assert_int_equal(floor_div(0, 5), 0);
}

static void patterns_match_whole_texts(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "a.example", true},
        {"a", "a", true},
        {"a", "ab", false},
        {"a", "A", false},
        {"?", "", false},
        {"?", "ab", false},
        {"a?c", "abc", true},
        {"*c", "abcbc", true},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXcYb", false},
        {"**", "x", true},
        {"*a", "b", false},
        {"*.a.example", "a.example", false},
        {"p*.example", "p1.example", true},
        {"192.0.2.*", "192.0.20.1", false},
        {"a\\*", "a\\b", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (pattern_match(cases[i].pattern, span_of(cases[i].text)) != cases[i].matches)
            fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].text);
    assert_true(pattern_match("a?b", span_make("a\0b", 3))); /* texts may hold any byte */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_read_to_the_ends_of_int64_and_no_further),
        cmocka_unit_test(reals_are_finite_and_fill_their_span),
        cmocka_unit_test(durations_have_a_unit_unless_they_are_zero),
        cmocka_unit_test(a_duration_is_written_in_the_largest_unit_that_divides_it),
        cmocka_unit_test(times_of_iso_8601_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_nul_byte_is_no_separator_of_date_and_time),
        cmocka_unit_test(epochs_are_exact_in_every_unit),
        cmocka_unit_test(written_times_are_read_back),
        cmocka_unit_test(dates_agree_with_the_c_library),
        cmocka_unit_test(patterns_match_whole_texts),
        cmocka_unit_test(floor_division_rounds_down_on_both_sides_of_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
