/* SPDX-License-Identifier: GPL-3.0-or-later
 * Cuts against all ways to cut; dates of series whose steps are known. */
#include "tests/check.h"

#include "stats/blocks.h"
#include "stats/joint.h"
#include "stats/rng.h"
#include "stats/split.h"

enum { SMALL = 12, SERIES = 3, N = 60 };

/* Sum over series of weight (N ln(N/U)), less the penalty of each border; -INFINITY where a
 * block has fewer than `least` cells. Bit i of borders: a block ends with cell i. */
static double worth(double y[SERIES][SMALL], double u[SERIES][SMALL], const double *weight,
                    unsigned borders, size_t least, double penalty)
{
    double sum = 0;
    for (size_t from = 0, to = 1; to <= SMALL; to++) {
        if (to < SMALL && !(borders >> (to - 1) & 1))
            continue;
        if (to - from < least)
            return -INFINITY;
        for (size_t k = 0; k < SERIES; k++) {
            double n = 0, e = 0;
            for (size_t i = from; i < to; i++) {
                n += y[k][i];
                e += u[k][i];
            }
            sum += n > 0 && e > 0 ? weight[k] * n * log(n / e) : 0;
        }
        sum -= to < SMALL ? penalty : 0;
        from = to;
    }
    return sum;
}

static void draw(double y[SERIES][SMALL], double u[SERIES][SMALL], double *weight,
                 uint32_t trial)
{
    struct rng r;
    rng_stream(&r, 6, RNG_VALIDATE, 6, trial);
    for (size_t k = 0; k < SERIES; k++) {
        weight[k] = .3 + rng_unit(&r);
        for (size_t i = 0; i < SMALL; i++) {
            u[k][i] = rng_unit(&r) < .15 ? 0 : rng_unit(&r);
            y[k][i] = u[k][i] > 0 ? (double)rng_poisson(&r, (i < 4 + k ? 5 : 12) * u[k][i]) : 0;
        }
    }
}

static unsigned borders_of(const size_t *from, size_t blocks)
{
    unsigned b = 0;
    for (size_t k = 1; k < blocks; k++)
        b |= 1u << (from[k] - 1);
    return b;
}

/* 100 draws, all 2048 ways to cut twelve cells, three series with weights. */
static void the_cut_in_common_is_the_best_of_all_ways_to_cut(void **state)
{
    (void)state;
    for (uint32_t trial = 0; trial < 100; trial++) {
        double y[SERIES][SMALL], u[SERIES][SMALL], weight[SERIES];
        double one[SMALL * (SMALL + 1) / 2], gain[SMALL * (SMALL + 1) / 2] = {0};
        size_t from[SMALL + 1], least = 1 + trial % 3, pieces = 1 + trial % 4;
        draw(y, u, weight, trial);
        for (size_t k = 0; k < SERIES; k++) {
            blocks_gains(y[k], u[k], SMALL, one);
            for (size_t g = 0; g < blocks_pairs(SMALL); g++)
                gain[g] += weight[k] * one[g];
        }
        double penalty = .5 + trial % 7, best = -INFINITY, best_of = -INFINITY, critical = 0,
               none = worth(y, u, weight, 0, least, 0);
        for (unsigned b = 0; b < 1u << (SMALL - 1); b++) {
            size_t cuts = (size_t)__builtin_popcount(b);
            best = fmax(best, worth(y, u, weight, b, least, penalty));
            if (cuts + 1 == pieces)
                best_of = fmax(best_of, worth(y, u, weight, b, least, 0));
            if (b)
                critical =
                    fmax(critical, (worth(y, u, weight, b, least, 0) - none) / (double)cuts);
        }
        size_t n = blocks_cut(gain, SMALL, least, penalty, from);
        assert_near(worth(y, u, weight, borders_of(from, n), least, penalty), best, 1e-9);
        n = blocks_cut_into(gain, SMALL, least, pieces, from);
        assert_int_equal(n, pieces);
        assert_near(worth(y, u, weight, borders_of(from, n), least, 0), best_of, 1e-9);
        assert_close(blocks_cut_critical(gain, SMALL, least), critical, 2e-3);
    }
}

/* Three series of 60 cells; even but for the steps. */
static void make(double y[SERIES][N], double *e, struct joint_series *s, const double *step,
                 const size_t *at)
{
    static const double wave[] = {10, 12, 9, 11, 8, 10};
    for (size_t k = 0; k < SERIES; k++) {
        for (size_t i = 0; i < N; i++) {
            e[i] = 1;
            y[k][i] = wave[(i * (k + 1) + k) % 6] * (i >= at[k] ? step[k] : 1);
        }
        s[k] = (struct joint_series){y[k], e, k + 1};
    }
}

