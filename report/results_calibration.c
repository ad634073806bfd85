/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a claim's required tests said of pairs that nobody claims anything about. */
#include "report/results.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "report/value.h"
#include "stats/band.h"
#include "stats/order.h"

/* p of each control, least first, and where as many uniform ones lie together. */
static json_t *controls_json(const struct calibration *c)
{
    json_t *list = json_array();
    if (!c->tests)
        return list;
    double *p = mem_alloc(3 * c->tests * sizeof *p), *lo = p + c->tests, *hi = lo + c->tests;
    for (size_t i = 0; i < c->tests; i++)
        p[i] = exp(c->control_log_p[i]);
    order_sort(p, c->tests);
    band_uniform(c->tests, .95, lo, hi);
    for (size_t i = 0; i < c->tests; i++) {
        json_t *one = json_object();
        value_set_p(one, "p", log(p[i]));
        value_set_real(one, "expected", ((double)i + 1) / ((double)c->tests + 1));
        value_set_real(one, "lo", lo[i]);
        value_set_real(one, "hi", hi[i]);
        json_array_append_new(list, one);
    }
    free(p);
    return list;
}

json_t *results_calibration(const struct calibration *c)
{
    json_t *j = json_pack("{s:s, s:I, s:I, s:I, s:f, s:b}", "method",
                          calibration_method_names[c->method], "asked", (json_int_t)c->asked,
                          "tests", (json_int_t)c->tests, "called", (json_int_t)c->called,
                          "level", c->level, "failed", c->failed);
    json_object_set_new(j, "critical",
                        c->tests ? json_integer((json_int_t)c->critical) : json_null());
    value_set_p(j, "p", c->log_p);
    value_set_real(j, "lo", c->lo);
    value_set_real(j, "hi", c->hi);
    value_set_real(j, "false_alarm", c->false_alarm);
    value_set_real(j, "power", c->power);
    value_set_real(j, "volume_lo", c->volume_lo);
    value_set_real(j, "volume_hi", c->volume_hi);
    json_object_set_new(j, "reach", json_integer((json_int_t)c->reach));
    json_object_set_new(j, "drawn", json_integer((json_int_t)c->drawn));
    json_object_set_new(j, "drawn_called", json_integer((json_int_t)c->drawn_called));
    json_object_set_new(j, "controls", controls_json(c));
    return j;
}
