/* SPDX-License-Identifier: GPL-3.0-or-later
 * Two passes over the pairs: totals of sessions, which the peers' table needs, then
 * the two rows of each pair. Rows are written by index and corrected for their
 * number at the end, serially, so threads cannot show. */
#include "models/scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/baseline.h"
#include "models/burst.h"
#include "models/peers.h"
#include "stats/multi.h"
#include "stats/tail.h"

const char *const scan_state_names[SCAN_STATES] = {"ok", "too_few", "no_peers", "no_fit",
                                                   "one_bucket"};
const char *const scan_state_help[SCAN_STATES] = {
    "tested",
    "fewer sessions than --min-count",
    "nobody else asked for the name, or the client asked for no other",
    "no baseline could be fitted",
    "live time is shorter than two buckets",
};

enum { STOP_AT = 10 }; /* Besag-Clifford's h (methods.md G9) */

struct job {
    struct scan *scan;
    const struct counts *c;
    const struct scan_opts *o;
    struct window w;
    struct grid g;
    struct peers_cell *cells; /* one a pair */
    uint64_t *lookups;
    struct peers peers;
    void (*progress)(void *ctx, size_t done, size_t of);
    void *progress_ctx;
};

static void make_pairs(struct scan *s, const struct counts *c)
{
    s->pairs = mem_alloc(c->npairs * sizeof *s->pairs);
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        struct scan_pair *last = s->npairs ? &s->pairs[s->npairs - 1] : NULL;
        if (last && last->client == p->client && last->name == p->name)
            last->to = i + 1;
        else
            s->pairs[s->npairs++] = (struct scan_pair){p->client, p->name, i, i + 1};
    }
    s->nrows = 2 * s->npairs;
    s->rows = mem_zero(s->nrows, sizeof *s->rows);
}

static void make_subject(const struct job *job, size_t pair, struct subject *ret)
{
    const struct scan_pair *p = &job->scan->pairs[pair];
    struct selection sel = {&p->client, &p->name, 1, 1};
    subject_make(ret, job->c, &sel, &job->w, job->o->session_s, job->o->ttl_s);
}

static void count_pair(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    struct job *job = ctx;
    struct subject s;
    make_subject(job, i, &s);
    const struct scan_pair *p = &job->scan->pairs[i];
    job->cells[i] = (struct peers_cell){p->client, p->name, s.n};
    job->lookups[i] = s.lookups;
    subject_free(&s);
}

/* Standard normal z with ln P(Z >= z) = log_p, for log_p <= ln .5: Newton from above
 * on a convex, smooth function. */
static double upper_quantile(double log_p)
{
    double z = sqrt(fmax(0, -2 * log_p));
    for (int i = 0; i < 50; i++) {
        double log_q = normal_log_upper(z);
        double hazard = exp(-.5 * z * z - .5 * log(2 * M_PI) - log_q);
        double step = (log_q - log_p) / hazard;
        z += step;
        if (fabs(step) < 1e-13 * fmax(1, fabs(z)))
            break;
    }
    return fmax(0, z);
}

/* Signed: positive where the upper mid-p is below one half. */
static double signed_score(double log_mid)
{
    if (log_mid <= log(.5))
        return upper_quantile(log_mid);
    double other = log_mid < 0 ? log1m_exp(log_mid) : -745; /* P = 1 but for rounding */
    return -upper_quantile(fmax(other, -745));
}

static struct scan_row row_of(const struct job *job, size_t pair, enum scan_kind kind)
{
    return (struct scan_row){
        .pair = pair,
        .kind = kind,
        .lookups = job->lookups[pair],
        .observed = job->cells[pair].x,
        .expected = NAN,
        .lo = NAN,
        .hi = NAN,
        .score = NAN,
        .log_p = NAN,
        .log_p_mid = NAN,
        .log_p_tested = NAN,
        .log_q_bh = NAN,
        .log_q_by = NAN,
        .by_chance = NAN,
        .dispersion = NAN,
    };
}

/* --- level -------------------------------------------------------------------------- */

struct tail_p {
    double log_p, log_mid;
    double log_tested; /* the same, given that the pair has sessions enough to be tested */
};

struct law {
    double mu, theta; /* theta INFINITY: Poisson */
};

