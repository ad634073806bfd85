/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/multiverse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "models/calibrate.h"
#include "models/nulls.h"
#include "models/study_claim.h"
#include "stats/order.h"

enum { SYNC_SURROGATES = 99 };

/* A surrogate: times of each stream of both sides in the published window, before any
 * cutting; kinds that are counted in days have the number of their signs instead. */
struct surrogate_log {
    double **t;
    size_t *n, nstreams;
    int64_t from_ns;
    uint64_t swap;
};

/* Look-ups of a stream as the rows have them, by published session: what a session of a
 * surrogate repeats. */
struct repeats_of {
    double *t;
    size_t *first, n; /* session k: t[first[k]] .. t[first[k + 1] - 1] */
};

struct job {
    const struct study *s;
    const struct study_claim *c;
    const struct counts *counts;
    struct specification *spec;
    size_t nspecs;
    struct surrogate_log *log;
    struct repeats_of *repeats; /* a stream; NULL: no axis asks for repeats */
    size_t nrepeats;
    double *value; /* row by row, the data first */
};

static bool is_kind(const struct study_claim *c, const char *kind)
{
    return strcmp(c->kind->id, kind) == 0;
}

static bool in_days(const struct study_claim *c)
{
    return is_kind(c, "exclusivity") || is_kind(c, "rarity");
}

/* --- one specification ------------------------------------------------------------------- */

static void apply_times(const struct study_axis *a, const size_t *at, struct study *ret_s,
                        struct study_claim *ret_c)
{
    if (at[SPEC_SESSION])
        ret_s->session_s = a[SPEC_SESSION].number[at[SPEC_SESSION] - 1];
    if (at[SPEC_DEDUP])
        ret_s->session_s = 0;
    if (at[SPEC_TTL])
        ret_c->ttl = (struct study_ttl){TTL_GIVEN, a[SPEC_TTL].number[at[SPEC_TTL] - 1], ""};
    if (at[SPEC_ZONE])
        ret_s->zone = a[SPEC_ZONE].zone[at[SPEC_ZONE] - 1];
    for (size_t i = 0; at[SPEC_ZONE] && i < ret_c->nhours; i++)
        ret_c->hours[i].zone = a[SPEC_ZONE].zone[at[SPEC_ZONE] - 1];
    if (at[SPEC_WINDOW]) {
        ret_c->from_ns = a[SPEC_WINDOW].from_ns[at[SPEC_WINDOW] - 1];
        ret_c->to_ns = a[SPEC_WINDOW].to_ns[at[SPEC_WINDOW] - 1];
    }
}

/* False where the claim's kind has no statistic of that name. */
static bool apply(const struct study *s, const struct specification *p, struct study *ret_s,
                  struct study_claim *ret_c)
{
    const struct study_axis *a = s->axes;
    const size_t *at = p->level;
    char known[160];
    apply_times(a, at, ret_s, ret_c);
    if (at[SPEC_WITHIN])
        ret_c->delta_s = a[SPEC_WITHIN].number[at[SPEC_WITHIN] - 1];
    if (at[SPEC_LAG])
        ret_c->max_lag_s = a[SPEC_LAG].number[at[SPEC_LAG] - 1];
    if (at[SPEC_BLOCK])
        ret_c->block_bits = (int)a[SPEC_BLOCK].number[at[SPEC_BLOCK] - 1];
    if (at[SPEC_COVERAGE])
        ret_c->coverage = (struct study_coverage){
            true, a[SPEC_COVERAGE].number[at[SPEC_COVERAGE] - 1], 0, ""};
    return !at[SPEC_STATISTIC] ||
           study_claim_statistic(ret_c, a[SPEC_STATISTIC].text[at[SPEC_STATISTIC] - 1], known,
                                 sizeof known);
}

/* The surrogate in one side's place: its times inside this window, sessions anew. */
static void put_side(const struct surrogate_log *log, size_t at, const struct trial *t,
                     struct subject *side)
{
    double shift = (double)(log->from_ns - t->window.from_ns) / 1e9;
    for (size_t i = 0; i < side->nstreams && at + i < log->nstreams; i++) {
        struct stream *s = &side->streams[i];
        const double *from = log->t[at + i];
        double *times = mem_alloc((log->n[at + i] + 1) * sizeof *times);
        size_t n = 0;
        for (size_t j = 0; j < log->n[at + i]; j++)
            if (from[j] + shift >= 0 && from[j] + shift < t->window.length_s)
                times[n++] = from[j] + shift;
        stream_set(s, times, NULL, n, t->study->session_s);
    }
    subject_merge(side);
}

/* ctx NULL: the data. Bounds are wanted of none. */
static void put_log(void *ctx, struct trial *t)
{
    const struct surrogate_log *log = ctx;
    t->rough = true;
    t->swap = log ? log->swap : 0;
    if (!log || log->swap)
        return;
    put_side(log, 0, t, &t->a);
    if (t->b.nstreams)
        put_side(log, t->a.nstreams, t, &t->b);
}

