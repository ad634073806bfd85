/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * study_claim - the claims of a study. THE TABLE OF CLAIM KEYS.
 *
 * To add a kind of claim:
 *   1. its row in claim_table and its battery (models/kinds.c);
 *   2. for each key that it alone has: a field in struct study_claim, and a row here
 *      with the function that reads it;
 *   3. for each key that it shares: its id in that row's `needed` or `allowed`.
 * Nothing else in the reader knows a kind. A key that no row gives to a claim's kind is
 * refused at its place, one that a row needs is missed at the claim's, and `dnsclaim list
 * claims` prints each kind's keys from this table.
 *
 * Kinds stand as ids with a blank between them, `timing/hours` for one feature of a kind;
 * "*" is every kind.
 */
#ifndef MODELS_STUDY_CLAIM_H
#define MODELS_STUDY_CLAIM_H

#include "models/study_reader.h"

struct claim_key {
    const char *key, *help;
    const char *needed, *allowed; /* kinds that must have it; that may. NULL: none */
    /* `field` is the claim's at `offset`. NULL: read before the kind is known. */
    int (*read)(struct study_reader *r, const struct yaml_node *n, struct study_claim *c,
                void *field);
    size_t offset;
};

extern const struct claim_key claim_keys[]; /* key NULL ends it */

/* Is `kind` among the kinds that stand in `list`? */
bool claim_key_has(const char *list, const struct claim_kind *kind);

/* What studies and published figures ask of an effect of the kind, and of an id; ERR_USAGE at
 * the node. */
int claim_effect_check(const struct claim_kind *k, double effect, const struct yaml *y,
                       const struct yaml_node *at, struct err *err);
int claim_id_check(const char *id, const struct yaml *y, const struct yaml_node *at,
                   struct err *err);

/* Take another statistic of the claim's kind; false, and the names that it has, if there is
 * none of this name. */
bool study_claim_statistic(struct study_claim *c, const char *name, char *ret_known, size_t n);

/* Does the effect of the claim's kind depend on the axis? (models/study_axes.c) */
bool study_axis_known(const struct study_claim *c, enum spec_axis axis);

/* Does the claim's kind know what its search writes out? (models/study_search.c) */
int study_search_check(struct study_reader *r, const struct study_claim *c);

int study_claims_read(struct study_reader *r, const struct yaml_node *claims);
void study_claim_free(struct study_claim *c);

#endif
