/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/empirical.h"
#include "stats/tail.h"

enum { N = 1000, NULLS = 950 };

/* 950 quantiles of N(.2, 1.3^2) and 50 scores from 4 to 6 */
static void draw(double *z)
{
    for (int i = 0; i < NULLS; i++)
        z[i] = .2 - 1.3 * normal_log_quantile(log((i + .5) / NULLS));
    for (int i = 0; i < N - NULLS; i++)
        z[NULLS + i] = 4 + 2 * (i + .5) / (N - NULLS);
}

/* SciPy 1.10.1: minimize(-sum(norm.logpdf(m, d, s) - log(norm.cdf(hi, d, s) - norm.cdf(lo, d,
 * s))), "Nelder-Mead", xatol=1e-12) over the scores m between the deciles lo and hi */
static void the_law_of_the_middle_agrees_with_scipy(void **state)
{
    (void)state;
    double z[N];
    struct empirical e;
    draw(z);
    assert_int_equal(empirical_fit(&e, z, N), 0);
    assert_near(e.delta, .1984059306, 1e-6);
    assert_close(e.sigma, 1.306958093, 1e-6);
    assert_close(e.pi0, .9534982172, 1e-6);
    assert_close(empirical_log_upper(5, &e), normal_log_upper((5 - e.delta) / e.sigma), 1e-14);
}

static void what_has_no_middle_is_refused(void **state)
{
    (void)state;
    double z[N];
    struct empirical e = {7, 7, 7};
    draw(z);
    assert_int_equal(empirical_fit(&e, z, EMPIRICAL_LEAST - 1), -1);
    for (int i = 0; i < 920; i++)
        z[i] = 0;
    assert_int_equal(empirical_fit(&e, z, N), -1);
    z[3] = NAN;
    assert_int_equal(empirical_fit(&e, z, N), -1);
    assert_true(e.delta == 7 && e.sigma == 7);
}

/* Scores in two heaps: flatter than any normal law between the deciles. */
static void a_hollow_middle_is_refused(void **state)
{
    (void)state;
    double z[N];
    struct empirical e = {7, 7, 7};
    for (int i = 0; i < N; i++)
        z[i] = (i % 2 ? 1 : -1) * (1 + .5 * (i + .5) / N);
    assert_int_equal(empirical_fit(&e, z, N), -1);
    assert_true(e.delta == 7 && e.sigma == 7 && e.pi0 == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_law_of_the_middle_agrees_with_scipy),
        cmocka_unit_test(what_has_no_middle_is_refused),
        cmocka_unit_test(a_hollow_middle_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
