/* SPDX-License-Identifier: GPL-3.0-or-later
 * Verdicts on exclusivity and rarity in worlds in which the truth is known. */
#include "models/verdict.h"
#include "stats/rng.h"
#include "tests/check.h"
#include "tests/made.h"

enum { DAYS = 84, DAY = 86400, OTHERS = 34, NAMES = 26 };

/* Chance a day that each of the two clients asks for the target, and each other client. */
struct world {
    double pair, others;
    bool concentrated; /* each other name has two clients of its own, or all alike */
};

static void ask(struct made *m, struct rng *r, int client, const char *name, double chance)
{
    char text[24];
    snprintf(text, sizeof text, client < 3 ? "192.0.2.%d" : "198.51.100.%d",
             client < 3 ? client : 4 * (client - 2));
    for (int d = 0; d < DAYS; d++)
        if (rng_unit(r) < chance)
            made_add(m, text, name, 1, d * DAY + 3600, 1 + rng_below(r, 3));
}

static struct counts *draw(const struct world *w)
{
    struct made m = {0};
    struct rng r;
    rng_stream(&r, 11, RNG_VALIDATE, 1, 0);
    for (int c = 1; c <= OTHERS; c++)
        ask(&m, &r, c, "target.example", c < 3 ? w->pair : w->others);
    for (int n = 0; n < NAMES; n++) {
        char name[24];
        snprintf(name, sizeof name, "n%02d.example", n);
        for (int c = 1; c <= OTHERS; c++) {
            bool own = c == 3 + n || c == 4 + n;
            double alike = 1.5 / OTHERS;
            ask(&m, &r, c, name, !w->concentrated ? alike : own ? .7 : .0005);
        }
    }
    return made_counts(&m, 0, DAYS * DAY);
}

static struct claim_result *test(const struct world *w, struct study **s, struct counts **c)
{
    struct err err = {0};
    struct claim_result *r;
    *c = draw(w);
    if (study_read(s, "tests/data/study-share.yaml", NULL, &err) < 0 ||
        study_resolve(*s, *c, &err) < 0 || study_test(&r, *s, *c, 1, NULL, &err) < 0)
        fail_msg("%s", err.msg);
    return r;
}

enum { ALONE, NOT_ALONE, UNKNOWN, HALF_SEEN, RARE, NOT_RARE, RARE_UNKNOWN };

static void finish(struct claim_result *r, struct study *s, struct counts *c)
{
    study_test_free(r, s->nclaims);
    study_free(s);
    counts_free(c);
}

static const struct tested_null *null_of(const struct claim_result *r, const char *id)
{
    for (size_t i = 0; i < r->nnulls; i++)
        if (strcmp(r->nulls[i].row->null, id) == 0)
            return &r->nulls[i];
    fail_msg("no null %s", id);
    return NULL;
}

static void two_who_alone_ask_stand_where_coverage_is_known(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.8, .001, false};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[ALONE].verdict, STANDS);
    assert_int_equal(r[NOT_ALONE].verdict, EXPLAINED);
    assert_true(r[ALONE].effect.lo > .93 && r[ALONE].effect.hi <= 1);
    assert_int_equal(r[RARE].verdict, STANDS);
    assert_int_equal(r[NOT_RARE].verdict, EXPLAINED);
    assert_non_null(strstr(null_of(&r[ALONE], "sensors")->result.detail, "others: drawn"));
    finish(r, s, c);
}

static void unknown_coverage_leaves_it_undetermined_and_names_the_tipping_point(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.8, .001, false};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[UNKNOWN].verdict, UNDETERMINED);
    assert_int_equal(r[UNKNOWN].why, CLAIM_UNTESTED);
    assert_string_equal(r[UNKNOWN].because->row->null, "sensors");
    assert_non_null(strstr(r[UNKNOWN].because->result.detail, "times the coverage"));
    assert_int_equal(r[RARE_UNKNOWN].verdict, UNDETERMINED);
    assert_string_equal(r[RARE_UNKNOWN].because->row->null, "sensors");
    finish(r, s, c);
}

static void half_of_all_unseen_may_all_be_others(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.8, .001, false};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[HALF_SEEN].verdict, UNDETERMINED);
    assert_int_equal(null_of(&r[HALF_SEEN], "sensors")->verdict, NULL_NOT_REJECTED);
    assert_true(r[HALF_SEEN].effect.lo < .5 && r[HALF_SEEN].effect.hi > .99);
    finish(r, s, c);
}

static void names_that_two_clients_dominate_are_no_sign_where_all_do(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.7, .0005, true};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[ALONE].verdict, UNDETERMINED);
    assert_int_equal(null_of(&r[ALONE], "concentration")->verdict, NULL_NOT_REJECTED);
    finish(r, s, c);
}

static void a_share_of_two_thirds_contradicts_one_of_nineteen_in_twenty(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.8, .8 / 32, false};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[ALONE].verdict, CONTRADICTED);
    assert_true(r[ALONE].effect.hi < .95 && r[ALONE].effect.lo > .5);
    finish(r, s, c);
}

