/* SPDX-License-Identifier: GPL-3.0-or-later
 * A file is blocks: type, length, body, length again. A section header fixes the
 * byte order and forgets the interfaces before it. */
#include "ingest/pcapng.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/bytes.h"

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OLD = 2,
    BLOCK_PACKET_SIMPLE = 3, /* has no time */
    BLOCK_PACKET = 6,
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
};

enum {
    BLOCK_HEAD = 8, /* type and length */
    BLOCK_TAIL = 4,
    SECTION_MAGIC = 0x1a2b3c4d,
    OPTION_END = 0,
    OPTION_TSRESOL = 9,
    OPTION_TSOFFSET = 14,
    RESOLUTION_BINARY = 0x80,
    RESOLUTION_MICRO = 6,
};

struct interface {
    unsigned link;
    uint8_t resolution; /* if_tsresol: 10^-n, or 2^-n with the top bit */
    int64_t offset_s;   /* if_tsoffset */
};

struct pcapng {
    struct input *in;
    bool swapped; /* big endian */
    unsigned char *block;
    size_t block_cap;
    struct interface *interfaces;
    size_t ninterfaces, interfaces_cap;
    bool ended;
};

static uint32_t u32_at(const struct pcapng *p, struct span s, size_t i)
{
    return p->swapped ? be32_at(s, i) : le32_at(s, i);
}

static uint16_t u16_at(const struct pcapng *p, struct span s, size_t i)
{
    return p->swapped ? be16_at(s, i) : le16_at(s, i);
}

static void reserve(struct pcapng *p, size_t n)
{
    if (n <= p->block_cap)
        return;
    p->block = mem_resize(p->block, n, 1);
    p->block_cap = n;
}

/* A section's byte order stands in its header, behind the length it decides. */
static int read_byte_order(struct pcapng *p, struct err *err)
{
    size_t got;
    int rc = input_read_exactly(p->in, p->block + BLOCK_HEAD, 4, &got, err);
    if (rc <= 0)
        return rc;
    struct span magic = span_make(p->block + BLOCK_HEAD, 4);
    p->swapped = be32_at(magic, 0) == SECTION_MAGIC;
    if (!p->swapped && le32_at(magic, 0) != SECTION_MAGIC)
        return err_set(err, ERR_MALFORMED, "section: expected a byte-order magic, found %08x",
                       be32_at(magic, 0));
    p->ninterfaces = 0;
    return 1;
}

/* Read the next block; *ret_body is valid until the next call. Returns as
 * pcapng_next does, FRAME_READ for any block. */
static int read_block(struct pcapng *p, uint32_t *ret_type, struct span *ret_body,
                      struct err *err)
{
    size_t got, have = BLOCK_HEAD;
    int rc = input_read_exactly(p->in, p->block, BLOCK_HEAD, &got, err);
    if (rc <= 0)
        return rc < 0 ? rc : got > 0 || input_cut(p->in) ? FRAME_CUT : FRAME_END;
    *ret_type = u32_at(p, span_make(p->block, BLOCK_HEAD), 0);
    if (*ret_type == BLOCK_SECTION) {
        rc = read_byte_order(p, err);
        if (rc <= 0)
            return rc < 0 ? rc : FRAME_CUT;
        have += 4;
    }
    uint32_t n = u32_at(p, span_make(p->block, BLOCK_HEAD), 4);
    if (n < have + BLOCK_TAIL || n % 4 != 0 || n > PCAPNG_BLOCK_MAX)
        return err_set(err, ERR_MALFORMED,
                       "block of type %u: expected a length of 12 to %d, found %u", *ret_type,
                       PCAPNG_BLOCK_MAX, n);
    reserve(p, n);
    rc = input_read_exactly(p->in, p->block + have, n - have, &got, err);
    if (rc <= 0)
        return rc < 0 ? rc : FRAME_CUT;
    *ret_body = span_make(p->block + BLOCK_HEAD, n - BLOCK_HEAD - BLOCK_TAIL);
    return FRAME_READ;
}

