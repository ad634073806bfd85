/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as delimited text: the two splitters must give the same rows, and
 * the source must account for every row. */
#include "ingest/rows.h"
#include "tests/fuzz/source.h"

static void compare_cells(const struct row *a, const struct row *b)
{
    require(a->n == b->n && a->line == b->line, "same number of cells, same line");
    require(a->blank == b->blank && a->last == b->last && a->open == b->open, "same marks");
    for (size_t i = 0; i < a->n && i < ROWS_CELLS; i++)
        require(span_equal(row_cell(a, i), row_cell(b, i)), "same cells");
}

static void compare_splitters(struct span text, char delimiter)
{
    struct rows *scanner = rows_of_text(text, delimiter, false);
    struct rows *libcsv = rows_of_text(text, delimiter, true);
    struct row a, b;
    enum rows_got more;
    do {
        more = rows_next(scanner, &a);
        require(rows_next(libcsv, &b) == more, "same number of rows");
        if (more == ROWS_ROW)
            compare_cells(&a, &b);
    } while (more == ROWS_ROW);
    rows_free(scanner);
    rows_free(libcsv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",|\t; ";
    if (size < 2)
        return 0;
    struct span text = span_make(data + 1, size - 1);
    struct source_opts by_content = {.format = "delimited"};
    struct source_opts by_name = {.format = "delimited", .columns = "time,client,name,qtype"};
    compare_splitters(text, delimiters[data[0] % 5]);
    read_source(text, &by_content, false);
    read_source(text, &by_name, false);
    return 0;
}
