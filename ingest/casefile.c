/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reading (casewrite.c writes): every number is checked, then the digest of what was
 * read against the one that was written. */
#include "ingest/casefile.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ingest/casesql.h"
#include "ingest/keep.h"

struct reader {
    sqlite3 *db;
    sqlite3_stmt *row;
    struct counts *c;
    struct err *err;
};

static int damaged(const struct reader *r, const char *expected, size_t row)
{
    return err_set(r->err, ERR_MALFORMED, "expected %s, found otherwise in row %zu", expected,
                   row);
}

static int database_error(const struct reader *r)
{
    bool other = sqlite3_errcode(r->db) == SQLITE_NOTADB;
    return err_set(r->err, ERR_MALFORMED, "expected a case file, found%s%s", other ? "" : ": ",
                   other ? " a file of another kind (dnsclaim ingest makes a case of a log)"
                         : sqlite3_errmsg(r->db));
}

/* Next row of the statement: 1, or 0 at its end, when it is finalised. */
static int next(struct reader *r)
{
    int rc = sqlite3_step(r->row);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        return database_error(r);
    sqlite3_finalize(r->row);
    r->row = NULL;
    return 0;
}

/* A statement that cannot be made, of a schema that is read, misses a table or a column. */
static int query(struct reader *r, const char *sql)
{
    int rc = sqlite3_prepare_v2(r->db, sql, -1, &r->row, NULL);
    if (rc == SQLITE_ERROR && r->c->schema)
        return err_set(
            r->err, ERR_MALFORMED,
            "expected the tables of a case of schema %d, found: %s: it is not whole, "
            "make it again from its logs (dnsclaim ingest)",
            r->c->schema, sqlite3_errmsg(r->db));
    return rc == SQLITE_OK ? 0 : database_error(r);
}

static int64_t column(const struct reader *r, int i)
{
    return sqlite3_column_int64(r->row, i);
}

static struct span column_span(const struct reader *r, int i)
{
    const void *p = sqlite3_column_blob(r->row, i); /* text comes as its bytes */
    int n = sqlite3_column_bytes(r->row, i);
    return span_make(p, n > 0 ? (size_t)n : 0);
}

static char *column_text(const struct reader *r, int i)
{
    struct span s = column_span(r, i);
    return mem_copy(s.p, s.n);
}

static int read_count(struct reader *r, const char *sql, size_t *ret)
{
    int rc = query(r, sql);
    if (rc < 0 || (rc = next(r)) < 0)
        return rc;
    *ret = (size_t)column(r, 0);
    sqlite3_finalize(r->row);
    r->row = NULL;
    return 0;
}

const char *casefile_lacks(int schema)
{
    return schema == 3 ? "steps from a look-up to the pair's next one, longest runs of ids and "
                         "ports, and letters of names as they were spelt"
                       : "";
}

static int refuse_schema(const struct reader *r, int64_t found)
{
    if (found > CASESQL_SCHEMA)
        return err_set(
            r->err, ERR_MALFORMED,
            "expected a case of schema %d to %d, found schema %lld of a newer program: "
            "read it with that one, or make it again from its logs with this one "
            "(dnsclaim ingest)",
            CASESQL_OLDEST, CASESQL_SCHEMA, (long long)found);
    return err_set(r->err, ERR_MALFORMED,
                   "expected a case of schema %d to %d, found schema %lld of an older program, "
                   "which has %sno live time of each source: make it again from its logs with "
                   "this one (dnsclaim ingest)",
                   CASESQL_OLDEST, CASESQL_SCHEMA, (long long)found,
                   found < 2 ? "no intervals of passive DNS and " : "");
}

static int check_header(struct reader *r)
{
    size_t application, version;
    int rc = read_count(r, "PRAGMA application_id", &application);
    if (rc == 0)
        rc = read_count(r, "PRAGMA user_version", &version);
    if (rc < 0)
        return rc;
    if (application != CASESQL_APPLICATION)
        return err_set(r->err, ERR_MALFORMED,
                       "expected a case file, found an SQLite file of another application");
    if (version < CASESQL_OLDEST || version > CASESQL_SCHEMA)
        return refuse_schema(r, (int64_t)version);
    r->c->schema = (int)version;
    return 0;
}

