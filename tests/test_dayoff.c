/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "base/text.h"
#include "models/dayoff.h"

/* 9 May to 31 July 2016, UTC: 84 days, two holidays of the United States, Mondays 30 May and
 * 4 July. Of their fourteen moves those of July to 13 and 20 June are Memorial Day's. */
enum { DAYS = 84, DAY = 86400 };
static const int64_t START = 1462752000;

struct pair {
    double t[4 * DAYS];
    struct stream one;
    struct interval live;
    struct window w;
    struct subject s;
};

/* `n` sessions a day, on holidays `on`; from 01:00. */
static void make(struct pair *p, int n, int on)
{
    size_t k = 0;
    for (int d = 0; d < DAYS; d++)
        for (int i = 0; i < (d == 21 || d == 56 ? on : n); i++)
            p->t[k++] = d * (double)DAY + 3600 * (i + 1);
    p->one = (struct stream){.t = p->t, .n = k};
    p->live = (struct interval){0, (double)DAYS * DAY};
    p->w = (struct window){.from_ns = START * NS_PER_S,
                           .to_ns = (START + DAYS * DAY) * NS_PER_S,
                           .live = &p->live,
                           .nlive = 1,
                           .length_s = p->live.to,
                           .live_s = p->live.to};
    p->s = (struct subject){.streams = &p->one, .nstreams = 1, .t = p->t, .n = k, .id = 7};
}

static int start(void **state)
{
    struct holidays *h = malloc(sizeof *h);
    *state = h;
    return holidays_read(h, "studies/holidays/US.csv", NULL);
}

static int end(void **state)
{
    holidays_free(*state);
    free(*state);
    return 0;
}

/* One of 7 x 5 draws of moves is as low: P = 1/35. */
static void two_silent_holidays_are_one_of_thirty_five(void **state)
{
    struct pair p;
    struct dayoff d;
    struct dayoff_opts o = {NULL, 99999, 1};
    make(&p, 2, 0);
    assert_int_equal(dayoff_test(&d, &p.s, &p.w, *state, &o, NULL), 0);
    assert_int_equal(d.occasions, 2);
    assert_int_equal(d.compared, 10);
    assert_true(d.n_in == 0 && d.n_out == 20);
    assert_close(d.e_in, 48, 1e-12);
    assert_close(d.e_out, 240, 1e-12);
    assert_true(d.ratio == 0);
    assert_close(d.log_least, -log(35), 1e-12);
    assert_near(mc_p(&d.lower), 1. / 35, .003);
    assert_close(mc_p(&d.upper), 1, 1e-12);
}

/* Mantel and Haenszel by hand: (3 6/7 + 3 4/5) / (12/7 + 8/5) = 3/2. */
static void the_ratio_is_that_of_the_rates(void **state)
{
    struct pair p;
    struct dayoff d;
    struct dayoff_opts o = {NULL, 999, 1};
    make(&p, 2, 3);
    assert_int_equal(dayoff_test(&d, &p.s, &p.w, *state, &o, NULL), 0);
    assert_close(d.ratio, 1.5, 1e-12);
    make(&p, 2, 2);
    assert_int_equal(dayoff_test(&d, &p.s, &p.w, *state, &o, NULL), 0);
    assert_close(d.ratio, 1, 1e-12);
    assert_true(mc_p(&d.upper) == 1 && mc_p(&d.lower) == 1); /* all moves tie */
}

/* In Los Angeles a session at 01:00 UTC is of the day before. */
static void days_off_are_those_of_the_zone(void **state)
{
    struct pair p;
    struct dayoff d;
    struct tz *z;
    struct dayoff_opts o = {NULL, 99, 1};
    assert_int_equal(tz_open(&z, "America/Los_Angeles", NULL), 0);
    o.zone = z;
    make(&p, 1, 0);
    assert_int_equal(dayoff_test(&d, &p.s, &p.w, *state, &o, NULL), 0);
    assert_true(d.n_in == 2);
    tz_free(z);
}

static void a_window_without_a_holiday_is_refused(void **state)
{
    struct pair p;
    struct dayoff d;
    struct dayoff_opts o = {NULL, 99, 1};
    struct holidays none = {0};
    struct err err;
    make(&p, 2, 2);
    assert_fails(ERR_DEGENERATE, "a like day", dayoff_test(&d, &p.s, &p.w, &none, &o, &err));
    make(&p, 0, 0);
    assert_fails(ERR_DEGENERATE, "a session", dayoff_test(&d, &p.s, &p.w, *state, &o, &err));
}

static void a_list_keeps_its_source_and_grade(void **state)
{
    struct holidays h;
    (void)state;
    assert_int_equal(holidays_read(&h, "studies/holidays/RU.csv", NULL), 0);
    assert_int_equal(h.grade, 'B');
    assert_true(strstr(h.source, "Government Decree No. 1017 of 24 September 2015") != NULL);
    holidays_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_silent_holidays_are_one_of_thirty_five),
        cmocka_unit_test(the_ratio_is_that_of_the_rates),
        cmocka_unit_test(days_off_are_those_of_the_zone),
        cmocka_unit_test(a_window_without_a_holiday_is_refused),
        cmocka_unit_test(a_list_keeps_its_source_and_grade),
    };
    return cmocka_run_group_tests_name("dayoff", tests, start, end);
}
