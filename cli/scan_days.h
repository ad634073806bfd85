/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scan_days - `scan --unit days`: one row a pair, from models/crosstab.h.
 */
#ifndef CLI_SCAN_DAYS_H
#define CLI_SCAN_DAYS_H

#include <jansson.h>

#include "models/crosstab.h"

/* top 0: all rows; alpha NAN: no summary on stderr. Over the whole of live time. */
int scan_days(const struct counts *c, const char *path, const char *format, size_t top,
              double alpha, size_t threads, struct err *err);

/* The names of a row's columns and its values, which the caller owns; also what `explain`
 * prints of a pair. */
enum { SCAN_DAYS_COLUMNS = 32 };
extern const char *const scan_days_columns[SCAN_DAYS_COLUMNS];
void scan_days_values(const struct counts *c, const struct crosstab *t, size_t row,
                      json_t *ret[SCAN_DAYS_COLUMNS]);

#endif
