/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two timers of 90 minutes on tests/data/study-synchrony.yaml: lags to 36 min, in widths of 6.
 */
#include "tests/check.h"

#include <math.h>

#include "models/nulls.h"
#include "tests/made.h"
#include "tests/picked.h"

enum { DAYS = 28, PERIOD = 5400, BEATS = DAYS * 16 };

static const int64_t monday = 1467590400; /* 2016-07-04 */

/* a keeps the beat to the second, b within 20 s; or both of what is left of it at random. */
static double p_of(int64_t apart, bool memoryless, enum why *ret_why, double *ret_seen,
                   struct power_curve *ret_power)
{
    struct made m = {0};
    struct rng r;
    struct err err;
    struct study *s;
    struct trial t;
    struct null_result n = trial_blank();
    rng_stream(&r, 1, RNG_SIMULATE, 1, 0);
    for (int64_t k = 0; k < BEATS - 1; k++) {
        double off = memoryless ? 0 : 20 * rng_normal(&r);
        made_add(&m, "192.0.2.1", "target.example", 1, monday + 300 + k * PERIOD, 1);
        made_add(&m, "192.0.2.2", "target.example", 1,
                 monday + 300 + apart + k * PERIOD + (int64_t)off, 1);
        if (memoryless)
            k += (int64_t)(rng_exponential(&r, 4));
    }
    struct counts *c = made_counts(&m, monday, monday + DAYS * INT64_C(86400));
    if (study_read(&s, "tests/data/study-synchrony.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(trial_make(&t, s, picked_claim(s, "plain"), c, 1, &err), 0);
    t.decide = .2; /* three of fifteen places */
    null_synchrony_timers(&t, &n);
    *ret_power = n.power;
    *ret_why = n.why;
    *ret_seen = n.observed;
    trial_free(&t);
    study_free(s);
    counts_free(c);
    return exp(n.log_p);
}

/* Lags cover 78 of 90 minutes: b meets a at about as many of all times, by hand 13 in 15. The
 * middle half has 224 of a's sessions, all of them with one of b 10 min later. */
static void two_timers_meet_as_often_at_other_times(void **state)
{
    (void)state;
    enum why why;
    struct power_curve power;
    double seen, p = p_of(600, false, &why, &seen, &power);
    assert_int_equal(why, WHY_NONE);
    assert_close(seen, 224, 1e-12);
    assert_true(p > .3 && p <= 1);
    /* 13 of 15 places have all that there can be, so that no b that follows leads three. */
    assert_int_equal(power.sims, POWER_SIMS);
    assert_true(power.n > 0 && isnan(power.mde));
    for (size_t i = 0; i < power.n; i++)
        assert_close(power.v[i].value, 0, 1e-12);
}

static void sides_that_keep_no_intervals_are_not_asked(void **state)
{
    (void)state;
    enum why why;
    struct power_curve power;
    double seen;
    p_of(600, true, &why, &seen, &power);
    assert_int_equal(why, WHY_MIN_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_timers_meet_as_often_at_other_times),
        cmocka_unit_test(sides_that_keep_no_intervals_are_not_asked),
    };
    return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
