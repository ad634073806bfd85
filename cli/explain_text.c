/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values of the tree of `explain`, and the tree for people: fewer digits, no braces. */
#include <stdio.h>

#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"

double explain_seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

json_t *explain_time(int64_t t_ns)
{
    char text[TEXT_TIME_MAX];
    return json_string(text_iso(text, t_ns, 0));
}

json_t *explain_count(size_t n)
{
    return json_integer((json_int_t)n);
}

json_t *explain_param(const char *name, double value, double se)
{
    json_t *p = json_object();
    json_object_set_new(p, "name", json_string(name));
    json_object_set_new(p, "value", values_real(value));
    json_object_set_new(p, "se", values_real(se));
    return p;
}

static void print_value(const json_t *v, int indent);

static void print_scalar(const json_t *v)
{
    if (json_is_string(v))
        printf(" %s\n", json_string_value(v));
    else if (json_is_integer(v))
        printf(" %" JSON_INTEGER_FORMAT "\n", json_integer_value(v));
    else if (json_is_real(v))
        printf(" %.6g\n", json_real_value(v));
    else
        printf(" %s\n", json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "-");
}

static void print_object(const json_t *v, int indent)
{
    const char *key;
    json_t *one;
    json_object_foreach((json_t *)(uintptr_t)v, key, one)
    {
        printf("%*s%s", indent, "", key);
        print_value(one, indent + 2);
    }
}

static bool is_param(const json_t *v)
{
    return json_object_get(v, "name") && json_object_get(v, "value");
}

static void print_param(const json_t *v, int indent)
{
    printf("%*s%-18s", indent, "", json_string_value(json_object_get(v, "name")));
    printf(" %12.6g", json_real_value(json_object_get(v, "value")));
    if (json_is_real(json_object_get(v, "se")))
        printf("  se %.6g", json_real_value(json_object_get(v, "se")));
    if (json_object_get(v, "lo"))
        printf("  95 %% %.6g to %.6g", json_real_value(json_object_get(v, "lo")),
               json_real_value(json_object_get(v, "hi")));
    putchar('\n');
}

static void print_value(const json_t *v, int indent)
{
    if (!json_is_object(v) && !json_is_array(v)) {
        print_scalar(v);
        return;
    }
    putchar('\n');
    if (json_is_object(v))
        print_object(v, indent);
    for (size_t i = 0; json_is_array(v) && i < json_array_size(v); i++) {
        const json_t *one = json_array_get(v, i);
        if (is_param(one)) {
            print_param(one, indent);
        } else {
            printf("%*s-\n", indent, "");
            print_object(one, indent + 2);
        }
    }
}

void explain_print(const json_t *tree)
{
    print_object(tree, 0);
}
