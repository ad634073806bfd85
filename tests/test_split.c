/* SPDX-License-Identifier: GPL-3.0-or-later
 * hourly.csv is simulated; numbers for it are from R 4.2.2 (oracle.R). */
#include "stats/rng.h"
#include "tests/check.h"

#include "stats/clustered.h"
#include "stats/split.h"

enum { HOURS = 1344 };

static void hourly_poisson(double *y)
{
    FILE *f = fopen("tests/data/oracle/hourly.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < HOURS; i++)
        assert_int_equal(fscanf(f, "%*u,%*u,%*u,%*f,%*f,%lf,%*f", &y[i]), 1);
    fclose(f);
}

/* R: S<-cumsum(d$yp);N<-1344;k<-1:(N-1);a<-S[k];b<-S[N]-a; L<-a*log(a/k)+b*log(b/(N-k))-
 * S[N]*log(S[N]/N); c(2*max(L),which.max(L)) */
static void the_largest_ratio_of_two_rates_is_that_of_r(void **state)
{
    (void)state;
    static double y[HOURS], e[HOURS];
    struct split_best s;
    hourly_poisson(y);
    for (int i = 0; i < HOURS; i++)
        e[i] = 1;
    split_scan(&s, y, e, HOURS, 1, HOURS - 1);
    assert_near(s.lr, 28.0079763592, 5e-11);
    assert_int_equal(s.at, 680);
    assert_true(split_lr(y, e, HOURS, 680) == s.lr);
    for (int i = 0; i < HOURS; i++)
        e[i] = 7; /* the unit of exposure is of no matter */
    split_scan(&s, y, e, HOURS, 1, HOURS - 1);
    assert_near(s.lr, 28.0079763592, 5e-11);
}

/* 4 and 8 in equal times: 2 (4 ln 4 + 8 ln 8 - 12 ln 6) = 1.3591... by hand. Exposure that
 * explains the counts leaves no ratio; time without data is nobody's silence. */
static void exposure_takes_its_part_of_a_change(void **state)
{
    (void)state;
    const double y[] = {4, 8}, same[] = {1, 1}, twice[] = {1, 2};
    const double gap[] = {3, 0, 0, 3}, live[] = {1, 0, 0, 1};
    struct split_best s;
    split_scan(&s, y, same, 2, 1, 1);
    assert_close(s.lr, 2 * (4 * log(4) + 8 * log(8) - 12 * log(6)), 1e-14);
    assert_true(s.before == 4 && s.after == 8);
    split_scan(&s, y, twice, 2, 1, 1);
    assert_near(s.lr, 0, 1e-14);
    split_scan(&s, gap, live, 4, 1, 3);
    assert_near(s.lr, 0, 1e-14);
    const double none[] = {0, 0};
    split_scan(&s, none, same, 2, 1, 1);
    assert_true(isnan(s.lr));
    split_scan(&s, y, none, 2, 1, 1);
    assert_true(isnan(s.lr));
}

/* A change that is counted twice is no clustering; one level of two is: then each event
 * counts for less. */
static void clustering_divides_the_ratio(void **state)
{
    (void)state;
    double y[200], e[200], mu[200];
    struct split_best s;
    for (int i = 0; i < 200; i++) {
        e[i] = 1;
        y[i] = (i < 100 ? 10 : 30) * (i / 10 % 2 ? 1.5 : .5); /* runs of ten */
    }
    split_scan(&s, y, e, 200, 20, 180);
    assert_int_equal(s.at, 110); /* or 90: after a low run */
    double t = split_studentised(&s, y, e, 200, mu);
    assert_true(t < s.lr / 10);
    for (int i = 0; i < 200; i++)
        y[i] = i < 100 ? 10 : 30; /* no scatter at all: phi is kept at its least */
    split_scan(&s, y, e, 200, 20, 180);
    assert_int_equal(s.at, 100);
    assert_close(split_studentised(&s, y, e, 200, mu), s.lr / SPLIT_LEAST_PHI, 1e-12);
}

/* --- counts whose rate wanders -------------------------------------------------------- */

enum { LONG = 200000 };

/* Mean mu, variance mu + mu^2 (e^s2 - 1), covariance at lag k mu^2 (e^{s2 rho^k} - 1). */
static void drawn_counts_have_the_stated_moments_and_are_fitted_back(void **state)
{
    (void)state;
    double *y = malloc(2 * LONG * sizeof *y), *mu = y + LONG, mean = 0, var = 0, cov = 0;
    const struct clustered c = {.s2 = .4, .rho = .6};
    struct clustered f;
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 1, 1);
    for (int i = 0; i < LONG; i++)
        mu[i] = 5;
    clustered_draw(&c, mu, LONG, &r, y);
    for (int i = 0; i < LONG; i++)
        mean += y[i] / LONG;
    for (int i = 3; i < LONG; i++) {
        var += (y[i] - mean) * (y[i] - mean) / LONG;
        cov += (y[i] - mean) * (y[i - 3] - mean) / LONG;
    }
    assert_near(mean, 5, .06);
    assert_near(var, 5 + 25 * expm1(.4), .8);
    assert_near(cov, 25 * expm1(.4 * .216), .5);
    clustered_fit(&f, y, mu, LONG, 0);
    assert_near(f.s2, .4, .02);
    assert_near(f.rho, .6, .03);
    const struct clustered poisson = {0, 0};
    clustered_draw(&poisson, mu, LONG, &r, y);
    clustered_fit(&f, y, mu, LONG, 0);
    assert_true(f.s2 < .003);
    for (int i = 0; i < 100; i++)
        y[i] = 5; /* less scatter than Poisson's is none */
    clustered_fit(&f, y, mu, 100, 1);
    assert_true(f.s2 == 0 && f.rho == 0);
    free(y);
}

/* 28 and 14 even cells, lags 1 to 3 with weights 3/4, 1/2, 1/4: of 42,
 * 40 - 2 (3/4 (27/28 + 13/14) + 1/2 (26/28 + 12/14) + 1/4 (25/28 + 11/14)) = 34.5357...; and on
 * average so much of independent cells' scatter is seen. */
static void the_fit_of_both_rates_hides_a_known_part_of_the_dispersion(void **state)
{
    (void)state;
    enum { N = 42, AT = 28, LOGS = 4000 };
    double y[N], e[N], mu[N], seen = 0;
    struct rng r;
    rng_stream(&r, 43, RNG_SIMULATE, 0, 1);
    for (size_t i = 0; i < N; i++)
        e[i] = mu[i] = 1;
    double shown = split_phi_shown(mu, N, AT);
    assert_close(shown, 967. / 28 / 42, 1e-12);
    for (int log = 0; log < LOGS; log++) {
        struct split_best s = {.lr = 1, .at = AT};
        for (size_t i = 0; i < N; i++) {
            y[i] = (double)rng_poisson(&r, 100);
            s.before += i < AT ? y[i] / AT : 0;
            s.after += i < AT ? 0 : y[i] / (N - AT);
        }
        double phi = 1 / split_studentised(&s, y, e, N, mu);
        seen += phi / LOGS;
    }
    assert_near(seen, shown, .04); /* a phi below SPLIT_LEAST_PHI is read as that */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fit_of_both_rates_hides_a_known_part_of_the_dispersion),
        cmocka_unit_test(the_largest_ratio_of_two_rates_is_that_of_r),
        cmocka_unit_test(exposure_takes_its_part_of_a_change),
        cmocka_unit_test(clustering_divides_the_ratio),
        cmocka_unit_test(drawn_counts_have_the_stated_moments_and_are_fitted_back),
    };
    return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
