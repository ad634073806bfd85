/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about rates. volume: sessions per at-risk hour of the pair over those of
 * comparable pairs. timing/hours: rate inside the stated hours over the rate
 * outside. Both are ratios of rates with at-risk exposure, so that what a cache
 * hides does not look like silence.
 *
 * Comparable pairs are those that the case holds; a pair that never asked is not
 * among them. That raises the peers' rate, against the claim. */
#include "models/nulls.h"

#include <math.h>
#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"
#include "stats/glm.h"
#include "stats/tail.h"

enum { MIN_PEERS = 5, MIN_SESSIONS = 20, MIN_DAYS = 14 };

static double count_log_upper(uint64_t k, double mu, double theta)
{
    return isinf(theta) ? poisson_log_upper(k, mu) : negbin_log_upper(k, mu, theta);
}

static double count_log_lower(uint64_t k, double mu, double theta)
{
    return isinf(theta) ? poisson_log_lower(k, mu) : negbin_log_lower(k, mu, theta);
}

static double count_draw(struct rng *r, double mu, double theta)
{
    return (double)(isinf(theta) ? rng_poisson(r, mu) : rng_negbin(r, mu, theta));
}

/* --- volume: peers ------------------------------------------------------------------ */

int volume_prepare(struct trial *t, struct err *err)
{
    (void)err;
    if (t->claim->compare == SIZE_MAX)
        return 0;
    const struct study_group *g = &t->study->groups[t->claim->compare];
    size_t cap = 0;
    for (size_t i = 0; i < t->counts->npairs; i++) {
        const struct counts_pair *p = &t->counts->pairs[i];
        bool again = i > 0 && p[-1].client == p->client && p[-1].name == p->name;
        bool named = bsearch(&p->name, g->name, g->name_n, sizeof *g->name, trial_id_order);
        bool asked = g->nclients == 0 || bsearch(&p->client, g->client, g->client_n,
                                                 sizeof *g->client, trial_id_order);
        if (again || !named || !asked || trial_has(&t->a, p->client, p->name))
            continue;
        MEM_GROW(t->peers, t->npeers, cap);
        struct selection one = {&p->client, &p->name, 1, 1};
        subject_make(&t->peers[t->npeers++], t->counts, &one, &t->window, t->study->session_s,
                     t->ttl_s);
    }
    return 0;
}

static struct rate peers_rate(const struct trial *t)
{
    struct rate sum = {0, 0};
    for (size_t i = 0; i < t->npeers; i++) {
        struct rate r = trial_rate(t, &t->peers[i]);
        sum.sessions += r.sessions;
        sum.hours += r.hours;
    }
    return sum;
}

static bool no_peers(const struct trial *t, struct null_result *ret)
{
    if (t->claim->compare == SIZE_MAX)
        trial_untested(ret, WHY_NO_COMPARE, "the study names no comparable names (compare:)");
    else if (t->npeers == 0)
        trial_untested(ret, WHY_NO_COMPARE,
                       "the case holds no look-up of the comparable names");
    return ret->why != WHY_NONE;
}

/* Exact conditional test of two rates: given both totals, the pair's is binomial. */
static void rates_null(const struct trial *t, struct rate a, struct rate b,
                       struct null_result *ret)
{
    double lo, hi;
    ret->statistic = "sessions, given those of the comparable pairs";
    ret->observed = (double)a.sessions;
    ret->log_p = rates_log_upper(a.sessions, a.hours, b.sessions, b.hours, 1);
    rates_interval(a.sessions, a.hours, b.sessions, b.hours, 2 * t->level - 1, &lo, &hi);
    ret->u = hi;
    uint64_t n = a.sessions + b.sessions, k = 0;
    double p0 = a.hours / (a.hours + b.hours),
           p1 = a.hours * t->claim->effect / (a.hours * t->claim->effect + b.hours);
    uint64_t top = n + 1;
    while (k < top) { /* smallest count that would be rejected */
        uint64_t mid = k + (top - k) / 2;
        if (mid <= n && binomial_log_upper(mid, n, p0) > log(t->decide))
            k = mid + 1;
        else
            top = mid;
    }
    ret->power = k > n ? 0 : exp(binomial_log_upper(k, n, p1));
}

/* Demand at the peers' rate behind a cache of the stated time to live. */
void null_volume_cache(struct trial *t, struct null_result *ret)
{
    if (no_peers(t, ret))
        return;
    if (!(t->ttl_s > 0)) {
        trial_untested(ret, WHY_NO_TTL, "what a cache hides cannot be told without a TTL");
        return;
    }
    rates_null(t, trial_rate(t, &t->a), peers_rate(t), ret);
}

