/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * versions - two counts said to be of one log, row by row.
 *
 * A row is a look-up of a (client, name, type) in a tick, tap duplicates among them. Rows of
 * a pair in the same tick are the same row, as often as both have it; of the others, those
 * that the same pair has at other times in the other version are `moved`, the rest is in one
 * version only. *_offset_ns: the one shift that explains most moved rows, i-th against i-th in
 * order of time. Texts are compared, so that ids need not agree; ticks must.
 */
#ifndef INGEST_VERSIONS_H
#define INGEST_VERSIONS_H

#include "base/err.h"
#include "ingest/counts.h"

struct versions_client {
    struct span client;
    uint64_t a, b, both, moved; /* rows in each; in both at the same time; at another */
};

struct versions {
    uint64_t a, b, both, moved;
    uint64_t pairs_a, pairs_b, pairs_equal; /* series; those with equal rows */
    int64_t offset_ns;
    uint64_t at_offset;              /* of moved */
    struct versions_client *clients; /* those that differ, most first */
    size_t nclients;
};

/* ERR_MISMATCH when ticks or counting rules differ. */
int versions_compare(struct versions *ret, const struct counts *a, const struct counts *b,
                     struct err *err);
void versions_free(struct versions *v);

/* Rows that are not the same, of all rows of either: 0 for equal logs. */
double versions_altered(const struct versions *v);

#endif
