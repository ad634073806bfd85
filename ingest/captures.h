/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * captures - the captures of one run, so that what rotation cut is read as whole.
 *
 * Captures are read in the order of the time of their first packet, equal ones by path,
 * whatever order they were given in. One that begins at or after the latest packet of a
 * capture read before it, and at most CAPTURES_GAP_NS later, continues it: TCP streams and
 * fragments that wait are carried over, with the bounds they have in one file. Each has one
 * successor, the earliest, and one predecessor. Where several taps were recorded side by
 * side, the paths say whose the next capture is: of captures that overlap in time, the one
 * whose path differs from that of the next one in fewer of its numbers, and in nothing else
 * if that can be, is of its tap. In all other cases what waits is ended with its file.
 *
 * Every record counts once, in the source that holds it: a look-up with the packet
 * that makes it whole or shows that it will not be; a segment that completes nothing
 * is SKIP_TCP_PART where it lies, and a fragment that waits at the end of its file is
 * SKIP_FRAGMENT there, even if the next file brings the rest.
 *
 *     struct captures *c = captures_new(paths, n, format);
 *     size_t i;
 *     while (captures_next(c, &i))
 *         source_open(&s, paths[i], &(struct source_opts){.captures = c}, err) ...
 *     captures_free(c);
 */
#ifndef INGEST_CAPTURES_H
#define INGEST_CAPTURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/fragment.h"

/* Nothing that waits for a part of its own waits for longer. */
#define CAPTURES_GAP_NS FRAGMENT_LIFE_NS
/* Taps at a time whose captures are carried over; of more, some begin anew. */
enum { CAPTURES_KEPT_MAX = 64 };

struct captures;
struct packets;
struct tcp;

/* The inputs of a run, of which some may be captures; `format` as in source_opts. What
 * is no regular file cannot be looked into before it is read, and continues nothing.
 * `paths` must live as long. */
struct captures *captures_new(const char *const *paths, size_t n, const char *format);
void captures_free(struct captures *c);

/* The input to read now: captures first, then the others as given. False when all
 * have been. */
bool captures_next(struct captures *c, size_t *ret_i);

/* For the reader of captures; c may be NULL. Keep takes over both if a capture that is
 * still to be read continues this one, whose latest packet is of last_ns; take gives back
 * what was kept for this one, or returns false. */
bool captures_keep(struct captures *c, struct packets *packets, struct tcp *tcp,
                   int64_t last_ns);
bool captures_take(struct captures *c, struct packets **ret_packets, struct tcp **ret_tcp);

#endif
