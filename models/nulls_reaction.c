/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims that look-ups fell (or, with feature rise, rose) at a stated date. The estimand is
 * the rate after over the rate before, over the same ratio of the controls where the study
 * names some. Rates are sessions over what rhythm and time at risk expect, by cells of a
 * day or less.
 *
 * Where the sensor's listening time was inferred from look-ups, its ends say nothing of
 * starting or stopping: nothing is tested unless look-ups of other pairs, on both sides of
 * the date, cover the window. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"
#include "models/causes.h"
#include "models/sides.h"
#include "stats/change.h"
#include "stats/clustered.h"
#include "stats/stop.h"
#include "stats/tail.h"

enum { RCODE_NXDOMAIN = 3 };
enum { DATE_REPLICATES = 999 };

/* The controls as one series, for its scatter about its own rhythm. */
static void control_cells(struct trial *t)
{
    struct subject all = {0};
    for (size_t k = 0; k < t->ncontrols; k++) {
        all.nstreams += t->control_a[k].nstreams;
        all.n += t->control_a[k].n;
    }
    all.streams = mem_alloc((all.nstreams + 1) * sizeof *all.streams);
    all.t = mem_alloc((all.n + 1) * sizeof *all.t);
    for (size_t k = 0, streams = 0, n = 0; k < t->ncontrols; k++) {
        const struct subject *one = &t->control_a[k];
        memcpy(all.streams + streams, one->streams, one->nstreams * sizeof *all.streams);
        memcpy(all.t + n, one->t, one->n * sizeof *all.t);
        streams += one->nstreams;
        n += one->n;
    }
    daycells_make(&t->control_cells, &all, &t->window, t->study->zone);
    free(all.streams);
    free(all.t);
}

int reaction_prepare(struct trial *t, struct err *err)
{
    double date = sides_date(t);
    if (!(date > 0 && date < t->window.length_s))
        return err_set(err, ERR_DEGENERATE, "claim %s: its date lies outside its window",
                       t->claim->id);
    daycells_make(&t->cells, &t->a, &t->window, t->study->zone);
    size_t own = (size_t)floor((date - t->cells.grid.t0) / t->cells.grid.width + 1e-9);
    if (own < t->cells.grid.n &&
        date > t->cells.grid.t0 + (double)own * t->cells.grid.width + 1)
        t->cells.y[own] = t->cells.e[own] = 0; /* on neither side of the date */
    trial_controls(t);
    if (t->ncontrols && !t->rough)
        control_cells(t);
    return 0;
}

void reaction_effect(const struct trial *t, struct effect *ret)
{
    struct sides s;
    sides_make(t, &s);
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (s.y[0] > 0 && s.e[0] > 0 && s.e[1] > 0) {
        ret->value = sides_ratio(&s);
        ret->lo = t->rough ? NAN : sides_bound(&s, (1 + ret->level) / 2, false);
        ret->hi = t->rough ? NAN : sides_bound(&s, (1 + ret->level) / 2, true);
    }
    sides_free(&s);
}

/* --- scatter: chance, with the scatter and memory of the days -------------------------------
 */

struct scatter_job {
    const struct daycells *cells;
    double before; /* rate before the date over what e says */
    struct clustered left;
    size_t at;
    int sign;
    double **y, **work; /* one a worker */
};

static double scatter_draw(void *ctx, struct rng *r, size_t worker)
{
    const struct scatter_job *job = ctx;
    const struct daycells *c = job->cells;
    clustered_draw(&job->left, c->e, c->grid.n, r, job->y[worker]);
    return change_at(job->y[worker], c->e, c->grid.n, job->at, job->sign, job->work[worker]);
}

/* The rate before goes on, times `effect` from the date. */
static double scatter_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct scatter_job *job = ctx;
    const struct daycells *c = job->cells;
    double *mu = job->work[worker];
    for (size_t i = 0; i < c->grid.n; i++)
        mu[i] = c->e[i] * job->before * (i >= job->at ? effect : 1);
    clustered_draw(&job->left, mu, c->grid.n, r, job->y[worker]);
    return change_at(job->y[worker], c->e, c->grid.n, job->at, job->sign, job->work[worker]);
}

/* Given the total, sessions after are binomial where the law is Poisson's (E1): printed,
 * never decides. */
static double binomial_log_p(const struct sides *s, int sign)
{
    uint64_t after = (uint64_t)s->y[1], all = (uint64_t)(s->y[0] + s->y[1]);
    double share = s->e[1] / (s->e[0] + s->e[1]);
    return sign > 0 ? binomial_log_upper(after, all, share)
                    : binomial_log_lower(after, all, share);
}

