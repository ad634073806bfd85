/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reference numbers: R 4.2.2 (uniroot, ppois, pnbinom, optim, rbeta with 4e6 draws), and
 * methods.md section 7 for the table of 2016. */
#include "stats/odds.h"
#include "stats/tail.h"
#include "stats/unseen.h"
#include "tests/check.h"

/* uniroot(function(l) l/(1-exp(-l)) - mean) */
static void rate_of_a_truncated_mean(void **state)
{
    (void)state;
    assert_close(truncated_rate(1.4), .71541565036283, 1e-9);
    assert_close(truncated_rate(7 / 6.), .31664999051204, 1e-9);
    assert_close(truncated_rate(40), 40, 1e-12);
    assert_true(truncated_rate(1) == 0);
}

/* ppois(4, 1.3, lower=F) / (1 - exp(-1.3)); pnbinom(9, size=.7, mu=1.3, lower=F) / P(N >= 1) */
static void tail_among_the_listed_is_larger_than_among_all(void **state)
{
    (void)state;
    assert_close(truncated_log_upper(5, 1.3, INFINITY), -4.2227873240912, 1e-11);
    assert_close(truncated_log_upper(10, 1.3, .7), -4.3456386978846, 1e-11);
    assert_true(truncated_log_upper(1, 1.3, INFINITY) == 0);
    assert_true(truncated_log_upper(5, .1, INFINITY) - poisson_log_upper(5, .1) > log(10));
}

/* optim over -sum(dnbinom(x, size, mu=, log=T) - log(1 - dnbinom(0, ...))) */
static void truncated_negative_binomial_is_fitted_as_by_r(void **state)
{
    (void)state;
    static const uint64_t runs[][2] = {{1, 12}, {2, 9}, {3, 8}, {4, 6}, {5, 3},
                                       {6, 2},  {7, 1}, {9, 1}, {12, 1}};
    uint64_t x[64];
    size_t n = 0;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        for (uint64_t k = 0; k < runs[i][1]; k++)
            x[n++] = runs[i][0];
    struct truncated f = truncated_fit(x, n);
    assert_near(f.loglik, -83.282503682, 1e-7);
    assert_close(f.mu, 2.456580784, 1e-4);
    assert_close(f.theta, 1.916350629, 1e-3);
}

static void counts_of_one_fit_any_small_mean(void **state)
{
    (void)state;
    const uint64_t ones[3] = {1, 1, 1};
    struct truncated f = truncated_fit(ones, 3);
    assert_true(f.mu == 0);
    assert_true(isinf(truncated_log_upper(2, f.mu, f.theta)));
}

static void draws_follow_the_truncated_law(void **state)
{
    (void)state;
    static const struct {
        double mu, theta;
    } laws[] = {{1.3, .7}, {.02, INFINITY}, {4, INFINITY}};
    for (size_t i = 0; i < 3; i++) {
        struct rng r;
        rng_stream(&r, 3, RNG_VALIDATE, i, 0);
        double sum = 0, zero = isinf(laws[i].theta)
                                   ? exp(-laws[i].mu)
                                   : exp(-laws[i].theta * log1p(laws[i].mu / laws[i].theta));
        for (int k = 0; k < 20000; k++)
            sum += (double)truncated_draw(&r, laws[i].mu, laws[i].theta);
        assert_close(sum / 20000, laws[i].mu / (1 - zero), .04);
    }
}

/* The table of 2016: 1,422 + 1,395 + 729 by three, 2 + 1 + 1 + 1 + 1 + 1 by six others. */
static const uint64_t table[] = {1422, 1395, 729, 2, 1, 1, 1, 1, 1};

static void worked_figures_of_the_table_of_2016(void **state)
{
    (void)state;
    struct unseen u = unseen_make(table, 9, 0, NULL);
    assert_int_equal(u.total, 3553);
    assert_close(u.chao1, 5, 1e-12);
    assert_close(u.good_turing, 5 / 3553., 1e-12); /* .14 % */
    double lo, hi;
    binomial_interval(3546, 3553, .95, &lo, &hi);
    assert_near(100 * lo, 99.594494, 1e-6); /* binom.test: 99.59 to 99.92 */
    assert_near(100 * hi, 99.920754, 1e-6);
    assert_near(100 * share_tipping(3546, 7, .5), .20, .005);
    assert_near(100 * share_tipping(3546, 7, .9), 1.8, .05);
    assert_near(share_weighted(3546, 7, 1, share_tipping(3546, 7, .9)), .9, 1e-12);
}

