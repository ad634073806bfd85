/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/multiverse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "models/calibrate.h"

/* A surrogate: times of each stream in the published window, before any cutting. */
struct surrogate_log {
    double **t;
    size_t *n, nstreams;
    int64_t from_ns;
};

struct job {
    const struct study *s;
    const struct study_claim *c;
    const struct counts *counts;
    struct specification *spec;
    size_t nspecs;
    struct surrogate_log *log;
    double *value; /* row by row, the data first */
};

/* --- one specification ------------------------------------------------------------------- */

static void apply(const struct study *s, const struct specification *p, struct study *ret_s,
                  struct study_claim *ret_c)
{
    const struct study_axis *a = s->axes;
    const size_t *at = p->level;
    if (at[SPEC_SESSION])
        ret_s->session_s = a[SPEC_SESSION].number[at[SPEC_SESSION] - 1];
    if (at[SPEC_TTL])
        ret_c->ttl = (struct study_ttl){TTL_GIVEN, a[SPEC_TTL].number[at[SPEC_TTL] - 1], ""};
    for (size_t i = 0; at[SPEC_ZONE] && i < ret_c->nhours; i++)
        ret_c->hours[i].zone = a[SPEC_ZONE].zone[at[SPEC_ZONE] - 1];
    if (at[SPEC_WINDOW]) {
        ret_c->from_ns = a[SPEC_WINDOW].from_ns[at[SPEC_WINDOW] - 1];
        ret_c->to_ns = a[SPEC_WINDOW].to_ns[at[SPEC_WINDOW] - 1];
    }
}

/* The surrogate in the pair's place: its times inside this window, sessions anew. */
static void put_log(void *ctx, struct trial *t)
{
    const struct surrogate_log *log = ctx;
    double shift = (double)(log->from_ns - t->window.from_ns) / 1e9;
    for (size_t i = 0; i < t->a.nstreams && i < log->nstreams; i++) {
        struct stream *s = &t->a.streams[i];
        free(s->t);
        free(s->lookups);
        s->t = mem_alloc((log->n[i] + 1) * sizeof *s->t);
        s->lookups = mem_alloc((log->n[i] + 1) * sizeof *s->lookups);
        size_t n = 0;
        for (size_t j = 0; j < log->n[i]; j++) {
            double at = log->t[i][j] + shift;
            if (at >= 0 && at < t->window.length_s)
                s->t[n++] = at;
        }
        s->n = sessions_collapse(s->t, NULL, n, t->study->session_s, s->t, s->lookups);
    }
    subject_merge(&t->a);
}

static double measure(const struct job *job, size_t row, size_t spec)
{
    struct study s = *job->s;
    struct study_claim c = *job->c;
    struct trial t;
    struct effect e = {NAN, NAN, NAN, NAN};
    apply(job->s, &job->spec[spec], &s, &c);
    if (trial_make_altered(&t, &s, &c, job->counts, 1, row ? put_log : NULL,
                           row ? &job->log[row - 1] : NULL, NULL) < 0)
        return NAN;
    if (t.a.n > 0)
        c.kind->estimate(&t, &e);
    trial_free(&t);
    return c.kind->sign * e.value;
}

static void measure_row(void *ctx, size_t row, size_t worker)
{
    struct job *job = ctx;
    (void)worker;
    for (size_t i = 0; i < job->nspecs; i++)
        job->value[row * job->nspecs + i] = measure(job, row, i);
}

/* --- surrogates ----------------------------------------------------------------------------
 */

struct keep {
    const struct job *job;
    struct surrogate_log *log;
    uint32_t index;
};

static void keep_times(void *ctx, struct trial *t)
{
    struct keep *k = ctx;
    struct surrogate_log *log = k->log;
    calibrate_innocent(t, k->index);
    log->nstreams = t->a.nstreams;
    log->from_ns = t->window.from_ns;
    log->t = mem_zero(log->nstreams + 1, sizeof *log->t);
    log->n = mem_zero(log->nstreams + 1, sizeof *log->n);
    for (size_t i = 0; i < log->nstreams; i++) {
        log->n[i] = t->a.streams[i].n;
        log->t[i] = mem_alloc((log->n[i] + 1) * sizeof **log->t);
        memcpy(log->t[i], t->a.streams[i].t, log->n[i] * sizeof **log->t);
    }
}