static void read_rule(struct reader *r, struct span key)
{
    for (int i = 0; i < COUNTS_RULES; i++)
        if (span_is(key, counts_rule_keys[i]) && !r->c->rules[i])
            r->c->rules[i] = column_text(r, 1);
}

static int read_meta(struct reader *r, char ret_sha256[DIGEST_HEX])
{
    struct counts *c = r->c;
    ret_sha256[0] = '\0';
    int rc = query(r, "SELECT key, value FROM meta");
    while (rc == 0 && (rc = next(r)) > 0) {
        rc = 0;
        struct span key = column_span(r, 0);
        if (span_is(key, "tick_ns"))
            c->tick_ns = column(r, 1);
        else if (span_is(key, "dedup_ns"))
            c->dedup_ns = column(r, 1);
        else if (span_is(key, "content_sha256"))
            snprintf(ret_sha256, DIGEST_HEX, "%.64s",
                     (const char *)sqlite3_column_text(r->row, 1));
        else
            read_rule(r, key);
    }
    if (!c->rules[RULE_KEEP]) /* of before there was one */
        c->rules[RULE_KEEP] = mem_copy(KEEP_ALL, strlen(KEEP_ALL));
    bool whole = c->tick_ns > 0 && c->dedup_ns >= 0;
    for (int i = 0; i < COUNTS_RULES; i++)
        whole &= c->rules[i] != NULL;
    if (rc == 0 && !whole)
        rc = err_set(r->err, ERR_MALFORMED,
                     "expected tick, dedup and rules in table meta, "
                     "found some missing");
    return rc;
}

static int read_texts(struct reader *r, const char *table, struct span **ret_v, uint32_t *ret_n)
{
    char sql[80];
    size_t n;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    int rc = read_count(r, sql, &n);
    if (rc < 0)
        return rc;
    if (n >= UINT32_MAX)
        return damaged(r, "fewer rows", n);
    *ret_v = mem_alloc((n + 1) * sizeof **ret_v);
    snprintf(sql, sizeof sql, "SELECT id, text FROM %s ORDER BY id", table);
    rc = query(r, sql);
    while (rc == 0 && (rc = next(r)) > 0) {
        struct span s = column_span(r, 1), copy;
        rc = 0;
        if (*ret_n == n || column(r, 0) != (int64_t)*ret_n)
            return damaged(r, "ids from 0 on", *ret_n);
        copy = span_make(arena_copy(&r->c->bytes, s.p, s.n), s.n);
        if (*ret_n && span_compare((*ret_v)[*ret_n - 1], copy) >= 0)
            return damaged(r, "texts in order", *ret_n);
        (*ret_v)[(*ret_n)++] = copy;
    }
    return rc;
}

static int read_sources(struct reader *r)
{
    struct counts *c = r->c;
    size_t cap = 0;
    int rc = query(r, "SELECT id, name, sha256, format, bytes, read, lookups, responses_joined,"
                      " first_ns, last_ns, late, latest_late_ns, decimals, server, intervals"
                      " FROM source ORDER BY id");
    while (rc == 0 && (rc = next(r)) > 0) {
        rc = 0;
        if (column(r, 0) != (int64_t)c->nsources)
            return damaged(r, "ids from 0 on in table source", c->nsources);
        MEM_GROW(c->sources, c->nsources, cap);
        struct counts_source *s = &c->sources[c->nsources++];
        *s = (struct counts_source){.name = column_text(r, 1),
                                    .format = column_text(r, 3),
                                    .bytes = (uint64_t)column(r, 4),
                                    .read = (uint64_t)column(r, 5),
                                    .lookups = (uint64_t)column(r, 6),
                                    .responses_joined = (uint64_t)column(r, 7),
                                    .first_ns = column(r, 8),
                                    .last_ns = column(r, 9),
                                    .late = (uint64_t)column(r, 10),
                                    .latest_late_ns = column(r, 11),
                                    .decimals = (int)column(r, 12),
                                    .server = column_span(r, 13).n ? column_text(r, 13) : NULL,

                                    .intervals = (uint64_t)column(r, 14)};
        struct span sha256 = column_span(r, 2);
        snprintf(s->sha256, sizeof s->sha256, "%.*s", (int)sha256.n, sha256.p ? sha256.p : "");
    }
    return rc;
}

