/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pair after Stockmarr, for a search in which exactly one of N matched. With s = 1 the
 * N - 1 others are then not it, so the search-centred alternative is that it is outside the N,
 * and both hypotheses have the same posterior odds by arithmetic. With s below 1 each of them
 * may still be it: that it did not match, and this one did, is (1 - s) p, where one outside
 * would have made it (1 - p) p. */
#include "stats/odds.h"

#include <math.h>

/* Of all priors but this one's, each as far as the search leaves it. */
static double left_beside(const struct odds_question *q, double prior)
{
    double missed = q->p < 1 ? (1 - q->sensitivity) / (1 - q->p) : 1;
    return fmax(0, 1 - q->searched * prior) + (q->searched - 1) * prior * missed;
}

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
    double left = left_beside(q, prior);
    a.suspect_prior_odds = left > 0 ? prior / left : INFINITY;
    a.search_prior_odds = left > 0 ? q->searched * prior / left : INFINITY;
    a.suspect_posterior_odds = a.suspect_lr * a.suspect_prior_odds;
    a.search_posterior_odds = a.search_lr * a.search_prior_odds;
    return a;
}
