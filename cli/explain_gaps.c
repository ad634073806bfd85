/* SPDX-License-Identifier: GPL-3.0-or-later
 * Gaps of each cache, and what a cache of the given TTL makes of memoryless demand. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "ingest/canon.h"
#include "models/cache.h"
#include "stats/gof.h"

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double cv_of(const double *v, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - sum / (double)n) * (v[i] - sum / (double)n);
    return n > 1 ? sqrt(squares / (double)(n - 1)) / (sum / (double)n) : NAN;
}

static json_t *gaps_part(const double *t, size_t n)
{
    json_t *out = json_object();
    size_t m = n > 1 ? n - 1 : 0;
    json_object_set_new(out, "n", explain_count(m));
    if (m == 0)
        return out;
    double *gap = mem_alloc(m * sizeof *gap);
    for (size_t i = 0; i < m; i++)
        gap[i] = t[i + 1] - t[i];
    qsort(gap, m, sizeof *gap, by_value);
    json_object_set_new(out, "least_s", values_real(gap[0]));
    json_object_set_new(out, "median_s", values_real((gap[(m - 1) / 2] + gap[m / 2]) / 2));
    json_object_set_new(out, "mean_s", values_real((t[n - 1] - t[0]) / (double)m));
    json_object_set_new(out, "largest_s", values_real(gap[m - 1]));
    json_object_set_new(out, "cv", values_real(cv_of(gap, m)));
    free(gap);
    return out;
}

/* Exact tests that the excess gaps are what memoryless demand leaves. */
static json_t *excess_tests(const struct explain_job *job, const double *excess, size_t n)
{
    enum { REPLICATES = 9999 };
    json_t *out = json_array();
    double *work = mem_alloc(2 * n * sizeof *work);
    for (const struct gof_stat *s = gof_table; n >= 2 && s->name; s++) {
        struct rng r;
        struct mc upper, lower;
        double observed = s->eval(excess, n, work);
        json_t *one = json_object();
        json_object_set_new(one, "statistic", json_string(s->name));
        json_object_set_new(one, "observed", values_real(observed));
        if (isfinite(observed)) {
            rng_stream(&r, (uint64_t)job->v->seed, RNG_NULL, job->s.id, 0);
            gof_dirichlet(s, observed, n, REPLICATES, &r, work, &upper, &lower);
            json_object_set_new(one, "p_upper", values_real(mc_p(&upper)));
            json_object_set_new(one, "p_lower", values_real(mc_p(&lower)));
            if (strcmp(s->name, "max") == 0)
                json_object_set_new(one, "p_exact", values_real(gof_fisher_g_p(observed, n)));
        }
        json_array_append_new(out, one);
    }
    free(work);
    return out;
}

static json_t *cache_part(const struct explain_job *job, const struct stream *r)
{
    struct cache_fit f;
    struct cache_dead_time d;
    json_t *out = json_object();
    char qtype[16];
    json_object_set_new(out, "qtype", json_string(canon_qtype_name(r->qtype, qtype)));
    json_object_set_new(out, "gaps", gaps_part(r->t, r->n));
    if (!(r->ttl_s > 0) || cache_fit(&f, r, &job->w, NULL) < 0)
        return out;
    json_object_set_new(out, "id", json_string("cache"));
    json_object_set_new(out, "ttl_s", values_real(f.ttl_s));
    json_object_set_new(out, "at_risk_hours", values_real(f.at_risk_s / 3600));
    json_object_set_new(out, "loglik", values_real(f.loglik));
    json_t *lambda = explain_param("demand per hour", 3600 * f.lambda, NAN);
    json_object_set_new(lambda, "lo", values_real(3600 * f.lambda_lo));
    json_object_set_new(lambda, "hi", values_real(3600 * f.lambda_hi));
    json_object_set_new(out, "params", json_pack("[o]", lambda));
    json_object_set_new(out, "hidden_demand", values_real(f.hidden_demand));
    json_object_set_new(out, "cv_expected", values_real(f.cv_expected));
    json_object_set_new(out, "gaps_shorter_than_ttl", explain_count(f.short_gaps));
    double *excess = mem_alloc((r->n + 1) * sizeof *excess);
    size_t n = cache_excess(r, &job->w, excess);
    json_object_set_new(out, "cv_of_excess_gaps", values_real(cv_of(excess, n)));
    json_object_set_new(out, "excess_gap_tests", excess_tests(job, excess, n));
    for (size_t i = 0; i < n; i++)
        excess[i] += r->ttl_s;
    if (cache_dead_time(&d, excess, n, r->ttl_s, NULL) == 0) {
        json_object_set_new(out, "dead_time_is_ttl_p", values_probability(d.log_p));
        json_object_set_new(out, "dead_time_lo_s", values_real(d.tau_lo));
        json_object_set_new(out, "dead_time_hi_s", values_real(d.tau_hi));
    }
    free(excess);
    return out;
}

void explain_gaps(const struct explain_job *job, json_t *out)
{
    json_t *caches = json_array();
    for (size_t i = 0; i < job->s.nstreams; i++)
        json_array_append_new(caches, cache_part(job, &job->s.streams[i]));
    json_object_set_new(out, "gaps_and_cache_by_type", caches);
}
