/* SPDX-License-Identifier: GPL-3.0-or-later
 * One claim of results.json: its numbers. */
#include "report/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "models/baseline.h"
#include "models/cache.h"
#include "models/causes.h"
#include "report/value.h"
#include "stats/combine.h"
#include "stats/gpd.h"
#include "stats/tail.h"
#include "stats/unseen.h"

enum { LISTED = 20 };

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

/* --- who and what ------------------------------------------------------------------- */

/* Distinct clients or names of a subject's streams, at most LISTED. */
static json_t *listed(const struct counts *c, const struct subject *v, size_t n, bool clients)
{
    json_t *list = json_array();
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < v[k].nstreams && json_array_size(list) < LISTED; i++) {
            struct span text =
                clients ? c->clients[v[k].streams[i].client] : c->names[v[k].streams[i].name];
            bool there = false;
            for (size_t j = 0; j < json_array_size(list) && !there; j++)
                there = span_is(text, json_string_value(json_array_get(list, j)));
            if (!there)
                json_array_append_new(list, json_stringn(text.p, text.n));
        }
    return list;
}

static void fact(json_t *facts, const char *id, const char *label, double value,
                 const char *unit)
{
    json_t *f = json_pack("{s:s, s:s, s:s}", "id", id, "label", label, "unit", unit);
    value_set_real(f, "value", value);
    json_array_append_new(facts, f);
}

/* What stated hours would hold of even look-ups, and what they hold of the pair's: hours that
 * cover most of the week tell nothing. */
static void add_hours(json_t *facts, const struct trial *t)
{
    enum { STEP_S = 300 };
    int64_t from_s = t->window.from_ns / NS_PER_S;
    double inside = 0, all = 0, sessions = 0;
    for (double at = 0; t->claim->nhours && at < t->window.length_s; at += STEP_S) {
        double live = window_live_between(&t->window, at, at + STEP_S);
        all += live;
        inside += trial_inside(t->claim, from_s + (int64_t)at + STEP_S / 2) ? live : 0;
    }
    if (!(all > 0))
        return;
    for (size_t i = 0; i < t->a.n; i++)
        sessions += trial_inside(t->claim, from_s + (int64_t)t->a.t[i]);
    fact(facts, "hours_cover",
         "share of listening time inside the hours: what even look-ups would have there",
         inside / all, "");
    fact(facts, "hours_share", "share of sessions inside the hours",
         t->a.n ? sessions / (double)t->a.n : NAN, "");
}

/* Such claims are said of look-ups and tested by days: the share in the words that were said.
 */
static void add_share(json_t *facts, const struct trial *t)
{
    const struct counts *c = t->counts;
    const struct study_group *g = &t->study->groups[t->claim->name];
    if (strcmp(t->claim->kind->id, "exclusivity") != 0 || counts_is_part(c))
        return;
    uint32_t *everybody = mem_alloc((c->nclients + 1) * sizeof *everybody);
    for (uint32_t i = 0; i < c->nclients; i++)
        everybody[i] = i;
    struct selection of = {everybody, g->name, c->nclients, g->name_n};
    struct subject all;
    subject_make(&all, c, &of, &t->window, t->study->session_s, t->ttl_s);
    fact(facts, "lookups_share",
         "share of all look-ups of these names that the sensors saw; they come in bursts, so "
         "that "
         "no interval is given",
         all.lookups ? (double)t->a.lookups / (double)all.lookups : NAN, "");
    if (all.lookups && !t->claim->opposite)
        fact(
            facts, "lookups_unseen",
            "look-ups of others, not seen, that would bring that share down to what is claimed",
            share_unseen((double)t->a.lookups, (double)(all.lookups - t->a.lookups),
                         t->claim->effect),
            "look-ups");
    subject_free(&all);
    free(everybody);
}

