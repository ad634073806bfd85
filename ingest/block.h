/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * block - a window on the text of an input: what is read and not yet used.
 *
 *     struct block *b = block_new(in);
 *     use(b->p + b->start, b->end - b->start);
 *     b->start = ...;                      // used up to here
 *     block_fill(b, err);                  // moves what is left to the front
 *
 * Hides reading and the byte order mark. 16 bytes behind `end` may be loaded.
 */
#ifndef INGEST_BLOCK_H
#define INGEST_BLOCK_H

#include "base/err.h"
#include "base/span.h"
#include "ingest/input.h"

enum { BLOCK_SIZE = 1 << 20, BLOCK_PADDING = 16 };

struct block {
    struct input *in;  /* NULL: all of the text is in the block */
    size_t start, end; /* of what is not yet used */
    bool at_end;       /* nothing is left to read */
    char p[BLOCK_SIZE + BLOCK_PADDING];
};

/* An empty block: the first bytes come with block_fill. */
void block_begin(struct block *b, struct input *in);
/* All there is to read: a copy of the first BLOCK_SIZE bytes of a text. */
void block_begin_text(struct block *b, struct span text);

/* Read on. ERR_LIMIT without a message when the block is full of unused bytes,
 * else what input_read says. */
int block_fill(struct block *b, struct err *err);

#endif
