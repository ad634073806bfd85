/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/lr.h"
#include "stats/rng.h"

/* R 4.2.2: isoreg(c(.1,.4,.2,.8,.7), c(0,1,0,1,0))$yf, in the order of x: 0 0 .5 .5 1 of
 * labels 0 0 1 0 1 sorted by score. */
static void isotonic_regression_agrees_with_r(void **state)
{
    (void)state;
    const double y[] = {0, 0, 1, 0, 1}, w[] = {1, 1, 1, 1, 1}, want[] = {0, 0, .5, .5, 1};
    double got[5];
    lr_pav(y, w, 5, got);
    for (int i = 0; i < 5; i++)
        assert_close(got[i], want[i], 1e-15);
}

/* R 4.2.2: lr1 <- c(12,3,.5,40); lr0 <- c(.1,.3,2,.05);
 * .5*(mean(log2(1+1/lr1)) + mean(log2(1+lr0))) */
static void cllr_agrees_with_r(void **state)
{
    (void)state;
    const double yes[] = {log(12), log(3), log(.5), log(40)};
    const double no[] = {log(.1), log(.3), log(2), log(.05)};
    const struct lr_set s = {yes, no, 4, 4};
    assert_close(lr_cllr(&s), .540308512846, 1e-11);
}

static void ratios_of_one_have_a_cllr_of_one_and_perfect_ones_of_none(void **state)
{
    (void)state;
    const double one[] = {0, 0}, large[] = {800, 900}, small[] = {-800, -900};
    assert_close(lr_cllr(&(struct lr_set){one, one, 2, 2}), 1, 1e-15);
    assert_true(lr_cllr(&(struct lr_set){large, small, 2, 2}) < 1e-12);
    assert_true(lr_cllr(&(struct lr_set){small, large, 2, 2}) > 1000);
    assert_close(lr_cllr_min(&(struct lr_set){large, small, 2, 2}), 0, 1e-15);
    assert_close(lr_cllr_min(&(struct lr_set){one, one, 2, 2}), 1, 1e-15);
    assert_close(lr_cllr_min(&(struct lr_set){small, large, 2, 2}), 1, 1e-12);
}

/* Scores N(+-1, 1): the true ln LR is 2 x, so a = 0 and b = 2; Cllr of the truth is
 * E log2(1 + e^(-2X)), X ~ N(1,1) = .51406 (SciPy 1.10 quad: 0.5140558458670648). */
static void calibration_finds_the_ratio_of_two_normal_laws(void **state)
{
    (void)state;
    enum { N = 20000 };
    double *yes = calloc(N, sizeof *yes), *no = calloc(N, sizeof *no);
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 7, 0);
    for (int i = 0; i < N; i++) {
        yes[i] = rng_normal(&r) + 1;
        no[i] = rng_normal(&r) - 1;
    }
    struct lr_set s = {yes, no, N, N};
    struct lr_line l = lr_calibrate(&s);
    assert_true(fabs(l.a) < .05 && fabs(l.b - 2) < .08);
    for (int i = 0; i < N; i++) {
        yes[i] = l.a + l.b * yes[i];
        no[i] = l.a + l.b * no[i];
    }
    assert_true(fabs(lr_cllr(&s) - .5140558) < .01);
    double least = lr_cllr_min(&s);
    assert_true(least <= lr_cllr(&s) && lr_cllr(&s) - least < .01);
    free(yes);
    free(no);
}

/* statsmodels 0.13.5, GLM(Binomial, freq_weights): no ridge; ours is one of 2 n. */
static void calibration_of_a_score_that_points_the_wrong_way_says_nothing(void **state)
{
    (void)state;
    const double low[] = {-2, -1, -3}, high[] = {1, 2, 3};
    struct lr_line wrong = lr_calibrate(&(struct lr_set){low, high, 3, 3});
    assert_true(wrong.a == 0 && wrong.b == 0);
    struct lr_line right = lr_calibrate(&(struct lr_set){high, low, 3, 3});
    assert_true(right.b > 0 && isfinite(right.b)); /* separated, and finite */
    struct lr_line flat = lr_calibrate(&(struct lr_set){low, low, 3, 3});
    assert_true(fabs(flat.a) < 1e-9 && fabs(flat.b) < 1e-9);
}

