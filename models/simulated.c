/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/simulated.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sort.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/tally.h"
#include "ingest/varint.h"

enum { BATCH = 512 };

static int add_rows(struct tally *t, const struct sim_world *w, const struct sim_row *rows,
                    size_t n, struct err *err)
{
    struct lookup batch[BATCH];
    struct skips skips = {0};
    size_t source = tally_source(t, "simulated", "simulated");
    int rc = 0;
    for (size_t i = 0, k = 0; rc == 0 && i < n; i++) {
        const struct sim_row *r = &rows[i];
        batch[k++] = (struct lookup){
            .t_ns = r->t_ns,
            .client = span_of(w->clients[r->client]),
            .name = span_of(w->names[r->name]),
            .server =
                r->server == SIM_NO_SERVER ? (struct span){0} : span_of(w->servers[r->server]),
            .kind = LOOKUP_QUERY,
            .qtype = r->qtype,
            .rcode = LOOKUP_UNKNOWN,
            .id = LOOKUP_UNKNOWN,
            .port = LOOKUP_UNKNOWN,
            .ttl_s = LOOKUP_UNKNOWN,
            .weight = 1,
        };
        if (k == BATCH || i + 1 == n) {
            rc = tally_add(t, source, batch, k, &skips, err);
            k = 0;
        }
    }
    return rc;
}

/* Outages are in order and may touch. */
static void add_live(struct counts *c, const struct sim_world *w)
{
    int64_t from = w->from_ns;
    c->live = mem_zero(w->noutages + 1, sizeof *c->live);
    for (size_t i = 0; i <= w->noutages; i++) {
        int64_t to = i < w->noutages ? w->outages[i].from_ns : w->to_ns;
        if (from < to)
            c->live[c->nlive++] = (struct counts_live){from, to, mem_format("given")};
        from = i < w->noutages ? w->outages[i].to_ns : from;
    }
}

int simulated_counts(struct counts **ret, const struct sim_world *w, struct err *err)
{
    struct sim_row *rows = NULL;
    size_t n = 0;
    int rc = simulate(w, &rows, &n, err);
    if (rc < 0)
        return rc;
    struct tally *t = tally_new(&(struct tally_opts){.tick_ns = w->tick_ns});
    rc = add_rows(t, w, rows, n, err);
    if (rc == 0) {
        *ret = tally_freeze(t, 1); /* frees t */
        add_live(*ret, w);
    } else {
        tally_free(t);
    }
    free(rows);
    return rc;
}

/* --- the same without a tally -------------------------------------------------------- */

/* Texts of one kind as they are counted. */
struct texts {
    struct span *of;   /* each of the world's; p NULL: it is not counted */
    bool *used;        /* by a row that is counted */
    uint32_t *rank;    /* of those in use, in order, each once */
    struct span *kept; /* these, malloced; the counts' in the end */
    uint32_t nkept;
};

typedef int canon_fn(struct span raw, enum lookup_form form, char *out, size_t *ret_n);

static void texts_spell(struct texts *t, const char **raw, size_t n, canon_fn *canon,
                        struct arena *memory)
{
    char out[CANON_NAME_MAX];
    size_t length;
    *t = (struct texts){.of = mem_zero(n + 1, sizeof *t->of),
                        .used = mem_zero(n + 1, sizeof *t->used),
                        .rank = mem_zero(n + 1, sizeof *t->rank),
                        .kept = mem_alloc((n + 1) * sizeof *t->kept)};
    for (size_t i = 0; i < n; i++)
        if (canon(span_of(raw[i]), FORM_TEXT, out, &length) == 0)
            t->of[i] = span_make(arena_copy(memory, out, length), length);
}

static int by_text(const void *a, const void *b)
{
    return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static void texts_rank(struct texts *t, size_t n)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (t->used[i])
            t->kept[m++] = t->of[i];
    qsort(t->kept, m, sizeof *t->kept, by_text);
    for (size_t i = 0; i < m; i++)
        if (i == 0 || span_compare(t->kept[i], t->kept[t->nkept - 1]) != 0)
            t->kept[t->nkept++] = t->kept[i];
    for (size_t i = 0; i < n; i++)
        if (t->used[i])
            t->rank[i] = counts_place(t->kept, t->nkept, t->of[i]);
}

static void texts_free(struct texts *t)
{
    free(t->of);
    free(t->used);
    free(t->rank);
}

struct look {
    uint32_t client, name;
    uint16_t qtype;
    int64_t tick;
};

