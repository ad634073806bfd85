/* SPDX-License-Identifier: GPL-3.0-or-later
 * explain: one pair, every step with its numbers. Everything is put into one JSON
 * tree; the text for people is that tree with fewer digits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/values.h"
#include "ingest/canon.h"
#include "ingest/casefile.h"
#include "models/baseline.h"
#include "models/cache.h"
#include "models/scan.h"
#include "stats/gof.h"

struct values {
    const char *client, *name, *model, *season, *from, *to, *zone;
    int64_t bucket, session, ttl, max_replicates, seed;
    bool json;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"client", OPT_TEXT, "C", NULL, AT(client), "who asked"},
    {"name", OPT_TEXT, "N", NULL, AT(name), "the name asked for"},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "for programs, with all digits"},
    {"bucket", OPT_DURATION, "D", "1h", AT(bucket), "width of a bucket"},
    {"session", OPT_DURATION, "D", "30s", AT(session), "longest gap inside a session"},
    {"ttl", OPT_DURATION, "D", "0", AT(ttl), "dead time after a session start; 0: unknown"},
    {"model", OPT_TEXT, "NAME", "auto", AT(model), "poisson, negbin, or auto: by BIC"},
    {"season", OPT_TEXT, "NAME", "auto", AT(season),
     "none, auto (by BIC), day1, week21, week32, hours48 or hours168"},
    {"timezone", OPT_TEXT, "Z", NULL, AT(zone), "of the season's hours; UTC if not given"},
    {"from", OPT_TEXT, "T", NULL, AT(from), "start of the window"},
    {"to", OPT_TEXT, "T", NULL, AT(to), "end of the window"},
    {"max-replicates", OPT_COUNT, "N", "9999", AT(max_replicates), "most replicates of burst"},
    {"seed", OPT_COUNT, "N", "1", AT(seed), "of the random numbers"},
    OPT_END};

struct job {
    const struct values *v;
    struct counts *c;
    uint32_t client, name;
    struct window w;
    struct subject s;
    struct grid g;
    double *y, *hours;
    struct baseline_opts baseline;
    struct tz *zone;
};

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static json_t *time_value(int64_t t_ns)
{
    char text[TEXT_TIME_MAX];
    return json_string(text_iso(text, t_ns, 0));
}

static json_t *count_value(size_t n)
{
    return json_integer((json_int_t)n);
}

/* --- counts, sessions, time --------------------------------------------------------- */

/* Retries collapsed at several gaps: how much of the count is retries? */
static json_t *sessions_at(const struct job *job)
{
    static const int gaps[] = {1, 5, 30, 60};
    json_t *out = json_object();
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct subject s;
        struct selection sel = {&job->client, &job->name, 1, 1};
        char key[16];
        subject_make(&s, job->c, &sel, &job->w, gaps[i], 0);
        snprintf(key, sizeof key, "%ds", gaps[i]);
        json_object_set_new(out, key, count_value(s.n));
        subject_free(&s);
    }
    return out;
}

static json_t *time_part(const struct job *job)
{
    json_t *out = json_object();
    double live = job->w.live_s / 3600;
    json_object_set_new(out, "from", time_value(job->w.from_ns));
    json_object_set_new(out, "to", time_value(job->w.to_ns));
    json_object_set_new(out, "live_hours", values_real(live));
    json_object_set_new(out, "live_is_inferred", json_boolean(job->w.inferred));
    json_object_set_new(out, "caches", count_value(job->s.nstreams));
    json_object_set_new(out, "at_risk_cache_hours",
                        values_real(exposure_between(&job->s, &job->w, 0, job->w.length_s)));
    return out;
}

static json_t *type_part(const struct job *job)
{
    json_t *out = json_array();
    for (size_t i = 0; i < job->s.nstreams; i++) {
        const struct stream *r = &job->s.streams[i];
        char qtype[16];
        json_t *one = json_object();
        uint64_t lookups = 0;
        for (size_t k = 0; k < r->n; k++)
            lookups += r->lookups[k];
        json_object_set_new(one, "qtype", json_string(canon_qtype_name(r->qtype, qtype)));
        json_object_set_new(one, "sessions", count_value(r->n));
        json_object_set_new(one, "lookups_in_sessions", count_value(lookups));
        json_array_append_new(out, one);
    }
    return out;
}

