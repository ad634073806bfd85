/* SPDX-License-Identifier: GPL-3.0-or-later
 * Intervals of passive DNS on their way through a tally, apart from all that counts. */
#include <stdlib.h>

#include "base/mem.h"
#include "ingest/tally_state.h"

void tally_add_interval(struct tally *t, struct interval v)
{
    MEM_GROW(t->intervals, t->nintervals, t->intervals_cap);
    t->intervals[t->nintervals++] = v;
}

void tally_add_intervals(struct tally *t, const struct counts *c)
{
    for (size_t i = 0; i < c->nintervals; i++) {
        const struct counts_interval *v = &c->intervals[i];
        uint32_t client = v->client.p ? table_intern(t->clients.text, v->client) : TABLE_NONE;
        tally_add_interval(t, (struct interval){.client = client,
                                                .name = table_intern(t->names.text, v->name),
                                                .qtype = v->qtype,
                                                .from_ns = v->from_ns,
                                                .to_ns = v->to_ns,
                                                .count = v->count});
    }
}

static int compare(int64_t x, int64_t y)
{
    return (x > y) - (x < y);
}

/* By all columns; TABLE_NONE, for no client, is past every client. */
static int by_all(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    int d = compare(x->client, y->client);
    d = d ? d : compare(x->name, y->name);
    d = d ? d : compare(x->qtype, y->qtype);
    d = d ? d : compare(x->from_ns, y->from_ns);
    d = d ? d : compare(x->to_ns, y->to_ns);
    return d ? d : (x->count > y->count) - (x->count < y->count);
}

/* The texts of all intervals, sorted, into `bytes`; ids become places among them. */
static void rank(struct tally *t, struct arena *bytes, struct span **ret_clients,
                 struct span **ret_names)
{
    uint32_t nclients = table_size(t->clients.text), nnames = table_size(t->names.text), n;
    bool *clients = mem_zero(nclients + 1, 1), *names = mem_zero(nnames + 1, 1);
    for (size_t i = 0; i < t->nintervals; i++) {
        const struct interval *v = &t->intervals[i];
        clients[v->client == TABLE_NONE ? nclients : v->client] = names[v->name] = true;
    }
    uint32_t *client = table_rank(t->clients.text, clients, bytes, ret_clients, &n);
    uint32_t *name = table_rank(t->names.text, names, bytes, ret_names, &n);
    for (size_t i = 0; i < t->nintervals; i++) {
        struct interval *v = &t->intervals[i];
        v->client = v->client == TABLE_NONE ? TABLE_NONE : client[v->client];
        v->name = name[v->name];
    }
    free(client);
    free(name);
    free(clients);
    free(names);
}

void tally_freeze_intervals(struct tally *t, struct counts *c)
{
    if (!t->nintervals)
        return;
    struct span *clients, *names;
    rank(t, &c->bytes, &clients, &names);
    qsort(t->intervals, t->nintervals, sizeof *t->intervals, by_all);
    c->intervals = mem_zero(t->nintervals, sizeof *c->intervals);
    for (size_t i = 0; i < t->nintervals; i++) {
        const struct interval *v = &t->intervals[i];
        struct counts_interval *to = &c->intervals[c->nintervals++];
        *to = (struct counts_interval){.name = names[v->name],
                                       .qtype = v->qtype,
                                       .from_ns = v->from_ns,
                                       .to_ns = v->to_ns,
                                       .count = v->count};
        if (v->client != TABLE_NONE)
            to->client = clients[v->client];
    }
    free(clients);
    free(names);
}
