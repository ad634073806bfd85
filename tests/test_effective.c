/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "stats/effective.h"
#include "stats/rng.h"
#include "tests/check.h"

/* numpy 1.24.2: e = numpy.linalg.eigvalsh(C); sum((e >= 1) + e - floor(e)) */
static void eigenvalues_count_as_looks(void **state)
{
    (void)state;
    double chain[25], alike[64];
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            chain[i * 5 + j] = pow(.8, abs(i - j));
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++)
            alike[i * 8 + j] = i == j ? 1 : .5;
    assert_close(effective_of_correlation(chain, 5), 3, 1e-7);
    assert_close(effective_of_correlation(alike, 8), 5, 1e-7); /* 4.5 and seven of 1/2 */
    double two[] = {1, 1, 0, 1, 1, 0, 0, 0, 1};                /* 2, 0, 1 */
    assert_close(effective_of_correlation(two, 3), 2, 1e-7);
}

enum { N = 6, M = 4000 };

/* -ln p of N tests; the first `same` are one test. */
static double *replicates(size_t same)
{
    double *null = malloc(N * M * sizeof *null);
    struct rng r;
    rng_stream(&r, 3, RNG_VALIDATE, 3, 0);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < N; j++)
            null[i * N + j] = j > 0 && j < same ? null[i * N] : -log(rng_unit(&r));
    return null;
}

/* The quantile of M replicates leaves an error of some .07 N. An eigenvalue a little below 3
 * counts nearly 2, one of 3 counts 1: between 4 and 5 where three tests are one. */
static void tests_that_are_one_count_as_one(void **state)
{
    (void)state;
    double *apart = replicates(0), *all = replicates(N), *half = replicates(3);
    assert_near(effective_replicates(apart, N, M), N, .07 * N * 3);
    assert_near(effective_replicates(all, N, M), 1, .07 * 3);
    assert_near(effective_replicates(half, N, M), 4, .07 * 4 * 3);
    assert_close(effective_li_ji(all, N, M), 1, 1e-6);
    assert_true(effective_li_ji(apart, N, M) > N - .3);
    assert_true(effective_li_ji(half, N, M) > 3.5 && effective_li_ji(half, N, M) <= 5);
    free(apart);
    free(all);
    free(half);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvalues_count_as_looks),
        cmocka_unit_test(tests_that_are_one_count_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
