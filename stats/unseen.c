/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/unseen.h"

#include <gsl/gsl_min.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/order.h"
#include "stats/tail.h"

/* --- zero truncation ------------------------------------------------------------------ */

/* Newton on lambda / (1 - e^-lambda) - mean, which is convex and rises from 1. */
double truncated_rate(double mean)
{
    if (!(mean > 1))
        return 0;
    double x = mean; /* right of the root: the function there exceeds its argument */
    for (int i = 0; i < 100; i++) {
        double miss = -expm1(-x), f = x / miss - mean,
               slope = (miss - x * exp(-x)) / (miss * miss), step = f / slope;
        x -= step;
        if (fabs(step) <= 1e-15 * x)
            break;
    }
    return x;
}

static double log_zero(double mu, double theta)
{
    return isinf(theta) ? -mu : -theta * log1p(mu / theta);
}

static double log_upper(uint64_t k, double mu, double theta)
{
    return isinf(theta) ? poisson_log_upper(k, mu) : negbin_log_upper(k, mu, theta);
}

double truncated_log_upper(uint64_t k, double mu, double theta)
{
    if (k <= 1)
        return 0;
    if (!(mu > 0))
        return -INFINITY;
    return log_upper(k, mu, theta) - log1m_exp(log_zero(mu, theta));
}

/* Counts tallied: how often each value stands in the list. */
struct counts_of {
    struct value {
        uint64_t k;
        double times;
    } * v;
    size_t n;
    double listed, mean, theta;
};

static int by_k(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    return (x->k > y->k) - (x->k < y->k);
}

static void tally(struct counts_of *c, const uint64_t *counts, size_t n)
{
    *c = (struct counts_of){.v = mem_alloc((n + 1) * sizeof *c->v), .listed = (double)n};
    for (size_t i = 0; i < n; i++) {
        c->v[i] = (struct value){counts[i], 1};
        c->mean += (double)counts[i] / (double)n;
    }
    qsort(c->v, n, sizeof *c->v, by_k);
    for (size_t i = 0; i < n; i++) {
        if (c->n && c->v[c->n - 1].k == c->v[i].k)
            c->v[c->n - 1].times++;
        else
            c->v[c->n++] = c->v[i];
    }
}

static double loglik_at(const struct counts_of *c, double mu, double theta)
{
    double sum = -c->listed * log1m_exp(log_zero(mu, theta));
    for (size_t i = 0; i < c->n; i++)
        sum += c->v[i].times * (isinf(theta) ? poisson_logpmf(c->v[i].k, mu)
                                             : negbin_logpmf(c->v[i].k, mu, theta));
    return sum;
}

/* The mean of a truncated law is mu / (1 - P(0)): which mu gives the counts' mean? */
static double mean_less(double log_mu, void *ctx)
{
    const struct counts_of *c = ctx;
    double mu = exp(log_mu);
    return log_mu - log1m_exp(log_zero(mu, c->theta)) - log(c->mean);
}

static double mu_at(struct counts_of *c, double theta)
{
    c->theta = theta;
    gsl_function f = {mean_less, c};
    gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double lo = -40, hi = log(c->mean);
    if (gsl_root_fsolver_set(s, &f, lo, hi + 1e-9) == 0)
        for (int i = 0; i < 200 && hi - lo > 1e-12; i++) {
            gsl_root_fsolver_iterate(s);
            lo = gsl_root_fsolver_x_lower(s);
            hi = gsl_root_fsolver_x_upper(s);
        }
    double root = gsl_root_fsolver_root(s);
    gsl_root_fsolver_free(s);
    return exp(root);
}

double truncated_mean(double mu, double theta)
{
    return mu > 0 ? mu / -expm1(log_zero(mu, theta)) : 1;
}

double truncated_mu(double mean, double theta)
{
    struct counts_of c = {.mean = mean};
    return !(mean > 1) ? 0 : isinf(theta) ? truncated_rate(mean) : mu_at(&c, theta);
}

/* Profile over ln theta; the law's mean does not fix mu as theta goes to 0, where it tends
 * to the logarithmic series: the search ends at 1e-3. */
static double minus_profile(double log_theta, void *ctx)
{
    struct counts_of *c = ctx;
    double theta = exp(log_theta);
    return -loglik_at(c, mu_at(c, theta), theta);
}

