/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/describe.h"
#include "tests/check.h"

enum { EVENTS = 294 };

static void events_read(double *ret)
{
    FILE *f = fopen("tests/data/oracle/events.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < EVENTS; i++)
        assert_int_equal(fscanf(f, "%lf", &ret[i]), 1);
    fclose(f);
}

/* NumPy 1.24 quantile (type 7) and SciPy 1.10.1 spearmanr; R 4.2.2: c1 <-
 * tabulate(floor(ev/3600)+1, 336); var(c1)/mean(c1) = .411940298507. */
static void measures_agree_with_numpy_scipy_and_r(void **state)
{
    (void)state;
    double t[EVENTS], gap[EVENTS - 1], count[336] = {0};
    events_read(t);
    for (int i = 0; i + 1 < EVENTS; i++)
        gap[i] = t[i + 1] - t[i];
    for (int i = 0; i < EVENTS; i++)
        count[(int)(t[i] / 3600)]++;
    struct describe_rita r = describe_rita(gap, EVENTS - 1);
    assert_close(r.skew, 0.6185141560123788, 1e-12);
    assert_close(r.mad, 0.888320101686648, 1e-12);
    assert_close(r.score, (r.skew + r.mad) / 2, 1e-15);
    assert_close(describe_lag1(gap, EVENTS - 1), -0.06345973192695156, 1e-10);
    assert_close(describe_fano(count, 336), .411940298507, 1e-11);
    assert_close(describe_allan(count, 336), 0.417910447761194, 1e-13);
}

/* methods.md C10: .738 and .70, .80, .85 at lambda ttl .7, 3, 10. */
static void a_busy_cache_scores_high_without_a_timer(void **state)
{
    (void)state;
    assert_near(describe_rita_cache(.7).skew, .738, 5e-4);
    assert_near(describe_rita_cache(.7).score, .70, 5e-3);
    assert_near(describe_rita_cache(3).score, .80, 5e-3);
    assert_near(describe_rita_cache(10).score, .85, 6e-3);
    double gap[1000]; /* quantiles of ttl + Exp at lambda ttl = 3, ttl 3600 */
    for (int i = 0; i < 1000; i++)
        gap[i] = 3600 - 1200 * log1p(-(i + .5) / 1000);
    struct describe_rita r = describe_rita(gap, 1000), e = describe_rita_cache(3);
    assert_near(r.skew, e.skew, 1e-3);
    assert_near(r.mad, e.mad, 1e-3);
}

static void a_perfect_timer_scores_1_and_few_gaps_nothing(void **state)
{
    (void)state;
    const double even[] = {60, 60, 60, 60};
    assert_true(describe_rita(even, 4).score == 1);
    assert_true(isnan(describe_rita(even, 2).score) && isnan(describe_lag1(even, 2)));
    const double none[] = {0, 0, 0};
    assert_true(isnan(describe_fano(none, 3)) && isnan(describe_allan(none, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_agree_with_numpy_scipy_and_r),
        cmocka_unit_test(a_busy_cache_scores_high_without_a_timer),
        cmocka_unit_test(a_perfect_timer_scores_1_and_few_gaps_nothing),
    };
    return cmocka_run_group_tests_name("describe", tests, NULL, NULL);
}
