/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "models/zone.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { WEEKS = 8, CAP = 2000 };

struct series {
    double t[CAP];
    struct stream one;
    struct subject s;
    struct interval live;
    struct window w;
};

/* 4 January 2016 was a Monday; and 4 July 2016. */
static const int64_t january = 1451865600, july = 1467590400;

static void settle(struct series *x, size_t n, int64_t from_s)
{
    order_sort(x->t, n);
    x->live = (struct interval){0, WEEKS * 604800};
    x->one = (struct stream){.t = x->t, .n = n};
    x->s = (struct subject){.streams = &x->one, .nstreams = 1, .t = x->t, .n = n, .id = 1};
    x->w = (struct window){.from_ns = from_s * NS_PER_S,
                           .to_ns = (from_s + WEEKS * 604800) * NS_PER_S,
                           .live = &x->live,
                           .nlive = 1,
                           .length_s = x->live.to,
                           .live_s = x->live.to};
}

/* n sessions of weekdays, from 9 to 18 o'clock at an offset; a share anywhere. */
static void office(struct series *x, size_t n, int64_t from_s, double offset_h, double anywhere)
{
    struct rng r;
    rng_stream(&r, 1, RNG_SIMULATE, n, 0);
    for (size_t i = 0; i < n; i++) {
        double day = (double)rng_below(&r, WEEKS * 5);
        double at =
            (day + 2 * floor(day / 5)) * 86400 + 3600 * (9 - offset_h + 9 * rng_unit(&r));
        x->t[i] = rng_unit(&r) < anywhere ? WEEKS * 604800 * rng_unit(&r) : fmax(at, 0);
    }
    settle(x, n, from_s);
}

static struct zones posterior(const struct series *x)
{
    struct zones z;
    struct zone_opts o = {.replicates = 199, .seed = 1};
    struct err err = {0};
    assert_int_equal(zone_posterior(&z, &x->s, &x->w, &o, &err), 0);
    return z;
}

static void half_hour_zones_are_told_from_their_neighbours(void **state)
{
    (void)state;
    struct series x;
    office(&x, 400, january, 5.5, .1);
    struct zones z = posterior(&x);
    assert_true(z.told);
    assert_non_null(strstr(z.zone[0].names, "Asia/Kolkata"));
    assert_true(z.in_set <= 2);
}

/* In January Berlin and Lagos have one clock; in July Berlin has that of Johannesburg. */
static void summer_time_is_each_zones_own(void **state)
{
    (void)state;
    struct series x;
    office(&x, 400, january, 1, .1);
    struct zones winter = posterior(&x);
    assert_non_null(strstr(winter.zone[0].names, "Europe/Berlin"));
    assert_non_null(strstr(winter.zone[0].names, "Africa/Lagos"));
    office(&x, 400, july, 2, .1);
    struct zones summer = posterior(&x);
    assert_non_null(strstr(summer.zone[0].names, "Europe/Berlin"));
    assert_non_null(strstr(summer.zone[0].names, "Africa/Johannesburg"));
    assert_null(strstr(summer.zone[0].names, "Africa/Lagos"));
}

/* By hand: E of 9 h on 40 days is 360 of 1344 hours; 60 of 100 sessions stand in Monday to
 * Friday 9 to 18 UTC. */
static void the_likelihood_is_that_of_counts_inside_and_outside(void **state)
{
    (void)state;
    struct series x;
    for (int i = 0; i < 60; i++)
        x.t[i] = (i % 5) * 86400. + (i / 5 % WEEKS) * 604800. + 9 * 3600 + 500. * (i + 1);
    for (int i = 0; i < 40; i++)
        x.t[60 + i] = (i % WEEKS) * 604800. + 6 * 86400. + 2000. * (i + 1);
    settle(&x, 100, january);
    struct zones z = posterior(&x);
    double e = 360, all = WEEKS * 168, sum = 0;
    size_t k = 0;
    while (k < z.n && !strstr(z.zone[k].names, "UTC"))
        k++;
    assert_true(k < z.n);
    double rho = 60 / e / (40 / (all - e));
    assert_close(z.zone[k].ratio, rho, 1e-12);
    assert_close(z.zone[k].log_likelihood, 60 * log(rho) - 100 * log((rho * e + all - e) / all),
                 1e-12);
    for (k = 0; k < z.n; k++)
        sum += z.zone[k].posterior;
    assert_close(sum, 1, 1e-12);
}

/* Each session m times at once: counts inside and out, and their scatter, are m times as many,
 * and ln L over it is what it was. */
static void sessions_that_come_together_weigh_as_one(void **state)
{
    (void)state;
    static struct series x, many;
    office(&x, 200, january, 1, .3);
    struct zones z[2];
    for (size_t k = 0; k < 2; k++) {
        size_t m = 3 + 3 * k;
        for (size_t i = 0; i < 200 * m; i++)
            many.t[i] = x.t[i / m];
        settle(&many, 200 * m, january);
        z[k] = posterior(&many);
    }
    assert_true(z[0].scatter > 2 && posterior(&x).scatter == 1);
    assert_close(z[1].scatter, 2 * z[0].scatter, 1e-12);
    assert_string_equal(z[0].zone[0].names, z[1].zone[0].names);
    for (size_t k = 0; k < 3; k++)
        assert_near(z[0].zone[k].posterior, z[1].zone[k].posterior, 1e-4);
}

static void even_look_ups_tell_no_zone(void **state)
{
    (void)state;
    struct series x;
    office(&x, 300, january, 0, 1);
    struct zones z = posterior(&x);
    assert_true(!z.told && z.p_rhythm > .01);
    assert_true(z.in_set > 5);
}

static void a_few_look_ups_or_days_are_not_weighed(void **state)
{
    (void)state;
    struct series x;
    struct zones z;
    struct zone_opts o = {.seed = 1};
    struct err err;
    office(&x, 19, january, 0, 0);
    assert_fails(ERR_DEGENERATE, "expected 20 sessions",
                 zone_posterior(&z, &x.s, &x.w, &o, &err));
    office(&x, 100, january, 0, 0);
    x.w.length_s = 6 * 86400;
    assert_fails(ERR_DEGENERATE, "a week or more", zone_posterior(&z, &x.s, &x.w, &o, &err));
    assert_true(strstr(zone_note, "need not be a human at the client") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_hour_zones_are_told_from_their_neighbours),
        cmocka_unit_test(summer_time_is_each_zones_own),
        cmocka_unit_test(the_likelihood_is_that_of_counts_inside_and_outside),
        cmocka_unit_test(sessions_that_come_together_weigh_as_one),
        cmocka_unit_test(even_look_ups_tell_no_zone),
        cmocka_unit_test(a_few_look_ups_or_days_are_not_weighed),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