static struct counts_source *source_at(struct reader *r)
{
    int64_t id = column(r, 0);
    return id >= 0 && (size_t)id < r->c->nsources ? &r->c->sources[id] : NULL;
}

static int read_skips(struct reader *r)
{
    size_t row = 0;
    int rc = query(r, "SELECT source, reason, count FROM skip");
    for (; rc == 0 && (rc = next(r)) > 0; row++) {
        struct counts_source *s = source_at(r);
        struct span reason = column_span(r, 1);
        int k = 0;
        while (k < SKIP_REASONS && !span_is(reason, skip_table[k].name))
            k++;
        if (!s || k == SKIP_REASONS)
            return damaged(r, "a source and a reason in table skip", row);
        s->skips.count[k] = (uint64_t)column(r, 2);
        rc = 0;
    }
    return rc;
}

static int read_notes(struct reader *r)
{
    size_t row = 0;
    int rc = query(r, "SELECT source, note, count FROM note");
    for (; rc == 0 && (rc = next(r)) > 0; row++) {
        struct counts_source *s = source_at(r);
        struct span note = column_span(r, 1);
        int k = 0;
        while (k < NOTES && !span_is(note, note_table[k].name))
            k++;
        if (!s || k == NOTES)
            return damaged(r, "a source and a note in table note", row);
        s->notes.count[k] = (uint64_t)column(r, 2);
        rc = 0;
    }
    return rc;
}

static int read_histograms(struct reader *r)
{
    size_t row = 0;
    int rc = query(r, "SELECT source, kind, value, count FROM histogram");
    for (; rc == 0 && (rc = next(r)) > 0; row++) {
        struct counts_source *s = source_at(r);
        struct span kind = column_span(r, 1);
        int64_t value = column(r, 2);
        int h = 0;
        while (h < CASESQL_HISTOGRAMS && !span_is(kind, casesql_histograms[h].kind))
            h++;
        if (!s || h == CASESQL_HISTOGRAMS || value < 0 || value >= casesql_histograms[h].n)
            return damaged(r, "a source, a kind and a value in table histogram", row);
        casesql_histogram(s, &casesql_histograms[h])[value] = (uint64_t)column(r, 3);
        rc = 0;
    }
    return rc;
}

/* The columns from_ns, to_ns, why of a row, behind the spans that are there. */
static int add_live(struct reader *r, int first, struct counts_live **v, size_t *n, size_t *cap)
{
    int64_t from = column(r, first), to = column(r, first + 1);
    if (from >= to || (*n && from < (*v)[*n - 1].to_ns))
        return damaged(r, "disjoint spans of live time", *n);
    MEM_GROW(*v, *n, *cap);
    (*v)[(*n)++] = (struct counts_live){from, to, column_text(r, first + 2)};
    return 0;
}

static int read_live(struct reader *r)
{
    size_t cap = 0;
    int rc = query(r, "SELECT from_ns, to_ns, why FROM live ORDER BY from_ns");
    while (rc == 0 && (rc = next(r)) > 0)
        rc = add_live(r, 0, &r->c->live, &r->c->nlive, &cap);
    return rc;
}

static int read_source_live(struct reader *r)
{
    size_t cap = 0;
    struct counts_source *of = NULL;
    int rc = query(r, "SELECT source, from_ns, to_ns, why FROM source_live"
                      " ORDER BY source, from_ns");
    while (rc == 0 && (rc = next(r)) > 0) {
        struct counts_source *s = source_at(r);
        if (!s)
            return damaged(r, "a source in table source_live", 0);
        cap = s == of ? cap : 0;
        of = s;
        rc = add_live(r, 1, &s->live, &s->nlive, &cap);
    }
    return rc;
}

/* A whole series: ends where its bytes end, its ticks rise, and its counts add
 * up. *ret_last is untouched when it is empty. */
