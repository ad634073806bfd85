/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/demand.h"

#include "base/mem.h"
#include "base/text.h"
#include "models/cache.h"
#include "stats/order.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, WEEKS = 20, LENGTH = WEEKS * 7 * DAY, CAP = 20000 };

/* Begins on Monday 2016-07-04 00:00 UTC, Unix day 16986. */
static struct window window_of(struct interval *live, size_t nlive)
{
    struct window w = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                       .live = live,
                       .nlive = nlive,
                       .length_s = LENGTH};
    w.to_ns = w.from_ns + (int64_t)LENGTH * NS_PER_S;
    for (size_t i = 0; i < nlive; i++)
        w.live_s += live[i].to - live[i].from;
    return w;
}

static struct subject subject_of(struct stream *streams, size_t n, double *merged)
{
    struct subject s = {.streams = streams, .nstreams = n, .t = merged};
    for (size_t i = 0; i < n; i++) {
        memcpy(merged + s.n, streams[i].t, streams[i].n * sizeof *merged);
        s.n += streams[i].n;
    }
    return s;
}

/* 1 an hour by night, 4 by day, times .25 at weekends. */
static double rhythm(const void *ctx, double t)
{
    double factor = ctx ? *(const double *)ctx : 1;
    double hour = fmod(t, DAY) / HOUR;
    bool weekend = fmod(t, 7 * DAY) >= 5 * DAY;
    return factor * (hour >= 8 && hour < 20 ? 4 : 1) * (weekend ? .25 : 1) / HOUR;
}

static double *drawn(struct stream *s, double ttl_s, double factor, uint32_t which)
{
    struct rng r;
    double *t = mem_alloc(CAP * sizeof *t);
    rng_stream(&r, 5, RNG_SIMULATE, 0, which);
    size_t n = cache_draw(&r, ttl_s, LENGTH, 4 * factor / HOUR, rhythm, &factor, t, CAP);
    *s = (struct stream){.t = t, .n = n, .ttl_s = ttl_s};
    return t;
}

/* Mean rate an hour in six hours from `hour`, over all weekdays or weekend days. */
static double mean_rate(const struct demand *d, int hour, bool weekend)
{
    double sum = 0;
    size_t n = 0;
    for (int day = 0; day < WEEKS * 7; day++)
        for (int h = hour; h < hour + 6; h++)
            if ((day % 7 >= 5) == weekend) {
                sum += demand_rate(d, (double)day * DAY + (h + .5) * HOUR);
                n++;
            }
    return sum / (double)n * HOUR;
}

/* Behind a cache of one hour misses would show 4 and 1 an hour as .8 and .5; the
 * at-risk fit finds the demand. Standard errors are 3 % for the first two and 9
 * to 13 % at weekends, where few sessions are seen. */
static void the_rhythm_of_demand_is_found_behind_a_cache(void **state)
{
    (void)state;
    struct interval live = {0, LENGTH};
    struct window w = window_of(&live, 1);
    struct stream stream;
    double *t = drawn(&stream, HOUR, 1, 1), *merged = mem_alloc(CAP * sizeof *merged);
    struct subject s = subject_of(&stream, 1, merged);
    struct demand d;
    demand_fit(&d, &s, &w, NULL);
    assert_close(mean_rate(&d, 11, false), 4, .1);
    assert_close(mean_rate(&d, 0, false), 1, .1);
    assert_close(mean_rate(&d, 11, true), 1, .25);
    assert_close(mean_rate(&d, 0, true), .25, .35);
    demand_free(&d);
    free(t);
    free(merged);
}

/* What was asked less what was hidden is what was seen, when all is live. */
static void integrated_over_time_at_risk_the_rate_gives_the_sessions(void **state)
{
    (void)state;
    struct interval live = {0, LENGTH};
    struct window w = window_of(&live, 1);
    struct stream stream;
    double *t = drawn(&stream, HOUR, 1, 2), *merged = mem_alloc(CAP * sizeof *merged);
    struct subject s = subject_of(&stream, 1, merged);
    struct demand d;
    demand_fit(&d, &s, &w, NULL);
    double expected = demand_between(&d, 0, LENGTH);
    for (size_t i = 0; i < stream.n; i++)
        expected -= demand_between(&d, t[i], t[i] + HOUR);
    assert_close(expected, (double)stream.n, .02);
    demand_free(&d);
    free(t);
    free(merged);
}

static void deaf_time_adds_nothing_to_the_integral(void **state)
{
    (void)state;
    struct interval live[] = {{0, 10 * DAY}, {12 * DAY, LENGTH}};
    struct window w = window_of(live, 2);
    struct stream stream;
    double *t = drawn(&stream, HOUR, 1, 3), *merged = mem_alloc(CAP * sizeof *merged);
    size_t n = 0;
    for (size_t i = 0; i < stream.n; i++) /* nothing is recorded while the sensor is deaf */
        if (t[i] < 10 * DAY || t[i] >= 12 * DAY)
            t[n++] = t[i];
    stream.n = n;
    struct subject s = subject_of(&stream, 1, merged);
    struct demand d;
    demand_fit(&d, &s, &w, NULL);
    assert_true(demand_between(&d, 10 * DAY, 12 * DAY) == 0);
    assert_true(demand_rate(&d, 11 * DAY) > 0); /* no data is not zero */
    assert_true(demand_between(&d, -DAY, DAY) == demand_between(&d, 0, DAY));
    assert_true(demand_rate(&d, LENGTH + 1.0) == 0);
    demand_free(&d);
    free(t);
    free(merged);
}

