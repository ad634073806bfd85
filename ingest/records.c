/* SPDX-License-Identifier: GPL-3.0-or-later
 * A record is five to eight varints: what repeats within a part is left out (the low
 * bits of the client) or written as a difference (the time, to the last one). Sorting is by
 * radix from the last digit on, which keeps what is equal in order. */
#include "ingest/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/table.h"
#include "ingest/varint.h"

/* The head of a record: its type, whether it is one look-up and no more, its kind. */
enum { FIELDS = 8, KIND_MASK = 7, PLAIN = 8, HEAD_BITS = 4 };

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

/* Signed to unsigned, small to small: 0, -1, 1, -2 to 0, 1, 2, 3. */
static uint64_t zigzag(uint64_t value)
{
    return value << 1 ^ (value >> 63 ? UINT64_MAX : 0);
}

static uint64_t zigzag_back(uint64_t value)
{
    return value >> 1 ^ (value & 1 ? UINT64_MAX : 0);
}

void part_add(struct part *part, const struct record *r)
{
    struct part_end *end = &part->end;
    if (part->cap - end->n < FIELDS * VARINT_MAX) {
        part->cap = part->cap ? part->cap + part->cap / 2 : 256;
        part->p = mem_resize(part->p, part->cap, 1);
    }
    unsigned char *at = part->p + end->n;
    at += varint_put(at, r->client >> PART_BITS);
    at += varint_put(at, r->name);
    bool plain = r->count == 1 && r->value == 0 && r->source == 0;
    at += varint_put(at, (uint64_t)r->qtype << HEAD_BITS | (plain ? PLAIN : 0) | r->kind);
    at += varint_put(at, r->code);
    at += varint_put(at, zigzag((uint64_t)r->time - (uint64_t)end->time));
    if (!plain) {
        at += varint_put(at, r->count);
        at += varint_put(at, r->value);
        at += varint_put(at, r->source);
    }
    end->time = r->time;
    end->n = (size_t)(at - part->p);
    end->records++;
}

void part_free(struct part *part)
{
    free(part->p);
    *part = (struct part){0};
}

/* One record out of the part; the client by its number within the part. */
static const unsigned char *get(const unsigned char *at, const unsigned char *end,
                                int64_t *time, struct record *ret)
{
    uint64_t client = 0, name = 0, head = 0, code = 0, step = 0, count = 1, value = 0,
             source = 0;
    varint_get(&at, end, &client); /* cannot fail: part_add wrote it */
    varint_get(&at, end, &name);
    varint_get(&at, end, &head);
    varint_get(&at, end, &code);
    varint_get(&at, end, &step);
    if (!(head & PLAIN)) {
        varint_get(&at, end, &count);
        varint_get(&at, end, &value);
        varint_get(&at, end, &source);
    }
    *time = (int64_t)((uint64_t)*time + zigzag_back(step));
    *ret = (struct record){.client = (uint32_t)client,
                           .name = (uint32_t)name,
                           .qtype = (uint16_t)(head >> HEAD_BITS),
                           .kind = head & KIND_MASK,
                           .code = code & CODE_MASK,
                           .value = (uint32_t)value,
                           .time = *time,
                           .count = count,
                           .source = (uint32_t)source};
    return at;
}

/* --- sorting ----------------------------------------------------------------- */

enum field { BY_QTYPE, BY_NAME, BY_CLIENT };

static size_t digit(const struct record *r, enum field field, unsigned shift)
{
    uint32_t value = field == BY_QTYPE ? r->qtype : field == BY_NAME ? r->name : r->client;
    return value >> shift & (DIGITS - 1);
}

static void sort_by_digit(struct sorter *s, enum field field, unsigned shift)
{
    size_t begin[DIGITS + 1] = {0};
    for (size_t i = 0; i < s->n; i++)
        begin[digit(&s->v[i], field, shift) + 1]++;
    if (begin[digit(&s->v[0], field, shift) + 1] == s->n)
        return;
    for (size_t d = 1; d < DIGITS; d++)
        begin[d] += begin[d - 1];
    for (size_t i = 0; i < s->n; i++)
        s->spare[begin[digit(&s->v[i], field, shift)]++] = s->v[i];
    struct record *sorted = s->spare;
    s->spare = s->v;
    s->v = sorted;
}

static void sort_by(struct sorter *s, enum field field, uint32_t most)
{
    for (unsigned shift = 0; shift < 32 && most >> shift; shift += DIGIT_BITS)
        sort_by_digit(s, field, shift);
}

static void make_room(struct sorter *s, size_t n)
{
    if (n <= s->cap)
        return;
    free(s->v);
    free(s->spare);
    s->cap = n + n / 4;
    s->v = mem_alloc(s->cap * sizeof *s->v);
    s->spare = mem_alloc(s->cap * sizeof *s->spare);
}

void records_load(struct sorter *s, const struct part *part, size_t i,
                  const uint32_t *name_rank)
{
    const unsigned char *at = part->p, *end = at + part->end.n;
    int64_t time = 0;
    uint32_t client = 0, name = 0, qtype = 0;
    make_room(s, part->end.records);
    s->n = 0;
    while (at < end) {
        struct record *r = &s->v[s->n];
        at = get(at, end, &time, r);
        if (name_rank && name_rank[r->name] == TABLE_NONE)
            continue;
        if (name_rank)
            r->name = name_rank[r->name];
        client |= r->client;
        name |= r->name;
        qtype |= r->qtype;
        s->n++;
    }
    sort_by(s, BY_QTYPE, qtype);
    sort_by(s, BY_NAME, name);
    sort_by(s, BY_CLIENT, client);
    for (size_t k = 0; k < s->n; k++)
        s->v[k].client = s->v[k].client << PART_BITS | (uint32_t)i;
}

void sorter_free(struct sorter *s)
{
    free(s->v);
    free(s->spare);
    *s = (struct sorter){0};
}
