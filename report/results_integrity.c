/* SPDX-License-Identifier: GPL-3.0-or-later
 * Screens as results.json and `check --json` have them. */
#include <math.h>

#include "report/results.h"
#include "report/value.h"

static json_t *screen_json(const struct screen *s, const struct screen_result *r)
{
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:b, s:s?, s:s, s:s, s:s}", "id", s->id,
                          "label", s->label, "statistic", s->statistic, "result",
                          integrity_answer_names[r->answer], "gate", s->may_fail, "note",
                          r->note[0] ? r->note : NULL, "rule", s->rule, "innocent", s->innocent,
                          "unit", s->unit[0] ? s->unit : "look-ups");
    value_set_real(j, "value", r->value);
    value_set_p(j, "p", r->log_p);
    value_set_p(j, "p_adjusted", r->log_p_adjusted);
    value_set_real(j, "smallest", r->smallest);
    return j;
}

json_t *results_integrity(const struct integrity *in)
{
    json_t *list = json_array();
    for (size_t i = 0; i < in->n; i++)
        json_array_append_new(list, screen_json(&screen_table[i], &in->v[i]));
    return list;
}
