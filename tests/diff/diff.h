/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * diff - two decoders on one packet: ours, and one of libpcap, the system's header
 * structs and ldns. `make fuzz-diff` builds it; nothing of it is part of dnsclaim.
 *
 *     theirs_read(t, &frame, &b, &places);
 *     ours_read(o, WAY_PCAP, &frame, &places, &a);
 *     switch (diff_judge(&a, &b, &rule)) ...
 */
#ifndef TESTS_DIFF_H
#define TESTS_DIFF_H

#include <stdio.h>

#include <ldns/ldns.h>
#include <pcap/pcap.h>

#include "ingest/canon.h"
#include "ingest/skip.h"
#include "stats/rng.h"

enum { FRAME_MAX = 1 << 16, HELD_MAX = 8 };

/* A packet as captured; `bytes` has room for FRAME_MAX. */
struct frame {
    unsigned char *bytes;
    size_t n, wire_n;
    int link; /* DLT_EN10MB or DLT_RAW */
};

/* One question, as it would be counted. */
struct question {
    char name[CANON_NAME_MAX];
    size_t name_n;
    bool response;
    uint16_t type, id, port; /* the client's port */
    unsigned char client[16], server[16];
    size_t address_n; /* of each: 4 or 16 */
    int64_t rcode, ttl_s;
};

struct verdict {
    uint64_t n;                     /* questions that were read */
    struct question held[HELD_MAX]; /* the first of them */
    enum skip_reason why;           /* when n is 0 */
    uint64_t skips;                 /* ours: must be 1 when n is 0, else 0 */
    /* Theirs only: what the rules ask for. */
    const char *left_out;       /* why the packet is not compared; else NULL */
    ldns_status question_fault; /* of the question that ldns refused */
    unsigned pointers;          /* in the last name that was tried */
    bool label_past_end;        /* is there nothing behind its last label? */
    bool pointer_to_0;          /* does one of them lead to the message's first byte? */
    ldns_status owner_fault;    /* of the name of a record behind the questions */
};

/* Where the headers stand in a frame that has them; what mutations aim at. */
struct places {
    bool dns; /* is it UDP on port 53, so that the rest holds? */
    bool v6, cut;
    size_t ip, udp, message; /* where they begin */
    size_t end, message_n;   /* of the IP packet; of the message */
};

/* How a message comes: packets and files of one content. */
enum way { WAY_PCAP, WAY_PCAPNG, WAY_FRAGMENTS, WAY_TCP, WAYS };

/* False when the frame cannot go that way. */
bool way_write(FILE *out, enum way way, const struct frame *f, const struct places *at,
               struct rng *r);

struct ours;
struct ours *ours_new(void);
void ours_free(struct ours *o);
bool ours_read(struct ours *o, enum way way, const struct frame *f, const struct places *at,
               struct verdict *ret);

struct theirs;
struct theirs *theirs_new(void);
void theirs_free(struct theirs *t);
void theirs_read(struct theirs *t, const struct frame *f, struct verdict *ret,
                 struct places *ret_places);

/* Change `f` in one to four places. */
void mutate(struct frame *f, const struct places *at, struct rng *r);

/* Why the two may differ; diff_rules ends with a row without name. */
struct rule {
    const char *name, *reason;
    bool (*explains)(const struct verdict *ours, const struct verdict *theirs);
};
extern const struct rule diff_rules[];

enum judgement {
    DIFF_AGREE,
    DIFF_RULE,
    DIFF_FAULT,
    DIFF_LEFT_OUT /* by theirs */,
    DIFF_NO_WAY
};
enum judgement diff_judge(const struct verdict *ours, const struct verdict *theirs,
                          size_t *ret_rule);

#endif
