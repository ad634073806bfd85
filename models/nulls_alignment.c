/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims that features of a series fall near stated dates. The estimand is
 * (share - c) / (1 - c): share of the features within the margin of a date, c the share
 * of listening time (of time at risk, where each session is a feature) that the margins
 * cover. 0 is what chance gives, 1 is all.
 *
 * Features come from the look-ups alone, by rules without settings (models/occasions.h);
 * only the dates are the analyst's. How those were chosen no test of the look-ups can
 * tell: that explanation is required, and tested only where the study says that they were
 * written down before. */
#include "models/nulls.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/par.h"
#include "models/baseline.h"
#include "stats/clustered.h"
#include "stats/order.h"
#include "stats/tail.h"

enum { MIN_FEATURES = 3, ROTATIONS = 20000 };

static const double WEEK = 7 * 86400.0;

int alignment_prepare(struct trial *t, struct err *err)
{
    const struct study_claim *c = t->claim;
    if (!moments_in_window(c->events, &t->window))
        return err_set(err, ERR_DEGENERATE,
                       "claim %s: no date of its events lies in its window", c->id);
    stretches_around(&t->occasions, c->events, &t->window, c->delta_s, 0, SIZE_MAX);
    if (!t->rough || c->features != SERIES_SESSIONS) /* sessions and their share need no days */
        daycells_make(&t->cells, &t->a, &t->window, t->study->zone);
    t->penalty = c->features == SERIES_CHANGES ? features_penalty(&t->cells, t->a.id) : NAN;
    features_find(&t->features, c->features, t->a.t, t->a.n, &t->window, &t->cells, t->penalty);
    return trial_controls(t);
}

/* --- the statistic ------------------------------------------------------------------- */

static double chance(const struct trial *t, const struct stretches *s, const struct subject *a)
{
    double all = exposure_between(a, &t->window, 0, t->window.length_s);
    if (t->claim->features == SERIES_SESSIONS && all > 0)
        return stretches_at_risk(s, a, &t->window) / all;
    return stretches_live(s, &t->window) / t->window.live_s;
}

static double effect_of(double hits, double n, double c)
{
    return n > 0 && c < 1 ? (hits / n - c) / (1 - c) : NAN;
}

/* How many features one independent feature stands for: sessions come in days. */
static double dispersion(const struct trial *t)
{
    double pearson = 0, used = 0;
    if (t->claim->features != SERIES_SESSIONS)
        return 1;
    for (size_t i = 0; i < t->cells.grid.n; i++)
        if (t->cells.e[i] > 0) {
            pearson += pow(t->cells.y[i] - t->cells.e[i], 2) / t->cells.e[i];
            used++;
        }
    return used > 1 ? fmax(1, pearson / (used - 1)) : 1;
}

void alignment_effect(const struct trial *t, struct effect *ret)
{
    double n = (double)t->features.n, c = chance(t, &t->occasions, &t->a);
    double hits = (double)stretches_hits(&t->occasions, t->features.t, t->features.n);
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (!(n > 0) || !(c < 1))
        return;
    ret->value = effect_of(hits, n, c);
    if (t->rough)
        return;
    double phi = dispersion(t), side = (1 + ret->level) / 2;
    ret->lo = effect_of(clustered_share_bound(hits, n, phi, side, false), 1, c);
    ret->hi = effect_of(clustered_share_bound(hits, n, phi, side, true), 1, c);
}

static bool too_few(const struct trial *t, struct null_result *ret)
{
    if (t->features.n < MIN_FEATURES)
        trial_untested(ret, WHY_MIN_DATA, "%zu features (%s); %d are needed", t->features.n,
                       series_feature_names[t->claim->features], MIN_FEATURES);
    else if (!(chance(t, &t->occasions, &t->a) < 1))
        trial_untested(ret, WHY_MIN_DATA, "the margins of the dates cover the whole window");
    return ret->why != WHY_NONE;
}

/* The largest effect that so few hits leave room for. */
static double share_bound(const struct trial *t, double hits, double n, double c)
{
    return effect_of(clustered_share_bound(hits, n, dispersion(t), t->level, true), 1, c);
}

