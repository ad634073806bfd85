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
#include "ingest/steps.h"
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

/* What the pairs tell of a source. */
struct found {
    uint64_t answered; /* responses of a pair that has a look-up */
    uint64_t joined;   /* responses that belong to a query */
    uint64_t resent;   /* look-ups that are an earlier message sent again */
    uint64_t twins;    /* rows that another source has, with same_log */
};

/* What a worker needs for one pair at a time, and what it has made. */
struct scratch {
    struct sorter sorter;
    struct ticks *ticks;
    size_t nticks, ticks_cap;
    struct mark *marks;
    size_t nmarks, marks_cap;
    struct steps steps;
    unsigned char *out; /* series, copies, marks of the pair at hand */
    size_t nout, out_cap;
    struct arena bytes;
    struct found *found; /* a source */
    struct tally_total total;
};

struct freeze {
    struct tally *t;
    struct scratch *scratch; /* one a worker */
    size_t nworkers;
    bool sum;      /* is the first round also to say how many look-ups there are? */
    size_t *begin; /* of each client's pairs among all; in the first round their number */
    bool *clients, *names; /* by id: in use */
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
            asked |= v[to].kind <= RECORD_ANSWER;
        if (asked)
            fn(f, s, v + from, to - from);
    }
}

static bool is_sighting(const struct record *r)
{
    return r->kind == RECORD_SIGHTING || r->kind == RECORD_ANSWER;
}

