/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * message - DNS messages to look-ups, by the one counting rule of every format
 * that carries messages, and the queue in which they wait to be handed over.
 *
 * A message of several questions is as many records. A query is a look-up; a
 * response is handed over, for the tally to join to its query's pair and to
 * count as a skip. A message without a question that can be read is one skip.
 *
 *     struct messages q = {0};
 *     messages_begin(&q, batch);       // of source_format.next
 *     messages_add(&q, &who, message, cut);
 *     return messages_give(&q);        // 1, or 0 when nothing is left
 */
#ifndef INGEST_MESSAGE_H
#define INGEST_MESSAGE_H

#include "base/mem.h"
#include "ingest/source.h"

/* `{0}` is an empty queue. */
struct messages {
    struct lookup *queue; /* a packet may hold more look-ups than a batch */
    size_t n, cap, given;
    struct arena bytes; /* of the queue */
    struct batch *b;    /* counters of the call that is running */
    uint64_t at;        /* packet, frame or record at hand, from 1 */
    bool client_subnet; /* the client is the EDNS Client Subnet if there is one */
};

/* Take the counters of a call of next; true if the queue has to be filled. */
bool messages_begin(struct messages *q, struct batch *b);
int messages_give(struct messages *q);
void messages_free(struct messages *q);

/* Room for more in this batch? */
bool messages_full(const struct messages *q);

/* One record that is no look-up; and of a malformed one what is wrong. */
void messages_skip(struct messages *q, enum skip_reason why);
void messages_fault(struct messages *q, enum skip_reason why, struct span found);

/* One record, look-up or response; its spans are copied. */
void messages_push(struct messages *q, const struct lookup *v);

/* A DNS message. `who` has time, client, server and port; the rest is read from
 * the message. `cut`: more of it was sent than is here. */
void messages_add(struct messages *q, const struct lookup *who, struct span message, bool cut);

#endif
