/* SPDX-License-Identifier: GPL-3.0-or-later
 * Expected domains are those of the list's own test data
 * (https://github.com/publicsuffix/list, tests/test_psl.txt), where it gives none the name. */
#include "ingest/suffix.h"

#include "tests/check.h"

static struct suffix *list;

static int set_up(void **state)
{
    struct err err;
    (void)state;
    return suffix_open(&list, &err);
}

static int tear_down(void **state)
{
    (void)state;
    suffix_free(list);
    return 0;
}

static void expect(const char *name, const char *domain)
{
    struct span got = suffix_registered(list, span_of(name));
    if (!span_is(got, domain))
        fail_msg("%s: got '%.*s', expected '%s'", name, (int)got.n, got.p, domain);
}

static void the_registered_domain_is_what_the_list_s_own_tests_expect(void **state)
{
    (void)state;
    expect("b.example.com", "example.com");
    expect("a.b.example.com", "example.com");
    expect("uk.com", "uk.com"); /* null: a suffix by itself */
    expect("a.b.example.uk.com", "example.uk.com");
    expect("com", "com");
    expect("c.mm", "c.mm"); /* *.mm */
    expect("a.b.c.mm", "b.c.mm");
    expect("test.ac.jp", "test.ac.jp");
    expect("a.b.kyoto.jp", "b.kyoto.jp");
    expect("www.www.ck", "www.ck"); /* !www.ck */
    expect("b.test.ck", "b.test.ck");
    expect("www.test.k12.ak.us", "test.k12.ak.us");
    expect("www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn");
}

static void a_name_that_no_rule_knows_has_its_last_two_labels(void **state)
{
    (void)state;
    expect("a.b.example.example", "example.example");
    expect("localhost", "localhost");
    expect(".", ".");
}

static void an_escaped_dot_ends_no_label(void **state)
{
    (void)state;
    expect("x.a\\046b.co.uk", "a\\046b.co.uk");
}

static void only_a_suffix_of_the_list_is_listed(void **state)
{
    (void)state;
    assert_true(suffix_lists(list, span_of("com")));
    assert_true(suffix_lists(list, span_of("co.uk")));
    assert_false(suffix_lists(list, span_of("local")));
    assert_false(suffix_lists(list, span_of("example.com")));
    assert_int_equal(strlen(suffix_version(list)), 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_registered_domain_is_what_the_list_s_own_tests_expect),
        cmocka_unit_test(a_name_that_no_rule_knows_has_its_last_two_labels),
        cmocka_unit_test(an_escaped_dot_ends_no_label),
        cmocka_unit_test(only_a_suffix_of_the_list_is_listed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