/* Sightings to the end, those of the same message together, queries first, by time. */
static int by_sighting(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (!is_sighting(x) || !is_sighting(y))
        return is_sighting(x) - is_sighting(y);
    if (x->ident != y->ident)
        return x->ident < y->ident ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

/* Returns where the sightings begin. */
static size_t sort_sightings(struct record *v, size_t n)
{
    size_t sightings = 0;
    for (size_t i = 0; i < n; i++)
        sightings += is_sighting(&v[i]);
    if (sightings && n > 1)
        qsort(v, n, sizeof *v, by_sighting);
    return n - sightings;
}

/* Is `later`, which is not the earlier, within ns of it? Exact over the whole range. */
static bool within(int64_t earlier, int64_t later, int64_t ns)
{
    return (uint64_t)later - (uint64_t)earlier <= (uint64_t)ns;
}

/* Does v[i] repeat the sighting before it? tally.h states the rule. */
static bool repeats(const struct freeze *f, const struct record *v, size_t i)
{
    int64_t dedup_ns = f->t->opts.dedup_ns;
    return i > 0 && dedup_ns > 0 && ident_has_id(v[i].ident) && v[i].ident == v[i - 1].ident &&
           v[i].kind == v[i - 1].kind && within(v[i - 1].time, v[i].time, dedup_ns);
}

/* Is v[i], which is no tap duplicate, the message before it sent again? */
static bool is_resent(const struct record *v, size_t i)
{
    return i > 0 && ident_has_id(v[i].ident) && v[i].ident == v[i - 1].ident &&
           v[i].kind == v[i - 1].kind && within(v[i - 1].time, v[i].time, TALLY_RESEND_NS);
}

/* Does the response v[i] belong to a query? tally.h states the rule. The queries of its
 * ident stand before its responses, both in order of time; *at walks along them. */
static bool belongs(const struct record *v, size_t i, size_t *at)
{
    int64_t t = v[i].time;
    while (v[*at].ident != v[i].ident)
        ++*at;
    for (size_t n = *at + 1; n < i && v[n].kind == RECORD_SIGHTING; *at = n++)
        if (v[n].time > t && !within(t, v[n].time, TALLY_SKEW_NS))
            break;
    int64_t asked = v[*at].time;
    return v[*at].kind == RECORD_SIGHTING &&
           (asked > t ? within(t, asked, TALLY_SKEW_NS) : within(asked, t, TALLY_WAIT_NS));
}

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

/* A source that is said to be one server's shows no choice. */
static void keep_step(const struct freeze *f, struct scratch *s, const struct record *r)
{
    if (!f->t->sources[r->source].server1)
        steps_add(&s->steps, (struct step){r->time, r->source, ident_server1(r->ident)});
}

static void count_sighting(const struct freeze *f, struct scratch *s, const struct record *r,
                           bool copy)
{
    keep_ticks(s, floor_div(r->time, f->t->opts.tick_ns), 1, copy);
    uint32_t server1 = ident_server1(r->ident);
    if (server1 && !copy) {
        keep_mark(s, MARK_SERVER, server1 - 1, 1);
        keep_step(f, s, r);
    }
    if (r->value && !copy)
        keep_mark(s, MARK_TTL, r->value - 1, 1);
    if (r->code && !copy)
        keep_mark(s, MARK_RCODE, r->code - 1u, 1);
}

/* A response is no look-up: it marks the pair it answers. */
static void mark_answer(struct scratch *s, const struct record *r)
{
    keep_mark(s, MARK_ANSWERED, 0, 1);
    if (r->code)
        keep_mark(s, MARK_RCODE, r->code - 1u, 1);
    if (r->value)
        keep_mark(s, MARK_TTL, r->value - 1, 1);
}

static bool same_row(const struct record *a, const struct record *b)
{
    return a->ident == b->ident && a->kind == b->kind && a->time == b->time &&
           a->code == b->code && a->value == b->value;
}

/* A run of equal rows, and the source whose rows of it count. */
struct same {
    size_t end;
    uint32_t source;
};

/* Is v[i] a row that counts in another source? Equal rows lie side by side, by source. */
static bool is_twin(const struct record *v, size_t i, size_t n, struct same *s)
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

static void take_sightings(const struct freeze *f, struct scratch *s, const struct record *v,
                           size_t n)
{
    bool joined = false;
    size_t query = 0;
    struct same same = {0};
    for (size_t i = 0; i < n; i++) {
        bool copy = repeats(f, v, i); /* goes where its original went */
        if (f->t->opts.same_log && !ident_has_id(v[i].ident) && is_twin(v, i, n, &same)) {
            s->found[v[i].source].twins++;
            count_sighting(f, s, &v[i], true);
            continue;
        }
        joined = v[i].kind == RECORD_ANSWER && (copy ? joined : belongs(v, i, &query));
        s->found[v[i].source].joined += joined;
        s->found[v[i].source].resent += !joined && !copy && is_resent(v, i);
        if (!joined)
            count_sighting(f, s, &v[i], copy);
        else if (!copy)
            mark_answer(s, &v[i]);
    }
}

static void take_other(struct scratch *s, const struct record *r)
{
    switch ((enum record_kind)r->kind) {
    case RECORD_RESPONSE:
        s->found[r->source].answered++;
        mark_answer(s, r);
        break;
    case RECORD_MARK:
        keep_mark(s, (enum counts_mark)r->code, r->value, r->count);
        break;
    default:
        keep_ticks(s, r->time, r->count, r->kind == RECORD_COPIES);
        if (r->code)
            keep_mark(s, MARK_RCODE, r->code - 1u, r->count);
    }
}

static void mark_steps(struct scratch *s)
{
    uint64_t stayed[HIST_STEP], moved[HIST_STEP];
    if (!s->steps.n)
        return;
    steps_count(&s->steps, stayed, moved);
    for (uint32_t k = 0; k < HIST_STEP; k++) {
        if (stayed[k])
            keep_mark(s, MARK_STAYED, k, stayed[k]);
        if (moved[k])
            keep_mark(s, MARK_MOVED, k, moved[k]);
    }
}

/* The records of a pair as ticks and marks. */
static void take(const struct freeze *f, struct scratch *s, struct record *v, size_t n)
{
    s->nticks = s->nmarks = s->nout = 0;
    size_t first = sort_sightings(v, n);
    for (size_t i = 0; i < first; i++)
        take_other(s, &v[i]);
    take_sightings(f, s, v + first, n - first);
    mark_steps(s);
}

/* --- first round: how much there is --------------------------------------------- */

/* Texts are shared by the parts, and all of these say the same. */
static void use(bool *used, uint32_t id)
{
    __atomic_store_n(&used[id], true, __ATOMIC_RELAXED);
}

static void count_pair(struct freeze *f, struct scratch *s, struct record *v, size_t n)
{
    use(f->clients, v->client);
    use(f->names, v->name);
    f->begin[v->client]++; /* no other part has this client */
    s->total.npairs++;
    if (!f->sum)
        return;
    take(f, s, v, n);
    for (size_t i = 0; i < s->nticks; i++)
        *(s->ticks[i].copy ? &s->total.duplicates : &s->total.lookups) += s->ticks[i].count;
}

static void count_part(void *ctx, size_t i, size_t worker)
{
    struct freeze *f = ctx;
    struct scratch *s = &f->scratch[worker];
    records_load(&s->sorter, &f->t->parts[i], i, NULL);
    each_pair(f, s, count_pair);
}

static uint32_t count_used(const bool *used, uint32_t n)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += used[i];
    return sum;
}