void null_reaction_scatter(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    if (!sides_unreadable(t, &s, ret)) {
        const struct daycells *c = &t->cells;
        size_t workers = par_threads(t->threads), n = c->grid.n;
        struct scatter_job job = {.cells = c, .at = s.at, .sign = t->claim->kind->sign};
        struct change_opts o = {.seed = t->study->seed, .subject = t->a.id};
        change_left(&job.left, c->y, c->e, n, s.at, &o);
        job.before = s.y[0] / s.e[0];
        job.y = mem_zero(2 * workers, sizeof *job.y);
        job.work = job.y + workers;
        for (size_t i = 0; i < 2 * workers; i++)
            job.y[i] = mem_zero(n + 1, sizeof **job.y);
        ret->statistic = "signed root of the likelihood ratio at the date, over its dispersion";
        trial_replicate(t, "reaction-scatter",
                        change_at(c->y, c->e, n, s.at, job.sign, job.y[0]), scatter_draw, &job,
                        ret);
        trial_power(t, "reaction-scatter", scatter_inject, &job, ret);
        ret->u = sides_room(t, &s);
        if (ret->why == WHY_NONE)
            snprintf(
                ret->detail, sizeof ret->detail,
                "%.0f sessions before, %.0f after, %.4g expected at one rate; scatter %.2g, "
                "memory %.2g a cell; were they Poisson's, log10 p = %.3g",
                s.y[0], s.y[1], s.e[1] * (s.y[0] + s.y[1]) / (s.e[0] + s.e[1]),
                expm1(job.left.s2), job.left.rho, binomial_log_p(&s, job.sign) / M_LN10);
        for (size_t i = 0; i < 2 * workers; i++)
            free(job.y[i]);
        free(job.y);
    }
    sides_free(&s);
}

/* --- placebo: other dates, and the controls at them ------------------------------------------
 */

/* An earlier stretch in the place of the one after the date, its sessions thinned or added
 * to: -ln p among the others. What is added has the stretch's own mean, which its sessions do
 * not tell where they are few: a Gamma with the rate before as its mean and 1/shape the scatter
 * of stretches beyond Poisson's, given the stretch. */
struct placebo_job {
    const double *y, *e, *cy, *ce;
    size_t at, cells;
    int sign;
    double rate, scatter; /* before the date, over e; squared coefficient of variation */
};

/* Moments of the stretches, from the date backward. */
static void stretches(struct placebo_job *j)
{
    double y = 0, e = 0, excess = 0, squares = 0;
    for (size_t i = 0; i < j->at; i++) {
        y += j->y[i];
        e += j->e[i];
    }
    j->rate = e > 0 ? y / e : 0;
    for (size_t from = j->at; from >= j->cells; from -= j->cells) {
        double sum = 0, mu = 0;
        for (size_t i = from - j->cells; i < from; i++) {
            sum += j->y[i];
            mu += j->rate * j->e[i];
        }
        excess += (sum - mu) * (sum - mu) - mu;
        squares += mu * mu;
    }
    j->scatter = squares > 0 ? fmax(0, excess / squares) : 0;
}

/* The n sessions v of one stretch, its rate times `effect`. */
static void change_stretch(const struct placebo_job *j, double effect, const double *e,
                           size_t n, struct rng *r, double *v)
{
    double sum = 0, mu = 0, own = 1;
    for (size_t i = 0; i < n; i++) {
        sum += v[i];
        mu += j->rate * e[i];
    }
    if (effect > 1 && j->scatter > 0)
        own = rng_gamma(r, sum + 1 / j->scatter, 1 / (mu + 1 / j->scatter));
    for (size_t i = 0; i < n; i++)
        v[i] = effect < 1 ? (double)rng_binomial(r, (uint64_t)v[i], effect)
                          : v[i] + (double)rng_poisson(r, (effect - 1) * own * j->rate * e[i]);
}

static double placebo_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct placebo_job *j = ctx;
    struct placebo p;
    (void)worker;
    size_t n = j->at + j->cells, from = rng_below(r, j->at - j->cells + 1);
    double *v = mem_alloc(4 * n * sizeof *v), *col[4] = {v, v + n, v + 2 * n, v + 3 * n};
    const double *const old[4] = {j->y, j->e, j->cy, j->ce};
    for (int k = 0; k < 4 && old[k]; k++) {
        memcpy(col[k], old[k], j->at * sizeof **col);
        memcpy(col[k] + j->at, old[k] + from, j->cells * sizeof **col);
    }
    change_stretch(j, effect, col[1] + j->at, j->cells, r, v + j->at);
    placebo_blocks(&p, col[0], col[1], j->cy ? col[2] : NULL, col[3], j->at, j->cells, j->sign);
    free(v);
    return -p.log_p;
}

