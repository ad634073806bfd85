/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/block.h"

static void end_at(struct block *b, size_t end)
{
    b->end = end;
    memset(b->p + end, 0, BLOCK_PADDING);
}

static void skip_bom(struct block *b)
{
    if (b->end >= 3 && memcmp(b->p, "\xef\xbb\xbf", 3) == 0)
        b->start = 3;
}

void block_begin(struct block *b, struct input *in)
{
    b->in = in;
    b->start = 0;
    b->at_end = false;
    end_at(b, 0);
}

void block_begin_text(struct block *b, struct span text)
{
    size_t n = text.n < BLOCK_SIZE ? text.n : BLOCK_SIZE;
    block_begin(b, NULL);
    if (n)
        memcpy(b->p, text.p, n);
    b->at_end = true;
    end_at(b, n);
    skip_bom(b);
}

int block_fill(struct block *b, struct err *err)
{
    size_t kept = b->end - b->start;
    bool first = b->end == 0;
    if (kept == BLOCK_SIZE)
        return ERR_LIMIT;
    memmove(b->p, b->p + b->start, kept);
    b->start = 0;
    b->end = kept;
    do {
        ssize_t got = input_read(b->in, b->p + b->end, BLOCK_SIZE - b->end, err);
        if (got < 0)
            return (int)got;
        b->end += (size_t)got;
        b->at_end = got == 0;
    } while (first && b->end < 3 && !b->at_end);
    end_at(b, b->end);
    if (first)
        skip_bom(b);
    return 0;
}