static void draw_row(void *ctx, size_t i, size_t worker)
{
    struct job *job = ctx;
    struct keep k = {job, &job->log[i], (uint32_t)i};
    struct trial t;
    (void)worker;
    if (trial_make_altered(&t, job->s, job->c, job->counts, 1, keep_times, &k, NULL) == 0)
        trial_free(&t);
}

static void log_free(struct surrogate_log *log)
{
    for (size_t i = 0; i < log->nstreams; i++)
        free(log->t[i]);
    free(log->t);
    free(log->n);
}

/* --- all of them
 * ------------------------------------------------------------------------------ */

static size_t enumerate(const struct study *s, struct specification **ret)
{
    size_t n = 1;
    for (int a = 0; a < SPEC_AXES; a++)
        n *= s->axes[a].n + 1;
    *ret = mem_zero(n, sizeof **ret);
    for (size_t i = 0; i < n; i++) {
        size_t rest = i;
        for (int a = 0; a < SPEC_AXES; a++) {
            (*ret)[i].level[a] = rest % (s->axes[a].n + 1);
            rest /= s->axes[a].n + 1;
        }
    }
    return n;
}

/* Specifications whose effect the data have, in place; columns follow. */
static size_t keep_measured(struct job *job, size_t rows)
{
    size_t kept = 0, S = job->nspecs;
    for (size_t j = 0; j < S; j++) {
        if (!isfinite(job->value[j]))
            continue;
        job->spec[kept] = job->spec[j];
        for (size_t i = 0; i < rows; i++)
            job->value[i * S + kept] = job->value[i * S + j];
        kept++;
    }
    for (size_t i = 1; i < rows; i++)
        memmove(job->value + i * kept, job->value + i * S, kept * sizeof *job->value);
    return kept;
}

static bool is_published(const struct specification *p)
{
    for (int a = 0; a < SPEC_AXES; a++)
        if (p->level[a])
            return false;
    return true;
}

static int by_effect(const void *a, const void *b)
{
    double x = ((const struct specification *)a)->effect,
           y = ((const struct specification *)b)->effect;
    return (x < y) - (x > y);
}

static bool has_curve(const struct study *s, const struct study_claim *c)
{
    static const char *const kinds[] = {"volume", "timing", "alignment", "reaction"};
    size_t axes = 0;
    for (int a = 0; a < SPEC_AXES; a++)
        axes += s->axes[a].n;
    for (size_t i = 0; axes && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(c->kind->id, kinds[i]) == 0)
            return true;
    return false;
}

void multiverse_run(struct multiverse *ret, const struct study *s, const struct study_claim *c,
                    const struct counts *counts, size_t threads)
{
    size_t m = MULTIVERSE_SURROGATES;
    struct job job = {.s = s, .c = c, .counts = counts};
    *ret = (struct multiverse){.published = SIZE_MAX};
    if (!has_curve(s, c))
        return;
    job.nspecs = enumerate(s, &job.spec);
    job.log = mem_zero(m, sizeof *job.log);
    job.value = mem_zero((m + 1) * job.nspecs, sizeof *job.value);
    par_for(threads, m, draw_row, &job);
    par_for(threads, m + 1, measure_row, &job);
    size_t n = keep_measured(&job, m + 1);
    double *p = mem_zero(n + 1, sizeof *p);
    if (n)
        curve_joint(&ret->joint, job.value, job.value + n, n, m, p);
    for (size_t j = 0; j < n; j++) {
        job.spec[j].effect = job.value[j];
        job.spec[j].p = p[j];
    }
    qsort(job.spec, n, sizeof *job.spec, by_effect);
    for (size_t j = 0; j < n; j++) {
        job.spec[j].effect *= c->kind->sign;
        if (is_published(&job.spec[j]))
            ret->published = j;
    }
    ret->joint.observed[CURVE_MEDIAN] *= c->kind->sign;
    ret->v = job.spec;
    ret->n = n;
    ret->left_out = job.nspecs - n;
    ret->surrogates = m;
    for (size_t i = 0; i < m; i++)
        log_free(&job.log[i]);
    free(job.log);
    free(job.value);
    free(p);
}

void multiverse_free(struct multiverse *m)
{
    free(m->v);
    *m = (struct multiverse){0};
}
