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

/* SciPy 1.10.1: sums of gamma.pdf and norm.pdf over turns; the turn that passes the TTL
 * by integrate.quad over where the one before ended, turns 2 to 4. */
static void densities_agree_with_scipy(void **state)
{
    (void)state;
    assert_close(gaplaw_lost(9000, TTL, 1 / 1200., .3), -9.640324914244554, 1e-12);
    assert_close(gaplaw_sleep(7100, 3500, 40, .2), -8.349473041346892, 1e-12);
    assert_close(cached(4400, 0), -6.80795464668482, 1e-9);
    assert_close(cached(3650, 0), -8.757143882550416, 1e-9);
    assert_close(cached(5200, 0), -8.993979522034099, 1e-8);
}

/* Over all gaps a density is 1; five misses lost in a row (.2^5) are left out. */
static void densities_hold_all_the_mass(void **state)
{
    (void)state;
    double lost = 0, sleep = 0, behind = 0, step = 5;
    for (double g = 2; g < 60000; g += step) {
        lost += step * exp(gaplaw_lost(g, TTL, 1 / 1200., .2));
        sleep += step * exp(gaplaw_sleep(g, 1500, 200, .2));
        behind += step * exp(cached(g, .2));
    }
    assert_near(lost, 1, 2e-3); /* starts 2 s before the TTL */
    assert_near(sleep, 1, 1e-6);
    assert_near(behind, 1, 1e-3);
}

static void what_cannot_be_has_the_least_density(void **state)
{
    (void)state;
    assert_true(gaplaw_lost(3000, TTL, 1 / 1200., .2) == -700);
    assert_true(cached(3000, .2) == -700);
    assert_true(gaplaw_sleep(100, 3600, 10, .2) == -700);
    assert_true(gaplaw_lost(3599, TTL, 1 / 1200., .2) > -8); /* a second early, by the clock */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_agree_with_scipy),
        cmocka_unit_test(densities_hold_all_the_mass),
        cmocka_unit_test(what_cannot_be_has_the_least_density),
    };
    return cmocka_run_group_tests_name("gaplaw", tests, NULL, NULL);
}
