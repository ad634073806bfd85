/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/firstlook.h"

#include <math.h>
#include <stdlib.h>

enum { TYPE_PTR = 12 };
static const double PTR_WITHIN_S = 3600;

/* First tick of every name by anybody and by the client; INT64_MAX: never. */
struct firsts {
    int64_t *any, *own;
    int64_t from, to; /* ticks of the case */
};

static void firsts_make(struct firsts *f, const struct counts *c, uint32_t client)
{
    *f = (struct firsts){mem_alloc((c->nnames + 1) * sizeof(int64_t)),
                         mem_alloc((c->nnames + 1) * sizeof(int64_t)), INT64_MAX, INT64_MIN};
    for (uint32_t i = 0; i < c->nnames; i++)
        f->any[i] = f->own[i] = INT64_MAX;
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        int64_t *own = &f->own[p->name], *any = &f->any[p->name];
        *any = p->first < *any ? p->first : *any;
        if (p->client == client)
            *own = p->first < *own ? p->first : *own;
        f->from = p->first < f->from ? p->first : f->from;
        f->to = p->last > f->to ? p->last : f->to;
    }
}

static void rank(struct firstlook *ret, const struct firsts *f, const struct counts *c,
                 uint32_t name, double tick_s)
{
    for (uint32_t i = 0; i < c->nnames; i++) {
        double age = (double)(f->any[i] - f->from) * tick_s;
        if (i == name || f->any[i] == INT64_MAX || age < FIRSTLOOK_SETTLE_S)
            continue;
        bool asked = f->own[i] != INT64_MAX;
        double wait = (double)((asked ? f->own[i] : f->to) - f->any[i]) * tick_s;
        if (!asked && wait <= ret->wait_s)
            continue; /* it may have asked sooner or later than that */
        ret->names++;
        ret->sooner += asked && wait <= ret->wait_s;
    }
    if (ret->names >= FIRSTLOOK_LEAST)
        ret->p = (double)(ret->sooner + 1) / (double)(ret->names + 1);
}

/* First tick of every client that asked for the name, against the client's own. */
static void count_others(struct firstlook *ret, const struct counts *c, uint32_t client,
                         uint32_t name, int64_t own)
{
    for (size_t i = 0; i < c->npairs;) {
        uint32_t who = c->pairs[i].client;
        int64_t first = INT64_MAX;
        for (; i < c->npairs && c->pairs[i].client == who; i++)
            if (c->pairs[i].name == name && c->pairs[i].first < first)
                first = c->pairs[i].first;
        if (who != client && first != INT64_MAX)
            *(first <= own ? &ret->others_before : &ret->others_after) += 1;
    }
}

static void find_ptr(struct firstlook *ret, const struct counts *c, uint32_t client,
                     int64_t own, double tick_s)
{
    size_t from, to;
    counts_client_pairs(c, client, &from, &to);
    for (size_t i = from; i < to; i++) {
        if (c->pairs[i].qtype != TYPE_PTR)
            continue;
        struct series_iter it = series_begin(counts_series(&c->pairs[i]), c->pairs[i].first);
        while (series_next(&it) && it.tick <= own) {
            double before = (double)(own - it.tick) * tick_s;
            if (before <= PTR_WITHIN_S &&
                (ret->ptr_name == UINT32_MAX || before < ret->ptr_before_s)) {
                ret->ptr_name = c->pairs[i].name;
                ret->ptr_before_s = before;
            }
        }
    }
}

int firstlook_test(struct firstlook *ret, const struct counts *c, uint32_t client,
                   uint32_t name, struct err *err)
{
    struct firsts f;
    double tick_s = (double)c->tick_ns / 1e9;
    firsts_make(&f, c, client);
    int64_t own = f.own[name], born = f.any[name];
    double age = (double)(born - f.from) * tick_s;
    int rc = 0;
    if (own == INT64_MAX)
        rc = err_set(err, ERR_DEGENERATE, "the client never asked for the name");
    else if (age < FIRSTLOOK_SETTLE_S)
        rc = err_set(err, ERR_DEGENERATE,
                     "the name was there in the first 7 days of the log: it may be old");
    if (rc == 0) {
        *ret = (struct firstlook){.born_ns = born * c->tick_ns,
                                  .first_ns = own * c->tick_ns,
                                  .wait_s = (double)(own - born) * tick_s,
                                  .p = NAN,
                                  .ptr_name = UINT32_MAX,
                                  .ptr_before_s = NAN};
        rank(ret, &f, c, name, tick_s);
        count_others(ret, c, client, name, own);
        find_ptr(ret, c, client, own, tick_s);
    }
    free(f.any);
    free(f.own);
    return rc;
}
