/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoding is a walk: each layer has one function, which takes its header off
 * the front of the frame and names the next layer. A frame can hold no more
 * than LAYERS_MAX headers, so a crafted one ends the walk. */
#include "ingest/packet.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/bytes.h"
#include "ingest/fragment.h"

enum { LAYERS_MAX = 48 };

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
    LAYER_IP, /* version 4 or 6 by its first bits */
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

enum protocol {
    PROTOCOL_HOP_OPTIONS = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IP4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_IP6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_ICMP6 = 58,
    PROTOCOL_TARGET_OPTIONS = 60,
    PROTOCOL_MOBILITY = 135,
    PROTOCOL_MPLS = 137,
};

enum port {
    PORT_DNS = 53,
    PORT_NBNS = 137,
    PORT_GTPU = 2152,
    PORT_TEREDO = 3544,
    PORT_VXLAN = 4789,
    PORT_MDNS = 5353,
    PORT_LLMNR = 5355,
    PORT_GENEVE = 6081,
};

struct packets {
    struct fragments *fragments;
    bool dns[UINT16_MAX + 1]; /* does the port carry DNS? */
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

/* --- how a walk ends ------------------------------------------------------------------ */

static enum layer skip(struct walk *w, enum skip_reason why)
{
    w->kind = PACKET_SKIP;
    w->p->why = why;
    return LAYER_END;
}

static enum layer ends_early(struct walk *w)
{
    return skip(w, w->cut ? SKIP_PACKET_CUT : SKIP_BAD_PACKET);
}

static bool has(const struct walk *w, size_t n)
{
    return w->rest.n >= n;
}

static void take(struct walk *w, size_t n)
{
    w->rest = span_after(w->rest, n);
}

/* What follows is n bytes long: drop padding, or note that it was cut. */
static void limit(struct walk *w, size_t n)
{
    w->cut = n > w->rest.n;
    if (!w->cut)
        w->rest.n = n;
}

/* --- link layers ---------------------------------------------------------------------- */

static enum layer ethernet(struct walk *w)
{
    if (!has(w, 14))
        return ends_early(w);
    w->type = be16_at(w->rest, 12);
    take(w, 14);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

/* IEEE 802.2; only its SNAP form carries an ethertype. */
static enum layer llc(struct walk *w)
{
    static const unsigned char snap[] = {0xaa, 0xaa, 3};
    if (!has(w, 8))
        return has(w, 3) ? skip(w, SKIP_LINK) : ends_early(w);
    if (memcmp(w->rest.p, snap, sizeof snap) != 0)
        return skip(w, SKIP_LINK);
    w->type = be16_at(w->rest, 6);
    take(w, 8);
    return LAYER_ETHERTYPE;
}

static enum layer take_to(struct walk *w, size_t n, enum layer next)
{
    if (!has(w, n))
        return ends_early(w);
    take(w, n);
    return next;
}

static enum layer vlan(struct walk *w)
{
    if (!has(w, 4))
        return ends_early(w);
    w->type = be16_at(w->rest, 2);
    take(w, 4);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

static enum layer by_ethertype(struct walk *w)
{
    switch (w->type) {
    case ETHERTYPE_IP4:
        return LAYER_IP4;
    case ETHERTYPE_IP6:
        return LAYER_IP6;
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_QINQ_OLD:
    case ETHERTYPE_QINQ_OLD2:
        return vlan(w);
    case ETHERTYPE_PPPOE:
        return LAYER_PPPOE;
    case ETHERTYPE_PPP:
        return LAYER_PPP;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_UP:
        return LAYER_MPLS;
    case ETHERTYPE_BRIDGE:
        return LAYER_ETHERNET;
    default:
        return skip(w, SKIP_LINK);
    }
}

/* RFC 1661, with or without HDLC address bytes and with a protocol number of
 * one byte where it was compressed. */
static enum layer ppp(struct walk *w)
{
    if (has(w, 2) && be16_at(w->rest, 0) == 0xff03)
        take(w, 2);
    if (!has(w, 2))
        return ends_early(w);
    bool one = byte_at(w->rest, 0) & 1;
    unsigned protocol = one ? byte_at(w->rest, 0) : be16_at(w->rest, 0);
    take(w, one ? 1 : 2);
    switch (protocol) {
    case 0x21:
        return LAYER_IP4;
    case 0x57:
        return LAYER_IP6;
    case 0x281:
        return LAYER_MPLS;
    default:
        return skip(w, SKIP_LINK);
    }
}

static enum layer pppoe(struct walk *w)
{
    return take_to(w, 6, LAYER_PPP);
}

static enum layer chdlc(struct walk *w)
{
    if (!has(w, 4))
        return ends_early(w);
    w->type = be16_at(w->rest, 2);
    take(w, 4);
    return LAYER_ETHERTYPE;
}

static enum layer fddi(struct walk *w)
{
    return take_to(w, 13, LAYER_LLC);
}

/* IEEE 802.11: only data frames in the clear are followed. */
static enum layer wlan(struct walk *w)
{
    enum { TYPE = 0x0c, DATA = 0x08, QOS = 0x80, EMPTY = 0x40 };
    enum { TO_AND_FROM = 3, ENCRYPTED = 0x40, ORDER = 0x80 };
    if (!has(w, 24))
        return has(w, 1) && (byte_at(w->rest, 0) & TYPE) != DATA ? skip(w, SKIP_LINK)
                                                                 : ends_early(w);
    unsigned control = byte_at(w->rest, 0), flags = byte_at(w->rest, 1);
    if ((control & TYPE) != DATA || control & EMPTY || flags & ENCRYPTED)
        return skip(w, SKIP_LINK);
    size_t n = 24;
    if ((flags & TO_AND_FROM) == TO_AND_FROM)
        n += 6;
    if (control & QOS)
        n += flags & ORDER ? 6 : 2;
    return take_to(w, n, LAYER_LLC);
}

static enum layer radiotap(struct walk *w)
{
    return has(w, 4) ? take_to(w, le16_at(w->rest, 2), LAYER_802_11) : ends_early(w);
}

static enum layer of_link(unsigned link);

/* PPI and PKTAP say which link type follows. */
static enum layer ppi(struct walk *w)
{
    if (!has(w, 8))
        return ends_early(w);
    enum layer next = of_link(le32_at(w->rest, 4));
    return next == LAYER_END ? skip(w, SKIP_LINK) : take_to(w, le16_at(w->rest, 2), next);
}

static enum layer pktap(struct walk *w)
{
    if (!has(w, 12))
        return ends_early(w);
    enum layer next = of_link(le32_at(w->rest, 8));
    return next == LAYER_END ? skip(w, SKIP_LINK) : take_to(w, le32_at(w->rest, 0), next);
}

/* A family and a list of (length, type, value), 4-byte aligned, in the byte
 * order of the host that logged; little endian is assumed. */
static enum layer nflog(struct walk *w)
{
    enum { PAYLOAD = 9, FAMILY_IP4 = 2, FAMILY_IP6 = 10 };
    if (!has(w, 4))
        return ends_early(w);
    unsigned family = byte_at(w->rest, 0);
    take(w, 4);
    while (has(w, 4)) {
        size_t n = le16_at(w->rest, 0), aligned = (n + 3) & ~(size_t)3;
        if (n < 4)
            return skip(w, SKIP_BAD_PACKET);
        if (le16_at(w->rest, 2) == PAYLOAD) {
            take(w, 4);
            limit(w, n - 4);
            return family == FAMILY_IP4   ? LAYER_IP4
                   : family == FAMILY_IP6 ? LAYER_IP6
                                          : skip(w, SKIP_LINK);
        }
        if (!has(w, aligned))
            break;
        take(w, aligned);
    }
    return ends_early(w);
}

static enum layer sll(struct walk *w)
{
    if (!has(w, 16))
        return ends_early(w);
    w->type = be16_at(w->rest, 14);
    take(w, 16);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

static enum layer sll2(struct walk *w)
{
    if (!has(w, 20))
        return ends_early(w);
    w->type = be16_at(w->rest, 0);
    take(w, 20);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

/* An address family in the byte order of whoever captured; systems disagree on
 * the number of IPv6, so the header's own version decides. */
static enum layer null_family(struct walk *w)
{
    if (!has(w, 4))
        return ends_early(w);
    uint32_t family = le32_at(w->rest, 0);
    if (family > UINT16_MAX)
        family = be32_at(w->rest, 0);
    take(w, 4);
    switch (family) {
    case 2:
    case 10:
    case 24:
    case 28:
    case 30:
        return LAYER_IP;
    default:
        return skip(w, SKIP_LINK);
    }
}

/* RFC 3032; below the last label is IP, or a control word and an Ethernet frame. */
static enum layer mpls(struct walk *w)
{
    bool last = false;
    while (!last) {
        if (!has(w, 4))
            return ends_early(w);
        last = byte_at(w->rest, 2) & 1;
        take(w, 4);
    }
    if (!has(w, 1))
        return ends_early(w);
    if (byte_at(w->rest, 0) >> 4 == 0)
        return take_to(w, 4, LAYER_ETHERNET);
    return LAYER_IP;
}

/* --- IP ------------------------------------------------------------------------------- */

static enum layer ip(struct walk *w)
{
    if (!has(w, 1))
        return ends_early(w);
    unsigned version = byte_at(w->rest, 0) >> 4;
    return version == 4 ? LAYER_IP4 : version == 6 ? LAYER_IP6 : skip(w, SKIP_LINK);
}

/* Hold a fragment; go on with the datagram when it is the one that was missing. */
static enum layer fragment(struct walk *w, struct fragment *part)
{
    part->source = w->p->flow.source;
    part->target = w->p->flow.target;
    part->data = w->rest;
    part->t_ns = w->t_ns;
    if (!w->cut && fragments_add(w->x->fragments, part, &w->rest, &w->protocol))
        return LAYER_PROTOCOL;
    if (w->cut) /* it can complete nothing */
        return skip(w, SKIP_PACKET_CUT);
    w->kind = PACKET_HELD;
    return LAYER_END;
}

static enum layer ip4(struct walk *w)
{
    enum { MORE = 0x2000, OFFSET = 0x1fff };
    if (!has(w, 20))
        return ends_early(w);
    struct span h = w->rest;
    size_t header = (byte_at(h, 0) & 15) * 4u, total = be16_at(h, 2);
    if (byte_at(h, 0) >> 4 != 4 || header < 20)
        return skip(w, SKIP_BAD_PACKET);
    if (total == 0) /* left to the network card (TCP segmentation offload) */
        total = w->rest.n;
    if (total < header)
        return skip(w, SKIP_BAD_PACKET);
    limit(w, total);
    if (!has(w, header))
        return ends_early(w);
    take(w, header);
    w->protocol = (uint8_t)byte_at(h, 9);
    w->p->flow.source = span_make(h.p + 12, 4);
    w->p->flow.target = span_make(h.p + 16, 4);
    unsigned word = be16_at(h, 6);
    if (!(word & (MORE | OFFSET)))
        return LAYER_PROTOCOL;
    struct fragment part = {.id = be16_at(h, 4),
                            .protocol = w->protocol,
                            .more = word & MORE,
                            .offset = (word & OFFSET) * 8u};
    return fragment(w, &part);
}

static enum layer ip6(struct walk *w)
{
    if (!has(w, 40))
        return ends_early(w);
    struct span h = w->rest;
    if (byte_at(h, 0) >> 4 != 6)
        return skip(w, SKIP_BAD_PACKET);
    take(w, 40);
    size_t payload = be16_at(h, 4);
    if (payload > 0) /* 0: jumbogram or segmentation offload */
        limit(w, payload);
    w->protocol = (uint8_t)byte_at(h, 6);
    w->p->flow.source = span_make(h.p + 8, 16);
    w->p->flow.target = span_make(h.p + 24, 16);
    return LAYER_PROTOCOL;
}

static enum layer ip6_fragment(struct walk *w)
{
    if (!has(w, 8))
        return ends_early(w);
    struct span h = w->rest;
    unsigned word = be16_at(h, 2);
    struct fragment part = {.id = be32_at(h, 4),
                            .protocol = (uint8_t)byte_at(h, 0),
                            .more = word & 1,
                            .offset = word & 0xfff8};
    take(w, 8);
    w->protocol = part.protocol;
    if (!part.more && part.offset == 0) /* an atomic fragment (RFC 6946) is whole */
        return LAYER_PROTOCOL;
    return fragment(w, &part);
}

/* An extension header, whose length is in units of `unit` and lacks `plus`. */
static enum layer extension(struct walk *w, size_t unit, size_t plus)
{
    if (!has(w, 2))
        return ends_early(w);
    w->protocol = (uint8_t)byte_at(w->rest, 0);
    return take_to(w, (byte_at(w->rest, 1) + plus) * unit, LAYER_PROTOCOL);
}

static enum layer by_protocol(struct walk *w)
{
    switch (w->protocol) {
    case PROTOCOL_UDP:
        return LAYER_UDP;
    case PROTOCOL_TCP:
        return LAYER_TCP;
    case PROTOCOL_IP4:
        return LAYER_IP4;
    case PROTOCOL_IP6:
        return LAYER_IP6;
    case PROTOCOL_GRE:
        return LAYER_GRE;
    case PROTOCOL_MPLS:
        return LAYER_MPLS;
    case PROTOCOL_HOP_OPTIONS:
    case PROTOCOL_ROUTING:
    case PROTOCOL_TARGET_OPTIONS:
    case PROTOCOL_MOBILITY:
        return extension(w, 8, 1);
    case PROTOCOL_AH:
        return extension(w, 4, 2);
    case PROTOCOL_FRAGMENT:
        return ip6_fragment(w);
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMP6:
        return skip(w, SKIP_ICMP);
    default:
        return skip(w, SKIP_TRANSPORT);
    }
}

/* --- tunnels -------------------------------------------------------------------------- */

/* RFC 2784, 2890; version 1 is RFC 2637 (PPTP). ERSPAN II has a header only where
 * GRE carries a sequence number, else it is ERSPAN I, which has none. */
static enum layer gre(struct walk *w)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000 };
    enum { ACK = 0x0080, VERSION = 7 };
    if (!has(w, 4))
        return ends_early(w);
    unsigned flags = be16_at(w->rest, 0);
    w->type = be16_at(w->rest, 2);
    bool pptp = (flags & VERSION) == 1;
    size_t n = 4;
    n += flags & (CHECKSUM | ROUTING) ? 4 : 0;
    n += flags & KEY ? 4 : 0;
    n += flags & SEQUENCE ? 4 : 0;
    n += pptp && flags & ACK ? 4 : 0;
    if (!has(w, n))
        return ends_early(w);
    take(w, n);
    if (w->rest.n == 0) /* a bare acknowledgement or keep-alive */
        return skip(w, SKIP_TRANSPORT);
    if (w->type == ETHERTYPE_ERSPAN2)
        return take_to(w, flags & SEQUENCE ? 8 : 0, LAYER_ETHERNET);
    if (w->type == ETHERTYPE_ERSPAN3)
        return take_to(w, has(w, 12) && byte_at(w->rest, 11) & 1 ? 20 : 12, LAYER_ETHERNET);
    return LAYER_ETHERTYPE;
}

/* GTP-U (3GPP TS 29.281): message 255 carries a packet, after optional fields
 * and extension headers. */
static enum layer gtpu(struct walk *w)
{
    enum { VERSION_1 = 0x30, VERSION_MASK = 0xf0, OPTIONAL = 7, EXTENSION = 4, G_PDU = 255 };
    unsigned flags = byte_at(w->rest, 0);
    if ((flags & VERSION_MASK) != VERSION_1 || byte_at(w->rest, 1) != G_PDU)
        return LAYER_END;
    size_t n = flags & OPTIONAL ? 12 : 8;
    if (!has(w, n))
        return LAYER_END;
    unsigned next = flags & EXTENSION ? byte_at(w->rest, n - 1) : 0;
    while (next != 0) {
        size_t length = has(w, n + 1) ? byte_at(w->rest, n) * 4u : 0;
        if (length == 0 || !has(w, n + length))
            return LAYER_END;
        n += length;
        next = byte_at(w->rest, n - 1);
    }
    take(w, n);
    return LAYER_IP;
}

static enum layer vxlan(struct walk *w)
{
    enum { FLAG_VNI = 0x08 };
    if (!(byte_at(w->rest, 0) & FLAG_VNI) || byte_at(w->rest, 7) != 0)
        return LAYER_END;
    take(w, 8);
    return LAYER_ETHERNET;
}

static enum layer geneve(struct walk *w)
{
    size_t n = 8 + (byte_at(w->rest, 0) & 0x3f) * 4u;
    if (byte_at(w->rest, 0) >> 6 != 0 || !has(w, n))
        return LAYER_END;
    w->type = be16_at(w->rest, 2);
    take(w, n);
    return LAYER_ETHERTYPE;
}

/* Teredo (RFC 4380): IPv6, after optional authentication and origin headers. */
static enum layer teredo(struct walk *w)
{
    enum { AUTHENTICATION = 1, ORIGIN = 0 };
    struct span s = w->rest;
    if (s.n >= 13 && be16_at(s, 0) == AUTHENTICATION) {
        size_t n = 13 + byte_at(s, 2) + byte_at(s, 3);
        s = s.n >= n ? span_after(s, n) : s;
    }
    if (s.n >= 8 && be16_at(s, 0) == ORIGIN)
        s = span_after(s, 8);
    if (s.n < 40 || byte_at(s, 0) >> 4 != 6)
        return LAYER_END;
    w->rest = s;
    return LAYER_IP6;
}

/* The layer that a UDP port tunnels; LAYER_END when the data is not of its form. */
static enum layer udp_tunnel(struct walk *w)
{
    const struct flow *f = &w->p->flow;
    if (!has(w, 8))
        return LAYER_END;
    switch (f->target_port) {
    case PORT_GTPU:
        return gtpu(w);
    case PORT_VXLAN:
        return vxlan(w);
    case PORT_GENEVE:
        return geneve(w);
    default:
        return f->target_port == PORT_TEREDO || f->source_port == PORT_TEREDO ? teredo(w)
                                                                              : LAYER_END;
    }
}

/* --- transport ------------------------------------------------------------------------ */

static enum layer finish(struct walk *w, enum packet_kind kind)
{
    w->kind = kind;
    w->p->data = w->rest;
    w->p->cut = w->cut;
    return LAYER_END;
}

static bool is_port(const struct flow *f, enum port port)
{
    return f->source_port == port || f->target_port == port;
}

static bool is_dns(const struct walk *w)
{
    const struct flow *f = &w->p->flow;
    return w->x->dns[f->source_port] || w->x->dns[f->target_port];
}

static enum layer other_port(struct walk *w)
{
    const struct flow *f = &w->p->flow;
    return skip(w, is_port(f, PORT_MDNS)    ? SKIP_MDNS
                   : is_port(f, PORT_LLMNR) ? SKIP_LLMNR
                   : is_port(f, PORT_NBNS)  ? SKIP_NBNS
                                            : SKIP_PORT);
}

static void read_ports(struct walk *w)
{
    w->p->flow.source_port = be16_at(w->rest, 0);
    w->p->flow.target_port = be16_at(w->rest, 2);
}

static enum layer udp(struct walk *w)
{
    if (!has(w, 8))
        return ends_early(w);
    read_ports(w);
    size_t length = be16_at(w->rest, 4);
    if (length > 0 && length < 8)
        return skip(w, SKIP_BAD_PACKET);
    if (length > 0 && length < w->rest.n) /* longer than IP says: IP is believed */
        w->rest.n = length;
    take(w, 8);
    if (is_dns(w))
        return finish(w, PACKET_UDP);
    enum layer next = udp_tunnel(w);
    return next == LAYER_END ? other_port(w) : next;
}

static enum layer tcp(struct walk *w)
{
    if (!has(w, 20))
        return ends_early(w);
    read_ports(w);
    if (!is_dns(w))
        return other_port(w);
    size_t header = (byte_at(w->rest, 12) >> 4) * 4u;
    if (header < 20)
        return skip(w, SKIP_BAD_PACKET);
    w->p->seq = be32_at(w->rest, 4);
    w->p->tcp_flags = byte_at(w->rest, 13);
    if (!has(w, header))
        return ends_early(w);
    take(w, header);
    return finish(w, PACKET_TCP);
}

/* --- the walk ------------------------------------------------------------------------- */

static layer_fn *const layers[LAYERS] = {
    [LAYER_ETHERNET] = ethernet,
    [LAYER_ETHERTYPE] = by_ethertype,
    [LAYER_LLC] = llc,
    [LAYER_PPP] = ppp,
    [LAYER_PPPOE] = pppoe,
    [LAYER_CHDLC] = chdlc,
    [LAYER_FDDI] = fddi,
    [LAYER_802_11] = wlan,
    [LAYER_RADIOTAP] = radiotap,
    [LAYER_PPI] = ppi,
    [LAYER_PKTAP] = pktap,
    [LAYER_NFLOG] = nflog,
    [LAYER_SLL] = sll,
    [LAYER_SLL2] = sll2,
    [LAYER_NULL] = null_family,
    [LAYER_MPLS] = mpls,
    [LAYER_IP] = ip,
    [LAYER_IP4] = ip4,
    [LAYER_IP6] = ip6,
    [LAYER_PROTOCOL] = by_protocol,
    [LAYER_GRE] = gre,
    [LAYER_UDP] = udp,
    [LAYER_TCP] = tcp,
};

/* The first layer of a link type; LAYER_END when it is not known. */
static enum layer of_link(unsigned link)
{
    switch (link) {
    case LINK_NULL:
    case LINK_LOOP:
        return LAYER_NULL;
    case LINK_ETHERNET:
        return LAYER_ETHERNET;
    case LINK_PPP:
    case LINK_PPP_HDLC:
        return LAYER_PPP;
    case LINK_PPP_ETHER:
        return LAYER_PPPOE;
    case LINK_FDDI:
        return LAYER_FDDI;
    case LINK_CHDLC:
        return LAYER_CHDLC;
    case LINK_802_11:
        return LAYER_802_11;
    case LINK_SLL:
        return LAYER_SLL;
    case LINK_RADIOTAP:
        return LAYER_RADIOTAP;
    case LINK_PKTAP_OLD:
    case LINK_PKTAP:
        return LAYER_PKTAP;
    case LINK_PPI:
        return LAYER_PPI;
    case LINK_RAW:
    case LINK_RAW_OLD:
    case LINK_IPV4:
    case LINK_IPV6:
        return LAYER_IP;
    case LINK_NFLOG:
        return LAYER_NFLOG;
    case LINK_SLL2:
        return LAYER_SLL2;
    default:
        return LAYER_END;
    }
}

struct packets *packets_new(const uint16_t *ports)
{
    struct packets *x = mem_zero(1, sizeof *x);
    x->fragments = fragments_new();
    x->dns[PORT_DNS] = true;
    for (; ports && *ports; ports++)
        x->dns[*ports] = true;
    return x;
}

void packets_free(struct packets *x)
{
    if (!x)
        return;
    fragments_free(x->fragments);
    free(x);
}

bool packets_knows(unsigned link)
{
    return of_link(link) != LAYER_END;
}

enum packet_kind packets_read(struct packets *x, const struct packet_frame *f,
                              struct packet *ret)
{
    struct walk w = {
        .x = x, .p = ret, .rest = f->bytes, .cut = f->bytes.n < f->wire_n, .t_ns = f->t_ns};
    *ret = (struct packet){0};
    fragments_release(x->fragments);
    enum layer layer = of_link(f->link);
    if (layer == LAYER_END)
        skip(&w, SKIP_LINK);
    for (int depth = 0; layer != LAYER_END; depth++) {
        if (depth == LAYERS_MAX) {
            skip(&w, SKIP_BAD_PACKET);
            break;
        }
        layer = layers[layer](&w);
    }
    return w.kind;
}

uint64_t packets_lost(struct packets *x, bool end)
{
    return fragments_lost(x->fragments, end);
}
