/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reference numbers: R 4.2.2. Posteriors there by integrate() (rel.tol 1e-12) of the prior
 * density times dpois over ln rho, quantiles by uniroot of that integral; likelihood from
 * dnbinom; maximum by nlminb, then optim, from five starts. */
#include "stats/gps.h"
#include "stats/rng.h"
#include "stats/twobytwo.h"
#include "tests/check.h"

static const struct gps_prior prior = {.2, .06, 1.4, 1.8, .1, 0};

static void posterior_is_that_of_numerical_integration(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        double expected, q, ebgm, eb05, eb95;
    } v[] = {
        {1, .02, .257187890081, 1.850413542058, .325589892571, 24.133574919459},
        {3, .7, .148387271254, 1.768169759392, .668102726320, 4.915956264963},
        {12, 2.3, .548272955749, 4.038254396877, 2.201836239752, 7.231950608376},
        {140, 5, 1, 27.608754596, 23.9740692637, 31.6655728673},
        {2, 19.5, .0859647352966, .1317342871561, .0440077775785, .319554762931},
    };
    for (size_t i = 0; i < sizeof v / sizeof *v; i++) {
        assert_close(gps_weight(&prior, v[i].n, v[i].expected), v[i].q, 1e-6);
        assert_close(gps_ebgm(&prior, v[i].n, v[i].expected), v[i].ebgm, 1e-6);
        assert_close(gps_quantile(&prior, v[i].n, v[i].expected, .05), v[i].eb05, 1e-6);
        assert_close(gps_quantile(&prior, v[i].n, v[i].expected, .95), v[i].eb95, 1e-6);
    }
}

/* n = 1 + i^2 mod 7 (+ 25 at each 15th), E = .3 + (37 i mod 101) / 25 */
static void fill(struct gps_cell *v)
{
    for (unsigned i = 1; i <= 60; i++)
        v[i - 1] =
            (struct gps_cell){1 + i * i % 7 + (i % 15 ? 0 : 25), .3 + i * 37 % 101 / 25.};
}

static void likelihood_is_that_of_counts_given_that_they_are_listed(void **state)
{
    (void)state;
    struct gps_cell v[60];
    fill(v);
    assert_near(gps_loglik(&prior, v, 60), -146.39884554248, 1e-9);
}

static void no_other_search_finds_a_likelihood_above_the_fit(void **state)
{
    (void)state;
    struct gps_cell v[60];
    struct gps_prior fit;
    struct err err;
    fill(v);
    assert_int_equal(gps_fit(&fit, v, 60, &err), 0);
    assert_true(fit.loglik > -137.83604981579 - 1e-4);
    assert_near(fit.loglik, gps_loglik(&fit, v, 60), 1e-12);
    /* R's parameters, in either order of the two parts */
    double small = fmin(fit.alpha1 / fit.beta1, fit.alpha2 / fit.beta2);
    assert_close(small, 6.7229263396 / 6.2746287722, 1e-2);
}

static void groups_of_like_cells_stand_for_them_in_a_large_table(void **state)
{
    (void)state;
    enum { N = 5200 };
    struct gps_cell *v = malloc(N * sizeof *v);
    struct gps_prior fit;
    struct err err;
    struct rng r;
    rng_stream(&r, 7, RNG_VALIDATE, 1, 0);
    size_t n = 0;
    while (n < N) {
        double expected = .05 + 2 * rng_unit(&r);
        double rho = rng_unit(&r) < .1 ? rng_gamma(&r, 2, 2.5) : rng_gamma(&r, 5, .2);
        uint64_t k = rng_poisson(&r, rho * expected);
        if (k)
            v[n++] = (struct gps_cell){k, expected};
    }
    const struct gps_prior truth = {2, .4, 5, 5, .1, 0};
    assert_int_equal(gps_fit(&fit, v, N, &err), 0);
    assert_true(fit.loglik > gps_loglik(&truth, v, N) - 1);
    /* Ten such tables: standard deviation .027 of the truth, mean .01 above it. */
    assert_close(gps_ebgm(&fit, 8, 1), gps_ebgm(&truth, 8, 1), 3 * .027);
    free(v);
}

static void twenty_cells_are_the_fewest(void **state)
{
    (void)state;
    struct gps_cell v[60];
    struct gps_prior fit;
    struct err err;
    fill(v);
    assert_fails(ERR_DEGENERATE, "expected 20 cells", gps_fit(&fit, v, 19, &err));
}

/* log2(qgamma(p, n + .5, E + .5)) */
static void information_component_is_a_gamma_quantile(void **state)
{
    (void)state;
    assert_close(ic_value(12, 2.3), 2.1584293626, 1e-10);
    assert_close(ic_quantile(12, 2.3, .025), 1.22823820086, 1e-9);
    assert_close(ic_quantile(1, .02, .025), -2.26884829601, 1e-9);
}

/* k = 30, E = 12, a = b = 1: closed form, 7.14480626752 */
static void bayes_factor_of_thirty_where_twelve_are_expected(void **state)
{
    (void)state;
    assert_near(gamma_poisson_log_bf(30, 12, 1, 1), 7.14480626752, 1e-10);
    assert_true(gamma_poisson_log_bf(12, 12, 1, 1) < 0);
}

/* fisher.test(matrix(c(12,5,7,118),2), alternative="greater"), chisq.test of the same */
static void two_by_two_is_that_of_r(void **state)
{
    (void)state;
    struct twobytwo t = twobytwo_make(12, 5, 7, 118, .95);
    assert_close(t.log_p_fisher, -19.7055097202, 1e-10);
    assert_close(t.chisq, 49.0696871303, 1e-10);
    assert_close(t.ror, 40.45714285714, 1e-10);
    assert_close(t.ror_lo, 11.11233728929, 1e-10);
    assert_close(t.ror_hi, 147.29398195469, 1e-10);
    assert_close(t.prr, 12.60504201681, 1e-10);
    assert_close(t.prr_lo, 5.76418509122, 1e-10);
    assert_close(t.prr_hi, 27.56453544272, 1e-10);
}

static void an_empty_corner_gets_a_half(void **state)
{
    (void)state;
    struct twobytwo t = twobytwo_make(3, 0, 4, 20, .95);
    assert_close(t.ror, 3.5 * 20.5 / (.5 * 4.5), 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posterior_is_that_of_numerical_integration),
        cmocka_unit_test(likelihood_is_that_of_counts_given_that_they_are_listed),
        cmocka_unit_test(no_other_search_finds_a_likelihood_above_the_fit),
        cmocka_unit_test(groups_of_like_cells_stand_for_them_in_a_large_table),
        cmocka_unit_test(twenty_cells_are_the_fewest),
        cmocka_unit_test(information_component_is_a_gamma_quantile),
        cmocka_unit_test(bayes_factor_of_thirty_where_twelve_are_expected),
        cmocka_unit_test(two_by_two_is_that_of_r),
        cmocka_unit_test(an_empty_corner_gets_a_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
