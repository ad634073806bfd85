/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about regularity: timing/regular. The estimand is the coefficient of
 * variation of excess gaps (gap less the time to live): 1 for demand without
 * memory behind a cache, 0 for a timer. Raw gaps say nothing: a cache alone makes
 * their CV 1 / (1 + lambda ttl) (methods.md C1, C5).
 *
 * A group pair pools its streams: each stream's excess gaps are divided by their
 * own mean, so that streams of unlike rate do not look clustered. */
#include "models/nulls.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "models/apart.h"
#include "models/baseline.h"
#include "models/cache.h"
#include "models/rescale.h"
#include "stats/evenly.h"
#include "stats/order.h"

enum { MIN_GAPS = 20, BOOTSTRAPS = 1999 };

/* Excess gaps of all streams, each scaled to mean 1; size[i] of stream i. */
struct gaps {
    double *e;
    size_t n, nstreams, *size;
};

static void scale_to_mean(double *e, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += e[i];
    for (size_t i = 0; i < n; i++)
        e[i] = sum > 0 ? e[i] * (double)n / sum : 0;
}

static double cv(const double *e, size_t n)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        mean += e[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (e[i] - mean) * (e[i] - mean);
    return n > 1 && mean > 0 ? sqrt(square / (double)(n - 1)) / mean : NAN;
}

/* Local variation of Shinomoto et al. 2003, and CV2 of Holt et al. 1996, of neighbouring gaps:
 * 1 on average without memory, 0 for a timer. Slow changes of the rate, which raise the CV, do
 * not touch them. */
static double local_variation(const double *e, size_t n, bool squared)
{
    double sum = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        double of = e[i] + e[i + 1], r = of > 0 ? fabs(e[i + 1] - e[i]) / of : 0;
        sum += squared ? 3 * r * r : 2 * r;
    }
    return n > 1 ? sum / (double)(n - 1) : NAN;
}

static double regularity(int statistic, const double *e, size_t n)
{
    return statistic == GAP_CV ? cv(e, n) : local_variation(e, n, statistic == GAP_LV);
}

/* Time at risk between neighbouring sessions, whatever was deaf or set aside between them. */
struct at_risk {
    const struct stream *s;
    double *e; /* of each session, since the one before it */
    size_t at; /* first session that is not before the piece */
};

static void add_piece(void *ctx, double from, double to)
{
    struct at_risk *a = ctx;
    while (a->at < a->s->n && a->s->t[a->at] <= from)
        a->at++;
    if (a->at < a->s->n)
        a->e[a->at] += to - from;
}

/* Excess gaps of a stream. With time set aside hardly a gap is whole; without memory the time
 * at risk is exponential all the same. ret holds s->n + 1. */
static size_t excess_of(const struct stream *s, const struct window *w, double *ret)
{
    if (w->naside == 0)
        return cache_excess(s, w, ret);
    struct at_risk a = {s, ret, 0};
    for (size_t i = 0; i < s->n; i++)
        ret[i] = 0;
    stream_at_risk(s, w, add_piece, &a);
    for (size_t i = 1; i < s->n; i++) /* what came before the first is no gap */
        ret[i - 1] = ret[i];
    return s->n ? s->n - 1 : 0;
}

static void gaps_of(const struct subject *s, const struct window *w, struct gaps *ret)
{
    *ret = (struct gaps){.e = mem_zero(s->n + 1, sizeof(double)),
                         .nstreams = s->nstreams,
                         .size = mem_zero(s->nstreams + 1, sizeof(size_t))};
    for (size_t i = 0; i < s->nstreams; i++) {
        double *e = ret->e + ret->n;
        size_t n = excess_of(&s->streams[i], w, e);
        if (n < 2)
            n = 0;
        scale_to_mean(e, n);
        ret->size[i] = n;
        ret->n += n;
    }
}

static void gaps_fill(const struct trial *t, struct gaps *ret)
{
    gaps_of(&t->a, &t->window, ret);
}

static void gaps_free(struct gaps *g)
{
    free(g->e);
    free(g->size);
}

/* Median excess of all streams below three ticks of the clock: heavy demand and a fast
 * timer are then the same data (methods.md C5). */
