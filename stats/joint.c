/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/joint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/blocks.h"
#include "stats/order.h"
#include "stats/split.h"

enum { SALT_ALONE = 1, SALT_COMMON, SALT_STEADY, SALT_DATE };

/* What a run holds: the data's shape, and room for a replicate of all series. */
struct work {
    const struct joint_series *s;
    const struct joint_opts *o;
    size_t k, n, least, pieces;
    double common;
    struct clustered *left; /* k */
    double **mean;          /* k expectations of replicates */
    double **y, **mu;       /* k replicates, and the fits to their own best cuts */
    double *phi;            /* k */
    double **gain, *sum;    /* k tables of blocks.h, and their sum over phi */
    double **log_e, *log_n; /* logs of exposures, as gain; of counts below `logs` */
    size_t logs;
    double *z;    /* n normals in common */
    size_t *from; /* n + 1 */
};

static double total(const double *v, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += v[i];
    return sum;
}

static double **rows_new(size_t k, size_t n)
{
    double **rows = mem_alloc((k + 1) * sizeof *rows);
    rows[0] = mem_zero(k * n, sizeof(double));
    for (size_t i = 1; i < k; i++)
        rows[i] = rows[0] + i * n;
    return rows;
}

static void rows_free(double **rows)
{
    free(rows[0]);
    free(rows);
}

/* Nine tenths of the time would go into logs of N/U: those of U are the same in all
 * replicates, those of N are of whole numbers. */
static void make_logs(struct work *w)
{
    double most = 1, e;
    w->log_e = rows_new(w->k, blocks_pairs(w->n));
    for (size_t k = 0; k < w->k; k++) {
        most = fmax(most, total(w->s[k].y, 0, w->n));
        for (size_t from = 0; from < w->n; from++) {
            e = 0;
            for (size_t to = from + 1; to <= w->n; to++) {
                e += w->s[k].e[to - 1];
                w->log_e[k][blocks_at(from, to)] = log(e);
            }
        }
    }
    w->logs = (size_t)fmin(4 * most, 1e6) + 1;
    w->log_n = mem_alloc(w->logs * sizeof *w->log_n);
    for (size_t i = 0; i < w->logs; i++)
        w->log_n[i] = log((double)i);
}

/* As blocks_gains. */
static void gains(const struct work *w, size_t k, const double *y)
{
    for (size_t to = 1; to <= w->n; to++) {
        double n = 0, *gain = w->gain[k] + blocks_at(0, to);
        const double *log_e = w->log_e[k] + blocks_at(0, to);
        for (size_t from = to; from-- > 0;) {
            n += y[from];
            double log_n = n < (double)w->logs ? w->log_n[(size_t)n] : log(n);
            gain[from] = n > 0 && isfinite(log_e[from]) ? n * (log_n - log_e[from]) : 0;
        }
    }
}

static void work_make(struct work *w)
{
    w->least = w->n / 20 > 2 ? w->n / 20 : 2;
    w->pieces = 2;
    w->left = mem_zero(w->k, sizeof *w->left);
    w->mean = rows_new(w->k, w->n);
    w->y = rows_new(w->k, w->n);
    w->mu = rows_new(w->k, w->n);
    w->phi = mem_alloc(w->k * sizeof *w->phi);
    w->gain = rows_new(w->k, blocks_pairs(w->n));
    make_logs(w);
    w->sum = mem_alloc(blocks_pairs(w->n) * sizeof *w->sum);
    w->z = mem_alloc(w->n * sizeof *w->z);
    w->from = mem_alloc((w->n + 1) * sizeof *w->from);
}

/* What outlives the run, left and phi, is the caller's. */
static void work_free(struct work *w)
{
    rows_free(w->mean);
    rows_free(w->y);
    rows_free(w->mu);
    rows_free(w->gain);
    rows_free(w->log_e);
    free(w->log_n);
    free(w->sum);
    free(w->z);
    free(w->from);
}

static double rate_of(const struct joint_series *s, const double *y, size_t from, size_t to)
{
    double e = total(s->e, from, to);
    return e > 0 ? total(y, from, to) / e : 0;
}

/* --- replicates ------------------------------------------------------------------------ */

static void stream_of(const struct work *w, struct rng *r, uint64_t id, uint64_t salt,
                      uint32_t i)
{
    rng_stream(r, w->o->seed, RNG_BOOTSTRAP, rng_subject_of(id, salt), i);
}

