/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * kinds - THE CLAIM TABLE, THE NULL TABLE and the battery that joins them.
 *
 * A kind has an estimand, a value that means no effect, and a direction in which
 * the claim goes; its opposite is the same analysis read the other way round. A
 * null is an innocent explanation with a test. A row of the battery says which
 * nulls a kind must face, in which role, and what the data must have.
 *
 * Scale: `effect`, `u` and the interval stand on the kind's own scale. `sign` is
 * +1 where a larger value is more of the claim, -1 where a smaller one is.
 */
#ifndef MODELS_KINDS_H
#define MODELS_KINDS_H

#include "models/occasions.h"
#include "models/pairdays.h"
#include "models/power.h"
#include "models/stream.h"
#include "models/study.h"
#include "models/sync.h"
#include "stats/mc.h"

enum null_role { ROLE_REQUIRED, ROLE_ADVISORY };

/* Why a null was not tested, or not decided. */
enum why {
    WHY_NONE,
    WHY_NO_TTL,        /* the time to live is unknown */
    WHY_NO_COMPARE,    /* no comparable pairs were named or found */
    WHY_NO_CONTROLS,   /* no control pairs were named or found */
    WHY_NEEDS_DATA,    /* needs a file or column that is not there */
    WHY_MIN_DATA,      /* too few sessions, days or gaps */
    WHY_RESOLUTION,    /* the smallest p it can give is above alpha */
    WHY_INCONCLUSIVE,  /* the Monte Carlo interval straddles alpha at the cap */
    WHY_NO_FREEDOM,    /* the window leaves the surrogates nothing to move */
    WHY_NO_FIT,        /* the model could not be fitted */
    WHY_LIVE_INFERRED, /* when the sensor listened was inferred from the look-ups */
    WHY_NO_PREMISE,    /* what it supposes is not in the rows */
    WHY_CODES
};
extern const char *const why_names[WHY_CODES];

/* Everything a null may read. Made once a claim by trial_make; the nulls add what
 * they found out on the way and a report wants to draw. */
struct causes; /* models/causes.h */
struct trial {
    const struct study *study;
    const struct study_claim *claim;
    const struct counts *counts;
    struct window window;
    double ttl_s;          /* 0: unknown */
    char ttl_note[240];    /* where it comes from */
    struct subject a;      /* the claim's group pair */
    struct subject b;      /* synchrony: the second */
    struct subject *peers; /* volume: each comparable (client, name) */
    size_t npeers;
    struct subject *control_a, *control_b; /* synchrony: control pairs, by name */
    size_t ncontrols;
    struct subject *control_c; /* synchrony: other clients on b's names, to pair with a */
    size_t ncontrol_c;
    double looks;     /* that the price is for; 1 where unknown */
    bool rough;       /* effects and u without their dear bounds: NAN, never the narrower */
    uint64_t swap;    /* exclusivity, rarity: signs of a curve's surrogate; 0: the data */
    bool joint;       /* looks that are written out are priced jointly: models/search.h */
    uint32_t exactly; /* replicates of each null; 0: until decided */
    uint64_t stream;  /* of random numbers, beside the null's name; 0: the subjects' */
    double decide;    /* p of one look at which alpha is met after the price */
    /* Of u: 1 - alpha / trial_bounds(claim); of an opposite, which stands on u, alpha is that
     * of one look of one of the study's claims. */
    double level;
    double level_whole;            /* the same, not divided */
    struct daycells cells;         /* alignment, reaction: the series by day, or finer */
    struct daycells control_cells; /* reaction: of its controls together; not where `rough` */
    struct stretches occasions;    /* alignment: margins of the dates */
    struct features features;      /* alignment: what is to fall into them */
    double penalty;                /* alignment: of changes */
    struct causes *causes;         /* reaction: left by its null `dates`; NULL */
    double altered; /* authenticity: u, which its nulls share; 0: not found yet */
    struct pairdays_fits own_fits, *fits; /* exclusivity, rarity: of the case; fits NULL: own */
    size_t threads;
    struct sync_result ab, ba, days; /* left by synchrony; {0} otherwise */
    const struct sync_pairs *gate;   /* synchrony: of its controls, tested before; NULL */
    bool have_days;
};

struct null_result {
    enum why why;     /* WHY_NONE: it was tested */
    char detail[240]; /* plain words beside `why`: what was found, what would do */
    const char *statistic;
    double observed;
    double log_p;             /* one look, before the price; natural log */
    struct mc mc;             /* replicates 0: exact */
    double *values;           /* mc.replicates statistics, malloced; or NULL */
    double *shift;            /* of a joint price: of an exact rank, the other members of */
    size_t nshifts;           /* its group, malloced; or NULL */
    double p_lo, p_hi;        /* 99 % Monte Carlo interval; NAN if exact */
    double u;                 /* bound of the effect over it, mostly at trial->level */
    double u_least;           /* where the effect has two measures: the smaller bound, u the
                                 larger one; else NAN */
    double floor;             /* smallest p of one look that this test can give; 0 if exact */
    struct power_curve power; /* n 0: not computed */
};

/* An innocent explanation: what it says, what its replicates share with the data. */
struct null_kind {
    const char *id, *help, *keeps, *cite;
};

struct battery_row {
    const char *null; /* id of a row of the null table */
    enum null_role role;
    void (*run)(struct trial *t, struct null_result *ret);
    const char *needs, *min_data;
    const char *bound; /* which bound u of the effect it gives. Of one id bounds are nested: one
                          limit, or wider than it, so that they err together; NULL: none */
    const struct power_effect *own; /* what its power is of; NULL: the kind's effect */
};

struct effect {
    double value, lo, hi, level; /* NAN: not estimable */
};

struct claim_kind {
    const char *id, *feature; /* feature NULL: the kind has none */
    const char *help, *cite;
    const char *effect_name, *effect_label;
    double no_effect;
    int sign;
    const char *direction, *opposite; /* as a study writes them */
    const char *stands, *explained; /* plain words: what either answer means, of `direction` */
    const char *means_not;          /* plain words: what a claim that stands does not say */
    const char *opposite_not;       /* what its opposite, where that stands, does not say */
    const struct battery_row *battery; /* null NULL ends it */
    /* Fill trial->b, peers, controls; 0 or ERR_DEGENERATE. */
    int (*prepare)(struct trial *t, struct err *err);
    void (*estimate)(const struct trial *t, struct effect *ret);
    double most_effect; /* of a share: 1; 0: no limit */
};

extern const struct claim_kind claim_table[]; /* id NULL ends it */
extern const struct null_kind null_table[];   /* id NULL ends it */
const struct claim_kind *claim_find(const char *id, const char *feature);
const struct null_kind *null_find(const char *id);

/* What an answer means in plain words: that the claim, or its opposite, stands or is explained.
 */
const char *claim_means(const struct claim_kind *k, bool opposite, bool stands);

#endif
