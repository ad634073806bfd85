/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * packet - from a captured frame to the data of the innermost UDP or TCP.
 *
 * Hides link layers, tags, tunnels, IP options, extension headers and IP
 * fragments. Addresses are the innermost ones. Lengths come from IP first, then
 * from what was captured: padding is never taken for data. Checksums are not
 * looked at (offloading leaves them wrong in honest captures).
 *
 *     struct packets *x = packets_new(ports);
 *     struct packet p;
 *     enum packet_kind kind = packets_read(x, &frame, &p);
 *     if (kind == PACKET_SKIP) skips.count[p.why]++;
 *
 * A datagram in fragments is one record: its fragments are held, and the packet
 * that completes it counts for all. Fragments that are never completed are one
 * record each: packets_lost and packets_waiting count them, once.
 */
#ifndef INGEST_PACKET_H
#define INGEST_PACKET_H

#include <stdint.h>

#include "base/span.h"
#include "ingest/skip.h"

/* Link types by their number in the file (tcpdump.org/linktypes.html). */
enum packet_link {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_FDDI = 10,
    LINK_RAW_OLD = 12, /* DLT_RAW, also how libpcap presents 101 */
    LINK_PPP_HDLC = 50,
    LINK_PPP_ETHER = 51,
    LINK_RAW = 101,
    LINK_CHDLC = 104,
    LINK_802_11 = 105,
    LINK_LOOP = 108,
    LINK_SLL = 113,
    LINK_RADIOTAP = 127,
    LINK_PKTAP_OLD = 149, /* DLT_USER2, which Apple used */
    LINK_PPI = 192,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_PKTAP = 258,
    LINK_SLL2 = 276,
};

/* A frame as it was captured. */
struct packet_frame {
    struct span bytes; /* at most INT32_MAX */
    size_t wire_n;     /* its length on the wire, >= bytes.n */
    int64_t t_ns;
    unsigned link; /* enum packet_link, or one that is not known */
};

/* What asking a capture for its next frame found. */
enum frame_found {
    FRAME_END,
    FRAME_READ,
    FRAME_TIMELESS, /* a packet without a time, or one out of range */
    FRAME_CUT,      /* the file ends inside a record; the next call gives FRAME_END */
};

enum packet_kind {
    PACKET_UDP,
    PACKET_TCP,
    PACKET_HELD, /* a fragment of a datagram that is not complete yet */
    PACKET_SKIP, /* not on a DNS port, or unreadable: see `why` */
};

enum { TCP_SYN = 2 }; /* in tcp_flags */

/* Who sends to whom. Addresses are 4 or 16 bytes. */
struct flow {
    struct span source, target;
    uint16_t source_port, target_port;
    uint8_t hops; /* hop limit of a packet; 0: of a stream, unknown */
};

/* Spans lead into the frame or into the table of fragments, valid until the next
 * packets_read. */
struct packet {
    struct flow flow;
    struct span data;
    bool cut;     /* more data was sent than was captured */
    uint32_t seq; /* TCP only, as tcp_flags */
    unsigned tcp_flags;
    enum skip_reason why;
};

struct packets;

/* `ports` carry DNS besides 53; 0 ends it; or NULL. */
struct packets *packets_new(const uint16_t *ports);
void packets_free(struct packets *x);

bool packets_knows(unsigned link); /* can frames of this link type be read? */

enum packet_kind packets_read(struct packets *x, const struct packet_frame *f,
                              struct packet *ret);

/* Fragments given up since the last call. */
uint64_t packets_lost(struct packets *x);

/* End of a file: fragments that are held, each told once. They stay, for the file that
 * continues this one, and packets_lost will not tell them again. */
uint64_t packets_waiting(struct packets *x);

#endif
