/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/senders.h"

#include <stdlib.h>

#include "base/mem.h"

enum { SLOTS = 4096, MIXED_BEFORE = 10 };

/* A run of values, up or down: equal ones end both. */
struct walk {
    int32_t before;
    uint32_t up, down;
};

struct sender {
    uint32_t source1; /* 0: none */
    uint32_t mixed;   /* queries in a row whose letters are mixed, MIXED_BEFORE at most */
    struct walk id, port;
};

struct spelling {
    uint32_t source1, client, name;
    uint8_t letters;
    uint64_t upper;
};

struct senders {
    struct sender *v; /* by client */
    size_t n;
    struct spelling *last; /* by slot; NULL until a name has mixed letters */
};

struct senders *senders_new(void)
{
    return mem_zero(1, sizeof(struct senders));
}

void senders_free(struct senders *s)
{
    if (!s)
        return;
    free(s->v);
    free(s->last);
    free(s);
}

size_t senders_memory(const struct senders *s)
{
    return s->n * sizeof *s->v + (s->last ? SLOTS * sizeof *s->last : 0);
}

/* --- runs --------------------------------------------------------------------------- */

static void walk_on(struct walk *w, int32_t now, uint64_t *longest_up, uint64_t *longest_down)
{
    w->up = w->up && now > w->before ? w->up + 1 : 1;
    w->down = w->down && now < w->before ? w->down + 1 : 1;
    w->before = now;
    *longest_up = w->up > *longest_up ? w->up : *longest_up;
    *longest_down = w->down > *longest_down ? w->down : *longest_down;
}

/* --- letters ------------------------------------------------------------------------ */

static unsigned bits(uint64_t v)
{
    unsigned n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
}

/* Fibonacci hashing (Knuth, TAOCP 6.4) picks the slot. */
static struct spelling *last_of(struct senders *s, uint32_t client, uint32_t name)
{
    if (!s->last)
        s->last = mem_zero(SLOTS, sizeof *s->last);
    uint64_t key = (uint64_t)client << 32 | name;
    return &s->last[key * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

static void compare(struct counts_source *info, const struct spelling *a,
                    const struct spelling *b)
{
    unsigned other = bits(a->upper ^ b->upper);
    info->case_again[a->letters - 1]++;
    info->case_equal[a->letters - 1] += other == 0;
    info->case_same += a->letters - other;
    info->case_other += other;
}

static void note_letters(struct counts_source *info, const struct spelling *now)
{
    unsigned n = now->letters;
    for (unsigned i = 0; i < n; i++)
        (now->upper >> i & 1 ? info->case_upper : info->case_lower)[i]++;
    uint64_t steps = (UINT64_C(1) << (n - 1)) - 1; /* bit i: letters i and i + 1 */
    unsigned unlike = bits((now->upper ^ now->upper >> 1) & steps);
    info->case_unlike += unlike;
    info->case_alike += n - 1 - unlike;
}

void senders_add(struct senders *s, size_t source, struct counts_source *info, uint32_t client,
                 uint32_t name, const struct lookup *v)
{
    if (client >= s->n) {
        size_t n = 2 * (size_t)client + 1024;
        s->v = mem_resize(s->v, n, sizeof *s->v);
        memset(s->v + s->n, 0, (n - s->n) * sizeof *s->v);
        s->n = n;
    }
    struct sender *from = &s->v[client];
    uint32_t source1 = (uint32_t)source + 1;
    if (from->source1 != source1)
        *from = (struct sender){.source1 = source1};
    uint64_t *run = info->run_longest;
    walk_on(&from->id, v->id, &run[RUN_OWN_ID_UP], &run[RUN_OWN_ID_DOWN]);
    walk_on(&from->port, v->port, &run[RUN_OWN_PORT_UP], &run[RUN_OWN_PORT_DOWN]);
    if (!v->letters) {
        from->mixed = v->trait[TRAIT_CASE] ? 0 : from->mixed;
        return;
    }
    bool mixes = from->mixed == MIXED_BEFORE;
    struct spelling now = {source1, client, name, v->letters, v->upper},
                    *last = last_of(s, client, name);
    if (mixes)
        note_letters(info, &now);
    if (mixes && last->source1 == source1 && last->client == client && last->name == name &&
        last->letters == now.letters)
        compare(info, &now, last);
    *last = now;
    from->mixed += !mixes;
}
