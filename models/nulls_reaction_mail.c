/* SPDX-License-Identifier: GPL-3.0-or-later
 * reaction, explanation `mail`: the rate changed because mailings ended or began. Here their
 * time is not set aside, as apart.h does: look-ups that mails make may change too, and that is
 * part of what is claimed. Time within `after` of a mailing and the rest have a rate of their
 * own each, which the null holds for all of the window; what changed is how much of either kind
 * of time a day has:
 *
 *     E y_i = far e_i + near h_i
 *
 * where h_i is how many hours of the mailings' time in cell i were listened to, and e_i what
 * rhythm and time at risk expect of the rest. Both rates are totals over exposures. The
 * statistic is that of `scatter` about this mean, its dispersion at least 1: who answers every
 * mail once scatters less than Poisson's law, and replicates cannot (.07 of logs were rejected
 * for .05 with the least of `scatter`, one half). Replicates have its scatter and memory, each
 * session is a mailing's with the mean's share, and both rates are fitted anew. Effect and
 * bound: Mantel & Haenszel's ratio of both parts, after over before (clustered_common_ratio). A
 * part that is on one side alone says nothing; where both are, nothing is left and p is 1.
 *
 * Hours, not mails, are counted because a cache answers the second of two mails at once. They
 * are hours listened to and not at risk: who is told of a mail asks once, at once, so that time
 * at risk would be that of the mails that nobody asked for.
 *
 * Source: Breslow & Day 1987, Statistical Methods in Cancer Research II, chapter 3 (rates by
 * stratum); Greenland & Robins 1985, Biometrics 41:55. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "base/text.h"
#include "models/apart.h"
#include "models/sides.h"
#include "stats/change.h"
#include "stats/split.h"

enum { FAR, NEAR, PARTS };

/* Cells by part of the time: sessions and exposures, nothing in a cell of neither side. */
struct parts {
    size_t n;
    double *y[PARTS], *e[PARTS];
    double sum_y[PARTS], sum_e[PARTS];
};

static void parts_free(struct parts *p)
{
    free(p->y[FAR]);
    *p = (struct parts){0};
}

/* Rates of both parts times their exposures, from the date on times `ratio`. */
static void mean_of(const struct parts *p, const double rate[PARTS], size_t at, double ratio,
                    double *ret)
{
    for (size_t i = 0; i < p->n; i++)
        ret[i] =
            (rate[FAR] * p->e[FAR][i] + rate[NEAR] * p->e[NEAR][i]) * (i >= at ? ratio : 1);
}

static void rates_of(const struct parts *p, const double y[PARTS], double ret[PARTS])
{
    for (int part = 0; part < PARTS; part++)
        ret[part] = p->sum_e[part] > 0 ? y[part] / p->sum_e[part] : 0;
}

/* The same before the date, of a common ratio. */
static void rates_before(const struct sides *s, double ratio, double ret[PARTS])
{
    for (int part = 0; part < PARTS; part++) {
        const struct clustered_stratum *p = &s->part[part];
        double e = p->e[0] + ratio * p->e[1];
        ret[part] = e > 0 ? (p->y[0] + p->y[1]) / e : 0;
    }
}

/* `rest` NULL: mailings' time is all there is. */
static void parts_make(struct parts *ret, const struct trial *t, const struct trial *rest,
                       const struct sides *s)
{
    const struct grid *g = &t->cells.grid;
    *ret = (struct parts){.n = g->n};
    ret->y[FAR] = mem_zero(2 * PARTS * (g->n + 1), sizeof **ret->y);
    ret->y[NEAR] = ret->y[FAR] + g->n;
    ret->e[FAR] = ret->y[NEAR] + g->n;
    ret->e[NEAR] = ret->e[FAR] + g->n;
    for (size_t i = 0; i < g->n; i++) {
        double from = g->t0 + (double)i * g->width, to = from + g->width;
        double live = window_live_between(&t->window, from, to);
        if (i >= s->until && i < s->at)
            continue;
        ret->y[FAR][i] = rest ? rest->cells.y[i] : 0;
        ret->e[FAR][i] = rest ? rest->cells.e[i] : 0;
        ret->y[NEAR][i] = t->cells.y[i] - ret->y[FAR][i];
        ret->e[NEAR][i] =
            (live - (rest ? window_live_between(&rest->window, from, to) : 0)) / 3600;
    }
    for (int part = 0; part < PARTS; part++)
        for (size_t i = 0; i < g->n; i++) {
            ret->sum_y[part] += ret->y[part][i];
            ret->sum_e[part] += ret->e[part][i];
        }
}

