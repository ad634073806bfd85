/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tally_state - what tally.c collects and freeze.c sorts; private to those two.
 */
#ifndef INGEST_TALLY_STATE_H
#define INGEST_TALLY_STATE_H

#include "base/table.h"
#include "ingest/census.h"
#include "ingest/counts.h"
#include "ingest/presence.h"
#include "ingest/records.h"
#include "ingest/senders.h"
#include "ingest/tally.h"
#include "ingest/twins.h"

/* Spellings as they stand in the input, by form, bound to what they mean, so
 * that a spelling is made canonical once. */
struct speller {
    struct table *text;       /* canonical */
    struct table *raw[FORMS]; /* enum lookup_form: to ids of text, or TABLE_NONE */
    uint64_t *takers;         /* by id of text: keep_match; NULL where all is kept */
    size_t ntakers;
};

/* What a spelling means when no selector can take it: it is not remembered. */
enum { LEFT_OUT = TABLE_NONE - 1 };

/* What passive DNS says of a name, by canonical ids. */
struct interval {
    uint32_t client, name; /* client: TABLE_NONE if there is none */
    uint16_t qtype;
    int64_t from_ns, to_ns;
    uint64_t count;
};

/* The server that a client's last look-up named, in the source at hand. */
struct served {
    uint32_t source1, server1; /* 0: none */
};

/* What a client's last message was like, in the source at hand. */
struct traited {
    uint32_t source1; /* 0: none */
    uint16_t trait[LOOKUP_TRAITS];
};

struct tally_source_state {
    struct counts_source info;
    uint32_t server1;   /* of records that name none: its id + 1, or 0 */
    struct twins twins; /* of its rows without message id, if watched */
    struct census census;
    struct presence presence;
    size_t nintervals; /* of the tally when it began */
};

struct tally {
    struct tally_opts opts;
    struct speller clients, names, servers;
    struct served *served; /* by client id */
    size_t nserved;
    struct traited *traited; /* by client id */
    size_t ntraited;
    struct senders *senders;
    uint16_t type_mask; /* 0 where types are merged */
    struct part parts[PARTS];
    struct interval *intervals;
    size_t nintervals, intervals_cap;
    struct tally_source_state *sources;
    size_t nsources, sources_cap;
};

/* What of a source is known only when all of it is read. */
void tally_end_source(struct tally *t, size_t source);

/* A rule in words, malloced. */
char *tally_rule(const struct tally_opts *o, enum counts_rule rule);

/* ---- intervals: interval.c ---- */

void tally_add_interval(struct tally *t, struct interval v);
void tally_add_intervals(struct tally *t, const struct counts *c); /* of a case */
void tally_freeze_intervals(struct tally *t, struct counts *c);

#endif