static double log_upper(uint64_t x, struct law l)
{
    return isinf(l.theta) ? poisson_log_upper(x, l.mu) : negbin_log_upper(x, l.mu, l.theta);
}

static double log_lower(uint64_t x, struct law l)
{
    return isinf(l.theta) ? poisson_log_lower(x, l.mu) : negbin_log_lower(x, l.mu, l.theta);
}

/* A pair is tested because it has `least` sessions, at least one since others are not in
 * the case. Given that, the upper tail is P(X >= x) / P(X >= least), the lower one
 * P(least <= X <= x) / P(X >= least) (methods.md B6, zero truncation). */
static struct tail_p level_tail(uint64_t x, struct law l, uint64_t least, int tail)
{
    double pmf = isinf(l.theta) ? poisson_logpmf(x, l.mu) : negbin_logpmf(x, l.mu, l.theta);
    double up = log_upper(x, l), low = log_lower(x, l), kept = log_upper(least, l);
    bool lower = tail < 0 || (tail == 0 && low < up);
    double twice = tail == 0 ? log(2) : 0, p = lower ? low : up;
    double given = lower ? log_sub(low, least > 0 ? log_lower(least - 1, l) : -INFINITY) : up;
    return (struct tail_p){fmin(0, twice + p), fmin(0, twice + log_midp(p, pmf)),
                           fmin(0, twice + given - kept)};
}

static void score_level(const struct job *job, struct scan_row *row)
{
    double mu = peers_expected(&job->peers, row->pair);
    if (row->observed < job->o->min_count) {
        row->state = SCAN_TOO_FEW;
        return;
    }
    if (!(mu > 0)) {
        row->state = SCAN_NO_PEERS;
        return;
    }
    double theta = peers_theta(&job->peers, row->pair);
    uint64_t least = job->o->min_count > 0 ? job->o->min_count : 1;
    struct law law = {mu, theta};
    struct tail_p p = level_tail(row->observed, law, least, job->o->tail);
    row->expected = mu;
    row->lo = (double)negbin_quantile(.025, mu, theta);
    row->hi = (double)negbin_quantile(.975, mu, theta);
    row->log_p = p.log_p;
    row->log_p_mid = p.log_mid;
    row->log_p_tested = p.log_tested;
    row->score = signed_score(level_tail(row->observed, law, least, 1).log_mid);
    row->dispersion = theta;
    row->family = isinf(theta) ? "poisson" : "negbin";
    row->shape = "peers";
}

/* --- burst -------------------------------------------------------------------------- */

static double burst_score(const struct burst *b, int tail)
{
    if (tail > 0)
        return signed_score(b->log_p_mid);
    if (tail < 0)
        return -signed_score(b->log_p_mid);
    double z = upper_quantile(fmax(b->log_p_mid - log(2), -745));
    return (double)b->observed >= b->expected ? z : -z;
}

static void score_burst(const struct job *job, struct scan_row *row)
{
    struct baseline_opts baseline = {.family = GLM_NEGBIN};
    struct burst_opts o = {&baseline, job->o->seed, job->o->max_replicates, STOP_AT,
                           job->o->tail};
    struct subject s;
    struct burst b;
    if (job->g.n < 2)
        row->state = SCAN_ONE_BUCKET;
    else if (row->observed < job->o->min_count)
        row->state = SCAN_TOO_FEW;
    row->observed = 0;
    if (row->state != SCAN_OK)
        return;
    make_subject(job, row->pair, &s);
    if (burst_test(&b, &s, &job->w, &job->g, &o, NULL) < 0) {
        row->state = SCAN_NO_FIT;
    } else {
        row->observed = b.observed;
        row->expected = b.expected;
        row->lo = b.lo;
        row->hi = b.hi;
        row->log_p = b.log_p;
        row->log_p_mid = b.log_p_mid;
        row->log_p_tested = b.log_p; /* drawn given the pair's own total rate */
        row->score = burst_score(&b, job->o->tail);
        row->dispersion = b.theta;
        row->family = isinf(b.theta) ? "poisson" : "negbin";
        row->shape = b.season->name;
        row->replicates = b.replicates;
        row->when_s = b.when_s;
    }
    subject_free(&s);
}

