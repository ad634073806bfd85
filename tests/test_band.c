/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/band.h"
#include "tests/check.h"

enum { MOST = 40 };

/* scipy.stats.kstwo.cdf(d, n), SciPy 1.10.1: Kolmogorov's band has the same probability. */
static void kolmogorovs_band_has_the_probability_that_scipy_gives(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        double d, p;
    } scipy[] = {{1, .7, .4},
                 {5, .4, .6912},
                 {10, .4, .9410107548},
                 {40, .2, .9295181238311581},
                 {40, .1, .21818902928170963}};
    double lo[MOST], hi[MOST];
    for (size_t k = 0; k < sizeof scipy / sizeof *scipy; k++) {
        size_t n = scipy[k].n;
        for (size_t i = 0; i < n; i++) {
            lo[i] = fmax(0, (double)(i + 1) / (double)n - scipy[k].d);
            hi[i] = fmin(1, (double)i / (double)n + scipy[k].d);
        }
        assert_close(band_inside(lo, hi, n), scipy[k].p, 1e-10);
    }
}

/* Two points: the integral of the triangle's part inside, solved with SciPy's quad and brentq.
 * One point: the interval itself. */
static void one_and_two_points_have_the_band_of_the_closed_form(void **state)
{
    (void)state;
    double lo[2], hi[2];
    assert_close(band_uniform(1, .95, lo, hi), .05, 1e-7);
    assert_close(lo[0], .025, 1e-7);
    assert_close(hi[0], .975, 1e-7);
    assert_close(band_uniform(2, .95, lo, hi), 0.026533154626900812, 1e-6);
    assert_close(lo[0], 0.006655436071375286, 1e-6);
}

/* Local level of 40 points, .95: .05-quantile of the smallest of 40 two-sided Beta tails over
 * 400,000 draws by numpy (seed 1). */
static void the_whole_band_holds_forty_uniform_points_as_often_as_it_says(void **state)
{
    (void)state;
    double lo[MOST], hi[MOST];
    assert_close(band_uniform(MOST, .95, lo, hi), 0.0032993, .02);
    assert_near(band_inside(lo, hi, MOST), .95, 1e-6);
    assert_true(lo[0] > 0 && hi[MOST - 1] < 1);
    for (size_t i = 0; i < MOST; i++)
        assert_close(lo[i], 1 - hi[MOST - 1 - i], 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kolmogorovs_band_has_the_probability_that_scipy_gives),
        cmocka_unit_test(one_and_two_points_have_the_band_of_the_closed_form),
        cmocka_unit_test(the_whole_band_holds_forty_uniform_points_as_often_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
