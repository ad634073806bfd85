/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/renewal.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_multimin.h>

#include "base/mem.h"
#include "models/cache.h"
#include "stats/gaplaw.h"
#include "stats/gof.h"
#include "stats/order.h"
#include "stats/period.h"

const struct renewal_maker renewal_table[RENEWAL_MAKERS] = {
    [RENEWAL_DEMAND] = {"demand", "demand without memory behind one cache", false},
    [RENEWAL_LOST] = {"demand_lost", "the same, some misses not seen", false},
    [RENEWAL_CACHES] = {"caches", "the same behind several caches of one address", false},
    [RENEWAL_SLEEP] = {"sleep", "a loop that sleeps, below the cache", true},
    [RENEWAL_SLEEP_CACHED] = {"sleep_cached", "a loop that sleeps, behind the cache", true},
    [RENEWAL_CLOCK] = {"clock", "a timer that keeps its phase, below the cache", true},
    [RENEWAL_CLOCK_CACHED] = {"clock_cached", "the same behind the cache", true},
};

const char *const renewal_answers[] = {"not separable", "demand", "timer", "neither"};

static const double SHORT_S = 2, LEAST = -700;

/* Gaps that were listened to: gap[i] from t[at[i]] to t[at[i] + 1]. */
struct data {
    const double *t;
    size_t n, m, short_gaps;
    double *gap;
    size_t *at;
    double ttl_s, least_spread;
};

static void data_make(struct data *d, const struct stream *s, const struct window *w,
                      double resolution)
{
    *d = (struct data){.t = s->t,
                       .n = s->n,
                       .gap = mem_alloc((s->n + 1) * sizeof *d->gap),
                       .at = mem_alloc((s->n + 1) * sizeof *d->at),
                       .ttl_s = s->ttl_s,
                       .least_spread = fmax(resolution, 1e-4 * s->ttl_s)};
    for (size_t i = 0; i + 1 < s->n; i++) {
        double gap = s->t[i + 1] - s->t[i];
        if (window_live_between(w, s->t[i], s->t[i + 1]) < gap - 1e-6)
            continue;
        d->short_gaps += gap < s->ttl_s - SHORT_S;
        d->at[d->m] = i;
        d->gap[d->m++] = gap;
    }
}

static void data_free(struct data *d)
{
    free(d->gap);
    free(d->at);
}

static double log_normal(double x, double mean, double spread)
{
    double z = (x - mean) / spread;
    return -.5 * z * z - log(spread) - .5 * log(2 * M_PI);
}

/* --- fits ------------------------------------------------------------------------------- */

typedef double loglik_fn(const struct data *d, const double *p);

struct objective {
    const struct data *d;
    loglik_fn *loglik;
};

static double minus(const gsl_vector *x, void *ctx)
{
    const struct objective *o = ctx;
    double v = -o->loglik(o->d, x->data);
    return isfinite(v) ? v : 1e300;
}

/* Nelder & Mead's simplex from p, which it replaces; returns the log-likelihood. The
 * surfaces have ridges (period against its multiples), so gradients help little. */
static double polish(const struct data *d, loglik_fn *fn, double *p, const double *step,
                     size_t n)
{
    struct objective o = {d, fn};
    gsl_multimin_function f = {minus, n, &o};
    gsl_multimin_fminimizer *s =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n);
    gsl_vector_const_view start = gsl_vector_const_view_array(p, n),
                          size = gsl_vector_const_view_array(step, n);
    gsl_multimin_fminimizer_set(s, &f, &start.vector, &size.vector);
    for (int i = 0; i < 250 && gsl_multimin_fminimizer_size(s) > 1e-4; i++)
        if (gsl_multimin_fminimizer_iterate(s))
            break;
    for (size_t i = 0; i < n; i++)
        p[i] = gsl_vector_get(s->x, i);
    double best = -s->fval;
    gsl_multimin_fminimizer_free(s);
    return best;
}

static double share(double logit)
{
    return fmin(.95, 1 / (1 + exp(-logit)));
}

