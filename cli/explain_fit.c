/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts `fit`: does the baseline look like the counts, and other laws of them; and
 * `group`: what other pairs say of rate and scatter. */
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/explain.h"
#include "cli/values.h"
#include "models/adequacy.h"
#include "models/group.h"
#include "stats/counts.h"
#include "stats/dispersion.h"
#include "stats/rng.h"

static void set_real(json_t *o, const char *key, double v)
{
    json_object_set_new(o, key, values_real(v));
}

static const char *const pit_names[SCORE_BINS] = {"to_.1", "to_.2", "to_.3", "to_.4", "to_.5",
                                                  "to_.6", "to_.7", "to_.8", "to_.9", "to_1"};

/* --- adequacy of the chosen baseline ------------------------------------------------ */

static json_t *adequacy_part(const struct explain_job *job, const struct baseline *b)
{
    struct adequacy a;
    struct adequacy_opts opts = {&job->baseline, 199, (uint64_t)job->v->seed, job->s.id};
    json_t *o = json_object(), *pit = json_object();
    adequacy_test(&a, b, &job->g, job->y, job->hours, &opts);
    for (int k = 0; k < SCORE_BINS; k++)
        set_real(pit, pit_names[k], a.pit[k]);
    json_object_set_new(o, "pit_tenths", pit);
    set_real(o, "pit_distance", a.distance);
    set_real(o, "pit_p", mc_p(&a.mc));
    json_object_set_new(o, "replicates", explain_count(a.mc.replicates));
    set_real(o, "calibration_z", a.calibration_z);
    set_real(o, "log_score_a_bucket", a.mean_log_score);
    set_real(o, "residual_correlation_a_day_later", a.day);
    set_real(o, "residual_correlation_a_week_later", a.week);
    set_real(o, "sd_of_either_if_independent", a.acf_sd);
    json_object_set_new(
        o, "worst_bucket",
        explain_time((job->g.first_s + (int64_t)((double)a.worst * job->g.width)) * NS_PER_S));
    json_object_set_new(o, "worst_bucket_p", values_probability(a.worst_log_p));
    return o;
}

/* --- scatter of the buckets --------------------------------------------------------- */

/* Does the season beat one rate, whatever the scatter? */
static void season_f(const struct explain_job *job, const struct glm *large, json_t *o)
{
    struct glm_design d = {.n = job->g.n};
    struct glm *one_rate = glm_new();
    double f;
    if (large->p > 1 && large->used > large->p &&
        glm_fit(one_rate, job->y, job->hours, &d, GLM_POISSON, NULL) == 0) {
        json_object_set_new(o, "season_p_by_quasi_poisson",
                            values_probability(dispersion_log_p(one_rate, large, &f)));
        set_real(o, "season_f", f);
    }
    glm_free(one_rate);
}

static json_t *scatter_part(const struct explain_job *job, const struct season *season)
{
    struct season_design d;
    struct glm *g = glm_new();
    struct counts_fit nb1;
    double pearson, fletcher;
    json_t *o = json_object();
    struct season_extras extras = {baseline_trend(&job->baseline, &job->g, job->y, job->hours),
                                   job->baseline.holidays};
    season_design(&d, season, &job->g, job->zone, &extras);
    if (glm_fit(g, job->y, job->hours, &d.glm, GLM_POISSON, NULL) == 0) {
        dispersion_phi(job->y, g, &pearson, &fletcher);
        set_real(o, "quasi_poisson_phi", pearson);
        set_real(o, "quasi_poisson_phi_by_fletcher", fletcher);
        season_f(job, g, o);
    }
    if (glm_parameters(&d.glm) + 2 <= COUNTS_MOST &&
        counts_fit(&nb1, job->y, job->hours, &d.glm, COUNTS_NB1, NULL) == 0) {
        set_real(o, "nb1_phi", nb1.theta);
        set_real(o, "nb1_bic", nb1.bic);
    }
    if (glm_fit(g, job->y, job->hours, &d.glm, GLM_NEGBIN, NULL) == 0) {
        set_real(o, "nb2_theta_by_maximum_likelihood", g->poisson_limit ? INFINITY : g->theta);
        set_real(o, "nb2_bic", glm_bic(g));
    }
    if (dispersion_cox_reid(g, job->y, job->hours, &d.glm, NULL) == 0)
        set_real(o, "nb2_theta_by_cox_and_reid", g->poisson_limit ? INFINITY : g->theta);
    glm_free(g);
    season_design_free(&d);
    return o;
}

/* --- zeros: days on which the pair is switched off ---------------------------------- */

static json_t *law_of_days(const char *name, double loglik, double bic, double theta)
{
    json_t *o = json_object();
    json_object_set_new(o, "law", json_string(name));
    set_real(o, "loglik", loglik);
    set_real(o, "bic", bic);
    set_real(o, "theta", theta);
    return o;
}

