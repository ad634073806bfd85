/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/arrow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void arrow_resize(struct arrow *a, size_t full)
{
    a->full = full;
    a->n = a->diagonal = 0;
    if (full <= a->room)
        return;
    a->unknown = mem_resize(a->unknown, full, sizeof *a->unknown);
    a->whole = mem_resize(a->whole, full * full, sizeof *a->whole);
    a->factor = mem_resize(a->factor, full * full, sizeof *a->factor);
    a->work = mem_resize(a->work, full, sizeof *a->work);
    a->room = full;
}

void arrow_free(struct arrow *a)
{
    free(a->unknown);
    free(a->whole);
    free(a->factor);
    free(a->work);
    *a = (struct arrow){0};
}

/* Row i of L is 0 from here to its diagonal entry where i is in the leading block. */
static size_t first_of(const struct arrow *a, size_t i)
{
    return i < a->diagonal ? i : 0;
}

/* Row by row. */
bool arrow_factor(struct arrow *a)
{
    for (size_t i = 0; i < a->n; i++) {
        double *line = a->factor + i * a->n;
        size_t p = a->unknown[i];
        for (size_t j = first_of(a, i); j <= i; j++) {
            size_t q = a->unknown[j];
            double given = p > q ? a->whole[p * a->full + q] : a->whole[q * a->full + p];
            double sum = given;
            const double *above = a->factor + j * a->n;
            for (size_t k = first_of(a, j); k < j; k++)
                sum -= line[k] * above[k];
            if (j < i)
                line[j] = sum / above[j];
            else if (!(sum > 1e-11 * given))
                return false;
            else
                line[j] = sqrt(sum);
        }
    }
    return true;
}

/* work = L^-1 x; returns its squared length. */
static double forward(struct arrow *a, const double *x)
{
    double *z = a->work, squares = 0;
    for (size_t i = 0; i < a->n; i++) {
        const double *line = a->factor + i * a->n;
        double sum = x[a->unknown[i]];
        for (size_t k = first_of(a, i); k < i; k++)
            sum -= line[k] * z[k];
        z[i] = sum / line[i];
        squares += z[i] * z[i];
    }
    return squares;
}

void arrow_solve(struct arrow *a, const double *right, double *ret)
{
    double *z = a->work;
    forward(a, right);
    memset(ret, 0, a->full * sizeof *ret);
    for (size_t i = a->n; i-- > 0;) {
        const double *line = a->factor + i * a->n;
        double s = ret[a->unknown[i]] = z[i] /= line[i];
        for (size_t k = first_of(a, i); k < i; k++)
            z[k] -= line[k] * s;
    }
}

double arrow_inverse_form(struct arrow *a, const double *x)
{
    return forward(a, x);
}

/* The diagonal of the inverse of L L' is the squared lengths of the columns of L^-1. */
void arrow_inverse_diagonal(struct arrow *a, double *ret)
{
    double *z = a->work;
    memset(ret, 0, a->full * sizeof *ret);
    for (size_t j = 0; j < a->n; j++) {
        double squares = 0;
        for (size_t i = j; i < a->n; i++) {
            const double *line = a->factor + i * a->n;
            double sum = i == j;
            for (size_t k = j; k < i && i >= a->diagonal; k++)
                sum -= line[k] * z[k];
            z[i] = sum / line[i];
            squares += z[i] * z[i];
        }
        ret[a->unknown[j]] = squares;
    }
}

double arrow_log_det(const struct arrow *a)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += 2 * log(a->factor[i * a->n + i]);
    return sum;
}

double arrow_dot(const struct arrow *a, const double *x, const double *y)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += x[a->unknown[i]] * y[a->unknown[i]];
    return sum;
}
