/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "stats/lr.h"
#include "stats/rng.h"

enum {
    S = EVIDENCE_REPEATS,
    TRIES = 8,
    HALVES = 2,
    FOLDS = 10, /* of the draws: Cllr is that of the tenth that a line has not seen */
    SHAPE = SUMMARY_N - SUMMARY_LEVELS
};

static const double MISFIT = .01;

/* --- simulated logs of all models ----------------------------------------------------- */

struct job {
    const struct rival_frame *frame;
    const struct rival_data *data;
    const struct evidence *e;
    uint64_t seed;
    size_t logs; /* of each model */
    double *x;   /* rows x logs x SUMMARY_N */
    bool *bad;   /* rows x logs: no log with enough sessions came of it */
};

/* The numbers of one log, smoothed by a grain, so that a number that never varies
 * under a model leaves room for the data. */
static bool summarise(const struct job *job, const struct counts *c, struct rng *grain,
                      double *ret)
{
    struct window w;
    struct subject a, b;
    bool two = job->data->b != NULL;
    window_make(&w, c, job->data->window->from_ns, job->data->window->to_ns);
    rival_subjects(job->frame, c, &w, &a, two ? &b : NULL);
    bool ok = summary_of(&a, two ? &b : NULL, &w, ret);
    for (size_t i = 0; ok && i < SUMMARY_N; i++)
        ret[i] += summary_table[i].grain * rng_normal(grain);
    subject_free(&a);
    if (two)
        subject_free(&b);
    window_free(&w);
    return ok;
}

static void simulate_one(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    size_t row = i / job->logs, log = i % job->logs;
    const struct evidence_row *e = &job->e->rows[row];
    bool ok = false;
    for (uint32_t try = 0; !e->why && !ok && try < TRIES; try++) {
        struct counts *c;
        struct rng grain;
        uint32_t repeat = (uint32_t)(log % S) + S * try;
        int rc = e->rival ? rival_draw(e->rival, job->frame, job->seed, (uint32_t)(log / S),
                                       repeat, &c, NULL)
                          : rival_draw_claimed(job->frame, job->seed,
                                               (uint32_t)(log + job->logs * try), &c, NULL);
        if (rc < 0)
            continue;
        rng_stream(&grain, job->seed, RNG_TIEBREAK, job->data->a->id,
                   (uint32_t)(i + try * job->e->nrows * job->logs));
        ok = summarise(job, c, &grain, job->x + i * SUMMARY_N);
        counts_free(c);
    }
    job->bad[i] = !ok;
}

/* --- from logs to ratios ----------------------------------------------------------------- */

/* Draws of a row that stand are moved to the front; one of whose logs any could not be had is
 * lost whole. */
static void count_lost(struct evidence *e, const struct job *job)
{
    for (size_t r = 0; r < e->nrows; r++) {
        struct evidence_row *row = &e->rows[r];
        size_t draws = job->logs / S, kept = 0;
        double *x = job->x + r * job->logs * SUMMARY_N;
        const bool *bad = job->bad + r * job->logs;
        for (size_t j = 0; !row->why && j < draws; j++) {
            bool whole = true;
            for (size_t k = 0; k < S; k++)
                whole = whole && !bad[j * S + k];
            if (whole)
                memmove(x + kept++ * S * SUMMARY_N, x + j * S * SUMMARY_N,
                        S * SUMMARY_N * sizeof *x);
        }
        row->lost = row->why ? 0 : (uint32_t)(draws - kept);
        if ((double)row->lost > EVIDENCE_LOST * (double)draws)
            row->why = "not weighed: too many of its draws give too few sessions";
    }
}

/* Logs of a row that stand: the first of its block. */
static size_t kept_logs(const struct job *job, size_t row)
{
    return job->logs - S * job->e->rows[row].lost;
}

/* What a model's logs say: of all numbers but levels, and of those that are not given where the
 * given are as they are. The latter by halves of the draws, so that a log is scored by what
 * was learnt without it, under its own model as under the other. */
struct model {
    struct synth *half[HALVES], *shape;
};

