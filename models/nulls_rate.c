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
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/par.h"
#include "base/text.h"
#include "base/tz.h"
#include "models/apart.h"
#include "models/asked.h"
#include "models/blocks.h"
#include "models/contrast.h"
#include "stats/glm.h"
#include "stats/order.h"
#include "stats/tail.h"

enum { MIN_PEERS = 5, MIN_SESSIONS = 20 };

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

static double rates_ratio(struct rate a, struct rate b)
{
    return (double)a.sessions / a.hours / ((double)b.sessions / b.hours);
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

/* Are bounds from days, which are dear, asked for? Where not, only p is read. */
static bool bounds_by_days(const struct trial *t)
{
    return !t->rough && t->study->effort != EFFORT_ANSWER;
}

/* Bound of the ratio from days as blocks; a log of few blocks bounds nothing. NAN: dear, and
 * not asked for, so that there is no bound at all (`wider`). */
static double blocks_bound(const struct trial *t, const struct contrast *s, double level,
                           int sign)
{
    if (!bounds_by_days(t))
        return NAN;
    return contrast_bound(s, level, sign, t->study->seed, t->a.id);
}

/* Of two bounds; NAN where either is not known: the narrower alone is not what it is said to
 * be. fmin and fmax would take it. */
static double wider(double exact, double blocks, int sign)
{
    if (isnan(blocks))
        return NAN;
    return sign > 0 ? fmax(exact, blocks) : fmin(exact, blocks);
}

/* A second measure of the effect: it is short of a claim where both bounds are. */
static void also_bounded(double u, struct null_result *ret)
{
    bool known = !isnan(u) && !isnan(ret->u);
    ret->u_least = known ? fmin(ret->u, u) : NAN;
    ret->u = known ? fmax(ret->u, u) : NAN;
}

/* The wider of the exact bound of two rates and that of days as blocks (`days`), `times` over:
 * a claim must outdo the scatter of days to stand, so its opposite must too. */
static double rates_bound(const struct trial *t, struct rate a, struct rate b,
                          const struct contrast *days, double times)
{
    double lo, hi;
    rates_interval(a.sessions, a.hours, b.sessions, b.hours, 2 * t->level - 1, &lo, &hi);
    if (!(days->n_in > 0) || !(days->n_out > 0))
        return hi;
    return wider(hi, blocks_bound(t, days, t->level, +1) * times, +1);
}

/* Exact conditional test of two rates: given both totals, the pair's is binomial. */
static void rates_null(const struct trial *t, struct rate a, struct rate b,
                       const struct contrast *days, double times, struct null_result *ret)
{
    ret->statistic = "sessions, given those of the comparable pairs";
    ret->observed = (double)a.sessions;
    ret->log_p = rates_log_upper(a.sessions, a.hours, b.sessions, b.hours, 1);
    ret->u = rates_bound(t, a, b, days, times);
    trial_power_binomial(t, a.sessions + b.sessions, a.hours / (a.hours + b.hours), true, ret);
}

/* What a subject did in each cell, and in how many hours. */
typedef void fill_cells(const struct subject *s, const struct window *w, const struct grid *g,
                        double *ret_y, double *ret_hours);

static void sessions_at_risk(const struct subject *s, const struct window *w,
                             const struct grid *g, double *ret_y, double *ret_hours)
{
    bucket_fill(s, g, ret_y);
    exposure_fill(s, w, g, ret_hours);
}

static void split_peers(const struct trial *t, fill_cells *fill, size_t a_day,
                        struct contrast *ret)
{
    struct grid days = grid_make(&t->window, 86400);
    struct grid g = grid_make(&t->window, 86400. / (double)a_day);
    size_t from = (size_t)((double)(g.first_s - days.first_s) / g.width);
    double *y = mem_zero(2 * g.n + 1, sizeof *y), *e = y + g.n;
    contrast_new_cells(ret, days.n, a_day);
    fill(&t->a, &t->window, &g, ret->in + from, ret->in_hours + from);
    for (size_t p = 0; p < t->npeers; p++) {
        fill(&t->peers[p], &t->window, &g, y, e);
        for (size_t i = 0; i < g.n; i++) {
            ret->out[from + i] += y[i];
            ret->out_hours[from + i] += e[i];
        }
    }
    contrast_sum(ret);
    free(y);
}

/* By days, of what was asked (models/asked.h); where one side has nothing of it, at risk. */
static void split_asked(const struct trial *t, struct contrast *ret)
{
    split_peers(t, asked_fill, 1, ret);
    if (ret->n_in > 0 && ret->n_out > 0)
        return;
    contrast_free(ret);
    split_peers(t, sessions_at_risk, 1, ret);
}

/* p is of sessions at risk: where nothing is there, the pair's days hide no more than a
 * peer's. The ratio is of what was asked; of its two bounds the one at risk is far too small
 * where only the pair's days scatter (models/asked.h), and that of what was asked is large
 * where a few days hold most of it. */
static void rates_of_days(const struct trial *t, struct rate a, struct rate b,
                          struct null_result *ret)
{
    struct contrast asked, at_risk;
    struct rate s = trial_rate(t, &t->a); /* a may be other than its sessions */
    double times = rates_ratio(a, b) / rates_ratio(s, peers_rate(t));
    split_asked(t, &asked);
    split_peers(t, sessions_at_risk, 1, &at_risk);
    rates_null(t, a, b, &asked, times, ret);
    also_bounded(rates_bound(t, a, b, &at_risk, times), ret);
    contrast_free(&asked);
    contrast_free(&at_risk);
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
    rates_of_days(t, trial_rate(t, &t->a), peers_rate(t), ret);
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
    rates_of_days(t, a, b, ret);
    ret->statistic = "demands a TTL apart, given those of the comparable pairs";
}

/* What a replicate's peers gave, and its stream after them: an injected effect changes the
 * pair alone. */
struct peers_drawn {
    bool made, fitted;
    double rate, theta;
    double bar; /* a pair that asks no more often is not rare by rank; -INFINITY: no bar */
    struct rng after;
};

struct peers_job {
    size_t n;            /* peers */
    const double *hours; /* n peers, then the pair */
    double rate, theta;  /* fitted to the peers */
    size_t rank;         /* of the pair among them that is rare at the level; 0: too few */
    double short_of;     /* the largest statistic that is not rare by the law */
    struct glm **glm;    /* one a worker */
    double **y;
    struct peers_drawn drawn[POWER_SIMS];
};

static int fit_peers(struct glm *g, const double *y, const double *hours, size_t n)
{
    struct glm_design constant = {.n = n};
    return glm_fit(g, y, hours, &constant, GLM_NEGBIN, NULL);
}

static double theta_of(const struct glm *g)
{
    return g->poisson_limit ? INFINITY : g->theta;
}

/* -ln P(N >= n) of the pair's total under a fit to the peers alone. */
static double peers_statistic(double n, double rate, double theta, double hours)
{
    return -count_log_upper((uint64_t)n, rate * hours, theta);
}

static void draw_peers(const struct peers_job *job, struct rng *r, size_t worker,
                       struct peers_drawn *ret)
{
    struct glm *g = job->glm[worker];
    double *y = job->y[worker];
    for (size_t i = 0; i < job->n; i++)
        y[i] = count_draw(r, job->rate * job->hours[i], job->theta);
    bool fitted = fit_peers(g, y, job->hours, job->n) == 0;
    *ret = (struct peers_drawn){.made = true, .fitted = fitted, .bar = -INFINITY, .after = *r};
    if (fitted) {
        ret->rate = exp(g->beta[0]);
        ret->theta = theta_of(g);
    }
}

/* Of the peers that this worker has just drawn; their totals are not kept. */
static double bar_of(const struct peers_job *job, size_t worker)
{
    double *rate = job->y[worker];
    if (job->rank == 0)
        return -INFINITY;
    for (size_t i = 0; i < job->n; i++)
        rate[i] /= job->hours[i];
    order_sort(rate, job->n);
    return rate[job->n - job->rank];
}

/* A pair that has `effect` times the peers' rate; it is rare to no law that is not rare by
 * rank. */
static double draw_pair(const struct peers_job *job, const struct peers_drawn *peers,
                        double effect)
{
    struct rng r = peers->after;
    double hours = job->hours[job->n];
    double n = count_draw(&r, job->rate * hours * effect, job->theta);
    if (!peers->fitted)
        return NAN;
    double statistic = peers_statistic(n, peers->rate, peers->theta, hours);
    return n / hours > peers->bar ? statistic : fmin(statistic, job->short_of);
}

static double peers_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    struct peers_job *job = ctx;
    struct peers_drawn *peers = &job->drawn[rng_replicate(r)];
    if (!peers->made) {
        draw_peers(job, r, worker, peers);
        peers->bar = bar_of(job, worker);
    }
    return draw_pair(job, peers, effect);
}

