/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/cache.h"
#include "tests/check.h"

static struct interval whole[] = {{0, 1000}};
static const struct window window = {
    .live = whole, .nlive = 1, .length_s = 1000, .live_s = 1000};

static struct interval pieces[] = {{0, 300}, {600, 1000}};
static const struct window broken = {
    .live = pieces, .nlive = 2, .length_s = 1000, .live_s = 700};

static double misses[] = {50, 180, 400, 520, 950};
static const struct stream stream = {.t = misses, .n = 5, .ttl_s = 100};

/* U = 1000 - 4 * 100 - min(100, 1000 - 950) = 550 by hand; the interval by SciPy
 * 1.10.1 chi2.ppf([.025, .975], 11) / (2 * 550). */
static void the_rate_is_misses_over_time_without_a_live_answer(void **state)
{
    (void)state;
    struct cache_fit f;
    assert_int_equal(cache_fit(&f, &stream, &window, NULL), 0);
    assert_close(f.at_risk_s, 550, 1e-15);
    assert_close(f.lambda, 5.0 / 550, 1e-15);
    assert_near(f.lambda_lo, 0.00346886, 5e-9);
    assert_near(f.lambda_hi, 0.01992732, 5e-9);
    assert_close(f.loglik, -28.50240182896208, 1e-13);
    assert_close(f.hidden_demand, 9.545454545454547, 1e-14);
    assert_close(f.cv_expected, 0.5238095238095238, 1e-14);
    assert_int_equal(f.short_gaps, 0);
}

/* With the sensor deaf from 300 to 600: 700 s live, less [50,150) [180,280)
 * [290,300) [650,750) [950,1000): 700 - 100 - 100 - 10 - 100 - 50 = 340. */
static double heard[] = {50, 180, 290, 650, 950};
static const struct stream partly = {.t = heard, .n = 5, .ttl_s = 100};

static void an_answer_that_lives_while_the_sensor_is_deaf_hides_nothing(void **state)
{
    (void)state;
    struct cache_fit f;
    assert_int_equal(cache_fit(&f, &partly, &broken, NULL), 0);
    assert_close(f.at_risk_s, 340, 1e-14);
}

static void two_misses_inside_one_ttl_hide_the_overlap_once(void **state)
{
    (void)state;
    double t[] = {100, 140};
    struct stream s = {.t = t, .n = 2, .ttl_s = 100};
    struct cache_fit f;
    assert_int_equal(cache_fit(&f, &s, &window, NULL), 0);
    assert_close(f.at_risk_s, 1000 - 40 - 100, 1e-14);
    assert_int_equal(f.short_gaps, 1);
}

/* Of five misses the second's session goes on for 150 s: U = 550 - 50 by hand, and the third
 * comes 400 - 180 - 150 s after the dead time. */
static void a_session_that_outlasts_the_answer_hides_what_it_lasts(void **state)
{
    (void)state;
    double dead[] = {100, 150, 100, 100, 100}, e[5];
    struct stream s = stream;
    struct cache_fit f;
    s.hidden = dead;
    assert_int_equal(cache_fit(&f, &s, &window, NULL), 0);
    assert_close(f.at_risk_s, 500, 1e-14);
    assert_int_equal(cache_excess(&s, &window, e), 4);
    assert_close(e[0], 30, 1e-14);
    assert_close(e[1], 70, 1e-14);
}

/* 290 -> 650: the answer died at 390, deaf until 600: censored. In the second
 * stream the deaf time lies inside the answer's life, where no miss could be. */
static void a_gap_is_censored_when_the_sensor_was_deaf_after_the_answer_died(void **state)
{
    (void)state;
    double e[5];
    assert_int_equal(cache_excess(&partly, &window, e), 4);
    assert_close(e[2], 260, 1e-14);
    assert_int_equal(cache_excess(&partly, &broken, e), 3);
    assert_close(e[0], 30, 1e-14);
    assert_close(e[1], 10, 1e-14);
    assert_close(e[2], 200, 1e-14);
    double t[] = {290, 700};
    struct stream s = {.t = t, .n = 2, .ttl_s = 320};
    assert_int_equal(cache_excess(&s, &broken, e), 1);
    assert_close(e[0], 90, 1e-14);
}

