/* SPDX-License-Identifier: GPL-3.0-or-later
 * One claim of results.json: its numbers, and the few fixed sentences that say
 * them. A look-up is never said to be more than a look-up. */
#include "report/results.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "models/baseline.h"
#include "models/cache.h"
#include "stats/combine.h"
#include "stats/gpd.h"
#include "stats/tail.h"

enum { LISTED = 20 };

void results_real(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, isfinite(value) ? json_real(value) : json_null());
}

void results_p(json_t *object, const char *key, double log_p)
{
    char sibling[64];
    snprintf(sibling, sizeof sibling, "log10_%s", key);
    double p = exp(log_p);
    results_real(object, key, p >= DBL_MIN ? fmin(p, 1) : NAN);
    results_real(object, sibling, log_p > 0 ? 0 : log_p / M_LN10);
}

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

/* --- who and what ------------------------------------------------------------------- */

static char *client_label(const struct study *s, const struct study_claim *c)
{
    char *label = mem_format("%s", s->groups[c->clients[0]].id);
    for (size_t i = 1; i < c->nclients; i++) {
        char *longer = mem_format("%s + %s", label, s->groups[c->clients[i]].id);
        free(label);
        label = longer;
    }
    return label;
}

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
    results_real(f, "value", value);
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
    if (strcmp(role, "pair") == 0)
        add_hours(facts, t);
    put(j, "role", json_string(role));
    put(j, "client", json_string(client));
    put(j, "name", json_string(name));
    put(j, "clients", listed(t->counts, v, n, true));
    put(j, "names", listed(t->counts, v, n, false));
    put(j, "lookups", json_integer((json_int_t)lookups));
    put(j, "duplicates", json_integer((json_int_t)duplicates));
    put(j, "sessions", json_integer((json_int_t)sessions));
    results_real(j, "live_h", t->window.live_s / 3600);
    results_real(j, "at_risk_h", hours);
    results_real(j, "ttl_s", t->ttl_s > 0 ? t->ttl_s : NAN);
    put(j, "facts", facts);
    return j;
}