static void a_step_that_all_take_is_one_date_of_all(void **state)
{
    (void)state;
    double y[SERIES][N], e[N];
    struct joint_series s[SERIES];
    struct joint j;
    struct joint_opts o = {1, 1, 199};
    make(y, e, s, (double[]){2, 2, 2}, (size_t[]){31, 31, 31});
    assert_int_equal(joint_find(&j, s, SERIES, N, &o), 0);
    assert_int_equal(j.ndates, 1);
    const struct joint_date *d = &j.dates[0];
    assert_int_equal(d->at, 31);
    assert_true(d->lo >= 29 && d->lo <= 31 && d->hi >= 31 && d->hi <= 33);
    assert_close(exp(j.log_p), 1 / 200., 1e-12);
    assert_true(d->log_p_apart > log(.2));
    double sum = 0;
    for (size_t k = 0; k < SERIES; k++) {
        double lr = split_lr(y[k], e, N, 31);
        assert_close(d->part[k].statistic, lr / j.phi[k], 1e-9);
        assert_true(d->part[k].log_p_joint <= log(.05) && d->part[k].log_p <= log(.05));
        assert_true(d->part[k].log_p_joint >= d->part[k].log_p - 1e-12);
        sum += d->part[k].statistic;
    }
    assert_close(d->statistic, sum, 1e-12);
    joint_free(&j);
}

static void a_series_that_stays_even_takes_no_part(void **state)
{
    (void)state;
    double y[SERIES][N], e[N];
    struct joint_series s[SERIES];
    struct joint j;
    struct joint_opts o = {1, 1, 199};
    make(y, e, s, (double[]){2, 1, 2}, (size_t[]){31, 31, 31});
    assert_int_equal(joint_find(&j, s, SERIES, N, &o), 0);
    assert_int_equal(j.ndates, 1);
    assert_true(j.dates[0].part[0].log_p_joint <= log(.05));
    assert_true(j.dates[0].part[1].log_p_joint > log(.5));
    joint_free(&j);
}

/* None where there is no step; steps on two days are two dates, or one that is not one. */
static void steps_on_other_days_are_not_one_date(void **state)
{
    (void)state;
    double y[SERIES][N], e[N];
    struct joint_series s[SERIES];
    struct joint j;
    struct joint_opts o = {1, 1, 199};
    make(y, e, s, (double[]){1, 1, 1}, (size_t[]){31, 31, 31});
    assert_int_equal(joint_find(&j, s, SERIES, N, &o), 0);
    assert_int_equal(j.ndates, 0);
    assert_true(j.log_p > log(.05));
    joint_free(&j);
    make(y, e, s, (double[]){2, 2, 2}, (size_t[]){20, 40, 40});
    assert_int_equal(joint_find(&j, s, SERIES, N, &o), 0);
    assert_int_equal(j.ndates, 2);
    assert_int_equal(j.dates[0].at, 20);
    assert_int_equal(j.dates[1].at, 40);
    assert_true(j.dates[0].part[0].log_p_joint < j.dates[1].part[0].log_p_joint);
    joint_free(&j);
    make(y, e, s, (double[]){2, 2, 2}, (size_t[]){30, 32, 32});
    assert_int_equal(joint_find(&j, s, SERIES, N, &o), 0);
    assert_true(j.ndates == 2 || (j.ndates == 1 && j.dates[0].log_p_apart <= log(.05)));
    joint_free(&j);
}

static void p_of_a_series_does_not_hang_on_its_place(void **state)
{
    (void)state;
    double y[SERIES][N], e[N];
    struct joint_series s[SERIES], turned[SERIES];
    struct joint a, b;
    struct joint_opts o = {1, 1, 99};
    make(y, e, s, (double[]){1.3, 1, 1.5}, (size_t[]){31, 31, 31});
    for (size_t k = 0; k < SERIES; k++)
        turned[k] = s[SERIES - 1 - k];
    assert_int_equal(joint_find(&a, s, SERIES, N, &o), 0);
    assert_int_equal(joint_find(&b, turned, SERIES, N, &o), 0);
    assert_int_equal(a.ndates, b.ndates);
    assert_close(a.log_p, b.log_p, 1e-9);
    for (size_t k = 0; k < SERIES && a.ndates; k++)
        assert_close(a.dates[0].part[k].log_p, b.dates[0].part[SERIES - 1 - k].log_p, 1e-9);
    joint_free(&a);
    joint_free(&b);
}

static void too_little_is_refused(void **state)
{
    (void)state;
    double y[N] = {4, 5}, e[N];
    struct joint j;
    struct joint_opts o = {1, 1, 99};
    for (size_t i = 0; i < N; i++)
        e[i] = 1;
    struct joint_series s = {y, e, 1};
    assert_int_equal(joint_find(&j, &s, 0, N, &o), -1);
    assert_int_equal(joint_find(&j, &s, 1, N, &o), -1);
    y[2] = 1;
    assert_int_equal(joint_find(&j, &s, 1, JOINT_CELLS - 1, &o), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cut_in_common_is_the_best_of_all_ways_to_cut),
        cmocka_unit_test(a_step_that_all_take_is_one_date_of_all),
        cmocka_unit_test(a_series_that_stays_even_takes_no_part),
        cmocka_unit_test(steps_on_other_days_are_not_one_date),
        cmocka_unit_test(p_of_a_series_does_not_hang_on_its_place),
        cmocka_unit_test(too_little_is_refused),
    };
    return cmocka_run_group_tests_name("joint", tests, NULL, NULL);
}
