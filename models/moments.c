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

/* The column of that name; false if the row has none. */
static bool find_column(const struct row *row, const char *name, size_t *ret)
{
    for (size_t i = 0; i < row->n && i < ROWS_CELLS; i++)
        if (span_equal(row_cell(row, i), span_of(name))) {
            *ret = i;
            return true;
        }
    return false;
}

/* What a file is read for, and what was read; at and client of one row have one place. */
struct reading {
    const char *path;
    bool clients;
    size_t time, client; /* columns */
    struct dated {
        struct moment at;
        char *client; /* owned; NULL: not asked for */
    } * v;
    size_t n, cap;
};

static int by_time(const void *a, const void *b)
{
    const struct dated *p = a, *q = b;
    const struct moment *x = &p->at, *y = &q->at;
    if (x->from_ns != y->from_ns)
        return x->from_ns < y->from_ns ? -1 : 1;
    if (x->to_ns != y->to_ns)
        return x->to_ns < y->to_ns ? -1 : 1;
    return p->client && q->client ? strcmp(p->client, q->client) : 0;
}

static int read_row(struct reading *r, const struct row *row, struct err *err)
{
    struct span cell = r->time < row->n ? row_cell(row, r->time) : span_of("");
    struct span who = r->client < row->n ? row_cell(row, r->client) : span_of("");
    MEM_GROW(r->v, r->n, r->cap);
    if (read_moment(cell, &r->v[r->n].at) < 0)
        return err_set(err, ERR_USAGE,
                       "%s:%llu: expected a date, or a time with its zone such as "
                       "2016-07-23T20:00:00Z, found '%.*s'",
                       r->path, (unsigned long long)row->line, (int)cell.n, cell.p);
    if (r->clients && who.n == 0)
        return err_set(err, ERR_USAGE, "%s:%llu: expected a client, found none", r->path,
                       (unsigned long long)row->line);
    r->v[r->n++].client = r->clients ? mem_copy(who.p, who.n) : NULL;
    return 0;
}

static int read_rows(struct reading *r, struct rows *rows, struct err *err)
{
    bool first = true;
    struct row row;
    enum rows_got got;
    while ((got = rows_next(rows, &row)) != ROWS_END) {
        if (got == ROWS_FILL) {
            if (rows_fill(rows, err) < 0)
                return err_context(err, "%s", r->path);
            continue;
        }
        if (row.blank || row_cell(&row, 0).n == 0 || row_cell(&row, 0).p[0] == '#')
            continue;
        bool heading = first && find_column(&row, "time", &r->time);
        if (first && r->clients && !(heading && find_column(&row, "client", &r->client)))
            return err_set(err, ERR_USAGE, "%s:%llu: expected columns time and client", r->path,
                           (unsigned long long)row.line);
        first = false;
        if (!heading && read_row(r, &row, err) < 0)
            return ERR_USAGE;
    }
    return r->n ? 0
                : err_set(err, ERR_USAGE, "%s: expected one date or more, found none", r->path);
}

/* A date that stands twice would be counted as two. */
static int check_once(const struct moments *m, const char *path, struct err *err)
{
    char text[TEXT_TIME_MAX];
    for (size_t i = 1; i < m->n; i++)
        if (m->at[i - 1].from_ns == m->at[i].from_ns && m->at[i - 1].to_ns == m->at[i].to_ns)
            return err_set(err, ERR_USAGE, "%s: expected each date once, found %s twice", path,
                           text_iso(text, m->at[i].from_ns, 0));
    return 0;
}

/* The rows in the order of time; they are the moments' from here on. */
static struct moments *moments_of(struct reading *r)
{
    struct moments *m = mem_zero(1, sizeof *m);
    if (r->n)
        qsort(r->v, r->n, sizeof *r->v, by_time);
    m->at = mem_alloc((r->n + 1) * sizeof *m->at);
    m->client = r->clients ? mem_alloc((r->n + 1) * sizeof *m->client) : NULL;
    for (; m->n < r->n; m->n++) {
        m->at[m->n] = r->v[m->n].at;
        if (m->client)
            m->client[m->n] = r->v[m->n].client;
    }
    free(r->v);
    return m;
}

static int read_file(struct moments **ret, const char *path, bool clients, bool once,
                     struct err *err)
{
    char *text = NULL;
    size_t n = 0;
    int rc = file_read(&text, &n, path, err);
    if (rc < 0)
        return rc;
    struct reading reading = {.path = path, .clients = clients};
    struct rows *r = rows_of_text(span_make(text, n), ',', false);
    rc = read_rows(&reading, r, err);
    struct moments *m = moments_of(&reading);
    struct digest *d = digest_new();
    digest_add(d, text, n);
    digest_end(d, m->sha256);
    if (rc == 0 && once)
        rc = check_once(m, path, err);
    rows_free(r);
    free(text);
    if (rc < 0)
        moments_free(m);
    else
        *ret = m;
    return rc;
}

int moments_read(struct moments **ret, const char *path, struct err *err)
{
    return read_file(ret, path, false, true, err);
}

int moments_read_log(struct moments **ret, const char *path, bool clients, struct err *err)
{
    return read_file(ret, path, clients, false, err);
}

void moments_free(struct moments *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->client && i < m->n; i++)
        free(m->client[i]);
    free(m->client);
    free(m->at);
    free(m);
}
