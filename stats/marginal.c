/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/marginal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"

/* --- grid ------------------------------------------------------------------------------ */

enum { PASSES = 12, CELLS_MAX = 1000000 };
/* Nats below the largest cell at which one of the first grid is not divided: many, as a narrow
 * peak may lie beside all mid-points. */
static const double NEGLIGIBLE = 30;

struct cell {
    double u[MARGINAL_D], width[MARGINAL_D];
    double log_share; /* loglik at the middle + ln volume */
    double log_error; /* ln of its part of |halves - the cell they were| */
    double sign;      /* of that */
};

struct grid_of {
    struct cell *v;
    size_t n, cap;
    double most;        /* largest log_share */
    double depth;       /* nats below it at which a likelihood is not read to its end */
    double floor, lost; /* of log_share: now; the highest at which one was cut short */
};

static const double DEPTH = 60, DEPTH_LEFT = 30;
enum { STRIDE = 7919 };

static void add_cell(struct grid_of *g, const struct marginal_target *t, const double *u,
                     const double *width)
{
    struct cell c = {.log_error = -INFINITY};
    double log_volume = 0;
    for (size_t k = 0; k < t->d; k++) {
        c.u[k] = u[k];
        c.width[k] = width[k];
        log_volume += log(width[k]);
    }
    c.log_share = t->loglik(t->ctx, u, g->floor - log_volume) + log_volume;
    if (!(c.log_share > g->floor))
        g->lost = fmax(g->lost, g->floor);
    MEM_GROW(g->v, g->n, g->cap);
    g->v[g->n++] = c;
    g->most = fmax(g->most, c.log_share);
    g->floor = fmax(g->floor, g->most - g->depth);
}

static void first_cells(struct grid_of *g, const struct marginal_target *t)
{
    size_t n = 1;
    for (size_t k = 0; k < t->d; k++)
        n *= t->steps[k];
    size_t stride =
        n % STRIDE ? STRIDE : 1; /* all over at once, so that the floor rises soon */
    for (size_t i = 0; i < n; i++) {
        double u[MARGINAL_D], width[MARGINAL_D];
        size_t at = i * stride % n;
        for (size_t k = 0; k < t->d; k++) {
            width[k] = 1 / (double)t->steps[k];
            u[k] = ((double)(at % t->steps[k]) + .5) * width[k];
            at /= t->steps[k];
        }
        add_cell(g, t, u, width);
    }
}

/* ln |e^a - e^b|. */
static double log_apart(double a, double b)
{
    double most = fmax(a, b);
    return isfinite(most) ? most + log(fabs(exp(a - most) - exp(b - most))) : -INFINITY;
}

/* Halves in every dimension; the last cell of the list takes the place. */
static void divide(struct grid_of *g, const struct marginal_target *t, size_t i)
{
    struct cell c = g->v[i];
    size_t parts = (size_t)1 << t->d;
    double sum = 0;
    g->v[i] = g->v[--g->n];
    for (size_t corner = 0; corner < parts; corner++) {
        double u[MARGINAL_D], width[MARGINAL_D];
        for (size_t k = 0; k < t->d; k++) {
            width[k] = c.width[k] / 2;
            u[k] = c.u[k] + (corner >> k & 1 ? .5 : -.5) * width[k];
        }
        add_cell(g, t, u, width);
    }
    for (size_t k = g->n - parts; k < g->n; k++)
        sum += exp(g->v[k].log_share - g->most);
    double halves = g->most + log(sum), error = log_apart(halves, c.log_share);
    for (size_t k = g->n - parts; k < g->n; k++) {
        g->v[k].log_error = error - log((double)parts);
        g->v[k].sign = halves > c.log_share ? 1 : -1;
    }
}

static void first_division(struct grid_of *g, const struct marginal_target *t)
{
    double limit = g->most - NEGLIGIBLE;
    for (size_t i = g->n; i-- > 0;) /* children land behind, and wait for the next pass */
        if (g->v[i].log_share > limit && g->n < CELLS_MAX)
            divide(g, t, i);
}

