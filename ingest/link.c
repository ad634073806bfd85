/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/link.h"

static enum layer ethernet(struct walk *w)
{
    if (!walk_has(w, 14))
        return walk_ends(w);
    w->type = be16_at(w->rest, 12);
    walk_take(w, 14);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

/* IEEE 802.2; only its SNAP form carries an ethertype. */
static enum layer llc(struct walk *w)
{
    static const unsigned char snap[] = {0xaa, 0xaa, 3};
    if (!walk_has(w, 8))
        return walk_has(w, 3) ? walk_skip(w, SKIP_LINK) : walk_ends(w);
    if (memcmp(w->rest.p, snap, sizeof snap) != 0)
        return walk_skip(w, SKIP_LINK);
    w->type = be16_at(w->rest, 6);
    walk_take(w, 8);
    return LAYER_ETHERTYPE;
}

static enum layer vlan(struct walk *w)
{
    if (!walk_has(w, 4))
        return walk_ends(w);
    w->type = be16_at(w->rest, 2);
    walk_take(w, 4);
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
        return walk_skip(w, SKIP_LINK);
    }
}

/* RFC 1661, with or without HDLC address bytes and with a protocol number of
 * one byte where it was compressed. */
static enum layer ppp(struct walk *w)
{
    if (walk_has(w, 2) && be16_at(w->rest, 0) == 0xff03)
        walk_take(w, 2);
    if (!walk_has(w, 2))
        return walk_ends(w);
    bool one = byte_at(w->rest, 0) & 1;
    unsigned protocol = one ? byte_at(w->rest, 0) : be16_at(w->rest, 0);
    walk_take(w, one ? 1 : 2);
    switch (protocol) {
    case 0x21:
        return LAYER_IP4;
    case 0x57:
        return LAYER_IP6;
    case 0x281:
        return LAYER_MPLS;
    default:
        return walk_skip(w, SKIP_LINK);
    }
}

static enum layer pppoe(struct walk *w)
{
    return walk_take_to(w, 6, LAYER_PPP);
}

static enum layer chdlc(struct walk *w)
{
    if (!walk_has(w, 4))
        return walk_ends(w);
    w->type = be16_at(w->rest, 2);
    walk_take(w, 4);
    return LAYER_ETHERTYPE;
}

static enum layer fddi(struct walk *w)
{
    return walk_take_to(w, 13, LAYER_LLC);
}

/* IEEE 802.11: only data frames in the clear are followed. */
static enum layer wlan(struct walk *w)
{
    enum { TYPE = 0x0c, DATA = 0x08, QOS = 0x80, EMPTY = 0x40 };
    enum { TO_AND_FROM = 3, ENCRYPTED = 0x40, ORDER = 0x80 };
    if (!walk_has(w, 24))
        return walk_has(w, 1) && (byte_at(w->rest, 0) & TYPE) != DATA ? walk_skip(w, SKIP_LINK)
                                                                      : walk_ends(w);
    unsigned control = byte_at(w->rest, 0), flags = byte_at(w->rest, 1);
    if ((control & TYPE) != DATA || control & EMPTY || flags & ENCRYPTED)
        return walk_skip(w, SKIP_LINK);
    size_t n = 24;
    if ((flags & TO_AND_FROM) == TO_AND_FROM)
        n += 6;
    if (control & QOS)
        n += flags & ORDER ? 6 : 2;
    return walk_take_to(w, n, LAYER_LLC);
}

static enum layer radiotap(struct walk *w)
{
    return walk_has(w, 4) ? walk_take_to(w, le16_at(w->rest, 2), LAYER_802_11) : walk_ends(w);
}

/* PPI and PKTAP say which link type follows. */
static enum layer ppi(struct walk *w)
{
    if (!walk_has(w, 8))
        return walk_ends(w);
    enum layer next = link_first(le32_at(w->rest, 4));
    return next == LAYER_END ? walk_skip(w, SKIP_LINK)
                             : walk_take_to(w, le16_at(w->rest, 2), next);
}

