/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "models/power.h"
#include "models/trial.h"
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
    struct power_binomial b = {60, .25, .05, POWER_RATIO, 22, 0};
    assert_true(fabs(exact_power(b, 2) - .7431941572610699) < 1e-13);
    assert_true(exact_power(b, 1) <= .05);
    struct power_binomial none = {2, .25, .05, POWER_RATIO, 0, 0};
    assert_true(exact_power(none, 1e4) == 0); /* 2 of 2 has p .0625: never rejected */
}

static void the_least_effect_has_the_wanted_power_and_a_little_less_has_not(void **state)
{
    (void)state;
    struct power_binomial b = {400, .1, .01, POWER_RATIO, 60, 0};
    struct power_scale s = {1, 1e4, 3, false};
    struct power_curve c = {.level = .01};
    power_fill(&c, &s, power_binomial, &b);
    assert_true(exact_power(b, c.mde) >= .8 && exact_power(b, c.mde * .999) < .8);
    assert_true(c.at_claim.value == exact_power(b, 3));
    assert_true(c.n == POWER_POINTS && c.v[0].effect == 1 && c.v[0].value <= .01);
    for (size_t i = 1; i < c.n; i++)
        assert_true(c.v[i].effect > c.v[i - 1].effect && c.v[i].value >= c.v[i - 1].value);
    struct power_binomial few = {3, .9, .01, POWER_RATIO, 0, 0};
    power_fill(&c, &s, power_binomial, &few);
    assert_true(isnan(c.mde));
}

static void a_curve_of_the_claim_alone_has_its_power_and_no_least_effect(void **state)
{
    (void)state;
    struct power_binomial b = {400, .1, .01, POWER_RATIO, 60, 0};
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

static double exact_severity(struct power_binomial b, double effect)
{
    struct power_point p = {.effect = effect};
    power_binomial(&b, &p);
    assert_true(isnan(p.severity_lo) && isnan(p.severity_hi));
    return p.severity;
}

/* SciPy 1.10.1: binom.cdf(21, 60, .25), binom.cdf(21, 60, .4); none of them is 22. Ten sessions
 * expected of a rate that is known (n large, p0 small): poisson.cdf(17, [10, 15, 20]). */
static void severity_is_the_chance_of_less_than_was_seen(void **state)
{
    (void)state;
    struct power_binomial b = {60, .25, .05, POWER_RATIO, 22, 0};
    assert_true(fabs(exact_severity(b, 1) - .9701991299851518) < 1e-13);
    assert_true(fabs(exact_severity(b, 2) - .25680584273893015) < 1e-13);
    b.level = .5; /* it is no power: nothing is asked of the critical count */
    assert_true(fabs(exact_severity(b, 2) - .25680584273893015) < 1e-13);
    struct power_binomial rate = {10000000, 1e-6, .05, POWER_RATIO, 18, 0},
                          nothing = {60, .25, .05, POWER_RATIO, 0, 0};
    static const double cdf[][2] = {
        {1, .9857223864029503}, {1.5, .7488587520753689}, {2, .29702839792467406}};
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(exact_severity(rate, cdf[i][0]) - cdf[i][1]) < 2e-6);
    assert_true(exact_severity(nothing, 2) == 0);
}

/* What a trial draws: sessions of ten expected times the effect; or always the same; or fails.
 */
enum { DRAW_POISSON, DRAW_SAME, DRAW_FAIL };

static double ten_times(void *ctx, double effect, struct rng *r, size_t worker)
{
    const int *how = ctx;
    (void)worker;
    return *how == DRAW_POISSON ? (double)rng_poisson(r, 10 * effect)
           : *how == DRAW_SAME  ? 18
                                : NAN;
}

