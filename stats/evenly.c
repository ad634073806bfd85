/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/evenly.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"

enum { EACH = 4, FEW = 64 }; /* numbers a place, on average; below it they are sorted at once */

static size_t place_of(double v, double lo, double scale, size_t places)
{
    double at = (v - lo) * scale;
    return at < (double)places ? (size_t)at : places - 1;
}

void evenly_sort(double *v, size_t n, double lo, double hi)
{
    if (n < FEW || !(hi > lo)) {
        order_sort(v, n);
        return;
    }
    size_t places = n / EACH;
    double scale = (double)places / (hi - lo);
    uint32_t *end = mem_zero(places + 1, sizeof *end);
    double *from = mem_alloc(n * sizeof *from);
    memcpy(from, v, n * sizeof *from);
    for (size_t i = 0; i < n; i++)
        end[place_of(v[i], lo, scale, places) + 1]++;
    for (size_t i = 1; i <= places; i++)
        end[i] += end[i - 1];
    for (size_t i = 0; i < n; i++) /* end[k] begins place k, and is moved to its end */
        v[end[place_of(from[i], lo, scale, places)]++] = from[i];
    for (size_t i = 0, at = 0; i < places; at = end[i++])
        order_sort(v + at, end[i] - at);
    free(from);
    free(end);
}