static json_t *subject_json(const struct trial *t, const char *role, const char *client,
                            const char *name, const struct subject *v, size_t n)
{
    uint64_t lookups = 0, duplicates = 0, sessions = 0;
    double hours = 0;
    size_t streams = 0;
    for (size_t i = 0; i < n; i++) {
        struct rate r = trial_rate(t, &v[i]);
        lookups += v[i].lookups;
        duplicates += v[i].duplicates;
        sessions += r.sessions;
        hours += r.hours;
        streams += v[i].nstreams;
    }
    json_t *facts = json_array(), *j = json_object();
    double rate = hours > 0 ? (double)sessions / hours : NAN;
    fact(facts, "caches", "caches, one for each client, name and type", (double)streams, "");
    fact(facts, "rate", "sessions per hour at risk", rate, "1/h");
    if (t->ttl_s > 0) {
        double ceiling = t->window.live_s / t->ttl_s * (double)streams;
        fact(facts, "ceiling", "most sessions that these caches can let through", ceiling,
             "sessions");
        fact(facts, "saturation",
             "share of that ceiling; near 1 the number of sessions says nothing of demand",
             (double)sessions / ceiling, "");
        fact(facts, "demand", "demands that so many sessions stand for, at an even rate",
             (double)sessions * (1 + rate * t->ttl_s / 3600), "demands");
    }
    if (strcmp(role, "pair") == 0) {
        add_hours(facts, t);
        add_share(facts, t);
    }
    put(j, "role", json_string(role));
    put(j, "client", json_string(client));
    put(j, "name", json_string(name));
    put(j, "clients", listed(t->counts, v, n, true));
    put(j, "names", listed(t->counts, v, n, false));
    put(j, "lookups", json_integer((json_int_t)lookups));
    put(j, "duplicates", json_integer((json_int_t)duplicates));
    put(j, "sessions", json_integer((json_int_t)sessions));
    value_set_real(j, "live_h", t->window.live_s / 3600);
    value_set_real(j, "at_risk_h", hours);
    value_set_real(j, "ttl_s", t->ttl_s > 0 ? t->ttl_s : NAN);
    put(j, "facts", facts);
    return j;
}

static json_t *subjects_json(const struct study *s, const struct claim_result *r)
{
    const struct trial *t = &r->trial;
    const struct study_claim *c = t->claim;
    json_t *list = json_array();
    char *client = results_clients(s, c);
    bool two = c->b_client != SIZE_MAX;
    json_array_append_new(
        list, subject_json(t, two ? "a" : "pair", client, s->groups[c->name].id, &t->a, 1));
    if (two)
        json_array_append_new(list, subject_json(t, "b", s->groups[c->b_client].id,
                                                 s->groups[c->b_name].id, &t->b, 1));
    if (t->npeers)
        json_array_append_new(list,
                              subject_json(t, "compare", "all that asked",
                                           s->groups[c->compare].id, t->peers, t->npeers));
    if (t->ncontrols)
        json_array_append_new(list,
                              subject_json(t, "controls", client, s->groups[c->controls].id,
                                           t->control_a, t->ncontrols));
    if (t->ncontrol_c)
        json_array_append_new(
            list, subject_json(t, "controls", s->groups[c->control_clients].id,
                               s->groups[c->b_name].id, t->control_c, t->ncontrol_c));
    free(client);
    return list;
}

/* --- the price of the search ---------------------------------------------------------- */

/* How one null pays: jointly for looks that are written out, by Sidak for the rest. */
static json_t *price_json(const struct tested_null *n, const struct trial *t)
{
    const struct search_price *p = &n->price;
    bool tested = n->verdict != NULL_UNTESTABLE, joint = tested && p->drawn > 0;
    if (!tested || t->looks == 1)
        return json_null();
    json_t *j = json_pack("{s:s, s:s?}", "method", joint ? "maxt" : "sidak", "why",
                          p->why[0] ? p->why : NULL);
    put(j, "alternatives",
        p->alternatives ? json_integer((json_int_t)p->alternatives) : json_null());
    put(j, "drawn", joint ? json_integer((json_int_t)p->drawn) : json_null());
    put(j, "as_small", joint ? json_integer((json_int_t)p->reach) : json_null());
    put(j, "replicates", joint ? json_integer(p->mc.replicates) : json_null());
    /* as many independent looks as the joint ones cost */
    value_set_real(j, "worth", joint ? log1m_exp(p->log_p) / log1m_exp(n->result.log_p) : NAN);
    value_set_real(j, "apart", joint ? t->claim->search.apart : t->looks);
    return j;
}

/* --- nulls ---------------------------------------------------------------------------- */

static const char *p_kind(const struct tested_null *n)
{
    return n->verdict == NULL_UNTESTABLE ? NULL
           : n->result.mc.replicates     ? "monte_carlo"
                                         : "exact";
}