/* Retries: all that comes within a TTL of a session's start is one demand. */
void null_volume_retries(struct trial *t, struct null_result *ret)
{
    if (no_peers(t, ret))
        return;
    if (!(t->ttl_s > 0)) {
        trial_untested(ret, WHY_NO_TTL, "a repeat cannot be told from a demand without a TTL");
        return;
    }
    struct rate a = trial_rate(t, &t->a), b = peers_rate(t);
    a.sessions = trial_demands(&t->a, t->ttl_s);
    b.sessions = 0;
    for (size_t i = 0; i < t->npeers; i++)
        b.sessions += trial_demands(&t->peers[i], t->ttl_s);
    rates_null(t, a, b, ret);
    ret->statistic = "demands a TTL apart, given those of the comparable pairs";
}

struct peers_job {
    size_t n;            /* peers */
    const double *hours; /* n peers, then the pair */
    double rate, theta;  /* fitted to the peers */
    struct glm **glm;    /* one a worker */
    double **y;
};

static int fit_peers(struct glm *g, const double *y, const double *hours, size_t n)
{
    struct glm_design constant = {.n = n};
    return glm_fit(g, y, hours, &constant, GLM_NEGBIN, NULL);
}

/* -ln P(N >= n) of the pair's total under a fit to the peers alone. */
static double peers_statistic(const struct glm *g, double n, double hours)
{
    return -count_log_upper((uint64_t)n, exp(g->beta[0]) * hours,
                            g->poisson_limit ? INFINITY : g->theta);
}

static double peers_draw(void *ctx, struct rng *r, size_t worker)
{
    struct peers_job *job = ctx;
    double *y = job->y[worker];
    for (size_t i = 0; i <= job->n; i++)
        y[i] = count_draw(r, job->rate * job->hours[i], job->theta);
    if (fit_peers(job->glm[worker], y, job->hours, job->n) < 0)
        return NAN;
    return peers_statistic(job->glm[worker], y[job->n], job->hours[job->n]);
}

/* Largest ratio that leaves the observed total or less with probability 1 - level. */
static double peers_bound(double n, double mu, double theta, double level)
{
    double lo = -30, hi = 30;
    for (int i = 0; i < 100; i++) {
        double mid = (lo + hi) / 2;
        bool low = count_log_lower((uint64_t)n, mu * exp(mid), theta) > log1p(-level);
        *(low ? &lo : &hi) = mid;
    }
    return exp(hi);
}

static void peers_alloc(struct peers_job *job, size_t workers)
{
    job->glm = mem_zero(workers, sizeof *job->glm);
    job->y = mem_zero(workers, sizeof *job->y);
    for (size_t i = 0; i < workers; i++) {
        job->glm[i] = glm_new();
        job->y[i] = mem_zero(job->n + 1, sizeof **job->y);
    }
}

static void peers_free(struct peers_job *job, size_t workers)
{
    for (size_t i = 0; i < workers; i++) {
        glm_free(job->glm[i]);
        free(job->y[i]);
    }
    free(job->glm);
    free(job->y);
}

/* One more of the comparable pairs, which differ among themselves: negative
 * binomial totals with a dispersion fitted to the peers, refitted each time. */
void null_volume_peers(struct trial *t, struct null_result *ret)
{
    if (no_peers(t, ret))
        return;
    if (t->npeers < MIN_PEERS) {
        trial_untested(ret, WHY_MIN_DATA, "%zu comparable pairs; %d are needed", t->npeers,
                       MIN_PEERS);
        return;
    }
    size_t workers = par_threads(t->threads), n = t->npeers;
    double *hours = mem_zero(n + 1, sizeof *hours);
    struct peers_job job = {.n = n, .hours = hours};
    peers_alloc(&job, workers);
    for (size_t i = 0; i < n; i++) {
        struct rate r = trial_rate(t, &t->peers[i]);
        job.y[0][i] = (double)r.sessions;
        hours[i] = r.hours;
    }
    struct rate a = trial_rate(t, &t->a);
    hours[n] = a.hours;
    struct glm *fit = glm_new();
    if (fit_peers(fit, job.y[0], hours, n) < 0) {
        trial_untested(ret, WHY_NO_FIT, "no negative binomial fits the comparable pairs");
    } else {
        job.rate = exp(fit->beta[0]);
        job.theta = fit->poisson_limit ? INFINITY : fit->theta;
        ret->statistic = "-ln P(total), fitted to the comparable pairs";
        trial_replicate(t, "peers", peers_statistic(fit, (double)a.sessions, a.hours),
                        peers_draw, &job, ret);
        double z = trial_normal_quantile(1 - t->level);
        ret->u = peers_bound((double)a.sessions, exp(fit->beta[0] - z * fit->se[0]) * a.hours,
                             job.theta, t->level);
    }
    glm_free(fit);
    peers_free(&job, workers);
    free(hours);
}