static void model_free(struct model *m)
{
    for (size_t h = 0; h < HALVES; h++)
        synth_free(m->half[h]);
    synth_free(m->shape);
}

/* Which half a log is of: draws take turns. */
static size_t half_of(size_t log)
{
    return log / S % HALVES;
}

/* false: a number never varies. */
static bool model_make(struct model *m, const struct job *job, size_t row)
{
    const double *x = job->x + row * job->logs * SUMMARY_N;
    double *work = mem_alloc(job->logs * SUMMARY_N * sizeof *work);
    bool ok = true;
    size_t flat, logs = kept_logs(job, row);
    for (size_t h = 0; h < HALVES; h++) {
        size_t n = 0;
        for (size_t i = 0; i < logs; i++)
            if (half_of(i) == h)
                memcpy(work + n++ * SUMMARY_N, x + i * SUMMARY_N, SUMMARY_N * sizeof *work);
        m->half[h] = synth_make(work, n / S, S, SUMMARY_N, &flat);
        ok = ok && m->half[h];
    }
    for (size_t i = 0; i < logs; i++)
        memcpy(work + i * SHAPE, x + i * SUMMARY_N + SUMMARY_LEVELS, SHAPE * sizeof *work);
    m->shape = synth_make(work, logs / S, S, SHAPE, &flat);
    free(work);
    return ok && m->shape;
}

/* The data's: the mean of both halves. Its error is that of each and what they differ by. */
static double data_density(const struct model *m, const struct job *job, double *ret_se)
{
    double p[HALVES], se[HALVES];
    for (size_t h = 0; h < HALVES; h++)
        p[h] = synth_log_conditional(m->half[h], job->e->data, SUMMARY_GIVEN, &se[h]);
    double most = fmax(p[0], p[1]), a = exp(p[0] - most), b = exp(p[1] - most);
    *ret_se = hypot(hypot(a * se[0], b * se[1]) / (a + b), (a - b) / (a + b));
    return most + log((a + b) / 2);
}

/* Of every log of row `of` under model m, by the half that it is not of. */
static void densities(const struct job *job, const struct model *m, size_t of, double *ret)
{
    for (size_t i = 0; i < kept_logs(job, of); i++)
        ret[i] = synth_log_conditional(m->half[1 - half_of(i)],
                                       job->x + (of * job->logs + i) * SUMMARY_N, SUMMARY_GIVEN,
                                       NULL);
}

/* How well a model fits is asked of the given numbers too: hours that it states wrong are
 * seen. A lost log is as improbable as the data under a rival, and is not under the claim. */
static void fit_row(struct evidence_row *r, const struct model *m, const struct job *job,
                    size_t row)
{
    const double *x = job->x + row * job->logs * SUMMARY_N;
    double data = synth_log_density(m->shape, job->e->data + SUMMARY_LEVELS, SIZE_MAX, NULL);
    size_t as_low = r->rival ? S * r->lost : 0;
    for (size_t i = 0; i < kept_logs(job, row); i++)
        as_low += synth_log_density(m->shape, x + i * SUMMARY_N + SUMMARY_LEVELS, i / S,
                                    NULL) <= data;
    r->fit = (double)(as_low + 1) / (double)(job->logs + 1);
    r->log_marginal = data_density(m, job, &r->se);
}

/* Scores of logs that a model finds impossible run into thousands, and a line through them
 * would be drawn by those alone: the map is fitted on a scale that is linear near 0 and
 * logarithmic beyond. */
static double squash(double score)
{
    return asinh(score);
}

double evidence_sure(const struct evidence_row *r)
{
    return r->ln_lo > 0 ? r->ln_lo : fmin(r->ln_hi, 0);
}

/* Nothing that the interval holds is apart. */
static bool surely_even(const struct evidence_row *r)
{
    return r->cllr > EVIDENCE_BLUR || fmax(-r->ln_lo, r->ln_hi) <= log(EVIDENCE_EVEN);
}

