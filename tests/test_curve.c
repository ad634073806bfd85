/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/curve.h"
#include "stats/rng.h"

/* Two specifications, four surrogates, by hand. Columns: data 5, 3, 9, 1, 5 -> ranks of 5: two
 * at least (5, 9, 5): p 3/5; column 2: data 8 of 8 2 4 6 0: p 1/5. */
static void four_surrogates_are_counted_as_by_hand(void **state)
{
    (void)state;
    const double observed[] = {5, 8}, null[] = {3, 2, 9, 4, 1, 6, 5, 0};
    struct curve c;
    double p[2];
    curve_joint(&c, observed, null, 2, 4, p);
    assert_true(fabs(p[0] - .6) < 1e-15 && fabs(p[1] - .2) < 1e-15);
    /* medians: 6.5 | 2.5 6.5 3.5 2.5: one surrogate ties, so 2/5 */
    assert_true(c.observed[CURVE_MEDIAN] == 6.5 && fabs(c.p[CURVE_MEDIAN] - .4) < 1e-15);
    /* smallest p: data 1/5; surrogate 2 has 9 of column 1: 1/5 as well */
    assert_true(fabs(c.p[CURVE_LEAST] - .4) < 1e-15);
    assert_true(c.observed[CURVE_SHARE] == 0 && c.p[CURVE_SHARE] == 1);
}

static void a_surrogate_that_failed_counts_against_the_claim(void **state)
{
    (void)state;
    const double observed[] = {5}, null[] = {NAN, 1, 2, 3};
    struct curve c;
    double p[1];
    curve_joint(&c, observed, null, 1, 4, p);
    assert_true(p[0] == .4);
    for (int k = 0; k < CURVE_STATISTICS; k++)
        assert_true(c.p[k] >= .4);
}

/* Equal specifications add nothing: each joint p but the share's is the single one. */
static void copies_of_one_specification_are_one(void **state)
{
    (void)state;
    enum { M = 99, S = 12 };
    double observed[S], null[M * S], p[S];
    struct rng r;
    rng_stream(&r, 1, RNG_VALIDATE, 9, 0);
    for (int i = 0; i <= M; i++) {
        double v = rng_normal(&r) + (i ? 0 : 1.2);
        for (int j = 0; j < S; j++)
            *(i ? &null[(i - 1) * S + j] : &observed[j]) = v;
    }
    struct curve c;
    curve_joint(&c, observed, null, S, M, p);
    assert_true(c.p[CURVE_MEDIAN] == p[0] && c.p[CURVE_STOUFFER] == p[0] &&
                c.p[CURVE_LEAST] == p[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_surrogates_are_counted_as_by_hand),
        cmocka_unit_test(a_surrogate_that_failed_counts_against_the_claim),
        cmocka_unit_test(copies_of_one_specification_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
