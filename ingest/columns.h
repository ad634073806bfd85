/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * columns - which column of a delimited text holds what: named by the user, by
 * the heading, or by what the first rows hold. Hides the spellings of headings.
 *
 * The first row is a heading when one of its cells is a known spelling and none
 * is a time or an address; where the user names the columns, of whatever words it is. Without
 * heading, a column is the time (client, name) when each of the first rows has a time between
 * 1990 and 2100 (an address; a domain name with a dot and a letter in its last label) there;
 * and there must be exactly one of each.
 */
#ifndef INGEST_COLUMNS_H
#define INGEST_COLUMNS_H

#include "base/err.h"
#include "ingest/rows.h"

enum column {
    COLUMN_TIME, /* the first three must be there */
    COLUMN_CLIENT,
    COLUMN_NAME,
    COLUMN_QTYPE,
    COLUMN_RCODE,
    COLUMN_TTL,
    COLUMN_ID,
    COLUMN_PORT,
    COLUMN_SERVER,
    COLUMN_SERVER_PORT, /* tells other name services from DNS */
    COLUMN_OPCODE,
    COLUMN_COUNT, /* look-ups that the row stands for */
    COLUMN_KINDS
};

struct columns {
    int at[COLUMN_KINDS]; /* index in the row, -1: not there */
    size_t n;             /* cells of a row */
    bool heading;         /* the first row that is no comment is a heading */
};

/* The candidate that the first line holds most often outside quotation marks:
 * tab, pipe, semicolon or comma; 0 if none. */
char columns_delimiter(struct span head);

/* From `spec` ("time,client,name,-,qtype", or NULL) and the beginning of the
 * text. ERR_USAGE for a bad spec; ERR_MALFORMED naming what is missing and
 * listing what was found. */
int columns_find(struct columns *ret, struct span head, char delimiter, const char *spec,
                 struct err *err);

bool columns_is_comment(const struct row *row);
bool columns_is_heading(const struct row *row);

#endif