static void placebo_test(struct trial *t, const struct sides *s, bool controls,
                         struct null_result *ret)
{
    const struct daycells *c = &t->cells;
    struct placebo p;
    size_t cells = placebo_cells(s->until, s->after, t->decide);
    /* the date's own cell is in no block: blocks end before it */
    double *y = mem_alloc((2 * c->grid.n + 2) * sizeof *y), *e = y + c->grid.n + 1;
    double *cy = mem_zero(2 * c->grid.n + 2, sizeof *cy), *ce = cy + c->grid.n + 1;
    size_t n = s->until + s->after;
    for (size_t i = 0; i < n; i++) {
        size_t from = i < s->until ? i : i - s->until + s->at;
        y[i] = c->y[from];
        e[i] = c->e[from];
        if (controls) {
            cy[i] = s->control_y[from];
            ce[i] = s->control_e[from];
        }
    }
    placebo_blocks(&p, y, e, controls ? cy : NULL, ce, s->until, cells, t->claim->kind->sign);
    ret->floor = 1 / (double)(1 + p.blocks);
    struct placebo_job job = {y,        e,     controls ? cy : NULL, controls ? ce : NULL,
                              s->until, cells, t->claim->kind->sign, 0,
                              0};
    stretches(&job);
    double near = 1 - 1e-12; /* rounding is no distance */
    if (ret->floor <= t->decide)
        trial_power_at(t, controls ? "placebo-controls" : "placebo",
                       (struct power_marks){-log(t->decide) * near, -p.log_p * near},
                       placebo_inject, &job, ret);
    free(y);
    free(cy);
    ret->statistic = controls ? "rate of cells over the controls', rank among earlier dates"
                              : "rate of cells, rank among earlier dates";
    ret->observed = p.observed;
    ret->log_p = p.log_p;
    ret->u = sides_room(t, s);
    if (ret->floor > t->decide)
        trial_untested(
            ret, WHY_RESOLUTION,
            "%zu earlier dates can give p = %.3g; %.9g would be needed for %.9g look%s",
            p.blocks, ret->floor, ceil(1 / t->decide) - 1, t->looks, t->looks == 1 ? "" : "s");
    else
        snprintf(ret->detail, sizeof ret->detail,
                 "%zu of %zu earlier stretches of %zu cells are at least as %s", p.reach,
                 p.blocks, cells, t->claim->kind->sign > 0 ? "high" : "low");
}

void null_reaction_placebo(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    if (!sides_unreadable(t, &s, ret))
        placebo_test(t, &s, false, ret);
    sides_free(&s);
}

/* --- controls: what everybody's look-ups did (E3)
 * ----------------------------------------------- */

/* The controls' rate after over before enters the pair's expectation as an offset; it is
 * as uncertain as they are few, so they are drawn too. */
struct control_job {
    const struct daycells *cells;
    const struct sides *sides;
    struct clustered own, control;
    double *own_mean, *control_mean; /* of the fit without a change of the pair's own */
    int sign;
    double **y, **e, **work; /* one a worker */
};

static double control_ratio(const struct sides *s, const double *y)
{
    double sums[2];
    sides_sums(y, s, sums);
    return (sums[1] + .5) / (s->ce[1] + .5) / ((sums[0] + .5) / (s->ce[0] + .5));
}

static void offset(const struct daycells *c, const struct sides *s, double by, double *ret_e)
{
    for (size_t i = 0; i < c->grid.n; i++)
        ret_e[i] = c->e[i] * (i >= s->at ? by : 1);
}

static double control_statistic(const struct control_job *j, const double *y, double by,
                                size_t worker)
{
    offset(j->cells, j->sides, by, j->e[worker]);
    return change_at(y, j->e[worker], j->cells->grid.n, j->sides->at, j->sign, j->work[worker]);
}

static double control_draw(void *ctx, struct rng *r, size_t worker)
{
    const struct control_job *j = ctx;
    size_t n = j->cells->grid.n;
    clustered_draw(&j->control, j->control_mean, n, r, j->y[worker]);
    double by = control_ratio(j->sides, j->y[worker]);
    clustered_draw(&j->own, j->own_mean, n, r, j->y[worker]);
    return control_statistic(j, j->y[worker], by, worker);
}

