/* SPDX-License-Identifier: GPL-3.0-or-later
 * Ids and ports are a message's number, scrambled by steps that can each be undone (keyed xor,
 * odd factors, shifts), modulo 2^30: they look drawn, and no two are equal. */
#include "cli/simulate.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/canon.h"
#include "stats/rng.h"

enum { PORT_MIN = 49152, FAMILIES = 2 }; /* what IANA leaves to clients */
static const uint64_t IDENTS = UINT64_C(1) << 30;

struct simulate_wire {
    struct simulate_address *clients, *servers; /* FAMILIES of each server: IPv4, IPv6 */
    struct simulate_name *names;
    uint64_t next;
    uint32_t key[2];
};

static bool read_address(const char *text, struct simulate_address *ret)
{
    ret->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    return inet_pton(ret->family, text, ret->bytes) == 1;
}

/* The k-th of the addresses for tests and documents, k from 1. */
static struct simulate_address made_address(int family, size_t k)
{
    struct simulate_address a = {.family = family};
    const unsigned char low[2] = {(unsigned char)(k >> 8), (unsigned char)k};
    inet_pton(family, family == AF_INET ? "198.18.0.0" : "2001:db8:53::", a.bytes);
    memcpy(a.bytes + (family == AF_INET ? 2 : 14), low, sizeof low);
    return a;
}

static void make_servers(struct simulate_wire *x, const struct sim_world *w)
{
    static const int family[FAMILIES] = {AF_INET, AF_INET6};
    size_t n = w->nservers ? w->nservers : 1;
    x->servers = mem_zero(FAMILIES * n, sizeof *x->servers);
    for (size_t i = 0; i < FAMILIES * n; i++) {
        struct simulate_address a = {0};
        bool fits = w->nservers && read_address(w->servers[i / FAMILIES], &a) &&
                    a.family == family[i % FAMILIES];
        x->servers[i] = fits ? a : made_address(family[i % FAMILIES], i / FAMILIES + 1);
    }
}

static int read_texts(struct simulate_wire *x, const struct sim_world *w, struct err *err)
{
    for (size_t i = 0; i < w->nclients; i++)
        if (!read_address(w->clients[i], &x->clients[i]))
            return err_set(err, ERR_USAGE,
                           "clients: expected addresses, which packets have, found '%s'",
                           w->clients[i]);
    for (size_t i = 0; i < w->nnames; i++) {
        int n = canon_wire(span_of(w->names[i]), x->names[i].wire);
        if (n < 0)
            return err_set(err, ERR_USAGE, "names: expected names of domains, found '%s'",
                           w->names[i]);
        x->names[i].n = (size_t)n;
    }
    return 0;
}

int simulate_wire_new(struct simulate_wire **ret, const struct sim_world *w, struct err *err)
{
    struct simulate_wire *x = mem_zero(1, sizeof *x);
    struct rng r;
    x->clients = mem_zero(w->nclients + 1, sizeof *x->clients);
    x->names = mem_zero(w->nnames + 1, sizeof *x->names);
    make_servers(x, w);
    rng_stream(&r, w->seed, RNG_SIMULATE, rng_subject("message ids", 11), 0);
    x->key[0] = rng_u32(&r);
    x->key[1] = rng_u32(&r);
    int rc = read_texts(x, w, err);
    if (rc == 0)
        *ret = x;
    else
        simulate_wire_free(x);
    return rc;
}

void simulate_wire_free(struct simulate_wire *x)
{
    if (!x)
        return;
    free(x->clients);
    free(x->servers);
    free(x->names);
    free(x);
}

static uint64_t scramble(const struct simulate_wire *x, uint64_t number)
{
    const uint64_t mask = IDENTS - 1, odd[2] = {0x7feb352d, 0x846ca68b};
    uint64_t v = number & mask;
    for (int i = 0; i < 2; i++) {
        v = (v ^ x->key[i]) & mask;
        v ^= v >> 16;
        v = v * odd[i] & mask;
        v ^= v >> 15;
    }
    return v;
}

const struct simulate_address *simulate_wire_server(const struct simulate_wire *x, size_t k,
                                                    int family)
{
    return &x->servers[FAMILIES * k + (family == AF_INET6)];
}

struct simulate_message simulate_wire_next(struct simulate_wire *x, const struct sim_row *row)
{
    uint64_t v = scramble(x, x->next);
    const struct simulate_address *client = &x->clients[row->client];
    size_t server = row->server == SIM_NO_SERVER ? 0 : row->server;
    return (struct simulate_message){
        .client = client,
        .server = simulate_wire_server(x, server, client->family),
        .name = &x->names[row->name],
        .id = (uint16_t)v,
        .port = (uint16_t)(PORT_MIN + (v >> 16)),
        .qtype = row->qtype,
        .number = x->next++,
    };
}
