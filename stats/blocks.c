/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/blocks.h"

#include <math.h>

static double fitness(double n, double u)
{
    return n > 0 && u > 0 ? n * log(n / u) : 0;
}

/* best[i] is that of cells [0, i); before[i] (a size in a double) where its last block
 * begins. Ties go to fewer, longer blocks. */
size_t blocks_find(const double *y, const double *u, size_t n, double penalty, size_t *ret_from,
                   double *work)
{
    double *best = work, *cy = work + n + 1, *cu = work + 2 * (n + 1);
    cy[0] = cu[0] = best[0] = 0;
    for (size_t i = 1; i <= n; i++) {
        cy[i] = cy[i - 1] + y[i - 1];
        cu[i] = cu[i - 1] + u[i - 1];
        best[i] = fitness(cy[i], cu[i]);
        ret_from[i - 1] = 0;
        for (size_t from = 1; from < i; from++) {
            double value = best[from] + fitness(cy[i] - cy[from], cu[i] - cu[from]) - penalty;
            if (value > best[i] + 1e-12 * fabs(best[i])) {
                best[i] = value;
                ret_from[i - 1] = from;
            }
        }
    }
    size_t blocks = 0;
    for (size_t end = n; end > 0; end = ret_from[end - 1])
        blocks++;
    size_t at = blocks, end = n;
    for (size_t k = 0; k < blocks; k++) { /* last to first, kept in the sums' place */
        cy[--at] = (double)ret_from[end - 1];
        end = ret_from[end - 1];
    }
    for (size_t k = 0; k < blocks; k++)
        ret_from[k] = (size_t)cy[k];
    return blocks;
}

double blocks_critical(const double *y, const double *u, size_t n, size_t *cells, double *work)
{
    double low = 0, high = 1;
    if (n < 2 || blocks_find(y, u, n, 0, cells, work) == 1)
        return 0;
    while (blocks_find(y, u, n, high, cells, work) > 1) {
        low = high;
        high *= 2;
    }
    while (high - low > 1e-3 * high) {
        double mid = (low + high) / 2;
        *(blocks_find(y, u, n, mid, cells, work) > 1 ? &low : &high) = mid;
    }
    return high;
}
