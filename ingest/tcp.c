/* SPDX-License-Identifier: GPL-3.0-or-later
 * A stream knows the next sequence number it wants, the bytes of a message that
 * is not whole yet, and a sorted list of segments behind a hole. Streams lie in
 * an array, on hash chains, and on a list from the most to the least recently
 * used. Sequence numbers wrap, so they are compared by their signed distance. */
#include "ingest/tcp.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/table.h"
#include "ingest/bytes.h"
#include "ingest/dns.h"

enum {
    KEY_SIZE = 37,
    BUCKETS = 2 * TCP_STREAMS_MAX, /* a power of two */
    NONE = -1,
    PREFIX = 2,         /* bytes of length before a message */
    JUMP_MAX = 1 << 20, /* a sequence number further off is another connection */
};

struct segment {
    uint32_t seq;
    int64_t t_ns;
    size_t n;
    char *data; /* owned */
};

struct stream {
    unsigned char key[KEY_SIZE]; /* addresses padded with 0, ports, address length */
    int chain, newer, older;     /* indices of streams */
    uint32_t next;               /* sequence number wanted */
    bool synced;                 /* does `next` stand in a known place of a message? */
    int64_t t_ns;                /* of the latest segment */
    unsigned char *part;         /* a message that is not whole, with its prefix */
    size_t part_n, part_cap;
    struct segment *held;
    size_t nheld, held_cap;
    int64_t hole_ns; /* when the hole was found */
};

struct tcp {
    tcp_message_fn *take;
    void *ctx;
    struct stream *streams;
    int nstreams, newest, oldest;
    int buckets[BUCKETS];
    size_t bytes; /* held by all streams */
};

/* --- messages ------------------------------------------------------------------------- */

static struct flow flow_of(const struct stream *s)
{
    const char *key = (const char *)s->key;
    size_t n = s->key[KEY_SIZE - 1];
    struct span ports = span_make(key + 32, 4);
    return (struct flow){span_make(key, n), span_make(key + 16, n), be16_at(ports, 0),
                         be16_at(ports, 2), 0};
}

static void give(struct tcp *t, const struct stream *s, struct span message, int64_t t_ns,
                 bool cut)
{
    struct flow flow = flow_of(s);
    t->take(t->ctx, &flow, message, t_ns, cut);
}

/* Does a message begin here? Asked only where the place in the stream is not
 * known. Strict, because a wrong yes makes look-ups out of noise. */
static bool begins_message(struct span s)
{
    enum { KNOWN_OPCODES = 6, SMALLEST = DNS_HEADER_SIZE };
    if (s.n < PREFIX || be16_at(s, 0) < SMALLEST)
        return false;
    struct dns_header h;
    struct dns_question q;
    size_t at = DNS_HEADER_SIZE;
    struct span m = span_after(s, PREFIX);
    if (!dns_read_header(m, &h))
        return true; /* nothing against it */
    if (h.opcode > KNOWN_OPCODES || h.questions != 1)
        return h.response && h.opcode == 0 && h.questions == 0 && h.answers > 0;
    if (!h.response && h.rcode != 0)
        return false;
    return dns_read_question(m, &at, &q) != DNS_BAD_NAME;
}

static bool holds_question(struct span m)
{
    struct dns_header h;
    struct dns_question q;
    size_t at = DNS_HEADER_SIZE;
    return dns_read_header(m, &h) && h.questions > 0 && dns_read_question(m, &at, &q) == DNS_OK;
}

/* Give every whole message at the front of `s`; returns what is left. A length
 * too small for a header is no length: the place in the stream is lost. */
static struct span give_whole(struct tcp *t, struct stream *s, struct span in, int64_t t_ns)
{
    while (in.n >= PREFIX) {
        size_t n = be16_at(in, 0);
        if (n < DNS_HEADER_SIZE) {
            give(t, s, span_make(in.p + PREFIX, 0), t_ns, false);
            s->synced = false;
            return span_make(NULL, 0);
        }
        if (in.n < PREFIX + n)
            break;
        give(t, s, span_make(in.p + PREFIX, n), t_ns, false);
        in = span_after(in, PREFIX + n);
    }
    return in;
}

static void append_part(struct tcp *t, struct stream *s, struct span in)
{
    if (s->part_n + in.n > s->part_cap) {
        t->bytes -= s->part_cap;
        s->part_cap = 2 * (s->part_n + in.n);
        s->part = mem_resize(s->part, s->part_cap, 1);
        t->bytes += s->part_cap;
    }
    if (in.n > 0)
        memcpy(s->part + s->part_n, in.p, in.n);
    s->part_n += in.n;
}

