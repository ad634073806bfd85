/* SPDX-License-Identifier: GPL-3.0-or-later
 * Laws of bouts against SciPy 1.10.1 and closed forms. */
#include "tests/check.h"

#include <stdlib.h>

#include "stats/bouts.h"
#include "stats/order.h"
#include "stats/rng.h"

static struct rng stream(uint32_t replicate)
{
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, rng_subject("bouts", 5), replicate);
    return r;
}

/* Points in order; *ret_gap: n gaps round the circle, times n. */
static size_t draw(const struct bouts *b, double mean, uint32_t replicate, double **ret,
                   double **ret_gap)
{
    struct rng r = stream(replicate);
    size_t n = bouts_draw(b, mean, &r, ret);
    order_sort(*ret, n);
    *ret_gap = malloc((n + 1) * sizeof **ret_gap);
    for (size_t i = 0; i < n; i++)
        (*ret_gap)[i] =
            (double)n * (i + 1 < n ? (*ret)[i + 1] - (*ret)[i] : 1 + (*ret)[0] - (*ret)[i]);
    return n;
}

static void moments(const double *v, size_t n, double *ret_mean, double *ret_sd)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - sum) * (v[i] - sum);
    *ret_mean = sum;
    *ret_sd = sqrt(squares / (double)n);
}

/* scipy.stats.lognorm(s): std() / mean() is 1.3108 at s = 1 and 2.9134 at 1.5; the largest
 * gaps, one in twenty, make 1 - norm.cdf(norm.ppf(.95) - s) = .2595 and .4424 of the time. */
static void gaps_are_log_normal_in_spread_tail_and_order(void **state)
{
    (void)state;
    enum { MEAN = 40000 };
    static const struct {
        double sigma, cv, top;
    } law[] = {{1, 1.3108324944320862, .2595110228414442},
               {1.5, 2.9133719014843478, .44241322025012353}};
    for (uint32_t k = 0; k < 2; k++) {
        double *at, *gap, mean, sd, log_mean, log_sd, top = 0, turns = 0;
        size_t n = draw(&(struct bouts){.sigma = law[k].sigma}, MEAN, k, &at, &gap);
        assert_true(n > MEAN - 5 * sqrt(MEAN) && n < MEAN + 5 * sqrt(MEAN));
        moments(gap, n, &mean, &sd);
        assert_close(sd / mean, law[k].cv, k ? .1 : .03);
        for (size_t i = 0; i < n; i++)
            gap[i] = log(gap[i]);
        moments(gap, n, &log_mean, &log_sd);
        assert_close(log_sd, law[k].sigma, .015);
        assert_near(log_mean, -law[k].sigma * law[k].sigma / 2, .05 * (k + 1)); /* mean 1 */
        for (size_t i = 0; i + 1 < n; i++)
            turns +=
                (gap[i] - log_mean) * (gap[i + 1] - log_mean) / log_sd / log_sd / (double)n;
        assert_near(turns, 0, 5 / sqrt((double)n));
        order_sort(gap, n);
        for (size_t i = n - n / 20; i < n; i++)
            top += exp(gap[i]) / (double)n;
        assert_close(top, law[k].top, .03);
        free(at);
        free(gap);
    }
}

/* mean and mean / (1 - branching)^2, of all; neighbouring gaps are alike. */
static void a_hawkes_process_has_the_number_that_clusters_give_it(void **state)
{
    (void)state;
    enum { MEAN = 500, DRAWS = 4000 };
    const struct bouts b = {.branching = .6, .delay = .002};
    double *number = malloc(DRAWS * sizeof *number), mean, sd;
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct rng r = stream(i);
        double *at;
        number[i] = (double)bouts_draw(&b, MEAN, &r, &at);
        for (size_t k = 0; k < (size_t)number[i]; k++)
            assert_true(at[k] >= 0 && at[k] < 1);
        free(at);
    }
    moments(number, DRAWS, &mean, &sd);
    double expected = sqrt(MEAN) / (1 - b.branching);
    assert_near(mean, MEAN, 4 * expected / sqrt(DRAWS));
    assert_close(sd, expected, .05); /* 4 standard errors: .045, and a skew */
    free(number);
}

/* Variance over mean in windows of .001, .005, .02 of 1000 points: m w + 2 integral of (w - u)
 * c(u), c(u) = m a (2 b - a) / (2 (b - a)) exp(-(b - a) u), b = 1 / delay, a = branching b
 * (Hawkes 1971), by scipy.integrate.quad. */
static void counts_of_a_hawkes_process_scatter_as_its_covariance_says(void **state)
{
    (void)state;
    enum { MEAN = 1000, DRAWS = 200 };
    static const struct {
        size_t windows;
        double fano;
    } want[] = {{1000, 1.4916822682970239}, {200, 2.9313670661500724}, {50, 4.961539276041464}};
    const struct bouts b = {.branching = .6, .delay = .002};
    for (size_t k = 0; k < 3; k++) {
        double squares = 0, expected = (double)MEAN / (double)want[k].windows;
        for (uint32_t i = 0; i < DRAWS; i++) {
            double *at, *gap, y[1000] = {0};
            size_t n = draw(&b, MEAN, i, &at, &gap);
            for (size_t j = 0; j < n; j++)
                y[(size_t)(at[j] * (double)want[k].windows)]++;
            for (size_t j = 0; j < want[k].windows; j++)
                squares += (y[j] - expected) * (y[j] - expected);
            free(at);
            free(gap);
        }
        assert_close(squares / (double)(DRAWS * want[k].windows) / expected, want[k].fano, .06);
    }
}

static void neighbouring_gaps_of_a_hawkes_process_are_alike(void **state)
{
    (void)state;
    double *at, *gap, mean, sd, turns = 0;
    const struct bouts b = {.branching = .6, .delay = .0002};
    size_t n = draw(&b, 2000, 7, &at, &gap);
    for (size_t i = 0; i < n; i++)
        gap[i] = log(gap[i] + 1e-9);
    moments(gap, n, &mean, &sd);
    for (size_t i = 0; i + 1 < n; i++)
        turns += (gap[i] - mean) * (gap[i + 1] - mean) / sd / sd / (double)n;
    assert_true(turns > 5 / sqrt((double)n));
    free(at);
    free(gap);
}

static void no_demand_gives_no_points(void **state)
{
    (void)state;
    const struct bouts laws[] = {{.sigma = 2}, {.branching = .9, .delay = .1}};
    for (size_t k = 0; k < 2; k++) {
        struct rng r = stream(0);
        double *at;
        assert_int_equal(bouts_draw(&laws[k], 0, &r, &at), 0);
        free(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_are_log_normal_in_spread_tail_and_order),
        cmocka_unit_test(a_hawkes_process_has_the_number_that_clusters_give_it),
        cmocka_unit_test(counts_of_a_hawkes_process_scatter_as_its_covariance_says),
        cmocka_unit_test(neighbouring_gaps_of_a_hawkes_process_are_alike),
        cmocka_unit_test(no_demand_gives_no_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
