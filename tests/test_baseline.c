/* SPDX-License-Identifier: GPL-3.0-or-later
 * The one-rate and two-level fits are checked against their closed forms; the
 * regression itself is checked against R in test_glm. */
#include "tests/check.h"

#include "base/text.h"
#include "models/baseline.h"
#include "models/flat.h"
#include "stats/rng.h"
#include "stats/tail.h"

enum { HOURS = 8 * 168 };

static struct grid hourly(size_t n)
{
    return (struct grid){.t0 = 0, .width = 3600, .n = n, .first_s = 4 * 86400}; /* a Monday */
}

/* Negative binomial sessions with a daily rhythm of the given depth. */
static void draw(uint64_t seed, double rate, double depth, double theta, double *ret_y,
                 double *ret_hours)
{
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 3, 0);
    for (size_t i = 0; i < HOURS; i++) {
        double mu = rate * exp(depth * cos(2 * M_PI * (double)i / 24));
        ret_hours[i] = 1;
        ret_y[i] = (double)(isinf(theta) ? rng_poisson(&r, mu) : rng_negbin(&r, mu, theta));
    }
}

static void one_rate_is_events_over_hours_at_risk(void **state)
{
    (void)state;
    struct grid g = hourly(5);
    double y[] = {2, 0, 3, 1, 4}, hours[] = {1, .5, 1, 0, .75};
    struct baseline_opts o = {.season = season_find("const"), .family = GLM_POISSON};
    struct baseline b;
    struct err err;
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, &err), 0);
    /* the fourth bucket has no exposure: 9 events in 3.25 hours */
    assert_close(b.mu[0], 9 / 3.25, 1e-9);
    assert_close(b.mu[4], .75 * 9 / 3.25, 1e-9);
    assert_near(b.mu[3], 0, 0);
    assert_close(b.rate[3], 9 / 3.25, 1e-9);
    double loglik = 0;
    for (int i = 0; i < 5; i++)
        if (hours[i] > 0)
            loglik += poisson_logpmf((uint64_t)y[i], hours[i] * 9 / 3.25);
    assert_close(b.loglik, loglik, 1e-9);
    assert_int_equal(b.nrungs, 1);
    assert_close(b.bic, log(4) - 2 * loglik, 1e-9);
    assert_near(baseline_log_upper(&b, 0, 0), 0, 0);
    assert_close(baseline_log_upper(&b, 0, 5), poisson_log_upper(5, 9 / 3.25), 1e-9);
    assert_true(isinf(baseline_log_upper(&b, 3, 1)));
    baseline_free(&b);
}

static void weekday_and_weekend_hours_have_their_own_means(void **state)
{
    (void)state;
    struct grid g = hourly(HOURS);
    double y[HOURS], hours[HOURS], sum[48] = {0}, n[48] = {0};
    for (size_t i = 0; i < HOURS; i++) { /* Monday is day 0 */
        size_t level = i % 24 + (i / 24 % 7 >= 5 ? 24 : 0);
        hours[i] = 1;
        y[i] = (double)(1 + (i * 7919) % 5 + level % 3);
        sum[level] += y[i];
        n[level]++;
    }
    struct baseline_opts o = {.season = season_find("hours48"), .family = GLM_POISSON};
    struct baseline b;
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
    for (size_t i = 0; i < HOURS; i += 5) {
        size_t level = i % 24 + (i / 24 % 7 >= 5 ? 24 : 0);
        assert_close(b.mu[i], sum[level] / n[level], 1e-6);
    }
    baseline_free(&b);
}

static void the_ladder_finds_the_rhythm_that_is_there_and_none_that_is_not(void **state)
{
    (void)state;
    struct grid g = hourly(HOURS);
    double y[HOURS], hours[HOURS];
    struct baseline_opts o = {.family = -1};
    size_t flat = 0, daily = 0, poisson = 0, negbin = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct baseline b;
        draw(seed, .5, 0, INFINITY, y, hours);
        assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
        flat += strcmp(b.season->name, "const") == 0;
        poisson += isinf(b.theta);
        baseline_free(&b);
        draw(seed, .7, 1, 1, y, hours);
        assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
        daily += strcmp(b.season->name, "day1") == 0;
        negbin += !isinf(b.theta) && fabs(log(b.theta)) < log(1.6);
        baseline_free(&b);
    }
    assert_int_equal(flat, 10);
    assert_int_equal(poisson, 10);
    assert_int_equal(daily, 10);
    assert_int_equal(negbin, 10);
}

