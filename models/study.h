/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * study - the plan (everything that decides a number) and the claims, as read
 * from YAML and checked. Strict: an unknown key, a wrong type, an empty group
 * is ERR_USAGE with file, line and column. `dnsclaim list claims` describes the keys of a
 * claim (models/study_claim.h has their table).
 *
 *     struct study *s;
 *     if (study_read(&s, "study.yaml", err) < 0) ...
 *     if (study_resolve(s, counts, err) < 0) ...   // groups to client and name ids
 *     study_free(s);
 */
#ifndef MODELS_STUDY_H
#define MODELS_STUDY_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/tz.h"
#include "ingest/counts.h"
#include "models/baserate.h"
#include "models/holidays.h"
#include "models/moments.h"
#include "models/yaml.h"
#include "stats/multi.h"

/* Stands in a study that `dnsclaim study` wrote wherever its author has yet to say something.
 */
#define STUDY_PLACEHOLDER "TO STATE"

/* Who says so, as reports name it; `source` is "" where nobody was named. */
static inline const char *study_source(const char *source)
{
    return source[0] ? source : "given without a source";
}

/* Time to live of cached answers: what it is and who says so. */
enum ttl_kind { TTL_UNKNOWN, TTL_GIVEN, TTL_ESTIMATE, TTL_LOG };
struct study_ttl {
    enum ttl_kind kind;
    double seconds;     /* of TTL_GIVEN; others are filled in per subject */
    const char *source; /* "" if none was given */
};

/* What was looked at, written out: each axis's alternatives take the claim's place in every
 * replicate (models/search.h). THE TABLE OF SEARCHED AXES: key of `searched`, kinds that can
 * draw it jointly, what a study writes. */
enum search_axis {
    SEARCH_PAIRS,
    SEARCH_WINDOWS,
    SEARCH_ZONES,
    SEARCH_LAGS,
    SEARCH_DATES,
    SEARCH_EVENTS,
    SEARCH_STATISTICS,
    SEARCH_AXES
};
struct search_axis_row {
    const char *key, *kinds, *help;
};
extern const struct search_axis_row search_axis_table[SEARCH_AXES];

enum { SEARCH_VALUES = 32 };
struct study_looks {
    const struct yaml_node *at[SEARCH_AXES]; /* NULL: not written out */
    size_t n[SEARCH_AXES];
    const struct yaml_node *item[SEARCH_AXES][SEARCH_VALUES];
    size_t pair_client, pair_name; /* groups; SIZE_MAX: none */
    int64_t from_ns[SEARCH_VALUES], to_ns[SEARCH_VALUES], date_ns[SEARCH_VALUES];
    struct tz *zone[SEARCH_VALUES];
    const char *zone_name[SEARCH_VALUES];
    double lag_s[SEARCH_VALUES];
    struct moments *events[SEARCH_VALUES];
    const char *statistic[SEARCH_VALUES];
};

/* How many looks were taken before this one was picked. */
enum search_kind { SEARCH_ASSUMED, SEARCH_COUNT, SEARCH_RANGE, SEARCH_UNKNOWN };
struct study_search {
    enum search_kind kind;
    double low, high; /* equal for a count; of SEARCH_ASSUMED: pairs of the case */
    double apart;     /* of them, those that were given as numbers only: low = apart x looks */
    struct study_looks *looks; /* of the study; NULL: numbers only */
    const char *source;        /* "" if none was given */
};

/* Hours of the day in a zone, on weekdays or on all days. */
struct study_hours {
    const char *zone_name;
    struct tz *zone;
    int from_s, to_s; /* seconds of the local day; from > to wraps over midnight */
    bool weekdays;
};

struct study_group {
    const char *id;
    const char **clients, **names; /* patterns with * and ?, as written */
    size_t nclients, nnames;
    const struct yaml_node *at;
    uint32_t *client, *name; /* after study_resolve: sorted ids */
    size_t client_n, name_n;
};

enum { STUDY_CLIENTS = 8, STUDY_HOURS = 4 };

/* Share of all look-ups that the sensors see: of the group's and of others', or one for
 * all, which leaves open whose the unseen ones are. */
struct study_coverage {
    bool known;
    double value;       /* above 0, at most 1, where known; of the group if others > 0 */
    double others;      /* 0: not told apart */
    const char *source; /* "" if none was given */
};

/* What of a series is to fall near dates (models/features.h). */
enum series_feature {
    SERIES_SESSIONS, /* each session */
    SERIES_PEAKS,    /* days that are high for the pair's own week */
    SERIES_GAPS,     /* ends of silences that are long for the pair */
    SERIES_CHANGES,  /* dates at which its rate changed */
    SERIES_FEATURES
};
extern const char *const series_feature_names[SERIES_FEATURES];

/* What measures how regular gaps are; each is 1 without memory and 0 for a timer. */
enum gap_statistic { GAP_CV, GAP_LV, GAP_CV2, GAP_STATISTICS };
extern const char *const gap_statistic_names[GAP_STATISTICS];

/* One choice of an analysis that another analyst might have made (models/multiverse.h). THE
 * TABLE OF SPECIFICATION AXES: key of `specifications`, kinds whose effect depends on it. */