static void a_mimic_takes_from_a_ratio_for_and_bounds_one_against(void **state)
{
    (void)state;
    assert_close(lr_mimic(log(1000), .5), log(500.5), 1e-13);
    assert_close(lr_mimic(log(1e-9), .5), log(.5 + .5e-9), 1e-13);
    assert_close(lr_mimic(2, 0), 2, 0);
    assert_close(lr_mimic(5000, .9), 5000 + log(.1), 1e-13);
}

static void words_follow_the_scale_in_both_directions(void **state)
{
    (void)state;
    assert_string_equal(lr_words(0), "none");
    assert_string_equal(lr_words(log(1.999)), "none"); /* ENFSI 2015: weak is 2 to 10 */
    assert_string_equal(lr_words(-log(2.001)), "weak");
    assert_string_equal(lr_words(log(5)), "weak");
    assert_string_equal(lr_words(-log(50)), "moderate");
    assert_string_equal(lr_words(log(500)), "moderately strong");
    assert_string_equal(lr_words(log(5000)), "strong");
    assert_string_equal(lr_words(-log(5e5)), "very strong");
    assert_string_equal(lr_words(log(5e6)), "extremely strong");
    assert_close(exp(lr_cap(300, 900)), 100, 1e-12);
    assert_close(lr_cap(2, 900), 0, 0);
}

/* Two centres at 0 and 10 in the first column; draws inside have covariance [[1,.5],[.5,1]].
 * At x = (0, 0) the density is half that of a normal: ln(.5 / (2 pi sqrt(.75))) = -2.3871,
 * but for (1 + 1/S) and the estimate. */
static void synthetic_likelihood_is_the_mean_over_centres(void **state)
{
    (void)state;
    enum { J = 2, S = 20000 };
    double *x = calloc(J * S * 2, sizeof *x), se;
    struct rng r;
    rng_stream(&r, 2, RNG_VALIDATE, 7, 0);
    for (int i = 0; i < J * S; i++) {
        double a = rng_normal(&r), b = rng_normal(&r);
        x[2 * i] = a + (i / S ? 10 : 0);
        x[2 * i + 1] = .5 * a + sqrt(.75) * b;
    }
    size_t flat;
    struct synth *s = synth_make(x, J, S, 2, &flat);
    assert_int_equal(flat, 2);
    assert_non_null(s);
    const double at[] = {0, 0};
    double both = synth_log_density(s, at, J, &se);
    assert_true(fabs(both + 2.3871) < .03);
    assert_close(se, 1, 1e-6); /* one centre carries all: the mean of two is +- itself */
    assert_true(fabs(synth_log_density(s, at, 1, NULL) - both - log(2)) < 1e-9);
    synth_free(s);
    for (int i = 0; i < J * S; i++)
        x[2 * i + 1] = 3;
    assert_null(synth_make(x, J, S, 2, &flat));
    assert_int_equal(flat, 1);
    free(x);
}

/* NumPy 1.24 and scipy.stats.multivariate_normal: Sigma pooled, its correlations times
 * .9495874, times 4/3; conditional means and covariances by numpy.linalg.inv. */
static void what_is_given_weighs_the_centres_and_moves_the_rest(void **state)
{
    (void)state;
    enum { J = 6, S = 3, D = 3 };
    double x[J * S * D], se;
    size_t flat;
    for (int i = 0; i < J * S; i++) {
        double u = sin(1.7 * i), v = cos(2.3 * i);
        x[D * i] = u;
        x[D * i + 1] = .5 * u + .5 * v + i / S / 2.;
        x[D * i + 2] = -.4 * u + .5 * sin(3.1 * i);
    }
    struct synth *s = synth_make(x, J, S, D, &flat);
    const double near[] = {.3, .8, 1.1}, far[] = {9, 2, -1};
    assert_close(synth_log_density(s, near, J, &se), -10.375297355206, 1e-10);
    assert_close(se, .448438240051, 1e-9);
    assert_close(synth_log_conditional(s, near, 1, &se), -9.451691666579, 1e-10);
    assert_close(se, .464835366343, 1e-9);
    assert_close(synth_log_conditional(s, near, 2, &se), -8.354384236064, 1e-10);
    assert_close(se, .467261785745, 1e-9);
    assert_close(synth_log_conditional(s, near, 0, &se), synth_log_density(s, near, J, NULL),
                 1e-12);
    /* 85 times as far as a number is from its centre: all centres count nearly alike */
    assert_close(synth_log_conditional(s, far, 1, &se), -47.071348384302, 1e-10);
    assert_close(se, .725690327039, 1e-9);
    synth_free(s);
}