/* The interval; the draws that would make it narrow enough, to a hundred. */
static void read_error(struct evidence_row *r, double ln_lr, double cap, size_t draws)
{
    enum { ROUND = 100 };
    const double most = 1e9;
    double more = lr_error(ln_lr, r->ln_lr_se, cap, log(EVIDENCE_SPAN), &r->ln_lo, &r->ln_hi);
    if (more > 1 && !surely_even(r))
        r->enough = ROUND * (size_t)ceil(fmin((double)draws * more, most) / ROUND);
}

/* From a score to a ratio with its error: that of the score, by the slope of the map, and
 * that of the line. */
static void read_ratio(struct evidence_row *r, const struct evidence *e,
                       const struct lr_line *line)
{
    double at = squash(r->score), slope = line->b / sqrt(1 + r->score * r->score);
    double score_se = hypot(e->rows[0].se, r->se);
    double ln_lr = line->a + line->b * at;
    r->ln_lr_se = hypot(slope * score_se, lr_line_se(line, at));
    r->capped = fabs(ln_lr) > e->cap;
    r->ln_lr = r->capped ? copysign(e->cap, ln_lr) : ln_lr;
    read_error(r, ln_lr, e->cap, e->logs / S);
    r->vetoed = (r->ln_lr > 0 ? e->rows[0].fit : r->fit) <= MISFIT;
    r->apart =
        r->cllr <= EVIDENCE_BLUR && !r->enough && fabs(evidence_sure(r)) > log(EVIDENCE_EVEN);
}

/* Of the logs of row `of`: from ln of the claimant's likelihood to that over the rival's. */
static void score_logs(const struct job *job, const struct model *rival, size_t of, double *v)
{
    size_t n = kept_logs(job, of);
    double *work = mem_alloc(n * sizeof *work);
    densities(job, rival, of, work);
    for (size_t i = 0; i < n; i++)
        v[i] = squash(v[i] - work[i]);
    free(work);
}

/* The lost logs of both, at the worst score that any log has for the claim. */
static void score_lost(double *yes, size_t nyes, double *no, size_t nno, size_t n)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < nyes; i++) {
        least = fmin(least, yes[i]);
        most = fmax(most, yes[i]);
    }
    for (size_t i = 0; i < nno; i++) {
        least = fmin(least, no[i]);
        most = fmax(most, no[i]);
    }
    for (size_t i = nyes; i < n; i++)
        yes[i] = least;
    for (size_t i = nno; i < n; i++)
        no[i] = most;
}

/* Ratios by lines that have not seen the log's draw, and what they are worth. */
static void hold_out(struct evidence_row *r, const struct lr_set *of)
{
    double *yes = mem_alloc((of->nyes + of->nno) * sizeof *yes), *no = yes + of->nyes;
    if (!lr_crossed(of, HALVES * S, FOLDS, yes, no)) {
        free(yes);
        return;
    }
    const struct lr_set held = {yes, no, of->nyes, of->nno};
    r->held = yes;
    r->cllr = lr_cllr(&held);
    r->misled = lr_misled(&held, S);
}

/* yes: the claimant's logs, no: the rival's; both scored by the two models; own: the first by
 * the claimant's, for all rivals. Neighbouring draws are of either half, so a fold leaves as
 * many of both. */
static void compare(struct evidence *e, const struct job *job, const struct model *m,
                    const double *own, size_t row)
{
    struct evidence_row *r = &e->rows[row];
    size_t n = job->logs;
    double *yes = mem_alloc(2 * n * sizeof *yes), *no = yes + n;
    memcpy(yes, own, kept_logs(job, 0) * sizeof *yes);
    densities(job, &m[0], row, no);
    score_logs(job, &m[row], 0, yes);
    score_logs(job, &m[row], row, no);
    score_lost(yes, kept_logs(job, 0), no, kept_logs(job, row), n);
    struct lr_set set = {yes, no, n, n};
    struct lr_line line = lr_calibrate(&set);
    r->cllr_min = lr_cllr_min(&set);
    hold_out(r, &set);
    r->score = e->rows[0].log_marginal - r->log_marginal;
    read_ratio(r, e, &line);
    free(yes);
}

