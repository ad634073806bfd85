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
#include "base/text.h"
#include "models/baseline.h"
#include "models/burst.h"
#include "models/level.h"
#include "models/peers.h"
#include "stats/multi.h"
#include "stats/rng.h"
#include "stats/tail.h"
#include "stats/thetas.h"

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
    struct level_law *laws; /* one a pair */
    size_t busy[SCAN_OTHERS + 1], nbusy;
    struct thetas scatter[SCAN_OTHERS + 2]; /* without busy pair k; without the last of them */
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

/* By its texts: the same whatever else is in the case. */
static uint64_t subject_of(const struct job *job, size_t pair)
{
    const struct scan_pair *p = &job->scan->pairs[pair];
    struct span client = job->c->clients[p->client], name = job->c->names[p->name];
    return rng_subject_of(rng_subject(client.p, client.n), rng_subject(name.p, name.n));
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
        .log_p_above = NAN,
        .log_q = NAN,
        .log_q_by = NAN,
        .q_random = NAN,
        .log_p_empirical = NAN,
        .by_chance = NAN,
        .dispersion = NAN,
    };
}

/* --- level -------------------------------------------------------------------------- */

static void score_level(const struct job *job, struct scan_row *row)
{
    struct level_law law;
    level_law_of(&law, &job->peers, row->pair, job->o->min_count);
    job->laws[row->pair] = law;
    if (row->observed < job->o->min_count) {
        row->state = SCAN_TOO_FEW;
        return;
    }
    if (!(law.mu > 0)) {
        row->state = SCAN_NO_PEERS;
        return;
    }
    struct level_p p = level_p(&law, row->observed, job->o->tail);
    row->expected = law.mu;
    row->lo = (double)level_quantile(&law, .025);
    row->hi = (double)level_quantile(&law, .975);
    row->log_p = p.log_p;
    row->log_p_mid = p.log_mid;
    row->log_p_tested = p.log_tested;
    row->log_p_above = p.log_above;
    row->score = normal_log_quantile(level_p(&law, row->observed, 1).log_mid);
    row->dispersion = law.theta_peers;
    row->family = isinf(law.theta_peers) ? "poisson" : "negbin";
    row->shape = "peers";
}

/* --- scatter of busy pairs ------------------------------------------------------------ */

static int by_sessions(const void *a, const void *b, void *context)
{
    const struct peers_cell *cells = context;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    if (cells[i].x != cells[j].x)
        return cells[i].x < cells[j].x ? 1 : -1;
    return (i > j) - (i < j);
}

struct profiles {
    struct job *job;
    size_t *order;
    double (*loglik)[THETAS_GRID];
    bool fitted[SCAN_OTHERS + 1];
};

static void profile_one(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    struct profiles *p = ctx;
    struct baseline_opts baseline = {.family = GLM_NEGBIN, .holidays = p->job->o->holidays};
    struct subject s;
    make_subject(p->job, p->order[i], &s);
    p->fitted[i] = s.n >= SCAN_SESSIONS &&
                   burst_profile(p->loglik[i], &s, &p->job->w, &p->job->g, &baseline) == 0;
    subject_free(&s);
}

static void law_without(void *ctx, size_t k, size_t worker)
{
    (void)worker;
    struct profiles *p = ctx;
    struct job *job = p->job;
    size_t n = job->nbusy, last = n > SCAN_OTHERS ? n - 1 : n;
    thetas_law(&job->scatter[k], (const double(*)[THETAS_GRID])p->loglik, n, k < n ? k : last);
}

/* Laws of theta among the others of each busy pair, and of any other pair, which has as many.
 */
static void fill_scatter(struct job *job)
{
    size_t n = job->scan->npairs, most = n < SCAN_OTHERS + 1 ? n : SCAN_OTHERS + 1;
    struct profiles p = {.job = job,
                         .order = mem_alloc((n + 1) * sizeof *p.order),
                         .loglik = mem_alloc((SCAN_OTHERS + 1) * sizeof *p.loglik)};
    for (size_t i = 0; i < n; i++)
        p.order[i] = i;
    if (n)
        qsort_r(p.order, n, sizeof *p.order, by_sessions, job->cells);
    if (job->g.n >= 2 && !job->o->levels)
        par_for(job->o->threads, most, profile_one, &p);
    for (size_t i = 0; i < most; i++)
        if (p.fitted[i]) {
            memmove(p.loglik[job->nbusy], p.loglik[i], sizeof *p.loglik);
            job->busy[job->nbusy++] = p.order[i];
        }
    par_for(job->o->threads, job->nbusy + 1, law_without, &p);
    free(p.order);
    free(p.loglik);
}

static size_t scatter_of(const struct job *job, size_t pair)
{
    size_t k = 0;
    while (k < job->nbusy && job->busy[k] != pair)
        k++;
    return k;
}

