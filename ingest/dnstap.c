/* SPDX-License-Identifier: GPL-3.0-or-later
 * dnstap (https://dnstap.info): protobuf messages in a frame stream, or one message by
 * itself in a file.
 *
 * A server may log one look-up under several types: the client's query, its own to a
 * forwarder, those to the authoritative servers. So exactly one type of query is
 * counted in a file, with the responses that belong to it; all others are skipped as
 * `message_type`. Which one is decided before the first look-up is handed over, from
 * the messages in the first WINDOW_BYTES. Should a type that goes before it come only
 * later, reading fails: the count would otherwise depend on how a log was cut into
 * files.
 *
 * BIND writes what it is asked under one of two types: client_query if recursion was desired
 * and is available to the client, else auth_query (ns/client.c, dns_dt_send); its responses
 * likewise, but by the first condition alone. So of BIND the two are one type. */
#include "ingest/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <dnstap.pb-c.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/dns.h"
#include "ingest/framestream.h"
#include "ingest/message.h"

enum {
    WINDOW_BYTES = 4 << 20,
    BATCH_BYTES = 4 << 20, /* of frames, before what was unpacked from them is freed */
    DNSTAP_MESSAGE = 1,    /* Dnstap.type */
    CLIENT_KIND = 0,       /* in kinds */
};

/* Types of query, the first that is there is counted: nearest to who asked first. A
 * response's number is its query's and 1. */