static bool unresolved(const struct trial *t, double *ret_median_s)
{
    double *e = mem_alloc((t->a.n + 1) * sizeof *e);
    size_t n = 0;
    for (size_t i = 0; i < t->a.nstreams; i++)
        n += excess_of(&t->a.streams[i], &t->window, e + n);
    *ret_median_s = order_quantile(e, n, .5);
    free(e);
    return *ret_median_s < 3e-9 * (double)t->counts->tick_ns;
}

static bool too_few(const struct trial *t, const struct gaps *g, struct null_result *ret)
{
    double median;
    if (!(t->ttl_s > 0))
        trial_untested(ret, WHY_NO_TTL, "excess gaps need a time to live");
    else if (g->n < MIN_GAPS)
        trial_untested(ret, WHY_MIN_DATA, "%zu gaps between sessions; %d are needed", g->n,
                       MIN_GAPS);
    else if (unresolved(t, &median))
        trial_untested(
            ret, WHY_NO_FIT,
            "half of all look-ups come within %.3g s of the end of the answer's "
            "life, too close for the clock of the log; demand and a timer look alike",
            median);
    return ret->why != WHY_NONE;
}

/* --- bounds of the CV: percentile bootstrap of the pooled gaps -------------------------
 *
 * A resample repeats gaps, so its CV is too small on average: the lower bound keeps its
 * level (nominal .025 missed .005 to .02 for n = 20 to 200, CV .5 to 1.4), the upper one
 * does not (.05 to .16). The lower bound mirrored about ln CV does better (.03 to .10,
 * the worst where gaps are hyperexponential), and the interval takes the wider. */

static double *cv_bootstrap(const struct trial *t, const struct gaps *g)
{
    double *v = mem_alloc(BOOTSTRAPS * sizeof *v), *e = mem_alloc((g->n + 1) * sizeof *e);
    for (uint32_t b = 0; b < BOOTSTRAPS; b++) {
        struct rng r;
        rng_stream(&r, t->study->seed, RNG_BOOTSTRAP, t->a.id, b);
        for (size_t i = 0; i < g->n; i++)
            e[i] = g->e[rng_below(&r, g->n)];
        v[b] = cv(e, g->n);
    }
    free(e);
    return v;
}

/* NAN where so deep a quantile would be the outermost of the resamples. */
static double cv_bound(const struct trial *t, const struct gaps *g, double q)
{
    if (fmin(q, 1 - q) * (BOOTSTRAPS + 1) < 1 || t->study->effort == EFFORT_ANSWER)
        return NAN;
    double *v = cv_bootstrap(t, g), bound = order_quantile(v, BOOTSTRAPS, q);
    free(v);
    return bound;
}

void regular_effect(const struct trial *t, struct effect *ret)
{
    struct gaps g;
    gaps_fill(t, &g);
    *ret = (struct effect){NAN, NAN, NAN, 1 - t->study->alpha};
    if (t->ttl_s > 0 && g.n >= MIN_GAPS) {
        ret->value = regularity(t->claim->statistic, g.e, g.n);
        if (t->rough) {
            gaps_free(&g);
            return;
        }
        ret->lo = cv_bound(t, &g, (1 - ret->level) / 2);
        ret->hi = cv_bound(t, &g, (1 + ret->level) / 2);
        ret->hi = fmax(ret->hi, ret->value * ret->value / ret->lo);
    }
    gaps_free(&g);
}

/* --- cache: demand without memory behind one cache -------------------------------------- */

struct dirichlet_job {
    const struct gaps *gaps;
    double **e; /* scratch a worker */
    int statistic;
};

/* Gamma gaps of a coefficient of variation of `effect`: 1 is the exponential. */
static void gamma_fill(const struct dirichlet_job *job, double effect, struct rng *r,
                       size_t worker)
{
    double *e = job->e[worker], shape = 1 / (effect * effect);
    for (size_t s = 0, at = 0; s < job->gaps->nstreams; at += job->gaps->size[s++]) {
        for (size_t i = 0; i < job->gaps->size[s]; i++)
            e[at + i] = effect == 1 ? rng_exponential(r, 1) : rng_gamma(r, shape, 1 / shape);
        scale_to_mean(e + at, job->gaps->size[s]);
    }
}

static double gamma_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    struct dirichlet_job *job = ctx;
    gamma_fill(job, effect, r, worker);
    return -regularity(job->statistic, job->e[worker], job->gaps->n);
}

