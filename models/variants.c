/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/variants.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/identity.h"
#include "stats/order.h"

const struct variant_kind variant_table[VARIANTS] = {
    [VARIANT_TTL] = {"ttl", "answers live the stated time"},
    [VARIANT_PREFETCH] = {"prefetch", "a look-up in the last tenth of it refreshes"},
    [VARIANT_PREFETCH_2S] = {"prefetch_2s", "a look-up in its last two seconds refreshes"},
    [VARIANT_LIFE] = {"life", "another life: a cap or a floor of the resolver"},
    [VARIANT_REMAINING] = {"remaining", "a forwarder that is handed what is left of it"},
    [VARIANT_MIX] = {"mix", "two lives, as of parent and child zone"},
};

static const double SHORT_S = 2, TOLD = 6;
enum { LEAST_GAPS = 10, SECOND_LIVES = 60, EM_STEPS = 200 };

/* Sorted gaps, ascending. */
static double *heard_gaps(const struct stream *s, const struct window *w, size_t *ret_m)
{
    double *gap = mem_alloc((s->n + 1) * sizeof *gap);
    *ret_m = 0;
    for (size_t i = 0; i + 1 < s->n; i++) {
        double g = s->t[i + 1] - s->t[i];
        if (window_live_between(w, s->t[i], s->t[i + 1]) >= g - 1e-6)
            gap[(*ret_m)++] = g;
    }
    order_sort(gap, *ret_m);
    return gap;
}

static struct variant_fit fixed_life(const double *gap, size_t m, double life,
                                     size_t parameters)
{
    double sum = 0;
    for (size_t i = 0; i < m; i++)
        sum += fmax(gap[i] - life, 0);
    double lambda = (double)m / fmax(sum, 1e-3);
    bool possible = gap[0] >= life - SHORT_S;
    return (struct variant_fit){.loglik = possible ? (double)m * (log(lambda) - 1) : -INFINITY,
                                .parameters = parameters,
                                .lambda = lambda,
                                .life_s = life,
                                .share = 1};
}

static double remaining_loglik(const double *gap, size_t m, double ttl, double lambda)
{
    double sum = -(double)m * log(ttl);
    for (size_t i = 0; i < m; i++) {
        double g = fmax(gap[i], 1e-3), x = lambda * fmin(g, ttl);
        sum += x - lambda * g + log(-expm1(-x)); /* e^-lg (e^x - 1) */
    }
    return sum;
}

/* Golden section in ln lambda: the mean of R + Exp falls with lambda, one maximum. */
static struct variant_fit remaining(const double *gap, size_t m, double ttl)
{
    double lo = log(1e-3 / ttl), hi = log(1e4 / ttl), ratio = (sqrt(5) - 1) / 2;
    for (int i = 0; i < 100; i++) {
        double a = hi - ratio * (hi - lo), b = lo + ratio * (hi - lo);
        if (remaining_loglik(gap, m, ttl, exp(a)) > remaining_loglik(gap, m, ttl, exp(b)))
            hi = b;
        else
            lo = a;
    }
    double lambda = exp((lo + hi) / 2);
    return (struct variant_fit){.loglik = remaining_loglik(gap, m, ttl, lambda),
                                .parameters = 1,
                                .lambda = lambda,
                                .life_s = NAN,
                                .share = 1};
}

/* EM for one second life: each gap's chance of having been at ttl. */
static struct variant_fit mix_at(const double *gap, size_t m, double ttl, double other)
{
    double share = .5, lambda = 0, loglik = -INFINITY;
    for (size_t i = 0; i < m; i++)
        lambda += fmax(gap[i] - fmin(ttl, other), 1e-3);
    lambda = (double)m / lambda;
    for (int step = 0; step < EM_STEPS; step++) {
        double at_ttl = 0, time = 0, before = loglik;
        loglik = 0;
        for (size_t i = 0; i < m; i++) {
            double e = gap[i] - ttl, o = gap[i] - other;
            double p = e >= -SHORT_S ? share * exp(-lambda * fmax(e, 0)) : 0;
            double q = o >= -SHORT_S ? (1 - share) * exp(-lambda * fmax(o, 0)) : 0;
            double w = p + q > 0 ? p / (p + q) : 0;
            loglik += log(lambda * (p + q));
            at_ttl += w;
            time += w * fmax(e, 0) + (1 - w) * fmax(o, 0);
        }
        share = at_ttl / (double)m;
        lambda = (double)m / fmax(time, 1e-3);
        if (!(loglik - before > 1e-9))
            break;
    }
    return (struct variant_fit){
        .loglik = loglik, .parameters = 3, .lambda = lambda, .life_s = other, .share = share};
}

