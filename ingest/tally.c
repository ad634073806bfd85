/* SPDX-License-Identifier: GPL-3.0-or-later
 * Adding: spellings to canonical ids, a record appended. Nearly every look-up
 * misses the processor's cache at its name, so a block of them asks for all its
 * memory before using any. Sorting, tap duplicates and everything that follows is
 * in freeze.c. */
#include "ingest/tally.h"

#include <stdlib.h>

#include "base/par.h"
#include "base/text.h"
#include "ingest/tally_state.h"

static const int64_t MINUTE_NS = 60 * NS_PER_S;
enum { BLOCK = 64, RCODES = 4096 };

/* --- spellings ------------------------------------------------------------- */

/* A text as it is counted, and the selectors that may take it. */
struct spelled {
    char text[CANON_NAME_MAX];
    size_t n;
    uint64_t takers;
};

typedef int canon_fn(const struct tally_opts *o, struct span raw, enum lookup_form form,
                     struct spelled *ret);

static uint64_t takers(const struct tally_opts *o, enum keep_side side, const struct spelled *s)
{
    return o->keep ? keep_match(o->keep, side, span_make(s->text, s->n)) : 1;
}

static int make_name(const struct tally_opts *o, struct span raw, enum lookup_form form,
                     struct spelled *ret)
{
    if (canon_name(raw, form, ret->text, &ret->n) < 0)
        return ERR_MALFORMED;
    if (o->registered) {
        struct span domain = suffix_registered(o->registered, span_make(ret->text, ret->n));
        memmove(ret->text, domain.p, domain.n);
        ret->n = domain.n;
    }
    ret->takers = takers(o, KEEP_NAME, ret);
    if (o->pseudonyms)
        pseudonym_name(o->pseudonyms, span_make(ret->text, ret->n), ret->text, &ret->n);
    return 0;
}

static int make_server(const struct tally_opts *o, struct span raw, enum lookup_form form,
                       struct spelled *ret)
{
    if (canon_client(raw, form, ret->text, &ret->n) < 0)
        return ERR_MALFORMED;
    ret->takers = 1;
    if (o->pseudonyms)
        pseudonym_client(o->pseudonyms, span_make(ret->text, ret->n), ret->text, &ret->n);
    return 0;
}

static int make_client(const struct tally_opts *o, struct span raw, enum lookup_form form,
                       struct spelled *ret)
{
    char address[CANON_CLIENT_MAX];
    size_t n;
    if (canon_client(raw, form, address, &n) < 0)
        return ERR_MALFORMED;
    canon_group_client(&o->group, span_make(address, n), ret->text, &ret->n);
    ret->takers = takers(o, KEEP_CLIENT, ret);
    if (o->pseudonyms)
        pseudonym_client(o->pseudonyms, span_make(ret->text, ret->n), ret->text, &ret->n);
    return 0;
}

static void speller_init(struct speller *s)
{
    s->text = table_new();
    for (int form = 0; form < FORMS; form++)
        s->raw[form] = table_new();
}

static void speller_free(struct speller *s)
{
    table_free(s->text);
    for (int form = 0; form < FORMS; form++)
        table_free(s->raw[form]);
    free(s->takers);
}

static void note_takers(struct speller *s, uint32_t id, uint64_t takers)
{
    if (id >= s->ntakers) {
        s->ntakers = 2 * (size_t)id + 1024;
        s->takers = mem_resize(s->takers, s->ntakers, sizeof *s->takers);
    }
    s->takers[id] = takers;
}

/* Canonical id of a spelling, TABLE_NONE if it is refused, LEFT_OUT if nothing takes it. */
static uint32_t spell(struct speller *s, struct span raw, enum lookup_form form, uint64_t hash,
                      canon_fn *canon, const struct tally_opts *o)
{
    const uint32_t *known = table_bound(s->raw[form], raw, hash);
    if (known)
        return *known;
    struct spelled out;
    uint32_t meaning = TABLE_NONE;
    if (canon(o, raw, form, &out) == 0) {
        if (!out.takers)
            return LEFT_OUT;
        meaning = table_intern(s->text, span_make(out.text, out.n));
        if (o->keep)
            note_takers(s, meaning, out.takers);
    }
    table_bind(s->raw[form], raw, hash, meaning);
    return meaning;
}

