/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a match is worth: a sentence of the verdict sheet, and the table behind it. Odds stand
 * only beside the denominator that they rest on. */
#include <math.h>

#include "report/doc.h"
#include "report/value.h"

/* "118 (114 to 120)"; a bound that is not there has no limit. */
static const char *say_bounds(struct doc *d, const json_t *b, const char *key)
{
    const json_t *v = json_object_get(b, key);
    double value = value_real(v, "value"), lo = value_real(v, "lo"), hi = value_real(v, "hi");
    return say(d, "%s (%s to %s)", say_number(d, value), say_number(d, lo),
               isfinite(hi) ? say_number(d, hi) : "no limit");
}

void base_rate_sentence(struct doc *d, const json_t *c)
{
    const json_t *b = json_object_get(c, "base_rate");
    if (!json_is_object(b))
        return;
    if (*value_text(b, "why")) {
        d->ops->para(d, PARA_TEXT,
                     say(d, "Base rate: no odds are stated, for %s.", value_text(b, "why")));
        return;
    }
    d->ops->para(
        d, PARA_TEXT,
        say(d,
            "Base rate: %s of %s %s, so that %s of %s others would by chance. A "
            "match multiplies the odds by %s and leaves posterior odds of %s, from a prior of "
            "%s (%s). 95 %% intervals; of the denominator only. Beside the answer, never part "
            "of it.",
            say_count(d, value_real(b, "innocent_matches")),
            say_count(d, value_real(b, "innocent_of")),
            value_is(b, "innocent_from", "case") ? "others in this case ask as well"
                                                 : "innocent ones match",
            say_bounds(d, b, "innocent_expected"), say_count(d, value_real(b, "units")),
            say_bounds(d, b, "ratio"), say_bounds(d, b, "posterior_odds"),
            say_number(d, value_real(b, "prior")), value_text(b, "prior_from")));
}

void base_rate_table(struct doc *d, const json_t *c)
{
    static const char *const columns[] = {"What a match is worth", "#Value", "#from", "#to"};
    static const char *const rows[][2] = {
        {"chance", "chance that an innocent one matches"},
        {"innocent_expected", "innocent matches expected among the others"},
        {"ratio", "likelihood ratio of a match"},
        {"posterior_odds", "posterior odds"},
        {"posterior", "posterior probability"},
    };
    const json_t *b = json_object_get(c, "base_rate");
    if (!json_is_object(b) || *value_text(b, "why"))
        return;
    doc_table(d, "", columns, 4);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *v = json_object_get(b, rows[i][0]);
        double hi = value_real(v, "hi");
        d->ops->row(d, TONE_NONE,
                    (const char *const[]){rows[i][1], say_number(d, value_real(v, "value")),
                                          say_number(d, value_real(v, "lo")),
                                          isfinite(hi) ? say_number(d, hi) : "no limit"});
    }
    d->ops->table_end(d);
    d->ops->para(d, PARA_NOTE,
                 say(d,
                     "%s others could have matched; chance from %s of %s; "
                     "a guilty one matches with chance %s. Source: %s",
                     say_count(d, value_real(b, "units")),
                     say_count(d, value_real(b, "innocent_matches")),
                     say_count(d, value_real(b, "innocent_of")),
                     say_number(d, value_real(b, "sensitivity")), value_text(b, "source")));
}
