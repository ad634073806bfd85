/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lines - text logs, a line a record. Hides reading, line ends (LF, CRLF), and
 * the accounts of batches: a format says what one line is.
 *
 *     static int read_line(void *state, struct line *line, struct line_made *made,
 *                          struct err *err);
 *     ...
 *     return lines_batch(s->lines, b, read_line, s, err);
 *
 * A line is at most BLOCK_SIZE bytes long. Its bytes may be written to, and what
 * points into them is valid until the next batch.
 */
#ifndef INGEST_LINES_H
#define INGEST_LINES_H

#include "ingest/source.h"

enum { LINES_MADE = 16 }; /* most look-ups in one line */

struct line {
    char *p;
    size_t n;
    uint64_t number; /* from 1 */
};

/* What a line is: n look-ups (usually 1), or a skip of the reason that was
 * returned. A line of n look-ups is n records. */
struct line_made {
    struct lookup *v; /* room for LINES_MADE, v[0] as of an unknown query */
    size_t n;
    struct span bad; /* what of a malformed line is wrong; p NULL: the line */
};

/* SKIP_REASONS: made->v[0..n). Less: why the line is skipped. Negative: the
 * whole input is refused; lines_batch puts path and line before the message. */
typedef int line_reader(void *state, struct line *line, struct line_made *made,
                        struct err *err);

struct lines;

struct lines *lines_new(struct input *in);
void lines_free(struct lines *l);

/* As the next of a source_format. */
int lines_batch(struct lines *l, struct batch *b, line_reader *read, void *state,
                struct err *err);

/* The next line of `text` at *at, without its line end; false if there is none. For probes. */
bool lines_of_text(struct span text, size_t *at, struct span *ret);

#endif
