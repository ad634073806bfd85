/* SPDX-License-Identifier: GPL-3.0-or-later
 * Expected counts are worked out by hand from the few look-ups of each test. */
#include "ingest/tally.h"

#include "base/text.h"
#include "tests/check.h"

static const int64_t MS = 1000000;

static struct tally *new_tally(int64_t tick_ns, int64_t dedup_ns)
{
    struct tally_opts o = {
        .tick_ns = tick_ns, .dedup_ns = dedup_ns, .group = {.prefix4 = 32, .prefix6 = 128}};
    return tally_new(&o);
}

/* A look-up of type A without id, port, server, rcode and TTL. */
static struct lookup ask(const char *client, const char *name, int64_t t_ns)
{
    return (struct lookup){.t_ns = t_ns,
                           .client = span_of(client),
                           .name = span_of(name),
                           .qtype = 1,
                           .rcode = LOOKUP_UNKNOWN,
                           .id = LOOKUP_UNKNOWN,
                           .port = LOOKUP_UNKNOWN,
                           .ttl_s = LOOKUP_UNKNOWN,
                           .weight = 1};
}

static struct lookup with_id(struct lookup v, int id, int port, const char *server)
{
    v.id = id;
    v.port = port;
    v.server = span_of(server);
    return v;
}

static void add(struct tally *t, size_t source, struct lookup v)
{
    struct err err;
    struct skips skips = {0};
    assert_int_equal(tally_add(t, source, &v, 1, &skips, &err), 0);
    uint64_t refused = skips_total(&skips) - skips.count[SKIP_RESPONSE];
    assert_int_equal(refused, 0);
}

/* "tick:count tick:count" of a series. */
static const char *shown(struct span series, int64_t first, char out[256])
{
    size_t n = 0;
    out[0] = '\0';
    struct series_iter it = series_begin(series, first);
    while (series_next(&it))
        n += (size_t)snprintf(out + n, 256 - n, "%s%lld:%llu", n ? " " : "", (long long)it.tick,
                              (unsigned long long)it.count);
    return out;
}

static const char *marks_shown(struct span marks, char out[256])
{
    size_t n = 0;
    out[0] = '\0';
    const unsigned char *p = (const unsigned char *)marks.p, *end = p + marks.n;
    uint64_t kind, value, count;
    while (varint_get(&p, end, &kind) && varint_get(&p, end, &value) &&
           varint_get(&p, end, &count))
        n += (size_t)snprintf(out + n, 256 - n, "%s%d/%d:%d", n ? " " : "", (int)kind,
                              (int)value, (int)count);
    return out;
}

#define assert_series(bytes, first, text)                                                      \
    do {                                                                                       \
        char shown_[256];                                                                      \
        assert_string_equal(shown(bytes, first, shown_), text);                                \
    } while (0)
#define assert_marks(bytes, text)                                                              \
    do {                                                                                       \
        char shown_[256];                                                                      \
        assert_string_equal(marks_shown(bytes, shown_), text);                                 \
    } while (0)

static void a_lookup_on_the_tick_edge_counts_in_the_later_tick_also_before_1970(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 0);
    size_t s = tally_source(t, "x", "test");
    const int64_t times[] = {-1, 0, NS_PER_S - 1, NS_PER_S, -NS_PER_S, -NS_PER_S - 1};
    for (size_t i = 0; i < 6; i++)
        add(t, s, ask("192.0.2.1", "a.example", times[i]));
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    assert_true(c->pairs[0].total == 6);
    assert_true(c->pairs[0].first == -2);
    assert_true(c->pairs[0].last == 1);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "-2:1 -1:2 0:2 1:1");
    counts_free(c);
}

static void spellings_of_one_name_are_one_pair_and_pairs_stand_in_byte_order(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 0);
    size_t s = tally_source(t, "x", "test");
    add(t, s, ask("192.0.2.9", "b.example", 0));
    add(t, s, ask("192.0.2.10", "B.Example.", 0));
    add(t, s, ask("192.0.2.9", "B.EXAMPLE", 5 * NS_PER_S));
    struct lookup wire = ask("", "", 9 * NS_PER_S);
    wire.client = span_make("\xc0\0\2\x09", 4);
    wire.name = span_make("\1b\7EXAMPLE", 11); /* with its NUL */
    wire.client_form = wire.name_form = FORM_WIRE;
    add(t, s, wire);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->nclients, 2);
    assert_int_equal(c->nnames, 1);
    assert_string_equal(c->clients[0].p, "192.0.2.10");
    assert_string_equal(c->clients[1].p, "192.0.2.9");
    assert_string_equal(c->names[0].p, "b.example");
    assert_int_equal(c->npairs, 2);
    assert_series(counts_series(&c->pairs[1]), c->pairs[1].first, "0:1 5:1 9:1");
    counts_free(c);
}