/* Turns and ticks come in order: no more than a third of the period. */
static double spread_of(const struct data *d, const double *p)
{
    return fmax(d->least_spread, fmin(exp(p[1]), exp(p[0]) / 3));
}

/* Below three times the clock's resolution no period can be seen. */
static bool too_fast(const struct data *d, const double *p)
{
    return exp(p[0]) < 3 * d->least_spread;
}

static double lost_loglik(const struct data *d, const double *p)
{
    double sum = 0;
    struct gaplaw_lost law = gaplaw_lost_make(d->ttl_s, exp(p[0]), share(p[1]));
    for (size_t i = 0; i < d->m; i++)
        sum += gaplaw_lost(&law, d->gap[i]);
    return sum;
}

static double sleep_loglik(const struct data *d, const double *p)
{
    double sum = too_fast(d, p) ? -INFINITY : 0;
    for (size_t i = 0; i < d->m; i++)
        sum += gaplaw_sleep(d->gap[i], exp(p[0]), spread_of(d, p), share(p[2]));
    return sum;
}

static double sleep_cached_loglik(const struct data *d, const double *p)
{
    if (too_fast(d, p))
        return -INFINITY;
    double sum = 0, period = exp(p[0]), spread = spread_of(d, p), q = share(p[2]);
    struct gaplaw_turns law;
    gaplaw_turns_make(&law, d->ttl_s, period, spread, q);
    for (size_t i = 0; i < d->m; i++)
        sum += gaplaw_sleep_cached(&law, d->gap[i]);
    return sum;
}

/* Given the miss at t, the next that is seen is tick k: each tick between was in the
 * cache's dead time, or lost. ttl 0: no cache. */
static double clock_gap(double from, double to, double ttl_s, const double *p, double spread,
                        double q)
{
    double period = exp(p[0]);
    double before = round((from - p[2]) / period), tick = round((to - p[2]) / period);
    if (tick <= before || to - from < ttl_s - SHORT_S || tick - before > 400)
        return LEAST;
    double sum = log1p(-q) + log_normal(to, p[2] + tick * period, spread), lost = log(q);
    for (double j = before + 1; j < tick; j++) {
        double z = (from + ttl_s - p[2] - j * period) / spread;
        double hidden = ttl_s > 0 ? gsl_cdf_ugaussian_P(z) : 0;
        sum += hidden > 0 ? log(hidden + (1 - hidden) * q) : lost;
    }
    return fmax(sum, LEAST);
}

static double clock_sum(const struct data *d, const double *p, double ttl_s)
{
    double sum = too_fast(d, p) ? -INFINITY : 0;
    for (size_t i = 0; i < d->m; i++)
        sum += clock_gap(d->t[d->at[i]], d->t[d->at[i] + 1], ttl_s, p, spread_of(d, p),
                         share(p[3]));
    return sum;
}

static double clock_loglik(const struct data *d, const double *p)
{
    return clock_sum(d, p, 0);
}

static double clock_cached_loglik(const struct data *d, const double *p)
{
    return clock_sum(d, p, d->ttl_s);
}

/* Best of several starts, two of them polished. */
struct start {
    double p[4], loglik;
};

static struct start best_start(const struct data *d, loglik_fn *fn, struct start *s, size_t n,
                               const double *step, size_t parameters)
{
    struct start best = {.loglik = -INFINITY};
    for (size_t i = 0; i < n; i++)
        s[i].loglik = fn(d, s[i].p);
    for (int tries = 0; tries < 2; tries++) {
        size_t most = 0;
        for (size_t i = 1; i < n; i++)
            if (s[i].loglik > s[most].loglik)
                most = i;
        struct start one = s[most];
        s[most].loglik = -INFINITY;
        one.loglik = polish(d, fn, one.p, step, parameters);
        if (one.loglik > best.loglik)
            best = one;
    }
    return best;
}