/* The same of all features and all dates: no null leaves less room, since a date or a cause
 * that is left out takes true hits with it. So all bounds of the kind err together. */
static double room(const struct trial *t)
{
    return share_bound(t, (double)stretches_hits(&t->occasions, t->features.t, t->features.n),
                       (double)t->features.n, chance(t, &t->occasions, &t->a));
}

/* --- coverage: dates as good as any --------------------------------------------------- */

static void coverage_test(const struct trial *t, double hits, double n, double c,
                          struct null_result *ret)
{
    ret->statistic = "features near a date";
    ret->observed = hits;
    /* margins that no listening time reaches can hold the middle of a day that was heard in
     * part: such a hit is no evidence */
    ret->log_p = c > 0 ? binomial_log_upper((uint64_t)hits, (uint64_t)n, c) : 0;
    ret->floor = c > 0 ? exp(binomial_logpmf((uint64_t)n, (uint64_t)n, c)) : 1;
    ret->u = fmax(room(t), share_bound(t, hits, n, c));
    trial_power_binomial(t, (uint64_t)n, c, false, ret);
    if (ret->floor > t->decide)
        trial_untested(
            ret, WHY_RESOLUTION,
            "%.0f features, all near a date, would have p = %.3g: margins that cover "
            "%.3g of the time leave no smaller one",
            n, ret->floor, c);
    else
        snprintf(ret->detail, sizeof ret->detail,
                 "%.0f of %.0f features near a date; the margins cover %.3g of the time; one "
                 "at least by chance: %.3g",
                 hits, n, c, -expm1(n * log1p(-c)));
}

void null_alignment_coverage(struct trial *t, struct null_result *ret)
{
    if (!too_few(t, ret))
        coverage_test(t, (double)stretches_hits(&t->occasions, t->features.t, t->features.n),
                      (double)t->features.n, chance(t, &t->occasions, &t->a), ret);
}

/* --- rotation: the same list at other times -------------------------------------------- */

/* The bound is the observed effect less what the rarest low values under the null show, and
 * never below the binomial's: a share varies more where features do fall near dates than
 * where none does. Sorts the values. */
static double bound_over(const struct trial *t, double observed, double *values, size_t n)
{
    double over_null = n ? observed - order_quantile(values, n, 1 - t->level) : 1;
    return fmin(1, fmax(over_null, room(t)));
}

/* Share of the time, or of time at risk, inside stretches: from sums over hours, straight
 * inside each, because a rotation asks for it thousands of times. */
struct shares {
    struct grid hours;
    double *sum; /* up to each hour's start */
};

static void shares_make(struct shares *ret, const struct trial *t)
{
    ret->hours = grid_make(&t->window, 3600);
    size_t n = ret->hours.n;
    double *one = mem_zero(n + 1, sizeof *one);
    ret->sum = mem_zero(n + 1, sizeof *ret->sum);
    if (t->claim->features == SERIES_SESSIONS)
        exposure_fill(&t->a, &t->window, &ret->hours, one);
    for (size_t i = 0; i < n; i++) {
        double from = ret->hours.t0 + (double)i * ret->hours.width;
        if (t->claim->features != SERIES_SESSIONS)
            one[i] = window_live_between(&t->window, from, from + ret->hours.width);
        ret->sum[i + 1] = ret->sum[i] + one[i];
    }
    free(one);
}

static double shares_to(const struct shares *s, double at)
{
    double x = fmin(fmax(0, (at - s->hours.t0) / s->hours.width), (double)s->hours.n);
    size_t i = (size_t)x;
    return i >= s->hours.n ? s->sum[s->hours.n]
                           : s->sum[i] + (x - (double)i) * (s->sum[i + 1] - s->sum[i]);
}

static double shares_inside(const struct shares *s, const struct stretches *in)
{
    double sum = 0;
    for (size_t i = 0; i < in->n; i++)
        sum += shares_to(s, in->v[i].to) - shares_to(s, in->v[i].from);
    return sum / s->sum[s->hours.n];
}

/* Effects of other lists or names, of which one is drawn and each feature outside the
 * margins moved into them with chance `effect`. */
