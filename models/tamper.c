/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/tamper.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "stats/rng.h"

const char *const tamper_names[TAMPERS] = {
    [TAMPER_COPY] = "copy",     [TAMPER_OVERLAY] = "overlay", [TAMPER_INSERT] = "insert",
    [TAMPER_DELETE] = "delete", [TAMPER_SHIFT] = "shift",
};

struct log {
    struct sim_row *v;
    size_t n, cap;
};

static void add(struct log *l, struct sim_row row, enum sim_tamper_kind kind)
{
    MEM_GROW(l->v, l->n, l->cap);
    row.tampered = (uint8_t)(kind + 1);
    l->v[l->n++] = row;
}

static bool within(const struct sim_tamper *t, const struct sim_row *r, int64_t by_ns)
{
    return r->t_ns >= t->from_ns + by_ns && r->t_ns < t->to_ns + by_ns &&
           selection_has(&t->who, r->client, r->name);
}

/* Rows that `gone` says go; the others move up. */
static void drop(struct log *l, const struct sim_tamper *t, int64_t by_ns, struct rng *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->n; i++)
        if (!within(t, &l->v[i], by_ns) || rng_unit(r) >= t->share)
            l->v[kept++] = l->v[i];
    l->n = kept;
}

static void copy(struct log *l, const struct sim_tamper *t, const struct sim_world *w,
                 struct rng *r)
{
    struct log fresh = {0};
    for (size_t i = 0; i < l->n; i++)
        if (within(t, &l->v[i], 0) && l->v[i].t_ns + t->by_ns < w->to_ns) {
            add(&fresh, l->v[i], t->kind);
            fresh.v[fresh.n - 1].t_ns += t->by_ns;
        }
    if (t->kind == TAMPER_COPY)
        drop(l, t, t->by_ns, r);
    for (size_t i = 0; i < fresh.n; i++)
        add(l, fresh.v[i], t->kind);
    free(fresh.v);
}

/* The first process that wants the pair lends its type. */
static uint32_t process_of(const struct sim_world *w, uint32_t client, uint32_t name)
{
    for (size_t i = 0; i < w->nprocesses; i++)
        if (selection_has(&w->processes[i].who, client, name))
            return (uint32_t)i;
    return 0;
}

static void insert(struct log *l, const struct sim_tamper *t, const struct sim_world *w,
                   struct rng *r)
{
    for (uint64_t i = 0; i < t->lookups; i++) {
        struct sim_row row = {.client = t->who.clients[rng_below(r, t->who.nclients)],
                              .name = t->who.names[rng_below(r, t->who.nnames)],
                              .server = w->nservers ? (uint16_t)rng_below(r, w->nservers)
                                                    : (uint16_t)SIM_NO_SERVER};
        row.process = process_of(w, row.client, row.name);
        row.qtype = w->processes[row.process].qtype;
        double at = (double)t->from_ns + rng_unit(r) * (double)(t->to_ns - t->from_ns);
        row.t_ns = floor_div((int64_t)at, w->tick_ns) * w->tick_ns;
        add(l, row, TAMPER_INSERT);
    }
}

static void shift(struct log *l, const struct sim_tamper *t)
{
    for (size_t i = 0; i < l->n; i++)
        if (within(t, &l->v[i], 0)) {
            l->v[i].t_ns += t->by_ns;
            l->v[i].tampered = TAMPER_SHIFT + 1;
        }
}

void tamper(const struct sim_world *w, struct sim_row **rows, size_t *n)
{
    struct log l = {*rows, *n, *n};
    for (size_t i = 0; i < w->ntampers; i++) {
        const struct sim_tamper *t = &w->tampers[i];
        struct rng r;
        rng_stream(&r, w->seed, RNG_SIMULATE, rng_subject("tampering", 9), (uint32_t)i);
        switch (t->kind) {
        case TAMPER_COPY:
        case TAMPER_OVERLAY:
            copy(&l, t, w, &r);
            break;
        case TAMPER_INSERT:
            insert(&l, t, w, &r);
            break;
        case TAMPER_DELETE:
            drop(&l, t, 0, &r);
            break;
        default:
            shift(&l, t);
        }
    }
    *rows = l.v;
    *n = l.n;
}
