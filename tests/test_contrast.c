/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/contrast.h"
#include "tests/check.h"

enum { DAYS = 28 };

/* 28 days, 2 inside and 1 outside an hour of each kind a day, more on some. */
static void made(struct contrast *s)
{
    contrast_new(s, DAYS);
    for (int i = 0; i < DAYS; i++) {
        s->in[i] = 2 + i % 3;
        s->out[i] = 1 + i % 2;
        s->in_hours[i] = 8;
        s->out_hours[i] = 16;
    }
    contrast_sum(s);
}

/* NumPy 1.24: score = in - (in + out)/3 of each day, in blocks of two; studentised sum,
 * ratio and sandwich by their formulas. */
static void scores_and_error_agree_with_numpy(void **state)
{
    (void)state;
    struct contrast s;
    size_t n;
    made(&s);
    double *r = contrast_scores(&s, &n);
    assert_int_equal(contrast_block_days(DAYS), 2);
    assert_int_equal(n, 14);
    assert_close(contrast_ratio(&s), 3.9523809523809526, 1e-12);
    assert_close(r[0], 2.3333333333333335, 1e-12);
    assert_close(r[13], 3.0, 1e-12);
    assert_close(contrast_studentised(r, n), 3.6822659996822917, 1e-12);
    free(r);
    contrast_free(&s);
}

/* All 14 blocks lean one way: of the 2^14 signs few reach that far, and the lower tail is
 * the whole. */
static void signs_of_blocks_make_both_tails(void **state)
{
    (void)state;
    struct contrast s;
    struct mc upper, lower;
    made(&s);
    contrast_test(&s, 9999, 1, 2, &upper, &lower);
    assert_true(mc_p(&upper) < .001 && mc_p(&lower) > .999);
    assert_int_equal(upper.replicates, 9999);
    contrast_free(&s);
    contrast_new(&s, 13);
    contrast_test(&s, 99, 1, 2, &upper, &lower);
    assert_int_equal(upper.replicates, 0);
    contrast_free(&s);
}

/* Both kinds keep one rhythm, 3 an hour in a day's first half and 1 in its second, but the
 * first kind is at risk 9 and 3 hours of them and the other 3 and 9. By hand: days as wholes
 * read 30/12 over 18/12, halves the truth, 1, and no day has a score then. */
static void a_rhythm_that_both_keep_is_no_effect_where_its_parts_are_held(void **state)
{
    (void)state;
    for (size_t parts = 1; parts <= 2; parts++) {
        struct contrast s;
        size_t n;
        contrast_new_cells(&s, DAYS, parts);
        for (size_t i = 0; i < 2 * (size_t)DAYS; i++) {
            size_t at = i * parts / 2;
            double rate = i % 2 ? 1 : 3, hours = i % 2 ? 3 : 9;
            s.in_hours[at] += hours;
            s.out_hours[at] += 12 - hours;
            s.in[at] += rate * hours;
            s.out[at] += rate * (12 - hours);
        }
        contrast_sum(&s);
        double *r = contrast_scores(&s, &n);
        assert_int_equal(contrast_used_days(&s), DAYS);
        assert_int_equal(n, DAYS / 2);
        assert_close(s.fit, parts == 1 ? 30. / 18 : 1, 1e-12);
        assert_near(r[0], parts == 1 ? 2 * (30 - 48 / 2.) : 0, 1e-9); /* blocks of two days */
        free(r);
        contrast_free(&s);
    }
}

/* Weekdays against Saturdays and Sundays: no day holds both, so that weeks are compared.
 * By hand: a week of 11 sessions, 10 of them in 120 of 168 hours, scores 10 - 11 * 120 / 168;
 * all 20 weeks alike reach the sum with 1 in 2^20 of the signs. */
static void hours_that_fill_whole_days_are_compared_by_weeks(void **state)
{
    (void)state;
    struct contrast s;
    struct mc upper, lower;
    size_t n;
    contrast_new(&s, 140);
    for (size_t i = 0; i < 140; i++) {
        bool weekday = i % 7 < 5;
        (weekday ? s.in_hours : s.out_hours)[i] = 24;
        (weekday ? s.in : s.out)[i] = weekday ? 2 : i % 7 == 5;
    }
    contrast_sum(&s);
    double *r = contrast_scores(&s, &n);
    assert_int_equal(s.stratum, 7);
    assert_int_equal(n, 20);
    assert_close(r[0], 10 - 11 * 120. / 168, 1e-12);
    assert_close(r[19], r[0], 1e-12);
    free(r);
    contrast_test(&s, 999, 1, 2, &upper, &lower);
    assert_close(mc_p(&upper), 1. / 1000, 1e-12);
    contrast_free(&s);
}

/* NumPy 1.24.2: the ratios at which 1 in 20 of all 2^14 signs give so small, or so large, a
 * sum are 4.22222 and 3.66667; at 1 in 100, 4.33333. Without sessions of a kind no bound. */
static void a_bound_is_the_test_turned_round(void **state)
{
    (void)state;
    struct contrast s;
    made(&s);
    assert_close(contrast_bound(&s, .95, +1, 1, 2), 4.222222222222396, 1e-5);
    assert_close(contrast_bound(&s, .99, +1, 1, 2), 4.333333333333598, 1e-5);
    assert_close(contrast_bound(&s, .95, -1, 1, 2), 3.6666666666665484, 1e-5);
    assert_true(isinf(contrast_bound(&s, 1 - 1e-5, +1, 1, 2))); /* 2^-14 is more */
    s.n_out = 0;
    assert_true(isinf(contrast_bound(&s, .95, +1, 1, 2)));
    assert_true(contrast_bound(&s, .95, -1, 1, 2) == 0);
    contrast_free(&s);
}

static bool morning(const void *ctx, int64_t unix_s)
{
    (void)ctx;
    return unix_s % 86400 < 43200;
}

static void quarter_hours_fall_on_their_side_and_day(void **state)
{
    (void)state;
    double t[] = {100, 43100, 43300, 86400 + 10};
    struct stream one = {.t = t, .n = 4};
    struct subject sub = {.streams = &one, .nstreams = 1, .t = t, .n = 4};
    struct interval live = {0, 2 * 86400};
    struct window w = {.to_ns = INT64_C(172800000000000),
                       .live = &live,
                       .nlive = 1,
                       .length_s = live.to,
                       .live_s = live.to};
    struct contrast s;
    contrast_by(&s, &sub, &w, CONTRAST_QUARTER, morning, NULL);
    assert_true(s.in[0] == 2 && s.out[0] == 1 && s.in[1] == 1 && s.out[1] == 0);
    assert_close(s.e_in, 24, 1e-12);
    assert_close(s.e_out, 24, 1e-12);
    assert_int_equal(contrast_used_days(&s), 2);
    contrast_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_and_error_agree_with_numpy),
        cmocka_unit_test(signs_of_blocks_make_both_tails),
        cmocka_unit_test(a_rhythm_that_both_keep_is_no_effect_where_its_parts_are_held),
        cmocka_unit_test(hours_that_fill_whole_days_are_compared_by_weeks),
        cmocka_unit_test(a_bound_is_the_test_turned_round),
        cmocka_unit_test(quarter_hours_fall_on_their_side_and_day),
    };
    return cmocka_run_group_tests_name("contrast", tests, NULL, NULL);
}
