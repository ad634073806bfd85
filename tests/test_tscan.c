/* SPDX-License-Identifier: GPL-3.0-or-later
 * hourly.csv is simulated; numbers for it are from R 4.2.2 (oracle.R). */
#include "tests/check.h"

#include "stats/glm.h"
#include "stats/tscan.h"

enum { HOURS = 1344, LONGEST = 48 };

/* R: f<-glm(yp~h+w+tr,poisson,d); mu<-fitted(f); windows of 1..48 h of SaTScan's LLR. */
static void the_window_found_is_that_of_satscan_s_formula(void **state)
{
    (void)state;
    static uint16_t hod[HOURS], dow[HOURS];
    static double y[HOURS], trend[HOURS], one[HOURS], work[2 * (HOURS + 1)];
    FILE *f = fopen("tests/data/oracle/hourly.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n]"), 0);
    for (int i = 0; i < HOURS; i++) {
        unsigned h, w;
        assert_int_equal(fscanf(f, "%*u,%u,%u,%*f,%*f,%lf,%*f", &h, &w, &y[i]), 3);
        hod[i] = (uint16_t)h;
        dow[i] = (uint16_t)w;
        trend[i] = i / (double)HOURS;
        one[i] = 1;
    }
    fclose(f);
    struct glm_design d = {.n = HOURS,
                           .nfactors = 2,
                           .level = {hod, dow},
                           .nlevels = {24, 7},
                           .ncovariates = 1,
                           .covariate = {trend}};
    struct glm *g = glm_new();
    assert_int_equal(glm_fit(g, y, one, &d, GLM_POISSON, NULL), 0);
    size_t lengths[LONGEST];
    for (size_t i = 0; i < LONGEST; i++)
        lengths[i] = i + 1;
    struct tscan_best best;
    tscan(&best, y, g->mu, HOURS, lengths, LONGEST, work);
    assert_near(best.llr, 7.53351727474, 5e-10);
    assert_int_equal(best.from, 545);
    assert_int_equal(best.to, 552); /* the last cell is 551 */
    glm_free(g);
}

/* (k/w - N - 1) binom.pmf(k, N, w) + 2 binom.sf(k - 1, N, w), SciPy 1.10.1. */
static void naus_formula_is_that_of_wallenstein_and_neff(void **state)
{
    (void)state;
    assert_close(exp(tscan_naus_log_upper(9, 100, .02)), .0544456033865896, 1e-12);
    assert_close(exp(tscan_naus_log_upper(11, 100, .02)), .002168299710161849, 1e-12);
    assert_close(exp(tscan_naus_log_upper(16, 500, .01)), .04865262019897436, 1e-12);
    assert_true(tscan_naus_log_upper(1, 100, .02) <= 0);
}

static void lengths_grow_by_the_root_of_two_and_stop_at_the_most(void **state)
{
    (void)state;
    static const size_t expected[] = {1, 2, 3, 4, 6, 8, 11, 16};
    size_t lengths[TSCAN_LENGTHS];
    assert_int_equal(tscan_geometric(20, lengths), 8);
    assert_memory_equal(lengths, expected, sizeof expected);
    assert_int_equal(tscan_geometric(0, lengths), 0);
    assert_true(tscan_geometric(SIZE_MAX / 4, lengths) <= TSCAN_LENGTHS);
}

/* Nothing exceeds an expectation that is the counts. */
static void counts_as_expected_have_no_window(void **state)
{
    (void)state;
    const double y[] = {1, 2, 3}, mu[] = {2, 4, 6};
    double work[8];
    size_t lengths[] = {1, 2};
    struct tscan_best best;
    tscan(&best, y, mu, 3, lengths, 2, work);
    assert_true(best.llr == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_found_is_that_of_satscan_s_formula),
        cmocka_unit_test(naus_formula_is_that_of_wallenstein_and_neff),
        cmocka_unit_test(lengths_grow_by_the_root_of_two_and_stop_at_the_most),
        cmocka_unit_test(counts_as_expected_have_no_window),
    };
    return cmocka_run_group_tests_name("tscan", tests, NULL, NULL);
}
