/* SPDX-License-Identifier: GPL-3.0-or-later
 * The independent decoder: headers by the system's structs, ports by libpcap's
 * filters, the message record by record by ldns. Ethernet or bare IP, then IPv4 or
 * IPv6, then UDP; what else there is gets left out, with its name. */
#include <netinet/if_ether.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/lookup.h"
#include "tests/diff/diff.h"

/* Ports, in the order in which they are asked for. */
static const struct port_filter {
    const char *expression;
    int why;              /* enum skip_reason; -1: DNS */
    const char *left_out; /* or NULL */
} filters[] = {
    {"udp port 53", -1, NULL},
    {"udp port 3544 or udp dst port 2152 or udp dst port 4789 or udp dst port 6081", -1,
     "UDP tunnel"},
    {"udp port 5353", SKIP_MDNS, NULL},
    {"udp port 5355", SKIP_LLMNR, NULL},
    {"udp port 137", SKIP_NBNS, NULL},
    {"udp", SKIP_PORT, NULL},
};
enum { FILTERS = sizeof filters / sizeof *filters, LINKS = 2 };

struct theirs {
    struct bpf_program program[LINKS][FILTERS];
};

/* The packet from the layer that is looked at on. */
struct view {
    const struct frame *frame;
    const unsigned char *p;
    size_t n;
    bool cut; /* the headers promise more */
    struct verdict *out;
    struct places *places;
    unsigned char source[16], target[16];
    size_t address_n;
    struct udphdr udp;
};

struct theirs *theirs_new(void)
{
    struct theirs *t = mem_zero(1, sizeof *t);
    for (int link = 0; link < LINKS; link++) {
        pcap_t *dead = pcap_open_dead(link ? DLT_RAW : DLT_EN10MB, FRAME_MAX);
        for (int i = 0; i < FILTERS; i++)
            if (pcap_compile(dead, &t->program[link][i], filters[i].expression, 1,
                             PCAP_NETMASK_UNKNOWN) != 0) {
                fprintf(stderr, "fuzz-diff: %s: %s\n", filters[i].expression,
                        pcap_geterr(dead));
                abort();
            }
        pcap_close(dead);
    }
    return t;
}

void theirs_free(struct theirs *t)
{
    for (int link = 0; link < LINKS; link++)
        for (int i = 0; i < FILTERS; i++)
            pcap_freecode(&t->program[link][i]);
    free(t);
}

/* --- headers: each says whether the packet goes on to the next ------------------------ */

static bool left_out(struct view *v, const char *why)
{
    v->out->left_out = why;
    return false;
}

static bool skipped(struct view *v, enum skip_reason why)
{
    v->out->why = why;
    return false;
}

static bool ends(struct view *v)
{
    return skipped(v, v->cut ? SKIP_PACKET_CUT : SKIP_BAD_PACKET);
}

static void step(struct view *v, size_t n)
{
    v->p += n;
    v->n -= n;
}

static void promise(struct view *v, size_t n)
{
    v->cut = n > v->n;
    v->n = v->cut ? v->n : n;
}

static bool read_link(struct view *v, int *ret_version)
{
    struct ether_header h;
    if (v->frame->link == DLT_RAW) {
        if (v->n < 1)
            return ends(v);
        *ret_version = v->p[0] >> 4;
        return *ret_version == 4 || *ret_version == 6 || skipped(v, SKIP_LINK);
    }
    if (v->n < sizeof h)
        return ends(v);
    memcpy(&h, v->p, sizeof h);
    step(v, sizeof h);
    *ret_version = ntohs(h.ether_type) == ETHERTYPE_IP     ? 4
                   : ntohs(h.ether_type) == ETHERTYPE_IPV6 ? 6
                                                           : 0;
    return *ret_version || left_out(v, "ethertype other than IP");
}

static bool is_udp(struct view *v, unsigned protocol)
{
    switch (protocol) {
    case IPPROTO_UDP:
        return true;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return skipped(v, SKIP_ICMP);
    case IPPROTO_TCP:
        return left_out(v, "TCP");
    default:
        return left_out(v, "IP protocol other than UDP");
    }
}

static void addresses(struct view *v, const void *source, const void *target, size_t n)
{
    memcpy(v->source, source, n);
    memcpy(v->target, target, n);
    v->address_n = n;
}