static double measure(const struct job *job, size_t row, size_t spec)
{
    struct study s = *job->s;
    struct study_claim c = *job->c;
    struct trial t;
    struct effect e = {NAN, NAN, NAN, NAN};
    if (!apply(job->s, &job->spec[spec], &s, &c) ||
        trial_make_altered(&t, &s, &c, job->counts, 1, put_log, row ? &job->log[row - 1] : NULL,
                           NULL) < 0)
        return NAN;
    if (is_kind(&c, "synchrony"))
        synchrony_measure(&t);
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

/* The rows of each stream, under the published window, cut into published sessions. */
static void keep_repeats(void *ctx, struct trial *t)
{
    struct job *job = ctx;
    struct study raw = *t->study;
    struct study_claim c = *t->claim;
    struct trial all;
    raw.session_s = 0;
    if (!job->s->axes[SPEC_SESSION].n && !job->s->axes[SPEC_DEDUP].n)
        return;
    struct subject *const side[2] = {&t->a, &t->b}, *const rows[2] = {&all.a, &all.b};
    if (trial_make_altered(&all, &raw, &c, t->counts, 1, NULL, NULL, NULL) < 0)
        return;
    job->repeats = mem_zero(t->a.nstreams + t->b.nstreams + 1, sizeof *job->repeats);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < side[k]->nstreams && i < rows[k]->nstreams; i++) {
            const struct stream *s = &side[k]->streams[i], *r = &rows[k]->streams[i];
            struct repeats_of *to = &job->repeats[job->nrepeats++];
            *to = (struct repeats_of){.t = mem_alloc((r->n + 1) * sizeof(double)),
                                      .first = mem_zero(s->n + 2, sizeof(size_t)),
                                      .n = s->n};
            memcpy(to->t, r->t, r->n * sizeof *to->t);
            for (size_t j = 0, at = 0; j < s->n; j++) {
                while (at < r->n && r->t[at] < s->t[j])
                    at++;
                to->first[j] = at;
            }
            to->first[s->n] = r->n;
        }
    trial_free(&all);
}

struct keep {
    const struct job *job;
    struct surrogate_log *log;
    uint32_t index;
};

/* Sessions of a stream, each with the repeats of one of the data's at random. */
static void keep_stream(const struct keep *k, const struct stream *s, struct rng *r)
{
    struct surrogate_log *log = k->log;
    size_t at = log->nstreams++, cap = 0;
    const struct repeats_of *from =
        at < k->job->nrepeats && k->job->repeats[at].n ? &k->job->repeats[at] : NULL;
    double *t = NULL;
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t j = from ? rng_below(r, from->n) : 0;
        MEM_GROW(t, n, cap);
        t[n++] = s->t[i];
        for (size_t e = from ? from->first[j] + 1 : 1; from && e < from->first[j + 1]; e++) {
            MEM_GROW(t, n, cap);
            t[n++] = s->t[i] + from->t[e] - from->t[from->first[j]];
        }
    }
    if (n)
        order_sort(t, n);
    log->t[at] = t;
    log->n[at] = n;
}

static void keep_times(void *ctx, struct trial *t)
{
    struct keep *k = ctx;
    struct surrogate_log *log = k->log;
    struct rng r;
    calibrate_innocent(t, k->index);
    rng_stream(&r, t->study->seed, RNG_BOOTSTRAP, rng_subject_of(t->a.id, 0x5eed), k->index);
    log->from_ns = t->window.from_ns;
    log->t = mem_zero(t->a.nstreams + t->b.nstreams + 1, sizeof *log->t);
    log->n = mem_zero(t->a.nstreams + t->b.nstreams + 1, sizeof *log->n);
    for (size_t i = 0; i < t->a.nstreams; i++)
        keep_stream(k, &t->a.streams[i], &r);
    for (size_t i = 0; i < t->b.nstreams; i++)
        keep_stream(k, &t->b.streams[i], &r);
}

