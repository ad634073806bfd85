/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writing: rows in sorted order into plain rowid tables, which SQLite appends
 * page after page; no journal and no syncs on the way, because the file that is
 * being written is nobody's yet. Reading: every number is checked, then the
 * digest of what was read against the one that was written. */
#include "ingest/casefile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

enum { APPLICATION_ID = 0x444e5343 /* "DNSC" */, SCHEMA = 2 };
enum { PAIRS_AT_ONCE = 16 };

static const char schema[] =
    "PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA encoding='UTF-8';"
    "PRAGMA application_id=0x444e5343; PRAGMA user_version=2;"
    "BEGIN;"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " format TEXT NOT NULL, server TEXT, bytes INTEGER, read INTEGER, lookups INTEGER,"
    " responses_joined INTEGER, first_ns INTEGER, last_ns INTEGER, late INTEGER,"
    " latest_late_ns INTEGER, decimals INTEGER, intervals INTEGER);"
    "CREATE TABLE skip(source INTEGER, reason TEXT, class TEXT, count INTEGER,"
    " PRIMARY KEY(source, reason)) WITHOUT ROWID;"
    "CREATE TABLE note(source INTEGER, note TEXT, count INTEGER,"
    " PRIMARY KEY(source, note)) WITHOUT ROWID;"
    "CREATE TABLE histogram(source INTEGER, kind TEXT, value INTEGER, count INTEGER,"
    " PRIMARY KEY(source, kind, value)) WITHOUT ROWID;"
    "CREATE TABLE live(from_ns INTEGER PRIMARY KEY, to_ns INTEGER, why TEXT);"
    "CREATE TABLE client(id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE server(id INTEGER PRIMARY KEY, text TEXT);"
    "CREATE TABLE interval(client TEXT, name TEXT NOT NULL, qtype INTEGER, from_ns INTEGER,"
    " to_ns INTEGER, count INTEGER);"
    "CREATE TABLE pair(client INTEGER, name INTEGER, qtype INTEGER, total INTEGER,"
    " duplicates INTEGER, first INTEGER, last INTEGER, series BLOB, copies BLOB, marks BLOB);"
    "CREATE VIEW readable AS SELECT c.text AS client, n.text AS name, qtype, total,"
    " duplicates, first, last FROM pair JOIN client c ON c.id = pair.client"
    " JOIN name n ON n.id = pair.name;";

/* The histograms of a source by name, for both directions. */
static const struct histogram {
    const char *kind;
    size_t offset;
    int n;
} histograms[] = {
    {"subsecond", offsetof(struct counts_source, subsecond), HIST_SUBSECOND},
    {"second", offsetof(struct counts_source, second), HIST_SECOND},
    {"id_high", offsetof(struct counts_source, id_high), HIST_BYTE},
    {"id_low", offsetof(struct counts_source, id_low), HIST_BYTE},
    {"port_low", offsetof(struct counts_source, port_low), HIST_BYTE},
};
enum { HISTOGRAMS = sizeof histograms / sizeof *histograms };

static uint64_t *histogram_of(const struct counts_source *s, const struct histogram *h)
{
    return (uint64_t *)(void *)((char *)(uintptr_t)s + h->offset);
}

/* --- writing ---------------------------------------------------------------- */

/* A failure is kept and every later call does nothing, so that only the end asks. */
struct writer {
    sqlite3 *db;
    sqlite3_stmt *row;
    int rc;
    int column;
};

static void begin_rows(struct writer *w, const char *sql)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_prepare_v2(w->db, sql, -1, &w->row, NULL);
    w->column = 0;
}

static void number(struct writer *w, int64_t value)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_int64(w->row, ++w->column, value);
}

static void text(struct writer *w, struct span s)
{
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_text(w->row, ++w->column, s.p, (int)s.n, SQLITE_STATIC);
}

static void blob(struct writer *w, struct span s)
{
    if (w->rc == SQLITE_OK) /* a null pointer would make NULL of an empty blob */
        w->rc = sqlite3_bind_blob(w->row, ++w->column, s.n ? s.p : "", (int)s.n, SQLITE_STATIC);
}

static void end_row(struct writer *w)
{
    w->column = 0;
    if (w->rc == SQLITE_OK && sqlite3_step(w->row) != SQLITE_DONE)
        w->rc = sqlite3_errcode(w->db);
    if (w->row)
        sqlite3_reset(w->row);
}

static void end_rows(struct writer *w)
{
    sqlite3_finalize(w->row);
    w->row = NULL;
}