static double control_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct control_job *j = ctx;
    const struct sides *s = j->sides;
    size_t n = j->cells->grid.n;
    double *mu = j->e[worker];
    clustered_draw(&j->control, j->control_mean, n, r, j->y[worker]);
    double by = control_ratio(s, j->y[worker]), before = s->y[0] / s->e[0];
    double common = control_ratio(s, s->control_y); /* what befell everybody */
    offset(j->cells, s, common * effect, mu);
    for (size_t i = 0; i < n; i++)
        mu[i] *= before;
    clustered_draw(&j->own, mu, n, r, j->y[worker]);
    return control_statistic(j, j->y[worker], by, worker);
}

/* Means and scatter of both: the controls with a rate on each side, the pair with one rate
 * times the controls' ratio. */
static void control_fit(struct control_job *j, const struct trial *t, double by)
{
    const struct daycells *c = &t->cells;
    const struct sides *s = j->sides;
    size_t n = c->grid.n;
    struct change_opts o = {.seed = t->study->seed, .subject = t->a.id};
    double *e = j->e[0], rate = (s->y[0] + s->y[1]) / (s->e[0] + by * s->e[1]);
    offset(c, s, by, e);
    change_left(&j->own, c->y, e, n, s->at, &o);
    for (size_t i = 0; i < n; i++) {
        j->own_mean[i] = rate * e[i];
        j->control_mean[i] = s->control_e[i] * (i >= s->at ? s->cy[1] / s->ce[1] : 1);
    }
    clustered_fit(&j->control, s->control_y, j->control_mean, n, 2);
}

static void control_test(struct trial *t, const struct sides *s, struct null_result *ret)
{
    size_t workers = par_threads(t->threads), n = t->cells.grid.n;
    double *room_ = mem_zero((3 * workers + 2) * (n + 1), sizeof *room_);
    double **rows = mem_zero(3 * workers, sizeof *rows);
    struct control_job j = {.cells = &t->cells,
                            .sides = s,
                            .sign = t->claim->kind->sign,
                            .own_mean = room_,
                            .control_mean = room_ + n + 1,
                            .y = rows,
                            .e = rows + workers,
                            .work = rows + 2 * workers};
    for (size_t i = 0; i < 3 * workers; i++)
        rows[i] = room_ + (i + 2) * (n + 1);
    double by = control_ratio(s, s->control_y);
    control_fit(&j, t, by);
    ret->statistic = "signed root of the likelihood ratio, the controls' ratio as offset";
    trial_replicate(t, "reaction-controls", control_statistic(&j, t->cells.y, by, 0),
                    control_draw, &j, ret);
    trial_power(t, "reaction-controls", control_inject, &j, ret);
    free(rows);
    free(room_);
}

/* Both the bootstrap and the in-time placebo must reject: the larger p. */
void null_reaction_controls(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    if (t->claim->controls == SIZE_MAX || !(s.cy[0] > 0))
        trial_untested(
            ret, WHY_NO_CONTROLS,
            "the study names no control names, or none was asked for before the date "
            "(controls:)");
    else if (!sides_unreadable(t, &s, ret)) {
        struct null_result placebo = *ret;
        placebo_test(t, &s, true, &placebo);
        control_test(t, &s, ret);
        ret->u = placebo.u;
        if (placebo.why != WHY_NONE || (ret->why == WHY_NONE && placebo.log_p > ret->log_p)) {
            free(ret->values);
            *ret = placebo;
        }
    }
    sides_free(&s);
}

/* --- dates: it changed when it changed
 * --------------------------------------------------------- */

/* Listening time within `near` of the date or of another cause. */
static double near_a_trigger(const struct trial *t, double near)
{
    struct moment date = {t->claim->date_ns, t->claim->date_ns};
    struct moments all = {.at = mem_alloc(sizeof date), .n = 1}, *causes = t->claim->causes;
    if (causes) {
        all.at = mem_resize(all.at, causes->n + 1, sizeof *all.at);
        memcpy(all.at + 1, causes->at, causes->n * sizeof *causes->at);
        all.n += causes->n;
    }
    all.at[0] = date;
    struct stretches s;
    stretches_around(&s, &all, &t->window, near, 0, SIZE_MAX);
    double live = stretches_live(&s, &t->window);
    stretches_free(&s);
    free(all.at);
    return live;
}

static const char *side_of(double days)
{
    return days < 0 ? "before" : "after";
}

