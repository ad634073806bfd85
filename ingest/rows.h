/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rows - delimited text to rows of cells.
 *
 * Hides block reading, line ends (LF, CRLF, CR), the byte order mark, and the
 * two ways to split a row: a scanner for rows without a quotation mark, and
 * libcsv, which is right for every row, for those with one. Both give the same
 * cells; `only_libcsv` exists so that tests can say so.
 *
 *     struct rows *r = rows_new(in, ',', false);
 *     struct row row;
 *     while ((got = rows_next(r, &row)) != ROWS_END)
 *         if (got == ROWS_FILL)
 *             rows_fill(r, err);                // cells got so far are gone
 *         else
 *             use(row_cell(&row, 0));
 *
 * Blanks around a cell are no part of it, quoted or not.
 */
#ifndef INGEST_ROWS_H
#define INGEST_ROWS_H

#include "base/err.h"
#include "base/span.h"
#include "ingest/block.h"

enum {
    ROWS_BLOCK = BLOCK_SIZE, /* the longest row */
    ROWS_CELLS = 512,        /* cells kept of a row; more are only counted */
};

struct row {
    const char *p; /* what `at` counts from */
    const struct row_cell {
        uint32_t at, n;
    } * cells;
    size_t n;
    uint64_t line; /* on which it begins, from 1 */
    bool blank;    /* nothing but blanks: n is 0 */
    bool last;     /* ended by the end of the input, not by a line end */
    bool open;     /* and that inside quotation marks */
};

static inline struct span row_cell(const struct row *r, size_t i)
{
    return span_make(r->p + r->cells[i].at, r->cells[i].n);
}

struct rows;

struct rows *rows_new(struct input *in, char delimiter, bool only_libcsv);
struct rows *rows_of_text(struct span text, char delimiter, bool only_libcsv); /* copies */
void rows_free(struct rows *r);

/* ROWS_FILL: no whole row is left in the block; call rows_fill, which reads on
 * and ends the life of every cell handed out. */
enum rows_got { ROWS_END, ROWS_ROW, ROWS_FILL };
enum rows_got rows_next(struct rows *r, struct row *ret);

/* ERR_LIMIT for a row longer than ROWS_BLOCK, else what input_read says. */
int rows_fill(struct rows *r, struct err *err);

#endif