static void types_are_series_of_their_own(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 0);
    size_t s = tally_source(t, "x", "test");
    struct lookup v = ask("c", "n.example", 0);
    v.qtype = 28;
    add(t, s, v);
    v.qtype = 1;
    add(t, s, v);
    add(t, s, v);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 2);
    assert_int_equal(c->pairs[0].qtype, 1);
    assert_true(c->pairs[0].total == 2);
    assert_int_equal(c->pairs[1].qtype, 28);
    counts_free(c);
}

static void what_canon_refuses_is_a_skip_and_not_a_lookup(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 0);
    size_t s = tally_source(t, "x", "test");
    struct lookup v[] = {ask("c", "a..b", 0), ask("", "a.example", 0),
                         ask("c", "ok.example", 0), ask("c", "a..b", 1)};
    struct skips skips = {0};
    struct err err;
    assert_int_equal(tally_add(t, s, v, 4, &skips, &err), 0);
    assert_true(skips.count[SKIP_BAD_NAME] == 2);
    assert_true(skips.count[SKIP_BAD_CLIENT] == 1);
    assert_true(tally_source_info(t, s)->lookups == 1);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    counts_free(c);
}

static void tap_duplicates_are_a_chain_of_small_gaps_and_a_retry_is_not_one(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t a = tally_source(t, "a", "test"), b = tally_source(t, "b", "test");
    struct lookup v = with_id(ask("c", "n.example", 995 * MS), 7, 5353, "192.0.2.53");
    add(t, a, v);
    v.t_ns = 1000 * MS; /* 5 ms on, other source, next tick: a copy */
    add(t, b, v);
    v.t_ns = 1010 * MS; /* 10 ms after the copy: still of the chain */
    add(t, a, v);
    v.t_ns = 1021 * MS; /* 11 ms after that: a look-up */
    add(t, a, v);
    v.t_ns = 1022 * MS;
    add(t, a, with_id(v, 8, 5353, "192.0.2.53")); /* other id, port, server: look-ups */
    add(t, a, with_id(v, 7, 5354, "192.0.2.53"));
    add(t, a, with_id(v, 7, 5353, "192.0.2.54"));
    v.id = LOOKUP_UNKNOWN; /* no id: never a duplicate */
    add(t, a, v);
    add(t, a, v);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    assert_true(c->pairs[0].total == 7);
    assert_true(c->pairs[0].duplicates == 2);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "0:1 1:6");
    assert_series(counts_copies(&c->pairs[0]), c->pairs[0].first, "1:2");
    /* .53 has 6 look-ups, .54 one; the copies left no mark, and of steps there is one: from
     * the first to the look-up 26 ms later, since the five after it share a moment */
    assert_marks(counts_marks(&c->pairs[0]), "3/0:6 3/1:1 5/0:1");
    counts_free(c);
}

static void dedup_0_counts_every_row(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 0);
    size_t s = tally_source(t, "a", "test");
    struct lookup v = with_id(ask("c", "n.example", 0), 7, 5353, "192.0.2.53");
    add(t, s, v);
    add(t, s, v);
    struct counts *c = tally_freeze(t, 1);
    assert_true(c->pairs[0].total == 2);
    assert_true(c->pairs[0].duplicates == 0);
    counts_free(c);
}

static void a_response_marks_a_pair_that_was_asked_and_makes_none(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t early = tally_source(t, "a", "test"), late = tally_source(t, "b", "test");
    struct lookup r = ask("c", "n.example", 5 * MS);
    r.kind = LOOKUP_RESPONSE;
    r.rcode = 3;
    r.ttl_s = 300;
    add(t, early, r); /* before its query, which a later source brings */
    r.name = span_of("never.asked.example");
    add(t, early, r);
    add(t, late, ask("c", "n.example", 0));
    assert_true(tally_source_info(t, early)->lookups == 0);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    assert_int_equal(c->nnames, 1);
    assert_true(c->pairs[0].total == 1);
    assert_marks(counts_marks(&c->pairs[0]), "1/3:1 2/300:1 4/0:1");
    assert_true(c->sources[0].responses_joined == 1);
    assert_true(c->sources[1].responses_joined == 0);
    counts_free(c);
}

