/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/period.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { EVENTS = 294 };

static void events_read(double *ret)
{
    FILE *f = fopen("tests/data/oracle/events.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < EVENTS; i++)
        assert_int_equal(fscanf(f, "%lf", &ret[i]), 1);
    fclose(f);
}

/* R 4.2.2, circular 0.4-95: th <- circular(2*pi*(ev %% 3600)/3600); rayleigh.test(th)
 * gives Rbar .793385411615 = sqrt(z/2n) and p 4.25473121928e-81; kuiper.test(th)
 * 13.0279706943447. Z2 and H by their formulas in R; ln p of Z2 by SciPy 1.10.1
 * chi2.logsf. */
static void phases_agree_with_r_circular(void **state)
{
    (void)state;
    double t[EVENTS], z[PERIOD_H_MAX], log_p;
    size_t harmonics;
    events_read(t);
    period_powers(t, EVENTS, 1.0 / 3600, 1, 0, PERIOD_H_MAX, z);
    assert_close(sqrt(z[0] / (2 * EVENTS)), .793385411615, 1e-11);
    assert_close(period_z2(z, 1, &log_p), 370.122721881388, 1e-12);
    assert_close(exp(log_p), 4.25473121928e-81, 1e-10);
    assert_close(period_z2(z, 2, &log_p), 740.0545955940345, 1e-12);
    assert_close(log_p, -364.1110221581489, 1e-12);
    assert_close(period_h(z, PERIOD_H_MAX, &harmonics, &log_p), 4317.47424255249, 1e-12);
    assert_int_equal(harmonics, 20);
    assert_close(log_p, -.4 * 4317.47424255249, 1e-12);
    assert_close(period_kuiper(t, EVENTS, 1.0 / 3600, &log_p), 13.0279706943447, 1e-12);
}

/* Far out the first term of the series is the whole of it; near even phases p is 1. */
static void the_tail_of_kuiper_is_stephens(void **state)
{
    (void)state;
    double t[EVENTS], log_p;
    events_read(t);
    double v = period_kuiper(t, EVENTS, 1.0 / 3600, &log_p);
    assert_close(log_p, log(2 * (4 * v * v - 1)) - 2 * v * v, 1e-12);
    const double even[] = {.05, .15, .25, .35, .45, .55, .65, .75, .85, .95};
    period_kuiper(even, 10, 1, &log_p);
    assert_true(log_p == 0);
}

/* s(f) of (f, lambda, dead) in 30 digits by mpmath 1.2. */
static void the_factor_of_a_dead_time_agrees_with_mpmath(void **state)
{
    (void)state;
    assert_close(period_dead_factor(.25, 3, 1), 0.082543366786133277, 1e-13);
    assert_close(period_dead_factor(.5, 10, 1), 0.024079864169266822, 1e-13);
    assert_close(period_dead_factor(10 / 11., 10, 1), 12.484316677872636, 1e-13);
    assert_close(period_dead_factor(.75, 3, 1), 1.8610539904511092, 1e-13);
    assert_close(period_dead_factor(1, 10, 1), 1, 1e-13); /* at 1/dead it is 1 */
    assert_true(period_dead_factor(.3, 3, 0) == 1);
}

static void a_spectrum_is_the_power_at_each_frequency_of_the_grid(void **state)
{
    (void)state;
    double t[EVENTS], power[1000], z;
    events_read(t);
    struct period_grid g = period_grid_make(1e-4, 6e-4, 1209600, 4, 1000);
    assert_int_equal(g.n, 1000); /* 2420 would be asked for */
    assert_close(period_frequency(&g, 999), 6e-4, 1e-12);
    period_spectrum(t, EVENTS, &g, 3e-4, 1800, power);
    for (size_t i = 0; i < g.n; i += 111) {
        period_powers(t, EVENTS, period_frequency(&g, i), 3e-4, 1800, 1, &z);
        assert_near(power[i], z / 2, 1e-9 * (1 + z));
    }
    g = period_grid_make(1 / 3600. - 2e-6, 1 / 3600. + 2e-6, 1209600, 20, 1000);
    period_spectrum(t, EVENTS, &g, 1, 0, power);
    assert_near(1 / period_frequency(&g, period_best(power, g.n)), 3600, 1);
}

/* The same sums, made by FFT in blocks; the second grid, of as much, is made step by step. */
static void a_long_spectrum_is_the_power_at_each_frequency_too(void **state)
{
    enum { LONG = 30000, FIRST = 16000, SOME = 2000 };
    (void)state;
    double t[EVENTS], *power = test_malloc(LONG * sizeof *power), some[SOME], z;
    events_read(t);
    struct period_grid g = period_grid_upto(1e-4, 1, 1209600, 4, LONG);
    assert_int_equal(g.n, LONG); /* 4,837,916 would be asked for */
    assert_close(g.step, 1 / (4 * 1209600.), 1e-15);
    period_spectrum(t, EVENTS, &g, 3e-4, 1800, power);
    struct period_grid part = {period_frequency(&g, FIRST), g.step, SOME};
    period_spectrum(t, EVENTS, &part, 3e-4, 1800, some);
    for (size_t i = 0; i < SOME; i++)
        assert_near(power[FIRST + i], some[i], 1e-8 * (1 + some[i]));
    for (size_t i = 7; i < LONG; i += 1111) {
        period_powers(t, EVENTS, period_frequency(&g, i), 3e-4, 1800, 1, &z);
        assert_near(power[i], z / 2, 1e-8 * (1 + z));
    }
    test_free(power);
}

static void crossings_are_counted_upwards_only(void **state)
{
    (void)state;
    const double power[] = {0, 2, 3, .5, 1, .2, 4};
    assert_int_equal(period_upcrossings(power, 7, 1), 3);
    assert_int_equal(period_upcrossings(power, 7, 5), 0);
    assert_int_equal(period_best(power, 7), 6);
}

/* p <= e^-12 + 40 sqrt(12) e^-11, by hand. */
static void the_price_of_a_search_is_that_of_gross_and_vitells(void **state)
{
    (void)state;
    assert_close(period_search_log_p(12, 40, 1), log(exp(-12) + 40 * sqrt(12) * exp(-11)),
                 1e-13);
    assert_close(period_search_log_p(12, 0, 1), -12, 1e-13);
    assert_true(period_search_log_p(.5, 40, 1) == 0);
    assert_true(period_search_log_p(3, 40, 1) == 0);
}

enum { HOURS = 1344 };

static void hourly_read(double *ret)
{
    FILE *f = fopen("tests/data/oracle/hourly.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < HOURS; i++)
        assert_int_equal(fscanf(f, "%*d,%*d,%*d,%lf,%*[^\n]", &ret[i]), 1);
    fclose(f);
}

/* A foil. astropy 5.2.1: LombScargle(t, y).power(1/24) = .111761298976 is the largest over
 * k/1344 (by its fast method, six digits), its false alarm probability 1.9e-31: the daily
 * rhythm of a series without any timer. Given the hour of the day nothing is left of it: the
 * same power of what remains after the mean of each hour is 0. */
static void a_periodogram_takes_the_hours_of_the_day_for_a_timer(void **state)
{
    (void)state;
    double y[HOURS], mean = 0, square = 0, hour[24] = {0}, left = 0, c = 0, s = 0;
    hourly_read(y);
    for (int i = 0; i < HOURS; i++) {
        mean += y[i] / HOURS;
        hour[i % 24] += y[i] / (HOURS / 24);
    }
    for (int i = 0; i < HOURS; i++) {
        square += (y[i] - mean) * (y[i] - mean);
        c += (y[i] - mean) * cos(2 * M_PI * i / 24);
        s += (y[i] - mean) * sin(2 * M_PI * i / 24);
        left += (y[i] - hour[i % 24]) * cos(2 * M_PI * i / 24);
    }
    double power = 2 * (c * c + s * s) / (HOURS * square);
    assert_close(power, .111761298976, 3e-6);
    assert_true(.5 * (HOURS - 3) * log1p(-power) + log(HOURS / 2) < log(1e-29));
    assert_near(left, 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_agree_with_r_circular),
        cmocka_unit_test(the_tail_of_kuiper_is_stephens),
        cmocka_unit_test(the_factor_of_a_dead_time_agrees_with_mpmath),
        cmocka_unit_test(a_spectrum_is_the_power_at_each_frequency_of_the_grid),
        cmocka_unit_test(a_long_spectrum_is_the_power_at_each_frequency_too),
        cmocka_unit_test(crossings_are_counted_upwards_only),
        cmocka_unit_test(a_periodogram_takes_the_hours_of_the_day_for_a_timer),
        cmocka_unit_test(the_price_of_a_search_is_that_of_gross_and_vitells),
    };
    return cmocka_run_group_tests_name("period", tests, NULL, NULL);
}