/* p is the law's: the rank has its own. */
static double peers_draw(void *ctx, struct rng *r, size_t worker)
{
    struct peers_drawn peers;
    draw_peers(ctx, r, worker, &peers);
    return draw_pair(ctx, &peers, 1);
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

/* Totals of the comparable pairs, or of their names; returns how many. */
static size_t peers_totals(const struct trial *t, bool by_name, double *y, double *hours)
{
    uint32_t *name = mem_alloc((t->npeers + 1) * sizeof *name);
    size_t n = 0;
    for (size_t i = 0; i < t->npeers; i++) {
        struct rate r = trial_rate(t, &t->peers[i]);
        size_t at = by_name ? 0 : n;
        while (at < n && name[at] != t->peers[i].streams[0].name)
            at++;
        if (at == n) {
            name[n++] = t->peers[i].streams[0].name;
            y[at] = hours[at] = 0;
        }
        y[at] += (double)r.sessions;
        hours[at] += r.hours;
    }
    free(name);
    return n;
}

/* Negative binomial totals with a dispersion fitted to n peers, refitted each time. */
static void peers_test(struct trial *t, const char *stream, const double *y, double *hours,
                       size_t n, size_t rank, struct null_result *ret)
{
    size_t workers = par_threads(t->threads);
    struct peers_job job = {.n = n, .hours = hours, .rank = rank};
    struct rate a = trial_rate(t, &t->a);
    struct glm *fit = glm_new();
    hours[n] = a.hours;
    peers_alloc(&job, workers);
    if (fit_peers(fit, y, hours, n) < 0) {
        trial_untested(ret, WHY_NO_FIT, "no negative binomial fits the comparable pairs");
    } else {
        job.rate = exp(fit->beta[0]);
        job.theta = theta_of(fit);
        double observed = peers_statistic((double)a.sessions, job.rate, job.theta, a.hours);
        trial_replicate(t, stream, observed, peers_draw, &job, ret);
        if (ret->values)
            job.short_of = nextafter(power_critical(ret->values, ret->mc.replicates, t->decide),
                                     -INFINITY);
        trial_power(t, stream, peers_inject, &job, ret);
        double z = trial_normal_quantile(1 - t->level);
        ret->u = peers_bound((double)a.sessions, exp(fit->beta[0] - z * fit->se[0]) * a.hours,
                             job.theta, t->level);
    }
    glm_free(fit);
    peers_free(&job, workers);
}

/* Pairs of one name may share what makes it busy. So where the peers are of several
 * clients, their names are totalled too, and the larger p and u count. */
static void peers_by_name(struct trial *t, double *y, double *hours, struct null_result *ret)
{
    struct null_result other = *ret;
    size_t n = peers_totals(t, true, y, hours);
    if (n == t->npeers || n < MIN_PEERS || ret->why == WHY_NO_FIT)
        return;
    other.values = NULL;
    other.why = WHY_NONE;
    other.statistic = "-ln P(total), fitted to the comparable names";
    peers_test(t, "peers_names", y, hours, n, 0, &other);
    if (other.why == WHY_NO_FIT)
        return;
    other.u = ret->u = fmax(ret->u, other.u);
    if (other.log_p > ret->log_p) {
        struct null_result swap = *ret;
        *ret = other;
        other = swap;
    }
    free(other.values);
}

static bool asks(const struct subject *s, uint32_t client)
{
    size_t i = 0;
    while (i < s->nstreams && s->streams[i].client != client)
        i++;
    return i < s->nstreams;
}

/* How many comparable pairs ask as often as the pair does (returned), and whose they are: other
 * clients may only be quieter ones. */
static size_t peers_say(const struct trial *t, char *text, size_t size)
{
    struct rate a = trial_rate(t, &t->a);
    size_t as_often = 0, others = 0;
    for (size_t i = 0; i < t->npeers; i++) {
        const struct stream *peer = &t->peers[i].streams[0];
        struct rate r = trial_rate(t, &t->peers[i]);
        as_often += (double)r.sessions * a.hours >= (double)a.sessions * r.hours;
        others += !asks(&t->a, peer->client);
    }
    size_t used = (size_t)snprintf(text, size, "%zu of %zu comparable pairs ask as often",
                                   as_often, t->npeers);
    if (others && used < size)
        snprintf(text + used, size - used,
                 "; %zu of them are other clients', beside whom a client that asks for much, "
                 "whatever the name, would do the same",
                 others);
    return as_often;
}

/* The last rank among the comparable pairs that reaches the level of a look; 0: they are too
 * few. */
static size_t rare_rank(const struct trial *t)
{
    return (size_t)((double)(t->npeers + 1) * t->decide * (1 + 1e-12));
}

/* A fitted law may call rare what many of the peers do, where some are busy and most are not
 * (440 of which 33 asked as often had p .006). So where they are enough for a rank to reach the
 * level, the pair must reach it by its rank too; if not, p is that of the rank. */
static void peers_rank(const struct trial *t, size_t as_often, struct null_result *ret)
{
    double least = 1 / ((double)t->npeers + 1), p = least * (double)(as_often + 1);
    size_t rare = rare_rank(t);
    if (rare == 0 || as_often < rare || log(p) <= ret->log_p)
        return;
    struct null_result rank = trial_blank();
    rank.statistic = "rank of the rate among the comparable pairs";
    rank.observed = (double)(as_often + 1);
    rank.log_p = log(p);
    rank.floor = least;
    rank.u = ret->u;
    rank.power = ret->power;
    free(ret->values);
    *ret = rank;
}

/* Totals at risk know nothing of how the pair's own days scatter: of days that do (Gamma .7),
 * beside peers that differ little, their bound lay below the truth in .95 of logs. */
static void also_by_days(const struct trial *t, struct null_result *ret)
{
    struct contrast asked;
    if (!bounds_by_days(t))
        return;
    split_asked(t, &asked);
    also_bounded(blocks_bound(t, &asked, t->level, +1), ret);
    contrast_free(&asked);
}

/* One more of the comparable pairs, which differ among themselves. */
void null_volume_peers(struct trial *t, struct null_result *ret)
{
    if (no_peers(t, ret))
        return;
    if (t->npeers < MIN_PEERS) {
        trial_untested(ret, WHY_MIN_DATA, "%zu comparable pairs; %d are needed", t->npeers,
                       MIN_PEERS);
        return;
    }
    double *y = mem_zero(t->npeers + 1, sizeof *y),
           *hours = mem_zero(t->npeers + 1, sizeof *hours);
    ret->statistic = "-ln P(total), fitted to the comparable pairs";
    peers_test(t, "peers", y, hours, peers_totals(t, false, y, hours), rare_rank(t), ret);
    peers_by_name(t, y, hours, ret);
    if (ret->why == WHY_NONE || ret->why == WHY_INCONCLUSIVE) {
        char said[sizeof ret->detail];
        peers_rank(t, peers_say(t, said, sizeof said), ret);
        if (ret->why == WHY_NONE)
            memcpy(ret->detail, said, sizeof said);
    }
    also_by_days(t, ret);
    free(y);
    free(hours);
}

/* --- days ---------------------------------------------------------------------------- */

static bool inside_claim(const void *claim, int64_t unix_s)
{
    return trial_inside(claim, unix_s);
}

/* Hours are stated by the minute, and so are fixed offsets; most begin and end at a quarter. */
static int64_t step_of(const struct trial *t)
{
    for (size_t i = 0; i < t->claim->nhours; i++) {
        const struct study_hours *h = &t->claim->hours[i];
        if (h->from_s % CONTRAST_QUARTER || h->to_s % CONTRAST_QUARTER ||
            tz_offset(h->zone, t->window.from_ns / NS_PER_S) % CONTRAST_QUARTER)
            return 60;
    }
    return CONTRAST_QUARTER;
}

static void split_hours(const struct trial *t, struct contrast *ret)
{
    contrast_by(ret, &t->a, &t->window, step_of(t), inside_claim, t->claim);
}

struct score_job {
    const struct contrast *s;
};

static double score_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct score_job *job = ctx;
    (void)worker;
    return contrast_inject(job->s, effect, r);
}