/* Severity at the claimed effect and along the curve of power, where an effect was drawn. */
static json_t *severity_json(const struct power_curve *c)
{
    bool any = !isnan(c->at_claim.severity);
    for (size_t i = 0; i < c->n; i++)
        any = any || !isnan(c->v[i].severity);
    if (!c->n || !any)
        return json_null();
    json_t *j = json_pack("{s:n, s:n, s:n, s:n}", "effect", "value", "lo", "hi"),
           *curve = json_array();
    for (size_t i = 0; i <= c->n; i++) {
        const struct power_point *p = i < c->n ? &c->v[i] : &c->at_claim;
        if (isnan(p->severity))
            continue;
        json_t *point = i < c->n ? json_object() : j;
        value_set_real(point, "effect", p->effect);
        value_set_real(point, "value", p->severity);
        value_set_real(point, "lo", p->severity_lo);
        value_set_real(point, "hi", p->severity_hi);
        if (point != j)
            json_array_append_new(curve, point);
    }
    put(j, "curve", curve);
    return j;
}

static json_t *null_json(const struct tested_null *n, const struct trial *t)
{
    const struct null_result *r = &n->result;
    const struct null_kind *kind = null_find(n->row->null);
    bool mc = r->mc.replicates > 0, tested = n->verdict != NULL_UNTESTABLE;
    json_t *j =
        json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "id", kind->id, "label", kind->help, "role",
                  n->row->role == ROLE_REQUIRED ? "required" : "advisory", "keeps", kind->keeps,
                  "statistic", text_or_null(r->statistic), "p_kind", text_or_null(p_kind(n)));
    value_set_real(j, "observed", r->observed);
    put(j, "replicates", mc ? json_integer(r->mc.replicates) : json_null());
    put(j, "exceed", mc ? json_integer(r->mc.exceed) : json_null());
    value_set_p(j, "p", tested ? r->log_p : NAN);
    value_set_real(j, "p_lo", mc ? r->p_lo : NAN);
    value_set_real(j, "p_hi", mc ? r->p_hi : NAN);
    value_set_real(j, "bayes_bound", tested ? exp(log_sellke_bound(r->log_p)) : NAN);
    value_set_p(j, "p_adjusted", n->log_p_adjusted);
    put(j, "price", price_json(n, t));
    double floor = exp(n->log_floor);
    value_set_real(j, "p_floor", floor > 0 ? floor : NAN);
    value_set_real(j, "u", r->u);
    value_set_real(j, "u_least", r->u_least);
    put(j, "power", results_power(&r->power));
    put(j, "severity", tested ? severity_json(&r->power) : json_null());
    put(j, "verdict", json_string(null_verdict_names[n->verdict]));
    put(j, "why", text_or_null(why_names[r->why]));
    put(j, "note", text_or_null(r->detail));
    put(j, "cite", json_string(kind->cite));
    return j;
}

static void power_numbers(json_t *j, const struct power_point *p)
{
    value_set_real(j, "value", p->value);
    value_set_real(j, "lo", p->lo);
    value_set_real(j, "hi", p->hi);
}

static json_t *power_of(const struct power_effect *e)
{
    if (!e)
        return json_null();
    json_t *j =
        json_pack("{s:s, s:s, s:s}", "id", e->id, "label", e->label, "because", e->because);
    value_set_real(j, "no_effect", e->none);
    return j;
}

json_t *results_power(const struct power_curve *c)
{
    if (!c->n)
        return json_null();
    json_t *j = json_pack("{s:I}", "sims", (json_int_t)c->sims), *curve = json_array();
    power_numbers(j, &c->at_claim);
    put(j, "of", power_of(c->of));
    value_set_real(j, "level", c->level);
    value_set_real(j, "mde", c->mde);
    value_set_real(j, "mde_lo", c->mde_lo);
    value_set_real(j, "mde_hi", c->mde_hi);
    value_set_real(j, "most", c->most);
    for (size_t i = 0; i < c->n; i++) {
        json_t *point = json_object();
        value_set_real(point, "effect", c->v[i].effect);
        power_numbers(point, &c->v[i]);
        json_array_append_new(curve, point);
    }
    put(j, "curve", curve);
    return j;
}

