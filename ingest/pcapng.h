/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pcapng - packets out of a pcapng file (draft-ietf-opsawg-pcapng).
 *
 * Hides blocks, byte orders, sections and interfaces. Our own reader, because
 * libpcap 1.10 refuses files whose interfaces differ in link type or snapshot
 * length, which is what Wireshark writes when it listens on several.
 *
 *     struct pcapng *p = pcapng_new(in);
 *     while ((rc = pcapng_next(p, &frame, err)) > 0) ...
 */
#ifndef INGEST_PCAPNG_H
#define INGEST_PCAPNG_H

#include "ingest/input.h"
#include "ingest/packet.h"

enum {
    PCAPNG_BLOCK_MAX = 16 << 20, /* a longer block is taken for damage */
    PCAPNG_INTERFACES_MAX = 65536,
};

struct pcapng;

struct pcapng *pcapng_new(struct input *in); /* does not take over `in` */
void pcapng_free(struct pcapng *p);
bool pcapng_probe(struct span head);

/* enum frame_found, or ERR_MALFORMED (no path in the message) or ERR_IO. The
 * frame's bytes are valid until the next call. */
int pcapng_next(struct pcapng *p, struct packet_frame *ret, struct err *err);

#endif
