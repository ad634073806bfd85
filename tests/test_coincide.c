/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "models/coincide.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "stats/tail.h"
#include "tests/check.h"

enum { HOUR = 3600, DAY = 24 * HOUR, DAYS = 28, N = 39 };

static struct interval live[] = {{0, DAYS *DAY}};
static const struct window whole = {.from_ns = INT64_C(16986) * DAY * NS_PER_S,
                                    .to_ns = (INT64_C(16986) + DAYS) * DAY * NS_PER_S,
                                    .live = live,
                                    .nlive = 1,
                                    .length_s = DAYS * DAY,
                                    .live_s = DAYS * DAY};

static const struct surrogate_opts opts = {
    .window_s = 4 * HOUR, .session_s = 30, .tick_s = 1, .sweeps = 3, .seed = 1};

static struct subject subject_of(struct stream *s, double *t, size_t n)
{
    *s = (struct stream){.t = t, .n = n, .ttl_s = HOUR};
    return (struct subject){.streams = s, .nstreams = 1, .t = t, .n = n};
}

static void tested(struct coincide_result *ret, double *ta, size_t na, double *tb, size_t nb,
                   const struct coincide_opts *o)
{
    struct stream sa, sb;
    struct subject a = subject_of(&sa, ta, na), b = subject_of(&sb, tb, nb);
    struct surrogate *s;
    struct err err = {.msg = ""};
    if (surrogate_window(&s, &b, &whole, &opts, &err) < 0)
        fail_msg("%s", err.msg);
    coincide(ret, &a, &b, s, o);
    surrogate_free(s);
}

/* Two of a before one of b: three triggers, two precursors; both ends of [lag, lag + within]
 * belong to it. */
static void rates_count_each_session_once_on_either_side(void **state)
{
    (void)state;
    double ta[] = {10 * HOUR, 10 * HOUR + 50, 20 * HOUR, 30 * HOUR, 40 * HOUR, 50 * HOUR};
    double tb[] = {10 * HOUR + 100, 20 * HOUR + 160, 30 * HOUR + 161, 40 * HOUR + 99,
                   60 * HOUR};
    struct coincide_result r;
    tested(&r, ta, 6, tb, 5, &(struct coincide_opts){60, 100, 99, 1});
    assert_int_equal(r.precursor.count, 3); /* at 10 h, 20 h and 40 h */
    assert_int_equal(r.precursor.of, 5);
    assert_int_equal(r.trigger.count, 3); /* 10 h, 20 h, 40 h: 50 s before is too near */
    assert_int_equal(r.trigger.of, 6);
    assert_close(r.trigger.rate, .5, 1e-15);
    tested(&r, ta, 6, tb, 5, &(struct coincide_opts){0, 100, 99, 1});
    assert_int_equal(r.precursor.count, 2);
    assert_int_equal(r.trigger.count, 3); /* 10 h, 10 h + 50 s, 40 h */
}

/* One session in a window of 14,400 s, hours in turn, so that b has hardly a rhythm. */
static void surrogates_hit_an_interval_as_often_as_it_is_long(void **state)
{
    (void)state;
    double ta[N], tb[N];
    for (size_t i = 0; i < N; i++) {
        ta[i] = (double)i * 17 * HOUR + 2 * HOUR;
        tb[i] = ta[i] + 600;
    }
    struct coincide_result r, again;
    tested(&r, ta, N, tb, N, &(struct coincide_opts){0, 599, 4000, 1});
    assert_near(r.trigger.expected, 600.0 / 14400, .004);
    assert_int_equal(r.trigger.count, 0);
    assert_true(mc_p(&r.trigger.mc) > .99);
    tested(&r, ta, N, tb, N, &(struct coincide_opts){0, 600, 99, 1});
    tested(&again, ta, N, tb, N, &(struct coincide_opts){0, 600, 99, 3});
    assert_int_equal(r.trigger.count, N);
    assert_close(mc_p(&r.trigger.mc), .01, 1e-12);
    assert_memory_equal(&r, &again, sizeof r);
}

/* CoinCalc 2.0 (R 4.2.2), CC.eca.es, Poisson test with N_A = 40, N_B = 60, T = 336, dT = 1,
 * K = 20: p = .0065342052902. As a foil only: V8 shows how often it rejects when two
 * independent clients keep the same hours. */