/* The same of a name whose look-up is left out, without remembering it. */
static uint32_t check_name(struct speller *s, struct span raw, enum lookup_form form,
                           uint64_t hash, const struct tally_opts *o)
{
    const uint32_t *known = table_bound(s->raw[form], raw, hash);
    struct spelled out;
    if (known)
        return *known;
    return make_name(o, raw, form, &out) == 0 ? LEFT_OUT : TABLE_NONE;
}

/* --- the tally ------------------------------------------------------------- */

struct tally *tally_new(const struct tally_opts *opts)
{
    struct tally *t = mem_zero(1, sizeof *t);
    t->opts = *opts;
    t->type_mask = opts->merge_types ? 0 : UINT16_MAX;
    speller_init(&t->clients);
    speller_init(&t->names);
    speller_init(&t->servers);
    t->senders = senders_new();
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
    free(t->intervals);
    for (size_t i = 0; i < t->nsources; i++) {
        tally_end_source(t, i);
        free(t->sources[i].info.name);
        free(t->sources[i].info.format);
        free(t->sources[i].info.server);
        counts_live_free(t->sources[i].info.live, t->sources[i].info.nlive);
        presence_free(&t->sources[i].presence);
        twins_free(&t->sources[i].twins);
    }
    free(t->sources);
    free(t->served);
    free(t->traited);
    senders_free(t->senders);
    free(t);
}

/* The name of a file may say whose log it is. */
static char *source_name(const struct tally *t, const char *name)
{
    char out[CANON_CLIENT_MAX];
    size_t n;
    if (!t->opts.pseudonyms)
        return mem_copy(name, strlen(name));
    char *text = mem_format("source %s", name); /* no client has a blank in it */
    pseudonym_client(t->opts.pseudonyms, span_of(text), out, &n);
    free(text);
    return mem_copy(out, n);
}

void tally_end_source(struct tally *t, size_t source)
{
    struct tally_source_state *s = &t->sources[source];
    census_end(&s->census, &s->info);
}

size_t tally_source(struct tally *t, const char *name, const char *format)
{
    for (size_t i = 0; i < PARTS; i++)
        t->parts[i].before = t->parts[i].end;
    if (t->nsources) /* the one before is read */
        tally_end_source(t, t->nsources - 1);
    MEM_GROW(t->sources, t->nsources, t->sources_cap);
    t->sources[t->nsources] = (struct tally_source_state){
        .info = {.name = source_name(t, name),
                 .format = mem_copy(format, strlen(format)),
                 .first_ns = INT64_MAX,
                 .last_ns = INT64_MIN},
        .nintervals = t->nintervals,
    };
    census_begin(&t->sources[t->nsources].census);
    return t->nsources++;
}

void tally_drop(struct tally *t)
{
    struct tally_source_state *s = &t->sources[t->nsources - 1];
    twins_free(&s->twins);
    census_end(&s->census, &s->info);
    presence_free(&s->presence);
    for (size_t i = 0; i < PARTS; i++)
        t->parts[i].end = t->parts[i].before; /* spellings without a record leave no trace */
    t->nintervals = s->nintervals;
    char *name = s->info.name, *server = s->info.server;
    free(s->info.format);
    s->info = (struct counts_source){.name = name,
                                     .server = server,
                                     .format = mem_copy("failed", 6),
                                     .first_ns = INT64_MAX,
                                     .last_ns = INT64_MIN};
}

struct counts_source *tally_source_info(struct tally *t, size_t source)
{
    return &t->sources[source].info;
}

const struct presence *tally_presence(struct tally *t, size_t source)
{
    presence_tidy(&t->sources[source].presence);
    return &t->sources[source].presence;
}

/* --- rules ------------------------------------------------------------------- */

const char *const tally_count_names[TALLY_COUNTS] = {
    [TALLY_QUERIES] = "queries",
    [TALLY_RESPONSES] = "responses",
    [TALLY_TRANSACTIONS] = "transactions",
};

const char *const tally_vantage_names[TALLY_VANTAGES] = {
    [VANTAGE_UNKNOWN] = "unknown",
    [VANTAGE_BELOW] = "below_resolver",
    [VANTAGE_ABOVE] = "above_resolver",
    [VANTAGE_AUTHORITY] = "authority",
};