/* By hand: two centres, one where the given number is and one where the rest is, each as far
 * from the other: half of the mean is of each, e is -1/2 and 1/2, their error sqrt(2 / 4 * 2).
 */
static void a_density_that_a_far_centre_makes_has_an_error(void **state)
{
    (void)state;
    const double x[] = {1, 0, -1, 0, 0, 1, 0, -1, 101, 100, 99, 100, 100, 101, 100, 99};
    const double between[] = {0, 100};
    double se;
    size_t flat;
    struct synth *s = synth_make(x, 2, 4, 2, &flat);
    double p = synth_log_conditional(s, between, 1, &se);
    assert_true(isfinite(p) && p < -1000);
    assert_close(se, 1, 1e-9);
    synth_free(s);
}

/* NumPy 1.24: the same penalised likelihood minimised by scipy.optimize, its Hessian by
 * differences, H^-1 (sum of g g') H^-1. */
static void the_line_has_the_error_of_a_sandwich(void **state)
{
    (void)state;
    const double yes[] = {2.1, .4, -.3, 1.7, 3, .9}, no[] = {-1.2, .6, -2, .1};
    struct lr_line l = lr_calibrate(&(struct lr_set){yes, no, 6, 4});
    assert_true(fabs(l.a + .25502405800) < 1e-7 && fabs(l.b - .7659139412) < 1e-7);
    assert_true(fabs(lr_line_se(&l, 0) - .6348775346) < 1e-5);
    assert_true(fabs(lr_line_se(&l, 1.5) - .6420159872) < 1e-5);
    assert_true(fabs(lr_line_se(&l, -2) - .7923881502) < 1e-5);
}

/* NumPy 1.24.2, SciPy 1.10.1, by hand: for each fold k, minimize (BFGS, then Nelder-Mead to
 * 1e-16) sum w logaddexp(0, -+(a + b z)) + b^2/(2 n) over the other folds, z the standardised
 * scores of those, w one half over the class; Cllr of a + b score of the fold's cases, all
 * folds pooled. Fitted to all and scored on the same: .6927242935934413. */
static void crossed_cllr_agrees_with_scipy(void **state)
{
    (void)state;
    const double yes[] = {2.1, .4, 1.7, -.3, .9, 3, 1.2, .1};
    const double no[] = {-1, .6, -2.2, .2, -.7, 1.1, -1.5, -.4};
    const struct lr_set s = {yes, no, 8, 8};
    double made[16];
    struct lr_line l = lr_calibrate(&s);
    for (int i = 0; i < 8; i++) {
        made[i] = l.a + l.b * yes[i];
        made[8 + i] = l.a + l.b * no[i];
    }
    assert_close(lr_cllr(&(struct lr_set){made, made + 8, 8, 8}), .6927242935934413, 1e-9);
    assert_close(lr_cllr_crossed(&s, 1, 8), .7414154944240755, 1e-8);
    assert_close(lr_cllr_crossed(&s, 2, 4), .7298449561965443, 1e-8);
    assert_close(lr_cllr_crossed(&s, 2, 2), .7705376831193211, 1e-8);
    assert_true(isnan(lr_cllr_crossed(&s, 8, 2)));
    assert_true(isnan(lr_cllr_crossed(&(struct lr_set){yes, no, 8, 0}, 1, 2)));
}

/* Scores that say nothing, and come in pairs that are nearly equal, as two logs of one draw:
 * what was fitted says that it knows something; so do folds that part the pairs; folds that
 * keep them do not: over three standard errors of 300 sets of 2 x 20. */
static void fitted_cllr_flatters_and_crossed_does_not_where_scores_say_nothing(void **state)
{
    (void)state;
    enum { SETS = 300, N = 20 };
    double fitted = 0, crossed = 0, parted = 0, squares[2] = {0}, v[2][N], made[2][N];
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 9, 0);
    for (int k = 0; k < SETS; k++) {
        for (int c = 0; c < 2; c++)
            for (int i = 0; i < N; i++)
                v[c][i] = i % 2 ? v[c][i - 1] + .1 * rng_normal(&r) : rng_normal(&r);
        const struct lr_set s = {v[0], v[1], N, N}, m = {made[0], made[1], N, N};
        struct lr_line l = lr_calibrate(&s);
        for (int c = 0; c < 2; c++)
            for (int i = 0; i < N; i++)
                made[c][i] = l.a + l.b * v[c][i];
        double a = lr_cllr(&m) - 1, b = lr_cllr_crossed(&s, 2, 10) - 1;
        fitted += a / SETS;
        crossed += b / SETS;
        parted += (lr_cllr_crossed(&s, 1, 10) - 1) / SETS;
        squares[0] += a * a;
        squares[1] += b * b;
    }
    assert_true(fitted < -3 * sqrt(squares[0]) / SETS);
    assert_true(crossed > -3 * sqrt(squares[1]) / SETS && crossed < .1);
    assert_true(parted < crossed - .01);
}