static struct tally_total count(struct freeze *f, struct tally *t, size_t threads, bool sum)
{
    uint32_t nclients = table_size(t->clients.text), nnames = table_size(t->names.text);
    *f = (struct freeze){.t = t, .nworkers = par_threads(threads), .sum = sum};
    f->scratch = mem_zero(f->nworkers, sizeof *f->scratch);
    for (size_t i = 0; i < f->nworkers; i++)
        f->scratch[i].found = mem_zero(t->nsources + 1, sizeof *f->scratch[i].found);
    f->begin = mem_zero(nclients + 1, sizeof *f->begin);
    f->clients = mem_zero(nclients + 1, 1);
    f->names = mem_zero(nnames + 1, 1);
    par_for(f->nworkers, PARTS, count_part, f);
    struct tally_total total = {.nclients = count_used(f->clients, nclients),
                                .nnames = count_used(f->names, nnames),
                                .nintervals = t->nintervals};
    for (size_t i = 0; i < f->nworkers; i++) {
        total.lookups += f->scratch[i].total.lookups;
        total.duplicates += f->scratch[i].total.duplicates;
        total.npairs += f->scratch[i].total.npairs;
    }
    return total;
}

static void freeze_end(struct freeze *f)
{
    for (size_t i = 0; i < f->nworkers; i++) {
        struct scratch *s = &f->scratch[i];
        sorter_free(&s->sorter);
        free(s->ticks);
        free(s->marks);
        steps_free(&s->steps);
        free(s->out);
        free(s->found);
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
    struct tally_total total = count(&f, t, threads, true);
    freeze_end(&f);
    return total;
}

/* --- second round: the pairs ----------------------------------------------------- */

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

static void put_marks(const struct freeze *f, struct scratch *s)
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
    put_marks(f, s);
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

/* What was found in the pairs, to the sources: responses that were joined are skips of
 * their sources, not look-ups. */
static void settle(struct tally *t, const struct found *found)
{
    for (size_t i = 0; i < t->nsources; i++) {
        struct counts_source *s = &t->sources[i].info;
        s->lookups -= found[i].joined;
        s->skips.count[SKIP_RESPONSE] += found[i].joined;
        s->responses_joined += found[i].joined + found[i].answered;
        s->notes.count[NOTE_TWIN] += found[i].twins;
        s->notes.count[NOTE_RESENT] += found[i].resent;
    }
}

static void make_pairs(struct tally *t, struct counts *c, size_t threads)
{
    struct freeze f;
    c->npairs = count(&f, t, threads, false).npairs;
    f.c = c;
    f.client_rank =
        table_rank(t->clients.text, f.clients, &c->bytes, &c->clients, &c->nclients);
    f.name_rank = table_rank(t->names.text, f.names, &c->bytes, &c->names, &c->nnames);
    f.server_rank = table_rank(t->servers.text, NULL, &c->bytes, &c->servers, &c->nservers);
    place_pairs(&f);
    c->pairs = mem_alloc((c->npairs + 1) * sizeof *c->pairs);
    par_for(f.nworkers, PARTS, make_part, &f);
    for (size_t i = 0; i < f.nworkers; i++)
        settle(t, f.scratch[i].found);
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
    for (size_t i = 0; i < t->nsources; i++) {
        tally_end_source(t, i);
        c->sources[i] = t->sources[i].info;
        presence_free(&t->sources[i].presence);
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
    make_pairs(t, c, threads);
    tally_freeze_intervals(t, c);
    move_sources(t, c);
    tally_free(t);
    return c;
}