struct shift_job {
    const double *value;
    size_t n;
    uint64_t features;
};

static double shift_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct shift_job *job = ctx;
    (void)worker;
    double v = job->value[rng_below(r, job->n)];
    double moved = (double)rng_binomial(r, job->features, fmin(1, effect));
    return v + (1 - v) * moved / (double)job->features;
}

static void shift_power(struct trial *t, const char *null, const double *value, size_t n,
                        struct null_result *ret)
{
    struct shift_job job = {value, n, t->features.n};
    if (n > 0) /* seen: rounding is no distance */
        trial_power_at(
            t, null,
            (struct power_marks){power_critical(value, n, t->decide), ret->observed - 1e-12},
            shift_inject, &job, ret);
}

/* The same shift of other lists is the same member of the group (models/search.h). */
static void keep_shifts(const double *value, size_t n, struct null_result *ret)
{
    ret->nshifts = n - 1;
    ret->shift = mem_alloc(n * sizeof *ret->shift);
    for (size_t k = 1; k < n; k++)
        ret->shift[k - 1] = fabs(value[k] - value[0]) < 1e-12 ? value[0] : value[k];
}

/* Every shift by a whole number of steps, round the window: a group, so that the rank of
 * no shift among them is exact where the series has no preferred time. */
static void rotate(struct trial *t, double step, struct null_result *ret)
{
    size_t n = (size_t)floor(t->window.length_s / step + 1e-9), reach = 0;
    double f = (double)t->features.n;
    if (too_few(t, ret))
        return;
    if (n < 2) {
        trial_untested(ret, WHY_MIN_DATA, "the window holds no other place for the list");
        return;
    }
    double *value = mem_alloc(n * sizeof *value);
    struct shares shares;
    shares_make(&shares, t);
    for (size_t k = 0; k < n; k++) {
        struct stretches s;
        stretches_around(&s, t->claim->events, &t->window, t->claim->delta_s, (double)k * step,
                         SIZE_MAX);
        value[k] = effect_of((double)stretches_hits(&s, t->features.t, t->features.n), f,
                             shares_inside(&shares, &s));
        value[k] = isnan(value[k]) ? 1 : value[k];
        reach += value[k] >= value[0] - 1e-12;
        stretches_free(&s);
    }
    free(shares.sum);
    ret->statistic = "effect, rank among rotations of the list";
    ret->observed = value[0];
    ret->log_p = log((double)reach / (double)n);
    ret->floor = 1 / (double)n;
    if (ret->floor > t->decide)
        trial_untested(ret, WHY_RESOLUTION,
                       "%zu rotations can give p = %.3g; %.9g would be needed for %.9g look%s",
                       n, ret->floor, ceil(1 / t->decide), t->looks, t->looks == 1 ? "" : "s");
    else
        snprintf(ret->detail, sizeof ret->detail,
                 "%zu of %zu rotations reach the list's effect", reach, n);
    shift_power(t, step < WEEK ? "rotation" : "weeks", value + 1, n - 1, ret);
    if (t->joint)
        keep_shifts(value, n, ret);
    ret->u = bound_over(t, value[0], value, n); /* last: it sorts them */
    free(value);
}

void null_alignment_rotation(struct trial *t, struct null_result *ret)
{
    rotate(t, fmax(t->study->bucket_s, t->window.length_s / ROTATIONS), ret);
}

/* By whole weeks: hours and weekdays stay together. */
void null_alignment_weeks(struct trial *t, struct null_result *ret)
{
    rotate(t, WEEK, ret);
}

/* --- habit: hours, weekdays, and days that go together --------------------------------- */

struct habit_job {
    struct trial *t;
    struct grid grid;    /* hours */
    struct baseline fit; /* of the hours */
    struct clustered days;
    double chance;
    size_t *day_of;             /* the day of each hour */
    double **y, **day, **times; /* one a worker */
    size_t room;
};

/* A time inside bucket b that was listened to. */
static double time_in(const struct habit_job *job, size_t b, struct rng *r)
{
    const struct window *w = &job->t->window;
    double from = job->grid.t0 + (double)b * job->grid.width, at = from;
    for (int i = 0; i < 64; i++) {
        at = from + job->grid.width * rng_unit(r);
        if (at >= 0 && window_live_between(w, at, at + 1e-3) > 0)
            break;
    }
    return fmax(0, at);
}

