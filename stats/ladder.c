/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ladder.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>

#include "base/mem.h"
#include "stats/tail.h"

static const double STEP[LADDER_STEPS] = {1, 2, 4, 5, 7, 10};
static const double LEAST = .2, MOST = 60, HALF = .1, FINE = .02, WIDTH = .35;
static const double WEIGHT_MIN = 1e-4;
enum { TERMS = 3, NODES = 6, PASSES = 60 };

/* Cells of one tick (at least .02 s), centred on multiples of it. */
struct cells {
    double width, half; /* half: of the windows about the steps */
    bool cut;           /* times are whole ticks, of which a cell is one */
    size_t n, gaps;
    double *count;
    bool *window;
};

static size_t cell_of(const struct cells *c, double gap)
{
    return (size_t)(gap / c->width + .5);
}

static void cells_make(struct cells *c, const double *gaps, size_t m, double tick_s)
{
    *c = (struct cells){
        .width = fmax(tick_s, FINE), .half = fmax(HALF, tick_s / 2), .cut = tick_s >= FINE};
    c->n = cell_of(c, MOST) + 1;
    c->count = mem_zero(c->n, sizeof *c->count);
    c->window = mem_zero(c->n, sizeof *c->window);
    for (size_t i = 0; i < m; i++) {
        if (!(gaps[i] >= LEAST) || gaps[i] > MOST)
            continue;
        c->gaps++;
        c->count[cell_of(c, gaps[i])]++;
    }
    for (size_t i = 0; i < c->n; i++)
        for (int k = 0; k < LADDER_STEPS; k++)
            c->window[i] |=
                fabs((double)i * c->width - STEP[k]) <= c->half + 1e-9 - c->width / 2 ||
                fabs((double)i * c->width - STEP[k]) < c->width / 2;
}

/* --- density ------------------------------------------------------------------------ */

/* A cell's mean, and its derivatives by the coefficients of 1, x and x^2, x = ln(gap / s). */
struct mean {
    double mu, by[TERMS];
};

static void add_point(const double b[TERMS], double gap, double s, double weight,
                      struct mean *to)
{
    double x = log(gap / s), mu = weight * exp(b[0] + x * (b[1] + x * b[2]));
    to->mu += mu;
    to->by[0] += mu;
    to->by[1] += mu * x;
    to->by[2] += mu * x * x;
}

/* Both ends of a gap cut to whole ticks, at a phase of their own: a gap of k ticks was one of
 * k + u, u of density 1 - |u|. Gauss-Legendre with three nodes on either side. */
static struct mean mean_of(const struct cells *c, size_t i, double s, const double b[TERMS])
{
    static const double node[] = {.1127016653792583, .5, .8872983346207417},
                        share[] = {5 / 18.0, 8 / 18.0, 5 / 18.0};
    struct mean m = {0, {0}};
    double middle = (double)i * c->width;
    if (!c->cut) {
        add_point(b, middle, s, 1, &m);
        return m;
    }
    for (size_t k = 0; k < NODES / 2; k++)
        for (int side = -1; side <= 1; side += 2)
            add_point(b, middle + side * node[k] * c->width, s, share[k] * (1 - node[k]), &m);
    return m;
}

static double weight_of(const struct cells *c, size_t i, double s)
{
    double x = log((double)i * c->width / s);
    return c->window[i] ? 0 : exp(-x * x / (2 * WIDTH * WIDTH));
}

/* Score g, information h and the variance v of the score at b, of the weighted Poisson
 * likelihood of cells outside windows. */
static void score(const struct cells *c, double s, const double b[TERMS], double g[TERMS],
                  double h[TERMS * TERMS], double v[TERMS * TERMS])
{
    memset(g, 0, TERMS * sizeof *g);
    memset(h, 0, TERMS * TERMS * sizeof *h);
    memset(v, 0, TERMS * TERMS * sizeof *v);
    for (size_t i = cell_of(c, LEAST) + 1; i < c->n; i++) {
        double w = weight_of(c, i, s);
        if (w < WEIGHT_MIN)
            continue;
        struct mean m = mean_of(c, i, s, b);
        for (int j = 0; j < TERMS; j++) {
            g[j] += w * (c->count[i] / m.mu - 1) * m.by[j];
            for (int k = 0; k < TERMS; k++) {
                double information = m.by[j] * m.by[k] / m.mu;
                h[j * TERMS + k] += w * information;
                v[j * TERMS + k] += w * w * information;
            }
        }
    }
}

