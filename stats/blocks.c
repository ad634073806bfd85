/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/blocks.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

static double fitness(double n, double u)
{
    return n > 0 && u > 0 ? n * log(n / u) : 0;
}

void blocks_gains(const double *y, const double *u, size_t n, double *ret_gain)
{
    double *cy = mem_zero(2 * (n + 1), sizeof *cy), *cu = cy + n + 1;
    for (size_t i = 1; i <= n; i++) {
        cy[i] = cy[i - 1] + y[i - 1];
        cu[i] = cu[i - 1] + u[i - 1];
        for (size_t from = 0; from < i; from++)
            ret_gain[blocks_at(from, i)] = fitness(cy[i] - cy[from], cu[i] - cu[from]);
    }
    free(cy);
}

/* begins[i]: where the last block of cells [0, i) begins. Into ret_from first to last. */
static size_t trace(const size_t *begins, size_t n, size_t *ret_from)
{
    size_t blocks = 0, at;
    for (size_t end = n; end > 0; end = begins[end])
        blocks++;
    at = blocks;
    for (size_t end = n; end > 0; end = begins[end])
        ret_from[--at] = begins[end];
    return blocks;
}

/* best[i] is that of cells [0, i). Ties go to fewer, longer blocks. */
static size_t cut(const double *gain, size_t n, size_t least, double penalty, double *best,
                  size_t *begins)
{
    size_t blocks = 0;
    for (size_t i = least < n ? least : n; i <= n; i++) {
        best[i] = gain[blocks_at(0, i)];
        begins[i] = 0;
        for (size_t from = least; from + least <= i; from++) {
            double value = best[from] + gain[blocks_at(from, i)] - penalty;
            if (value > best[i] + 1e-12 * fabs(best[i])) {
                best[i] = value;
                begins[i] = from;
            }
        }
    }
    for (size_t end = n; end > 0; end = begins[end])
        blocks++;
    return blocks;
}

size_t blocks_cut(const double *gain, size_t n, size_t least, double penalty, size_t *ret_from)
{
    double *best = mem_alloc((n + 1) * sizeof *best);
    size_t *begins = mem_alloc((n + 1) * sizeof *begins);
    cut(gain, n, least, penalty, best, begins);
    size_t blocks = trace(begins, n, ret_from);
    free(best);
    free(begins);
    return blocks;
}

double blocks_cut_critical(const double *gain, size_t n, size_t least)
{
    double low = 0, high = 1, *best = mem_alloc((n + 1) * sizeof *best);
    size_t *begins = mem_alloc((n + 1) * sizeof *begins);
    if (n < 2 || cut(gain, n, least, 0, best, begins) == 1)
        high = 0;
    while (high > 0 && cut(gain, n, least, high, best, begins) > 1) {
        low = high;
        high *= 2;
    }
    while (high - low > 1e-3 * high) {
        double mid = (low + high) / 2;
        *(cut(gain, n, least, mid, best, begins) > 1 ? &low : &high) = mid;
    }
    free(best);
    free(begins);
    return high;
}

size_t blocks_cut_into(const double *gain, size_t n, size_t least, size_t pieces,
                       size_t *ret_from)
{
    size_t most = n / least, width = n + 1;
    pieces = pieces < most ? pieces : most > 1 ? most : 1;
    double *best = mem_alloc(pieces * width * sizeof *best);
    size_t *begins = mem_zero(pieces * width, sizeof *begins);
    for (size_t i = 1; i <= n; i++)
        best[i] = i >= least || i == n ? gain[blocks_at(0, i)] : -INFINITY;
    for (size_t k = 1; k < pieces; k++)
        for (size_t i = 1; i <= n; i++) {
            double *at = &best[k * width + i];
            *at = -INFINITY;
            for (size_t from = k * least; from + least <= i; from++) {
                double value = best[(k - 1) * width + from] + gain[blocks_at(from, i)];
                if (value > *at) {
                    *at = value;
                    begins[k * width + i] = from;
                }
            }
        }
    for (size_t k = pieces, end = n; k-- > 0; end = ret_from[k])
        ret_from[k] = begins[k * width + end];
    free(best);
    free(begins);
    return pieces;
}

size_t blocks_find(const double *y, const double *u, size_t n, double penalty, size_t *ret_from)
{
    double *gain = mem_alloc((blocks_pairs(n) + 1) * sizeof *gain);
    blocks_gains(y, u, n, gain);
    size_t blocks = blocks_cut(gain, n, 1, penalty, ret_from);
    free(gain);
    return blocks;
}

double blocks_critical(const double *y, const double *u, size_t n)
{
    double *gain = mem_alloc((blocks_pairs(n) + 1) * sizeof *gain);
    blocks_gains(y, u, n, gain);
    double critical = blocks_cut_critical(gain, n, 1);
    free(gain);
    return critical;
}