/* p of days from `s`, the bound of the ratio from `asked`. */
static void days_null(struct trial *t, const char *stream, const struct contrast *s,
                      const struct contrast *asked, struct null_result *ret)
{
    size_t used = contrast_used_days(s);
    if (used < CONTRAST_DAYS || !(s->n_in > 0) || !(s->n_out > 0)) {
        trial_untested(ret, WHY_MIN_DATA,
                       "%zu days with %.0f and %.0f sessions; %d days and both are needed",
                       used, s->n_in, s->n_out, CONTRAST_DAYS);
        return;
    }
    size_t n;
    double *score = contrast_scores(s, &n);
    blocks_test(t, stream, score, n, contrast_block_days(s->days), ret);
    free(score);
    struct score_job job = {s};
    trial_power(t, stream, score_inject, &job, ret);
    ret->u = blocks_bound(t, asked, t->level, +1);
}

/* Mantel and Haenszel's ratio, of `asked`: of the rates of all days as one, a busy day's would
 * count less on its busier side, where the cache leaves less time at risk (of days with Gamma
 * .5, twice read as 1.73). Interval: the wider of the exact one, of sessions `s` at risk, and
 * the one from days as blocks. */
static void split_effect(const struct trial *t, const struct contrast *s,
                         const struct contrast *asked, struct effect *ret)
{
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (!(s->n_in > 0) || !(s->n_out > 0))
        return;
    double side = (1 + ret->level) / 2;
    rates_interval((uint64_t)s->n_in, s->e_in, (uint64_t)s->n_out, s->e_out, ret->level,
                   &ret->lo, &ret->hi);
    ret->value = asked->fit;
    ret->lo = wider(ret->lo, blocks_bound(t, asked, side, -1), -1);
    ret->hi = wider(ret->hi, blocks_bound(t, asked, side, +1), +1);
}

