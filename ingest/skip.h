/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * skip - why a record was not counted. Every record that a source reads is a
 * look-up, an interval of passive DNS, or is counted here under one reason:
 * read = look-ups + intervals + skips.
 *
 *     skips.count[SKIP_MDNS]++;
 *     skips_add(&skips, SKIP_BAD_NAME, line, text);    // the first malformed one is kept
 */
#ifndef INGEST_SKIP_H
#define INGEST_SKIP_H

#include <stdint.h>

#include "base/span.h"

enum skip_class {
    SKIP_NOT_DNS,     /* something else, rightly in the file */
    SKIP_NOT_COUNTED, /* DNS, but not a look-up by the counting rule */
    SKIP_INCOMPLETE,  /* its end was not recorded; a warning, under --strict a failure */
    SKIP_MALFORMED,   /* breaks its own format; --max-skips limits these */
};

enum skip_reason {
    /* not_dns */
    SKIP_HEADER,    /* heading or comment line */
    SKIP_BLANK,     /* empty line */
    SKIP_LINK,      /* frame of a protocol that is not IP */
    SKIP_TRANSPORT, /* IP, neither UDP nor TCP */
    SKIP_PORT,      /* UDP or TCP, not on a DNS port */
    SKIP_TCP_EMPTY, /* TCP segment that carries no message: handshake, ack */
    SKIP_ICMP,      /* ICMP, with or without a quoted DNS message */
    SKIP_MDNS,      /* multicast DNS, port 5353 */
    SKIP_LLMNR,     /* link-local multicast name resolution, port 5355 */
    SKIP_NBNS,      /* NetBIOS name service, port 137 */
    SKIP_OTHER,     /* line or event about something else */
    /* not_counted */
    SKIP_RESPONSE,     /* response */
    SKIP_QUERY,        /* query, where responses are counted */
    SKIP_OPCODE,       /* request whose opcode is not QUERY */
    SKIP_NO_QUESTION,  /* query with QDCOUNT 0 */
    SKIP_FRAGMENT,     /* IP fragment whose other parts are not in the input */
    SKIP_TCP_PART,     /* TCP segment that holds no whole message */
    SKIP_NO_NAME,      /* record without a name or a client */
    SKIP_FORWARDED,    /* line about a query that the server itself sent */
    SKIP_DENIED,       /* line about a request that the server refused */
    SKIP_ZERO,         /* row of a table of counts that counts nothing */
    SKIP_ZONE,         /* passive DNS: record of a zone file */
    SKIP_MESSAGE_TYPE, /* dnstap message of a type that is not counted */
    SKIP_NOT_KEPT,     /* look-up of a client and a name that --keep does not select */
    /* incomplete */
    SKIP_CUT,        /* the input ends inside the record */
    SKIP_PACKET_CUT, /* the packet was captured in part, and its question is not in it */
    /* malformed */
    SKIP_BAD_PACKET,  /* the first of them. Link, IP, UDP or TCP header that contradicts itself
                       */
    SKIP_BAD_DNS,     /* DNS header or question that cannot be read */
    SKIP_BAD_NAME,    /* name that is no domain name */
    SKIP_BAD_CLIENT,  /* client that is empty or not text */
    SKIP_BAD_TIME,    /* time that cannot be read, or out of range */
    SKIP_BAD_FIELD,   /* another field that cannot be read */
    SKIP_BAD_COLUMNS, /* row with too few or too many fields */
    SKIP_REASONS
};

struct skip_info {
    const char *name, *help;
    enum skip_class class;
    const char *expected; /* malformed only: what should have stood there */
};

/* A malformed record: the first of its reason in a source. A case does not keep it. */
enum { SKIP_FOUND = 80, SKIP_FAULTS = SKIP_REASONS - SKIP_BAD_PACKET };
struct skip_fault {
    uint64_t at;            /* its line, packet, frame or record, from 1; 0: none */
    char found[SKIP_FOUND]; /* what stood there, printable and in quotes; "": nothing to show */
};

struct skips {
    uint64_t count[SKIP_REASONS];
    struct skip_fault first[SKIP_FAULTS]; /* of reason SKIP_BAD_PACKET + i */
};

extern const struct skip_info skip_table[SKIP_REASONS];

/* Count one; of the malformed, keep the one of the smallest `at`. */
void skips_add(struct skips *s, enum skip_reason why, uint64_t at, struct span found);

/* The reasons that have a first record, in order of where it stands; returns how many. */
size_t skips_faults(const struct skips *s, enum skip_reason ret[SKIP_FAULTS]);

const char *skip_class_name(enum skip_class class);
uint64_t skips_total(const struct skips *s);
uint64_t skips_of(const struct skips *s, enum skip_class class);

#endif
