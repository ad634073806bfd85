/* SPDX-License-Identifier: GPL-3.0-or-later
 * Leave-one-out expectations by hand, theta against a direct search over the full
 * likelihood, and the size of the level test on negative binomial quasi-independent
 * tables. */
#include "tests/check.h"

#include <stdbool.h>

#include "base/mem.h"
#include "models/peers.h"
#include "stats/rng.h"
#include "stats/tail.h"

struct table2 {
    struct peers_cell *cells;
    size_t n, nclients, nnames;
};

/* x[i][j] ~ NB(scale r_i c_j, theta), margins lognormal. Cells without a look-up are
 * left out, as in a case. */
static struct table2 draw_table(uint64_t seed, size_t nclients, size_t nnames, double scale,
                                double sigma, double theta)
{
    struct rng r;
    rng_stream(&r, seed, RNG_VALIDATE, 1, 0);
    struct table2 t = {mem_alloc(nclients * nnames * sizeof *t.cells), 0, nclients, nnames};
    double *name = mem_alloc(nnames * sizeof *name);
    for (size_t j = 0; j < nnames; j++)
        name[j] = exp(sigma * rng_normal(&r));
    for (uint32_t i = 0; i < nclients; i++) {
        double client = scale * exp(sigma * rng_normal(&r));
        for (uint32_t j = 0; j < nnames; j++) {
            uint64_t x = rng_negbin(&r, client * name[j], theta);
            if (x)
                t.cells[t.n++] = (struct peers_cell){i, j, x};
        }
    }
    free(name);
    return t;
}

static void the_expectation_leaves_the_cell_out(void **state)
{
    (void)state;
    /* 3 x 3: rows 8 2 0 / 4 1 3 / 0 0 5 */
    struct peers_cell cells[] = {{0, 0, 8}, {0, 1, 2}, {1, 0, 4},
                                 {1, 1, 1}, {1, 2, 3}, {2, 2, 5}};
    struct peers p;
    peers_make(&p, cells, 6, 3, 3, 1);
    /* cell (0,0): R 10, C 12, N 23: 2 * 4 / (23 - 10 - 12 + 8) = 8/9 */
    assert_close(peers_expected(&p, 0), 8. / 9, 1e-15);
    /* (1,2): R 8, C 8: 5 * 5 / (23 - 16 + 3) = 2.5 */
    assert_close(peers_expected(&p, 4), 2.5, 1e-15);
    /* (2,2): its client asked for nothing else */
    assert_true(isnan(peers_expected(&p, 5)));
    peers_free(&p);
}

/* The same sum written out over every cell of the table. */
static double full_loglik(const struct table2 *t, const struct peers *p, size_t without,
                          double theta)
{
    double sum = 0;
    for (uint32_t i = 0; i < t->nclients; i++)
        for (uint32_t j = 0; j < t->nnames; j++) {
            size_t at = t->n;
            for (size_t k = 0; k < t->n; k++)
                if (t->cells[k].client == i && t->cells[k].name == j)
                    at = k;
            if (at == without && at < t->n)
                continue;
            double x = at < t->n ? (double)t->cells[at].x : 0;
            double r = p->client[i], c = p->name[j], rest = p->total - r - c + x;
            if (r > x && c > x && rest > 0)
                sum += negbin_logpmf((uint64_t)x, (r - x) * (c - x) / rest, theta);
        }
    return sum;
}

static double search_theta(const struct table2 *t, const struct peers *p, size_t without)
{
    double best = -8, step = .5;
    for (double x = -8; x <= 14; x += step)
        if (full_loglik(t, p, without, exp(x)) > full_loglik(t, p, without, exp(best)))
            best = x;
    for (; step > 1e-4; step /= 2)
        for (int k = -2; k <= 2; k++)
            if (full_loglik(t, p, without, exp(best + k * step / 2)) >
                full_loglik(t, p, without, exp(best)))
                best += k * step / 2;
    return best;
}

static void theta_is_that_of_the_full_likelihood_without_the_cell(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct table2 t = draw_table(seed, 7, 8, 3, .7, .5 * (double)seed);
        t.cells[3].x *= 20; /* one cell that matters */
        struct peers p;
        peers_make(&p, t.cells, t.n, t.nclients, t.nnames, 1);
        size_t which[] = {0, 3, SIZE_MAX};
        for (size_t k = 0; k < 3; k++) {
            double full = search_theta(&t, &p, which[k]);
            assert_near(log(peers_theta(&p, which[k])), full, .02);
        }
        assert_true(peers_theta(&p, 3) > peers_theta(&p, SIZE_MAX)); /* it drove it down */
        peers_free(&p);
        free(t.cells);
    }
}

static void the_table_is_the_full_likelihood_at_every_grid_point(void **state)
{
    (void)state;
    struct table2 t = draw_table(9, 9, 6, 2, 1, 1);
    struct peers p;
    peers_make(&p, t.cells, t.n, t.nclients, t.nnames, 2);
    for (size_t k = 0; k < PEERS_GRID; k++)
        assert_close(p.loglik[k], full_loglik(&t, &p, SIZE_MAX, exp(peers_ln_theta(k))), 1e-9);
    peers_free(&p);
    free(t.cells);
}

