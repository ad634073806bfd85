/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/variants.h"
#include "tests/check.h"

enum { CAP = 32, TTL = 3600 };

struct series {
    double t[CAP];
    struct stream s;
    struct interval live;
    struct window w;
};

static void from_gaps(struct series *x, const double *gap, size_t m)
{
    x->t[0] = 0;
    for (size_t i = 0; i < m; i++)
        x->t[i + 1] = x->t[i] + gap[i];
    x->s = (struct stream){.t = x->t, .n = m + 1, .ttl_s = TTL};
    x->live = (struct interval){0, x->t[m]};
    x->w =
        (struct window){.live = &x->live, .nlive = 1, .length_s = x->t[m], .live_s = x->t[m]};
}

/* SciPy 1.10.1: minimize_scalar and minimize(Nelder-Mead) of the likelihoods by their
 * definitions, the second life over all gaps. */
static void fits_agree_with_scipy(void **state)
{
    (void)state;
    struct series x;
    struct variants v;
    const double gap[] = {3700, 3650, 4200, 5100, 3610, 3900,
                          8000, 4400, 3605, 6000, 3800, 4000};
    from_gaps(&x, gap, 12);
    assert_int_equal(variants_fit(&v, &x.s, &x.w, NULL), 0);
    assert_close(v.fit[VARIANT_TTL].loglik, -93.58978512012555, 1e-12);
    assert_close(v.fit[VARIANT_TTL].bic, 2 * 93.58978512012555 + log(12), 1e-12);
    assert_close(v.fit[VARIANT_REMAINING].lambda, 0.00044778765425161117, 1e-6);
    assert_close(v.fit[VARIANT_REMAINING].loglik, -105.75464591412054, 1e-11);
    assert_true(v.fit[VARIANT_LIFE].life_s == 3605);
    assert_true(v.fit[VARIANT_REMAINING].apart && !v.fit[VARIANT_PREFETCH_2S].apart);
    const double two[] = {400,  3700, 3650, 600,  4200, 5100, 3610, 900,
                          3900, 8000, 4400, 3605, 450,  6000, 3800, 4000};
    from_gaps(&x, two, 16);
    assert_int_equal(variants_fit(&v, &x.s, &x.w, NULL), 0);
    const struct variant_fit *mix = &v.fit[VARIANT_MIX];
    assert_true(v.fit[VARIANT_TTL].loglik == -INFINITY && v.best == VARIANT_MIX);
    assert_close(mix->loglik, -130.20980934517883, 1e-8);
    assert_close(mix->share, 0.7468444892513504, 1e-4);
    assert_close(mix->lambda, 0.0013702663399137046, 1e-4);
    assert_true(mix->life_s == 400);
}

/* 2 s of life at a demand every 20 minutes: .02 gaps to be expected there. */
static void lives_that_no_gap_divides_are_not_told_apart(void **state)
{
    (void)state;
    struct series x;
    struct variants v;
    double gap[12];
    for (int i = 0; i < 12; i++)
        gap[i] = TTL + 200. * (i + 1);
    from_gaps(&x, gap, 12);
    assert_int_equal(variants_fit(&v, &x.s, &x.w, NULL), 0);
    assert_true(v.fit[VARIANT_PREFETCH_2S].between < 3 && v.fit[VARIANT_TTL].between < 3);
    assert_true(!v.fit[VARIANT_TTL].apart && !v.fit[VARIANT_PREFETCH_2S].apart);
}

/* By hand: misses 1.1 and 1.5 h apart in turn, in 27 h; a has every other one. */
static void one_cache_behind_two_addresses_is_told_from_two(void **state)
{
    (void)state;
    double ta[10], tb[10];
    for (int i = 0; i < 10; i++) {
        ta[i] = 3600. * (1 + 2.6 * i);
        tb[i] = 3600. * (1 + 2.6 * i + 1.1);
    }
    struct interval live = {0, 27 * 3600};
    struct window w = {.live = &live, .nlive = 1, .length_s = live.to, .live_s = live.to};
    struct stream a = {.t = ta, .n = 10, .ttl_s = TTL}, b = {.t = tb, .n = 10, .ttl_s = TTL};
    struct cache_twin t;
    assert_int_equal(variants_twin(&t, &a, &b, 30, &w, NULL), 0);
    /* hours at risk: 27 less one a miss; ln L = n ln(n/U) - n, and
     * which address each of 20 came from */
    double one = 27 - 20, two = 27 - 10;
    assert_close(t.loglik_one, 20 * log(20 / (one * 3600)) - 20 + 20 * log(.5), 1e-12);
    assert_close(t.loglik_two, 2 * (10 * log(10 / (two * 3600)) - 10), 1e-12);
    assert_close(t.log_lr, t.loglik_one - t.loglik_two, 1e-12);
    assert_true(t.log_lr > log(100) && t.have_k && t.k.k == 1);
    double keep = tb[3];
    tb[3] = ta[3] + 20; /* a repeat by the other address is no second asking */
    assert_int_equal(variants_twin(&t, &a, &b, 30, &w, NULL), 0);
    assert_true(t.n == 19 && t.short_gaps == 0 && t.log_lr > log(10));
    tb[3] = keep;
    tb[3] = ta[3] + 600; /* one cache could not have asked twice in ten minutes */
    assert_int_equal(variants_twin(&t, &a, &b, 30, &w, NULL), 0);
    assert_int_equal(t.short_gaps, 1);
    assert_true(t.log_lr == -INFINITY && t.k.k == 2);
}

/* Where demand is rare beside the TTL nothing tells one cache from two. */
static void rare_look_ups_tell_neither(void **state)
{
    (void)state;
    double ta[10], tb[10];
    for (int i = 0; i < 10; i++) {
        ta[i] = 1e6 * (i + .2);
        tb[i] = 1e6 * (i + .7);
    }
    struct interval live = {0, 1e7};
    struct window w = {.live = &live, .nlive = 1, .length_s = live.to, .live_s = live.to};
    struct stream a = {.t = ta, .n = 10, .ttl_s = TTL}, b = {.t = tb, .n = 10, .ttl_s = TTL};
    struct cache_twin t;
    assert_int_equal(variants_twin(&t, &a, &b, 30, &w, NULL), 0);
    assert_near(t.log_lr, 0, .1);
}

static void too_few_gaps_are_not_compared(void **state)
{
    (void)state;
    struct series x;
    struct variants v;
    struct err err;
    const double gap[] = {4000, 4100};
    from_gaps(&x, gap, 2);
    assert_fails(ERR_DEGENERATE, "at least 10 gaps", variants_fit(&v, &x.s, &x.w, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_agree_with_scipy),
        cmocka_unit_test(lives_that_no_gap_divides_are_not_told_apart),
        cmocka_unit_test(one_cache_behind_two_addresses_is_told_from_two),
        cmocka_unit_test(rare_look_ups_tell_neither),
        cmocka_unit_test(too_few_gaps_are_not_compared),
    };
    return cmocka_run_group_tests_name("variants", tests, NULL, NULL);
}
