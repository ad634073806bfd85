/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bib - the works that results.json cites, as BibTeX. THE REFERENCE TABLE.
 *
 * A cite of the results is short: "Holm 1979", or several with "; " between them. One that
 * the table begins with gets the table's full entry; any other becomes a @misc entry
 * of its own words, so that no citation is without a reference. "methods.md C3" and the like
 * refer to the program's documentation.
 */
#ifndef REPORT_BIB_H
#define REPORT_BIB_H

#include <stdio.h>

#include <jansson.h>

enum { DOC_KEYS_MAX = 512 };

/* "Holm1979,Jung2004" of a cite; "" of an empty one. Returns out. */
char *bib_keys(char out[DOC_KEYS_MAX], const char *cite);

/* Every work that a "cite" anywhere in the results names, and those of the methods paragraph,
 * once each, sorted by key. */
void bib_write(FILE *out, const json_t *results);

#endif
