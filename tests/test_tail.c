/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/tail.h"
#include "tests/tails.h"

static void every_tail_agrees_with_mpmath_to_twelve_digits_of_its_logarithm(void **state)
{
    (void)state;
    FILE *f = tails_open("tests/data/tails.tsv");
    assert_non_null(f);
    struct tail_row r;
    size_t rows = 0;
    double worst = 0;
    for (; tails_next(f, &r); rows++) {
        double got = tails_value(&r), off = tails_error(got, &r);
        worst = fmax(worst, r.count ? off : 0);
        if (!(off <= (r.count ? 1e-12 : 1e-10)))
            fail_msg("%s %s x=%.17g (%.17g, %.17g, %.17g): got %.17g, mpmath %.17g", r.law,
                     r.what, r.x, r.a, r.b, r.c, got, r.ln);
    }
    fclose(f);
    assert_int_equal(rows, TAILS_PILOT + 300 + 60);
    print_message("note: worst error of a count law %.2g of max(1, |ln p|)\n", worst);
}

static void gsl_gives_zero_where_the_probability_is_only_small(void **state)
{
    (void)state;
    FILE *f = tails_open("tests/data/tails.tsv");
    assert_non_null(f);
    struct tail_row r;
    int zeros = 0;
    for (int i = 0; i < TAILS_PILOT && tails_next(f, &r); i++) {
        zeros += tails_gsl_upper(&r) == 0;
        assert_true(isfinite(tails_value(&r)));
    }
    fclose(f);
    assert_true(zeros >= 10);
}

/* R 4.2.2; ppois(2819, 40, lower=F, log.p=T) and so on, P(X > 2819) */
static void tails_agree_with_r(void **state)
{
    (void)state;
    assert_close(poisson_log_upper(2820, 40), -9225.70477507, 1e-12);
    assert_close(negbin_log_upper(2820, 40, 1.6), -107.672527099, 1e-11);
    assert_close(normal_log_upper(40), -804.608442013754, 1e-14);
    /* ppois(9, 2.5, lower=F) + .5 * dpois(9, 2.5) */
    double upper = poisson_log_upper(9, 2.5), pmf = poisson_logpmf(9, 2.5);
    assert_close(exp(log_midp(upper, pmf)), 0.000708802463613, 1e-11);
    assert_close(exp(log_randomp(upper, pmf, .5)), 0.000708802463613, 1e-11);
}

static void intervals_agree_with_r(void **state)
{
    (void)state;
    double lo, hi;
    binomial_interval(3, 17, .99, &lo, &hi); /* R: binom.test(3, 17, conf.level=.99) */
    assert_close(lo, 0.020924344300441, 1e-11);
    assert_close(hi, 0.51040375049489, 1e-11);
    binomial_interval(0, 17, .95, &lo, &hi); /* 1 - .025^(1/17) */
    assert_true(lo == 0);
    assert_close(hi, 1 - pow(.025, 1. / 17), 1e-12);
    binomial_interval(17, 17, .95, &lo, &hi);
    assert_close(lo, pow(.025, 1. / 17), 1e-12);
    assert_true(hi == 1);
    binomial_interval(0, 0, .95, &lo, &hi); /* no data is not a zero */
    assert_true(lo == 0 && hi == 1);
}

static void two_rates_agree_with_r(void **state)
{
    (void)state;
    double lo, hi;
    /* R: poisson.test(c(7, 25), c(100, 150)), $conf.int */
    rates_interval(7, 100, 25, 150, .95, &lo, &hi);
    assert_close(lo, 0.15338727054887, 1e-9);
    assert_close(hi, 0.998868278017, 1e-9);
    /* R: poisson.test(c(30, 11), c(168, 168), alternative = "greater")$p.value */
    assert_close(exp(rates_log_upper(30, 168, 11, 168, 1)), 0.0021620024672302, 1e-11);
    rates_interval(4, 10, 0, 10, .95, &lo, &hi);
    assert_true(isinf(hi) && lo > 0);
    assert_true(isnan(rates_log_upper(3, 0, 2, 1, 1)));
}