/* Spread a turn and share lost if gaps are whole turns of this period. */
static struct start loop_start(const struct data *d, double period)
{
    double square = 0, turns = 0;
    for (int pass = 0; pass < 3; pass++) {
        double sum = 0;
        turns = square = 0;
        for (size_t i = 0; i < d->m; i++) {
            double k = fmax(1, round(d->gap[i] / period));
            square += (d->gap[i] - k * period) * (d->gap[i] - k * period) / k;
            sum += d->gap[i];
            turns += k;
        }
        period = sum / turns;
    }
    double spread = fmax(d->least_spread, sqrt(square / (double)d->m));
    double q = fmin(.9, fmax(.01, 1 - (double)d->m / turns));
    return (struct start){{log(period), log(spread), log(q / (1 - q))}, 0};
}

static double quantile(const struct data *d, double q)
{
    double *v = mem_alloc(d->m * sizeof *v);
    for (size_t i = 0; i < d->m; i++)
        v[i] = d->gap[i];
    double x = order_quantile(v, d->m, q);
    free(v);
    return x;
}

static const double loop_step[] = {.01, .3, .5};

static struct renewal_fit loop_fit(const struct data *d, loglik_fn *fn, int divisors)
{
    struct start s[40];
    size_t n = 0;
    double middle = quantile(d, .5), low = quantile(d, .1);
    for (int j = 1; j <= divisors; j++) {
        s[n++] = loop_start(d, middle / j);
        s[n++] = loop_start(d, low / j);
        if (j > 1) /* behind a cache, skipped turns are no loss */
            s[n - 1].p[2] = s[n - 2].p[2] = -4;
    }
    struct start best = best_start(d, fn, s, n, loop_step, 3);
    return (struct renewal_fit){.loglik = best.loglik,
                                .parameters = 3,
                                .period_s = exp(best.p[0]),
                                .spread_s = spread_of(d, best.p),
                                .q = share(best.p[2])};
}

/* A clock's period stands out in the spectrum, it or a fraction of it. */
static double spectrum_period(const struct data *d)
{
    double length = d->t[d->n - 1] - d->t[0];
    struct period_grid g = period_grid_upto(3 / length, 4 / d->ttl_s, length, 4, PERIOD_MOST);
    if (g.n < 2)
        return d->ttl_s;
    double *power = mem_alloc(g.n * sizeof *power);
    period_spectrum(d->t, d->n, &g, 1, 0, power);
    double f = period_frequency(&g, period_best(power, g.n));
    free(power);
    return 1 / f;
}

static struct start clock_start(const struct data *d, double period)
{
    double c = 0, s = 0, square = 0, ticks = 0;
    for (size_t i = 0; i < d->n; i++) {
        c += cos(2 * M_PI * d->t[i] / period);
        s += sin(2 * M_PI * d->t[i] / period);
    }
    double phase = atan2(s, c) / (2 * M_PI) * period;
    for (size_t i = 0; i < d->n; i++) {
        double off = remainder(d->t[i] - phase, period);
        square += off * off;
    }
    for (size_t i = 0; i < d->m; i++)
        ticks += fmax(1, round(d->gap[i] / period));
    double q = fmin(.9, fmax(.01, 1 - (double)d->m / ticks));
    double spread = fmax(d->least_spread, sqrt(square / (double)d->n));
    return (struct start){{log(period), log(spread), phase, log(q / (1 - q))}, 0};
}

static struct renewal_fit clock_fit(const struct data *d, double period, bool cached)
{
    loglik_fn *fn = cached ? clock_cached_loglik : clock_loglik;
    struct start s[16];
    size_t n = 0;
    double length = d->t[d->n - 1] - d->t[0];
    for (int j = 1; j <= 6; j++) {
        s[n++] = clock_start(d, period * j);
        if (cached) /* skipped ticks need not be lost */
            s[n - 1].p[3] = -4;
    }
    const double step[] = {.1 * period / length, .3, period / 50, .5};
    struct start best = best_start(d, fn, s, n, step, 4);
    return (struct renewal_fit){.loglik = best.loglik,
                                .parameters = 4,
                                .period_s = exp(best.p[0]),
                                .spread_s = spread_of(d, best.p),
                                .phase_s = best.p[2],
                                .q = share(best.p[3])};
}

/* --- demand ----------------------------------------------------------------------------- */