static void rungs_that_the_series_cannot_carry_are_not_tried(void **state)
{
    (void)state;
    struct grid g = hourly(HOURS);
    double y[HOURS], hours[HOURS];
    struct baseline_opts o = {.family = -1};
    struct baseline b;
    draw(1, 20. / HOURS, 0, INFINITY, y, hours);
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
    assert_int_equal(b.nrungs, 2); /* const in two families */
    baseline_free(&b);
    draw(1, 3, 0, INFINITY, y, hours);
    struct grid days = {.t0 = 0, .width = 86400, .n = HOURS / 24, .first_s = 0};
    double sums[HOURS / 24] = {0}, all[HOURS / 24];
    for (size_t i = 0; i < HOURS; i++) {
        sums[i / 24] += y[i];
        all[i / 24] = 24;
    }
    assert_int_equal(baseline_fit(&b, &days, sums, all, &o, NULL), 0);
    assert_int_equal(b.nrungs, 2); /* a day's bucket cannot show hours */
    baseline_free(&b);
}

static void a_level_without_an_event_keeps_the_hour_of_week_out(void **state)
{
    (void)state;
    struct grid g = hourly(HOURS);
    double y[HOURS], hours[HOURS];
    struct baseline_opts o = {.family = GLM_POISSON};
    struct baseline b;
    draw(2, 3, .5, INFINITY, y, hours);
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
    assert_int_equal(b.nrungs, 6);
    baseline_free(&b);
    for (size_t i = 50; i < HOURS; i += 168)
        y[i] = 0;
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
    assert_int_equal(b.nrungs, 5);
    baseline_free(&b);
}

static void local_time_moves_the_levels(void **state)
{
    (void)state;
    struct tz *zone;
    struct err err;
    assert_int_equal(tz_open(&zone, "+03:00", &err), 0);
    struct grid g = hourly(168);
    struct season_design utc, local;
    season_design(&utc, season_find("hours168"), &g, NULL, NULL);
    season_design(&local, season_find("hours168"), &g, zone, NULL);
    for (size_t i = 0; i < 168; i++) {
        assert_int_equal(utc.level[i], i);
        assert_int_equal(local.level[i], (i + 3) % 168);
    }
    season_design_free(&utc);
    season_design_free(&local);
    season_design(&utc, season_find("week32"), &g, NULL,
                  &(struct season_extras){.trend = true});
    assert_int_equal(utc.glm.ncovariates, 11);
    assert_close(utc.glm.covariate[0][0], sin(2 * M_PI * .5 / 24), 1e-12);
    assert_close(utc.glm.covariate[10][0], .5 / 168 - .5, 1e-12);
    season_design_free(&utc);
    tz_free(zone);
}

static void without_an_event_or_exposure_there_is_no_baseline(void **state)
{
    (void)state;
    struct grid g = hourly(3);
    double none[3] = {0}, some[] = {1, 2, 3};
    struct baseline_opts o = {.family = -1};
    struct baseline b;
    struct err err;
    assert_fails(ERR_DEGENERATE, "found none", baseline_fit(&b, &g, none, some, &o, &err));
    assert_fails(ERR_DEGENERATE, "found none", baseline_fit(&b, &g, some, none, &o, &err));
}

/* Bucket by bucket: all but the first of the largest, of which a lower limit is known. */
static double censored_loglik(const double *y, const double *hours, double rate, double theta,
                              size_t top, double at_least)
{
    double sum = negbin_log_upper((uint64_t)at_least, rate * hours[top], theta);
    for (size_t i = 0; i < HOURS; i++)
        if (i != top && hours[i] > 0)
            sum += negbin_logpmf((uint64_t)y[i], rate * hours[i], theta);
    return sum;
}