const struct power_effect own_dates = {
    "ratio_at_date",
    "the pair's own rate after the stated date over the rate before, where the change lies "
    "there",
    1, 0,
    "asks when the rate changed, not by how much; it takes the pair's rates as they are, not "
    "over the controls'"};

/* How many cells the date that fits best lies from the stated one. */
static double cells_away(const struct trial *t, size_t best)
{
    const struct grid *g = &t->cells.grid;
    return floor(fabs(g->t0 + (double)best * g->width - sides_date(t)) / g->width + 1e-9);
}

/* p of a best date so many cells away: the borders of cells that lie so near or nearer, theirs
 * included, are as many as cells fit into twice this. */
static double dates_p(const struct trial *t, double cells)
{
    return near_a_trigger(t, t->cells.grid.width * (cells + .5)) / t->window.live_s;
}

/* How near the dates that are looked at come to the stated one. */
static double cells_short(const struct trial *t)
{
    size_t first, last;
    change_reach(t->cells.e, t->cells.grid.n, &first, &last);
    double least = INFINITY;
    for (size_t at = first; at <= last; at++)
        least = fmin(least, cells_away(t, at));
    return least;
}

static void explain_short(const struct trial *t, double near, struct null_result *ret)
{
    if (near > 0)
        trial_untested(
            ret, WHY_RESOLUTION,
            "more listening time beyond the date: a change is looked for between its first and "
            "last tenth, at the nearest %.3g days away, with p = %.3g",
            near * t->cells.grid.width / 86400, ret->floor);
    else
        trial_untested(ret, WHY_RESOLUTION,
                       "a change on the very cell of the date, or of one of its other causes, "
                       "has p = %.3g",
                       ret->floor);
}

struct date_job {
    const struct trial *t;
    double before; /* rate before the date over e */
    struct clustered left;
    size_t at;
};

/* The rate before goes on to the stated date, times `effect` from there; how near the date that
 * fits best comes to it. */
static double date_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct date_job *job = ctx;
    const struct daycells *c = &job->t->cells;
    (void)worker;
    size_t n = c->grid.n;
    double *y = mem_alloc(2 * (n + 1) * sizeof *y), *mu = y + n + 1;
    for (size_t i = 0; i < n; i++)
        mu[i] = c->e[i] * job->before * (i >= job->at ? effect : 1);
    clustered_draw(&job->left, mu, n, r, y);
    size_t best = change_date(y, c->e, n);
    free(y);
    return best < n ? -cells_away(job->t, best) : NAN;
}

static void date_power(struct trial *t, const struct sides *s, const struct change *found,
                       struct null_result *ret)
{
    struct date_job job = {t, s->y[0] / s->e[0], found->left, s->at};
    double most = 0;
    ret->power.of = &own_dates;
    if (!t->study->power || ret->why != WHY_NONE)
        return;
    while (dates_p(t, most + 1) <= t->decide * (1 + 1e-12))
        most++;
    trial_power_at(t, "reaction-dates",
                   (struct power_marks){-most, -cells_away(t, found->split.at)}, date_inject,
                   &job, ret);
}

/* The date that fits best (E2) is as near to the stated one, or to another cause, as a date
 * without a cause would be with probability: listening time so near, over all (E4). It
 * bounds no rate, so u is not given. A stated date that no date looked at comes near enough to
 * cannot be told from others, whatever happened on it. */
void null_reaction_dates(struct trial *t, struct null_result *ret)
{
    struct sides s;
    sides_make(t, &s);
    const struct daycells *c = &t->cells;
    struct change_opts o = {t->study->seed, t->a.id, DATE_REPLICATES};
    struct change found;
    if (sides_unreadable(t, &s, ret)) {
    } else if (change_test(&found, c->y, c->e, c->grid.n, &o) < 0) {
        trial_untested(ret, WHY_MIN_DATA, "too few sessions to date a change");
    } else {
        causes_free(t->causes);
        t->causes =
            causes_make(t->claim->date_ns, t->claim->causes, c, t->window.from_ns, &found);
        double date = sides_date(t), best = c->grid.t0 + (double)found.split.at * c->grid.width;
        double p = dates_p(t, cells_away(t, found.split.at)), near = cells_short(t);
        ret->statistic = "hours from the date that fits best to the stated one";
        ret->observed = fabs(best - date) / 3600;
        ret->log_p = log(fmin(1, p));
        ret->floor = fmin(1, dates_p(t, near));
        if (ret->floor > t->decide)
            explain_short(t, near, ret);
        else {
            double days = (best - date) / 86400;
            double lo = (c->grid.t0 + (double)found.lo * c->grid.width - date) / 86400;
            double hi = (c->grid.t0 + (double)found.hi * c->grid.width - date) / 86400;
            snprintf(
                ret->detail, sizeof ret->detail,
                "the rate changed %.3g days %s the date (95%% interval: %.3g %s to %.3g %s), p "
                "of any change %.2g; so near a date or other cause by chance: %.3g",
                fabs(days), side_of(days), fabs(lo), side_of(lo), fabs(hi), side_of(hi),
                exp(found.log_p), p);
        }
        date_power(t, &s, &found, ret);
    }
    sides_free(&s);
}

