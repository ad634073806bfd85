/* SPDX-License-Identifier: GPL-3.0-or-later
 * A baseline is a set of rows (buckets before the tested one), each with its level or
 * its harmonics; both kinds of season go through the same fit, weights and refit. */
#include "stats/rolling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/mem.h"
#include "stats/spread.h"
#include "stats/tail.h"

const struct rolling_opts rolling_farrington = {
    .name = "farrington",
    .help = "rolling baseline, windows of the same season, 2/3 power limit",
    .cite = "Farrington et al. 1996",
    .law = ROLLING_DELTA,
    .period = 52,
    .back = 5,
    .half = 3,
    .skip = 3,
    .levels = 1,
    .threshold = 1,
    .trend_p = .05,
    .alpha = .005,
    .least_span = 4,
};
const struct rolling_opts rolling_noufaily = {
    .name = "noufaily",
    .help = "rolling baseline, ten levels of season and trend, plug-in limit",
    .cite = "Noufaily et al. 2013",
    .law = ROLLING_PLUGIN,
    .period = 52,
    .back = 5,
    .half = 3,
    .skip = 26,
    .levels = 10,
    .threshold = 2.58,
    .trend_p = 1,
    .alpha = .005,
    .least_span = 4,
};
const struct rolling_opts rolling_muan = {
    .name = "muan",
    .help = "the same, limit at the upper limit of the mean",
    .cite = "Salmon, Schumacher & Hohle 2016",
    .law = ROLLING_MUAN,
    .period = 52,
    .back = 5,
    .half = 3,
    .skip = 26,
    .levels = 10,
    .threshold = 2.58,
    .trend_p = 1,
    .alpha = .005,
    .least_span = 4,
};
const struct rolling_opts rolling_calibrated = {
    .name = "rolling",
    .help = "rolling baseline, harmonics and trend, predictive law with all its errors",
    .cite = "after Farrington et al. 1996, Noufaily et al. 2013",
    .law = ROLLING_PREDICTIVE,
    .period = 52,
    .back = 5,
    .half = 3,
    .skip = 26,
    .harmonics = 2,
    .threshold = 2.58,
    .trend_p = 1,
    .alpha = .005,
    .least_span = 1,
};

static const double LARGEST_MEAN = 1e7; /* with a limit */
static const double EVENTS_A_COEFFICIENT = 10, TREND_EVENTS = 20;
enum { TREND_SEASONS = 3 };

/* --- the rows of a baseline --------------------------------------------------------- */

struct baseline {
    const struct rolling_opts *o;
    struct glm *g;
    size_t at, n; /* tested bucket; rows */
    double *y, *exposure, *weight, *mu;
    double *wave[2 * ROLLING_HARMONICS], now[2 * ROLLING_HARMONICS + 1]; /* of bucket at */
    double *time;                                                        /* bucket less at */
    uint16_t *level;
    double largest, events, now_exposure; /* largest rate of a row */
    bool trend;
    size_t harmonics;
};

static size_t reference(const struct rolling_opts *o, size_t at, size_t j)
{
    return at - (size_t)llround((double)j * o->period);
}

size_t rolling_first(const struct rolling_opts *o)
{
    return (size_t)llround((double)o->back * o->period) + o->half;
}

/* Level of a bucket: 0 about a reference point, 1 ... levels - 1 in blocks after it whose
 * lengths differ by one at most, the longer first; -1: not in the baseline. */
static int level_of(const struct rolling_opts *o, size_t at, size_t i)
{
    size_t w = o->half, j = 1;
    while (j < o->back && i + w < reference(o, at, j))
        j++;
    size_t ref = reference(o, at, j), next = reference(o, at, j - 1);
    if (i + w >= next || (i + w >= ref && i <= ref + w))
        return 0;
    if (o->levels < 2 || i < ref)
        return -1;
    size_t length = next - ref - 2 * w - 1, blocks = o->levels - 1, k = i - ref - w - 1;
    size_t each = length / blocks, longer = length % blocks;
    return 1 + (int)(k < longer * (each + 1) ? k / (each + 1) : (k - longer) / each);
}

static double wave_at(const struct rolling_opts *o, size_t k, double bucket)
{
    size_t wave = k / 2 + 1;
    double angle = 2 * M_PI * (double)wave * bucket / o->period;
    return k % 2 ? cos(angle) : sin(angle);
}