/* Sum over empty cells of a table by every pair of totals, at one theta. */
static double exact_loglik(const struct table2 *t, const struct peers *p, double theta)
{
    double sum = 0;
    for (uint32_t i = 0; i < t->nclients; i++)
        for (uint32_t j = 0; j < t->nnames; j++) {
            double rest = p->total - p->client[i] - p->name[j];
            double mu = p->client[i] * p->name[j] / rest;
            if (mu > 0 && rest > 0)
                sum -= theta * log1p(mu / theta);
        }
    for (size_t k = 0; k < t->n; k++) {
        double r = p->client[t->cells[k].client], c = p->name[t->cells[k].name];
        sum += theta * log1p(r * c / (p->total - r - c) / theta);
        double mu = peers_expected(p, k);
        if (mu > 0)
            sum += negbin_logpmf(t->cells[k].x, mu, theta);
    }
    return sum;
}

static void binned_totals_move_the_sum_by_less_than_a_part_in_ten_thousand(void **state)
{
    (void)state;
    struct table2 t = draw_table(11, 900, 1100, .3, 1.5, .5);
    struct peers p;
    peers_make(&p, t.cells, t.n, t.nclients, t.nnames, 1);
    for (size_t k = 20; k < PEERS_GRID; k += 12)
        assert_close(p.loglik[k], exact_loglik(&t, &p, exp(peers_ln_theta(k))), 1e-4);
    peers_free(&p);
    free(t.cells);
}

/* Share of tested cells with p, mid-p or a randomised p at most alpha. */
struct size {
    double p, mid, random, random01, random001;
    size_t n;
    double ks; /* of the randomised p, times sqrt(n) */
};

static struct size level_size(double theta, double scale, double sigma, double alpha,
                              size_t tables)
{
    struct size s = {0};
    struct rng u;
    rng_stream(&u, 5, RNG_VALIDATE, 2, 0);
    enum { BINS = 20 };
    double bin[BINS] = {0};
    for (size_t k = 0; k < tables; k++) {
        struct table2 t = draw_table(100 + k, 60, 80, scale, sigma, theta);
        struct peers p;
        peers_make(&p, t.cells, t.n, t.nclients, t.nnames, 1);
        size_t at = 0; /* all cells, empty ones too: a fixed design, not the largest */
        for (uint32_t i = 0; i < t.nclients; i++)
            for (uint32_t j = 0; j < t.nnames; j++) {
                bool have = at < t.n && t.cells[at].client == i && t.cells[at].name == j;
                uint64_t x = have ? t.cells[at].x : 0;
                double r = p.client[i], c = p.name[j];
                double mu = (r - (double)x) * (c - (double)x) / (p.total - r - c + (double)x);
                double th = peers_theta(&p, have ? at : SIZE_MAX);
                at += have;
                if (!(mu > 1))
                    continue;
                double up = negbin_log_upper(x, mu, th), pmf = negbin_logpmf(x, mu, th);
                double random = exp(log_randomp(up, pmf, rng_unit(&u)));
                s.p += exp(up) <= alpha;
                s.mid += exp(log_midp(up, pmf)) <= alpha;
                s.random += random <= alpha;
                s.random01 += random <= .01;
                s.random001 += random <= .001;
                bin[(size_t)fmin(BINS - 1, random * BINS)]++;
                s.n++;
            }
        peers_free(&p);
        free(t.cells);
    }
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
        sum += bin[b];
        s.ks = fmax(s.ks, fabs(sum / (double)s.n - (b + 1.) / BINS));
    }
    s.p /= (double)s.n;
    s.mid /= (double)s.n;
    s.random /= (double)s.n;
    s.random01 /= (double)s.n;
    s.random001 /= (double)s.n;
    return s;
}

static void level_p_is_uniform_on_quasi_independent_tables(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        double theta = k == 0 ? .5 : k == 1 ? 2 : 10;
        struct size s = level_size(theta, 5, .7, .05, 12);
        print_message("note: theta %g: %zu cells, size at .05: p %.4f, mid %.4f, random %.4f, "
                      "at .01 %.4f, at .001 %.5f, largest distance to uniform %.4f\n",
                      theta, s.n, s.p, s.mid, s.random, s.random01, s.random001, s.ks);
        /* The errors of the two margins are multiplied, not gamma: the more the cells
         * scatter, the more the far tail is too thin (models/level.h mends it). */
        assert_true(s.p <= .058 && s.random >= .0435 && s.random <= .062);
        assert_true(s.random01 <= .015 && s.random001 <= .003);
        assert_true(s.ks < .02);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_expectation_leaves_the_cell_out),
        cmocka_unit_test(theta_is_that_of_the_full_likelihood_without_the_cell),
        cmocka_unit_test(the_table_is_the_full_likelihood_at_every_grid_point),
        cmocka_unit_test(binned_totals_move_the_sum_by_less_than_a_part_in_ten_thousand),
        cmocka_unit_test(level_p_is_uniform_on_quasi_independent_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
