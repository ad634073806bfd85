/* SPDX-License-Identifier: GPL-3.0-or-later
 * What is done to packets: damage anywhere, and edits at the places where decoders
 * go wrong - lengths, labels, pointers, counts. */
#include <string.h>

#include "tests/diff/diff.h"

struct mutation {
    struct frame *f;
    const struct places *at;
    struct rng *r;
};

static size_t below(const struct mutation *m, size_t n)
{
    return n ? rng_below(m->r, n) : 0;
}

static void put16(const struct mutation *m, size_t at, unsigned value)
{
    if (at + 2 > m->f->n)
        return;
    m->f->bytes[at] = (unsigned char)(value >> 8);
    m->f->bytes[at + 1] = (unsigned char)value;
}

static unsigned get16(const struct mutation *m, size_t at)
{
    return at + 2 > m->f->n ? 0 : m->f->bytes[at] * 256u + m->f->bytes[at + 1];
}

/* Next to what stands there, an extreme, or anything. */
static unsigned other16(const struct mutation *m, unsigned now)
{
    static const unsigned extremes[] = {0, 1, 2, 7, 8, 255, 256, 0x7fff, 0x8000, 0xffff};
    switch (below(m, 3)) {
    case 0:
        return now + (unsigned)below(m, 17) - 8;
    case 1:
        return extremes[below(m, sizeof extremes / sizeof *extremes)];
    default:
        return rng_u32(m->r);
    }
}

static void edit16(const struct mutation *m, size_t at)
{
    put16(m, at, other16(m, get16(m, at)));
}

/* Somewhere in the message, the front more often. */
static size_t in_message(const struct mutation *m)
{
    size_t n = m->f->n > m->at->message ? m->f->n - m->at->message : 0;
    return m->at->message + (below(m, 2) ? below(m, n) : below(m, n < 40 ? n : 40));
}

/* Where a label of the first name begins. */
static size_t a_label(const struct mutation *m)
{
    size_t at = m->at->message + LDNS_HEADER_SIZE, picked = at;
    for (int seen = 1; at < m->f->n; seen++) {
        if (below(m, (size_t)seen) == 0)
            picked = at;
        if (m->f->bytes[at] == 0 || m->f->bytes[at] > LDNS_MAX_LABELLEN)
            break;
        at += 1u + m->f->bytes[at];
    }
    return picked;
}

/* Behind the name at `at`, which may end in a pointer. */
static size_t behind_name(const struct mutation *m, size_t at)
{
    while (at < m->f->n && m->f->bytes[at] > 0 && m->f->bytes[at] <= LDNS_MAX_LABELLEN)
        at += 1u + m->f->bytes[at];
    return at + (at < m->f->n && m->f->bytes[at] > LDNS_MAX_LABELLEN ? 2 : 1);
}

/* --- edits ---------------------------------------------------------------------------- */

static void flip_anywhere(const struct mutation *m)
{
    if (m->f->n)
        m->f->bytes[below(m, m->f->n)] ^= (unsigned char)(1u << below(m, 8));
}

static void flip_in_message(const struct mutation *m)
{
    size_t at = in_message(m);
    if (at < m->f->n)
        m->f->bytes[at] ^= (unsigned char)(1u << below(m, 8));
}

static void set_byte(const struct mutation *m)
{
    size_t at = in_message(m);
    if (at < m->f->n)
        m->f->bytes[at] = (unsigned char)rng_u32(m->r);
}

static void cut_capture(const struct mutation *m)
{
    m->f->n = below(m, m->f->n + 1);
}

static void cut_wire(const struct mutation *m)
{
    m->f->n = m->f->wire_n = below(m, m->f->n + 1);
}

/* Shorter at the end, and every length says so: the message ends early. */
static void cut_message(const struct mutation *m)
{
    size_t from = m->at->message;
    if (m->f->n <= from)
        return;
    m->f->n = m->f->wire_n = from + below(m, m->f->n - from);
    put16(m, m->at->udp + 4, (unsigned)(m->f->n - m->at->udp));
    if (m->at->v6)
        put16(m, m->at->ip + 4, (unsigned)(m->f->n - m->at->ip - 40));
    else
        put16(m, m->at->ip + 2, (unsigned)(m->f->n - m->at->ip));
}

static void edit_ip_length(const struct mutation *m)
{
    edit16(m, m->at->ip + (m->at->v6 ? 4 : 2));
}

static void edit_udp_length(const struct mutation *m)
{
    edit16(m, m->at->udp + 4);
}

static void edit_label(const struct mutation *m)
{
    size_t at = a_label(m);
    if (at < m->f->n)
        m->f->bytes[at] = (unsigned char)other16(m, m->f->bytes[at]);
}

/* A compression pointer for a label of the first name, or for anything. */
static void edit_pointer(const struct mutation *m)
{
    size_t at = below(m, 2) ? a_label(m) : in_message(m), n = m->f->n - m->at->message;
    size_t target = below(m, 3) ? below(m, n + 2) : LDNS_HEADER_SIZE;
    if (at < m->f->n)
        put16(m, at, 0xc000u | (unsigned)target);
}

static void edit_flags(const struct mutation *m)
{
    static const unsigned flags[] = {0x0100, 0x8180, 0x8183, 0x2800, 0xa800, 0x0000, 0x8580};
    put16(m, m->at->message + 2, flags[below(m, sizeof flags / sizeof *flags)]);
}

static void edit_count(const struct mutation *m)
{
    size_t at = m->at->message + 4 + 2 * below(m, 4);
    put16(m, at, below(m, 2) ? (unsigned)below(m, 4) : other16(m, get16(m, at)));
}

/* Type, class, TTL or length of the record behind the first question. */
static void edit_record(const struct mutation *m)
{
    size_t question = behind_name(m, m->at->message + LDNS_HEADER_SIZE);
    edit16(m, behind_name(m, question + 4) + 2 * below(m, 5));
}

/* Bytes of the message over others of it: names and records in new places. */
static void copy_within(const struct mutation *m)
{
    size_t from = in_message(m), to = in_message(m), end = from > to ? from : to;
    if (end < m->f->n)
        memmove(m->f->bytes + to, m->f->bytes + from, below(m, m->f->n - end + 1));
}

typedef void edit_fn(const struct mutation *m);
static edit_fn *const edits[] = {
    flip_anywhere, flip_in_message, set_byte,        cut_capture, cut_wire,
    cut_message,   edit_ip_length,  edit_udp_length, edit_label,  edit_pointer,
    edit_flags,    edit_count,      edit_record,     copy_within,
};
enum { EDITS = sizeof edits / sizeof *edits, ANYWHERE = 1 };

void mutate(struct frame *f, const struct places *at, struct rng *r)
{
    struct mutation m = {.f = f, .at = at, .r = r};
    for (size_t left = 1 + rng_below(r, 4); left > 0; left--)
        edits[rng_below(r, at->dns && f->n > at->message ? EDITS : ANYWHERE)](&m);
}