/* --- laws -------------------------------------------------------------- */

static const double means[] = {1e-9, .02, 1, 2.385, 37.5, 400.25};
static const double thetas[] = {.01, .3, 1.6, 1e3, 1e9, 1e14, INFINITY};
enum { MEANS = sizeof means / sizeof *means, THETAS = sizeof thetas / sizeof *thetas };

/* The upper tail falls by the pmf at each step; both tails overlap in one pmf. */
static void the_two_tails_and_the_pmf_fit_together(void **state)
{
    (void)state;
    for (int i = 0; i < MEANS; i++) {
        for (int j = 0; j < THETAS; j++) {
            double m = means[i], t = thetas[j];
            assert_true(negbin_log_upper(0, m, t) == 0);
            for (uint64_t k = 0; k < 1200; k += 1 + k / 7) {
                double up = negbin_log_upper(k, m, t), next = negbin_log_upper(k + 1, m, t);
                double pmf = negbin_logpmf(k, m, t), low = negbin_log_lower(k, m, t);
                assert_true(next <= up && pmf <= up + 1e-12);
                assert_near(log_add(next, pmf), up, 1e-11 * fmax(1, fabs(up)));
                assert_near(exp(low) + exp(next), 1, 1e-12);
            }
        }
    }
}

static void every_pmf_sums_to_one_and_to_its_upper_tails(void **state)
{
    (void)state;
    for (int j = 1; j < THETAS; j++) {
        double sum = 0, log_rest = negbin_log_upper(3000, 37.5, thetas[j]);
        for (uint64_t k = 0; k < 3000; k++)
            sum += exp(negbin_logpmf(k, 37.5, thetas[j]));
        assert_close(sum + exp(log_rest), 1, 1e-12);
    }
    double binomial = 0, hypergeometric = 0;
    for (uint64_t k = 61; k-- > 0;) {
        binomial += exp(binomial_logpmf(k, 60, .237));
        hypergeometric += exp(hypergeometric_logpmf(k, 40, 71, 60));
        assert_near(exp(binomial_log_upper(k, 60, .237)), binomial, 1e-13);
        assert_near(exp(hypergeometric_log_upper(k, 40, 71, 60)), hypergeometric, 1e-13);
    }
    assert_close(binomial, 1, 1e-13);
    assert_close(hypergeometric, 1, 1e-13);
}

static void
a_count_outside_the_range_has_probability_zero_and_a_bad_parameter_none(void **state)
{
    (void)state;
    assert_true(binomial_logpmf(8, 7, .5) == -INFINITY);
    assert_true(binomial_log_upper(8, 7, .5) == -INFINITY);
    assert_true(binomial_log_upper(3, 7, 0) == -INFINITY);
    assert_true(binomial_log_upper(7, 7, 1) == 0);
    assert_true(hypergeometric_logpmf(2, 10, 1, 4) == -INFINITY);
    assert_true(hypergeometric_log_upper(3, 10, 1, 4) == 0);
    assert_true(hypergeometric_log_upper(5, 10, 1, 4) == -INFINITY);
    assert_true(poisson_log_upper(1, 0) == -INFINITY && poisson_log_lower(0, 0) == 0);
    assert_true(isnan(poisson_logpmf(1, -1)) && isnan(poisson_log_upper(1, NAN)));
    assert_true(isnan(negbin_log_upper(1, 1, 0)) && isnan(negbin_logpmf(1, INFINITY, 1)));
    assert_true(isnan(binomial_log_lower(1, 2, 1.5)) && isnan(chisq_log_upper(1, 0)));
    assert_true(isnan(hypergeometric_log_upper(1, 2, 2, 5)));
    assert_true(chisq_log_upper(0, 3) == 0 && f_log_upper(0, 1, 1) == 0);
}

