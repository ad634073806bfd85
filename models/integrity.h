/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * integrity - does the log look like the record of what happened? THE SCREEN TABLE
 * (methods.md I1-I8).
 *
 * Screens are signs, never proof: a careful forger passes them all, and each is tripped by
 * innocent causes, which its row names. An answer is one of
 *     pass            the sign is not there
 *     explain         it is there, and an innocent cause that the row names fits as well
 *     fail            it is there, and the cause that was tested does not fit
 *     not_applicable  the log does not hold what the screen reads: never "passed"
 * A screen with a p answers by p after Holm's correction over all screens of the case that
 * have one, at `alpha`: on an honest log that its null describes, one or more of them answer
 * explain or fail in at most alpha of cases. Which have one is settled by what the log holds
 * (rows enough, ids, a change of clocks, a time to live) before any p is known: a screen that
 * applies and finds nothing to test has p 1, not none. So the same family of n stands behind
 * what would have been found: a p of at most alpha / n is flagged whatever the others say, and
 * that is what `smallest` reaches. A screen without a p (NAN) states its rule.
 *
 * Screens of a later family answer explain at most, and each family has an alpha of its own, so
 * that what the others say does not depend on it: on an honest log one or more of a family
 * answer explain in at most alpha of cases, and any screen at all in at most SCREEN_FAMILIES
 * times alpha.
 *
 * fail is the gate: claims of kinds that read what the screen touches are then
 * undetermined (verdict.h), with every number printed.
 *
 *     struct integrity in;
 *     integrity_run(&in, counts, &(struct integrity_opts){.alpha = .01, .session_s = 30});
 *     in.v[i].answer ... screen_table[i].id
 *     integrity_free(&in);
 */
#ifndef MODELS_INTEGRITY_H
#define MODELS_INTEGRITY_H

#include <stdbool.h>

#include "ingest/counts.h"

enum integrity_answer {
    INTEGRITY_PASS,
    INTEGRITY_EXPLAIN,
    INTEGRITY_FAIL,
    INTEGRITY_NOT_APPLICABLE,
    INTEGRITY_ANSWERS
};
extern const char *const integrity_answer_names[INTEGRITY_ANSWERS]; /* "pass", ... */

struct integrity_opts {
    double alpha;        /* of the family */
    double session_s;    /* retries within it are one */
    const double *ttl_s; /* by name id, 0 unknown; NULL: what the log's answers carried */
    uint64_t seed;
    size_t threads; /* 0: one a processor */
};

struct screen_result {
    enum integrity_answer answer;
    double value;          /* the statistic; NAN: none */
    double log_p;          /* of this screen; NAN: none */
    double log_p_adjusted; /* after Holm; NAN: none */
    double smallest;       /* least alteration that it would have found, in look-ups or in the
                              unit that the row names; NAN: cannot be said */
    bool innocent;         /* its screen found an innocent cause that fits: never a fail */
    void *basis;           /* from run() to the row's smallest(); NULL once it has run */
    char note[240];        /* what was found, in plain words */
};

/* What an alteration that the screen sees would change: all claims depend on counts and
 * order, those of volume, exclusivity and rarity not on the hour. */
enum screen_touches { TOUCHES_ALL, TOUCHES_TIMES };

/* Holm's correction is over one of these; the later ones never fail. */
enum screen_family { FAMILY_FIRST, FAMILY_SIGNS, FAMILY_MEMORY, SCREEN_FAMILIES };

struct screening; /* models/screens.h */

struct screen {
    const char *id, *label;
    const char *statistic; /* what `value` is */
    const char *rule;      /* when it is flagged, and how often an honest log is */
    const char *innocent;  /* causes that trip it */
    const char *unit;      /* of `smallest`, "" for look-ups */
    const char *cite;
    bool may_fail; /* false: explain at most */
    enum screen_touches touches;
    void (*run)(const struct screening *in, struct screen_result *ret);
    /* `smallest`, where it follows from the family's limit, by the malloced `basis` that run()
     * left; NULL: run() says it */
    double (*smallest)(const struct screening *in, const struct screen_result *r);
    enum screen_family family;
};
extern const struct screen screen_table[]; /* id NULL ends it */

struct integrity {
    struct screen_result *v; /* one a row of the table */
    size_t n;
};

void integrity_run(struct integrity *ret, const struct counts *c,
                   const struct integrity_opts *o);
void integrity_free(struct integrity *in);

/* The answer of a screen by its id; NULL: no such row. */
const struct screen_result *integrity_find(const struct integrity *in, const char *id);

/* The first screen that failed and touches claims of a kind; NULL: none, and always for
 * authenticity, which is about the log itself. */
const struct screen *integrity_gate(const struct integrity *in, const char *kind);

/* The largest TTL of each name's answers in the log, 0 where none: n names into ret. */
void integrity_ttl_of_log(const struct counts *c, double *ret);

#endif