/* Exponential gaps over their mean are Dirichlet whatever the rate: exact. */
static double dirichlet_draw(void *ctx, struct rng *r, size_t worker)
{
    return gamma_inject(ctx, 1, r, worker);
}

static double **scratch_new(size_t workers, size_t n)
{
    double **v = mem_zero(workers, sizeof *v);
    for (size_t i = 0; i < workers; i++)
        v[i] = mem_alloc((n + 1) * sizeof **v);
    return v;
}

static void scratch_free(double **v, size_t workers)
{
    for (size_t i = 0; i < workers; i++)
        free(v[i]);
    free(v);
}

void null_regular_cache(struct trial *t, struct null_result *ret)
{
    struct gaps g;
    gaps_fill(t, &g);
    if (!too_few(t, &g, ret)) {
        size_t workers = par_threads(t->threads);
        struct dirichlet_job job = {&g, scratch_new(workers, g.n), t->claim->statistic};
        ret->statistic = "-CV of excess gaps";
        trial_replicate(t, "regular_cache", -regularity(job.statistic, g.e, g.n),
                        dirichlet_draw, &job, ret);
        trial_power(t, "regular_cache", gamma_inject, &job, ret);
        ret->u = cv_bound(t, &g, 1 - t->level);
        scratch_free(job.e, workers);
    }
    gaps_free(&g);
}

/* --- monitor: the same apart from the times at which a known monitor asks ----------------- */

void null_regular_monitor(struct trial *t, struct null_result *ret)
{
    apart_monitor(t, null_regular_cache, ret);
}

/* --- life: the same behind a cache whose answers live longer than is said --------------
 *
 * What each gap is above the shortest of its stream, which is left out: of exponential excess
 * over any life these are again exponential and independent (Sukhatme 1937). Their
 * coefficient of variation would let one missed beat in fifty hide a timer: the gap is then
 * many times the timer's spread. So the longest tenth are only known to be as long as the
 * rest: normalised spacings of the others, (m - i + 1)(e_i - e_(i-1)), are exponential, and
 * their running sums over the last are uniform order statistics, whose sum grows where gaps
 * gather about a length (Epstein 1960, total time on test). */

enum { CUT = 10 }; /* one gap in ten */

struct on_test {
    double sum; /* of running sums over the last, less one half each */
    size_t terms;
};

/* Of one stream's n gaps above its shortest; sorts them. */
static void on_test_add(struct on_test *v, double *e, size_t n)
{
    size_t kept = n - n / CUT;
    double total = 0, running = 0, longest = 0;
    for (size_t i = 0; i < n; i++)
        longest = e[i] > longest ? e[i] : longest;
    evenly_sort(e, n, 0, longest);
    for (size_t i = 0; i < kept; i++)
        total += (double)(n - i) * (e[i] - (i ? e[i - 1] : 0));
    for (size_t i = 0; i + 1 < kept && total > 0; i++) {
        running += (double)(n - i) * (e[i] - (i ? e[i - 1] : 0));
        v->sum += running / total - .5;
        v->terms++;
    }
}

/* In place: what n gaps are above their shortest, which goes. Returns how many are left. */
static size_t past_shortest(double *e, size_t n)
{
    size_t least = 0;
    for (size_t i = 1; i < n; i++)
        least = e[i] < e[least] ? i : least;
    if (n == 0)
        return 0;
    double shortest = e[least];
    e[least] = e[n - 1];
    for (size_t i = 0; i + 1 < n; i++)
        e[i] -= shortest;
    return n - 1;
}

static double on_test_score(const struct on_test *v)
{
    return v->terms ? v->sum / sqrt((double)v->terms / 12) : NAN;
}

static double life_statistic(const struct gaps *g, double *e)
{
    struct on_test v = {0, 0};
    for (size_t s = 0; s < g->nstreams; e += g->size[s++])
        on_test_add(&v, e, past_shortest(e, g->size[s]));
    return on_test_score(&v);
}

double regular_score(const struct subject *s, const struct window *w)
{
    struct gaps g;
    struct on_test v = {0, 0};
    gaps_of(s, w, &g);
    double *e = g.e;
    for (size_t i = 0; g.n >= MIN_GAPS && i < g.nstreams; e += g.size[i++])
        on_test_add(&v, e, g.size[i]);
    gaps_free(&g);
    return on_test_score(&v);
}