/* R 4.2.2: yes <- c(6,.4,1.5); no <- c(.2,2,.1,.7,1.5,.05); mean(yes<1), mean(no>1), mean(no);
 * b <- colMeans(matrix(no, 2)); sd(b)/sqrt(3). minCllr by isoreg of the labels in the order of
 * the ratios, those of ties averaged, yes taken twice, so that both classes weigh the same. */
static const double three[] = {6, .4, 1.5}, six[] = {.2, 2, .1, .7, 1.5, .05};

static struct lr_set logs_of(double *yes, double *no)
{
    for (int i = 0; i < 3; i++)
        yes[i] = log(three[i]);
    for (int i = 0; i < 6; i++)
        no[i] = log(six[i]);
    return (struct lr_set){yes, no, 3, 6};
}

static void rates_and_mean_of_misleading_ratios_and_the_least_cllr_agree_with_r(void **state)
{
    (void)state;
    double yes[3], no[6];
    struct lr_set s = logs_of(yes, no);
    struct lr_misled m = lr_misled(&s, 2);
    assert_close(m.yes, 1. / 3, 1e-15);
    assert_close(m.no, 1. / 3, 1e-15);
    assert_close(m.mean_no, .758333333333333, 1e-13);
    assert_close(m.mean_no_se, .202244351658527, 1e-13);
    assert_close(lr_cllr(&s), .806398206213928, 1e-13);
    assert_close(lr_cllr_min(&s), .574716412686647, 1e-13);
}

static void a_ratio_of_one_misleads_nobody(void **state)
{
    (void)state;
    const double one[] = {0, 0}, more[] = {1e-9, 0}, less[] = {0, -1e-9};
    struct lr_misled m = lr_misled(&(struct lr_set){one, one, 2, 2}, 1);
    assert_true(m.yes == 0 && m.no == 0 && m.mean_no == 1 && m.mean_no_se == 0);
    m = lr_misled(&(struct lr_set){less, more, 2, 2}, 1);
    assert_true(m.yes == .5 && m.no == .5);
}

/* ln LR is N(-.5, 1) where no is true: LR is log-normal of mean exp(-.5 + .5) = 1 and variance
 * e - 1, and misleads with probability P(x > 0) = .3085375 (R: pnorm(-.5)). */
static void true_ratios_have_mean_one_where_no_is_true_and_stretched_ones_have_not(void **state)
{
    (void)state;
    enum { N = 20000 };
    double *v = calloc(N, sizeof *v), se = sqrt((exp(1) - 1) / N);
    struct rng r;
    rng_stream(&r, 3, RNG_VALIDATE, 7, 0);
    for (int i = 0; i < N; i++)
        v[i] = rng_normal(&r) - .5;
    struct lr_set s = {v, v, N, N};
    struct lr_misled m = lr_misled(&s, 1);
    assert_true(fabs(m.mean_no - 1) < 4 * se && fabs(m.mean_no_se / se - 1) < .3);
    assert_true(fabs(m.no - .3085375) < 4 * sqrt(.3085375 * .6914625 / N));
    for (int i = 0; i < N; i++)
        v[i] *= 2; /* twice the slope: of mean e */
    m = lr_misled(&s, 1);
    assert_true(m.mean_no - 1 > 4 * m.mean_no_se);
    free(v);
}

