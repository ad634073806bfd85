/* SPDX-License-Identifier: GPL-3.0-or-later
 * Freezing: keys in byte order of client and name, rows brought to their key by
 * a counting sort, then each key by itself, in parallel: its tap duplicates, its
 * ticks in order, its marks. Nothing in it looks at the order in which rows came. */
#include "ingest/tally_rows.h"

#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"

enum { CHUNK = 4096 }; /* keys a task */

/* Bring rows of the same group together: a counting sort by place[row's first
 * word]; rows whose place is TABLE_NONE are dropped. *rows is replaced. Returns
 * where each group begins, ngroups + 1 numbers. */
static size_t *group(void *rows_at, size_t n, size_t size, const uint32_t *place,
                     size_t ngroups)
{
    char **rows = rows_at;
    size_t *begin = mem_zero(ngroups + 2, sizeof *begin);
    for (size_t i = 0; i < n; i++) {
        uint32_t at = place[*(const uint32_t *)(const void *)(*rows + i * size)];
        if (at != TABLE_NONE)
            begin[at + 2]++;
    }
    for (size_t g = 2; g < ngroups + 2; g++)
        begin[g] += begin[g - 1];
    char *sorted = mem_alloc(n * size);
    for (size_t i = 0; i < n; i++) { /* begin[g + 1] walks from group g's begin to its end */
        const char *row = *rows + i * size;
        uint32_t at = place[*(const uint32_t *)(const void *)row];
        if (at != TABLE_NONE)
            memcpy(sorted + begin[at + 1]++ * size, row, size);
    }
    free(*rows);
    *rows = sorted;
    return begin;
}

/* --- keys in order ---------------------------------------------------------- */

struct ordered {
    uint32_t client, name, key; /* client and name by rank */
    uint16_t qtype;
};

static int by_name(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    return (x->qtype > y->qtype) - (x->qtype < y->qtype);
}

/* Keys that have a look-up. A response alone makes no pair. */
static bool *asked_keys(const struct tally *t)
{
    bool *asked = mem_zero(t->keys.n + 1, sizeof *asked);
    for (size_t i = 0; i < t->nrows; i++)
        asked[t->rows[i].key] = true;
    for (size_t i = 0; i < t->nsightings; i++)
        asked[t->sightings[i].key] = true;
    return asked;
}

uint32_t *tally_rank_texts(const struct table *text, const bool *used, struct arena *bytes,
                           struct span **ret_texts, uint32_t *ret_n)
{
    uint32_t n = table_size(text), kept = 0;
    uint32_t *order = mem_alloc((n + 1) * sizeof *order);
    uint32_t *rank = mem_alloc((n + 1) * sizeof *rank);
    struct span *texts = mem_alloc((n + 1) * sizeof *texts);
    table_order(text, order);
    for (uint32_t i = 0; i < n; i++) {
        rank[order[i]] = TABLE_NONE;
        if (used && !used[order[i]])
            continue;
        struct span s = table_get(text, order[i]);
        texts[kept] = span_make(arena_copy(bytes, s.p, s.n), s.n);
        rank[order[i]] = kept++;
    }
    free(order);
    *ret_texts = texts;
    *ret_n = kept;
    return rank;
}

struct client_sort {
    struct ordered *keys;
    const size_t *begin;
};

static void sort_client(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    struct client_sort *s = ctx;
    qsort(s->keys + s->begin[i], s->begin[i + 1] - s->begin[i], sizeof *s->keys, by_name);
}

/* Mark the clients and names of asked keys, and list those keys. */
static struct ordered *list_keys(const struct tally *t, const bool *asked, bool *clients,
                                 bool *names, size_t *ret_n)
{
    struct ordered *v = mem_alloc((t->keys.n + 1) * sizeof *v);
    size_t n = 0;
    for (uint64_t i = 0; i <= t->keys.mask; i++) {
        const struct slot *s = &t->keys.slots[i];
        if (!s->id1 || !asked[s->id1 - 1])
            continue;
        clients[s->client] = names[s->name] = true;
        v[n++] = (struct ordered){s->client, s->name, s->id1 - 1, s->qtype};
    }
    *ret_n = n;
    return v;
}

/* Fill clients, names and the keys of all pairs; returns the place of each key
 * among the pairs, TABLE_NONE for one without a look-up. */
