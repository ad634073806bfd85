/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/gof.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "stats/tail.h"
#include "stats/order.h"
#include "stats/evenly.h"

static double total(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

static double sort_gaps(const double *gaps, size_t n, double *ret_sorted)
{
    memcpy(ret_sorted, gaps, n * sizeof *gaps);
    order_sort(ret_sorted, n);
    return total(gaps, n) / (double)n;
}

double gof_ks_uniform(const double *sorted, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double above = (double)(i + 1) / (double)n - sorted[i];
        double below = sorted[i] - (double)i / (double)n;
        most = fmax(most, fmax(above, below));
    }
    return most;
}

static double ks(const double *gaps, size_t n, double *work)
{
    double mean = total(gaps, n) / (double)n;
    for (size_t i = 0; i < n; i++)
        work[i] = -expm1(-gaps[i] / mean);
    evenly_sort(work, n, 0, 1);
    return gof_ks_uniform(work, n);
}

/* A^2 = -n - mean of (2i - 1) (ln F(x_i) + ln(1 - F(x_(n+1-i)))), where
 * ln(1 - F(x)) = -x / mean. */
static double ad(const double *gaps, size_t n, double *work)
{
    double mean = sort_gaps(gaps, n, work), sum = 0;
    if (work[0] <= 0)
        return NAN; /* a gap of 0 has density but no logarithm */
    for (size_t i = 0; i < n; i++)
        sum += (double)(2 * i + 1) * (log1m_exp(-work[i] / mean) - work[n - 1 - i] / mean);
    return -(double)n - sum / (double)n;
}

static double cv(const double *gaps, size_t n, double *work)
{
    (void)work;
    double mean = total(gaps, n) / (double)n, squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (gaps[i] - mean) * (gaps[i] - mean);
    return sqrt(squares / (double)(n - 1)) / mean;
}

/* Difference over sum of neighbouring gaps; two gaps of 0 do not differ. */
static double contrast(const double *gaps, size_t i)
{
    double sum = gaps[i] + gaps[i + 1];
    return sum > 0 ? fabs(gaps[i] - gaps[i + 1]) / sum : 0;
}

static double lv(const double *gaps, size_t n, double *work)
{
    (void)work;
    double sum = 0;
    for (size_t i = 0; i + 1 < n; i++)
        sum += contrast(gaps, i) * contrast(gaps, i);
    return 3 * sum / (double)(n - 1);
}

static double cv2(const double *gaps, size_t n, double *work)
{
    (void)work;
    double sum = 0;
    for (size_t i = 0; i + 1 < n; i++)
        sum += contrast(gaps, i);
    return 2 * sum / (double)(n - 1);
}

static double gini(const double *gaps, size_t n, double *work)
{
    double mean = sort_gaps(gaps, n, work), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (2 * (double)(i + 1) - (double)n - 1) * work[i];
    return sum / ((double)n * (double)n * mean);
}

/* sum of -ln(n g_i / sum g) */
static double moran(const double *gaps, size_t n, double *work)
{
    (void)work;
    double mean = total(gaps, n) / (double)n, sum = 0;
    for (size_t i = 0; i < n; i++)
        sum -= gaps[i] > 0 ? log(gaps[i] / mean) : NAN;
    return sum;
}

static double largest_share(const double *gaps, size_t n, double *work)
{
    (void)work;
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, gaps[i]);
    return most / total(gaps, n);
}

static double smallest_share(const double *gaps, size_t n, double *work)
{
    (void)work;
    double least = INFINITY;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, gaps[i]);
    return least / total(gaps, n);
}

const struct gof_stat gof_table[] = {
    {"ks", "largest distance to the exponential law of the same mean", "Lilliefors 1969", ks},
    {"ad", "the same, weighted towards the ends", "Anderson & Darling 1954", ad},
    {"cv", "standard deviation over mean", "Cox & Lewis 1966", cv},
    {"lv", "local variation of neighbouring gaps, squared", "Shinomoto 2003", lv},
    {"cv2", "local variation of neighbouring gaps", "Holt 1996", cv2},
    {"gini", "mean difference over twice the mean", "Gail & Gastwirth 1978", gini},
    {"moran", "sum of -ln of the gaps over their mean", "Moran 1951", moran},
    {"max", "share of the longest gap", "Fisher 1929", largest_share},
    {"min", "share of the shortest gap", "Fisher 1929", smallest_share},
    {NULL, NULL, NULL, NULL},
};

const struct gof_stat *gof_find(const char *name)
{
    for (const struct gof_stat *s = gof_table; s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}

void gof_dirichlet(const struct gof_stat *s, double observed, size_t n, uint32_t m,
                   struct rng *r, double *work, struct mc *ret_upper, struct mc *ret_lower)
{
    struct mc upper = {.max = m}, lower = {.max = m};
    for (uint32_t k = 0; k < m; k++) {
        /* every statistic divides by the sum itself */
        for (size_t i = 0; i < n; i++)
            work[i] = rng_exponential(r, 1);
        double value = s->eval(work, n, work + n);
        mc_add(&upper, value, observed);
        mc_add(&lower, -value, -observed);
    }
    *ret_upper = upper;
    *ret_lower = lower;
}

/* Fisher (1929): sum over j >= 1 of (-1)^(j+1) C(n,j) (1 - j g)^(n-1). The terms
 * alternate; where they are large (g near 1/n, p near 1) their sum has no digits
 * left, so the answer is then 1, which can only weaken a claim. */
double gof_fisher_g_p(double g, size_t n)
{
    if (isnan(g))
        return NAN;
    double x = (double)n, sum = 0, choose = 0;
    if (g <= 1 / x)
        return 1;
    for (size_t j = 1; j <= n && (double)j * g < 1; j++) {
        choose += log((x - (double)j + 1) / (double)j);
        double term = exp(choose + (x - 1) * log1p(-(double)j * g));
        if (term > 1e6)
            return 1;
        sum += j % 2 ? term : -term;
        if (term < 1e-18 * fabs(sum))
            break;
    }
    return fmin(1, fmax(DBL_MIN, sum));
}

/* Stephens (1970): the limit law of Kolmogorov at (sqrt n + .12 + .11/sqrt n) d.
 * Below 1.18 the series is turned by the theta function's identity. */
double gof_ks_p(double d, size_t n)
{
    if (isnan(d) || d <= 0)
        return isnan(d) ? NAN : 1;
    double root = sqrt((double)n), z = (root + .12 + .11 / root) * d, sum = 0;
    if (z < 1.18) {
        for (int j = 1; j <= 9; j += 2)
            sum += exp(-j * j * M_PI * M_PI / (8 * z * z));
        return fmin(1, 1 - sqrt(2 * M_PI) / z * sum);
    }
    for (int j = 1; j <= 5; j++)
        sum += (j % 2 ? 2 : -2) * exp(-2. * j * j * z * z);
    return fmax(DBL_MIN, sum);
}