/* --- removal: the answers stopped
 * ----------------------------------------------------------------- */

struct answers {
    uint64_t marked, missing; /* responses with a code; name errors */
    uint64_t all, after;      /* look-ups; of them after the date */
};

/* Of the claim's names, whoever asked: once a name is gone, every answer says so. */
static struct answers answers_of(const struct trial *t)
{
    const struct study_group *g = &t->study->groups[t->claim->name];
    int64_t from_ns = t->claim->date_ns + (int64_t)(t->ttl_s * (double)NS_PER_S);
    struct answers a = {0};
    for (size_t i = 0; i < t->counts->npairs; i++) {
        const struct counts_pair *p = &t->counts->pairs[i];
        if (!bsearch(&p->name, g->name, g->name_n, sizeof *g->name, trial_id_order))
            continue;
        struct marks_iter mark = marks_begin(counts_marks(p));
        while (marks_next(&mark))
            if (mark.kind == MARK_RCODE) {
                a.marked += mark.count;
                a.missing += mark.value == RCODE_NXDOMAIN ? mark.count : 0;
            }
        for (struct series_iter it = series_begin(counts_series(p), p->first);
             series_next(&it);) {
            a.all += it.count;
            a.after += it.tick * t->counts->tick_ns >= from_ns ? it.count : 0;
        }
    }
    return a;
}

static const char *answers_say(const struct answers *a, uint64_t unseen)
{
    if (2 * a->missing >= a->after)
        return "the answers stopped, look-ups went on";
    return 2 * (a->missing + unseen) >= a->after ? "too few codes to tell"
                                                 : "the name was still answered";
}

const struct power_effect own_removal = {
    "answered_share",
    "share of look-ups of the name after the date that were told no name error", .5, 1,
    "asks what the answers were after the date: response codes are on no scale of the effect"};

/* Were the name gone, at least half of the look-ups after the date (later than one life of
 * an answer) would have been told so: p = P(so few name errors | n, 1/2). A look-up without
 * a code counts as a name error after the date: what was not seen is no help. */
void null_reaction_removal(struct trial *t, struct null_result *ret)
{
    struct answers a = answers_of(t);
    if (!a.marked)
        trial_untested(ret, WHY_NEEDS_DATA, "needs response codes");
    else if (!a.after)
        trial_untested(ret, WHY_MIN_DATA,
                       "nobody asked after the date, so no answer tells whether the name was "
                       "still there");
    else {
        uint64_t unseen = a.all > a.marked ? a.all - a.marked : 0, most = a.missing + unseen,
                 missing = most < a.after ? most : a.after;
        ret->statistic = "name errors among look-ups after the date";
        ret->observed = (double)missing;
        ret->log_p = binomial_log_lower(missing, a.after, .5);
        ret->floor = exp(binomial_log_lower(0, a.after, .5));
        if (ret->floor > t->decide)
            trial_untested(ret, WHY_RESOLUTION, "%llu look-ups after the date: %.0f would tell",
                           (unsigned long long)a.after, ceil(log(t->decide) / log(.5)));
        else {
            /* answers, not errors, count up: P(so many | n, 1/2) is the same p */
            struct power_binomial b = {.n = a.after,
                                       .p0 = .5,
                                       .level = t->decide,
                                       .of = POWER_CHANCE,
                                       .seen = a.after - missing,
                                       .lost = unseen < a.after ? unseen : a.after};
            ret->power.of = &own_removal;
            trial_power_exact(t, power_binomial, &b, ret);
            snprintf(
                ret->detail, sizeof ret->detail,
                "%llu look-ups of the name after the date, %llu name errors, %llu without a "
                "code: %s",
                (unsigned long long)a.after, (unsigned long long)a.missing,
                (unsigned long long)unseen, answers_say(&a, unseen));
        }
    }
}
