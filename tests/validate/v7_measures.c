/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V7, third part: measures of one cell of ratio 1 (IC025, Bayes factor; foil: the reporting
 * odds ratio and Fisher's p of look-ups that cluster), Chao's bound, and what a match is
 * worth. */
#include <math.h>
#include <stdio.h>

#include "models/crosstab.h"
#include "stats/gps.h"
#include "stats/odds.h"
#include "stats/tail.h"
#include "stats/twobytwo.h"
#include "stats/unseen.h"
#include "tests/made.h"
#include "tests/validate/validate.h"

enum { IC, FACTOR, ROR, FISHER, CELL_COLUMNS };

/* E from .5 to 50; each count of the table by look-ups that come three at a time. */
static void ratio_one(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    double expected = .5 * exp(log(100) * rng_unit(r)), at[] = {expected, 300, 400, 12000};
    uint64_t n = rng_poisson(r, expected), count[4];
    ret[IC] = ic_quantile(n, expected, .025) > 0;
    ret[FACTOR] = gamma_poisson_log_bf(n, expected, 1, 1) >= log(20);
    at[0] = at[1] * at[2] / at[3];
    for (int i = 0; i < 4; i++)
        count[i] = rng_negbin(r, at[i], at[i] / 5);
    struct twobytwo t = twobytwo_make(count[0], count[1], count[2], count[3], .95);
    ret[ROR] = t.ror_lo > 1;
    ret[FISHER] = exp(t.log_p_fisher);
}

/* Of 200 parties by Zipf, 500 look-ups: is Chao's bound at most the number not seen? */
static void bound(const void *ctx, struct rng *r, double *ret)
{
    enum { PARTIES = 200, N = 500 };
    (void)ctx;
    uint64_t count[PARTIES] = {0}, seen[PARTIES];
    double sum = 0;
    size_t n = 0;
    for (int i = 0; i < PARTIES; i++)
        sum += 1. / (i + 1);
    for (int k = 0; k < N; k++) {
        double u = rng_unit(r) * sum;
        int i = 0;
        while (i < PARTIES - 1 && (u -= 1. / (i + 1)) > 0)
            i++;
        count[i]++;
    }
    for (int i = 0; i < PARTIES; i++)
        if (count[i])
            seen[n++] = count[i];
    ret[0] = unseen_make(seen, n, 0, r).chao1 <= (double)(PARTIES - n);
}

/* One of M + 1 is it and shows the pattern with chance s, the others with p. Units are taken
 * at random until one shows it: is that one it? */
static void match(const void *ctx, struct rng *r, double *ret)
{
    const struct odds_question *q = ctx;
    uint32_t all = (uint32_t)q->units + 1;
    bool is_it;
    do {
        is_it = rng_below(r, all) == 0;
    } while (rng_unit(r) >= (is_it ? q->sensitivity : q->p));
    ret[0] = is_it;
    ret[1] = !is_it;
}

/* 30 names, 12 clients, 30 days, all pairs alike: p_peers of one name's first client; and the
 * binomial p of that client, as if it had been named beforehand. */
static void first_client(const void *ctx, struct rng *r, double *ret)
{
    enum { CLIENTS = 12, NAMES = 30, DAYS = 30, DAY = 86400 };
    (void)ctx;
    struct made m = {0};
    for (int c = 0; c < CLIENTS; c++)
        for (int n = 0; n < NAMES; n++)
            for (int d = 0; d < DAYS; d++)
                if (rng_unit(r) < .1) {
                    char client[16], name[24];
                    snprintf(client, sizeof client, "192.0.2.%d", c);
                    snprintf(name, sizeof name, "n%d.example", n);
                    made_add(&m, client, name, 1, (int64_t)d * DAY + 60, 1);
                }
    struct counts *c = made_counts(&m, 0, (int64_t)DAYS * DAY);
    struct window w;
    struct crosstab t = {0};
    window_make(&w, c, 0, 0);
    pairdays_make(&t.days, c, &w);
    ret[0] = ret[1] = 0;                   /* no table: against the method */
    if (crosstab_rows(&t, 1, NULL) == 0) { /* without the shrinker, the dear part */
        crosstab_peers(&t);
        uint32_t name = (uint32_t)rng_below(r, c->nnames);
        for (size_t i = 0; i < t.nrows; i++)
            if (t.rows[i].name == name && !isnan(t.rows[i].p_peers)) {
                uint64_t all = (uint64_t)t.days.name[name];
                ret[0] = t.rows[i].p_peers;
                ret[1] = exp(binomial_log_upper(t.rows[i].days, all, 1. / CLIENTS));
            }
    }
    crosstab_free(&t);
    window_free(&w);
    counts_free(c);
}

void v7_measures(struct validation *v)
{
    const struct validate_figure dominant[] = {
        {"p_peers at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"p_peers at .2", 0, FIGURE_SHARE, .2, 0, .2},
        {"foil: binomial p of the first client at .05", 1, FIGURE_SHARE, .05, .2, 1}};
    validate_run(v,
                 &(struct validate_plan){"V7", "30 names, 12 clients alike:", first_client,
                                         NULL, 2, dominant, 3, validate_pick(v, 10, 12000), 0});
    const struct validate_figure cell[] = {
        {"IC025 above 0", IC, FIGURE_MEAN, 0, 0, .025},
        {"Bayes factor 20 or more", FACTOR, FIGURE_MEAN, 0, 0, .05},
        {"foil: ROR's interval above 1, look-ups cluster", ROR, FIGURE_MEAN, 0, .1, 1},
        {"foil: Fisher's p at .05, look-ups cluster", FISHER, FIGURE_SHARE, .05, .1, 1}};
    validate_run(v, &(struct validate_plan){"V7", "a cell of ratio 1:", ratio_one, NULL,
                                            CELL_COLUMNS, cell, 4,
                                            validate_pick(v, 2000, 50000), 0});
    const struct validate_figure chao[] = {
        {"at most the number not seen", 0, FIGURE_MEAN, 0, .8, 1}};
    validate_run(v, &(struct validate_plan){"V7", "Chao's bound of 200 by Zipf:", bound, NULL,
                                            1, chao, 1, validate_pick(v, 200, 10000), 0});
    const struct odds_question q = {50, .02, .8, NAN, 1};
    double worth = odds_answer_of(&q).island;
    const struct validate_figure it[] = {
        {"the match is it, as island says", 0, FIGURE_MEAN, 0, worth, worth},
        {"foil: the match is not it, where p says .02", 1, FIGURE_MEAN, 0, .4, 1}};
    validate_run(v, &(struct validate_plan){"V7", "50 innocents at .02, .8 of the one:", match,
                                            &q, 2, it, 2, validate_pick(v, 2000, 50000), 0});
}
