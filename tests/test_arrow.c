/* SPDX-License-Identifier: GPL-3.0-or-later
 * Against exact fractions, by hand: with the leading block (4, 9), the border (2, 3) and the
 * corner 6 the Schur complement is 6 - 4/4 - 9/9 = 4. */
#include "tests/check.h"

#include "stats/arrow.h"

enum { CORNER, UNASKED, FIRST, SECOND, COLUMNS };

static void open_arrow(struct arrow *a, double corner)
{
    static const uint32_t unknown[] = {FIRST, SECOND, CORNER};
    *a = (struct arrow){0};
    arrow_resize(a, COLUMNS);
    for (size_t i = 0; i < COLUMNS * COLUMNS; i++)
        a->whole[i] = NAN; /* what is not asked for is not read */
    memcpy(a->unknown, unknown, sizeof unknown);
    a->n = 3, a->diagonal = 2;
    a->whole[FIRST * COLUMNS + FIRST] = 4;
    a->whole[SECOND * COLUMNS + SECOND] = 9;
    a->whole[FIRST * COLUMNS + CORNER] = 2;
    a->whole[SECOND * COLUMNS + CORNER] = 3;
    a->whole[CORNER * COLUMNS + CORNER] = corner;
}

static void equations_with_a_column_left_out_have_their_exact_solution(void **state)
{
    (void)state;
    struct arrow a;
    const double right[COLUMNS] = {3, NAN, 1, 2};
    const double solution[COLUMNS] = {11 / 24., 0, 1 / 48., 5 / 72.};
    const double inverse[COLUMNS] = {1 / 4., 0, 5 / 16., 5 / 36.};
    double ret[COLUMNS], form;
    open_arrow(&a, 6);
    assert_true(arrow_factor(&a));
    assert_close(arrow_log_det(&a), log(144), 1e-15);
    arrow_solve(&a, right, ret);
    for (size_t i = 0; i < COLUMNS; i++)
        assert_close(ret[i], solution[i], 1e-14);
    form = arrow_inverse_form(&a, right);
    assert_close(form, 221 / 144., 1e-14);
    assert_close(arrow_dot(&a, right, ret), form, 1e-14);
    arrow_inverse_diagonal(&a, ret);
    for (size_t i = 0; i < COLUMNS; i++)
        assert_close(ret[i], inverse[i], 1e-14);
    arrow_free(&a);
}

static void a_corner_that_the_levels_explain_wholly_is_singular(void **state)
{
    (void)state;
    struct arrow a;
    open_arrow(&a, 2 * 2 / 4. + 3 * 3 / 9.);
    assert_false(arrow_factor(&a));
    arrow_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equations_with_a_column_left_out_have_their_exact_solution),
        cmocka_unit_test(a_corner_that_the_levels_explain_wholly_is_singular),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