static void write_texts(struct writer *w, const char *sql, const struct span *v, uint32_t n)
{
    begin_rows(w, sql);
    for (uint32_t i = 0; i < n && w->rc == SQLITE_OK; i++) {
        number(w, i);
        text(w, v[i]);
        end_row(w);
    }
    end_rows(w);
}

static void meta_text(struct writer *w, const char *key, const char *value)
{
    text(w, span_of(key));
    text(w, span_of(value));
    end_row(w);
}

static void meta_number(struct writer *w, const char *key, int64_t value)
{
    text(w, span_of(key));
    number(w, value);
    end_row(w);
}

static void write_meta(struct writer *w, const struct counts *c)
{
    char sha256[DIGEST_HEX];
    counts_digest(c, sha256);
    begin_rows(w, "INSERT INTO meta VALUES(?,?)");
    meta_number(w, "tick_ns", c->tick_ns);
    meta_number(w, "dedup_ns", c->dedup_ns);
    for (int i = 0; i < COUNTS_RULES; i++)
        meta_text(w, counts_rule_keys[i], c->rules[i]);
    meta_text(w, "content_sha256", sha256);
    end_rows(w);
}

static void write_skips(struct writer *w, size_t id, const struct skips *skips)
{
    begin_rows(w, "INSERT INTO skip VALUES(?,?,?,?)");
    for (int r = 0; r < SKIP_REASONS; r++) {
        if (!skips->count[r])
            continue;
        number(w, (int64_t)id);
        text(w, span_of(skip_table[r].name));
        text(w, span_of(skip_class_name(skip_table[r].class)));
        number(w, (int64_t)skips->count[r]);
        end_row(w);
    }
    end_rows(w);
}

static void write_notes(struct writer *w, size_t id, const struct notes *notes)
{
    begin_rows(w, "INSERT INTO note VALUES(?,?,?)");
    for (int k = 0; k < NOTES; k++) {
        if (!notes->count[k])
            continue;
        number(w, (int64_t)id);
        text(w, span_of(note_table[k].name));
        number(w, (int64_t)notes->count[k]);
        end_row(w);
    }
    end_rows(w);
}

static void write_histograms(struct writer *w, size_t id, const struct counts_source *s)
{
    begin_rows(w, "INSERT INTO histogram VALUES(?,?,?,?)");
    for (int h = 0; h < HISTOGRAMS; h++)
        for (int i = 0; i < histograms[h].n; i++) {
            uint64_t count = histogram_of(s, &histograms[h])[i];
            if (!count)
                continue;
            number(w, (int64_t)id);
            text(w, span_of(histograms[h].kind));
            number(w, i);
            number(w, (int64_t)count);
            end_row(w);
        }
    end_rows(w);
}

static void write_sources(struct writer *w, const struct counts *c)
{
    begin_rows(w, "INSERT INTO source VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < c->nsources; i++) {
        const struct counts_source *s = &c->sources[i];
        const int64_t numbers[] = {(int64_t)s->bytes,   (int64_t)s->read,
                                   (int64_t)s->lookups, (int64_t)s->responses_joined,
                                   s->first_ns,         s->last_ns,
                                   (int64_t)s->late,    s->latest_late_ns,
                                   s->decimals,         (int64_t)s->intervals};
        number(w, (int64_t)i);
        text(w, span_of(s->name));
        text(w, span_of(s->sha256));
        text(w, span_of(s->format));
        text(w, s->server ? span_of(s->server) : span_make(NULL, 0));
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
            number(w, numbers[k]);
        end_row(w);
    }
    end_rows(w);
    for (size_t i = 0; i < c->nsources; i++) {
        write_skips(w, i, &c->sources[i].skips);
        write_notes(w, i, &c->sources[i].notes);
        write_histograms(w, i, &c->sources[i]);
    }
}

static void write_live(struct writer *w, const struct counts *c)
{
    begin_rows(w, "INSERT INTO live VALUES(?,?,?)");
    for (size_t i = 0; i < c->nlive; i++) {
        number(w, c->live[i].from_ns);
        number(w, c->live[i].to_ns);
        text(w, span_of(c->live[i].why));
        end_row(w);
    }
    end_rows(w);
}

static void pair(struct writer *w, const struct counts_pair *p)
{
    number(w, p->client);
    number(w, p->name);
    number(w, p->qtype);
    number(w, (int64_t)p->total);
    number(w, (int64_t)p->duplicates);
    number(w, p->first);
    number(w, p->last);
    blob(w, counts_series(p));
    blob(w, counts_copies(p));
    blob(w, counts_marks(p));
}

