/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows in sorted order into plain rowid tables, which SQLite appends page after page;
 * no journal and no syncs on the way, because the file that is being written is
 * nobody's yet. */
#include "ingest/casefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ingest/casesql.h"

enum { PAIRS_AT_ONCE = 16 };

static const char schema[] =
    "PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
    "PRAGMA locking_mode=EXCLUSIVE; PRAGMA encoding='UTF-8';"
    "PRAGMA application_id=0x444e5343; PRAGMA user_version=4;"
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
    "CREATE TABLE source_live(source INTEGER, from_ns INTEGER, to_ns INTEGER, why TEXT,"
    " PRIMARY KEY(source, from_ns)) WITHOUT ROWID;"
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
    for (int h = 0; h < CASESQL_HISTOGRAMS; h++)
        for (int i = 0; i < casesql_histograms[h].n; i++) {
            uint64_t count = casesql_histogram(s, &casesql_histograms[h])[i];
            if (!count)
                continue;
            number(w, (int64_t)id);
            text(w, span_of(casesql_histograms[h].kind));
            number(w, i);
            number(w, (int64_t)count);
            end_row(w);
        }
    end_rows(w);
}

static void write_source_live(struct writer *w, size_t id, const struct counts_source *s)
{
    begin_rows(w, "INSERT INTO source_live VALUES(?,?,?,?)");
    for (size_t i = 0; i < s->nlive; i++) {
        number(w, (int64_t)id);
        number(w, s->live[i].from_ns);
        number(w, s->live[i].to_ns);
        text(w, span_of(s->live[i].why));
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
        write_source_live(w, i, &c->sources[i]);
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
