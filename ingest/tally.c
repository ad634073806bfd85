/* SPDX-License-Identifier: GPL-3.0-or-later
 * Adding: spellings to canonical ids, a record appended. Nearly every look-up
 * misses the processor's cache at its name, so a block of them asks for all its
 * memory before using any. Sorting, tap duplicates and everything that follows is
 * in freeze.c. */
#include "ingest/tally.h"

#include <stdlib.h>

#include "base/text.h"
#include "ingest/tally_state.h"

enum { BLOCK = 64, RCODES = 4096 };

/* --- spellings ------------------------------------------------------------- */

typedef int canon_fn(const struct canon_group *g, struct span raw, enum lookup_form form,
                     char out[CANON_NAME_MAX], size_t *ret_n);

static int make_name(const struct canon_group *g, struct span raw, enum lookup_form form,
                     char out[CANON_NAME_MAX], size_t *ret_n)
{
    (void)g;
    return canon_name(raw, form, out, ret_n);
}

static int make_server(const struct canon_group *g, struct span raw, enum lookup_form form,
                       char out[CANON_NAME_MAX], size_t *ret_n)
{
    (void)g;
    return canon_client(raw, form, out, ret_n);
}

static int make_client(const struct canon_group *g, struct span raw, enum lookup_form form,
                       char out[CANON_NAME_MAX], size_t *ret_n)
{
    char address[CANON_CLIENT_MAX];
    size_t n;
    if (canon_client(raw, form, address, &n) < 0)
        return ERR_MALFORMED;
    canon_group_client(g, span_make(address, n), out, ret_n);
    return 0;
}

static void speller_init(struct speller *s)
{
    s->text = table_new();
    for (int form = 0; form < 2; form++)
        s->raw[form] = table_new();
}

static void speller_free(struct speller *s)
{
    table_free(s->text);
    for (int form = 0; form < 2; form++)
        table_free(s->raw[form]);
}

/* Canonical id of a spelling, TABLE_NONE if it is refused. */
static uint32_t spell(struct speller *s, struct span raw, enum lookup_form form, uint64_t hash,
                      canon_fn *canon, const struct canon_group *g)
{
    const uint32_t *known = table_bound(s->raw[form], raw, hash);
    if (known)
        return *known;
    char out[CANON_NAME_MAX];
    size_t n;
    uint32_t meaning = TABLE_NONE;
    if (canon(g, raw, form, out, &n) == 0)
        meaning = table_intern(s->text, span_make(out, n));
    table_bind(s->raw[form], raw, hash, meaning);
    return meaning;
}

/* --- the tally ------------------------------------------------------------- */

struct tally *tally_new(const struct tally_opts *opts)
{
    struct tally *t = mem_zero(1, sizeof *t);
    t->opts = *opts;
    speller_init(&t->clients);
    speller_init(&t->names);
    speller_init(&t->servers);
    return t;
}

void tally_free(struct tally *t)
{
    if (!t)
        return;
    speller_free(&t->clients);
    speller_free(&t->names);
    speller_free(&t->servers);
    for (size_t i = 0; i < PARTS; i++)
        part_free(&t->parts[i]);
    for (size_t i = 0; i < t->nsources; i++) {
        free(t->sources[i].info.name);
        free(t->sources[i].info.format);
    }
    free(t->sources);
    free(t);
}

size_t tally_source(struct tally *t, const char *name, const char *format)
{
    for (size_t i = 0; i < PARTS; i++)
        t->parts[i].before = t->parts[i].end;
    MEM_GROW(t->sources, t->nsources, t->sources_cap);
    t->sources[t->nsources] = (struct tally_source_state){
        .info = {.name = mem_copy(name, strlen(name)),
                 .format = mem_copy(format, strlen(format)),
                 .first_ns = INT64_MAX,
                 .last_ns = INT64_MIN},
        .latest_ns = INT64_MIN,
        .grain_ns = NS_PER_S,
    };
    return t->nsources++;
}

