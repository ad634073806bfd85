/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/multi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/effective.h"
#include "stats/tail.h"

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

/* Step up with Holm's factors: n - i p_i over ranks j >= i. */
static void hochberg(const double *log_p, size_t n, double *ret_log_q)
{
    size_t valid;
    struct ranked *r = rank(log_p, n, 1, &valid);
    double least = 0;
    for (size_t i = n; i-- > 0;) {
        if (i < valid)
            least = fmin(least, r[i].value + log((double)(n - i)));
        ret_log_q[r[i].index] = i < valid ? least : NAN;
    }
    free(r);
}

/* Closed test of Simes' inequality, by Wright (1992, Biometrics 48:1005): for every size m of
 * an intersection, the m largest p are judged by Simes, the others by m p. */
static void hommel(const double *log_p, size_t n, double *ret_log_q)
{
    size_t valid;
    struct ranked *r = rank(log_p, n, 1, &valid);
    double *p = mem_alloc((n + 1) * sizeof *p), *q = mem_alloc((n + 1) * sizeof *q);
    for (size_t i = 0; i < n; i++)
        q[i] = p[i] = i < valid ? r[i].value : 0;
    for (size_t m = n; m > 0; m--) {
        double simes = 0;
        for (size_t k = 1; k <= m; k++)
            simes = fmin(simes, p[n - m + k - 1] + log((double)m / (double)k));
        for (size_t i = 0; i < n; i++) /* the ranks that this m judges as one of its set */
            q[i] = fmax(q[i], i < n - m ? fmin(log((double)m) + p[i], simes) : simes);
    }
    for (size_t i = 0; i < n; i++)
        ret_log_q[r[i].index] = i < valid ? fmin(0, q[i]) : NAN;
    free(p);
    free(q);
    free(r);
}

double multi_pi0(const double *log_p, size_t n)
{
    size_t above = 0, ones = 0;
    for (size_t i = 0; i < n; i++) {
        above += !(log_p[i] <= log(.5));
        ones += log_p[i] >= 0;
    }
    if (n < 200 || 20 * ones > n)
        return 1;
    return fmin(1, ((double)above + 1) / (.5 * (double)n));
}

static void storey(const double *log_p, size_t n, double *ret_log_q)
{
    double log_pi0 = log(multi_pi0(log_p, n)), *p = mem_alloc((n + 1) * sizeof *p);
    if (n)
        memcpy(p, log_p, n * sizeof *p);
    bh(p, n, ret_log_q);
    for (size_t i = 0; i < n; i++)
        ret_log_q[i] = isnan(p[i]) ? NAN : fmax(p[i], ret_log_q[i] + log_pi0);
    free(p);
}