static void compare_all(struct evidence *e, const struct job *job, const struct model *m)
{
    double *own = mem_alloc(job->logs * sizeof *own);
    densities(job, &m[0], 0, own);
    for (size_t r = 1; r < e->nrows; r++)
        if (!e->rows[r].why)
            compare(e, job, m, own, r);
    free(own);
}

/* Of the rivals that fit the data the likeliest; of all, if none fits. */
static void find_best(struct evidence *e)
{
    for (int fits = 1; fits >= 0 && e->best == SIZE_MAX; fits--)
        for (size_t r = e->claimant; r < e->nrows; r++) {
            const struct evidence_row *row = &e->rows[r];
            if (!row->why && (!fits || row->fit > MISFIT) &&
                (e->best == SIZE_MAX || row->log_marginal > e->rows[e->best].log_marginal))
                e->best = r;
        }
}

static void score_rows(struct evidence *e, const struct job *job)
{
    struct model *m = mem_zero(e->nrows, sizeof *m);
    for (size_t r = 0; r < e->nrows; r++) {
        if (e->rows[r].why)
            continue;
        if (model_make(&m[r], job, r))
            fit_row(&e->rows[r], &m[r], job, r);
        else
            e->rows[r].why = "its logs do not vary";
    }
    if (e->claimant && !e->rows[0].why)
        compare_all(e, job, m);
    find_best(e);
    for (size_t r = 0; r < e->nrows; r++)
        model_free(&m[r]);
    free(m);
}

static void open_rows(struct evidence *e, const struct rival_data *d, bool claimant,
                      size_t logs)
{
    size_t n = claimant;
    for (const struct rival *v = rival_table; v->id; v++)
        n++;
    *e = (struct evidence){.rows = mem_zero(n, sizeof *e->rows),
                           .nrows = n,
                           .claimant = claimant,
                           .best = SIZE_MAX,
                           .cap = lr_cap(logs / S, logs / S),
                           .logs = (uint32_t)logs};
    for (size_t i = 0; i < n; i++) {
        struct evidence_row *r = &e->rows[i];
        *r = (struct evidence_row){.log_marginal = NAN,
                                   .se = NAN,
                                   .fit = NAN,
                                   .score = NAN,
                                   .ln_lr = NAN,
                                   .ln_lr_se = NAN,
                                   .ln_lo = NAN,
                                   .ln_hi = NAN,
                                   .cllr = NAN,
                                   .cllr_min = NAN,
                                   .misled = {NAN, NAN, NAN, NAN}};
        r->rival = i < claimant ? NULL : &rival_table[i - claimant];
        if (r->rival && r->rival->two && !d->b)
            r->why = "needs a second pair";
    }
}

int evidence_run(struct evidence *ret, const struct rival_data *d,
                 const struct sim_world *claimant, const struct evidence_opts *o,
                 struct err *err)
{
    size_t logs = (o->draws ? o->draws : EVIDENCE_DRAWS) * S;
    double data[SUMMARY_N];
    if (!summary_of(d->a, d->b, d->window, data) || (d->b && d->b->n == 0))
        return err_set(err, ERR_DEGENERATE,
                       "rival explanations: expected %d sessions or more, found %zu",
                       (int)SUMMARY_LEAST, d->a->n);
    open_rows(ret, d, claimant != NULL, logs);
    memcpy(ret->data, data, sizeof data);
    struct job job = {.frame = rival_frame_new(d, claimant),
                      .data = d,
                      .e = ret,
                      .seed = o->seed,
                      .logs = logs,
                      .x = mem_zero(ret->nrows * logs * SUMMARY_N, sizeof *job.x),
                      .bad = mem_zero(ret->nrows * logs, sizeof *job.bad)};
    par_for(o->threads, ret->nrows * logs, simulate_one, &job);
    count_lost(ret, &job);
    score_rows(ret, &job);
    rival_frame_free((struct rival_frame *)(uintptr_t)job.frame);
    free(job.x);
    free(job.bad);
    return 0;
}

void evidence_free(struct evidence *e)
{
    for (size_t r = 0; r < e->nrows; r++)
        free(e->rows[r].held);
    free(e->rows);
    *e = (struct evidence){0};
}
