/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "stats/gof.h"

enum { GAPS = 293 };

static void gaps_read(double *ret)
{
    FILE *f = fopen("tests/data/oracle/events.csv", "r");
    double before, at;
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*[^\n] %lf", &before), 1);
    for (int i = 0; i < GAPS; i++, before = at) {
        assert_int_equal(fscanf(f, "%lf", &at), 1);
        ret[i] = at - before;
    }
    fclose(f);
}

static double eval(const char *name, const double *gaps, size_t n)
{
    double work[GAPS];
    return gof_find(name)->eval(gaps, n, work);
}

/* R 4.2.2, ie <- diff(sec): ks.test(ie, pexp, 1/mean(ie)), goftest::ad.test, cv, cv2,
 * lv by their formulas; gini, moran, max, min with NumPy 1.24 */
static void statistics_agree_with_r_and_numpy(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double value;
    } cases[] = {{"ks", .297579731358},          {"ad", 29.429417749701},
                 {"cv", .657475582505},          {"cv2", .646980934728},
                 {"lv", .571926723043},          {"gini", .31844995938740955},
                 {"moran", 77.24392562102227},   {"max", .014948552811820037},
                 {"min", 1.0219294864588233e-05}};
    double gaps[GAPS];
    gaps_read(gaps);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        assert_close(eval(cases[c].name, gaps, GAPS), cases[c].value, 1e-10);
}

static void no_statistic_depends_on_the_unit_of_time(void **state)
{
    (void)state;
    double gaps[GAPS], scaled[GAPS];
    gaps_read(gaps);
    for (int i = 0; i < GAPS; i++)
        scaled[i] = gaps[i] / 3600;
    for (const struct gof_stat *s = gof_table; s->name; s++) {
        assert_close(eval(s->name, gaps, GAPS), eval(s->name, scaled, GAPS), 1e-11);
        assert_true(s->help[0] && s->cite[0] && gof_find(s->name) == s);
    }
    assert_null(gof_find("chi"));
}

static void a_gap_of_zero_has_no_logarithm_and_fails_against_the_claim(void **state)
{
    (void)state;
    const double gaps[] = {3, 0, 1.5, 2, 0, 0};
    double work[12];
    struct rng r;
    struct mc upper, lower;
    rng_stream(&r, 1, RNG_NULL, 2, 0);
    assert_true(isnan(eval("ad", gaps, 6)) && isnan(eval("moran", gaps, 6)));
    gof_dirichlet(gof_find("ad"), eval("ad", gaps, 6), 6, 99, &r, work, &upper, &lower);
    assert_true(mc_p(&upper) == 1 && mc_p(&lower) == 1);
    assert_true(isfinite(eval("lv", gaps, 6)) && isfinite(eval("cv2", gaps, 6)));
}

static void a_clock_has_no_variation_and_the_lower_tail_finds_it(void **state)
{
    (void)state;
    double gaps[30], work[60];
    for (int i = 0; i < 30; i++)
        gaps[i] = 300 + i % 3;
    for (const char *const *name = (const char *const[]){"cv", "lv", "cv2", "gini", NULL};
         *name; name++) {
        struct rng r;
        struct mc upper, lower;
        rng_stream(&r, 1, RNG_NULL, 2, 0);
        double observed = gof_find(*name)->eval(gaps, 30, work);
        assert_true(observed < .01);
        gof_dirichlet(gof_find(*name), observed, 30, 999, &r, work, &upper, &lower);
        assert_close(mc_p(&lower), .001, 1e-12);
        assert_close(mc_p(&upper), 1, 1e-12);
    }
}

/* methods.md V2: exact at every n; 4,000 runs of 200 replicates, four standard
 * errors, both tails. */