static bool series_sound(struct span bytes, int64_t first, uint64_t total, int64_t *ret_last)
{
    struct series_iter it = series_begin(bytes, first);
    uint64_t sum = 0;
    int64_t before = first;
    for (size_t i = 0; it.p < it.end; i++) {
        if (!series_next(&it) || it.count == 0 || it.tick < before ||
            (i > 0 && it.tick == before) || __builtin_add_overflow(sum, it.count, &sum))
            return false;
        before = *ret_last = it.tick;
    }
    return sum == total;
}

/* Kinds in order: what is behind the content marks is not in the digest. */
static bool marks_sound(const struct counts *c, struct span bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p, *end = p ? p + bytes.n : p;
    for (uint64_t kind, value, count, before = MARK_RCODE; p < end; before = kind)
        if (!varint_get(&p, end, &kind) || !varint_get(&p, end, &value) ||
            !varint_get(&p, end, &count) || kind < before || kind > MARK_MOVED ||
            value > UINT32_MAX || (kind == MARK_SERVER && value >= c->nservers) ||
            (kind >= MARK_STAYED && value >= HIST_STEP))
            return false;
    return true;
}

static bool pair_sound(const struct counts *c, const struct counts_pair *p)
{
    int64_t last = INT64_MIN, last_copy;
    return p->total > 0 && p->client < c->nclients && p->name < c->nnames &&
           series_sound(counts_series(p), p->first, p->total, &last) && last == p->last &&
           series_sound(counts_copies(p), p->first, p->duplicates, &last_copy) &&
           marks_sound(c, counts_marks(p));
}

static bool pair_after(const struct counts_pair *a, const struct counts_pair *b)
{
    if (a->client != b->client)
        return a->client < b->client;
    if (a->name != b->name)
        return a->name < b->name;
    return a->qtype < b->qtype;
}

