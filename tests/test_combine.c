/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/combine.h"
#include "stats/evalue.h"

static double combined(const char *name, const double *p, size_t n)
{
    double log_p[4];
    for (size_t i = 0; i < n; i++)
        log_p[i] = log(p[i]);
    return combination_find(name)->log_p(log_p, n);
}

/* SciPy 1.10.1: combine_pvalues([.01, .2, .03, .5], method); cauchy and bonferroni: mpmath
 * 1.2.1, 1/2 - atan(mean(tan((1/2 - p) pi))) / pi in 40 digits */
static void combinations_agree_with_scipy(void **state)
{
    (void)state;
    const double p[] = {.01, .2, .03, .5};
    assert_close(exp(combined("fisher", p, 4)), .00761687185044909, 1e-13);
    assert_close(exp(combined("stouffer", p, 4)), .0057951059948273, 1e-13);
    assert_close(exp(combined("tippett", p, 4)), .03940399, 1e-13);
    assert_close(exp(combined("mudholkar_george", p, 4)), .00593127794019422, 1e-12);
    assert_close(exp(combined("cauchy", p, 4)), .0290049257811752, 1e-13);
    assert_close(exp(combined("bonferroni", p, 4)), .04, 1e-14);
}

/* mpmath 1.2.1, 40 digits; mudholkar_george: SciPy 1.10.1 */
static void combinations_hold_far_out(void **state)
{
    (void)state;
    const double p[] = {1e-30, .9, .4};
    assert_close(combined("fisher", p, 3), -62.2640011337839363, 1e-13);
    assert_close(combined("stouffer", p, 3), -20.8918003524179569, 1e-13);
    assert_close(combined("tippett", p, 3), -67.9789405011532608, 1e-13);
    assert_close(combined("mudholkar_george", p, 3), log(1.64965231731295e-15), 1e-10);
    assert_close(combined("cauchy", p, 3), -67.9789405011485954, 1e-13);
    const double log_p[] = {-9000, -1};
    for (const struct combination *c = combination_table; c->name; c++) {
        double q = c->log_p(log_p, 2);
        assert_true(isfinite(q) && q < -50); /* t falls off as a power */
        assert_true(c->help[0] && c->cite[0]);
    }
    assert_close(combination_find("cauchy")->log_p(log_p, 2), -9000 + log(2), 1e-12);
    assert_null(combination_find("harmonic"));
}

static void one_p_is_left_as_it_is(void **state)
{
    (void)state;
    const double p = .001;
    for (const struct combination *c = combination_table; c->name; c++)
        if (strcmp(c->name, "mudholkar_george") != 0) /* an approximation: SciPy's figure */
            assert_close(combined(c->name, &p, 1), log(.001), 1e-12);
    assert_close(exp(combined("mudholkar_george", &p, 1)), .000969782435858139, 1e-12);
}

/* A p of 1 makes cot(pi p) minus infinity; held at .99 it costs one look. */
static void one_p_near_one_does_not_undo_cauchy(void **state)
{
    (void)state;
    const double p[] = {1e-6, 1, .3};
    double log_q = combined("cauchy", p, 3);
    assert_close(exp(log_q), 3e-6, 1e-3);
    double nan[] = {-1, NAN};
    for (const struct combination *c = combination_table; c->name; c++)
        assert_true(isnan(c->log_p(nan, 2)));
}

/* peers-statistics oracle 14: bound at p = .001 is 53.2560037688 */
static void the_bound_of_sellke_is_that_of_the_paper(void **state)
{
    (void)state;
    assert_close(exp(log_sellke_bound(log(.001))), 53.2560037688, 1e-11);
    assert_close(exp(log_sellke_bound(log(.05))), 1 / (-M_E * .05 * log(.05)), 1e-13);
    assert_true(log_sellke_bound(-1) == 0 && log_sellke_bound(log(.7)) == 0);
    assert_close(log_sellke_bound(-9000), 9000 - 1 - log(9000), 1e-14);
    assert_true(isnan(log_sellke_bound(NAN)));
}

