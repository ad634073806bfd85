/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/twins.h"

#include <stdlib.h>

#include "base/mem.h"

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted, distinct, and no more than are kept. */
static void settle(struct twins *t)
{
    size_t n = 0;
    if (t->n > 1)
        qsort(t->v, t->n, sizeof *t->v, by_hash);
    for (size_t i = 0; i < t->n; i++)
        if (n == 0 || t->v[i] != t->v[n - 1])
            t->v[n++] = t->v[i];
    t->n = n;
    if (n < TWINS_KEPT)
        return;
    t->n = TWINS_KEPT;
    t->full = true;
    t->limit = t->v[TWINS_KEPT - 1];
}

void twins_add(struct twins *t, uint64_t hash)
{
    if (t->full && hash >= t->limit)
        return;
    if (t->n == 2 * TWINS_KEPT)
        settle(t);
    MEM_GROW(t->v, t->n, t->cap);
    t->v[t->n++] = hash;
}

void twins_free(struct twins *t)
{
    free(t->v);
    *t = (struct twins){0};
}

struct hit {
    uint64_t hash;
    size_t source;
};

static int by_hit(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static uint64_t count_common(const struct twins *a, const struct twins *b)
{
    uint64_t common = 0;
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        common += a->v[i] == b->v[k];
        uint64_t x = a->v[i], y = b->v[k];
        i += x <= y;
        k += y <= x;
    }
    return common;
}

bool twins_find(struct twins *v, size_t n, bool (*may)(void *ctx, size_t a, size_t b),
                void *ctx, size_t *ret_a, size_t *ret_b, uint64_t *ret_n)
{
    size_t nhits = 0, at = 0;
    for (size_t s = 0; s < n; s++) {
        settle(&v[s]);
        nhits += v[s].n;
    }
    struct hit *hits = mem_alloc((nhits + 1) * sizeof *hits);
    for (size_t s = 0; s < n; s++)
        for (size_t i = 0; i < v[s].n; i++)
            hits[at++] = (struct hit){v[s].v[i], s};
    if (nhits > 1)
        qsort(hits, nhits, sizeof *hits, by_hit);
    bool found = false;
    for (size_t i = 0; i < nhits && !found; i++)
        for (size_t k = i + 1; k < nhits && hits[k].hash == hits[i].hash && !found; k++)
            if (may(ctx, hits[i].source, hits[k].source)) {
                *ret_a = hits[i].source;
                *ret_b = hits[k].source;
                *ret_n = count_common(&v[*ret_a], &v[*ret_b]);
                found = true;
            }
    free(hits);
    return found;
}