/* --- models ------------------------------------------------------------------------- */

static json_t *param(const char *name, double value, double se)
{
    json_t *p = json_object();
    json_object_set_new(p, "name", json_string(name));
    json_object_set_new(p, "value", values_real(value));
    json_object_set_new(p, "se", values_real(se));
    return p;
}

/* Name of coefficient k >= 1 in the order of the design (models/season.c). */
static void coefficient_name(const struct season *s, size_t k, char out[32])
{
    size_t levels = s->levels ? (size_t)s->levels - 1 : 0;
    if (k <= levels) {
        snprintf(out, 32, "hour %zu", k);
        return;
    }
    size_t wave = k - levels - 1;
    bool daily = wave < 2 * (size_t)s->daily;
    size_t turn = (daily ? wave : wave - 2 * (size_t)s->daily) / 2 + 1;
    snprintf(out, 32, "%s %zu/%s", wave % 2 ? "cos" : "sin", turn, daily ? "day" : "week");
}

static json_t *params_of(const struct baseline *b)
{
    json_t *out = json_array();
    json_array_append_new(out, param("ln rate per hour", b->glm->beta[0], b->glm->se[0]));
    for (size_t k = 1; k < b->glm->p; k++) {
        char name[32];
        coefficient_name(b->season, k, name);
        json_array_append_new(out, param(name, b->glm->beta[k], b->glm->se[k]));
    }
    if (b->family == GLM_NEGBIN)
        json_array_append_new(out, param("theta", b->theta, b->glm->theta_se));
    return out;
}

static json_t *model_id(const struct season *s, enum glm_family family)
{
    char *id = mem_format("%s %s", family == GLM_NEGBIN ? "negbin" : "poisson", s->name);
    json_t *v = json_string(id);
    free(id);
    return v;
}

/* sum (y - mu)^2 / sum V(mu): Pearson's ratio of sums. His sum of ratios has no variance
 * where at-risk time can be a second of a bucket. */
static double variance_ratio(const struct job *job, const struct baseline *b)
{
    double squares = 0, sum = 0, used = (double)b->glm->used;
    for (size_t i = 0; i < b->n; i++) {
        if (!(b->mu[i] > 0))
            continue;
        squares += (job->y[i] - b->mu[i]) * (job->y[i] - b->mu[i]);
        sum += b->mu[i] + b->mu[i] * b->mu[i] / b->theta;
    }
    return squares / sum * used / (used - (double)b->glm->p);
}

static json_t *model_part(const struct job *job, const struct baseline *b)
{
    json_t *m = json_object();
    json_object_set_new(m, "id", model_id(b->season, b->family));
    json_object_set_new(m, "loglik", values_real(b->loglik));
    json_object_set_new(m, "aic", values_real(b->aic));
    json_object_set_new(m, "bic", values_real(b->bic));
    json_object_set_new(m, "variance_ratio", values_real(variance_ratio(job, b)));
    json_object_set_new(m, "pearson_dispersion", values_real(b->dispersion));
    json_object_set_new(m, "at_poisson_limit", json_boolean(b->glm->poisson_limit));
    json_object_set_new(m, "params", params_of(b));
    return m;
}

/* Overdispersion of the chosen season's Poisson fit. */
static json_t *dispersion_part(const struct job *job, const struct season *season)
{
    struct baseline_opts o = {season, job->zone, false, GLM_POISSON};
    struct baseline poisson = {0}, negbin = {0};
    struct glm_dispersion d;
    json_t *out = json_null();
    if (baseline_fit(&poisson, &job->g, job->y, job->hours, &o, NULL) == 0) {
        o.family = GLM_NEGBIN;
        if (baseline_fit(&negbin, &job->g, job->y, job->hours, &o, NULL) == 0) {
            glm_dispersion(job->y, poisson.glm, negbin.glm, &d);
            out = json_object();
            json_object_set_new(out, "lr", values_real(d.lr));
            json_object_set_new(out, "p", values_probability(d.log_p));
            json_object_set_new(out, "log10_p", values_real(d.log_p / M_LN10));
            json_object_set_new(out, "t_nb2", values_real(d.t_nb2));
            json_object_set_new(out, "t_nb1", values_real(d.t_nb1));
            json_object_set_new(out, "dean", values_real(d.dean));
        }
    }
    baseline_free(&poisson);
    baseline_free(&negbin);
    return out;
}

