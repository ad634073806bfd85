/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * contrast - sessions and hours at risk of two kinds, by UTC day: inside and outside some
 * hours, or of a pair and of its peers; and what days as wholes say of their ratio.
 *
 * Each day's score is its sessions of the first kind less those expected at one rate for
 * both, given the day's total (Mantel & Haenszel 1959, JNCI 22:719, for rates). Where the
 * first kind fills whole days, as weekdays do, a day compares nothing: strata are weeks where
 * days hold less than half of the hours that weeks set beside each other. Scores are
 * summed over blocks of up to a week (as long as 14 blocks are left), and the studentised sum
 * is compared with random signs of the blocks: the wild bootstrap with the null imposed
 * (Cameron, Gelbach & Miller 2008, Rev. Econ. Stat. 90:414). What clusters inside a block does
 * not look like an effect then.
 *
 *     struct contrast s;
 *     contrast_by(&s, subject, window, inside, ctx);
 *     size_t n;  double *r = contrast_scores(&s, &n);
 *     contrast_free(&s);
 */
#ifndef MODELS_CONTRAST_H
#define MODELS_CONTRAST_H

#include "models/stream.h"
#include "stats/mc.h"
#include "stats/rng.h"

struct contrast {
    size_t days, a_day;                      /* cells a day: 1, or 24 */
    double *in, *out, *in_hours, *out_hours; /* a cell; one allocation, `in` first */
    double n_in, n_out, e_in, e_out;         /* their sums */
    size_t stratum; /* cells whose total is held: 1, or 7 where days compare too little */
    double fit;     /* Mantel & Haenszel's ratio, at which scores sum to about 0 */
};

enum { CONTRAST_DAYS = 14, CONTRAST_WEEK = 7 }; /* least days; longest block */

void contrast_new(struct contrast *ret, size_t days);
/* Strata of a day's parts: of two kinds that are at risk at other times of the day, a rhythm
 * that both have makes an effect within days. A day's score is the sum of its cells'. */
void contrast_new_cells(struct contrast *ret, size_t days, size_t a_day);
void contrast_free(struct contrast *s);
void contrast_sum(struct contrast *s); /* the totals from the cells */

/* By steps that divide a day: those whose start (Unix seconds) is inside(ctx) against the rest.
 * A quarter of an hour does for every zone and for hours that begin and end at one. */
enum { CONTRAST_QUARTER = 900 };
typedef bool contrast_inside(const void *ctx, int64_t unix_s);
void contrast_by(struct contrast *ret, const struct subject *s, const struct window *w,
                 int64_t step_s, contrast_inside *inside, const void *ctx);

double contrast_ratio(const struct contrast *s); /* of the rates at risk */

/* Bound of the ratio at a one-sided level: the largest (sign +1) or least (-1) that the same
 * test does not reject in that direction, the hours of the first kind counted that many
 * times. INFINITY or 0 where the signs cannot reject any, or sessions of a kind are missing.
 **/
double contrast_bound(const struct contrast *s, double level, int sign, uint64_t seed,
                      uint64_t subject);
size_t contrast_used_days(const struct contrast *s); /* days with time at risk */
size_t contrast_block_days(size_t days);
size_t contrast_blocks(double *v, size_t days); /* sums over blocks, in place; how many */

/* Scores of the blocks, *ret_n of them; the caller frees. Their studentised sum, and the
 * same with random signs. */
double *contrast_scores(const struct contrast *s, size_t *ret_n);
double contrast_studentised(const double *scores, size_t n);
#define CONTRAST_ROUNDING 1e-12 /* sums that are equal stay so */
double contrast_flip(const double *scores, size_t n, struct rng *r);
/* The statistic of days drawn at another ratio: each stratum keeps what makes it busy, its
 * sessions follow the hours at that ratio, and what they depart from their share at Mantel
 * and Haenszel's ratio gets a random sign, the same within a block. */
double contrast_inject(const struct contrast *s, double ratio, struct rng *r);

/* Both tails of the wild bootstrap. Below CONTRAST_DAYS days, or without sessions of both
 * kinds, both have no replicate. */
void contrast_test(const struct contrast *s, uint32_t replicates, uint64_t seed,
                   uint64_t subject, struct mc *ret_upper, struct mc *ret_lower);

#endif