static double habit_draw(void *ctx, struct rng *r, size_t worker)
{
    const struct habit_job *job = ctx;
    const struct trial *t = job->t;
    double *day = job->day[worker], *times = job->times[worker];
    size_t n = 0;
    clustered_rates(&job->days, t->cells.grid.n, r, day);
    for (size_t b = 0; b < job->grid.n; b++) {
        double mu = job->fit.mu[b] * day[job->day_of[b]];
        uint64_t k = mu > 0 ? rng_poisson(r, mu) : 0;
        for (uint64_t i = 0; i < k && n < job->room; i++)
            times[n++] = time_in(job, b, r);
    }
    order_sort(times, n);
    struct features f;
    features_find(&f, t->claim->features, times, n, &t->window, &t->cells, t->penalty);
    double value =
        effect_of((double)stretches_hits(&t->occasions, f.t, f.n), (double)f.n, job->chance);
    features_free(&f);
    return value;
}

static void habit_room(struct habit_job *job, size_t workers)
{
    const struct grid *days = &job->t->cells.grid;
    job->room = 20 * job->t->a.n + 1000;
    job->day_of = mem_zero(job->grid.n + 1, sizeof *job->day_of);
    for (size_t b = 0; b < job->grid.n; b++) {
        double middle = job->grid.t0 + ((double)b + .5) * job->grid.width;
        size_t d = (size_t)fmax(0, floor((middle - days->t0) / days->width));
        job->day_of[b] = d < days->n ? d : days->n - 1;
    }
    job->day = mem_zero(workers, sizeof *job->day);
    job->times = mem_zero(workers, sizeof *job->times);
    for (size_t i = 0; i < workers; i++) {
        job->day[i] = mem_zero(job->t->cells.grid.n + 1, sizeof **job->day);
        job->times[i] = mem_zero(job->room, sizeof **job->times);
    }
}

static void habit_free(struct habit_job *job, size_t workers)
{
    for (size_t i = 0; i < workers; i++) {
        free(job->day[i]);
        free(job->times[i]);
    }
    free(job->day);
    free(job->day_of);
    free(job->times);
    baseline_free(&job->fit);
}

static int habit_fit(struct habit_job *job)
{
    const struct trial *t = job->t;
    struct baseline_opts o = {
        .zone = t->study->zone, .family = GLM_POISSON, .holidays = trial_holidays(t)};
    job->grid = grid_make(&t->window, 3600);
    double *y = mem_zero(2 * job->grid.n + 1, sizeof *y), *hours = y + job->grid.n;
    bucket_fill(&t->a, &job->grid, y);
    exposure_fill(&t->a, &t->window, &job->grid, hours);
    int rc = baseline_fit(&job->fit, &job->grid, y, hours, &o, NULL);
    free(y);
    clustered_fit(&job->days, t->cells.y, t->cells.e, t->cells.grid.n, 1);
    return rc;
}

/* Sessions from the fitted hours, each day times a factor with the scatter and memory that
 * the days have; features are found anew in each replicate. The statistic does not use the
 * fit, so that nothing is left to refit. */
void null_alignment_habit(struct trial *t, struct null_result *ret)
{
    if (too_few(t, ret))
        return;
    struct habit_job job = {.t = t, .chance = chance(t, &t->occasions, &t->a)};
    if (habit_fit(&job) < 0) {
        trial_untested(ret, WHY_NO_FIT, "no rhythm could be fitted");
        baseline_free(&job.fit);
        return;
    }
    size_t workers = par_threads(t->threads), n = 0;
    habit_room(&job, workers);
    ret->statistic = "effect, features found anew";
    trial_replicate(
        t, "alignment-habit",
        effect_of((double)stretches_hits(&t->occasions, t->features.t, t->features.n),
                  (double)t->features.n, job.chance),
        habit_draw, &job, ret);
    double *value = mem_alloc((ret->mc.replicates + 1) * sizeof *value);
    for (size_t i = 0; i < ret->mc.replicates; i++)
        if (!isnan(ret->values[i]))
            value[n++] = ret->values[i];
    ret->u = bound_over(t, ret->observed, value, n);
    shift_power(t, "alignment-habit", value, n, ret);
    free(value);
    habit_free(&job, workers);
}

