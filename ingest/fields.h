/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fields - the texts of one record, by what they are, to a look-up. What rows,
 * Zeek's columns and JSON objects have in common, whatever they call their fields.
 *
 *     struct fields f;
 *     fields_begin(&f, opts);
 *     ...
 *     enum skip_reason why = fields_read(&f, cell, &v);   // SKIP_REASONS: v
 */
#ifndef INGEST_FIELDS_H
#define INGEST_FIELDS_H

#include "ingest/columns.h"
#include "ingest/source.h"
#include "ingest/stamp.h"

enum { FIELDS_MEMO = 64, FIELDS_MEMO_TEXT = 16 };

/* A spelling of a type or code already looked up; there are few. */
struct fields_memo {
    char text[FIELDS_MEMO_TEXT];
    size_t n; /* 0: free */
    int value;
};

struct fields {
    struct stamp stamp;
    bool told;       /* the stamp's form is known */
    struct span bad; /* the field that fields_read found malformed */
    struct fields_memo qtypes[FIELDS_MEMO], rcodes[FIELDS_MEMO];
};

/* ERR_USAGE for an unknown opts->time_format. */
int fields_begin(struct fields *f, const struct source_opts *opts, struct err *err);

/* The form of the times is that of the first that has one. ERR_MALFORMED when it is
 * a time without zone and no zone was given. */
int fields_tell(struct fields *f, struct span time, struct err *err);

/* An empty cell is a field that is not there. SKIP_REASONS: *ret is a look-up; else
 * why not. The reasons are looked for in the order time, port of another protocol,
 * opcode, name and client, the rest. */
enum skip_reason fields_read(struct fields *f, const struct span cell[COLUMN_KINDS],
                             struct lookup *ret);

/* What a log calls its fields; a list ends with name NULL. */
struct fields_name {
    const char *name;
    int column; /* enum column, or the caller's own from COLUMN_KINDS on */
};

/* The column, or -1. */
int fields_find(const struct fields_name *names, struct span name);

/* \xHH, as Zeek and Suricata write a byte that is not printable, to \DDD, which is as
 * long. */
void fields_unescape(char *p, size_t n);

/* The least of a list of TTLs, one call each: the whole part of a decimal number.
 * What is no number is passed over. */
void fields_least(struct span *least, struct span ttl);

#endif