static int by_type(const void *a, const void *b)
{
    return (int)((const struct look *)a)->qtype - (int)((const struct look *)b)->qtype;
}

/* n look-ups of one pair, ascending. */
static void add_pair(struct counts *c, const struct look *v, size_t n, unsigned char *out)
{
    size_t length = 0;
    int64_t before = v[0].tick;
    for (size_t i = 0, from; i < n; before = v[from].tick) {
        for (from = i; i < n && v[i].tick == v[from].tick; i++)
            continue;
        length += varint_put(out + length, (uint64_t)(v[from].tick - before));
        length += varint_put(out + length, i - from);
    }
    c->pairs[c->npairs++] = (struct counts_pair){.client = v[0].client,
                                                 .name = v[0].name,
                                                 .qtype = v[0].qtype,
                                                 .series_n = (uint32_t)length,
                                                 .bytes = arena_copy(&c->bytes, out, length),
                                                 .total = n,
                                                 .first = v[0].tick,
                                                 .last = v[n - 1].tick};
}

/* Of one client and name, ascending in time: a pair for each type. */
static void add_types(struct counts *c, struct look *v, size_t n, size_t *cap,
                      unsigned char *out)
{
    if (n)
        sort_by(v, n, sizeof *v, by_type);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && v[to].qtype == v[from].qtype; to++)
            continue;
        MEM_GROW(c->pairs, c->npairs, *cap);
        add_pair(c, v + from, to - from, out);
    }
}

/* Rows by client and name, each of these in the order of time that they came in; at[k] is
 * where those of cell k end. */
static struct look *place_rows(const struct sim_row *rows, size_t n, int64_t tick_ns,
                               const struct texts *clients, const struct texts *names,
                               size_t *at)
{
    struct look *v = mem_alloc((n + 1) * sizeof *v);
    size_t cells = (size_t)clients->nkept * names->nkept;
    for (size_t i = 0; i < n; i++) {
        size_t client = clients->rank[rows[i].client], name = names->rank[rows[i].name];
        at[client * names->nkept + name + 1]++;
    }
    for (size_t k = 0; k < cells; k++)
        at[k + 1] += at[k];
    for (size_t i = 0; i < n; i++) {
        struct look one = {clients->rank[rows[i].client], names->rank[rows[i].name],
                           rows[i].qtype, floor_div(rows[i].t_ns, tick_ns)};
        v[at[(size_t)one.client * names->nkept + one.name]++] = one;
    }
    return v;
}

/* Move the rows that are counted to the front, and mark their texts. */
static size_t keep_counted(struct sim_row *rows, size_t n, struct texts *clients,
                           struct texts *names)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (clients->of[rows[i].client].p && names->of[rows[i].name].p) {
            clients->used[rows[i].client] = names->used[rows[i].name] = true;
            rows[kept++] = rows[i];
        }
    return kept;
}

static void add_pairs(struct counts *c, const struct sim_world *w, struct sim_row *rows,
                      size_t n)
{
    struct texts clients, names;
    texts_spell(&clients, w->clients, w->nclients, canon_client, &c->bytes);
    texts_spell(&names, w->names, w->nnames, canon_name, &c->bytes);
    n = keep_counted(rows, n, &clients, &names);
    texts_rank(&clients, w->nclients);
    texts_rank(&names, w->nnames);
    size_t cells = (size_t)clients.nkept * names.nkept, cap = 0;
    size_t *end = mem_zero(cells + 1, sizeof *end);
    unsigned char *out = mem_alloc((n + 1) * 2 * VARINT_MAX);
    struct look *v = place_rows(rows, n, c->tick_ns, &clients, &names, end);
    for (size_t k = 0, from = 0; k < cells; from = end[k++])
        add_types(c, v + from, end[k] - from, &cap, out);
    c->clients = clients.kept;
    c->nclients = clients.nkept;
    c->names = names.kept;
    c->nnames = names.nkept;
    texts_free(&clients);
    texts_free(&names);
    free(end);
    free(out);
    free(v);
}

int simulated_series(struct counts **ret, const struct sim_world *w, struct err *err)
{
    struct sim_row *rows = NULL;
    size_t n = 0;
    int rc = simulate(w, &rows, &n, err);
    if (rc < 0)
        return rc;
    *ret = mem_zero(1, sizeof **ret);
    (*ret)->tick_ns = w->tick_ns;
    add_pairs(*ret, w, rows, n);
    add_live(*ret, w);
    free(rows);
    return 0;
}
