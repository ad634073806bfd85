/* SPDX-License-Identifier: GPL-3.0-or-later
 * Power on a scale of the test's own, against numbers of SciPy 1.10.1 and NumPy 1.24.2 and
 * against closed forms. The study is tests/data/study-own.yaml. */
#include "tests/check.h"

#include "models/activity.h"
#include "models/listed.h"
#include "models/nulls.h"
#include "models/verdict.h"
#include "stats/poisbin.h"
#include "stats/tail.h"
#include "stats/unseen.h"
#include "tests/asked.h"
#include "tests/made.h"
#include "tests/picked.h"

enum { DAY = 86400, DAYS = 60 };
static const int64_t monday = 94694400; /* 1 January 1973 */

static double value_at(power_fn *power, void *ctx, double effect)
{
    struct power_point p = {.effect = effect};
    power(ctx, &p);
    return p.value;
}

/* Straight between the points of a curve. */
static double read_off(const struct power_curve *c, double effect)
{
    for (size_t i = 1; i < c->n; i++)
        if ((effect - c->v[i].effect) * (effect - c->v[i - 1].effect) <= 0) {
            const struct power_point *a = &c->v[i - 1], *b = &c->v[i];
            double x = (effect - a->effect) / (b->effect - a->effect);
            return a->value + x * (b->value - a->value);
        }
    return NAN;
}

/* --- which tests ---------------------------------------------------------------------------
 */

static void a_test_with_its_own_effect_has_no_part_in_whether_data_are_enough(void **state)
{
    (void)state;
    static const char *const own[][2] = {
        {"reaction", "dates"},  {"reaction", "removal"},       {"exclusivity", "activity"},
        {"rarity", "activity"}, {"exclusivity", "truncation"}, {"authenticity", "versions"},
        {"alignment", "causes"}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        const struct power_effect *e = verdict_own_effect(own[i][0], own[i][1]);
        assert_non_null(e);
        assert_true(*e->label && *e->because && (e->none != e->most));
        assert_true(verdict_could_see(own[i][0], own[i][1], true, NAN) == 1);
        assert_true(verdict_could_see(own[i][0], own[i][1], false, NAN) == 0);
    }
    assert_null(verdict_own_effect("reaction", "scatter"));
    assert_null(verdict_own_effect("synchrony", "causes"));
    assert_true(verdict_could_see("reaction", "scatter", true, NAN) == 0);
}

static void no_value_of_its_own_effect_is_claimed(void **state)
{
    (void)state;
    struct power_binomial b = {60, .25, .05, POWER_RATIO, 22, 0};
    struct power_scale own = {1, 1e4, NAN, false}, claimed = {1, 1e4, 2, false};
    struct power_curve c = {.level = .05}, d = {.level = .05};
    power_fill(&c, &own, power_binomial, &b);
    power_fill(&d, &claimed, power_binomial, &b);
    assert_true(isnan(c.at_claim.value) && isnan(c.at_claim.effect));
    assert_int_equal(c.n, POWER_POINTS);
    assert_close(c.mde, d.mde, 1e-5);
    assert_true(c.v[0].value == d.v[0].value);
    struct power_binomial few = {3, .9, .01, POWER_RATIO, 0, 0};
    power_fill(&c, &own, power_binomial, &few); /* not even the most: drawn all the way */
    assert_true(isnan(c.mde) && c.n > 2 && c.v[c.n - 1].effect == 1e4);
}

/* --- activity ------------------------------------------------------------------------------
 */

/* Equal chances: binomial. Unequal ones: the tilted tails of the same module. */
static void the_law_of_unequal_chances_is_that_of_its_tails(void **state)
{
    (void)state;
    double p[400], law[401];
    for (size_t i = 0; i < 400; i++)
        p[i] = .3;
    poisbin_law(p, 400, law);
    for (size_t k = 0; k <= 400; k += 20)
        if (binomial_logpmf(k, 400, .3) > -80) /* above the band's e^-92 */
            assert_close(law[k], exp(binomial_logpmf(k, 400, .3)), 1e-11);
    for (size_t i = 0; i < 400; i++)
        p[i] = i % 10 == 0 ? 1 : (double)(i % 7) / 14;
    poisbin_law(p, 400, law);
    double sum = 0;
    for (size_t k = 401; k-- > 0;) {
        sum += law[k];
        if (sum > 1e-30 && k % 10 == 0)
            assert_close(sum, exp(poisbin_log_upper(k, p, 400)), 1e-10);
    }
    assert_close(sum, 1, 1e-12);
}