static void score_pair(void *ctx, size_t i, size_t worker)
{
    struct job *job = ctx;
    struct scan_row *row = &job->scan->rows[2 * i];
    row[0] = row_of(job, i, SCAN_LEVEL);
    row[1] = row_of(job, i, SCAN_BURST);
    score_level(job, &row[0]);
    score_burst(job, &row[1]);
    if (worker == 0 && job->progress) /* pairs are dealt in order */
        job->progress(job->progress_ctx, i, job->scan->npairs);
}

/* --- the number of tests ------------------------------------------------------------ */

static void correct(struct scan *s, enum scan_kind kind)
{
    size_t n = 0;
    double *log_p = mem_alloc(s->npairs * sizeof *log_p);
    double *bh = mem_alloc(s->npairs * sizeof *bh), *by = mem_alloc(s->npairs * sizeof *by);
    for (size_t i = kind; i < s->nrows; i += 2)
        if (s->rows[i].state == SCAN_OK)
            log_p[n++] = s->rows[i].log_p_tested;
    correction_find("bh")->adjust(log_p, n, bh);
    correction_find("by")->adjust(log_p, n, by);
    s->tested[kind] = n;
    n = 0;
    for (size_t i = kind; i < s->nrows; i += 2) {
        struct scan_row *row = &s->rows[i];
        if (row->state != SCAN_OK)
            continue;
        row->log_q_bh = bh[n];
        row->log_q_by = by[n++];
        row->by_chance = (double)s->tested[kind] * exp(row->log_p_tested);
    }
    free(log_p);
    free(bh);
    free(by);
}

/* Pairs, totals and peers; *scan is freed by the caller also on failure. */
static int job_open(struct job *job, struct scan *scan, const struct counts *c,
                    const struct scan_opts *o, struct err *err)
{
    *job = (struct job){.scan = scan, .c = c, .o = o};
    window_make(&job->w, c, 0, 0);
    if (!(job->w.live_s > 0)) {
        window_free(&job->w);
        return err_set(err, ERR_DEGENERATE,
                       "scan: expected live time in the case, found none%s",
                       c->nintervals ? ": intervals of passive DNS are not events" : "");
    }
    job->g = grid_make(&job->w, o->bucket_s);
    make_pairs(scan, c);
    job->cells = mem_alloc(scan->npairs * sizeof *job->cells);
    job->lookups = mem_alloc(scan->npairs * sizeof *job->lookups);
    par_for(o->threads, scan->npairs, count_pair, job);
    peers_make(&job->peers, job->cells, scan->npairs, c->nclients, c->nnames, o->threads);
    scan->theta = peers_theta(&job->peers, SIZE_MAX);
    return 0;
}

static void job_close(struct job *job)
{
    peers_free(&job->peers);
    window_free(&job->w);
    free(job->cells);
    free(job->lookups);
}

int scan_run(struct scan *ret, const struct counts *c, const struct scan_opts *o,
             void (*progress)(void *ctx, size_t done, size_t of), void *ctx, struct err *err)
{
    struct scan s = {0};
    struct job job;
    int rc = job_open(&job, &s, c, o, err);
    if (rc < 0)
        return rc;
    job.progress = progress;
    job.progress_ctx = ctx;
    par_for(o->threads, s.npairs, score_pair, &job);
    correct(&s, SCAN_LEVEL);
    correct(&s, SCAN_BURST);
    job_close(&job);
    *ret = s;
    return 0;
}

int scan_one(struct scan_row ret[2], const struct counts *c, const struct scan_opts *o,
             uint32_t client, uint32_t name, struct err *err)
{
    struct scan s = {0};
    struct job job;
    int rc = job_open(&job, &s, c, o, err);
    if (rc < 0)
        return rc;
    size_t at = 0;
    while (at < s.npairs && !(s.pairs[at].client == client && s.pairs[at].name == name))
        at++;
    if (at < s.npairs) {
        score_pair(&job, at, 0);
        memcpy(ret, &s.rows[2 * at], 2 * sizeof *ret);
    } else {
        rc = err_set(err, ERR_DEGENERATE, "scan: expected a look-up of the pair, found none");
    }
    job_close(&job);
    scan_free(&s);
    return rc;
}

void scan_free(struct scan *s)
{
    free(s->pairs);
    free(s->rows);
    *s = (struct scan){0};
}
