/* SPDX-License-Identifier: GPL-3.0-or-later
 * One message by several ways: as it came, as pcapng of either byte order, in IP
 * fragments and in TCP segments, both in any order. The second decoder reads it as it
 * came, so it judges what we make of each. */
#include <string.h>

#include "tests/diff/diff.h"

enum { PARTS_MAX = 8, HEADERS_MAX = 128, TCP_HEADER = 20 };

/* --- files ------------------------------------------------------------------------------ */

static uint32_t file_link(const struct frame *f)
{
    enum { LINKTYPE_RAW = 101 };
    return f->link == DLT_RAW ? LINKTYPE_RAW : (uint32_t)f->link;
}

static void begin_pcap(FILE *out, const struct frame *f)
{
    const uint32_t head[] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, FRAME_MAX, file_link(f)};
    fwrite(head, sizeof head, 1, out);
}

static void add_packet(FILE *out, const struct frame *f)
{
    const uint32_t head[] = {1, 0, (uint32_t)f->n, (uint32_t)f->wire_n};
    fwrite(head, sizeof head, 1, out);
    fwrite(f->bytes, 1, f->n, out);
}

static void put32(FILE *out, bool big, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        putc((int)(value >> (big ? 24 - 8 * i : 8 * i) & 255), out);
}

/* A section, an interface and an enhanced packet block. */
static void write_pcapng(FILE *out, const struct frame *f, bool big)
{
    uint32_t padded = ((uint32_t)f->n + 3) & ~3u, version = big ? 1u << 16 : 1;
    uint32_t link = big ? file_link(f) << 16 : file_link(f);
    const uint32_t section[] = {0x0a0d0d0a, 28,         0x1a2b3c4d, version,
                                UINT32_MAX, UINT32_MAX, 28};
    const uint32_t interface[] = {1, 20, link, FRAME_MAX, 20};
    const uint32_t packet[] = {
        6, 32 + padded, 0, 0, 1000000, (uint32_t)f->n, (uint32_t)f->wire_n};
    for (size_t i = 0; i < sizeof section / sizeof *section; i++)
        put32(out, big, section[i]);
    for (size_t i = 0; i < sizeof interface / sizeof *interface; i++)
        put32(out, big, interface[i]);
    for (size_t i = 0; i < sizeof packet / sizeof *packet; i++)
        put32(out, big, packet[i]);
    fwrite(f->bytes, 1, f->n, out);
    fwrite("\0\0\0", 1, padded - f->n, out);
    put32(out, big, 32 + padded);
}

/* --- parts ------------------------------------------------------------------------------ */

struct parts {
    size_t from[PARTS_MAX + 1], order[PARTS_MAX], n;
};

/* Cut n bytes into parts on borders of `unit`, none empty, in any order. */
static struct parts cut(size_t n, size_t unit, struct rng *r)
{
    struct parts p = {.n = 0};
    size_t at = 0;
    while (p.n < PARTS_MAX && at < n) {
        p.order[p.n] = p.n;
        p.from[p.n++] = at;
        at += unit * (1 + rng_below(r, n / unit / 2 + 1));
    }
    p.from[p.n] = n;
    rng_shuffle(r, p.order, p.n);
    return p;
}

static void put16(unsigned char *p, size_t value)
{
    p[0] = (unsigned char)(value >> 8);
    p[1] = (unsigned char)value;
}

/* A packet of the frame's link and IP header, `more` bytes of header and the data. */
static void add_part(FILE *out, const struct frame *f, const struct places *at,
                     unsigned protocol, const unsigned char *more, size_t more_n,
                     const unsigned char *data, size_t n, unsigned fragment)
{
    unsigned char bytes[FRAME_MAX + HEADERS_MAX];
    unsigned char *ip = bytes + at->ip;
    struct frame part = {bytes, at->udp + more_n + n, at->udp + more_n + n, f->link};
    memcpy(bytes, f->bytes, at->udp);
    memcpy(bytes + at->udp, more, more_n);
    memcpy(bytes + at->udp + more_n, data, n);
    if (at->v6) {
        put16(ip + 4, more_n + n);
        ip[6] = (unsigned char)protocol;
    } else {
        put16(ip + 2, at->udp - at->ip + more_n + n);
        put16(ip + 6, fragment);
        ip[9] = (unsigned char)protocol;
    }
    add_packet(out, &part);
}

static void write_fragments(FILE *out, const struct frame *f, const struct places *at,
                            struct rng *r)
{
    enum { UNIT = 8, MORE = 0x2000, UDP = 17, FRAGMENT_HEADER = 44 };
    const unsigned char *payload = f->bytes + at->udp;
    struct parts p = cut(at->end - at->udp, UNIT, r);
    begin_pcap(out, f);
    for (size_t i = 0; i < p.n; i++) {
        size_t k = p.order[i], from = p.from[k], n = p.from[k + 1] - from;
        bool last = k + 1 == p.n;
        unsigned char header[8] = {UDP, 0, 0, 0, 'p', 'a', 'r', 't'};
        put16(header + 2, from | !last);
        if (at->v6)
            add_part(out, f, at, FRAGMENT_HEADER, header, sizeof header, payload + from, n, 0);
        else
            add_part(out, f, at, UDP, header, 0, payload + from, n,
                     (unsigned)(from / UNIT) | (last ? 0 : MORE));
    }
}

static void add_segment(FILE *out, const struct frame *f, const struct places *at, uint32_t seq,
                        unsigned flags, const unsigned char *data, size_t n)
{
    enum { TCP = 6 };
    unsigned char header[TCP_HEADER] = {
        [12] = TCP_HEADER / 4 << 4, [13] = (unsigned char)flags};
    memcpy(header, f->bytes + at->udp, 4); /* the ports */
    put16(header + 4, seq >> 16);
    put16(header + 6, seq & 0xffff);
    add_part(out, f, at, TCP, header, sizeof header, data, n, 0);
}

/* Handshake, then the length and the message; now and then a segment comes twice. */
static void write_segments(FILE *out, const struct frame *f, const struct places *at,
                           struct rng *r)
{
    enum { SYN = 2, ACK = 16 };
    unsigned char stream[FRAME_MAX + 2];
    uint32_t first = rng_u32(r);
    put16(stream, at->message_n);
    memcpy(stream + 2, f->bytes + at->message, at->message_n);
    struct parts p = cut(at->message_n + 2, 1, r);
    begin_pcap(out, f);
    add_segment(out, f, at, first, SYN, stream, 0);
    for (size_t i = 0; i < p.n; i++)
        for (size_t twice = 1 + (rng_below(r, 8) == 0), k = p.order[i]; twice > 0; twice--)
            add_segment(out, f, at, first + 1 + (uint32_t)p.from[k], ACK, stream + p.from[k],
                        p.from[k + 1] - p.from[k]);
}

bool way_write(FILE *out, enum way way, const struct frame *f, const struct places *at,
               struct rng *r)
{
    bool parts = at->dns && !at->cut && at->end + HEADERS_MAX < FRAME_MAX;
    switch (way) {
    case WAY_PCAP:
        begin_pcap(out, f);
        add_packet(out, f);
        return true;
    case WAY_PCAPNG:
        write_pcapng(out, f, rng_below(r, 2) == 1);
        return true;
    case WAY_FRAGMENTS:
        if (parts)
            write_fragments(out, f, at, r);
        return parts;
    default: /* a length below a header's is no message, but a stream out of step */
        parts = parts && at->message_n >= LDNS_HEADER_SIZE;
        if (parts)
            write_segments(out, f, at, r);
        return parts;
    }
}
