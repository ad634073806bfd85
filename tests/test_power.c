/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "models/power.h"
#include "stats/tail.h"
#include "stats/rng.h"

/* methods.md H8: alpha .05, power .8. SciPy 1.10.1:
 * (1 + (norm.isf(.05) + norm.isf(.2)) / (2 * sqrt(L)))**2. */
static void the_least_ratio_against_a_known_rate_is_that_of_the_table(void **state)
{
    (void)state;
    static const double table[][2] = {
        {10, 1.94}, {50, 1.38}, {100, 1.26}, {714, 1.095}, {2820, 1.047}};
    for (size_t i = 0; i < 5; i++) {
        double mde = power_rate_mde(table[i][0], .05, .8), digit = i < 3 ? .005 : .0005;
        if (fabs(mde - table[i][1]) > digit)
            fail_msg("Lambda0 %g: %.5f, expected %g", table[i][0], mde, table[i][1]);
    }
}

static double exact_power(struct power_binomial b, double effect)
{
    struct power_point p = {.effect = effect};
    power_binomial(&b, &p);
    return p.value;
}

/* SciPy 1.10.1: binom.sf(20, 60, .25) is .0541, binom.sf(21, 60, .25) is .0298, so 22 is
 * critical; a ratio of 2 makes .25 into .5 / 1.25 = .4; binom.sf(21, 60, .4). */
static void a_binomial_power_is_the_tail_beyond_the_critical_count(void **state)
{
    (void)state;
    struct power_binomial b = {60, .25, .05, true};
    assert_true(fabs(exact_power(b, 2) - .7431941572610699) < 1e-13);
    assert_true(exact_power(b, 1) <= .05);
    struct power_binomial none = {2, .25, .05, true};
    assert_true(exact_power(none, 1e4) == 0); /* 2 of 2 has p .0625: never rejected */
}

static void the_least_effect_has_the_wanted_power_and_a_little_less_has_not(void **state)
{
    (void)state;
    struct power_binomial b = {400, .1, .01, true};
    struct power_scale s = {1, 1e4, 3, false};
    struct power_curve c = {.level = .01};
    power_fill(&c, &s, power_binomial, &b);
    assert_true(exact_power(b, c.mde) >= .8 && exact_power(b, c.mde * .999) < .8);
    assert_true(c.at_claim.value == exact_power(b, 3));
    assert_true(c.n == POWER_POINTS && c.v[0].effect == 1 && c.v[0].value <= .01);
    for (size_t i = 1; i < c.n; i++)
        assert_true(c.v[i].effect > c.v[i - 1].effect && c.v[i].value >= c.v[i - 1].value);
    struct power_binomial few = {3, .9, .01, true};
    power_fill(&c, &s, power_binomial, &few);
    assert_true(isnan(c.mde));
}

static void a_curve_of_the_claim_alone_has_its_power_and_no_least_effect(void **state)
{
    (void)state;
    struct power_binomial b = {400, .1, .01, true};
    struct power_scale whole = {1, 1e4, 3, false}, one = {1, 1e4, 3, true};
    struct power_curve c = {.level = .01}, d = {.level = .01};
    power_fill(&c, &whole, power_binomial, &b);
    power_fill(&d, &one, power_binomial, &b);
    assert_true(d.n == 1 && d.v[0].effect == 3);
    assert_true(d.at_claim.value == c.at_claim.value && d.at_claim.value > .8);
    assert_true(isnan(d.mde) && isnan(d.mde_lo) && isnan(d.mde_hi));
}

/* 99 replicates 1..99: p <= .05 needs at most 4 of them, so all above 95 will do; ties and
 * replicates that failed count against the claim. */
static void the_critical_value_leaves_no_more_replicates_than_the_level(void **state)
{
    (void)state;
    double v[99];
    for (int i = 0; i < 99; i++)
        v[i] = (double)((i * 37) % 99 + 1);
    assert_true(power_critical(v, 99, .05) > 95 && power_critical(v, 99, .05) < 95.001);
    assert_true(power_critical(v, 99, .01) > 99 && power_critical(v, 99, .01) < 99.001);
    assert_true(isinf(power_critical(v, 99, .005)));
    for (int i = 0; i < 99; i++)
        v[i] = v[i] >= 96 ? NAN : v[i];
    assert_true(power_critical(v, 99, .05) > 95 && power_critical(v, 99, .05) < 95.001);
    for (int i = 0; i < 99; i++)
        v[i] = i < 90 ? 0 : 7;
    assert_true(power_critical(v, 99, .05) > 7);
    assert_true(power_critical(v, 99, .1) > 0 && power_critical(v, 99, .1) < .001);
}

/* Power Phi((ln e - 1) / .1) in whole 400ths, as replicates give it: .8 is at ln e = 1.0841621
 * (scipy 1.10: 1 + .1 * norm.ppf(.8)). */
struct steps {
    int calls;
    double top; /* power is 0 below and 1 above, where not 0 */
};

static void power_in_steps(void *ctx, struct power_point *p)
{
    struct steps *s = ctx;
    double z = (log(p->effect) - 1) / .1, share = .5 * erfc(-z / sqrt(2));
    uint64_t k = (uint64_t)floor(400 * (s->top > 0 ? p->effect >= s->top : share));
    p->value = (double)k / 400;
    binomial_interval(k, 400, .95, &p->lo, &p->hi);
    s->calls++;
}

static void simulated_power_is_found_from_few_effects(void **state)
{
    (void)state;
    struct power_scale s = {1, 1e4, 2.5, false};
    struct power_curve c = {.level = .05, .sims = 400};
    struct steps smooth = {0, 0};
    power_fill(&c, &s, power_in_steps, &smooth);
    assert_true(fabs(log(c.mde) - 1.0841621) < .004); /* a tenth of the slope: .0004 of power */
    assert_true(c.mde_lo < c.mde && c.mde < c.mde_hi);
    /* 95 % of 304 and of 336 of 400 (scipy: beta.ppf) hold .8; the effects that have these */
    assert_true(fabs(log(c.mde_lo) - 1.07063) < .006 && fabs(log(c.mde_hi) - 1.09945) < .006);
    assert_true(smooth.calls <= 20);
    struct steps jump = {0, 1.7};
    power_fill(&c, &s, power_in_steps, &jump);
    assert_true(fabs(c.mde - 1.7) < .01 && jump.calls <= 40);
    assert_true(c.at_claim.effect == 2.5 && c.at_claim.value == 1);
    struct steps never = {0, 2e4};
    power_fill(&c, &s, power_in_steps, &never);
    assert_true(isnan(c.mde) && isnan(c.mde_lo) && c.v[c.n - 1].value == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_ratio_against_a_known_rate_is_that_of_the_table),
        cmocka_unit_test(a_binomial_power_is_the_tail_beyond_the_critical_count),
        cmocka_unit_test(the_least_effect_has_the_wanted_power_and_a_little_less_has_not),
        cmocka_unit_test(a_curve_of_the_claim_alone_has_its_power_and_no_least_effect),
        cmocka_unit_test(simulated_power_is_found_from_few_effects),
        cmocka_unit_test(the_critical_value_leaves_no_more_replicates_than_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
