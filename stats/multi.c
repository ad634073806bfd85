/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/multi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct ranked {
    double value;
    size_t index;
};

/* Ascending; NAN last. Ties by index, so that no result hangs on qsort. */
static int compare(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (isnan(x->value) || isnan(y->value)) {
        int d = (isnan(x->value) != 0) - (isnan(y->value) != 0);
        if (d)
            return d;
    } else if (x->value != y->value) {
        return x->value < y->value ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

/* Sorted copy; *ret_valid is how many are not NAN. The caller frees it. */
static struct ranked *rank(const double *value, size_t n, double sign, size_t *ret_valid)
{
    struct ranked *r = mem_zero(n + 1, sizeof *r);
    size_t valid = 0;
    for (size_t i = 0; i < n; i++) {
        r[i] = (struct ranked){sign * value[i], i};
        valid += !isnan(value[i]);
    }
    qsort(r, n, sizeof *r, compare);
    *ret_valid = valid;
    return r;
}

static void none(const double *log_p, size_t n, double *ret_log_q)
{
    memmove(ret_log_q, log_p, n * sizeof *log_p);
}

static void bonferroni(const double *log_p, size_t n, double *ret_log_q)
{
    double shift = log((double)n);
    for (size_t i = 0; i < n; i++)
        ret_log_q[i] = isnan(log_p[i]) ? NAN : fmin(0, log_p[i] + shift);
}

/* Step down: q of rank i is the largest of (n - j) p_j over ranks j <= i. */
static void holm(const double *log_p, size_t n, double *ret_log_q)
{
    size_t valid;
    struct ranked *r = rank(log_p, n, 1, &valid);
    double most = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, r[i].value + log((double)(n - i)));
        ret_log_q[r[i].index] = i < valid ? fmin(0, most) : NAN;
    }
    free(r);
}

/* Step up: q of rank i is the smallest of factor n/j p_j over ranks j >= i. */
static void step_up(const double *log_p, size_t n, double log_factor, double *ret_log_q)
{
    size_t valid;
    struct ranked *r = rank(log_p, n, 1, &valid);
    double least = 0;
    for (size_t i = n; i-- > 0;) {
        if (i < valid)
            least = fmin(least, r[i].value + (log((double)n / (double)(i + 1)) + log_factor));
        ret_log_q[r[i].index] = i < valid ? least : NAN;
    }
    free(r);
}

static void bh(const double *log_p, size_t n, double *ret_log_q)
{
    step_up(log_p, n, 0, ret_log_q);
}

static void by(const double *log_p, size_t n, double *ret_log_q)
{
    double harmonic = 1;
    for (size_t i = n; i > 1; i--)
        harmonic += 1 / (double)i;
    step_up(log_p, n, log(harmonic), ret_log_q);
}

const struct correction correction_table[] = {
    {"none", "p as it is: for one claim named before the data were seen", "Fisher 1925", none},
    {"bonferroni", "p times the number of tests; holds under any dependence", "Dunn 1961",
     bonferroni},
    {"holm", "family-wise error, step down; holds under any dependence", "Holm 1979", holm},
    {"bh", "false discovery rate; independent or positively dependent tests",
     "Benjamini & Hochberg 1995", bh},
    {"by", "false discovery rate under any dependence", "Benjamini & Yekutieli 2001", by},
    {"maxt", "family-wise error, step down, from joint replicates of a study's claims",
     "Westfall & Young 1993", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct correction *correction_find(const char *name)
{
    for (const struct correction *c = correction_table; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* Ranks from the most extreme down. For each replicate the largest statistic
 * among the ranks from i on is compared with the observed one of rank i; it
 * grows as i falls, so one pass from the last rank serves all. */
void multi_maxt(const double *observed, const double *null, size_t n, size_t m, double *ret_p)
{
    size_t valid;
    struct ranked *r = rank(observed, n, -1, &valid);
    size_t *exceed = mem_zero(n + 1, sizeof *exceed);
    for (size_t k = 0; k < m; k++) {
        double most = -INFINITY;
        for (size_t i = valid; i-- > 0;) {
            double t = null[k * n + r[i].index];
            most = isnan(t) ? INFINITY : fmax(most, t);
            exceed[i] += most >= -r[i].value;
        }
    }
    double p = 0;
    for (size_t i = 0; i < n; i++) {
        p = fmax(p, (double)(exceed[i] + 1) / (double)(m + 1));
        ret_p[r[i].index] = i < valid ? p : NAN;
    }
    free(exceed);
    free(r);
}