static struct tally *counting(enum tally_count count)
{
    struct tally_opts o = {.count = count,
                           .tick_ns = NS_PER_S,
                           .dedup_ns = 10 * MS,
                           .group = {.prefix4 = 32, .prefix6 = 128}};
    return tally_new(&o);
}

static struct lookup answer(struct lookup v, int64_t t_ns)
{
    v.kind = LOOKUP_RESPONSE;
    v.t_ns = t_ns;
    v.rcode = 3;
    return v;
}

static void a_query_and_its_response_are_one_transaction_and_either_alone_is_one(void **state)
{
    (void)state;
    struct tally *t = counting(TALLY_TRANSACTIONS);
    /* an earlier source brings the response of a later one's query */
    size_t answers = tally_source(t, "a", "test"), asks = tally_source(t, "b", "test");
    struct lookup both = with_id(ask("c", "n.example", 20 * NS_PER_S), 7, 1000, "s");
    struct lookup alone = with_id(ask("c", "n.example", 40 * NS_PER_S), 8, 1000, "s");
    struct lookup lost = with_id(ask("c", "n.example", 0), 9, 1000, "s");
    add(t, answers, answer(both, 21 * NS_PER_S));
    add(t, answers, answer(both, 21 * NS_PER_S + MS)); /* tap duplicate of the response */
    add(t, answers, answer(lost, 60 * NS_PER_S));
    add(t, answers, answer(lost, 60 * NS_PER_S + MS));
    add(t, asks, both);
    add(t, asks, alone);
    struct counts *c = tally_freeze(t, 1);
    assert_string_equal(c->rules[RULE_COUNT], "transactions");
    assert_int_equal(c->npairs, 1);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "20:1 40:1 60:1");
    assert_series(counts_copies(&c->pairs[0]), c->pairs[0].first, "60:1");
    assert_marks(counts_marks(&c->pairs[0]), "1/3:2 3/0:3 4/0:1 5/5:1"); /* rcode of both
                                                             answers; a step of 20 s */
    assert_true(c->sources[0].lookups == 2); /* the lost one and its copy */
    assert_true(c->sources[0].responses_joined == 2);
    assert_true(c->sources[0].skips.count[SKIP_RESPONSE] == 2);
    assert_true(c->sources[1].lookups == 2);
    counts_free(c);
}

/* Look-ups when a query at 100 s has a response `later` after it, or of another identity. */
static uint64_t transactions(int64_t later, int id, int port, const char *server)
{
    struct tally *t = counting(TALLY_TRANSACTIONS);
    size_t s = tally_source(t, "x", "test");
    struct lookup q = with_id(ask("c", "n.example", 100 * NS_PER_S), 7, 1000, "s");
    add(t, s, q);
    add(t, s, answer(with_id(q, id, port, server), q.t_ns + later));
    struct counts *c = tally_freeze(t, 1);
    uint64_t total = c->pairs[0].total;
    assert_true(c->sources[0].lookups == total);
    counts_free(c);
    return total;
}

static void a_response_belongs_to_a_query_at_most_10_s_older_or_10_us_younger(void **state)
{
    (void)state;
    assert_int_equal(transactions(TALLY_WAIT_NS, 7, 1000, "s"), 1);
    assert_int_equal(transactions(TALLY_WAIT_NS + 1, 7, 1000, "s"), 2);
    assert_int_equal(transactions(-TALLY_SKEW_NS, 7, 1000, "s"), 1);
    assert_int_equal(transactions(-TALLY_SKEW_NS - 1, 7, 1000, "s"), 2);
    assert_int_equal(transactions(MS, 8, 1000, "s"), 2);
    assert_int_equal(transactions(MS, 7, 1001, "s"), 2);
    assert_int_equal(transactions(MS, 7, 1000, "other"), 2);
}

static void the_latest_of_several_queries_before_a_response_decides(void **state)
{
    (void)state;
    struct tally *t = counting(TALLY_TRANSACTIONS);
    size_t s = tally_source(t, "x", "test");
    struct lookup q = with_id(ask("c", "n.example", 0), 7, 1000, "s");
    const int64_t asked[] = {0, 8, 30}, answered[] = {9, 17, 29, 31}; /* 29: nobody asked */
    for (size_t i = 0; i < 3; i++) {
        q.t_ns = asked[i] * NS_PER_S;
        add(t, s, q);
    }
    for (size_t i = 0; i < 4; i++)
        add(t, s, answer(q, answered[i] * NS_PER_S));
    struct counts *c = tally_freeze(t, 1);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "0:1 8:1 29:1 30:1");
    assert_true(c->sources[0].responses_joined == 3);
    counts_free(c);
}