static void a_gap_shorter_than_the_ttl_has_no_excess(void **state)
{
    (void)state;
    double t[] = {10, 60, 200}, e[3];
    struct stream s = {.t = t, .n = 3, .ttl_s = 100};
    assert_int_equal(cache_excess(&s, &window, e), 2);
    assert_true(e[0] == 0);
    assert_close(e[1], 40, 1e-14);
}

/* SciPy 1.10.1: F = 4 * 20 * 3 / 420, f.logsf(F, 2, 6); and the interval
 * g1 - f.ppf(.95, 2, 6) * 40 / 12 of the second set. */
static void the_dead_time_test_agrees_with_the_f_law(void **state)
{
    (void)state;
    struct cache_dead_time d;
    const double gaps[] = {130, 220, 120, 430}, close[] = {122, 130, 120, 148};
    assert_int_equal(cache_dead_time(&d, gaps, 4, 100, NULL), 0);
    assert_close(d.f, 0.5714285714285714, 1e-14);
    assert_close(d.log_p, -0.5230601614343331, 1e-13);
    assert_true(d.tau_lo == 0); /* -60.01: a lifetime is not negative */
    assert_close(d.tau_hi, 120, 1e-15);
    assert_int_equal(cache_dead_time(&d, close, 4, 100, NULL), 0);
    assert_close(d.tau_lo, 102.85582383405094, 1e-12);
    assert_close(d.log_p, -3.295836866004329, 1e-12);
    assert_int_equal(cache_dead_time(&d, close, 4, 125, NULL), 0);
    assert_true(d.log_p == 0); /* shorter than the TTL is no evidence of a longer one */
}

/* Likelihood by its definition: w(t) and its integral on a grid of 600 000 steps,
 * greatest over lambda by SciPy 1.10.1 minimize_scalar. */
static void the_likelihood_of_k_caches_agrees_with_its_definition(void **state)
{
    (void)state;
    const double t[] = {0, 10, 15, 40, 42};
    struct cache_k f;
    assert_int_equal(cache_k_fit(&f, t, 5, 20, 60, NULL), 0);
    assert_int_equal(f.k, 3);
    assert_near(f.lambda, 0.182926829, 1e-7);
    assert_true(f.loglik[2] == -INFINITY && f.posterior[2] == 0);
    assert_close(f.loglik[3], -15.402887735694652, 1e-9);
    assert_close(f.loglik[32], -17.290617230697116, 1e-9);
    assert_close(f.posterior[3], 0.37401006462735636, 1e-9);
    assert_close(f.posterior[32], 0.005309138593706125, 1e-9);
    double sum = 0;
    for (int k = 0; k <= CACHE_K_MAX; k++)
        sum += f.posterior[k];
    assert_close(sum, 1, 1e-12);
}

/* For k = 1 and no early gap the two models are one. */
static void one_cache_of_k_is_the_cache(void **state)
{
    (void)state;
    struct cache_k k;
    struct cache_fit f;
    assert_int_equal(cache_k_fit(&k, misses, 5, 100, 1000, NULL), 0);
    assert_int_equal(cache_fit(&f, &stream, &window, NULL), 0);
    assert_close(k.loglik[1], f.loglik, 1e-13);
}

static double steady(const void *ctx, double t)
{
    (void)t;
    return *(const double *)ctx;
}

/* E gap = ttl + 1/lambda and CV = 1/(1 + lambda ttl): 1/1.7 at lambda ttl = .7;
 * at n about 9 500 the CV has a standard error near .008 and the mean of .006. */
static void drawn_misses_have_the_gaps_of_a_cache(void **state)
{
    (void)state;
    enum { CAP = 20000 };
    static double t[CAP];
    double lambda = .7, sum = 0, squares = 0;
    struct rng r;
    rng_stream(&r, 1, RNG_SIMULATE, 1, 0);
    size_t n = cache_draw(&r, 1, 23000, lambda, steady, &lambda, t, CAP);
    for (size_t i = 1; i < n; i++) {
        double gap = t[i] - t[i - 1];
        assert_true(gap >= 1);
        sum += gap;
        squares += gap * gap;
    }
    double m = (double)n - 1, mean = sum / m;
    assert_near(mean, 1 + 1 / .7, .06);
    assert_near(sqrt(squares / m - mean * mean) / mean, 1 / 1.7, .025);
}