void tally_drop(struct tally *t)
{
    struct tally_source_state *s = &t->sources[t->nsources - 1];
    for (size_t i = 0; i < PARTS; i++)
        t->parts[i].end = t->parts[i].before; /* spellings without a record leave no trace */
    char *name = s->info.name;
    free(s->info.format);
    s->info = (struct counts_source){.name = name,
                                     .format = mem_copy("failed", 6),
                                     .first_ns = INT64_MAX,
                                     .last_ns = INT64_MIN};
}

struct counts_source *tally_source_info(struct tally *t, size_t source)
{
    return &t->sources[source].info;
}

char *tally_client_rule(const struct canon_group *g)
{
    if (g->labels)
        return mem_format("labels");
    if (g->prefix4 == 32 && g->prefix6 == 128)
        return mem_format("address");
    return mem_format("prefix/%d,%d", g->prefix4, g->prefix6);
}

/* --- what a source is like -------------------------------------------------- */

static void note_time(struct tally_source_state *s, int64_t t_ns)
{
    struct counts_source *c = &s->info;
    int64_t second = floor_div(t_ns, NS_PER_S), fraction = t_ns - second * NS_PER_S;
    c->subsecond[fraction / (NS_PER_S / 10)]++;
    c->second[second - floor_div(second, 60) * 60]++;
    while (fraction % s->grain_ns != 0) {
        s->grain_ns /= 10;
        c->decimals++;
    }
    if (t_ns < c->first_ns)
        c->first_ns = t_ns;
    if (t_ns > c->last_ns)
        c->last_ns = t_ns;
    if (t_ns >= s->latest_ns) {
        s->latest_ns = t_ns;
        return;
    }
    c->late++;
    if (s->latest_ns - t_ns > c->latest_late_ns)
        c->latest_late_ns = s->latest_ns - t_ns;
}

static void note(struct tally_source_state *s, const struct lookup *v)
{
    s->info.lookups++;
    note_time(s, v->t_ns);
    if (v->id >= 0) {
        s->info.id_high[v->id >> 8 & 0xff]++;
        s->info.id_low[v->id & 0xff]++;
    }
    if (v->port >= 0)
        s->info.port_low[v->port & 0xff]++;
}

/* --- records --------------------------------------------------------------- */

/* One (client, name, qtype). */
struct pair {
    uint32_t client, name;
    uint16_t qtype;
};

static uint32_t plus1(int64_t value, uint32_t limit)
{
    return value >= 0 && value < limit ? (uint32_t)value + 1 : 0;
}

static void add(struct tally *t, struct pair pair, struct record r)
{
    r.client = pair.client;
    r.name = pair.name;
    r.qtype = pair.qtype;
    part_add(&t->parts[pair.client % PARTS], &r);
}

static void add_mark(struct tally *t, struct pair pair, enum counts_mark mark, uint32_t value,
                     uint64_t count)
{
    add(t, pair,
        (struct record){
            .kind = RECORD_MARK, .code = mark & CODE_MASK, .value = value, .count = count});
}

/* Server + 1, 0 if unknown. */
static uint32_t server_of(struct tally *t, const struct lookup *v)
{
    if (!v->server.n)
        return 0;
    uint32_t id =
        spell(&t->servers, v->server, v->client_form, table_hash(v->server), make_server, NULL);
    return id == TABLE_NONE ? 0 : id + 1;
}

