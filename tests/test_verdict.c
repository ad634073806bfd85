/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rule alone. Tables of nulls are drawn at random and each sentence of the rule is
 * asked of the answer by itself, in no order, so that a test cannot share the order
 * of the program's cases. */
#include "tests/check.h"

#include "models/verdict.h"
#include "stats/rng.h"

enum { NULLS = 5, DRAWS = 200000 };

static const double alpha = .05;

/* One drawn analysis, and what is read off it. */
struct drawn {
    struct battery_row row[NULLS];
    struct tested_null null[NULLS];
    struct claim_kind kind;
    struct study_claim claim;
    struct study study;
    struct claim_result result;
};

static void wire(struct drawn *d)
{
    for (size_t i = 0; i < NULLS; i++)
        d->null[i].row = &d->row[i];
    d->claim.kind = &d->kind;
    d->study.claims = &d->claim;
    d->result.nulls = d->null;
}

static void draw_null(struct rng *r, struct tested_null *n)
{
    n->verdict = (enum null_verdict)rng_below(r, 3);
    n->short_of_effect = n->verdict != NULL_UNTESTABLE && rng_below(r, 4) == 0;
    n->result.u_least = n->verdict == NULL_UNTESTABLE || rng_below(r, 4) ? NAN : 1;
    n->may_be_short =
        n->short_of_effect || (n->verdict != NULL_UNTESTABLE && rng_below(r, 8) == 0);
    n->log_p_adjusted = n->verdict == NULL_UNTESTABLE ? NAN
                        : n->verdict == NULL_REJECTED ? log(alpha) - rng_exponential(r, 2)
                                                      : log(alpha) * rng_unit(r);
}

/* Nulls favour rejection, so that every answer comes up often. */
static void draw(struct rng *r, struct drawn *d)
{
    *d = (struct drawn){.kind = {.sign = rng_below(r, 2) ? +1 : -1}};
    wire(d);
    d->result.nnulls = 1 + rng_below(r, NULLS);
    bool mostly_rejected = rng_below(r, 2) == 0;
    for (size_t i = 0; i < d->result.nnulls; i++) {
        d->row[i].role = i > 0 && rng_below(r, 3) == 0 ? ROLE_ADVISORY : ROLE_REQUIRED;
        do
            draw_null(r, &d->null[i]);
        while (mostly_rejected &&
               (d->null[i].verdict != NULL_REJECTED ||
                (d->null[i].may_be_short && rng_below(r, 2))) &&
               rng_below(r, 5));
    }
    d->claim.effect = 2;
    d->claim.search.kind = (enum search_kind)rng_below(r, 4);
    double middle = 1 + 2 * rng_unit(r);
    d->result.effect = (struct effect){middle, middle - rng_unit(r), middle + rng_unit(r), .95};
    d->study.alpha = alpha;
    d->study.correction = correction_find("holm");
    d->study.nclaims = 1;
}

/* The answer with the claim's direction and the correction of a study of one. */
static struct claim_result answer(struct drawn *d, bool opposite)
{
    d->claim.opposite = opposite;
    verdict_of(&d->result, &d->claim);
    verdict_correct(&d->result, &d->study);
    return d->result;
}

static bool searched(const struct drawn *d)
{
    return d->claim.search.kind == SEARCH_COUNT || d->claim.search.kind == SEARCH_ASSUMED;
}

static bool excluded(const struct drawn *d)
{
    const struct effect *e = &d->result.effect;
    return d->kind.sign > 0 ? e->hi < d->claim.effect : e->lo > d->claim.effect;
}

/* Counts of nulls by what the rule asks of them. */
struct tally {
    size_t required_untested, open, open_and_short, maybe_short, short_by_both, twice;
    double worst;
};

static struct tally tally_of(const struct drawn *d)
{
    struct tally t = {.worst = -INFINITY};
    for (size_t i = 0; i < d->result.nnulls; i++) {
        const struct tested_null *n = &d->null[i];
        bool open = n->verdict == NULL_NOT_REJECTED;
        t.required_untested += n->verdict == NULL_UNTESTABLE && d->row[i].role == ROLE_REQUIRED;
        t.open += open;
        t.open_and_short += open && n->short_of_effect;
        t.twice += !isnan(n->result.u_least);
        t.short_by_both += n->short_of_effect;
        t.maybe_short += n->verdict == NULL_REJECTED && n->may_be_short;
        if (n->verdict != NULL_UNTESTABLE)
            t.worst = fmax(t.worst, n->log_p_adjusted);
    }
    return t;
}

typedef void sentence(struct rng *r, struct drawn *d, size_t seen[4]);