/* Rate that doubles from day to night: misses over at-risk time recover both
 * levels; misses over clock time would give .59 and .83. */
static double two_levels(const void *ctx, double t)
{
    (void)ctx;
    return fmod(t, 24) < 12 ? 1 : 2;
}

static void demand_that_changes_comes_through_the_dead_time(void **state)
{
    (void)state;
    enum { CAP = 20000 };
    static double t[CAP];
    struct rng r;
    rng_stream(&r, 2, RNG_SIMULATE, 1, 0);
    size_t n = cache_draw(&r, .7, 9600, 2, two_levels, NULL, t, CAP), seen[2] = {0};
    double risk[2] = {4800, 4800};
    for (size_t i = 0; i < n; i++) {
        seen[fmod(t[i], 24) >= 12]++;
        for (int k = 0; k < 70; k++) /* dead time in steps of .01 */
            risk[fmod(t[i] + .01 * k + .005, 24) >= 12] -= .01;
    }
    assert_near((double)seen[0] / risk[0], 1, 4 / sqrt((double)seen[0]));
    assert_near((double)seen[1] / risk[1], 2, 8 / sqrt((double)seen[1]));
}

/* Sessions that hide 30 or 90 s, answers that live 5 s: a draw in their place has no gap under
 * what its session hides, half of them hide 90, and time at risk gives back the demand. With a
 * life hidden by all it is the draw of one cache, number for number. */
static void a_draw_in_a_streams_place_hides_what_its_sessions_do(void **state)
{
    (void)state;
    enum { CAP = 20000 };
    static double t[CAP], hidden[CAP], same[CAP];
    double lambda = 1 / 60., theirs[] = {30, 90}, at[] = {0, 1000}, long_ones = 0, risk = 0;
    struct stream like = {.t = at, .n = 2, .ttl_s = 5, .hidden = theirs};
    struct stream ret = {.t = t, .hidden = hidden};
    struct rng r;
    rng_stream(&r, 4, RNG_SIMULATE, 1, 0);
    cache_draw_like(&r, &like, 1e6, lambda, steady, &lambda, &ret, CAP);
    for (size_t i = 0; i + 1 < ret.n; i++) {
        assert_true(hidden[i] == 30 || hidden[i] == 90);
        assert_true(t[i + 1] - t[i] >= hidden[i]);
        risk += t[i + 1] - t[i] - hidden[i];
        long_ones += hidden[i] == 90;
    }
    double m = (double)ret.n - 1;
    assert_near(long_ones / m, .5, 2 / sqrt(m));
    assert_near(m / risk, lambda, 4 * lambda / sqrt(m));
    like.hidden = ret.hidden = NULL;
    rng_stream(&r, 4, RNG_SIMULATE, 1, 0);
    cache_draw_like(&r, &like, 1e6, lambda, steady, &lambda, &ret, CAP);
    rng_stream(&r, 4, RNG_SIMULATE, 1, 0);
    assert_int_equal(cache_draw(&r, 5, 1e6, lambda, steady, &lambda, same, CAP), ret.n);
    assert_memory_equal(same, t, ret.n * sizeof *t);
}

/* A week in which sessions hide 90 s in the first half of each day and 30 s in the second. */
static void what_a_busy_hour_hides_is_hidden_in_it(void **state)
{
    (void)state;
    enum { WEEK = 7 * 86400, EVERY = 300, N = WEEK / EVERY, CAP = 20000 };
    static double at[N], theirs[N], t[CAP], hidden[CAP];
    double lambda = 1 / 60.;
    struct stream like = {.t = at, .n = N, .ttl_s = 5, .hidden = theirs};
    struct stream ret = {.t = t, .hidden = hidden};
    struct rng r;
    for (size_t i = 0; i < N; i++) {
        at[i] = (double)i * EVERY;
        theirs[i] = fmod(at[i], 86400) < 43200 ? 90 : 30;
    }
    rng_stream(&r, 5, RNG_SIMULATE, 1, 0);
    cache_draw_like(&r, &like, WEEK, lambda, steady, &lambda, &ret, CAP);
    assert_true(ret.n > 4000 && ret.n < CAP);
    for (size_t i = 0; i < ret.n; i++) {
        double clock = fmod(t[i], 86400);
        if (clock > 1800 && clock < 41400)
            assert_close(hidden[i], 90, 1e-12);
        if (clock > 45000 && clock < 84600)
            assert_close(hidden[i], 30, 1e-12);
    }
}

