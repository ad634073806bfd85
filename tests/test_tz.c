/* SPDX-License-Identifier: GPL-3.0-or-later
 * Instants and offsets below were read off tzdata 2026f with
 *     zdump -v Europe/Moscow | grep -E ' (2011|2014) '
 * and agree with `TZ=Europe/Moscow date -d @1301180400 +%z`. */
#include "tests/check.h"

#include <time.h>

#include "base/text.h"
#include "base/tz.h"

static int64_t at(const char *iso)
{
    int64_t ns = 0;
    bool zone;
    assert_int_equal(text_time(span_of(iso), &ns, &zone), 0);
    return ns / NS_PER_S;
}

static struct tz *opened(const char *name)
{
    struct tz *z = NULL;
    struct err err = {0};
    if (tz_open(&z, name, &err) < 0)
        fail_msg("%s", err.msg);
    return z;
}

static void moscow_left_summer_time_in_2011_and_its_offset_in_2014(void **state)
{
    (void)state;
    struct tz *z = opened("Europe/Moscow");
    assert_int_equal(tz_offset(z, at("2011-03-26T22:59:59Z")), 3 * 3600);
    assert_int_equal(tz_offset(z, at("2011-03-26T23:00:00Z")), 4 * 3600);
    assert_int_equal(tz_offset(z, at("2012-01-15T00:00:00Z")), 4 * 3600);
    assert_int_equal(tz_offset(z, at("2014-10-25T21:59:59Z")), 4 * 3600);
    assert_int_equal(tz_offset(z, at("2014-10-25T22:00:00Z")), 3 * 3600);
    assert_int_equal(tz_offset(z, at("2016-07-20T10:55:33Z")), 3 * 3600);
    assert_int_equal(tz_offset(z, at("2060-07-01T00:00:00Z")), 3 * 3600); /* footer MSK-3 */
    tz_free(z);
}

static void new_york_changes_on_13_march_and_6_november_2016(void **state)
{
    (void)state;
    struct tz *z = opened("America/New_York");
    assert_int_equal(tz_offset(z, at("2016-03-13T06:59:59Z")), -5 * 3600);
    assert_int_equal(tz_offset(z, at("2016-03-13T07:00:00Z")), -4 * 3600);
    assert_int_equal(tz_offset(z, at("2016-11-06T05:59:59Z")), -4 * 3600);
    assert_int_equal(tz_offset(z, at("2016-11-06T06:00:00Z")), -5 * 3600);
    tz_free(z);
}

/* 2035 stands in the file's own list where tzdata is built "fat", 2045 only in
 * the footer EST5EDT,M3.2.0,M11.1.0: second Sunday of March, first of November
 * (12 March and 5 November 2045). */
static void the_footer_rules_after_the_last_transition(void **state)
{
    (void)state;
    struct tz *z = opened("America/New_York");
    assert_int_equal(tz_offset(z, at("2035-03-11T06:59:59Z")), -5 * 3600);
    assert_int_equal(tz_offset(z, at("2035-03-11T07:00:00Z")), -4 * 3600);
    assert_int_equal(tz_offset(z, at("2035-11-04T06:00:00Z")), -5 * 3600);
    assert_int_equal(tz_offset(z, at("2045-03-12T06:59:59Z")), -5 * 3600);
    assert_int_equal(tz_offset(z, at("2045-03-12T07:00:00Z")), -4 * 3600);
    assert_int_equal(tz_offset(z, at("2045-11-05T05:59:59Z")), -4 * 3600);
    assert_int_equal(tz_offset(z, at("2045-11-05T06:00:00Z")), -5 * 3600);
    tz_free(z);
}

static void an_hour_that_comes_twice_gives_its_earlier_instant(void **state)
{
    (void)state;
    struct tz *z = opened("America/New_York");
    int kind;
    assert_int_equal(tz_to_utc(z, at("2016-11-06T01:30:00"), &kind),
                     at("2016-11-06T05:30:00Z"));
    assert_int_equal(kind, 1);
    assert_int_equal(tz_to_utc(z, at("2016-11-06T02:00:00"), &kind),
                     at("2016-11-06T07:00:00Z"));
    assert_int_equal(kind, 0);
    assert_int_equal(tz_to_utc(z, at("2016-11-06T00:59:59"), &kind),
                     at("2016-11-06T04:59:59Z"));
    assert_int_equal(kind, 0);
    tz_free(z);
}