/* --- choice: one lucky date ------------------------------------------------------------ */

/* Power of the worst of the shortened lists: hits fall among the dates as their margins cover,
 * and the list must do without any one of them. */
struct choice_job {
    const double *cover; /* of each date alone, over that of all */
    const double *need;  /* smallest number of hits of the list without it that is rejected */
    size_t dates;
    uint64_t features;
    double chance;
};

static double choice_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    const struct choice_job *j = ctx;
    (void)worker;
    double share = j->chance + fmin(1, effect) * (1 - j->chance), left = 1, least = INFINITY;
    uint64_t hits = rng_binomial(r, j->features, share), rest = hits;
    for (size_t i = 0; i < j->dates; i++) {
        uint64_t own = left > j->cover[i] ? rng_binomial(r, rest, j->cover[i] / left) : rest;
        rest -= own;
        left -= j->cover[i];
        least = fmin(least, (double)(hits - own) - j->need[i]);
    }
    return least;
}

/* Smallest count of n whose upper tail at chance c is at most the level; n + 1: none. */
static double least_hits(uint64_t n, double c, double level)
{
    uint64_t k = 0;
    while (k <= n && binomial_log_upper(k, n, c) > log(level))
        k++;
    return (double)k;
}

/* `hits` of each list without a date, as the log has them. */
static void choice_power(struct trial *t, const double *without, const double *hits,
                         struct null_result *ret)
{
    size_t n = t->claim->events->n;
    double whole = chance(t, &t->occasions, &t->a), sum = 0;
    double *cover = mem_alloc(2 * (n + 1) * sizeof *cover), *need = cover + n + 1;
    double seen = INFINITY;
    for (size_t i = 0; i < n; i++) {
        cover[i] = fmax(0, whole - without[i]);
        sum += cover[i];
        need[i] = least_hits(t->features.n, without[i], t->decide);
        seen = fmin(seen, hits[i] - need[i]);
    }
    for (size_t i = 0; i < n; i++)
        cover[i] = sum > 0 ? cover[i] / sum : 1 / (double)n;
    struct choice_job job = {cover, need, n, t->features.n, whole};
    ret->power = (struct power_curve){.n = 0};
    trial_power_at(t, "choice", (struct power_marks){0, seen}, choice_inject, &job, ret);
    free(cover);
}

/* Without a declaration nothing is tested. With one: the list less any one of its dates,
 * the worst of these; the features stay as many. */
void null_alignment_choice(struct trial *t, struct null_result *ret)
{
    const struct moments *m = t->claim->events;
    if (!t->claim->registered) {
        trial_untested(ret, WHY_NEEDS_DATA,
                       "needs a list that was written down before anybody saw the look-ups "
                       "(registered: true); dates that were picked to fit will fit");
        return;
    }
    if (too_few(t, ret))
        return;
    struct null_result worst = {.log_p = -INFINITY}, one;
    double most = -INFINITY, *without = mem_alloc(2 * (m->n + 1) * sizeof *without);
    double *hits = without + m->n + 1;
    for (size_t i = 0; i < m->n; i++) {
        struct stretches s;
        one = *ret;
        stretches_around(&s, m, &t->window, t->claim->delta_s, 0, i);
        without[i] = chance(t, &s, &t->a);
        hits[i] = (double)stretches_hits(&s, t->features.t, t->features.n);
        coverage_test(t, hits[i], (double)t->features.n, without[i], &one);
        one.why = WHY_NONE;
        most = fmax(most, one.u);
        if (one.log_p > worst.log_p)
            worst = one;
        stretches_free(&s);
    }
    *ret = worst;
    choice_power(t, without, hits, ret);
    free(without);
    ret->u = most;
    ret->floor = 0;
    ret->statistic = "features near a date, less the date that tells most";
    snprintf(ret->detail, sizeof ret->detail,
             "without the date that tells most, %.0f of %zu features lie near one of %zu",
             ret->observed, t->features.n, m->n - 1);
}