/* The likelihood jumps where a gap comes to be possible, so the second life is a gap: one
 * of up to SECOND_LIVES, even over their order. */
static struct variant_fit mix(const double *gap, size_t m, double ttl)
{
    struct variant_fit best = {.loglik = -INFINITY, .parameters = 3};
    size_t step = m / SECOND_LIVES + 1;
    for (size_t i = 0; i < m; i += step) {
        struct variant_fit one = mix_at(gap, m, ttl, gap[i]);
        if (fabs(gap[i] - ttl) > SHORT_S && one.loglik > best.loglik)
            best = one;
    }
    return best;
}

static void compare(struct variants *v)
{
    double log_m = log((double)v->gaps);
    for (int k = 0; k < VARIANTS; k++) {
        struct variant_fit *f = &v->fit[k];
        f->bic = -2 * f->loglik + (double)f->parameters * log_m;
        if (f->bic < v->fit[v->best].bic)
            v->best = (enum variant_id)k;
    }
    const struct variant_fit *best = &v->fit[v->best];
    for (int k = 0; k < VARIANTS; k++) {
        struct variant_fit *f = &v->fit[k];
        f->apart = f->bic - best->bic > TOLD;
        f->between = best->lambda * fabs(f->life_s - best->life_s) * (double)v->gaps;
    }
}

int variants_fit(struct variants *ret, const struct stream *s, const struct window *w,
                 struct err *err)
{
    struct variants v = {0};
    double *gap = heard_gaps(s, w, &v.gaps);
    if (v.gaps < LEAST_GAPS || !(s->ttl_s > 0)) {
        free(gap);
        return err_set(err, ERR_DEGENERATE,
                       "variants: expected a TTL and at least %d gaps, found %g s and %zu",
                       LEAST_GAPS, s->ttl_s, v.gaps);
    }
    v.fit[VARIANT_TTL] = fixed_life(gap, v.gaps, s->ttl_s, 1);
    v.fit[VARIANT_PREFETCH] = fixed_life(gap, v.gaps, .9 * s->ttl_s, 1);
    v.fit[VARIANT_PREFETCH_2S] = fixed_life(gap, v.gaps, s->ttl_s - 2, 1);
    v.fit[VARIANT_LIFE] = fixed_life(gap, v.gaps, gap[0], 2);
    v.fit[VARIANT_REMAINING] = remaining(gap, v.gaps, s->ttl_s);
    v.fit[VARIANT_MIX] = mix(gap, v.gaps, s->ttl_s);
    compare(&v);
    *ret = v;
    free(gap);
    return 0;
}

/* --- one cache or two ------------------------------------------------------------------- */

int variants_twin(struct cache_twin *ret, const struct stream *a, const struct stream *b,
                  double session_s, const struct window *w, struct err *err)
{
    size_t room = a->n + b->n + 1;
    double *t = mem_alloc(3 * room * sizeof *t);
    bool *of_b = mem_alloc(room * sizeof *of_b);
    struct stream m = {.t = t, .ttl_s = a->ttl_s}, one = {.t = t + room, .ttl_s = a->ttl_s},
                  two = {.t = t + 2 * room, .ttl_s = b->ttl_s};
    struct cache_fit fa, fb, both;
    m.n = identity_merge(a, b, session_s, t, of_b);
    for (size_t i = 0; i < m.n; i++)
        if (of_b[i])
            two.t[two.n++] = t[i];
        else
            one.t[one.n++] = t[i];
    int rc = cache_fit(&fa, &one, w, err);
    if (rc == 0)
        rc = cache_fit(&fb, &two, w, err);
    if (rc == 0)
        rc = cache_fit(&both, &m, w, err);
    if (rc == 0) {
        bool possible = both.short_gaps == 0;
        double n = (double)m.n, share = (double)one.n / n;
        double sides = (double)one.n * log(share) + (double)two.n * log1p(-share);
        *ret = (struct cache_twin){.n = m.n,
                                   .short_gaps = both.short_gaps,
                                   .loglik_one = possible ? both.loglik + sides : -INFINITY,
                                   .loglik_two = fa.loglik + fb.loglik};
        ret->log_lr = ret->loglik_one - ret->loglik_two;
        ret->have_k = cache_k_fit(&ret->k, m.t, m.n, m.ttl_s, w->length_s, NULL) == 0;
    }
    free(of_b);
    free(t);
    return rc;
}