static void a_draw_stops_at_the_room_it_has(void **state)
{
    (void)state;
    double lambda = 1, t[3];
    struct rng r;
    rng_stream(&r, 3, RNG_SIMULATE, 1, 0);
    assert_int_equal(cache_draw(&r, 1, 1e6, lambda, steady, &lambda, t, 3), 3);
}

/* Demand 0.7 a ttl: one look-up in 1 + .7 is a miss, not 1 in 1/(1 - H) with the
 * H = 1 - exp(-.7) of caches that renew on a hit (which would give 2.01). */
static void hidden_demand_counts_hits_of_a_ttl_that_is_not_renewed(void **state)
{
    (void)state;
    double t[] = {0, 1 + 1 / .7};
    struct interval live = {0, 2 * (1 + 1 / .7)};
    struct window w = {.live = &live, .nlive = 1, .length_s = live.to, .live_s = live.to};
    struct stream s = {.t = t, .n = 2, .ttl_s = 1};
    struct cache_fit f;
    assert_int_equal(cache_fit(&f, &s, &w, NULL), 0);
    assert_close(f.lambda, .7, 1e-14);
    assert_close(f.hidden_demand / 2, 1.7, 1e-14);
}

static void what_cannot_be_estimated_is_said(void **state)
{
    (void)state;
    struct err err;
    struct cache_fit f;
    struct cache_dead_time d;
    struct cache_k k;
    struct stream none = {.ttl_s = 100}, full = {.t = misses, .n = 5, .ttl_s = 1e9};
    struct interval tail = {60, 1000};
    struct window late = {.live = &tail, .nlive = 1, .length_s = 1000, .live_s = 940};
    const double even[] = {5, 5, 5};
    double crowd[CACHE_K_MAX + 1];
    for (size_t i = 0; i < CACHE_K_MAX + 1; i++)
        crowd[i] = (double)i;
    assert_fails(ERR_DEGENERATE, "at least one session", cache_fit(&f, &none, &window, &err));
    assert_fails(ERR_DEGENERATE, "outside ttl", cache_fit(&f, &full, &late, &err));
    assert_fails(ERR_DEGENERATE, "at least 3 gaps", cache_dead_time(&d, even, 2, 1, &err));
    assert_fails(ERR_DEGENERATE, "gaps that differ", cache_dead_time(&d, even, 3, 1, &err));
    assert_fails(ERR_DEGENERATE, "at least one session", cache_k_fit(&k, even, 0, 1, 9, &err));
    assert_fails(ERR_DEGENERATE, "at most 32",
                 cache_k_fit(&k, crowd, CACHE_K_MAX + 1, 100, 1000, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_is_misses_over_time_without_a_live_answer),
        cmocka_unit_test(an_answer_that_lives_while_the_sensor_is_deaf_hides_nothing),
        cmocka_unit_test(two_misses_inside_one_ttl_hide_the_overlap_once),
        cmocka_unit_test(a_session_that_outlasts_the_answer_hides_what_it_lasts),
        cmocka_unit_test(a_gap_is_censored_when_the_sensor_was_deaf_after_the_answer_died),
        cmocka_unit_test(a_gap_shorter_than_the_ttl_has_no_excess),
        cmocka_unit_test(the_dead_time_test_agrees_with_the_f_law),
        cmocka_unit_test(the_likelihood_of_k_caches_agrees_with_its_definition),
        cmocka_unit_test(one_cache_of_k_is_the_cache),
        cmocka_unit_test(drawn_misses_have_the_gaps_of_a_cache),
        cmocka_unit_test(demand_that_changes_comes_through_the_dead_time),
        cmocka_unit_test(a_draw_in_a_streams_place_hides_what_its_sessions_do),
        cmocka_unit_test(what_a_busy_hour_hides_is_hidden_in_it),
        cmocka_unit_test(a_draw_stops_at_the_room_it_has),
        cmocka_unit_test(hidden_demand_counts_hits_of_a_ttl_that_is_not_renewed),
        cmocka_unit_test(what_cannot_be_estimated_is_said),
    };
    return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