static void add_query(struct tally *t, struct pair pair, const struct lookup *v)
{
    uint64_t id1 = plus1(v->id, 65536), port1 = plus1(v->port, 65536),
             server1 = server_of(t, v);
    uint32_t rcode1 = plus1(v->rcode, RCODES);
    if (v->weight == 1 && (id1 || server1)) {
        add(t, pair,
            (struct record){.kind = RECORD_SIGHTING,
                            .code = rcode1 & CODE_MASK,
                            .value = plus1(v->ttl_s, UINT32_MAX - 1),
                            .time = v->t_ns,
                            .ident = id1 | port1 << IDENT_PORT | server1 << IDENT_SERVER});
        return;
    }
    if (v->weight == 0)
        return;
    add(t, pair,
        (struct record){.kind = RECORD_LOOKUPS,
                        .code = rcode1 & CODE_MASK,
                        .time = floor_div(v->t_ns, t->opts.tick_ns),
                        .count = v->weight});
    if (v->ttl_s >= 0 && v->ttl_s < UINT32_MAX)
        add_mark(t, pair, MARK_TTL, (uint32_t)v->ttl_s, v->weight);
    if (server1) /* of a record that stands for several look-ups, so without an id */
        add_mark(t, pair, MARK_SERVER, (uint32_t)server1 - 1, v->weight);
}

static void add_response(struct tally *t, size_t source, struct pair pair,
                         const struct lookup *v)
{
    add(t, pair,
        (struct record){.kind = RECORD_RESPONSE,
                        .code = plus1(v->rcode, RCODES) & CODE_MASK,
                        .value = plus1(v->ttl_s, UINT32_MAX - 1),
                        .source = source});
}

static void add_one(struct tally *t, size_t source, struct pair pair, const struct lookup *v)
{
    if (v->kind == LOOKUP_RESPONSE) {
        add_response(t, source, pair, v);
        return;
    }
    note(&t->sources[source], v);
    add_query(t, pair, v);
}

/* --- batches ---------------------------------------------------------------- */

struct block {
    uint64_t client_hash[BLOCK], name_hash[BLOCK];
};

static void ask_for_spellings(struct tally *t, const struct lookup *v, size_t n,
                              struct block *b)
{
    for (size_t i = 0; i < n; i++) {
        b->client_hash[i] = table_hash(v[i].client);
        b->name_hash[i] = table_hash(v[i].name);
        table_prefetch(t->clients.raw[v[i].client_form], b->client_hash[i]);
        table_prefetch(t->names.raw[v[i].name_form], b->name_hash[i]);
    }
    for (size_t i = 0; i < n; i++) {
        table_prefetch_entry(t->clients.raw[v[i].client_form], v[i].client.n,
                             b->client_hash[i]);
        table_prefetch_entry(t->names.raw[v[i].name_form], v[i].name.n, b->name_hash[i]);
    }
}

static void add_block(struct tally *t, size_t source, const struct lookup *v, size_t n,
                      struct skips *skips)
{
    struct block b;
    ask_for_spellings(t, v, n, &b);
    for (size_t i = 0; i < n; i++) {
        struct pair pair = {.client = spell(&t->clients, v[i].client, v[i].client_form,
                                            b.client_hash[i], make_client, &t->opts.group),
                            .name = spell(&t->names, v[i].name, v[i].name_form, b.name_hash[i],
                                          make_name, NULL),
                            .qtype = v[i].qtype};
        if (pair.client == TABLE_NONE || pair.name == TABLE_NONE) {
            skips->count[pair.name == TABLE_NONE ? SKIP_BAD_NAME : SKIP_BAD_CLIENT]++;
            continue;
        }
        skips->count[SKIP_RESPONSE] += v[i].kind == LOOKUP_RESPONSE;
        add_one(t, source, pair, &v[i]);
    }
}

static int check_room(const struct tally *t, struct err *err)
{
    const uint64_t limit = UINT32_MAX - 1 - BLOCK;
    if (table_size(t->clients.raw[0]) > limit || table_size(t->names.raw[0]) > limit ||
        table_size(t->clients.raw[1]) > limit || table_size(t->names.raw[1]) > limit)
        return err_set(err, ERR_LIMIT,
                       "expected at most %lu distinct clients or names, found "
                       "more",
                       (unsigned long)limit);
    if (table_size(t->servers.text) > SERVERS_MAX - BLOCK)
        return err_set(err, ERR_LIMIT, "expected at most %d distinct servers, found more",
                       SERVERS_MAX);
    return 0;
}

