/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part `timing`: cache or timer, and a period that the cache did not make. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "ingest/canon.h"
#include "models/periodic.h"
#include "models/cache.h"
#include "models/gapodds.h"
#include "models/renewal.h"

/* The rate of one stream where its hours matter. */
struct rhythm {
    bool found;
    struct baseline fit;
    struct rescale rescale;
};

static void rhythm_make(struct rhythm *ret, const struct explain_job *job, struct stream *s)
{
    struct subject one = {.streams = s, .nstreams = 1, .t = s->t, .n = s->n};
    struct baseline_opts o = job->baseline;
    double *y = mem_zero(job->g.n, sizeof *y), *hours = mem_zero(job->g.n, sizeof *hours);
    *ret = (struct rhythm){0};
    o.family = GLM_POISSON;
    bucket_fill(&one, &job->g, y);
    exposure_fill(&one, &job->w, &job->g, hours);
    if (baseline_fit(&ret->fit, &job->g, y, hours, &o, NULL) == 0) {
        ret->found = strcmp(ret->fit.season->name, "const") != 0;
        if (ret->found)
            rescale_init(&ret->rescale, job->g, ret->fit.rate,
                         mem_zero(job->g.n + 1, sizeof(double)));
        else
            baseline_free(&ret->fit);
    }
    free(y);
    free(hours);
}

static void rhythm_free(struct rhythm *r)
{
    if (!r->found)
        return;
    free(r->rescale.integral);
    baseline_free(&r->fit);
}

/* --- a period (C6) ---------------------------------------------------------------------- */

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
    json_object_set_new(out, "points_in_one_over_length", explain_count(PERIODIC_POINTS));
    json_object_set_new(out, "ends_at",
                        json_string(p->cut ? "the most frequencies that are searched; periods "
                                             "below shortest_s were not"
                                           : "half the time to live"));
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

static json_t *period_part(const struct explain_job *job, const struct stream *s,
                           const struct rhythm *rhythm)
{
    json_t *out = json_object();
    struct periodic_opts o = {.replicates = 999,
                              .seed = (uint64_t)job->v->seed,
                              .subject = rng_subject_of(job->s.id, s->qtype),
                              .rate = rhythm->found ? &rhythm->rescale : NULL};
    struct periodic p;
    struct err err;
    json_object_set_new(
        out, "made_even_for",
        json_string(rhythm->found ? rhythm->fit.season->name : "nothing, no rhythm found"));
    if (periodic_search(&p, s, &job->w, &o, &err) < 0) {
        json_object_set_new(out, "not_tested", json_string(err.msg));
    } else {
        json_object_set_new(out, "search", search_part(&p));
        json_object_set_new(out, "at_the_ttl", at_period(s, job, s->ttl_s, &o));
    }
    return out;
}

/* --- cache or timer --------------------------------------------------------------------- */

static json_t *maker_part(const struct renewal *r, int k)
{
    const struct renewal_fit *f = &r->fit[k];
    json_t *out = json_object(), *params = json_array();
    json_object_set_new(out, "id", json_string(renewal_table[k].id));
    json_object_set_new(out, "what", json_string(renewal_table[k].help));
    json_object_set_new(out, "loglik", values_real(f->loglik));
    json_object_set_new(out, "score", values_real(f->score));
    if (k <= RENEWAL_CACHES)
        json_object_set_new(out, "p", values_real(r->p_maker[k]));
    if (!isfinite(f->loglik))
        json_object_set_new(out, "why",
                            json_string(k == RENEWAL_CACHES
                                            ? "one cache is enough"
                                            : "gaps shorter than the time to live"));
    if (isfinite(f->loglik) && f->lambda > 0)
        json_array_append_new(params, explain_param("demand per hour", 3600 * f->lambda, NAN));
    if (isfinite(f->loglik) && f->k > 0)
        json_array_append_new(params, explain_param("caches", f->k, NAN));
    if (f->period_s > 0) {
        json_array_append_new(params, explain_param("period_s", f->period_s, NAN));
        json_array_append_new(params, explain_param("spread_s", f->spread_s, NAN));
    }
    if (k == RENEWAL_LOST || renewal_table[k].timer)
        json_array_append_new(params, explain_param("share lost", f->q, NAN));
    json_object_set_new(out, "params", params);
    return out;
}

