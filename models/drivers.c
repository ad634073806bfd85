/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/drivers.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/order.h"

const char *const driver_names[DRIVER_KINDS + 1] = {
    [DRIVER_CLIENTS] = "clients", [DRIVER_NAMES] = "names", [DRIVER_TRAFFIC] = "traffic"};

/* Does a stream of the party have this client, this name, or both? */
static bool has_client(const struct subject *s, uint32_t client)
{
    for (size_t i = 0; i < s->nstreams; i++)
        if (s->streams[i].client == client)
            return true;
    return false;
}

static bool has_name(const struct subject *s, uint32_t name)
{
    for (size_t i = 0; i < s->nstreams; i++)
        if (s->streams[i].name == name)
            return true;
    return false;
}

static bool is_pair_of(const struct subject *s, const struct counts_pair *p)
{
    return has_client(s, p->client) && has_name(s, p->name);
}

static bool drives(enum driver_kind kind, const struct counts_pair *p,
                   const struct subject *party, const struct subject *other)
{
    if (is_pair_of(party, p) || is_pair_of(other, p))
        return false;
    switch (kind) {
    case DRIVER_CLIENTS:
        return has_name(party, p->name) && !has_client(party, p->client) &&
               !has_client(other, p->client);
    case DRIVER_NAMES:
        return has_client(party, p->client) && !has_name(party, p->name);
    default:
        return true;
    }
}

static void add(struct driver *d, size_t *cap, const struct counts *c,
                const struct counts_pair *p, const struct window *w, double session_s)
{
    struct subject s;
    struct selection one = {&p->client, &p->name, 1, 1};
    subject_make(&s, c, &one, w, session_s, 0);
    for (size_t i = 0; i < s.n; i++) {
        MEM_GROW(d->t, d->n, *cap);
        d->t[d->n++] = s.t[i];
    }
    subject_free(&s);
}

/* Pairs of one client and name stand together; the subject holds all their types. */
static bool first_of_types(const struct counts *c, size_t i)
{
    return i == 0 || c->pairs[i].client != c->pairs[i - 1].client ||
           c->pairs[i].name != c->pairs[i - 1].name;
}

void drivers_make(struct drivers *ret, unsigned kinds, const struct counts *c,
                  const struct subject *party, const struct subject *other,
                  const struct window *w, double session_s)
{
    *ret = (struct drivers){.n = 0};
    for (int kind = 0; kind < DRIVER_KINDS; kind++) {
        struct driver d = {NULL, 0};
        size_t cap = 0;
        for (size_t i = 0; (kinds >> kind & 1) && i < c->npairs; i++)
            if (first_of_types(c, i) &&
                drives((enum driver_kind)kind, &c->pairs[i], party, other))
                add(&d, &cap, c, &c->pairs[i], w, session_s);
        if (d.n == 0)
            continue;
        order_sort(d.t, d.n);
        ret->series[ret->n++] = d;
    }
}

void drivers_free(struct drivers *d)
{
    for (size_t i = 0; i < d->n; i++)
        free(d->series[i].t);
    *d = (struct drivers){.n = 0};
}
