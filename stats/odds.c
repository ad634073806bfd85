/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pair after Stockmarr, for a search in which exactly one of N matched, had by p (1 - p)^(N
 * - 1) where the one that is it lies outside the N. Where it is this one, s/p times as often;
 * where it is one of the others, `missed` times, which is 0 with s = 1: then "this one" and
 * "one of the N" are the same hypothesis after the search. */
#include "stats/odds.h"

#include <math.h>

struct odds_answer odds_answer_of(const struct odds_question *q)
{
    double prior = isnan(q->prior) ? 1 / (q->units + 1) : q->prior, lr = q->sensitivity / q->p;
    double outside = fmax(0, 1 - q->searched * prior), others = q->searched - 1;
    double missed = q->p < 1 ? (1 - q->sensitivity) / (1 - q->p) : 1;
    double left = outside + others * prior * missed;
    struct odds_answer a = {
        .innocent_matches = q->units * q->p,
        .any_innocent = q->p < 1 ? -expm1(q->units * log1p(-q->p)) : 1,
        .lr = lr,
        .prior = prior,
        .posterior = 1 / (1 + (1 - prior) / (prior * lr)),
        .island = 1 / (1 + q->units * q->p / q->sensitivity),
        .needed_prior = 1 / (1 + lr),
        .suspect_lr = lr,
        .suspect_prior_odds = left > 0 ? prior / left : INFINITY,
        .search_lr = (lr + others * missed) / q->searched,
        .search_prior_odds = outside > 0 ? q->searched * prior / outside : INFINITY,
    };
    a.suspect_posterior_odds = a.suspect_lr * a.suspect_prior_odds;
    a.search_posterior_odds = a.search_lr * a.search_prior_odds;
    return a;
}
