/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dates at which the rates of all clients of the name, or of all pairs of a claim, changed
 * together (models/dates.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/dates.h"
#include "models/trial.h"
#include "stats/change.h"

enum { REPLICATES = 999 };

static json_t *cell_time(const struct dates *d, size_t cell)
{
    int64_t since = (int64_t)llround(dates_cell(d, cell));
    return explain_time(d->w->from_ns + since * NS_PER_S);
}

static void set_pair(json_t *out, const struct dates *d, size_t k)
{
    json_object_set_new(out, "client", values_text(d->c->clients[d->v[k].client]));
    json_object_set_new(out, "name", values_text(d->c->names[d->v[k].name]));
}

static json_t *pairs_part(const struct dates *d)
{
    json_t *list = json_array();
    for (size_t k = 0; k < d->n; k++) {
        json_t *o = json_object();
        set_pair(o, d, k);
        json_object_set_new(o, "sessions", explain_count(d->v[k].s.n));
        json_object_set_new(o, "dispersion", values_real(d->joint.phi[k]));
        json_object_set_new(o, "scatter_of_cells", values_real(expm1(d->joint.left[k].s2)));
        json_object_set_new(o, "memory_of_cells", values_real(d->joint.left[k].rho));
        json_array_append_new(list, o);
    }
    return list;
}

/* The pair's own best date between the neighbours, by itself. */
static void set_own(json_t *out, const struct explain_job *job, const struct dates *d,
                    const struct joint_date *date, size_t k)
{
    const struct joint_series *s = &d->series[k];
    struct change_opts o = {(uint64_t)job->v->seed, s->id, REPLICATES};
    struct change own;
    if (change_test(&own, s->y + date->from, s->e + date->from, date->to - date->from, &o) < 0)
        return;
    json_object_set_new(out, "own_date", cell_time(d, date->from + own.split.at));
    json_object_set_new(out, "own_date_lo", cell_time(d, date->from + own.lo));
    json_object_set_new(out, "own_date_hi", cell_time(d, date->from + own.hi));
    json_object_set_new(out, "own_p", values_probability(own.log_p));
}

static json_t *parts_part(const struct explain_job *job, const struct dates *d,
                          const struct joint_date *date)
{
    json_t *list = json_array();
    for (size_t k = 0; k < d->n; k++) {
        const struct joint_part *p = &date->part[k];
        json_t *o = json_object();
        set_pair(o, d, k);
        json_object_set_new(o, "rate_after_over_before",
                            values_real(p->before > 0 ? p->after / p->before : NAN));
        json_object_set_new(o, "lr_over_dispersion", values_real(p->statistic));
        json_object_set_new(o, "p", values_probability(p->log_p));
        json_object_set_new(o, "p_joint", values_probability(p->log_p_joint));
        json_object_set_new(o, "takes_part", json_boolean(joint_takes_part(p)));
        set_own(o, job, d, date, k);
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *cause_part(const struct dates *d, const struct dates_cause *c)
{
    json_t *o = json_object();
    double others = c->others.after / c->others.before;
    json_object_set_new(o, "reading", json_string(dates_reading_text[c->reading]));
    json_object_set_new(o, "share_of_time_listening_before", values_real(c->live_before));
    json_object_set_new(o, "share_of_time_listening_after", values_real(c->live_after));
    json_object_set_new(o, "listening_begins_or_ends_near_it", explain_count(c->live_borders));
    json_object_set_new(o, "inputs_listening_before", values_real(c->logs_before));
    json_object_set_new(o, "inputs_listening_after", values_real(c->logs_after));
    json_object_set_new(o, "inputs_that_begin_or_end_near_it", explain_count(c->logs_turning));
    json_object_set_new(o, "servers_named_in_the_case", explain_count(d->c->nservers));
    json_object_set_new(o, "lookups_of_these_pairs", explain_count(c->rows));
    json_object_set_new(o, "of_them_on_servers_of_inputs_that_begin_near_it",
                        explain_count(c->rows_new));
    json_object_set_new(o, "clients_heard_before", explain_count(c->others.clients_before));
    json_object_set_new(o, "clients_heard_as_long_after",
                        explain_count(c->others.clients_after));
    json_object_set_new(o, "all_others_after_over_before", values_real(others));
    json_object_set_new(o, "p_beyond_all_others", values_probability(c->log_p_beyond));
    return o;
}

static json_t *dates_part(const struct explain_job *job, const struct dates *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->joint.ndates; i++) {
        const struct joint_date *date = &d->joint.dates[i];
        struct dates_cause cause = dates_cause(d, i);
        json_t *o = json_object();
        json_object_set_new(o, "date", cell_time(d, date->at));
        json_object_set_new(o, "date_lo", cell_time(d, date->lo));
        json_object_set_new(o, "date_hi", cell_time(d, date->hi));
        json_object_set_new(o, "lr_over_dispersion", values_real(date->statistic));
        json_object_set_new(o, "p", values_probability(date->log_p));
        json_object_set_new(o, "pairs_that_take_part", explain_count(cause.takes_part));
        json_object_set_new(o, "p_one_date_for_all", values_probability(date->log_p_apart));
        json_object_set_new(o, "rate_coverage_or_server", cause_part(d, &cause));
        json_object_set_new(o, "pairs", parts_part(job, d, date));
        json_array_append_new(list, o);
    }
    return list;
}

/* The claim's pairs, each once; of both sides where it has two. */
static size_t pairs_of_claim(const struct explain_job *job, struct dates_pair **ret)
{
    const struct study_claim *c = job->claim;
    const struct trial t = {.study = job->study};
    size_t n = 0, cap = 0;
    struct dates_pair *v = NULL;
    for (int side = 0; side < 2; side++) {
        struct selection s;
        if ((side ? c->b_name : c->name) == SIZE_MAX)
            continue;
        selection_of(&t, side ? &c->b_client : c->clients, side ? 1 : c->nclients,
                     side ? c->b_name : c->name, &s);
        for (size_t i = 0; i < s.nclients * s.nnames; i++) {
            struct dates_pair p = {.client = s.clients[i / s.nnames],
                                   .name = s.names[i % s.nnames]};
            bool listed = false;
            for (size_t k = 0; k < n; k++)
                listed |= v[k].client == p.client && v[k].name == p.name;
            if (listed)
                continue;
            MEM_GROW(v, n, cap);
            v[n++] = p;
        }
        selection_free(&s);
    }
    *ret = v;
    return n;
}

static json_t *joint_part(const struct explain_job *job, const struct dates *d)
{
    json_t *o = json_object();
    json_object_set_new(o, "id", json_string("joint_dates"));
    if (job->claim)
        json_object_set_new(o, "pairs_of_claim", json_string(job->claim->id));
    json_object_set_new(o, "pairs_of_too_few_sessions", explain_count(d->too_few));
    json_object_set_new(o, "pairs_beyond_the_busiest", explain_count(d->more));
    return o;
}

static void add_found(json_t *o, const struct explain_job *job, const struct dates *d)
{
    const struct joint *j = &d->joint;
    double width = d->v[0].cells.grid.width;
    json_object_set_new(o, "cell_hours", values_real(width / 3600));
    json_object_set_new(o, "least_hours_between_dates",
                        values_real(width / 3600 * (double)j->least));
    json_object_set_new(o, "p_any_date", values_probability(j->log_p));
    json_object_set_new(o, "replicates", explain_count(j->mc.replicates));
    json_object_set_new(o, "penalty", values_real(j->penalty));
    json_object_set_new(o, "scatter_in_common", values_real(j->common));
    json_object_set_new(o, "pairs", pairs_part(d));
    json_object_set_new(o, "dates", dates_part(job, d));
}

void explain_joint(const struct explain_job *job, json_t *out)
{
    struct dates d;
    struct dates_pair *pairs;
    struct dates_opts opts = {explain_seconds(job->v->session), explain_seconds(job->v->ttl),
                              job->zone};
    uint32_t most =
        job->v->max_replicates < REPLICATES ? (uint32_t)job->v->max_replicates : REPLICATES;
    size_t n =
        job->claim ? pairs_of_claim(job, &pairs) : dates_of_name(job->c, job->name, &pairs);
    dates_make(&d, job->c, pairs, n, &job->w, &opts);
    json_t *o = joint_part(job, &d);
    if (dates_find(&d, (uint64_t)job->v->seed, most) == 0)
        add_found(o, job, &d);
    else
        json_object_set_new(o, "not_tested",
                            json_string("no pair has 10 sessions, or the window 12 cells"));
    json_object_set_new(out, "joint", o);
    dates_free(&d);
    free(pairs);
}
