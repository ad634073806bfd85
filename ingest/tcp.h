/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tcp - DNS messages out of TCP segments (RFC 7766: two bytes of length, then
 * the message).
 *
 * Hides reassembly: messages over several segments, several in one, segments
 * out of order, repeated or overlapping, data in the SYN, connections joined
 * in the middle, and holes. Segments behind a hole are held until it is filled,
 * or until TCP_HOLE_NS of packet time, TCP_HELD_MAX segments, a new connection
 * or the end of input show that it will not be; then reading goes on at the
 * first segment that begins like a message. Where data comes twice the first
 * is believed. Each direction is a stream of its own, so half a capture works.
 *
 * Memory is bounded: TCP_STREAMS_MAX streams and TCP_BYTES_MAX bytes held; past
 * either, the stream that was quiet for longest is ended.
 */
#ifndef INGEST_TCP_H
#define INGEST_TCP_H

#include "ingest/packet.h"

enum {
    TCP_STREAMS_MAX = 4096,
    TCP_HELD_MAX = 256,
    TCP_BYTES_MAX = 64 << 20,
};
#define TCP_HOLE_NS INT64_C(10000000000)

/* Takes a message. Its time is that of the packet that made it whole. `cut`: only
 * its beginning was seen, but that holds a question. Spans are valid during the
 * call. */
typedef void tcp_message_fn(void *ctx, const struct flow *flow, struct span message,
                            int64_t t_ns, bool cut);

struct tcp;

struct tcp *tcp_new(tcp_message_fn *take, void *ctx);
void tcp_free(struct tcp *t);

/* From now on messages are given to this ctx: the segments come from another file. */
void tcp_give_to(struct tcp *t, void *ctx);

/* Add a segment (PACKET_TCP); calls `take` for each message that it completes. */
void tcp_add(struct tcp *t, const struct packet *p, int64_t t_ns);

/* End of input: calls `take` for what was held behind holes. */
void tcp_end(struct tcp *t);

#endif