static uint32_t *order_keys(struct tally *t, struct counts *c, size_t threads)
{
    bool *asked = asked_keys(t);
    bool *clients = mem_zero(table_size(t->clients.text) + 1, 1);
    bool *names = mem_zero(table_size(t->names.text) + 1, 1);
    struct ordered *v = list_keys(t, asked, clients, names, &c->npairs);
    uint32_t *client_rank =
        tally_rank_texts(t->clients.text, clients, &c->bytes, &c->clients, &c->nclients);
    uint32_t *name_rank =
        tally_rank_texts(t->names.text, names, &c->bytes, &c->names, &c->nnames);
    free(t->keys.slots);
    t->keys.slots = NULL;
    for (size_t i = 0; i < c->npairs; i++)
        v[i].name = name_rank[v[i].name];
    size_t *begin = group(&v, c->npairs, sizeof *v, client_rank, c->nclients);
    struct client_sort sort = {v, begin};
    par_for(threads, c->nclients, sort_client, &sort);

    uint32_t *place = mem_alloc((t->keys.n + 1) * sizeof *place);
    memset(place, 0xff, (t->keys.n + 1) * sizeof *place);
    c->pairs = mem_alloc((c->npairs + 1) * sizeof *c->pairs);
    for (size_t i = 0; i < c->npairs; i++) {
        c->pairs[i] = (struct counts_pair){
            .client = client_rank[v[i].client], .name = v[i].name, .qtype = v[i].qtype};
        place[v[i].key] = (uint32_t)i;
    }
    free(begin);
    free(v);
    free(client_rank);
    free(name_rank);
    free(asked);
    free(clients);
    free(names);
    return place;
}

/* --- one key ---------------------------------------------------------------- */

/* A run of bytes that grows; one a task. */
struct bytes {
    unsigned char *p;
    size_t n, cap;
};

static void put_varint(struct bytes *b, uint64_t value)
{
    if (b->cap - b->n < 10) {
        b->cap = b->cap ? 2 * b->cap : 1 << 16;
        b->p = mem_resize(b->p, b->cap, 1);
    }
    b->n += varint_put(b->p + b->n, value);
}

/* What a worker needs for one key at a time. */
struct scratch {
    struct row *rows;
    size_t nrows, rows_cap;
    struct mark *marks;
    size_t nmarks, marks_cap;
    uint64_t *joined; /* a source: responses that belong to a query */
    uint64_t *twins;  /* a source: rows that another source has, with same_log */
};

struct freeze {
    const struct tally *t;
    struct counts *c;
    struct row *rows;
    struct sighting *sightings;
    struct mark *marks;
    const size_t *row_begin, *sighting_begin, *mark_begin; /* NULL: there are none */
    const uint32_t *server_rank;
    struct bytes *chunks;
    struct scratch *scratch; /* one a worker */
};

static int by_sighting(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;
    if (x->ident != y->ident)
        return x->ident < y->ident ? -1 : 1;
    if (x->response != y->response)
        return x->response < y->response ? -1 : 1;
    if (x->t_ns != y->t_ns)
        return x->t_ns < y->t_ns ? -1 : 1;
    if (x->rcode1 != y->rcode1)
        return x->rcode1 < y->rcode1 ? -1 : 1;
    if (x->ttl1 != y->ttl1)
        return x->ttl1 < y->ttl1 ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static int by_tick(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->copy != y->copy)
        return x->copy < y->copy ? -1 : 1;
    return (x->tick > y->tick) - (x->tick < y->tick);
}