static void add_row(struct baseline *b, double y, double exposure, size_t i, int level)
{
    size_t n = b->n++;
    b->y[n] = y;
    b->exposure[n] = exposure;
    b->time[n] = (double)i - (double)b->at;
    b->level[n] = (uint16_t)level;
    for (size_t k = 0; k < 2 * b->o->harmonics; k++)
        b->wave[k][n] = wave_at(b->o, k, b->time[n]);
    b->largest = fmax(b->largest, y / exposure);
    b->events += y;
}

static void baseline_make(struct baseline *b, const double *y, const double *exposure,
                          size_t at, const struct rolling_opts *o)
{
    size_t from = at - rolling_first(o), room = at - from;
    *b = (struct baseline){.o = o, .at = at, .now_exposure = exposure ? exposure[at] : 1};
    double *block = mem_alloc((5 + 2 * o->harmonics) * room * sizeof *block);
    b->y = block, b->exposure = block + room, b->weight = block + 2 * room;
    b->mu = block + 3 * room, b->time = block + 4 * room;
    for (size_t k = 0; k < 2 * o->harmonics; k++) {
        b->wave[k] = block + (5 + k) * room;
        b->now[k] = wave_at(o, k, 0);
    }
    b->level = mem_alloc(room * sizeof *b->level);
    for (size_t i = from; i + o->skip < at; i++) {
        double e = exposure ? exposure[i] : 1;
        int level = o->law == ROLLING_PREDICTIVE ? 0 : level_of(o, at, i);
        if (level >= 0 && e > 0)
            add_row(b, y[i], e, i, level);
    }
}

static void baseline_free(struct baseline *b)
{
    free(b->y);
    free(b->level);
}

/* --- fits --------------------------------------------------------------------------- */

/* The design's covariates: waves, then time. */
static struct glm_design design_of(const struct baseline *b, bool weighted)
{
    struct glm_design d = {.n = b->n, .weight = weighted ? b->weight : NULL};
    if (b->o->law != ROLLING_PREDICTIVE && b->o->levels > 1) {
        d.nfactors = 1;
        d.level[0] = b->level;
        d.nlevels[0] = b->o->levels;
    }
    for (size_t k = 0; k < 2 * b->harmonics; k++)
        d.covariate[d.ncovariates++] = b->wave[k];
    if (b->trend)
        d.covariate[d.ncovariates++] = b->time;
    return d;
}

static int fit(struct baseline *b, bool weighted, struct err *err)
{
    struct glm_design d = design_of(b, weighted);
    return glm_fit(b->g, b->y, b->exposure, &d, GLM_POISSON, err);
}

static double slope_of(const struct baseline *b)
{
    return b->trend ? b->g->beta[b->g->p - 1] : 0;
}

static double pearson_phi(const struct glm *g)
{
    return g->used > g->p ? g->pearson / (double)(g->used - g->p) : 1;
}

/* The expectation of the tested bucket: all its waves are at angle 0, its time is 0, its
 * level the first. */
static double log_expected(const struct baseline *b)
{
    double eta = b->g->beta[0] + log(b->now_exposure);
    for (size_t k = 0; k < 2 * b->harmonics; k++)
        eta += b->g->beta[1 + k] * b->now[k];
    return eta;
}

static double unit_se(struct baseline *b)
{
    const uint16_t first[1] = {0};
    double now[2 * ROLLING_HARMONICS + 1];
    memcpy(now, b->now, sizeof now);
    now[2 * b->harmonics] = 0;
    return glm_predictor_se(b->g, first, now);
}

/* Weights gamma s^-2 above the threshold, gamma below, with sum n. */
static void weigh_anscombe(struct baseline *b, double phi)
{
    double sum = 0;
    glm_leverage(b->g, b->mu);
    for (size_t i = 0; i < b->n; i++) {
        double mu = b->g->mu[i];
        double s = 1.5 * (pow(b->y[i], 2. / 3) * pow(mu, -1. / 6) - sqrt(mu));
        s /= sqrt(phi * (1 - b->mu[i]));
        b->weight[i] = s > b->o->threshold ? 1 / (s * s) : 1;
        sum += b->weight[i];
    }
    for (size_t i = 0; i < b->n; i++)
        b->weight[i] *= (double)b->n / sum;
}

/* --- the published forms ------------------------------------------------------------ */