/* --- models ---------------------------------------------------------------------------- */

static void param(json_t *params, const char *name, double value, double se)
{
    json_t *p = json_pack("{s:s}", "name", name);
    value_set_real(p, "value", value);
    value_set_real(p, "se", se);
    json_array_append_new(params, p);
}

static json_t *model_json(const char *id, const char *label, double loglik, size_t k, size_t n,
                          const char *cite)
{
    json_t *m = json_pack("{s:s, s:s, s:I, s:n, s:b, s:s}", "id", id, "label", label, "n",
                          (json_int_t)n, "dispersion", "chosen", 0, "cite", cite);
    value_set_real(m, "loglik", loglik);
    value_set_real(m, "aic", 2 * (double)k - 2 * loglik);
    value_set_real(m, "bic", (double)k * log((double)(n ? n : 1)) - 2 * loglik);
    return m;
}

/* Demand without memory behind each cache by itself. */
static void cache_models(const struct trial *t, json_t *models)
{
    for (size_t i = 0; i < t->a.nstreams && i < LISTED; i++) {
        const struct stream *s = &t->a.streams[i];
        struct cache_fit f;
        if (!(t->ttl_s > 0) || cache_fit(&f, s, &t->window, NULL) < 0)
            continue;
        struct span client = t->counts->clients[s->client];
        char *label =
            mem_format("demand without memory behind one cache: %.*s", (int)client.n, client.p);
        char id[32];
        snprintf(id, sizeof id, "cache-%zu", i + 1);
        json_t *m =
                   model_json(id, label, f.loglik, 1, f.n, "Rajab et al. 2010 (ACM TOIT 10:2)"),
               *params = json_array();
        param(params, "demand per hour", f.lambda * 3600, f.lambda * 3600 / sqrt((double)f.n));
        param(params, "time to live (h)", t->ttl_s / 3600, NAN);
        param(params, "CV of gaps that it predicts", f.cv_expected, NAN);
        param(params, "gaps shorter than the time to live", (double)f.short_gaps, NAN);
        put(m, "params", params);
        json_array_append_new(models, m);
        free(label);
    }
}

/* The group pair's clients as k caches behind one demand. */
static void k_model(const struct trial *t, json_t *models)
{
    struct cache_k k;
    if (!(t->ttl_s > 0) || t->a.nstreams < 2 ||
        cache_k_fit(&k, t->a.t, t->a.n, t->ttl_s, t->window.length_s, NULL) < 0)
        return;
    json_t *m = model_json("k-caches", "one demand spread at random over k equal caches",
                           k.loglik[k.k], 2, t->a.n, "methods C3"),
           *params = json_array();
    param(params, "caches k (most likely)", k.k, NAN);
    param(params, "posterior of that k, prior 1/k", k.posterior[k.k], NAN);
    param(params, "demand per hour", k.lambda * 3600, NAN);
    put(m, "params", params);
    json_array_append_new(models, m);
}

/* Every season that was tried on the pair's buckets. */
static void season_models(const struct study *s, const struct trial *t, json_t *models)
{
    struct grid g = grid_make(&t->window, s->bucket_s);
    double *y = mem_zero(g.n, sizeof *y), *hours = mem_zero(g.n, sizeof *hours);
    struct baseline b = {0};
    struct baseline_opts o = {.zone = s->zone, .family = -1};
    bucket_fill(&t->a, &g, y);
    exposure_fill(&t->a, &t->window, &g, hours);
    if (baseline_fit(&b, &g, y, hours, &o, NULL) == 0) {
        for (size_t i = 0; i < b.nrungs; i++) {
            const struct baseline_rung *r = &b.rungs[i];
            if (!r->fitted)
                continue;
            const char *family = r->family == GLM_NEGBIN ? "negbin" : "poisson";
            char id[64], label[160];
            snprintf(id, sizeof id, "%s-%s", family, r->season->name);
            snprintf(label, sizeof label, "%s counts, %s",
                     r->family == GLM_NEGBIN ? "negative binomial" : "Poisson",
                     r->season->help);
            json_t *m = model_json(id, label, r->loglik, r->parameters, b.glm->used,
                                   r->season->cite),
                   *params = json_array();
            value_set_real(m, "aic", r->aic);
            value_set_real(m, "bic", r->bic);
            bool chosen = r->season == b.season && r->family == b.family;
            put(m, "chosen", json_boolean(chosen));
            if (chosen)
                value_set_real(m, "dispersion", b.dispersion);
            if (r->family == GLM_NEGBIN)
                param(params, "theta", r->theta, NAN);
            put(m, "params", params);
            json_array_append_new(models, m);
        }
        baseline_free(&b);
    }
    free(y);
    free(hours);
}

