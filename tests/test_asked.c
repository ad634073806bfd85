/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/asked.h"
#include "tests/check.h"

enum { DAY = 86400, HOUR = 3600, MOST = 5 };

static struct window window_of(struct interval *live, size_t n)
{
    struct window w = {
        .from_ns = 0, .to_ns = (int64_t)DAY * 1000000000, .live = live, .nlive = n};
    w.length_s = DAY;
    for (size_t i = 0; i < n; i++)
        w.live_s += live[i].to - live[i].from;
    return w;
}

/* What one day of `t` hours was asked for, over its hours listened to; and e. */
static double rate_of(const double *t, size_t n, double life, double *ret_e)
{
    struct interval all = {0, DAY};
    struct window w = window_of(&all, 1);
    struct grid g = grid_make(&w, DAY);
    double seconds[MOST + 1], asked, hours;
    for (size_t i = 0; i < n; i++)
        seconds[i] = t[i] * HOUR;
    struct stream r = {.t = seconds, .n = n, .ttl_s = life * HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = seconds, .n = n};
    exposure_fill(&s, &w, &g, ret_e);
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(hours, 24, 1e-12);
    return asked / hours;
}

/* Density of n sessions in e hours at risk at .3 an hour; `last`: a session ends them. */
static double density(size_t n, double e, bool last)
{
    return exp((double)n * log(.3) - .3 * e +
               (e > 0 || n > last ? ((double)n - last) * log(e) : 0) -
               lgamma((double)n + 1 - last));
}

/* Every path of a day of 24 h behind a life of 5 h, by the hours at risk at its last session
 * (Simpson): the estimates weighted by their densities. mpmath 1.2.1, the same integral in 20
 * digits: .3 of (n - d) / e, and .3703412339 of n / e. */
static void on_average_a_day_was_asked_at_its_rate_whatever_the_cache_hides(void **state)
{
    (void)state;
    enum { STEPS = 200 };
    double mean = 0, plain = 0, all = 0, e;
    for (size_t n = 0; n <= MOST; n++) {
        double t[MOST];
        for (size_t i = 0; i < n; i++)
            t[i] = 5.0 * (double)i;
        if (24 > 5 * (double)n) { /* the day ends at risk */
            double rate = rate_of(t, n, 5, &e), p = density(n, 24 - 5 * (double)n, false);
            assert_close(e, 24 - 5 * (double)n, 1e-9);
            mean += p * rate;
            plain += p * (double)n / e;
            all += p;
        }
        double lo = fmax(0, 24 - 5 * (double)n), h = (24 - 5 * ((double)n - 1) - lo) / STEPS;
        for (size_t k = 0; n > 0 && k <= STEPS; k++) { /* or within the last session's life */
            double at = lo + h * ((double)k + (k == 0) * 1e-9 - (k == STEPS) * 1e-9);
            t[n - 1] = at + 5 * ((double)n - 1);
            double rate = rate_of(t, n, 5, &e);
            double p = density(n, at, true) * h / 3 *
                       (k == 0 || k == STEPS ? 1
                        : k % 2              ? 4
                                             : 2);
            assert_true(fabs(e - at) < 1e-6);
            mean += p * rate;
            plain += p * (double)n / at;
            all += p;
        }
    }
    assert_close(all, 1, 1e-7);
    assert_close(mean, .3, 1e-7);
    assert_close(plain, .3703412339, 1e-7);
}

/* Listened to until 10:00 and from 20:00; lives of 1 h. A session at 9:30 outlasts the first
 * piece, none the day. e = 14 - .5 - 1, and 3 sessions. */
static void hours_that_nobody_listened_to_are_neither_asked_nor_hidden(void **state)
{
    (void)state;
    struct interval live[] = {{0, 10 * HOUR}, {20 * HOUR, DAY}};
    struct window w = window_of(live, 2);
    struct grid g = grid_make(&w, DAY);
    double t[] = {9.5 * HOUR, 21 * HOUR, 23.5 * HOUR}, asked, hours;
    struct stream r = {.t = t, .n = 2, .ttl_s = HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = t, .n = 2};
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(hours, 14, 1e-12);
    assert_close(asked, 2 / 12.5 * 14, 1e-12);
    r.n = s.n = 3; /* the last outlasts the day */
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 2 / 12. * 14, 1e-12);
    s.n = r.n = 1; /* nobody listens when the first one's life ends */
    w.nlive = 1;
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 0, 1e-12);
    assert_close(hours, 10, 1e-12);
}

static void lives_of_over_a_quarter_of_a_day_stay_at_risk(void **state)
{
    (void)state;
    struct interval all = {0, DAY};
    struct window w = window_of(&all, 1);
    struct grid g = grid_make(&w, DAY);
    double t[] = {HOUR, 9 * HOUR}, asked, hours;
    struct stream r = {.t = t, .n = 2, .ttl_s = 7 * HOUR};
    struct subject s = {.streams = &r, .nstreams = 1, .t = t, .n = 2};
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 2, 1e-12);
    assert_close(hours, 10, 1e-12);
    r.ttl_s = 6 * HOUR;
    asked_fill(&s, &w, &g, &asked, &hours);
    assert_close(asked, 2 / 12. * 24, 1e-12);
    assert_close(hours, 24, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_average_a_day_was_asked_at_its_rate_whatever_the_cache_hides),
        cmocka_unit_test(hours_that_nobody_listened_to_are_neither_asked_nor_hidden),
        cmocka_unit_test(lives_of_over_a_quarter_of_a_day_stay_at_risk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