static void beside_peers(struct trial *t, size_t a_day, struct null_result *ret)
{
    if (no_peers(t, ret))
        return;
    struct contrast s, asked;
    split_peers(t, sessions_at_risk, a_day, &s);
    split_asked(t, &asked);
    days_null(t, "volume_days", &s, &asked, ret);
    if (!isnan(ret->u))
        also_bounded(blocks_bound(t, &s, t->level, +1), ret);
    contrast_free(&s);
    contrast_free(&asked);
}

/* Days on which much happens, to the pair or to its peers. */
void null_volume_days(struct trial *t, struct null_result *ret)
{
    beside_peers(t, 1, ret);
}

/* The same, an hour's total held: a cause's sessions leave the pair at risk at other hours than
 * its peers, and a rhythm that all of them have would look like an effect. */
static void by_the_hour(struct trial *t, struct null_result *ret)
{
    beside_peers(t, 24, ret);
}

/* Apart from the mailings the pair asks no more than its peers at the same times. */
void null_volume_mail(struct trial *t, struct null_result *ret)
{
    apart_mail(t, 0, by_the_hour, ret);
}

/* Apart from a monitor's turns the pair asks no more than its peers at the same times. */
void null_volume_monitor(struct trial *t, struct null_result *ret)
{
    apart_monitor(t, by_the_hour, ret);
}