/* --- volume: days ------------------------------------------------------------------- */

/* Daily sessions and at-risk hours: rows 0..d-1 the pair, d..2d-1 the peers. */
struct days {
    size_t d;
    double *y, *hours, *group; /* 2 d each */
    uint16_t *weekday;
};

static void days_fill(const struct trial *t, struct days *ret)
{
    struct grid g = grid_make(&t->window, 86400);
    size_t d = g.n;
    *ret = (struct days){.d = d,
                         .y = mem_zero(2 * d, sizeof(double)),
                         .hours = mem_zero(2 * d, sizeof(double)),
                         .group = mem_zero(2 * d, sizeof(double)),
                         .weekday = mem_zero(2 * d, sizeof(uint16_t))};
    double *y = mem_zero(d, sizeof *y), *e = mem_zero(d, sizeof *e);
    bucket_fill(&t->a, &g, ret->y);
    exposure_fill(&t->a, &t->window, &g, ret->hours);
    for (size_t p = 0; p < t->npeers; p++) {
        bucket_fill(&t->peers[p], &g, y);
        exposure_fill(&t->peers[p], &t->window, &g, e);
        for (size_t i = 0; i < d; i++) {
            ret->y[d + i] += y[i];
            ret->hours[d + i] += e[i];
        }
    }
    for (size_t i = 0; i < d; i++) {
        int64_t day = floor_div(g.first_s, 86400) + (int64_t)i + 3;
        ret->weekday[i] = ret->weekday[d + i] = (uint16_t)(day - floor_div(day, 7) * 7);
        ret->group[i] = 1;
    }
    free(y);
    free(e);
}

static void days_free(struct days *x)
{
    free(x->y);
    free(x->hours);
    free(x->group);
    free(x->weekday);
}

static struct glm_design days_design(const struct days *x, bool group)
{
    return (struct glm_design){.n = 2 * x->d,
                               .nfactors = 1,
                               .level = {x->weekday},
                               .nlevels = {7},
                               .ncovariates = group,
                               .covariate = {x->group}};
}

/* ln ratio of the pair to the peers by negative binomial regression on days. */
static int days_fit(struct glm *g, const struct days *x, const double *y, double *ret_beta,
                    double *ret_se)
{
    struct glm_design full = days_design(x, true);
    if (glm_fit(g, y, x->hours, &full, GLM_NEGBIN, NULL) < 0)
        return ERR_DEGENERATE;
    *ret_beta = g->beta[g->p - 1];
    *ret_se = g->se[g->p - 1];
    return *ret_se > 0 ? 0 : ERR_DEGENERATE;
}

struct days_job {
    struct days x;
    const double *mu;
    double theta;
    struct glm **glm;
    double **y;
};

static double days_draw(void *ctx, struct rng *r, size_t worker)
{
    struct days_job *job = ctx;
    double *y = job->y[worker], beta, se;
    for (size_t i = 0; i < 2 * job->x.d; i++)
        y[i] = job->mu[i] > 0 ? count_draw(r, job->mu[i], job->theta) : 0;
    return days_fit(job->glm[worker], &job->x, y, &beta, &se) < 0 ? NAN : beta / se;
}

static void days_test(struct trial *t, struct days_job *job, struct glm *null,
                      struct null_result *ret)
{
    struct glm_design without = days_design(&job->x, false);
    double beta, se;
    if (days_fit(job->glm[0], &job->x, job->x.y, &beta, &se) < 0 ||
        glm_fit(null, job->x.y, job->x.hours, &without, GLM_NEGBIN, NULL) < 0) {
        trial_untested(ret, WHY_NO_FIT, "the daily regression could not be fitted");
        return;
    }
    job->mu = null->mu;
    job->theta = null->poisson_limit ? INFINITY : null->theta;
    ret->statistic = "studentised ln ratio of daily sessions";
    trial_replicate(t, "days", beta / se, days_draw, job, ret);
    double *z = mem_alloc(ret->mc.replicates * sizeof *z);
    size_t n = 0;
    for (size_t i = 0; i < ret->mc.replicates; i++)
        if (isfinite(ret->values[i]))
            z[n++] = ret->values[i];
    ret->u = exp(beta - trial_quantile(z, n, 1 - t->level) * se);
    free(z);
}

