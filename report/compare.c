/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/compare.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/value.h"

/* --- the first difference ------------------------------------------------------------- */

static bool same_number(double x, double y)
{
    return x == y || fabs(x - y) <= 1e-9 * fmax(fabs(x), fabs(y));
}

static char *short_of(const json_t *j)
{
    char *text =
        j ? json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6)) : NULL;
    if (!text)
        return mem_format("nothing");
    if (strlen(text) > 60)
        memcpy(text + 57, "...", 4);
    return text;
}

static char *differs(const char *at, const json_t *a, const json_t *b)
{
    char *x = short_of(a), *y = short_of(b);
    char *said = mem_format("%s: %s, now %s", *at ? at : "/", x, y);
    free(x);
    free(y);
    return said;
}

static char *first(const char *at, const json_t *a, const json_t *b);

static char *first_member(const char *at, const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)a, key, value)
    {
        char *below = mem_format("%s/%s", at, key);
        char *said = first(below, value, json_object_get(b, key));
        free(below);
        if (said)
            return said;
    }
    json_object_foreach((json_t *)(uintptr_t)b, key, value) if (!json_object_get(a, key))
    {
        char *below = mem_format("%s/%s", at, key);
        char *said = differs(below, NULL, value);
        free(below);
        return said;
    }
    return NULL;
}

static char *first_item(const char *at, const json_t *a, const json_t *b)
{
    size_t n = json_array_size(a), m = json_array_size(b);
    for (size_t i = 0; i < n || i < m; i++) {
        char *below = mem_format("%s/%zu", at, i);
        char *said = first(below, json_array_get(a, i), json_array_get(b, i));
        free(below);
        if (said)
            return said;
    }
    return NULL;
}

static char *first(const char *at, const json_t *a, const json_t *b)
{
    if (a && b && json_is_number(a) && json_is_number(b))
        return same_number(json_number_value(a), json_number_value(b)) ? NULL
                                                                       : differs(at, a, b);
    if (!a || !b || json_typeof(a) != json_typeof(b))
        return differs(at, a, b);
    if (json_is_object(a))
        return first_member(at, a, b);
    if (json_is_array(a))
        return first_item(at, a, b);
    return json_equal(a, b) ? NULL : differs(at, a, b);
}

char *compare_first(const json_t *a, const json_t *b)
{
    return first("", a, b);
}

/* --- side by side --------------------------------------------------------------------- */

static const json_t *with_id(const json_t *list, const char *id)
{
    const json_t *item;
    size_t i;
    json_array_foreach(list, i, item) if (value_is(item, "id", id)) return item;
    return NULL;
}

static void line(FILE *out, const char *what, const char *a, const char *b)
{
    fprintf(out, "%s %-34s %-28s %s\n", strcmp(a, b) ? "*" : " ", what, a, b);
}

static void line_of(FILE *out, const char *what, const json_t *a, const json_t *b,
                    const char *key)
{
    char *x = short_of(json_object_get(a, key)), *y = short_of(json_object_get(b, key));
    line(out, what, x, y);
    free(x);
    free(y);
}

static void null_line(FILE *out, const json_t *a, const json_t *b)
{
    char x[VALUE_TEXT_MAX] = "-", y[VALUE_TEXT_MAX] = "-";
    if (a)
        value_p(x, value_real(a, "log10_p"));
    if (b)
        value_p(y, value_real(b, "log10_p"));
    char *what = mem_format("  null %s", value_text(a ? a : b, "id"));
    char *left = mem_format("p %s, %s", x, a ? value_text(a, "verdict") : "absent");
    char *right = mem_format("p %s, %s", y, b ? value_text(b, "verdict") : "absent");
    line(out, what, left, right);
    free(what);
    free(left);
    free(right);
}

static void claim_lines(FILE *out, const char *id, const json_t *a, const json_t *b)
{
    const json_t *null, *left = value_list(a, "nulls"), *right = value_list(b, "nulls");
    size_t i;
    fprintf(out, "\n  %s\n", id);
    line(out, "  verdict", a ? value_text(a, "verdict") : "absent",
         b ? value_text(b, "verdict") : "absent");
    line(out, "  why", value_text(a, "why"), value_text(b, "why"));
    char x[VALUE_TEXT_MAX], y[VALUE_TEXT_MAX];
    line(out, "  effect", value_number(x, value_real(json_object_get(a, "effect"), "value")),
         value_number(y, value_real(json_object_get(b, "effect"), "value")));
    json_array_foreach(left, i, null)
        null_line(out, null, with_id(right, value_text(null, "id")));
    json_array_foreach(right, i, null) if (!with_id(left, value_text(null, "id")))
        null_line(out, NULL, null);
}

void compare_write(FILE *out, const json_t *a, const json_t *b)
{
    const json_t *plan_a = json_object_get(json_object_get(a, "study"), "plan");
    const json_t *plan_b = json_object_get(json_object_get(b, "study"), "plan");
    const json_t *left = value_list(a, "claims"), *right = value_list(b, "claims"), *item;
    const char *key;
    json_t *value;
    size_t i;
    line_of(out, "case", json_object_get(a, "case"), json_object_get(b, "case"), "sha256");
    line_of(out, "study", json_object_get(a, "study"), json_object_get(b, "study"), "sha256");
    json_object_foreach((json_t *)(uintptr_t)plan_a, key, value)
        line_of(out, key, plan_a, plan_b, key);
    json_array_foreach(value_list(a, "integrity"), i, item)
    {
        const json_t *other = with_id(value_list(b, "integrity"), value_text(item, "id"));
        char *what = mem_format("screen %s", value_text(item, "id"));
        line(out, what, value_text(item, "result"), value_text(other, "result"));
        free(what);
    }
    json_array_foreach(left, i, item)
        claim_lines(out, value_text(item, "id"), item, with_id(right, value_text(item, "id")));
    json_array_foreach(right, i, item) if (!with_id(left, value_text(item, "id")))
        claim_lines(out, value_text(item, "id"), NULL, item);
}