static void the_flat_likelihood_is_the_sum_over_buckets_and_the_fit_its_maximum(void **state)
{
    (void)state;
    double y[HOURS], hours[HOURS], profile[THETAS_GRID];
    const struct thetas none = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct flat f;
        struct flat_data d = {0};
        struct flat_fit fit;
        size_t top = 0;
        double at_least = 1, events = 0, heard = 0, most = -INFINITY;
        draw(seed, .03, 0, seed % 2 ? INFINITY : .1, y, hours);
        for (size_t i = 0; i < HOURS; i++)
            top = y[i] > y[top] ? i : top;
        for (size_t i = 0; i < HOURS; i++) {
            at_least = i != top && y[i] > at_least ? y[i] : at_least;
            events += i != top ? y[i] : 0;
            heard += hours[i];
        }
        flat_make(&f, hours, HOURS);
        flat_read(&f, y, &d);
        assert_true(flat_profile(&f, &d, profile));
        assert_true(flat_fit(&f, &d, &none, &fit));
        assert_close(fit.rate, (events + at_least) / heard, 1e-12);
        for (size_t k = 0; k < THETAS_GRID; k++) {
            double theta = exp(thetas_at(k));
            assert_close(profile[k], censored_loglik(y, hours, fit.rate, theta, top, at_least),
                         1e-9);
            most = fmax(most, profile[k]);
        }
        assert_true(fit.loglik > most - 1e-4);
        flat_data_free(&d);
        flat_free(&f);
    }
}

static void the_urn_draws_negative_binomial_buckets(void **state)
{
    (void)state;
    enum { N = 50, DRAWS = 20000 };
    double hours[N], seen[4] = {0}, twice[2] = {0};
    for (size_t i = 0; i < N; i++)
        hours[i] = 1;
    struct flat f;
    struct flat_data d = {0};
    struct flat_fit fit = {.rate = .2, .theta = .5};
    flat_make(&f, hours, N);
    for (uint32_t k = 0; k < DRAWS; k++) {
        struct rng r;
        rng_stream(&r, 7, RNG_VALIDATE, 4, k);
        flat_draw(&f, &fit, &r, &d);
        twice[0] += d.events;
        twice[1] += d.events * d.events;
        for (size_t i = 0; i < d.n; i++)
            if (d.cells[i].count <= 3)
                seen[d.cells[i].count] += d.cells[i].buckets;
    }
    for (uint64_t k = 1; k <= 3; k++) {
        double p = exp(negbin_logpmf(k, .2, .5)), n = (double)N * DRAWS;
        assert_near(seen[k] / n, p, 4 * sqrt(p / n));
    }
    /* total: mean 10, variance 10 + 100 / (50 * .5) = 14 */
    double mean = twice[0] / DRAWS, var = twice[1] / DRAWS - mean * mean;
    assert_near(mean, 10, 4 * sqrt(14. / DRAWS));
    assert_near(var, 14, .7);
    flat_data_free(&d);
    flat_free(&f);
}

/* The n-th weekday (0 Monday) of a month; n = 0: the last. */
static int64_t nth(int64_t year, int month, int n, int weekday)
{
    int64_t day = text_days(year, month, 1);
    if (n == 0)
        for (day = text_days(year, month + 1, 1) - 7; (day + 3) % 7 != weekday;)
            day++;
    else
        for (day += 7 * (n - 1); (day + 3) % 7 != weekday;)
            day++;
    return day;
}

/* Observed on Friday for a Saturday, on Monday for a Sunday. */
static int64_t observed(int64_t year, int month, int date)
{
    int64_t day = text_days(year, month, date), weekday = (day + 3) % 7;
    return weekday == 5 ? day - 1 : weekday == 6 ? day + 1 : day;
}