static void add_laws(json_t *laws, const double *y, const double *hours,
                     const struct glm_design *d)
{
    struct glm *g = glm_new();
    if (glm_fit(g, y, hours, d, GLM_NEGBIN, NULL) == 0)
        json_array_append_new(laws, law_of_days("negbin", g->loglik, glm_bic(g), g->theta));
    glm_free(g);
    for (int law = COUNTS_ZIP; law < COUNTS_LAWS; law++) {
        struct counts_fit f;
        if (counts_fit(&f, y, hours, d, (enum counts_law)law, NULL) < 0)
            continue;
        json_t *o = law_of_days(counts_law_names[law], f.loglik, f.bic, f.theta);
        bool hurdle = law == COUNTS_HURDLE_POISSON || law == COUNTS_HURDLE_NB;
        set_real(o, hurdle ? "share_of_days_with_sessions" : "share_of_days_switched_off",
                 1 / (1 + exp(-f.zero)));
        json_array_append_new(laws, o);
    }
}

static json_t *zeros_part(const struct explain_job *job)
{
    struct grid g = grid_make(&job->w, 86400);
    json_t *o = json_object(), *laws = json_array();
    double *y = mem_zero(2 * g.n, sizeof *y), *hours = y + g.n, z, log_p;
    struct glm_design d = {.n = g.n};
    struct glm *poisson = glm_new();
    bucket_fill(&job->s, &g, y);
    exposure_fill(&job->s, &job->w, &g, hours);
    if (glm_fit(poisson, y, hours, &d, GLM_POISSON, NULL) == 0) {
        counts_zero_score(y, poisson->mu, g.n, &z, &log_p);
        set_real(o, "more_zeros_than_poisson_z", z);
        json_object_set_new(o, "more_zeros_than_poisson_p", values_probability(log_p));
        json_array_append_new(
            laws, law_of_days("poisson", poisson->loglik, glm_bic(poisson), INFINITY));
        add_laws(laws, y, hours, &d);
    }
    json_object_set_new(o, "laws", laws);
    glm_free(poisson);
    free(y);
    return o;
}

void explain_fit(const struct explain_job *job, json_t *out)
{
    struct baseline b;
    struct err err;
    json_t *o = json_object();
    json_object_set_new(out, "fit", o);
    if (baseline_fit(&b, &job->g, job->y, job->hours, &job->baseline, &err) < 0) {
        json_object_set_new(o, "not_tested", json_string(err.msg));
        return;
    }
    json_object_set_new(o, "adequacy", adequacy_part(job, &b));
    json_object_set_new(o, "scatter", scatter_part(job, b.season));
    json_object_set_new(o, "days", zeros_part(job));
    baseline_free(&b);
}

/* --- the group ---------------------------------------------------------------------- */

void explain_group(const struct explain_job *job, json_t *out)
{
    struct group g;
    struct err err;
    struct group_opts opts = {explain_seconds(job->v->session), explain_seconds(job->v->ttl)};
    json_t *o = json_object();
    json_object_set_new(out, "group", o);
    if (group_pair(&g, job->c, &job->w, &job->g, job->client, job->name, &opts, &err) < 0) {
        json_object_set_new(o, "not_tested", json_string(err.msg));
        return;
    }
    set_real(o, "sessions", g.sessions);
    set_real(o, "expected_from_peers", g.expected);
    json_object_set_new(o, "pairs_in_group", explain_count(g.rate.members));
    json_object_set_new(o, "pair_left_out", json_boolean(g.rate.left_out));
    set_real(o, "gamma_a", g.rate.a);
    set_real(o, "gamma_b", g.rate.b);
    set_real(o, "ratio_to_peers", g.sessions / g.expected);
    set_real(o, "ratio_shrunk", g.rate.mean);
    set_real(o, "ratio_shrunk_lo", g.rate.lo);
    set_real(o, "ratio_shrunk_hi", g.rate.hi);
    set_real(o, "sessions_expected_in_as_long_a_window", g.expected * g.rate.mean);
    json_object_set_new(
        o, "p_of_as_many_again",
        values_probability(shrink_log_upper(&g.rate, (unsigned long)g.sessions, g.expected)));
    if (g.controls.n) {
        json_object_set_new(o, "control_pairs", explain_count(g.controls.n));
        set_real(o, "ln_ratio_of_controls", g.controls.delta);
        set_real(o, "sd_of_it_among_controls", g.controls.sigma);
        json_object_set_new(o, "p_after_controls", values_probability(g.log_p_controls));
    }
    set_real(o, "theta_of_buckets_by_maximum_likelihood", g.theta_ml);
    set_real(o, "theta_of_buckets_by_cox_and_reid", g.theta);
    set_real(o, "se_of_its_ln", g.theta_se);
    if (g.has_scatter) {
        json_object_set_new(o, "other_pairs_for_theta", explain_count(g.scatter.members));
        set_real(o, "theta_of_the_others", exp(g.scatter.centre));
        set_real(o, "sd_of_ln_theta_among_them", g.scatter.tau);
        set_real(o, "pair_unlike_them_z", g.scatter.unlike);
        set_real(o, "theta_shrunk", exp(g.scatter.log_theta));
        set_real(o, "sd_of_its_ln", g.scatter.sd);
        json_object_set_new(o, "shrunk_by_one_se_at_most", json_boolean(g.scatter.limited));
    }
}
