/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part `caches`: which cache, one or two, repeats of one question, and measures of
 * regularity that describe and decide nothing. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "ingest/canon.h"
#include "models/identity.h"
#include "models/variants.h"
#include "stats/describe.h"
#include "stats/ladder.h"
#include "stats/order.h"

/* --- lives of an answer (C4) ------------------------------------------------------------ */

static json_t *variant_part(const struct variants *v, int k)
{
    const struct variant_fit *f = &v->fit[k];
    json_t *one = json_object();
    json_object_set_new(one, "id", json_string(variant_table[k].id));
    json_object_set_new(one, "what", json_string(variant_table[k].help));
    json_object_set_new(one, "loglik", values_real(f->loglik));
    json_object_set_new(one, "bic", values_real(f->bic));
    if (!isfinite(f->loglik)) {
        json_object_set_new(one, "why", json_string("a gap is shorter than this life"));
        return one;
    }
    json_object_set_new(one, "told_from_the_best", json_boolean(f->apart));
    json_object_set_new(one, "demand_per_hour", values_real(3600 * f->lambda));
    json_object_set_new(one, "life_s", values_real(f->life_s));
    if (k == VARIANT_MIX)
        json_object_set_new(one, "share_at_ttl", values_real(f->share));
    json_object_set_new(one, "gaps_expected_between_it_and_the_best", values_real(f->between));
    return one;
}

static json_t *variants_part(const struct explain_job *job, const struct stream *s)
{
    struct variants v;
    struct err err;
    json_t *out = json_object(), *list = json_array();
    if (variants_fit(&v, s, &job->w, &err) < 0) {
        json_object_set_new(out, "not_tested", json_string(err.msg));
        json_decref(list);
        return out;
    }
    for (int k = 0; k < VARIANTS; k++)
        json_array_append_new(list, variant_part(&v, k));
    json_object_set_new(out, "gaps", explain_count(v.gaps));
    json_object_set_new(out, "best", json_string(variant_table[v.best].id));
    json_object_set_new(out, "fits", list);
    return out;
}

/* --- caches behind one address (C3) ----------------------------------------------------- */

static json_t *posterior_part(const struct cache_k *k)
{
    json_t *out = json_array();
    for (int i = 1; i <= CACHE_K_MAX; i++) {
        if (!(k->posterior[i] > 1e-6))
            continue;
        json_t *one = json_object();
        json_object_set_new(one, "k", json_integer(i));
        json_object_set_new(one, "loglik", values_real(k->loglik[i]));
        json_object_set_new(one, "posterior", values_real(k->posterior[i]));
        json_array_append_new(out, one);
    }
    return out;
}

static void add_caches(const struct explain_job *job, const struct stream *s, json_t *out)
{
    struct cache_k k;
    struct err err;
    if (cache_k_fit(&k, s->t, s->n, s->ttl_s, job->w.length_s, &err) < 0) {
        json_object_set_new(out, "number_of_caches", json_string(err.msg));
        return;
    }
    json_object_set_new(out, "number_of_caches", json_integer(k.k));
    json_object_set_new(out, "number_of_caches_posterior", posterior_part(&k));
}

/* How the sessions fall to two addresses, if each goes to either at random. */
static json_t *identity_part(const struct explain_job *job, const struct stream *s,
                             const struct stream *b)
{
    struct identity d;
    struct err err;
    json_t *one = json_object();
    if (identity_test(&d, s, b, explain_seconds(job->v->session), (uint64_t)job->v->seed,
                      &err) < 0) {
        json_object_set_new(one, "not_tested", json_string(err.msg));
        return one;
    }
    json_object_set_new(one, "sessions", explain_count(d.n));
    json_object_set_new(one, "of_the_first", explain_count(d.a));
    json_object_set_new(one, "split_z_against_a_fair_coin", values_real(d.split_z));
    json_object_set_new(one, "split_p", values_probability(d.split_log_p));
    json_object_set_new(one, "runs_of_one_address", explain_count(d.runs));
    json_object_set_new(one, "runs_expected", values_real(d.runs_expected));
    json_object_set_new(one, "runs_z", values_real(d.runs_z));
    json_object_set_new(one, "runs_p", values_probability(d.runs_log_p));
    json_object_set_new(one, "days", explain_count(d.days));
    json_object_set_new(one, "days_chi_square", values_real(d.days_chi));
    json_object_set_new(one, "days_p", values_probability(d.days_log_p));
    return one;
}

