/* SPDX-License-Identifier: GPL-3.0-or-later
 * scipy 1.10.1: minimize(-norm.logpdf(y, delta, sqrt(sigma^2 + s^2)).sum(), Nelder-Mead, xatol
 * 1e-12), and norm.sf of the z in the header. */
#include <math.h>

#include "stats/controls.h"
#include "tests/check.h"

enum { N = 12 };
static const double y[N] = {.1, .5, -.3, .9, .2, .7, -.1, .4, 1.1, .3, .0, .6};
static const double s[N] = {.2, .3, .25, .4, .15, .2, .3, .1, .5, .25, .2, .35};

static void the_faults_of_the_controls_agree_with_scipy(void **state)
{
    (void)state;
    struct controls c;
    assert_int_equal(controls_fit(&c, y, s, N, NULL), 0);
    assert_close(c.delta, .2937214834659371, 1e-6);
    assert_close(c.sigma, .18627493272098664, 1e-6);
    assert_close(c.delta_se * c.delta_se, .007596362337719649, 1e-6);
    assert_close(exp(controls_log_p(&c, 1.2, .3)), .006357213743834664, 1e-5);
}

static void controls_without_scatter_of_their_own_have_sigma_0(void **state)
{
    (void)state;
    double same[N];
    struct controls c;
    for (int i = 0; i < N; i++)
        same[i] = .4;
    assert_int_equal(controls_fit(&c, same, s, N, NULL), 0);
    assert_true(c.sigma < 1e-12 && c.sigma >= 0);
    assert_close(c.delta, .4, 1e-12);
}

static void few_controls_are_refused(void **state)
{
    (void)state;
    struct controls c;
    struct err err;
    assert_fails(ERR_DEGENERATE, "found 9", controls_fit(&c, y, s, 9, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_faults_of_the_controls_agree_with_scipy),
        cmocka_unit_test(controls_without_scatter_of_their_own_have_sigma_0),
        cmocka_unit_test(few_controls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