static uint32_t column_u32(const struct reader *r, int i)
{
    int64_t value = column(r, i);
    return value < 0 || value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static struct span keep(struct reader *r, int i)
{
    struct span s = column_span(r, i);
    return s.n ? span_make(arena_copy(&r->c->bytes, s.p, s.n), s.n) : s;
}

/* Series, copies and marks, one after the other. */
static void keep_bytes(struct reader *r, struct counts_pair *p)
{
    struct span parts[3];
    size_t n = 0;
    for (int i = 0; i < 3; i++) {
        parts[i] = column_span(r, 7 + i);
        n += parts[i].n;
    }
    p->series_n = (uint32_t)parts[0].n; /* SQLite has none past 2^31 */
    p->copies_n = (uint32_t)parts[1].n;
    p->marks_n = (uint32_t)parts[2].n;
    char *at = arena_alloc(&r->c->bytes, n);
    p->bytes = at;
    for (int i = 0; i < 3; at += parts[i++].n)
        if (parts[i].n)
            memcpy(at, parts[i].p, parts[i].n);
}

static int read_pairs(struct reader *r)
{
    struct counts *c = r->c;
    size_t n;
    int rc = read_count(r, "SELECT count(*) FROM pair", &n);
    if (rc < 0)
        return rc;
    c->pairs = mem_alloc((n + 1) * sizeof *c->pairs);
    rc = query(r, "SELECT client, name, qtype, total, duplicates, first, last, series, copies,"
                  " marks FROM pair ORDER BY rowid");
    while (rc == 0 && (rc = next(r)) > 0) {
        rc = 0;
        uint32_t qtype = column_u32(r, 2);
        struct counts_pair p = {.client = column_u32(r, 0),
                                .name = column_u32(r, 1),
                                .qtype = (uint16_t)(qtype & 0xffff),
                                .total = (uint64_t)column(r, 3),
                                .duplicates = (uint64_t)column(r, 4),
                                .first = column(r, 5),
                                .last = column(r, 6)};
        keep_bytes(r, &p);
        if (c->npairs == n || qtype > 0xffff || !pair_sound(c, &p) ||
            (c->npairs && !pair_after(&c->pairs[c->npairs - 1], &p)))
            return damaged(r, "a sound series after the one before in table pair", c->npairs);
        c->pairs[c->npairs++] = p;
    }
    return rc;
}

static bool is_null(const struct reader *r, int i)
{
    return sqlite3_column_type(r->row, i) == SQLITE_NULL;
}

/* Order and content are the digest's to check. */
static int read_intervals(struct reader *r)
{
    struct counts *c = r->c;
    size_t cap = 0;
    int rc = query(r, "SELECT client, name, qtype, from_ns, to_ns, count FROM interval"
                      " ORDER BY rowid");
    while (rc == 0 && (rc = next(r)) > 0) {
        rc = 0;
        uint32_t qtype = column_u32(r, 2);
        struct counts_interval v = {.client = keep(r, 0),
                                    .name = keep(r, 1),
                                    .qtype = (uint16_t)(qtype & 0xffff),
                                    .from_ns = is_null(r, 3) ? COUNTS_EVER : column(r, 3),
                                    .to_ns = column(r, 4),
                                    .count = (uint64_t)column(r, 5)};
        if (!v.name.n || qtype > 0xffff || v.from_ns > v.to_ns)
            return damaged(r,
                           "a name, and an end that is not before its beginning, in table"
                           " interval",
                           c->nintervals);
        MEM_GROW(c->intervals, c->nintervals, cap);
        c->intervals[c->nintervals++] = v;
    }
    return rc;
}

static int read_all(struct reader *r)
{
    struct counts *c = r->c;
    char written[DIGEST_HEX];
    int rc = check_header(r);
    if (rc < 0 || (rc = read_meta(r, written)) < 0 ||
        (rc = read_texts(r, "client", &c->clients, &c->nclients)) < 0 ||
        (rc = read_texts(r, "name", &c->names, &c->nnames)) < 0 ||
        (rc = read_texts(r, "server", &c->servers, &c->nservers)) < 0 ||
        (rc = read_sources(r)) < 0 || (rc = read_skips(r)) < 0 || (rc = read_notes(r)) < 0 ||
        (rc = read_histograms(r)) < 0 || (rc = read_source_live(r)) < 0 ||
        (rc = read_live(r)) < 0 || (rc = read_pairs(r)) < 0 || (rc = read_intervals(r)) < 0)
        return rc;
    counts_digest(c, c->sha256);
    if (strcmp(c->sha256, written) != 0)
        return err_set(r->err, ERR_MALFORMED,
                       "expected content of sha256 %s, found %s: the file was changed", written,
                       c->sha256);
    return 0;
}

int casefile_read(struct counts **ret, const char *path, struct err *err)
{
    struct stat st;
    if (access(path, R_OK) < 0 || stat(path, &st) < 0)
        return err_set_errno(err, "%s", path);
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return err_set(err, ERR_MALFORMED, "%s: expected a case file, found %s", path,
                       S_ISDIR(st.st_mode)    ? "a folder"
                       : !S_ISREG(st.st_mode) ? "no file"
                                              : "an empty file");
    struct reader r = {.c = mem_zero(1, sizeof *r.c), .err = err};
    int rc = 0;
    if (sqlite3_open_v2(path, &r.db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        rc = database_error(&r);
    if (rc == 0)
        rc = read_all(&r);
    sqlite3_finalize(r.row);
    sqlite3_close(r.db);
    if (rc < 0) {
        counts_free(r.c);
        return err_context(err, "%s", path);
    }
    *ret = r.c;
    return 0;
}

bool casefile_probe(const char *path)
{
    /* https://www.sqlite.org/fileformat.html: magic at 0, application id at 68 */
    static const char magic[16] = "SQLite format 3";
    unsigned char head[72] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = 0;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        n = read(fd, head, sizeof head);
    close(fd);
    return n == (ssize_t)sizeof head && memcmp(head, magic, sizeof magic) == 0 &&
           head[68] == (CASESQL_APPLICATION >> 24) &&
           head[69] == (CASESQL_APPLICATION >> 16 & 0xff) &&
           head[70] == (CASESQL_APPLICATION >> 8 & 0xff) &&
           head[71] == (CASESQL_APPLICATION & 0xff);
}