static json_t *models_json(const struct study *s, const struct trial *t)
{
    json_t *models = json_array();
    cache_models(t, models);
    k_model(t, models);
    season_models(s, t, models);
    return models;
}

/* --- price, correction, sensitivity, opinion ------------------------------------------------
 */

/* The hidden search: of the claim's largest p over its tested nulls, one look. */
static void hidden_search(json_t *j, const struct claim_result *r)
{
    double log_p = -INFINITY;
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].verdict != NULL_UNTESTABLE)
            log_p = fmax(log_p, r->nulls[i].result.log_p);
    if (isinf(log_p))
        log_p = NAN;
    double looks = r->trial.claim->search.kind == SEARCH_UNKNOWN ? NAN : r->trial.looks;
    value_set_real(j, "looks_to_even", looks_to(log_p, .5));
    value_set_real(j, "looks_to_alpha", looks_to(log_p, r->trial.study->alpha));
    value_set_real(j, "bayes_bound", exp(log_sellke_bound(log_p)));
    /* prior odds that each ratio goes with: of this one among as many alike, and that one of
     * them is what is sought; both then give the same posterior odds */
    value_set_real(j, "prior_named", isnan(looks) ? NAN : 1 / looks);
    value_set_real(j, "prior_searched", isnan(looks) ? NAN : 1);
    value_set_real(j, "ratio_named", isnan(log_p) ? NAN : exp(log_match_ratio(log_p, 1)));
    value_set_real(j, "ratio_searched",
                   isnan(log_p) || isnan(looks) ? NAN : exp(log_match_ratio(log_p, looks)));
}

static json_t *search_json(const struct claim_result *r)
{
    const struct study_search *s = &r->trial.claim->search;
    double holds = INFINITY, p = NAN;
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].verdict == NULL_REJECTED)
            holds = fmin(holds, r->nulls[i].holds_up_to);
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].verdict != NULL_UNTESTABLE)
            p = fmax(isnan(p) ? 0 : p, exp(r->nulls[i].result.log_p));
    char source[300];
    static const char *const kinds[] = {"assumed: all pairs of the case", "study", "study",
                                        "unknown"};
    snprintf(source, sizeof source, "%s%s%s", kinds[s->kind], s->source[0] ? ": " : "",
             s->source);
    const char *method = s->kind == SEARCH_UNKNOWN || r->trial.looks == 1 ? "none" : "sidak";
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].price.drawn)
            method = "maxt";
    json_t *j = json_pack("{s:s, s:s}", "source", source, "method", method);
    value_set_real(j, "written_out", s->looks ? s->low / s->apart : NAN);
    value_set_real(j, "tests_lo", s->kind == SEARCH_RANGE ? s->low : NAN);
    value_set_real(j, "tests", s->kind == SEARCH_UNKNOWN ? NAN : s->high);
    value_set_real(j, "expected_by_chance", s->kind == SEARCH_UNKNOWN ? NAN : s->high * p);
    value_set_real(j, "holds_up_to", isfinite(holds) ? holds : NAN);
    hidden_search(j, r);
    return j;
}

static json_t *correction_json(const struct study *s, const struct claim_result *r)
{
    json_t *j =
        json_pack("{s:s, s:I}", "name", s->correction->name, "claims", (json_int_t)s->nclaims);
    value_set_p(j, "p", r->log_p);
    value_set_p(j, "p_adjusted", r->log_p_adjusted);
    return j;
}

static void effect_numbers(json_t *j, const char *value, const struct effect *e)
{
    value_set_real(j, value, e->value);
    value_set_real(j, "lo", e->lo);
    value_set_real(j, "hi", e->hi);
}

