/* SPDX-License-Identifier: GPL-3.0-or-later
 * A capture of queries: IP packets without a link layer (DLT_RAW), UDP to port 53. In
 * microseconds, or in nanoseconds where the scenario's tick asks for them. */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/simulate.h"

enum {
    IP4 = 20,
    IP6 = 40,
    UDP = 8,
    QUESTION = 4, /* type and class */
    PORT = 53,
    PROTOCOL = 17,
    HOPS = 64,
    SNAP = 65535,
    PACKET_MAX = IP6 + UDP + DNS_HEADER_SIZE + DNS_NAME_MAX + QUESTION
};

struct bytes {
    unsigned char p[PACKET_MAX];
    size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static void put8(struct bytes *b, unsigned v)
{
    b->p[b->n++] = (unsigned char)v;
}

static void put16(struct bytes *b, unsigned v)
{
    put8(b, v >> 8);
    put8(b, v & 0xff);
}

/* The sum of RFC 1071 over n bytes more; of an odd number the last is padded with 0. */
static uint32_t sum16(uint32_t sum, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)p[i] << (i % 2 ? 0 : 8);
    return sum;
}

static unsigned checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

/* The header of IP over `payload` bytes of UDP; returns the sum of its pseudo-header. */
static uint32_t put_ip(struct bytes *b, const struct simulate_message *m, size_t payload)
{
    size_t n = m->client->family == AF_INET ? 4 : 16;
    if (n == 4) {
        put16(b, 0x4500); /* version 4, five words */
        put16(b, (unsigned)(IP4 + payload));
        put16(b, (unsigned)(m->number & 0xffff));
        put16(b, 0x4000); /* do not fragment */
        put8(b, HOPS);
        put8(b, PROTOCOL);
        put16(b, 0);
    } else {
        put16(b, 0x6000);
        put16(b, 0);
        put16(b, (unsigned)payload);
        put8(b, PROTOCOL);
        put8(b, HOPS);
    }
    put(b, m->client->bytes, n);
    put(b, m->server->bytes, n);
    if (n == 4) {
        unsigned sum = checksum(sum16(0, b->p, IP4));
        b->p[10] = (unsigned char)(sum >> 8);
        b->p[11] = (unsigned char)sum;
    }
    uint32_t pseudo = sum16(0, m->client->bytes, n);
    return sum16(pseudo, m->server->bytes, n) + PROTOCOL + (uint32_t)payload;
}

static void put_query(struct bytes *b, const struct simulate_message *m)
{
    put16(b, m->id);
    put16(b, 0x0100); /* recursion is asked for */
    put16(b, 1);
    put16(b, 0);
    put16(b, 0);
    put16(b, 0);
    put(b, m->name->wire, m->name->n);
    put16(b, m->qtype);
    put16(b, 1); /* IN */
}

static void make_packet(struct bytes *b, const struct simulate_message *m)
{
    size_t payload = UDP + DNS_HEADER_SIZE + m->name->n + QUESTION;
    uint32_t pseudo = put_ip(b, m, payload);
    size_t udp = b->n;
    put16(b, m->port);
    put16(b, PORT);
    put16(b, (unsigned)payload);
    put16(b, 0);
    put_query(b, m);
    unsigned sum = checksum(sum16(pseudo, b->p + udp, payload));
    sum = sum ? sum : 0xffff; /* 0 says that there is none */
    b->p[udp + 6] = (unsigned char)(sum >> 8);
    b->p[udp + 7] = (unsigned char)sum;
}

struct capture {
    pcap_t *pcap;
    pcap_dumper_t *dumper;
    int64_t unit_ns;
};

static int head(struct simulation *s, struct err *err)
{
    const struct sim_world *w = s->world;
    if (w->from_ns < 0 || w->to_ns > (INT64_C(1) << 32) * NS_PER_S)
        return err_set(err, ERR_USAGE,
                       "span: expected times that a capture has room for, of 1970 to 2106");
    int rc = simulate_wire_new(&s->wire, w, err);
    if (rc < 0)
        return rc;
    struct capture *c = mem_zero(1, sizeof *c);
    bool nano = w->tick_ns % 1000 != 0;
    c->unit_ns = nano ? 1 : 1000;
    c->pcap = pcap_open_dead_with_tstamp_precision(
        DLT_RAW, SNAP, nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
    c->dumper = c->pcap ? pcap_dump_fopen(c->pcap, s->out.f) : NULL;
    s->state = c;
    if (c->dumper)
        return 0;
    rc = err_set(err, ERR_IO, "%s: %s", s->out.path,
                 c->pcap ? pcap_geterr(c->pcap) : "no memory for a capture");
    if (c->pcap)
        pcap_close(c->pcap);
    free(c);
    return rc;
}

static void row(struct simulation *s, const struct sim_row *row)
{
    struct capture *c = s->state;
    struct simulate_message m = simulate_wire_next(s->wire, row);
    struct bytes b = {.n = 0};
    make_packet(&b, &m);
    struct pcap_pkthdr h = {.caplen = (bpf_u_int32)b.n, .len = (bpf_u_int32)b.n};
    h.ts.tv_sec = row->t_ns / NS_PER_S;
    h.ts.tv_usec = row->t_ns % NS_PER_S / c->unit_ns; /* or nanoseconds */
    pcap_dump((unsigned char *)c->dumper, &h, b.p);
}

/* The dumper is the file, which the command closes: pcap_dump_close would do it twice. */
static void end(struct simulation *s)
{
    struct capture *c = s->state;
    pcap_dump_flush(c->dumper);
    pcap_close(c->pcap);
    free(c);
}

const struct simulate_form simulate_pcap = {
    .name = "pcap",
    .head = head,
    .row = row,
    .end = end,
};