/* ln of the error from which on cells are divided; INFINITY: none. Errors of either sign
 * cancel over a smooth peak, so what counts is their sum and the root of their squares. */
static double limit_of(struct grid_of *g, size_t parts)
{
    double *error = mem_alloc(g->n * sizeof *error), sum = 0, net = 0, squares = 0, all = 0,
           rest = 0;
    g->most = -INFINITY;
    for (size_t i = 0; i < g->n; i++)
        g->most = fmax(g->most, g->v[i].log_share);
    for (size_t i = 0; i < g->n; i++) {
        sum += exp(g->v[i].log_share - g->most);
        error[i] = exp(g->v[i].log_error - g->most);
        net += g->v[i].sign * error[i];
        all += error[i];
        squares += (double)parts * error[i] * error[i];
    }
    double allowed = MARGINAL_ERROR * sum, limit = INFINITY;
    bool uneven = squares > allowed * allowed, done = !uneven && fabs(net) <= allowed;
    order_sort(error, g->n);
    for (size_t i = 0; i < g->n && !done; i++) {
        rest += uneven ? (double)parts * error[i] * error[i] : error[i];
        if (rest > (uneven ? allowed * allowed / 4 : .3 * all)) {
            limit = g->most + log(error[i]) - 1e-9;
            break;
        }
    }
    free(error);
    return limit;
}

static void refine(struct grid_of *g, const struct marginal_target *t)
{
    if (!isfinite(g->most))
        return;
    first_division(g, t);
    for (int pass = 0; pass < PASSES; pass++) {
        double limit = limit_of(g, (size_t)1 << t->d);
        if (!isfinite(limit) || g->n >= CELLS_MAX)
            return;
        g->floor = g->most - g->depth;
        for (size_t i = g->n; i-- > 0;)
            if (g->v[i].log_error >= limit && g->n < CELLS_MAX)
                divide(g, t, i);
    }
    limit_of(g, 1);
}

/* The share of a cell that lies below a value counts, so that ranks are not lumpy. */
static double part_below(double at, double middle, double width)
{
    return fmin(1, fmax(0, (at - middle) / width + .5));
}

static void grid_make(struct grid_of *g, const struct marginal_target *t, double depth)
{
    *g = (struct grid_of){
        .most = -INFINITY, .depth = depth, .floor = -INFINITY, .lost = -INFINITY};
    first_cells(g, t);
    refine(g, t);
}

double marginal_grid(const struct marginal_target *t, double *ret_mode, const double *at,
                     double *ret_below)
{
    struct grid_of g;
    double sum = 0, net = 0, below[MARGINAL_D] = {0}, best = -INFINITY;
    grid_make(&g, t, DEPTH);
    if (g.lost > g.most - DEPTH_LEFT) {
        free(g.v);
        grid_make(&g, t, INFINITY);
    }
    for (size_t i = 0; i < g.n && isfinite(g.most); i++) {
        const struct cell *c = &g.v[i];
        double e = exp(c->log_share - g.most), height = c->log_share;
        sum += e;
        net += c->sign * exp(c->log_error - g.most);
        for (size_t k = 0; k < t->d; k++) {
            height -= log(c->width[k]);
            below[k] += at ? e * part_below(at[k], c->u[k], c->width[k]) : 0;
        }
        if (ret_mode && height > best)
            memcpy(ret_mode, c->u, t->d * sizeof *ret_mode);
        best = fmax(best, height);
    }
    free(g.v);
    for (size_t k = 0; ret_below && k < t->d; k++)
        ret_below[k] = below[k] / sum;
    if (fabs(net) <= 5 * MARGINAL_ERROR * sum)
        sum += net / 3; /* as halving goes on (Richardson): a mid-point's error is quadratic */
    return isfinite(g.most) ? g.most + log(sum) : -INFINITY;
}

