/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/doc.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/value.h"

const char *say(struct doc *d, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    const char *kept = arena_copy(&d->said, n < 0 ? "" : text, n < 0 ? 0 : (size_t)n);
    if (n >= 0)
        free(text);
    return kept;
}

const char *say_number(struct doc *d, double v)
{
    char out[VALUE_TEXT_MAX];
    return say(d, "%s", value_number(out, v));
}

const char *say_count(struct doc *d, double v)
{
    char out[VALUE_TEXT_MAX];
    return say(d, "%s", value_count(out, v));
}

const char *say_p(struct doc *d, double log10_p)
{
    char out[VALUE_TEXT_MAX];
    return say(d, "%s", value_p(out, log10_p));
}

const char *say_interval(struct doc *d, double value, double lo, double hi)
{
    char v[VALUE_TEXT_MAX], l[VALUE_TEXT_MAX], h[VALUE_TEXT_MAX];
    if (!isfinite(lo) && !isfinite(hi))
        return say_number(d, value);
    if (isfinite(lo) && isfinite(hi) && isfinite(value))
        return say(d, "%s (%s to %s)", value_within(v, value, (hi - lo) / 2),
                   value_within(l, lo, (hi - lo) / 2), value_within(h, hi, (hi - lo) / 2));
    return say(d, "%s (%s to %s)", value_number(v, value),
               isfinite(lo) ? value_number(l, lo) : "no bound",
               isfinite(hi) ? value_number(h, hi) : "no bound");
}

void doc_table(struct doc *d, const char *caption, const char *const *columns, size_t n)
{
    d->ncolumns = n < DOC_COLUMNS_MAX ? n : DOC_COLUMNS_MAX;
    d->columns = columns;
    d->ops->table_begin(d, caption, columns);
}

enum tone doc_tone(const char *verdict)
{
    static const struct {
        const char *verdict;
        enum tone tone;
    } table[] = {
        {"stands", TONE_GOOD},       {"explained", TONE_BAD}, {"contradicted", TONE_BAD},
        {"undetermined", TONE_OPEN}, {"rejected", TONE_GOOD}, {"not_rejected", TONE_BAD},
        {"untestable", TONE_OPEN},   {"fail", TONE_BAD},      {"pass", TONE_GOOD},
        {"explain", TONE_OPEN},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].verdict, verdict) == 0)
            return table[i].tone;
    return TONE_NONE;
}
