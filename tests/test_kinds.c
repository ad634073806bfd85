/* SPDX-License-Identifier: GPL-3.0-or-later
 * Laws that every row of the claim, null, season and statistic tables must keep. */
#include "tests/check.h"

#include "models/catalogue.h"
#include "models/trial.h"
#include "models/season.h"
#include "models/study_claim.h"
#include "stats/gof.h"

static void every_null_of_a_battery_stands_in_the_null_table_once(void **state)
{
    (void)state;
    for (const struct claim_kind *k = claim_table; k->id; k++)
        for (const struct battery_row *b = k->battery; b->null; b++) {
            assert_non_null(null_find(b->null));
            for (const struct battery_row *other = k->battery; other < b; other++)
                assert_string_not_equal(other->null, b->null);
            assert_non_null(b->run);
        }
    for (const struct null_kind *n = null_table; n->id; n++)
        assert_ptr_equal(null_find(n->id), n);
}

/* A kind without a required explanation could never fail; one whose directions are the
 * same word could not be opposed. */
static void every_kind_has_required_explanations_and_an_opposite(void **state)
{
    (void)state;
    for (const struct claim_kind *k = claim_table; k->id; k++) {
        size_t required = 0;
        for (const struct battery_row *b = k->battery; b->null; b++)
            required += b->role == ROLE_REQUIRED;
        assert_true(required >= 2);
        assert_string_not_equal(k->direction, k->opposite);
        assert_true(k->sign == 1 || k->sign == -1);
        assert_ptr_equal(claim_find(k->id, k->feature), k);
        assert_true(k->means_not[0] && k->opposite_not[0] && k->effect_label[0]);
    }
    assert_null(claim_find("timing", NULL));
    assert_null(claim_find("volume", "hours"));
}

/* Nested bounds err together and count as one; one that is made from a file counts where
 * the claim names the file. */
static void bounds_that_can_err_apart_share_alpha(void **state)
{
    (void)state;
    static const struct {
        const char *id, *feature;
        size_t bounds;
    } kinds[] = {{"volume", NULL, 3},      {"exclusivity", NULL, 1}, {"rarity", NULL, 1},
                 {"timing", "hours", 1},   {"timing", "regular", 2}, {"synchrony", NULL, 2},
                 {"alignment", NULL, 1},   {"reaction", NULL, 1},    {"reaction", "rise", 1},
                 {"authenticity", NULL, 1}};
    size_t n = sizeof kinds / sizeof *kinds, of_table = 0;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(trial_bounds(claim_find(kinds[i].id, kinds[i].feature), NULL),
                         kinds[i].bounds);
    for (const struct claim_kind *k = claim_table; k->id; k++)
        of_table++;
    assert_int_equal(of_table, n);
    struct study_claim c = {.mailings = {.after_s = 3600}, .monitors = {.after_s = 60}};
    assert_int_equal(trial_bounds(claim_find("timing", "hours"), &c), 2);
    assert_int_equal(trial_bounds(claim_find("timing", "regular"), &c), 3);
    assert_int_equal(trial_bounds(claim_find("volume", NULL), &c), 5);
    assert_int_equal(trial_bounds(claim_find("synchrony", NULL), &c), 2);
    assert_int_equal(trial_bounds(claim_find("reaction", NULL), &c), 2);
}

/* Who asserts and who denies read the same two sentences, the other way round. */
static void every_kind_says_what_either_answer_means(void **state)
{
    (void)state;
    for (const struct claim_kind *k = claim_table; k->id; k++) {
        assert_true(strlen(k->stands) > 40 && strlen(k->explained) > 40);
        assert_string_not_equal(k->stands, k->explained);
        assert_ptr_equal(claim_means(k, false, true), k->stands);
        assert_ptr_equal(claim_means(k, false, false), k->explained);
        assert_ptr_equal(claim_means(k, true, true), k->explained);
        assert_ptr_equal(claim_means(k, true, false), k->stands);
    }
}

static void every_row_says_what_it_is_and_where_it_comes_from(void **state)
{
    (void)state;
    for (const struct claim_kind *k = claim_table; k->id; k++)
        assert_true(k->help[0] && k->cite[0]);
    for (const struct null_kind *n = null_table; n->id; n++)
        assert_true(n->help[0] && n->keeps[0] && n->cite[0]);
    for (const struct season *s = season_table; s->name; s++)
        assert_true(s->help[0] && s->cite[0]);
    for (const struct gof_stat *s = gof_table; s->name; s++)
        assert_true(s->help[0] && s->cite[0]);
}

/* A name twice, in one table or as a season or statistic of gaps, would be ambiguous in
 * results; a method without an experiment may not be shown. */
static void every_method_has_one_name_a_formula_a_source_and_an_experiment(void **state)
{
    (void)state;
    const struct method *const tables[] = {model_table, statistic_table};
    for (size_t t = 0; t < 2; t++)
        for (const struct method *m = tables[t]; m->name; m++) {
            assert_true(m->help[0] && m->formula[0] && m->cite[0] && m->validation[0]);
            for (const struct method *other = tables[t]; other < m; other++)
                assert_string_not_equal(other->name, m->name);
            assert_null(season_find(m->name));
            assert_null(gof_find(m->name));
        }
}

/* A word of the key table that names no kind would be a key that nobody can use; a kind
 * that no row names would have nothing to read. Kinds of the paper that are not built yet
 * may stand in the table before their row does. */
static void every_kind_reads_its_pair_and_no_key_is_both_needed_and_optional(void **state)
{
    (void)state;
    for (const struct claim_kind *k = claim_table; k->id; k++) {
        bool pair = false;
        for (const struct claim_key *key = claim_keys; key->key; key++) {
            bool needed = claim_key_has(key->needed, k), may = claim_key_has(key->allowed, k);
            assert_false(needed && may);
            assert_true(key->help[0] && (key->needed || key->allowed));
            pair |= needed && (strcmp(key->key, "name") == 0 || strcmp(key->key, "b") == 0);
        }
        assert_true(pair);
    }
    const struct claim_kind *hours = claim_find("timing", "hours"),
                            *regular = claim_find("timing", "regular");
    assert_true(claim_key_has("volume timing/hours", hours));
    assert_false(claim_key_has("volume timing/hours", regular));
    assert_true(claim_key_has("timing", regular));
    assert_false(claim_key_has("tim timings", regular));
    assert_false(claim_key_has(NULL, regular));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_null_of_a_battery_stands_in_the_null_table_once),
        cmocka_unit_test(every_kind_has_required_explanations_and_an_opposite),
        cmocka_unit_test(bounds_that_can_err_apart_share_alpha),
        cmocka_unit_test(every_kind_reads_its_pair_and_no_key_is_both_needed_and_optional),
        cmocka_unit_test(every_kind_says_what_either_answer_means),
        cmocka_unit_test(every_row_says_what_it_is_and_where_it_comes_from),
        cmocka_unit_test(every_method_has_one_name_a_formula_a_source_and_an_experiment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
