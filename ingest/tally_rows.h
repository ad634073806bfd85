/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tally_rows - what tally.c collects and freeze.c sorts; private to those two.
 *
 * Every row begins with the number of its key, the (client, name, qtype) it
 * belongs to, so that one counting sort brings all kinds of rows together.
 */
#ifndef INGEST_TALLY_ROWS_H
#define INGEST_TALLY_ROWS_H

#include "base/table.h"
#include "ingest/counts.h"
#include "ingest/tally.h"
#include "ingest/twins.h"

enum { ROW_COUNT_MAX = (1 << 18) - 1 };

/* Look-ups of one tick. A count past ROW_COUNT_MAX takes several rows. */
struct row {
    uint32_t key;
    uint32_t count : 18, copy : 1, rcode1 : 13; /* copy: tap duplicates; rcode + 1 or 0 */
    int64_t tick;
};

/* One look-up whose message id or server is known: it may be a tap duplicate of
 * another, and then its server, rcode and TTL are not counted again. Where
 * transactions are counted, every record: a response may belong to a query. */
struct sighting {
    uint32_t key;
    uint32_t response : 1, rcode1 : 31, ttl1; /* + 1, or 0 */
    uint32_t source;
    int64_t t_ns;
    uint64_t ident; /* see ident_of */
};

/* A response: joins its pair if the pair turns out to have a look-up. */
struct response {
    uint32_t key, source;
    uint32_t rcode1, ttl1; /* + 1, or 0 */
};

struct mark {
    uint32_t key, kind, value;
    uint32_t count;
};

/* id + 1 (17 bits), port + 1 (17 bits), server + 1 (30 bits); 0 unknown. */
enum { IDENT_PORT = 17, IDENT_SERVER = 34, SERVERS_MAX = (1 << 30) - 2 };

static inline bool ident_has_id(uint64_t ident)
{
    return (ident & ((1 << IDENT_PORT) - 1)) != 0;
}

static inline uint32_t ident_server1(uint64_t ident)
{
    return (uint32_t)(ident >> IDENT_SERVER);
}

/* What passive DNS says of a name, by canonical ids. */
struct interval {
    uint32_t client, name; /* client: TABLE_NONE if there is none */
    uint16_t qtype;
    int64_t from_ns, to_ns;
    uint64_t count;
};

struct slot {
    uint32_t client, name, id1; /* id1: number of the key + 1; 0 marks a free slot */
    uint16_t qtype;
};

/* (client, name, qtype) to dense numbers: linear probing, load at most 2/3. */
struct keys {
    struct slot *slots;
    uint64_t mask;
    size_t n;
};

/* Spellings as they stand in the input, by form, each with what it means, so
 * that a spelling is made canonical once. */
struct speller {
    struct table *text;   /* canonical */
    struct table *raw[2]; /* enum lookup_form */
    uint32_t *meaning[2]; /* of each raw spelling: a canonical id or TABLE_NONE */
    size_t known[2], cap[2];
};

struct tally_source_state {
    struct counts_source info;
    uint32_t server1;   /* of records that name none: its id + 1, or 0 */
    struct twins twins; /* of its rows without message id, if watched */
    int64_t latest_ns;
    int64_t grain_ns; /* all fractions of a second so far are multiples of this */
    /* of the tally when it began */
    size_t nrows, nsightings, nresponses, nmarks, nintervals;
};

struct tally {
    struct tally_opts opts;
    struct speller clients, names, servers;
    uint16_t type_mask; /* 0 where types are merged */
    struct keys keys;
    struct row *rows;
    size_t nrows, rows_cap;
    struct sighting *sightings;
    size_t nsightings, sightings_cap;
    struct response *responses;
    size_t nresponses, responses_cap;
    struct mark *marks;
    size_t nmarks, marks_cap;
    struct interval *intervals;
    size_t nintervals, intervals_cap;
    struct tally_source_state *sources;
    size_t nsources, sources_cap;
};

/* A rule in words, malloced. */
char *tally_rule(const struct tally_opts *o, enum counts_rule rule);

/* Texts in use (NULL: all), sorted, into `bytes` and *ret_texts; and for each id its
 * place among them, TABLE_NONE if it is not in use. */
uint32_t *tally_rank_texts(const struct table *text, const bool *used, struct arena *bytes,
                           struct span **ret_texts, uint32_t *ret_n);

/* ---- intervals: interval.c ---- */

void tally_add_interval(struct tally *t, struct interval v);
void tally_add_intervals(struct tally *t, const struct counts *c); /* of a case */
void tally_freeze_intervals(struct tally *t, struct counts *c);

#endif
