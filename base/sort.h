/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * sort - qsort with the comparison compiled in: a merge sort, stable, and linear on what is in
 * order already or made of a few runs that are.
 *
 * For sorting inside a replicate. Of 2,800 doubles: at random .13 ms (glibc's qsort .25), four
 * runs one after the other .014 (.094), in order .003 (.083).
 *
 *     sort_by(v, n, sizeof *v, ascending);    // v NULL allowed where n is 0
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SORT_RUN = 12, SORT_SIZE_MAX = 64 };

typedef int sort_order(const void *a, const void *b);

#define SORT_INLINE static inline __attribute__((always_inline))

/* Insertion sort of [from, to). */
SORT_INLINE void sort_few(char *from, char *to, size_t size, sort_order *order)
{
    char one[SORT_SIZE_MAX];
    for (char *p = from + size; p < to; p += size) {
        char *q = p;
        if (order(p, p - size) >= 0)
            continue;
        memcpy(one, p, size);
        for (; q > from && order(one, q - size) < 0; q -= size)
            memcpy(q, q - size, size);
        memcpy(q, one, size);
    }
}

/* Neighbours in order, [to, mid) and [mid, end), become one; `work` has room for the first. */
SORT_INLINE void sort_merge(char *to, char *mid, char *end, char *work, size_t size,
                            sort_order *order)
{
    const char *left = work, *stop = work + (mid - to), *right = mid;
    memcpy(work, to, (size_t)(mid - to));
    while (left < stop && right < end) {
        int take = order(right, left) < 0;
        memcpy(to, take ? right : left, size);
        to += size;
        right += take ? size : 0;
        left += take ? 0 : size;
    }
    memcpy(to, left, (size_t)(stop - left));
}

/* Elements of at most SORT_SIZE_MAX bytes. */
SORT_INLINE void sort_by(void *base, size_t n, size_t size, sort_order *order)
{
    assert(size <= SORT_SIZE_MAX);
    char *v = base;
    size_t all = n * size, run = SORT_RUN * size;
    for (size_t at = 0; at < all; at += run)
        sort_few(v + at, v + (all - at > run ? at + run : all), size, order);
    if (all <= run)
        return;
    char *work = mem_alloc(all);
    for (; run < all; run *= 2)
        for (size_t at = 0; all - at > run; at += 2 * run) {
            char *mid = v + at + run;
            if (order(mid, mid - size) < 0)
                sort_merge(v + at, mid, v + (all - at > 2 * run ? at + 2 * run : all), work,
                           size, order);
            if (all - at <= 2 * run)
                break;
        }
    free(work);
}

#endif
