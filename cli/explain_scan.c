/* SPDX-License-Identifier: GPL-3.0-or-later
 * The pair's two rows of `scan`. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/scan.h"
#include "stats/combine.h"
#include "stats/evalue.h"

/* What that p weighs before and after searches. */
static void add_weight(json_t *out, const struct scan_row *r)
{
    json_object_set_new(out, "looks_to_even", values_real(looks_to(r->log_p, .5)));
    json_object_set_new(out, "looks_to_alpha_05", values_real(looks_to(r->log_p, .05)));
    json_object_set_new(out, "bayes_bound", values_real(exp(log_sellke_bound(r->log_p))));
    json_object_set_new(out, "e_value", values_real(exp(log_e_of_p(r->log_p, .5))));
    if (r->kind == SCAN_LEVEL) /* takes the expectation as known */
        json_object_set_new(out, "e_rate",
                            values_real(exp(log_e_rate(r->observed, r->expected, 2, 2))));
}

static json_t *row_part(const struct scan_row *r)
{
    json_t *out = json_object();
    bool ok = r->state == SCAN_OK;
    json_object_set_new(out, "state", json_string(scan_state_names[r->state]));
    if (!ok)
        return out;
    char *model = mem_format("%s %s", r->family, r->shape);
    json_object_set_new(out, "model", json_string(model));
    json_object_set_new(out, "observed", explain_count(r->observed));
    json_object_set_new(out, "expected", values_real(r->expected));
    json_object_set_new(out, "lo", values_real(r->lo));
    json_object_set_new(out, "hi", values_real(r->hi));
    json_object_set_new(out, "score", values_real(r->score));
    json_object_set_new(out, "p", values_probability(r->log_p));
    json_object_set_new(out, "log10_p", values_real(r->log_p / M_LN10));
    json_object_set_new(out, "p_mid", values_probability(r->log_p_mid));
    json_object_set_new(out, "dispersion", values_real(r->dispersion));
    add_weight(out, r);
    if (r->kind == SCAN_BURST) {
        json_object_set_new(out, "replicates", json_integer(r->replicates));
        json_object_set_new(out, "when", explain_time(r->when_s * NS_PER_S));
    }
    free(model);
    return out;
}

void explain_scan(const struct explain_job *job, json_t *out)
{
    struct scan_opts o = {
        .bucket_s = explain_seconds(job->v->bucket),
        .session_s = explain_seconds(job->v->session),
        .ttl_s = explain_seconds(job->v->ttl),
        .min_count = 1,
        .max_replicates = (uint32_t)job->v->max_replicates,
        .max_buckets = SCAN_BUCKETS,
        .tail = 1,
        .seed = (uint64_t)job->v->seed,
    };
    struct scan_row rows[2];
    struct err err = {0};
    int rc = scan_one(rows, job->c, &o, job->client, job->name, &err);
    if (rc == ERR_LIMIT)
        json_object_set_new(out, "not_over_all_live_time", json_string(err.msg));
    if (rc < 0)
        return;
    json_object_set_new(out, "level_over_all_live_time", row_part(&rows[SCAN_LEVEL]));
    json_object_set_new(out, "burst_over_all_live_time", row_part(&rows[SCAN_BURST]));
}
