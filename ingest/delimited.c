/* SPDX-License-Identifier: GPL-3.0-or-later
 * The format `delimited`: rows of cells, which columns.h names, to look-ups.
 * Cells are handed out where they lie in the block; nothing is allocated for a
 * record. */
#include "ingest/source.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ingest/columns.h"
#include "ingest/fields.h"
#include "ingest/rows.h"
#include "ingest/stamp.h"

enum { HEAD = 4096 };

struct delimited {
    struct input *in;
    struct rows *rows;
    struct columns columns;
    struct fields fields;
    bool past_heading, cut_told;
};

/* ---- the beginning ----------------------------------------------------------------- */

/* Text, with a delimiter on its first line. */
static bool probe(struct span head)
{
    for (size_t i = 0; i < head.n; i++)
        if ((unsigned char)head.p[i] < ' ' && !strchr("\t\n\r\f", head.p[i]))
            return false;
    return !memchr(head.p, '\0', head.n) && columns_delimiter(head) != '\0';
}

/* A heading that names a time, a client, a name and a count. */
static bool probe_counts(struct span head)
{
    struct columns c;
    return probe(head) && columns_find(&c, head, columns_delimiter(head), NULL, NULL) == 0 &&
           c.heading && c.at[COLUMN_COUNT] >= 0;
}

/* What the first rows say about the form of the time column. */
struct time_survey {
    size_t seen[STAMP_FORMS];
    char bad[64], bare[64]; /* a cell that is no time; one without zone */
    uint64_t bad_line, bare_line;
};

static void keep_cell(char out[64], uint64_t *ret_line, const struct row *row, struct span s)
{
    if (*ret_line)
        return;
    *ret_line = row->line;
    size_t n = s.n < 63 ? s.n : 63;
    for (size_t i = 0; i < n; i++)
        out[i] = (char)((unsigned char)s.p[i] < ' ' ? '?' : s.p[i]);
    out[n] = '\0';
}

static void survey_times(struct time_survey *v, const struct columns *c, struct span head,
                         char delimiter)
{
    struct rows *rows = rows_of_text(head, delimiter, false);
    struct row row;
    for (bool first = true; rows_next(rows, &row) == ROWS_ROW;) {
        if (row.blank || row.n != c->n || (row.last && head.n == HEAD) ||
            columns_is_comment(&row))
            continue;
        bool heading = first && c->heading, zone;
        first = false;
        if (heading)
            continue;
        struct span s = row_cell(&row, (size_t)c->at[COLUMN_TIME]);
        int form = stamp_tell(s, &zone);
        if (form < 0)
            keep_cell(v->bad, &v->bad_line, &row, s);
        else
            v->seen[form]++;
        if (form >= 0 && !zone)
            keep_cell(v->bare, &v->bare_line, &row, s);
    }
    rows_free(rows);
}

/* The form that most of the first rows have; of two, the finer unit loses. */
static int choose_form(struct stamp *st, const struct time_survey *v, struct err *err)
{
    size_t best = 0;
    for (size_t f = 1; f < STAMP_FORMS; f++)
        if (v->seen[f] > v->seen[best])
            best = f;
    st->form = (enum stamp_form)best;
    if (v->seen[best] == 0 && v->bad_line)
        return err_set(err, ERR_MALFORMED,
                       "%ju: expected a time in ISO-8601 or since 1970, found '%s'",
                       (uintmax_t)v->bad_line, v->bad);
    return 0;
}

static int find_stamp(struct delimited *d, struct span head, char delimiter,
                      const struct source_opts *opts, struct err *err)
{
    struct time_survey v = {0};
    int rc = fields_begin(&d->fields, opts, err);
    if (rc < 0)
        return rc;
    survey_times(&v, &d->columns, head, delimiter);
    if (!opts->time_format)
        rc = choose_form(&d->fields.stamp, &v, err);
    if (rc == 0 && d->fields.stamp.form == STAMP_ISO && v.bare_line && !opts->zone) {
        rc = stamp_no_zone(span_of(v.bare), err);
        if (err)
            err_context(err, "%ju", (uintmax_t)v.bare_line);
    }
    return rc;
}

static int find_layout(struct delimited *d, const struct source_opts *opts, struct err *err)
{
    struct span head = input_peek(d->in, HEAD);
    char delimiter = opts->delimiter ? opts->delimiter : columns_delimiter(head);
    if (delimiter == '"' || delimiter == '\n' || delimiter == '\r')
        return err_set(err, ERR_USAGE,
                       "--delimiter: expected a character that ends a cell, found a quotation "
                       "mark or line end");
    if (!delimiter)
        return err_set(
            err, ERR_MALFORMED,
            "1: expected cells between commas, pipes, tabs or semicolons, found none");
    int rc = columns_find(&d->columns, head, delimiter, opts->columns, err);
    if (rc == 0)
        rc = find_stamp(d, head, delimiter, opts, err);
    if (rc == 0)
        d->rows = rows_new(d->in, delimiter, false);
    return rc;
}

