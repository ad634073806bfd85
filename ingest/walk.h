/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * walk - decoding as a walk; private to packet.c and link.c.
 *
 * Each layer has one function, which takes its header off the front of the frame
 * and names the next layer, or ends the walk.
 */
#ifndef INGEST_WALK_H
#define INGEST_WALK_H

#include "ingest/bytes.h"
#include "ingest/packet.h"

enum layer {
    LAYER_ETHERNET,
    LAYER_ETHERTYPE, /* w->type says what comes */
    LAYER_LLC,
    LAYER_PPP,
    LAYER_PPPOE,
    LAYER_CHDLC,
    LAYER_FDDI,
    LAYER_802_11,
    LAYER_RADIOTAP,
    LAYER_PPI,
    LAYER_PKTAP,
    LAYER_NFLOG,
    LAYER_SLL,
    LAYER_SLL2,
    LAYER_NULL,
    LAYER_MPLS,
    LAYERS_OF_LINKS,
    LAYER_IP = LAYERS_OF_LINKS, /* version 4 or 6 by its first bits */
    LAYER_IP4,
    LAYER_IP6,
    LAYER_PROTOCOL, /* w->protocol says what comes */
    LAYER_GRE,
    LAYER_UDP,
    LAYER_TCP,
    LAYERS,
    LAYER_END /* w->kind is the result */
};

enum ethertype {
    ETHERTYPE_MIN = 0x600, /* below it is a length */
    ETHERTYPE_IP4 = 0x0800,
    ETHERTYPE_BRIDGE = 0x6558, /* an Ethernet frame, in tunnels */
    ETHERTYPE_VLAN = 0x8100,
    ETHERTYPE_IP6 = 0x86dd,
    ETHERTYPE_PPP = 0x880b,
    ETHERTYPE_MPLS = 0x8847,
    ETHERTYPE_MPLS_UP = 0x8848,
    ETHERTYPE_PPPOE = 0x8864,
    ETHERTYPE_QINQ = 0x88a8,
    ETHERTYPE_ERSPAN2 = 0x88be, /* and ERSPAN I, which has no header of its own */
    ETHERTYPE_ERSPAN3 = 0x22eb,
    ETHERTYPE_QINQ_OLD = 0x9100,
    ETHERTYPE_QINQ_OLD2 = 0x9200,
};

struct walk {
    struct packets *x;
    struct packet *p;
    struct span rest; /* not decoded yet */
    bool cut;         /* the headers promise more than `rest` */
    uint16_t type;    /* enum ethertype */
    uint8_t protocol; /* enum protocol */
    int64_t t_ns;
    enum packet_kind kind;
};

typedef enum layer layer_fn(struct walk *w);

/* How a walk ends without data. */
static inline enum layer walk_skip(struct walk *w, enum skip_reason why)
{
    w->kind = PACKET_SKIP;
    w->p->why = why;
    return LAYER_END;
}

static inline enum layer walk_ends(struct walk *w)
{
    return walk_skip(w, w->cut ? SKIP_PACKET_CUT : SKIP_BAD_PACKET);
}

/* Is the next header of n bytes there? And go on behind it. */
static inline bool walk_has(const struct walk *w, size_t n)
{
    return w->rest.n >= n;
}

static inline void walk_take(struct walk *w, size_t n)
{
    w->rest = span_after(w->rest, n);
}

/* What follows is n bytes long: drop padding, or note that it was cut. */
static inline void walk_limit(struct walk *w, size_t n)
{
    w->cut = n > w->rest.n;
    if (!w->cut)
        w->rest.n = n;
}

static inline enum layer walk_take_to(struct walk *w, size_t n, enum layer next)
{
    if (!walk_has(w, n))
        return walk_ends(w);
    walk_take(w, n);
    return next;
}

#endif
