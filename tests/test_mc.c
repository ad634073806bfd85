/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/mc.h"
#include "stats/rng.h"

static struct mc count(const double *replicates, size_t n, double observed, uint32_t stop_at)
{
    struct mc mc = {.max = (uint32_t)n, .stop_at = stop_at};
    for (size_t i = 0; i < n && mc_add(&mc, replicates[i], observed); i++)
        ;
    return mc;
}

static void ties_and_failed_replicates_count_against_the_claim(void **state)
{
    (void)state;
    const double replicates[] = {1, 2.5, 2.4, NAN, 7, -3, 0, 0, 0};
    struct mc mc = count(replicates, 9, 2.5, 0);
    assert_int_equal(mc.exceed, 3); /* 2.5, NAN, 7 */
    assert_int_equal(mc.equal, 1);
    assert_close(mc_p(&mc), 4 / 10., 1e-15);
    assert_close(mc_midp(&mc), 3 / 10., 1e-15); /* 2 + 1/2 + 1/2 of 10 */
    mc = count(replicates, 9, NAN, 0);
    assert_true(mc_p(&mc) == 1);
}

static void p_is_never_zero(void **state)
{
    (void)state;
    const double replicates[] = {1, 2, 3};
    struct mc mc = count(replicates, 3, 10, 0), none = {.max = 99};
    assert_close(mc_p(&mc), .25, 1e-15);
    assert_close(mc_p(&mc), mc_floor(3), 1e-15);
    assert_close(mc_floor(999), .001, 1e-15);
    assert_true(mc_p(&none) == 1);
}

static void an_early_stop_gives_stops_over_replicates(void **state)
{
    (void)state;
    const double replicates[] = {5, 1, 1, 5, 1, 1, 5, 5, 5};
    struct mc mc = count(replicates, 9, 5, 3);
    assert_int_equal(mc.replicates, 7);
    assert_close(mc_p(&mc), 3 / 7., 1e-15);
    mc = count(replicates, 9, 6, 3); /* never stopped */
    assert_int_equal(mc.replicates, 9);
    assert_close(mc_p(&mc), 1 / 10., 1e-15);
}

/* R: binom.test(4, 999, conf.level = .99)$conf.int */
static void the_interval_is_that_of_clopper_and_pearson(void **state)
{
    (void)state;
    struct mc mc = {.replicates = 999, .exceed = 4, .max = 999};
    double lo, hi;
    mc_interval(&mc, &lo, &hi);
    assert_close(lo, 0.00067366473784217, 1e-10);
    assert_close(hi, 0.012552575983027, 1e-10);
}

/* Besag & Clifford: P(p <= a) <= a. The observed value and the replicates are of
 * one law; 20,000 runs, four standard errors. */
static void a_sequential_p_is_valid(void **state)
{
    (void)state;
    enum { RUNS = 20000 };
    const double levels[] = {.01, .05, .2};
    int below[3] = {0};
    double cost = 0;
    for (uint32_t run = 0; run < RUNS; run++) {
        struct rng r;
        rng_stream(&r, 3, RNG_VALIDATE, 1, run);
        double observed = rng_unit(&r);
        struct mc mc = {.stop_at = 10, .max = 999};
        while (mc_add(&mc, rng_unit(&r), observed))
            ;
        cost += mc.replicates;
        for (int i = 0; i < 3; i++)
            below[i] += mc_p(&mc) <= levels[i];
    }
    for (int i = 0; i < 3; i++) {
        double se = sqrt(levels[i] * (1 - levels[i]) / RUNS);
        assert_near(below[i] / (double)RUNS, levels[i], 4 * se);
    }
    /* methods.md G9: h (1 + ln(m/h)) = 56 replicates, not 999 */
    assert_near(cost / RUNS, 10 * (1 + log(99.9)), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ties_and_failed_replicates_count_against_the_claim),
        cmocka_unit_test(p_is_never_zero),
        cmocka_unit_test(an_early_stop_gives_stops_over_replicates),
        cmocka_unit_test(the_interval_is_that_of_clopper_and_pearson),
        cmocka_unit_test(a_sequential_p_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
