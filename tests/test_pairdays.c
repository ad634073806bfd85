/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reference numbers: R 4.2.2, the same equations by 20,000 rounds of plain scaling over all
 * cells, and uniroot for a pair without itself. */
#include "models/pairdays.h"
#include "stats/rng.h"
#include "tests/check.h"
#include "tests/made.h"

enum { I = 4, J = 5, D = 9, DAY = 86400 };

/* Client i asks for name j on day d where (7i + 5j + 3d) mod 11 < i + j mod 3, all from 1;
 * listening starts at noon of day 1 and ends at 6:00 of day 9. */
static struct counts *table(void)
{
    struct made m = {0};
    for (int i = 1; i <= I; i++)
        for (int j = 1; j <= J; j++)
            for (int d = 1; d <= D; d++) {
                char client[16], name[16];
                if ((7 * i + 5 * j + 3 * d) % 11 >= i + j % 3)
                    continue;
                snprintf(client, sizeof client, "192.0.2.%d", i);
                snprintf(name, sizeof name, "n%d.example", j);
                int64_t at = (d - 1) * DAY + (d == 1 ? 50000 : 10000);
                made_add(&m, client, name, 1, at, 3);
                made_add(&m, client, name, i == 1 ? 28 : 1, at + 9, 1); /* another type */
            }
    return made_counts(&m, DAY / 2, 8 * DAY + DAY / 4);
}

static void open_table(struct counts **c, struct window *w, struct pairdays *p)
{
    *c = table();
    window_make(w, *c, 0, 0);
    pairdays_make(p, *c, w);
}

static void close_table(struct counts *c, struct window *w, struct pairdays *p)
{
    pairdays_free(p);
    window_free(w);
    counts_free(c);
}

static void a_day_counts_once_whatever_was_asked_in_it(void **state)
{
    (void)state;
    struct counts *c;
    struct window w;
    struct pairdays p;
    open_table(&c, &w, &p);
    assert_int_equal(p.ndays, D);
    assert_near(p.live[0], .5, 1e-12);
    assert_near(p.live[8], .25, 1e-12);
    double clients = 0, names = 0, days = 0;
    for (int i = 0; i < I; i++)
        clients += p.client[i];
    for (int j = 0; j < J; j++)
        names += p.name[j];
    for (int d = 0; d < D; d++)
        days += p.per_day[d];
    assert_true(clients == p.total && names == p.total && days == p.total);
    const struct pairdays_cell *cell = pairdays_find(&p, 0, 1);
    assert_non_null(cell);
    assert_true(cell->lookups == 4 * (uint64_t)cell->n);
    close_table(c, &w, &p);
}

static void fitted_days_add_up_to_every_margin(void **state)
{
    (void)state;
    struct counts *c;
    struct window w;
    struct pairdays p;
    struct err err;
    open_table(&c, &w, &p);
    assert_int_equal(pairdays_fit(&p, &err), 0);
    double client[I] = {0}, name[J] = {0}, day[D] = {0}, chance[D];
    for (int i = 0; i < I; i++)
        for (int j = 0; j < J; j++) {
            pairdays_chances_of(&p, p.alpha[i] * p.beta[j], chance);
            for (int d = 0; d < D; d++) {
                client[i] += chance[d];
                name[j] += chance[d];
                day[d] += chance[d];
            }
        }
    for (int i = 0; i < I; i++)
        assert_close(client[i], p.client[i], 1e-6);
    for (int j = 0; j < J; j++)
        assert_close(name[j], p.name[j], 1e-6);
    for (int d = 0; d < D; d++)
        assert_close(day[d], p.per_day[d], 1e-6);
    close_table(c, &w, &p);
}

static void chances_are_those_of_plain_scaling_in_r(void **state)
{
    (void)state;
    static const double fitted[D] = {.190740837237, .190740837237, .159346725989,
                                     .159346725989, .190740837237, .190740837237,
                                     .223965818551, .159346725989, .190740837237},
                        without[D] = {.173812414412, .173812414412, .144950961396,
                                      .144950961396, .173812414412, .173812414412,
                                      .204476687701, .144950961396, .173812414412};
    struct counts *c;
    struct window w;
    struct pairdays p;
    double chance[D], sum = 0;
    open_table(&c, &w, &p);
    assert_int_equal(pairdays_fit_at(&p, 0, NULL), 0);
    pairdays_chances_of(&p, p.alpha[1] * p.beta[2], chance);
    for (int d = 0; d < D; d++)
        assert_close(chance[d], fitted[d], 1e-5);
    pairdays_chances_of(&p, p.alpha[3] * p.beta[1], chance);
    for (int d = 0; d < D; d++)
        sum += chance[d];
    assert_close(sum, 5.08703179036, 1e-5);
    assert_true(pairdays_chances(&p, 1, 2, chance));
    for (int d = 0; d < D; d++)
        assert_close(chance[d], without[d], 1e-5);
    close_table(c, &w, &p);
}

static void an_extreme_pair_moves_its_own_expectation_by_a_tenth_at_most(void **state)
{
    (void)state;
    double expected[2];
    for (int extra = 0; extra < 2; extra++) {
        struct made m = {0};
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++)
                for (int d = 0; d < 30; d++) {
                    char client[16], name[16];
                    bool own = i == 0 && j == 0 && extra;
                    if (!own && (5 * i + 11 * j + 7 * d) % 10 > 1)
                        continue;
                    snprintf(client, sizeof client, "192.0.2.%d", i);
                    snprintf(name, sizeof name, "n%d.example", j);
                    made_add(&m, client, name, 1, d * DAY + 60, 1);
                }
        struct counts *c = made_counts(&m, 0, 30 * DAY);
        struct window w;
        struct pairdays p;
        double chance[31];
        window_make(&w, c, 0, 0);
        pairdays_make(&p, c, &w);
        assert_int_equal(pairdays_fit_at(&p, 0, NULL), 0);
        assert_true(pairdays_chances(&p, 0, 0, chance));
        expected[extra] = 0;
        for (int d = 0; d < 30; d++)
            expected[extra] += chance[d];
        close_table(c, &w, &p);
    }
    assert_close(expected[1], expected[0], .12); /* the others' factors move */
}

