/* SPDX-License-Identifier: GPL-3.0-or-later
 * Linear probing over 8-byte slots (32 bits of hash, id + 1) at a load of at
 * most one half; a string is touched only when 32 hash bits agree. */
#include "base/table.h"

#include <stdlib.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

struct slot {
    uint32_t tag, id1; /* id1 is id + 1; 0 marks a free slot */
};

struct entry {
    const char *p;
    uint32_t n, tag;
    uint64_t hash;
};

struct table {
    struct slot *slots;
    uint64_t mask;
    struct entry *entries;
    size_t n, cap;
    struct arena bytes;
};

static unsigned char secret[XXH3_SECRET_SIZE_MIN];
static bool have_secret;

static void make_secret(void)
{
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        for (size_t i = 0; i < sizeof secret; i++) /* no entropy source: a fixed key */
            secret[i] = (unsigned char)(i * 167 + 13);
    have_secret = true;
}

uint64_t table_hash(struct span key)
{
    return XXH3_64bits_withSecret(key.p, key.n, secret, sizeof secret);
}

struct table *table_new(void)
{
    if (!have_secret)
        make_secret();
    struct table *t = mem_zero(1, sizeof *t);
    t->mask = 1023;
    t->slots = mem_zero(t->mask + 1, sizeof *t->slots);
    return t;
}

void table_free(struct table *t)
{
    if (!t)
        return;
    arena_free(&t->bytes);
    free(t->entries);
    free(t->slots);
    free(t);
}

static void grow(struct table *t)
{
    uint64_t mask = 4 * (t->mask + 1) - 1;
    struct slot *slots = mem_zero(mask + 1, sizeof *slots);
    for (size_t i = 0; i < t->n; i++) {
        uint64_t at = t->entries[i].hash & mask;
        while (slots[at].id1)
            at = (at + 1) & mask;
        slots[at] = (struct slot){t->entries[i].tag, (uint32_t)i + 1};
    }
    free(t->slots);
    t->slots = slots;
    t->mask = mask;
}

void table_prefetch(const struct table *t, uint64_t hash)
{
    __builtin_prefetch(&t->slots[hash & t->mask]);
}

void table_prefetch_entry(const struct table *t, uint64_t hash)
{
    uint32_t id1 = t->slots[hash & t->mask].id1;
    if (id1)
        __builtin_prefetch(&t->entries[id1 - 1]);
}

void table_prefetch_bytes(const struct table *t, uint64_t hash)
{
    uint32_t id1 = t->slots[hash & t->mask].id1;
    if (id1)
        __builtin_prefetch(t->entries[id1 - 1].p);
}

/* The slot that holds key, or the free one where it belongs. */
static uint64_t locate(const struct table *t, struct span key, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    uint64_t at = hash & t->mask;
    for (; t->slots[at].id1; at = (at + 1) & t->mask) {
        if (t->slots[at].tag != tag)
            continue;
        const struct entry *e = &t->entries[t->slots[at].id1 - 1];
        if (e->n == key.n && (key.n == 0 || memcmp(e->p, key.p, key.n) == 0))
            break;
    }
    return at;
}

uint32_t table_intern_hashed(struct table *t, struct span key, uint64_t hash)
{
    uint64_t at = locate(t, key, hash);
    if (t->slots[at].id1)
        return t->slots[at].id1 - 1;
    MEM_GROW(t->entries, t->n, t->cap);
    uint32_t tag = (uint32_t)(hash >> 32), id = (uint32_t)t->n++;
    t->entries[id] =
        (struct entry){arena_copy(&t->bytes, key.p, key.n), (uint32_t)key.n, tag, hash};
    t->slots[at] = (struct slot){tag, id + 1};
    if (2 * t->n > t->mask)
        grow(t);
    return id;
}

uint32_t table_intern(struct table *t, struct span key)
{
    return table_intern_hashed(t, key, table_hash(key));
}

uint32_t table_find(const struct table *t, struct span key)
{
    uint64_t at = locate(t, key, table_hash(key));
    return t->slots[at].id1 ? t->slots[at].id1 - 1 : TABLE_NONE;
}

struct span table_get(const struct table *t, uint32_t id)
{
    return span_make(t->entries[id].p, t->entries[id].n);
}

uint32_t table_size(const struct table *t)
{
    return (uint32_t)t->n;
}

static int by_bytes(const void *a, const void *b, void *context)
{
    const struct table *t = context;
    return span_compare(table_get(t, *(const uint32_t *)a), table_get(t, *(const uint32_t *)b));
}

void table_order(const struct table *t, uint32_t *ret_order)
{
    for (uint32_t i = 0; i < t->n; i++)
        ret_order[i] = i;
    if (t->n)
        qsort_r(ret_order, t->n, sizeof *ret_order, by_bytes, (void *)(uintptr_t)t);
}
