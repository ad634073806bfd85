/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `zeek`: dns.log as Zeek's ASCII writer writes it. The lines that begin
 * with '#' say what parts the fields and which there are, and may come again in the
 * middle when logs were put together. */
#include "ingest/zeek.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ingest/lines.h"

enum { SETTING = 32 };

const struct fields_name zeek_names[] = {
    {"ts", COLUMN_TIME},
    {"id.orig_h", COLUMN_CLIENT},
    {"id.orig_p", COLUMN_PORT},
    {"id.resp_h", COLUMN_SERVER},
    {"id.resp_p", COLUMN_SERVER_PORT},
    {"trans_id", COLUMN_ID},
    {"query", COLUMN_NAME},
    {"qtype", COLUMN_QTYPE},
    {"rcode", COLUMN_RCODE},
    {"TTLs", COLUMN_TTL},
    {"TTLs[]", COLUMN_TTL}, /* JSON */
    {"opcode", COLUMN_OPCODE},
    {NULL, 0},
};

/* Text that a header line sets. */
struct setting {
    char text[SETTING];
    size_t n;
};

struct zeek {
    struct lines *lines;
    struct fields fields;
    char separator;
    struct setting unset, empty, set_separator;
    int at[COLUMN_KINDS];
    size_t n; /* fields of a row; 0: no #fields yet */
};

static struct span setting(const struct setting *s)
{
    return span_make(s->text, s->n);
}

static bool probe(struct span head)
{
    struct span line;
    for (size_t at = 0; lines_of_text(head, &at, &line) && span_starts(line, "#");)
        if (span_starts(line, "#separator ") || span_starts(line, "#fields"))
            return true;
    return false;
}

static void zeek_close(void *state)
{
    struct zeek *z = state;
    lines_free(z->lines);
    free(z);
}

static int zeek_open(void **ret_state, struct input *in, const struct source_opts *opts,
                     struct err *err)
{
    struct zeek *z = mem_zero(1, sizeof *z);
    int rc = fields_begin(&z->fields, opts, err);
    if (rc < 0) {
        free(z);
        return rc;
    }
    z->lines = lines_new(in);
    z->separator = '\t';
    z->unset = (struct setting){"-", 1};
    z->empty = (struct setting){"(empty)", 7};
    z->set_separator = (struct setting){",", 1};
    *ret_state = z;
    return 0;
}

/* ---- header lines ------------------------------------------------------------------ */

/* "\x09" or the byte itself. */
static int set_separator(struct zeek *z, struct span value, struct err *err)
{
    char text[5] = "";
    unsigned byte = 0;
    int used = 0;
    if (value.n == 4)
        memcpy(text, value.p, 4);
    if (sscanf(text, "\\x%2x%n", &byte, &used) == 1 && used == 4 && byte)
        z->separator = (char)byte;
    else if (value.n == 1)
        z->separator = value.p[0];
    else
        return err_set(err, ERR_MALFORMED,
                       "expected one byte such as \\x09 after #separator, found '%.*s'",
                       (int)(value.n < 40 ? value.n : 40), value.p);
    return 0;
}

static void set(struct setting *s, struct span value)
{
    s->n = value.n < SETTING ? value.n : SETTING;
    if (s->n)
        memcpy(s->text, value.p, s->n);
}

/* The part of *rest before the next separator; false when nothing is left. */
static bool next_cell(struct span *rest, char separator, struct span *ret)
{
    if (!rest->p)
        return false;
    const char *end = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *ret = span_make(rest->p, n);
    *rest = end ? span_make(end + 1, rest->n - n - 1) : span_make(NULL, 0);
    return true;
}

static int set_fields(struct zeek *z, struct span names, struct err *err)
{
    struct span rest = names, name;
    for (int k = 0; k < COLUMN_KINDS; k++)
        z->at[k] = -1;
    for (z->n = 0; next_cell(&rest, z->separator, &name); z->n++) {
        int k = fields_find(zeek_names, name);
        if (k >= 0)
            z->at[k] = (int)z->n;
    }
    if (z->at[COLUMN_TIME] >= 0 && z->at[COLUMN_CLIENT] >= 0 && z->at[COLUMN_NAME] >= 0)
        return 0;
    return err_set(err, ERR_MALFORMED,
                   "expected #fields of dns.log with ts, id.orig_h and query, found '%.*s'",
                   (int)(names.n < 400 ? names.n : 400), names.p);
}

