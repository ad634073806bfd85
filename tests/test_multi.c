/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <stdbool.h>

#include "stats/multi.h"

enum { N = 200 };

static void p_read(double *ret_log_p)
{
    FILE *f = fopen("tests/data/oracle/pvals.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < N; i++) {
        assert_int_equal(fscanf(f, "%lf", &ret_log_p[i]), 1);
        ret_log_p[i] = log(ret_log_p[i]);
    }
    fclose(f);
}

/* R 4.2.2: q <- p.adjust(p, method); sum(q); sum(q < .05) */
static void corrections_agree_with_r(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double sum;
        int rejected;
    } cases[] = {{"bonferroni", 185.565446387, 13},
                 {"holm", 185.292129043, 13},
                 {"bh", 165.477615196, 15},
                 {"by", 182.237329594, 13}};
    double log_p[N], log_q[N];
    p_read(log_p);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double sum = 0;
        int rejected = 0;
        correction_find(cases[c].name)->adjust(log_p, N, log_q);
        for (int i = 0; i < N; i++) {
            sum += exp(log_q[i]);
            rejected += exp(log_q[i]) < .05;
        }
        assert_close(sum, cases[c].sum, 1e-11);
        assert_int_equal(rejected, cases[c].rejected);
    }
}

/* Only maxT cannot be had from p-values alone; its laws are tested below. */
static bool needs_replicates(const struct correction *c)
{
    assert_true((c->adjust == NULL) == (strcmp(c->name, "maxt") == 0));
    return !c->adjust;
}

static void
every_correction_raises_p_keeps_its_order_and_ignores_the_order_of_tests(void **state)
{
    (void)state;
    double log_p[N], log_q[N], turned[N], log_q_turned[N];
    p_read(log_p);
    log_p[17] = -9000; /* p below the smallest double */
    log_p[18] = log_p[19] = -8000;
    for (int i = 0; i < N; i++)
        turned[i] = log_p[(i * 7 + 3) % N];
    for (const struct correction *c = correction_table; c->name; c++) {
        if (needs_replicates(c))
            continue;
        c->adjust(log_p, N, log_q);
        c->adjust(turned, N, log_q_turned);
        for (int i = 0; i < N; i++) {
            assert_true(log_q[i] >= log_p[i] && log_q[i] <= 0);
            assert_true(log_q_turned[i] == log_q[(i * 7 + 3) % N]);
            for (int j = 0; j < N; j++)
                assert_true(!(log_p[i] < log_p[j]) || log_q[i] <= log_q[j]);
        }
        assert_true(log_q[17] < log_q[18] && log_q[18] < -7900);
        assert_true(log_q[18] == log_q[19]);
        c->adjust(log_p, N, log_p); /* in place */
        assert_memory_equal(log_p, log_q, sizeof log_p);
        p_read(log_p);
        log_p[17] = -9000;
        log_p[18] = log_p[19] = -8000;
    }
}

static void one_test_needs_no_correction(void **state)
{
    (void)state;
    for (const struct correction *c = correction_table; c->adjust; c++) {
        assert_true(c->help[0] && c->cite[0]);
        double log_p = -3.217, log_q;
        assert_true(c->help[0] && c->cite[0]);
        if (needs_replicates(c))
            continue;
        c->adjust(&log_p, 1, &log_q);
        assert_true(log_q == log_p);
        c->adjust(&log_p, 0, &log_q);
    }
    assert_null(correction_find("fdr"));
}

/* q of the others is as if the failed test had given p = 1. */
static void a_test_that_failed_does_not_make_the_others_look_better(void **state)
{
    (void)state;
    const double failed[] = {-7.5, NAN, -2.25, -4.125, NAN},
                 one[] = {-7.5, 0, -2.25, -4.125, 0};
    for (const struct correction *c = correction_table; c->adjust; c++) {
        double q[5], expected[5];
        if (needs_replicates(c))
            continue;
        c->adjust(failed, 5, q);
        c->adjust(one, 5, expected);
        for (int i = 0; i < 5; i++)
            assert_true(isnan(failed[i]) ? isnan(q[i]) : q[i] == expected[i]);
    }
}

/* --- maxT -------------------------------------------------------------- */

enum { TESTS = 50, ARRAYS = 12, SPLITS = 924 };

