/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * report - DIR/results.json to pages for people. THE REPORT TABLE.
 *
 * Renderers read the parsed results only, and compute nothing but the spelling
 * of numbers; the same results give the same bytes.
 *
 *     json_t *results;
 *     struct report_done done;
 *     if (report_load(&results, dir, err) < 0 ||
 *         report_write(&done, results, dir, NULL, err) < 0) ...
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdio.h>

#include <jansson.h>

#include "base/err.h"
#include "report/figures.h"

struct report_format {
    const char *name, *file, *help;
    /* NULL: a folder of CSV (report/tables.h) */
    void (*render)(FILE *out, const json_t *results, const struct figures *figures);
};

extern const struct report_format report_table[]; /* name NULL ends it */
const struct report_format *report_find(const char *name);

/* Parse DIR/results.json; ERR_MALFORMED when it is no results file. The caller
 * ends it with json_decref. */
int report_load(json_t **ret_results, const char *dir, struct err *err);

struct report_done {
    size_t figures, missing; /* drawn; left out */
    char why[256];           /* of what was left out */
};

/* Write DIR/figures and the files of one format, or of all (format NULL). */
int report_write(struct report_done *ret, const json_t *results, const char *dir,
                 const struct report_format *format, struct err *err);

#endif