/* Days on which much is sent: overdispersed daily totals about a weekday shape. */
void null_volume_days(struct trial *t, struct null_result *ret)
{
    if (no_peers(t, ret))
        return;
    struct days_job job = {0};
    days_fill(t, &job.x);
    if (t->window.live_s < MIN_DAYS * 86400.0) {
        trial_untested(ret, WHY_MIN_DATA, "%.1f days of listening time; %d are needed",
                       t->window.live_s / 86400, MIN_DAYS);
    } else {
        size_t workers = par_threads(t->threads);
        struct glm *null = glm_new();
        job.glm = mem_zero(workers, sizeof *job.glm);
        job.y = mem_zero(workers, sizeof *job.y);
        for (size_t i = 0; i < workers; i++) {
            job.glm[i] = glm_new();
            job.y[i] = mem_zero(2 * job.x.d, sizeof **job.y);
        }
        days_test(t, &job, null, ret);
        for (size_t i = 0; i < workers; i++) {
            glm_free(job.glm[i]);
            free(job.y[i]);
        }
        glm_free(null);
        free(job.glm);
        free(job.y);
    }
    days_free(&job.x);
}

/* Ratio of at-risk rates; interval by the daily regression, which allows for days
 * on which much is sent, or the exact one where that cannot be fitted. */
void volume_effect(const struct trial *t, struct effect *ret)
{
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (t->npeers == 0)
        return;
    struct rate a = trial_rate(t, &t->a), b = peers_rate(t);
    struct days x;
    double beta, se;
    ret->value = (double)a.sessions / a.hours / ((double)b.sessions / b.hours);
    rates_interval(a.sessions, a.hours, b.sessions, b.hours, ret->level, &ret->lo, &ret->hi);
    days_fill(t, &x);
    struct glm *g = glm_new();
    if (days_fit(g, &x, x.y, &beta, &se) == 0) {
        double z = trial_normal_quantile((1 - ret->level) / 2);
        ret->lo = fmin(ret->lo, exp(beta - z * se));
        ret->hi = fmax(ret->hi, exp(beta + z * se));
    }
    glm_free(g);
    days_free(&x);
}

/* --- timing/hours ------------------------------------------------------------------- */

/* Inside and outside the claim's hours, by UTC day. Quarter hours, because zones
 * and office hours may start at one. */
struct split {
    size_t days;
    double *in, *out, *in_hours, *out_hours; /* a day */
    double n_in, n_out, e_in, e_out;
};

static void split_fill(const struct trial *t, struct split *ret)
{
    struct grid g = grid_make(&t->window, 900);
    double *y = mem_zero(g.n, sizeof *y), *e = mem_zero(g.n, sizeof *e);
    bucket_fill(&t->a, &g, y);
    exposure_fill(&t->a, &t->window, &g, e);
    int64_t first = floor_div(g.first_s, 86400);
    size_t days = (size_t)(floor_div(g.first_s + 900 * (int64_t)g.n, 86400) - first) + 1;
    double *all = mem_zero(4 * days, sizeof *all);
    *ret = (struct split){days, all, all + days, all + 2 * days, all + 3 * days, 0, 0, 0, 0};
    for (size_t i = 0; i < g.n; i++) {
        int64_t s = g.first_s + 900 * (int64_t)i;
        size_t day = (size_t)(floor_div(s, 86400) - first);
        bool inside = trial_inside(t->claim, s);
        (inside ? ret->in : ret->out)[day] += y[i];
        (inside ? ret->in_hours : ret->out_hours)[day] += e[i];
        *(inside ? &ret->n_in : &ret->n_out) += y[i];
        *(inside ? &ret->e_in : &ret->e_out) += e[i];
    }
    free(y);
    free(e);
}

static bool split_too_small(const struct split *s, struct null_result *ret)
{
    if (s->n_in + s->n_out < MIN_SESSIONS || !(s->e_in > 0) || !(s->e_out > 0))
        trial_untested(ret, WHY_MIN_DATA,
                       "%.0f sessions in %.0f at-risk hours inside and %.0f outside; %d "
                       "sessions and both kinds of hour are needed",
                       s->n_in + s->n_out, s->e_in, s->e_out, MIN_SESSIONS);
    return ret->why != WHY_NONE;
}