struct truncated truncated_fit(const uint64_t *counts, size_t n)
{
    static const double LO = -7, HI = 13, STEP = 1;
    struct counts_of c;
    tally(&c, counts, n);
    if (!(c.mean > 1)) {
        free(c.v);
        return (struct truncated){0, INFINITY, 0};
    }
    double mu = truncated_rate(c.mean), best = HI;
    struct truncated poisson = {mu, INFINITY, loglik_at(&c, mu, INFINITY)};
    double least = minus_profile(best, &c);
    for (double x = LO; x < HI; x += STEP) {
        double here = minus_profile(x, &c);
        if (here < least) {
            least = here;
            best = x;
        }
    }
    if (best > LO && best < HI) {
        gsl_function f = {minus_profile, &c};
        gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
        if (gsl_min_fminimizer_set(m, &f, best, best - STEP, best + STEP) == 0)
            for (int i = 0; i < 40; i++)
                if (gsl_min_fminimizer_iterate(m) ||
                    gsl_min_fminimizer_x_upper(m) - gsl_min_fminimizer_x_lower(m) < 1e-5)
                    break;
        best = gsl_min_fminimizer_x_minimum(m);
        gsl_min_fminimizer_free(m);
    }
    double theta = exp(best);
    struct truncated fit = {mu_at(&c, theta), theta, -minus_profile(best, &c)};
    free(c.v);
    return fit.loglik > poisson.loglik + 1e-9 ? fit : poisson;
}

uint64_t truncated_draw(struct rng *r, double mu, double theta)
{
    if (!(mu > 0))
        return 1;
    if (log1m_exp(log_zero(mu, theta)) > log(.05)) /* seen often enough to wait for it */
        for (;;) {
            uint64_t k = isinf(theta) ? rng_poisson(r, mu) : rng_negbin(r, mu, theta);
            if (k)
                return k;
        }
    double u = log(rng_unit(r));
    uint64_t k = 1;
    while (truncated_log_upper(k + 1, mu, theta) > u)
        k++;
    return k;
}

/* --- parties not seen ------------------------------------------------------------------- */

/* Sample `total` from the abundance law one party at a time (conditional binomials): the
 * share of the parties that did not come, less Good and Turing's estimate of it. */
static double miss_of_sample(const double *share, size_t n, uint64_t total, struct rng *r)
{
    uint64_t left = total, once = 0;
    double rest = 1, unseen = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t k = rest > share[i] ? rng_binomial(r, left, fmin(1, share[i] / rest)) : left;
        once += k == 1;
        unseen += k == 0 ? share[i] : 0;
        left -= k;
        rest -= share[i];
    }
    return unseen - (double)once / (double)total;
}

static double good_turing_bound(const struct unseen *u, const uint64_t *counts, size_t n,
                                uint32_t replicates, struct rng *r)
{
    size_t more = (size_t)ceil(u->chao1);
    double *share = mem_alloc((n + more + 1) * sizeof *share),
           *miss = mem_alloc(replicates * sizeof *miss);
    double cover = more ? 1 - u->good_turing : 1;
    for (size_t i = 0; i < n; i++)
        share[i] = cover * (double)counts[i] / (double)u->total;
    for (size_t i = 0; i < more; i++)
        share[n + i] = u->good_turing / (double)more;
    for (uint32_t i = 0; i < replicates; i++)
        miss[i] = miss_of_sample(share, n + more, u->total, r);
    double bound = u->good_turing + order_quantile(miss, replicates, .95);
    free(share);
    free(miss);
    return fmin(1, fmax(bound, u->good_turing));
}

struct unseen unseen_make(const uint64_t *counts, size_t n, uint32_t replicates, struct rng *r)
{
    struct unseen u = {.parties = n, .good_turing_high = NAN};
    for (size_t i = 0; i < n; i++) {
        u.total += counts[i];
        u.once += counts[i] == 1;
        u.twice += counts[i] == 2;
    }
    double f1 = (double)u.once, f2 = (double)u.twice;
    u.chao1 = f1 > 0 ? f1 * (f1 - 1) / (2 * (f2 + 1)) : 0;
    u.good_turing = u.total ? f1 / (double)u.total : NAN;
    if (replicates && u.total)
        u.good_turing_high = good_turing_bound(&u, counts, n, replicates, r);
    return u;
}

/* --- share ------------------------------------------------------------------------------- */

double share_weighted(double in, double out, double c_in, double c_out)
{
    return in / c_in / (in / c_in + out / c_out);
}

double share_tipping(double in, double out, double q)
{
    return q / (1 - q) * out / in;
}

double share_unseen(double in, double out, double q)
{
    return fmax(0, in / q - in - out);
}

static double beta_draw(struct rng *r, double a, double b)
{
    if (!(a > 0 && b > 0))
        return 1;
    double x = rng_gamma(r, a, 1), y = rng_gamma(r, b, 1);
    return x + y > 0 ? x / (x + y) : a / (a + b);
}

void share_posterior(double in, double out, const struct share_beta *c, uint32_t draws,
                     double level, struct rng *r, double *ret_median, double *ret_lo,
                     double *ret_hi)
{
    double *v = mem_alloc((draws + 1) * sizeof *v);
    for (uint32_t i = 0; i < draws; i++) {
        double s = beta_draw(r, in + .5, out + .5);
        v[i] = share_weighted(s, 1 - s, beta_draw(r, c->in_a, c->in_b),
                              beta_draw(r, c->out_a, c->out_b));
    }
    *ret_median = order_quantile(v, draws, .5);
    *ret_lo = order_quantile(v, draws, (1 - level) / 2);
    *ret_hi = order_quantile(v, draws, (1 + level) / 2);
    free(v);
}