static void upper_bound_of_the_unseen_lies_above_the_estimate(void **state)
{
    (void)state;
    struct rng r;
    rng_stream(&r, 1, RNG_BOOTSTRAP, 1, 0);
    struct unseen u = unseen_make(table, 9, 999, &r);
    assert_true(u.good_turing_high > u.good_turing);
    assert_true(u.good_turing_high < .005);
}

/* rbeta: 40.5, 8.5; coverage 9, 1 and 3, 3: quantiles .4028 .7263 .8848 */
static void share_with_uncertain_coverage_is_that_of_r(void **state)
{
    (void)state;
    struct rng r;
    rng_stream(&r, 5, RNG_BOOTSTRAP, 1, 0);
    const struct share_beta c = {9, 1, 3, 3};
    double median, lo, hi;
    share_posterior(40, 8, &c, 200000, .95, &r, &median, &lo, &hi);
    assert_near(median, .726257, .004);
    assert_near(lo, .402778, .01);
    assert_near(hi, .884773, .004);
}

/* 100,000 organisations, one in a million matches by chance; exact fractions. */
static void a_rare_match_among_many_is_not_proof(void **state)
{
    (void)state;
    struct odds_question q = {100000, 1e-4, 1, NAN, 1};
    struct odds_answer a = odds_answer_of(&q);
    assert_close(a.innocent_matches, 10, 1e-12);
    assert_close(a.island, 1 / 11., 1e-12);
    assert_close(a.posterior, 1 / 11., 1e-9); /* prior 1/(M+1): the same question */
    assert_close(a.any_innocent, 1 - pow(1 - 1e-4, 1e5), 1e-9);
    q.prior = .5;
    assert_close(odds_answer_of(&q).posterior, 10000 / 10001., 1e-12);
}

static void two_ratios_of_a_search_agree_with_their_own_priors(void **state)
{
    (void)state;
    struct odds_question q = {1000000, 1e-6, 1, NAN, 5000};
    struct odds_answer a = odds_answer_of(&q);
    assert_close(a.suspect_lr, 1e6, 1e-12);
    assert_close(a.search_lr, 200, 1e-12);
    assert_close(a.search_posterior_odds, a.suspect_posterior_odds, 1e-12);
    /* 1 of 1,000,001 before; 5,000 looked at, so 995,001 remain beside it */
    assert_close(a.suspect_posterior_odds, 1e6 / 995001., 1e-9);
}

/* By Bayes' rule over 1,000 units, one of which is it, in exact fractions (Python's Fraction):
 * the first matched, N - 1 others did not; sums over which is it of pi s (1-p)^(N-1), for one
 * of the others pi (1-s) p (1-p)^(N-2), for one outside pi p (1-p)^(N-1). "One of the N" had
 * s/(N p): .5 with odds of 2 after it, and .2 with .2. */
static void one_that_did_not_match_may_still_be_it(void **state)
{
    (void)state;
    struct odds_answer a = odds_answer_of(&(struct odds_question){999, 1e-3, .5, NAN, 1000});
    assert_close(a.suspect_posterior_odds, 1, 1e-9); /* 1 where a miss cleared: infinite */
    assert_close(a.search_lr, 1, 1e-12);
    assert_true(isinf(a.search_prior_odds) && isinf(a.search_posterior_odds));
    a = odds_answer_of(&(struct odds_question){999, 1e-3, .1, NAN, 500});
    assert_close(a.suspect_posterior_odds, 111 / 1054., 1e-9);
    assert_close(a.search_lr, 1220 / 1110., 1e-9);
    assert_close(a.search_prior_odds, 1, 1e-12);
    assert_close(a.search_posterior_odds, 1220 / 1110., 1e-9);
    a = odds_answer_of(&(struct odds_question){999, 1e-3, 1, NAN, 1000}); /* a miss clears */
    assert_true(isinf(a.suspect_posterior_odds) && isinf(a.search_posterior_odds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_of_a_truncated_mean),
        cmocka_unit_test(tail_among_the_listed_is_larger_than_among_all),
        cmocka_unit_test(truncated_negative_binomial_is_fitted_as_by_r),
        cmocka_unit_test(counts_of_one_fit_any_small_mean),
        cmocka_unit_test(draws_follow_the_truncated_law),
        cmocka_unit_test(worked_figures_of_the_table_of_2016),
        cmocka_unit_test(upper_bound_of_the_unseen_lies_above_the_estimate),
        cmocka_unit_test(share_with_uncertain_coverage_is_that_of_r),
        cmocka_unit_test(a_rare_match_among_many_is_not_proof),
        cmocka_unit_test(two_ratios_of_a_search_agree_with_their_own_priors),
        cmocka_unit_test(one_that_did_not_match_may_still_be_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