/* Two pairs of eight days. NumPy: the law by convolving (1 - p, p) of each of 16; critical are
 * 7 days at lambda 0 (tail .01495, 6: .05475), 6 at lambda .5 (.04318). */
static void power_of_activity_is_the_tail_at_so_many_times_the_rate(void **state)
{
    (void)state;
    double delta[] = {.5, 1, 2, 1, .25, 1.5, 1, .75}, live[] = {1, 1, .5, 1, 1, 1, .25, 1};
    const double rates[] = {.2, .35};
    static const double want[2][4] = {
        {.014952101230795543, .23639303024982955, .8513059892164608, .5645560608558933},
        {.04317963053764011, .33697118285266, .8513314552357196, .66302881714734}};
    for (int i = 0; i < 2; i++) {
        struct pairdays days = {.ndays = 8, .delta = delta, .live = live, .lambda = .5 * i};
        struct activity_power a = {&days, rates, 2, .05, 6};
        assert_close(value_at(activity_power, &a, 1), want[i][0], 1e-12);
        assert_close(value_at(activity_power, &a, 2), want[i][1], 1e-12);
        assert_close(value_at(activity_power, &a, 4), want[i][2], 1e-12);
        struct power_point p = {.effect = 2};
        activity_power(&a, &p);
        assert_close(p.severity, want[i][3], 1e-12);
        a.level = 1e-40; /* not even all 16 days */
        assert_true(value_at(activity_power, &a, 1e4) == 0);
    }
}

/* --- removal -------------------------------------------------------------------------------
 */

/* binom.sf(14, 20, .5) = .0207, of 14 and more .0577; binom.sf(14, 20, .8); three of the twenty
 * without a code: binom.sf(14, 17, .8). Severity with 16 answered: binom.cdf(15, 20, .8). */
static void power_of_removal_is_binomial_and_what_was_not_seen_is_no_help(void **state)
{
    (void)state;
    struct power_binomial b = {20, .5, .05, POWER_CHANCE, 16, 0};
    struct power_point p = {.effect = .8};
    assert_close(value_at(power_binomial, &b, .5), .020694732666015625, 1e-12);
    power_binomial(&b, &p);
    assert_close(p.value, .8042077854595495, 1e-12);
    assert_close(p.severity, .37035173609733085, 1e-12);
    b.lost = 3;
    assert_close(value_at(power_binomial, &b, .8), .30962247438172175, 1e-12);
    b.lost = 6; /* fourteen are too few for fifteen */
    assert_true(value_at(power_binomial, &b, 1) == 0);
}

/* --- truncation ----------------------------------------------------------------------------
 */

/* Six hundred others of a zero-truncated Poisson law, rate 2.5, mean m = 2.7236: the law is as
 * good as known, and p of a count that is neither always nor never rejected goes by how the
 * law came out, as if it were drawn. At level .07 a count of 6 (tail .0458) is rejected, and of
 * 5
 * (.0728 more) a third are. Rates of mean 2 m, 3 m: 5.4231, 8.1684, of which
 * P(6 or more) + P(5) / 3 = .4599 + .0576 and .8239 + .0286 (SciPy: poisson, brentq). */
