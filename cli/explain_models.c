/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every baseline of the ladder with its parameters. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "stats/dispersion.h"
#include "models/season.h"

/* Name of coefficient k >= 1 in the order of the design (models/season.c). */
static void coefficient_name(const struct season *s, bool trend, size_t k, char out[32])
{
    size_t levels = s->levels ? (size_t)s->levels - 1 : 0;
    if (k <= levels) {
        snprintf(out, 32, "hour %zu", k);
        return;
    }
    size_t wave = k - levels - 1, waves = 2 * (size_t)(s->daily + s->weekly);
    if (wave >= waves) {
        snprintf(out, 32, "%s", trend && wave == waves ? "trend over the window" : "holiday");
        return;
    }
    bool daily = wave < 2 * (size_t)s->daily;
    size_t turn = (daily ? wave : wave - 2 * (size_t)s->daily) / 2 + 1;
    snprintf(out, 32, "%s %zu/%s", wave % 2 ? "cos" : "sin", turn, daily ? "day" : "week");
}

static json_t *params_of(const struct baseline *b, bool trend)
{
    json_t *out = json_array();
    json_array_append_new(out,
                          explain_param("ln rate per hour", b->glm->beta[0], b->glm->se[0]));
    for (size_t k = 1; k < b->glm->p; k++) {
        char name[32];
        coefficient_name(b->season, trend, k, name);
        json_array_append_new(out, explain_param(name, b->glm->beta[k], b->glm->se[k]));
    }
    if (b->family == GLM_NEGBIN)
        json_array_append_new(out, explain_param("theta", b->theta, b->glm->theta_se));
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
static double variance_ratio(const struct explain_job *job, const struct baseline *b)
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

static json_t *model_part(const struct explain_job *job, const struct baseline *b)
{
    json_t *m = json_object();
    json_object_set_new(m, "id", model_id(b->season, b->family));
    json_object_set_new(m, "loglik", values_real(b->loglik));
    json_object_set_new(m, "aic", values_real(b->aic));
    json_object_set_new(m, "bic", values_real(b->bic));
    json_object_set_new(m, "variance_ratio", values_real(variance_ratio(job, b)));
    json_object_set_new(m, "pearson_dispersion", values_real(b->dispersion));
    json_object_set_new(m, "at_poisson_limit", json_boolean(b->glm->poisson_limit));
    json_object_set_new(
        m, "params", params_of(b, baseline_trend(&job->baseline, &job->g, job->y, job->hours)));
    return m;
}

/* Overdispersion of the chosen season's Poisson fit. */
static json_t *dispersion_part(const struct explain_job *job, const struct season *season)
{
    struct baseline_opts o = job->baseline;
    o.season = season;
    o.family = GLM_POISSON;
    struct baseline poisson = {0}, negbin = {0};
    struct dispersion d;
    json_t *out = json_null();
    if (baseline_fit(&poisson, &job->g, job->y, job->hours, &o, NULL) == 0) {
        o.family = GLM_NEGBIN;
        if (baseline_fit(&negbin, &job->g, job->y, job->hours, &o, NULL) == 0) {
            dispersion_test(job->y, poisson.glm, negbin.glm, &d);
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
void explain_models(const struct explain_job *job, json_t *out)
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
        struct baseline_opts o = job->baseline;
        o.season = r->season;
        o.family = (int)r->family;
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
