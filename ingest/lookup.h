/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lookup - one look-up, as every format must present it.
 *
 * Spans are borrowed from the source that made the record and are valid until
 * its next batch. A reader hands over what the record says, in the form in
 * which it says it; ingest/canon.h makes one spelling of it, once a distinct
 * value, not once a record.
 */
#ifndef INGEST_LOOKUP_H
#define INGEST_LOOKUP_H

#include <stdint.h>

#include "base/span.h"

enum lookup_kind {
    LOOKUP_QUERY,    /* a query; with an rcode: a query together with its response, as
                        logs of one line a transaction write it */
    LOOKUP_RESPONSE, /* a response by itself */
    LOOKUP_INTERVAL, /* passive DNS: `weight` answers at times from t_ns to until_ns, both
                        in it. In no series. No client: several, or unknown */
};

enum lookup_form {
    FORM_TEXT,  /* printable spelling: 192.0.2.1, ::1, Mail1.Example. */
    FORM_WIRE,  /* address: 4 or 16 bytes; name: RFC 1035 labels, uncompressed */
    FORM_PLAIN, /* as FORM_TEXT, of a writer that escapes nothing: a backslash is itself */
    FORMS
};

/* What a query shows of the machine that sent it; integrity screens read how often it changes
 * (models/screens_sensor.c). 0 is unknown, which most formats leave all of them. */
enum lookup_trait {
    TRAIT_HOPS, /* hop limit (time to live) of its IP packet */
    TRAIT_EDNS, /* 1: no OPT record; else a digest of its size, flags, version and options */
    TRAIT_CASE, /* letters of the name, 12 or more: 1 of one case, 2 of both */
    LOOKUP_TRAITS
};

enum { LOOKUP_UNKNOWN = -1 };
#define LOOKUP_EVER INT64_MIN /* t_ns of an interval whose beginning is unknown */

struct lookup {
    uint64_t at;         /* line, packet, frame or record of its source, from 1; 0: unknown */
    int64_t t_ns;        /* when it was asked, ns since 1970-01-01 UTC */
    int64_t until_ns;    /* of an interval */
    struct span client;  /* who asked (of a response: who is answered) */
    struct span name;    /* the name asked for */
    struct span server;  /* who was asked; empty if unknown */
    uint8_t kind;        /* enum lookup_kind */
    uint8_t client_form; /* enum lookup_form; the server's too */
    uint8_t name_form;
    uint16_t qtype; /* IANA number; 0 unknown */
    int32_t rcode;  /* IANA number (extended: up to 4095) or LOOKUP_UNKNOWN */
    int32_t id;     /* DNS message id, or LOOKUP_UNKNOWN */
    int32_t port;   /* client's port, or LOOKUP_UNKNOWN */
    int64_t ttl_s;  /* smallest TTL of the answer section, or LOOKUP_UNKNOWN */
    uint16_t trait[LOOKUP_TRAITS];
    uint8_t letters; /* of a query whose letters are of both cases: how many, 64 at most */
    uint64_t upper;  /* bit i: letter i, from 0, is a capital */
    uint64_t weight; /* look-ups this record stands for, usually 1; of an interval also 0:
                        unknown */
};

#endif