static bool read_ip4(struct view *v)
{
    struct ip h;
    if (v->n < sizeof h)
        return ends(v);
    memcpy(&h, v->p, sizeof h);
    size_t header = h.ip_hl * 4u, total = ntohs(h.ip_len);
    total = total ? total : v->n; /* left to the network card */
    if (h.ip_v != 4 || header < sizeof h || total < header)
        return skipped(v, SKIP_BAD_PACKET);
    promise(v, total);
    if (v->n < header)
        return ends(v);
    step(v, header);
    addresses(v, &h.ip_src, &h.ip_dst, 4);
    if (ntohs(h.ip_off) & (IP_MF | IP_OFFMASK))
        return left_out(v, "fragment");
    return is_udp(v, h.ip_p);
}

static bool read_ip6(struct view *v)
{
    struct ip6_hdr h;
    if (v->n < sizeof h)
        return ends(v);
    memcpy(&h, v->p, sizeof h);
    if (h.ip6_vfc >> 4 != 6)
        return skipped(v, SKIP_BAD_PACKET);
    step(v, sizeof h);
    if (h.ip6_plen)
        promise(v, ntohs(h.ip6_plen));
    addresses(v, &h.ip6_src, &h.ip6_dst, 16);
    v->places->v6 = true;
    return is_udp(v, h.ip6_nxt);
}

/* What the ports are for, by libpcap. */
static bool is_dns(struct view *v, const struct theirs *t)
{
    const struct frame *f = v->frame;
    struct pcap_pkthdr h = {.caplen = (bpf_u_int32)f->n, .len = (bpf_u_int32)f->wire_n};
    for (int i = 0; i < FILTERS; i++)
        if (pcap_offline_filter(&t->program[f->link == DLT_RAW][i], &h, f->bytes)) {
            if (filters[i].left_out)
                return left_out(v, filters[i].left_out);
            return filters[i].why < 0 || skipped(v, (enum skip_reason)filters[i].why);
        }
    return skipped(v, SKIP_TRANSPORT); /* cannot be: the walk came to UDP */
}

static bool read_udp(struct view *v, const struct theirs *t)
{
    if (v->n < sizeof v->udp)
        return ends(v);
    memcpy(&v->udp, v->p, sizeof v->udp);
    size_t length = ntohs(v->udp.uh_ulen);
    if (length && length < sizeof v->udp)
        return skipped(v, SKIP_BAD_PACKET);
    v->places->udp = (size_t)(v->p - v->frame->bytes);
    v->places->end = v->places->udp + v->n;
    if (length && length < v->n)
        v->n = length;
    step(v, sizeof v->udp);
    v->places->message = (size_t)(v->p - v->frame->bytes);
    v->places->message_n = v->n;
    v->places->cut = v->cut;
    return is_dns(v, t);
}

/* --- the message ---------------------------------------------------------------------- */

/* ldns keeps the labels as they came; the canonical spelling is made here anew. */
static void spell(struct question *q, const ldns_rdf *name)
{
    char *out = q->name;
    for (uint8_t i = 0; i < ldns_dname_label_count(name); i++) {
        ldns_rdf *label = ldns_dname_label(name, i); /* length, bytes, root */
        const uint8_t *bytes = ldns_rdf_data(label);
        if (i)
            *out++ = '.';
        for (unsigned k = 1; k <= bytes[0]; k++) {
            int c = tolower(bytes[k]);
            bool plain = isgraph(c) && !strchr(".\\", c);
            out += sprintf(out, plain ? "%c" : "\\%03d", c);
        }
        ldns_rdf_deep_free(label);
    }
    if (out == q->name)
        *out++ = '.';
    q->name_n = (size_t)(out - q->name);
}

/* The way along the name at `at`, for the rules. */
static void note_way(struct view *v, size_t at)
{
    struct verdict *out = v->out;
    out->pointers = 0;
    out->pointer_to_0 = out->label_past_end = false;
    while (at < v->n && v->p[at] && out->pointers < 1000) {
        unsigned length = v->p[at];
        if (length <= LDNS_MAX_LABELLEN) {
            at += 1 + length;
            out->label_past_end = at >= v->n;
        } else if (length >= 0xc0 && at + 1 < v->n) {
            at = (length & 0x3f) << 8 | v->p[at + 1];
            out->pointers++;
            out->pointer_to_0 |= at == 0;
        } else {
            return;
        }
    }
}

