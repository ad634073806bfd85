/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two timers of 90 minutes on tests/data/study-synchrony.yaml: lags to 36 min, in widths of 6.
 */
#include "tests/check.h"

#include <math.h>

#include "models/nulls.h"
#include "tests/made.h"
#include "tests/picked.h"

static const int64_t monday = 1467590400; /* 2016-07-04 */

/* a keeps the beat to the second, b within 20 s of one that comes `apart` later and is longer
 * by `longer`; or both come with a's at random places of it. Of beats `stopped` and the 15
 * after it nothing was heard; 0: all was. */
struct two {
    int64_t days, period, apart;
    double longer;
    bool memoryless;
    int64_t stopped;
};

struct seen {
    enum why why;
    double observed;
    struct power_curve power;
};

static struct counts *counts_of(const struct two *w)
{
    struct made m = {0};
    struct rng r;
    rng_stream(&r, 1, RNG_SIMULATE, 1, 0);
    for (int64_t k = 0; k < w->days * 86400 / w->period - 1; k++) {
        if (w->stopped && k == w->stopped)
            k += 16;
        double off = (w->memoryless ? 0 : 20 * rng_normal(&r)) + (double)k * w->longer;
        made_add(&m, "192.0.2.1", "target.example", 1, monday + 300 + k * w->period, 1);
        made_add(&m, "192.0.2.2", "target.example", 1,
                 monday + 300 + w->apart + k * w->period + (int64_t)off, 1);
        if (w->memoryless)
            k += (int64_t)(rng_exponential(&r, 4));
    }
    struct counts *c = made_counts(&m, monday, monday + w->days * 86400);
    if (w->stopped)
        made_stop(c, monday + w->stopped * w->period, monday + (w->stopped + 16) * w->period);
    return c;
}

static double p_of(const struct two *w, struct seen *ret)
{
    struct err err;
    struct study *s;
    struct trial t;
    struct null_result n = trial_blank();
    struct counts *c = counts_of(w);
    if (study_read(&s, "tests/data/study-synchrony.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(trial_make(&t, s, picked_claim(s, "plain"), c, 1, &err), 0);
    t.decide = .2; /* three of fifteen places */
    null_synchrony_timers(&t, &n);
    *ret = (struct seen){n.why, n.observed, n.power};
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
    struct seen seen;
    double p = p_of(&(struct two){28, 5400, 600, 0, false, 0}, &seen);
    assert_int_equal(seen.why, WHY_NONE);
    assert_close(seen.observed, 224, 1e-12);
    assert_true(p > .3 && p <= 1);
    /* 13 of 15 places have all that there can be, so that no b that follows leads three. */
    assert_int_equal(seen.power.sims, POWER_SIMS);
    assert_true(seen.power.n > 0 && isnan(seen.power.mde));
    for (size_t i = 0; i < seen.power.n; i++)
        assert_close(seen.power.v[i].value, 0, 1e-12);
}

/* Both are silent while the sensor stops, at b's own place and no other: by numbers alone it
 * would lead all places. Of what was listened to b meets all at most places. */
static void silence_of_the_sensor_is_no_sign_that_two_timers_go_together(void **state)
{
    (void)state;
    struct seen seen;
    double p = p_of(&(struct two){28, 5400, 600, 0, false, 216}, &seen);
    assert_int_equal(seen.why, WHY_NONE);
    assert_true(seen.observed > 200 && seen.observed <= 208);
    assert_true(p > .3);
}

/* b's period is 3 s longer, so that phases slide by a width over the half that counts, of which
 * b's own place lacks one stretch and all others two: by shares of what each place heard p was
 * .016, two places of 129. */
static void a_slide_that_the_sensor_missed_in_part_is_no_sign_of_it_either(void **state)
{
    (void)state;
    struct seen seen;
    double p = p_of(&(struct two){14, 4320, 300, 3, false, 130}, &seen);
    assert_int_equal(seen.why, WHY_NONE);
    assert_true(p > .05);
}

static void sides_that_keep_no_intervals_are_not_asked(void **state)
{
    (void)state;
    struct seen seen;
    p_of(&(struct two){28, 5400, 600, 0, true, 0}, &seen);
    assert_int_equal(seen.why, WHY_NO_PREMISE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_timers_meet_as_often_at_other_times),
        cmocka_unit_test(silence_of_the_sensor_is_no_sign_that_two_timers_go_together),
        cmocka_unit_test(a_slide_that_the_sensor_missed_in_part_is_no_sign_of_it_either),
        cmocka_unit_test(sides_that_keep_no_intervals_are_not_asked),
    };
    return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