static void where_responses_count_a_query_without_rcode_is_skipped(void **state)
{
    (void)state;
    struct tally *t = counting(TALLY_RESPONSES);
    size_t s = tally_source(t, "x", "test");
    struct err err;
    struct skips skips = {0};
    struct lookup v[3] = {ask("c", "n.example", 0), ask("c", "n.example", 2 * NS_PER_S),
                          answer(ask("c", "n.example", 0), 5 * NS_PER_S)};
    v[1].rcode = 0; /* a row of a log that holds both */
    assert_int_equal(tally_add(t, s, v, 3, &skips, &err), 0);
    assert_true(skips.count[SKIP_QUERY] == 1);
    assert_true(skips_total(&skips) == 1);
    struct counts *c = tally_freeze(t, 1);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "2:1 5:1");
    assert_true(c->sources[0].lookups == 2);
    counts_free(c);
}

static void counts_of_two_rules_are_not_added_up(void **state)
{
    (void)state;
    struct tally *t = counting(TALLY_RESPONSES);
    add(t, tally_source(t, "x", "test"), answer(ask("c", "n.example", 0), 0));
    struct counts *c = tally_freeze(t, 1);
    struct err err;
    t = counting(TALLY_QUERIES);
    assert_fails(ERR_MISMATCH, "expected count_rule 'queries', found a case of 'responses'",
                 tally_add_counts(t, c, &err));
    tally_free(t);
    counts_free(c);
}

static void merged_types_of_a_pair_are_one_key_of_type_0(void **state)
{
    (void)state;
    struct tally_opts o = {
        .tick_ns = NS_PER_S, .merge_types = true, .group = {.prefix4 = 32, .prefix6 = 128}};
    struct tally *t = tally_new(&o);
    size_t s = tally_source(t, "x", "test");
    struct lookup v = ask("c", "n.example", 0);
    add(t, s, v);
    v.qtype = 28;
    add(t, s, v);
    v.t_ns = 3 * NS_PER_S;
    add(t, s, v);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    assert_int_equal(c->pairs[0].qtype, 0);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "0:2 3:1");
    assert_string_equal(c->rules[RULE_TYPE], "merged");
    counts_free(c);
}

static void names_of_one_registered_domain_are_one_name(void **state)
{
    (void)state;
    struct err err;
    struct suffix *list;
    assert_int_equal(suffix_open(&list, &err), 0);
    struct tally_opts o = {
        .tick_ns = NS_PER_S, .registered = list, .group = {.prefix4 = 32, .prefix6 = 128}};
    struct tally *t = tally_new(&o);
    size_t s = tally_source(t, "x", "test");
    add(t, s, ask("c", "WWW.example.co.uk.", 0));
    add(t, s, ask("c", "mail.example.co.uk", 0));
    add(t, s, ask("c", "co.uk", 0));
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->nnames, 2);
    assert_true(span_is(c->names[1], "example.co.uk"));
    assert_true(c->pairs[1].total == 2);
    assert_true(strncmp(c->rules[RULE_NAME], "registered/", 11) == 0);
    counts_free(c);
    suffix_free(list);
}

static void the_server_of_a_source_is_that_of_records_that_name_none(void **state)
{
    (void)state;
    struct err err;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t s = tally_source(t, "ns1.log", "test"), other = tally_source(t, "x", "test");
    assert_int_equal(tally_serve(t, s, "NS1", &err), 0);
    add(t, s, ask("c", "n.example", 0));
    add(t, s,
        with_id(ask("c", "n.example", NS_PER_S), LOOKUP_UNKNOWN, LOOKUP_UNKNOWN, "192.0.2.53"));
    add(t, other, ask("c", "n.example", 2 * NS_PER_S));
    assert_fails(ERR_USAGE, "@server=: expected 1 to 255 bytes",
                 tally_serve(t, other, "", &err));
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->nservers, 2);
    assert_marks(counts_marks(&c->pairs[0]),
                 "3/0:1 3/1:1"); /* 192.0.2.53, NS1; the third has none */
    assert_string_equal(c->sources[0].server, "NS1");
    assert_null(c->sources[1].server);
    counts_free(c);
}

