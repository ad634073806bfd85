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
    } cases[] = {{"bonferroni", 185.565446387, 13}, {"holm", 185.292129043, 13},
                 {"hochberg", 184.894392661, 13},   {"hommel", 184.835943947, 13},
                 {"bh", 165.477615196, 15},         {"by", 182.237329594, 13}};
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

/* R 4.2.2: p.adjust(x, "hommel"), p.adjust(x, "hochberg") */
static void closed_and_step_up_tests_agree_with_r_where_they_differ(void **state)
{
    (void)state;
    const double x[] = {.01, .02, .022, .09, .3, .011};
    const double hommel[] = {.040, .060, .066, .180, .300, .044},
                 hochberg[] = {.055, .066, .066, .180, .300, .055};
    double log_p[6], q[6];
    for (int i = 0; i < 6; i++)
        log_p[i] = log(x[i]);
    correction_find("hommel")->adjust(log_p, 6, q);
    for (int i = 0; i < 6; i++)
        assert_close(exp(q[i]), hommel[i], 1e-13);
    correction_find("hochberg")->adjust(log_p, 6, q);
    for (int i = 0; i < 6; i++)
        assert_close(exp(q[i]), hochberg[i], 1e-13);
}

/* Bioconductor qvalue 2.30.0: q <- qvalue(p, pi0 = .97)$qvalues; sum(pmax(q, p));
 * pi0est(p, lambda = .5)$pi0 is .96, without the + 1 */
static void storeys_q_agrees_with_qvalue(void **state)
{
    (void)state;
    double log_p[N], q[N], sum = 0;
    int rejected = 0;
    p_read(log_p);
    assert_close(multi_pi0(log_p, N), .96 + 1 / (.5 * N), 1e-14);
    correction_find("storey")->adjust(log_p, N, q);
    for (int i = 0; i < N; i++) {
        sum += exp(q[i]);
        rejected += exp(q[i]) < .05;
    }
    assert_close(sum, 160.642549534, 1e-11);
    assert_int_equal(rejected, 16);
}

static void few_tests_and_lumps_at_one_give_no_share_of_true_nulls(void **state)
{
    (void)state;
    double log_p[N];
    for (int i = 0; i < N; i++)
        log_p[i] = log((i + 1.0) / (4 * N)); /* none above one quarter */
    assert_close(multi_pi0(log_p, N), .01, 1e-14);
    assert_true(multi_pi0(log_p, N - 1) == 1);
    for (int i = 0; i < 10; i++)
        log_p[i] = 0;
    assert_close(multi_pi0(log_p, N), .11, 1e-14);
    log_p[10] = 0; /* 11 of 200 */
    assert_true(multi_pi0(log_p, N) == 1);
}

/* --- discrete ---------------------------------------------------------- */

/* Nine tables of 148 against 132, two-sided Fisher tests; Python 3.11, all in exact
 * fractions: p, its support, and procedure HSD's running maximum. */
enum { TABLES = 9, LEFT = 148, RIGHT = 132 };

