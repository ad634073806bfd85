/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rows - a table of JSON values as TSV with a heading, or as JSON lines.
 *
 *     struct rows r;
 *     if (rows_open(&r, "-", "tsv", columns, COLUMNS, err) < 0) ...
 *     rows_put(&r, values);            // takes the values
 *     rc = rows_close(&r, err);
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <jansson.h>
#include <stdbool.h>

#include "report/output.h"

struct rows {
    struct output out;
    bool tsv;
    const char *const *columns;
    size_t n;
};

/* path "-": stdout. ERR_USAGE for a format that is neither tsv nor jsonl. */
int rows_open(struct rows *r, const char *path, const char *format, const char *const *columns,
              size_t n, struct err *err);
int rows_format(const char *format, bool *ret_tsv, struct err *err);
void rows_put(struct rows *r, json_t *const *values);
int rows_close(struct rows *r, struct err *err);

#endif