static int by_mark(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static void keep_row(struct scratch *s, struct row row)
{
    MEM_GROW(s->rows, s->nrows, s->rows_cap);
    s->rows[s->nrows++] = row;
}

static void keep_mark(struct scratch *s, struct mark mark)
{
    MEM_GROW(s->marks, s->nmarks, s->marks_cap);
    s->marks[s->nmarks++] = mark;
}

/* Is `later`, which is not the earlier, within ns of it? Exact over the whole range. */
static bool within(int64_t earlier, int64_t later, int64_t ns)
{
    return (uint64_t)later - (uint64_t)earlier <= (uint64_t)ns;
}

/* Does v[i] repeat the sighting before it? tally.h states the rule. */
static bool repeats(const struct freeze *f, const struct sighting *v, size_t i)
{
    int64_t dedup_ns = f->t->opts.dedup_ns;
    return i > 0 && dedup_ns > 0 && ident_has_id(v[i].ident) && v[i].ident == v[i - 1].ident &&
           v[i].response == v[i - 1].response && within(v[i - 1].t_ns, v[i].t_ns, dedup_ns);
}

/* Does the response v[i] belong to a query? tally.h states the rule. The queries of its
 * ident stand before its responses, both in order of time; *at walks along them. */
static bool belongs(const struct sighting *v, size_t i, size_t *at)
{
    int64_t t = v[i].t_ns;
    while (v[*at].ident != v[i].ident)
        ++*at;
    for (size_t n = *at + 1; n < i && !v[n].response; *at = n++)
        if (v[n].t_ns > t && !within(t, v[n].t_ns, TALLY_SKEW_NS))
            break;
    int64_t asked = v[*at].t_ns;
    return !v[*at].response &&
           (asked > t ? within(t, asked, TALLY_SKEW_NS) : within(asked, t, TALLY_WAIT_NS));
}

static void keep_sighting(const struct freeze *f, const struct sighting *v, bool copy,
                          struct scratch *s)
{
    struct row row = {.count = 1, .tick = floor_div(v->t_ns, f->t->opts.tick_ns)};
    row.copy = copy;
    row.rcode1 = v->rcode1 & 0x1fffu;
    keep_row(s, row);
    uint32_t server1 = ident_server1(v->ident);
    if (server1 && !copy)
        keep_mark(s, (struct mark){0, MARK_SERVER, server1 - 1, 1});
    if (v->ttl1 && !copy)
        keep_mark(s, (struct mark){0, MARK_TTL, v->ttl1 - 1, 1});
}

/* A response that belongs to a query is no look-up: it marks the query's pair. */
static void join(const struct sighting *v, bool copy, struct scratch *s)
{
    s->joined[v->source]++;
    if (copy)
        return;
    keep_mark(s, (struct mark){0, MARK_ANSWERED, 0, 1});
    if (v->rcode1)
        keep_mark(s, (struct mark){0, MARK_RCODE, v->rcode1 - 1u, 1});
    if (v->ttl1)
        keep_mark(s, (struct mark){0, MARK_TTL, v->ttl1 - 1, 1});
}

static bool same_row(const struct sighting *a, const struct sighting *b)
{
    return a->ident == b->ident && a->response == b->response && a->t_ns == b->t_ns &&
           a->rcode1 == b->rcode1 && a->ttl1 == b->ttl1;
}

/* A run of equal rows, and the source whose rows of it count. */
struct same {
    size_t end;
    uint32_t source;
};

/* Is v[i] a row that counts in another source? Equal rows lie side by side, by source. */
static bool is_twin(const struct sighting *v, size_t i, size_t n, struct same *s)
{
    if (i >= s->end) {
        size_t most = 0, begin = i;
        for (s->end = i; s->end < n && same_row(&v[s->end], &v[i]); s->end++) {
            if (v[s->end].source != v[begin].source)
                begin = s->end;
            if (s->end + 1 - begin > most) {
                most = s->end + 1 - begin;
                s->source = v[begin].source;
            }
        }
    }
    return v[i].source != s->source;
}

static void take_sightings(const struct freeze *f, struct sighting *v, size_t n,
                           struct scratch *s)
{
    if (n > 1)
        qsort(v, n, sizeof *v, by_sighting);
    bool joined = false;
    size_t query = 0;
    struct same same = {0};
    for (size_t i = 0; i < n; i++) {
        bool copy = repeats(f, v, i); /* goes where its original went */
        if (f->t->opts.same_log && !ident_has_id(v[i].ident) && is_twin(v, i, n, &same)) {
            s->twins[v[i].source]++;
            keep_sighting(f, &v[i], true, s);
            continue;
        }
        joined = v[i].response && (copy ? joined : belongs(v, i, &query));
        if (joined)
            join(&v[i], copy, s);
        else
            keep_sighting(f, &v[i], copy, s);
    }
}

static void take_rows(const struct row *v, size_t n, struct scratch *s)
{
    for (size_t i = 0; i < n; i++)
        keep_row(s, v[i]);
}

static void take_marks(const struct mark *v, size_t n, struct scratch *s)
{
    for (size_t i = 0; i < n; i++)
        keep_mark(s, v[i]);
}

static void rcode_marks(struct scratch *s)
{
    for (size_t i = 0; i < s->nrows; i++)
        if (s->rows[i].rcode1 && !s->rows[i].copy)
            keep_mark(s, (struct mark){0, MARK_RCODE, s->rows[i].rcode1 - 1, s->rows[i].count});
}

static void sort_rows(struct scratch *s)
{
    for (size_t i = 1; i < s->nrows; i++)
        if (by_tick(&s->rows[i - 1], &s->rows[i]) > 0) {
            qsort(s->rows, s->nrows, sizeof *s->rows, by_tick);
            return;
        }
}

/* Rows [from, to) in order of tick as a series; `first` is where gaps begin. */
static uint64_t put_series(const struct row *v, size_t from, size_t to, int64_t first,
                           struct bytes *out)
{
    uint64_t total = 0;
    int64_t before = first;
    for (size_t i = from; i < to;) {
        int64_t tick = v[i].tick;
        uint64_t count = 0;
        for (; i < to && v[i].tick == tick; i++)
            count += v[i].count;
        put_varint(out, (uint64_t)tick - (uint64_t)before);
        put_varint(out, count);
        before = tick;
        total += count;
    }
    return total;
}

static void put_marks(const struct freeze *f, struct scratch *s, struct bytes *out)
{
    for (size_t i = 0; i < s->nmarks; i++)
        if (s->marks[i].kind == MARK_SERVER)
            s->marks[i].value = f->server_rank[s->marks[i].value];
    if (s->nmarks > 1)
        qsort(s->marks, s->nmarks, sizeof *s->marks, by_mark);
    for (size_t i = 0; i < s->nmarks;) {
        struct mark m = s->marks[i];
        uint64_t count = 0;
        for (; i < s->nmarks && by_mark(&s->marks[i], &m) == 0; i++)
            count += s->marks[i].count;
        put_varint(out, m.kind);
        put_varint(out, m.value);
        put_varint(out, count);
    }
}

static void make_pair(struct counts_pair *p, const struct freeze *f, struct scratch *s,
                      struct bytes *out)
{
    sort_rows(s);
    size_t split = 0;
    while (split < s->nrows && !s->rows[split].copy)
        split++;
    p->first = s->rows[0].tick; /* a copy follows its original: split > 0 */
    p->last = s->rows[split - 1].tick;
    size_t at = out->n;
    p->total = put_series(s->rows, 0, split, p->first, out);
    p->series.n = out->n - at;
    at = out->n;
    p->duplicates = put_series(s->rows, split, s->nrows, p->first, out);
    p->copies.n = out->n - at;
    at = out->n;
    rcode_marks(s);
    put_marks(f, s, out);
    p->marks.n = out->n - at;
}

static void make_chunk(void *ctx, size_t chunk, size_t worker)
{
    struct freeze *f = ctx;
    struct scratch *s = &f->scratch[worker];
    size_t from = chunk * CHUNK, to = from + CHUNK;
    if (to > f->c->npairs)
        to = f->c->npairs;
    for (size_t i = from; i < to; i++) {
        s->nrows = s->nmarks = 0;
        if (f->row_begin)
            take_rows(f->rows + f->row_begin[i], f->row_begin[i + 1] - f->row_begin[i], s);
        if (f->sighting_begin)
            take_sightings(f, f->sightings + f->sighting_begin[i],
                           f->sighting_begin[i + 1] - f->sighting_begin[i], s);
        if (f->mark_begin)
            take_marks(f->marks + f->mark_begin[i], f->mark_begin[i + 1] - f->mark_begin[i], s);
        make_pair(&f->c->pairs[i], f, s, &f->chunks[chunk]);
    }
}

/* --- all keys ---------------------------------------------------------------- */

/* Responses whose key has a look-up become marks of it. */
static void join_responses(struct tally *t, const uint32_t *place)
{
    for (size_t i = 0; i < t->nresponses; i++) {
        const struct response *r = &t->responses[i];
        if (place[r->key] == TABLE_NONE)
            continue;
        t->sources[r->source].info.responses_joined++;
        struct mark marks[] = {{r->key, MARK_ANSWERED, 0, 1},
                               {r->key, MARK_RCODE, r->rcode1 - 1u, r->rcode1 > 0},
                               {r->key, MARK_TTL, r->ttl1 - 1u, r->ttl1 > 0}};
        for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
            if (!marks[k].count)
                continue;
            MEM_GROW(t->marks, t->nmarks, t->marks_cap);
            t->marks[t->nmarks++] = marks[k];
        }
    }
    free(t->responses);
    t->responses = NULL;
}