static void the_list_of_federal_holidays_is_what_the_statute_says(void **state)
{
    (void)state;
    struct holidays h;
    struct err err;
    assert_int_equal(holidays_read(&h, "studies/holidays/US.csv", &err), 0);
    assert_int_equal(h.n, 40);
    for (int64_t year = 2015, k = 0; year <= 2018; year++) {
        const int64_t days[] = {observed(year, 1, 1), nth(year, 1, 3, 0),
                                nth(year, 2, 3, 0),   nth(year, 5, 0, 0),
                                observed(year, 7, 4), nth(year, 9, 1, 0),
                                nth(year, 10, 2, 0),  observed(year, 11, 11),
                                nth(year, 11, 4, 3),  observed(year, 12, 25)};
        for (int i = 0; i < 10; i++)
            assert_int_equal(h.day[k++], days[i]);
    }
    assert_true(holidays_cover(&h, text_days(2016, 5, 4), text_days(2016, 9, 23)));
    assert_false(holidays_cover(&h, text_days(2018, 12, 1), text_days(2019, 1, 2)));
    holidays_free(&h);
    assert_fails(ERR_IO, "No such file", holidays_read(&h, "studies/holidays/XX.csv", &err));
    assert_fails(ERR_MALFORMED, "header", holidays_read(&h, "tests/data/oracle/README", &err));
}

/* Half the rate on one holiday in ten days; the day is local. */
static void a_holiday_has_its_own_rate_on_its_local_day(void **state)
{
    (void)state;
    enum { N = 240 };
    double y[N], hours[N];
    int64_t off[] = {4 + 4}; /* the grid's fifth day */
    struct holidays h = {.day = off, .n = 1};
    struct grid g = hourly(N);
    struct baseline_opts o = {
        .season = season_find("const"), .family = GLM_POISSON, .holidays = &h};
    struct baseline b;
    for (int i = 0; i < N; i++) {
        hours[i] = 1;
        y[i] = i / 24 == 4 ? 1 : 2;
    }
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
    assert_int_equal(b.parameters, 2);
    assert_close(b.mu[0], 2, 1e-9);
    assert_close(b.mu[4 * 24 + 23], 1, 1e-9);
    assert_close(b.mu[5 * 24], 2, 1e-9);
    baseline_free(&b);
    off[0] = 300; /* outside: no column */
    assert_int_equal(baseline_fit(&b, &g, y, hours, &o, NULL), 0);
    assert_int_equal(b.parameters, 1);
    baseline_free(&b);
}

static void a_trend_needs_three_weeks_and_twenty_events(void **state)
{
    (void)state;
    double y[HOURS], hours[HOURS];
    struct grid long_grid = hourly(HOURS), short_grid = hourly(20 * 24);
    struct baseline_opts o = {
        .season = season_find("const"), .family = GLM_POISSON, .trend = true};
    struct baseline b;
    for (size_t i = 0; i < HOURS; i++) {
        hours[i] = 1;
        y[i] = exp(1 + 2 * (((double)i + .5) / HOURS - .5));
    }
    assert_int_equal(baseline_fit(&b, &long_grid, y, hours, &o, NULL), 0);
    assert_close(b.glm->beta[1], 2, 1e-6);
    baseline_free(&b);
    assert_int_equal(baseline_fit(&b, &short_grid, y, hours, &o, NULL), 0);
    assert_int_equal(b.parameters, 1);
    baseline_free(&b);
    for (size_t i = 0; i < HOURS; i++)
        y[i] = i % 80 == 7; /* 17 events */
    assert_int_equal(baseline_fit(&b, &long_grid, y, hours, &o, NULL), 0);
    assert_int_equal(b.parameters, 1);
    baseline_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rate_is_events_over_hours_at_risk),
        cmocka_unit_test(weekday_and_weekend_hours_have_their_own_means),
        cmocka_unit_test(the_ladder_finds_the_rhythm_that_is_there_and_none_that_is_not),
        cmocka_unit_test(rungs_that_the_series_cannot_carry_are_not_tried),
        cmocka_unit_test(a_level_without_an_event_keeps_the_hour_of_week_out),
        cmocka_unit_test(local_time_moves_the_levels),
        cmocka_unit_test(the_list_of_federal_holidays_is_what_the_statute_says),
        cmocka_unit_test(a_holiday_has_its_own_rate_on_its_local_day),
        cmocka_unit_test(a_trend_needs_three_weeks_and_twenty_events),
        cmocka_unit_test(without_an_event_or_exposure_there_is_no_baseline),
        cmocka_unit_test(the_flat_likelihood_is_the_sum_over_buckets_and_the_fit_its_maximum),
        cmocka_unit_test(the_urn_draws_negative_binomial_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
