/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/thetas.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum { TAUS = 9, TOP = THETAS_GRID - 1 };
static const double LOWEST = -8, STEP = .25, LEAST_TAU = .25;

double thetas_at(size_t k)
{
    return LOWEST + STEP * (double)k;
}

/* --- what the others say ---------------------------------------------------------------- */

/* Weights of the grid under N(c, tau), sum 1. */
static void normal_weights(double centre, double tau, double ret[THETAS_GRID])
{
    double sum = 0;
    for (size_t k = 0; k < THETAS_GRID; k++)
        sum += ret[k] = exp(-.5 * pow((thetas_at(k) - centre) / tau, 2));
    for (size_t k = 0; k < THETAS_GRID; k++)
        ret[k] /= sum;
}

/* ln of the members' likelihood where ln theta has these weights. */
static double marginal(const double *likelihood, size_t n, size_t without, const double *weight)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double one = 0;
        for (size_t k = 0; i != without && k < THETAS_GRID; k++)
            one += weight[k] * likelihood[i * THETAS_GRID + k];
        sum += i != without ? log(fmax(one, 1e-300)) : 0;
    }
    return sum;
}

/* Likelihoods over the grid, the largest of each member 1. */
static double *likelihoods(const double (*loglik)[THETAS_GRID], size_t n)
{
    double *ret = mem_alloc((n * THETAS_GRID + 1) * sizeof *ret);
    for (size_t i = 0; i < n; i++) {
        double most = -INFINITY;
        for (size_t k = 0; k < THETAS_GRID; k++)
            most = fmax(most, loglik[i][k]);
        for (size_t k = 0; k < THETAS_GRID; k++)
            ret[i * THETAS_GRID + k] = exp(loglik[i][k] - most);
    }
    return ret;
}

void thetas_law(struct thetas *ret, const double (*loglik)[THETAS_GRID], size_t n,
                size_t without)
{
    *ret = (struct thetas){.members = n - (without < n)};
    if (ret->members == 0)
        return;
    double *likelihood = likelihoods(loglik, n), most = -INFINITY;
    double log_weight[THETAS_GRID][TAUS], sum[THETAS_GRID] = {0}, weight[THETAS_GRID];
    for (size_t c = 0; c < THETAS_GRID; c++)
        for (size_t t = 0; t < TAUS; t++) {
            normal_weights(thetas_at(c), LEAST_TAU * pow(2, (double)t / 2), weight);
            log_weight[c][t] = marginal(likelihood, n, without, weight);
            most = fmax(most, log_weight[c][t]);
        }
    for (size_t c = 0; c < THETAS_GRID; c++)
        for (size_t t = 0; t < TAUS; t++) {
            if (log_weight[c][t] < most - 30)
                continue;
            normal_weights(thetas_at(c), LEAST_TAU * pow(2, (double)t / 2), weight);
            for (size_t k = 0; k < THETAS_GRID; k++)
                sum[k] += weight[k] * exp(log_weight[c][t] - most);
        }
    for (size_t k = 0; k < THETAS_GRID; k++)
        ret->log_prior[k] = log(fmax(sum[k], 1e-300));
    free(likelihood);
}

/* --- one member ------------------------------------------------------------------------- */

/* The member's log-likelihood, looked up where it is wanted. */
struct profile {
    thetas_fn *loglik;
    void *ctx;
    const struct thetas *others; /* NULL: not weighed in */
    double least;                /* log-likelihoods below it are out of bounds, */
    size_t most;                 /* and so are points above this */
    double value[THETAS_GRID];
    bool known[THETAS_GRID];
};

static double own(struct profile *p, size_t k)
{
    if (!p->known[k])
        p->value[k] = p->loglik(exp(thetas_at(k)), p->ctx);
    p->known[k] = true;
    return p->value[k];
}

static double height(struct profile *p, size_t k)
{
    double l = own(p, k);
    if (!(l >= p->least))
        return -INFINITY;
    return l + (p->others ? p->others->log_prior[k] : 0);
}

/* What is no gain but rounding: a series that says nothing stays where it began. */
static const double GAIN = 1e-9;

/* The best point to be had from `at` by steps of 8, 4, 2, 1. */
static size_t climb(struct profile *p, size_t at)
{
    for (size_t stride = 8; stride > 0; stride /= 2)
        for (bool moved = true; moved;) {
            size_t down = at >= stride ? at - stride : at, up = at + stride;
            moved = false;
            if (height(p, down) > height(p, at) + GAIN) {
                at = down;
                moved = true;
            } else if (up <= p->most && height(p, up) > height(p, at) + GAIN) {
                at = up;
                moved = true;
            }
        }
    return at;
}

/* Between the neighbours of a maximum on the grid; where one of them is out of bounds and
 * would be higher, at the bound. */
static double refine(struct profile *p, size_t at)
{
    double here = own(p, at), prior = p->others ? p->others->log_prior[at] : 0;
    double side[2], best = thetas_at(at);
    for (int s = 0; s < 2; s++) {
        size_t next = s ? at + 1 : at - 1;
        double l = own(p, next), whole = l + (p->others ? p->others->log_prior[next] : 0);
        side[s] = whole - here - prior;
        if (!(l >= p->least) && side[s] > 0)
            return best + (s ? STEP : -STEP) * (here - p->least) / (here - l);
    }
    double bend = side[0] + side[1]; /* < 0 but for a flat top */
    return best + (bend < 0 ? STEP * (side[0] - side[1]) / (2 * bend) : 0);
}

static double theta_of(struct profile *p, size_t at)
{
    return at == TOP ? INFINITY : exp(at == 0 ? LOWEST : refine(p, at));
}

double thetas_best(const struct thetas *others, thetas_fn *loglik, void *ctx, double start)
{
    struct profile p = {.loglik = loglik, .ctx = ctx, .least = -INFINITY, .most = TOP};
    double from = (fmin(fmax(log(start), LOWEST), thetas_at(TOP)) - LOWEST) / STEP;
    size_t at = climb(&p, isnan(from) ? TOP / 2 : (size_t)lround(from));
    double alone = theta_of(&p, at);
    if (!others || others->members == 0)
        return alone;
    p.others = others;
    p.least = own(&p, at) - .5;
    p.most = at;
    return fmin(alone, theta_of(&p, climb(&p, at)));
}