/* Expected demands of each gap, up to a factor, under even demand; and its likelihood. */
static struct renewal_fit demand_fit(const struct data *d, double *ret_u)
{
    double sum = 0;
    for (size_t i = 0; i < d->m; i++)
        sum += ret_u[i] = fmax(d->gap[i] - d->ttl_s, 0);
    double lambda = (double)d->m / fmax(sum, 1e-3);
    bool possible = d->short_gaps == 0;
    return (struct renewal_fit){.loglik =
                                    possible ? (double)d->m * (log(lambda) - 1) : -INFINITY,
                                .parameters = 1,
                                .lambda = lambda};
}

static struct renewal_fit rhythm_fit(const struct data *d, const struct renewal_opts *o,
                                     double *ret_u)
{
    struct renewal_fit fit = {.parameters = o->rate_parameters};
    for (size_t i = 0; i < d->m; i++) {
        double from = d->t[d->at[i]] + d->ttl_s, to = d->t[d->at[i] + 1];
        ret_u[i] = rescale_between(o->rate, from, to);
        fit.loglik += log(rescale_rate(o->rate, to)) - ret_u[i];
        fit.lambda += rescale_rate(o->rate, to) / (double)d->m;
    }
    if (d->short_gaps > 0)
        fit.loglik = -INFINITY;
    return fit;
}

/* Where demand is heavy a gap is just above a whole number of lives, and a slow demand
 * without losses is a maximum too, but a lower one. */
static struct start lives_start(const struct data *d)
{
    double *over = mem_alloc(d->m * sizeof *over), lives = 0;
    for (size_t i = 0; i < d->m; i++) {
        double k = fmax(1, floor(d->gap[i] / d->ttl_s));
        over[i] = fmax(d->gap[i] - k * d->ttl_s, 1);
        lives += k;
    }
    double middle = order_quantile(over, d->m, .5);
    double q = fmin(.9, fmax(.02, 1 - (double)d->m / lives));
    free(over);
    return (struct start){{log(M_LN2 / middle), log(q / (1 - q))}, 0};
}

/* `near`: from one guess, as a replicate has; else from two. */
static struct renewal_fit lost_fit(const struct data *d, double lambda, double q, bool near)
{
    if (d->short_gaps > 0)
        return (struct renewal_fit){.loglik = -INFINITY, .parameters = 2};
    const double step[] = {.3, .7};
    double logit = log(fmax(q, .02) / (1 - fmax(q, .02)));
    struct start s[] = {{{log(lambda), logit}, 0}, lives_start(d)}, best = s[0];
    if (near)
        best.loglik = polish(d, lost_loglik, best.p, step, 2);
    else
        best = best_start(d, lost_loglik, s, 2, step, 2);
    return (struct renewal_fit){.loglik = best.loglik,
                                .parameters = 2,
                                .lambda = exp(best.p[0]),
                                .q = share(best.p[1])};
}

/* Of several caches, all times since the first; the likelihood given that first one. */
static struct renewal_fit caches_fit(const struct data *d, double *ret_u)
{
    struct cache_k k;
    struct renewal_fit fit = {.loglik = -INFINITY, .parameters = 2};
    double *t = mem_alloc(d->n * sizeof *t), n = (double)d->n;
    for (size_t i = 0; i < d->n; i++)
        t[i] = d->t[i] - d->t[0];
    bool ok = d->m + 1 == d->n &&
              cache_k_fit(&k, t, d->n, d->ttl_s, t[d->n - 1] + 1e-9, NULL) == 0 && k.k > 1;
    if (ok) {
        double u = n / k.lambda, seen = k.loglik[k.k] - n * (log(k.lambda) - 1);
        fit.k = k.k;
        fit.lambda = (n - 1) / u;
        fit.loglik = (n - 1) * (log(fit.lambda) - 1) + seen;
    }
    for (size_t i = 0; ok && i + 1 < d->n; i++) {
        double hidden = 0; /* time in the gap during which caches hold an answer */
        for (size_t j = i + 1; j-- > 0 && t[j] + d->ttl_s > t[i];)
            hidden += fmin(t[i + 1], t[j] + d->ttl_s) - t[i];
        ret_u[i] = fmax(0, t[i + 1] - t[i] - hidden / k.k);
    }
    free(t);
    return fit;
}