static double log_choose(int n, int k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* p of each of the k + 1 tables; a tie of probabilities is equal but for rounding. */
static void fisher(int k, double *ret)
{
    for (int x = 0; x <= k; x++) {
        double own = log_choose(LEFT, x) + log_choose(RIGHT, k - x);
        ret[x] = 0;
        for (int y = 0; y <= k; y++) {
            double other = log_choose(LEFT, y) + log_choose(RIGHT, k - y);
            if (other <= own + 1e-9)
                ret[x] += exp(other - log_choose(LEFT + RIGHT, k));
        }
        ret[x] = fmin(0, log(ret[x]));
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void discrete_bh_agrees_with_exact_fractions(void **state)
{
    (void)state;
    const int left[TABLES] = {4, 2, 2, 14, 6, 9, 4, 0, 1},
              right[TABLES] = {0, 0, 1, 3, 2, 1, 2, 2, 2};
    const double p[TABLES] = {.12476690526997457,  .4998463901689708,  1,
                              .012431448292317257, .28849298109514826, .02126871271717787,
                              .6872322936482232,   .22135176651305682, .6032954281735902};
    const double expected[TABLES] = {
        .25630984701223,  1, 1, .0381979569013057, .514827821472014, .0381979569013057, 1,
        .478959960085237, 1};
    double support[TABLES][32], log_p[TABLES], q[TABLES];
    struct multi_law laws[TABLES];
    for (int i = 0; i < TABLES; i++) {
        int k = left[i] + right[i];
        fisher(k, support[i]);
        log_p[i] = support[i][left[i]];
        assert_close(exp(log_p[i]), p[i], 1e-9);
        qsort(support[i], (size_t)k + 1, sizeof support[i][0], ascending);
        laws[i] = (struct multi_law){(size_t)k + 1, support[i]};
    }
    multi_dbh(log_p, laws, TABLES, q);
    for (int i = 0; i < TABLES; i++)
        assert_close(exp(q[i]), expected[i], 1e-9);
}

/* Continuous: running maximum of n/k p/(1 - p), at least p, at most 1. */
static void discrete_bh_of_continuous_tests_is_the_step_down_one(void **state)
{
    (void)state;
    const double p[] = {.01, .002, .3, .04, .9},
                 odds[] = {.01 / .99, .002 / .998, .3 / .7, .04 / .96, 9};
    struct multi_law laws[5] = {{0}};
    double log_p[5], q[5];
    for (int i = 0; i < 5; i++)
        log_p[i] = log(p[i]);
    multi_dbh(log_p, laws, 5, q);
    assert_close(exp(q[1]), 5 * odds[1], 1e-13);
    assert_close(exp(q[0]), 5 * odds[0] / 2, 1e-13);
    assert_close(exp(q[3]), 5 * odds[3] / 3, 1e-13);
    assert_close(exp(q[2]), 5 * odds[2] / 4, 1e-13);
    assert_true(q[4] == 0);
}

/* 1,000 tests that cannot go below .2 cost one that can nothing. */
static void a_test_that_cannot_reach_p_does_not_make_others_pay(void **state)
{
    (void)state;
    enum { ALL = 1001 };
    static struct multi_law laws[ALL];
    static double log_p[ALL], q[ALL];
    const double coarse[] = {log(.2), 0}, fine[] = {-900, log(.003), log(.5), 0};
    for (int i = 0; i < ALL; i++) {
        laws[i] = (struct multi_law){2, coarse};
        log_p[i] = i % 5 ? 0 : log(.2);
    }
    laws[7] = (struct multi_law){4, fine};
    log_p[7] = log(.003);
    multi_dbh(log_p, laws, ALL, q);
    assert_close(exp(q[7]), .003 / .997, 1e-12);
    correction_find("bh")->adjust(log_p, ALL, q);
    assert_true(q[7] > log(.9));
    log_p[7] = -900; /* below the smallest double's logarithm */
    multi_dbh(log_p, laws, ALL, q);
    assert_close(q[7], -900, 1e-12);
    log_p[8] = NAN; /* a test that failed counts, as a continuous one */
    multi_dbh(log_p, laws, ALL, q);
    assert_true(isnan(q[8]));
    assert_close(q[7], -900 + log(2), 1e-12);
}

/* maxT and effective numbers cannot be had from p-values alone: tested below, and in
 * test_effective and test_verdict. */
static bool needs_replicates(const struct correction *c)
{
    assert_true((c->adjust == NULL) == (c->looks || strcmp(c->name, "maxt") == 0));
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

/* |difference of the sums| of five and five. */
static double apart(const double *x, unsigned chosen)
{
    double sum = 0;
    for (int i = 0; i < 10; i++)
        sum += chosen >> i & 1 ? x[i] : -x[i];
    return fabs(sum);
}

/* coin 1.4-2: oneway_test(v ~ g, data.frame(v = c(3,5,1,0,2,9,7,4,8,6), g = factor(rep(0:1,
 * each = 5))), distribution = exact()); SciPy 1.10.1: stats.permutation_test of the same with
 * n_resamples = inf; both .015873015873, 4 of 252. */
static void one_test_over_all_permutations_is_exact(void **state)
{
    (void)state;
    const double v[10] = {3, 5, 1, 0, 2, 9, 7, 4, 8, 6}, observed = apart(v, 0x3e0);
    double null[252], p;
    size_t m = 0;
    for (unsigned bits = 0; bits < 1u << 10; bits++)
        if (__builtin_popcount(bits) == 5 && bits != 0x3e0)
            null[m++] = apart(v, bits);
    assert_int_equal(m, 251);
    multi_maxt(&observed, null, 1, m, &p);
    assert_near(p, .015873015873, 5e-13);
    assert_close(p, 4 / 252., 1e-15);
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

static void a_replicates_p_is_its_rank_and_ties_and_failures_count(void **state)
{
    (void)state;
    const double value[] = {3, 1, NAN, 3, -2}, share[] = {3, 4, 1, 3, 5};
    double log_p[5];
    multi_rank_p(value, 5, log_p);
    for (int i = 0; i < 5; i++)
        assert_close(exp(log_p[i]), share[i] / 5, 1e-14);
}

/* NumPy 1.24.2: rows = vstack([null, observed]); z = (x - rows.mean(0)) / rows.std(0); then
 * the step-down maxima of z by order of the observed ones. */
static void standardised_maxt_agrees_with_numpy_whatever_the_scales(void **state)
{
    (void)state;
    double null[9][3] = {{0, 10, 3}, {1, 14, 2}, {2, 9, 9},  {5, 30, 1}, {3, 22, 4},
                         {1, 11, 0}, {4, 17, 5}, {2, 13, 2}, {0, 40, 6}};
    double observed[3] = {4, 41, 7}, raw[3], p[3], raw_scaled[3], p_scaled[3];
    const double want_raw[3] = {.3, .1, .2}, want[3] = {.3, .2, .3};
    multi_maxt_standard(observed, null[0], 3, 9, raw, p);
    for (int j = 0; j < 3; j++) {
        assert_close(raw[j], want_raw[j], 1e-15);
        assert_close(p[j], want[j], 1e-15);
    }
    const double scale[3] = {1e-3, 64, 3}, shift[3] = {5, -7, 1e3};
    for (int j = 0; j < 3; j++) {
        observed[j] = observed[j] * scale[j] + shift[j];
        for (int i = 0; i < 9; i++)
            null[i][j] = null[i][j] * scale[j] + shift[j];
    }
    multi_maxt_standard(observed, null[0], 3, 9, raw_scaled, p_scaled);
    for (int j = 0; j < 3; j++) {
        assert_true(raw_scaled[j] == raw[j]);
        assert_true(p_scaled[j] == p[j]);
    }
    null[2][1] = NAN; /* a failed replicate is the largest of all */
    multi_maxt_standard(observed, null[0], 3, 9, raw, p);
    assert_close(raw[1], .2, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corrections_agree_with_r),
        cmocka_unit_test(closed_and_step_up_tests_agree_with_r_where_they_differ),
        cmocka_unit_test(storeys_q_agrees_with_qvalue),
        cmocka_unit_test(few_tests_and_lumps_at_one_give_no_share_of_true_nulls),
        cmocka_unit_test(discrete_bh_agrees_with_exact_fractions),
        cmocka_unit_test(discrete_bh_of_continuous_tests_is_the_step_down_one),
        cmocka_unit_test(a_test_that_cannot_reach_p_does_not_make_others_pay),
        cmocka_unit_test(
            every_correction_raises_p_keeps_its_order_and_ignores_the_order_of_tests),
        cmocka_unit_test(one_test_needs_no_correction),
        cmocka_unit_test(a_test_that_failed_does_not_make_the_others_look_better),
        cmocka_unit_test(maxt_agrees_with_multtest_over_all_permutations),
        cmocka_unit_test(one_test_over_all_permutations_is_exact),
        cmocka_unit_test(a_replicates_p_is_its_rank_and_ties_and_failures_count),
        cmocka_unit_test(standardised_maxt_agrees_with_numpy_whatever_the_scales),
        cmocka_unit_test(maxt_steps_down_and_counts_failures_against_the_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
