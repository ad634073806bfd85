/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * framestream - Frame Streams (farsightsec.github.io/fstrm): data frames between
 * control frames, as dnstap writers store them.
 *
 * Hides lengths and control frames, of one direction (START ... STOP) and of both
 * (READY, ACCEPT, START ... STOP, FINISH), and streams put one behind another.
 * Each START must name our content type, or none.
 *
 *     struct framestream *f = framestream_new(in, "protobuf:dnstap.Dnstap");
 *     while ((got = framestream_next(f, &frame, err)) == FRAMESTREAM_DATA) ...
 *     framestream_free(f);
 */
#ifndef INGEST_FRAMESTREAM_H
#define INGEST_FRAMESTREAM_H

#include "base/err.h"
#include "base/span.h"
#include "ingest/input.h"

enum { FRAMESTREAM_FRAME_MAX = 1 << 20 }; /* fstrm's own limit */

enum framestream_got {
    FRAMESTREAM_END,
    FRAMESTREAM_DATA,
    FRAMESTREAM_CUT, /* input ends inside a frame: once, then FRAMESTREAM_END */
};

struct framestream;

/* Does it begin with START or READY? */
bool framestream_probe(struct span head);

struct framestream *framestream_new(struct input *in, const char *content_type);
void framestream_free(struct framestream *f);

/* enum framestream_got or a failure. *ret_frame is valid until the next call. A
 * stream without its STOP frame is no error: its writer was killed between frames. */
int framestream_next(struct framestream *f, struct span *ret_frame, struct err *err);

#endif