/* --- log odds ---------------------------------------------------------------------------- */

static double odds_of(double u)
{
    return log(u) - log1p(-u);
}

/* ln of likelihood times the density of a uniform law in log odds. */
static double log_target(const struct marginal_target *t, const double *z)
{
    double u[MARGINAL_D], jacobian = 0;
    for (size_t k = 0; k < t->d; k++) {
        u[k] = 1 / (1 + exp(-z[k]));
        jacobian += log(u[k]) + log1p(-u[k]);
        if (!(u[k] > 0 && u[k] < 1))
            return -INFINITY;
    }
    return t->loglik(t->ctx, u, -INFINITY) + jacobian;
}

/* A normal law, by its mean and lower Cholesky factor. */
struct normal {
    size_t d;
    double mean[MARGINAL_D], chol[MARGINAL_D][MARGINAL_D];
};

static void factor(struct normal *n, double c[MARGINAL_D][MARGINAL_D])
{
    for (size_t i = 0; i < n->d; i++)
        for (size_t j = 0; j <= i; j++) {
            double v = c[i][j];
            for (size_t k = 0; k < j; k++)
                v -= n->chol[i][k] * n->chol[j][k];
            n->chol[i][j] = i == j ? sqrt(fmax(v, 1e-10)) : v / n->chol[j][j];
        }
}

static void normal_draw(const struct normal *n, double scale, struct rng *r, double *z)
{
    double e[MARGINAL_D];
    for (size_t i = 0; i < n->d; i++) {
        e[i] = rng_normal(r);
        z[i] = n->mean[i];
        for (size_t k = 0; k <= i; k++)
            z[i] += scale * n->chol[i][k] * e[k];
    }
}

/* Squared distance and ln of the determinant's root. */
static double distance(const struct normal *n, const double *z, double *ret_log_root)
{
    double e[MARGINAL_D], squares = 0;
    *ret_log_root = 0;
    for (size_t i = 0; i < n->d; i++) {
        e[i] = z[i] - n->mean[i];
        for (size_t k = 0; k < i; k++)
            e[i] -= n->chol[i][k] * e[k];
        e[i] /= n->chol[i][i];
        squares += e[i] * e[i];
        *ret_log_root += log(n->chol[i][i]);
    }
    return squares;
}

static double log_normal(const struct normal *n, const double *z)
{
    double root, squares = distance(n, z, &root);
    return -(double)n->d / 2 * log(2 * M_PI) - root - squares / 2;
}

static const double DOF = 5;

static double log_t(const struct normal *n, const double *z)
{
    double root, squares = distance(n, z, &root), d = (double)n->d;
    return lgamma((DOF + d) / 2) - lgamma(DOF / 2) - d / 2 * log(DOF * M_PI) - root -
           (DOF + d) / 2 * log1p(squares / DOF);
}

static void fit_normal(struct normal *law, size_t d, const double *z, size_t n)
{
    double c[MARGINAL_D][MARGINAL_D] = {{0}};
    *law = (struct normal){.d = d};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            law->mean[k] += z[i * d + k] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < d; a++)
            for (size_t b = 0; b <= a; b++)
                c[a][b] += (z[i * d + a] - law->mean[a]) * (z[i * d + b] - law->mean[b]) /
                           (double)(n - 1);
    factor(law, c);
}

/* One stretch of Metropolis from *z: every fourth state into ret, rows of d; the scale moves
 * towards one acceptance in three while `learn`. */
static void walk(const struct marginal_target *t, struct normal *step, double *scale,
                 bool learn, double *z, double *now, size_t n, struct rng *r, double *ret)
{
    double next[MARGINAL_D], accepted = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t inner = 0; inner < 4; inner++) {
            memcpy(step->mean, z, t->d * sizeof *z);
            normal_draw(step, *scale, r, next);
            double then = log_target(t, next);
            bool take = log(rng_unit(r)) < then - *now;
            if (take) {
                memcpy(z, next, t->d * sizeof *z);
                *now = then;
            }
            accepted += take;
        }
        if (learn && i % 25 == 24) {
            *scale *= exp(accepted / 100 - .33);
            accepted = 0;
        }
        memcpy(ret + i * t->d, z, t->d * sizeof *z);
    }
}

