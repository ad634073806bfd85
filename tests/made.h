/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * made - counts from a handful of look-ups written in a test.
 *
 *     struct made m = {0};                             // tick 1 s
 *     made_add(&m, "192.0.2.1", "a.example", 1, 60, 1); // qtype, second, look-ups
 *     struct counts *c = made_counts(&m, 0, 86400);    // live [0, 86400) s
 *     counts_free(c);
 */
#ifndef TESTS_MADE_H
#define TESTS_MADE_H

#include <stdlib.h>

#include "base/table.h"
#include "base/text.h"
#include "ingest/counts.h"

struct made_row {
    char *client, *name;
    uint16_t qtype;
    int64_t tick;
    uint64_t count;
};

struct made {
    struct made_row *v;
    size_t n, cap;
};

static inline void made_add(struct made *m, const char *client, const char *name,
                            uint16_t qtype, int64_t tick, uint64_t count)
{
    MEM_GROW(m->v, m->n, m->cap);
    m->v[m->n++] = (struct made_row){mem_copy(client, strlen(client)),
                                     mem_copy(name, strlen(name)), qtype, tick, count};
}

static inline int made_by_key(const void *a, const void *b)
{
    const struct made_row *x = a, *y = b;
    int d = strcmp(x->client, y->client);
    d = d ? d : strcmp(x->name, y->name);
    d = d ? d : (x->qtype > y->qtype) - (x->qtype < y->qtype);
    return d ? d : (x->tick > y->tick) - (x->tick < y->tick);
}

/* Sorted distinct texts; the rows are in order of clients, so the last hit is near. */
static inline struct span *made_texts(struct made *m, bool names, struct arena *bytes,
                                      uint32_t *ret_n)
{
    struct table *t = table_new();
    for (size_t i = 0; i < m->n; i++)
        table_intern(t, span_of(names ? m->v[i].name : m->v[i].client));
    struct span *texts;
    free(table_rank(t, NULL, bytes, &texts, ret_n));
    table_free(t);
    return texts;
}

static inline uint32_t made_index(const struct span *texts, uint32_t n, const char *text)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (span_compare(texts[middle], span_of(text)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One pair from rows [from, to) of equal key; equal ticks add up. */
static inline struct counts_pair made_pair(struct counts *c, const struct made_row *v,
                                           size_t from, size_t to)
{
    struct counts_pair p = {.client = made_index(c->clients, c->nclients, v[from].client),
                            .name = made_index(c->names, c->nnames, v[from].name),
                            .qtype = v[from].qtype,
                            .first = v[from].tick,
                            .last = v[to - 1].tick};
    unsigned char *out = arena_alloc(&c->bytes, 20 * (to - from));
    size_t n = 0;
    int64_t before = p.first;
    for (size_t i = from; i < to;) {
        int64_t tick = v[i].tick;
        uint64_t count = 0;
        for (; i < to && v[i].tick == tick; i++)
            count += v[i].count;
        n += varint_put(out + n, (uint64_t)(tick - before));
        n += varint_put(out + n, count);
        p.total += count;
        before = tick;
    }
    p.bytes = (const char *)out;
    p.series_n = (uint32_t)n;
    return p;
}

/* Ticks of 1 s. live_from >= live_to: no live time is given. */
static inline struct counts *made_counts(struct made *m, int64_t live_from, int64_t live_to)
{
    struct counts *c = mem_zero(1, sizeof *c);
    c->tick_ns = NS_PER_S;
    c->rules[RULE_VANTAGE] = mem_copy("unknown", sizeof "unknown" - 1);
    if (m->n)
        qsort(m->v, m->n, sizeof *m->v, made_by_key);
    c->clients = made_texts(m, false, &c->bytes, &c->nclients);
    c->names = made_texts(m, true, &c->bytes, &c->nnames);
    c->pairs = mem_zero(m->n + 1, sizeof *c->pairs);
    for (size_t from = 0, to; from < m->n; from = to) {
        for (to = from + 1; to < m->n; to++)
            if (strcmp(m->v[to].client, m->v[from].client) != 0 ||
                strcmp(m->v[to].name, m->v[from].name) != 0 ||
                m->v[to].qtype != m->v[from].qtype)
                break;
        c->pairs[c->npairs++] = made_pair(c, m->v, from, to);
    }
    if (live_from < live_to) {
        c->live = mem_zero(1, sizeof *c->live);
        c->live[c->nlive++] = (struct counts_live){live_from * NS_PER_S, live_to * NS_PER_S,
                                                   mem_copy("given", sizeof "given" - 1)};
    }
    for (size_t i = 0; i < m->n; i++) {
        free(m->v[i].client);
        free(m->v[i].name);
    }
    free(m->v);
    *m = (struct made){0};
    return c;
}

/* The sensor heard nothing from second `from` to `to`, within its one stretch. */
static inline void made_stop(struct counts *c, int64_t from, int64_t to)
{
    struct counts_live *live = mem_zero(3, sizeof *live);
    live[0] = c->live[0];
    live[1] = (struct counts_live){to * NS_PER_S, live[0].to_ns,
                                   mem_copy("given", sizeof "given" - 1)};
    live[0].to_ns = from * NS_PER_S;
    free(c->live);
    c->live = live;
    c->nlive = 2;
}

#endif
