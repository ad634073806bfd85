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

/* --- simulated logs of all models ----------------------------------------------------- */

/* Of one model: n were simulated, of which the first `kept` rows of x stand. */
struct logs {
    double *x; /* rows of SUMMARY_N */
    size_t n, kept;
};

struct job {
    const struct rival_frame *frame;
    const struct rival_data *data;
    const struct evidence *e;
    uint64_t seed;
    size_t threads, first; /* logs of each model to begin with */
    struct logs *of;       /* each row's */
    /* What is simulated now: logs `from` to `to` of these rows. */
    const size_t *rows;
    size_t from, to;
    bool *bad; /* of each: no log with enough sessions came of it */
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

/* The streams of a log are told by its place among so many as there are to begin with, so they
 * do not depend on how many follow. */
static void simulate_one(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    size_t n = job->to - job->from, row = job->rows[i / n], log = job->from + i % n;
    double *x = job->of[row].x + (job->of[row].kept + i % n) * SUMMARY_N;
    const struct rival *rival = job->e->rows[row].rival;
    bool ok = false;
    for (size_t try = 0; !ok && try < TRIES; try++) {
        struct counts *c;
        struct rng grain;
        size_t turn = log / job->first * TRIES + try, at = log % job->first;
        int rc = rival ? rival_draw(rival, job->frame, job->seed, (uint32_t)(log / S),
                                    (uint32_t)(log % S + S * try), &c, NULL)
                       : rival_draw_claimed(job->frame, job->seed,
                                            (uint32_t)(turn * job->first + at), &c, NULL);
        if (rc < 0)
            continue;
        rng_stream(&grain, job->seed, RNG_TIEBREAK, job->data->a->id,
                   (uint32_t)((turn * job->e->nrows + row) * job->first + at));
        ok = summarise(job, c, &grain, x);
        counts_free(c);
    }
    job->bad[i] = !ok;
}

/* Of the new logs those of draws that stand move up; a draw one of whose logs could not be had
 * is lost whole. */
static void keep_whole(struct logs *of, const bool *bad, size_t n)
{
    const double *x = of->x + of->kept * SUMMARY_N;
    for (size_t i = 0; i < n; i += S) {
        bool whole = true;
        for (size_t k = 0; k < S; k++)
            whole = whole && !bad[i + k];
        if (!whole)
            continue;
        memmove(of->x + of->kept * SUMMARY_N, x + i * SUMMARY_N, S * SUMMARY_N * sizeof *x);
        of->kept += S;
    }
    of->n += n;
}

/* Rows that have as many logs now; `to` of each, then. */
static void simulate_rows(struct job *job, const size_t *rows, size_t nrows, size_t to)
{
    size_t from = nrows ? job->of[rows[0]].n : to, n = to - from;
    for (size_t k = 0; k < nrows; k++) {
        struct logs *of = &job->of[rows[k]];
        of->x = mem_resize(of->x, of->kept + n, SUMMARY_N * sizeof *of->x);
    }
    job->rows = rows;
    job->from = from;
    job->to = to;
    job->bad = mem_zero(nrows * n + 1, sizeof *job->bad);
    par_for(job->threads, nrows * n, simulate_one, job);
    for (size_t k = 0; k < nrows; k++)
        keep_whole(&job->of[rows[k]], job->bad + k * n, n);
    free(job->bad);
}

/* --- from logs to ratios ----------------------------------------------------------------- */

static void count_lost(struct evidence *e, const struct job *job)
{
    for (size_t r = 0; r < e->nrows; r++) {
        struct evidence_row *row = &e->rows[r];
        row->draws = (uint32_t)(job->of[r].n / S);
        row->lost = (uint32_t)((job->of[r].n - job->of[r].kept) / S);
        if ((double)row->lost > EVIDENCE_LOST * (double)row->draws)
            row->why = "not weighed: too many of its draws give too few sessions";
    }
}

/* What a model's logs say of the numbers that are not given where the given are as they are. By
 * halves of the draws, so that a log is scored by what was learnt without it, under its own
 * model as under the other. */
struct model {
    struct synth *half[HALVES];
    double log_p, se; /* of the data */
};

static void model_free(struct model *m)
{
    for (size_t h = 0; h < HALVES; h++)
        synth_free(m->half[h]);
    *m = (struct model){0};
}

/* Which half a log is of: draws take turns. */
static size_t half_of(size_t log)
{
    return log / S % HALVES;
}

/* The data's: the mean of both halves. Its error is that of each and what they differ by. */
static void read_data(struct model *m, const double *data)
{
    double p[HALVES], se[HALVES];
    for (size_t h = 0; h < HALVES; h++)
        p[h] = synth_log_conditional(m->half[h], data, SUMMARY_GIVEN, &se[h]);
    double most = fmax(p[0], p[1]), a = exp(p[0] - most), b = exp(p[1] - most);
    m->se = hypot(hypot(a * se[0], b * se[1]) / (a + b), (a - b) / (a + b));
    m->log_p = most + log((a + b) / 2);
}

/* false: a number never varies. */
static bool model_make(struct model *m, const struct logs *of, const double *data)
{
    double *work = mem_alloc((of->kept + 1) * SUMMARY_N * sizeof *work);
    bool ok = true;
    size_t flat;
    model_free(m);
    for (size_t h = 0; h < HALVES; h++) {
        size_t n = 0;
        for (size_t i = 0; i < of->kept; i++)
            if (half_of(i) == h)
                memcpy(work + n++ * SUMMARY_N, of->x + i * SUMMARY_N, SUMMARY_N * sizeof *work);
        m->half[h] = synth_make(work, n / S, S, SUMMARY_N, &flat);
        ok = ok && m->half[h];
    }
    free(work);
    if (ok)
        read_data(m, data);
    return ok;
}

/* Of every log of a row under model m, by the half that it is not of. */
static void densities(const struct logs *of, const struct model *m, double *ret)
{
    for (size_t i = 0; i < of->kept; i++)
        ret[i] = synth_log_conditional(m->half[1 - half_of(i)], of->x + i * SUMMARY_N,
                                       SUMMARY_GIVEN, NULL);
}

/* How well a model fits is asked of the given numbers too, of all but levels: hours that it
 * states wrong are seen. A lost log is as improbable as the data under a rival, and is not
 * under the claim. false: a number never varies. */
static bool fit_row(struct evidence_row *r, const struct logs *of, const double *data)
{
    double *work = mem_alloc((of->kept + 1) * SHAPE * sizeof *work);
    size_t flat, as_low = r->rival ? S * r->lost : 0;
    for (size_t i = 0; i < of->kept; i++)
        memcpy(work + i * SHAPE, of->x + i * SUMMARY_N + SUMMARY_LEVELS, SHAPE * sizeof *work);
    struct synth *shape = synth_make(work, of->kept / S, S, SHAPE, &flat);
    if (shape) {
        double least = synth_log_density(shape, data + SUMMARY_LEVELS, SIZE_MAX, NULL);
        for (size_t i = 0; i < of->kept; i++)
            as_low += synth_log_density(shape, work + i * SHAPE, i / S, NULL) <= least;
        r->fit = (double)(as_low + 1) / (double)(of->n + 1);
    }
    synth_free(shape);
    free(work);
    return shape != NULL;
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

/* Draws that would do where `more` times as many would, to a hundred; 0: these do. */
static size_t enough_of(double more, size_t draws)
{
    enum { ROUND = 100 };
    const double most = 1e9;
    return more > 1 ? ROUND * (size_t)ceil(fmin((double)draws * more, most) / ROUND) : 0;
}

/* From a score to a ratio with its error: that of the score, by the slope of the map, and
 * that of the line. */
static void read_ratio(struct evidence_row *r, const struct evidence *e, double score_se,
                       const struct lr_line *line)
{
    double at = squash(r->score), slope = line->b / sqrt(1 + r->score * r->score);
    double ln_lr = line->a + line->b * at;
    r->ln_lr_se = hypot(slope * score_se, lr_line_se(line, at));
    r->capped = fabs(ln_lr) > e->cap;
    r->ln_lr = r->capped ? copysign(e->cap, ln_lr) : ln_lr;
    double more =
        lr_error(ln_lr, r->ln_lr_se, e->cap, log(EVIDENCE_SPAN), &r->ln_lo, &r->ln_hi);
    r->enough = surely_even(r) ? 0 : enough_of(more, r->draws);
    r->vetoed = (r->ln_lr > 0 ? e->rows[0].fit : r->fit) <= EVIDENCE_MISFIT;
    r->apart =
        r->cllr <= EVIDENCE_BLUR && !r->enough && fabs(evidence_sure(r)) > log(EVIDENCE_EVEN);
}

/* Of the logs of a row: from ln of the claimant's likelihood to that over the rival's. */
static void score_logs(const struct logs *of, const struct model *rival, double *v)
{
    double *work = mem_alloc((of->kept + 1) * sizeof *work);
    densities(of, rival, work);
    for (size_t i = 0; i < of->kept; i++)
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
    free(r->held);
    r->held = yes;
    r->cllr = lr_cllr(&held);
    r->misled = lr_misled(&held, S);
}

/* yes: the claimant's logs, no: the rival's, as many; both scored by the two models; own: the
 * first by the claimant's, for all rivals. Neighbouring draws are of either half, so a fold
 * leaves as many of both. */
static void compare(struct evidence *e, const struct job *job, const struct model *m,
                    const double *own, size_t row)
{
    struct evidence_row *r = &e->rows[row];
    const struct logs *claimed = &job->of[0], *of = &job->of[row];
    size_t n = of->n;
    double *yes = mem_alloc(2 * n * sizeof *yes), *no = yes + n;
    memcpy(yes, own, claimed->kept * sizeof *yes);
    densities(of, &m[0], no);
    score_logs(claimed, &m[row], yes);
    score_logs(of, &m[row], no);
    score_lost(yes, claimed->kept, no, of->kept, n);
    struct lr_set set = {yes, no, n, n};
    struct lr_line line = lr_calibrate(&set);
    r->cllr_min = lr_cllr_min(&set);
    hold_out(r, &set);
    r->score = m[0].log_p - m[row].log_p;
    read_ratio(r, e, hypot(m[0].se, m[row].se), &line);
    free(yes);
}

/* The first of the rows is the claimant's. */
static void compare_rows(struct evidence *e, const struct job *job, const struct model *m,
                         const size_t *rows, size_t n)
{
    double *own = mem_alloc((job->of[0].kept + 1) * sizeof *own);
    densities(&job->of[0], &m[0], own);
    for (size_t k = 1; k < n; k++)
        compare(e, job, m, own, rows[k]);
    free(own);
}

/* Rows that can be computed. */
static size_t rows_left(const struct evidence *e, size_t *ret)
{
    size_t n = 0;
    for (size_t r = 0; r < e->nrows; r++)
        if (!e->rows[r].why)
            ret[n++] = r;
    return n;
}

/* --- more draws --------------------------------------------------------------------------- */

static void read_model(struct evidence_row *r, const struct model *m)
{
    r->log_marginal = m->log_p;
    r->se = m->se;
}

/* With the logs that there are now. false: a model cannot be made of them. */
static bool weigh_again(struct evidence *e, const struct job *job, struct model *m,
                        const size_t *rows, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!model_make(&m[rows[k]], &job->of[rows[k]], e->data))
            return false;
    for (size_t k = 1; k < n; k++) {
        struct evidence_row *r = &e->rows[rows[k]];
        r->draws = (uint32_t)(job->of[rows[k]].n / S);
        r->lost = (uint32_t)((job->of[rows[k]].n - job->of[rows[k]].kept) / S);
        read_model(r, &m[rows[k]]);
    }
    compare_rows(e, job, m, rows, n);
    return true;
}

/* What the width alone asks for: of an interval that is not cut, wherever it lies. */
static size_t enough_by_width(const struct evidence_row *r)
{
    double lo, hi;
    return enough_of(lr_error(0, r->ln_lr_se, INFINITY, log(EVIDENCE_SPAN), &lo, &hi),
                     r->draws);
}

/* More draws would do, and not in vain: where neither model looks like the data their ratio is
 * void, whichever it speaks for. */
static bool worth_more(const struct evidence *e, const struct evidence_row *r, size_t most)
{
    return r->enough && r->enough <= most && fmax(e->rows[0].fit, r->fit) > EVIDENCE_MISFIT;
}

/* Twice as many draws of the claimant's model and of each rival whose ratio is not computed,
 * until its interval is narrow enough, or more than `most` would be needed. */
static void draw_longer(struct evidence *e, struct job *job, struct model *m, size_t most)
{
    size_t *rows = mem_alloc(e->nrows * sizeof *rows), n = 1;
    rows[0] = 0;
    for (size_t r = 1; r < e->nrows; r++)
        if (worth_more(e, &e->rows[r], most))
            rows[n++] = r;
    for (size_t draws = job->first / S; n > 1 && draws < most;) {
        draws = 2 * draws < most ? 2 * draws : most;
        simulate_rows(job, rows, n, draws * S);
        if (!weigh_again(e, job, m, rows, n))
            break;
        size_t wide = 1;
        for (size_t k = 1; k < n; k++) {
            size_t enough = enough_by_width(&e->rows[rows[k]]);
            if (enough && enough <= most)
                rows[wide++] = rows[k];
        }
        n = wide;
    }
    free(rows);
}

/* --- all rows ----------------------------------------------------------------------------- */

/* Of the rivals that fit the data the likeliest; of all, if none fits. */
static void find_best(struct evidence *e)
{
    for (int fits = 1; fits >= 0 && e->best == SIZE_MAX; fits--)
        for (size_t r = e->claimant; r < e->nrows; r++) {
            const struct evidence_row *row = &e->rows[r];
            if (!row->why && (!fits || row->fit > EVIDENCE_MISFIT) &&
                (e->best == SIZE_MAX || row->log_marginal > e->rows[e->best].log_marginal))
                e->best = r;
        }
}

static void score_rows(struct evidence *e, struct job *job, size_t most)
{
    struct model *m = mem_zero(e->nrows, sizeof *m);
    size_t *rows = mem_alloc(e->nrows * sizeof *rows), n = rows_left(e, rows);
    for (size_t k = 0; k < n; k++) {
        size_t r = rows[k];
        if (!model_make(&m[r], &job->of[r], e->data) ||
            !fit_row(&e->rows[r], &job->of[r], e->data))
            e->rows[r].why = "its logs do not vary";
        else
            read_model(&e->rows[r], &m[r]);
    }
    if (e->claimant && !e->rows[0].why) {
        compare_rows(e, job, m, rows, rows_left(e, rows));
        draw_longer(e, job, m, most);
    }
    find_best(e);
    for (size_t r = 0; r < e->nrows; r++)
        model_free(&m[r]);
    free(m);
    free(rows);
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
    struct rival_frame *frame = rival_frame_new(d, claimant);
    struct job job = {.frame = frame,
                      .data = d,
                      .e = ret,
                      .seed = o->seed,
                      .threads = o->threads,
                      .first = logs,
                      .of = mem_zero(ret->nrows, sizeof *job.of)};
    size_t *rows = mem_alloc(ret->nrows * sizeof *rows);
    simulate_rows(&job, rows, rows_left(ret, rows), logs);
    count_lost(ret, &job);
    score_rows(ret, &job, o->most ? o->most : EVIDENCE_MORE * (logs / S));
    rival_frame_free(frame);
    for (size_t r = 0; r < ret->nrows; r++)
        free(job.of[r].x);
    free(job.of);
    free(rows);
    return 0;
}

void evidence_free(struct evidence *e)
{
    for (size_t r = 0; r < e->nrows; r++)
        free(e->rows[r].held);
    free(e->rows);
    *e = (struct evidence){0};
}