static json_t *failed_model(const struct season *s, enum glm_family family)
{
    json_t *m = json_object();
    json_object_set_new(m, "id", model_id(s, family));
    json_object_set_new(m, "loglik", json_null());
    json_object_set_new(m, "why", json_string("no convergence"));
    json_object_set_new(m, "params", json_array());
    return m;
}

/* Every rung that the ladder tried, each with its parameters. */
static void add_models(const struct job *job, json_t *out)
{
    struct baseline chosen, one;
    struct err err;
    json_t *models = json_array();
    if (baseline_fit(&chosen, &job->g, job->y, job->hours, &job->baseline, &err) < 0) {
        json_object_set_new(out, "models", models);
        json_object_set_new(out, "no_model", json_string(err.msg));
        return;
    }
    for (size_t i = 0; i < chosen.nrungs; i++) {
        const struct baseline_rung *r = &chosen.rungs[i];
        struct baseline_opts o = {r->season, job->zone, false, (int)r->family};
        if (baseline_fit(&one, &job->g, job->y, job->hours, &o, NULL) < 0) {
            json_array_append_new(models, failed_model(r->season, r->family));
            continue;
        }
        json_array_append_new(models, model_part(job, &one));
        baseline_free(&one);
    }
    json_object_set_new(out, "models", models);
    json_object_set_new(out, "chosen", model_id(chosen.season, chosen.family));
    json_object_set_new(out, "overdispersion", dispersion_part(job, chosen.season));
    baseline_free(&chosen);
}

/* --- gaps and the cache ------------------------------------------------------------- */

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
    json_object_set_new(out, "n", count_value(m));
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
static json_t *excess_tests(const struct job *job, const double *excess, size_t n)
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
        }
        json_array_append_new(out, one);
    }
    free(work);
    return out;
}

static json_t *cache_part(const struct job *job, const struct stream *r)
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
    json_t *lambda = param("demand per hour", 3600 * f.lambda, NAN);
    json_object_set_new(lambda, "lo", values_real(3600 * f.lambda_lo));
    json_object_set_new(lambda, "hi", values_real(3600 * f.lambda_hi));
    json_object_set_new(out, "params", json_pack("[o]", lambda));
    json_object_set_new(out, "hidden_demand", values_real(f.hidden_demand));
    json_object_set_new(out, "cv_expected", values_real(f.cv_expected));
    json_object_set_new(out, "gaps_shorter_than_ttl", count_value(f.short_gaps));
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

/* --- level and burst ---------------------------------------------------------------- */

static json_t *row_part(const struct scan_row *r)
{
    json_t *out = json_object();
    bool ok = r->state == SCAN_OK;
    json_object_set_new(out, "state", json_string(scan_state_names[r->state]));
    if (!ok)
        return out;
    char *model = mem_format("%s %s", r->family, r->shape);
    json_object_set_new(out, "model", json_string(model));
    json_object_set_new(out, "observed", count_value(r->observed));
    json_object_set_new(out, "expected", values_real(r->expected));
    json_object_set_new(out, "lo", values_real(r->lo));
    json_object_set_new(out, "hi", values_real(r->hi));
    json_object_set_new(out, "score", values_real(r->score));
    json_object_set_new(out, "p", values_probability(r->log_p));
    json_object_set_new(out, "log10_p", values_real(r->log_p / M_LN10));
    json_object_set_new(out, "p_mid", values_probability(r->log_p_mid));
    json_object_set_new(out, "dispersion", values_real(r->dispersion));
    if (r->kind == SCAN_BURST) {
        json_object_set_new(out, "replicates", json_integer(r->replicates));
        json_object_set_new(out, "when", time_value(r->when_s * NS_PER_S));
    }
    free(model);
    return out;
}

static void add_rows(const struct job *job, json_t *out)
{
    struct scan_opts o = {
        .bucket_s = seconds(job->v->bucket),
        .session_s = seconds(job->v->session),
        .ttl_s = seconds(job->v->ttl),
        .min_count = 1,
        .max_replicates = (uint32_t)job->v->max_replicates,
        .tail = 1,
        .seed = (uint64_t)job->v->seed,
    };
    struct scan_row rows[2];
    if (scan_one(rows, job->c, &o, job->client, job->name, NULL) < 0)
        return;
    json_object_set_new(out, "level_over_all_live_time", row_part(&rows[SCAN_LEVEL]));
    json_object_set_new(out, "burst_over_all_live_time", row_part(&rows[SCAN_BURST]));
}