/* Series k; z NULL: apart from the others. */
static void draw_one(const struct work *w, size_t k, const struct clustered *c, const double *z,
                     uint64_t salt, uint32_t i)
{
    struct rng r;
    double own = z ? sqrt(1 - w->common) : 1, *y = w->y[k];
    stream_of(w, &r, w->s[k].id, salt, i);
    for (size_t at = 0; at < w->n; at++)
        y[at] = own * rng_normal(&r) + (z ? sqrt(w->common) * z[at] : 0);
    clustered_follow(c, w->n, y, y);
    clustered_counts(w->mean[k], w->n, &r, y);
}

static void draw_all(const struct work *w, uint64_t salt, uint32_t i)
{
    struct rng r;
    stream_of(w, &r, ~w->o->subject, salt, i); /* no series' own, whatever it is called */
    for (size_t at = 0; at < w->n; at++)
        w->z[at] = rng_normal(&r);
    for (size_t k = 0; k < w->k; k++)
        draw_one(w, k, &w->left[k], w->z, salt, i);
}

/* --- one set of series ------------------------------------------------------------------ */

/* The series' own best cut: its gains, the fit, the dispersion about it; what it leaves. */
static void cut_own(const struct work *w, size_t k, const double *y, struct clustered *ret)
{
    const double *e = w->s[k].e;
    gains(w, k, y);
    size_t blocks = blocks_cut_into(w->gain[k], w->n, w->least, w->pieces, w->from);
    for (size_t b = 0; b < blocks; b++) {
        size_t to = b + 1 < blocks ? w->from[b + 1] : w->n;
        double rate = rate_of(&w->s[k], y, w->from[b], to);
        for (size_t i = w->from[b]; i < to; i++)
            w->mu[k][i] = rate * e[i];
    }
    w->phi[k] = fmax(1, split_dispersion(y, w->mu[k], w->n));
    clustered_fit(ret, y, w->mu[k], w->n, blocks);
}

static void add_gains(const struct work *w)
{
    for (size_t g = 0; g < blocks_pairs(w->n); g++) {
        w->sum[g] = 0;
        for (size_t k = 0; k < w->k; k++)
            w->sum[g] += w->gain[k][g] / w->phi[k];
    }
}

/* LR of one date in the middle of cells [0, n), from gains. */
static double lr_at(const double *gain, size_t n, size_t at)
{
    return fmax(0,
                2 * (gain[blocks_at(0, at)] + gain[blocks_at(at, n)] - gain[blocks_at(0, n)]));
}

/* The largest over dates, and where. */
static double lr_largest(const struct work *w, const double *gain, size_t *ret_at)
{
    double best = 0;
    *ret_at = w->least;
    for (size_t at = w->least; at + w->least <= w->n; at++) {
        double lr = lr_at(gain, w->n, at);
        if (lr > best) {
            best = lr;
            *ret_at = at;
        }
    }
    return best;
}

/* --- scatter that they have in common ----------------------------------------------------- */

/* Correlation of the innovations of two series of AR(1) over that of the series. */
static double innovation(const struct clustered *a, const struct clustered *b)
{
    return (1 - a->rho * b->rho) / sqrt((1 - a->rho * a->rho) * (1 - b->rho * b->rho));
}

static double common_of(const struct work *w, double *const *y)
{
    double products = 0, means = 0, scatter = 0;
    for (size_t a = 0; a < w->k; a++)
        for (size_t b = a + 1; b < w->k; b++) {
            double s =
                sqrt(w->left[a].s2 * w->left[b].s2) / innovation(&w->left[a], &w->left[b]);
            for (size_t i = 0; i < w->n && s > 0; i++) {
                double mu = w->mu[a][i] * w->mu[b][i];
                products += (y[a][i] - w->mu[a][i]) * (y[b][i] - w->mu[b][i]);
                means += mu;
                scatter += mu * s;
            }
        }
    if (!(scatter > 0))
        return 0;
    return fmin(1, fmax(0, log1p(fmax(0, products / means)) * means / scatter));
}