static int fit_published(struct baseline *b, double *ret_phi, struct err *err)
{
    if (fit(b, false, err) < 0)
        return ERR_DEGENERATE;
    weigh_anscombe(b, fmax(1, pearson_phi(b->g)));
    if (fit(b, true, err) < 0)
        return ERR_DEGENERATE;
    *ret_phi = pearson_phi(b->g);
    return 0;
}

/* Dispersion behind that program's standard errors: its weights lack the mean. */
static double slipped_phi(const struct baseline *b)
{
    double sum = 0;
    for (size_t i = 0; i < b->n; i++) {
        double r = b->y[i] / b->g->mu[i] - 1;
        sum += b->weight[i] * r * r;
    }
    return sum / (double)(b->g->used - b->g->p);
}

static bool trend_stays(const struct baseline *b)
{
    const struct glm *g = b->g;
    double se = g->se[g->p - 1] * sqrt(slipped_phi(b));
    double p = 2 * gsl_cdf_tdist_Q(fabs(slope_of(b) / se), (double)(g->used - g->p));
    return p < b->o->trend_p && exp(log_expected(b)) <= b->largest * b->now_exposure;
}

static void limit_published(struct rolling *r, const struct rolling_opts *o, double y)
{
    double mu = r->expected, z = gsl_cdf_ugaussian_Qinv(o->alpha);
    if (o->law == ROLLING_DELTA) {
        double se = r->log_se * mu, scale = sqrt(4. / 9 * cbrt(mu) * (r->phi + se * se / mu));
        r->upper = pow(pow(mu, 2. / 3) + z * scale, 1.5);
        r->log_p = normal_log_upper((pow(y, 2. / 3) - pow(mu, 2. / 3)) / scale);
        r->log_pmf = -INFINITY;
        return;
    }
    if (o->law == ROLLING_MUAN)
        mu = exp(log(mu) + z * r->log_se);
    if (mu > LARGEST_MEAN) { /* a level without an event: its mean is not known at all */
        r->upper = NAN;
        return;
    }
    r->upper =
        (double)negbin_quantile(1 - o->alpha, mu, r->phi > 1 ? mu / (r->phi - 1) : INFINITY);
    r->log_p = spread_log_upper((uint64_t)y, mu, r->phi);
    r->log_pmf = spread_logpmf((uint64_t)y, mu, r->phi);
}

static int test_published(struct rolling *r, struct baseline *b, double y, struct err *err)
{
    double phi;
    b->trend = b->o->back > 0;
    if (fit_published(b, &phi, err) < 0)
        return ERR_DEGENERATE;
    if (b->o->back < TREND_SEASONS || !trend_stays(b)) {
        b->trend = false;
        if (fit_published(b, &phi, err) < 0)
            return ERR_DEGENERATE;
    }
    r->phi = fmax(1, phi);
    r->expected = exp(log_expected(b));
    r->log_se = unit_se(b) * sqrt(slipped_phi(b));
    limit_published(r, b->o, y);
    return 0;
}

/* --- the calibrated form ------------------------------------------------------------ */

/* The number of harmonics with the least deviance / phi + ln(rows) x coefficients, phi
 * from the largest model that the events carry. */
static int choose_harmonics(struct baseline *b, struct err *err)
{
    double deviance[ROLLING_HARMONICS + 1], phi = 1;
    size_t most = 0, other = 1 + b->trend, best = 0;
    while (most < b->o->harmonics &&
           b->events >= EVENTS_A_COEFFICIENT * (double)(2 * (most + 1) + other))
        most++;
    for (size_t k = 0; k <= most; k++) {
        b->harmonics = k;
        if (fit(b, false, err) < 0)
            return ERR_DEGENERATE;
        deviance[k] = b->g->deviance;
        phi = fmax(1, pearson_phi(b->g));
    }
    for (size_t k = 1; k <= most; k++)
        if (deviance[k] / phi + log((double)b->n) * 2 * (double)k <
            deviance[best] / phi + log((double)b->n) * 2 * (double)best)
            best = k;
    b->harmonics = best;
    return fit(b, false, err);
}