/* |Welch's t| of the arrays chosen by the bits against the others */
static double welch(const double *x, unsigned chosen)
{
    double sum[2] = {0}, squares[2] = {0};
    for (int i = 0; i < ARRAYS; i++)
        sum[chosen >> i & 1] += x[i];
    for (int i = 0; i < ARRAYS; i++) {
        double off = x[i] - sum[chosen >> i & 1] / 6;
        squares[chosen >> i & 1] += off * off;
    }
    return fabs(sum[1] - sum[0]) / 6 / sqrt((squares[0] + squares[1]) / 30);
}

/* maxt.csv: set.seed(7); X <- matrix(rpois(50*12, 3), 50); X[1,7:12] <- X[1,7:12] + 6
 * Bioconductor multtest 2.54: mt.maxT(X, rep(0:1, each=6), B=0)$adjp[1:3] over all
 * 924 permutations: .114718614719 .277056277056 .861471861472 */
static void maxt_agrees_with_multtest_over_all_permutations(void **state)
{
    (void)state;
    static double x[TESTS][ARRAYS], observed[TESTS], null[SPLITS][TESTS], p[TESTS];
    FILE *f = fopen("tests/data/oracle/maxt.csv", "r");
    assert_non_null(f);
    for (int t = 0; t < TESTS; t++)
        for (int i = 0; i < ARRAYS; i++)
            assert_int_equal(fscanf(f, "%lf%*1[,\n]", &x[t][i]), 1);
    fclose(f);
    const unsigned labels = 0xfc0;
    size_t m = 0;
    for (int t = 0; t < TESTS; t++)
        observed[t] = welch(x[t], labels);
    for (unsigned bits = 0; bits < 1u << ARRAYS; bits++) {
        if (__builtin_popcount(bits) != 6 || bits == labels)
            continue; /* the data themselves are the 1 in (1 + #) / (1 + m) */
        for (int t = 0; t < TESTS; t++)
            null[m][t] = welch(x[t], bits) * (1 + 1e-12); /* sums in another order tie */
        m++;
    }
    assert_int_equal(m, SPLITS - 1);
    multi_maxt(observed, null[0], TESTS, m, p);
    double best[3] = {2, 2, 2};
    for (int t = 0; t < TESTS; t++)
        for (int k = 0; k < 3; k++)
            if (p[t] < best[k]) {
                memmove(best + k + 1, best + k, (size_t)(2 - k) * sizeof *best);
                best[k] = p[t];
                break;
            }
    assert_close(best[0], 106 / 924., 1e-15);
    assert_close(best[1], 256 / 924., 1e-15);
    assert_close(best[2], 796 / 924., 1e-15);
}

/* By hand: 3 tests, 4 joint replicates. */
static void maxt_steps_down_and_counts_failures_against_the_claim(void **state)
{
    (void)state;
    const double null[4][3] = {{1, 6, 0}, {2, 1, 1}, {9, 0, 4}, {0, 2, 1}};
    double p[3];
    multi_maxt((const double[]){5, 8, 1}, null[0], 3, 4, p);
    /* rank 1 is test 1 (8): maxima 6 2 9 2, one reaches it: 2/5
     * rank 2 is test 0 (5): without test 1: 1 2 9 1, one: 2/5
     * rank 3 is test 2 (1): 0 1 4 1, three: 4/5 */
    assert_close(p[1], .4, 1e-15);
    assert_close(p[0], .4, 1e-15);
    assert_close(p[2], .8, 1e-15);
    multi_maxt((const double[]){5, 8, NAN}, null[0], 3, 4, p);
    assert_true(isnan(p[2]));
    assert_close(p[1], .4, 1e-15); /* maxima 6 2 9 2 of tests 0 and 1: 9 >= 8 */
    const double failed[4][3] = {{1, 6, NAN}, {2, 1, 1}, {9, 0, 4}, {0, 2, 1}};
    multi_maxt((const double[]){5, 8, 1}, failed[0], 3, 4, p);
    assert_close(p[1], .6, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corrections_agree_with_r),
        cmocka_unit_test(
            every_correction_raises_p_keeps_its_order_and_ignores_the_order_of_tests),
        cmocka_unit_test(one_test_needs_no_correction),
        cmocka_unit_test(a_test_that_failed_does_not_make_the_others_look_better),
        cmocka_unit_test(maxt_agrees_with_multtest_over_all_permutations),
        cmocka_unit_test(maxt_steps_down_and_counts_failures_against_the_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