static void find_common(struct work *w, double found)
{
    enum { ROUNDS = 3, SERIES = 60 };
    struct clustered again;
    w->common = found;
    for (int round = 0; found > 0 && round < ROUNDS; round++) {
        double sum = 0;
        for (uint32_t i = 0; i < SERIES; i++) {
            draw_all(w, SALT_COMMON, i);
            for (size_t k = 0; k < w->k; k++)
                cut_own(w, k, w->y[k], &again);
            sum += common_of(w, w->y) / SERIES;
        }
        w->common = fmin(1, fmax(0, w->common + found - sum));
    }
}

/* --- steady series ------------------------------------------------------------------------ */

struct alone {
    const struct work *w;
    size_t k;
};

static bool leave_again(void *ctx, const struct clustered *c, uint32_t i, struct clustered *ret)
{
    const struct alone *a = ctx;
    draw_one(a->w, a->k, c, NULL, SALT_ALONE, i);
    cut_own(a->w, a->k, a->w->y[a->k], ret);
    return true;
}

static void even_means(const struct work *w)
{
    for (size_t k = 0; k < w->k; k++) {
        double rate = rate_of(&w->s[k], w->s[k].y, 0, w->n);
        for (size_t i = 0; i < w->n; i++)
            w->mean[k][i] = rate * w->s[k].e[i];
    }
}

/* What the replicates' law needs, from the data; the data's gains are in w afterwards. */
static void fit(struct work *w)
{
    double **data = mem_alloc(w->k * sizeof *data), found;
    struct clustered again;
    even_means(w);
    for (size_t k = 0; k < w->k; k++) {
        struct alone a = {w, k};
        data[k] = (double *)(uintptr_t)w->s[k].y;
        cut_own(w, k, data[k], &w->left[k]);
        clustered_give_back(&w->left[k], leave_again, &a);
        cut_own(w, k, data[k], &again); /* the fit to the data once more */
    }
    found = common_of(w, data);
    find_common(w, found);
    for (size_t k = 0; k < w->k; k++)
        cut_own(w, k, data[k], &again);
    free(data);
    add_gains(w);
}

/* Of each replicate: the least penalty without a date, the largest sum, and of each series LR
 * over phi at the date of that sum and at its own best. */
struct steady {
    double *critical, *largest, **at_date, **own;
    double *data; /* the data's own best, of each series */
};

static void run_steady(struct work *w, struct steady *s)
{
    struct clustered again;
    for (uint32_t i = 0; i < w->o->replicates; i++) {
        size_t at, own;
        draw_all(w, SALT_STEADY, i);
        for (size_t k = 0; k < w->k; k++)
            cut_own(w, k, w->y[k], &again);
        add_gains(w);
        s->critical[i] = blocks_cut_critical(w->sum, w->n, w->least);
        s->largest[i] = lr_largest(w, w->sum, &at);
        for (size_t k = 0; k < w->k; k++) {
            s->at_date[k][i] = lr_at(w->gain[k], w->n, at) / w->phi[k];
            s->own[k][i] = lr_largest(w, w->gain[k], &own) / w->phi[k];
        }
    }
}

static double rank_p(const double *sorted, size_t n, double x)
{
    return (double)(n - order_below(sorted, n, x) + 1) / (double)(n + 1);
}

/* The least rank over series of each replicate, among all and the data, ascending; sorts what
 * it was made from. */
static double *least_ranks(const struct work *w, struct steady *s)
{
    size_t m = w->o->replicates;
    double *least = mem_alloc((m + 1) * sizeof *least),
           *sorted = mem_alloc((m + 1) * sizeof *sorted);
    for (size_t i = 0; i < m; i++)
        least[i] = 1;
    for (size_t k = 0; k < w->k; k++) {
        memcpy(sorted, s->own[k], m * sizeof *sorted);
        order_sort(sorted, m);
        for (size_t i = 0; i < m; i++) {
            double own = s->own[k][i];
            size_t above = m - order_below(sorted, m, own) + (s->data[k] >= own);
            least[i] = fmin(least[i], (double)above / (double)(m + 1));
        }
        memcpy(s->own[k], sorted, m * sizeof *sorted);
        order_sort(s->at_date[k], m);
    }
    order_sort(least, m);
    free(sorted);
    return least;
}

/* --- a date ---------------------------------------------------------------------------------
 */

/* One date in cells [from, to), each series at the dispersion that its own best date leaves. */
struct single {
    double *sum;  /* of LR/phi by date, from `from`; 0 where none is looked at */
    double best;  /* the largest */
    double apart; /* sum of each series' largest less it */
};