static void the_exact_test_keeps_its_size_at_five_gaps(void **state)
{
    (void)state;
    enum { RUNS = 4000, N = 5 };
    for (const struct gof_stat *s = gof_table; s->name; s++) {
        int above = 0, below = 0;
        for (uint32_t run = 0; run < RUNS; run++) {
            struct rng r;
            struct mc upper, lower;
            double gaps[N], work[2 * N];
            rng_stream(&r, 5, RNG_VALIDATE, (uint64_t)(s - gof_table), run);
            for (int i = 0; i < N; i++)
                gaps[i] = rng_exponential(&r, 77);
            double observed = s->eval(gaps, N, work);
            gof_dirichlet(s, observed, N, 199, &r, work, &upper, &lower);
            above += mc_p(&upper) <= .05;
            below += mc_p(&lower) <= .05;
        }
        double se = sqrt(.05 * .95 / RUNS);
        assert_near(above / (double)RUNS, .05, 4 * se);
        assert_near(below / (double)RUNS, .05, 4 * se);
    }
}

/* Exact fractions, and the alternating sum in 30 digits (mpmath) */
static void fishers_g_is_exact(void **state)
{
    (void)state;
    assert_close(gof_fisher_g_p(.6, 3), 12 / 25., 1e-14);   /* 3 (2/5)^2 */
    assert_close(gof_fisher_g_p(.4, 4), 102 / 125., 1e-14); /* 4 (3/5)^3 - 6 (1/5)^3 */
    assert_close(gof_fisher_g_p(.5, 2), 1, 1e-14);
    assert_close(gof_fisher_g_p(.1, 100), .0029500062017709, 1e-12);
    assert_close(gof_fisher_g_p(.25, 30), .00714247335617476, 1e-12);
    assert_close(gof_fisher_g_p(.05, 100), .492800260328097, 1e-11);
    assert_close(gof_fisher_g_p(.04, 100), .878424692404973, 1e-9);
    assert_true(gof_fisher_g_p(.0101, 100) == 1 && gof_fisher_g_p(1, 9) > 0);
    assert_true(isnan(gof_fisher_g_p(NAN, 9)));
    for (double g = .002, before = 1; g < 1; g *= 1.01) { /* no jump where terms grow large */
        double p = gof_fisher_g_p(g, 500);
        assert_true(p > 0 && p <= before + 1e-8);
        before = p;
    }
}

/* SciPy 1.10.1: scipy.special.kolmogorov(z) */
static void the_kolmogorov_law_agrees_with_scipy(void **state)
{
    (void)state;
    const double cases[][2] = {{.4, .9971923267772983},    {.8, .5441424115741981},
                               {1.1, .1777181926064012},   {1.2, .11224966667072497},
                               {1.5, .022217962616525127}, {3, 3.045995948942526e-08}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double n = 100, d = cases[c][0] / (10 + .12 + .11 / 10);
        assert_close(gof_ks_p(d, (size_t)n), cases[c][1], 1e-10);
    }
    assert_true(gof_ks_p(1, 1000000) > 0 && gof_ks_p(0, 5) == 1);
}

static void the_distance_to_the_uniform_law_looks_at_both_sides_of_a_step(void **state)
{
    (void)state;
    assert_close(gof_ks_uniform((const double[]){.1, .2, .3}, 3), .7, 1e-15);
    assert_close(gof_ks_uniform((const double[]){.8, .85, .9}, 3), .8, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_agree_with_r_and_numpy),
        cmocka_unit_test(no_statistic_depends_on_the_unit_of_time),
        cmocka_unit_test(a_gap_of_zero_has_no_logarithm_and_fails_against_the_claim),
        cmocka_unit_test(a_clock_has_no_variation_and_the_lower_tail_finds_it),
        cmocka_unit_test(the_exact_test_keeps_its_size_at_five_gaps),
        cmocka_unit_test(fishers_g_is_exact),
        cmocka_unit_test(the_kolmogorov_law_agrees_with_scipy),
        cmocka_unit_test(the_distance_to_the_uniform_law_looks_at_both_sides_of_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
