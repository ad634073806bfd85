/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/identity.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/rng.h"
#include "stats/tail.h"

static const double DAY_S = 86400;

size_t identity_merge(const struct stream *a, const struct stream *b, double session_s,
                      double *ret_t, bool *ret_b)
{
    size_t i = 0, k = 0, n = 0;
    double before = -INFINITY;
    while (i < a->n || k < b->n) {
        bool of_b = i == a->n || (k < b->n && b->t[k] < a->t[i]);
        double t = of_b ? b->t[k++] : a->t[i++];
        if (t - before > session_s) {
            ret_t[n] = t;
            ret_b[n++] = of_b;
        }
        before = t;
    }
    return n;
}

/* Sum over days of (a_d - n_d pi)^2 / (n_d pi (1 - pi)). */
static double days_chi(const double *t, const bool *of_b, size_t n, double share,
                       size_t *ret_days)
{
    double chi = 0;
    *ret_days = 0;
    for (size_t i = 0; i < n;) {
        double day = floor(t[i] / DAY_S), all = 0, own = 0;
        for (; i < n && floor(t[i] / DAY_S) <= day; i++, all++)
            own += of_b[i];
        chi += (own - all * share) * (own - all * share) / (all * share * (1 - share));
        ++*ret_days;
    }
    return chi;
}

static size_t runs_of(const bool *of_b, size_t n)
{
    size_t runs = n > 0;
    for (size_t i = 1; i < n; i++)
        runs += of_b[i] != of_b[i - 1];
    return runs;
}

/* Labels in random order over the same sessions. */
static double days_log_p(const double *t, const bool *of_b, size_t n, double share, double chi,
                         uint64_t seed)
{
    bool *mixed = mem_alloc(n * sizeof *mixed);
    size_t *order = mem_alloc(n * sizeof *order), exceed = 0, days;
    for (uint32_t m = 0; m < IDENTITY_REPLICATES; m++) {
        struct rng r;
        rng_stream(&r, seed, RNG_NULL, rng_subject("identity", 8), m);
        for (size_t i = 0; i < n; i++)
            order[i] = i;
        rng_shuffle(&r, order, n);
        for (size_t i = 0; i < n; i++)
            mixed[i] = of_b[order[i]];
        exceed += days_chi(t, mixed, n, share, &days) >= chi * (1 - 1e-12);
    }
    free(mixed);
    free(order);
    return log((double)(exceed + 1) / (IDENTITY_REPLICATES + 1));
}

static void fill(struct identity *d, const double *t, const bool *of_b, uint64_t seed)
{
    double a = (double)d->a, b = (double)d->b, n = (double)d->n, pairs = 2 * a * b;
    uint64_t most = d->a > d->b ? d->a : d->b;
    d->split_z = (a - b) / sqrt(n);
    d->split_log_p = fmin(0, M_LN2 + binomial_log_upper(most, d->n, .5));
    d->runs = runs_of(of_b, d->n);
    d->runs_expected = 1 + pairs / n;
    d->runs_z =
        ((double)d->runs - d->runs_expected) / sqrt(pairs * (pairs - n) / (n * n * (n - 1)));
    d->runs_log_p = fmin(0, M_LN2 + normal_log_upper(fabs(d->runs_z)));
    d->days_chi = days_chi(t, of_b, d->n, b / n, &d->days);
    d->days_log_p = days_log_p(t, of_b, d->n, b / n, d->days_chi, seed);
}

int identity_test(struct identity *ret, const struct stream *a, const struct stream *b,
                  double session_s, uint64_t seed, struct err *err)
{
    double *t = mem_alloc((a->n + b->n + 1) * sizeof *t);
    bool *of_b = mem_alloc((a->n + b->n + 1) * sizeof *of_b);
    struct identity d = {.n = identity_merge(a, b, session_s, t, of_b)};
    int rc = 0;
    for (size_t i = 0; i < d.n; i++)
        d.b += of_b[i];
    d.a = d.n - d.b;
    if (d.a < IDENTITY_LEAST || d.b < IDENTITY_LEAST) {
        rc = err_set(err, ERR_DEGENERATE, "expected %d sessions of each, found %zu and %zu",
                     (int)IDENTITY_LEAST, d.a, d.b);
    } else {
        fill(&d, t, of_b, seed);
        *ret = d;
    }
    free(t);
    free(of_b);
    return rc;
}
