/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * salmnewport.csv: weekly counts of Salmonella Newport in Germany (SurvStat, Robert Koch
 * Institute), data(salmNewport) of R's surveillance 1.20.3 summed over states. Numbers
 * are farringtonFlexible's of that program under R 4.2.2 with glm.control(epsilon =
 * 1e-15): by default R stops earlier, and its phi is off by up to 7e-6 of itself.
 */
#include "tests/check.h"

#include "stats/spread.h"
#include "stats/rng.h"
#include "stats/rolling.h"
#include "stats/tail.h"

enum { WEEKS = 528, FIRST = 499, TESTED = 11 }; /* R's range = 500:510 */

static void read_weeks(double y[WEEKS])
{
    FILE *f = fopen("tests/data/oracle/salmnewport.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < WEEKS; i++)
        assert_int_equal(fscanf(f, "%lf", &y[i]), 1);
    fclose(f);
}

/* b = 4, w = 3, alpha = .01, limit54 = c(5, 4); R steps back by dates, a year being
 * 365.25/7 weeks. */
static struct rolling_opts newport(const struct rolling_opts *form)
{
    struct rolling_opts o = *form;
    o.period = 365.25 / 7;
    o.back = 4;
    o.alpha = .01;
    o.least_events = 5;
    return o;
}

/* What R gives for the eleven weeks; phi NULL: not compared. */
struct expected {
    double upper[TESTED], p[TESTED];
    const double *phi, *mu;
};

static void check_newport(const struct rolling_opts *form, const struct expected *e)
{
    double y[WEEKS];
    read_weeks(y);
    struct glm *g = glm_new();
    struct rolling_opts o = newport(form);
    for (size_t i = 0; i < TESTED; i++) {
        struct rolling r;
        struct err err;
        if (rolling_test(&r, g, y, NULL, FIRST + i, &o, &err) < 0)
            fail_msg("%s", err.msg);
        if (isnan(e->upper[i]))
            assert_true(isnan(r.upper));
        else
            assert_close(r.upper, e->upper[i], 5e-9);
        assert_close(exp(r.log_p), e->p[i], 1e-8);
        if (e->phi) {
            assert_close(r.phi, e->phi[i], 1e-8);
            assert_close(r.expected, e->mu[i], 1e-9);
        }
    }
    glm_free(g);
}

/* noPeriods = 10, weightsThreshold = 2.58, pastWeeksNotIncluded = 26,
 * pThresholdTrend = 1, thresholdMethod = "nbPlugin" */
static void noufailys_limits_are_those_of_r(void **state)
{
    (void)state;
    static const double phi[] = {1.86081037546, 1.84160869635, 1.54610639479, 1.62385257228,
                                 1.80554022576, 1.91932914839, 1.91144074294, 1.59028270191,
                                 1.70089044666, 1.80755977275, 1.92582338810};
    static const double mu[] = {2.77769408375, 3.07117175103, 3.21958924606, 3.60623020332,
                                3.17086144545, 3.50019142215, 3.22270654755, 3.07433610199,
                                3.05777498506, 3.62437952914, 3.87945523571};
    check_newport(&rolling_noufaily,
                  &(struct expected){{NAN, NAN, 10, NAN, 10, 11, 11, 10, 10, 11, 12},
                                     {1, .892291440158, .569534217276, 1, .730709411703,
                                      .588652562936, .728192634531, .226957056957,
                                      .528557469878, .789130374365, .157944628940},
                                     phi,
                                     mu});
}

/* the same, thresholdMethod = "muan" */
static void limits_with_the_error_of_the_mean_are_those_of_r(void **state)
{
    (void)state;
    check_newport(&rolling_muan,
                  &(struct expected){{NAN, NAN, 12, NAN, 13, 14, 13, 12, 12, 14, 15},
                                     {1, .954392709644, .744401048871, 1, .859808171826,
                                      .763428624017, .862828311356, .403591175392,
                                      .711408265994, .902519119530, .316421092609},
                                     NULL,
                                     NULL});
}

/* noPeriods = 1, weightsThreshold = 1, pastWeeksNotIncluded = 3, pThresholdTrend = .05,
 * thresholdMethod = "delta" */
static void farringtons_limits_are_those_of_r(void **state)
{
    (void)state;
    check_newport(
        &rolling_farrington,
        &(struct expected){{NAN, NAN, 6.53971990969, NAN, 6.53950152977, 6.80133794634,
                            6.38468433326, 6.31872060567, 6.55068988712, 7.36762429005,
                            8.31150444543},
                           {.9727559218286, .8004749894951, .3149791883422, .9894107263107,
                            .5635059323951, .3518544142548, .5409856379852, .0466943878400,
                            .2946829270650, .5849151015348, .0304932813517},
                           NULL,
                           NULL});
}

static void variance_is_a_multiple_of_the_mean(void **state)
{
    (void)state;
    double sum = 0, mean = 0, squares = 0;
    for (uint64_t k = 0; k < 400; k++) {
        double p = exp(spread_logpmf(k, 5, 2.5));
        sum += p;
        mean += (double)k * p;
        squares += (double)(k * k) * p;
    }
    assert_near(sum, 1, 1e-12);
    assert_near(mean, 5, 1e-11);
    assert_near(squares - mean * mean, 12.5, 1e-9);
    assert_close(spread_logpmf(7, 5, 1), poisson_logpmf(7, 5), 1e-15);
    assert_close(spread_log_upper(7, 5, 2.5), negbin_log_upper(7, 5, 5 / 1.5), 1e-15);
}

/* With phi all but known and mean ln-normal, the predictive tail is an integral:
 * scipy.integrate.quad of nbinom.sf(11, m/(phi-1), 1/phi) x normal density of ln m. */
static void the_predictive_law_carries_the_error_of_the_mean(void **state)
{
    (void)state;
    struct spread_posterior p = {.mode = 2};
    double upper, pmf, sum = 0;
    for (int k = 0; k < SPREAD_POINTS; k++) {
        p.phi[k] = 2;
        p.weight[k] = 1. / SPREAD_POINTS;
    }
    spread_predict(&p, log(5), .2 / sqrt(2), 12, &upper, &pmf);
    assert_close(exp(upper), 0.0479377805783, 1e-7);
    for (uint64_t k = 0; k < 200; k++) {
        spread_predict(&p, log(5), .2 / sqrt(2), k, &upper, &pmf);
        sum += exp(pmf);
    }
    assert_near(sum, 1, 1e-9);
}

/* 2000 counts of mean 3 and variance 3 phi: the mode is near phi, and a law without
 * excess has its mode near 1. */
static void the_dispersion_is_found_with_its_error(void **state)
{
    (void)state;
    enum { N = 2000 };
    const double truth[] = {1, 1.3, 3};
    double y[N], mu[N];
    for (uint32_t k = 0; k < 3; k++) {
        struct rng r;
        struct spread_posterior p;
        rng_stream(&r, 5, RNG_VALIDATE, 11, k);
        for (int i = 0; i < N; i++) {
            mu[i] = 3;
            y[i] = (double)(k ? rng_negbin(&r, 3, 3 / (truth[k] - 1)) : rng_poisson(&r, 3));
        }
        spread_posterior(y, mu, NULL, N, 1, &p);
        assert_near(p.mode, truth[k], .1 * truth[k]);
        double mean = 0, square = 0;
        for (int i = 0; i < SPREAD_POINTS; i++) {
            mean += p.weight[i] * p.phi[i];
            square += p.weight[i] * p.phi[i] * p.phi[i];
        }
        /* a variance of 2000 counts has a relative error of sqrt(2/2000) = .03 and more */
        assert_near(sqrt(square - mean * mean) / truth[k], .045, .035);
    }
}

/* Three years of quiet weeks, then a count: the limit is where p crosses alpha. */
static void the_limit_is_the_least_count_whose_excess_is_rare(void **state)
{
    (void)state;
    enum { N = 312 };
    double y[N], hours[N];
    struct rng r;
    struct rolling a, b;
    struct glm *g = glm_new();
    struct rolling_opts o = rolling_calibrated;
    rng_stream(&r, 6, RNG_VALIDATE, 12, 0);
    for (int i = 0; i < N; i++) {
        hours[i] = 7 * 24;
        y[i] = (double)rng_poisson(&r, 2);
    }
    assert_int_equal(rolling_test(&a, g, y, NULL, N - 1, &o, NULL), 0);
    for (int above = 0; above < 2; above++) {
        y[N - 1] = a.upper + above;
        assert_int_equal(rolling_test(&b, g, y, NULL, N - 1, &o, NULL), 0);
        assert_near(b.upper, a.upper, 0); /* the tested count is not its own baseline */
        assert_true((exp(b.log_p) <= o.alpha) == (above == 1));
    }
    assert_int_equal(rolling_test(&b, g, y, hours, N - 1, &o, NULL), 0);
    assert_close(b.expected, a.expected, 1e-9); /* equal exposures cancel */
    glm_free(g);
}

static void a_series_too_short_or_a_bucket_not_at_risk_is_refused(void **state)
{
    (void)state;
    double y[300] = {0}, hours[300] = {0};
    struct glm *g = glm_new();
    struct rolling r;
    struct err err;
    assert_fails(ERR_DEGENERATE, "expected 263 buckets before",
                 rolling_test(&r, g, y, NULL, 200, &rolling_calibrated, &err));
    assert_fails(ERR_DEGENERATE, "expected exposure",
                 rolling_test(&r, g, y, hours, 290, &rolling_calibrated, &err));
    assert_fails(ERR_DEGENERATE, "found none",
                 rolling_test(&r, g, y, NULL, 290, &rolling_calibrated, &err));
    glm_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noufailys_limits_are_those_of_r),
        cmocka_unit_test(limits_with_the_error_of_the_mean_are_those_of_r),
        cmocka_unit_test(farringtons_limits_are_those_of_r),
        cmocka_unit_test(variance_is_a_multiple_of_the_mean),
        cmocka_unit_test(the_predictive_law_carries_the_error_of_the_mean),
        cmocka_unit_test(the_dispersion_is_found_with_its_error),
        cmocka_unit_test(the_limit_is_the_least_count_whose_excess_is_rare),
        cmocka_unit_test(a_series_too_short_or_a_bucket_not_at_risk_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