static int read_header(struct zeek *z, struct span line, struct err *err)
{
    size_t n = 0;
    while (n < line.n && line.p[n] != z->separator && line.p[n] != ' ')
        n++;
    struct span key = span_make(line.p, n);
    struct span value = span_make(line.p + n + (n < line.n), line.n - n - (n < line.n));
    int rc = 0;
    if (span_is(key, "#separator"))
        rc = set_separator(z, value, err);
    else if (span_is(key, "#set_separator"))
        set(&z->set_separator, value);
    else if (span_is(key, "#empty_field"))
        set(&z->empty, value);
    else if (span_is(key, "#unset_field"))
        set(&z->unset, value);
    else if (span_is(key, "#fields"))
        rc = set_fields(z, value, err);
    return rc < 0 ? rc : SKIP_HEADER;
}

/* ---- rows -------------------------------------------------------------------------- */

static struct span least_ttl(const struct zeek *z, struct span list)
{
    struct span least = {0};
    const struct span separator = setting(&z->set_separator);
    while (list.n) {
        const char *end = separator.n ? memmem(list.p, list.n, separator.p, separator.n) : NULL;
        size_t n = end ? (size_t)(end - list.p) : list.n;
        fields_least(&least, span_make(list.p, n));
        n += end ? separator.n : 0;
        list = span_make(list.p + n, list.n - n);
    }
    return least;
}

/* The cells of a row by column; false if there are too many or too few. */
static bool split(const struct zeek *z, const struct line *line, struct span cell[COLUMN_KINDS])
{
    struct span rest = span_make(line->p, line->n), found[ROWS_CELLS];
    size_t n = 0;
    while (n < ROWS_CELLS && next_cell(&rest, z->separator, &found[n]))
        n++;
    if (n != z->n || rest.p)
        return false;
    for (int k = 0; k < COLUMN_KINDS; k++) {
        cell[k] = z->at[k] < 0 ? span_make("", 0) : found[z->at[k]];
        if (span_equal(cell[k], setting(&z->unset)))
            cell[k].n = 0;
    }
    return true;
}

static int read_line(void *state, struct line *line, struct line_made *made, struct err *err)
{
    struct zeek *z = state;
    struct span cell[COLUMN_KINDS];
    if (line->p[0] == '#')
        return read_header(z, span_make(line->p, line->n), err);
    if (z->n == 0)
        return err_set(err, ERR_MALFORMED, "expected a line #fields first, found a row");
    if (!split(z, line, cell))
        return SKIP_BAD_COLUMNS;
    if (span_equal(cell[COLUMN_NAME], setting(&z->empty)))
        cell[COLUMN_NAME] = span_of("."); /* the root has no text */
    else if (cell[COLUMN_NAME].n)
        fields_unescape(line->p + (cell[COLUMN_NAME].p - line->p), cell[COLUMN_NAME].n);
    cell[COLUMN_TTL] = least_ttl(z, cell[COLUMN_TTL]);
    int rc = fields_tell(&z->fields, cell[COLUMN_TIME], err);
    if (rc == 0)
        rc = (int)fields_read(&z->fields, cell, made->v);
    made->bad = z->fields.bad;
    return rc;
}

static int zeek_next(void *state, struct batch *b, struct err *err)
{
    struct zeek *z = state;
    return lines_batch(z->lines, b, read_line, z, err);
}

const struct source_format format_zeek = {
    .name = "zeek",
    .help = "Zeek dns.log, tab-separated or with any other #separator",
    .cite = "Zeek manual, dns.log",
    .probe = probe,
    .open = zeek_open,
    .next = zeek_next,
    .close = zeek_close,
};