static void look(const struct work *w, const struct joint_date *d, double *const *y,
                 struct single *ret)
{
    size_t n = d->to - d->from;
    memset(ret->sum, 0, n * sizeof *ret->sum);
    ret->best = ret->apart = 0;
    for (size_t k = 0; k < w->k; k++) {
        struct split_best s;
        const double *own = y[k] + d->from, *e = w->s[k].e + d->from;
        split_scan(&s, own, e, n, w->least, n - w->least);
        if (isnan(s.lr))
            continue; /* no event: nothing said of any date */
        split_studentised(&s, own, e, n, w->mu[k]);
        double phi = fmax(1, split_dispersion(own, w->mu[k], n));
        for (size_t at = w->least; at + w->least <= n; at++) {
            double lr = split_lr(own, e, n, at);
            ret->sum[at] += isnan(lr) ? 0 : lr / phi;
        }
        ret->apart += s.lr / phi;
    }
    for (size_t at = 0; at < n; at++)
        ret->best = fmax(ret->best, ret->sum[at]);
    ret->apart = fmax(0, ret->apart - ret->best);
}

static void date_means(const struct work *w, const struct joint_date *d)
{
    for (size_t k = 0; k < w->k; k++)
        for (size_t i = d->from; i < d->to; i++)
            w->mean[k][i] = w->s[k].e[i] * (i < d->at ? d->part[k].before : d->part[k].after);
}

/* Interval, and whether it is one date: from replicates with a change at the found one. */
static void find_interval(struct work *w, double *const *data, struct joint_date *d)
{
    uint32_t m = w->o->replicates / 2 + 1;
    struct single s = {.sum = mem_alloc((d->to - d->from) * sizeof *s.sum)};
    double *gap = mem_alloc(m * sizeof *gap), *apart = mem_alloc(m * sizeof *apart);
    date_means(w, d);
    for (uint32_t i = 0; i < m; i++) {
        draw_all(w, SALT_DATE + d->at, i);
        look(w, d, w->y, &s);
        gap[i] = s.best - s.sum[d->at - d->from];
        apart[i] = s.apart;
    }
    double far = order_quantile(gap, m, .95);
    look(w, d, data, &s);
    d->lo = d->hi = d->at;
    for (size_t at = d->from + w->least; at + w->least <= d->to; at++)
        if (s.best - s.sum[at - d->from] <= far) {
            d->lo = at < d->lo ? at : d->lo;
            d->hi = at > d->hi ? at : d->hi;
        }
    order_sort(apart, m);
    d->apart = s.apart;
    d->log_p_apart = w->k > 1 ? log(rank_p(apart, m, s.apart)) : NAN;
    free(s.sum);
    free(gap);
    free(apart);
}

static void add_parts(const struct work *w, const struct steady *s, const double *least,
                      const double *phi, struct joint_date *d)
{
    size_t m = w->o->replicates;
    d->part = mem_zero(w->k, sizeof *d->part);
    for (size_t k = 0; k < w->k; k++) {
        struct joint_part *p = &d->part[k];
        const struct joint_series *one = &w->s[k];
        double lr =
            split_lr(one->y + d->from, one->e + d->from, d->to - d->from, d->at - d->from);
        p->before = rate_of(one, one->y, d->from, d->at);
        p->after = rate_of(one, one->y, d->at, d->to);
        p->statistic = isnan(lr) ? 0 : lr / phi[k];
        p->log_p = log(rank_p(s->at_date[k], m, p->statistic));
        double rank = rank_p(s->own[k], m, p->statistic);
        size_t below = order_below(least, m, rank * (1 + 1e-12));
        p->log_p_joint = log((double)(below + 1) / (double)(m + 1));
        d->statistic += p->statistic;
    }
}

static void add_dates(struct work *w, struct steady *s, struct joint *j, size_t blocks)
{
    double *least = least_ranks(w, s), **data = mem_alloc(w->k * sizeof *data);
    size_t *from = mem_alloc((w->n + 1) * sizeof *from);
    memcpy(from, w->from, blocks * sizeof *from);
    from[blocks] = w->n;
    for (size_t k = 0; k < w->k; k++)
        data[k] = (double *)(uintptr_t)w->s[k].y;
    order_sort(s->largest, w->o->replicates);
    j->largest = s->largest;
    s->largest = NULL; /* the result's now */
    j->ndates = blocks - 1;
    j->dates = mem_zero(blocks, sizeof *j->dates);
    for (size_t b = 1; b < blocks; b++) {
        struct joint_date *d = &j->dates[b - 1];
        *d = (struct joint_date){.from = from[b - 1], .at = from[b], .to = from[b + 1]};
        add_parts(w, s, least, j->phi, d);
        d->log_p = joint_log_p(j, d->statistic);
        find_interval(w, data, d);
    }
    free(data);
    free(from);
    free(least);
}

