/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/versions.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct rows {
    int64_t *tick; /* ascending, one entry a row */
    size_t n, cap;
};

struct difference {
    int64_t *v; /* ticks from a's i-th moved row to b's */
    size_t n, cap;
};

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void add_series(struct rows *r, struct span series, int64_t first)
{
    struct series_iter it = series_begin(series, first);
    while (series_next(&it))
        for (uint64_t i = 0; i < it.count; i++) {
            MEM_GROW(r->tick, r->n, r->cap);
            r->tick[r->n++] = it.tick;
        }
}

static void rows_of(struct rows *r, const struct counts_pair *p)
{
    r->n = 0;
    add_series(r, counts_series(p), p->first);
    if (p->duplicates) {
        add_series(r, counts_copies(p), p->first);
        qsort(r->tick, r->n, sizeof *r->tick, ascending);
    }
}

/* Rows in common leave both; returns how many there were. */
static uint64_t cancel(struct rows *a, struct rows *b)
{
    size_t i = 0, j = 0, left_a = 0, left_b = 0;
    uint64_t both = 0;
    while (i < a->n || j < b->n) {
        if (j == b->n || (i < a->n && a->tick[i] < b->tick[j])) {
            a->tick[left_a++] = a->tick[i++];
        } else if (i == a->n || b->tick[j] < a->tick[i]) {
            b->tick[left_b++] = b->tick[j++];
        } else {
            both++;
            i++;
            j++;
        }
    }
    a->n = left_a;
    b->n = left_b;
    return both;
}

struct work {
    struct versions *v;
    struct rows a, b;
    struct difference moved;
    size_t cap;
};

static struct versions_client *client_of(struct work *w, struct span client)
{
    struct versions *v = w->v;
    if (!v->nclients || span_compare(v->clients[v->nclients - 1].client, client) != 0) {
        MEM_GROW(v->clients, v->nclients, w->cap);
        v->clients[v->nclients++] = (struct versions_client){.client = client};
    }
    return &v->clients[v->nclients - 1];
}

/* x or y NULL: the pair is in one version only. */
static void compare_rows(struct work *w, struct span client, const struct counts_pair *x,
                         const struct counts_pair *y)
{
    struct versions_client *c = client_of(w, client);
    w->a.n = w->b.n = 0;
    if (x)
        rows_of(&w->a, x);
    if (y)
        rows_of(&w->b, y);
    size_t n = w->a.n, m = w->b.n;
    uint64_t both = cancel(&w->a, &w->b);
    size_t moved = w->a.n < w->b.n ? w->a.n : w->b.n;
    for (size_t i = 0; i < moved; i++) {
        MEM_GROW(w->moved.v, w->moved.n, w->moved.cap);
        w->moved.v[w->moved.n++] = w->b.tick[i] - w->a.tick[i];
    }
    w->v->pairs_a += x != NULL;
    w->v->pairs_b += y != NULL;
    w->v->pairs_equal += both == n && both == m;
    c->a += n;
    c->b += m;
    c->both += both;
    c->moved += moved;
}

static int by_changed(const void *a, const void *b)
{
    const struct versions_client *x = a, *y = b;
    uint64_t dx = x->a + x->b - 2 * x->both, dy = y->a + y->b - 2 * y->both;
    if (dx != dy)
        return dx > dy ? -1 : 1;
    return span_compare(x->client, y->client);
}

/* The commonest difference of moved rows. */
static void find_offset(struct versions *v, struct difference *d, int64_t tick_ns)
{
    if (d->n)
        qsort(d->v, d->n, sizeof *d->v, ascending);
    for (size_t i = 0, j; i < d->n; i = j) {
        for (j = i; j < d->n && d->v[j] == d->v[i]; j++)
            ;
        if (j - i > v->at_offset) {
            v->at_offset = j - i;
            v->offset_ns = d->v[i] * tick_ns;
        }
    }
}

static void finish(struct work *w, int64_t tick_ns)
{
    struct versions *v = w->v;
    size_t changed = 0;
    for (size_t i = 0; i < v->nclients; i++) {
        struct versions_client *c = &v->clients[i];
        v->a += c->a;
        v->b += c->b;
        v->both += c->both;
        v->moved += c->moved;
        if (c->a != c->both || c->b != c->both)
            v->clients[changed++] = *c;
    }
    v->nclients = changed;
    if (changed)
        qsort(v->clients, changed, sizeof *v->clients, by_changed);
    find_offset(v, &w->moved, tick_ns);
}

static int check_rules(const struct counts *a, const struct counts *b, struct err *err)
{
    char x[TEXT_TIME_MAX], y[TEXT_TIME_MAX];
    if (a->tick_ns != b->tick_ns)
        return err_set(err, ERR_MISMATCH, "versions: expected one tick, found %s and %s",
                       text_of_duration(x, a->tick_ns), text_of_duration(y, b->tick_ns));
    for (int i = 0; i < COUNTS_RULES; i++)
        if (i != RULE_VANTAGE && strcmp(a->rules[i], b->rules[i]) != 0)
            return err_set(err, ERR_MISMATCH, "versions: expected one %s, found '%s' and '%s'",
                           counts_rule_keys[i], a->rules[i], b->rules[i]);
    return 0;
}

int versions_compare(struct versions *ret, const struct counts *a, const struct counts *b,
                     struct err *err)
{
    if (check_rules(a, b, err) < 0)
        return ERR_MISMATCH;
    *ret = (struct versions){0};
    struct work w = {.v = ret};
    for (size_t i = 0, j = 0; i < a->npairs || j < b->npairs;) {
        const struct counts_pair *x = i < a->npairs ? &a->pairs[i] : NULL;
        const struct counts_pair *y = j < b->npairs ? &b->pairs[j] : NULL;
        int d = !x ? 1 : !y ? -1 : counts_pair_order(a, x, b, y);
        struct span client = d <= 0 ? a->clients[x->client] : b->clients[y->client];
        compare_rows(&w, client, d <= 0 ? x : NULL, d >= 0 ? y : NULL);
        i += d <= 0;
        j += d >= 0;
    }
    finish(&w, a->tick_ns);
    free(w.a.tick);
    free(w.b.tick);
    free(w.moved.v);
    return 0;
}

void versions_free(struct versions *v)
{
    free(v->clients);
    *v = (struct versions){0};
}

double versions_altered(const struct versions *v)
{
    double all = (double)v->a + (double)v->b - (double)v->both - (double)v->moved;
    return all > 0 ? 1 - (double)v->both / all : 0;
}
