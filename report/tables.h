/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tables - every list of results.json as CSV, with all digits.
 *
 * DIR/tables holds one file a list of objects, named for where it stands: claims.csv,
 * claims.nulls.csv, claims.models.params.csv, integrity.csv. Its first columns say which
 * object the list belongs to (its id, or its number from 0); then each member that is a
 * number or text, of inner objects too (effect.value), in the order of results.json; a list
 * of texts is one field, with "; " between them. Null is an empty field. Plots are left
 * out: their numbers are in figures/. A list that results.json gains gets its file.
 */
#ifndef REPORT_TABLES_H
#define REPORT_TABLES_H

#include <jansson.h>

#include "base/err.h"

int tables_write(const json_t *results, const char *dir, struct err *err);

#endif