static json_t *subjects_json(const struct study *s, const struct claim_result *r)
{
    const struct trial *t = &r->trial;
    const struct study_claim *c = t->claim;
    json_t *list = json_array();
    char *client = client_label(s, c);
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

/* --- sentences ------------------------------------------------------------------------ */

static char *hours_text(const struct study_claim *c)
{
    char *all = mem_format("%s", "");
    for (size_t i = 0; i < c->nhours; i++) {
        const struct study_hours *h = &c->hours[i];
        char *longer =
            mem_format("%s%s%02d:%02d-%02d:%02d %s%s", all, i ? " or " : "", h->from_s / 3600,
                       h->from_s / 60 % 60, h->to_s / 3600, h->to_s / 60 % 60, h->zone_name,
                       h->weekdays ? ", Monday to Friday" : "");
        free(all);
        all = longer;
    }
    return all;
}

static char *sentence(const struct study *s, const struct study_claim *c)
{
    char *client = client_label(s, c), *text, *hours = hours_text(c), date[TEXT_TIME_MAX];
    const char *name = s->groups[c->name].id;
    bool more = c->kind->sign > 0 ? !c->opposite : c->opposite;
    if (strcmp(c->kind->id, "volume") == 0)
        text = mem_format("The clients of \"%s\" looked up the names of \"%s\" %s %g times as "
                          "often per hour at risk as comparable pairs did (%s).",
                          client, name, more ? "at least" : "less than", c->effect,
                          c->compare == SIZE_MAX ? "none are named" : s->groups[c->compare].id);
    else if (strcmp(c->kind->id, "synchrony") == 0)
        text = mem_format("For each session of \"%s\" on \"%s\" there were %s %g more sessions "
                          "of \"%s\" on \"%s\" near it than both rhythms make.",
                          client, name, more ? "at least" : "fewer than", c->effect,
                          s->groups[c->b_client].id, s->groups[c->b_name].id);
    else if (strcmp(c->kind->id, "alignment") == 0)
        text = mem_format("Of the %s of \"%s\" by \"%s\", %s %g of those that chance would "
                          "not put there lie within %g h of one of %zu dates.",
                          series_feature_names[c->features], name, client,
                          more ? "at least" : "less than", c->effect, c->delta_s / 3600,
                          c->events->n);
    else if (strcmp(c->kind->id, "reaction") == 0)
        text = mem_format("After %s, \"%s\" looked up \"%s\" %s %g times as often as before.",
                          text_iso(date, c->date_ns, 0), client, name,
                          more ? "at least" : "at most", c->effect);
    else if (strcmp(c->kind->id, "authenticity") == 0)
        text =
            mem_format("Of the sessions of \"%s\" on \"%s\" %s a share of %g are copies of a "
                       "run of others, or were put into the log.",
                       client, name, more ? "at least" : "less than", c->effect);
    else if (strcmp(c->kind->id, "exclusivity") == 0)
        text =
            mem_format("Of the days on which some client looked up the names of \"%s\", "
                       "each client's days for themselves, %s %g are of the clients of "
                       "\"%s\", each side's over its coverage.",
                       name, more ? "a share of at least" : "a share below", c->effect, client);
    else if (strcmp(c->kind->id, "rarity") == 0)
        text = mem_format("The names of \"%s\" were looked up on %s %g times as many days in "
                          "the block of \"%s\" as in a block of equal size.",
                          name, more ? "at least" : "less than", c->effect, client);
    else if (c->nhours)
        text = mem_format("Look-ups of \"%s\" by \"%s\" were %s %g times as frequent per hour "
                          "at risk inside the hours (%s) as outside.",
                          name, client, more ? "at least" : "less than", c->effect, hours);
    else
        text = mem_format("Gaps between look-ups of \"%s\" by \"%s\", less the time to live, "
                          "vary with a coefficient of variation %s %g (1: demand without "
                          "memory, 0: a timer).",
                          name, client, more ? "of at least" : "below", c->effect);
    free(client);
    free(hours);
    return text;
}

/* Why nothing is called: a gate, or what the rows cannot tell. */
static char *open_answer(const struct claim_result *r, const char *null)
{
    const struct tested_null *n = r->because;
    switch (r->why) {
    case CLAIM_INTEGRITY:
        return mem_format("The log failed a screen of its integrity: %s. What follows holds "
                          "only if the log is what it is said to be.",
                          r->gate->label);
    case CLAIM_NOT_CALIBRATED:
        return mem_format(
            "Nothing is called: the same tests call %zu of %zu %s a finding, where "
            "%.3g would be expected of tests that keep their level. The numbers "
            "below are as they came out.",
            r->calibration.called, r->calibration.tests,
            r->calibration.method == CALIBRATION_SIMULATED ? "innocent logs, simulated,"
                                                           : "other pairs of this case",
            (double)r->calibration.tests * r->calibration.level);
    case CLAIM_CONTROLS:
        return mem_format(
            "Nothing is called: %zu of %zu control pairs are called too, and %zu of these "
            "measure "
            "the claimed effect themselves. What other pairs of the case do as well is no mark "
            "of this one, and none is left to show that the tests keep their level; on logs "
            "simulated without the effect they call %zu of %zu.",
            r->calibration.called, r->calibration.tests, r->calibration.reach,
            r->calibration.drawn_called, r->calibration.drawn);
    case CLAIM_UNTESTED:
        return mem_format("An explanation that a fair opponent would raise first could not be "
                          "tested: %s (%s).",
                          null, n ? n->result.detail : "");
    case CLAIM_NOT_SEPARATED:
        return mem_format("The rows cannot tell the claim from an explanation: %s. They leave "
                          "room for both.",
                          null);
    case CLAIM_SEARCH_UNKNOWN:
        if (n)
            return mem_format(
                "What this claim denies is not in the rows, which fit %s, but how "
                "many looks came before this one is not known.",
                null);
        return mem_format(
            "Every explanation tested is ruled out, but how many looks came before "
            "this one is not known, and no price can be put on them.");
    case CLAIM_CORRECTION:
        return mem_format("Every explanation tested is ruled out for this claim alone, but not "
                          "after the correction over the study's claims.");
    default:
        return mem_format("The case holds no look-up of this pair in the window.");
    }
}

/* What the verdict says, by its reason; `because` is named where there is one. */
static char *answer(const struct claim_result *r)
{
    const struct tested_null *n = r->because;
    const char *null = n ? null_find(n->row->null)->help : "";
    const char *bound = r->trial.claim->kind->sign > 0 ? "no more than" : "no less than";
    switch (r->why) {
    case CLAIM_ALL_REJECTED:
        return mem_format(
            "Every explanation tested is ruled out, and the rows leave room for the effect "
            "claimed.");
    case CLAIM_OPPOSITE_FITS:
        return mem_format(
            "What this claim denies is not in the rows: they fit %s, which leaves "
            "room for %s %.3g.",
            null, bound, n->result.u);
    case CLAIM_OPPOSITE_STANDS:
        return mem_format("What this claim denies is in the rows: every explanation tested is "
                          "ruled out, and the rows leave room for the effect named.");
    case CLAIM_EXPLANATION_FITS:
        return mem_format(
            "The rows fit an explanation that needs no such effect: %s. It leaves "
            "room for %s %.3g.",
            null, bound, n->result.u);
    case CLAIM_SMALLER:
        return mem_format("What is there cannot be put down to the explanations tested, but it "
                          "is smaller than was claimed%s%s.",
                          n ? ": bound under " : "", null);
    case CLAIM_INTERVAL:
        return mem_format("The measured effect is %.3g (%.3g to %.3g), which excludes what was "
                          "said.",
                          r->effect.value, r->effect.lo, r->effect.hi);
    default:
        return open_answer(r, null);
    }
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
    results_real(j, "worth", joint ? log1m_exp(p->log_p) / log1m_exp(n->result.log_p) : NAN);
    results_real(j, "apart", joint ? t->claim->search.apart : t->looks);
    return j;
}

/* --- nulls ---------------------------------------------------------------------------- */

static const char *p_kind(const struct tested_null *n)
{
    return n->verdict == NULL_UNTESTABLE ? NULL
           : n->result.mc.replicates     ? "monte_carlo"
                                         : "exact";
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
    results_real(j, "observed", r->observed);
    put(j, "replicates", mc ? json_integer(r->mc.replicates) : json_null());
    put(j, "exceed", mc ? json_integer(r->mc.exceed) : json_null());
    results_p(j, "p", tested ? r->log_p : NAN);
    results_real(j, "p_lo", mc ? r->p_lo : NAN);
    results_real(j, "p_hi", mc ? r->p_hi : NAN);
    results_real(j, "bayes_bound", tested ? exp(log_sellke_bound(r->log_p)) : NAN);
    results_p(j, "p_adjusted", n->log_p_adjusted);
    put(j, "price", price_json(n, t));
    double floor = exp(n->log_floor);
    results_real(j, "p_floor", floor > 0 ? floor : NAN);
    results_real(j, "u", r->u);
    put(j, "power", results_power(&r->power));
    put(j, "verdict", json_string(null_verdict_names[n->verdict]));
    put(j, "why", text_or_null(why_names[r->why]));
    put(j, "note", text_or_null(r->detail));
    put(j, "cite", json_string(kind->cite));
    return j;
}

static void power_numbers(json_t *j, const struct power_point *p)
{
    results_real(j, "value", p->value);
    results_real(j, "lo", p->lo);
    results_real(j, "hi", p->hi);
}

json_t *results_power(const struct power_curve *c)
{
    if (!c->n)
        return json_null();
    json_t *j = json_pack("{s:I}", "sims", (json_int_t)c->sims), *curve = json_array();
    power_numbers(j, &c->at_claim);
    results_real(j, "level", c->level);
    results_real(j, "mde", c->mde);
    results_real(j, "mde_lo", c->mde_lo);
    results_real(j, "mde_hi", c->mde_hi);
    results_real(j, "most", c->most);
    for (size_t i = 0; i < c->n; i++) {
        json_t *point = json_object();
        results_real(point, "effect", c->v[i].effect);
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
    results_real(p, "value", value);
    results_real(p, "se", se);
    json_array_append_new(params, p);
}

static json_t *model_json(const char *id, const char *label, double loglik, size_t k, size_t n,
                          const char *cite)
{
    json_t *m = json_pack("{s:s, s:s, s:I, s:n, s:b, s:s}", "id", id, "label", label, "n",
                          (json_int_t)n, "dispersion", "chosen", 0, "cite", cite);
    results_real(m, "loglik", loglik);
    results_real(m, "aic", 2 * (double)k - 2 * loglik);
    results_real(m, "bic", (double)k * log((double)(n ? n : 1)) - 2 * loglik);
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
            results_real(m, "aic", r->aic);
            results_real(m, "bic", r->bic);
            bool chosen = r->season == b.season && r->family == b.family;
            put(m, "chosen", json_boolean(chosen));
            if (chosen)
                results_real(m, "dispersion", b.dispersion);
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
    results_real(j, "looks_to_even", looks_to(log_p, .5));
    results_real(j, "looks_to_alpha", looks_to(log_p, r->trial.study->alpha));
    results_real(j, "bayes_bound", exp(log_sellke_bound(log_p)));
    /* prior odds that each ratio goes with: of this one among as many alike, and that one of
     * them is what is sought; both then give the same posterior odds */
    results_real(j, "prior_named", isnan(looks) ? NAN : 1 / looks);
    results_real(j, "prior_searched", isnan(looks) ? NAN : 1);
    results_real(j, "ratio_named", isnan(log_p) ? NAN : exp(log_match_ratio(log_p, 1)));
    results_real(j, "ratio_searched",
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
    results_real(j, "written_out", s->looks ? s->low / s->apart : NAN);
    results_real(j, "tests_lo", s->kind == SEARCH_RANGE ? s->low : NAN);
    results_real(j, "tests", s->kind == SEARCH_UNKNOWN ? NAN : s->high);
    results_real(j, "expected_by_chance", s->kind == SEARCH_UNKNOWN ? NAN : s->high * p);
    results_real(j, "holds_up_to", isfinite(holds) ? holds : NAN);
    hidden_search(j, r);
    return j;
}

static json_t *correction_json(const struct study *s, const struct claim_result *r)
{
    json_t *j =
        json_pack("{s:s, s:I}", "name", s->correction->name, "claims", (json_int_t)s->nclaims);
    results_p(j, "p", r->log_p);
    results_p(j, "p_adjusted", r->log_p_adjusted);
    return j;
}

static void effect_numbers(json_t *j, const char *value, const struct effect *e)
{
    results_real(j, value, e->value);
    results_real(j, "lo", e->lo);
    results_real(j, "hi", e->hi);
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
        results_p(j, "p", v[i].log_p);
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
        results_real(j, "observed", v->observed);
        results_p(j, "p", log_p);
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
    results_real(j, "observed", d->statistic);
    results_p(j, "p", log(mc_p(&d->mc)));
    json_array_append_new(list, j);
    return list;
}

/* Of data that are not there what is needed, without what follows from it; else why not. */
static char *need_of(const struct tested_null *n)
{
    static const char needs[] = "needs ";
    const char *why = n->result.detail;
    if (n->result.why == WHY_NO_TTL)
        return mem_format("a time to live, and who says so (ttl:): %s", why);
    if (n->result.why != WHY_NEEDS_DATA)
        return mem_copy(why, strlen(why));
    if (!why[0])
        why = n->row->needs;
    if (strncmp(why, needs, strlen(needs)) == 0)
        why += strlen(needs);
    return mem_copy(why, strcspn(why, ";"));
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
        results_real(one, "value", m->joint.observed[k]);
        results_p(one, "p", log(m->joint.p[k]));
        json_array_append_new(joint, one);
    }
    for (size_t i = 0; i < m->n; i++) {
        json_t *one = json_pack("{s:o}", "set", setting_json(s, &m->v[i]));
        results_real(one, "effect", m->v[i].effect);
        results_p(one, "p", log(m->v[i].p));
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

json_t *results_claim(const struct study *s, size_t claim, const struct claim_result *r,
                      const struct settings *settings)
{
    const struct study_claim *c = &s->claims[claim];
    const struct claim_kind *k = c->kind;
    char from[TEXT_TIME_MAX], to[TEXT_TIME_MAX], *said = sentence(s, c), *verdict = answer(r);
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
