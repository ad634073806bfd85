/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/cache.h"
#include "models/renewal.h"
#include "tests/check.h"

enum { CAP = 500, TTL = 3600 };

struct series {
    double t[CAP];
    struct stream s;
    struct interval live;
    struct window w;
};

static void settle(struct series *x, size_t n, double length)
{
    x->s = (struct stream){.t = x->t, .n = n, .ttl_s = TTL};
    x->live = (struct interval){0, length};
    x->w = (struct window){.live = &x->live, .nlive = 1, .length_s = length, .live_s = length};
}

static void from_gaps(struct series *x, const double *gap, size_t m)
{
    x->t[0] = 100;
    for (size_t i = 0; i < m; i++)
        x->t[i + 1] = x->t[i] + gap[i];
    settle(x, m + 1, x->t[m] + 100);
}

static struct renewal compare(const struct series *x, double resolution)
{
    struct renewal r;
    struct renewal_opts o = {.resolution_s = resolution, .seed = 1};
    assert_int_equal(renewal_compare(&r, &x->s, &x->w, &o, NULL), 0);
    return r;
}

/* SciPy 1.10.1 minimize(Nelder-Mead) of the same likelihoods. */
static void fits_agree_with_scipy(void **state)
{
    (void)state;
    struct series x;
    const double turns[] = {3610,  3590, 7205, 3602, 3611, 3588,
                            10790, 3599, 3604, 7198, 3606, 3597};
    from_gaps(&x, turns, 12);
    struct renewal r = compare(&x, .1);
    const struct renewal_fit *f = &r.fit[RENEWAL_SLEEP];
    assert_close(f->period_s, 3600, 1e-4);
    assert_close(f->spread_s, 6.9452221290260665, 1e-3);
    assert_close(f->q, .25, 1e-3);
    assert_near(f->loglik, -50.52372563961908, 1e-5);
    const double excess[] = {100, 700, 2500, 40, 1200, 900, 300, 5000, 60, 4100, 220, 800};
    double gap[12];
    for (int i = 0; i < 12; i++)
        gap[i] = TTL + excess[i];
    from_gaps(&x, gap, 12);
    r = compare(&x, .1);
    assert_near(r.fit[RENEWAL_DEMAND].loglik, -98.28509771532448, 1e-9);
    f = &r.fit[RENEWAL_LOST];
    assert_close(f->lambda, 0.0015737907855761877, 1e-3);
    assert_close(f->q, 0.14030951743242634, 5e-3);
    assert_near(f->loglik, -96.32435419043907, 1e-5);
    assert_near(f->score, f->loglik - log(12), 1e-12);
}

static double steady(const void *ctx, double t)
{
    (void)t;
    return *(const double *)ctx;
}

static void demand(struct series *x, double every, double length, uint64_t seed)
{
    struct rng r;
    double lambda = 1 / every;
    rng_stream(&r, seed, RNG_SIMULATE, 1, 0);
    settle(x, cache_draw(&r, TTL, length, lambda, steady, &lambda, x->t, CAP), length);
}

static void a_busy_cache_is_demand_and_a_clock_is_a_timer(void **state)
{
    (void)state;
    struct series x;
    demand(&x, 360, 7 * 86400., 4);
    struct renewal r = compare(&x, 1);
    assert_int_equal(r.answer, RENEWAL_IS_DEMAND);
    assert_true(r.log_lr < -log(100) && !r.refuted);
    struct rng rng;
    rng_stream(&rng, 2, RNG_SIMULATE, 1, 0);
    for (int i = 0; i < 150; i++)
        x.t[i] = 3600. * (i + 1) + 40 * rng_normal(&rng);
    settle(&x, 150, 3600. * 152);
    r = compare(&x, 1);
    assert_int_equal(r.answer, RENEWAL_IS_TIMER);
    assert_int_equal(r.timer, RENEWAL_CLOCK);
    assert_true(r.short_gaps > 20 && isfinite(r.log_lr)); /* k caches could, if badly */
    assert_near(r.fit[RENEWAL_CLOCK].period_s, 3600, 1);
    assert_near(r.fit[RENEWAL_CLOCK].spread_s, 40, 8);
}

/* Two caches behind one address make gaps that one cannot; that is no timer. */
static void short_gaps_of_two_caches_are_not_a_timer(void **state)
{
    (void)state;
    struct series x;
    struct rng r;
    double until[2] = {0, 0}, now = 0;
    size_t n = 0;
    rng_stream(&r, 5, RNG_SIMULATE, 3, 0);
    while (n < 150) {
        now += rng_exponential(&r, 1200);
        size_t k = rng_below(&r, 2);
        if (now >= until[k]) {
            x.t[n++] = now;
            until[k] = now + TTL;
        }
    }
    settle(&x, n, now + 1);
    struct renewal c = compare(&x, 1);
    assert_true(c.short_gaps > 10 && c.fit[RENEWAL_DEMAND].loglik == -INFINITY);
    assert_int_equal(c.demand, RENEWAL_CACHES);
    assert_int_equal(c.fit[RENEWAL_CACHES].k, 2);
    assert_true(!c.refuted && c.answer != RENEWAL_IS_TIMER);
}

/* Look-ups that come as soon as the answer has died, to the second: who asks so often
 * cannot be told. */
static void what_the_clock_cannot_resolve_is_not_separable(void **state)
{
    (void)state;
    struct series x;
    struct rng r;
    double gap[60];
    rng_stream(&r, 6, RNG_SIMULATE, 1, 0);
    for (int i = 0; i < 60; i++)
        gap[i] = TTL + floor(rng_exponential(&r, 2));
    from_gaps(&x, gap, 60);
    struct renewal c = compare(&x, 1);
    assert_true(!c.resolved && c.answer == RENEWAL_NOT_SEPARABLE);
}

static void too_few_gaps_are_not_compared(void **state)
{
    (void)state;
    struct series x;
    struct renewal r;
    struct renewal_opts o = {.resolution_s = 1};
    struct err err;
    const double gap[] = {4000, 4100, 4200, 4300};
    from_gaps(&x, gap, 4);
    assert_fails(ERR_DEGENERATE, "at least 10 gaps", renewal_compare(&r, &x.s, &x.w, &o, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_agree_with_scipy),
        cmocka_unit_test(a_busy_cache_is_demand_and_a_clock_is_a_timer),
        cmocka_unit_test(short_gaps_of_two_caches_are_not_a_timer),
        cmocka_unit_test(what_the_clock_cannot_resolve_is_not_separable),
        cmocka_unit_test(too_few_gaps_are_not_compared),
    };
    return cmocka_run_group_tests_name("renewal", tests, NULL, NULL);
}
