/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/gpd.h"
#include "stats/order.h"

enum { N = 999, M = 9999 };

/* R 4.2.2, evd 2.3.6.1: fpot(g, threshold = quantile(g, .9)): scale .985576, shape .004341,
 * digits of its optimiser */
static void the_fit_has_the_digits_of_evd(void **state)
{
    (void)state;
    double x[N], y[N];
    size_t n = 0;
    FILE *f = fopen("tests/data/oracle/gumbel.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < N; i++)
        assert_int_equal(fscanf(f, "%lf", &x[i]), 1);
    fclose(f);
    double u = order_quantile(x, N, .9);
    for (int i = 0; i < N; i++)
        if (x[i] > u)
            y[n++] = x[i] - u;
    struct gpd g;
    assert_int_equal(gpd_fit(&g, y, n, -.5, .5), 0);
    assert_close(g.scale, .98557609170233, 1e-5);
    assert_near(g.shape, .00434115886298, 5e-6);
    assert_int_equal(gpd_fit(&g, y, 1, 0, .5), -1);
    y[0] = -1;
    assert_int_equal(gpd_fit(&g, y, n, 0, .5), -1);
}

/* Exponential replicates: true p e^-12; never below the floor, none where there are too few,
 * nor for a tail of lumps. */
static void the_tail_is_extrapolated_within_its_limits(void **state)
{
    (void)state;
    static double x[M];
    struct rng r;
    rng_stream(&r, 6, RNG_VALIDATE, 1, 0);
    for (int i = 0; i < M; i++)
        x[i] = rng_exponential(&r, 1);
    double log_p = gpd_tail(x, M, 12, &r);
    assert_near(log_p, -12, 2);
    assert_close(gpd_tail(x, M, 500, &r), -log(100 * (M + 1.)), 1e-12);
    assert_true(isnan(gpd_tail(x, M - 1, 12, &r)));
    assert_true(isnan(gpd_tail(x, M, .1, &r))); /* not in the tail */
    for (int i = 0; i < M; i++)
        x[i] = floor(x[i] / 2);
    assert_true(isnan(gpd_tail(x, M, 12, &r)));
    x[5] = NAN;
    assert_true(isnan(gpd_tail(x, M, 12, &r)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fit_has_the_digits_of_evd),
        cmocka_unit_test(the_tail_is_extrapolated_within_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