/* --- does demand fit at all? ------------------------------------------------------------ */

/* Twice the smaller p of CV (lower tail) and Anderson-Darling (upper), exact. */
static double dirichlet_p(const double *u, size_t m, const struct renewal_opts *o,
                          uint32_t purpose)
{
    const struct gof_stat *cv = gof_find("cv"), *ad = gof_find("ad");
    uint32_t replicates = o->replicates ? o->replicates : 999;
    double *work = mem_alloc(2 * m * sizeof *work), smallest = 1;
    struct mc upper, lower;
    struct rng r;
    rng_stream(&r, o->seed, RNG_NULL, o->subject, purpose);
    gof_dirichlet(cv, cv->eval(u, m, work), m, replicates, &r, work, &upper, &lower);
    smallest = mc_p(&lower);
    double observed = ad->eval(u, m, work);
    if (isnan(observed)) { /* a gap of exactly the TTL, by rounding: half a second past it */
        double *v = mem_alloc(m * sizeof *v), sum = 0;
        for (size_t i = 0; i < m; i++)
            sum += u[i];
        for (size_t i = 0; i < m; i++)
            v[i] = fmax(u[i], .05 * sum / (double)(m * m));
        observed = ad->eval(v, m, work);
        free(v);
    }
    gof_dirichlet(ad, observed, m, replicates, &r, work, &upper, &lower);
    free(work);
    return fmin(1, 2 * fmin(smallest, mc_p(&upper)));
}

/* Distance of the gaps' law to the fitted one with losses, Anderson-Darling's. */
static double lost_distance(const struct data *d, const struct renewal_fit *f)
{
    double *p = mem_alloc(d->m * sizeof *p), sum = 0, m = (double)d->m;
    struct gaplaw_lost law = gaplaw_lost_make(d->ttl_s, f->lambda, f->q);
    for (size_t i = 0; i < d->m; i++)
        p[i] = fmin(1 - 1e-12, fmax(gaplaw_lost_below(&law, d->gap[i]), 1e-12));
    order_sort(p, d->m);
    for (size_t i = 0; i < d->m; i++)
        sum += (2 * (double)i + 1) * (log(p[i]) + log1p(-p[d->m - 1 - i]));
    free(p);
    return -m - sum / m;
}

/* Gaps of demand with losses from first to last, both ends of each cut to the clock's ticks as
 * the data's are: where demand is heavy most excess is a few ticks. */
static void draw_lost(const struct data *d, const struct renewal_fit *f, double tick_s,
                      struct rng *r, double *ret)
{
    double at = tick_s > 0 ? tick_s * rng_unit(r) : 0, before = 0;
    for (size_t i = 0; i < d->m; i++) {
        do
            at += d->ttl_s + rng_exponential(r, 1 / f->lambda);
        while (rng_unit(r) < f->q);
        double now = tick_s > 0 ? floor(at / tick_s) * tick_s : at;
        ret[i] = now - before;
        before = now;
    }
}

static double lost_p(const struct data *d, const struct renewal_fit *f,
                     const struct renewal_opts *o)
{
    struct data copy = *d;
    struct mc mc = {.max = 199, .stop_at = 20};
    double observed = lost_distance(d, f);
    copy.gap = mem_alloc(d->m * sizeof *copy.gap);
    bool more = true;
    for (uint32_t b = 0; more; b++) {
        struct rng r;
        rng_stream(&r, o->seed, RNG_BOOTSTRAP, o->subject, b);
        draw_lost(d, f, o->resolution_s, &r, copy.gap);
        struct renewal_fit again = lost_fit(&copy, f->lambda, f->q, true);
        more = mc_add(&mc, lost_distance(&copy, &again), observed);
    }
    free(copy.gap);
    return mc_p(&mc);
}

/* --- the whole -------------------------------------------------------------------------- */