static struct power_curve drawn(int how, double seen, bool only_claimed)
{
    const struct claim_kind kind = {.no_effect = 1, .sign = 1};
    const struct study_claim claim = {.kind = &kind, .effect = 1.5};
    const struct study study = {.power = true, .power_at_claim = only_claimed, .seed = 1};
    struct trial t = {.study = &study, .claim = &claim, .decide = .05, .threads = 1};
    struct null_result n = trial_blank();
    trial_power_at(&t, "a test", (struct power_marks){17, seen}, ten_times, &how, &n);
    return n.power;
}

/* SciPy 1.10.1: poisson.cdf(17, 15) = .7488587520753689, .8195 with the tie; poisson.sf(16, 15)
 * = .3358767993934556. Of 400 draws 1.5 standard errors are .033. */
static void drawn_severity_is_the_share_below_what_was_seen(void **state)
{
    (void)state;
    struct power_curve c = drawn(DRAW_POISSON, 18, false);
    assert_true(c.at_claim.effect == 1.5 &&
                fabs(c.at_claim.severity - .7488587520753689) < .033);
    assert_true(c.at_claim.severity_lo < .7488587520753689 &&
                c.at_claim.severity_hi > .7488587520753689);
    assert_true(fabs(c.at_claim.value - .3358767993934556) < .04);
    assert_true(fabs(c.v[0].severity - .9857223864029503) < .01); /* no effect: 1 - p */
    for (size_t i = 1; i < c.n; i++)
        assert_true(isnan(c.v[i].severity) || c.v[i].severity <= c.v[0].severity);
    assert_true(drawn(DRAW_POISSON, 18, true).at_claim.severity == c.at_claim.severity);
    struct power_curve without = drawn(DRAW_POISSON, NAN, false);
    assert_true(isnan(without.at_claim.severity) && isnan(without.v[0].severity_hi));
    assert_true(without.at_claim.value == c.at_claim.value && without.mde == c.mde);
}

static void ties_and_failed_draws_take_severity_from_the_claim(void **state)
{
    (void)state;
    assert_true(drawn(DRAW_SAME, 18, true).at_claim.severity == 0);
    assert_true(drawn(DRAW_SAME, 18.5, true).at_claim.severity == 1);
    assert_true(drawn(DRAW_FAIL, 18, true).at_claim.severity == 0);
}

/* A point between two of one power is not drawn: its severity is theirs where they agree, and
 * otherwise not known. */
static void steep(void *ctx, struct power_point *p)
{
    const bool *same = ctx;
    p->value = p->effect >= 2;
    p->lo = p->hi = p->value;
    p->severity = p->severity_lo = p->severity_hi = *same ? .5 : 1 / p->effect;
}

static void severity_of_an_effect_that_was_not_drawn_is_not_made_up(void **state)
{
    (void)state;
    struct power_scale s = {1, 1e4, 8, false};
    for (int same = 0; same < 2; same++) {
        bool flat = same;
        size_t known = 0, unknown = 0;
        struct power_curve c = {.sims = 400};
        power_fill(&c, &s, steep, &flat);
        for (size_t i = 0; i < c.n; i++) {
            double of = flat ? .5 : 1 / c.v[i].effect;
            known += c.v[i].severity == of;
            unknown += isnan(c.v[i].severity);
        }
        assert_true(known + unknown == c.n && known > 0 && (unknown > 0) == !flat);
        assert_true(c.at_claim.severity == (flat ? .5 : 1. / 8));
    }
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
    p->severity = p->severity_lo = p->severity_hi = NAN;
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
        cmocka_unit_test(severity_is_the_chance_of_less_than_was_seen),
        cmocka_unit_test(drawn_severity_is_the_share_below_what_was_seen),
        cmocka_unit_test(ties_and_failed_draws_take_severity_from_the_claim),
        cmocka_unit_test(severity_of_an_effect_that_was_not_drawn_is_not_made_up),
        cmocka_unit_test(simulated_power_is_found_from_few_effects),
        cmocka_unit_test(the_critical_value_leaves_no_more_replicates_than_the_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