/* --- text --------------------------------------------------------------------------- */

static void print_value(const json_t *v, int indent);

static void print_scalar(const json_t *v)
{
    if (json_is_string(v))
        printf(" %s\n", json_string_value(v));
    else if (json_is_integer(v))
        printf(" %" JSON_INTEGER_FORMAT "\n", json_integer_value(v));
    else if (json_is_real(v))
        printf(" %.6g\n", json_real_value(v));
    else
        printf(" %s\n", json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "-");
}

static void print_object(const json_t *v, int indent)
{
    const char *key;
    json_t *one;
    json_object_foreach((json_t *)(uintptr_t)v, key, one)
    {
        printf("%*s%s", indent, "", key);
        print_value(one, indent + 2);
    }
}

static bool is_param(const json_t *v)
{
    return json_object_get(v, "name") && json_object_get(v, "value");
}

static void print_param(const json_t *v, int indent)
{
    printf("%*s%-18s", indent, "", json_string_value(json_object_get(v, "name")));
    printf(" %12.6g", json_real_value(json_object_get(v, "value")));
    if (json_is_real(json_object_get(v, "se")))
        printf("  se %.6g", json_real_value(json_object_get(v, "se")));
    if (json_object_get(v, "lo"))
        printf("  95 %% %.6g to %.6g", json_real_value(json_object_get(v, "lo")),
               json_real_value(json_object_get(v, "hi")));
    putchar('\n');
}

static void print_value(const json_t *v, int indent)
{
    if (!json_is_object(v) && !json_is_array(v)) {
        print_scalar(v);
        return;
    }
    putchar('\n');
    if (json_is_object(v))
        print_object(v, indent);
    for (size_t i = 0; json_is_array(v) && i < json_array_size(v); i++) {
        const json_t *one = json_array_get(v, i);
        if (is_param(one)) {
            print_param(one, indent);
        } else {
            printf("%*s-\n", indent, "");
            print_object(one, indent + 2);
        }
    }
}

/* --- the whole ---------------------------------------------------------------------- */

static json_t *explain(const struct job *job)
{
    json_t *out = json_object(), *caches = json_array();
    json_object_set_new(out, "client", values_text(job->c->clients[job->client]));
    json_object_set_new(out, "name", values_text(job->c->names[job->name]));
    json_object_set_new(out, "time", time_part(job));
    json_object_set_new(out, "lookups", count_value(job->s.lookups));
    json_object_set_new(out, "tap_duplicates_not_counted", count_value(job->s.duplicates));
    json_object_set_new(out, "sessions_at_gap", sessions_at(job));
    json_object_set_new(out, "sessions", count_value(job->s.n));
    json_object_set_new(out, "types", type_part(job));
    add_models(job, out);
    for (size_t i = 0; i < job->s.nstreams; i++)
        json_array_append_new(caches, cache_part(job, &job->s.streams[i]));
    json_object_set_new(out, "gaps_and_cache_by_type", caches);
    add_rows(job, out);
    return out;
}

static int read_time(const char *option, const char *text, int64_t *ret, struct err *err)
{
    bool zone;
    if (!text || text_time(span_of(text), ret, &zone) == 0)
        return 0; /* without a zone: UTC */
    return err_set(err, ERR_USAGE,
                   "--%s: expected a time such as 2016-07-20T10:00:00Z, "
                   "found '%s'",
                   option, text);
}

static int read_model(struct job *job, struct err *err)
{
    const struct values *v = job->v;
    job->baseline.family = strcmp(v->model, "poisson") == 0  ? GLM_POISSON
                           : strcmp(v->model, "negbin") == 0 ? GLM_NEGBIN
                                                             : -1;
    if (job->baseline.family < 0 && strcmp(v->model, "auto") != 0)
        return err_set(err, ERR_USAGE, "--model: expected poisson, negbin or auto, found '%s'",
                       v->model);
    if (strcmp(v->season, "auto") != 0) {
        job->baseline.season = season_find(strcmp(v->season, "none") ? v->season : "const");
        if (!job->baseline.season)
            return err_set(err, ERR_USAGE,
                           "--season: expected none, auto or a season, "
                           "found '%s'",
                           v->season);
    }
    if (v->zone && tz_open(&job->zone, v->zone, err) < 0)
        return ERR_USAGE;
    job->baseline.zone = job->zone;
    return 0;
}