static void draw_row(void *ctx, size_t i, size_t worker)
{
    struct job *job = ctx;
    struct keep k = {job, &job->log[i], (uint32_t)i};
    struct trial t;
    (void)worker;
    if (in_days(job->c))
        job->log[i].swap = i + 1;
    else if (trial_make_altered(&t, job->s, job->c, job->counts, 1, keep_times, &k, NULL) == 0)
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

static size_t levels(const struct study *s, const struct study_claim *c, int axis)
{
    return study_axis_known(c, (enum spec_axis)axis) ? s->axes[axis].n + 1 : 1;
}

static bool zone_is(const struct study *s, const struct study_claim *c, const char *name)
{
    for (size_t i = 0; i < c->nhours; i++)
        if (strcmp(c->hours[i].zone_name, name) != 0)
            return false;
    return c->nhours || strcmp(s->zone_name, name) == 0;
}

/* Is a value of an axis what the plan or the claim says? It would count twice. */
static bool says_again(const struct study *s, const struct study_claim *c, int axis, size_t i)
{
    const struct study_axis *a = &s->axes[axis];
    bool gaps = c->kind->feature && strcmp(c->kind->feature, "regular") == 0;
    double planned[SPEC_AXES] = {
        [SPEC_SESSION] = s->session_s,
        [SPEC_TTL] = c->ttl.kind == TTL_GIVEN ? c->ttl.seconds : NAN,
        [SPEC_WITHIN] = c->delta_s,
        [SPEC_LAG] = c->max_lag_s,
        [SPEC_BLOCK] = c->block_bits,
        [SPEC_COVERAGE] =
            c->coverage.known && !(c->coverage.others > 0) ? c->coverage.value : NAN};
    switch (axis) {
    case SPEC_DEDUP:
        return false;
    case SPEC_ZONE:
        return zone_is(s, c, a->text[i]);
    case SPEC_WINDOW:
        return a->from_ns[i] == c->from_ns && a->to_ns[i] == c->to_ns;
    case SPEC_STATISTIC:
        return strcmp(a->text[i], gaps ? gap_statistic_names[c->statistic]
                                       : series_feature_names[c->features]) == 0;
    default:
        return a->number[i] == planned[axis];
    }
}

/* The axes that the kind knows; with repeats kept, no session's length makes a difference. */
static size_t enumerate(const struct study *s, const struct study_claim *c,
                        struct specification **ret)
{
    size_t n = 1, kept = 0;
    for (int a = 0; a < SPEC_AXES; a++)
        n *= levels(s, c, a);
    *ret = mem_zero(n, sizeof **ret);
    for (size_t i = 0; i < n; i++) {
        struct specification one = {.effect = NAN};
        size_t rest = i;
        bool again = false;
        for (int a = 0; a < SPEC_AXES; a++) {
            one.level[a] = rest % levels(s, c, a);
            rest /= levels(s, c, a);
            again |= one.level[a] && says_again(s, c, a, one.level[a] - 1);
        }
        if (!again && !(one.level[SPEC_DEDUP] && one.level[SPEC_SESSION]))
            (*ret)[kept++] = one;
    }
    return kept;
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

static void free_job(struct job *job, size_t m)
{
    for (size_t i = 0; i < m; i++)
        log_free(&job->log[i]);
    for (size_t i = 0; i < job->nrepeats; i++) {
        free(job->repeats[i].t);
        free(job->repeats[i].first);
    }
    free(job->repeats);
    free(job->log);
    free(job->value);
}

/* By effect, most of the claim first. */
static void put_in_order(struct multiverse *ret, struct job *job, size_t n, const double *p)
{
    for (size_t j = 0; j < n; j++) {
        job->spec[j].effect = job->value[j];
        job->spec[j].p = p[j];
    }
    qsort(job->spec, n, sizeof *job->spec, by_effect);
    for (size_t j = 0; j < n; j++) {
        job->spec[j].effect *= job->c->kind->sign;
        if (is_published(&job->spec[j]))
            ret->published = j;
    }
    ret->joint.observed[CURVE_MEDIAN] *= job->c->kind->sign;
    ret->v = job->spec;
    ret->n = n;
    ret->left_out = job->nspecs - n;
}

void multiverse_run(struct multiverse *ret, const struct study *s, const struct study_claim *c,
                    const struct counts *counts, size_t threads)
{
    size_t m = is_kind(c, "synchrony") ? SYNC_SURROGATES : MULTIVERSE_SURROGATES;
    struct job job = {.s = s, .c = c, .counts = counts};
    struct trial t;
    *ret = (struct multiverse){.published = SIZE_MAX};
    job.nspecs = enumerate(s, c, &job.spec);
    if (job.nspecs < 2) {
        free(job.spec);
        return;
    }
    if (!in_days(c) && trial_make_altered(&t, s, c, counts, 1, keep_repeats, &job, NULL) == 0)
        trial_free(&t);
    job.log = mem_zero(m, sizeof *job.log);
    job.value = mem_zero((m + 1) * job.nspecs, sizeof *job.value);
    par_for(threads, m, draw_row, &job);
    par_for(threads, m + 1, measure_row, &job);
    size_t n = keep_measured(&job, m + 1);
    double *p = mem_zero(n + 1, sizeof *p);
    if (n)
        curve_joint(&ret->joint, job.value, job.value + n, n, m, p);
    put_in_order(ret, &job, n, p);
    ret->surrogates = m;
    free_job(&job, m);
    free(p);
}

void multiverse_free(struct multiverse *m)
{
    free(m->v);
    *m = (struct multiverse){0};
}
