/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/poisbin.h"
#include "stats/tail.h"

/* first/unit, (first + 1)/unit, ... */
static void chances(double *ret, size_t n, double unit)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = (double)(i + 1) / unit;
}

/* R 4.2.2: PoissonBinomial::ppbinom(7, (1:20)/60, lower.tail = FALSE) = .0119140586662;
 * the digits beyond, and the other figures, by exact fractions (Python fractions and
 * mpmath 1.2.1, 60 digits). */
static void the_tail_of_r_is_met_to_fifteen_digits(void **state)
{
    (void)state;
    double p[20];
    chances(p, 20, 60);
    assert_close(exp(poisbin_log_upper(8, p, 20)), .0119140586662, 1e-11);
    assert_close(exp(poisbin_log_upper(8, p, 20)), .011914058666245944386, 4e-15);
    assert_close(poisbin_logpmf(8, p, 20), -4.6976746201904885097, 4e-15);
    assert_close(poisbin_log_upper(2, p, 20), -.10954435779995791783, 4e-15);
}

/* 200 trials of chance i / 2^20: the upper tail reaches e^-1909. */
static void deep_tails_agree_with_exact_fractions(void **state)
{
    (void)state;
    static const struct {
        uint64_t k;
        double upper, pmf;
    } exact[] = {
        {1, -3.9639745015671592544, -3.9735111081739433773},
        {5, -24.642336428720674282, -24.645429112500684242},
        {50, -355.13371197338132475, -355.13396840142569459},
        {150, -1304.0913114402909872, -1304.0913319571923106},
        {199, -1893.7226018901626983, -1893.7226020524117905},
        {200, -1909.3567350473757642, -1909.3567350473757642},
    };
    double p[200];
    chances(p, 200, 1 << 20);
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        assert_near(poisbin_log_upper(exact[i].k, p, 200), exact[i].upper, 2e-12);
        assert_near(poisbin_logpmf(exact[i].k, p, 200), exact[i].pmf, 2e-12);
    }
}

/* Three certain trials, two impossible ones, 399 between; from one tail into the other. */
static void settled_trials_shift_the_law_and_its_tail_stays_exact(void **state)
{
    (void)state;
    static const struct {
        uint64_t k;
        double upper, pmf;
    } exact[] = {
        {10, 0, -196.13064952147971161},
        {100, -1.1382595170836294438e-12, -27.182157758292697487},
        {150, -.15015210685201722907, -3.5967863734335682638},
        {160, -.75565323394781845559, -3.0861584580706528931},
        {200, -13.430853546877825024, -14.270664783782370373},
        {380, -374.1321865756042827, -374.14492543719945327},
    };
    double p[404] = {1, 1, 1};
    chances(p + 3, 399, 512);
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++) {
        assert_near(poisbin_log_upper(exact[i].k, p, 404), exact[i].upper, 4e-12);
        assert_near(poisbin_logpmf(exact[i].k, p, 404), exact[i].pmf, 4e-12);
    }
    assert_true(poisbin_logpmf(2, p, 404) == -INFINITY);
    assert_true(poisbin_log_upper(403, p, 404) == -INFINITY);
    assert_true(poisbin_log_upper(3, p, 404) == 0);
}

static void equal_chances_are_the_binomial_law(void **state)
{
    (void)state;
    static const double chance[] = {1e-300, 1e-6, .03, .5, .999};
    double p[1000];
    for (size_t c = 0; c < 5; c++) {
        for (size_t i = 0; i < 1000; i++)
            p[i] = chance[c];
        for (uint64_t k = 0; k <= 1000; k += 125) {
            double up = binomial_log_upper(k, 1000, chance[c]);
            assert_near(poisbin_log_upper(k, p, 1000), up, 1e-12 * fmax(1, fabs(up)));
        }
    }
}

static void a_chance_outside_zero_and_one_has_no_law(void **state)
{
    (void)state;
    assert_true(isnan(poisbin_log_upper(1, (const double[]){.5, 1.1}, 2)));
    assert_true(isnan(poisbin_logpmf(1, (const double[]){NAN}, 1)));
    assert_true(poisbin_log_upper(0, NULL, 0) == 0);
    assert_true(poisbin_log_upper(1, NULL, 0) == -INFINITY);
    assert_true(poisbin_logpmf(0, NULL, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tail_of_r_is_met_to_fifteen_digits),
        cmocka_unit_test(deep_tails_agree_with_exact_fractions),
        cmocka_unit_test(settled_trials_shift_the_law_and_its_tail_stays_exact),
        cmocka_unit_test(equal_chances_are_the_binomial_law),
        cmocka_unit_test(a_chance_outside_zero_and_one_has_no_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
