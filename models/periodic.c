/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/periodic.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/cache.h"
#include "models/power.h"
#include "stats/mc.h"

static const double LONGEST_S = 6 * 3600, LEVEL = 1;
enum { CROSSINGS = 40, TROUGH = 10, MOST_DRAWN = PERIOD_MOST / 16 };

/* The times to test, made even where a rate is given. loose[i]: the gap after time i was
 * listened to and is no shorter than the answer's life, so its excess may be drawn anew. */
struct even {
    double *t;
    bool *loose;
    size_t n;
    double lambda, ttl_s, length_s;
};

static int even_make(struct even *ret, const struct stream *s, const struct window *w,
                     const struct rescale *rate, struct err *err)
{
    struct cache_fit fit;
    if (s->n < PERIODIC_MIN || !(s->ttl_s > 0))
        return err_set(err, ERR_DEGENERATE,
                       "period: expected a TTL and at least %d sessions, found %g s and %zu",
                       PERIODIC_MIN, s->ttl_s, s->n);
    int rc = cache_fit(&fit, s, w, err);
    if (rc < 0)
        return rc;
    double *t = mem_alloc(s->n * sizeof *t);
    bool *loose = mem_zero(s->n, sizeof *loose);
    size_t n = rate ? rescale_even(rate, s, w, fit.lambda, t) : s->n;
    for (size_t i = 0; i < n; i++)
        t[i] = rate ? t[i] : s->t[i];
    for (size_t i = 0; i + 1 < n; i++) {
        double gap = t[i + 1] - t[i];
        loose[i] =
            gap >= s->ttl_s && (rate || window_live_between(w, t[i], t[i + 1]) >= gap - 1e-6);
    }
    double length = rate ? t[n - 1] + s->ttl_s : w->length_s;
    *ret = (struct even){t, loose, n, fit.lambda, s->ttl_s, length};
    return 0;
}

static void even_free(struct even *e)
{
    free(e->t);
    free(e->loose);
    *e = (struct even){0};
}

/* Given the first and the last time of a run of loose gaps and their number, memoryless
 * demand behind a cache has every placing of those between alike: the excess gaps over
 * their sum are Dirichlet(1, .., 1) whatever lambda is. Exact, without a refit, because
 * lambda's statistic does not change. Writes e->n times. */
static void draw(const struct even *e, struct rng *r, double *t)
{
    t[0] = e->t[0];
    for (size_t i = 0; i + 1 < e->n;) {
        size_t end = i;
        double sum = 0;
        while (end + 1 < e->n && e->loose[end]) {
            t[end + 1] = rng_exponential(r, 1);
            sum += t[++end];
        }
        double excess = e->t[end] - e->t[i] - (double)(end - i) * e->ttl_s;
        for (size_t k = i; k < end; k++)
            t[k + 1] = t[k] + e->ttl_s + t[k + 1] * excess / sum;
        if (end + 1 < e->n && !e->loose[end]) {
            t[end] = e->t[end];
            t[end + 1] = e->t[end + 1];
            end++;
        }
        i = end;
    }
}

struct job {
    const struct even *e;
    const struct period_grid *grid; /* NULL: one frequency, f */
    double f;
    const struct periodic_opts *o;
    double *most, *up; /* a replicate */
};

static void replicate(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    const struct even *e = job->e;
    double *t = mem_alloc(e->n * sizeof *t);
    struct rng r;
    rng_stream(&r, job->o->seed, RNG_NULL, job->o->subject, (uint32_t)i);
    draw(e, &r, t);
    if (job->grid) {
        double *power = mem_alloc(job->grid->n * sizeof *power);
        period_spectrum(t, e->n, job->grid, e->lambda, e->ttl_s, power);
        job->most[i] = power[period_best(power, job->grid->n)];
        job->up[i] = (double)period_upcrossings(power, job->grid->n, LEVEL);
        free(power);
    } else {
        period_powers(t, e->n, job->f, e->lambda, e->ttl_s, 1, &job->most[i]);
        job->most[i] /= 2;
    }
    free(t);
}

static void run(struct job *job, uint32_t replicates)
{
    job->most = mem_alloc((replicates + 1) * sizeof *job->most);
    job->up = mem_alloc((replicates + 1) * sizeof *job->up);
    par_for(job->o->threads, replicates, replicate, job);
}