static char *client_rule(const struct canon_group *g)
{
    if (g->labels)
        return mem_format("labels");
    if (g->prefix4 == 32 && g->prefix6 == 128)
        return mem_format("address");
    return mem_format("prefix/%d,%d", g->prefix4, g->prefix6);
}

/* Beside pseudonyms the selectors would tell what they hide. */
static char *keep_rule_of(const struct tally_opts *o)
{
    if (!o->keep)
        return mem_format(KEEP_ALL);
    char out[CANON_CLIENT_MAX];
    size_t n;
    if (!o->pseudonyms)
        return mem_format("%s", keep_rule(o->keep));
    char *text = mem_format("keep %s", keep_rule(o->keep)); /* no client has a blank in it */
    pseudonym_client(o->pseudonyms, span_of(text), out, &n);
    free(text);
    return mem_copy(out, n);
}

char *tally_rule(const struct tally_opts *o, enum counts_rule rule)
{
    switch (rule) {
    case RULE_COUNT:
        return mem_format("%s", tally_count_names[o->count]);
    case RULE_CLIENT:
        return o->client_subnet ? mem_format("ecs") : client_rule(&o->group);
    case RULE_NAME:
        return o->registered ? mem_format("registered/%s", suffix_version(o->registered))
                             : mem_format("full");
    case RULE_TYPE:
        return mem_format(o->merge_types ? "merged" : "each");
    case RULE_VANTAGE:
        return mem_format("%s", tally_vantage_names[o->vantage]);
    case RULE_PSEUDONYMS:
        return o->pseudonyms ? mem_format("Crypto-PAn, HMAC-SHA-256, key %s",
                                          pseudonym_key_id(o->pseudonyms))
                             : mem_format("none");
    case RULE_KEEP:
        return keep_rule_of(o);
    case COUNTS_RULES:
        break;
    }
    return NULL;
}

static int check_rules(const struct tally *t, const struct counts *c, struct err *err)
{
    char here[TEXT_TIME_MAX], there[TEXT_TIME_MAX];
    if (c->tick_ns != t->opts.tick_ns)
        return err_set(err, ERR_MISMATCH, "expected tick %s, found a case of tick %s",
                       text_of_duration(here, t->opts.tick_ns),
                       text_of_duration(there, c->tick_ns));
    int rc = 0;
    for (int i = 0; rc == 0 && i < COUNTS_RULES; i++) {
        char *rule = tally_rule(&t->opts, (enum counts_rule)i);
        if (strcmp(rule, c->rules[i]) != 0)
            rc = err_set(err, ERR_MISMATCH, "expected %s '%s', found a case of '%s'",
                         counts_rule_keys[i], rule, c->rules[i]);
        free(rule);
    }
    return rc;
}

/* --- servers ----------------------------------------------------------------- */

static void note_server(struct tally *t, size_t source, uint32_t client, uint32_t server1)
{
    if (client >= t->nserved) {
        size_t n = 2 * (size_t)client + 1024;
        t->served = mem_resize(t->served, n, sizeof *t->served);
        memset(t->served + t->nserved, 0, (n - t->nserved) * sizeof *t->served);
        t->nserved = n;
    }
    struct served *before = &t->served[client], now = {(uint32_t)source + 1, server1};
    struct counts_source *info = &t->sources[source].info;
    if (before->source1 == now.source1)
        *(before->server1 == server1 ? &info->server_same : &info->server_other) += 1;
    *before = now;
}

_Static_assert((int)HIST_TRAIT == (int)LOOKUP_TRAITS, "a count for each trait");

/* Is the message like the client's message before it? What one does not tell stays as it was.
 */
