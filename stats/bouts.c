/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/bouts.h"

#include <math.h>

#include "base/mem.h"
#include "stats/rng.h"

/* Places just below 1 may round to it. */
static double on_circle(double x)
{
    double y = x - floor(x);
    return y < 1 ? y : 0;
}

static size_t draw_gaps(double sigma, double mean, struct rng *r, double **ret)
{
    size_t n = rng_poisson(r, mean);
    double *at = *ret = mem_alloc((n + 1) * sizeof *at), sum = 0, turn = rng_unit(r);
    for (size_t i = 0; i < n; i++)
        at[i] = sum += exp(sigma * rng_normal(r));
    for (size_t i = 0; i < n; i++)
        at[i] = on_circle(turn + at[i] / sum);
    return n;
}

/* Parents first: what stands behind the i-th are its children and those of later ones. */
static size_t draw_clusters(const struct bouts *b, double mean, struct rng *r, double **ret)
{
    double *at = NULL;
    size_t n = 0, cap = 0;
    for (size_t left = rng_poisson(r, mean * (1 - b->branching)); left > 0; left--) {
        MEM_GROW(at, n, cap);
        at[n++] = rng_unit(r);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t left = rng_poisson(r, b->branching); left > 0; left--) {
            MEM_GROW(at, n, cap);
            at[n++] = on_circle(at[i] + rng_exponential(r, b->delay));
        }
    *ret = at;
    return n;
}

size_t bouts_draw(const struct bouts *b, double mean, struct rng *r, double **ret)
{
    return b->sigma > 0 ? draw_gaps(b->sigma, mean, r, ret) : draw_clusters(b, mean, r, ret);
}
