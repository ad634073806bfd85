/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/adjust.h"

/* NumPy 1.24: numpy.linalg.lstsq of columns 0 and 2 on 1, columns 1 and 3. */
static void rows_move_along_the_least_squares_line(void **state)
{
    (void)state;
    const double x[] = {1, 2,   .5, 1, 2, 1,  .1, 3,   0,   3,   .7, 2,
                        4, 2.5, .2, 5, 3, .5, .9, 4.5, 1.5, 1.2, .4, 2.2};
    const bool given[] = {false, true, false, true};
    const double slope[] = {-.19196385, .80409781, -.03411134, -.01583068};
    const double at[] = {99, 1, 99, 2};
    struct adjust a;
    double left[2];
    adjust_fit(&a, x, 6, 4, given);
    assert_int_equal(a.ngiven, 2);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(a.slope[i] - slope[i]) < 1e-7);
    adjust_row(&a, x, at, left);
    assert_true(fabs(left[0] - 1.99606166) < 1e-7 && fabs(left[1] - .51828066) < 1e-7);
    adjust_row(&a, x, x, left); /* nothing to move */
    assert_true(left[0] == x[0] && left[1] == x[2]);
    adjust_free(&a);
}

static void a_given_number_that_does_not_vary_moves_nothing(void **state)
{
    (void)state;
    const double x[] = {1, 7, 2, 7, 4, 7}, at[] = {0, 100};
    const bool given[] = {false, true};
    struct adjust a;
    double left;
    adjust_fit(&a, x, 3, 2, given);
    adjust_row(&a, x, at, &left);
    assert_true(left == 1);
    adjust_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_move_along_the_least_squares_line),
        cmocka_unit_test(a_given_number_that_does_not_vary_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
