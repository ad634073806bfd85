/* SPDX-License-Identifier: GPL-3.0-or-later
 * events.csv is simulated; numbers for it are from astropy 5.2.1. */
#include "tests/check.h"

#include "stats/blocks.h"
#include "stats/rng.h"

enum { EVENTS = 294, SMALL = 11 };

/* Cells of one event each, with borders half way between events, as astropy's. */
static void cells_of_events(double *t, double *y, double *u)
{
    FILE *f = fopen("tests/data/oracle/events.csv", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*s"), 0);
    for (int i = 0; i < EVENTS; i++)
        assert_int_equal(fscanf(f, "%lf", &t[i]), 1);
    fclose(f);
    for (int i = 0; i < EVENTS; i++) {
        double from = i ? (t[i - 1] + t[i]) / 2 : t[0];
        double to = i + 1 < EVENTS ? (t[i] + t[i + 1]) / 2 : t[i];
        y[i] = 1;
        u[i] = to - from;
    }
}

/* bayesian_blocks(t, fitness='events', p0=.05) and (..., gamma=exp(-1)) */
static void blocks_of_events_are_those_of_astropy(void **state)
{
    (void)state;
    static const double edges[] = {6.97808362e5, 7.12961300e5, 8.27983963e5, 8.28080764e5};
    double t[EVENTS], y[EVENTS], u[EVENTS];
    size_t from[EVENTS];
    cells_of_events(t, y, u);
    assert_int_equal(blocks_find(y, u, EVENTS, 5.414789916133749, from), 1);
    assert_int_equal(blocks_find(y, u, EVENTS, 1, from), 5);
    for (size_t k = 1; k < 5; k++)
        assert_close((t[from[k] - 1] + t[from[k]]) / 2, edges[k - 1], 2e-9);
    double critical = blocks_critical(y, u, EVENTS);
    assert_true(critical > 1 && critical < 5.4148);
    assert_int_equal(blocks_find(y, u, EVENTS, critical, from), 1);
    assert_true(blocks_find(y, u, EVENTS, critical * .998, from) > 1);
}

static double fitness_of(const double *y, const double *u, unsigned borders, double penalty)
{
    double sum = 0, n = 0, e = 0;
    for (unsigned i = 0; i < SMALL; i++) {
        n += y[i];
        e += u[i];
        if (i + 1 < SMALL && !(borders >> i & 1))
            continue;
        sum += n > 0 && e > 0 ? n * log(n / e) : 0;
        sum -= i + 1 < SMALL ? penalty : 0;
        n = e = 0;
    }
    return sum;
}

/* Against all 1024 ways to cut eleven cells, some of them without exposure. */
static void the_blocks_found_are_the_best_of_all_ways_to_cut(void **state)
{
    (void)state;
    struct rng r;
    for (uint32_t trial = 0; trial < 200; trial++) {
        double y[SMALL], u[SMALL], best = -INFINITY;
        size_t from[SMALL];
        rng_stream(&r, 5, RNG_VALIDATE, 5, trial);
        double penalty = 3 * rng_unit(&r);
        for (int i = 0; i < SMALL; i++) {
            u[i] = rng_unit(&r) < .2 ? 0 : rng_unit(&r);
            y[i] = u[i] > 0 ? (double)rng_poisson(&r, (i < 5 ? 4 : 12) * u[i]) : 0;
        }
        unsigned found = 0;
        for (unsigned b = 0; b < 1u << (SMALL - 1); b++)
            best = fmax(best, fitness_of(y, u, b, penalty));
        size_t n = blocks_find(y, u, SMALL, penalty, from);
        for (size_t k = 1; k < n; k++)
            found |= 1u << (from[k] - 1);
        assert_near(fitness_of(y, u, found, penalty), best, 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_events_are_those_of_astropy),
        cmocka_unit_test(the_blocks_found_are_the_best_of_all_ways_to_cut),
    };
    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
