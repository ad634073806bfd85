/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every admissible rung is fitted in every allowed family; the least BIC wins, the
 * earlier rung and Poisson on a tie. */
#include "models/baseline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/rng.h"
#include "stats/tail.h"

static const double DAY_S = 86400, TREND_WEEKS = 3, TREND_EVENTS = 20;

/* What is fitted to what. */
struct task {
    const struct grid *g;
    const double *y, *hours;
    const struct baseline_opts *opts;
};

/* A harmonic needs two buckets a turn and a whole turn of data; a level of an hour
 * needs buckets no wider than that. */
static bool resolved(const struct season *s, const struct grid *g)
{
    double span = g->width * (double)g->n;
    if (s->levels && (g->width > 3600 || span < 7 * DAY_S))
        return false;
    if (s->daily && (2 * s->daily * g->width > DAY_S || span < DAY_S))
        return false;
    return !s->weekly || (2 * s->weekly * g->width <= 7 * DAY_S && span >= 7 * DAY_S);
}

static bool levels_filled(const struct season_design *d, int levels, const struct task *t)
{
    bool *event = mem_zero((size_t)levels + 1, sizeof *event);
    for (size_t i = 0; levels && i < t->g->n; i++)
        event[d->level[i]] |= t->hours[i] > 0 && t->y[i] > 0;
    bool all = true;
    for (int i = 0; i < levels; i++)
        all &= event[i];
    free(event);
    return all;
}

static double events_at_risk(const struct grid *g, const double *y, const double *hours)
{
    double events = 0;
    for (size_t i = 0; i < g->n; i++)
        if (hours[i] > 0)
            events += y[i];
    return events;
}

bool baseline_trend(const struct baseline_opts *o, const struct grid *g, const double *y,
                    const double *hours)
{
    return o->trend && g->width * (double)g->n >= TREND_WEEKS * 7 * DAY_S &&
           events_at_risk(g, y, hours) >= TREND_EVENTS;
}

/* Make b describe `fit`, of season s, and own it. */
static void take(struct baseline *b, const struct season *s, struct glm *fit)
{
    b->season = s;
    b->family = fit->family;
    b->theta = fit->family == GLM_NEGBIN ? fit->theta : INFINITY;
    b->loglik = fit->loglik;
    b->aic = glm_aic(fit);
    b->bic = glm_bic(fit);
    b->deviance = fit->deviance;
    b->pearson = fit->pearson;
    b->parameters = fit->p + (fit->family == GLM_NEGBIN);
    b->dispersion = fit->used > fit->p ? fit->pearson / (double)(fit->used - fit->p) : NAN;
    glm_free(b->glm);
    b->glm = fit;
}

/* Fit one rung in one family, note it, and keep it if it is the best so far. */
static int try_rung(struct baseline *b, const struct season *s, const struct season_design *d,
                    enum glm_family family, const struct task *t, struct err *err)
{
    struct glm *fit = glm_new();
    int rc = glm_fit(fit, t->y, t->hours, &d->glm, family, err);
    struct baseline_rung *rung = &b->rungs[b->nrungs++];
    *rung = (struct baseline_rung){.season = s, .family = family, .fitted = rc == 0};
    rung->loglik = rung->bic = rung->aic = rung->theta = NAN;
    rung->parameters = glm_parameters(&d->glm) + (family == GLM_NEGBIN);
    if (rc == 0) {
        rung->loglik = fit->loglik;
        rung->bic = glm_bic(fit);
        rung->aic = glm_aic(fit);
        rung->theta = family == GLM_NEGBIN ? fit->theta : INFINITY;
    }
    if (rc == 0 && (!b->glm || rung->bic < b->bic))
        take(b, s, fit);
    else
        glm_free(fit);
    return rc;
}

