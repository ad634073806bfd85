/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compare - two parsed results.json side by side.
 */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/* The JSON pointer of the first value that differs, in the order of `a`, and both values in
 * short; malloced. NULL: they are equal, numbers to a relative 1e-9. */
char *compare_first(const json_t *a, const json_t *b);

/* What an opponent's assumption changes: plan values, screens, and for each claim of either
 * its verdict, effect and nulls; lines that differ begin with "*". */
void compare_write(FILE *out, const json_t *a, const json_t *b);

#endif
