/* SPDX-License-Identifier: GPL-3.0-or-later
 * The busiest stretch of a pair: found where it was planted, with a p by replicates and an
 * extrapolation only where no replicate reaches. */
#include "tests/check.h"

#include "models/busiest.h"
#include "stats/rng.h"
#include "tests/made.h"

enum { DAYS = 21, HOUR = 3600, DAY = 24 * HOUR, TTL = 300 };

static const int64_t start = 94694400; /* 1973-01-01, a Monday */

/* Memoryless demand of 8 a day behind a cache of five minutes; `extra` more on day 10 from 6 h
 * to 18 h. */
static void test_of(double extra, uint32_t replicates, double ttl_s, struct busiest *ret)
{
    struct made m = {0};
    struct rng r;
    double lives_until = 0;
    rng_stream(&r, 3, RNG_VALIDATE, 3, (uint32_t)extra);
    for (double t = 0; (t += rng_exponential(&r, 120)) < DAYS * (double)DAY;) {
        bool busy = t >= 10 * DAY + 6 * HOUR && t < 10 * DAY + 18 * HOUR;
        double rate = (8 + (busy ? extra : 0)) / (DAY / 120.);
        if (rng_unit(&r) >= rate || t < lives_until)
            continue;
        made_add(&m, "192.0.2.1", "a.example", 1, start + (int64_t)t, 1);
        lives_until = t + TTL;
    }
    struct counts *c = made_counts(&m, start, start + DAYS * DAY);
    struct window w;
    struct subject s;
    uint32_t zero = 0;
    struct selection sel = {&zero, &zero, 1, 1};
    window_make(&w, c, 0, 0);
    subject_make(&s, c, &sel, &w, 30, ttl_s);
    struct grid g = grid_make(&w, HOUR);
    struct baseline_opts base = {.season = season_find("const"), .family = GLM_POISSON};
    struct busiest_opts o = {&base, 1, replicates, 10};
    assert_int_equal(busiest_test(ret, &s, &w, &g, &o, NULL), 0);
    subject_free(&s);
    window_free(&w);
    counts_free(c);
}

static void a_planted_half_day_is_found_where_it_is(void **state)
{
    (void)state;
    struct busiest b;
    test_of(60, 199, TTL, &b);
    assert_true(b.through_cache);
    assert_true(b.best.from >= 10 * 24 + 4 && b.best.from <= 10 * 24 + 8);
    assert_true(b.best.to >= 10 * 24 + 16 && b.best.to <= 10 * 24 + 20);
    assert_true(b.best.observed > b.best.expected);
    assert_close(exp(b.log_p), 1 / 200., 1e-12);
    assert_true(b.log_p_gumbel < b.log_p); /* short of what 199 replicates resolve */
    assert_true(b.gumbel_fit_p > 0 && b.gumbel_fit_p <= 1);
}

/* No extrapolation where a replicate answers; and replicates stop when ten have. */
static void steady_demand_has_an_ordinary_busiest_stretch(void **state)
{
    (void)state;
    struct busiest b, again;
    test_of(0, 999, TTL, &b);
    assert_true(exp(b.log_p) > .01 && b.mc.exceed >= 10 && b.mc.replicates < 999);
    assert_true(isnan(b.log_p_gumbel) && isnan(b.gumbel_fit_p));
    test_of(0, 999, TTL, &again);
    assert_memory_equal(&b.mc, &again.mc, sizeof b.mc);
    test_of(0, 99, 0, &b); /* without a TTL buckets are drawn, not caches */
    assert_false(b.through_cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_half_day_is_found_where_it_is),
        cmocka_unit_test(steady_demand_has_an_ordinary_busiest_stretch),
    };
    return cmocka_run_group_tests_name("busiest", tests, NULL, NULL);
}