static int try_season(struct baseline *b, const struct season *s, const struct task *t,
                      struct err *err)
{
    struct season_design d, own = {0};
    int rc = 0, family = t->opts->family;
    struct season_extras extras = {baseline_trend(t->opts, t->g, t->y, t->hours),
                                   t->opts->holidays};
    if (!t->opts->design)
        season_design(&own, s, t->g, t->opts->zone, &extras);
    d = t->opts->design ? *t->opts->design : own;
    d.glm.bare = t->opts->bare;
    if (t->opts->season || levels_filled(&d, s->levels, t)) {
        if (family != GLM_NEGBIN)
            rc = try_rung(b, s, &d, GLM_POISSON, t, err);
        if (family != GLM_POISSON)
            rc = try_rung(b, s, &d, GLM_NEGBIN, t, err);
    }
    season_design_free(&own);
    return rc;
}

/* Without a trend rates come again after a week. */
static void fill_rates(struct baseline *b, const struct grid *g)
{
    const double *eta = b->glm->eta;
    size_t week = (size_t)(7 * DAY_S / g->width);
    b->n = g->n;
    b->mu = mem_alloc(g->n * sizeof *b->mu);
    b->rate = mem_alloc(g->n * sizeof *b->rate);
    for (size_t i = 0; i < g->n; i++) {
        bool again = week > 0 && i >= week && eta[i] == eta[i - week];
        b->mu[i] = b->glm->mu[i];
        b->rate[i] = again ? b->rate[i - week] : exp(eta[i]);
    }
}

int baseline_fit(struct baseline *ret, const struct grid *g, const double *y,
                 const double *hours, const struct baseline_opts *opts, struct err *err)
{
    struct task t = {g, y, hours, opts};
    struct baseline b = {0};
    struct err why = {0}; /* of a rung: no failure while another rung can be fitted */
    int rc = 0;
    double events = events_at_risk(g, y, hours);
    if (opts->holidays &&
        !holidays_cover(opts->holidays, g->first_s / 86400,
                        (g->first_s + (int64_t)(g->width * (double)g->n)) / 86400))
        return err_set(err, ERR_MISMATCH,
                       "baseline: expected holidays of every year of the window, found a year "
                       "without one");
    if (opts->season)
        rc = try_season(&b, opts->season, &t, &why);
    else
        for (const struct season *s = season_table; s->name; s++)
            if (events >= s->min_events && (s == season_table || resolved(s, g)))
                rc = try_season(&b, s, &t, &why);
    if (!b.glm) {
        if (rc < 0)
            return rc;
        return err_set(err, ERR_DEGENERATE,
                       "baseline: expected events in live time, found none");
    }
    fill_rates(&b, g);
    *ret = b;
    return 0;
}

void baseline_free(struct baseline *b)
{
    glm_free(b->glm);
    free(b->mu);
    free(b->rate);
    *b = (struct baseline){0};
}

double baseline_log_upper(const struct baseline *b, size_t i, uint64_t k)
{
    if (k == 0)
        return 0;
    if (!(b->mu[i] > 0))
        return -INFINITY;
    return isinf(b->theta) ? poisson_log_upper(k, b->mu[i])
                           : negbin_log_upper(k, b->mu[i], b->theta);
}

double baseline_log_pmf(const struct baseline *b, size_t i, uint64_t k)
{
    if (!(b->mu[i] > 0))
        return k == 0 ? 0 : -INFINITY;
    return isinf(b->theta) ? poisson_logpmf(k, b->mu[i]) : negbin_logpmf(k, b->mu[i], b->theta);
}

void baseline_draw(const struct baseline *b, struct rng *r, double *ret_y)
{
    for (size_t i = 0; i < b->n; i++) {
        if (!(b->mu[i] > 0))
            ret_y[i] = 0;
        else if (isinf(b->theta))
            ret_y[i] = (double)rng_poisson(r, b->mu[i]);
        else
            ret_y[i] = (double)rng_negbin(r, b->mu[i], b->theta);
    }
}
