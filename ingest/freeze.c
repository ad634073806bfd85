/* SPDX-License-Identifier: GPL-3.0-or-later
 * Freezing, part by part and in parallel, in two rounds. The first counts the
 * pairs of every client and says which texts are in use, so that the texts can be
 * ranked and every pair has its place; the second makes the pairs there: tap
 * duplicates, ticks in order, marks. Sorting a part twice costs less than to keep
 * it sorted in memory that was never touched. Nothing in it looks at the order in
 * which records came. */
#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"
#include "ingest/tally_state.h"

struct mark {
    uint32_t kind, value;
    uint64_t count;
};

struct ticks {
    int64_t tick;
    uint64_t count;
    bool copy;
};

/* What a worker needs for one pair at a time, and what it has made. */
struct scratch {
    struct sorter sorter;
    struct ticks *ticks;
    size_t nticks, ticks_cap;
    struct mark *marks;
    size_t nmarks, marks_cap;
    unsigned char *out; /* series, copies, marks of the pair at hand */
    size_t nout, out_cap;
    struct arena bytes;
    struct tally_total total;
};

struct freeze {
    struct tally *t;
    struct scratch *scratch; /* one a worker */
    size_t nworkers;
    size_t *begin; /* of each client's pairs among all; in the first round their number */
    unsigned char *clients, *names; /* by id: in use */
    uint32_t *client_rank, *name_rank, *server_rank;
    struct counts *c; /* second round only */
};

/* --- records of a pair --------------------------------------------------------- */

/* Does f work on each pair that has a look-up? A response alone makes no pair. */
typedef void pair_fn(struct freeze *f, struct scratch *s, struct record *v, size_t n);

static void each_pair(struct freeze *f, struct scratch *s, pair_fn *fn)
{
    struct record *v = s->sorter.v;
    for (size_t from = 0, to; from < s->sorter.n; from = to) {
        bool asked = false;
        for (to = from; to < s->sorter.n && record_same_pair(&v[to], &v[from]); to++)
            asked |= v[to].kind <= RECORD_SIGHTING;
        if (asked)
            fn(f, s, v + from, to - from);
    }
}

