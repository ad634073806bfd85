/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * frames - packets out of a capture, whichever way it was written: pcap through libpcap, which
 * reads our input by way of fopencookie, and pcapng by ingest/pcapng.h.
 *
 *     struct frames *f;
 *     if (frames_open(&f, in, err) == 0) {
 *         while ((got = frames_next(f, &frame, err)) > FRAME_END) ...
 *         frames_free(f);
 *     }
 */
#ifndef INGEST_FRAMES_H
#define INGEST_FRAMES_H

#include "ingest/input.h"
#include "ingest/packet.h"

struct frames;

bool frames_probe(struct span head); /* the first four bytes will do */

/* Does not take over `in`, which must live as long. ERR_MALFORMED for what is no capture, or
 * one of a link type that packets_knows does not. */
int frames_open(struct frames **ret, struct input *in, struct err *err);
void frames_free(struct frames *f); /* NULL: nothing */

/* enum frame_found, or ERR_MALFORMED or ERR_IO, which name path and packet. The frame's bytes
 * are valid until the next call. */
int frames_next(struct frames *f, struct packet_frame *ret, struct err *err);
uint64_t frames_number(const struct frames *f); /* of the latest packet, from 1 */

/* Time of the first packet of a capture; false if there is none, or none can be read: why is
 * told when it is read. */
bool frames_first(const char *path, int64_t *ret_ns);

#endif
