/* SPDX-License-Identifier: GPL-3.0-or-later
 * The law of the others and the unbounded maxima: numpy 1.24.2, the double sum of the header
 * written out over x = arange(-8, 14.0001, .25), log-likelihoods -((x - m)/s)^2 / 2. */
#include <math.h>

#include "stats/thetas.h"
#include "tests/check.h"

static const double others[4][2] = {{-1.2, .4}, {-.7, .3}, {-1.5, .5}, {-.9, .35}};

static double parabola(double theta, void *m_and_s)
{
    const double *v = m_and_s;
    return -.5 * pow((log(theta) - v[0]) / v[1], 2);
}

static void fill(double ret[5][THETAS_GRID])
{
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < THETAS_GRID; k++)
            ret[i][k] = parabola(exp(thetas_at(k)), (double[]){others[i][0], others[i][1]});
}

static void the_law_of_the_others_is_averaged_over_centre_and_spread(void **state)
{
    (void)state;
    double l[5][THETAS_GRID];
    struct thetas law;
    fill(l);
    thetas_law(&law, (const double(*)[THETAS_GRID])l, 4, 4);
    assert_int_equal(law.members, 4);
    const size_t at[] = {20, 24, 32, 44};
    const double expected[] = {-4.279254229039609, -2.103205607322042, -2.2466126225726937,
                               -6.985076859094859};
    for (int i = 0; i < 4; i++)
        assert_close(law.log_prior[at[i]] - law.log_prior[28], expected[i], 1e-9);
}

static void a_member_is_not_among_its_own_others(void **state)
{
    (void)state;
    double l[5][THETAS_GRID];
    struct thetas with, without;
    fill(l);
    for (size_t k = 0; k < THETAS_GRID; k++)
        l[4][k] = parabola(exp(thetas_at(k)), (double[]){4, .1});
    thetas_law(&with, (const double(*)[THETAS_GRID])l, 4, 4);
    thetas_law(&without, (const double(*)[THETAS_GRID])l, 5, 4);
    assert_int_equal(without.members, 4);
    for (size_t k = 0; k < THETAS_GRID; k++)
        assert_close(with.log_prior[k], without.log_prior[k], 1e-12);
}

static void others_add_scatter_and_take_none_away(void **state)
{
    (void)state;
    double l[5][THETAS_GRID];
    struct thetas law;
    fill(l);
    thetas_law(&law, (const double(*)[THETAS_GRID])l, 4, 4);
    /* between its own 1.5 and the others' -1 */
    assert_close(log(thetas_best(&law, parabola, (double[]){1.5, .4}, 1)), 1.2497473947539908,
                 1e-6);
    /* -.375 would cost more than half a unit, which is spent one s below .1 */
    assert_true(fabs(log(thetas_best(&law, parabola, (double[]){.1, .4}, 1)) + .3) < .03);
    /* its own -1.6 is not raised to -1.32 */
    assert_close(log(thetas_best(&law, parabola, (double[]){-1.6, .4}, 1)), -1.6, 1e-9);
}

static void without_others_a_member_stands_by_its_own_likelihood(void **state)
{
    (void)state;
    struct thetas none;
    thetas_law(&none, NULL, 0, 0);
    for (double start = 1e-4; start < 1e9; start *= 1e3) {
        assert_close(log(thetas_best(&none, parabola, (double[]){.63, 2}, start)), .63, 1e-9);
        assert_true(isinf(thetas_best(NULL, parabola, (double[]){30, 2}, start)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_law_of_the_others_is_averaged_over_centre_and_spread),
        cmocka_unit_test(a_member_is_not_among_its_own_others),
        cmocka_unit_test(others_add_scatter_and_take_none_away),
        cmocka_unit_test(without_others_a_member_stands_by_its_own_likelihood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