/* --- causes: other things that happened ------------------------------------------------- */

const struct power_effect own_causes = {
    "tied_share",
    "of the features away from other causes, the share that is tied to the stated dates", 0, 1,
    "asks for features away from other causes: how many of the effect's lie there is not said"};

/* Live time and features outside the margins of the stated causes. */
static double inside_both(const struct stretches *a, const struct stretches *b,
                          const struct window *w)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++) {
            double from = fmax(a->v[i].from, b->v[j].from), to = fmin(a->v[i].to, b->v[j].to);
            sum += from < to ? window_live_between(w, from, to) : 0;
        }
    return sum;
}

void null_alignment_causes(struct trial *t, struct null_result *ret)
{
    if (!t->claim->causes) {
        trial_untested(ret, WHY_NEEDS_DATA,
                       "needs dates of other causes, such as mailings (causes:)");
        return;
    }
    struct stretches other;
    double hits = 0, n = 0;
    stretches_around(&other, t->claim->causes, &t->window, t->claim->delta_s, 0, SIZE_MAX);
    for (size_t i = 0; i < t->features.n; i++)
        if (!stretches_hold(&other, t->features.t[i])) {
            n++;
            hits += stretches_hold(&t->occasions, t->features.t[i]);
        }
    double left = t->window.live_s - stretches_live(&other, &t->window);
    double c = (stretches_live(&t->occasions, &t->window) -
                inside_both(&t->occasions, &other, &t->window)) /
               left;
    stretches_free(&other);
    if (n < MIN_FEATURES || !(c < 1) || !(c > 0))
        trial_untested(ret, WHY_MIN_DATA,
                       "%.0f features and %.3g h lie outside the margins of other causes", n,
                       fmax(0, left) / 3600);
    else {
        ret->power.of = &own_causes;
        coverage_test(t, hits, n, c, ret);
    }
}

/* --- controls ---------------------------------------------------------------------------- */

static double control_effect(const struct trial *t, const struct subject *s)
{
    struct daycells cells;
    struct features f;
    daycells_make(&cells, s, &t->window, t->study->zone);
    double penalty =
        t->claim->features == SERIES_CHANGES ? features_penalty(&cells, s->id) : NAN;
    features_find(&f, t->claim->features, s->t, s->n, &t->window, &cells, penalty);
    double value = effect_of((double)stretches_hits(&t->occasions, f.t, f.n), (double)f.n,
                             chance(t, &t->occasions, s));
    features_free(&f);
    daycells_free(&cells);
    return value;
}

/* Names that the dates have nothing to do with, asked for by the same clients. */
void null_alignment_controls(struct trial *t, struct null_result *ret)
{
    if (t->claim->controls == SIZE_MAX || t->ncontrols == 0) {
        trial_untested(ret, WHY_NO_CONTROLS,
                       "the study names no control names, or none was "
                       "asked for (controls:)");
        return;
    }
    if (too_few(t, ret))
        return;
    double own = effect_of((double)stretches_hits(&t->occasions, t->features.t, t->features.n),
                           (double)t->features.n, chance(t, &t->occasions, &t->a));
    double *value = mem_alloc(t->ncontrols * sizeof *value);
    size_t n = 0, reach = 0;
    for (size_t i = 0; i < t->ncontrols; i++) {
        double e = control_effect(t, &t->control_a[i]);
        reach += isnan(e) || e >= own;
        if (!isnan(e))
            value[n++] = e;
    }
    ret->statistic = "effect, rank among control names";
    ret->observed = own;
    ret->log_p = log((double)(reach + 1) / (double)(t->ncontrols + 1));
    ret->floor = 1 / (double)(t->ncontrols + 1);
    ret->u = n ? bound_over(t, own, value, n) : NAN;
    if (ret->floor > t->decide)
        trial_untested(ret, WHY_RESOLUTION,
                       "%zu control names can give p = %.3g; %.9g would be needed",
                       t->ncontrols, ret->floor, ceil(1 / t->decide) - 1);
    shift_power(t, "alignment-controls", value, n, ret);
    free(value);
}