int tally_add(struct tally *t, size_t source, const struct lookup *v, size_t n,
              struct skips *skips, struct err *err)
{
    for (size_t from = 0; from < n; from += BLOCK) {
        if (check_room(t, err) < 0)
            return ERR_LIMIT;
        add_block(t, source, v + from, n - from < BLOCK ? n - from : BLOCK, skips);
    }
    return 0;
}

/* --- counts that were made before -------------------------------------------- */

static void add_series(struct tally *t, struct pair pair, struct span series, int64_t first,
                       enum record_kind kind)
{
    struct series_iter it = series_begin(series, first);
    while (series_next(&it))
        add(t, pair, (struct record){.kind = kind, .time = it.tick, .count = it.count});
}

static void add_marks(struct tally *t, struct pair pair, struct span marks,
                      const uint32_t *servers)
{
    const unsigned char *p = (const unsigned char *)marks.p, *end = p ? p + marks.n : p;
    uint64_t kind, value, count;
    while (varint_get(&p, end, &kind) && varint_get(&p, end, &value) &&
           varint_get(&p, end, &count)) {
        if (kind == MARK_SERVER)
            value = servers[value];
        add_mark(t, pair, (enum counts_mark)kind, (uint32_t)value, count);
    }
}

static uint32_t *intern_all(struct table *text, const struct span *v, uint32_t n)
{
    uint32_t *ids = mem_alloc(n * sizeof *ids);
    for (uint32_t i = 0; i < n; i++)
        ids[i] = table_intern(text, v[i]);
    return ids;
}

static int check_rules(const struct tally *t, const struct counts *c, struct err *err)
{
    char here[TEXT_TIME_MAX], there[TEXT_TIME_MAX];
    if (c->tick_ns != t->opts.tick_ns)
        return err_set(err, ERR_MISMATCH, "expected tick %s, found a case of tick %s",
                       text_of_duration(here, t->opts.tick_ns),
                       text_of_duration(there, c->tick_ns));
    char *rule = tally_client_rule(&t->opts.group);
    int rc = 0;
    if (strcmp(rule, c->client_rule) != 0)
        rc = err_set(err, ERR_MISMATCH,
                     "expected clients by %s, found a case with clients by %s", rule,
                     c->client_rule);
    else if (strcmp(c->count_rule, "queries") != 0)
        rc = err_set(err, ERR_MISMATCH, "expected counts of queries, found a case of %s",
                     c->count_rule);
    free(rule);
    return rc;
}

int tally_add_counts(struct tally *t, const struct counts *c, struct err *err)
{
    int rc = check_rules(t, c, err);
    if (rc < 0)
        return rc;
    uint32_t *clients = intern_all(t->clients.text, c->clients, c->nclients);
    uint32_t *names = intern_all(t->names.text, c->names, c->nnames);
    uint32_t *servers = intern_all(t->servers.text, c->servers, c->nservers);
    for (size_t i = 0; rc == 0 && i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i];
        struct pair pair = {clients[p->client], names[p->name], p->qtype};
        add_series(t, pair, counts_series(p), p->first, RECORD_LOOKUPS);
        add_series(t, pair, counts_copies(p), p->first, RECORD_COPIES);
        add_marks(t, pair, counts_marks(p), servers);
        rc = check_room(t, err);
    }
    free(clients);
    free(names);
    free(servers);
    for (size_t i = 0; rc == 0 && i < c->nsources; i++) {
        const struct counts_source *s = &c->sources[i];
        struct counts_source *info = tally_source_info(t, tally_source(t, s->name, s->format));
        char *name = info->name, *format = info->format;
        *info = *s;
        info->name = name;
        info->format = format;
    }
    return rc;
}