/* Every sentence must have been asked of 1,000 draws of each answer it speaks of. */
static void for_all(sentence *ask, uint64_t seed, unsigned answers)
{
    size_t seen[4] = {0};
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct rng r;
        struct drawn d;
        rng_stream(&r, 1, RNG_SIMULATE, seed, i);
        draw(&r, &d);
        ask(&r, &d, seen);
    }
    for (unsigned v = 0; v < 4; v++)
        if (answers >> v & 1 && seen[v] < 1000)
            fail_msg("%s came up %zu times in %d draws", claim_verdict_names[v], seen[v],
                     DRAWS);
}

enum { ALL_ANSWERS = 1u << STANDS | 1u << EXPLAINED | 1u << UNDETERMINED | 1u << CONTRADICTED };

static void ask_answer(struct rng *r, struct drawn *d, size_t seen[4])
{
    (void)r;
    struct claim_result a = answer(d, false);
    struct tally t = tally_of(d);
    bool clean = t.required_untested == 0 && t.open == 0;
    seen[a.verdict]++;
    assert_int_equal(a.verdict == EXPLAINED, t.open_and_short > 0);
    assert_int_equal(a.verdict == CONTRADICTED,
                     clean && excluded(d) && (t.twice == 0 || t.short_by_both > 0));
    assert_int_equal(a.verdict == STANDS,
                     clean && t.maybe_short == 0 && !excluded(d) && searched(d));
}

static void each_answer_is_given_exactly_when_its_sentence_holds(void **state)
{
    (void)state;
    for_all(ask_answer, 1, ALL_ANSWERS);
}

static void ask_name(struct rng *r, struct drawn *d, size_t seen[4])
{
    (void)r;
    struct claim_result a = answer(d, false);
    const struct tested_null *n = a.because;
    seen[a.verdict]++;
    switch (a.why) {
    case CLAIM_EXPLANATION_FITS:
        assert_true(n->verdict == NULL_NOT_REJECTED && n->short_of_effect);
        break;
    case CLAIM_NOT_SEPARATED:
        assert_true(n->verdict == NULL_NOT_REJECTED && !n->short_of_effect);
        break;
    case CLAIM_UNTESTED:
        assert_true(n->verdict == NULL_UNTESTABLE && n->row->role == ROLE_REQUIRED);
        break;
    case CLAIM_SMALLER:
        assert_true(n ? n->verdict == NULL_REJECTED && n->may_be_short : excluded(d));
        break;
    case CLAIM_SEARCH_UNKNOWN:
        assert_false(searched(d));
        break;
    default:
        assert_true(a.why == CLAIM_ALL_REJECTED || a.why == CLAIM_INTERVAL);
    }
}

static void the_null_that_is_named_is_the_one_in_the_way(void **state)
{
    (void)state;
    for_all(ask_name, 2, ALL_ANSWERS);
}

static void ask_missing(struct rng *r, struct drawn *d, size_t seen[4])
{
    enum claim_verdict before = answer(d, false).verdict;
    enum claim_verdict other = answer(d, true).verdict;
    struct tested_null *n = &d->null[rng_below(r, (uint32_t)d->result.nnulls)];
    bool required = n->row->role == ROLE_REQUIRED;
    seen[before]++;
    n->verdict = NULL_UNTESTABLE;
    n->short_of_effect = n->may_be_short = false;
    n->result.u_least = NAN;
    n->log_p_adjusted = NAN;
    enum claim_verdict after = answer(d, false).verdict;
    if (required)
        assert_int_not_equal(after, STANDS);
    if (other != STANDS)
        assert_int_not_equal(answer(d, true).verdict, STANDS);
}

static void a_required_null_that_goes_missing_helps_neither_side(void **state)
{
    (void)state;
    for_all(ask_missing, 3, ALL_ANSWERS);
}

static void ask_advisory(struct rng *r, struct drawn *d, size_t seen[4])
{
    (void)r;
    if (d->result.nnulls == NULLS)
        return;
    struct claim_result without = answer(d, false);
    size_t last = d->result.nnulls++;
    d->row[last].role = ROLE_ADVISORY;
    d->null[last].verdict = NULL_UNTESTABLE;
    d->null[last].log_p_adjusted = NAN;
    struct claim_result with = answer(d, false);
    seen[with.verdict]++;
    assert_int_equal(with.verdict, without.verdict);
    assert_int_equal(with.why, without.why);
    assert_true(with.log_p == without.log_p || (isnan(with.log_p) && isnan(without.log_p)));
}

static void an_advisory_null_that_cannot_be_tested_changes_nothing(void **state)
{
    (void)state;
    for_all(ask_advisory, 4, ALL_ANSWERS);
}

