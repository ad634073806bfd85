/* SPDX-License-Identifier: GPL-3.0-or-later
 * Numbers from R's surveillance 1.20.3 under R 4.2.2; hourly.csv is simulated. */
#include "tests/check.h"

#include "stats/glm.h"
#include "stats/rng.h"
#include "stats/score.h"

enum { HOURS = 1344 };

/* glm.nb and glm(poisson) of y ~ h + w + tr; calibrationTest(y, fitted, theta, which =
 * "dss"); pit of 10 bins by its formula (oracle.R) */
static void calibration_and_pit_of_a_fit_agree_with_r(void **state)
{
    (void)state;
    static const double pit_r[] = {
        .0977021597673, .0974972335252, .1009141552177, .1065734932432, .1081829271905,
        .0961324341677, .0955993849639, .0936948406158, .0998001051219, .1039032661867};
    static double y[HOURS], one[HOURS], trend[HOURS];
    static uint16_t hod[HOURS], dow[HOURS];
    double pit[SCORE_BINS];
    FILE *f = fopen("tests/data/oracle/hourly.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < HOURS; i++) {
        unsigned t, h, w;
        assert_int_equal(fscanf(f, "%u,%u,%u,%lf%*[^\n]", &t, &h, &w, &y[i]), 4);
        hod[i] = (uint16_t)h, dow[i] = (uint16_t)w;
        trend[i] = t / (double)HOURS;
        one[i] = 1;
    }
    fclose(f);
    struct glm_design d = {.n = HOURS,
                           .nfactors = 2,
                           .level = {hod, dow},
                           .nlevels = {24, 7},
                           .ncovariates = 1,
                           .covariate = {trend}};
    struct glm *g = glm_new();
    assert_int_equal(glm_fit(g, y, one, &d, GLM_NEGBIN, NULL), 0);
    assert_close(score_calibration_z(y, g->mu, g->theta, HOURS), .361615483558, 1e-6);
    score_pit(y, g->mu, g->theta, HOURS, pit);
    for (int k = 0; k < SCORE_BINS; k++)
        assert_near(pit[k], pit_r[k], 1e-9);
    assert_int_equal(glm_fit(g, y, one, &d, GLM_POISSON, NULL), 0);
    assert_close(score_calibration_z(y, g->mu, INFINITY, HOURS), 32.0465973461, 1e-8);
    glm_free(g);
}

static void residuals_of_the_true_law_are_standard_normal_and_independent(void **state)
{
    (void)state;
    enum { N = 20000 };
    static double y[N], mu[N], z[N];
    struct rng r;
    rng_stream(&r, 9, RNG_VALIDATE, 21, 0);
    for (int i = 0; i < N; i++) {
        mu[i] = i % 7 ? .3 : 0; /* without exposure every seventh */
        y[i] = i % 7 ? (double)rng_negbin(&r, .3, .5) : 0;
    }
    score_residuals(y, mu, .5, N, &r, z);
    double sum = 0, squares = 0, n = 0;
    for (int i = 0; i < N; i++) {
        assert_true(isnan(z[i]) == (i % 7 == 0));
        if (i % 7) {
            sum += z[i];
            squares += z[i] * z[i];
            n++;
        }
    }
    assert_near(sum / n, 0, 4 / sqrt(n));
    assert_near(squares / n, 1, 4 * sqrt(2 / n));
    size_t pairs;
    assert_near(score_autocorrelation(z, N, 24, &pairs), 0, 4 / sqrt(n));
    assert_in_range(pairs, 12000, N);
}

static void a_rhythm_that_was_left_out_shows_at_its_lag(void **state)
{
    (void)state;
    enum { N = 24 * 50 };
    double y[N], mu[N], z[N];
    struct rng r;
    rng_stream(&r, 9, RNG_VALIDATE, 22, 0);
    for (int i = 0; i < N; i++) {
        mu[i] = 2;
        y[i] = (double)rng_poisson(&r, 2 + 1.5 * cos(2 * M_PI * i / 24));
    }
    score_residuals(y, mu, INFINITY, N, &r, z);
    assert_true(score_autocorrelation(z, N, 24, NULL) > .2);
    assert_true(score_autocorrelation(z, N, 12, NULL) < -.2);
    assert_true(isnan(score_autocorrelation(z, N, N - 5, NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calibration_and_pit_of_a_fit_agree_with_r),
        cmocka_unit_test(residuals_of_the_true_law_are_standard_normal_and_independent),
        cmocka_unit_test(a_rhythm_that_was_left_out_shows_at_its_lag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