static void a_message_sent_again_counts_and_is_noted_and_a_tap_duplicate_is_not(void **state)
{
    (void)state;
    static const int64_t at_ms[] = {0, 8, 2000, 31999, 62000, 62005};
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t a = tally_source(t, "a", "test"), b = tally_source(t, "b", "test");
    for (size_t i = 6; i-- > 0;)
        add(t, i == 3 ? b : a, with_id(ask("c", "n.example", at_ms[i] * MS), 7, 4000, "s"));
    add(t, a, with_id(ask("c", "n.example", 2001 * MS), 8, 4000, "s")); /* another id */
    add(t, a, with_id(ask("c", "n.example", 2002 * MS), 7, 4001, "s")); /* another port */
    add(t, a, ask("c", "n.example", 2003 * MS));                        /* no id */
    add(t, a, ask("c", "n.example", 2004 * MS));
    struct counts *c = tally_freeze(t, 1);
    /* copies at 8 and 62005 ms; again at 2000 and 31999, not after 30.001 s at 62000 */
    assert_int_equal(c->pairs[0].duplicates, 2);
    assert_int_equal(c->pairs[0].total, 8);
    assert_int_equal(c->sources[0].notes.count[NOTE_RESENT], 1);
    assert_int_equal(c->sources[1].notes.count[NOTE_RESENT], 1);
    counts_free(c);
}

static void
a_row_in_two_parts_of_one_log_counts_once_and_one_twice_in_a_part_twice(void **state)
{
    (void)state;
    struct tally_opts o = {
        .tick_ns = NS_PER_S, .same_log = true, .group = {.prefix4 = 32, .prefix6 = 128}};
    struct tally *t = tally_new(&o);
    size_t a = tally_source(t, "a", "test"), b = tally_source(t, "b", "test");
    add(t, a, ask("c", "n.example", 0)); /* only here */
    add(t, a, ask("c", "n.example", 5 * NS_PER_S));
    add(t, a, ask("c", "n.example", 9 * NS_PER_S));
    add(t, b, ask("c", "n.example", 5 * NS_PER_S));
    add(t, b, ask("c", "n.example", 5 * NS_PER_S)); /* twice: both are kept, of b */
    add(t, b, ask("c", "n.example", 9 * NS_PER_S + 1));
    struct counts *c = tally_freeze(t, 1);
    assert_series(counts_series(&c->pairs[0]), c->pairs[0].first, "0:1 5:2 9:2");
    assert_series(counts_copies(&c->pairs[0]), c->pairs[0].first, "5:1");
    assert_int_equal(c->sources[0].notes.count[NOTE_TWIN], 1);
    assert_int_equal(c->sources[1].notes.count[NOTE_TWIN], 0);
    counts_free(c);
}

/* Are rows found equal in a source of these two seconds and one of those? */
static bool twins(int64_t a1, int64_t a2, int64_t b1, int64_t b2, int id)
{
    struct tally_opts o = {
        .tick_ns = NS_PER_S, .watch_twins = true, .group = {.prefix4 = 32, .prefix6 = 128}};
    const int64_t times[2][2] = {{a1, a2}, {b1, b2}};
    struct tally *t = tally_new(&o);
    for (int i = 0; i < 2; i++) {
        size_t s = tally_source(t, "x", "test");
        for (int k = 0; k < 2; k++)
            add(t, s, with_id(ask("c", "n.example", times[i][k] * NS_PER_S), id, 0, ""));
    }
    size_t a, b;
    uint64_t n;
    bool found = tally_twins(t, &a, &b, &n);
    tally_free(t);
    return found;
}

static void equal_rows_of_two_sources_are_found_unless_ids_tell_or_a_cut_explains(void **state)
{
    (void)state;
    assert_true(twins(0, 10, 10, 0, LOOKUP_UNKNOWN));
    assert_true(twins(0, 10, 5, 10, LOOKUP_UNKNOWN));
    assert_false(twins(0, 10, 5, 9, LOOKUP_UNKNOWN));
    assert_false(twins(0, 10, 10, 20, LOOKUP_UNKNOWN)); /* cut inside second 10 */
    assert_false(twins(0, 10, 10, 0, 7));
}

static void a_weight_counts_as_that_many_lookups_however_large(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t s = tally_source(t, "x", "test");
    struct lookup v = with_id(ask("c", "n.example", 0), 1, 2, "192.0.2.53");
    v.weight = 1000000; /* more than one row of the tally holds */
    v.rcode = 0;
    add(t, s, v);
    v.weight = 0;
    v.name = span_of("zero.example");
    add(t, s, v);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    assert_true(c->pairs[0].total == 1000000);
    assert_true(c->pairs[0].duplicates == 0);
    assert_marks(counts_marks(&c->pairs[0]), "1/0:1000000 3/0:1000000");
    assert_true(c->sources[0].lookups == 2);
    counts_free(c);
}

/* Each client by itself, each trait by itself; what a query does not tell changes nothing, and
 * another source begins anew. */