static json_t *makers_part(const struct explain_job *job, const struct stream *s,
                           const struct rhythm *rhythm)
{
    json_t *out = json_object(), *makers = json_array();
    struct renewal_opts o = {.resolution_s = explain_seconds(job->c->tick_ns),
                             .rate = rhythm->found ? &rhythm->rescale : NULL,
                             .rate_parameters = rhythm->found ? rhythm->fit.parameters : 0,
                             .seed = (uint64_t)job->v->seed,
                             .subject = rng_subject_of(job->s.id, s->qtype)};
    struct renewal r;
    struct err err;
    if (renewal_compare(&r, s, &job->w, &o, &err) < 0) {
        json_object_set_new(out, "not_tested", json_string(err.msg));
        json_decref(makers);
        return out;
    }
    for (int k = 0; k < RENEWAL_MAKERS; k++)
        json_array_append_new(makers, maker_part(&r, k));
    json_object_set_new(out, "gaps", explain_count(r.gaps));
    json_object_set_new(out, "gaps_shorter_than_ttl", explain_count(r.short_gaps));
    json_object_set_new(out, "makers", makers);
    json_object_set_new(out, "best_demand", json_string(renewal_table[r.demand].id));
    json_object_set_new(out, "best_timer", json_string(renewal_table[r.timer].id));
    json_object_set_new(out, "log10_lr_timer_over_demand", values_real(r.log_lr / M_LN10));
    json_object_set_new(out, "p_of_memoryless_demand", values_real(r.p));
    json_object_set_new(out, "clock_fine_enough", json_boolean(r.resolved));
    json_object_set_new(out, "answer", json_string(renewal_answers[r.answer]));
    return out;
}

/* Bayes factor of a timer over demand, of the first gaps: fifty tell what gaps can tell. */
static json_t *odds_part(const struct explain_job *job, const struct stream *s)
{
    enum { GAPS = 50, LEAST = 5, DRAWS = 4000 };
    double *gap = mem_alloc((s->n + 1) * sizeof *gap);
    size_t n = cache_excess(s, &job->w, gap);
    json_t *out = json_object();
    struct gapodds o;
    struct rng r;
    n = n < GAPS ? n : GAPS;
    for (size_t i = 0; i < n; i++)
        gap[i] += s->ttl_s;
    if (n < LEAST) {
        json_object_set_new(out, "not_tested", json_string("expected 5 gaps or more"));
    } else {
        rng_stream(&r, (uint64_t)job->v->seed, RNG_BOOTSTRAP,
                   rng_subject_of(job->s.id, s->qtype), 0);
        gapodds(gap, n, s->ttl_s, DRAWS, &r, &o);
        json_object_set_new(out, "gaps", explain_count(n));
        json_object_set_new(out, "computed", json_boolean(o.computed));
        json_object_set_new(out, "log10_factor_timer_over_demand",
                            values_real(o.computed ? o.log_factor / M_LN10 : NAN));
        json_object_set_new(out, "by_grid", values_real(o.log_factor / M_LN10));
        json_object_set_new(out, "by_importance", values_real(o.importance / M_LN10));
        json_object_set_new(out, "by_bridge", values_real(o.bridge / M_LN10));
    }
    free(gap);
    return out;
}

/* --- the whole ---------------------------------------------------------------------- */

static void add_cached(const struct explain_job *job, struct stream *s, json_t *out)
{
    struct rhythm rhythm;
    rhythm_make(&rhythm, job, s);
    json_object_set_new(out, "cache_or_timer", makers_part(job, s, &rhythm));
    json_object_set_new(out, "bayes_factor", odds_part(job, s));
    json_object_set_new(out, "period", period_part(job, s, &rhythm));
    rhythm_free(&rhythm);
}

/* The laws of gaps have one dead time, a life; where sessions are farther apart than answers
 * live, demand without memory would show less scatter than they allow it. */
static const char *untimed(const struct explain_job *job, const struct stream *s)
{
    if (!(s->ttl_s > 0))
        return "timing needs --ttl";
    if (s->ttl_s < explain_seconds(job->v->session))
        return "timing needs sessions no farther apart than answers live: --session at most "
               "--ttl";
    return NULL;
}

void explain_timing(const struct explain_job *job, json_t *out)
{
    json_t *types = json_array();
    for (size_t i = 0; i < job->s.nstreams; i++) {
        struct stream *s = &job->s.streams[i];
        char qtype[16];
        json_t *one = json_object();
        json_object_set_new(one, "qtype", json_string(canon_qtype_name(s->qtype, qtype)));
        const char *why = untimed(job, s);
        if (why)
            json_object_set_new(one, "not_tested", json_string(why));
        else
            add_cached(job, s, one);
        json_array_append_new(types, one);
    }
    json_object_set_new(out, "timing_by_type", types);
}