/* P(X >= 1) = 1 - (theta / (theta + mu))^theta stays relative when it is tiny. */
static void a_tiny_theta_keeps_the_digits_of_a_tiny_upper_tail(void **state)
{
    (void)state;
    for (double theta = 1e-4; theta < .1; theta *= 7)
        assert_near(negbin_log_upper(1, 100, theta), log(-expm1(-theta * log1p(100 / theta))),
                    1e-11);
}

static void a_random_p_lies_between_the_neighbouring_tails(void **state)
{
    (void)state;
    double up = poisson_log_upper(5, 2.385), pmf = poisson_logpmf(5, 2.385);
    assert_near(log_randomp(up, pmf, 1e-12), poisson_log_upper(6, 2.385), 1e-9);
    assert_near(log_randomp(up, pmf, 1 - 1e-12), up, 1e-11);
    assert_near(log_randomp(-3.25, -3.25, .125), -3.25 + log(.125), 1e-13);
}

static void many_looks_multiply_a_p_even_below_the_smallest_double(void **state)
{
    (void)state;
    assert_near(log_sidak(-9000, 1000), -9000 + log(1000), 1e-12);
    assert_near(log_sidak(log(.01), 5), log(-expm1(5 * log1p(-.01))), 1e-13);
    assert_near(log_sidak(-30, 1), -30, 1e-12);
    assert_near(log_sidak(-40, 1e20), 0, 1e-12);
    assert_true(log_sidak(0, 7) == 0 && log_sidak(-INFINITY, 7) == -INFINITY);
}

static void sums_of_logarithms_do_not_overflow(void **state)
{
    (void)state;
    assert_near(log_add(-9000, -9000), -9000 + log(2), 1e-12);
    assert_near(log_sub(-9000, -9000 - log(4)), -9000 + log(.75), 1e-12);
    assert_true(log_add(-INFINITY, -INFINITY) == -INFINITY);
    assert_true(log_add(-1.5, -INFINITY) == -1.5 && log_sub(-1.5, -INFINITY) == -1.5);
    assert_near(log10_of(log(1e-200) * 7), -1400, 1e-9);
}

static void a_quantile_is_the_first_count_whose_lower_tail_reaches_p(void **state)
{
    (void)state;
    /* R: qnbinom(.99, size=1.6, mu=40), qnbinom(.7, size=.3, mu=5), qpois(.999, 2.5) */
    assert_int_equal(negbin_quantile(.99, 40, 1.6), 149);
    assert_int_equal(negbin_quantile(.7, 5, .3), 4);
    assert_int_equal(negbin_quantile(.999, 2.5, INFINITY), 9);
    assert_int_equal(negbin_quantile(0, 2.5, 1), 0);
    assert_true(negbin_quantile(1, 2.5, 1) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tail_agrees_with_mpmath_to_twelve_digits_of_its_logarithm),
        cmocka_unit_test(gsl_gives_zero_where_the_probability_is_only_small),
        cmocka_unit_test(tails_agree_with_r),
        cmocka_unit_test(intervals_agree_with_r),
        cmocka_unit_test(two_rates_agree_with_r),
        cmocka_unit_test(the_two_tails_and_the_pmf_fit_together),
        cmocka_unit_test(every_pmf_sums_to_one_and_to_its_upper_tails),
        cmocka_unit_test(
            a_count_outside_the_range_has_probability_zero_and_a_bad_parameter_none),
        cmocka_unit_test(a_tiny_theta_keeps_the_digits_of_a_tiny_upper_tail),
        cmocka_unit_test(a_random_p_lies_between_the_neighbouring_tails),
        cmocka_unit_test(many_looks_multiply_a_p_even_below_the_smallest_double),
        cmocka_unit_test(sums_of_logarithms_do_not_overflow),
        cmocka_unit_test(a_quantile_is_the_first_count_whose_lower_tail_reaches_p),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
