/* SPDX-License-Identifier: GPL-3.0-or-later
 * Linear probing over slots of a whole hash and a pointer, at a load of at most
 * one half; a string is touched only when 64 hash bits agree. Its length and id
 * lie before its bytes, so that a known string costs two distant reads, the
 * slot and the entry, both of which can be asked for ahead. */
#include "base/table.h"

#include <stdlib.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

struct entry {
    uint32_t id, n;
    char bytes[];
};

struct slot {
    uint64_t hash;
    const struct entry *entry; /* NULL marks a free slot */
};

struct table {
    struct slot *slots;
    uint64_t mask;
    const struct entry **entries; /* by id */
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
    uint64_t mask = 2 * (t->mask + 1) - 1;
    struct slot *slots = mem_zero(mask + 1, sizeof *slots);
    for (uint64_t i = 0; i <= t->mask; i++) {
        uint64_t at = t->slots[i].hash & mask;
        if (!t->slots[i].entry)
            continue;
        while (slots[at].entry)
            at = (at + 1) & mask;
        slots[at] = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->mask = mask;
}

void table_prefetch(const struct table *t, uint64_t hash)
{
    __builtin_prefetch(&t->slots[hash & t->mask]);
}

void table_prefetch_entry(const struct table *t, size_t n, uint64_t hash)
{
    const struct entry *e = t->slots[hash & t->mask].entry;
    __builtin_prefetch(e);
    __builtin_prefetch((const char *)e + sizeof *e + n); /* half of them lie on two lines */
}

/* The slot that holds key, or the free one where it belongs. */
static struct slot *locate(const struct table *t, struct span key, uint64_t hash)
{
    uint64_t at = hash & t->mask;
    for (; t->slots[at].entry; at = (at + 1) & t->mask) {
        const struct entry *e = t->slots[at].entry;
        if (t->slots[at].hash == hash && e->n == key.n &&
            (key.n == 0 || memcmp(e->bytes, key.p, key.n) == 0))
            break;
    }
    return &t->slots[at];
}

static void add(struct table *t, struct slot *slot, struct span key, uint64_t hash, uint32_t id)
{
    struct entry *e = arena_alloc(&t->bytes, sizeof *e + key.n + 1);
    e->id = id;
    e->n = (uint32_t)key.n;
    if (key.n)
        memcpy(e->bytes, key.p, key.n);
    e->bytes[key.n] = '\0';
    MEM_GROW(t->entries, t->n, t->cap); /* NOLINT(bugprone-sizeof-expression): pointers */
    t->entries[t->n++] = e;
    *slot = (struct slot){hash, e};
    if (2 * t->n > t->mask)
        grow(t);
}

uint32_t table_intern_hashed(struct table *t, struct span key, uint64_t hash)
{
    struct slot *slot = locate(t, key, hash);
    if (slot->entry)
        return slot->entry->id;
    uint32_t id = (uint32_t)t->n;
    add(t, slot, key, hash, id);
    return id;
}

const uint32_t *table_bound(const struct table *t, struct span key, uint64_t hash)
{
    const struct entry *e = locate(t, key, hash)->entry;
    return e ? &e->id : NULL;
}

void table_bind(struct table *t, struct span key, uint64_t hash, uint32_t value)
{
    add(t, locate(t, key, hash), key, hash, value);
}

uint32_t table_intern(struct table *t, struct span key)
{
    return table_intern_hashed(t, key, table_hash(key));
}

struct span table_get(const struct table *t, uint32_t id)
{
    return span_make(t->entries[id]->bytes, t->entries[id]->n);
}

uint32_t table_size(const struct table *t)
{
    return (uint32_t)t->n;
}

size_t table_memory(const struct table *t, bool texts)
{
    size_t bytes = arena_size(&t->bytes);
    return texts ? bytes : bytes + (t->mask + 1) * sizeof *t->slots + t->cap * sizeof(void *);
}

/* The first bytes as a number that sorts as they do: most comparisons end there,
 * without a look at a distant string. */
struct sortable {
    uint64_t first;
    const struct entry *entry;
};

static uint64_t first_bytes(const struct entry *e)
{
    uint64_t first = 0;
    for (uint32_t i = 0; i < sizeof first; i++)
        first = first << 8 | (i < e->n ? (unsigned char)e->bytes[i] : 0);
    return first;
}

static int by_bytes(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return span_compare(span_make(x->entry->bytes, x->entry->n),
                        span_make(y->entry->bytes, y->entry->n));
}

uint32_t *table_rank(const struct table *t, const bool *used, struct arena *bytes,
                     struct span **ret_texts, uint32_t *ret_n)
{
    struct sortable *v = mem_alloc((t->n + 1) * sizeof *v);
    uint32_t *rank = mem_alloc((t->n + 1) * sizeof *rank), kept = 0;
    struct span *texts = mem_alloc((t->n + 1) * sizeof *texts);
    for (size_t i = 0; i < t->n; i++)
        v[i] = (struct sortable){first_bytes(t->entries[i]), t->entries[i]};
    qsort(v, t->n, sizeof *v, by_bytes);
    for (size_t i = 0; i < t->n; i++) {
        const struct entry *e = v[i].entry;
        rank[e->id] = !used || used[e->id] ? kept : TABLE_NONE;
        if (rank[e->id] != TABLE_NONE)
            texts[kept++] = span_make(arena_copy(bytes, e->bytes, e->n), e->n);
    }
    free(v);
    *ret_texts = texts;
    *ret_n = kept;
    return rank;
}