/* (threshold/z)^2 where the quantile residual z is above the threshold; mid-p. */
static void weigh_quantile(struct baseline *b, double phi)
{
    double limit = normal_log_upper(b->o->threshold);
    for (size_t i = 0; i < b->n; i++) {
        uint64_t y = (uint64_t)b->y[i];
        double mu = b->g->mu[i];
        b->weight[i] = 1;
        if (b->y[i] <= mu)
            continue;
        double log_mid = log_midp(spread_log_upper(y, mu, phi), spread_logpmf(y, mu, phi));
        if (log_mid < limit) {
            double z = -gsl_cdf_ugaussian_Pinv(fmax(exp(log_mid), 1e-300));
            b->weight[i] = pow(b->o->threshold / z, 2);
        }
    }
}

/* Two rounds of weights, each from the fit before. */
static int fit_calibrated(struct baseline *b, struct spread_posterior *post, struct err *err)
{
    spread_posterior(b->y, b->g->mu, NULL, b->n, (double)b->g->p, post);
    for (int round = 0; round < 2; round++) {
        weigh_quantile(b, post->mode);
        if (fit(b, true, err) < 0)
            return ERR_DEGENERATE;
        spread_posterior(b->y, b->g->mu, b->weight, b->n, (double)b->g->p, post);
    }
    return 0;
}

/* The smallest u with P(Y > u) <= alpha: from the plug-in limit up or down by doubled
 * steps, then halves. */
static double predictive_limit(const struct spread_posterior *post, double log_mu, double se,
                               double alpha)
{
    double mu = exp(log_mu), size = mu / (post->mode - 1), pmf, upper;
    double at = (double)negbin_quantile(1 - alpha, mu, size), low = -1, high = INFINITY;
    for (double step = 1; high - low > 1; step *= 2) {
        spread_predict(post, log_mu, se, (uint64_t)at + 1, &upper, &pmf);
        if (upper > log(alpha))
            low = at;
        else
            high = at;
        at = isinf(high) ? at + step : low < 0 ? fmax(0, at - step) : floor((low + high) / 2);
        if (high == 0 || at > 1e15)
            break;
    }
    return high;
}

static int test_calibrated(struct rolling *r, struct baseline *b, double y, struct err *err)
{
    struct spread_posterior post;
    b->trend = b->o->back >= TREND_SEASONS && b->events >= TREND_EVENTS;
    if (choose_harmonics(b, err) < 0 || fit_calibrated(b, &post, err) < 0)
        return ERR_DEGENERATE;
    double log_mu = log_expected(b), se = unit_se(b);
    if (b->trend && exp(log_mu) > b->largest * b->now_exposure) {
        r->held = true;
        log_mu += slope_of(b) * b->time[b->n - 1];
    }
    r->phi = post.mode;
    r->expected = exp(log_mu);
    r->log_se = se * sqrt(post.mode);
    r->upper = b->o->alpha > 0 ? predictive_limit(&post, log_mu, se, b->o->alpha) : NAN;
    spread_predict(&post, log_mu, se, (uint64_t)y, &r->log_p, &r->log_pmf);
    return 0;
}

/* ------------------------------------------------------------------------------------ */

static bool too_few(const double *y, size_t at, const struct rolling_opts *o)
{
    double events = 0;
    for (size_t i = at + 1 - o->least_span; i <= at; i++)
        events += y[i];
    return events < o->least_events;
}

int rolling_test(struct rolling *ret, struct glm *work, const double *y, const double *exposure,
                 size_t at, const struct rolling_opts *o, struct err *err)
{
    struct baseline b;
    struct rolling r = {0};
    if (at < rolling_first(o))
        return err_set(
            err, ERR_DEGENERATE,
            "rolling baseline: expected %zu buckets before the tested one, found %zu",
            rolling_first(o), at);
    if (exposure && !(exposure[at] > 0))
        return err_set(err, ERR_DEGENERATE,
                       "rolling baseline: expected exposure in the tested bucket, found none");
    baseline_make(&b, y, exposure, at, o);
    b.g = work;
    int rc = o->law == ROLLING_PREDICTIVE ? test_calibrated(&r, &b, y[at], err)
                                          : test_published(&r, &b, y[at], err);
    if (rc == 0) {
        r.rows = b.n;
        r.events = b.events;
        r.harmonics = b.harmonics;
        r.trend = b.trend;
        r.slope = slope_of(&b);
        if (too_few(y, at, o))
            r.upper = NAN;
        *ret = r;
    }
    baseline_free(&b);
    return rc;
}
