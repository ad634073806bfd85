/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part `first`: the pair's first look-up beside the client's first look-ups of other new
 * names. */
#include <math.h>

#include "cli/explain.h"
#include "cli/values.h"
#include "models/firstlook.h"

void explain_first(const struct explain_job *job, json_t *out)
{
    struct firstlook f;
    struct err err;
    json_t *j = json_object();
    json_object_set_new(out, "first_look_over_all_live_time", j);
    if (firstlook_test(&f, job->c, job->client, job->name, &err) < 0) {
        json_object_set_new(j, "not_tested", json_string(err.msg));
        return;
    }
    json_object_set_new(j, "name_first_asked_for", explain_time(f.born_ns));
    json_object_set_new(j, "by_this_client", explain_time(f.first_ns));
    json_object_set_new(j, "wait_s", values_real(f.wait_s));
    json_object_set_new(j, "clients_before_it", explain_count(f.others_before));
    json_object_set_new(j, "clients_since", explain_count(f.others_after));
    json_object_set_new(j, "other_new_names", explain_count(f.names));
    json_object_set_new(j, "waits_at_most_as_long", explain_count(f.sooner));
    json_object_set_new(j, "p", values_real(f.p));
    if (isnan(f.p))
        json_object_set_new(j, "not_tested", json_string("fewer than 10 other new names"));
    json_object_set_new(j, "reverse_look_up_in_the_hour_before",
                        f.ptr_name == UINT32_MAX ? json_string("none in these rows")
                                                 : values_text(job->c->names[f.ptr_name]));
    if (f.ptr_name != UINT32_MAX)
        json_object_set_new(j, "reverse_look_up_s_before", values_real(f.ptr_before_s));
    json_object_set_new(
        j, "note",
        json_string("a habit is tested, not who told whom: the first of all has "
                    "wait 0, and somebody always is"));
}
