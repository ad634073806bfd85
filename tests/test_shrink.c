/* SPDX-License-Identifier: GPL-3.0-or-later
 * Numbers from R 4.2.2, MASS 7.3-58.2. */
#include "tests/check.h"

#include "stats/rng.h"
#include "stats/shrink.h"

/* set.seed(4); E <- round(exp(rnorm(30, 1, .8)), 3); x <- rnbinom(30, size = 1.5, mu = 1.3 E)
 */
enum { N = 30 };
static const double E[N] = {3.233,  1.761,  5.545, 4.379, 10.059, 4.718, .975,  2.292,
                            12.394, 11.263, 4.277, 2.753, 3.693,  2.622, 2.794, 3.112,
                            6.903,  2.624,  2.509, 2.167, 9.325,  3.102, 7.738, 7.619,
                            4.368,  2.168,  7.424, 5.629, 1.294,  7.331};
static const double x[N] = {5, 5, 2, 2, 16, 1, 0, 5, 7,  31, 1, 3, 5, 4, 0,
                            3, 6, 1, 4, 2,  4, 4, 6, 28, 4,  5, 1, 9, 6, 4};

/* a and b: f <- glm.nb(x[-1] ~ offset(log(E[-1])), control = glm.control(1e-14, 200)).
 * The mixture, point by point: la in seq(-3, 6, .75), g <- glm(x[-1] ~ offset(log(E[-1])),
 * negative.binomial(exp(la))), means exp(coef(g) + se c(-sqrt(3), 0, sqrt(3))), weights
 * likelihood of all 30 x prior x c(1, 4, 1)/6; pgamma and pnbinom of the mixture. */
static void a_member_is_judged_by_the_others(void **state)
{
    (void)state;
    struct shrink s;
    assert_int_equal(shrink_rate(&s, x, E, N, 0, NULL), 0);
    assert_true(s.left_out);
    assert_int_equal(s.members, N - 1);
    assert_close(s.a, 2.0383752770288, 1e-6);
    assert_close(s.b, 1.6962610115541, 1e-6);
    assert_close(s.mean, 1.426702183306, 1e-7);
    assert_close(s.lo, .575600155239, 1e-7);
    assert_close(s.hi, 2.674844750152, 1e-7);
    assert_close(exp(shrink_log_upper(&s, 8, 3)), .115347510554, 1e-7);
}

/* the same with all 30, as in a group of SHRINK_ALONE or more: here seven times over, which
 * leaves the maximum where it is */
static void a_large_group_keeps_its_member(void **state)
{
    (void)state;
    double many[7 * N], expected[7 * N];
    for (int i = 0; i < 7 * N; i++) {
        many[i] = x[i % N];
        expected[i] = E[i % N];
    }
    struct shrink s;
    assert_int_equal(shrink_rate(&s, many, expected, 7 * N, 0, NULL), 0);
    assert_false(s.left_out);
    assert_close(s.a, 2.137978219737, 1e-6);
    assert_close(s.b, 1.764354885887, 1e-6);
}

static void
a_member_without_events_gets_the_groups_rate_less_what_its_silence_says(void **state)
{
    (void)state;
    struct shrink s;
    assert_int_equal(shrink_rate(&s, x, E, N, 6, NULL), 0); /* no event in .975 */
    assert_true(s.mean < s.a / s.b);
    assert_close(s.mean, s.a / (s.b + .975), .05); /* with a and b at their maximum */
}

/* DerSimonian and Laird's moments by hand in R */
static void a_dispersion_goes_part_of_the_way_to_the_others(void **state)
{
    (void)state;
    const double log_theta[] = {.1, .5, -.3, .9, .2}, se[] = {.2, .3, .25, .4, .15};
    struct shrink_theta t;
    assert_int_equal(shrink_theta(&t, log_theta, se, 5, 1.2, .5, NULL), 0);
    assert_close(t.tau, .2401838845883, 1e-11);
    assert_close(t.centre, .2014886955564, 1e-11);
    assert_close(t.log_theta, 1.2 - .5, 1e-15); /* R: .4464690838451, more than one se away */
    assert_true(t.limited);
    assert_close(t.unlike, 1.7348304101881, 1e-11);
    assert_int_equal(shrink_theta(&t, log_theta, se, 5, .6, .5, NULL), 0);
    assert_close(t.log_theta, .299261703899509, 1e-11); /* (.6/.25 + m/v)/(4 + 1/v) */
    assert_close(t.sd, .2476618830395, 1e-11);
    assert_false(t.limited);
    assert_int_equal(shrink_theta(&t, log_theta, se, 5, INFINITY, INFINITY, NULL), 0);
    assert_close(t.log_theta, t.centre, 1e-15);
}

/* 40 pairs alike at theta 1, and one of .02, well known: with the whole of the step it came
 * to .29, a fifteenth of its variance. */
static void a_member_unlike_all_others_keeps_its_scatter(void **state)
{
    (void)state;
    double log_theta[40], se[40];
    struct shrink_theta t;
    for (int i = 0; i < 40; i++) {
        log_theta[i] = i % 2 ? .1 : -.1;
        se[i] = .3;
    }
    assert_int_equal(shrink_theta(&t, log_theta, se, 40, log(.02), .15, NULL), 0);
    assert_close(t.tau, 0, 1e-15);
    assert_true(t.limited && t.unlike < -20);
    assert_close(exp(t.log_theta), .02 * exp(.15), 1e-12);
}

static void small_groups_are_refused(void **state)
{
    (void)state;
    struct shrink s;
    struct shrink_theta t;
    struct err err;
    assert_fails(ERR_DEGENERATE, "found 4", shrink_rate(&s, x, E, 5, 0, &err));
    assert_fails(ERR_DEGENERATE, "found 2", shrink_theta(&t, x, E, 2, 0, 1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_judged_by_the_others),
        cmocka_unit_test(a_large_group_keeps_its_member),
        cmocka_unit_test(
            a_member_without_events_gets_the_groups_rate_less_what_its_silence_says),
        cmocka_unit_test(a_dispersion_goes_part_of_the_way_to_the_others),
        cmocka_unit_test(a_member_unlike_all_others_keeps_its_scatter),
        cmocka_unit_test(small_groups_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
