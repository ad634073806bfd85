/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/canon.h"
#include "ingest/stamp.h"

enum { REQUIRED = 3, SPELLINGS = 8, FOUND_MAX = 512 };

/* The first spelling is the one that messages and --columns use. */
static const char *const spellings[COLUMN_KINDS][SPELLINGS] = {
    [COLUMN_TIME] = {"time", "timestamp", "ts", "date", "datetime", "start"},
    [COLUMN_CLIENT] = {"client", "client_ip", "src", "src_ip", "source", "resolver",
                       "id.orig_h"},
    [COLUMN_NAME] = {"name", "qname", "query", "domain", "rrname"},
    [COLUMN_QTYPE] = {"qtype", "qtype_name", "type"},
    [COLUMN_RCODE] = {"rcode", "rcode_name"},
    [COLUMN_TTL] = {"ttl"},
    [COLUMN_ID] = {"id", "trans_id"},
    [COLUMN_PORT] = {"port", "src_port", "id.orig_p"},
    [COLUMN_SERVER] = {"server", "dst", "id.resp_h"},
    [COLUMN_SERVER_PORT] = {"server_port", "dst_port", "id.resp_p"},
    [COLUMN_OPCODE] = {"opcode"},
    [COLUMN_COUNT] = {"count"},
};

/* Which spelling of which column; the column, or -1. */
static int column_of(struct span s)
{
    if (s.n && s.p[0] == '#')
        s = span_make(s.p + 1, s.n - 1);
    for (int c = 0; c < COLUMN_KINDS; c++)
        for (int i = 0; i < SPELLINGS && spellings[c][i]; i++)
            if (strlen(spellings[c][i]) == s.n && strncasecmp(spellings[c][i], s.p, s.n) == 0)
                return c;
    return -1;
}

/* The first line that is neither blank nor, if any other is there, a comment. */
static struct span first_line(struct span head)
{
    struct span first = {0};
    for (size_t at = 0; at < head.n;) {
        size_t end = at;
        while (end < head.n && head.p[end] != '\n' && head.p[end] != '\r')
            end++;
        struct span line = span_make(head.p + at, end - at);
        if (line.n && line.p[0] != '#')
            return line;
        if (line.n && !first.n)
            first = line;
        at = end + 1;
    }
    return first;
}

char columns_delimiter(struct span head)
{
    static const char candidates[] = "\t|;,";
    size_t count[sizeof candidates] = {0}, best = 0;
    struct span line = first_line(head);
    bool quoted = false;
    for (size_t i = 0; i < line.n; i++) {
        const char *hit = line.p[i] ? strchr(candidates, line.p[i]) : NULL;
        quoted ^= line.p[i] == '"';
        if (hit && !quoted)
            count[hit - candidates]++;
    }
    for (size_t i = 1; i + 1 < sizeof candidates; i++)
        if (count[i] > count[best])
            best = i;
    return count[best] ? candidates[best] : '\0';
}

/* ---- what cells look like ---------------------------------------------------------- */

static bool is_time(struct span s)
{
    static const int64_t from = INT64_C(631152000), to = INT64_C(4102444800); /* 1990, 2100 */
    bool zone;
    int form = stamp_tell(s, &zone);
    if (form < 0)
        return false;
    struct stamp st = {.form = (enum stamp_form)form};
    int64_t ns;
    if (stamp_read(&st, s, &ns) < 0)
        return form == STAMP_ISO; /* for want of a zone */
    return ns >= from * NS_PER_S && ns < to * NS_PER_S;
}

static bool is_name(struct span s)
{
    char out[CANON_NAME_MAX];
    size_t n;
    if (canon_is_address(s) || is_time(s) || canon_name(s, FORM_TEXT, out, &n) < 0)
        return false;
    const char *dot = memrchr(out, '.', n);
    for (const char *p = dot; p && p < out + n; p++)
        if (*p >= 'a' && *p <= 'z')
            return true;
    return false;
}

static bool looks_like(struct span s, int column)
{
    return column == COLUMN_TIME     ? is_time(s)
           : column == COLUMN_CLIENT ? canon_is_address(s)
                                     : is_name(s);
}

/* Does no cell look like a time or an address, as in a heading of any words? */
static bool is_words(const struct row *row)
{
    for (size_t i = 0; i < row->n && i < ROWS_CELLS; i++)
        if (is_time(row_cell(row, i)) || canon_is_address(row_cell(row, i)))
            return false;
    return true;
}