/* Demand that knows no hours, behind a cache: given the total, the number inside is
 * binomial with the share of at-risk time inside. */
void null_hours_cache(struct trial *t, struct null_result *ret)
{
    struct split s;
    split_fill(t, &s);
    if (!(t->ttl_s > 0))
        trial_untested(ret, WHY_NO_TTL, "what a cache hides cannot be told without a TTL");
    else if (!split_too_small(&s, ret))
        rates_null(t, (struct rate){(uint64_t)s.n_in, s.e_in},
                   (struct rate){(uint64_t)s.n_out, s.e_out}, ret);
    if (ret->why == WHY_NONE)
        ret->statistic = "sessions inside the hours, given all";
    free(s.in);
}

/* Score of each day: sessions inside, less those expected at one rate. Their sum is
 * the score of the ratio at 1; its variance is that of days, not of sessions. */
struct score_job {
    size_t days;
    double *r;
};

static double *day_scores(const struct split *s)
{
    double *r = mem_zero(s->days, sizeof *r), share = s->e_in / (s->e_in + s->e_out),
           rate = (s->n_in + s->n_out) / (s->e_in + s->e_out);
    for (size_t i = 0; i < s->days; i++)
        r[i] = s->in[i] - share * (s->in[i] + s->out[i]) -
               rate * (s->in_hours[i] - share * (s->in_hours[i] + s->out_hours[i]));
    return r;
}

static double studentised(const double *r, size_t n)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += r[i];
        square += r[i] * r[i];
    }
    return square > 0 ? sum / sqrt(square) : NAN;
}

static double score_draw(void *ctx, struct rng *r, size_t worker)
{
    struct score_job *job = ctx;
    (void)worker;
    double sum = 0, square = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < job->days; i++) {
        bits = i % 32 ? bits >> 1 : rng_u32(r);
        sum += bits & 1 ? job->r[i] : -job->r[i];
        square += job->r[i] * job->r[i];
    }
    return square > 0 ? sum / sqrt(square) : NAN;
}

/* Standard error of the ln ratio from days as blocks (sandwich). */
static double split_log_se(const struct split *s)
{
    double rin = s->n_in / s->e_in, rout = s->n_out / s->e_out, v = 0;
    for (size_t i = 0; i < s->days; i++) {
        double d = (s->in[i] - rin * s->in_hours[i]) / s->n_in -
                   (s->out[i] - rout * s->out_hours[i]) / s->n_out;
        v += d * d;
    }
    return sqrt(v);
}

/* Days that differ as wholes and cluster inside: signs of whole days' scores are
 * exchanged (wild bootstrap of the score; Cameron, Gelbach & Miller 2008). */
void null_hours_days(struct trial *t, struct null_result *ret)
{
    struct split s;
    split_fill(t, &s);
    size_t used = 0;
    for (size_t i = 0; i < s.days; i++)
        used += s.in_hours[i] + s.out_hours[i] > 0;
    if (split_too_small(&s, ret)) {
        free(s.in);
        return;
    }
    if (used < MIN_DAYS || !(s.n_in > 0) || !(s.n_out > 0)) {
        trial_untested(ret, WHY_MIN_DATA,
                       "%zu days with %.0f sessions inside and %.0f outside; %d days and "
                       "both are needed",
                       used, s.n_in, s.n_out, MIN_DAYS);
    } else {
        struct score_job job = {s.days, day_scores(&s)};
        ret->statistic = "studentised score of whole days";
        trial_replicate(t, "hours_days", studentised(job.r, s.days), score_draw, &job, ret);
        double ratio = s.n_in / s.e_in / (s.n_out / s.e_out);
        ret->u = ratio * exp(trial_normal_quantile(1 - t->level) * split_log_se(&s));
        free(job.r);
    }
    free(s.in);
}

void hours_effect(const struct trial *t, struct effect *ret)
{
    struct split s;
    split_fill(t, &s);
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (s.n_in > 0 && s.n_out > 0) {
        double z = trial_normal_quantile((1 - ret->level) / 2), se = split_log_se(&s), lo, hi;
        ret->value = s.n_in / s.e_in / (s.n_out / s.e_out);
        rates_interval((uint64_t)s.n_in, s.e_in, (uint64_t)s.n_out, s.e_out, ret->level, &lo,
                       &hi);
        ret->lo = fmin(lo, ret->value * exp(-z * se));
        ret->hi = fmax(hi, ret->value * exp(z * se));
    }
    free(s.in);
}
