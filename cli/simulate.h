/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulate - what the forms have in common in which simulated look-ups are written.
 *
 * A form is three functions and a row of the table in cmd_simulate.c: head, then row for each
 * look-up in order, then end; head may fail, for what the form has no room for. Those that
 * show packets (zeek, pcap) need addresses, names as they are on the wire, message ids and
 * ports; what the scenario does not say of these is made up in simulate_wire.c.
 */
#ifndef CLI_SIMULATE_H
#define CLI_SIMULATE_H

#include "ingest/dns.h"
#include "models/simulate.h"
#include "report/output.h"

struct simulation {
    struct output out;
    const struct sim_world *world;
    int decimals; /* of a second */
    bool truth;
    struct simulate_wire *wire; /* of forms that show packets; freed by the command */
    void *state;                /* the form's own */
};

struct simulate_form {
    const char *name;
    int (*head)(struct simulation *s, struct err *err);
    void (*row)(struct simulation *s, const struct sim_row *row);
    void (*end)(struct simulation *s); /* also after a failure, not if head failed */
    bool truth;                        /* has room for it */
};

extern const struct simulate_form simulate_zeek, simulate_pcap;

/* ---- packets: simulate_wire.c ---- */

struct simulate_address {
    int family; /* AF_INET, AF_INET6 */
    unsigned char bytes[16];
};

struct simulate_name {
    unsigned char wire[DNS_NAME_MAX];
    size_t n;
};

/* The message of one row. */
struct simulate_message {
    const struct simulate_address *client, *server;
    const struct simulate_name *name;
    uint16_t id, port, qtype;
    uint64_t number; /* of the message, from 0 */
};

/* ERR_USAGE: a client that is no address, or a name that is none. */
int simulate_wire_new(struct simulate_wire **ret, const struct sim_world *w, struct err *err);
void simulate_wire_free(struct simulate_wire *x);

/* The next message. No two of 2^30 have both id and port in common, so that none is taken for
 * a copy of another. A server that is no address of the client's family is the k-th of
 * 198.18.0.0/15 or 2001:db8:53::/112, k its place among the servers; without servers k is 1. */
struct simulate_message simulate_wire_next(struct simulate_wire *x, const struct sim_row *row);

/* Server k's address as clients of this family see it. */
const struct simulate_address *simulate_wire_server(const struct simulate_wire *x, size_t k,
                                                    int family);

#endif