static json_t *sensitivity_json(const struct settings *settings)
{
    const struct variant *v = settings->variant;
    json_t *list = json_array();
    for (size_t i = 0; i < settings->nvariants; i++) {
        json_t *j =
            json_pack("{s:s, s:s, s:s}", "set", v[i].set, "verdict",
                      claim_verdict_names[v[i].verdict], "why", claim_why_names[v[i].why]);
        effect_numbers(j, "effect", &v[i].effect);
        value_set_p(j, "p", v[i].log_p);
        json_array_append_new(list, j);
    }
    return list;
}

/* Beyond the resolution of a null's replicates, where fewer than ten reach the data. */
static void tail_opinions(json_t *list, const struct claim_result *r)
{
    for (size_t i = 0; i < r->nnulls; i++) {
        const struct tested_null *n = &r->nulls[i];
        const struct null_result *v = &n->result;
        if (n->verdict == NULL_UNTESTABLE || !v->values || v->mc.exceed >= 10)
            continue;
        struct rng rng;
        uint64_t null = rng_subject(n->row->null, strlen(n->row->null));
        rng_stream(&rng, r->trial.study->seed, RNG_BOOTSTRAP,
                   rng_subject_of(r->trial.a.id, null), 0);
        double log_p = gpd_tail(v->values, v->mc.replicates, v->observed, &rng);
        if (isnan(log_p))
            continue;
        char id[64];
        snprintf(id, sizeof id, "tail-%s", n->row->null);
        json_t *j = json_pack(
            "{s:s, s:s, s:s, s:o, s:I, s:n, s:s, s:s}", "id", id, "label",
            "extrapolated, never decides: generalised Pareto tail of the replicates", "against",
            n->row->null, "statistic", text_or_null(v->statistic), "replicates",
            (json_int_t)v->mc.replicates, "agrees", "note",
            "the 250 largest replicates, shape held in 0 to 1/2, at least 1/(100 (m + 1))",
            "cite", "Knijnenburg et al. 2009 (Bioinformatics 25:i161)");
        value_set_real(j, "observed", v->observed);
        value_set_p(j, "p", log_p);
        json_array_append_new(list, j);
    }
}

static json_t *opinions_json(const struct claim_result *r)
{
    json_t *list = json_array();
    tail_opinions(list, r);
    if (!r->trial.have_days)
        return list;
    const struct sync_result *d = &r->trial.days;
    double log_p = log_sidak(log(mc_p(&d->mc)), r->trial.looks), alpha = r->trial.study->alpha;
    bool agrees = (log_p <= log(alpha)) == (r->nulls[0].verdict == NULL_REJECTED);
    json_t *j =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:s}", "id", "days", "label",
                  "b's days permuted within weekday", "against", "window", "statistic",
                  "largest standardised coincidence over lags", "replicates",
                  (json_int_t)d->mc.replicates, "agrees", json_boolean(agrees), "note",
                  agrees ? json_null()
                         : json_string("disagrees with the reference null: look at drift "
                                       "faster than a week and at days of a mailing"),
                  "cite", "peers: reference null of the surrogate table");
    value_set_real(j, "observed", d->statistic);
    value_set_p(j, "p", log(mc_p(&d->mc)));
    json_array_append_new(list, j);
    return list;
}

/* What would let a null be tested: of data that were not given which, without what follows from
 * it; of too little more of it. NULL: nothing would, what the null supposes is not in the rows.
 */
static char *need_of(const struct tested_null *n)
{
    static const char needs[] = "needs ", more[] = "more ";
    const char *why = n->result.detail;
    switch (n->result.why) {
    case WHY_NO_PREMISE:
        return NULL;
    case WHY_NO_TTL:
        return mem_format("a time to live, and who says so (ttl:): %s", why);
    case WHY_NO_CONTROLS:
        return mem_format("names that the same causes reach, asked for by the same clients "
                          "(controls:): %s",
                          why);
    case WHY_NO_COMPARE:
        return mem_format("comparable names, or more of them: %s", why);
    case WHY_NEEDS_DATA:
        if (!why[0])
            why = n->row->needs;
        if (strncmp(why, needs, strlen(needs)) == 0)
            why += strlen(needs);
        return mem_copy(why, strcspn(why, ";"));
    default:
        return mem_format("%s%s",
                          strncmp(why, more, strlen(more)) == 0 ? "" : "more data: ", why);
    }
}

