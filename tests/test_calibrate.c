/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "models/calibrate.h"

static struct calibration rule(size_t tests, size_t called, double level)
{
    struct calibration c = {.tests = tests, .called = called, .level = level};
    calibration_rule(&c);
    return c;
}

/* SciPy 1.10.1: binom.sf(6, 40, .05) = .0033918975779359925, binom.sf(5, 40, .05) = .0138760,
 * binom.sf(6, 40, .2) = .71410863016869253. */
static void of_forty_controls_the_seventh_call_stops(void **state)
{
    (void)state;
    struct calibration six = rule(40, 6, .05), seven = rule(40, 7, .05);
    assert_false(six.failed);
    assert_true(seven.failed);
    assert_int_equal(seven.critical, 7);
    assert_true(fabs(seven.false_alarm - .0033918975779359925) < 1e-14);
    assert_true(fabs(seven.power - .71410863016869253) < 1e-13);
    assert_true(seven.log_p == log(seven.false_alarm) ||
                fabs(exp(seven.log_p) - seven.false_alarm) < 1e-15);
}

static void the_rules_own_false_alarms_stay_at_one_in_a_hundred(void **state)
{
    (void)state;
    for (size_t n = 1; n < 300; n++)
        for (int i = 0; i < 3; i++) {
            struct calibration c = rule(n, 0, (double[]){.05, .1, .2}[i]);
            assert_true(c.false_alarm <= CALIBRATION_GATE * (1 + 1e-12));
            assert_false(c.failed);
            assert_true(c.critical <= n + 1);
            if (c.critical <= n && c.critical > 0) { /* one call fewer would be too often */
                struct calibration below = rule(n, c.critical - 1, c.level);
                assert_true(exp(below.log_p) > CALIBRATION_GATE && !below.failed);
            }
        }
}

static void without_a_control_nothing_is_said(void **state)
{
    (void)state;
    struct calibration c = rule(0, 0, .05);
    assert_false(c.failed);
    assert_true(isnan(c.log_p) && isnan(c.lo) && isnan(c.power));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_forty_controls_the_seventh_call_stops),
        cmocka_unit_test(the_rules_own_false_alarms_stay_at_one_in_a_hundred),
        cmocka_unit_test(without_a_control_nothing_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
