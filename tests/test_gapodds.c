/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "models/gapodds.h"
#include "stats/marginal.h"

/* k successes of n, prior uniform: the integral of u^k (1 - u)^(n - k) is B(k + 1, n - k + 1).
 */
struct binomial {
    double k, n;
};

static double binomial_loglik(const void *ctx, const double *u, double floor)
{
    (void)floor;
    const struct binomial *b = ctx;
    return b->k * log(u[0]) + (b->n - b->k) * log1p(-u[0]);
}

static void three_ways_give_the_beta_function(void **state)
{
    (void)state;
    const struct binomial b = {7, 20};
    const struct marginal_target t = {binomial_loglik, &b, 1, {2000}};
    double mode[MARGINAL_D], at = .4, below, se, truth = lgamma(8) + lgamma(14) - lgamma(22);
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 1, 0);
    assert_close(marginal_grid(&t, mode, &at, &below), truth, 1e-6);
    assert_true(fabs(mode[0] - .35) < 1e-3);
    /* SciPy 1.10: beta.cdf(.4, 8, 14) */
    assert_close(below, 0.6504599686903496, 1e-4);
    double importance = marginal_importance(&t, mode, 20000, &r, &se);
    assert_true(se < .02 && fabs(importance - truth) < 4 * se + 1e-3);
    assert_true(fabs(marginal_bridge(&t, mode, 20000, &r) - truth) < .03);
}

/* A product of normal laws cut to the cube, of which the narrow one lies between mid-points of
 * the first grid; below the floor it says nothing. */
static const double peak_at[] = {.5003, .37, .8}, peak_sd[] = {.0003, .04, .5};

static double peak_loglik(const void *ctx, const double *u, double floor)
{
    double sum = 0;
    (void)ctx;
    for (int k = 0; k < 3; k++) {
        double z = (u[k] - peak_at[k]) / peak_sd[k];
        sum -= z * z / 2;
    }
    return sum > floor ? sum : -INFINITY;
}

static void a_narrow_peak_is_integrated_to_a_hundredth_by_few_cells(void **state)
{
    (void)state;
    const struct marginal_target t = {peak_loglik, NULL, 3, {1000, 10, 2}};
    double mode[MARGINAL_D], truth = 0;
    for (int k = 0; k < 3; k++)
        truth += log(peak_sd[k] * sqrt(2 * M_PI) / 2 *
                     (erf((1 - peak_at[k]) / peak_sd[k] / M_SQRT2) +
                      erf(peak_at[k] / peak_sd[k] / M_SQRT2)));
    assert_near(marginal_grid(&t, mode, NULL, NULL), truth, .01);
    assert_near(mode[0], .5003, .0003);
}

/* A memoryless model in closed form: n gaps with excess sum E, lambda fixed at 1, would be
 * exp(-E); the grid is the mean of lambda^n e^(-lambda E) over the prior, by SciPy 1.10:
 * quad(lambda u: (10**(-1+2.5*u))**5 * exp(-10**(-1+2.5*u)*4), 0, 1) = .00407126141497723. */
static void demand_of_five_gaps_is_that_of_quadrature(void **state)
{
    (void)state;
    const double gap[] = {1.5 * 3600, 2 * 3600, 1.25 * 3600, 3 * 3600, 1.25 * 3600};
    struct gapodds o;
    struct rng r;
    rng_stream(&r, 2, RNG_VALIDATE, 1, 0);
    gapodds(gap, 5, 3600, 0, &r, &o);
    assert_close(o.log_demand, log(.00407126141497723), 1e-4);
    assert_true(!o.computed && isnan(o.bridge));
}

static void
a_timer_and_a_cache_are_told_apart_by_twenty_gaps_and_the_three_ways_agree(void **state)
{
    (void)state;
    const double u_timer[] = {.5, .3, .3}, u_demand[] = {.5};
    double gap[20];
    struct gapodds o;
    struct rng r;
    rng_stream(&r, 3, RNG_VALIDATE, 1, 0);
    gapodds_draw(true, u_timer, 3600, &r, gap, 20);
    gapodds(gap, 20, 3600, 4000, &r, &o);
    assert_true(o.log_factor > log(1000) && o.computed);
    gapodds_draw(false, u_demand, 3600, &r, gap, 20);
    gapodds(gap, 20, 3600, 4000, &r, &o);
    assert_true(o.log_factor < -log(10));
}

static void a_gap_below_the_ttl_refutes_both(void **state)
{
    (void)state;
    const double gap[] = {4000, 5000, 3000, 7000, 9000};
    struct gapodds o;
    struct rng r;
    rng_stream(&r, 4, RNG_VALIDATE, 1, 0);
    gapodds(gap, 5, 3600, 100, &r, &o);
    assert_true(isinf(o.log_demand) && isinf(o.log_timer) && isnan(o.log_factor) &&
                !o.computed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_ways_give_the_beta_function),
        cmocka_unit_test(a_narrow_peak_is_integrated_to_a_hundredth_by_few_cells),
        cmocka_unit_test(demand_of_five_gaps_is_that_of_quadrature),
        cmocka_unit_test(
            a_timer_and_a_cache_are_told_apart_by_twenty_gaps_and_the_three_ways_agree),
        cmocka_unit_test(a_gap_below_the_ttl_refutes_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