static void note_traits(struct tally *t, size_t source, uint32_t client, const struct lookup *v)
{
    if (client >= t->ntraited) {
        size_t n = 2 * (size_t)client + 1024;
        t->traited = mem_resize(t->traited, n, sizeof *t->traited);
        memset(t->traited + t->ntraited, 0, (n - t->ntraited) * sizeof *t->traited);
        t->ntraited = n;
    }
    struct traited *before = &t->traited[client];
    struct counts_source *info = &t->sources[source].info;
    if (before->source1 != (uint32_t)source + 1)
        *before = (struct traited){.source1 = (uint32_t)source + 1};
    for (int k = 0; k < LOOKUP_TRAITS; k++) {
        if (!v->trait[k])
            continue;
        if (before->trait[k])
            (before->trait[k] == v->trait[k] ? info->trait_same : info->trait_other)[k]++;
        before->trait[k] = v->trait[k];
    }
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
static uint32_t server_of(struct tally *t, struct span server, enum lookup_form form)
{
    uint32_t id = spell(&t->servers, server, form, table_hash(server), make_server, &t->opts);
    return id == TABLE_NONE ? 0 : id + 1;
}

int tally_serve(struct tally *t, size_t source, const char *server, struct err *err)
{
    uint32_t server1 = server_of(t, span_of(server), FORM_TEXT);
    if (!server1)
        return err_set(err, ERR_USAGE, "@server=: expected 1 to %d bytes, found %zu",
                       CANON_CLIENT_MAX - 1, strlen(server));
    struct span text = table_get(t->servers.text, server1 - 1);
    t->sources[source].server1 = server1;
    t->sources[source].info.server = mem_copy(text.p, text.n);
    return 0;
}

/* The finaliser of MurmurHash3 (Appleby, public domain) over what makes rows equal. */
static uint64_t row_hash(struct pair pair, const struct lookup *v, uint64_t ident)
{
    const uint64_t parts[] = {(uint64_t)pair.client << 32 | pair.name,
                              pair.qtype,
                              (uint64_t)v->t_ns,
                              ident,
                              (uint64_t)v->rcode,
                              (uint64_t)v->ttl_s};
    uint64_t h = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        h ^= parts[i];
        h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
        h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
        h ^= h >> 33;
    }
    return h;
}

static void add_sighting(struct tally *t, size_t source, struct pair pair,
                         const struct lookup *v, uint64_t ident)
{
    bool response = v->kind == LOOKUP_RESPONSE;
    add(t, pair,
        (struct record){.kind = response ? RECORD_ANSWER : RECORD_SIGHTING,
                        .code = plus1(v->rcode, RCODES) & CODE_MASK,
                        .value = plus1(v->ttl_s, UINT32_MAX - 1),
                        .source = (uint32_t)source,
                        .time = v->t_ns,
                        .ident = ident});
}

static void add_lookup(struct tally *t, size_t source, struct pair pair, const struct lookup *v)
{
    uint64_t id1 = plus1(v->id, 65536), port1 = plus1(v->port, 65536),
             server1 = v->server.n ? server_of(t, v->server, v->client_form)
                                   : t->sources[source].server1;
    uint64_t ident = id1 | port1 << IDENT_PORT | server1 << IDENT_SERVER;
    if (v->server.n && server1)
        note_server(t, source, pair.client, (uint32_t)server1);
    if (v->trait[TRAIT_HOPS] | v->trait[TRAIT_EDNS] | v->trait[TRAIT_CASE])
        note_traits(t, source, pair.client, v);
    bool exact = t->opts.count == TALLY_TRANSACTIONS || t->opts.same_log;
    if (t->opts.watch_twins && !id1)
        twins_add(&t->sources[source].twins, row_hash(pair, v, ident));
    if (v->weight == 1 && (id1 || server1 || exact)) {
        add_sighting(t, source, pair, v, ident);
        return;
    }
    if (v->weight == 0)
        return;
    add(t, pair,
        (struct record){.kind = RECORD_LOOKUPS,
                        .code = plus1(v->rcode, RCODES) & CODE_MASK,
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
                        .source = (uint32_t)source});
}

/* Is it a look-up by the counting rule? If not, why: *ret_why. */
static bool is_counted(const struct tally *t, const struct lookup *v, enum skip_reason *ret_why)
{
    bool response = v->kind == LOOKUP_RESPONSE;
    *ret_why = response ? SKIP_RESPONSE : SKIP_QUERY;
    switch (t->opts.count) {
    case TALLY_QUERIES:
        return !response;
    case TALLY_RESPONSES:
        return response || v->rcode >= 0;
    default:
        return true;
    }
}

