/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * odds - how many innocents would match, and what a match is then worth (methods.md B7).
 *
 * M units (organisations, blocks: never look-ups, which cluster), each of which shows the
 * pattern with probability p if innocent and s if not.
 *   innocent matches expected          M p
 *   likelihood ratio                   LR = s / p
 *   posterior at prior pi              1 / (1 + (1 - pi) / (pi LR))
 *   island: one of M + 1 is it, each as likely before; a match is found
 *                                      1 / (1 + M p / s)      (Eggleston 1983; Balding &
 *                                      Donnelly 1995, J. R. Statist. Soc. A 158:21)
 * The prosecutor's fallacy reads p, the chance of a match given innocence, as the chance of
 * innocence given a match.
 *
 * Search: a match found by looking through N of the units, and no other. Two hypotheses are
 * told apart, each with its likelihood ratio and the prior odds that go with it:
 *   this one is it        s / p                    pi / left
 *   one of the N is it    (s/p + (N - 1) m) / N    N pi / (1 - N pi)
 * with m = (1 - s) / (1 - p) what a miss leaves of one that did not match, and left =
 * 1 - N pi + (N - 1) pi m of all but this one. With s = 1 they are 1/p and 1/(N p) and have the
 * same posterior odds (Stockmarr 1999, Biometrics 55:671; Sjerps & Meester 2009); with s below
 * 1 another of the N may be it, so that the second has more, by Bayes' rule. Taking one's LR
 * with the other's prior is the error.
 */
#ifndef STATS_ODDS_H
#define STATS_ODDS_H

struct odds_question {
    double units;       /* M >= 1 */
    double p;           /* 0 < p <= 1 */
    double sensitivity; /* s; 0 < s <= 1 */
    double prior;       /* pi of this one unit; NAN: none is given, 1 / (M + 1) is used */
    double searched;    /* N >= 1, at most M + 1 */
};

struct odds_answer {
    double innocent_matches; /* M p */
    double any_innocent;     /* P(at least one) = 1 - (1 - p)^M */
    double lr;
    double prior, posterior; /* of this unit, before other units are counted */
    double island;
    double needed_prior; /* pi at which the posterior is 1/2 */
    /* The pair: LR, prior odds that go with it, and their product; at s = 1 these agree. */
    double suspect_lr, suspect_prior_odds, suspect_posterior_odds;
    double search_lr, search_prior_odds, search_posterior_odds;
};

struct odds_answer odds_answer_of(const struct odds_question *q);

#endif
