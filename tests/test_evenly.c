/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/evenly.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"
#include "stats/rng.h"
#include "tests/check.h"

enum { N = 3000 };

/* Sorts as order_sort does, to the byte. */
static void same_as_order(const double *v, size_t n, double lo, double hi)
{
    double *a = mem_alloc(n * sizeof *a), *b = mem_alloc(n * sizeof *b);
    memcpy(a, v, n * sizeof *a);
    memcpy(b, v, n * sizeof *b);
    evenly_sort(a, n, lo, hi);
    order_sort(b, n);
    assert_memory_equal(a, b, n * sizeof *a);
    free(a);
    free(b);
}

static void numbers_even_or_crowded_come_out_in_order(void **state)
{
    (void)state;
    double even[N], crowded[N], timer[N];
    struct rng r;
    rng_stream(&r, 1, RNG_SIMULATE, 1, 0);
    for (size_t i = 0; i < N; i++) {
        even[i] = rng_unit(&r);
        crowded[i] = pow(rng_unit(&r), 40);
        timer[i] = floor(8 * rng_unit(&r)) / 8;
    }
    for (size_t n = 0; n <= 200; n++)
        same_as_order(even, n, 0, 1);
    same_as_order(even, N, 0, 1);
    same_as_order(crowded, N, 0, 1);
    same_as_order(timer, N, 0, 1);
}

static void both_ends_of_the_range_are_in_it(void **state)
{
    (void)state;
    double v[N];
    for (size_t i = 0; i < N; i++)
        v[i] = i % 3 == 0 ? 7 : i % 3 == 1 ? -2 : (double)(i % 9);
    same_as_order(v, N, -2, 8);
    for (size_t i = 0; i < N; i++)
        v[i] = 5;
    same_as_order(v, N, 5, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_even_or_crowded_come_out_in_order),
        cmocka_unit_test(both_ends_of_the_range_are_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