static void add_one(struct tally *t, size_t source, struct pair pair, const struct lookup *v,
                    struct skips *skips)
{
    enum skip_reason why;
    if (is_counted(t, v, &why)) {
        struct tally_source_state *s = &t->sources[source];
        if (census_add(&s->census, &s->info, v))
            senders_add(t->senders, source, &s->info, pair.client, pair.name, v);
        presence_add(&t->sources[source].presence, floor_div(v->t_ns, MINUTE_NS), v->t_ns);
        add_lookup(t, source, pair, v);
        return;
    }
    skips->count[why]++;
    if (why == SKIP_RESPONSE)
        add_response(t, source, pair, v);
}

/* An interval is no record of a part, because it belongs to no series. */
static void add_interval(struct tally *t, size_t source, struct pair pair,
                         const struct lookup *v)
{
    t->sources[source].info.intervals++;
    tally_add_interval(t, (struct interval){.client = pair.client,
                                            .name = pair.name,
                                            .qtype = pair.qtype,
                                            .from_ns = v->t_ns,
                                            .to_ns = v->until_ns,
                                            .count = v->weight});
}

/* --- what is left out ---------------------------------------------------------- */

/* Does no selector take both? */
static bool is_left_out(const struct tally *t, struct pair pair)
{
    const struct keep *keep = t->opts.keep;
    if (!keep)
        return false;
    if (pair.client == LEFT_OUT || pair.name == LEFT_OUT)
        return true;
    uint64_t client = pair.client == TABLE_NONE
                          ? keep_match(keep, KEEP_CLIENT, (struct span){0})
                          : t->clients.takers[pair.client];
    return !(client & t->names.takers[pair.name]);
}

/* It is not counted, but its sensor listened when it came. */
static void leave_out(struct tally *t, size_t source, const struct lookup *v,
                      struct skips *skips)
{
    struct tally_source_state *s = &t->sources[source];
    enum skip_reason why;
    bool interval = v->kind == LOOKUP_INTERVAL;
    if (!interval && !is_counted(t, v, &why)) {
        skips->count[why]++;
        return;
    }
    skips->count[SKIP_NOT_KEPT]++;
    if (interval)
        return;
    presence_add(&s->presence, floor_div(v->t_ns, MINUTE_NS), v->t_ns);
    s->info.first_ns = v->t_ns < s->info.first_ns ? v->t_ns : s->info.first_ns;
    s->info.last_ns = v->t_ns > s->info.last_ns ? v->t_ns : s->info.last_ns;
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
        const struct lookup *one = &v[i];
        struct pair pair = {.client = spell(&t->clients, one->client, one->client_form,
                                            b.client_hash[i], make_client, &t->opts),
                            .qtype = one->qtype & t->type_mask};
        pair.name = pair.client == LEFT_OUT ? check_name(&t->names, one->name, one->name_form,
                                                         b.name_hash[i], &t->opts)
                                            : spell(&t->names, one->name, one->name_form,
                                                    b.name_hash[i], make_name, &t->opts);
        bool interval = one->kind == LOOKUP_INTERVAL, nobody = interval && !one->client.n;
        if (pair.name == TABLE_NONE)
            skips_add(skips, SKIP_BAD_NAME, one->at, one->name);
        else if (pair.client == TABLE_NONE && !nobody)
            skips_add(skips, SKIP_BAD_CLIENT, one->at, one->client);
        else if (is_left_out(t, pair))
            leave_out(t, source, one, skips);
        else if (interval)
            add_interval(t, source, pair, one);
        else
            add_one(t, source, pair, one, skips);
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
    struct marks_iter it = marks_begin(marks);
    while (marks_next(&it)) {
        uint32_t value = it.kind == MARK_SERVER ? servers[it.value] : (uint32_t)it.value;
        add_mark(t, pair, (enum counts_mark)it.kind, value, it.count);
    }
}

static uint32_t *intern_all(struct table *text, const struct span *v, uint32_t n)
{
    uint32_t *ids = mem_alloc(n * sizeof *ids);
    for (uint32_t i = 0; i < n; i++)
        ids[i] = table_intern(text, v[i]);
    return ids;
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
    tally_add_intervals(t, c);
    free(clients);
    free(names);
    free(servers);
    for (size_t i = 0; rc == 0 && i < c->nsources; i++) {
        const struct counts_source *s = &c->sources[i];
        struct counts_source *info = tally_source_info(t, tally_source(t, "", s->format));
        char *format = info->format;
        free(info->name);
        *info = *s;
        info->server = s->server ? mem_copy(s->server, strlen(s->server)) : NULL;
        info->name = mem_copy(s->name, strlen(s->name)); /* a pseudonym has been put on */
        info->format = format;
        info->live = counts_live_copy(s->live, s->nlive);
    }
    return rc;
}