/* The stream of the same type of the second pair, where one is named. */
static void add_twin(const struct explain_job *job, const struct stream *s,
                     const struct subject *other, json_t *out)
{
    struct cache_twin t;
    struct err err;
    const struct stream *b = NULL;
    for (size_t i = 0; i < other->nstreams; i++)
        if (other->streams[i].qtype == s->qtype)
            b = &other->streams[i];
    if (!b)
        return;
    json_t *one = json_object();
    if (variants_twin(&t, s, b, explain_seconds(job->v->session), &job->w, &err) < 0) {
        json_object_set_new(one, "not_tested", json_string(err.msg));
    } else {
        json_object_set_new(one, "merged_sessions", explain_count(t.n));
        json_object_set_new(one, "merged_gaps_shorter_than_ttl", explain_count(t.short_gaps));
        json_object_set_new(one, "loglik_one_cache", values_real(t.loglik_one));
        json_object_set_new(one, "loglik_one_each", values_real(t.loglik_two));
        json_object_set_new(one, "log10_lr_one_over_two", values_real(t.log_lr / M_LN10));
        json_object_set_new(one, "one_cache_is_possible", json_boolean(t.short_gaps == 0));
        if (t.have_k)
            json_object_set_new(one, "number_of_caches_posterior", posterior_part(&t.k));
    }
    json_object_set_new(out, "one_cache_with_the_second_pair", one);
    json_object_set_new(out, "one_population_with_the_second_pair", identity_part(job, s, b));
}

/* --- repeats of one question (C9) ------------------------------------------------------- */

static json_t *ladder_part(const struct explain_job *job, const double *gaps, size_t m)
{
    struct ladder l;
    json_t *out = json_object(), *steps = json_array();
    ladder_test(&l, gaps, m, explain_seconds(job->c->tick_ns));
    for (int k = 0; k < LADDER_STEPS; k++) {
        const struct ladder_step *s = &l.step[k];
        json_t *one = json_object();
        json_object_set_new(one, "step_s", values_real(s->step_s));
        json_object_set_new(one, "half_width_s", values_real(s->half_width_s));
        json_object_set_new(one, "observed", explain_count(s->observed));
        json_object_set_new(one, "expected", values_real(s->expected));
        json_object_set_new(one, "p", values_probability(s->log_p));
        json_array_append_new(steps, one);
    }
    json_object_set_new(out, "gaps_of_0.2_to_60_s", explain_count(l.gaps));
    if (l.gaps < LADDER_MIN)
        json_object_set_new(out, "not_tested", json_string("fewer than 10 such gaps"));
    else
        json_object_set_new(out, "steps", steps);
    if (l.gaps < LADDER_MIN)
        json_decref(steps);
    json_object_set_new(out, "p_of_no_step", values_probability(l.log_p));
    return out;
}

static double *gaps_of(const struct stream *s, size_t *ret_m)
{
    double *gap = mem_alloc((s->n + 1) * sizeof *gap);
    *ret_m = s->n > 1 ? s->n - 1 : 0;
    for (size_t i = 0; i < *ret_m; i++)
        gap[i] = s->t[i + 1] - s->t[i];
    return gap;
}

/* Every look-up by itself: sessions would hide what is looked for. */
static json_t *retries(const struct explain_job *job, uint16_t qtype)
{
    struct subject each;
    struct selection sel = {&job->client, &job->name, 1, 1};
    json_t *out = NULL;
    subject_make(&each, job->c, &sel, &job->w, 0, 0);
    for (size_t i = 0; i < each.nstreams; i++) {
        if (each.streams[i].qtype != qtype)
            continue;
        size_t m;
        double *gap = gaps_of(&each.streams[i], &m);
        out = ladder_part(job, gap, m);
        free(gap);
    }
    subject_free(&each);
    return out ? out : json_null();
}

/* --- measures that decide nothing (C5, C7, C10) ----------------------------------------- */

static json_t *rita_part(const double *gap, size_t m, double load)
{
    struct describe_rita r = describe_rita(gap, m), e = describe_rita_cache(load);
    json_t *out = json_object();
    json_object_set_new(out, "score", values_real(r.score));
    json_object_set_new(out, "skew_score", values_real(r.skew));
    json_object_set_new(out, "mad_score", values_real(r.mad));
    json_object_set_new(out, "expected_of_demand_behind_the_cache", values_real(e.score));
    json_object_set_new(out, "note", json_string("for comparison, no evidence"));
    return out;
}

static double steady(const void *ctx, double t)
{
    (void)t;
    return *(const double *)ctx;
}

enum { BAND_DRAWS = 199, CAP = 2 };

