/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/lines.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/block.h"

struct lines {
    uint64_t number;
    size_t seen; /* bytes behind b.start that hold no line feed */
    bool cut_told;
    struct block b;
};

struct lines *lines_new(struct input *in)
{
    struct lines *l = mem_alloc(sizeof *l); /* the block need not be cleared */
    memset(l, 0, offsetof(struct lines, b));
    block_begin(&l->b, in);
    return l;
}

void lines_free(struct lines *l)
{
    free(l);
}

static size_t without_cr(const char *p, size_t n)
{
    return n && p[n - 1] == '\r' ? n - 1 : n;
}

bool lines_of_text(struct span text, size_t *at, struct span *ret)
{
    if (*at >= text.n)
        return false;
    const char *p = text.p + *at, *end = memchr(p, '\n', text.n - *at);
    size_t n = end ? (size_t)(end - p) : text.n - *at;
    *at += n + 1;
    *ret = span_make(p, without_cr(p, n));
    return true;
}

enum got { GOT_END, GOT_LINE, GOT_NOTHING };

/* The next line of the block; *ret_last if the input ends without its line feed. */
static enum got next_line(struct lines *l, struct line *ret, bool *ret_last)
{
    struct block *b = &l->b;
    char *p = b->p + b->start, *end = NULL;
    size_t left = b->end - b->start;
    if (left > l->seen)
        end = memchr(p + l->seen, '\n', left - l->seen);
    if (!end && !b->at_end) {
        l->seen = left;
        return GOT_NOTHING;
    }
    if (!left)
        return GOT_END;
    size_t n = end ? (size_t)(end - p) : left;
    *ret_last = !end;
    *ret = (struct line){.p = p, .n = without_cr(p, n), .number = ++l->number};
    b->start += n + (end != NULL);
    l->seen = 0;
    return GOT_LINE;
}

static bool is_blank(const struct line *line)
{
    for (size_t i = 0; i < line->n; i++)
        if (line->p[i] != ' ' && line->p[i] != '\t')
            return false;
    return true;
}

/* One line into the batch. */
static int take(struct lines *l, struct batch *b, struct line *line, bool last,
                line_reader *read, void *state, struct err *err)
{
    struct line_made made = {.v = b->v + b->n, .n = 1};
    made.v[0] = (struct lookup){.kind = LOOKUP_QUERY,
                                .weight = 1,
                                .rcode = LOOKUP_UNKNOWN,
                                .id = LOOKUP_UNKNOWN,
                                .port = LOOKUP_UNKNOWN,
                                .ttl_s = LOOKUP_UNKNOWN};
    bool cut = last && input_cut(l->b.in);
    struct span whole = span_make(line->p, line->n);
    int why = is_blank(line) ? SKIP_BLANK : cut ? SKIP_CUT : read(state, line, &made, err);
    if (why < 0)
        return why == ERR_USAGE || !err
                   ? why
                   : err_context(err, "%s:%ju", input_path(l->b.in), (uintmax_t)line->number);
    if (last && why < SKIP_REASONS && skip_table[why].class == SKIP_MALFORMED)
        why = SKIP_CUT; /* what is wrong with it is that its end is missing */
    *b->read += why == SKIP_REASONS ? made.n : 1;
    if (why != SKIP_REASONS)
        skips_add(b->skips, (enum skip_reason)why, line->number, made.bad.p ? made.bad : whole);
    for (size_t i = 0; why == SKIP_REASONS && i < made.n; i++)
        b->v[b->n++].at = line->number;
    l->cut_told |= why == SKIP_CUT;
    return 0;
}

static int fill(struct lines *l, struct err *err)
{
    int rc = block_fill(&l->b, err);
    if (rc == ERR_LIMIT)
        return err_set(err, ERR_LIMIT,
                       "%s:%ju: expected a line of less than %d bytes, found a longer one",
                       input_path(l->b.in), (uintmax_t)l->number + 1, BLOCK_SIZE);
    return rc;
}

int lines_batch(struct lines *l, struct batch *b, line_reader *read, void *state,
                struct err *err)
{
    struct line line;
    bool last = false;
    while (b->n <= SOURCE_BATCH - LINES_MADE) {
        enum got got = next_line(l, &line, &last);
        if (got == GOT_END) {
            batch_tell_cut(b, l->b.in, l->cut_told);
            l->cut_told = true;
            return b->n > 0;
        }
        if (got == GOT_NOTHING && b->n > 0) /* they lie in the block */
            return 1;
        int rc = got == GOT_LINE ? take(l, b, &line, last, read, state, err) : fill(l, err);
        if (rc < 0)
            return rc;
    }
    return 1;
}