/* ln of the mean count of the cells about s; false: none, or s has free cells on one side
 * only, where a density would be drawn out beyond what it was fitted to. */
static bool start_at(const struct cells *c, double s, double b[TERMS])
{
    double total = 0, area = 0, below = 0;
    for (size_t i = cell_of(c, LEAST) + 1; i < c->n; i++) {
        double w = weight_of(c, i, s);
        if (w < WEIGHT_MIN)
            continue;
        total += w * c->count[i];
        area += w;
        below += (double)i * c->width < s ? w * c->count[i] : 0;
    }
    b[0] = log(total / area);
    b[1] = b[2] = 0;
    return below > 0 && total > below;
}

/* Fisher scoring to ret[] = coefficients; *ret_var: sandwich variance of the first. */
static bool local_fit(const struct cells *c, double s, double b[TERMS], double *ret_var)
{
    double g[TERMS], h[TERMS * TERMS], v[TERMS * TERMS], d[TERMS], unit[TERMS] = {1},
                                                                   row[TERMS];
    gsl_matrix_view information = gsl_matrix_view_array(h, TERMS, TERMS);
    gsl_vector_view by = gsl_vector_view_array(g, TERMS),
                    step = gsl_vector_view_array(d, TERMS),
                    first = gsl_vector_view_array(unit, TERMS),
                    inverse = gsl_vector_view_array(row, TERMS);
    bool there = false;
    if (!start_at(c, s, b))
        return false;
    for (int pass = 0; pass < PASSES && !there; pass++) {
        double most = 0;
        score(c, s, b, g, h, v);
        if (gsl_linalg_cholesky_decomp1(&information.matrix) != GSL_SUCCESS)
            return false;
        gsl_linalg_cholesky_solve(&information.matrix, &by.vector, &step.vector);
        for (int k = 0; k < TERMS; k++)
            most = fmax(most, fabs(d[k]));
        for (int k = 0; k < TERMS; k++)
            b[k] += d[k] / fmax(1, most / 2);
        there = most < 1e-10;
    }
    if (!there)
        return false;
    gsl_linalg_cholesky_solve(&information.matrix, &first.vector, &inverse.vector);
    *ret_var = 0;
    for (int j = 0; j < TERMS; j++)
        for (int k = 0; k < TERMS; k++)
            *ret_var += row[j] * v[j * TERMS + k] * row[k];
    return isfinite(b[0]) && *ret_var > 0;
}

/* --- steps -------------------------------------------------------------------------- */

static void step_test(struct ladder_step *s, const struct cells *c)
{
    double b[TERMS], var;
    bool ok = local_fit(c, s->step_s, b, &var);
    for (size_t i = 1; i < c->n; i++) {
        double off = fabs((double)i * c->width - s->step_s);
        if (off > c->half + 1e-9 - c->width / 2 && off >= c->width / 2)
            continue;
        s->observed += (size_t)c->count[i];
        if (ok)
            s->expected += mean_of(c, i, s->step_s, b).mu;
    }
    s->size = ok ? 1 / var : NAN;
    s->log_p = ok ? negbin_log_upper(s->observed, s->expected, s->size) : NAN;
}

void ladder_test(struct ladder *ret, const double *gaps, size_t m, double tick_s)
{
    struct cells c;
    cells_make(&c, gaps, m, tick_s);
    struct ladder l = {.gaps = c.gaps, .log_p = NAN};
    double tested = 0, least = 0;
    for (int k = 0; k < LADDER_STEPS; k++) {
        struct ladder_step *s = &l.step[k];
        *s = (struct ladder_step){
            .step_s = STEP[k], .half_width_s = c.half, .expected = 0, .log_p = NAN};
        if (c.gaps < LADDER_MIN)
            continue;
        step_test(s, &c);
        if (isnan(s->log_p))
            continue;
        tested++;
        least = fmin(least, s->log_p);
    }
    if (tested > 0)
        l.log_p = fmin(0, least + log(tested));
    *ret = l;
    free(c.count);
    free(c.window);
}