/* --- memory -------------------------------------------------------------------- */

static size_t speller_memory(const struct speller *s)
{
    size_t sum = table_memory(s->text, false) + s->ntakers * sizeof *s->takers;
    for (int form = 0; form < FORMS; form++)
        sum += table_memory(s->raw[form], false);
    return sum;
}

size_t tally_memory(const struct tally *t)
{
    size_t sum = speller_memory(&t->clients) + speller_memory(&t->names) +
                 speller_memory(&t->servers) + t->nserved * sizeof *t->served +
                 t->ntraited * sizeof *t->traited + senders_memory(t->senders) +
                 t->intervals_cap * sizeof *t->intervals + t->sources_cap * sizeof *t->sources;
    for (size_t i = 0; i < PARTS; i++)
        sum += t->parts[i].cap;
    for (size_t i = 0; i < t->nsources; i++)
        sum += t->sources[i].presence.cap * sizeof(struct presence_minute) +
               t->sources[i].twins.cap * sizeof(uint64_t);
    return sum;
}

uint64_t tally_records(const struct tally *t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < PARTS; i++)
        sum += t->parts[i].end.records;
    return sum;
}

/* The freeze holds all of the tally beside the texts in order, the pairs, and what a part is
 * sorted in; series take the place of parts that are done. When live time is inferred the tally
 * is gone, and the ticks of all series are held in an array that doubles. */
size_t tally_peak(const struct tally *t, const struct tally_total *total, size_t threads)
{
    const size_t a_text = sizeof(struct span) + 4 * sizeof(uint64_t); /* ranked and placed */
    size_t texts = table_memory(t->clients.text, true) + table_memory(t->names.text, true) +
                   a_text * (table_size(t->clients.text) + table_size(t->names.text));
    size_t pairs = total->npairs * sizeof(struct counts_pair) +
                   total->nintervals * sizeof(struct counts_interval);
    size_t most = 0, parts = 0;
    for (size_t i = 0; i < PARTS; i++) {
        most = t->parts[i].end.records > most ? t->parts[i].end.records : most;
        parts += t->parts[i].end.n;
    }
    size_t sorting = par_threads(threads) * 5 * most * sizeof(struct record) / 2;
    size_t frozen = texts + pairs;
    size_t freezing = tally_memory(t) + frozen + sorting;
    size_t inferring = frozen + parts + (size_t)tally_records(t) * 3 * sizeof(int64_t);
    return freezing > inferring ? freezing : inferring;
}

/* --- rows in two sources ------------------------------------------------------ */

static bool may_share(void *ctx, size_t i, size_t k)
{
    const struct tally *t = ctx;
    const struct counts_source *a = &t->sources[i].info, *b = &t->sources[k].info;
    if (a->first_ns > a->last_ns || b->first_ns > b->last_ns)
        return false;
    int64_t from = a->first_ns > b->first_ns ? a->first_ns : b->first_ns;
    int64_t to = a->last_ns < b->last_ns ? a->last_ns : b->last_ns;
    uint64_t common = (uint64_t)to - (uint64_t)from,
             span_a = (uint64_t)a->last_ns - (uint64_t)a->first_ns,
             span_b = (uint64_t)b->last_ns - (uint64_t)b->first_ns;
    return from <= to && (common >= NS_PER_S || common == span_a || common == span_b);
}

bool tally_twins(struct tally *t, size_t *ret_a, size_t *ret_b, uint64_t *ret_n)
{
    struct twins *v = mem_alloc((t->nsources + 1) * sizeof *v);
    for (size_t i = 0; i < t->nsources; i++)
        v[i] = t->sources[i].twins;
    bool found = twins_find(v, t->nsources, may_share, t, ret_a, ret_b, ret_n);
    for (size_t i = 0; i < t->nsources; i++)
        t->sources[i].twins = v[i];
    free(v);
    return found;
}