static int find_pair(struct job *job, struct err *err)
{
    char client[CANON_CLIENT_MAX], name[CANON_NAME_MAX];
    size_t nclient, nname;
    const struct values *v = job->v;
    if (canon_client(span_of(v->client), FORM_TEXT, client, &nclient) < 0)
        return err_set(err, ERR_USAGE, "--client: expected a client, found '%s'", v->client);
    if (canon_name(span_of(v->name), FORM_TEXT, name, &nname) < 0)
        return err_set(err, ERR_USAGE, "--name: expected a name, found '%s'", v->name);
    job->client = counts_client(job->c, span_make(client, nclient));
    job->name = counts_name(job->c, span_make(name, nname));
    if (job->client == UINT32_MAX)
        return err_set(err, ERR_USAGE, "--client: expected one of the case's, found '%s'",
                       v->client);
    if (job->name == UINT32_MAX)
        return err_set(err, ERR_USAGE, "--name: expected one of the case's, found '%s'",
                       v->name);
    return 0;
}

static int open_window(struct job *job, struct err *err)
{
    window_make(&job->w, job->c, 0, 0);
    int64_t from = job->w.from_ns, to = job->w.to_ns;
    window_free(&job->w);
    if (read_time("from", job->v->from, &from, err) < 0 ||
        read_time("to", job->v->to, &to, err) < 0)
        return ERR_USAGE;
    if (from >= to)
        return err_set(err, ERR_USAGE, "--from, --to: expected a window, found an empty one");
    window_make(&job->w, job->c, from, to);
    if (!(job->w.live_s > 0))
        return err_set(err, ERR_DEGENERATE,
                       "explain: expected live time in the window, found none");
    return 0;
}

static void print(const json_t *tree, bool json)
{
    if (json) {
        json_dumpf(tree, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
    } else {
        print_object(tree, 0);
    }
}

static int explain_pair(struct job *job, struct err *err)
{
    const struct values *v = job->v;
    int rc = values_bucket(job->c, v->bucket, err);
    if (rc < 0 || (rc = find_pair(job, err)) < 0 || (rc = read_model(job, err)) < 0 ||
        (rc = open_window(job, err)) < 0)
        return rc;
    struct selection sel = {&job->client, &job->name, 1, 1};
    subject_make(&job->s, job->c, &sel, &job->w, seconds(v->session), seconds(v->ttl));
    job->g = grid_make(&job->w, seconds(v->bucket));
    job->y = mem_alloc(job->g.n * sizeof *job->y);
    job->hours = mem_alloc(job->g.n * sizeof *job->hours);
    bucket_fill(&job->s, &job->g, job->y);
    exposure_fill(&job->s, &job->w, &job->g, job->hours);
    json_t *tree = explain(job);
    print(tree, v->json);
    json_decref(tree);
    free(job->y);
    free(job->hours);
    subject_free(&job->s);
    return 0;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct job job = {.v = &v};
    struct err err;
    int first = opts_read(&cmd_explain, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1 || !v.client || !v.name)
        return opts_exit(opts_usage(&cmd_explain, "expected one case, --client and --name"));
    if (v.max_replicates < 1 || v.max_replicates > UINT32_MAX)
        return opts_exit(
            opts_usage(&cmd_explain, "--max-replicates: expected 1 to %u", UINT32_MAX));
    int rc = casefile_read(&job.c, argv[first], &err);
    if (rc < 0)
        return opts_fail(&err);
    rc = explain_pair(&job, &err);
    window_free(&job.w);
    tz_free(job.zone);
    counts_free(job.c);
    return rc < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_explain = {
    "counts to numbers",
    "explain",
    "CASE --client C --name N",
    "one pair, every step with its numbers",
    "Look-ups, sessions, live and at-risk time, every baseline of the ladder with its\n"
    "parameters and standard errors, gaps, what a cache of the given TTL makes of memoryless\n"
    "demand, and the pair's two rows of 'scan'. Exact tests are of excess gaps, gap - TTL.\n",
    options,
    run};