static void a_trait_is_held_against_the_clients_own_query_before(void **state)
{
    (void)state;
    static const struct {
        const char *client;
        uint16_t hops, edns;
    } rows[] = {{"a", 50, 1}, {"b", 60, 1}, {"a", 50, 7}, {"a", 0, 0},
                {"b", 61, 1}, {"a", 50, 7}, {"b", 61, 1}};
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t s = 0;
    for (int source = 0; source < 2; source++) {
        s = tally_source(t, source ? "y" : "x", "test");
        for (size_t i = 0; i < (source ? 1 : 7); i++) {
            struct lookup v = ask(rows[i].client, "n.example", (int64_t)i * NS_PER_S);
            v.trait[TRAIT_HOPS] = rows[i].hops;
            v.trait[TRAIT_EDNS] = rows[i].edns;
            add(t, s, v);
        }
    }
    const struct counts_source *x = tally_source_info(t, s - 1), *y = tally_source_info(t, s);
    assert_true(x->trait_same[TRAIT_HOPS] == 3 && x->trait_other[TRAIT_HOPS] == 1);
    assert_true(x->trait_same[TRAIT_EDNS] == 3 && x->trait_other[TRAIT_EDNS] == 1);
    assert_true(x->trait_same[TRAIT_CASE] == 0 && x->trait_other[TRAIT_CASE] == 0);
    assert_true(y->trait_same[TRAIT_HOPS] == 0 && y->trait_other[TRAIT_HOPS] == 0);
    tally_free(t);
}

static void histograms_count_digits_seconds_ids_and_lateness(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t s = tally_source(t, "x", "test");
    add(t, s, with_id(ask("c", "n.example", 61 * NS_PER_S + 250 * MS), 0x1234, 0x5678, ""));
    add(t, s, ask("c", "n.example", -NS_PER_S / 2)); /* 23:59:59.5 before 1970 */
    const struct counts_source *i = tally_source_info(t, s);
    assert_true(i->lookups == 2);
    assert_true(i->subsecond[2] == 1 && i->subsecond[5] == 1);
    assert_true(i->second[1] == 1 && i->second[59] == 1);
    assert_true(i->id_high[0x12] == 1 && i->id_low[0x34] == 1 && i->port_low[0x78] == 1);
    assert_int_equal(i->decimals, 2);
    assert_true(i->late == 1);
    assert_true(i->latest_late_ns == 61 * NS_PER_S + 750 * MS);
    assert_true(i->first_ns == -NS_PER_S / 2);
    assert_true(i->last_ns == 61 * NS_PER_S + 250 * MS);
    tally_free(t);
}

static void a_server_is_compared_with_the_one_that_the_same_client_named_before(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t s = tally_source(t, "x", "test");
    add(t, s, with_id(ask("c", "n.example", 0), 1, 2, "192.0.2.53"));
    add(t, s, with_id(ask("d", "n.example", NS_PER_S), 3, 4, "192.0.2.54"));
    add(t, s, with_id(ask("c", "m.example", 2 * NS_PER_S), 5, 6, "192.0.2.53"));
    add(t, s, with_id(ask("d", "n.example", 3 * NS_PER_S), 7, 8, "192.0.2.53"));
    s = tally_source(t, "y", "test"); /* another log begins anew */
    add(t, s, with_id(ask("c", "n.example", 4 * NS_PER_S), 9, 10, "192.0.2.53"));
    struct counts *c = tally_freeze(t, 1);
    assert_true(c->sources[0].server_same == 1 && c->sources[0].server_other == 1);
    assert_true(c->sources[1].server_same == 0 && c->sources[1].server_other == 0);
    assert_true(c->sources[0].messages == 4 && c->sources[1].messages == 1);
    counts_free(c);
}

/* Look-ups of a small world, the same for the same i. */
static struct lookup drawn(uint32_t i)
{
    static const char *const clients[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "x"};
    static const char *const names[] = {"a.example", "b.example", "A.example", "c.example",
                                        "."};
    uint32_t r = i * 2654435761u; /* mixed as in xxHash's end */
    r = (r ^ r >> 15) * 2246822519u;
    r ^= r >> 13;
    int64_t t_ns = (r >> 12 & 0xff) * 400 * MS + (r >> 20 & 3) * 20 * MS;
    struct lookup v = ask(clients[r >> 30], names[(r >> 8) % 5], t_ns);
    v.qtype = r & 1 ? 1 : 28;
    v.rcode = (int)(r >> 5) % 4 - 1;
    if (r & 2)
        v = with_id(v, (int)(r >> 20) & 3, 53, (r & 4) ? "192.0.2.53" : "192.0.2.54");
    if (r & 8)
        v.ttl_s = r >> 29;
    if ((r & 0x70) == 0)
        v.kind = LOOKUP_RESPONSE;
    return v;
}

