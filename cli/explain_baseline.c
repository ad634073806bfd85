/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part `rolling`: each day against the weeks before it. */
#include <math.h>

#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/days.h"

void explain_rolling(const struct explain_job *job, json_t *out)
{
    struct days d;
    struct err err;
    json_t *o = json_object();
    json_object_set_new(out, "rolling", o);
    if (days_test(&d, &job->s, &job->w, &err) < 0) {
        json_object_set_new(o, "not_tested", json_string(err.msg));
        return;
    }
    json_object_set_new(o, "days_tested", explain_count(d.tested));
    json_object_set_new(o, "days_not_at_risk", explain_count(d.not_at_risk));
    json_object_set_new(o, "most_surprising_day", explain_time(d.when_s * NS_PER_S));
    json_object_set_new(o, "observed", values_real(d.observed));
    json_object_set_new(o, "hours_at_risk", values_real(d.hours));
    json_object_set_new(o, "expected", values_real(d.at.expected));
    json_object_set_new(o, "se_of_ln_expected", values_real(d.at.log_se));
    json_object_set_new(o, "variance_over_mean", values_real(d.at.phi));
    json_object_set_new(o, "largest_count_that_is_no_alarm_at_.005", values_real(d.at.upper));
    json_object_set_new(o, "baseline_days", explain_count(d.at.rows));
    json_object_set_new(o, "harmonics_of_the_week", explain_count(d.at.harmonics));
    json_object_set_new(o, "trend_of_ln_mean_a_day", values_real(d.at.slope));
    json_object_set_new(o, "trend_held_at_its_last_value", json_boolean(d.at.held));
    json_object_set_new(o, "p_of_that_day", values_probability(d.at.log_p));
    json_object_set_new(o, "p_after_all_days", values_probability(d.log_p));
}