static void delimited_close(void *state)
{
    struct delimited *d = state;
    rows_free(d->rows);
    free(d);
}

static int delimited_open(void **ret_state, struct input *in, const struct source_opts *opts,
                          struct err *err)
{
    struct delimited *d = mem_zero(1, sizeof *d);
    d->in = in;
    int rc = find_layout(d, opts, err);
    if (rc < 0) {
        delimited_close(d);
        return rc == ERR_USAGE || !err ? rc : err_context(err, "%s", input_path(in));
    }
    *ret_state = d;
    return 0;
}

/* ---- one row ----------------------------------------------------------------------- */

/* The cell of a kind; empty if there is none, or it says so with "-". */
static struct span cell_of(const struct delimited *d, const struct row *row, int kind)
{
    int at = d->columns.at[kind];
    struct span s = at < 0 ? span_make("", 0) : row_cell(row, (size_t)at);
    return s.n == 1 && s.p[0] == '-' ? span_make("", 0) : s;
}

/* A look-up into *v (SKIP_REASONS), or why not. */
static enum skip_reason read_row(struct delimited *d, const struct row *row, struct lookup *v)
{
    if (row->blank)
        return SKIP_BLANK;
    if (row->open || (row->last && input_cut(d->in)))
        return SKIP_CUT;
    if (row_cell(row, 0).n && row_cell(row, 0).p[0] == '#' && columns_is_comment(row))
        return SKIP_HEADER;
    bool heading = d->columns.heading && !d->past_heading;
    d->past_heading = true;
    if (heading)
        return SKIP_HEADER;
    if (row->n != d->columns.n)
        return SKIP_BAD_COLUMNS;
    struct span cell[COLUMN_KINDS];
    for (int k = 0; k < COLUMN_KINDS; k++)
        cell[k] = cell_of(d, row, k);
    enum skip_reason why = fields_read(&d->fields, cell, v);
    if (why == SKIP_BAD_TIME && columns_is_heading(row))
        why = SKIP_HEADER; /* files put together */
    return why;
}

static struct span text_of(const struct row *row)
{
    struct span last = row_cell(row, (row->n < ROWS_CELLS ? row->n : ROWS_CELLS) - 1);
    return span_make(row->p, (size_t)(last.p + last.n - row->p));
}

/* ---- batches ----------------------------------------------------------------------- */

static int read_batch(struct delimited *d, struct batch *b, struct err *err)
{
    struct row row;
    while (b->n < SOURCE_BATCH) {
        enum rows_got got = rows_next(d->rows, &row);
        if (got == ROWS_END) {
            batch_tell_cut(b, d->in, d->cut_told);
            d->cut_told = true;
            return b->n > 0;
        }
        if (got == ROWS_FILL) {
            if (b->n > 0) /* their cells lie in the block */
                return 1;
            int rc = rows_fill(d->rows, err);
            if (rc < 0)
                return rc;
            continue;
        }
        ++*b->read;
        enum skip_reason why = read_row(d, &row, &b->v[b->n]);
        if (row.last && why < SKIP_REASONS && skip_table[why].class == SKIP_MALFORMED)
            why = SKIP_CUT; /* what is wrong with it is that its end is missing */
        if (why == SKIP_REASONS)
            b->v[b->n++].at = row.line;
        else
            skips_add(b->skips, why, row.line,
                      why == SKIP_BAD_COLUMNS ? text_of(&row) : d->fields.bad);
        d->cut_told |= why == SKIP_CUT;
    }
    return 1;
}

static int delimited_next(void *state, struct batch *b, struct err *err)
{
    struct delimited *d = state;
    int rc = read_batch(d, b, err);
    b->notes->count[NOTE_TWICE] = d->fields.stamp.twice;
    return rc;
}

const struct source_format format_delimited = {
    .name = "delimited",
    .help = "delimited text: CSV, TSV, pipes or semicolons, with or without heading",
    .cite = "RFC 4180",
    .probe = probe,
    .open = delimited_open,
    .next = delimited_next,
    .close = delimited_close,
};

const struct source_format format_counts = {
    .name = "counts",
    .help = "look-ups already counted: delimited text with a column count",
    .cite = "dnsclaim export",
    .probe = probe_counts,
    .open = delimited_open,
    .next = delimited_next,
    .close = delimited_close,
};