static void power_of_a_list_is_that_of_a_count_among_those_who_were_seen(void **state)
{
    (void)state;
    uint64_t others[700];
    size_t n = 0;
    for (uint64_t k = 1; k < 12; k++) {
        double share = exp(poisson_logpmf(k, 2.5)) / (1 - exp(-2.5));
        for (int i = 0; i < (int)lround(600 * share); i++)
            others[n++] = k;
    }
    assert_near(truncated_mean(2.5, INFINITY), 2.72356372458463, 1e-12);
    assert_near(truncated_mu(2 * 2.72356372458463, INFINITY), 5.423086534896373, 1e-9);
    assert_near(truncated_mu(truncated_mean(2, .7), .7), 2, 1e-9);
    const struct claim_kind kind = {.no_effect = .5, .sign = 1, .most_effect = 1};
    const struct study_claim claim = {.kind = &kind, .effect = .9};
    const struct study study = {
        .power = true, .seed = 1, .max_replicates = 999, .alpha = .07, .effort = EFFORT_WHOLE};
    struct trial t = {
        .study = &study, .claim = &claim, .decide = .07, .looks = 1, .threads = 1};
    struct listed list = {others, n, 1, 3, DAYS};
    struct null_result r = trial_blank();
    listed_test(&t, &list, &r);
    assert_ptr_equal(r.power.of, verdict_own_effect("exclusivity", "truncation"));
    assert_true(isnan(r.power.at_claim.value) && r.power.sims == POWER_SIMS);
    assert_near(r.power.v[0].value, .07, .05); /* 3 se of 400, and of the critical value */
    assert_near(read_off(&r.power, 2), .5175, .1);
    assert_near(read_off(&r.power, 3), .8525, .1);
    assert_true(r.power.mde > 2 && r.power.mde < 3.4);
    free(r.values);
}

/* --- in a log ------------------------------------------------------------------------------
 */