const struct correction correction_table[] = {
    {"none", "p as it is: for one claim named before the data were seen", "Fisher 1925", none,
     NULL},
    {"bonferroni", "p times the number of tests; holds under any dependence", "Dunn 1961",
     bonferroni, NULL},
    {"holm", "family-wise error, step down; holds under any dependence", "Holm 1979", holm,
     NULL},
    {"hochberg", "family-wise error, step up; independent or positively dependent tests",
     "Hochberg 1988 (Biometrika 75:800)", hochberg, NULL},
    {"hommel", "the same by a closed test, never less powerful than hochberg",
     "Hommel 1988 (Biometrika 75:383)", hommel, NULL},
    {"bh", "false discovery rate; independent or positively dependent tests",
     "Benjamini & Hochberg 1995", bh, NULL},
    {"storey", "false discovery rate, times the share of true nulls where 200 tests show it",
     "Storey 2002 (JRSS B 64:479)", storey, NULL},
    {"by", "false discovery rate under any dependence", "Benjamini & Yekutieli 2001", by, NULL},
    {"maxt", "family-wise error, step down, from joint replicates of a study's claims",
     "Westfall & Young 1993", NULL, NULL},
    {"li_ji", "Sidak's price for as many looks as the claims' correlation has directions",
     "Li & Ji 2005 (Heredity 95:221)", NULL, effective_li_ji},
    {"neff", "Sidak's price for as many looks as makes it right at .05 in joint replicates",
     "Sidak 1967 (JASA 62:626); Cheverud 2001 (Heredity 87:52)", NULL, effective_replicates},
    {NULL, NULL, NULL, NULL, NULL},
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

/* From the largest down; equal values share the rank of the last of them. */
void multi_rank_p(const double *value, size_t m, double *ret_log_p)
{
    size_t valid;
    struct ranked *r = rank(value, m, -1, &valid);
    size_t failed = m - valid;
    for (size_t i = 0, next; i < m; i = next) {
        next = i + 1;
        while (i < valid && next < valid && !(r[next].value > r[i].value))
            next++;
        size_t reach = i < valid ? failed + next : failed;
        for (size_t k = i; k < next; k++)
            ret_log_p[r[k].index] = log((double)reach / (double)m);
    }
    free(r);
}

/* Mean and deviation of column j and its observed value; what is not finite is left out. */
static void moments(const double *observed, const double *null, size_t n, size_t m, size_t j,
                    double *ret_mean, double *ret_sd)
{
    double sum = 0, squares = 0, count = 0;
    for (int pass = 0; pass < 2; pass++) {
        double mean = count > 0 ? sum / count : 0;
        for (size_t i = 0; i <= m; i++) {
            double v = i < m ? null[i * n + j] : observed[j];
            if (!isfinite(v))
                continue;
            sum += pass ? 0 : v;
            count += pass ? 0 : 1;
            squares += pass ? (v - mean) * (v - mean) : 0;
        }
    }
    *ret_mean = count > 0 ? sum / count : 0;
    *ret_sd = squares > 0 ? sqrt(squares / count) : 1;
}

void multi_maxt_standard(const double *observed, const double *null, size_t n, size_t m,
                         double *ret_raw, double *ret_p)
{
    double *z = mem_alloc((m + 1) * (n + 1) * sizeof *z), *first = z + m * n;
    for (size_t j = 0; j < n; j++) {
        double mean, sd;
        size_t reach = 1;
        moments(observed, null, n, m, j, &mean, &sd);
        first[j] = (observed[j] - mean) / sd;
        for (size_t i = 0; i < m; i++) {
            double v = null[i * n + j];
            reach += isnan(v) || v >= observed[j];
            z[i * n + j] = v == observed[j] ? first[j] : (v - mean) / sd;
        }
        ret_raw[j] = isnan(observed[j]) ? NAN : (double)reach / (double)(m + 1);
    }
    multi_maxt(first, z, n, m, ret_p);
    free(z);
}

/* --- discrete ------------------------------------------------------------------------ */

/* At t = log_p a test's F / (1 - F) grows by e^gain. */
struct jump {
    double log_p, log_gain;
};

static int by_log_p(const void *a, const void *b)
{
    double x = ((const struct jump *)a)->log_p, y = ((const struct jump *)b)->log_p;
    return (x > y) - (x < y);
}

static double log_odds(double log_p)
{
    return log_p < 0 ? log_p - log1m_exp(log_p) : INFINITY;
}

/* Jumps of all discrete laws up to the largest p, ascending; the caller frees them. Each law's
 * jumps ascend, so their sum at t is the sum of the last ones below it. */
static struct jump *jumps_of(const struct multi_law *laws, const double *log_p, size_t n,
                             size_t *ret_n, double *ret_continuous)
{
    size_t total = 0, continuous = 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        total += isnan(log_p[i]) ? 0 : laws[i].n;
        continuous += isnan(log_p[i]) || laws[i].n == 0;
    }
    struct jump *j = mem_alloc((total + 1) * sizeof *j);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; !isnan(log_p[i]) && k < laws[i].n; k++) {
            double before = k ? log_odds(laws[i].log_p[k - 1]) : -INFINITY;
            double after = log_odds(laws[i].log_p[k]);
            j[at++] = (struct jump){laws[i].log_p[k],
                                    isinf(after) && after > 0 ? after : log_sub(after, before)};
        }
    qsort(j, at, sizeof *j, by_log_p);
    *ret_n = at;
    *ret_continuous = (double)continuous;
    return j;
}

void multi_dbh(const double *log_p, const struct multi_law *laws, size_t n, double *ret_log_q)
{
    size_t valid, njumps, at = 0;
    double continuous, sum = -INFINITY, most = -INFINITY;
    struct jump *jumps = jumps_of(laws, log_p, n, &njumps, &continuous);
    struct ranked *r = rank(log_p, n, 1, &valid);
    for (size_t k = 0; k < n; k++) {
        double t = r[k].value;
        for (; k < valid && at < njumps && jumps[at].log_p <= t; at++)
            sum = log_add(sum, jumps[at].log_gain);
        double all =
            k < valid && continuous ? log_add(sum, log(continuous) + log_odds(t)) : sum;
        most = fmax(fmax(most, all - log((double)(k + 1))), t);
        ret_log_q[r[k].index] = k < valid ? fmin(0, most) : NAN;
    }
    free(jumps);
    free(r);
}