bool columns_is_heading(const struct row *row)
{
    size_t kept = row->n < ROWS_CELLS ? row->n : ROWS_CELLS;
    bool known = false;
    if (!is_words(row))
        return false;
    for (size_t i = 0; i < kept; i++)
        known |= column_of(row_cell(row, i)) >= 0;
    bool marked = kept && row_cell(row, 0).n && row_cell(row, 0).p[0] == '#';
    return known && !(marked && column_of(row_cell(row, 0)) < 0);
}

bool columns_is_comment(const struct row *row)
{
    return row->n && row_cell(row, 0).n && row_cell(row, 0).p[0] == '#' &&
           !columns_is_heading(row);
}

/* ---- messages ---------------------------------------------------------------------- */

/* "'a', 'b', 'c'": the cells of a row, as far as they fit. */
static void list_cells(const struct row *row, char out[FOUND_MAX])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < row->n && i < ROWS_CELLS && used < FOUND_MAX - 1; i++) {
        struct span s = row_cell(row, i);
        int most = s.n > 40 ? 40 : (int)s.n;
        int n = snprintf(out + used, FOUND_MAX - used, "%s'%.*s%s'", i ? ", " : "", most, s.p,
                         s.n > 40 ? "..." : "");
        used += (size_t)n < FOUND_MAX - used ? (size_t)n : FOUND_MAX - 1 - used;
    }
    for (size_t i = 0; i < used; i++)
        if ((unsigned char)out[i] < ' ')
            out[i] = '?';
}

/* "time, no client": the required columns that are not there, after a "no". */
static void list_missing(const struct columns *c, char out[64])
{
    int used = 0;
    out[0] = '\0';
    for (int k = 0; k < REQUIRED; k++)
        if (c->at[k] < 0)
            used += snprintf(out + used, 64 - (size_t)used, "%s%s", used ? ", no " : "",
                             spellings[k][0]);
}

/* ---- the three ways ---------------------------------------------------------------- */

static void set_none(struct columns *c)
{
    for (int k = 0; k < COLUMN_KINDS; k++)
        c->at[k] = -1;
}

static int from_spec(struct columns *c, const char *spec, struct err *err)
{
    const char *p = spec;
    char missing[64];
    for (bool more = true; more; c->n++) {
        struct span s = span_make(p, strcspn(p, ","));
        more = p[s.n] == ',';
        p += s.n + more;
        int k = column_of(s);
        if (span_is(s, "-"))
            continue;
        if (k < 0)
            return err_set(
                err, ERR_USAGE,
                "--columns: expected time, client, name, qtype, rcode, ttl, id, port, "
                "server, server_port, opcode, count or -, found '%.*s'",
                (int)s.n, s.p);
        if (c->at[k] >= 0)
            return err_set(err, ERR_USAGE, "--columns: expected %s once, found it twice",
                           spellings[k][0]);
        c->at[k] = (int)c->n;
    }
    list_missing(c, missing);
    if (missing[0])
        return err_set(err, ERR_USAGE,
                       "--columns: expected time, client and name, found no %s in '%s'",
                       missing, spec);
    return 0;
}

/* Rank of a heading among the spellings of its column. */
static int rank_of(struct span s, int k)
{
    int rank = 0;
    while (strlen(spellings[k][rank]) != s.n || strncasecmp(spellings[k][rank], s.p, s.n) != 0)
        rank++;
    return rank;
}

/* Two columns of one kind: of the required ones that is for the user to decide;
 * of the others the spelling that stands first in the table is taken. */
static int from_heading(struct columns *c, const struct row *row, struct err *err)
{
    char found[FOUND_MAX], missing[64];
    c->n = row->n;
    for (size_t i = 0; i < row->n && i < ROWS_CELLS; i++) {
        struct span s = row_cell(row, i);
        if (s.n && s.p[0] == '#')
            s = span_make(s.p + 1, s.n - 1);
        int k = column_of(s);
        if (k < 0)
            continue;
        if (c->at[k] < 0) {
            c->at[k] = (int)i;
            continue;
        }
        struct span other = row_cell(row, (size_t)c->at[k]);
        if (k < REQUIRED)
            return err_set(err, ERR_MALFORMED,
                           "%ju: expected one column of kind %s, found '%.*s' and '%.*s' (say "
                           "which with --columns)",
                           (uintmax_t)row->line, spellings[k][0], (int)other.n, other.p,
                           (int)s.n, s.p);
        if (rank_of(s, k) < rank_of(other, k))
            c->at[k] = (int)i;
    }
    list_missing(c, missing);
    if (!missing[0])
        return 0;
    list_cells(row, found);
    return err_set(err, ERR_MALFORMED,
                   "%ju: expected columns time, client and name, found no %s among %s (say "
                   "which with --columns)",
                   (uintmax_t)row->line, missing, found);
}