static void fit_demands(struct renewal *r, const struct data *d, const struct renewal_opts *o)
{
    double *u = mem_zero(d->m + 1, sizeof *u);
    for (int k = 0; k <= RENEWAL_CACHES; k++)
        r->p_maker[k] = NAN;
    r->fit[RENEWAL_DEMAND] = o->rate ? rhythm_fit(d, o, u) : demand_fit(d, u);
    if (d->short_gaps == 0)
        r->p_maker[RENEWAL_DEMAND] = dirichlet_p(u, d->m, o, 0);
    struct renewal_fit even = demand_fit(d, u);
    r->fit[RENEWAL_LOST] = lost_fit(d, even.lambda, 0, false);
    if (d->short_gaps == 0 && r->p_maker[RENEWAL_DEMAND] <= .05)
        r->p_maker[RENEWAL_LOST] = lost_p(d, &r->fit[RENEWAL_LOST], o);
    r->fit[RENEWAL_CACHES] = caches_fit(d, u);
    if (isfinite(r->fit[RENEWAL_CACHES].loglik))
        r->p_maker[RENEWAL_CACHES] = dirichlet_p(u, d->m, o, 1);
    free(u);
}

static void rank(struct renewal *r)
{
    r->demand = RENEWAL_DEMAND;
    r->timer = RENEWAL_SLEEP;
    for (int k = 0; k < RENEWAL_MAKERS; k++) {
        struct renewal_fit *f = &r->fit[k];
        f->score = f->loglik - .5 * (double)f->parameters * log((double)r->gaps);
        enum renewal_id *best = renewal_table[k].timer ? &r->timer : &r->demand;
        if (f->score > r->fit[*best].score)
            *best = (enum renewal_id)k;
    }
    r->log_lr = r->fit[r->timer].score - r->fit[r->demand].score;
}

static void answer(struct renewal *r)
{
    r->p = NAN;
    for (int k = 0; k <= RENEWAL_CACHES; k++)
        if (!isnan(r->p_maker[k]))
            r->p = isnan(r->p) ? r->p_maker[k] : fmax(r->p, r->p_maker[k]);
    bool impossible = isnan(r->p), strongly = impossible || r->p <= .01;
    r->refuted = impossible || r->p <= .05;
    r->answer = RENEWAL_NOT_SEPARABLE;
    if (!r->resolved || r->gaps < RENEWAL_ANSWER)
        return;
    if (strongly && r->log_lr > log(100))
        r->answer = RENEWAL_IS_TIMER;
    else if (strongly && r->log_lr <= 0)
        r->answer = RENEWAL_NEITHER;
    else if (!r->refuted && r->log_lr < -log(100))
        r->answer = RENEWAL_IS_DEMAND;
}

int renewal_compare(struct renewal *ret, const struct stream *s, const struct window *w,
                    const struct renewal_opts *o, struct err *err)
{
    struct data d;
    data_make(&d, s, w, o->resolution_s);
    if (d.m < RENEWAL_MIN || !(s->ttl_s > 0)) {
        data_free(&d);
        return err_set(err, ERR_DEGENERATE,
                       "makers: expected a TTL and at least %d gaps, found %g s and %zu",
                       RENEWAL_MIN, s->ttl_s, d.m);
    }
    struct renewal r = {.gaps = d.m,
                        .short_gaps = d.short_gaps,
                        .resolved = fabs(quantile(&d, .5) - s->ttl_s) >= 3 * o->resolution_s ||
                                    d.short_gaps > 0};
    fit_demands(&r, &d, o);
    r.fit[RENEWAL_SLEEP] = loop_fit(&d, sleep_loglik, 3);
    r.fit[RENEWAL_SLEEP_CACHED] = loop_fit(&d, sleep_cached_loglik, 16);
    double period = spectrum_period(&d);
    r.fit[RENEWAL_CLOCK] = clock_fit(&d, period, false);
    r.fit[RENEWAL_CLOCK_CACHED] = clock_fit(&d, period, true);
    rank(&r);
    answer(&r);
    *ret = r;
    data_free(&d);
    return 0;
}