/* The dead time ends within a slot, and deaf time is from within slot 1450 to within 1728. */
static void the_range_of_a_slot_is_narrow_and_holds_every_density_in_it(void **state)
{
    (void)state;
    enum { FIRST_DEAF = 1450, LAST_DEAF = 1728, STEPS = 50 };
    const double slot = 600, dead = 2250, factor = 1.25;
    struct interval live[] = {{0, slot * (FIRST_DEAF + .5)}, {slot * (LAST_DEAF + .5), LENGTH}};
    struct window w = window_of(live, 2);
    struct stream stream;
    double *t = drawn(&stream, HOUR, 1, 3), *merged = mem_alloc(CAP * sizeof *merged);
    struct subject s = subject_of(&stream, 1, merged);
    struct demand_frame *f = demand_frame_new(&w, NULL);
    struct demand d;
    demand_refit(&d, &s, f);
    struct density_range *ranges = mem_alloc((d.n + 1) * sizeof *ranges);
    demand_ranges(&d, f, dead, factor, ranges);
    for (size_t i = 0; i < d.n; i++) {
        double least = INFINITY, most = 0;
        for (int k = 0; k < STEPS; k++) {
            double at = slot * ((double)i + (k + .001) / STEPS);
            double density = demand_density(&d, at, dead, factor);
            least = fmin(least, density);
            most = fmax(most, density);
        }
        bool deaf = i == 0 || i + 1 == d.n || (i >= FIRST_DEAF - 1 && i <= LAST_DEAF + 1);
        assert_true(ranges[i].least <= least && ranges[i].most >= most);
        assert_true(deaf == isinf(ranges[i].most) && deaf == (ranges[i].least == 0));
        assert_true(deaf || ranges[i].most - ranges[i].least < 1.1 * (most - least) + 1e-8);
    }
    assert_true(ranges[d.n].least == 0 && isinf(ranges[d.n].most));
    free(ranges);
    demand_free(&d);
    demand_frame_free(f);
    free(t);
    free(merged);
}

static void streams_share_the_shape_and_differ_by_a_factor(void **state)
{
    (void)state;
    struct interval live = {0, LENGTH};
    struct window w = window_of(&live, 1);
    struct stream streams[2];
    double *merged = mem_alloc(2 * CAP * sizeof *merged);
    double *busy = drawn(&streams[0], HOUR, 1, 4), *quiet = drawn(&streams[1], HOUR, .2, 5);
    struct subject s = subject_of(streams, 2, merged);
    struct demand d;
    demand_fit(&d, &s, &w, NULL);
    assert_close(d.factor[0] / d.factor[1], 5, .15);
    demand_free(&d);
    free(busy);
    free(quiet);
    free(merged);
}

/* Every session of the driver draws one of the subject within 2 minutes, half of the time;
 * the subject's own demand is even. */
static void a_driver_takes_up_what_it_moves(void **state)
{
    (void)state;
    static struct interval live[] = {{0, LENGTH}};
    static double driven[CAP], t[CAP];
    struct window w = window_of(live, 1);
    struct rng r;
    rng_stream(&r, 6, RNG_SIMULATE, 0, 0);
    struct driver drive = {.t = driven};
    size_t n = 0;
    for (double at = 0; (at += rng_exponential(&r, 6 * HOUR)) < LENGTH - HOUR;) {
        driven[drive.n++] = at;
        if (rng_unit(&r) < .5)
            t[n++] = at + 120 * (2 * rng_unit(&r) - 1);
    }
    size_t followed = n;
    for (double at = 0; (at += rng_exponential(&r, 2 * HOUR)) < LENGTH;)
        t[n++] = at;
    order_sort(t, n);
    struct stream s = {.t = t, .n = n};
    struct subject subject = {.streams = &s, .nstreams = 1, .t = t, .n = n};
    struct drivers drivers = {.series = {drive}, .n = 1};
    struct demand d, plain;
    demand_fit(&d, &subject, &w, &drivers);
    demand_fit(&plain, &subject, &w, NULL);
    double near = 0, all = demand_between(&d, 0, LENGTH);
    for (size_t i = 0; i < drive.n; i++)
        near += demand_between(&d, driven[i] - 120, driven[i] + 120);
    double expected = (double)followed + (double)drive.n * 240 / (2 * HOUR);
    assert_near(near, expected, .1 * expected);
    assert_near(all, (double)n, .03 * (double)n);
    /* far from the driver the rate is that of the own demand, less what plain takes it for */
    assert_near(demand_rate(&d, driven[20] + 2 * HOUR) * 2 * HOUR, 1, .35);
    assert_true(demand_rate(&plain, driven[20]) < demand_rate(&d, driven[20]) / 5);
    demand_free(&d);
    demand_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rhythm_of_demand_is_found_behind_a_cache),
        cmocka_unit_test(integrated_over_time_at_risk_the_rate_gives_the_sessions),
        cmocka_unit_test(deaf_time_adds_nothing_to_the_integral),
        cmocka_unit_test(the_range_of_a_slot_is_narrow_and_holds_every_density_in_it),
        cmocka_unit_test(streams_share_the_shape_and_differ_by_a_factor),
        cmocka_unit_test(a_driver_takes_up_what_it_moves),
    };
    return cmocka_run_group_tests_name("demand", tests, NULL, NULL);
}
