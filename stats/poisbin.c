/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/poisbin.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include "base/mem.h"
#include "stats/tail.h"

/* |s| at most; chances nearer to 0 or 1 than e^-700 do not occur but as 0 and 1. */
static const double TILT_MAX = 700;
enum { ITERATIONS = 200 };

/* The trials that are not settled (0 < p < 1), and how many are certain. */
struct trials {
    double *p;
    size_t n, certain;
    double target; /* of the tilted mean */
};

static bool trials_make(struct trials *t, const double *p, size_t n)
{
    *t = (struct trials){.p = mem_alloc((n + 1) * sizeof *t->p)};
    for (size_t i = 0; i < n; i++) {
        if (!(p[i] >= 0 && p[i] <= 1)) {
            free(t->p);
            return false;
        }
        t->certain += p[i] == 1;
        if (p[i] > 0 && p[i] < 1)
            t->p[t->n++] = p[i];
    }
    return true;
}

static double tilted(double p, double s)
{
    return s > 0 ? p / (p + (1 - p) * exp(-s)) : p * exp(s) / (1 - p + p * exp(s));
}

static double mean_less_target(double s, void *ctx)
{
    const struct trials *t = ctx;
    double sum = -t->target;
    for (size_t i = 0; i < t->n; i++)
        sum += tilted(t->p[i], s);
    return sum;
}

/* s of tilted mean k, 0 < k < n. It need not be exact: every s gives the same tail. */
static double tilt(struct trials *t, size_t k)
{
    t->target = (double)k;
    gsl_function f = {mean_less_target, t};
    if (mean_less_target(-TILT_MAX, t) >= 0)
        return -TILT_MAX;
    if (mean_less_target(TILT_MAX, t) <= 0)
        return TILT_MAX;
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_root_fsolver_set(solver, &f, -TILT_MAX, TILT_MAX);
    for (int i = 0; i < ITERATIONS; i++) {
        gsl_root_fsolver_iterate(solver);
        if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver),
                                   gsl_root_fsolver_x_upper(solver), 1e-6, 0) == GSL_SUCCESS)
            break;
    }
    double s = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return s;
}

/* K(s) - s k. */
static double exponent(const struct trials *t, double s, size_t k)
{
    double sum = -s * (double)k;
    for (size_t i = 0; i < t->n; i++)
        sum += s > 0 ? s + log(t->p[i] + (1 - t->p[i]) * exp(-s)) : log1p(t->p[i] * expm1(s));
    return sum;
}

/* P_s(X = j) for j = 0..n, malloced. */
static double *tilted_law(const struct trials *t, double s)
{
    double *f = mem_zero(t->n + 1, sizeof *f);
    f[0] = 1;
    for (size_t i = 0; i < t->n; i++) {
        double p = tilted(t->p[i], s), q = 1 - p;
        for (size_t j = i + 1; j > 0; j--)
            f[j] = q * f[j] + p * f[j - 1];
        f[0] *= q;
    }
    return f;
}

/* ln sum of P(X = j) over j from k to n (step 1), to 0 (step -1), or of k alone (0). */
static double log_sum(struct trials *t, size_t k, int step)
{
    double all_or_none = 0;
    for (size_t i = 0; i < t->n; i++)
        all_or_none += k == 0 ? log1p(-t->p[i]) : log(t->p[i]);
    if (k == 0 || k == t->n)
        return step == 0 || (k == 0) == (step < 0) ? all_or_none : 0;
    double s = tilt(t, k), sum = 0, *f = tilted_law(t, s);
    for (size_t j = k; j <= t->n; j += step) /* below 0 wraps round and ends it */
    {
        sum += f[j] * exp(-s * ((double)j - (double)k));
        if (step == 0)
            break;
    }
    free(f);
    return exponent(t, s, k) + log(sum);
}

static double mean(const struct trials *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        sum += t->p[i];
    return sum;
}

/* A tail that holds the middle of the law is near 1: one less the other is exact there,
 * and the tilted sum, whose terms grow, is not. */
static double upper(struct trials *t, size_t k)
{
    return k == 0 || (double)k >= mean(t) ? log_sum(t, k, 1) : log1m_exp(log_sum(t, k - 1, -1));
}

double poisbin_logpmf(uint64_t k, const double *p, size_t n)
{
    struct trials t;
    if (!trials_make(&t, p, n))
        return NAN;
    bool possible = k >= t.certain && k - t.certain <= t.n;
    double ret = possible ? log_sum(&t, (size_t)k - t.certain, 0) : -INFINITY;
    free(t.p);
    return ret;
}

double poisbin_log_upper(uint64_t k, const double *p, size_t n)
{
    struct trials t;
    if (!trials_make(&t, p, n))
        return NAN;
    double ret = k <= t.certain        ? 0
                 : k - t.certain > t.n ? -INFINITY
                                       : upper(&t, (size_t)k - t.certain);
    free(t.p);
    return ret;
}

void poisbin_law(const double *p, size_t n, double *ret)
{
    static const double NIL = 1e-40;
    size_t lo = 0, hi = 0; /* the band */
    for (size_t j = 0; j <= n; j++)
        ret[j] = j == 0;
    for (size_t i = 0; i < n; i++) {
        double q = 1 - p[i];
        hi++;
        for (size_t j = hi; j > lo; j--)
            ret[j] = q * ret[j] + p[i] * ret[j - 1];
        ret[lo] *= q;
        while (lo < hi && ret[lo] < NIL)
            ret[lo++] = 0;
        while (hi > lo && ret[hi] < NIL)
            ret[hi--] = 0;
    }
}
