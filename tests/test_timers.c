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

/* The sensor heard nothing from `from` to `to`. */
static void stop(struct counts *c, int64_t from, int64_t to)
{
    struct counts_live *live = mem_zero(3, sizeof *live);
    live[0] = c->live[0];
    live[1] = (struct counts_live){to * NS_PER_S, live[0].to_ns,
                                   mem_copy("given", sizeof "given" - 1)};
    live[0].to_ns = from * NS_PER_S;
    free(c->live);
    c->live = live;
    c->nlive = 2;
}

/* a keeps the beat to the second, b within 20 s; or both of what is left of it at random. Of
 * beats `stopped` and the 15 after it, a day, nothing was heard; 0: all was. */
static double p_of(int64_t apart, bool memoryless, int64_t stopped, enum why *ret_why,
                   double *ret_seen, struct power_curve *ret_power)
{
    struct made m = {0};
    struct rng r;
    struct err err;
    struct study *s;
    struct trial t;
    struct null_result n = trial_blank();
    rng_stream(&r, 1, RNG_SIMULATE, 1, 0);
    for (int64_t k = 0; k < BEATS - 1; k++) {
        if (stopped && k == stopped)
            k += 16;
        double off = memoryless ? 0 : 20 * rng_normal(&r);
        made_add(&m, "192.0.2.1", "target.example", 1, monday + 300 + k * PERIOD, 1);
        made_add(&m, "192.0.2.2", "target.example", 1,
                 monday + 300 + apart + k * PERIOD + (int64_t)off, 1);
        if (memoryless)
            k += (int64_t)(rng_exponential(&r, 4));
    }
    struct counts *c = made_counts(&m, monday, monday + DAYS * INT64_C(86400));
    if (stopped)
        stop(c, monday + stopped * PERIOD, monday + (stopped + 16) * PERIOD);
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
    double seen, p = p_of(600, false, 0, &why, &seen, &power);
    assert_int_equal(why, WHY_NONE);
    assert_close(seen, 224, 1e-12);
    assert_true(p > .3 && p <= 1);
    /* 13 of 15 places have all that there can be, so that no b that follows leads three. */
    assert_int_equal(power.sims, POWER_SIMS);
    assert_true(power.n > 0 && isnan(power.mde));
    for (size_t i = 0; i < power.n; i++)
        assert_close(power.v[i].value, 0, 1e-12);
}

/* Both are silent while the sensor stops, at b's own place and no other: by numbers alone it
 * would lead all fifteen, p 1/15. Of what was listened to b meets all at most places. */
static void silence_of_the_sensor_is_no_sign_that_two_timers_go_together(void **state)
{
    (void)state;
    enum why why;
    struct power_curve power;
    double seen, p = p_of(600, false, 216, &why, &seen, &power);
    assert_int_equal(why, WHY_NONE);
    assert_true(seen > 200 && seen <= 208);
    assert_true(p > .3);
}

static void sides_that_keep_no_intervals_are_not_asked(void **state)
{
    (void)state;
    enum why why;
    struct power_curve power;
    double seen;
    p_of(600, true, 0, &why, &seen, &power);
    assert_int_equal(why, WHY_NO_PREMISE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_timers_meet_as_often_at_other_times),
        cmocka_unit_test(silence_of_the_sensor_is_no_sign_that_two_timers_go_together),
        cmocka_unit_test(sides_that_keep_no_intervals_are_not_asked),
    };
    return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
