/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tally_state - what tally.c collects and freeze.c sorts; private to those two.
 */
#ifndef INGEST_TALLY_STATE_H
#define INGEST_TALLY_STATE_H

#include "base/table.h"
#include "ingest/counts.h"
#include "ingest/records.h"
#include "ingest/tally.h"
#include "ingest/twins.h"

/* Spellings as they stand in the input, by form, bound to what they mean, so
 * that a spelling is made canonical once. */
struct speller {
    struct table *text;   /* canonical */
    struct table *raw[2]; /* enum lookup_form: to ids of text, or TABLE_NONE */
};

struct tally_source_state {
    struct counts_source info;
    uint32_t server1;   /* of records that name none: its id + 1, or 0 */
    struct twins twins; /* of its rows without message id, if watched */
    int64_t latest_ns;
    int64_t grain_ns; /* all fractions of a second so far are multiples of this */
};

struct tally {
    struct tally_opts opts;
    struct speller clients, names, servers;
    uint16_t type_mask; /* 0 where types are merged */
    struct part parts[PARTS];
    struct tally_source_state *sources;
    size_t nsources, sources_cap;
};

/* A rule in words, malloced. */
char *tally_rule(const struct tally_opts *o, enum counts_rule rule);

#endif
