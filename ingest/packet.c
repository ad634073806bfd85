/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoding is a walk over layers (ingest/walk.h); those of the link are in link.c. A
 * frame can hold no more than LAYERS_MAX headers, so a crafted one ends the walk. */
#include "ingest/packet.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/fragment.h"
#include "ingest/link.h"

enum { LAYERS_MAX = 48 };

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

/* --- IP ------------------------------------------------------------------------------- */

static enum layer ip(struct walk *w)
{
    if (!walk_has(w, 1))
        return walk_ends(w);
    unsigned version = byte_at(w->rest, 0) >> 4;
    return version == 4 ? LAYER_IP4 : version == 6 ? LAYER_IP6 : walk_skip(w, SKIP_LINK);
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
        return walk_skip(w, SKIP_PACKET_CUT);
    w->kind = PACKET_HELD;
    return LAYER_END;
}

static enum layer ip4(struct walk *w)
{
    enum { MORE = 0x2000, OFFSET = 0x1fff };
    if (!walk_has(w, 20))
        return walk_ends(w);
    struct span h = w->rest;
    size_t header = (byte_at(h, 0) & 15) * 4u, total = be16_at(h, 2);
    if (byte_at(h, 0) >> 4 != 4 || header < 20)
        return walk_skip(w, SKIP_BAD_PACKET);
    if (total == 0) /* left to the network card (TCP segmentation offload) */
        total = w->rest.n;
    if (total < header)
        return walk_skip(w, SKIP_BAD_PACKET);
    walk_limit(w, total);
    if (!walk_has(w, header))
        return walk_ends(w);
    walk_take(w, header);
    w->protocol = (uint8_t)byte_at(h, 9);
    w->p->flow.hops = (uint8_t)byte_at(h, 8);
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
    if (!walk_has(w, 40))
        return walk_ends(w);
    struct span h = w->rest;
    if (byte_at(h, 0) >> 4 != 6)
        return walk_skip(w, SKIP_BAD_PACKET);
    walk_take(w, 40);
    size_t payload = be16_at(h, 4);
    if (payload > 0) /* 0: jumbogram or segmentation offload */
        walk_limit(w, payload);
    w->protocol = (uint8_t)byte_at(h, 6);
    w->p->flow.hops = (uint8_t)byte_at(h, 7);
    w->p->flow.source = span_make(h.p + 8, 16);
    w->p->flow.target = span_make(h.p + 24, 16);
    return LAYER_PROTOCOL;
}

static enum layer ip6_fragment(struct walk *w)
{
    if (!walk_has(w, 8))
        return walk_ends(w);
    struct span h = w->rest;
    unsigned word = be16_at(h, 2);
    struct fragment part = {.id = be32_at(h, 4),
                            .protocol = (uint8_t)byte_at(h, 0),
                            .more = word & 1,
                            .offset = word & 0xfff8};
    walk_take(w, 8);
    w->protocol = part.protocol;
    if (!part.more && part.offset == 0) /* an atomic fragment (RFC 6946) is whole */
        return LAYER_PROTOCOL;
    return fragment(w, &part);
}

/* An extension header, whose length is in units of `unit` and lacks `plus`. */
static enum layer extension(struct walk *w, size_t unit, size_t plus)
{
    if (!walk_has(w, 2))
        return walk_ends(w);
    w->protocol = (uint8_t)byte_at(w->rest, 0);
    return walk_take_to(w, (byte_at(w->rest, 1) + plus) * unit, LAYER_PROTOCOL);
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
        return walk_skip(w, SKIP_ICMP);
    default:
        return walk_skip(w, SKIP_TRANSPORT);
    }
}

/* --- tunnels -------------------------------------------------------------------------- */

/* RFC 2784, 2890; version 1 is RFC 2637 (PPTP). ERSPAN II has a header only where
 * GRE carries a sequence number, else it is ERSPAN I, which has none. */
