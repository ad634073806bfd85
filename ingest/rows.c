/* SPDX-License-Identifier: GPL-3.0-or-later
 * Every row starts outside quotation marks, so each can choose its own way: the
 * scanner walks it, and at the first quotation mark libcsv takes it from its
 * start. libcsv's cells are written back over the row they came from, which is
 * never shorter than what it says; so no row needs memory of its own. */
#include "ingest/rows.h"

#include <csv.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/mem.h"
#include "ingest/block.h"

struct rows {
    char delimiter;
    bool only_libcsv;
    bool after_cr; /* a line feed that comes next belongs to the last row's end */
    uint64_t line;

    struct csv_parser csv;
    bool in_csv;       /* libcsv is inside the row at hand */
    bool row_done;     /* it has come to its end */
    size_t fed, out;   /* block offset it has seen; row bytes written back */
    uint64_t newlines; /* inside the row */

    size_t n; /* cells of the row at hand */
    struct row_cell cells[ROWS_CELLS];
    struct block b; /* starts at the row at hand */
};

static struct rows *rows_make(char delimiter, bool only_libcsv)
{
    struct rows *r = mem_alloc(sizeof *r); /* the block need not be cleared */
    memset(r, 0, offsetof(struct rows, cells));
    r->delimiter = delimiter;
    r->only_libcsv = only_libcsv;
    r->line = 1;
    csv_init(&r->csv, 0);
    csv_set_delim(&r->csv, (unsigned char)delimiter);
    return r;
}

struct rows *rows_new(struct input *in, char delimiter, bool only_libcsv)
{
    struct rows *r = rows_make(delimiter, only_libcsv);
    block_begin(&r->b, in);
    return r;
}

struct rows *rows_of_text(struct span text, char delimiter, bool only_libcsv)
{
    struct rows *r = rows_make(delimiter, only_libcsv);
    block_begin_text(&r->b, text);
    return r;
}

void rows_free(struct rows *r)
{
    if (!r)
        return;
    csv_free(&r->csv);
    free(r);
}

int rows_fill(struct rows *r, struct err *err)
{
    if (r->in_csv)
        r->fed -= r->b.start;
    int rc = block_fill(&r->b, err);
    if (rc == ERR_LIMIT)
        return err_set(err, ERR_LIMIT,
                       "%s:%ju: expected a row of less than %d bytes, found a longer one (is a "
                       "quotation mark never closed?)",
                       input_path(r->b.in), (uintmax_t)r->line, ROWS_BLOCK);
    return rc;
}

/* ---- cells ------------------------------------------------------------------------ */

static bool is_blank(const struct rows *r, char c)
{
    return (c == ' ' || c == '\t') && c != r->delimiter;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

static void add_cell(struct rows *r, size_t from, size_t to)
{
    const char *p = r->b.p + r->b.start;
    while (from < to && is_blank(r, p[from]))
        from++;
    while (from < to && is_blank(r, p[to - 1]))
        to--;
    if (r->n < ROWS_CELLS)
        r->cells[r->n] = (struct row_cell){(uint32_t)from, (uint32_t)(to - from)};
    r->n++;
}

/* Hand out the row at hand and step behind its line end, which is at `end`. */
static enum rows_got hand_out(struct rows *r, size_t end, struct row *ret)
{
    bool last = end == r->b.end;
    *ret = (struct row){.p = r->b.p + r->b.start,
                        .cells = r->cells,
                        .n = r->n,
                        .line = r->line,
                        .blank = r->n == 0,
                        .last = last};
    r->line += 1 + r->newlines;
    r->newlines = 0;
    r->n = 0;
    r->after_cr = !last && r->b.p[end] == '\r';
    r->b.start = last ? end : end + 1;
    return ROWS_ROW;
}

/* ---- the scanner ------------------------------------------------------------------ */

/* A bit for each of 16 bytes that is a delimiter, line end or quotation mark. */
static unsigned marks(const char *p, char delimiter)
{
#ifdef __SSE2__
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
                                _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
    __m128i others = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(delimiter)),
                                  _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(ends, others));