static void drawn_digest(uint32_t step, int sources, size_t threads, char ret[DIGEST_HEX])
{
    enum { N = 20011 }; /* prime: every step visits all */
    struct tally *t = new_tally(NS_PER_S, 50 * MS);
    size_t id[4];
    for (int s = 0; s < sources; s++)
        id[s] = tally_source(t, "x", "test");
    for (uint32_t i = 0; i < N; i++) {
        uint32_t at = (uint32_t)((uint64_t)i * step % N);
        add(t, id[at % (uint32_t)sources], drawn(at));
    }
    struct tally_total total = tally_total(t, threads), sum = {0};
    struct counts *c = tally_freeze(t, threads);
    for (size_t i = 0; i < c->npairs; i++) {
        sum.lookups += c->pairs[i].total;
        sum.duplicates += c->pairs[i].duplicates;
    }
    assert_true(sum.duplicates > 100); /* else the test is blind to them */
    assert_true(total.lookups == sum.lookups);
    assert_true(total.duplicates == sum.duplicates);
    assert_int_equal(total.npairs, c->npairs);
    assert_int_equal(total.nclients, c->nclients);
    assert_int_equal(total.nnames, c->nnames);
    counts_digest(c, ret);
    counts_free(c);
}

static void order_of_rows_number_of_sources_and_of_threads_do_not_show(void **state)
{
    (void)state;
    char first[DIGEST_HEX], other[DIGEST_HEX];
    drawn_digest(1, 1, 1, first);
    drawn_digest(20010, 1, 1, other); /* backwards */
    assert_string_equal(first, other);
    drawn_digest(7919, 3, 8, other);
    assert_string_equal(first, other);
    drawn_digest(104, 4, 2, other);
    assert_string_equal(first, other);
}

/* More clients than parts, more names than one digit of the sort, three types: worked out
 * from how they are drawn. Each look-up is added once forwards and once backwards. */
static void every_pair_of_many_clients_and_names_has_its_own_look_ups(void **state)
{
    (void)state;
    enum { CLIENTS = 1500, NAMES = 5000, N = 60000 };
    struct tally *t = new_tally(NS_PER_S, 0);
    size_t s = tally_source(t, "x", "test");
    char client[16], name[32];
    for (int i = 0; i < 2 * N; i++) {
        int k = i < N ? i : 2 * N - 1 - i;
        snprintf(client, sizeof client, "%04d", k * 7 % CLIENTS);
        snprintf(name, sizeof name, "%05d.example", k % NAMES);
        struct lookup v = ask(client, name, k * NS_PER_S);
        v.qtype = (uint16_t)(k % 3 * 1024);
        add(t, s, v);
    }
    struct counts *c = tally_freeze(t, 3);
    /* (k * 7 mod 1500, k mod 5000, k mod 3) repeats with the least common multiple of 1500,
     * 5000 and 3, which is 15000: four ticks a pair */
    assert_int_equal(c->npairs, 15000);
    assert_int_equal(c->nclients, CLIENTS);
    assert_int_equal(c->nnames, NAMES);
    for (size_t i = 0; i < c->npairs; i++) {
        const struct counts_pair *p = &c->pairs[i], *before = p - 1;
        int64_t k = p->first;
        assert_true(k < 15000 && k * 7 % CLIENTS == p->client && k % NAMES == p->name);
        assert_int_equal(p->qtype, k % 3 * 1024);
        assert_true(p->total == 8 && p->last == k + 45000);
        assert_true(i == 0 || before->client < p->client ||
                    (before->client == p->client &&
                     (before->name < p->name ||
                      (before->name == p->name && before->qtype < p->qtype))));
    }
    counts_free(c);
}

static void counts_in_parts_add_up_to_the_counts_of_the_whole(void **state)
{
    (void)state;
    struct tally *whole = new_tally(NS_PER_S, 0), *part = new_tally(NS_PER_S, 0),
                 *sum = new_tally(NS_PER_S, 0);
    size_t w = tally_source(whole, "x", "test"), p = tally_source(part, "x", "test"),
           s = tally_source(sum, "y", "test");
    for (uint32_t i = 0; i < 5000; i++) {
        struct lookup v = drawn(i);
        v.kind = LOOKUP_QUERY; /* a response may belong to the other part */
        add(whole, w, v);
        add(i % 3 ? part : sum, i % 3 ? p : s, v);
    }
    struct err err;
    struct counts *c = tally_freeze(part, 1);
    assert_int_equal(tally_add_counts(sum, c, &err), 0);
    counts_free(c);
    char a[DIGEST_HEX], b[DIGEST_HEX];
    c = tally_freeze(whole, 1);
    counts_digest(c, a);
    counts_free(c);
    c = tally_freeze(sum, 1);
    counts_digest(c, b);
    assert_string_equal(a, b);
    assert_int_equal(c->nsources, 2);
    counts_free(c);
}