void volume_effect(const struct trial *t, struct effect *ret)
{
    struct contrast s, asked;
    split_peers(t, sessions_at_risk, 1, &s);
    split_asked(t, &asked);
    split_effect(t, &s, &asked, ret);
    contrast_free(&s);
    contrast_free(&asked);
}

/* --- timing/hours ------------------------------------------------------------------- */

static bool split_too_small(const struct contrast *s, struct null_result *ret)
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
    struct contrast s;
    split_hours(t, &s);
    if (!(t->ttl_s > 0))
        trial_untested(ret, WHY_NO_TTL, "what a cache hides cannot be told without a TTL");
    else if (!split_too_small(&s, ret))
        rates_null(t, (struct rate){(uint64_t)s.n_in, s.e_in},
                   (struct rate){(uint64_t)s.n_out, s.e_out}, &s, 1, ret);
    if (ret->why == WHY_NONE)
        ret->statistic = "sessions inside the hours, given all";
    contrast_free(&s);
}

/* Days that differ as wholes, and sessions that cluster inside a day. */
void null_hours_days(struct trial *t, struct null_result *ret)
{
    struct contrast s;
    split_hours(t, &s);
    if (!split_too_small(&s, ret))
        days_null(t, "hours_days", &s, &s, ret);
    contrast_free(&s);
}

/* Apart from the mailings the hours do not matter. */
void null_hours_mail(struct trial *t, struct null_result *ret)
{
    apart_mail(t, 0, null_hours_days, ret);
}

void hours_effect(const struct trial *t, struct effect *ret)
{
    struct contrast s;
    split_hours(t, &s);
    split_effect(t, &s, &s, ret);
    contrast_free(&s);
}