static enum layer gre(struct walk *w)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000 };
    enum { ACK = 0x0080, VERSION = 7 };
    if (!walk_has(w, 4))
        return walk_ends(w);
    unsigned flags = be16_at(w->rest, 0);
    w->type = be16_at(w->rest, 2);
    bool pptp = (flags & VERSION) == 1;
    size_t n = 4;
    n += flags & (CHECKSUM | ROUTING) ? 4 : 0;
    n += flags & KEY ? 4 : 0;
    n += flags & SEQUENCE ? 4 : 0;
    n += pptp && flags & ACK ? 4 : 0;
    if (!walk_has(w, n))
        return walk_ends(w);
    walk_take(w, n);
    if (w->rest.n == 0) /* a bare acknowledgement or keep-alive */
        return walk_skip(w, SKIP_TRANSPORT);
    if (w->type == ETHERTYPE_ERSPAN2)
        return walk_take_to(w, flags & SEQUENCE ? 8 : 0, LAYER_ETHERNET);
    if (w->type == ETHERTYPE_ERSPAN3)
        return walk_take_to(w, walk_has(w, 12) && byte_at(w->rest, 11) & 1 ? 20 : 12,
                            LAYER_ETHERNET);
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
    if (!walk_has(w, n))
        return LAYER_END;
    unsigned next = flags & EXTENSION ? byte_at(w->rest, n - 1) : 0;
    while (next != 0) {
        size_t length = walk_has(w, n + 1) ? byte_at(w->rest, n) * 4u : 0;
        if (length == 0 || !walk_has(w, n + length))
            return LAYER_END;
        n += length;
        next = byte_at(w->rest, n - 1);
    }
    walk_take(w, n);
    return LAYER_IP;
}

static enum layer vxlan(struct walk *w)
{
    enum { FLAG_VNI = 0x08 };
    if (!(byte_at(w->rest, 0) & FLAG_VNI) || byte_at(w->rest, 7) != 0)
        return LAYER_END;
    walk_take(w, 8);
    return LAYER_ETHERNET;
}

static enum layer geneve(struct walk *w)
{
    size_t n = 8 + (byte_at(w->rest, 0) & 0x3f) * 4u;
    if (byte_at(w->rest, 0) >> 6 != 0 || !walk_has(w, n))
        return LAYER_END;
    w->type = be16_at(w->rest, 2);
    walk_take(w, n);
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
    if (!walk_has(w, 8))
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
    return walk_skip(w, is_port(f, PORT_MDNS)    ? SKIP_MDNS
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
    if (!walk_has(w, 8))
        return walk_ends(w);
    read_ports(w);
    size_t length = be16_at(w->rest, 4);
    if (length > 0 && length < 8)
        return walk_skip(w, SKIP_BAD_PACKET);
    if (length > 0 && length < w->rest.n) /* longer than IP says: IP is believed */
        w->rest.n = length;
    walk_take(w, 8);
    if (is_dns(w))
        return finish(w, PACKET_UDP);
    enum layer next = udp_tunnel(w);
    return next == LAYER_END ? other_port(w) : next;
}

static enum layer tcp(struct walk *w)
{
    if (!walk_has(w, 20))
        return walk_ends(w);
    read_ports(w);
    if (!is_dns(w))
        return other_port(w);
    size_t header = (byte_at(w->rest, 12) >> 4) * 4u;
    if (header < 20)
        return walk_skip(w, SKIP_BAD_PACKET);
    w->p->seq = be32_at(w->rest, 4);
    w->p->tcp_flags = byte_at(w->rest, 13);
    if (!walk_has(w, header))
        return walk_ends(w);
    walk_take(w, header);
    return finish(w, PACKET_TCP);
}

/* --- the walk ------------------------------------------------------------------------- */

static layer_fn *const layers[LAYERS] = {
    [LAYER_IP] = ip,   [LAYER_IP4] = ip4, [LAYER_IP6] = ip6, [LAYER_PROTOCOL] = by_protocol,
    [LAYER_GRE] = gre, [LAYER_UDP] = udp, [LAYER_TCP] = tcp,
};

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
    return link_first(link) != LAYER_END;
}

enum packet_kind packets_read(struct packets *x, const struct packet_frame *f,
                              struct packet *ret)
{
    struct walk w = {
        .x = x, .p = ret, .rest = f->bytes, .cut = f->bytes.n < f->wire_n, .t_ns = f->t_ns};
    *ret = (struct packet){0};
    fragments_release(x->fragments);
    enum layer layer = link_first(f->link);
    if (layer == LAYER_END)
        walk_skip(&w, SKIP_LINK);
    for (int depth = 0; layer != LAYER_END; depth++) {
        if (depth == LAYERS_MAX) {
            walk_skip(&w, SKIP_BAD_PACKET);
            break;
        }
        layer = layer < LAYERS_OF_LINKS ? link_read(&w, layer) : layers[layer](&w);
    }
    return w.kind;
}

uint64_t packets_lost(struct packets *x)
{
    return fragments_lost(x->fragments);
}

uint64_t packets_waiting(struct packets *x)
{
    return fragments_waiting(x->fragments);
}