/* Bytes of all chunks into the counts, and every pair's spans to them. */
static void gather(struct counts *c, struct bytes *chunks, size_t nchunks)
{
    for (size_t k = 0; k < nchunks; k++) {
        const char *p = arena_copy(&c->bytes, chunks[k].p, chunks[k].n);
        free(chunks[k].p);
        size_t to = (k + 1) * CHUNK < c->npairs ? (k + 1) * CHUNK : c->npairs;
        for (size_t i = k * CHUNK; i < to; i++) {
            struct counts_pair *pair = &c->pairs[i];
            pair->series.p = p;
            pair->copies.p = p + pair->series.n;
            pair->marks.p = pair->copies.p + pair->copies.n;
            p = pair->marks.p + pair->marks.n;
        }
    }
}

/* What was found in the pairs, to the sources: responses that were joined are skips of their
 * sources, not look-ups. */
static void settle(struct tally *t, const uint64_t *joined, const uint64_t *twins)
{
    for (size_t i = 0; i < t->nsources; i++) {
        struct counts_source *s = &t->sources[i].info;
        s->lookups -= joined[i];
        s->skips.count[SKIP_RESPONSE] += joined[i];
        s->responses_joined += joined[i];
        s->notes.count[NOTE_TWIN] += twins[i];
    }
}