static bool read_question(struct view *v, size_t *at, bool response)
{
    struct verdict *out = v->out;
    ldns_rr *rr = NULL;
    note_way(v, *at);
    out->question_fault = ldns_wire2rr(&rr, v->p, v->n, at, LDNS_SECTION_QUESTION);
    if (out->question_fault != LDNS_STATUS_OK)
        return false;
    if (out->n++ < HELD_MAX) {
        struct question *q = &out->held[out->n - 1];
        spell(q, ldns_rr_owner(rr));
        q->response = response;
        q->type = (uint16_t)ldns_rr_get_type(rr);
        q->id = LDNS_ID_WIRE(v->p);
        q->port = ntohs(response ? v->udp.uh_dport : v->udp.uh_sport);
        q->address_n = v->address_n;
        memcpy(q->client, response ? v->target : v->source, v->address_n);
        memcpy(q->server, response ? v->source : v->target, v->address_n);
        q->rcode = q->ttl_s = LOOKUP_UNKNOWN;
    }
    ldns_rr_free(rr);
    return true;
}

struct record {
    uint16_t type;
    uint32_t ttl;
};

/* ldns_wire2rr would also read the data by its type, and goes on inside the record where
 * there is more of it than the type has; the owner's name and the length are enough. */
static bool read_record(struct view *v, size_t *at, struct record *ret)
{
    enum { FIXED = 10 };
    ldns_rdf *owner = NULL;
    v->out->owner_fault = ldns_wire2dname(&owner, v->p, v->n, at);
    if (v->out->owner_fault != LDNS_STATUS_OK)
        return false;
    ldns_rdf_deep_free(owner);
    if (v->n - *at < FIXED)
        return false;
    const uint8_t *p = v->p + *at;
    *ret = (struct record){ldns_read_uint16(p), ldns_read_uint32(p + 4)};
    size_t data = ldns_read_uint16(p + 8);
    *at += FIXED;
    bool whole = data <= v->n - *at;
    *at += data;
    return whole;
}

static void read_answer(struct view *v, size_t at)
{
    int64_t ttl = LOOKUP_UNKNOWN, rcode = LDNS_RCODE_WIRE(v->p);
    unsigned answers = LDNS_ANCOUNT(v->p), more = LDNS_NSCOUNT(v->p) + LDNS_ARCOUNT(v->p);
    bool edns = false;
    for (unsigned i = 0; i < answers + more && !edns; i++) {
        struct record r;
        if (!read_record(v, &at, &r)) {
            ttl = i < answers ? LOOKUP_UNKNOWN : ttl;
            break;
        }
        int64_t its = r.ttl >> 31 ? 0 : r.ttl; /* RFC 2181, 8 */
        edns = i >= answers && r.type == LDNS_RR_TYPE_OPT;
        if (i < answers)
            ttl = ttl < 0 || its < ttl ? its : ttl;
        else if (edns)
            rcode |= r.ttl >> 24 << 4;
    }
    for (size_t i = 0; i < v->out->n && i < HELD_MAX; i++) {
        v->out->held[i].rcode = rcode;
        v->out->held[i].ttl_s = ttl;
    }
}

static bool read_message(struct view *v)
{
    if (v->n < LDNS_HEADER_SIZE)
        return skipped(v, v->cut ? SKIP_PACKET_CUT : SKIP_BAD_DNS);
    bool response = LDNS_QR_WIRE(v->p), query = LDNS_OPCODE_WIRE(v->p) == LDNS_PACKET_QUERY;
    if (!query || LDNS_QDCOUNT(v->p) == 0)
        return skipped(v, response ? SKIP_RESPONSE : query ? SKIP_NO_QUESTION : SKIP_OPCODE);
    size_t at = LDNS_HEADER_SIZE;
    while (v->out->n < LDNS_QDCOUNT(v->p))
        if (!read_question(v, &at, response)) {
            bool early = v->out->question_fault == LDNS_STATUS_PACKET_OVERFLOW;
            return skipped(v, !early ? SKIP_BAD_NAME : v->cut ? SKIP_PACKET_CUT : SKIP_BAD_DNS);
        }
    if (response)
        read_answer(v, at);
    return true;
}

void theirs_read(struct theirs *t, const struct frame *f, struct verdict *ret,
                 struct places *ret_places)
{
    *ret = (struct verdict){0};
    *ret_places = (struct places){0};
    struct view v = {.frame = f,
                     .p = f->bytes,
                     .n = f->n,
                     .cut = f->n < f->wire_n,
                     .out = ret,
                     .places = ret_places};
    int version = 0;
    if (!read_link(&v, &version))
        return;
    ret_places->ip = (size_t)(v.p - f->bytes);
    if ((version == 4 ? read_ip4(&v) : read_ip6(&v)) && read_udp(&v, t)) {
        ret_places->dns = true;
        read_message(&v);
    }
}
