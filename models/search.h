/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * search - the price of a search whose looks are in the case: every pair, window, time zone,
 * lag, date, list or statistic that was looked at takes the claim's place in each replicate.
 *
 *     searched:
 *       pairs: [offices, shops]                    # all of these groups in the case
 *       zones: [Europe/Moscow, America/New_York]
 *       looks: 3                                   # nothing else is known of these
 *
 * K alternatives are all combinations of the axes that are written out; the claim itself is one
 * more. A null is run on each with as many replicates as on the claim, and replicate r of all
 * of them is one joint surrogate:
 *
 *   one pair, other zones, lags, dates, lists, statistics   the same random numbers, so the
 *                         same drawn log: all dependence is kept
 *   other pairs           signs of blocks of days are shared (nulls `days`, `sensors`), so what
 *                         pairs have in common by day is kept; what is drawn from a pair's own
 *                         fit is drawn apart
 *   other windows         drawn apart
 *   rotations             shift k of every list (`rotation`, `weeks`): a group, exact
 *
 * Drawn apart, the price is that of independent looks, which positive dependence only makes
 * too high. p after the price is step-down maxT of Westfall & Young over standardised
 * statistics (multi_maxt_standard); looks that were given as numbers are paid by Sidak on top.
 * Exact nulls, and ranks among controls, have no replicates: Sidak over all looks, and the
 * result says so. Alternatives that cannot be tested (too few data) are left out and counted.
 *
 * A synchrony claim whose p of one look is above alpha is spared the draws.
 * Replicates grow 999, 9,999, ... until the 99 % Monte Carlo interval of the joint p excludes
 * alpha, to max_replicates, and no more than SEARCH_DRAWS statistics (SEARCH_SLOW of the
 * synchrony window); beyond, Sidak. Whether a null can pay at all is Sidak's rule over all
 * looks (why `resolution`).
 */
#ifndef MODELS_SEARCH_H
#define MODELS_SEARCH_H

#include "models/trial.h"

enum { SEARCH_MOST = 1000, SEARCH_DRAWS = 1000000, SEARCH_SLOW = 100000 };

struct search;

/* The joint price of one null. */
struct search_price {
    size_t alternatives; /* looks that are written out, the claim among them; 0: none are */
    size_t drawn;        /* of these, those that could be tested; 0: priced by Sidak */
    size_t reach;        /* of the others, those with a p as small as the claim's */
    double log_p;        /* of the joint p, before looks given as numbers */
    struct mc mc;        /* joint surrogates */
    char why[120];       /* why it is Sidak's; "" if it is not */
};

/* Count the looks of a claim's search over what the case holds, into its low and high. */
int search_count(const struct study *s, struct study_claim *c, const struct counts *counts,
                 struct err *err);

/* The claim's alternatives; NULL: nothing is written out. `t` must outlive it. */
struct search *search_new(struct trial *t);
void search_free(struct search *s);

/* Price `own`, which `row` made of the claim itself. Where more replicates are needed it is run
 * again with them. */
void search_price(struct search *s, const struct battery_row *row, struct null_result *own,
                  struct search_price *ret);

#endif
