/* SPDX-License-Identifier: GPL-3.0-or-later
 * Captures: pcap through libpcap, which reads our input by way of fopencookie, and
 * pcapng through ingest/pcapng.h. No BPF filter is set: one on port 53 would miss tagged,
 * tunnelled and fragmented packets.
 *
 * What is one record: a datagram's or a segment's message is one, and a message
 * of several questions is as many. A packet that completes messages counts as
 * those; one that completes none counts as one skip. Fragments held for their
 * datagram count with the packet of this file that completes it (ingest/packet.h,
 * ingest/captures.h). So for every capture read = look-ups + skips; responses are handed over,
 * for the tally to join to their query's pair and to count as skips. */
#include "ingest/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <pcap/pcap.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/captures.h"
#include "ingest/dns.h"
#include "ingest/message.h"
#include "ingest/packet.h"
#include "ingest/pcapng.h"
#include "ingest/tcp.h"

struct capture {
    struct input *in;
    pcap_t *pcap; /* or */
    struct pcapng *pcapng;
    unsigned link;   /* of a pcap file */
    uint64_t number; /* of the latest packet, from 1 */
    bool ended;
    struct err read_err; /* why the input could not be read, if it could not */
    int64_t last_ns;     /* time of the latest packet, INT64_MIN before the first */
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

/* --- frames: both readers give enum frame_found, or fail ---------------------------- */

/* libpcap could not read on: because the file is cut, or broken. */
static int explain(struct capture *c, struct err *err)
{
    const char *why = pcap_geterr(c->pcap);
    if (c->read_err.code) {
        *err = c->read_err;
        return err->code;
    }
    if (input_cut(c->in) || strstr(why, "truncated"))
        return FRAME_CUT;
    return err_set(err, ERR_MALFORMED, "%s", why);
}

/* The file was opened at nanosecond precision: tv_usec holds nanoseconds. */
static int next_of_pcap(struct capture *c, struct packet_frame *ret, struct err *err)
{
    struct pcap_pkthdr *h;
    const u_char *bytes;
    int rc = pcap_next_ex(c->pcap, &h, &bytes);
    if (rc == PCAP_ERROR_BREAK)
        return input_cut(c->in) ? FRAME_CUT : FRAME_END;
    if (rc != 1)
        return explain(c, err);
    ret->bytes = span_make(bytes, h->caplen);
    ret->wire_n = h->len > h->caplen ? h->len : h->caplen;
    ret->link = c->link;
    bool late = __builtin_mul_overflow((int64_t)h->ts.tv_sec, NS_PER_S, &ret->t_ns) ||
                __builtin_add_overflow(ret->t_ns, (int64_t)h->ts.tv_usec, &ret->t_ns);
    return late ? FRAME_TIMELESS : FRAME_READ;
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

static int next_frame(struct capture *c, struct packet_frame *ret, struct err *err)
{
    c->number++;
    return c->pcap ? next_of_pcap(c, ret, err) : pcapng_next(c->pcapng, ret, err);
}

static int read_frame(struct capture *c, struct err *err)
{
    struct packet_frame f;
    int got = next_frame(c, &f, err);
    c->messages.at = c->number - (got == FRAME_END || got == FRAME_CUT);
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
        return err_context(err, "%s: packet %llu", input_path(c->in),
                           (unsigned long long)c->number);
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

static bool capture_probe(struct span head)
{
    static const char magics[][5] = {
        "\xa1\xb2\xc3\xd4", "\xd4\xc3\xb2\xa1", /* microseconds, both byte orders */
        "\xa1\xb2\x3c\x4d", "\x4d\x3c\xb2\xa1", /* nanoseconds */
        "\xa1\xb2\xcd\x34", "\x34\xcd\xb2\xa1", /* Kuznetzov's */
    };
    for (size_t i = 0; head.n >= 4 && i < sizeof magics / sizeof magics[0]; i++)
        if (memcmp(head.p, magics[i], 4) == 0)
            return true;
    return pcapng_probe(head);
}

static ssize_t read_cookie(void *cookie, char *buf, size_t n)
{
    struct capture *c = cookie;
    ssize_t got = input_read(c->in, buf, n, &c->read_err);
    if (got >= 0)
        return got;
    errno = EIO;
    return -1;
}

static void capture_close(void *state)
{
    struct capture *c = state;
    if (c->pcap)
        pcap_close(c->pcap);
    pcapng_free(c->pcapng);
    packets_free(c->packets);
    tcp_free(c->tcp);
    messages_free(&c->messages);
    free(c);
}

static int open_pcap(struct capture *c, struct err *err)
{
    char why[PCAP_ERRBUF_SIZE] = "";
    FILE *file = fopencookie(c, "r", (cookie_io_functions_t){.read = read_cookie});
    if (!file)
        return err_set_errno(err, "%s: opening a stream", input_path(c->in));
    c->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!c->pcap) {
        fclose(file);
        if (c->read_err.code) {
            *err = c->read_err;
            return err->code;
        }
        return err_set(err, ERR_MALFORMED, "%s: expected a capture, found: %s",
                       input_path(c->in), why);
    }
    c->link = (unsigned)pcap_datalink(c->pcap);
    if (!packets_knows(c->link)) {
        const char *name = pcap_datalink_val_to_name((int)c->link);
        return err_set(err, ERR_MALFORMED,
                       "%s: expected packets of a known link type, found type %u (%s)",
                       input_path(c->in), c->link, name ? name : "unassigned");
    }
    return 0;
}

static int open_frames(struct capture **ret, struct input *in, struct err *err)
{
    struct capture *c = mem_zero(1, sizeof *c);
    c->in = in;
    c->last_ns = INT64_MIN;
    int rc = 0;
    if (pcapng_probe(input_peek(in, 4)))
        c->pcapng = pcapng_new(in);
    else
        rc = open_pcap(c, err);
    if (rc < 0)
        capture_close(c);
    else
        *ret = c;
    return rc;
}

static int capture_open(void **ret_state, struct input *in, const struct source_opts *opts,
                        struct err *err)
{
    struct capture *c;
    int rc = open_frames(&c, in, err);
    if (rc < 0)
        return rc;
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

/* Why it cannot be read is said when it is. */
bool capture_first(const char *path, int64_t *ret_ns)
{
    struct input *in = NULL;
    struct capture *c = NULL;
    struct packet_frame f = {0};
    struct err err;
    int rc = input_open(&in, path, &err);
    if (rc == 0 && capture_probe(input_peek(in, 4)) && open_frames(&c, in, &err) == 0)
        do
            rc = next_frame(c, &f, &err);
        while (rc == FRAME_TIMELESS);
    bool found = c && rc == FRAME_READ;
    if (found)
        *ret_ns = f.t_ns;
    if (c)
        capture_close(c);
    input_close(in);
    return found;
}

const struct source_format format_pcap = {
    .name = "pcap",
    .help = "captures: pcap and pcapng, most link types and tunnels, UDP and TCP",
    .cite = "draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng; RFC 1035, 7766",
    .probe = capture_probe,
    .open = capture_open,
    .next = capture_next,
    .close = capture_close,
    .unit = "packet",
    .gives_subnet = true,
};