/* Two nulls that wait for the same are one item. */
static void settle_with(json_t *list, const char *need, const char *null)
{
    json_t *m;
    size_t i;
    json_array_foreach(list, i,
                       m) if (strcmp(json_string_value(json_object_get(m, "need")), need) == 0)
    {
        json_array_append_new(json_object_get(m, "settles"), json_string(null));
        return;
    }
    json_array_append_new(list, json_pack("{s:s, s:[s]}", "need", need, "settles", null));
}

/* What would make an untested null testable, or a search priceable. */
static json_t *missing_json(const struct claim_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->nnulls; i++) {
        const struct tested_null *n = &r->nulls[i];
        if (n->verdict != NULL_UNTESTABLE)
            continue;
        char *need = need_of(n);
        if (need)
            settle_with(list, need, n->row->null);
        free(need);
    }
    enum search_kind kind = r->trial.claim->search.kind;
    if (kind == SEARCH_UNKNOWN || kind == SEARCH_RANGE)
        json_array_append_new(
            list,
            json_pack("{s:s, s:[]}", "need",
                      "a count, with its source, of the pairs, windows and statistics that "
                      "were looked at before this claim was made",
                      "settles"));
    return list;
}

static json_t *setting_json(const struct study *s, const struct specification *p)
{
    json_t *set = json_object();
    for (int a = 0; a < SPEC_AXES; a++)
        if (s->axes[a].n)
            put(set, spec_axis_table[a].key,
                json_string(p->level[a] ? s->axes[a].text[p->level[a] - 1] : "published"));
    return set;
}

/* The specification curve; null without axes. */
static json_t *curve_json(const struct study *s, const struct multiverse *m)
{
    if (!m->n)
        return json_null();
    json_t *axes = json_array(), *joint = json_array(), *list = json_array();
    for (int a = 0; a < SPEC_AXES; a++)
        if (s->axes[a].n)
            json_array_append_new(
                axes, json_pack("{s:s, s:I, s:s}", "axis", spec_axis_table[a].key, "values",
                                (json_int_t)s->axes[a].n + 1, "because", s->axes[a].because));
    for (int k = 0; k < CURVE_STATISTICS; k++) {
        json_t *one = json_pack("{s:s}", "id", curve_statistic_names[k]);
        value_set_real(one, "value", m->joint.observed[k]);
        value_set_p(one, "p", log(m->joint.p[k]));
        json_array_append_new(joint, one);
    }
    for (size_t i = 0; i < m->n; i++) {
        json_t *one = json_pack("{s:o}", "set", setting_json(s, &m->v[i]));
        value_set_real(one, "effect", m->v[i].effect);
        value_set_p(one, "p", log(m->v[i].p));
        json_array_append_new(list, one);
    }
    json_t *j = json_pack(
        "{s:o, s:I, s:I, s:I, s:o, s:o, s:o}", "axes", axes, "of", (json_int_t)m->n, "left_out",
        (json_int_t)m->left_out, "surrogates", (json_int_t)m->surrogates, "joint", joint,
        "specifications", list, "published",
        m->published == SIZE_MAX ? json_null() : json_integer((json_int_t)m->published + 1));
    return j;
}

/* Effects in order, those that reach p .05 by themselves and the published one marked. */
static void curve_plot(const json_t *curve, json_t *plots, const char *effect)
{
    json_t *x = json_array(), *y = json_array(), *at = json_array();
    const json_t *one, *list = json_object_get(curve, "specifications");
    size_t i;
    json_array_foreach(list, i, one)
    {
        json_array_append_new(x, json_integer((json_int_t)i + 1));
        json_array_append(y, json_object_get(one, "effect"));
    }
    json_t *published = json_object_get(curve, "published");
    if (json_is_integer(published))
        json_array_append(at, published);
    json_t *series = json_pack("[{s:s, s:s, s:o, s:o}, {s:s, s:s, s:o, s:[]}]", "name",
                               "specifications", "style", "points", "x", x, "y", y, "name",
                               "as published", "style", "vline", "x", at, "y");
    char alt[200];
    snprintf(alt, sizeof alt,
             "%zu specifications by effect, most of the claim first; the published one is "
             "number %lld.",
             json_array_size(list), (long long)json_integer_value(published));
    if (json_is_object(curve))
        json_array_append_new(
            plots, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "id", "curve",
                             "type", "curve", "title", "Specification curve", "alt", alt,
                             "x_label", "specification, by effect", "y_label", effect,
                             "x_scale", "linear", "y_scale", "linear", "series", series));
    json_decref(series);
}

