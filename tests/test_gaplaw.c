/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/gaplaw.h"
#include "tests/check.h"

enum { TTL = 3600 };

static double cached(double gap, double q)
{
    struct gaplaw_turns law;
    gaplaw_turns_make(&law, TTL, 1500, 200, q);
    return gaplaw_sleep_cached(&law, gap);
}

static double lost(double gap, double dead, double lambda, double q)
{
    struct gaplaw_lost l = gaplaw_lost_make(dead, lambda, q);
    return gaplaw_lost(&l, gap);
}

/* SciPy 1.10.1: sums of gamma.pdf and norm.pdf over turns; the turn that passes the TTL
 * by integrate.quad over where the one before ended, turns 2 to 4. */
static void densities_agree_with_scipy(void **state)
{
    (void)state;
    assert_close(lost(9000, TTL, 1 / 1200., .3), -9.640324914244554, 1e-12);
    assert_close(gaplaw_sleep(7100, 3500, 40, .2), -8.349473041346892, 1e-12);
    assert_close(cached(4400, 0), -6.80795464668482, 1e-9);
    assert_close(cached(3650, 0), -8.757143882550416, 1e-9);
    assert_close(cached(5200, 0), -8.993979522034099, 1e-8);
}

static double shorter(double gap, double dead, double lambda, double q)
{
    struct gaplaw_lost l = gaplaw_lost_make(dead, lambda, q);
    return gaplaw_lost_below(&l, gap);
}

/* mpmath 1.2, 40 digits: sums of up to 1,400 gamma densities, and of gammainc. */
static void far_beyond_the_dead_time_the_lost_are_their_own_tail(void **state)
{
    (void)state;
    assert_close(lost(900, 5, 1 / 100., .9), -7.80834963005064286, 1e-13);
    assert_close(lost(101, 5, 1 / 5., .95), -5.7747397256857113, 1e-13);
    assert_close(lost(7000, 5, 1 / 60., .95), -12.5673283482985057, 1e-12);
    assert_close(lost(120, 5, 1 / 1800., .01), -7.56886837430604698, 1e-13);
    assert_close(shorter(900, 5, 1 / 100., .9), .575343340908173115, 1e-12);
    assert_close(shorter(101, 5, 1 / 5., .95), .390733550199149632, 1e-12);
    assert_close(shorter(7000, 5, 1 / 60., .95), .99548757511781708, 1e-12);
    assert_close(shorter(99.999999, 5, 1 / 100., .9), shorter(100.000001, 5, 1 / 100., .9),
                 1e-7);
}

/* Over all gaps a density is 1; five misses lost in a row (.2^5) are left out. */
static void densities_hold_all_the_mass(void **state)
{
    (void)state;
    double seen = 0, sleep = 0, behind = 0, step = 5;
    for (double g = 2; g < 60000; g += step) {
        seen += step * exp(lost(g, TTL, 1 / 1200., .2));
        sleep += step * exp(gaplaw_sleep(g, 1500, 200, .2));
        behind += step * exp(cached(g, .2));
    }
    assert_near(seen, 1, 2e-3); /* starts 2 s before the TTL */
    assert_near(sleep, 1, 1e-6);
    assert_near(behind, 1, 1e-3);
}

static void what_cannot_be_has_the_least_density(void **state)
{
    (void)state;
    assert_true(lost(3000, TTL, 1 / 1200., .2) == -700);
    assert_true(cached(3000, .2) == -700);
    assert_true(gaplaw_sleep(100, 3600, 10, .2) == -700);
    assert_true(lost(3599, TTL, 1 / 1200., .2) > -8); /* a second early, by the clock */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_agree_with_scipy),
        cmocka_unit_test(far_beyond_the_dead_time_the_lost_are_their_own_tail),
        cmocka_unit_test(densities_hold_all_the_mass),
        cmocka_unit_test(what_cannot_be_has_the_least_density),
    };
    return cmocka_run_group_tests_name("gaplaw", tests, NULL, NULL);
}
