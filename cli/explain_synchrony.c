/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two pairs beside each other: do look-ups of the second (b) come near those of the first
 * (a) more than each one's own demand makes? Every method of the synchrony section, each
 * with the null it stands on; the claim battery decides by the window surrogate alone. */
#include <math.h>

#include "base/mem.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/coincide.h"
#include "models/crosscorr.h"
#include "models/sync.h"
#include "models/trigger.h"

enum { REPLICATES_MAX = 999 };
static const double WINDOW_S = 4 * 3600;

/* One direction: a is given, b is drawn; the tree calls them so, as they change places. */
struct side {
    const struct explain_job *job;
    const struct subject *a, *b;
    struct surrogate *surrogate;
    uint32_t replicates;
};

static void put(json_t *to, const char *key, json_t *value)
{
    json_object_set_new(to, key, value);
}

static json_t *p_of(const struct mc *mc)
{
    return values_real(mc_p(mc));
}

/* A part that could not be computed says why. */
static json_t *reason(const struct err *err)
{
    json_t *out = json_object();
    put(out, "not_computed", json_string(err->msg));
    return out;
}

/* --- coincidences over lags: D1 ------------------------------------------------------ */

/* Share of surrogates whose largest standardised count is at least that of this lag: p of
 * the lag after all lags were looked at. */
static double p_over_lags(const struct sync_result *r, size_t lag)
{
    double z = (r->observed[lag] - r->expected[lag]) / r->sd[lag];
    struct mc mc = {.max = r->mc.replicates};
    for (uint32_t i = 0; i < r->mc.replicates; i++)
        mc_add(&mc, r->replicate[i], z);
    return mc_p(&mc);
}

