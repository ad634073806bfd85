/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hourly.csv is simulated; numbers by pscl 1.5.5 under R 4.2.2 (reltol = 1e-14), formula
 * yz ~ I(dow >= 5) + tr | 1, tr = t/1344, unless said otherwise.
 */
#include "tests/check.h"

#include "stats/counts.h"
#include "stats/rng.h"

enum { HOURS = 1344 };

struct hourly {
    double y[HOURS], yz[HOURS], weekend[HOURS], trend[HOURS], one[HOURS];
};

static int start(void **state)
{
    struct hourly *d = malloc(sizeof *d);
    FILE *f = fopen("tests/data/oracle/hourly.csv", "r");
    if (!d || !f || fscanf(f, "%*[^\n]") != 0)
        return -1;
    for (int i = 0; i < HOURS; i++) {
        unsigned t, hod, dow;
        double yp, y2;
        if (fscanf(f, "%u,%u,%u,%lf,%lf,%lf,%lf", &t, &hod, &dow, &d->y[i], &d->yz[i], &yp,
                   &y2) != 7)
            return -1;
        d->weekend[i] = dow >= 5;
        d->trend[i] = t / (double)HOURS;
        d->one[i] = 1;
    }
    fclose(f);
    *state = d;
    return 0;
}

static int end(void **state)
{
    free(*state);
    return 0;
}

static struct glm_design weekend_trend(const struct hourly *d)
{
    return (struct glm_design){
        .n = HOURS, .ncovariates = 2, .covariate = {d->weekend, d->trend}};
}

static void check_fit(const struct hourly *d, const double *y, enum counts_law law,
                      const double coef[3], double zero, double theta, double loglik,
                      double rel)
{
    struct glm_design design = weekend_trend(d);
    struct counts_fit f;
    struct err err;
    if (counts_fit(&f, y, d->one, &design, law, &err) < 0)
        fail_msg("%s", err.msg);
    for (int k = 0; k < 3; k++)
        assert_close(f.beta[k], coef[k], rel);
    if (!isnan(zero) && !isnan(f.zero))
        assert_close(f.zero, zero, rel);
    if (!isinf(theta))
        assert_close(f.theta, theta, rel);
    assert_close(f.loglik, loglik, 2e-12);
    assert_int_equal(f.used, HOURS);
}

/* zeroinfl(dist = "negbin") and (dist = "poisson"). R's search stops when the likelihood
 * no longer moves, with 6 digits of the coefficients: SciPy 1.10.1, Newton with central
 * differences of nbinom.pmf from there, goes on to the figures of the third row. */
static void zero_inflated_fits_agree_with_r(void **state)
{
    const struct hourly *d = *state;
    check_fit(d, d->yz, COUNTS_ZINB, (double[]){.550828518558, -.756322315042, .433911836592},
              -1.986379017886, .786541493380, -2264.700773578881, 2e-7);
    check_fit(d, d->yz, COUNTS_ZINB,
              (double[]){.5508285053095878, -.7563223163565372, .4339118296821892},
              -1.9863790164999393, .7865414842528343, -2264.700773578881, 1e-9);
    check_fit(d, d->yz, COUNTS_ZIP, (double[]){.990861862842, -.633303626464, .338379238804},
              -.301232098517, INFINITY, -2470.629522940384, 2e-6);
}

/* hurdle(dist = "negbin") and (dist = "poisson") */
static void hurdle_fits_agree_with_r(void **state)
{
    const struct hourly *d = *state;
    check_fit(d, d->yz, COUNTS_HURDLE_NB,
              (double[]){.556178280634, -.693292107145, .424036864823}, .0982933497246,
              .805303401988, -2279.79325805, 2e-6);
    check_fit(d, d->yz, COUNTS_HURDLE_NB,
              (double[]){.5561781949623166, -.6932920668690671, .42403689914970716}, NAN,
              .8053032859755455, -2279.79325805, 1e-8);
    check_fit(d, d->yz, COUNTS_HURDLE_POISSON,
              (double[]){.9980846396463, -.5540470676729, .3184941937175}, .09829334972445,
              INFINITY, -2481.315483722, 2e-6);
}

/* statsmodels 0.13.5 NegativeBinomial(y, X, loglike_method="nb1"), method newton; its
 * alpha is phi - 1. */
static void an_nb1_fit_agrees_with_statsmodels(void **state)
{
    const struct hourly *d = *state;
    check_fit(d, d->y, COUNTS_NB1,
              (double[]){.7297149793075435, -.6270821328914433, .31395346343541203}, NAN,
              2.9239670038522687, -2580.611509854997, 1e-8);
    struct glm_design design = weekend_trend(d);
    struct counts_fit f;
    assert_int_equal(counts_fit(&f, d->y, d->one, &design, COUNTS_NB1, NULL), 0);
    assert_close(f.se[1], .07333400966753219, 1e-6);
}

/* R: p <- glm(yz ~ I(dow >= 5) + tr, poisson); p0 <- exp(-fitted(p));
 * sum(((y == 0) - p0)/p0)^2/(sum((1 - p0)/p0) - sum(y)) */
static void the_score_test_for_zeros_agrees_with_its_formula_in_r(void **state)
{
    const struct hourly *d = *state;
    struct glm_design design = weekend_trend(d);
    struct glm *g = glm_new();
    double z, log_p;
    assert_int_equal(glm_fit(g, d->yz, d->one, &design, GLM_POISSON, NULL), 0);
    counts_zero_score(d->yz, g->mu, HOURS, &z, &log_p);
    assert_close(z * z, 1007.757656128, 1e-9);
    assert_true(z > 0 && log_p < -500);
    glm_free(g);
}

static void exposure_moves_the_mean_and_rows_without_it_are_left_out(void **state)
{
    const struct hourly *d = *state;
    double hours[HOURS];
    struct glm_design design = weekend_trend(d);
    struct counts_fit all, twice;
    for (int i = 0; i < HOURS; i++)
        hours[i] = 2;
    assert_int_equal(counts_fit(&all, d->yz, d->one, &design, COUNTS_ZINB, NULL), 0);
    assert_int_equal(counts_fit(&twice, d->yz, hours, &design, COUNTS_ZINB, NULL), 0);
    assert_near(twice.beta[0], all.beta[0] - log(2), 1e-7);
    assert_close(twice.loglik, all.loglik, 1e-11);
    hours[7] = 0;
    assert_int_equal(counts_fit(&twice, d->yz, hours, &design, COUNTS_ZINB, NULL), 0);
    assert_int_equal(twice.used, HOURS - 1);
}

static void without_a_zero_there_is_no_part_for_zeros(void **state)
{
    const struct hourly *d = *state;
    struct glm_design design = weekend_trend(d);
    struct counts_fit f;
    struct err err;
    assert_fails(ERR_DEGENERATE, "with and without",
                 counts_fit(&f, d->one, d->one, &design, COUNTS_ZIP, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_inflated_fits_agree_with_r),
        cmocka_unit_test(hurdle_fits_agree_with_r),
        cmocka_unit_test(an_nb1_fit_agrees_with_statsmodels),
        cmocka_unit_test(the_score_test_for_zeros_agrees_with_its_formula_in_r),
        cmocka_unit_test(exposure_moves_the_mean_and_rows_without_it_are_left_out),
        cmocka_unit_test(without_a_zero_there_is_no_part_for_zeros),
    };
    return cmocka_run_group_tests(tests, start, end);
}