static void make_pairs(struct tally *t, struct counts *c, const uint32_t *place, size_t threads)
{
    size_t nchunks = (c->npairs + CHUNK - 1) / CHUNK, nworkers = par_threads(threads);
    uint32_t *server_rank =
        tally_rank_texts(t->servers.text, NULL, &c->bytes, &c->servers, &c->nservers);
    size_t *row_begin = NULL, *sighting_begin = NULL, *mark_begin = NULL;
    if (t->nrows)
        row_begin = group(&t->rows, t->nrows, sizeof *t->rows, place, c->npairs);
    if (t->nsightings)
        sighting_begin =
            group(&t->sightings, t->nsightings, sizeof *t->sightings, place, c->npairs);
    if (t->nmarks)
        mark_begin = group(&t->marks, t->nmarks, sizeof *t->marks, place, c->npairs);
    struct freeze f = {.t = t,
                       .c = c,
                       .rows = t->rows,
                       .sightings = t->sightings,
                       .marks = t->marks,
                       .row_begin = row_begin,
                       .sighting_begin = sighting_begin,
                       .mark_begin = mark_begin,
                       .server_rank = server_rank,
                       .chunks = mem_zero(nchunks + 1, sizeof *f.chunks),
                       .scratch = mem_zero(nworkers, sizeof *f.scratch)};
    for (size_t i = 0; i < nworkers; i++) {
        f.scratch[i].joined = mem_zero(t->nsources + 1, sizeof *f.scratch[i].joined);
        f.scratch[i].twins = mem_zero(t->nsources + 1, sizeof *f.scratch[i].twins);
    }
    par_for(threads, nchunks, make_chunk, &f);
    gather(c, f.chunks, nchunks);
    for (size_t i = 0; i < nworkers; i++) {
        settle(t, f.scratch[i].joined, f.scratch[i].twins);
        free(f.scratch[i].rows);
        free(f.scratch[i].marks);
        free(f.scratch[i].joined);
        free(f.scratch[i].twins);
    }
    free(f.scratch);
    free(f.chunks);
    free(row_begin);
    free(sighting_begin);
    free(mark_begin);
    free(server_rank);
}

static int by_source(const void *a, const void *b)
{
    const struct counts_source *x = a, *y = b;
    int d = strcmp(x->name, y->name);
    return d ? d : strcmp(x->sha256, y->sha256);
}

static void move_sources(struct tally *t, struct counts *c)
{
    c->sources = mem_alloc((t->nsources + 1) * sizeof *c->sources);
    for (size_t i = 0; i < t->nsources; i++) {
        c->sources[i] = t->sources[i].info;
        twins_free(&t->sources[i].twins);
    }
    c->nsources = t->nsources;
    t->nsources = 0; /* their names are the counts' now */
    if (c->nsources)
        qsort(c->sources, c->nsources, sizeof *c->sources, by_source);
}

struct counts *tally_freeze(struct tally *t, size_t threads)
{
    struct counts *c = mem_zero(1, sizeof *c);
    c->tick_ns = t->opts.tick_ns;
    c->dedup_ns = t->opts.dedup_ns;
    for (int i = 0; i < COUNTS_RULES; i++)
        c->rules[i] = tally_rule(&t->opts, (enum counts_rule)i);
    uint32_t *place = order_keys(t, c, threads);
    join_responses(t, place);
    make_pairs(t, c, place, threads);
    tally_freeze_intervals(t, c);
    free(place);
    move_sources(t, c);
    tally_free(t);
    return c;
}
