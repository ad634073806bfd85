/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/gumbel.h"

enum { N = 999 };

static void maxima_read(double *x)
{
    FILE *f = fopen("tests/data/oracle/gumbel.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < N; i++)
        assert_int_equal(fscanf(f, "%lf", &x[i]), 1);
    fclose(f);
}

/* R 4.2.2, evd 2.3.6.1: fgev(g, shape = 0), whose optimiser stops at six digits; and
 * mpmath 1.2.1: findroot of the likelihood equation in 40 digits. */
static void the_fit_has_the_digits_of_evd_and_of_mpmath(void **state)
{
    (void)state;
    double x[N];
    struct gumbel g;
    maxima_read(x);
    assert_int_equal(gumbel_fit(&g, x, N), 0);
    assert_close(g.loc, 3.984004427747, 1e-6);
    assert_close(g.scale, 1.105236041942, 1e-6);
    assert_close(exp(gumbel_log_upper(12, &g)), 7.07976646207e-4, 1e-5);
    assert_close(g.loc, 3.9840038189769076855, 1e-13);
    assert_close(g.scale, 1.1052362523735829359, 1e-13);
    assert_close(gumbel_log_upper(12, &g), -7.2530986206080091949, 1e-13);
    assert_close(gumbel_log_upper(60, &g), -50.682373167478243873, 1e-13);
}

static void a_fit_moves_and_stretches_with_the_data(void **state)
{
    (void)state;
    double x[N], y[N];
    struct gumbel g, h;
    maxima_read(x);
    for (int i = 0; i < N; i++)
        y[i] = 1e6 - 3 + 250 * x[i];
    assert_int_equal(gumbel_fit(&g, x, N), 0);
    assert_int_equal(gumbel_fit(&h, y, N), 0);
    assert_close(h.scale, 250 * g.scale, 1e-9);
    assert_close(h.loc, 1e6 - 3 + 250 * g.loc, 1e-12);
    assert_close(gumbel_quantile(-expm1(gumbel_log_upper(12, &g)), &g), 12, 1e-12);
}

static void what_has_no_fit_is_refused(void **state)
{
    (void)state;
    const double same[] = {2, 2, 2}, broken[] = {1, NAN, 3}, endless[] = {1, INFINITY, 3};
    struct gumbel g = {7, 7};
    assert_int_equal(gumbel_fit(&g, same, 3), -1);
    assert_int_equal(gumbel_fit(&g, same, 1), -1);
    assert_int_equal(gumbel_fit(&g, same, 0), -1);
    assert_int_equal(gumbel_fit(&g, broken, 3), -1);
    assert_int_equal(gumbel_fit(&g, endless, 3), -1);
    assert_true(g.loc == 7 && g.scale == 7);
}

/* Gumbel maxima are described, normal values of the same number are not; and under the
 * law the p of the fit is uniform: 400 samples of 50, four standard errors. */
static void the_test_of_fit_keeps_its_size_and_finds_another_law(void **state)
{
    (void)state;
    enum { RUNS = 400, SIZE = 50 };
    const struct gumbel law = {10, 3};
    double x[N];
    struct gumbel g;
    struct rng r;
    rng_stream(&r, 5, RNG_VALIDATE, 1, 0);
    maxima_read(x);
    gumbel_fit(&g, x, N);
    assert_true(gumbel_fit_p(&g, x, N, 99, &r) > .05);
    for (int i = 0; i < N; i++)
        x[i] = rng_normal(&r);
    gumbel_fit(&g, x, N);
    assert_true(gumbel_fit_p(&g, x, N, 99, &r) == .01);
    int below = 0;
    for (uint32_t run = 0; run < RUNS; run++) {
        rng_stream(&r, 5, RNG_VALIDATE, 2, run);
        for (int i = 0; i < SIZE; i++)
            x[i] = gumbel_quantile(rng_unit(&r), &law);
        gumbel_fit(&g, x, SIZE);
        below += gumbel_fit_p(&g, x, SIZE, 19, &r) <= .1;
    }
    assert_near(below / (double)RUNS, .1, 4 * sqrt(.1 * .9 / RUNS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fit_has_the_digits_of_evd_and_of_mpmath),
        cmocka_unit_test(a_fit_moves_and_stretches_with_the_data),
        cmocka_unit_test(what_has_no_fit_is_refused),
        cmocka_unit_test(the_test_of_fit_keeps_its_size_and_finds_another_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