/* Many pairs a statement: half of the time of one row went into beginning and
 * ending its statement. */
static void write_pairs(struct writer *w, const struct counts *c)
{
    static const char head[] = "INSERT INTO pair VALUES", row[] = "(?,?,?,?,?,?,?,?,?,?),";
    char sql[sizeof head + PAIRS_AT_ONCE * sizeof row];
    for (size_t at = 0, n; at < c->npairs && w->rc == SQLITE_OK; at += n) {
        n = c->npairs - at < PAIRS_AT_ONCE ? c->npairs - at : PAIRS_AT_ONCE;
        if (!w->row || n < PAIRS_AT_ONCE) {
            end_rows(w);
            char *end = stpcpy(sql, head);
            for (size_t i = 0; i < n; i++)
                end = stpcpy(end, row);
            end[-1] = '\0'; /* the last comma */
            begin_rows(w, sql);
        }
        for (size_t i = 0; i < n; i++)
            pair(w, &c->pairs[at + i]);
        end_row(w);
    }
    end_rows(w);
}

/* NULL for what is not known. */
static void known(struct writer *w, bool is_known, int64_t value)
{
    if (is_known)
        number(w, value);
    else if (w->rc == SQLITE_OK)
        w->rc = sqlite3_bind_null(w->row, ++w->column);
}

static void write_intervals(struct writer *w, const struct counts *c)
{
    begin_rows(w, "INSERT INTO interval VALUES(?,?,?,?,?,?)");
    for (size_t i = 0; i < c->nintervals && w->rc == SQLITE_OK; i++) {
        const struct counts_interval *v = &c->intervals[i];
        text(w, v->client); /* a null pointer makes NULL */
        text(w, v->name);
        number(w, v->qtype);
        known(w, v->from_ns != COUNTS_EVER, v->from_ns);
        number(w, v->to_ns);
        known(w, v->count > 0, (int64_t)v->count);
        end_row(w);
    }
    end_rows(w);
}

static void write_all(struct writer *w, const struct counts *c)
{
    w->rc = sqlite3_exec(w->db, schema, NULL, NULL, NULL);
    write_meta(w, c);
    write_sources(w, c);
    write_live(w, c);
    write_texts(w, "INSERT INTO client VALUES(?,?)", c->clients, c->nclients);
    write_texts(w, "INSERT INTO name VALUES(?,?)", c->names, c->nnames);
    write_texts(w, "INSERT INTO server VALUES(?,?)", c->servers, c->nservers);
    write_intervals(w, c);
    write_pairs(w, c); /* the last page is one of theirs, so that a cut is seen */
    if (w->rc == SQLITE_OK)
        w->rc = sqlite3_exec(w->db, "COMMIT", NULL, NULL, NULL);
}

static int sync_path(const char *path, int flags, struct err *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0) {
        int rc = err_set_errno(err, "%s", path);
        if (fd >= 0)
            close(fd);
        return rc;
    }
    close(fd);
    return 0;
}

static int sync_folder(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mem_copy(path, (size_t)(slash - path) + 1) : mem_copy(".", 1);
    int rc = sync_path(folder, O_RDONLY | O_DIRECTORY, err);
    free(folder);
    return rc;
}

static int write_database(const char *part, const struct counts *c, struct err *err)
{
    struct writer w = {0};
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* its count of bytes takes a lock a row */
    w.rc = sqlite3_open_v2(
        part, &w.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (w.rc == SQLITE_OK)
        write_all(&w, c);
    int rc = 0;
    if (w.rc != SQLITE_OK) {
        int why = sqlite3_system_errno(w.db);
        rc = err_set(err, ERR_IO, "%s", why ? strerror(why) : sqlite3_errstr(w.rc));
    }
    sqlite3_close(w.db);
    return rc;
}

/* The temporary file beside the target; through a link, beside what it names. */
static char *part_name(const char *target)
{
    return mem_format("%s.part-%ld", target, (long)getpid());
}

static char *target_of(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : mem_copy(path, strlen(path));
}

static int check_target(const char *path, const char *target, struct err *err)
{
    struct stat st;
    if (stat(target, &st) < 0)
        return errno == ENOENT ? 0 : err_set_errno(err, "%s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "%s: expected a case file to write, found a %s", path,
                       S_ISDIR(st.st_mode) ? "folder" : "device");
    if (st.st_size > 0 && !casefile_probe(target))
        return err_set(err, ERR_IO,
                       "%s: expected a case file to replace, found another kind of file", path);
    return 0;
}

int casefile_may_write(const char *path, struct err *err)
{
    char *target = target_of(path), *part = part_name(target);
    int rc = check_target(path, target, err), fd = -1;
    if (rc == 0 && (fd = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0666)) < 0)
        rc = err_set_errno(err, "%s: cannot be written", path);
    if (fd >= 0) {
        close(fd);
        unlink(part);
    }
    free(part);
    free(target);
    return rc;
}

