/* SPDX-License-Identifier: GPL-3.0-or-later
 * Captures: messages out of packets, as frames.h reads them. No BPF filter is set: one on
 * port 53 would miss tagged, tunnelled and fragmented packets.
 *
 * What is one record: a datagram's or a segment's message is one, and a message
 * of several questions is as many. A packet that completes messages counts as
 * those; one that completes none counts as one skip. Fragments held for their
 * datagram count with the packet of this file that completes it (ingest/packet.h,
 * ingest/captures.h). So for every capture read = look-ups + skips; responses are handed over,
 * for the tally to join to their query's pair and to count as skips. */
#include "ingest/source.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/captures.h"
#include "ingest/dns.h"
#include "ingest/frames.h"
#include "ingest/message.h"
#include "ingest/packet.h"
#include "ingest/tcp.h"

struct capture {
    struct frames *frames;
    bool ended;
    int64_t last_ns; /* time of the latest packet, INT64_MIN before the first */
    struct packets *packets;
    struct tcp *tcp;
    struct captures *captures; /* of this run, or NULL */
    struct messages messages;
};

/* --- messages ------------------------------------------------------------------------- */

static void skip(struct capture *c, enum skip_reason why)
{
    messages_skip(&c->messages, why);
}

/* Count a message: tcp_message_fn, and for UDP. The client is who sent a query, and
 * who is sent a response. */
static void take_message(void *ctx, const struct flow *f, struct span m, int64_t t_ns, bool cut)
{
    struct capture *c = ctx;
    struct dns_header h;
    bool response = dns_read_header(m, &h) && h.response;
    struct lookup who = {
        .t_ns = t_ns,
        .client = response ? f->target : f->source,
        .server = response ? f->source : f->target,
        .port = response ? f->target_port : f->source_port,
        .trait = {[TRAIT_HOPS] = response ? 0 : f->hops},
    };
    messages_add(&c->messages, &who, m, cut);
}

/* --- packets -------------------------------------------------------------------------- */

static void count_fragments(struct capture *c, uint64_t lost)
{
    c->messages.b->skips->count[SKIP_FRAGMENT] += lost;
    *c->messages.b->read += lost;
}

static void add_segment(struct capture *c, const struct packet *p, int64_t t_ns)
{
    uint64_t before = *c->messages.b->read;
    tcp_add(c->tcp, p, t_ns);
    if (*c->messages.b->read == before)
        skip(c, p->data.n > 0 ? SKIP_TCP_PART : SKIP_TCP_EMPTY);
}

static void add_frame(struct capture *c, const struct packet_frame *f)
{
    struct packet p = {0};
    c->last_ns = f->t_ns > c->last_ns ? f->t_ns : c->last_ns;
    switch (packets_read(c->packets, f, &p)) {
    case PACKET_UDP:
        take_message(c, &p.flow, p.data, f->t_ns, p.cut);
        break;
    case PACKET_TCP:
        add_segment(c, &p, f->t_ns);
        break;
    case PACKET_SKIP:
        messages_fault(&c->messages, p.why, f->bytes);
        break;
    case PACKET_HELD:
        break;
    }
    count_fragments(c, packets_lost(c->packets));
}

/* Input is over: leave what waits for parts to the capture that continues this one, or
 * count that they did not come. */
static void end(struct capture *c)
{
    c->ended = true;
    count_fragments(c, packets_waiting(c->packets));
    if (captures_keep(c->captures, c->packets, c->tcp, c->last_ns)) {
        c->packets = NULL;
        c->tcp = NULL;
        return;
    }
    tcp_end(c->tcp);
}

static int read_frame(struct capture *c, struct err *err)
{
    struct packet_frame f;
    int got = frames_next(c->frames, &f, err);
    c->messages.at = frames_number(c->frames);
    switch (got) {
    case FRAME_READ:
        add_frame(c, &f);
        return 0;
    case FRAME_TIMELESS:
        skip(c, SKIP_BAD_TIME);
        return 0;
    case FRAME_CUT:
        skip(c, SKIP_CUT);
        end(c);
        return 0;
    case FRAME_END:
        end(c);
        return 0;
    default:
        return got;
    }
}

static int capture_next(void *state, struct batch *b, struct err *err)
{
    struct capture *c = state;
    int rc = 0;
    if (messages_begin(&c->messages, b))
        while (rc == 0 && !messages_full(&c->messages) && !c->ended)
            rc = read_frame(c, err);
    return rc < 0 ? rc : messages_give(&c->messages);
}

/* --- opening -------------------------------------------------------------------------- */

static void capture_close(void *state)
{
    struct capture *c = state;
    frames_free(c->frames);
    packets_free(c->packets);
    tcp_free(c->tcp);
    messages_free(&c->messages);
    free(c);
}

static int capture_open(void **ret_state, struct input *in, const struct source_opts *opts,
                        struct err *err)
{
    struct frames *frames;
    int rc = frames_open(&frames, in, err);
    if (rc < 0)
        return rc;
    struct capture *c = mem_zero(1, sizeof *c);
    c->frames = frames;
    c->last_ns = INT64_MIN;
    c->messages.client_subnet = opts->client_subnet;
    c->captures = opts->captures;
    if (captures_take(c->captures, &c->packets, &c->tcp)) {
        tcp_give_to(c->tcp, c);
    } else {
        c->packets = packets_new(opts->ports);
        c->tcp = tcp_new(take_message, c);
    }
    *ret_state = c;
    return 0;
}

const struct source_format format_pcap = {
    .name = "pcap",
    .help = "captures: pcap and pcapng, most link types and tunnels, UDP and TCP",
    .cite = "draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; RFC 1035, 7766",
    .probe = frames_probe,
    .open = capture_open,
    .next = capture_next,
    .close = capture_close,
    .unit = "packet",
    .gives_subnet = true,
};