static json_t *lags_json(const struct sync_result *r)
{
    json_t *list = json_array();
    for (size_t k = 0; k < r->nlags; k++) {
        json_t *one = json_object();
        put(one, "lag_s", values_real(r->lag_s[k]));
        put(one, "observed", values_real(r->observed[k]));
        put(one, "expected", values_real(r->expected[k]));
        put(one, "envelope_lo", values_real(r->lo[k]));
        put(one, "envelope_hi", values_real(r->hi[k]));
        put(one, "p_over_all_lags", values_real(p_over_lags(r, k)));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *sync_json(const struct sync_result *r, bool lags)
{
    json_t *out = json_object();
    put(out, "sessions_given", explain_count(r->na));
    put(out, "sessions_drawn", explain_count(r->nb));
    put(out, "share_of_drawn_that_can_move", values_real(r->moved));
    put(out, "statistic", values_real(r->statistic));
    put(out, "best_lag_s", values_real(r->best_lag_s));
    put(out, "extra_drawn_per_given", values_real(r->eta));
    put(out, "extra_lo", values_real(r->eta_lo));
    put(out, "extra_hi", values_real(r->eta_hi));
    put(out, "replicates", json_integer(r->mc.replicates));
    put(out, "p", p_of(&r->mc));
    if (lags)
        put(out, "lags", lags_json(r));
    return out;
}

static struct sync_opts sync_opts_of(const struct side *s)
{
    const struct explain_values *v = s->job->v;
    return (struct sync_opts){.window_s = fmax(WINDOW_S, 2 * explain_seconds(v->ttl)),
                              .delta_s = explain_seconds(v->within),
                              .max_lag_s = explain_seconds(v->max_lag),
                              .session_s = explain_seconds(v->session),
                              .sweeps = 3,
                              .seed = (uint64_t)v->seed,
                              .replicates = s->replicates};
}

static json_t *window_part(const struct side *s, bool lags)
{
    struct sync_result r = {0};
    struct sync_opts o = sync_opts_of(s);
    struct err err;
    if (sync_window(&r, s->a, s->b, &s->job->w, &o, &err) < 0)
        return reason(&err);
    json_t *out = sync_json(&r, lags);
    sync_free(&r);
    return out;
}

static json_t *days_part(const struct side *s)
{
    struct sync_result r = {0};
    struct sync_opts o = sync_opts_of(s);
    struct err err;
    if (sync_days(&r, s->a, s->b, &s->job->w, &o, &err) < 0)
        return reason(&err);
    json_t *out = sync_json(&r, false);
    sync_free(&r);
    return out;
}

/* --- on the same surrogates: D4, D5 -------------------------------------------------- */

static json_t *rate_json(const struct coincide_rate *r)
{
    json_t *out = json_object();
    put(out, "sessions", explain_count(r->count));
    put(out, "of", explain_count(r->of));
    put(out, "rate", values_real(r->rate));
    put(out, "expected_rate", values_real(r->expected));
    put(out, "p", p_of(&r->mc));
    return out;
}

static json_t *coincide_part(const struct side *s)
{
    struct coincide_result r;
    struct coincide_opts o = {0, 2 * explain_seconds(s->job->v->within), s->replicates, 0};
    json_t *out = json_object();
    coincide(&r, s->a, s->b, s->surrogate, &o);
    put(out, "within_s", values_real(o.within_s));
    put(out, "precursor_drawn_after_given", rate_json(&r.precursor));
    put(out, "trigger_given_before_drawn", rate_json(&r.trigger));
    return out;
}

static json_t *kernel_json(const struct trigger_kernel *k)
{
    json_t *out = json_object();
    put(out, "mean_s", values_real(k->mean_s));
    put(out, "extra_drawn_per_given", values_real(k->eta));
    put(out, "likelihood_ratio", values_real(k->lr));
    return out;
}

static json_t *trigger_part(const struct side *s)
{
    struct trigger_result r;
    struct err err;
    struct trigger_opts o = {.level = .95, .replicates = s->replicates};
    if (trigger(&r, s->a, s->b, &s->job->w, s->surrogate, &o, &err) < 0)
        return reason(&err);
    json_t *out = json_object(), *kernels = json_array();
    for (size_t k = 0; k < TRIGGER_KERNELS; k++)
        json_array_append_new(kernels, kernel_json(&r.kernel[k]));
    put(out, "kernels", kernels);
    put(out, "best_mean_s", values_real(r.kernel[r.best].mean_s));
    put(out, "extra_lo", values_real(r.eta_lo));
    put(out, "extra_hi", values_real(r.eta_hi));
    put(out, "p", p_of(&r.mc));
    return out;
}

/* What stands on window surrogates of b. */
static void add_side(struct side *s, json_t *out, bool lags)
{
    const struct explain_values *v = s->job->v;
    struct surrogate_opts o = {.window_s = fmax(WINDOW_S, 2 * explain_seconds(v->ttl)),
                               .session_s = explain_seconds(v->session),
                               .tick_s = explain_seconds(s->job->c->tick_ns),
                               .sweeps = 3,
                               .seed = (uint64_t)v->seed,
                               .subject = s->b->id};
    struct err err;
    put(out, "coincidences", window_part(s, lags));
    if (surrogate_window(&s->surrogate, s->b, &s->job->w, &o, &err) < 0) {
        put(out, "event_coincidence", reason(&err));
        put(out, "trigger", reason(&err));
        return;
    }
    put(out, "event_coincidence", coincide_part(s));
    put(out, "trigger", trigger_part(s));
    surrogate_free(s->surrogate);
}

/* --- residuals: D2, D3 ----------------------------------------------------------------- */

static json_t *shift_part(const struct side *s, const struct crosscorr_opts *o)
{
    struct crosscorr_shifts r;
    struct err err;
    if (crosscorr_shift(&r, s->a, s->b, &s->job->w, o, &err) < 0)
        return reason(&err);
    json_t *out = json_object();
    put(out, "days_each_way", explain_count(r.days));
    put(out, "rank", explain_count(r.rank));
    put(out, "p_at_most", values_real(r.p));
    return out;
}

static json_t *bootstrap_part(const struct side *s, const struct crosscorr_opts *o)
{
    struct crosscorr r;
    struct err err;
    if (crosscorr_bootstrap(&r, s->a, s->b, &s->job->w, o, &err) < 0)
        return reason(&err);
    json_t *out = json_object(), *lags = json_array();
    for (size_t k = 0; k < r.nlags; k++) {
        json_t *one = json_object();
        put(one, "lag_s", values_real(r.lag_s[k]));
        put(one, "z", values_real(r.z[k]));
        put(one, "envelope_lo", values_real(r.lo[k]));
        put(one, "envelope_hi", values_real(r.hi[k]));
        json_array_append_new(lags, one);
    }
    put(out, "best_lag_s", values_real(r.best_lag_s));
    put(out, "statistic", values_real(r.statistic));
    put(out, "replicates", json_integer(r.mc.replicates));
    put(out, "p", p_of(&r.mc));
    put(out, "lags", lags);
    return out;
}

static void add_residuals(const struct side *s, json_t *out)
{
    double width = 2 * explain_seconds(s->job->v->within);
    double window = floor(WINDOW_S / width) * width;
    struct crosscorr_opts o = {.width_s = width,
                               .max_lag_s = explain_seconds(s->job->v->max_lag),
                               .window_s = fmax(window, width),
                               .seed = (uint64_t)s->job->v->seed,
                               .replicates = s->replicates};
    put(out, "residual_correlogram", bootstrap_part(s, &o));
    put(out, "shift_test", shift_part(s, &o));
}

/* --- the part -------------------------------------------------------------------------- */

void explain_synchrony(const struct explain_job *job, json_t *out)
{
    const struct explain_values *v = job->v;
    struct selection sel = {&job->with_client, &job->with_name, 1, 1};
    struct subject other, a, b;
    if (job->with_client == UINT32_MAX)
        return; /* no second pair was named */
    subject_make(&other, job->c, &sel, &job->w, explain_seconds(v->session),
                 explain_seconds(v->ttl));
    surrogate_party(&a, &job->s, explain_seconds(v->session));
    surrogate_party(&b, &other, explain_seconds(v->session));
    uint32_t m = (uint32_t)fmin((double)v->max_replicates, REPLICATES_MAX);
    struct side there = {.job = job, .a = &a, .b = &b, .replicates = m};
    struct side back = {.job = job, .a = &b, .b = &a, .replicates = m};
    json_t *pair = json_object(), *b_drawn = json_object(), *a_drawn = json_object();
    put(pair, "with_client", values_text(job->c->clients[job->with_client]));
    put(pair, "with_name", values_text(job->c->names[job->with_name]));
    add_side(&there, b_drawn, true);
    add_side(&back, a_drawn, false);
    put(pair, "a_given_b_drawn", b_drawn);
    put(pair, "b_given_a_drawn", a_drawn);
    put(pair, "days_permuted_within_weekday", days_part(&there));
    add_residuals(&there, pair);
    put(out, "synchrony", pair);
    subject_free(&other);
    subject_free(&a);
    subject_free(&b);
}