/* --- burst -------------------------------------------------------------------------- */

static double burst_score(const struct burst *b, int tail)
{
    if (tail > 0)
        return normal_log_quantile(b->log_p_mid);
    if (tail < 0)
        return -normal_log_quantile(b->log_p_mid);
    double z = normal_log_quantile(fmax(b->log_p_mid - log(2), -745));
    return (double)b->observed >= b->expected ? z : -z;
}

static void score_burst(const struct job *job, struct scan_row *row)
{
    struct baseline_opts baseline = {.family = GLM_NEGBIN, .holidays = job->o->holidays};
    struct burst_opts o = {.baseline = &baseline,
                           .others = &job->scatter[scatter_of(job, row->pair)],
                           .seed = job->o->seed,
                           .max_replicates = job->o->max_replicates,
                           .stop_at = STOP_AT,
                           .tail = job->o->tail};
    struct subject s;
    struct burst b;
    if (job->g.n < 2)
        row->state = SCAN_ONE_BUCKET;
    else if (job->o->levels || row->observed < job->o->min_count)
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
        row->log_p_tested = row->log_p_above =
            b.log_p; /* drawn given the pair's own total rate */
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

/* The tested rows of one kind, side by side. */
struct tests {
    size_t n, *row;
    double *log_p, *log_q;
};

static struct tests tests_of(const struct scan *s, enum scan_kind kind)
{
    struct tests t = {0, mem_alloc((s->npairs + 1) * sizeof *t.row),
                      mem_alloc((s->npairs + 1) * sizeof *t.log_p),
                      mem_alloc((s->npairs + 1) * sizeof *t.log_q)};
    for (size_t i = kind; i < s->nrows; i += 2)
        if (s->rows[i].state == SCAN_OK) {
            t.log_p[t.n] = s->rows[i].log_p_tested;
            t.row[t.n++] = i;
        }
    return t;
}

static void tests_free(struct tests *t)
{
    free(t->row);
    free(t->log_p);
    free(t->log_q);
}

/* q of levels from what values their p can take; below e^FINEST, where supports would be long,
 * BH's q stays, which is not smaller. */
static void correct_discrete(const struct job *job, struct tests *t)
{
    static const double FINEST = -30;
    enum { SUPPORT_MAX = 128 };
    double least = 0, *q = mem_alloc((t->n + 1) * sizeof *q);
    double *values = mem_alloc((t->n * SUPPORT_MAX + 1) * sizeof *values);
    struct multi_law *laws = mem_zero(t->n + 1, sizeof *laws);
    for (size_t i = 0; i < t->n; i++)
        least = fmin(least, t->log_p[i]);
    for (size_t i = 0; i < t->n; i++) {
        laws[i].log_p = values + i * SUPPORT_MAX;
        laws[i].n = level_support(&job->laws[job->scan->rows[t->row[i]].pair],
                                  fmax(least, FINEST), values + i * SUPPORT_MAX, SUPPORT_MAX);
    }
    multi_dbh(t->log_p, laws, t->n, q);
    for (size_t i = 0; i < t->n; i++)
        if (t->log_p[i] >= FINEST)
            t->log_q[i] = q[i];
    free(laws);
    free(values);
    free(q);
}

/* Storey's q of a p whose ties are broken at random, mean over DRAWS of them; and the share of
 * pairs with nothing unusual. A pair's draws hang on its texts alone. */
static void correct_random(const struct job *job, struct tests *t, enum scan_kind kind)
{
    struct scan *s = job->scan;
    double *sum = mem_zero(t->n + 1, sizeof *sum), *log_p = mem_alloc((t->n + 1) * sizeof *sum);
    for (uint32_t draw = 0; draw < SCAN_DRAWS; draw++) {
        for (size_t i = 0; i < t->n; i++) {
            const struct scan_row *row = &s->rows[t->row[i]];
            struct rng r;
            rng_stream(&r, job->o->seed, RNG_TIEBREAK, subject_of(job, row->pair), draw);
            log_p[i] = level_random(row->log_p_tested, row->log_p_above, rng_unit(&r));
        }
        s->pi0[kind] += multi_pi0(log_p, t->n) / SCAN_DRAWS;
        correction_find("storey")->adjust(log_p, t->n, log_p);
        for (size_t i = 0; i < t->n; i++)
            sum[i] += exp(log_p[i]) / SCAN_DRAWS;
    }
    for (size_t i = 0; i < t->n; i++)
        s->rows[t->row[i]].q_random = sum[i];
    free(sum);
    free(log_p);
}

/* Scores by the law of all scores, one draw of ties. */
static void correct_empirical(const struct job *job, const struct tests *t, enum scan_kind kind)
{
    struct scan *s = job->scan;
    double *z = mem_alloc((t->n + 1) * sizeof *z), *sorted = mem_alloc((t->n + 1) * sizeof *z);
    for (size_t i = 0; i < t->n; i++) {
        const struct scan_row *row = &s->rows[t->row[i]];
        struct rng r;
        rng_stream(&r, job->o->seed, RNG_TIEBREAK, subject_of(job, row->pair), 0);
        z[i] = sorted[i] = normal_log_quantile(
            level_random(row->log_p_tested, row->log_p_above, rng_unit(&r)));
    }
    s->have_empirical[kind] = empirical_fit(&s->empirical[kind], sorted, t->n) == 0;
    for (size_t i = 0; s->have_empirical[kind] && i < t->n; i++)
        s->rows[t->row[i]].log_p_empirical = empirical_log_upper(z[i], &s->empirical[kind]);
    free(z);
    free(sorted);
}

static void correct(const struct job *job, enum scan_kind kind)
{
    struct scan *s = job->scan;
    struct tests t = tests_of(s, kind);
    s->tested[kind] = t.n;
    correction_find("by")->adjust(t.log_p, t.n, t.log_q);
    for (size_t i = 0; i < t.n; i++)
        s->rows[t.row[i]].log_q_by = t.log_q[i];
    correction_find("bh")->adjust(t.log_p, t.n, t.log_q);
    if (kind == SCAN_LEVEL && job->o->tail > 0)
        correct_discrete(job, &t);
    for (size_t i = 0; i < t.n; i++) {
        s->rows[t.row[i]].log_q = t.log_q[i];
        s->rows[t.row[i]].by_chance = (double)t.n * exp(t.log_p[i]);
    }
    correct_random(job, &t, kind);
    correct_empirical(job, &t, kind);
    tests_free(&t);
}

/* More buckets than bursts may have: the least width that has no more, in whole ticks. */
static int check_buckets(const struct job *job, struct err *err)
{
    size_t most = job->o->max_buckets;
    if (job->o->levels || !most || job->g.n <= most)
        return 0;
    char width[TEXT_TIME_MAX], enough[TEXT_TIME_MAX];
    int64_t parts = most > 1 ? (int64_t)most - 1 : 1, tick = job->c->tick_ns;
    int64_t least = (job->w.to_ns - job->w.from_ns - 1) / parts + 1;
    text_of_duration(width, (int64_t)llround(job->o->bucket_s * (double)NS_PER_S));
    text_of_duration(enough, (least + tick - 1) / tick * tick);
    return err_set(
        err, ERR_LIMIT,
        "scan: expected at most %zu buckets, found %zu of %s: bursts fit each of them "
        "anew in every replicate, %.4g times the work of buckets of 1h; those of %s "
        "are few enough",
        most, job->g.n, width, 3600 / job->o->bucket_s, enough);
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
    const int64_t day = 86400 * NS_PER_S;
    if (o->holidays &&
        !holidays_cover(o->holidays, job->w.from_ns / day, (job->w.to_ns - 1) / day)) {
        window_free(&job->w);
        return err_set(err, ERR_MISMATCH,
                       "holidays: expected days of every year of the case, found a year "
                       "without one");
    }
    job->g = grid_make(&job->w, o->bucket_s);
    if (check_buckets(job, err) < 0) {
        window_free(&job->w);
        return ERR_LIMIT;
    }
    make_pairs(scan, c);
    job->cells = mem_alloc(scan->npairs * sizeof *job->cells);
    job->lookups = mem_alloc(scan->npairs * sizeof *job->lookups);
    par_for(o->threads, scan->npairs, count_pair, job);
    peers_make(&job->peers, job->cells, scan->npairs, c->nclients, c->nnames, o->threads);
    job->laws = mem_zero(scan->npairs + 1, sizeof *job->laws);
    scan->theta = peers_theta(&job->peers, SIZE_MAX);
    fill_scatter(job);
    return 0;
}

static void job_close(struct job *job)
{
    peers_free(&job->peers);
    window_free(&job->w);
    free(job->laws);
    free(job->cells);
    free(job->lookups);
}

int scan_run(struct scan *ret, const struct counts *c, const struct scan_opts *o,
             void (*progress)(void *ctx, size_t done, size_t of), void *ctx, struct err *err)
{
    struct scan s = {0};
    struct job job;
    if (progress)
        progress(ctx, 0, 0);
    int rc = job_open(&job, &s, c, o, err);
    if (rc < 0)
        return rc;
    job.progress = progress;
    job.progress_ctx = ctx;
    par_for(o->threads, s.npairs, score_pair, &job);
    correct(&job, SCAN_LEVEL);
    if (!o->levels)
        correct(&job, SCAN_BURST);
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