static void a_minority_is_explained_and_the_opposite_stands(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.5, .05, false};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[ALONE].verdict, EXPLAINED);
    assert_int_equal(r[NOT_ALONE].verdict, STANDS);
    finish(r, s, c);
}

static void a_block_like_the_others_is_not_rarer_elsewhere(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.02, .03, false};
    struct claim_result *r = test(&w, &s, &c);
    assert_int_equal(r[RARE].verdict, EXPLAINED);
    assert_int_equal(r[NOT_RARE].verdict, STANDS);
    finish(r, s, c);
}

/* Swap: both directions are one analysis. */
static void opposite_claims_have_the_same_numbers(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    const struct world w = {.8, .001, false};
    struct claim_result *r = test(&w, &s, &c);
    for (size_t i = 0; i < r[ALONE].nnulls; i++) {
        const struct null_result *a = &r[ALONE].nulls[i].result,
                                 *b = &r[NOT_ALONE].nulls[i].result;
        assert_true(a->why == b->why && (isnan(a->log_p) || a->log_p == b->log_p));
    }
    assert_close(r[NOT_RARE].effect.value, r[RARE].effect.value, 1e-12);
    finish(r, s, c);
}

/* A study that leaves coverage out has no more room for "below" than one that states it: a
 * group of one third of what was seen may be most of what was asked. */
static void unknown_coverage_helps_neither_side(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    struct err err;
    const struct world w = {.5, .05, false};
    struct claim_result *r = test(&w, &s, &c), other = {0};
    assert_int_equal(r[ALONE].verdict, EXPLAINED);
    assert_int_equal(r[UNKNOWN].verdict, UNDETERMINED);
    assert_int_equal(r[RARE_UNKNOWN].verdict, UNDETERMINED);
    struct study_claim below = s->claims[UNKNOWN];
    below.opposite = true;
    assert_int_equal(claim_test(&other, s, &below, c, 1, &err), 0);
    claim_turn(&other, &below);
    assert_int_equal(other.verdict, UNDETERMINED);
    claim_result_free(&other);
    finish(r, s, c);
}

/* One coverage of .9 for all, and nobody else was seen: of 10 unseen to 90 seen all may be
 * the others', and that is rare still; how rare at most nobody knows. */
static void a_name_that_nobody_else_asks_for_is_rare_at_one_coverage_for_all(void **state)
{
    (void)state;
    struct study *s;
    struct counts *c;
    struct err err;
    const struct world w = {.8, 0, false};
    struct claim_result *r = test(&w, &s, &c), one = {0};
    struct study_claim rare = s->claims[RARE];
    rare.coverage = (struct study_coverage){true, .9, 0, "drawn"};
    assert_int_equal(claim_test(&one, s, &rare, c, 1, &err), 0);
    const struct tested_null *sensors = null_of(&one, "sensors");
    assert_int_equal(sensors->verdict, NULL_REJECTED);
    assert_true(isnan(sensors->result.u) && isfinite(one.effect.lo) && one.effect.lo > 5);
    assert_int_equal(one.verdict, STANDS);
    claim_result_free(&one);
    finish(r, s, c);
}

static void shares_have_no_bound_where_days_are_not_asked_for_one(void **state)
{
    (void)state;
    struct err err = {0};
    struct study *s;
    struct counts *c = draw(&(struct world){.9, .2, false});
    if (study_read(&s, "tests/data/study-share.yaml", NULL, &err) < 0 ||
        study_resolve(s, c, &err) < 0)
        fail_msg("%s", err.msg);
    for (size_t i = ALONE; i <= RARE; i += RARE - ALONE)
        for (int rough = 0; rough < 2; rough++) {
            struct trial t;
            struct effect e;
            assert_int_equal(trial_make(&t, s, &s->claims[i], c, 1, &err), 0);
            t.rough = rough;
            t.claim->kind->estimate(&t, &e);
            assert_true(isfinite(e.value));
            assert_int_equal(isnan(e.lo) && isnan(e.hi), rough);
            trial_free(&t);
        }
    study_free(s);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_who_alone_ask_stand_where_coverage_is_known),
        cmocka_unit_test(unknown_coverage_leaves_it_undetermined_and_names_the_tipping_point),
        cmocka_unit_test(half_of_all_unseen_may_all_be_others),
        cmocka_unit_test(names_that_two_clients_dominate_are_no_sign_where_all_do),
        cmocka_unit_test(a_share_of_two_thirds_contradicts_one_of_nineteen_in_twenty),
        cmocka_unit_test(a_minority_is_explained_and_the_opposite_stands),
        cmocka_unit_test(a_block_like_the_others_is_not_rarer_elsewhere),
        cmocka_unit_test(unknown_coverage_helps_neither_side),
        cmocka_unit_test(a_name_that_nobody_else_asks_for_is_rare_at_one_coverage_for_all),
        cmocka_unit_test(shares_have_no_bound_where_days_are_not_asked_for_one),
        cmocka_unit_test(opposite_claims_have_the_same_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
