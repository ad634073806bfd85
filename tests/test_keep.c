/* SPDX-License-Identifier: GPL-3.0-or-later
 * Selectors of what is counted. */
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/counts.h"
#include "ingest/keep.h"

static struct keep *keep_of(const char *const *texts, size_t n)
{
    struct keep *k = NULL;
    struct err err;
    if (keep_read(&k, texts, n, &err) < 0)
        fail_msg("%s", err.msg);
    return k;
}

static bool keeps(const struct keep *k, const char *client, const char *name)
{
    uint64_t who = keep_match(k, KEEP_CLIENT, client ? span_of(client) : (struct span){0});
    return (who & keep_match(k, KEEP_NAME, span_of(name))) != 0;
}

static void parts_of_one_side_are_alternatives_and_sides_must_both_match(void **state)
{
    (void)state;
    struct keep *k =
        keep_of((const char *[]){"client=192.0.2.1,name=*.example,client=192.0.2.2"}, 1);
    assert_true(keeps(k, "192.0.2.1", "a.example"));
    assert_true(keeps(k, "192.0.2.2", "a.example"));
    assert_false(keeps(k, "192.0.2.3", "a.example"));
    assert_false(keeps(k, "192.0.2.1", "example"));
    assert_false(keeps(k, NULL, "a.example")); /* nobody is none of them */
    keep_free(k);
}

static void selectors_do_not_lend_each_other_a_side(void **state)
{
    (void)state;
    struct keep *k =
        keep_of((const char *[]){"client=192.0.2.1,name=a.example",
                                 "client=192.0.2.2,name=b.example", "name=c.example"},
                3);
    assert_true(keeps(k, "192.0.2.1", "a.example"));
    assert_true(keeps(k, "192.0.2.2", "b.example"));
    assert_false(keeps(k, "192.0.2.1", "b.example"));
    assert_false(keeps(k, "192.0.2.2", "a.example"));
    assert_true(keeps(k, "192.0.2.9", "c.example"));
    assert_true(keeps(k, NULL, "c.example"));
    keep_free(k);
}

static void prefixes_hold_addresses_and_longer_prefixes_of_their_family(void **state)
{
    (void)state;
    struct keep *k = keep_of((const char *[]){"client=192.0.2.128/25,client=2001:DB8::/33"}, 1);
    assert_true(keeps(k, "192.0.2.128", "x"));
    assert_true(keeps(k, "192.0.2.255", "x"));
    assert_false(keeps(k, "192.0.2.127", "x"));
    assert_true(keeps(k, "192.0.2.192/26", "x"));
    assert_true(keeps(k, "192.0.2.128/25", "x"));
    assert_false(keeps(k, "192.0.2.0/24", "x")); /* half of it lies outside */
    assert_true(keeps(k, "2001:db8:7fff::1", "x"));
    assert_false(keeps(k, "2001:db8:8000::1", "x"));
    assert_false(keeps(k, "office", "x"));
    keep_free(k);
    k = keep_of((const char *[]){"client=0.0.0.0/0"}, 1);
    assert_true(keeps(k, "203.0.113.9", "x"));
    assert_false(keeps(k, "2001:db8::1", "x"));
    keep_free(k);
}

static void a_rule_is_one_spelling_in_order_and_is_read_back(void **state)
{
    (void)state;
    struct keep *a = keep_of((const char *[]){"name=B.Example.,client=2001:DB8::1",
                                              "client=192.0.2.0/24", "name=a,name=a"},
                             3);
    assert_string_equal(keep_rule(a), "client=192.0.2.0/24 | client=2001:db8::1,name=b.example "
                                      "| name=a");
    const char *rule = keep_rule(a);
    struct keep *b = keep_of(&rule, 1);
    assert_string_equal(keep_rule(a), keep_rule(b));
    assert_true(keeps(b, "2001:db8::1", "b.example"));
    assert_false(keeps(b, "2001:db8::2", "b.example"));
    keep_free(a);
    keep_free(b);
}

static void commas_inside_a_pattern_are_its_own(void **state)
{
    (void)state;
    struct keep *k = keep_of((const char *[]){"name=a,b.example,client=x,y"}, 1);
    assert_true(keeps(k, "x,y", "a,b.example"));
    assert_false(keeps(k, "x", "a,b.example"));
    keep_free(k);
}

static void what_is_no_selector_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "a.example", "client=", "client=x,name=", "names=x", "client=x | "};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct keep *k = NULL;
        struct err err;
        assert_int_equal(keep_read(&k, &bad[i], 1, &err), ERR_USAGE);
        assert_non_null(strstr(err.msg, "--keep: expected client=PATTERN or name=PATTERN"));
        assert_null(k);
    }
}

static void sixty_four_selectors_are_told_apart_and_one_more_is_refused(void **state)
{
    (void)state;
    char *texts[KEEP_SELECTORS + 1];
    for (int i = 0; i <= KEEP_SELECTORS; i++)
        texts[i] = mem_format("client=c%d,name=n%d", i, i);
    struct keep *k = keep_of((const char *const *)texts, KEEP_SELECTORS), *no = NULL;
    for (int i = 0; i < KEEP_SELECTORS; i++)
        for (int j = 0; j < KEEP_SELECTORS; j++) {
            char client[8], name[8];
            snprintf(client, sizeof client, "c%d", i);
            snprintf(name, sizeof name, "n%d", j);
            assert_int_equal(keeps(k, client, name), i == j);
        }
    struct err err;
    assert_int_equal(keep_read(&no, (const char *const *)texts, KEEP_SELECTORS + 1, &err),
                     ERR_USAGE);
    assert_non_null(strstr(err.msg, "at most 64 selectors"));
    keep_free(k);
    for (int i = 0; i <= KEEP_SELECTORS; i++)
        free(texts[i]);
}

static bool has_all(const char *rule, const char *name)
{
    char text[128];
    snprintf(text, sizeof text, "%s", rule);
    struct counts c = {.rules = {[RULE_KEEP] = text}};
    return counts_has_all_of(&c, span_of(name));
}

static void a_part_has_all_look_ups_of_a_name_only_where_no_client_was_asked_for(void **state)
{
    (void)state;
    assert_true(has_all("all", "a.example"));
    assert_true(has_all("name=*.example", "a.example"));
    assert_false(has_all("name=*.example", "a.test"));
    assert_false(
        has_all("client=*,name=*.example", "a.example")); /* look-ups of nobody are not */
    assert_false(has_all("client=192.0.2.1", "a.example"));
    assert_false(has_all("client=192.0.2.1,name=a.example | name=b.example", "a.example"));
    assert_true(has_all("client=192.0.2.1,name=a.example | name=b.example", "b.example"));
    assert_false(has_all("10.20.30.40", "a.example")); /* a pseudonym of selectors */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_one_side_are_alternatives_and_sides_must_both_match),
        cmocka_unit_test(selectors_do_not_lend_each_other_a_side),
        cmocka_unit_test(prefixes_hold_addresses_and_longer_prefixes_of_their_family),
        cmocka_unit_test(a_rule_is_one_spelling_in_order_and_is_read_back),
        cmocka_unit_test(commas_inside_a_pattern_are_its_own),
        cmocka_unit_test(what_is_no_selector_is_refused_by_name),
        cmocka_unit_test(sixty_four_selectors_are_told_apart_and_one_more_is_refused),
        cmocka_unit_test(a_part_has_all_look_ups_of_a_name_only_where_no_client_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
