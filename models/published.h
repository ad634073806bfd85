/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * published - claims for which only published figures exist, no rows: what the figures
 * bound, and what they cannot say (methods.md B5, C1, section 7).
 *
 * Figures without rows hold no days, no blocks and no coverage. Counts of look-ups cluster,
 * so their binomial interval is too narrow; no explanation can be tested, so nothing stands:
 * the answer is always "not identifiable from these", with bounds and with what would do.
 *
 * The file is YAML, strict as a study is:
 *     figures: title
 *     claims:
 *       - {id: a, kind: exclusivity, direction: at_least, effect: .99, unit: look-ups,
 *          group: [1422, 1395], others: [2, 1], grade: S, source: ..., said: ..., who: ...,
 *          group_coverage: [9, 1], others_coverage: [2, 5],      # Beta laws, if stated
 *          split: [1422, 1395],                    # of two addresses that may be one
 * population stated: [{count: 2820, percent: 80}, {count: 3534, percent: 99, or_more: true}]}
 *       - {id: b, kind: rarity, direction: more, effect: 10, unit: look-ups,
 *          at_most: 1000, of_at_least: 3000000, per_device: 26000, grade: B, source: ...}
 *       - {id: c, kind: volume, direction: more, effect: 3, unit: look-ups, lookups: 2820,
 *          days: 142, ttl: 1h, caches: 2, grade: S, source: ...}
 *       - {id: d, kind: reaction, direction: less, effect: .1, unit: days, lookups: 2820,
 *          days: 142, silent_days: 2, size: .5, grade: S, source: ...}
 *       - {id: e, kind: alignment, direction: more, effect: .5, unit: dates, dates: 10,
 *          within: 2d, days: 142, grade: A, source: ...}
 */
#ifndef MODELS_PUBLISHED_H
#define MODELS_PUBLISHED_H

#include "models/baserate.h"
#include "stats/unseen.h"

enum published_kind {
    PUBLISHED_EXCLUSIVITY,
    PUBLISHED_RARITY,
    PUBLISHED_VOLUME,
    PUBLISHED_REACTION,
    PUBLISHED_ALIGNMENT,
    PUBLISHED_KINDS
};
extern const char *const published_kind_names[PUBLISHED_KINDS];

enum { PUBLISHED_STATED = 4 };

/* A count that was also given as a whole percentage of a total that was not. */
struct published_percent {
    double count, percent;
    bool or_more; /* "99 %" meant as 99 or more; else rounded to the nearest */
};

struct published_claim {
    const char *id, *direction, *unit, *grade, *source, *said, *who;
    enum published_kind kind;
    double effect;
    uint64_t *counts; /* exclusivity: the group's, then the others' */
    size_t ngroup, ncounts;
    struct share_beta coverage; /* exclusivity; all 0: none was stated */
    uint64_t split[2];          /* exclusivity; 0: not stated */
    struct published_percent stated[PUBLISHED_STATED];
    size_t nstated;
    double at_most, of_at_least, per_device; /* rarity; per_device 0: not stated */
    struct base_rate base_rate;              /* exclusivity, rarity */
    double lookups, days;                    /* volume, reaction; days: alignment */
    double ttl_s, caches;                    /* volume: alike, one mean rate */
    double silent_days, size;                /* reaction; size 0: not stated */
    double dates, within_s;                  /* alignment */
};

struct published {
    struct yaml *yaml; /* owns the texts */
    const char *title;
    struct published_claim *claims;
    size_t n;
};

int published_read(struct published *ret, const char *path, struct err *err);
void published_free(struct published *p);

/* exclusivity: share of the counts, its Clopper-Pearson interval, the coverage of others
 * relative to the group's at which the share falls under 1/2, 9/10 and the effect, and who was
 * not seen. post_: median and interval of the share with coverage of the laws stated
 * (stats/unseen.h), NAN without. */
struct published_share {
    double post_median, post_lo, post_hi;
    double share, lo, hi, tips_half, tips_nine_tenths, tips_effect;
    double unseen_half, unseen_effect;  /* look-ups of others, not seen, that do the same */
    double said_half, said_nine_tenths; /* tips, were the share seen just what is claimed */
    struct unseen unseen;
};
struct published_share published_share_of(const struct published_claim *c, double level);

/* exclusivity: are two counts alike, as one population spread over two addresses would make
 * them? z = (a - b) / sqrt(a + b), and the exact two-sided p of a fair coin; as if each count
 * came by itself, so both are too extreme: look-ups cluster. NAN: no split was stated. */
struct published_split {
    double z, log_p;
};
struct published_split published_split_of(const struct published_claim *c);

/* exclusivity: the totals with which every percentage stated is right. lo > hi: none is.
 * Percent P of a count c: 100 c / (P + .5) < total <= 100 c / (P - .5) where it was rounded,
 * c <= total <= 100 c / P where it means P or more. NAN: nothing was stated. */
struct published_total {
    double lo, hi;
};
struct published_total published_total_of(const struct published_claim *c);

/* rarity: the share is at most at_most / of_at_least. The group's block has `effect` times
 * the prevalence of an equal block only if the whole holds at least `blocks_needed` of them:
 * effect x of_at_least / at_most. devices: that many look-ups one device can make. */
struct published_rarity {
    double share_at_most, blocks_needed, devices; /* devices NAN: not stated */
};
struct published_rarity published_rarity_of(const struct published_claim *c);

/* volume: a total over so many days, behind so many caches of one TTL, at one even rate. A
 * cache of rate r a day is at risk 24 h - r ttl a day, so lambda = r / (24 - r ttl) (Rajab et
 * al. 2010); demand is misses (1 + lambda ttl), gaps vary by 1 / (1 + lambda ttl) (Jung et al.
 * 2003). A rate that is not even makes every one of these too small or too large. */
struct published_rate {
    double per_cache_day, of_ceiling; /* of_ceiling: also the share that is hidden */
    double lambda_h, lambda_ttl, demand, cv;
    double most; /* look-ups that one cache lets through in those days */
};
struct published_rate published_rate_of(const struct published_claim *c);

/* reaction: log P that so many days by themselves are silent at the mean rate: if days are
 * Poisson, and if they are negative binomial of that size. size NAN: not stated. */
struct published_silence {
    double per_day, log_p_poisson, log_p_negbin;
};
struct published_silence published_silence_of(const struct published_claim *c);

/* alignment: chance that one date at random is within so much of one of the list, each of
 * which lies anywhere: 1 - (1 - 2 within / days)^dates. */
double published_chance_of_near(const struct published_claim *c);

#endif