/* How many of the first rows have, in each column, what looks like a time, a
 * client, a name. */
struct survey {
    size_t rows, seen[REQUIRED][ROWS_CELLS];
    bool words; /* the first of them looks like a heading, of words that nobody knows */
};

static void look(struct survey *v, const struct row *row)
{
    if (v->rows++ == 0)
        v->words = is_words(row);
    for (size_t i = 0; i < row->n && i < ROWS_CELLS; i++)
        for (int k = 0; k < REQUIRED; k++)
            v->seen[k][i] += looks_like(row_cell(row, i), k);
}

/* "time,client,-,name": what the rows under a heading would be called; false if they do not
 * tell either. */
static bool spec_of_rest(const struct columns *c, const struct survey *v, char out[FOUND_MAX])
{
    size_t fits[REQUIRED] = {0}, used = 0;
    for (size_t i = 0; i < c->n && i < ROWS_CELLS && used < FOUND_MAX - 8; i++) {
        const char *is = "-";
        for (int k = 0; k < REQUIRED; k++)
            if (v->seen[k][i] == v->rows - 1) {
                is = spellings[k][0];
                fits[k]++;
            }
        used += (size_t)snprintf(out + used, FOUND_MAX - used, "%s%s", i ? "," : "", is);
    }
    return v->words && v->rows > 1 && fits[COLUMN_TIME] == 1 && fits[COLUMN_CLIENT] == 1 &&
           fits[COLUMN_NAME] == 1;
}

static int from_survey(struct columns *c, const struct survey *v, const char *found,
                       struct err *err)
{
    char spec[FOUND_MAX];
    size_t fits[REQUIRED] = {0};
    char missing[64];
    for (int k = 0; k < REQUIRED; k++)
        for (size_t i = 0; i < c->n && i < ROWS_CELLS; i++)
            if (v->seen[k][i] == v->rows) {
                fits[k]++;
                c->at[k] = (int)i;
            }
    if (fits[COLUMN_TIME] == 1 && fits[COLUMN_CLIENT] == 1 && fits[COLUMN_NAME] == 1)
        return 0;
    if (spec_of_rest(c, v, spec))
        return err_set(err, ERR_MALFORMED,
                       "expected a heading with time, client and name, found %s (what stands "
                       "below it would be --columns %s)",
                       found, spec);
    char kinds[128];
    snprintf(kinds, sizeof kinds, "%zu of times, %zu of client addresses, %zu of names",
             fits[COLUMN_TIME], fits[COLUMN_CLIENT], fits[COLUMN_NAME]);
    list_missing(c, missing);
    return err_set(
        err, ERR_MALFORMED,
        "expected a heading, or exactly one column of times, one of client addresses "
        "and one of names; found no heading, %s%s%s columns %s, in rows like %s (say "
        "which is which with --columns)",
        missing[0] ? "no " : "", missing, missing[0] ? ";" : "", kinds, found);
}

/* The next row that is neither blank, comment nor cut off at the end of `head`. */
static bool next_row(struct rows *rows, bool whole, struct row *ret)
{
    while (rows_next(rows, ret) == ROWS_ROW)
        if (!ret->blank && !columns_is_comment(ret))
            return whole || !ret->last;
    return false;
}

static int from_rows(struct columns *c, struct rows *rows, bool whole, const char *spec,
                     struct err *err)
{
    struct row row;
    char found[FOUND_MAX];
    if (!next_row(rows, whole, &row))
        return err_set(err, ERR_MALFORMED, "expected rows, found none in the first 4096 bytes");
    c->heading = columns_is_heading(&row) || (spec && is_words(&row));
    if (spec)
        return 0;
    if (c->heading)
        return from_heading(c, &row, err);
    c->n = row.n;
    list_cells(&row, found);
    struct survey *v = mem_zero(1, sizeof *v);
    do
        if (row.n == c->n)
            look(v, &row);
    while (next_row(rows, whole, &row));
    int rc = from_survey(c, v, found, err);
    free(v);
    return rc;
}

int columns_find(struct columns *ret, struct span head, char delimiter, const char *spec,
                 struct err *err)
{
    struct columns c = {0};
    set_none(&c);
    int rc = spec ? from_spec(&c, spec, err) : 0;
    if (rc < 0)
        return rc;
    struct rows *rows = rows_of_text(head, delimiter, false);
    rc = from_rows(&c, rows, head.n < 4096, spec, err);
    rows_free(rows);
    if (rc == 0)
        *ret = c;
    return rc;
}