int casefile_write(const char *path, const struct counts *c, struct err *err)
{
    char *target = target_of(path), *part = part_name(target);
    int rc = check_target(path, target, err);
    if (rc == 0) {
        unlink(part); /* of a killed process that had our number */
        rc = write_database(part, c, err);
        if (rc == 0)
            rc = sync_path(part, O_RDONLY, err);
        if (rc == 0 && rename(part, target) < 0)
            rc = err_set_errno(err, "renaming");
        if (rc == 0)
            rc = sync_folder(target, err);
        if (rc < 0) {
            unlink(part);
            err_context(err, "%s: cannot be written", path);
        }
    }
    free(part);
    free(target);
    return rc;
}

/* --- reading ---------------------------------------------------------------- */

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
    return err_set(r->err, ERR_MALFORMED, "expected a case file, found: %s",
                   sqlite3_errmsg(r->db));
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

static int query(struct reader *r, const char *sql)
{
    if (sqlite3_prepare_v2(r->db, sql, -1, &r->row, NULL) != SQLITE_OK)
        return database_error(r);
    return 0;
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

static int check_header(struct reader *r)
{
    size_t application, version;
    int rc = read_count(r, "PRAGMA application_id", &application);
    if (rc == 0)
        rc = read_count(r, "PRAGMA user_version", &version);
    if (rc < 0)
        return rc;
    if (application != APPLICATION_ID)
        return err_set(r->err, ERR_MALFORMED,
                       "expected a case file, found an SQLite file of another application");
    if (version != SCHEMA)
        return err_set(r->err, ERR_MALFORMED, "expected a case of schema %d, found schema %zu",
                       SCHEMA, version);
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
        while (h < HISTOGRAMS && !span_is(kind, histograms[h].kind))
            h++;
        if (!s || h == HISTOGRAMS || value < 0 || value >= histograms[h].n)
            return damaged(r, "a source, a kind and a value in table histogram", row);
        histogram_of(s, &histograms[h])[value] = (uint64_t)column(r, 3);
        rc = 0;
    }
    return rc;
}

static int read_live(struct reader *r)
{
    struct counts *c = r->c;
    size_t cap = 0;
    int rc = query(r, "SELECT from_ns, to_ns, why FROM live ORDER BY from_ns");
    while (rc == 0 && (rc = next(r)) > 0) {
        rc = 0;
        int64_t from = column(r, 0), to = column(r, 1);
        if (from >= to || (c->nlive && from < c->live[c->nlive - 1].to_ns))
            return damaged(r, "disjoint spans in table live", c->nlive);
        MEM_GROW(c->live, c->nlive, cap);
        c->live[c->nlive++] = (struct counts_live){from, to, column_text(r, 2)};
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

static bool marks_sound(const struct counts *c, struct span bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p, *end = p ? p + bytes.n : p;
    while (p < end) {
        uint64_t kind, value, count;
        if (!varint_get(&p, end, &kind) || !varint_get(&p, end, &value) ||
            !varint_get(&p, end, &count) || kind < MARK_RCODE || kind > MARK_ANSWERED ||
            value > UINT32_MAX || (kind == MARK_SERVER && value >= c->nservers))
            return false;
    }
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
        (rc = read_histograms(r)) < 0 || (rc = read_live(r)) < 0 || (rc = read_pairs(r)) < 0 ||
        (rc = read_intervals(r)) < 0)
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
    if (access(path, R_OK) < 0)
        return err_set_errno(err, "%s", path);
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
    unsigned char head[72];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = 0;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        n = read(fd, head, sizeof head);
    close(fd);
    return n == (ssize_t)sizeof head && memcmp(head, magic, sizeof magic) == 0 &&
           head[68] == (APPLICATION_ID >> 24) && head[69] == (APPLICATION_ID >> 16 & 0xff) &&
           head[70] == (APPLICATION_ID >> 8 & 0xff) && head[71] == (APPLICATION_ID & 0xff);
}