/* What one side's search and correction cost is not paid by the other. */
static void ask_swap(struct rng *r, struct drawn *d, size_t seen[4])
{
    (void)r;
    struct claim_result claim = answer(d, false), opposite = answer(d, true);
    seen[claim.verdict]++;
    assert_int_not_equal(opposite.verdict, CONTRADICTED);
    assert_int_equal(opposite.verdict == EXPLAINED, claim.verdict == STANDS);
    assert_int_equal(opposite.verdict == STANDS, claim.verdict == EXPLAINED && searched(d));
    if (claim.verdict == EXPLAINED && !searched(d))
        assert_int_equal(opposite.why, CLAIM_SEARCH_UNKNOWN);
}

static void the_opposite_stands_exactly_when_the_claim_is_explained(void **state)
{
    (void)state;
    for_all(ask_swap, 5, ALL_ANSWERS);
}

static void ask_unsearched(struct rng *r, struct drawn *d, size_t seen[4])
{
    d->claim.search.kind = rng_below(r, 2) ? SEARCH_UNKNOWN : SEARCH_RANGE;
    for (int opposite = 0; opposite < 2; opposite++) {
        struct claim_result a = answer(d, opposite);
        seen[a.verdict]++;
        assert_int_not_equal(a.verdict, STANDS);
    }
}

static void nothing_stands_whose_search_is_unknown_or_a_range(void **state)
{
    (void)state;
    for_all(ask_unsearched, 6, 1u << EXPLAINED | 1u << UNDETERMINED | 1u << CONTRADICTED);
}

static void ask_p(struct rng *r, struct drawn *d, size_t seen[4])
{
    (void)r;
    struct claim_result a = answer(d, false);
    struct tally t = tally_of(d);
    seen[a.verdict]++;
    if (t.required_untested || t.open_and_short)
        assert_true(isnan(a.log_p));
    else
        assert_true(a.log_p == t.worst);
}

static void p_is_the_largest_of_those_that_decide(void **state)
{
    (void)state;
    for_all(ask_p, 7, ALL_ANSWERS);
}

static void ask_worse(struct rng *r, struct drawn *d, size_t seen[4])
{
    enum claim_verdict before = answer(d, false).verdict;
    struct tested_null *n = &d->null[rng_below(r, (uint32_t)d->result.nnulls)];
    if (n->verdict != NULL_REJECTED)
        return;
    n->verdict = NULL_NOT_REJECTED;
    n->log_p_adjusted = log(.5);
    seen[before]++;
    assert_int_not_equal(answer(d, false).verdict, STANDS);
}

static void a_claim_with_one_null_in_doubt_does_not_stand(void **state)
{
    (void)state;
    for_all(ask_worse, 8, 1u << STANDS);
}

/* --- several claims ------------------------------------------------------------------- */

/* Claims of one required null each, rejected with these p; nothing else in the way. */
static void make_claims(struct drawn *d, const double *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        d[i] = (struct drawn){.kind = {.sign = 1}};
        wire(&d[i]);
        d[i].row[0].null = "cache";
        d[i].null[0].verdict = NULL_REJECTED;
        d[i].null[0].log_p_adjusted = log(p[i]);
        d[i].claim.effect = 2;
        d[i].claim.search.kind = SEARCH_COUNT;
        d[i].result.nnulls = 1;
        d[i].result.effect = (struct effect){3, 2.5, 4, .95};
    }
}

/* Each by itself, then the first n together: all of one pair. */
static void correct(struct drawn *d, struct claim_result *r, struct study *s, size_t n)
{
    static const char *const ids[] = {"mornings", "evenings", "nights"};
    struct study_claim claims[3];
    for (size_t i = 0; i < n; i++) {
        claims[i] = d[i].claim;
        claims[i].id = ids[i];
        claims[i].kind = &d[i].kind;
        r[i] = d[i].result;
        r[i].trial = (struct trial){.study = s, .claim = &claims[i], .looks = 1};
        verdict_of(&r[i], &claims[i]);
    }
    s->claims = claims;
    s->nclaims = n;
    verdict_correct(r, s);
    s->claims = NULL;
}

