/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/moments.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/file.h"
#include "ingest/rows.h"

enum { DATE_LENGTH = 10 };

static const int64_t DAY_NS = 86400 * NS_PER_S;

static int read_moment(struct span text, struct moment *ret)
{
    bool zone, day = text.n == DATE_LENGTH;
    if (text_time(text, &ret->from_ns, &zone) < 0 || (!zone && !day))
        return ERR_MALFORMED;
    ret->to_ns = ret->from_ns + (day ? DAY_NS : 0);
    return 0;
}

/* The column called `time`; false if the row names none. */
static bool find_column(const struct row *row, size_t *ret)
{
    for (size_t i = 0; i < row->n && i < ROWS_CELLS; i++)
        if (span_equal(row_cell(row, i), span_of("time"))) {
            *ret = i;
            return true;
        }
    return false;
}

static int by_time(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    return (x->to_ns > y->to_ns) - (x->to_ns < y->to_ns);
}

static int read_rows(struct moments *m, struct rows *r, const char *path, struct err *err)
{
    size_t column = 0, cap = 0;
    bool first = true;
    struct row row;
    enum rows_got got;
    while ((got = rows_next(r, &row)) != ROWS_END) {
        if (got == ROWS_FILL) {
            if (rows_fill(r, err) < 0)
                return err_context(err, "%s", path);
            continue;
        }
        if (row.blank || row_cell(&row, 0).n == 0 || row_cell(&row, 0).p[0] == '#')
            continue;
        bool heading = first && find_column(&row, &column);
        first = false;
        if (heading)
            continue;
        MEM_GROW(m->at, m->n, cap);
        struct span cell = column < row.n ? row_cell(&row, column) : span_of("");
        if (read_moment(cell, &m->at[m->n]) < 0)
            return err_set(err, ERR_USAGE,
                           "%s:%llu: expected a date, or a time with its zone such as "
                           "2016-07-23T20:00:00Z, found '%.*s'",
                           path, (unsigned long long)row.line, (int)cell.n, cell.p);
        m->n++;
    }
    return m->n ? 0
                : err_set(err, ERR_USAGE, "%s: expected one date or more, found none", path);
}

static int by_start(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    return x->from_ns != y->from_ns ? (x->from_ns > y->from_ns ? 1 : -1)
                                    : (x->to_ns > y->to_ns) - (x->to_ns < y->to_ns);
}

/* A date that stands twice would be counted as two. */
static int check_once(const struct moments *m, const char *path, struct err *err)
{
    struct moment *at = mem_alloc(m->n * sizeof *at);
    char text[TEXT_TIME_MAX];
    int rc = 0;
    memcpy(at, m->at, m->n * sizeof *at);
    qsort(at, m->n, sizeof *at, by_start);
    for (size_t i = 1; rc == 0 && i < m->n; i++)
        if (by_start(&at[i - 1], &at[i]) == 0)
            rc = err_set(err, ERR_USAGE, "%s: expected each date once, found %s twice", path,
                         text_iso(text, at[i].from_ns, 0));
    free(at);
    return rc;
}

int moments_read(struct moments **ret, const char *path, struct err *err)
{
    char *text = NULL;
    size_t n = 0;
    int rc = file_read(&text, &n, path, err);
    if (rc < 0)
        return rc;
    struct moments *m = mem_zero(1, sizeof *m);
    struct digest *d = digest_new();
    digest_add(d, text, n);
    digest_end(d, m->sha256);
    struct rows *r = rows_of_text(span_make(text, n), ',', false);
    rc = read_rows(m, r, path, err);
    if (rc == 0)
        rc = check_once(m, path, err);
    rows_free(r);
    free(text);
    if (rc < 0) {
        moments_free(m);
        return rc;
    }
    qsort(m->at, m->n, sizeof *m->at, by_time);
    *ret = m;
    return 0;
}

void moments_free(struct moments *m)
{
    if (!m)
        return;
    free(m->at);
    free(m);
}