/* Take the next bytes of the stream. */
static void deliver(struct tcp *t, struct stream *s, struct span in, int64_t t_ns)
{
    s->next += (uint32_t)in.n;
    if (!s->synced && !begins_message(in))
        return;
    s->synced = true;
    if (s->part_n == 0) { /* the usual case: nothing is copied */
        append_part(t, s, give_whole(t, s, in, t_ns));
        return;
    }
    append_part(t, s, in);
    struct span left = give_whole(t, s, span_make(s->part, s->part_n), t_ns);
    if (left.n > 0)
        memmove(s->part, left.p, left.n);
    s->part_n = left.n;
}

/* --- holes ---------------------------------------------------------------------------- */

static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

/* Deliver what is new in a segment that begins at or before the wanted byte. */
static void deliver_new(struct tcp *t, struct stream *s, uint32_t seq, struct span data,
                        int64_t t_ns)
{
    size_t old = (size_t)distance(seq, s->next);
    if (old < data.n)
        deliver(t, s, span_after(data, old), t_ns);
}

static void drop_first(struct tcp *t, struct stream *s)
{
    t->bytes -= s->held[0].n;
    free(s->held[0].data);
    s->nheld--;
    memmove(s->held, s->held + 1, s->nheld * sizeof *s->held);
}

/* Deliver held segments up to the next hole. t_ns is the time of the packet that
 * closed the hole; a segment that came later than it has its own. */
static void deliver_held(struct tcp *t, struct stream *s, int64_t t_ns)
{
    while (s->nheld > 0 && distance(s->next, s->held[0].seq) <= 0) {
        const struct segment *g = &s->held[0];
        deliver_new(t, s, g->seq, span_make(g->data, g->n), g->t_ns > t_ns ? g->t_ns : t_ns);
        drop_first(t, s);
    }
}

/* The hole will not be filled: keep the question of the message it cuts, and go
 * on behind it. */
static void skip_hole(struct tcp *t, struct stream *s)
{
    struct span part = span_make(s->part, s->part_n);
    if (part.n > PREFIX && holds_question(span_after(part, PREFIX)))
        give(t, s, span_after(part, PREFIX), s->t_ns, true);
    s->part_n = 0;
    s->synced = false;
    if (s->nheld == 0)
        return;
    s->next = s->held[0].seq;
    deliver_held(t, s, s->held[0].t_ns);
}

/* Keep a segment that lies behind a hole, in order of its sequence number. */
static void hold(struct tcp *t, struct stream *s, uint32_t seq, struct span data, int64_t t_ns)
{
    if (s->nheld == 0)
        s->hole_ns = t_ns;
    size_t i = s->nheld;
    while (i > 0 && distance(s->held[i - 1].seq, seq) < 0)
        i--;
    MEM_GROW(s->held, s->nheld, s->held_cap);
    memmove(s->held + i + 1, s->held + i, (s->nheld - i) * sizeof *s->held);
    s->held[i] = (struct segment){seq, t_ns, data.n, mem_copy(data.p, data.n)};
    s->nheld++;
    t->bytes += data.n;
}

/* The stream is over: give what is held, keep nothing. */
static void end_stream(struct tcp *t, struct stream *s)
{
    do
        skip_hole(t, s);
    while (s->nheld > 0 || s->part_n > 0);
    t->bytes -= s->part_cap;
    free(s->part);
    free(s->held);
    s->part = NULL;
    s->held = NULL;
    s->part_cap = s->held_cap = 0;
}

/* --- the table of streams -------------------------------------------------------------- */

static void unlink_stream(struct tcp *t, int i)
{
    struct stream *s = &t->streams[i];
    *(s->newer == NONE ? &t->newest : &t->streams[s->newer].older) = s->older;
    *(s->older == NONE ? &t->oldest : &t->streams[s->older].newer) = s->newer;
}

static void link_newest(struct tcp *t, int i)
{
    struct stream *s = &t->streams[i];
    s->newer = NONE;
    s->older = t->newest;
    *(t->newest == NONE ? &t->oldest : &t->streams[t->newest].newer) = i;
    t->newest = i;
}

static int *bucket_of(struct tcp *t, const unsigned char key[KEY_SIZE])
{
    return &t->buckets[table_hash(span_make(key, KEY_SIZE)) & (BUCKETS - 1)];
}

static void unchain(struct tcp *t, int i)
{
    int *link = bucket_of(t, t->streams[i].key);
    while (*link != i)
        link = &t->streams[*link].chain;
    *link = t->streams[i].chain;
}

