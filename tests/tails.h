/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tails - the reference table made by tests/data/make_tails.py, for the test of
 * stats/tail.h and for experiment V1.
 */
#ifndef TESTS_TAILS_H
#define TESTS_TAILS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "stats/tail.h"

enum { TAILS_PILOT = 23 }; /* the first rows: cases where GSL fails */

struct tail_row {
    char law[20], what[10]; /* what: upper, lower or pmf */
    bool count;             /* a law of counts */
    double x, a, b, c, ln;
};

static inline FILE *tails_open(const char *path)
{
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%*[^\n]") != 0) {
        fclose(f);
        return NULL;
    }
    return f;
}

static inline bool tails_next(FILE *f, struct tail_row *ret)
{
    char text[5][40];
    if (fscanf(f, "%19s %9s %39s %39s %39s %39s %39s", ret->law, ret->what, text[0], text[1],
               text[2], text[3], text[4]) != 7)
        return false;
    double *const field[] = {&ret->x, &ret->a, &ret->b, &ret->c, &ret->ln};
    for (int i = 0; i < 5; i++)
        *field[i] = strcmp(text[i], "-") == 0 ? 0 : strtod(text[i], NULL);
    ret->count = strcmp(ret->law, "normal") != 0 && strcmp(ret->law, "chisq") != 0 &&
                 strcmp(ret->law, "f") != 0;
    return true;
}

/* P(X <= k) good of the draws = P(draws - X >= draws - k) bad of the draws. */
static inline double tails_hypergeometric(char what, uint64_t k, const struct tail_row *r)
{
    uint64_t good = (uint64_t)r->a, bad = (uint64_t)r->b, draws = (uint64_t)r->c;
    if (what == 'p')
        return hypergeometric_logpmf(k, good, bad, draws);
    if (what == 'u')
        return hypergeometric_log_upper(k, good, bad, draws);
    return k >= draws ? 0 : hypergeometric_log_upper(draws - k, bad, good, draws);
}

static inline double tails_value(const struct tail_row *r)
{
    if (strcmp(r->law, "normal") == 0)
        return normal_log_upper(r->x);
    if (strcmp(r->law, "chisq") == 0)
        return chisq_log_upper(r->x, r->a);
    if (strcmp(r->law, "f") == 0)
        return f_log_upper(r->x, r->a, r->b);
    uint64_t k = (uint64_t)r->x, n = (uint64_t)r->a;
    char what = r->what[0];
    if (r->law[0] == 'h')
        return tails_hypergeometric(what, k, r);
    if (r->law[0] == 'p')
        return what == 'u'   ? poisson_log_upper(k, r->a)
               : what == 'l' ? poisson_log_lower(k, r->a)
                             : poisson_logpmf(k, r->a);
    if (r->law[0] == 'n')
        return what == 'u'   ? negbin_log_upper(k, r->a, r->b)
               : what == 'l' ? negbin_log_lower(k, r->a, r->b)
                             : negbin_logpmf(k, r->a, r->b);
    return what == 'u'   ? binomial_log_upper(k, n, r->b)
           : what == 'l' ? binomial_log_lower(k, n, r->b)
                         : binomial_logpmf(k, n, r->b);
}

/* |got - expected| in units of max(1, |ln p|) */
static inline double tails_error(double got, const struct tail_row *r)
{
    double error = fabs(got - r->ln) / fmax(1, fabs(r->ln));
    return isnan(error) ? INFINITY : error;
}

/* The foil: P(X >= x) as GSL has it. */
static inline double tails_gsl_upper(const struct tail_row *r)
{
    unsigned below = (unsigned)r->x - 1, a = (unsigned)r->a, b = (unsigned)r->b;
    switch (r->law[0]) {
    case 'p':
        return gsl_cdf_poisson_Q(below, r->a);
    case 'n':
        return gsl_cdf_negative_binomial_Q(below, r->b / (r->a + r->b), r->b);
    case 'b':
        return gsl_cdf_binomial_Q(below, r->b, a);
    default:
        return gsl_cdf_hypergeometric_Q(below, a, b, (unsigned)r->c);
    }
}

#endif