static const struct kind {
    unsigned query;
    const char *name;
} kinds[] = {
    {5, "client_query"}, {3, "resolver_query"}, {1, "auth_query"},    {7, "forwarder_query"},
    {11, "tool_query"},  {9, "stub_query"},     {13, "update_query"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

struct dnstap {
    struct input *in;
    struct framestream *frames; /* or NULL: */
    struct span bare;           /* the file is one message */
    struct arena held;          /* the frames of the window, until they are used */
    struct span *window;
    size_t nwindow, window_cap, used;
    bool cut;             /* the window ends where the file is cut */
    bool named;           /* the user said which type counts */
    bool bind;            /* BIND's auth_query counts as its client_query does */
    struct span identity; /* of the first server whose messages count, in `held`, */
    bool several;         /* and there are others */
    size_t counted;       /* in kinds; KINDS: no message has a type that we know */
    unsigned queries;     /* bit i: queries of kinds[i] were seen, */
    unsigned responses;   /* or responses */
    uint64_t number;      /* of the latest message, from 1 */
    struct arena scratch; /* what protobuf-c unpacks */
    struct messages messages;
    char note[128];
};

/* --- one message ------------------------------------------------------------------------- */

static void *take_memory(void *arena, size_t n)
{
    return arena_alloc(arena, n);
}

static void leave_memory(void *arena, void *p)
{
    (void)arena;
    (void)p;
}

/* Unpack into the arena; NULL if it is no Dnstap. */
static const Dnstap__Dnstap *unpack(struct arena *a, struct span frame)
{
    ProtobufCAllocator allocator = {take_memory, leave_memory, a};
    return dnstap__dnstap__unpack(&allocator, frame.n, (const uint8_t *)frame.p);
}

static struct span bytes_of(protobuf_c_boolean has, ProtobufCBinaryData d)
{
    return has && d.len > 0 ? span_make(d.data, d.len) : (struct span){0};
}

static bool is_bind(const Dnstap__Dnstap *one)
{
    static const char bind[] = "BIND ";
    struct span version = bytes_of(one->has_version, one->version);
    return version.n >= sizeof bind - 1 && memcmp(version.p, bind, sizeof bind - 1) == 0;
}

/* Which of `kinds` the message is; KINDS: another. */
static size_t kind_of(struct dnstap *d, const Dnstap__Dnstap *one)
{
    uint32_t type = one->message->type;
    size_t i = 0;
    while (i < KINDS && kinds[i].query != type && kinds[i].query + 1 != type)
        i++;
    if (i == KINDS || strcmp(kinds[i].name, "auth_query") != 0 || d->named || !is_bind(one))
        return i;
    d->bind = true;
    return CLIENT_KIND;
}

static void note_server(struct dnstap *d, const Dnstap__Dnstap *one)
{
    struct span who = bytes_of(one->has_identity, one->identity);
    if (d->identity.p)
        d->several |= !span_equal(d->identity, who);
    else
        d->identity = span_make(arena_copy(&d->held, who.n ? who.p : "", who.n), who.n);
}

static bool has_query_type(const Dnstap__Message *m)
{
    return m->type % 2 == 1;
}

/* Nanoseconds of 1,000,000,000 and more are no time; absent ones are 0. */
static bool time_of(const Dnstap__Message *m, int64_t *ret_ns)
{
    bool query = has_query_type(m) || !m->has_response_time_sec;
    uint64_t s = query ? m->query_time_sec : m->response_time_sec;
    uint32_t ns = query ? m->query_time_nsec : m->response_time_nsec;
    if (query && !m->has_query_time_sec)
        return false;
    return ns < NS_PER_S && s <= INT64_MAX &&
           !__builtin_mul_overflow((int64_t)s, NS_PER_S, ret_ns) &&
           !__builtin_add_overflow(*ret_ns, (int64_t)ns, ret_ns);
}

static bool is_address(struct span s)
{
    return s.n == 4 || s.n == 16;
}

/* A message of the counted type. The port of a client that is not said is unknown. */
static void add_message(struct dnstap *d, const Dnstap__Message *m)
{
    bool query = has_query_type(m);
    struct span wire = query ? bytes_of(m->has_query_message, m->query_message)
                             : bytes_of(m->has_response_message, m->response_message);
    struct span server = bytes_of(m->has_response_address, m->response_address);
    struct lookup who = {
        .client = bytes_of(m->has_query_address, m->query_address),
        .server = is_address(server) ? server : (struct span){0},
        .port = m->has_query_port && m->query_port <= UINT16_MAX ? (int32_t)m->query_port
                                                                 : LOOKUP_UNKNOWN,
    };
    struct dns_header h;
    if (who.client.n == 0 || wire.n == 0)
        messages_skip(&d->messages, SKIP_NO_NAME);
    else if (!is_address(who.client))
        messages_fault(&d->messages, SKIP_BAD_CLIENT, who.client);
    else if (!time_of(m, &who.t_ns))
        messages_skip(&d->messages, SKIP_BAD_TIME);
    else if (dns_read_header(wire, &h) && h.response == query)
        messages_fault(&d->messages, SKIP_BAD_DNS, wire);
    else
        messages_add(&d->messages, &who, wire, false);
}

/* --- which type is counted --------------------------------------------------------------- */

static size_t first_of(unsigned seen)
{
    return seen ? (size_t)__builtin_ctz(seen) : KINDS;
}

static void see(struct dnstap *d, const Dnstap__Dnstap *one)
{
    size_t kind = kind_of(d, one);
    if (kind < KINDS && has_query_type(one->message))
        d->queries |= 1U << kind;
    else if (kind < KINDS)
        d->responses |= 1U << kind;
}

/* The first type of query that was seen; of a file with responses only, theirs. */
static size_t chosen(const struct dnstap *d)
{
    return first_of(d->queries ? d->queries : d->responses);
}

static int check_choice(struct dnstap *d, const Dnstap__Dnstap *one, struct err *err)
{
    if (d->named)
        return 0;
    see(d, one);
    size_t now = chosen(d);
    if (d->counted == KINDS)
        d->counted = now;
    if (now == d->counted)
        return 0;
    return err_set(err, ERR_MALFORMED,
                   "expected to count %s, by the first messages of the file, found %s, which"
                   " goes before it: --dnstap-type says which to count",
                   kinds[d->counted].name, kinds[now].name);
}

static int name_type(struct dnstap *d, const char *name, struct err *err)
{
    char names[256];
    size_t n = 0;
    for (size_t i = 0; i < KINDS; i++) {
        if (strcasecmp(name, kinds[i].name) == 0) {
            d->counted = i;
            d->named = true;
            return 0;
        }
        n +=
            (size_t)snprintf(names + n, sizeof names - n, "%s%s", i ? ", " : "", kinds[i].name);
    }
    return err_set(err, ERR_USAGE, "--dnstap-type: expected one of %s, found '%s'", names,
                   name);
}

/* --- frames ------------------------------------------------------------------------------ */

/* As framestream_next, of a file that may be one bare message. */
static int read_frame(struct dnstap *d, struct span *ret, struct err *err)
{
    if (d->frames)
        return framestream_next(d->frames, ret, err);
    *ret = d->bare;
    d->bare = (struct span){0};
    return ret->n ? FRAMESTREAM_DATA : FRAMESTREAM_END;
}

/* The window first, then what is behind it. */
static int next_frame(struct dnstap *d, struct span *ret, struct err *err)
{
    if (d->used < d->nwindow) {
        *ret = d->window[d->used++];
        return FRAMESTREAM_DATA;
    }
    if (d->cut) {
        d->cut = false;
        return FRAMESTREAM_CUT;
    }
    return read_frame(d, ret, err);
}

static int fail_at(struct dnstap *d, struct err *err)
{
    return err_context(err, "%s: message %llu", input_path(d->in),
                       (unsigned long long)d->number);
}

static int fill_window(struct dnstap *d, struct err *err)
{
    struct span frame;
    int rc = FRAMESTREAM_DATA;
    for (size_t held = 0; held < WINDOW_BYTES && rc == FRAMESTREAM_DATA; held += frame.n) {
        d->number++;
        rc = read_frame(d, &frame, err);
        if (rc != FRAMESTREAM_DATA)
            break;
        struct arena scratch = {0};
        const Dnstap__Dnstap *one = unpack(&scratch, frame);
        if (one && one->message)
            see(d, one);
        arena_free(&scratch);
        MEM_GROW(d->window, d->nwindow, d->window_cap);
        d->window[d->nwindow++] = span_make(arena_copy(&d->held, frame.p, frame.n), frame.n);
    }
    if (rc < 0)
        return fail_at(d, err);
    d->number = 0;
    d->cut = rc == FRAMESTREAM_CUT;
    if (!d->named)
        d->counted = chosen(d);
    return 0;
}

static int add_frame(struct dnstap *d, struct span frame, struct err *err)
{
    const Dnstap__Dnstap *one = unpack(&d->scratch, frame);
    if (!one) {
        messages_fault(&d->messages, SKIP_BAD_FIELD, frame);
        return 0;
    }
    if (one->type != DNSTAP_MESSAGE || !one->message) {
        messages_skip(&d->messages, SKIP_MESSAGE_TYPE);
        return 0;
    }
    size_t kind = kind_of(d, one);
    if (kind < KINDS) {
        int rc = check_choice(d, one, err);
        if (rc < 0)
            return rc;
    }
    if (kind == KINDS || kind != d->counted) {
        messages_skip(&d->messages, SKIP_MESSAGE_TYPE);
        return 0;
    }
    note_server(d, one);
    add_message(d, one->message);
    return 0;
}

/* 1 while there may be more. */
static int take_frame(struct dnstap *d, size_t *bytes, struct err *err)
{
    struct span frame;
    d->messages.at = ++d->number;
    int rc = next_frame(d, &frame, err);
    if (rc == FRAMESTREAM_DATA) {
        *bytes += frame.n;
        rc = add_frame(d, frame, err);
        return rc < 0 ? fail_at(d, err) : 1;
    }
    if (rc == FRAMESTREAM_CUT)
        messages_skip(&d->messages, SKIP_CUT);
    return rc < 0 ? fail_at(d, err) : 0;
}

static int dnstap_next(void *state, struct batch *b, struct err *err)
{
    struct dnstap *d = state;
    int rc = 1;
    if (messages_begin(&d->messages, b))
        for (size_t bytes = 0; rc > 0 && !messages_full(&d->messages);) {
            rc = take_frame(d, &bytes, err);
            if (bytes >= BATCH_BYTES) {
                arena_free(&d->scratch);
                bytes = 0;
            }
        }
    arena_free(&d->scratch);
    return rc < 0 ? rc : messages_give(&d->messages);
}

/* --- opening ----------------------------------------------------------------------------- */

/* One message and nothing else: no other file is one by chance. */
static bool is_bare(struct span head)
{
    struct arena a = {0};
    const Dnstap__Dnstap *one = unpack(&a, head);
    bool is = one && one->type == DNSTAP_MESSAGE && one->message;
    arena_free(&a);
    return is;
}

static bool dnstap_probe(struct span head)
{
    return framestream_probe(head) || is_bare(head);
}

static void dnstap_close(void *state)
{
    struct dnstap *d = state;
    framestream_free(d->frames);
    messages_free(&d->messages);
    arena_free(&d->scratch);
    arena_free(&d->held);
    free(d->window);
    free(d);
}

static int dnstap_open(void **ret_state, struct input *in, const struct source_opts *opts,
                       struct err *err)
{
    struct dnstap *d = mem_zero(1, sizeof *d);
    struct span head = input_peek(in, 4096);
    d->in = in;
    d->counted = KINDS;
    if (framestream_probe(head) || !is_bare(head))
        d->frames = framestream_new(in, "protobuf:dnstap.Dnstap");
    else
        d->bare = span_make(arena_copy(&d->held, head.p, head.n), head.n);
    d->messages.client_subnet = opts->client_subnet;
    int rc = opts->dnstap_type ? name_type(d, opts->dnstap_type, err) : 0;
    if (rc == 0)
        rc = fill_window(d, err);
    if (rc < 0)
        dnstap_close(d);
    else
        *ret_state = d;
    return rc;
}

static const char *dnstap_note(void *state)
{
    struct dnstap *d = state;
    if (d->counted == KINDS)
        return "no message has a known type";
    bool both = d->bind && d->counted == CLIENT_KIND;
    snprintf(d->note, sizeof d->note, "%s%s counted%s", kinds[d->counted].name,
             both ? " and, of BIND, auth_query are" : " is",
             d->several ? ", of more than one server" : "");
    return d->note;
}

const struct source_format format_dnstap = {
    .name = "dnstap",
    .help = "dnstap in frame streams, of one message type",
    .cite = "dnstap.info; farsightsec.github.io/fstrm",
    .unit = "frame",
    .probe = dnstap_probe,
    .open = dnstap_open,
    .next = dnstap_next,
    .close = dnstap_close,
    .note = dnstap_note,
    .gives_subnet = true,
};