static struct study *study_of(const struct counts *c)
{
    struct study *s;
    struct err err;
    if (study_read(&s, "tests/data/study-own.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    return s;
}

/* Ten a day, evenly: the days scatter less than Poisson's, so that draws are Poisson's. Sixty
 * days of 5 %: the best date may lie one day off. NumPy, 40,000 series of Poisson(10) with the
 * ratio from day 40, the best split of days 6 to 54 within a day of it: 1: .048, .7: .489,
 * .6: .674, .5: .816. */
static void a_change_is_dated_as_often_as_series_drawn_elsewhere_are(void **state)
{
    (void)state;
    static const double want[][2] = {{1, .048}, {.7, .489}, {.6, .674}, {.5, .816}};
    struct made m = {0};
    for (int i = 0; i < 10 * DAYS; i++)
        made_add(&m, "192.0.2.1", "target.example", 1, monday + i * (DAY / 10) + 99, 1);
    for (int i = 0; i < DAYS; i++)
        made_add(&m, "192.0.2.2", "target.example", 1, monday + i * DAY + 7, 1);
    struct counts *c = made_counts(&m, monday, monday + DAYS * DAY);
    struct study *s = study_of(c);
    struct null_result n = asked_null(s, "fell", "dates", c);
    assert_int_equal(n.why, WHY_NONE);
    assert_ptr_equal(n.power.of, &own_dates);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_near(read_off(&n.power, want[i][0]), want[i][1], .09); /* 3 se; straight lines */
    assert_near(n.power.mde, .51, .05);
    for (size_t i = 1; i < n.power.n; i++)
        assert_true(n.power.v[i].value >= n.power.v[i - 1].value - .03);
    s->power_at_claim = true; /* nothing is claimed of it, so nothing is drawn */
    assert_int_equal(asked_null(s, "fell", "dates", c).power.n, 0);
    s->power = s->power_at_claim = false;
    assert_int_equal(asked_null(s, "fell", "dates", c).power.n, 0);
    study_free(s);
    counts_free(c);
}

/* 24 other pairs of 40 rows, which lack 0 to 7 in the copy, three of each; one more pair may
 * not lack as much as the claim's, so that it must lack more than 7/40. SciPy: the mean over
 * them of binom.sf of the rows that are then still needed; severity with 10 lacking rows. */
static void power_of_versions_is_the_mean_over_pairs_that_might_stand_in_its_place(void **state)
{
    (void)state;
    struct made m = {0}, less = {0};
    for (int p = 0; p < 25; p++) {
        char name[24] = "target.example";
        int lacks = p ? (p - 1) / 3 : 10;
        if (p)
            snprintf(name, sizeof name, "p%02d.example", p);
        for (int i = 0; i < 40; i++) {
            made_add(&m, "192.0.2.1", name, 1, monday + i * DAY + p, 1);
            if (i >= lacks)
                made_add(&less, "192.0.2.1", name, 1, monday + i * DAY + p, 1);
        }
    }
    made_add(&m, "192.0.2.2", "target.example", 1, monday, 1);
    made_add(&less, "192.0.2.2", "target.example", 1, monday, 1);
    struct counts *c = made_counts(&m, monday, monday + DAYS * DAY);
    struct study *s = study_of(c);
    picked_claim(s, "forged")->copy.counts = made_counts(&less, monday, monday + DAYS * DAY);
    struct null_result n = asked_null(s, "forged", "versions", c);
    const struct power_curve *v = &n.power;
    assert_true(v->of == &own_versions && v->sims == 0 && v->n == POWER_POINTS);
    assert_true(v->v[0].value == 0 && v->v[0].severity == 1);
    assert_near(v->mde, .1728776, 1e-6);
    static const double share[] = {.1, .2};
    static const double power[] = {.4971849978036542, .8752150142712152},
                        severity[] = {.8348544876931668, .3806780042114847};
    for (size_t i = 0; i < 2; i++) { /* a curve from v: between neighbours */
        size_t k = 1;
        while (k + 1 < v->n && v->v[k].effect < share[i])
            k++;
        assert_true(v->v[k - 1].value < power[i] && power[i] < v->v[k].value);
        assert_true(v->v[k - 1].severity > severity[i] && severity[i] > v->v[k].severity);
    }
    study_free(s);
    counts_free(c);
}

/* Of sixty days six are dates; four are of other causes, one of them a date too. So 5 of 56 are
 * left, and of the sessions those of 56 days: one a day, 56. binom.sf(9, 56, 5/56) = .0277, 9
 * and more .0636: critical are 10. */
static void power_of_causes_is_binomial_among_what_they_leave(void **state)
{
    (void)state;
    struct made m = {0};
    for (int i = 0; i < DAYS; i++) {
        made_add(&m, "192.0.2.1", "target.example", 1, monday + i * DAY + DAY / 2, 1);
        made_add(&m, "192.0.2.2", "target.example", 1, monday + i * DAY + 7, 1);
    }
    struct counts *c = made_counts(&m, monday, monday + DAYS * DAY);
    struct study *s = study_of(c);
    struct null_result n = asked_null(s, "aligned", "causes", c);
    assert_int_equal(n.why, WHY_NONE);
    assert_true(n.power.of == &own_causes && isnan(n.power.at_claim.value));
    double p0 = 5. / 56, p1 = p0 + n.power.mde * (1 - p0);
    assert_close(n.power.v[0].value, exp(binomial_log_upper(10, 56, p0)), 1e-9);
    assert_near(n.power.v[0].value, .0253197, 1e-6);
    assert_near(exp(binomial_log_upper(10, 56, p1)), .8, 1e-4);
    study_free(s);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_with_its_own_effect_has_no_part_in_whether_data_are_enough),
        cmocka_unit_test(no_value_of_its_own_effect_is_claimed),
        cmocka_unit_test(the_law_of_unequal_chances_is_that_of_its_tails),
        cmocka_unit_test(power_of_activity_is_the_tail_at_so_many_times_the_rate),
        cmocka_unit_test(power_of_removal_is_binomial_and_what_was_not_seen_is_no_help),
        cmocka_unit_test(power_of_a_list_is_that_of_a_count_among_those_who_were_seen),
        cmocka_unit_test(a_change_is_dated_as_often_as_series_drawn_elsewhere_are),
        cmocka_unit_test(
            power_of_versions_is_the_mean_over_pairs_that_might_stand_in_its_place),
        cmocka_unit_test(power_of_causes_is_binomial_among_what_they_leave),
    };
    return cmocka_run_group_tests_name("own_power", tests, NULL, NULL);
}