static double log_p_of(const struct job *job, uint32_t replicates, double observed)
{
    struct mc mc = {.max = replicates};
    for (uint32_t i = 0; i < replicates; i++)
        mc_add(&mc, job->most[i], observed);
    return log(mc_p(&mc));
}

static double mean_up(const struct job *job, uint32_t replicates)
{
    double sum = 0;
    for (uint32_t i = 0; i < replicates; i++)
        sum += job->up[i];
    return sum / replicates;
}

/* Is the law of a whole spectrum not reached? In its troughs, about f = 1/(2 ttl), the ends of
 * the log add something like 1/(n s) to the power: with lambda ttl 10 and 150 misses 21 of 100
 * logs of even demand had p <= .1 by the bound; with 500, none of 60. */
static bool too_few(const struct even *e)
{
    double trough = period_dead_factor(.5 / e->ttl_s, e->lambda, e->ttl_s);
    return e->n < PERIODIC_ASYMPTOTIC || (double)e->n * trough < TROUGH;
}

static void search_p(struct periodic *p, struct job *job)
{
    bool few = too_few(job->e);
    uint32_t m = few ? job->o->replicates : CROSSINGS;
    run(job, m);
    p->replicates = few ? m : 0;
    p->log_p = few ? log_p_of(job, m, p->power)
                   : period_search_log_p(p->power, mean_up(job, m), LEVEL);
    free(job->most);
    free(job->up);
}

/* What a white spectrum would say of its own largest power, by the same bound. */
static double white_p(const struct even *e, const struct period_grid *g, double *power)
{
    period_spectrum(e->t, e->n, g, e->lambda, 0, power);
    double up = (double)g->n / PERIODIC_POINTS * exp(-LEVEL) * sqrt(M_PI * LEVEL / 3);
    return period_search_log_p(power[period_best(power, g->n)], up, LEVEL);
}

/* A timer without much jitter has as much power at multiples of its frequency, and the
 * factor can favour them: of f, f/2, .. the one with the largest z as it is. */
static double fundamental(const struct even *e, double f, double lo)
{
    double best = f, most = 0, z;
    for (int j = 1; j <= 10 && f / j >= lo; j++) {
        period_powers(e->t, e->n, f / j, e->lambda, 0, 1, &z);
        if (z > most) {
            most = z;
            best = f / j;
        }
    }
    return best;
}

static struct period_grid grid_of(const struct even *e, double lo, double hi,
                                  const struct periodic_opts *o)
{
    if (o->most)
        return period_grid_make(lo, hi, e->length_s, PERIODIC_POINTS, o->most);
    return period_grid_upto(lo, hi, e->length_s, PERIODIC_POINTS,
                            too_few(e) ? MOST_DRAWN : PERIOD_MOST);
}

static double highest(const struct stream *s, const struct periodic_opts *o)
{
    return o->f_hi > 0 ? o->f_hi : 2 / s->ttl_s;
}

/* Times, frequencies and their power; the caller frees *e and *ret_power. */
static int spectrum(struct even *e, struct period_grid *g, double **ret_power,
                    const struct stream *s, const struct window *w,
                    const struct periodic_opts *o, struct err *err)
{
    *e = (struct even){0};
    int rc = even_make(e, s, w, o->rate, err);
    if (rc < 0)
        return rc;
    double lo = o->f_lo > 0 ? o->f_lo : fmax(1 / LONGEST_S, 3 / e->length_s);
    double hi = highest(s, o);
    *g = grid_of(e, lo, hi, o);
    if (g->n < 2 || e->n < PERIODIC_MIN) {
        even_free(e);
        return err_set(err, ERR_DEGENERATE,
                       "period: expected periods between %g s and 6 h, found none", 1 / hi);
    }
    *ret_power = mem_alloc(g->n * sizeof **ret_power);
    period_spectrum(e->t, e->n, g, e->lambda, e->ttl_s, *ret_power);
    return 0;
}

