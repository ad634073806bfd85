/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pair after Stockmarr, for a search in which exactly one of N matched: the N - 1
 * others are then not it, so the search-centred alternative is that it is outside the N,
 * and both hypotheses have the same posterior odds by arithmetic. */
#include "stats/odds.h"

#include <math.h>

struct odds_answer odds_answer_of(const struct odds_question *q)
{
    double prior = isnan(q->prior) ? 1 / (q->units + 1) : q->prior, lr = q->sensitivity / q->p;
    struct odds_answer a = {
        .innocent_matches = q->units * q->p,
        .any_innocent = q->p < 1 ? -expm1(q->units * log1p(-q->p)) : 1,
        .lr = lr,
        .prior = prior,
        .posterior = 1 / (1 + (1 - prior) / (prior * lr)),
        .island = 1 / (1 + q->units * q->p / q->sensitivity),
        .needed_prior = 1 / (1 + lr),
        .suspect_lr = lr,
        .search_lr = lr / q->searched,
    };
    /* One of the N matched: each had the prior of this one; those that did not match are
     * out (s = 1 would exclude them; below 1 this keeps a little too much against it). */
    double outside = 1 - q->searched * prior;
    a.suspect_prior_odds = outside > 0 ? prior / outside : INFINITY;
    a.search_prior_odds = outside > 0 ? q->searched * prior / outside : INFINITY;
    a.suspect_posterior_odds = a.suspect_lr * a.suspect_prior_odds;
    a.search_posterior_odds = a.search_lr * a.search_prior_odds;
    return a;
}