/* p = .02, .02, .04: Holm's are n x .02 and 2 x .02, and .04 is raised to them. */
static void holm_runs_over_claims_and_counts_those_without_p(void **state)
{
    (void)state;
    struct drawn d[3];
    struct claim_result r[3];
    struct study s = {.alpha = alpha, .correction = correction_find("holm")};
    make_claims(d, (const double[]){.02, .02, .04}, 3);
    for (size_t n = 1; n <= 3; n++) {
        correct(d, r, &s, n);
        assert_close(exp(r[0].log_p_adjusted), .02 * (double)n, 1e-12);
        assert_int_equal(r[0].verdict, n < 3 ? STANDS : UNDETERMINED);
    }
    assert_int_equal(r[2].why, CLAIM_CORRECTION);
    assert_close(exp(r[2].log_p_adjusted), .06, 1e-12);
    d[2].null[0].verdict = NULL_UNTESTABLE; /* it loses its p and still counts */
    correct(d, r, &s, 3);
    assert_close(exp(r[0].log_p_adjusted), .06, 1e-12);
    assert_true(isnan(r[2].log_p_adjusted) && r[2].why == CLAIM_UNTESTED);
}

/* Exact p of one pair are independent for all that is known (three stretches of its day): the
 * smallest of three has 1 - (1 - p)^3, then of two, of one:
 * .0297, .0591, .2 for p = .01, .03, .2 (se .0017 at m = 9999). Where every second
 * replicate of the second claim failed, its p is never below .5 in a replicate, and the
 * other two have the price of two. */
static void maxt_is_the_price_of_independent_claims_and_failures_count(void **state)
{
    (void)state;
    struct drawn d[3];
    struct claim_result r[3];
    struct study s = {.alpha = alpha,
                      .seed = 5,
                      .max_replicates = 9999,
                      .correction = correction_find("maxt")};
    make_claims(d, (const double[]){.01, .03, .2}, 3);
    correct(d, r, &s, 3);
    assert_near(exp(r[0].log_p_adjusted), 1 - pow(.99, 3), 4 * .0017);
    assert_near(exp(r[1].log_p_adjusted), 1 - pow(.97, 2), 4 * .0024);
    assert_near(exp(r[2].log_p_adjusted), .2, 4 * .004);
    assert_int_equal(r[0].verdict, STANDS);
    double values[9999];
    for (size_t i = 0; i < 9999; i++)
        values[i] = i % 2 ? NAN : (double)i / 9999;
    d[1].null[0].result.values = values;
    d[1].null[0].result.mc.replicates = 9999;
    correct(d, r, &s, 3);
    assert_near(exp(r[0].log_p_adjusted), 1 - pow(.99, 2), 4 * .0014);
    assert_near(exp(r[1].log_p_adjusted), .03, 4 * .0017);
}

/* 1 - .99^3 and 1 - .97^2, where the third of three was explained and has no p: left out, ten
 * claims of ten pairs at .05 had a false one in .35 of 400 studies, and .045 since. */
static void maxt_asks_no_less_of_a_claim_because_another_was_explained(void **state)
{
    (void)state;
    struct drawn d[3];
    struct claim_result r[3];
    struct study s = {.alpha = alpha,
                      .seed = 5,
                      .max_replicates = 9999,
                      .correction = correction_find("maxt")};
    make_claims(d, (const double[]){.01, .03, .2}, 3);
    d[2].null[0].verdict = NULL_NOT_REJECTED;
    d[2].null[0].short_of_effect = true;
    correct(d, r, &s, 3);
    assert_near(exp(r[0].log_p_adjusted), 1 - pow(.99, 3), 4 * .0017);
    assert_near(exp(r[1].log_p_adjusted), 1 - pow(.97, 2), 4 * .0024);
    assert_true(isnan(r[2].log_p_adjusted) && r[2].verdict == EXPLAINED);
}

/* Three claims whose 99 replicates are independent, the least p .02: its price is
 * (1 + 99 (1 - .98^3)) / 100 = .0682 on average, se .0023 over 100. Where a replicate's p was
 * its whole rank, none lay between 1/99 and 2/99, and the price was .05. */
static void ranks_among_few_replicates_pay_as_p_between_them_would(void **state)
{
    (void)state;
    enum { M = 99, TIMES = 100 };
    double values[3][M], mean[2] = {0};
    for (uint32_t k = 0; k < 2 * TIMES; k++) {
        struct drawn d[3];
        struct claim_result r[3];
        struct rng rng;
        struct study s = {.alpha = alpha,
                          .seed = k,
                          .max_replicates = M,
                          .correction = correction_find(k < TIMES ? "maxt" : "neff")};
        make_claims(d, (const double[]){.02, .03, .2}, 3);
        rng_stream(&rng, 9, RNG_VALIDATE, 1, k);
        for (int j = 0; j < 3; j++) {
            for (int i = 0; i < M; i++)
                values[j][i] = rng_unit(&rng);
            d[j].null[0].result.values = values[j];
            d[j].null[0].result.mc.replicates = M;
        }
        correct(d, r, &s, 3);
        mean[k / TIMES] += exp(r[0].log_p_adjusted) / TIMES;
    }
    assert_near(mean[0], .01 + .99 * (1 - pow(.98, 3)), 4 * .0023);
    assert_near(mean[1], 1 - pow(.98, 3), .008); /* N is bounded by 3 */
}