static double life_inject(void *ctx, double effect, struct rng *r, size_t worker)
{
    struct dirichlet_job *job = ctx;
    gamma_fill(job, effect, r, worker);
    return life_statistic(job->gaps, job->e[worker]);
}

static double life_draw(void *ctx, struct rng *r, size_t worker)
{
    return life_inject(ctx, 1, r, worker);
}

/* Exact whatever the life and the rate. No bound u: how regular gaps are above a life that is
 * not known is not on the claim's scale. */
void null_regular_life(struct trial *t, struct null_result *ret)
{
    struct gaps g;
    gaps_fill(t, &g);
    if (g.n < MIN_GAPS) {
        trial_untested(ret, WHY_MIN_DATA, "%zu gaps between sessions; %d are needed", g.n,
                       MIN_GAPS);
    } else {
        size_t workers = par_threads(t->threads);
        struct dirichlet_job job = {&g, scratch_new(workers, g.n), t->claim->statistic};
        double *e = job.e[0];
        memcpy(e, g.e, g.n * sizeof *e);
        ret->statistic = "time on test of gaps above the shortest, the longest tenth cut";
        trial_replicate(t, "regular_life", life_statistic(&g, e), life_draw, &job, ret);
        trial_power(t, "regular_life", life_inject, &job, ret);
        scratch_free(job.e, workers);
    }
    gaps_free(&g);
}

/* --- rhythm: the same, with demand that follows the hours ------------------------------- */

/* What a stream's demand was, and scratch to fit and draw it. */
struct rhythm_stream {
    struct baseline fit;
    struct season_design design; /* of its season */
    struct rescale steps;
    bool fitted;
};

struct rhythm_work {
    struct subject one; /* a replicate of one stream, as a subject */
    double *y, *hours, *u, *integral, *hidden;
};

struct rhythm_job {
    struct trial *t;
    struct grid grid;
    struct rhythm_stream *stream;
    struct rhythm_work *work;
};

/* `from`: of whose season's rates alone are wanted; NULL: season and all. */
static int fit_stream(const struct rhythm_job *job, const struct subject *one,
                      const struct rhythm_stream *from, struct rhythm_work *w,
                      struct baseline *ret)
{
    struct baseline_opts o = {.season = from ? from->fit.season : NULL,
                              .zone = job->t->study->zone,
                              .family = GLM_POISSON,
                              .holidays = trial_holidays(job->t),
                              .design = from ? &from->design : NULL,
                              .bare = from != NULL};
    bucket_fill(one, &job->grid, w->y);
    exposure_fill(one, &job->t->window, &job->grid, w->hours);
    return baseline_fit(ret, &job->grid, w->y, w->hours, &o, NULL);
}

/* Draw the i-th stream's misses from its fitted demand, over live time only. */
static void draw_stream(const struct rhythm_job *job, size_t i, struct rhythm_work *w,
                        struct rng *r)
{
    const struct stream *like = &job->t->a.streams[i];
    struct stream *s = &w->one.streams[0];
    s->hidden = like->hidden ? w->hidden : NULL;
    rescale_draw(&job->stream[i].steps, like, &job->t->window, r, s, 2 * job->t->a.n + 1000);
    w->one.n = s->n;
    w->one.t = s->t;
}

static double rhythm_draw(void *ctx, struct rng *r, size_t worker)
{
    struct rhythm_job *job = ctx;
    struct rhythm_work *w = &job->work[worker];
    size_t n = 0;
    for (size_t i = 0; i < job->t->a.nstreams; i++) {
        const struct rhythm_stream *from = &job->stream[i];
        if (!from->fitted)
            continue;
        draw_stream(job, i, w, r);
        struct baseline refit = {0};
        if (fit_stream(job, &w->one, from, w, &refit) < 0)
            return NAN;
        struct rescale steps;
        rescale_init(&steps, job->grid, refit.rate, w->integral);
        size_t m = rescale_excess(&steps, &w->one.streams[0], &job->t->window, w->u + n);
        scale_to_mean(w->u + n, m);
        n += m;
        baseline_free(&refit);
    }
    return -regularity(job->t->claim->statistic, w->u, n);
}

