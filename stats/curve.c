/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/order.h"
#include "stats/tail.h"

const char *const curve_statistic_names[] = {"median", "share", "stouffer", "least"};

static double value_at(const double *observed, const double *null, size_t S, size_t row,
                       size_t j)
{
    double v = row ? null[(row - 1) * S + j] : observed[j];
    return isnan(v) ? INFINITY : v;
}

/* p and mid-p of every row under specification j. */
static void rank_rows(const double *column, size_t rows, double *sorted, double *ret_p,
                      double *ret_mid)
{
    for (size_t i = 0; i < rows; i++)
        sorted[i] = column[i];
    order_sort(sorted, rows);
    for (size_t i = 0; i < rows; i++) {
        size_t from = order_below(sorted, rows, column[i]), to = from;
        while (to < rows && sorted[to] == column[i])
            to++;
        ret_p[i] = (double)(rows - from) / (double)rows;
        ret_mid[i] = ((double)(rows - to) + .5 * (double)(to - from)) / (double)rows;
    }
}

void curve_joint(struct curve *ret, const double *observed, const double *null, size_t S,
                 size_t m, double *ret_p)
{
    size_t rows = m + 1;
    double *room = mem_zero(rows * (4 + CURVE_STATISTICS) + S + 1, sizeof *room);
    double *column = room, *sorted = column + rows, *p = sorted + rows, *mid = p + rows;
    double *statistic = mid + rows, *effects = statistic + CURVE_STATISTICS * rows;
    for (size_t j = 0; j < S; j++) {
        for (size_t i = 0; i < rows; i++)
            column[i] = value_at(observed, null, S, i, j);
        rank_rows(column, rows, sorted, p, mid);
        ret_p[j] = p[0];
        for (size_t i = 0; i < rows; i++) {
            double *s = statistic + CURVE_STATISTICS * i;
            s[CURVE_SHARE] += (p[i] <= .05) / (double)S;
            s[CURVE_STOUFFER] += normal_log_quantile(log(mid[i])) / sqrt((double)S);
            s[CURVE_LEAST] = fmax(s[CURVE_LEAST], -log(p[i]));
        }
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < S; j++)
            effects[j] = value_at(observed, null, S, i, j);
        statistic[CURVE_STATISTICS * i + CURVE_MEDIAN] = order_quantile(effects, S, .5);
    }
    for (int k = 0; k < CURVE_STATISTICS; k++) {
        size_t reach = 0;
        ret->observed[k] = statistic[k];
        for (size_t i = 0; i < rows; i++)
            reach += statistic[CURVE_STATISTICS * i + (size_t)k] >= statistic[k] - 1e-12;
        ret->p[k] = (double)reach / (double)rows;
    }
    free(room);
}
