/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "models/yaml.h"

static int parse(struct yaml **y, const char *text, struct err *err)
{
    return yaml_parse(y, "s.yaml", span_of(text), err);
}

static void values_are_found_by_key_and_read_by_type(void **state)
{
    (void)state;
    struct yaml *y;
    struct err err;
    assert_int_equal(parse(&y, "a: {b: 1.5, c: [x, 'y z']}\nd: 1h\ne: 2016-05-04\n", &err), 0);
    const struct yaml_node *root = yaml_root(y), *a = yaml_get(root, "a"), *c;
    double real;
    int64_t ns;
    const char *text;
    assert_int_equal(yaml_real(y, yaml_get(a, "b"), &real, &err), 0);
    assert_true(real == 1.5);
    assert_int_equal(yaml_need(y, a, "c", &c, &err), 0);
    assert_int_equal(yaml_count(c), 2);
    assert_int_equal(yaml_text(y, yaml_item(c, 1), &text, &err), 0);
    assert_string_equal(text, "y z");
    assert_int_equal(yaml_duration(y, yaml_get(root, "d"), &ns, &err), 0);
    assert_true(ns == 3600 * INT64_C(1000000000));
    assert_int_equal(yaml_time(y, yaml_get(root, "e"), &ns, &err), 0);
    assert_true(ns == INT64_C(1462320000000000000)); /* date -u -d 2016-05-04 +%s */
    assert_null(yaml_get(root, "z"));
    yaml_close(y);
}

/* Each fault names its line and column and what was expected. */
static void a_fault_names_its_place(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b", NULL};
    static const struct {
        const char *text, *message;
    } faults[] = {
        {"a: 1\nq: 2\n", "s.yaml:2:1: unknown key 'q', expected one of: a, b"},
        {"a: 1\n\na: 2\n", "s.yaml:3:1: "},
        {"a: &x 1\n", "expected plain values, found an anchor"},
        {"a: !!int 1\n", "expected plain values, found an anchor (&) or a tag (!)"},
        {"a: *x\n", "s.yaml:1:5: expected plain values, found an alias"},
        {"a: [1, 2\n", "s.yaml:"},
        {"- 1\n", "s.yaml:1:1: expected a mapping with 'a'"},
        {"", "s.yaml:1:1: expected a document, found nothing"},
        {"a: 1\n---\nb: 1\n", "found a second"},
        {"a: 1\nb: \"\xc3\xa9\xff\"\n",
         "s.yaml:2:6: expected UTF-8 text, found the byte \\xff"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct yaml *y = NULL;
        struct err err = {0};
        int rc = parse(&y, faults[i].text, &err);
        if (rc == 0) {
            rc = yaml_only(y, yaml_root(y), keys, &err);
            yaml_close(y);
        }
        assert_int_equal(rc, ERR_USAGE);
        if (!strstr(err.msg, faults[i].message))
            fail_msg("\"%s\" does not hold \"%s\"", err.msg, faults[i].message);
    }
}

static void a_value_of_another_type_is_refused(void **state)
{
    (void)state;
    struct yaml *y;
    struct err err;
    double real;
    int64_t whole;
    bool truth;
    assert_int_equal(parse(&y, "a: one\nb:\n  - 1\nc: yes\n", &err), 0);
    const struct yaml_node *root = yaml_root(y);
    assert_fails(ERR_USAGE, "s.yaml:1:4: expected a number, found 'one'",
                 yaml_real(y, yaml_get(root, "a"), &real, &err));
    assert_fails(ERR_USAGE, "expected a whole number, found a list",
                 yaml_i64(y, yaml_get(root, "b"), &whole, &err));
    assert_fails(ERR_USAGE, "s.yaml:4:4: expected true or false, found 'yes'",
                 yaml_bool(y, yaml_get(root, "c"), &truth, &err));
    yaml_close(y);
}

static void a_bomb_of_aliases_is_refused_before_it_grows(void **state)
{
    (void)state;
    struct yaml *y;
    struct err err;
    assert_fails(ERR_USAGE, "expected plain values, found an anchor",
                 parse(&y, "a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n", &err));
    char deep[200] = "a: ";
    for (int i = 0; i < 60; i++)
        strcat(deep, "[");
    assert_fails(ERR_USAGE, "32 levels", parse(&y, deep, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_key_and_read_by_type),
        cmocka_unit_test(a_fault_names_its_place),
        cmocka_unit_test(a_value_of_another_type_is_refused),
        cmocka_unit_test(a_bomb_of_aliases_is_refused_before_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