/* The claim's own date and others on its list, each before the change or after it. */
static json_t *causes_json(const struct causes *c)
{
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX];
    json_t *list = json_array();
    for (size_t i = 0; i < c->n; i++) {
        const struct cause *v = &c->v[i];
        json_t *one =
            json_pack("{s:s, s:s, s:b, s:s}", "from", text_iso(from, v->at.from_ns, 0), "to",
                      text_iso(to, v->at.to_ns, 0), "claimed", v->claimed, "order",
                      cause_order_names[v->order]);
        value_set_real(one, "delay_h", v->delay_s / 3600);
        value_set_real(one, "delay_lo_h", v->delay_lo_s / 3600);
        value_set_real(one, "delay_hi_h", v->delay_hi_s / 3600);
        json_array_append_new(list, one);
    }
    json_t *j =
        json_pack("{s:s, s:s, s:o}", "change_from", text_iso(from, c->change.from_ns, 0),
                  "change_to", text_iso(to, c->change.to_ns, 0), "list", list);
    value_set_p(j, "p", c->log_p);
    return j;
}

json_t *results_claim(const struct study *s, size_t claim, const struct claim_result *r,
                      const struct settings *settings)
{
    const struct study_claim *c = &s->claims[claim];
    const struct claim_kind *k = c->kind;
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX], *said = results_sentence(s, c),
                                                 *verdict = results_answer(r);
    json_t *nulls = json_array(), *effect = json_object(), *dont = json_array();
    for (size_t i = 0; i < r->nnulls; i++)
        json_array_append_new(nulls, null_json(&r->nulls[i], &r->trial));
    put(effect, "name", json_string(k->effect_name));
    put(effect, "label", json_string(k->effect_label));
    effect_numbers(effect, "value", &r->effect);
    put(effect, "level", json_real(1 - s->alpha));
    put(effect, "no_effect", json_real(k->no_effect));
    put(effect, "note", text_or_null(r->trial.ttl_note[0] ? r->trial.ttl_note : NULL));
    json_array_append_new(dont, json_string(c->opposite ? k->opposite_not : k->means_not));
    json_t *j = json_pack("{s:s, s:s, s:o, s:s, s:f, s:o, s:o, s:s, s:s, s:s}", "id", c->id,
                          "kind", k->id, "feature", text_or_null(k->feature), "direction",
                          c->direction, "effect_claimed", c->effect, "said",
                          text_or_null(c->said), "who", text_or_null(c->who), "sentence", said,
                          "from", text_iso(from, r->trial.window.from_ns, 0), "to",
                          text_iso(to, r->trial.window.to_ns, 0));
    put(j, "subjects", subjects_json(s, r));
    put(j, "verdict", json_string(claim_verdict_names[r->verdict]));
    put(j, "why", json_string(claim_why_names[r->why]));
    put(j, "answer", json_string(verdict));
    put(j, "means",
        text_or_null(r->verdict == STANDS || r->verdict == EXPLAINED
                         ? claim_means(k, c->opposite, r->verdict == STANDS)
                         : NULL));
    put(j, "conditional_on", text_or_null(r->gate ? r->gate->id : NULL));
    put(j, "effect", effect);
    put(j, "nulls", nulls);
    put(j, "models", models_json(s, &r->trial));
    put(j, "search", search_json(r));
    put(j, "calibration", results_calibration(&r->calibration));
    put(j, "curve", curve_json(s, &settings->curve));
    put(j, "correction", correction_json(s, r));
    put(j, "base_rate", results_base_rate_of(&r->trial));
    put(j, "rivals", results_rivals(r));
    put(j, "sensitivity", sensitivity_json(settings));
    if (r->trial.causes)
        put(j, "causes", causes_json(r->trial.causes));
    put(j, "second_opinion", opinions_json(r));
    put(j, "missing", missing_json(r));
    put(j, "do_not_print", dont);
    json_t *plots = results_plots(r, j);
    curve_plot(json_object_get(j, "curve"), plots, k->effect_label);
    put(j, "plots", plots);
    free(said);
    free(verdict);
    return j;
}