static void coincalcs_binomial_is_a_foil_known_by_its_number(void **state)
{
    (void)state;
    double chance = 1 - pow(1 - 2.0 / 336, 60);
    assert_close(exp(binomial_log_upper(20, 40, chance)), .0065342052902, 1e-11);
}

/* Share of [0, length) within `dt` of x, and of x within dt of y. */
static double tiled(const double *x, size_t n, double dt, double length)
{
    double sum = 0, end = 0;
    for (size_t i = 0; i < n; i++) {
        double lo = fmax(fmax(x[i] - dt, 0), end), hi = fmin(x[i] + dt, length);
        sum += fmax(0, hi - lo);
        end = fmax(end, hi);
    }
    return sum / length;
}

static double share_near(const double *x, size_t nx, const double *y, size_t ny, double dt)
{
    size_t n = 0;
    for (size_t i = 0; i < nx; i++)
        for (size_t j = 0; j < ny; j++)
            if (fabs(x[i] - y[j]) <= dt) {
                n++;
                break;
            }
    return (double)n / (double)nx;
}

/* Spike time tiling coefficient (Cutts & Eglen 2014, J. Neurosci. 34: 14288). */
static double sttc(const double *a, size_t na, const double *b, size_t nb, double dt,
                   double length)
{
    double pa = share_near(a, na, b, nb, dt), ta = tiled(a, na, dt, length);
    double pb = share_near(b, nb, a, na, dt), tb = tiled(b, nb, dt, length);
    return ((pa - tb) / (1 - pa * tb) + (pb - ta) / (1 - pb * ta)) / 2;
}

static size_t read_events(const char *path, double *ret)
{
    FILE *f = fopen(path, "r");
    size_t n = 0;
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    while (fscanf(f, "%lf", &ret[n]) == 1)
        n++;
    fclose(f);
    return n;
}

/* elephant 1.1.1: spike_time_tiling_coefficient(a, b, 60 s) of two independent series over
 * 14 days, and cross_correlation_histogram in bins of 300 s, lags -6 to 6. As foils only:
 * neither has a null that knows of hours. Two independent clients who ask between 9 and 17
 * are "tiled" together. */
static void elephants_measures_are_foils_that_take_office_hours_for_coupling(void **state)
{
    (void)state;
    static const int cch[] = {10, 8, 8, 9, 19, 13, 8, 11, 8, 7, 10, 15, 6};
    double a[400], b[400], length = 14 * DAY;
    size_t na = read_events("tests/data/oracle/events.csv", a), count[2][4032] = {{0}};
    size_t nb = read_events("tests/data/oracle/events_b.csv", b);
    assert_near(sttc(a, na, b, nb, 60, length), -.011825896952, 1e-12);
    for (size_t i = 0; i < na; i++)
        count[0][(size_t)(a[i] / 300)]++;
    for (size_t i = 0; i < nb; i++)
        count[1][(size_t)(b[i] / 300)]++;
    for (int lag = -6; lag <= 6; lag++) {
        size_t sum = 0;
        for (int i = 0; i < 4032; i++)
            if (i + lag >= 0 && i + lag < 4032)
                sum += count[0][i] * count[1][i + lag];
        assert_int_equal(sum, cch[lag + 6]);
    }
    struct rng r;
    rng_stream(&r, 41, RNG_SIMULATE, 0, 0);
    for (size_t i = 0; i < 200; i++) {
        a[i] = (double)(i % 14) * DAY + (9 + 8 * rng_unit(&r)) * HOUR;
        b[i] = (double)(i % 14) * DAY + (9 + 8 * rng_unit(&r)) * HOUR;
    }
    order_sort(a, 200);
    order_sort(b, 200);
    assert_true(sttc(a, 200, b, 200, 300, length) > .1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_count_each_session_once_on_either_side),
        cmocka_unit_test(surrogates_hit_an_interval_as_often_as_it_is_long),
        cmocka_unit_test(coincalcs_binomial_is_a_foil_known_by_its_number),
        cmocka_unit_test(elephants_measures_are_foils_that_take_office_hours_for_coupling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
