/* SPDX-License-Identifier: GPL-3.0-or-later
 * A datagram is a buffer and a bitmap of the 8-byte units that have come: the
 * wire format places fragments on such units, so completeness is a count. */
#include "ingest/fragment.h"

#include <stdlib.h>

#include "base/mem.h"

enum { UNIT = 8, DATAGRAM_MAX = 65535, UNITS_MAX = DATAGRAM_MAX / UNIT + 1 };

enum place_state { PLACE_FREE, PLACE_OPEN, PLACE_GIVEN /* until fragments_release */ };

struct place {
    enum place_state state;
    unsigned char key[FRAGMENT_KEY_MAX];
    size_t key_n;
    int64_t t_ns;      /* of its first fragment in the file */
    uint64_t parts;    /* not counted yet */
    size_t have;       /* units */
    size_t top, total; /* largest end; end of the last fragment, 0 while it is missing */
    uint8_t protocol;
    unsigned char seen[UNITS_MAX / 8 + 1];
    unsigned char *data; /* DATAGRAM_MAX + 1, kept when the place is freed */
};

struct fragments {
    struct place places[FRAGMENTS_MAX];
    bool given; /* is there a place in PLACE_GIVEN? */
    uint64_t lost;
};

struct fragments *fragments_new(void)
{
    return mem_zero(1, sizeof(struct fragments));
}

void fragments_free(struct fragments *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < FRAGMENTS_MAX; i++)
        free(f->places[i].data);
    free(f);
}

void fragments_release(struct fragments *f)
{
    for (size_t i = 0; f->given && i < FRAGMENTS_MAX; i++)
        if (f->places[i].state == PLACE_GIVEN)
            f->places[i].state = PLACE_FREE;
    f->given = false;
}

static void give_up(struct fragments *f, struct place *p)
{
    f->lost += p->parts;
    p->state = PLACE_FREE;
}

/* Addresses, id, and for IPv4 the protocol. */
static size_t make_key(const struct fragment *part, unsigned char key[FRAGMENT_KEY_MAX])
{
    size_t n = 0;
    memcpy(key + n, part->source.p, part->source.n);
    n += part->source.n;
    memcpy(key + n, part->target.p, part->target.n);
    n += part->target.n;
    memcpy(key + n, &part->id, sizeof part->id);
    n += sizeof part->id;
    if (part->source.n == 4)
        key[n++] = part->protocol;
    return n;
}

static void open_place(struct place *p, const unsigned char *key, size_t key_n, int64_t t_ns)
{
    unsigned char *data = p->data;
    *p = (struct place){.state = PLACE_OPEN, .key_n = key_n, .t_ns = t_ns, .data = data};
    memcpy(p->key, key, key_n);
    if (!data)
        p->data = mem_alloc(DATAGRAM_MAX + 1);
}

/* The place of this datagram: its own, else a free one, else the oldest; NULL
 * when all are given out. Places past their time are freed on the way. */
static struct place *find_place(struct fragments *f, const struct fragment *part)
{
    unsigned char key[FRAGMENT_KEY_MAX];
    size_t key_n = make_key(part, key);
    struct place *spare = NULL;
    for (struct place *p = f->places; p < f->places + FRAGMENTS_MAX; p++) {
        if (p->state == PLACE_OPEN && part->t_ns - p->t_ns > FRAGMENT_LIFE_NS)
            give_up(f, p);
        if (p->state == PLACE_OPEN && p->key_n == key_n && memcmp(p->key, key, key_n) == 0)
            return p;
        if (p->state == PLACE_GIVEN || (spare && spare->state == PLACE_FREE))
            continue;
        if (!spare || p->state == PLACE_FREE || p->t_ns < spare->t_ns)
            spare = p;
    }
    if (!spare)
        return NULL;
    if (spare->state == PLACE_OPEN)
        give_up(f, spare);
    open_place(spare, key, key_n, part->t_ns);
    return spare;
}

static void mark_units(struct place *p, size_t from, size_t to)
{
    for (size_t u = from; u < to; u++) {
        unsigned char bit = (unsigned char)(1 << u % 8);
        p->have += !(p->seen[u / 8] & bit);
        p->seen[u / 8] |= bit;
    }
}

bool fragments_add(struct fragments *f, const struct fragment *part, struct span *ret_data,
                   uint8_t *ret_protocol)
{
    size_t end = part->offset + part->data.n;
    bool whole_units = part->data.n % UNIT == 0 || !part->more;
    struct place *p = NULL;
    if (end <= DATAGRAM_MAX && part->data.n > 0 && whole_units)
        p = find_place(f, part);
    if (!p || (p->total && end > p->total) || (!part->more && end < p->top)) {
        f->lost++;
        return false;
    }
    p->parts++;
    p->top = end > p->top ? end : p->top;
    memcpy(p->data + part->offset, part->data.p, part->data.n);
    mark_units(p, part->offset / UNIT, (end + UNIT - 1) / UNIT);
    if (part->offset == 0)
        p->protocol = part->protocol;
    if (!part->more)
        p->total = end;
    if (!p->total || p->have < (p->total + UNIT - 1) / UNIT)
        return false;
    p->state = PLACE_GIVEN;
    f->given = true;
    *ret_data = span_make(p->data, p->total);
    *ret_protocol = p->protocol;
    return true;
}

uint64_t fragments_lost(struct fragments *f)
{
    uint64_t lost = f->lost;
    f->lost = 0;
    return lost;
}

uint64_t fragments_waiting(struct fragments *f)
{
    uint64_t waiting = 0;
    for (size_t i = 0; i < FRAGMENTS_MAX; i++)
        if (f->places[i].state == PLACE_OPEN) {
            waiting += f->places[i].parts;
            f->places[i].parts = 0;
        }
    return waiting;
}
