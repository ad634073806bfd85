/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/message.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "ingest/canon.h"
#include "ingest/dns.h"

bool messages_begin(struct messages *q, struct batch *b)
{
    q->b = b;
    if (q->given < q->n)
        return false;
    q->given = q->n = 0;
    arena_free(&q->bytes);
    return true;
}

bool messages_full(const struct messages *q)
{
    return q->n >= SOURCE_BATCH;
}

int messages_give(struct messages *q)
{
    struct batch *b = q->b;
    b->n = q->n - q->given;
    if (b->n == 0)
        return 0;
    if (b->n > SOURCE_BATCH)
        b->n = SOURCE_BATCH;
    memcpy(b->v, q->queue + q->given, b->n * sizeof *b->v);
    q->given += b->n;
    return 1;
}

void messages_free(struct messages *q)
{
    free(q->queue);
    arena_free(&q->bytes);
}

void messages_fault(struct messages *q, enum skip_reason why, struct span found)
{
    skips_add(q->b->skips, why, q->at, found);
    ++*q->b->read;
}

void messages_skip(struct messages *q, enum skip_reason why)
{
    messages_fault(q, why, (struct span){0});
}

static struct span keep(struct messages *q, struct span s)
{
    return span_make(arena_copy(&q->bytes, s.p, s.n), s.n);
}

/* The tally counts a response among the skips. */
void messages_push(struct messages *q, const struct lookup *v)
{
    MEM_GROW(q->queue, q->n, q->cap);
    struct lookup *to = &q->queue[q->n++];
    *to = *v;
    to->at = q->at;
    to->client = keep(q, v->client);
    to->server = keep(q, v->server);
    to->name = keep(q, v->name);
    ++*q->b->read;
}

static void push_question(struct messages *q, const struct lookup *who,
                          const struct dns_header *h, const struct dns_question *question)
{
    struct lookup v = *who;
    v.name = span_make(question->name, question->name_n);
    v.kind = h->response ? LOOKUP_RESPONSE : LOOKUP_QUERY;
    v.client_form = v.name_form = FORM_WIRE;
    v.qtype = question->type;
    v.rcode = LOOKUP_UNKNOWN;
    v.ttl_s = LOOKUP_UNKNOWN;
    v.id = h->id;
    v.weight = 1;
    if (!h->response)
        v.trait[TRAIT_CASE] = dns_case_trait(question->name, question->name_n);
    if (v.trait[TRAIT_CASE] == 2)
        v.letters = dns_letters(question->name, question->name_n, &v.upper);
    messages_push(q, &v);
}

static void add_answer(struct messages *q, struct span message, size_t at,
                       const struct dns_header *h, size_t first)
{
    struct dns_answer a;
    dns_read_answer(message, at, h, &a);
    for (size_t i = first; i < q->n; i++) {
        q->queue[i].rcode = a.rcode;
        q->queue[i].ttl_s = a.ttl_s;
    }
}

/* "192.0.2.0/24", or the address alone where the prefix is all of it. */
static struct span subnet_text(struct messages *q, const struct dns_subnet *s)
{
    char text[INET6_ADDRSTRLEN + 5];
    bool v4 = s->address_n == 4;
    inet_ntop(v4 ? AF_INET : AF_INET6, s->address, text, INET6_ADDRSTRLEN);
    size_t n = strlen(text);
    if (s->prefix < 8 * s->address_n)
        n += (size_t)snprintf(text + n, sizeof text - n, "/%u", s->prefix);
    return keep(q, span_make(text, n));
}

/* The look-ups from `first` on are of the client that the message names, if it does:
 * else of the address that sent it. Client and server have one form, so both are text. */
static void take_subnet(struct messages *q, struct span message, size_t at, bool whole,
                        const struct dns_header *h, size_t first)
{
    struct dns_subnet s;
    if (!whole || !dns_read_subnet(message, at, h, &s)) {
        q->b->notes->count[NOTE_NO_SUBNET] += q->n - first;
        return;
    }
    struct span client = subnet_text(q, &s);
    for (size_t i = first; i < q->n; i++) {
        char server[CANON_CLIENT_MAX];
        size_t n;
        if (canon_client(q->queue[i].server, FORM_WIRE, server, &n) < 0)
            n = 0;
        q->queue[i].client = client;
        q->queue[i].server = keep(q, span_make(server, n));
        q->queue[i].client_form = FORM_TEXT;
    }
}

void messages_add(struct messages *q, const struct lookup *who, struct span m, bool cut)
{
    struct dns_header h;
    if (!dns_read_header(m, &h)) {
        messages_fault(q, cut ? SKIP_PACKET_CUT : SKIP_BAD_DNS, m);
        return;
    }
    if (h.opcode != DNS_OPCODE_QUERY || h.questions == 0) {
        messages_skip(q, h.response                     ? SKIP_RESPONSE
                         : h.opcode != DNS_OPCODE_QUERY ? SKIP_OPCODE
                                                        : SKIP_NO_QUESTION);
        return;
    }
    size_t at = DNS_HEADER_SIZE, first = q->n;
    struct dns_question question;
    enum dns_fault fault = DNS_OK;
    for (unsigned i = 0; i < h.questions && fault == DNS_OK; i++) {
        fault = dns_read_question(m, &at, &question);
        if (fault == DNS_OK)
            push_question(q, who, &h, &question);
    }
    if (q->n == first)
        messages_fault(q,
                       fault == DNS_BAD_NAME ? SKIP_BAD_NAME
                       : cut                 ? SKIP_PACKET_CUT
                                             : SKIP_BAD_DNS,
                       m);
    else if (h.response && fault == DNS_OK)
        add_answer(q, m, at, &h, first);
    else if (fault == DNS_OK && !cut)
        for (size_t i = first; i < q->n; i++)
            q->queue[i].trait[TRAIT_EDNS] = dns_edns_trait(m, at, &h);
    if (q->client_subnet)
        take_subnet(q, m, at, fault == DNS_OK, &h, first);
}