int periodic_search(struct periodic *ret, const struct stream *s, const struct window *w,
                    const struct periodic_opts *o, struct err *err)
{
    struct even e;
    struct period_grid g;
    double *power = NULL, z[PERIOD_H_MAX], unused;
    int rc = spectrum(&e, &g, &power, s, w, o, err);
    if (rc < 0)
        return rc;
    size_t harmonics, best = period_best(power, g.n);
    struct periodic p = {.n = e.n,
                         .frequencies = g.n,
                         .f_lo = g.lo,
                         .f_hi = period_frequency(&g, g.n - 1),
                         .lambda = e.lambda,
                         .cut = period_frequency(&g, g.n) < highest(s, o),
                         .f = period_frequency(&g, best),
                         .power = power[best]};
    p.factor = period_dead_factor(p.f, e.lambda, e.ttl_s);
    period_powers(e.t, e.n, p.f, e.lambda, e.ttl_s, PERIOD_H_MAX, z);
    p.z2 = period_z2(z, 2, &unused);
    p.h = period_h(z, PERIOD_H_MAX, &harmonics, &unused);
    p.period_s = 1 / fundamental(&e, p.f, g.lo);
    struct job job = {.e = &e, .grid = &g, .o = o};
    search_p(&p, &job);
    p.log_p_white = white_p(&e, &g, power);
    *ret = p;
    free(power);
    even_free(&e);
    return 0;
}

int periodic_test(struct periodic_at *ret, const struct stream *s, const struct window *w,
                  double f, const struct periodic_opts *o, struct err *err)
{
    struct even e;
    int rc = even_make(&e, s, w, o->rate, err);
    if (rc < 0)
        return rc;
    double z[PERIOD_H_MAX], unused;
    struct periodic_at p = {.factor = period_dead_factor(f, e.lambda, e.ttl_s)};
    period_powers(e.t, e.n, f, e.lambda, e.ttl_s, PERIOD_H_MAX, z);
    p.z = z[0] * p.factor;
    p.log_p_white = -p.z / 2;
    p.log_p = -z[0] / 2;
    p.z2 = period_z2(z, 2, &p.log_p_z2);
    p.h = period_h(z, PERIOD_H_MAX, &p.harmonics, &p.log_p_h);
    p.kuiper = period_kuiper(e.t, e.n, f, &unused);
    if (e.n < PERIODIC_ASYMPTOTIC) {
        struct job job = {.e = &e, .f = f, .o = o};
        run(&job, o->replicates);
        p.replicates = o->replicates;
        p.log_p = log_p_of(&job, o->replicates, z[0] / 2);
        free(job.most);
        free(job.up);
    }
    *ret = p;
    even_free(&e);
    return 0;
}

/* --- the level of a whole spectrum ---------------------------------------------------------
 */

/* Where the bound of Gross & Vitells is alpha. */
static double bound_level(const struct even *e, const struct period_grid *g, double alpha)
{
    double range = g->step * (double)(g->n - 1), bonferroni = log((double)g->n / alpha);
    double up =
        range * sqrt(4 * M_PI * LEVEL * gsl_stats_variance(e->t, 1, e->n)) * exp(-LEVEL);
    double lo = LEVEL, hi = bonferroni;
    for (int i = 0; i < 60; i++) {
        double mid = (lo + hi) / 2;
        *(period_search_log_p(mid, up, LEVEL) > log(alpha) ? &lo : &hi) = mid;
    }
    return hi;
}

int periodic_spectrum_make(struct periodic_spectrum *ret, const struct stream *s,
                           const struct window *w, const struct periodic_opts *o, double alpha,
                           struct err *err)
{
    struct even e;
    struct periodic_spectrum v = {.level = INFINITY};
    int rc = spectrum(&e, &v.grid, &v.power, s, w, o, err);
    if (rc < 0)
        return rc;
    if (too_few(&e)) {
        struct job job = {.e = &e, .grid = &v.grid, .o = o};
        run(&job, o->replicates);
        v.level = power_critical(job.most, o->replicates, alpha);
        v.replicates = o->replicates;
        free(job.most);
        free(job.up);
    }
    if (!isfinite(v.level)) {
        v.level = bound_level(&e, &v.grid, alpha);
        v.replicates = 0;
    }
    *ret = v;
    even_free(&e);
    return 0;
}

void periodic_spectrum_free(struct periodic_spectrum *v)
{
    free(v->power);
    *v = (struct periodic_spectrum){0};
}