/* --- the whole -------------------------------------------------------------------------------
 */

static bool too_little(const struct joint_series *s, size_t k, size_t n)
{
    size_t cells = 0;
    for (size_t i = 0; i < n; i++) {
        bool any = false;
        for (size_t j = 0; j < k; j++)
            any |= s[j].e[i] > 0;
        cells += any;
    }
    for (size_t j = 0; j < k; j++)
        if (total(s[j].y, 0, n) < JOINT_EVENTS)
            return true;
    return k == 0 || cells < JOINT_CELLS;
}

size_t joint_pieces(size_t n)
{
    size_t pieces = 1 + n / JOINT_WEEKS;
    return pieces < 2 ? 2 : pieces > JOINT_PIECES ? JOINT_PIECES : pieces;
}

static void steady_make(struct steady *s, size_t k, size_t m)
{
    *s = (struct steady){mem_alloc((m + 1) * sizeof(double)),
                         mem_alloc((m + 1) * sizeof(double)), rows_new(k, m + 1),
                         rows_new(k, m + 1), mem_alloc(k * sizeof(double))};
}

static void steady_free(struct steady *s)
{
    free(s->critical);
    free(s->largest);
    rows_free(s->at_date);
    rows_free(s->own);
    free(s->data);
}

/* The data and the steady series under a law that is read off cuts into w->pieces; the data's
 * gains are copied to ret_sum, their dispersions to ret_phi. */
static void judge(struct work *w, struct steady *s, double *ret_sum, double *ret_phi)
{
    fit(w);
    for (size_t i = 0; i < w->k; i++) {
        size_t at;
        s->data[i] = lr_largest(w, w->gain[i], &at) / w->phi[i];
    }
    memcpy(ret_sum, w->sum, blocks_pairs(w->n) * sizeof *ret_sum);
    memcpy(ret_phi, w->phi, w->k * sizeof *ret_phi);
    run_steady(w, s);
}

int joint_find(struct joint *ret, const struct joint_series *s, size_t k, size_t n,
               const struct joint_opts *o)
{
    if (too_little(s, k, n))
        return -1;
    struct work w = {.s = s, .o = o, .k = k, .n = n};
    struct joint j = {.k = k, .n = n, .phi = mem_alloc(k * sizeof(double))};
    struct steady steady;
    uint32_t m = o->replicates;
    double *sum = mem_alloc(blocks_pairs(n) * sizeof *sum);
    steady_make(&steady, k, m);
    work_make(&w);
    judge(&w, &steady, sum, j.phi);
    double critical = blocks_cut_critical(sum, n, w.least);
    j.mc = (struct mc){.max = m};
    for (uint32_t i = 0; i < m; i++)
        mc_add(&j.mc, steady.critical[i], critical);
    j.log_p = log(mc_p(&j.mc));
    bool any = j.log_p <= log(.05) + 1e-9;
    if (any && joint_pieces(n) > w.pieces) {
        w.pieces = joint_pieces(n);
        judge(&w, &steady, sum, j.phi);
    }
    j.least = w.least;
    j.common = w.common;
    j.penalty = order_quantile(steady.critical, m, .95);
    add_dates(&w, &steady, &j, any ? blocks_cut(sum, n, w.least, j.penalty, w.from) : 1);
    j.left = w.left;
    free(sum);
    steady_free(&steady);
    free(w.phi);
    work_free(&w);
    *ret = j;
    return 0;
}

bool joint_takes_part(const struct joint_part *p)
{
    return p->log_p_joint <= log(.05) + 1e-9;
}

double joint_log_p(const struct joint *j, double statistic)
{
    return log(rank_p(j->largest, j->mc.max, statistic));
}

void joint_free(struct joint *j)
{
    for (size_t i = 0; i < j->ndates; i++)
        free(j->dates[i].part);
    free(j->dates);
    free(j->phi);
    free(j->left);
    free(j->largest);
    *j = (struct joint){0};
}