static void a_client_of_one_name_has_no_expectation(void **state)
{
    (void)state;
    struct made m = {0};
    made_add(&m, "192.0.2.1", "a.example", 1, 100, 1);
    made_add(&m, "192.0.2.2", "a.example", 1, 100, 1);
    made_add(&m, "192.0.2.2", "b.example", 1, 100, 1);
    struct counts *c = made_counts(&m, 0, 2 * DAY);
    struct window w;
    struct pairdays p;
    double chance[3];
    window_make(&w, c, 0, 0);
    pairdays_make(&p, c, &w);
    assert_int_equal(pairdays_fit(&p, NULL), 0);
    assert_false(pairdays_chances(&p, 0, 0, chance));
    close_table(c, &w, &p);
}

static void a_table_that_is_full_is_fitted_by_chances_of_one(void **state)
{
    (void)state;
    struct made m = {0};
    for (int d = 0; d < 20; d++) {
        made_add(&m, "192.0.2.1", "a.example", 1, d * DAY + 7, 1);
        made_add(&m, "192.0.2.2", "a.example", 1, d * DAY + 7, 1);
        made_add(&m, "192.0.2.2", "b.example", 1, d * DAY + 7, 1);
        made_add(&m, "192.0.2.1", "b.example", 1, d * DAY + 7, 1);
    }
    struct counts *c = made_counts(&m, 0, 20 * DAY);
    struct window w;
    struct pairdays p;
    double chance[20];
    window_make(&w, c, 0, 0);
    pairdays_make(&p, c, &w);
    assert_int_equal(pairdays_fit(&p, NULL), 0);
    pairdays_chances_of(&p, p.alpha[0] * p.beta[0], chance);
    assert_near(chance[5], 1, 1e-6);
    close_table(c, &w, &p);
}

/* Cells whose days are negative binomial of size 1/2: lambda 2. */
static void lambda_is_that_of_the_counts_behind_the_days(void **state)
{
    (void)state;
    struct made m = {0};
    struct rng r;
    rng_stream(&r, 5, RNG_VALIDATE, 3, 0);
    for (int i = 0; i < 30; i++)
        for (int j = 0; j < 30; j++)
            for (int d = 0; d < 60; d++) {
                char client[16], name[24];
                if (!rng_negbin(&r, .0002 * (1 + i * i) * (1 + j), .5))
                    continue;
                snprintf(client, sizeof client, "192.0.2.%d", i);
                snprintf(name, sizeof name, "n%d.example", j);
                made_add(&m, client, name, 1, d * DAY + 60, 1);
            }
    struct counts *c = made_counts(&m, 0, 60 * DAY);
    struct window w;
    struct pairdays p;
    window_make(&w, c, 0, 0);
    pairdays_make(&p, c, &w);
    assert_int_equal(pairdays_fit(&p, NULL), 0);
    assert_true(p.lambda > 1.5 && p.lambda < 2.7);
    close_table(c, &w, &p);
}

/* 300 clients and names of 300 totals are more than the 64 that are solved one by one. */
static void totals_in_eighths_of_an_octave_meet_the_margins(void **state)
{
    (void)state;
    struct made m = {0};
    struct rng r;
    rng_stream(&r, 4, RNG_VALIDATE, 2, 0);
    for (int i = 0; i < 150; i++)
        for (int j = 0; j < 150; j++)
            for (int d = 0; d < 20; d++) {
                char client[16], name[24];
                if (rng_unit(&r) > .3 * (i + 5.) * (j + 5.) / (155 * 155.))
                    continue;
                snprintf(client, sizeof client, "192.0.2.%d", i);
                snprintf(name, sizeof name, "n%d.example", j);
                made_add(&m, client, name, 1, d * DAY + 60, 1);
            }
    struct counts *c = made_counts(&m, 0, 20 * DAY);
    struct window w;
    struct pairdays p;
    double chance[20];
    window_make(&w, c, 0, 0);
    pairdays_make(&p, c, &w);
    assert_int_equal(pairdays_fit(&p, NULL), 0);
    for (uint32_t i = 0; i < 150; i += 17) {
        double sum = 0;
        for (uint32_t j = 0; j < 150; j++) {
            pairdays_chances_of(&p, p.alpha[i] * p.beta[j], chance);
            for (int d = 0; d < 20; d++)
                sum += chance[d];
        }
        assert_close(sum, p.client[i], .004);
    }
    close_table(c, &w, &p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_counts_once_whatever_was_asked_in_it),
        cmocka_unit_test(fitted_days_add_up_to_every_margin),
        cmocka_unit_test(chances_are_those_of_plain_scaling_in_r),
        cmocka_unit_test(an_extreme_pair_moves_its_own_expectation_by_a_tenth_at_most),
        cmocka_unit_test(a_client_of_one_name_has_no_expectation),
        cmocka_unit_test(a_table_that_is_full_is_fitted_by_chances_of_one),
        cmocka_unit_test(lambda_is_that_of_the_counts_behind_the_days),
        cmocka_unit_test(totals_in_eighths_of_an_octave_meet_the_margins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
