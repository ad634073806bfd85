/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a match is worth: strict reading, odds with their interval, and none without a
 * denominator. */
#include "models/baserate.h"

#include "stats/tail.h"
#include "tests/check.h"

static int read_text(const char *text, bool rows, struct base_rate *b, struct err *err)
{
    struct yaml *y;
    if (yaml_parse(&y, "test", span_of(text), err) < 0)
        return ERR_USAGE;
    int rc = base_rate_read(b, y, yaml_root(y), rows, err);
    yaml_close(y);
    return rc;
}

static void what_is_wrong_is_refused_at_its_place(void **state)
{
    (void)state;
    struct base_rate b;
    struct err err;
    static const char *const bad[][2] = {
        {"{innocent: case, source: s}", "1:1: expected the key 'units', found none"},
        {"{units: 9, source: s}", "1:1: expected the key 'innocent', found none"},
        {"{units: 9, innocent: case}", "1:1: expected the key 'source', found none"},
        {"{units: 0, innocent: case, source: s}", "1:9: expected 1 unit or more, or unknown"},
        {"{units: many, innocent: case, source: s}", "1:9: expected a number, found 'many'"},
        {"{units: 9, innocent: few, source: s}",
         "1:22: expected {matches, of}, case or unknown, found 'few'"},
        {"{units: 9, innocent: {matches: 3}, source: s}", "expected the key 'of', found none"},
        {"{units: 9, innocent: {matches: 3, of: 2}, source: s}", "expected 0 to 2 matches"},
        {"{units: 9, innocent: {matches: 0, of: 0}, source: s}",
         "expected 1 innocent or more, found '0'"},
        {"{units: 9, innocent: case, sensitivity: 0, source: s}",
         "expected a chance above 0 and at most 1, found '0'"},
        {"{units: 9, innocent: case, prior: 1, source: s}",
         "expected a chance above 0 and below 1, found '1'"},
        {"{units: 9, innocent: case, odds: 1, source: s}", "1:28: unknown key 'odds'"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(ERR_USAGE, bad[i][1], read_text(bad[i][0], true, &b, &err));
    assert_fails(ERR_USAGE, "expected {matches, of} or unknown, found 'case'",
                 read_text("{units: 9, innocent: case, source: s}", false, &b, &err));
}

/* Bounds of p: scipy.stats.beta.ppf(.025, 118, 3), (.975, 119, 2), SciPy 1.10.1. Odds at 876
 * alike: s / (M p); 2.5 of 121 short of the whole in the middle. */
static void odds_follow_from_the_chance_and_its_bounds(void **state)
{
    (void)state;
    struct base_rate b;
    struct err err = {0};
    assert_int_equal(read_text("{units: 876, innocent: {matches: 118, of: 120}, sensitivity: "
                               ".5, source: s}",
                               false, &b, &err),
                     0);
    struct base_answer a = base_rate_of(&b, b.matches, b.of, .95);
    const double p = 118.5 / 121, lo = .9410907805329731, hi = .9979751776623069;
    assert_null(a.why);
    assert_close(a.chance.value, p, 1e-12);
    assert_close(a.chance.lo, lo, 1e-9);
    assert_close(a.chance.hi, hi, 1e-9);
    assert_close(a.innocent.hi, 876 * hi, 1e-9);
    assert_close(a.lr.value, .5 / p, 1e-12);
    assert_close(a.odds.value, .5 / (876 * p), 1e-9);
    assert_close(a.odds.lo, .5 / (876 * hi), 1e-9);
    assert_close(a.odds.hi, .5 / (876 * lo), 1e-9);
    assert_close(a.posterior.value, 1 / (1 + 876 * p / .5), 1e-9); /* the island */
    b.prior = .2;                                                  /* odds of 1 to 4 */
    assert_close(base_rate_of(&b, 118, 120, .95).odds.lo, .25 * .5 / hi, 1e-9);
}

static void nothing_is_stated_without_a_denominator(void **state)
{
    (void)state;
    static const char *const text[] = {
        "{units: unknown, innocent: {matches: 1, of: 9}, prior: .1, source: s}",
        "{units: 9, innocent: unknown, prior: .1, source: s}",
        "{units: unknown, innocent: unknown, source: s}"};
    for (size_t i = 0; i < 3; i++) {
        struct base_rate b;
        struct err err = {0};
        assert_int_equal(read_text(text[i], true, &b, &err), 0);
        struct base_answer a = base_rate_of(&b, b.matches, b.of, .95);
        assert_non_null(a.why);
        assert_true(isnan(a.lr.value) && isnan(a.odds.value) && isnan(a.odds.hi) &&
                    isnan(a.posterior.lo) && isnan(a.innocent.value));
    }
}

/* Of 50 none: p is below scipy.stats.beta.ppf(.975, 1, 50), and the odds have no upper limit.
 */
static void no_match_among_few_innocents_is_no_certainty(void **state)
{
    (void)state;
    struct base_rate b = {.asked = true, .units = 1000, .from = BASE_STATED, .sensitivity = 1};
    struct base_answer a = base_rate_of(&b, 0, 50, .95);
    assert_close(a.lr.lo, 1 / .07112173646419764, 1e-9);
    assert_close(a.lr.value, 51 / .5, 1e-12);
    assert_true(isinf(a.lr.hi) && isinf(a.odds.hi) && a.odds.value < 1);
    assert_close(a.posterior.hi, 1, 1e-12);
}

/* The interval of the odds holds the odds of the true chance in 95 % of samples or more, for
 * every chance: exact sums over the sample. Foil: the odds of the chance as counted, plus and
 * minus two standard errors. */
static void the_interval_covers_at_every_chance(void **state)
{
    (void)state;
    struct base_rate b = {.asked = true, .units = 100, .from = BASE_STATED, .sensitivity = 1};
    double worst = 1, foil = 1;
    for (double p = .02; p < 1; p += .02) {
        double truth = 1 / (100 * p), covered = 0, naive = 0;
        for (unsigned k = 0; k <= 30; k++) {
            struct base_answer a = base_rate_of(&b, k, 30, .95);
            double mass = exp(binomial_logpmf(k, 30, p)), q = k / 30.;
            double half = 1.96 * sqrt(q * (1 - q) / 30);
            covered += a.odds.lo <= truth && truth <= a.odds.hi ? mass : 0;
            naive += fabs(q - p) <= half ? mass : 0;
        }
        worst = fmin(worst, covered);
        foil = fmin(foil, naive);
    }
    assert_true(worst >= .95);
    assert_true(foil < .6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_refused_at_its_place),
        cmocka_unit_test(odds_follow_from_the_chance_and_its_bounds),
        cmocka_unit_test(nothing_is_stated_without_a_denominator),
        cmocka_unit_test(no_match_among_few_innocents_is_no_certainty),
        cmocka_unit_test(the_interval_covers_at_every_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
