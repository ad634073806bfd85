/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/score.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "stats/rng.h"
#include "stats/tail.h"

static double log_pmf(uint64_t y, double mu, double theta)
{
    return isinf(theta) ? poisson_logpmf(y, mu) : negbin_logpmf(y, mu, theta);
}

static double log_upper(uint64_t y, double mu, double theta)
{
    return isinf(theta) ? poisson_log_upper(y, mu) : negbin_log_upper(y, mu, theta);
}

/* P(Y < y) and P(Y <= y). */
static void bounds(uint64_t y, double mu, double theta, double *ret_below, double *ret_at)
{
    *ret_below = y > 0 ? -expm1(log_upper(y, mu, theta)) : 0;
    *ret_at = -expm1(log_upper(y + 1, mu, theta));
}

static double variance(double mu, double theta)
{
    return mu + mu * mu / theta;
}

/* (Y - mu)^2/s^2 has mean 1 and variance 2 + 6/theta + 1/s^2. */
double score_calibration_z(const double *y, const double *mu, double theta, size_t n)
{
    double sum = 0, rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(mu[i] > 0))
            continue;
        double s2 = variance(mu[i], theta), off = y[i] - mu[i];
        sum += (off * off / s2 - 1) / sqrt(2 + 6 / theta + 1 / s2);
        rows++;
    }
    return sum / sqrt(rows);
}

void score_pit(const double *y, const double *mu, double theta, size_t n,
               double ret[SCORE_BINS])
{
    double rows = 0, last = 0, sum[SCORE_BINS] = {0};
    for (size_t i = 0; i < n; i++) {
        double below, at;
        if (!(mu[i] > 0))
            continue;
        bounds((uint64_t)y[i], mu[i], theta, &below, &at);
        rows++;
        for (int k = 0; k < SCORE_BINS; k++) {
            double u = (k + 1.) / SCORE_BINS;
            sum[k] += u >= at ? 1 : u <= below ? 0 : (u - below) / (at - below);
        }
    }
    for (int k = 0; k < SCORE_BINS; k++) {
        double here = k + 1 == SCORE_BINS ? 1 : sum[k] / rows;
        ret[k] = here - last;
        last = here;
    }
}

double score_pit_distance(const double pit[SCORE_BINS])
{
    double sum = 0, most = 0;
    for (int k = 0; k < SCORE_BINS; k++) {
        sum += pit[k];
        most = fmax(most, fabs(sum - (k + 1.) / SCORE_BINS));
    }
    return most;
}

void score_residuals(const double *y, const double *mu, double theta, size_t n, struct rng *r,
                     double *ret)
{
    for (size_t i = 0; i < n; i++) {
        double u = rng_unit(r);
        ret[i] = NAN;
        if (!(mu[i] > 0))
            continue;
        uint64_t k = (uint64_t)y[i];
        /* from the upper side, which keeps its digits */
        double log_p = log_randomp(log_upper(k, mu[i], theta), log_pmf(k, mu[i], theta), u);
        ret[i] = log_p < -1e-300 ? gsl_cdf_ugaussian_Qinv(fmax(exp(log_p), 1e-300)) : NAN;
    }
}

double score_autocorrelation(const double *residual, size_t n, size_t lag, size_t *ret_pairs)
{
    double sum = 0, mean = 0, squares = 0, rows = 0;
    size_t pairs = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(residual[i])) {
            mean += residual[i];
            rows++;
        }
    mean /= rows;
    for (size_t i = 0; i < n; i++) {
        if (isnan(residual[i]))
            continue;
        squares += (residual[i] - mean) * (residual[i] - mean);
        if (i + lag < n && !isnan(residual[i + lag])) {
            sum += (residual[i] - mean) * (residual[i + lag] - mean);
            pairs++;
        }
    }
    if (ret_pairs)
        *ret_pairs = pairs;
    return pairs < 10 ? NAN : sum / (double)pairs / (squares / rows);
}