static void rhythm_alloc(struct rhythm_job *job, size_t workers)
{
    size_t n = job->grid.n, events = 2 * job->t->a.n + 1000;
    job->stream = mem_zero(job->t->a.nstreams, sizeof *job->stream);
    job->work = mem_zero(workers, sizeof *job->work);
    for (size_t i = 0; i < workers; i++) {
        struct rhythm_work *w = &job->work[i];
        w->one.streams = mem_zero(1, sizeof *w->one.streams);
        w->one.streams[0].t = mem_alloc(events * sizeof(double));
        w->one.nstreams = 1;
        w->y = mem_zero(n, sizeof *w->y);
        w->hours = mem_zero(n, sizeof *w->hours);
        w->integral = mem_zero(n + 1, sizeof *w->integral);
        w->u = mem_zero(events * job->t->a.nstreams, sizeof *w->u);
        w->hidden = mem_alloc(events * sizeof *w->hidden);
    }
}

static void rhythm_free(struct rhythm_job *job, size_t workers)
{
    for (size_t i = 0; i < job->t->a.nstreams; i++) {
        free(job->stream[i].steps.integral);
        baseline_free(&job->stream[i].fit);
        season_design_free(&job->stream[i].design);
    }
    for (size_t i = 0; i < workers; i++) {
        struct rhythm_work *w = &job->work[i];
        free(w->one.streams[0].t);
        free(w->one.streams);
        free(w->y);
        free(w->hours);
        free(w->integral);
        free(w->u);
        free(w->hidden);
    }
    free(job->stream);
    free(job->work);
}

/* Fit each stream's own rhythm (its rung chosen once, by BIC) and rescale its gaps. */
static size_t rhythm_fit(struct rhythm_job *job, double *ret_u)
{
    size_t n = 0;
    for (size_t i = 0; i < job->t->a.nstreams; i++) {
        struct rhythm_stream *f = &job->stream[i];
        const struct stream *s = &job->t->a.streams[i];
        struct subject one = {
            .streams = &job->t->a.streams[i], .nstreams = 1, .t = s->t, .n = s->n};
        if (s->n < MIN_GAPS || fit_stream(job, &one, NULL, &job->work[0], &f->fit) < 0)
            continue;
        f->fitted = true;
        season_design(&f->design, f->fit.season, &job->grid, job->t->study->zone,
                      &(struct season_extras){.holidays = trial_holidays(job->t)});
        rescale_init(&f->steps, job->grid, f->fit.rate,
                     mem_zero(job->grid.n + 1, sizeof(double)));
        size_t m = rescale_excess(&f->steps, s, &job->t->window, ret_u + n);
        scale_to_mean(ret_u + n, m);
        n += m;
    }
    return n;
}

/* Injected in operational time, as one stream; its rhythm is not fitted again. */
static void rhythm_power(struct trial *t, double *u, size_t n, struct null_result *ret)
{
    size_t workers = par_threads(t->threads);
    struct gaps one = {.e = u, .n = n, .nstreams = 1, .size = &n};
    struct dirichlet_job job = {&one, scratch_new(workers, n), t->claim->statistic};
    trial_power(t, "rhythm", gamma_inject, &job, ret);
    scratch_free(job.e, workers);
}

/* Demand that follows the hours behind one cache: gaps in operational time of the
 * fitted rate, baseline refitted in every replicate (Brown et al. 2002). */
void null_regular_rhythm(struct trial *t, struct null_result *ret)
{
    struct gaps g;
    gaps_fill(t, &g);
    if (too_few(t, &g, ret)) {
        gaps_free(&g);
        return;
    }
    size_t workers = par_threads(t->threads);
    struct rhythm_job job = {.t = t, .grid = grid_make(&t->window, t->study->bucket_s)};
    rhythm_alloc(&job, workers);
    double *u = mem_zero(t->a.n + 1, sizeof *u);
    size_t n = rhythm_fit(&job, u);
    if (n < MIN_GAPS) {
        trial_untested(ret, WHY_NO_FIT, "no stream's rhythm could be fitted");
    } else {
        ret->statistic = "-CV of excess gaps in operational time";
        trial_replicate(t, "rhythm", -regularity(t->claim->statistic, u, n), rhythm_draw, &job,
                        ret);
        rhythm_power(t, u, n, ret);
        struct gaps pooled = {.e = u, .n = n};
        ret->u = cv_bound(t, &pooled, 1 - t->level);
    }
    free(u);
    rhythm_free(&job, workers);
    gaps_free(&g);
}
