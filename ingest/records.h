/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * records - what a tally has collected, in parts; private to tally.c and freeze.c.
 *
 * Hides that records lie as varints, some ten bytes each: memory that was never
 * touched is the dearest thing of a tally. A part holds all records of its
 * clients, so that the parts can be sorted one by one, each in the cache of the
 * processor that does it.
 *
 *     part_add(&parts[record.client % PARTS], &record);
 *     struct sorter s = {0};
 *     records_load(&s, &parts[i], i, ranks);      // s.v[0..s.n), pairs together
 *     sorter_free(&s);
 */
#ifndef INGEST_RECORDS_H
#define INGEST_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
    RECORD_LOOKUPS,  /* `count` look-ups of one tick */
    RECORD_COPIES,   /* the same of tap duplicates that a case has told apart */
    RECORD_SIGHTING, /* a look-up of known id or server: perhaps a tap duplicate; where
                        transactions are counted or twins looked for, every look-up */
    RECORD_ANSWER,   /* the same of a response: it may belong to a sighting */
    RECORD_RESPONSE, /* joins its pair if that has a look-up */
    RECORD_MARK      /* `count` times the mark `mark` of `value` */
};

/* Codes have 13 bits: rcodes go to 4095. */
enum { CODE_MASK = (1 << 13) - 1 };

struct record {
    uint32_t client, name;
    uint16_t qtype;
    unsigned code : 13; /* rcode + 1, or 0; of a mark its enum counts_mark */
    unsigned kind : 3;  /* enum record_kind */
    uint32_t value;     /* of a mark; of the others TTL + 1, or 0 */
    int64_t time;       /* tick; of sightings and answers ns */
    union {
        uint64_t count;
        uint64_t ident; /* of sightings and answers: see ident_has_id */
    };
    uint32_t source; /* of sightings, answers and responses */
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

/* A part holds the clients whose id ends in its number. */
enum { PART_BITS = 9, PARTS = 1 << PART_BITS };

/* How far a part goes; kept at the beginning of a source, to go back to. */
struct part_end {
    size_t n, records;
    int64_t time; /* of the last record */
};

struct part {
    unsigned char *p;
    size_t cap;
    struct part_end end, before;
};

void part_add(struct part *part, const struct record *r);
void part_free(struct part *part);

/* Room to sort a part in; re-used from part to part. */
struct sorter {
    struct record *v, *spare;
    size_t n, cap;
};

/* The records of part i, those of a pair together and else as they came. With
 * `name_rank`, pairs of a client are in order of it, and records of names whose
 * rank is TABLE_NONE are left out; without, in order of the name's id. */
void records_load(struct sorter *s, const struct part *part, size_t i,
                  const uint32_t *name_rank);
void sorter_free(struct sorter *s);

static inline bool record_same_pair(const struct record *a, const struct record *b)
{
    return a->client == b->client && a->name == b->name && a->qtype == b->qtype;
}

#endif