/* Sightings to the end, those of the same message together, by time. */
static int by_sighting(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    bool sighting = x->kind == RECORD_SIGHTING;
    if (!sighting || y->kind != RECORD_SIGHTING)
        return sighting - (y->kind == RECORD_SIGHTING);
    if (x->ident != y->ident)
        return x->ident < y->ident ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

static void sort_sightings(struct record *v, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= v[i].kind == RECORD_SIGHTING;
    if (any && n > 1)
        qsort(v, n, sizeof *v, by_sighting);
}

/* Does v[i] repeat the sighting before it? tally.h states the rule. */
static bool repeats(const struct freeze *f, const struct record *v, size_t i)
{
    int64_t dedup_ns = f->t->opts.dedup_ns;
    return i > 0 && dedup_ns > 0 && v[i - 1].kind == RECORD_SIGHTING &&
           ident_has_id(v[i].ident) && v[i].ident == v[i - 1].ident &&
           v[i].time - v[i - 1].time <= dedup_ns;
}

/* --- first round: how much there is --------------------------------------------- */

/* Texts are shared by the parts, and all of these say the same. */
static void use(unsigned char *used, uint32_t id)
{
    __atomic_store_n(&used[id], 1, __ATOMIC_RELAXED);
}

static void count_pair(struct freeze *f, struct scratch *s, struct record *v, size_t n)
{
    use(f->clients, v->client);
    use(f->names, v->name);
    f->begin[v->client]++; /* no other part has this client */
    s->total.npairs++;
    sort_sightings(v, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t count = v[i].kind == RECORD_SIGHTING ? 1 : v[i].count;
        bool copy =
            v[i].kind == RECORD_COPIES || (v[i].kind == RECORD_SIGHTING && repeats(f, v, i));
        if (v[i].kind <= RECORD_SIGHTING)
            *(copy ? &s->total.duplicates : &s->total.lookups) += count;
    }
}

static void count_part(void *ctx, size_t i, size_t worker)
{
    struct freeze *f = ctx;
    struct scratch *s = &f->scratch[worker];
    records_load(&s->sorter, &f->t->parts[i], i, NULL);
    each_pair(f, s, count_pair);
}

static uint32_t count_used(const unsigned char *used, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += used[i];
    return sum;
}

static struct tally_total count(struct freeze *f, struct tally *t, size_t threads)
{
    uint32_t nclients = table_size(t->clients.text), nnames = table_size(t->names.text);
    *f = (struct freeze){.t = t, .nworkers = par_threads(threads)};
    f->scratch = mem_zero(f->nworkers, sizeof *f->scratch);
    f->begin = mem_zero(nclients + 1, sizeof *f->begin);
    f->clients = mem_zero(nclients + 1, 1);
    f->names = mem_zero(nnames + 1, 1);
    par_for(f->nworkers, PARTS, count_part, f);
    struct tally_total sum = {.nclients = count_used(f->clients, nclients),
                              .nnames = count_used(f->names, nnames)};
    for (size_t i = 0; i < f->nworkers; i++) {
        sum.lookups += f->scratch[i].total.lookups;
        sum.duplicates += f->scratch[i].total.duplicates;
        sum.npairs += f->scratch[i].total.npairs;
    }
    return sum;
}

static void freeze_end(struct freeze *f)
{
    for (size_t i = 0; i < f->nworkers; i++) {
        struct scratch *s = &f->scratch[i];
        sorter_free(&s->sorter);
        free(s->ticks);
        free(s->marks);
        free(s->out);
        if (f->c)
            arena_join(&f->c->bytes, &s->bytes);
    }
    free(f->scratch);
    free(f->begin);
    free(f->clients);
    free(f->names);
    free(f->client_rank);
    free(f->name_rank);
    free(f->server_rank);
}

struct tally_total tally_total(struct tally *t, size_t threads)
{
    struct freeze f;
    struct tally_total sum = count(&f, t, threads);
    freeze_end(&f);
    return sum;
}

/* --- second round: the pairs ----------------------------------------------------- */

static int by_tick(const void *a, const void *b)
{
    const struct ticks *x = a, *y = b;
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

/* What repeats the one before joins it: so most pairs have nothing left to sort. */
static void keep_ticks(struct scratch *s, int64_t tick, uint64_t count, bool copy)
{
    struct ticks new = {tick, count, copy};
    if (s->nticks && by_tick(&s->ticks[s->nticks - 1], &new) == 0) {
        s->ticks[s->nticks - 1].count += count;
        return;
    }
    MEM_GROW(s->ticks, s->nticks, s->ticks_cap);
    s->ticks[s->nticks++] = new;
}

static void keep_mark(struct scratch *s, enum counts_mark kind, uint32_t value, uint64_t count)
{
    struct mark new = {kind, value, count};
    if (s->nmarks && by_mark(&s->marks[s->nmarks - 1], &new) == 0) {
        s->marks[s->nmarks - 1].count += count;
        return;
    }
    MEM_GROW(s->marks, s->nmarks, s->marks_cap);
    s->marks[s->nmarks++] = new;
}

static void take_sighting(struct freeze *f, struct scratch *s, const struct record *r,
                          bool copy)
{
    keep_ticks(s, floor_div(r->time, f->t->opts.tick_ns), 1, copy);
    uint32_t server1 = ident_server1(r->ident);
    if (copy)
        return;
    if (server1)
        keep_mark(s, MARK_SERVER, f->server_rank[server1 - 1], 1);
    if (r->value)
        keep_mark(s, MARK_TTL, r->value - 1, 1);
    if (r->code)
        keep_mark(s, MARK_RCODE, r->code - 1u, 1);
}

static void take_response(struct freeze *f, struct scratch *s, const struct record *r)
{
    uint64_t *joined = &f->t->sources[r->source].info.responses_joined;
    __atomic_fetch_add(joined, 1, __ATOMIC_RELAXED); /* sources are shared by the parts */
    keep_mark(s, MARK_ANSWERED, 0, 1);
    if (r->code)
        keep_mark(s, MARK_RCODE, r->code - 1u, 1);
    if (r->value)
        keep_mark(s, MARK_TTL, r->value - 1, 1);
}

static void take_mark(struct freeze *f, struct scratch *s, const struct record *r)
{
    enum counts_mark kind = (enum counts_mark)r->code;
    keep_mark(s, kind, kind == MARK_SERVER ? f->server_rank[r->value] : r->value, r->count);
}

static void take(struct freeze *f, struct scratch *s, struct record *v, size_t n)
{
    s->nticks = s->nmarks = s->nout = 0;
    sort_sightings(v, n);
    for (size_t i = 0; i < n; i++)
        switch ((enum record_kind)v[i].kind) {
        case RECORD_LOOKUPS:
        case RECORD_COPIES:
            keep_ticks(s, v[i].time, v[i].count, v[i].kind == RECORD_COPIES);
            if (v[i].code)
                keep_mark(s, MARK_RCODE, v[i].code - 1u, v[i].count);
            break;
        case RECORD_SIGHTING:
            take_sighting(f, s, &v[i], repeats(f, v, i));
            break;
        case RECORD_RESPONSE:
            take_response(f, s, &v[i]);
            break;
        case RECORD_MARK:
            take_mark(f, s, &v[i]);
        }
}

static void sort_ticks(struct scratch *s)
{
    for (size_t i = 1; i < s->nticks; i++)
        if (by_tick(&s->ticks[i - 1], &s->ticks[i]) > 0) {
            qsort(s->ticks, s->nticks, sizeof *s->ticks, by_tick);
            return;
        }
}

static void put(struct scratch *s, uint64_t value)
{
    if (s->out_cap - s->nout < VARINT_MAX) {
        s->out_cap = s->out_cap ? 2 * s->out_cap : 1 << 10;
        s->out = mem_resize(s->out, s->out_cap, 1);
    }
    s->nout += varint_put(s->out + s->nout, value);
}

/* Ticks [from, to) in order as a series; `first` is where gaps begin. */
static uint64_t put_series(struct scratch *s, size_t from, size_t to, int64_t first)
{
    uint64_t total = 0;
    int64_t before = first;
    for (size_t i = from; i < to;) {
        int64_t tick = s->ticks[i].tick;
        uint64_t count = 0;
        for (; i < to && s->ticks[i].tick == tick; i++)
            count += s->ticks[i].count;
        put(s, (uint64_t)tick - (uint64_t)before);
        put(s, count);
        before = tick;
        total += count;
    }
    return total;
}

static void put_marks(struct scratch *s)
{
    if (s->nmarks > 1)
        qsort(s->marks, s->nmarks, sizeof *s->marks, by_mark);
    for (size_t i = 0; i < s->nmarks;) {
        struct mark m = s->marks[i];
        uint64_t count = 0;
        for (; i < s->nmarks && by_mark(&s->marks[i], &m) == 0; i++)
            count += s->marks[i].count;
        put(s, m.kind);
        put(s, m.value);
        put(s, count);
    }
}

static void make_pair(struct freeze *f, struct scratch *s, struct record *v, size_t n)
{
    take(f, s, v, n);
    sort_ticks(s);
    size_t split = 0;
    while (split < s->nticks && !s->ticks[split].copy)
        split++;
    struct counts_pair *p = &f->c->pairs[f->begin[v->client]++];
    *p = (struct counts_pair){
        .client = f->client_rank[v->client],
        .name = v->name, /* a rank already */
        .qtype = (uint16_t)v->qtype,
        .first = s->ticks[0].tick, /* a copy follows its original: split > 0 */
        .last = s->ticks[split - 1].tick,
    };
    p->total = put_series(s, 0, split, p->first);
    p->series_n = (uint32_t)s->nout;
    p->duplicates = put_series(s, split, s->nticks, p->first);
    p->copies_n = (uint32_t)s->nout - p->series_n;
    put_marks(s);
    p->marks_n = (uint32_t)s->nout - p->series_n - p->copies_n;
    p->bytes = arena_copy(&s->bytes, s->out, s->nout);
}

static void make_part(void *ctx, size_t i, size_t worker)
{
    struct freeze *f = ctx;
    struct scratch *s = &f->scratch[worker];
    records_load(&s->sorter, &f->t->parts[i], i, f->name_rank);
    part_free(&f->t->parts[i]);
    each_pair(f, s, make_pair);
}

/* --- the whole ------------------------------------------------------------------ */

/* Texts in use (NULL: all), sorted, into the counts; and of each id its place. */
static uint32_t *rank_texts(const struct table *text, const unsigned char *used,
                            struct arena *bytes, struct span **ret_texts, uint32_t *ret_n)
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

/* Numbers of pairs by client to where the pairs of each client begin. */
static void place_pairs(struct freeze *f)
{
    uint32_t n = table_size(f->t->clients.text);
    size_t *at = mem_zero(f->c->nclients + 1, sizeof *at);
    for (uint32_t id = 0; id < n; id++)
        if (f->client_rank[id] != TABLE_NONE)
            at[f->client_rank[id] + 1] = f->begin[id];
    for (uint32_t rank = 0; rank < f->c->nclients; rank++)
        at[rank + 1] += at[rank];
    for (uint32_t id = 0; id < n; id++)
        if (f->client_rank[id] != TABLE_NONE)
            f->begin[id] = at[f->client_rank[id]];
    free(at);
}

static void make_pairs(struct tally *t, struct counts *c, size_t threads)
{
    struct freeze f;
    c->npairs = count(&f, t, threads).npairs;
    f.c = c;
    f.client_rank =
        rank_texts(t->clients.text, f.clients, &c->bytes, &c->clients, &c->nclients);
    f.name_rank = rank_texts(t->names.text, f.names, &c->bytes, &c->names, &c->nnames);
    f.server_rank = rank_texts(t->servers.text, NULL, &c->bytes, &c->servers, &c->nservers);
    place_pairs(&f);
    c->pairs = mem_alloc((c->npairs + 1) * sizeof *c->pairs);
    par_for(f.nworkers, PARTS, make_part, &f);
    freeze_end(&f);
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
    for (size_t i = 0; i < t->nsources; i++)
        c->sources[i] = t->sources[i].info;
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
    c->count_rule = mem_format("queries");
    c->client_rule = tally_client_rule(&t->opts.group);
    make_pairs(t, c, threads);
    move_sources(t, c);
    tally_free(t);
    return c;
}