struct mail_job {
    const struct parts *p;
    size_t at;
    int sign;
    double before[PARTS]; /* rates before the date at the ratio found */
    double *mean;         /* of the null */
    struct clustered left;
    double **y, **mu, **work; /* one a worker */
};

static double mail_statistic(const struct mail_job *j, const double *y,
                             const double total[PARTS], size_t worker)
{
    double rate[PARTS];
    rates_of(j->p, total, rate);
    mean_of(j->p, rate, j->at, 1, j->mu[worker]);
    const double *mu = j->mu[worker];
    double root = change_at(y, mu, j->p->n, j->at, j->sign, j->work[worker]);
    double poisson = sqrt(split_lr(y, mu, j->p->n, j->at));
    return isnan(root) ? NAN : copysign(fmin(fabs(root), poisson), root);
}

/* One of mean `mean`, in which mailings' time has `rate`; `mean` may be mu[worker]. */
static double mail_of(const struct mail_job *j, const double *mean, double near, double ratio,
                      struct rng *r, size_t worker)
{
    double *y = j->y[worker], total[PARTS] = {0, 0};
    clustered_draw(&j->left, mean, j->p->n, r, y);
    for (size_t i = 0; i < j->p->n; i++) {
        double own = near * j->p->e[NEAR][i] * (i >= j->at ? ratio : 1);
        double mailed =
            y[i] > 0 ? (double)rng_binomial(r, (uint64_t)y[i], fmin(1, own / mean[i])) : 0;
        total[NEAR] += mailed;
        total[FAR] += y[i] - mailed;
    }
    return mail_statistic(j, y, total, worker);
}

static double mail_draw(void *ctx, struct rng *r, size_t worker)
{
    const struct mail_job *j = ctx;
    double rate[PARTS];
    rates_of(j->p, j->p->sum_y, rate);
    return mail_of(j, j->mean, rate[NEAR], 1, r, worker);
}

/* Both rates go on as before, times `effect` from the date. */
static double mail_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct mail_job *j = ctx;
    mean_of(j->p, j->before, j->at, effect, j->mu[worker]);
    return mail_of(j, j->mu[worker], j->before[NEAR], effect, r, worker);
}

/* Share of cells [from, to) of what was listened to that the mailings' time is. */
static double share_of(const struct trial *t, double near_hours, size_t from, size_t to)
{
    const struct grid *g = &t->cells.grid;
    double live = window_live_between(&t->window, g->t0 + (double)from * g->width,
                                      g->t0 + (double)to * g->width);
    return live > 0 ? near_hours * 3600 / live : 0;
}

static void mail_detail(const struct trial *t, const struct parts *p, const struct sides *s,
                        struct null_result *ret)
{
    const struct study_aside *a = &t->claim->mailings;
    const double *hours = s->part[NEAR].e;
    char after[TEXT_TIME_MAX], *end = ret->detail;
    double ratio = clustered_common_ratio(s->part, PARTS);
    text_of_duration(after, (int64_t)(a->after_s * (double)NS_PER_S));
    if (ret->why != WHY_NONE && ret->why != WHY_INCONCLUSIVE)
        return;
    snprintf(end, sizeof ret->detail,
             "%.0f of %.0f sessions come within %s after a stated moment (%s), %.3g %% of the "
             "time before the date, %.3g %% after it; ",
             p->sum_y[NEAR], p->sum_y[NEAR] + p->sum_y[FAR], after, study_source(a->source),
             100 * share_of(t, hours[0], 0, s->until),
             100 * share_of(t, hours[1], s->at, s->at + s->after));
    size_t used = strlen(end);
    if (isnan(ratio))
        snprintf(end + used, sizeof ret->detail - used, "too few are left to test");
    else
        snprintf(end + used, sizeof ret->detail - used, "at equal shares the ratio is %.3g",
                 ratio);
}

