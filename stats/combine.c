/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/combine.h"

#include <math.h>
#include <string.h>

#include "stats/tail.h"

static double least(const double *log_p, size_t n)
{
    double min = 0;
    for (size_t i = 0; i < n; i++)
        min = isnan(log_p[i]) || isnan(min) ? NAN : fmin(min, log_p[i]);
    return min;
}

static double fisher(const double *log_p, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log_p[i];
    return chisq_log_upper(-2 * sum, 2 * (double)n);
}

static double stouffer(const double *log_p, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += normal_log_quantile(log_p[i]);
    return normal_log_upper(sum / sqrt((double)n));
}

static double tippett(const double *log_p, size_t n)
{
    return log_sidak(least(log_p, n), (double)n);
}

/* Upper tail of t by that of F: t^2 ~ F(1, df), and t is symmetric. */
static double mudholkar_george(const double *log_p, size_t n)
{
    double sum = 0, k = (double)n, df = 5 * k + 4;
    for (size_t i = 0; i < n; i++)
        sum -= log_p[i] - log1m_exp(log_p[i]);
    if (!isfinite(sum)) /* some p is 1: all evidence is gone */
        return isnan(sum) ? NAN : 0;
    double t = sum * sqrt(3 / k * df / (5 * k + 2)) / M_PI;
    double half = f_log_upper(t * t, 1, df) - log(2);
    return t >= 0 ? half : log1m_exp(half);
}

/* cot(pi p) on the scale of the smallest p, which alone decides how large it is. */
static double cauchy(const double *log_p, size_t n)
{
    double min = least(log_p, n), sum = 0;
    if (isnan(min))
        return NAN;
    for (size_t i = 0; i < n; i++) {
        double p = fmin(exp(log_p[i]), .99);
        sum += p > 1e-8 ? exp(min) / tan(M_PI * p) : exp(min - log_p[i]) / M_PI;
    }
    sum /= (double)n; /* cot, times e^min */
    double inverse = exp(min) / sum;
    if (sum > 0 && inverse < 1e-8)
        return min - log(M_PI * sum);
    return log(sum > 0 ? atan(inverse) / M_PI : .5 + atan(-sum / exp(min)) / M_PI);
}

static double bonferroni(const double *log_p, size_t n)
{
    double min = least(log_p, n);
    return isnan(min) ? NAN : fmin(0, min + log((double)n));
}

const struct combination combination_table[] = {
    {"fisher", "all together; independent p only", "Fisher 1932", fisher},
    {"stouffer", "all alike; independent p only", "Stouffer et al. 1949", stouffer},
    {"tippett", "the smallest alone; independent p only", "Tippett 1931", tippett},
    {"mudholkar_george", "all together, between fisher and stouffer; independent p only",
     "Mudholkar & George 1979", mudholkar_george},
    {"cauchy", "mostly the smallest; nearly valid for dependent p",
     "Liu & Xie 2020 (JASA 115:393)", cauchy},
    {"bonferroni", "the smallest alone; any dependence", "Dunn 1961", bonferroni},
    {NULL, NULL, NULL, NULL},
};

const struct combination *combination_find(const char *name)
{
    for (const struct combination *c = combination_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

double log_sellke_bound(double log_p)
{
    return log_p < -1 ? -(1 + log_p + log(-log_p)) : log_p <= 0 ? 0 : NAN;
}

double looks_to(double log_p, double level)
{
    double miss = log1m_exp(log_p); /* ln(1 - p) */
    if (miss < 0 || isnan(miss))
        return log1p(-level) / miss;
    return exp(log(-log1p(-level)) - log_p); /* 1 - p rounds to 1 */
}

double log_match_ratio(double log_p, double looks)
{
    return fmax(0, -log_p - log(looks));
}