static void make_key(const struct flow *f, unsigned char key[KEY_SIZE])
{
    const uint16_t ports[] = {f->source_port, f->target_port};
    memset(key, 0, KEY_SIZE);
    memcpy(key, f->source.p, f->source.n);
    memcpy(key + 16, f->target.p, f->target.n);
    for (size_t i = 0; i < 2; i++) {
        key[32 + 2 * i] = (unsigned char)(ports[i] >> 8);
        key[33 + 2 * i] = (unsigned char)ports[i];
    }
    key[KEY_SIZE - 1] = (unsigned char)f->source.n;
}

/* An unused place, made by ending the quietest stream if there is none. */
static int free_place(struct tcp *t)
{
    if (t->nstreams < TCP_STREAMS_MAX)
        return t->nstreams++;
    int i = t->oldest;
    end_stream(t, &t->streams[i]);
    unchain(t, i);
    unlink_stream(t, i);
    return i;
}

/* The stream of a flow, made the newest. *ret_known is false for a new one. */
static struct stream *find_stream(struct tcp *t, const struct flow *f, bool *ret_known)
{
    unsigned char key[KEY_SIZE];
    make_key(f, key);
    int *bucket = bucket_of(t, key), i = *bucket;
    while (i != NONE && memcmp(t->streams[i].key, key, KEY_SIZE) != 0)
        i = t->streams[i].chain;
    *ret_known = i != NONE;
    if (i == NONE) {
        i = free_place(t);
        t->streams[i] = (struct stream){.chain = *bucket};
        memcpy(t->streams[i].key, key, KEY_SIZE);
        *bucket = i;
    } else {
        unlink_stream(t, i);
    }
    link_newest(t, i);
    return &t->streams[i];
}

/* --- segments ------------------------------------------------------------------------- */

/* Does a segment at `seq` belong to another connection than the stream knows? A
 * SYN does unless it repeats one, or comes after the data it announces. */
static bool is_other(const struct stream *s, uint32_t seq, bool syn)
{
    int32_t d = distance(s->next, seq);
    return d > JUMP_MAX || d < -JUMP_MAX || (syn && d > 0);
}

static void add_data(struct tcp *t, struct stream *s, uint32_t seq, struct span data,
                     int64_t t_ns)
{
    if (s->nheld > 0 && t_ns - s->hole_ns > TCP_HOLE_NS)
        skip_hole(t, s);
    s->t_ns = t_ns;
    if (distance(s->next, seq) > 0) {
        hold(t, s, seq, data, t_ns);
        if (s->nheld == TCP_HELD_MAX)
            skip_hole(t, s);
        return;
    }
    deliver_new(t, s, seq, data, t_ns);
    deliver_held(t, s, t_ns);
}

void tcp_add(struct tcp *t, const struct packet *p, int64_t t_ns)
{
    bool syn = p->tcp_flags & TCP_SYN, known;
    if (!syn && p->data.n == 0)
        return;
    uint32_t seq = p->seq + syn; /* a SYN takes one number, its data come after it */
    struct stream *s = find_stream(t, &p->flow, &known);
    if (!known || is_other(s, seq, syn)) {
        if (known)
            end_stream(t, s);
        s->next = seq;
        s->synced = syn;
    }
    if (p->data.n > 0)
        add_data(t, s, seq, p->data, t_ns);
    while (t->bytes > TCP_BYTES_MAX && t->oldest != t->newest) {
        struct stream *quiet = &t->streams[t->oldest];
        end_stream(t, quiet);
        unlink_stream(t, t->oldest);
        link_newest(t, (int)(quiet - t->streams));
    }
}

void tcp_end(struct tcp *t)
{
    for (int i = 0; i < t->nstreams; i++)
        end_stream(t, &t->streams[i]);
}

void tcp_give_to(struct tcp *t, void *ctx)
{
    t->ctx = ctx;
}

struct tcp *tcp_new(tcp_message_fn *take, void *ctx)
{
    struct tcp *t = mem_zero(1, sizeof *t);
    t->take = take;
    t->ctx = ctx;
    t->streams = mem_zero(TCP_STREAMS_MAX, sizeof *t->streams);
    t->newest = t->oldest = NONE;
    for (size_t i = 0; i < BUCKETS; i++)
        t->buckets[i] = NONE;
    return t;
}

void tcp_free(struct tcp *t)
{
    if (!t)
        return;
    for (int i = 0; i < t->nstreams; i++) {
        struct stream *s = &t->streams[i];
        while (s->nheld > 0)
            drop_first(t, s);
        free(s->part);
        free(s->held);
    }
    free(t->streams);
    free(t);
}