/* Fano and Allan of one width: of the stream, and the middle 95 % of draws of its cache. */
static json_t *scatter_at(const struct explain_job *job, const struct stream *s, double width,
                          double lambda)
{
    size_t n = (size_t)(job->w.length_s / width), cap = CAP * s->n + 1000;
    double *count = mem_zero(n + 1, sizeof *count), *t = mem_alloc(cap * sizeof *t);
    double fano[BAND_DRAWS + 1], allan[BAND_DRAWS + 1];
    for (int b = 0; b <= BAND_DRAWS; b++) {
        struct rng r;
        const double *at = s->t;
        size_t m = s->n;
        if (b > 0) {
            rng_stream(&r, (uint64_t)job->v->seed, RNG_BOOTSTRAP, job->s.id, (uint32_t)b);
            m = cache_draw(&r, s->ttl_s, job->w.length_s, lambda, steady, &lambda, t, cap);
            at = t;
        }
        for (size_t i = 0; i < n; i++)
            count[i] = 0;
        for (size_t i = 0; i < m; i++)
            if (at[i] < (double)n * width &&
                window_live_between(&job->w, at[i], at[i] + 1e-3) > 0)
                count[(size_t)(at[i] / width)]++;
        fano[b] = describe_fano(count, n);
        allan[b] = describe_allan(count, n);
        if (isnan(fano[b])) /* no event at all scatters not at all */
            fano[b] = allan[b] = 0;
    }
    json_t *f = explain_param("fano", fano[0], NAN), *a = explain_param("allan", allan[0], NAN);
    json_object_set_new(f, "lo", values_real(order_quantile(fano + 1, BAND_DRAWS, .025)));
    json_object_set_new(f, "hi", values_real(order_quantile(fano + 1, BAND_DRAWS, .975)));
    json_object_set_new(a, "lo", values_real(order_quantile(allan + 1, BAND_DRAWS, .025)));
    json_object_set_new(a, "hi", values_real(order_quantile(allan + 1, BAND_DRAWS, .975)));
    free(count);
    free(t);
    json_t *out = json_object();
    json_object_set_new(out, "bucket_s", values_real(width));
    json_object_set_new(out, "params", json_pack("[oo]", f, a));
    return out;
}

static json_t *described(const struct explain_job *job, const struct stream *s)
{
    static const double widths[] = {3600, 6 * 3600, 86400};
    struct cache_fit fit;
    json_t *out = json_object(), *scatter = json_array();
    size_t m;
    double *gap = gaps_of(s, &m);
    bool cached = s->ttl_s > 0 && cache_fit(&fit, s, &job->w, NULL) == 0;
    json_object_set_new(out, "rita", rita_part(gap, m, cached ? fit.lambda * fit.ttl_s : 0));
    json_object_set_new(out, "lag_1_rank_correlation_of_gaps",
                        values_real(describe_lag1(gap, m)));
    for (size_t i = 0; cached && i < sizeof widths / sizeof *widths; i++)
        if (job->w.length_s >= 10 * widths[i])
            json_array_append_new(scatter, scatter_at(job, s, widths[i], fit.lambda));
    json_object_set_new(out, "scatter_beside_draws_of_the_cache", scatter);
    free(gap);
    return out;
}

/* --- the whole -------------------------------------------------------------------------- */

void explain_caches(const struct explain_job *job, json_t *out)
{
    struct subject other = {0};
    bool twin = job->with_client != UINT32_MAX;
    json_t *types = json_array();
    if (twin) {
        struct selection sel = {&job->with_client, &job->with_name, 1, 1};
        subject_make(&other, job->c, &sel, &job->w, explain_seconds(job->v->session),
                     explain_seconds(job->v->ttl));
    }
    for (size_t i = 0; i < job->s.nstreams; i++) {
        const struct stream *s = &job->s.streams[i];
        char qtype[16];
        json_t *one = json_object();
        json_object_set_new(one, "qtype", json_string(canon_qtype_name(s->qtype, qtype)));
        if (s->ttl_s > 0) {
            json_object_set_new(one, "life_of_an_answer", variants_part(job, s));
            add_caches(job, s, one);
        }
        if (twin && s->ttl_s > 0)
            add_twin(job, s, &other, one);
        json_object_set_new(one, "retries", retries(job, s->qtype));
        json_object_set_new(one, "described", described(job, s));
        json_array_append_new(types, one);
    }
    if (twin)
        subject_free(&other);
    json_object_set_new(out, "caches_by_type", types);
}