enum spec_axis {
    SPEC_SESSION,
    SPEC_DEDUP,
    SPEC_TTL,
    SPEC_ZONE,
    SPEC_WINDOW,
    SPEC_WITHIN,
    SPEC_LAG,
    SPEC_STATISTIC,
    SPEC_BLOCK,
    SPEC_COVERAGE,
    SPEC_AXES
};
struct spec_axis_row {
    const char *key, *kinds, *help;
};
extern const struct spec_axis_row spec_axis_table[SPEC_AXES];
enum { SPEC_VALUES = 8 };
struct study_axis {
    size_t n;
    const char *because;
    const struct yaml_node *at;
    char text[SPEC_VALUES][64]; /* as printed */
    double number[SPEC_VALUES]; /* seconds, bits or a share */
    struct tz *zone[SPEC_VALUES];
    int64_t from_ns[SPEC_VALUES], to_ns[SPEC_VALUES];
};

struct claim_kind; /* models/kinds.h */
struct scenario;   /* models/scenario.h */

/* What the claimant says goes on, written as a world that can be drawn. */
struct study_model {
    const char *file; /* as the study names it */
    char sha256[DIGEST_HEX];
    struct scenario *scenario; /* owned; NULL: none was written */
};

/* What a stated cause made: the time after each moment of a file, or of a timer. */
struct study_aside {
    struct moments *times; /* owned; NULL: by the timer, or nothing was stated */
    double every_s;        /* of a timer that goes through from_ns; 0: none */
    int64_t from_ns;
    double after_s;     /* how long after a moment look-ups may be its own; 0: not stated */
    const char *source; /* "" if none was given */
};
static inline bool study_aside_given(const struct study_aside *a)
{
    return a->after_s > 0;
}

/* Another copy of the same log, counted by itself. */
struct study_copy {
    struct counts *counts; /* owned; NULL: none was named */
    char sha256[DIGEST_HEX];
};

struct study_claim {
    const char *id, *said, *who;
    const struct claim_kind *kind;
    bool opposite; /* the study takes the opposite of the kind's direction */
    const char *direction;
    double effect;
    size_t clients[STUDY_CLIENTS], nclients; /* groups whose clients are read as one */
    size_t name;                             /* group; SIZE_MAX: none */
    size_t b_client, b_name;                 /* synchrony: the second pair; else SIZE_MAX */
    size_t compare, controls;                /* groups; SIZE_MAX: none */
    struct moments *events, *causes;         /* owned; NULL: none */
    bool registered;                         /* alignment: declared before */
    enum series_feature features;            /* alignment */
    int statistic;                           /* timing/regular: enum gap_statistic */
    int64_t date_ns;                         /* reaction */
    struct study_coverage coverage;          /* exclusivity, rarity */
    int block_bits;                          /* rarity: prefix of a block; 0: one client */
    struct base_rate base_rate;              /* exclusivity, rarity */
    size_t control_clients;                  /* group; SIZE_MAX: none */
    struct study_copy copy;                  /* authenticity */
    struct study_aside mailings; /* volume, exclusivity, hours, synchrony, reaction */
    struct study_aside monitors; /* volume, regular */
    unsigned drivers;            /* of both sides' demand: bits of driver_kind */
    struct study_model model;
    struct study_hours hours[STUDY_HOURS];
    size_t nhours;
    double max_lag_s, delta_s;
    int64_t from_ns, to_ns; /* equal: the case's live time */
    struct study_ttl ttl;
    struct study_search search;
    const struct yaml_node *at;
};

/* What a p is wanted for. */
enum effort {
    EFFORT_WHOLE,  /* every null to its decision */
    EFFORT_COARSE, /* one that cannot reach the level any more may stop: p = h/l */
    EFFORT_ANSWER  /* nothing but whether it reaches the level */
};

struct study {
    const char *title;
    const char *simulated; /* where simulated look-ups come from; NULL: not simulated */
    uint64_t seed;
    uint32_t max_replicates;
    uint32_t model_draws;      /* from the prior of each rival explanation: models/evidence.h;
                                  0, of a plan as read: no: rivals are not weighed */
    uint32_t model_draws_most; /* of one whose ratio they leave not computed */
    enum effort effort;        /* of a plan as read: whole */
    double alpha, bucket_s, session_s;
    uint32_t calibration; /* control pairs; 0: off */
    bool power;           /* is the smallest detectable effect looked for? */
    bool power_at_claim;  /* of its curve only the claimed effect; of a plan as read: no */
    const char *zone_name;
    struct tz *zone;
    const char *holidays_name; /* NULL: none */
    struct holidays holidays;
    struct study_ttl ttl;
    const struct correction *correction;
    struct study_search search;
    struct study_looks **looks; /* own what searches write out */
    size_t nlooks;
    struct study_axis axes[SPEC_AXES];
    struct study_group *groups;
    size_t ngroups;
    struct study_claim *claims;
    size_t nclaims;
    char sha256[DIGEST_HEX]; /* of the file's bytes */
    char *text;              /* the file as read */
    struct yaml **yaml;      /* own the strings: the file, then each setting */
    size_t nyaml;
};

/* `set`: "key=value" strings that replace a plan's value; NULL ends it, or NULL. */
int study_read(struct study **ret, const char *path, const char *const *set, struct err *err);
/* The same of the text of a file that would stand at `path`; n bytes, ended by a zero byte,
 * malloced, and the study's from here on, also on failure. */
int study_of_text(struct study **ret, const char *path, char *text, size_t n,
                  const char *const *set, struct err *err);
void study_free(struct study *s);

/* Match the groups' patterns with the case's clients and names, and the windows
 * with its live time. A group that a claim uses and that matches nothing is an
 * error at its place. */
int study_resolve(struct study *s, const struct counts *c, struct err *err);

#endif
