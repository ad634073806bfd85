/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "models/level.h"

enum { MAX = 128 };
static const struct level_law law = {.mu = 6, .theta = 1.5, .theta_peers = 1.5, .least = 3};
static const struct level_law unsure = {.mu = 6, .theta = 1.5, .v = .2, .least = 1};

/* SciPy 1.10.1: d = nbinom(1.5, 1.5/7.5); log(d.sf(k-1)/d.sf(2)), log((d.cdf(k)-d.cdf(2))/
 * d.sf(2)) */
static void a_tail_is_given_that_the_pair_was_tested(void **state)
{
    (void)state;
    const struct {
        uint64_t x;
        double upper, lower;
    } cases[] = {{3, 0, -1.93827133926823},
                 {12, -1.59739292119174, -0.182521349026525},
                 {40, -7.34771856539004, -0.00052113386341401}};
    for (size_t i = 0; i < 3; i++) {
        struct level_p p = level_p(&law, cases[i].x, 1);
        assert_near(p.log_tested, cases[i].upper, 1e-12 * fmax(1, -cases[i].upper));
        assert_true(p.log_tested >= p.log_p && p.log_mid <= p.log_p);
        assert_near(level_p(&law, cases[i].x, -1).log_tested, cases[i].lower, 1e-11);
    }
}

/* By exact fractions over the 3 x 3 table {4 7 2, 10 20 6, 3 5 8}, cell in the middle (Python
 * 3.11): E = 16 * 12 / 17; with theta infinite v = 1/16 + 1/12 + 1/17. */
static void the_error_of_the_expectation_enters_the_law(void **state)
{
    (void)state;
    const uint64_t x[9] = {4, 7, 2, 10, 20, 6, 3, 5, 8};
    struct peers_cell cells[9];
    for (uint32_t i = 0; i < 9; i++)
        cells[i] = (struct peers_cell){i / 3, i % 3, x[i]};
    struct peers p;
    struct level_law l;
    peers_make(&p, cells, 9, 3, 3, 1);
    level_law_of(&l, &p, 4, 0);
    assert_close(l.mu, 16 * 12 / 17., 1e-14);
    assert_int_equal(l.least, 1);
    double inverse = isinf(l.theta_peers) ? 0 : 1 / l.theta_peers;
    double names = (17 * 17 + 16 * 16) / (33. * 33), clients = (13 * 13 + 16 * 16) / (29. * 29);
    double v = 1 / 16. + 1 / 12. + 1 / 17. + (names + clients + names * clients) * inverse;
    assert_close(l.v, v, 1e-12);
    assert_true(isinf(l.theta)); /* v explains all scatter */
    assert_true(inverse < v);
    peers_free(&p);
    const struct peers_cell lone = {0, 0, 5};
    peers_make(&p, &lone, 1, 1, 1, 1);
    level_law_of(&l, &p, 0, 0);
    assert_true(isnan(l.mu));
    peers_free(&p);
}

/* One client asks for 26 names, 25 others for one each: what it asked for most is not to be
 * learned from the rest, whose theta is next to 0, and quantiles would have no end. */
static void a_table_that_says_nothing_of_a_pair_gives_no_law(void **state)
{
    (void)state;
    struct peers_cell cells[51];
    struct peers p;
    struct level_law l;
    for (uint32_t i = 0; i < 26; i++)
        cells[i] = (struct peers_cell){0, i, i == 0 ? 450 : i == 1 ? 700 : 300};
    for (uint32_t i = 1; i < 26; i++)
        cells[25 + i] = (struct peers_cell){i, i == 1 ? 0 : 1, 5};
    peers_make(&p, cells, 51, 26, 26, 10);
    level_law_of(&l, &p, 0, 10);
    assert_true(peers_expected(&p, 0) > 0);
    assert_true(isnan(l.mu));
    peers_free(&p);
}

/* SciPy 1.10.1: quad of norm.pdf(z) nbinom(1.5, 1.5/(1.5 + m)).sf(k - 1), m = 6 exp(.1 +
 * sqrt(.2) z), z in (-12, 12), over that at k = 1; the rule has seven points. */
static void the_law_is_averaged_over_the_error_of_the_expectation(void **state)
{
    (void)state;
    const struct {
        uint64_t x;
        double upper;
    } cases[] = {{5, -.5313005532251335}, {20, -2.5510214616433124}, {60, -6.515486325644422}};
    for (size_t i = 0; i < 3; i++)
        assert_near(level_p(&unsure, cases[i].x, 1).log_tested, cases[i].upper, 2e-4);
    for (uint64_t k = 0; k < 30; k++) { /* quantiles invert the lower tail */
        double p = exp(level_p(&unsure, k + 1, -1).log_p);
        assert_int_equal(level_quantile(&unsure, p * (1 - 1e-9)), k + 1);
        assert_int_equal(level_quantile(&unsure, p * (1 + 1e-9)), k + 2);
    }
}

static void the_support_holds_every_p_and_one_below_what_was_asked(void **state)
{
    (void)state;
    double value[MAX], asked = level_p(&law, 20, 1).log_tested;
    size_t n = level_support(&law, asked, value, MAX);
    assert_int_equal(n, 21 - 3 + 1);
    for (uint64_t x = 3; x <= 21; x++)
        assert_true(value[21 - x] == level_p(&law, x, 1).log_tested);
    assert_true(value[0] < asked && value[n - 1] == 0);
    assert_int_equal(level_support(&law, 0, value, MAX), 2);
    assert_int_equal(level_support(&law, -200, value, MAX), 0); /* too fine */
    assert_int_equal(level_support(&law, asked, value, 19), 19);
    assert_int_equal(level_support(&law, asked, value, 18), 0);
}

/* The random p of x runs from the p of x + 1 to that of x. */
static void ties_are_broken_between_two_values_of_p(void **state)
{
    (void)state;
    struct level_p p = level_p(&law, 9, 1);
    assert_true(p.log_above == level_p(&law, 10, 1).log_tested);
    assert_close(exp(level_random(p.log_tested, p.log_above, .25)),
                 .75 * exp(p.log_above) + .25 * exp(p.log_tested), 1e-13);
    assert_true(level_random(-3, -3, .5) == -3);
    struct level_p low = level_p(&law, 9, -1);
    assert_true(low.log_above == low.log_tested);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tail_is_given_that_the_pair_was_tested),
        cmocka_unit_test(the_error_of_the_expectation_enters_the_law),
        cmocka_unit_test(a_table_that_says_nothing_of_a_pair_gives_no_law),
        cmocka_unit_test(the_law_is_averaged_over_the_error_of_the_expectation),
        cmocka_unit_test(the_support_holds_every_p_and_one_below_what_was_asked),
        cmocka_unit_test(ties_are_broken_between_two_values_of_p),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