static void counts_of_another_tick_or_rule_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct counts *c = tally_freeze(new_tally(NS_PER_S, 0), 1);
    struct tally *t = new_tally(60 * NS_PER_S, 0);
    assert_fails(ERR_MISMATCH, "tick", tally_add_counts(t, c, &err));
    tally_free(t);
    struct tally_opts o = {.tick_ns = NS_PER_S, .group = {.prefix4 = 24, .prefix6 = 48}};
    t = tally_new(&o);
    assert_fails(ERR_MISMATCH, "prefix/24,48", tally_add_counts(t, c, &err));
    tally_free(t);
    counts_free(c);
}

static void a_dropped_source_leaves_nothing_but_its_name(void **state)
{
    (void)state;
    struct tally *t = new_tally(NS_PER_S, 10 * MS);
    size_t a = tally_source(t, "a", "test");
    add(t, a, ask("c", "a.example", 0));
    size_t b = tally_source(t, "b", "test");
    add(t, b, ask("c", "b.example", 0));
    add(t, b, with_id(ask("d", "a.example", 0), 1, 2, "192.0.2.53"));
    tally_drop(t);
    struct counts *c = tally_freeze(t, 1);
    assert_int_equal(c->npairs, 1);
    assert_int_equal(c->nclients, 1);
    assert_int_equal(c->nnames, 1);
    assert_int_equal(c->nsources, 2);
    assert_string_equal(c->sources[1].format, "failed");
    assert_true(c->sources[1].lookups == 0);
    counts_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lookup_on_the_tick_edge_counts_in_the_later_tick_also_before_1970),
        cmocka_unit_test(spellings_of_one_name_are_one_pair_and_pairs_stand_in_byte_order),
        cmocka_unit_test(types_are_series_of_their_own),
        cmocka_unit_test(what_canon_refuses_is_a_skip_and_not_a_lookup),
        cmocka_unit_test(tap_duplicates_are_a_chain_of_small_gaps_and_a_retry_is_not_one),
        cmocka_unit_test(dedup_0_counts_every_row),
        cmocka_unit_test(a_response_marks_a_pair_that_was_asked_and_makes_none),
        cmocka_unit_test(a_query_and_its_response_are_one_transaction_and_either_alone_is_one),
        cmocka_unit_test(a_response_belongs_to_a_query_at_most_10_s_older_or_10_us_younger),
        cmocka_unit_test(the_latest_of_several_queries_before_a_response_decides),
        cmocka_unit_test(where_responses_count_a_query_without_rcode_is_skipped),
        cmocka_unit_test(counts_of_two_rules_are_not_added_up),
        cmocka_unit_test(merged_types_of_a_pair_are_one_key_of_type_0),
        cmocka_unit_test(names_of_one_registered_domain_are_one_name),
        cmocka_unit_test(the_server_of_a_source_is_that_of_records_that_name_none),
        cmocka_unit_test(a_message_sent_again_counts_and_is_noted_and_a_tap_duplicate_is_not),
        cmocka_unit_test(
            a_row_in_two_parts_of_one_log_counts_once_and_one_twice_in_a_part_twice),
        cmocka_unit_test(equal_rows_of_two_sources_are_found_unless_ids_tell_or_a_cut_explains),
        cmocka_unit_test(a_weight_counts_as_that_many_lookups_however_large),
        cmocka_unit_test(a_trait_is_held_against_the_clients_own_query_before),
        cmocka_unit_test(histograms_count_digits_seconds_ids_and_lateness),
        cmocka_unit_test(a_server_is_compared_with_the_one_that_the_same_client_named_before),
        cmocka_unit_test(order_of_rows_number_of_sources_and_of_threads_do_not_show),
        cmocka_unit_test(every_pair_of_many_clients_and_names_has_its_own_look_ups),
        cmocka_unit_test(counts_in_parts_add_up_to_the_counts_of_the_whole),
        cmocka_unit_test(counts_of_another_tick_or_rule_are_refused),
        cmocka_unit_test(a_dropped_source_leaves_nothing_but_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