static void an_hour_that_is_skipped_gives_the_instant_after_it(void **state)
{
    (void)state;
    struct tz *z = opened("America/New_York");
    int kind;
    assert_int_equal(tz_to_utc(z, at("2016-03-13T02:30:00"), &kind),
                     at("2016-03-13T07:00:00Z"));
    assert_int_equal(kind, 2);
    assert_int_equal(tz_to_utc(z, at("2016-03-13T03:00:00"), &kind),
                     at("2016-03-13T07:00:00Z"));
    assert_int_equal(kind, 0);
    assert_int_equal(tz_to_utc(z, at("2016-03-13T01:59:59"), &kind),
                     at("2016-03-13T06:59:59Z"));
    assert_int_equal(kind, 0);
    tz_free(z);
}

static void local_time_and_utc_are_inverse_but_for_the_repeated_hour(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Moscow", "Australia/Lord_Howe",
                                        "Africa/Casablanca", "Europe/Dublin"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct tz *z = opened(names[i]);
        for (int64_t t = at("2005-01-01"); t < at("2050-01-01"); t += 1800 * 7) {
            int kind;
            int64_t back = tz_to_utc(z, t + tz_offset(z, t), &kind);
            assert_int_not_equal(kind, 2);
            assert_true(kind == 1 ? back == t || back < t : back == t);
        }
        tz_free(z);
    }
}

/* An independent reader of the same files: the C library's. */
static void offsets_agree_with_the_c_library(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Europe/Moscow",     "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
        "America/Sao_Paulo", "Asia/Kolkata",     "Europe/Dublin",       "America/Nuuk",
        "Africa/Casablanca", "Asia/Tehran",      "Australia/Sydney",    "Asia/Gaza"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct tz *z = opened(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t t = at("1910-01-01"); t < at("2099-01-01"); t += 86400 * 2 + 1237) {
            time_t when = (time_t)t;
            struct tm tm;
            localtime_r(&when, &tm);
            if (tz_offset(z, t) != tm.tm_gmtoff)
                fail_msg("%s at %jd: %d, C library %ld", names[i], (intmax_t)t, tz_offset(z, t),
                         tm.tm_gmtoff);
        }
        tz_free(z);
    }
    unsetenv("TZ");
    tzset();
}

static void fixed_offsets_and_utc_need_no_file(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t offset;
    } fixed[] = {{"UTC", 0}, {"+03:00", 10800}, {"-0430", -16200}, {"+05", 18000}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        struct tz *z = opened(fixed[i].name);
        int kind;
        assert_int_equal(tz_offset(z, 1468968933), fixed[i].offset);
        assert_int_equal(tz_to_utc(z, 1468968933, &kind), 1468968933 - fixed[i].offset);
        assert_int_equal(kind, 0);
        tz_free(z);
    }
}

static void what_is_no_zone_is_refused_by_name(void **state)
{
    (void)state;
    struct tz *z;
    struct err err;
    assert_fails(ERR_USAGE, "Europe/Atlantis", tz_open(&z, "Europe/Atlantis", &err));
    assert_fails(ERR_USAGE, "../passwd", tz_open(&z, "../passwd", &err));
    assert_fails(ERR_USAGE, "/etc/localtime", tz_open(&z, "/etc/localtime", &err));
    assert_fails(ERR_USAGE, "found ''", tz_open(&z, "", &err));
    assert_fails(ERR_USAGE, "+25:00", tz_open(&z, "+25:00", &err));
    assert_fails(ERR_MALFORMED, "TZif", tz_open(&z, "leapseconds", &err));
    assert_fails(ERR_MALFORMED, "folder", tz_open(&z, "Europe", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moscow_left_summer_time_in_2011_and_its_offset_in_2014),
        cmocka_unit_test(new_york_changes_on_13_march_and_6_november_2016),
        cmocka_unit_test(the_footer_rules_after_the_last_transition),
        cmocka_unit_test(an_hour_that_comes_twice_gives_its_earlier_instant),
        cmocka_unit_test(an_hour_that_is_skipped_gives_the_instant_after_it),
        cmocka_unit_test(local_time_and_utc_are_inverse_but_for_the_repeated_hour),
        cmocka_unit_test(offsets_agree_with_the_c_library),
        cmocka_unit_test(fixed_offsets_and_utc_need_no_file),
        cmocka_unit_test(what_is_no_zone_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