/* Draws of the posterior from the mode: a first stretch with equal steps, a second with those
 * of the first's covariance, neither kept. */
static void metropolis(const struct marginal_target *t, const double *mode, size_t n,
                       struct rng *r, double *ret)
{
    struct normal step = {.d = t->d};
    double z[MARGINAL_D], scale = .1;
    size_t warm = n / 2 + 200;
    double *first = mem_alloc(warm * t->d * sizeof *first);
    for (size_t k = 0; k < t->d; k++) {
        z[k] = odds_of(mode[k]);
        step.chol[k][k] = 1;
    }
    double now = log_target(t, z);
    for (int stretch = 0; stretch < 2; stretch++) {
        walk(t, &step, &scale, true, z, &now, warm, r, first);
        fit_normal(&step, t->d, first + warm / 2 * t->d, warm - warm / 2);
        scale = 2.4 / sqrt((double)t->d);
    }
    walk(t, &step, &scale, false, z, &now, n, r, ret);
    free(first);
}

double marginal_importance(const struct marginal_target *t, const double *mode, size_t n,
                           struct rng *r, double *ret_se)
{
    struct normal law;
    double *w = mem_alloc(n * sizeof *w), most = -INFINITY, sum = 0, squares = 0;
    size_t pilot = n / 4 + 20;
    double *draws = mem_alloc(pilot * t->d * sizeof *draws);
    metropolis(t, mode, pilot, r, draws);
    fit_normal(&law, t->d, draws, pilot);
    for (size_t i = 0; i < n; i++) {
        double z[MARGINAL_D];
        normal_draw(&law, sqrt(DOF / rng_gamma(r, DOF / 2, 2)), r, z);
        w[i] = log_target(t, z) - log_t(&law, z);
        most = fmax(most, w[i]);
    }
    for (size_t i = 0; i < n; i++) {
        double e = exp(w[i] - most);
        sum += e;
        squares += e * e;
    }
    free(w);
    free(draws);
    double m = (double)n;
    *ret_se = sqrt(fmax(0, squares / sum / sum - 1 / m));
    return isfinite(most) ? most + log(sum / m) : NAN;
}

/* Half of the posterior's draws shape the proposal, the other half are bridged to it. */
double marginal_bridge(const struct marginal_target *t, const double *mode, size_t n,
                       struct rng *r)
{
    struct normal law;
    size_t d = t->d, half = n / 2;
    double *post = mem_alloc(2 * half * d * sizeof *post), z[MARGINAL_D];
    double *l1 = mem_alloc(half * sizeof *l1), *l2 = mem_alloc(half * sizeof *l2);
    metropolis(t, mode, 2 * half, r, post);
    fit_normal(&law, d, post, half);
    for (size_t i = 0; i < half; i++) {
        const double *p = post + (half + i) * d;
        l1[i] = log_target(t, p) - log_normal(&law, p);
        normal_draw(&law, 1, r, z);
        l2[i] = log_target(t, z) - log_normal(&law, z);
    }
    double shift = l1[0], ratio = 1;
    for (int step = 0; step < 200; step++) {
        double up = 0, down = 0, before = ratio;
        for (size_t i = 0; i < half; i++) {
            double a = exp(l2[i] - shift), b = exp(l1[i] - shift);
            up += a / (a + ratio);
            down += 1 / (b + ratio);
        }
        ratio = up / down;
        if (fabs(ratio - before) < 1e-10 * ratio)
            break;
    }
    free(post);
    free(l1);
    free(l2);
    return shift + log(ratio);
}