/* 1 - (1 - p)^n = level: p = 1/6 is even after 3.8017840169239 throws of a die (R 4.2.2:
 * log(.5)/log(5/6)) */
static void so_many_looks_make_a_finding_ordinary(void **state)
{
    (void)state;
    assert_close(looks_to(log(1 / 6.), .5), 3.8017840169239308, 1e-13);
    assert_close(looks_to(log(.05), .05), 1, 1e-13);
    assert_close(looks_to(log(1e-12), .5), log(2) * 1e12, 1e-11);
    assert_close(looks_to(-100, .05), -log1p(-.05) * exp(100), 1e-12);
    assert_true(isnan(looks_to(NAN, .5)));
    assert_close(log_match_ratio(log(1e-6), 1), log(1e6), 1e-14);
    assert_close(log_match_ratio(log(1e-6), 5000), log(200), 1e-13);
    assert_true(log_match_ratio(log(1e-6), 1e9) == 0);
}

/* mpmath 1.2.1: e^L b^a gamma(a + n) / (gamma(a) (b + L)^(a + n)), a = b = 2 */
static void the_rate_process_has_the_closed_form(void **state)
{
    (void)state;
    assert_close(exp(log_e_rate(0, 0, 2, 2)), 1, 1e-14);
    assert_close(log_e_rate(30, 12, 2, 2), 7.028683366746926, 1e-13);
    assert_close(log_e_rate(500, 400, 2, 2), 8.714410435612267, 1e-12);
    assert_true(log_e_rate(12, 12, 2, 2) < 0);
}

/* Its mean over Poisson counts of the expectation is 1: summed over all n. */
static void the_mean_of_e_under_the_null_is_one(void **state)
{
    (void)state;
    const double expected[] = {.3, 5, 40};
    for (int i = 0; i < 3; i++) {
        double sum = 0, mu = expected[i];
        for (uint64_t n = 0; n < 2000; n++)
            sum +=
                exp(log_e_rate(n, mu, 2, 2) - mu + (double)n * log(mu) - lgamma((double)n + 1));
        assert_close(sum, 1, 1e-9);
    }
    double mean =
        0; /* of kappa p^(kappa - 1) over uniform p, by the midpoint rule in p^kappa */
    for (int i = 0; i < 1000; i++)
        mean += exp(log_e_of_p(log((i + .5) / 1000) * 2, .5)) * 2 * (i + .5) / 1e6;
    assert_close(mean, 1, 1e-12);
}

/* By hand: N = 4, e = 100, 30, 2, 1: q = min over ranks k' >= k of 4 / (k' e). */
static void e_bh_rejects_where_e_is_large_enough(void **state)
{
    (void)state;
    const double e[] = {2, 100, 1, 30};
    double log_e[4], q[4];
    for (int i = 0; i < 4; i++)
        log_e[i] = log(e[i]);
    e_bh(log_e, 4, q);
    assert_close(exp(q[1]), .04, 1e-13);
    assert_close(exp(q[3]), 4 / 60., 1e-13);
    assert_close(exp(q[0]), 4 / 6., 1e-13);
    assert_close(exp(q[2]), 1, 1e-13);
    log_e[0] = NAN;
    e_bh(log_e, 4, q);
    assert_true(isnan(q[0]));
    assert_close(exp(q[1]), .04, 1e-13);
    const double two[] = {log(3), log(5)};
    assert_close(exp(log_e_mean(two, 2)), 4, 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(combinations_agree_with_scipy),
        cmocka_unit_test(combinations_hold_far_out),
        cmocka_unit_test(one_p_is_left_as_it_is),
        cmocka_unit_test(one_p_near_one_does_not_undo_cauchy),
        cmocka_unit_test(the_bound_of_sellke_is_that_of_the_paper),
        cmocka_unit_test(so_many_looks_make_a_finding_ordinary),
        cmocka_unit_test(the_rate_process_has_the_closed_form),
        cmocka_unit_test(the_mean_of_e_under_the_null_is_one),
        cmocka_unit_test(e_bh_rejects_where_e_is_large_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