#else
    unsigned mask = 0;
    for (int i = 0; i < 16; i++)
        mask |= (unsigned)(p[i] == delimiter || p[i] == '"' || is_line_end(p[i])) << i;
    return mask;
#endif
}

/* Cells up to the row's line end, whose offset it returns; the end of the block
 * if there is none; SIZE_MAX if there is a quotation mark. */
static size_t scan(struct rows *r)
{
    const char *row = r->b.p + r->b.start;
    size_t length = r->b.end - r->b.start, cell = 0;
    for (size_t base = 0; base < length; base += 16)
        for (unsigned mask = marks(row + base, r->delimiter); mask; mask &= mask - 1) {
            size_t at = base + (size_t)__builtin_ctz(mask);
            if (at >= length)
                break;
            if (row[at] == '"')
                return SIZE_MAX;
            add_cell(r, cell, at);
            if (row[at] != r->delimiter)
                return r->b.start + at;
            cell = at + 1;
        }
    add_cell(r, cell, length);
    return r->b.end;
}

/* ---- libcsv ----------------------------------------------------------------------- */

static void on_cell(void *p, size_t n, void *context)
{
    struct rows *r = context;
    memmove(r->b.p + r->b.start + r->out, p, n);
    add_cell(r, r->out, r->out + n);
    r->out += n;
}

static void on_row(int c, void *context)
{
    struct rows *r = context;
    (void)c;
    r->row_done = true;
}

static void feed(struct rows *r, const char *p, size_t n)
{
    if (csv_parse(&r->csv, p, n, on_cell, on_row, r) != n)
        mem_alloc(SIZE_MAX); /* it fails for want of memory only */
}

static enum rows_got end_csv(struct rows *r, size_t end, struct row *ret)
{
    r->in_csv = false;
    return hand_out(r, end, ret);
}

/* Feed libcsv up to and with each line end until one of them ends the row. */
static enum rows_got next_by_libcsv(struct rows *r, struct row *ret)
{
    if (!r->in_csv) {
        r->in_csv = true;
        r->row_done = false;
        r->fed = r->b.start;
        r->out = 0;
    }
    while (r->fed < r->b.end) {
        size_t to = r->fed;
        while (to < r->b.end && !is_line_end(r->b.p[to]))
            to++;
        bool line_end = to < r->b.end;
        feed(r, r->b.p + r->fed, to - r->fed + line_end);
        r->fed = to + line_end;
        if (r->row_done)
            return end_csv(r, to, ret);
        r->newlines += line_end && r->b.p[to] == '\n';
    }
    if (!r->b.at_end)
        return ROWS_FILL;
    feed(r, "\n", 1); /* ends the row, unless a quotation mark is open */
    bool open = !r->row_done;
    if (open)
        csv_fini(&r->csv, on_cell, on_row, r);
    end_csv(r, r->b.end, ret);
    ret->open = open;
    return ROWS_ROW;
}

/* ---- rows ------------------------------------------------------------------------- */

enum rows_got rows_next(struct rows *r, struct row *ret)
{
    if (r->in_csv)
        return next_by_libcsv(r, ret);
    if (r->after_cr && r->b.start < r->b.end) {
        r->b.start += r->b.p[r->b.start] == '\n';
        r->after_cr = false;
    }
    size_t end = r->b.start;
    while (end < r->b.end && is_blank(r, r->b.p[end]))
        end++;
    bool nothing = end == r->b.end;
    if (nothing && !r->b.at_end)
        return ROWS_FILL;
    if (nothing && r->b.start == r->b.end)
        return ROWS_END;
    if (nothing || is_line_end(r->b.p[end]))
        return hand_out(r, end, ret);
    end = r->only_libcsv ? SIZE_MAX : scan(r);
    if (end == SIZE_MAX || (end == r->b.end && !r->b.at_end))
        r->n = 0;
    if (end == SIZE_MAX)
        return next_by_libcsv(r, ret);
    if (end == r->b.end && !r->b.at_end)
        return ROWS_FILL;
    return hand_out(r, end, ret);
}