/* R 4.2.2: 1 - ecdf(x)(x) at each x of six, and of 1:1000 at those that are taken. */
static void a_curve_of_tippett_is_one_less_the_empirical_law_at_its_own_values(void **state)
{
    (void)state;
    const double tied[] = {2, -1, 2, 0, 2}, all_one[] = {0, 0, 0};
    double x[1000], above[1000], many[1000];
    assert_int_equal(lr_tippett(six, 6, 200, x, above), 6);
    const double want_x[] = {.05, .1, .2, .7, 1.5, 2};
    for (int i = 0; i < 6; i++) {
        assert_true(x[i] == want_x[i]);
        assert_close(above[i], (5 - i) / 6., 1e-15);
    }
    assert_int_equal(lr_tippett(tied, 5, 200, x, above), 3);
    assert_true(x[2] == 2 && above[0] == .8 && above[1] == .6 && above[2] == 0);
    assert_int_equal(lr_tippett(all_one, 3, 200, x, above), 1);
    assert_true(x[0] == 0 && above[0] == 0);
    for (int i = 0; i < 1000; i++)
        many[i] = 1000 - i;
    assert_int_equal(lr_tippett(many, 1000, 101, x, above), 101);
    assert_true(x[0] == 1 && x[100] == 1000 && above[100] == 0);
    for (int i = 0; i < 101; i++)
        assert_close(above[i], (1000 - x[i]) / 1000, 1e-15);
}

/* By hand, norm.ppf(.975) = 1.959964 (SciPy 1.10.1): 500, with an error of a factor of 2, is
 * from 500 / 3.89 to 500 * 3.89. */
static void
an_interval_ends_at_the_cap_and_one_that_is_too_wide_says_what_would_do(void **state)
{
    (void)state;
    double lo, hi, ten = log(10);
    assert_close(lr_error(log(500), log(2), log(1e6), ten, &lo, &hi),
                 pow(2 * 1.959964 * log(2) / ten, 2), 1e-12);
    assert_close(exp(lo), 500 / 3.8905227070634507, 1e-6);
    assert_close(exp(hi), 500 * 3.8905227070634507, 1e-6);
    /* the same beneath a cap of 100: all of it lies there, and nothing is unsure */
    assert_true(lr_error(log(500), log(2), log(100), ten, &lo, &hi) == 1);
    assert_true(lo == log(100) && hi == log(100));
    /* 50, from 12.9 to the cap */
    assert_true(lr_error(log(50), log(2), log(100), ten, &lo, &hi) == 1);
    assert_close(exp(lo), 50 / 3.8905227070634507, 1e-6);
    assert_true(hi == log(100));
    assert_true(lr_error(-log(50), log(2), log(100), ten, &lo, &hi) == 1);
    assert_true(lo == -log(100));
    /* so many draws are just enough */
    double more = lr_error(.3, 1.5, log(100), ten, &lo, &hi);
    assert_true(more > 6 && lo < -2 && hi > 2);
    assert_true(lr_error(.3, 1.5 / sqrt(more * 1.0001), log(100), ten, &lo, &hi) == 1);
    assert_true(lr_error(.3, 1.5 / sqrt(more * .99), log(100), ten, &lo, &hi) > 1);
    assert_true(isinf(lr_error(1, NAN, log(100), ten, &lo, &hi)));
    assert_true(lo == -log(100) && hi == log(100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_interval_ends_at_the_cap_and_one_that_is_too_wide_says_what_would_do),
        cmocka_unit_test(isotonic_regression_agrees_with_r),
        cmocka_unit_test(cllr_agrees_with_r),
        cmocka_unit_test(ratios_of_one_have_a_cllr_of_one_and_perfect_ones_of_none),
        cmocka_unit_test(calibration_finds_the_ratio_of_two_normal_laws),
        cmocka_unit_test(calibration_of_a_score_that_points_the_wrong_way_says_nothing),
        cmocka_unit_test(a_mimic_takes_from_a_ratio_for_and_bounds_one_against),
        cmocka_unit_test(words_follow_the_scale_in_both_directions),
        cmocka_unit_test(synthetic_likelihood_is_the_mean_over_centres),
        cmocka_unit_test(what_is_given_weighs_the_centres_and_moves_the_rest),
        cmocka_unit_test(a_density_that_a_far_centre_makes_has_an_error),
        cmocka_unit_test(the_line_has_the_error_of_a_sandwich),
        cmocka_unit_test(crossed_cllr_agrees_with_scipy),
        cmocka_unit_test(rates_and_mean_of_misleading_ratios_and_the_least_cllr_agree_with_r),
        cmocka_unit_test(a_ratio_of_one_misleads_nobody),
        cmocka_unit_test(
            true_ratios_have_mean_one_where_no_is_true_and_stretched_ones_have_not),
        cmocka_unit_test(a_curve_of_tippett_is_one_less_the_empirical_law_at_its_own_values),
        cmocka_unit_test(fitted_cllr_flatters_and_crossed_does_not_where_scores_say_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
