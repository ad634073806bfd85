/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sort.h"

#include "stats/rng.h"
#include "tests/check.h"

struct pair {
    uint32_t key, place;
    char rest[SORT_SIZE_MAX - 8];
};

static int by_key(const void *a, const void *b)
{
    uint32_t x = ((const struct pair *)a)->key, y = ((const struct pair *)b)->key;
    return (x > y) - (x < y);
}

static int by_key_and_place(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    return by_key(a, b) ? by_key(a, b) : (x->place > y->place) - (x->place < y->place);
}

/* Keys of few values, so that most are equal: in no order, or in runs. */
static void fill(struct pair *v, size_t n, size_t run, struct rng *r)
{
    for (size_t i = 0; i < n; i++) {
        memset(&v[i], (int)i, sizeof v[i]);
        v[i].key = run ? (uint32_t)(i % run / 2) : (uint32_t)rng_below(r, 1 + n / 4);
        v[i].place = (uint32_t)i;
    }
}

/* glibc's qsort by key and place is what a stable sort by key must give. */
static void equal_keys_keep_their_places(void **state)
{
    static const size_t runs[] = {0, 1, 5, 100, 100000};
    struct rng r;
    (void)state;
    rng_stream(&r, 1, RNG_SIMULATE, 1, 1);
    for (size_t n = 0; n < 700; n += n < 60 ? 1 : 53)
        for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
            struct pair *v = mem_alloc((n + 1) * sizeof *v),
                        *w = mem_alloc((n + 1) * sizeof *w);
            fill(v, n, runs[k], &r);
            memcpy(w, v, n * sizeof *w);
            if (n)
                qsort(w, n, sizeof *w, by_key_and_place);
            sort_by(v, n, sizeof *v, by_key);
            assert_memory_equal(v, w, n * sizeof *v);
            free(v);
            free(w);
        }
}

static void nothing_is_sorted_without_a_place(void **state)
{
    (void)state;
    sort_by(NULL, 0, sizeof(double), by_key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_keys_keep_their_places),
        cmocka_unit_test(nothing_is_sorted_without_a_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