/* Three claims that have the same replicates are one look; a claim without a p is one more. */
static void claims_that_rise_together_pay_for_as_many_looks_as_they_are(void **state)
{
    (void)state;
    static const char *const names[] = {"neff", "li_ji"};
    for (int k = 0; k < 2; k++) {
        struct drawn d[3];
        struct claim_result r[3];
        struct study s = {.alpha = alpha,
                          .seed = 5,
                          .max_replicates = 9999,
                          .correction = correction_find(names[k])};
        make_claims(d, (const double[]){.01, .03, .2}, 3);
        correct(d, r, &s, 3); /* apart */
        assert_near(exp(r[0].log_p_adjusted), 1 - pow(.99, 3), .002);
        double values[9999];
        for (size_t i = 0; i < 9999; i++)
            values[i] = (double)(i * 7919 % 9999);
        for (int j = 0; j < 3; j++) {
            d[j].null[0].result.values = values;
            d[j].null[0].result.mc.replicates = 9999;
        }
        correct(d, r, &s, 3);
        assert_near(exp(r[0].log_p_adjusted), .01, .0003);
        d[2].null[0].verdict = NULL_UNTESTABLE;
        correct(d, r, &s, 3);
        assert_near(exp(r[0].log_p_adjusted), 1 - pow(.99, 2), 4 * .0009);
        assert_true(isnan(r[2].log_p_adjusted));
    }
}

/* Three nulls of which the data can see the effect with chances given; NAN: no curve. */
static bool adequate(double a, double b, double c, double *ret_least)
{
    const double power[] = {a, b, c};
    struct drawn d = {.kind = {.id = "reaction", .sign = 1}, .study = {.power = true}};
    wire(&d);
    d.result.nnulls = 3;
    d.result.trial.study = &d.study;
    d.result.trial.claim = &d.claim;
    d.row[2].role = ROLE_ADVISORY;
    d.row[0].null = "scatter";
    d.row[1].null = "removal"; /* of which no draw at an effect exists */
    for (size_t i = 0; i < 3; i++) {
        struct power_curve *p = &d.null[i].result.power;
        d.null[i].verdict = power[i] < 0 ? NULL_UNTESTABLE : NULL_NOT_REJECTED;
        p->n = power[i] >= 0;
        p->at_claim.value = power[i];
    }
    return claim_adequate(&d.result, ret_least);
}

static void data_are_adequate_where_every_required_test_could_see_the_effect(void **state)
{
    (void)state;
    double least;
    assert_true(adequate(.8, 1, .1, &least) && least == .8); /* the third is advisory */
    assert_false(adequate(.79, 1, 1, &least));
    assert_true(least == .79);
    assert_false(adequate(1, -1, 1, &least)); /* a required one was not tested */
    assert_true(least == 0);
    assert_true(adequate(.9, NAN, NAN, &least) &&
                least == .9);                  /* no effect makes it likelier */
    assert_false(adequate(NAN, 1, 1, &least)); /* too few replicates for a power */
    assert_true(least == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer_is_given_exactly_when_its_sentence_holds),
        cmocka_unit_test(the_null_that_is_named_is_the_one_in_the_way),
        cmocka_unit_test(a_required_null_that_goes_missing_helps_neither_side),
        cmocka_unit_test(an_advisory_null_that_cannot_be_tested_changes_nothing),
        cmocka_unit_test(the_opposite_stands_exactly_when_the_claim_is_explained),
        cmocka_unit_test(nothing_stands_whose_search_is_unknown_or_a_range),
        cmocka_unit_test(p_is_the_largest_of_those_that_decide),
        cmocka_unit_test(a_claim_with_one_null_in_doubt_does_not_stand),
        cmocka_unit_test(holm_runs_over_claims_and_counts_those_without_p),
        cmocka_unit_test(maxt_is_the_price_of_independent_claims_and_failures_count),
        cmocka_unit_test(maxt_asks_no_less_of_a_claim_because_another_was_explained),
        cmocka_unit_test(ranks_among_few_replicates_pay_as_p_between_them_would),
        cmocka_unit_test(claims_that_rise_together_pay_for_as_many_looks_as_they_are),
        cmocka_unit_test(data_are_adequate_where_every_required_test_could_see_the_effect),
    };
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