/* With the ratio found the rates before the date, and what scatters about them. */
static void mail_fit(struct mail_job *j, const struct trial *t, struct sides *s)
{
    const struct parts *p = j->p;
    struct change_opts o = {.seed = t->study->seed, .subject = t->a.id};
    double rate[PARTS], ratio = clustered_common_ratio(s->part, PARTS);
    rates_before(s, isfinite(ratio) ? ratio : 1, j->before);
    mean_of(p, j->before, j->at, 1, j->mean);
    s->phi = sides_dispersion(s, t->cells.y, j->mean, p->n);
    rates_of(p, p->sum_y, rate);
    mean_of(p, rate, j->at, 1, j->mean);
    change_left(&j->left, t->cells.y, j->mean, p->n, j->at, &o);
}

static void mail_test(struct trial *t, const struct parts *p, struct sides *s,
                      struct null_result *ret)
{
    size_t workers = par_threads(t->threads);
    double *room = mem_zero((3 * workers + 1) * (p->n + 1), sizeof *room);
    double **rows = mem_zero(3 * workers, sizeof *rows);
    struct mail_job j = {.p = p,
                         .at = s->at,
                         .sign = t->claim->kind->sign,
                         .mean = room,
                         .y = rows,
                         .mu = rows + workers,
                         .work = rows + 2 * workers};
    for (size_t i = 0; i < 3 * workers; i++)
        rows[i] = room + (i + 1) * (p->n + 1);
    mail_fit(&j, t, s);
    ret->statistic =
        "signed root of the likelihood ratio at the date, mailings' time as exposure";
    trial_replicate(t, "reaction-mail", mail_statistic(&j, t->cells.y, p->sum_y, 0), mail_draw,
                    &j, ret);
    trial_power(t, "reaction-mail", mail_inject, &j, ret);
    ret->u = sides_room(t, s);
    free(rows);
    free(room);
}

/* `in` is the mailings' time. */
static void mail_in_parts(struct trial *t, const struct stretches *in, struct sides *s,
                          struct null_result *ret)
{
    struct trial rest;
    struct parts p;
    bool any = trial_apart(&rest, t, in->v, in->n, NULL) == 0;
    parts_make(&p, t, any ? &rest : NULL, s);
    s->parts = PARTS;
    for (int part = 0; part < PARTS; part++) {
        sides_sums(p.y[part], s, s->part[part].y);
        sides_sums(p.e[part], s, s->part[part].e);
    }
    if (!(p.sum_e[NEAR] > 0))
        trial_untested(ret, WHY_MIN_DATA, "nobody listened after any of the stated moments");
    else if (isnan(clustered_common_ratio(s->part, PARTS)))
        apart_nothing_left(ret);
    else
        mail_test(t, &p, s, ret);
    mail_detail(t, &p, s, ret);
    parts_free(&p);
    if (any)
        trial_free(&rest);
}

void null_reaction_mail(struct trial *t, struct null_result *ret)
{
    struct sides s;
    struct stretches in;
    if (!study_aside_given(&t->claim->mailings)) {
        trial_untested(ret, WHY_NEEDS_DATA, "needs %s", MAIL_LOG);
        return;
    }
    sides_make(t, &s);
    if (!sides_unreadable(t, &s, ret) &&
        apart_stretches(t, &t->claim->mailings, 0, &in, ret) == 0) {
        mail_in_parts(t, &in, &s, ret);
        stretches_free(&in);
    }
    sides_free(&s);
}
