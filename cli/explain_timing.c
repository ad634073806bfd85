/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part `timing`: a period that the cache did not make. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "ingest/canon.h"
#include "models/periodic.h"

/* --- a period (C6) ---------------------------------------------------------------------- */

/* Of the whole pair's rhythm, fitted to this stream; NULL where it is even or no fit. */
static struct rescale *rhythm_of(const struct explain_job *job, struct stream *s,
                                 struct baseline *fit, struct rescale *ret)
{
    struct subject one = {.streams = s, .nstreams = 1, .t = s->t, .n = s->n};
    struct baseline_opts o = job->baseline;
    double *y = mem_zero(job->g.n, sizeof *y), *hours = mem_zero(job->g.n, sizeof *hours);
    o.family = GLM_POISSON;
    bucket_fill(&one, &job->g, y);
    exposure_fill(&one, &job->w, &job->g, hours);
    int rc = baseline_fit(fit, &job->g, y, hours, &o, NULL);
    free(y);
    free(hours);
    if (rc < 0)
        return NULL;
    if (strcmp(fit->season->name, "const") == 0) {
        baseline_free(fit);
        return NULL;
    }
    rescale_init(ret, job->g, fit->rate, mem_zero(job->g.n + 1, sizeof(double)));
    return ret;
}

static json_t *at_period(const struct stream *s, const struct explain_job *job, double period,
                         const struct periodic_opts *o)
{
    struct periodic_at p;
    json_t *out = json_object();
    json_object_set_new(out, "period_s", values_real(period));
    if (periodic_test(&p, s, &job->w, 1 / period, o, NULL) < 0)
        return out;
    json_object_set_new(out, "rayleigh_z", values_real(p.z));
    json_object_set_new(out, "cache_factor", values_real(p.factor));
    json_object_set_new(out, "p", values_probability(p.log_p));
    json_object_set_new(out, "p_if_the_cache_is_forgotten", values_probability(p.log_p_white));
    json_object_set_new(out, "z2_2", values_real(p.z2));
    json_object_set_new(out, "p_z2_2", values_probability(p.log_p_z2));
    json_object_set_new(out, "h", values_real(p.h));
    json_object_set_new(out, "h_harmonics", explain_count(p.harmonics));
    json_object_set_new(out, "p_h", values_probability(p.log_p_h));
    json_object_set_new(out, "kuiper", values_real(p.kuiper));
    return out;
}

static json_t *search_part(const struct periodic *p)
{
    json_t *out = json_object();
    json_object_set_new(out, "sessions", explain_count(p->n));
    json_object_set_new(out, "frequencies", explain_count(p->frequencies));
    json_object_set_new(out, "shortest_s", values_real(1 / p->f_hi));
    json_object_set_new(out, "longest_s", values_real(1 / p->f_lo));
    json_object_set_new(out, "period_s", values_real(p->period_s));
    json_object_set_new(out, "strongest_at_s", values_real(1 / p->f));
    json_object_set_new(out, "power", values_real(p->power));
    json_object_set_new(out, "cache_factor", values_real(p->factor));
    json_object_set_new(out, "z2_2", values_real(p->z2));
    json_object_set_new(out, "h", values_real(p->h));
    json_object_set_new(out, "p", values_probability(p->log_p));
    json_object_set_new(out, "p_by",
                        json_string(p->replicates ? "draws of the cache" : "Gross-Vitells"));
    json_object_set_new(out, "p_if_the_cache_is_forgotten", values_probability(p->log_p_white));
    return out;
}

static json_t *period_part(const struct explain_job *job, struct stream *s)
{
    json_t *out = json_object();
    struct baseline fit = {0};
    struct rescale rescale;
    struct periodic_opts o = {.replicates = 999,
                              .seed = (uint64_t)job->v->seed,
                              .subject = rng_subject_of(job->s.id, s->qtype)};
    struct periodic p;
    struct err err;
    o.rate = rhythm_of(job, s, &fit, &rescale);
    json_object_set_new(out, "made_even_for",
                        o.rate ? json_string(fit.season->name)
                               : json_string("nothing, no rhythm found"));
    if (periodic_search(&p, s, &job->w, &o, &err) < 0) {
        json_object_set_new(out, "not_tested", json_string(err.msg));
    } else {
        json_object_set_new(out, "search", search_part(&p));
        json_object_set_new(out, "at_the_ttl", at_period(s, job, s->ttl_s, &o));
    }
    if (o.rate) {
        free(rescale.integral);
        baseline_free(&fit);
    }
    return out;
}

void explain_timing(const struct explain_job *job, json_t *out)
{
    json_t *types = json_array();
    for (size_t i = 0; i < job->s.nstreams; i++) {
        struct stream *s = &job->s.streams[i];
        char qtype[16];
        json_t *one = json_object();
        json_object_set_new(one, "qtype", json_string(canon_qtype_name(s->qtype, qtype)));
        if (s->ttl_s > 0)
            json_object_set_new(one, "period", period_part(job, s));
        else
            json_object_set_new(one, "not_tested", json_string("timing needs --ttl"));
        json_array_append_new(types, one);
    }
    json_object_set_new(out, "timing_by_type", types);
}