static enum layer pktap(struct walk *w)
{
    if (!walk_has(w, 12))
        return walk_ends(w);
    enum layer next = link_first(le32_at(w->rest, 8));
    return next == LAYER_END ? walk_skip(w, SKIP_LINK)
                             : walk_take_to(w, le32_at(w->rest, 0), next);
}

/* A family and a list of (length, type, value), 4-byte aligned, in the byte
 * order of the host that logged; little endian is assumed. */
static enum layer nflog(struct walk *w)
{
    enum { PAYLOAD = 9, FAMILY_IP4 = 2, FAMILY_IP6 = 10 };
    if (!walk_has(w, 4))
        return walk_ends(w);
    unsigned family = byte_at(w->rest, 0);
    walk_take(w, 4);
    while (walk_has(w, 4)) {
        size_t n = le16_at(w->rest, 0), aligned = (n + 3) & ~(size_t)3;
        if (n < 4)
            return walk_skip(w, SKIP_BAD_PACKET);
        if (le16_at(w->rest, 2) == PAYLOAD) {
            walk_take(w, 4);
            walk_limit(w, n - 4);
            return family == FAMILY_IP4   ? LAYER_IP4
                   : family == FAMILY_IP6 ? LAYER_IP6
                                          : walk_skip(w, SKIP_LINK);
        }
        if (!walk_has(w, aligned))
            break;
        walk_take(w, aligned);
    }
    return walk_ends(w);
}

static enum layer sll(struct walk *w)
{
    if (!walk_has(w, 16))
        return walk_ends(w);
    w->type = be16_at(w->rest, 14);
    walk_take(w, 16);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

static enum layer sll2(struct walk *w)
{
    if (!walk_has(w, 20))
        return walk_ends(w);
    w->type = be16_at(w->rest, 0);
    walk_take(w, 20);
    return w->type >= ETHERTYPE_MIN ? LAYER_ETHERTYPE : LAYER_LLC;
}

/* An address family in the byte order of whoever captured; systems disagree on
 * the number of IPv6, so the header's own version decides. */
static enum layer null_family(struct walk *w)
{
    if (!walk_has(w, 4))
        return walk_ends(w);
    uint32_t family = le32_at(w->rest, 0);
    if (family > UINT16_MAX)
        family = be32_at(w->rest, 0);
    walk_take(w, 4);
    switch (family) {
    case 2:
    case 10:
    case 24:
    case 28:
    case 30:
        return LAYER_IP;
    default:
        return walk_skip(w, SKIP_LINK);
    }
}

/* RFC 3032; below the last label is IP, or a control word and an Ethernet frame. */
static enum layer mpls(struct walk *w)
{
    bool last = false;
    while (!last) {
        if (!walk_has(w, 4))
            return walk_ends(w);
        last = byte_at(w->rest, 2) & 1;
        walk_take(w, 4);
    }
    if (!walk_has(w, 1))
        return walk_ends(w);
    if (byte_at(w->rest, 0) >> 4 == 0)
        return walk_take_to(w, 4, LAYER_ETHERNET);
    return LAYER_IP;
}

enum layer link_first(unsigned link)
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

enum layer link_read(struct walk *w, enum layer layer)
{
    static layer_fn *const layers[LAYERS_OF_LINKS] = {
        [LAYER_ETHERNET] = ethernet, [LAYER_ETHERTYPE] = by_ethertype,
        [LAYER_LLC] = llc,           [LAYER_PPP] = ppp,
        [LAYER_PPPOE] = pppoe,       [LAYER_CHDLC] = chdlc,
        [LAYER_FDDI] = fddi,         [LAYER_802_11] = wlan,
        [LAYER_RADIOTAP] = radiotap, [LAYER_PPI] = ppi,
        [LAYER_PKTAP] = pktap,       [LAYER_NFLOG] = nflog,
        [LAYER_SLL] = sll,           [LAYER_SLL2] = sll2,
        [LAYER_NULL] = null_family,  [LAYER_MPLS] = mpls,
    };
    return layers[layer](w);
}