static int add_interface(struct pcapng *p, struct span body, struct err *err)
{
    if (body.n < 8 || p->ninterfaces == PCAPNG_INTERFACES_MAX)
        return err_set(err, ERR_MALFORMED,
                       "interface %zu: expected 8 bytes and at most %d interfaces, found %zu",
                       p->ninterfaces, PCAPNG_INTERFACES_MAX, body.n);
    struct interface i = {.link = u16_at(p, body, 0), .resolution = RESOLUTION_MICRO};
    struct span options = span_after(body, 8);
    while (options.n >= 4 && u16_at(p, options, 0) != OPTION_END) {
        unsigned code = u16_at(p, options, 0);
        size_t n = u16_at(p, options, 2), padded = (n + 3) & ~(size_t)3;
        struct span value = span_after(options, 4);
        if (value.n < padded)
            break;
        if (code == OPTION_TSRESOL && n == 1)
            i.resolution = (uint8_t)byte_at(value, 0);
        if (code == OPTION_TSOFFSET && n == 8) {
            uint32_t high = u32_at(p, value, p->swapped ? 0 : 4);
            i.offset_s = (int64_t)((uint64_t)high << 32 | u32_at(p, value, p->swapped ? 4 : 0));
        }
        options = span_after(value, padded);
    }
    MEM_GROW(p->interfaces, p->ninterfaces, p->interfaces_cap);
    p->interfaces[p->ninterfaces++] = i;
    return 0;
}

/* Ticks to nanoseconds, rounded down; false when out of range. */
static bool to_ns(const struct interface *i, uint64_t ticks, int64_t *ret_ns)
{
    __extension__ unsigned __int128 ns = ticks;
    unsigned power = i->resolution & ~(unsigned)RESOLUTION_BINARY;
    if (i->resolution & RESOLUTION_BINARY) {
        ns = ns * NS_PER_S >> power;
    } else {
        for (; power < 9; power++)
            ns *= 10;
        for (; power > 9 && ns > 0; power--)
            ns /= 10;
    }
    int64_t offset;
    return ns <= INT64_MAX && !__builtin_mul_overflow(i->offset_s, NS_PER_S, &offset) &&
           !__builtin_add_overflow((int64_t)ns, offset, ret_ns);
}

/* A packet block: `number` of its interface, then from `at` on high and low half of the
 * time, captured and original length, and the frame. */
static int read_packet(const struct pcapng *p, struct span body, size_t number, size_t at,
                       struct packet_frame *ret, struct err *err)
{
    if (body.n < at + 16)
        return err_set(err, ERR_MALFORMED, "packet block: expected %zu bytes, found %zu",
                       at + 16, body.n);
    if (number >= p->ninterfaces)
        return err_set(err, ERR_MALFORMED,
                       "packet block: expected one of %zu interfaces, "
                       "found number %zu",
                       p->ninterfaces, number);
    const struct interface *i = &p->interfaces[number];
    uint64_t ticks = (uint64_t)u32_at(p, body, at) << 32 | u32_at(p, body, at + 4);
    size_t kept = u32_at(p, body, at + 8), sent = u32_at(p, body, at + 12);
    struct span rest = span_after(body, at + 16);
    if (kept > rest.n)
        return err_set(err, ERR_MALFORMED, "packet block: expected %zu bytes, found %zu", kept,
                       rest.n);
    ret->bytes = span_make(rest.p, kept);
    ret->wire_n = sent > kept ? sent : kept;
    ret->link = i->link;
    return to_ns(i, ticks, &ret->t_ns) ? FRAME_READ : FRAME_TIMELESS;
}

/* What a block gives: enum frame_found, or FRAME_END for one without a packet. */
static int read_body(struct pcapng *p, uint32_t type, struct span body,
                     struct packet_frame *ret, struct err *err)
{
    switch (type) {
    case BLOCK_INTERFACE:
        return add_interface(p, body, err);
    case BLOCK_PACKET:
        return read_packet(p, body, body.n >= 4 ? u32_at(p, body, 0) : 0, 4, ret, err);
    case BLOCK_PACKET_OLD:
        return read_packet(p, body, body.n >= 2 ? u16_at(p, body, 0) : 0, 4, ret, err);
    case BLOCK_PACKET_SIMPLE:
        return FRAME_TIMELESS;
    default:
        return FRAME_END;
    }
}

int pcapng_next(struct pcapng *p, struct packet_frame *ret, struct err *err)
{
    int rc = FRAME_END;
    while (rc == FRAME_END && !p->ended) {
        uint32_t type = 0;
        struct span body = {0};
        rc = read_block(p, &type, &body, err);
        p->ended = rc != FRAME_READ;
        if (!p->ended)
            rc = read_body(p, type, body, ret, err);
    }
    return rc;
}

bool pcapng_probe(struct span head)
{
    return head.n >= 4 && be32_at(head, 0) == BLOCK_SECTION;
}

struct pcapng *pcapng_new(struct input *in)
{
    struct pcapng *p = mem_zero(1, sizeof *p);
    p->in = in;
    reserve(p, BLOCK_HEAD + 4);
    return p;
}

void pcapng_free(struct pcapng *p)
{
    if (!p)
        return;
    free(p->block);
    free(p->interfaces);
    free(p);
}
