/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a match is worth, as results.json and `figures --json` have it. */
#include <math.h>

#include "models/nulls.h"
#include "report/results.h"
#include "report/value.h"

static json_t *bounds(struct base_bounds b)
{
    json_t *j = json_object();
    value_set_real(j, "value", b.value);
    value_set_real(j, "lo", b.lo);
    value_set_real(j, "hi", b.hi);
    return j;
}

json_t *results_base_rate(const struct base_rate *b, const struct base_answer *a)
{
    static const char *const from[] = {
        [BASE_UNKNOWN] = "unknown", [BASE_STATED] = "stated", [BASE_CASE] = "case"};
    if (!b->asked)
        return json_null();
    json_t *j =
        json_pack("{s:s?, s:s, s:s, s:s}", "why", a->why, "source", b->source, "innocent_from",
                  from[b->from], "prior_from", b->prior > 0 ? "stated" : "all alike");
    value_set_real(j, "units", b->units > 0 ? b->units : NAN);
    value_set_real(j, "innocent_matches", a->matches);
    value_set_real(j, "innocent_of", a->of);
    value_set_real(j, "sensitivity", b->sensitivity);
    value_set_real(j, "level", a->level);
    value_set_real(j, "prior", a->prior);
    json_object_set_new(j, "chance", bounds(a->chance));
    json_object_set_new(j, "innocent_expected", bounds(a->innocent));
    json_object_set_new(j, "ratio", bounds(a->lr));
    json_object_set_new(j, "posterior_odds", bounds(a->odds));
    json_object_set_new(j, "posterior", bounds(a->posterior));
    return j;
}

json_t *results_base_rate_of(const struct trial *t)
{
    const struct base_rate *b = &t->claim->base_rate;
    double k = b->matches, n = b->of;
    if (b->from == BASE_CASE)
        share_others(t, &k, &n);
    struct base_answer a = base_rate_of(b, k, n, .95);
    return results_base_rate(b, &a);
}
