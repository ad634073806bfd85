/* SPDX-License-Identifier: GPL-3.0-or-later
 * For tests of readers: a file to write to, and all look-ups of a file as text. */
#ifndef TESTS_SOURCES_H
#define TESTS_SOURCES_H

#include "tests/check.h"

#include <unistd.h>

#include "base/text.h"
#include "ingest/source.h"

static char path[] = "/tmp/dnsclaim-source-XXXXXX";

static inline void put_bytes(const void *bytes, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static inline void put(const char *text)
{
    put_bytes(text, strlen(text));
}

static inline int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static inline int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

/* All look-ups as lines "[answer ]time client name qtype rcode ttl id port server". */
struct got {
    char text[1 << 16];
    size_t used;
    uint64_t lookups, read;
    struct skips skips;
};

static inline void note(struct got *g, const struct lookup *v)
{
    char iso[TEXT_TIME_MAX];
    g->lookups++;
    if (g->used < sizeof g->text - 512)
        g->used += (size_t)snprintf(
            g->text + g->used, 512, "%s%s %.*s %.*s %d %d %jd %d %d %.*s\n",
            v->kind == LOOKUP_RESPONSE ? "answer " : "", text_iso(iso, v->t_ns, 9),
            (int)v->client.n, v->client.p, (int)v->name.n, v->name.p, v->qtype, v->rcode,
            (intmax_t)v->ttl_s, v->id, v->port, (int)v->server.n, v->server.p);
}

static inline int read_file(struct got *g, const char *file, const struct source_opts *opts,
                            struct err *err)
{
    struct source *s;
    const struct lookup *v;
    size_t n;
    memset(g, 0, sizeof *g);
    int rc = source_open(&s, file, opts, err);
    if (rc < 0)
        return rc;
    while ((rc = source_next(s, &v, &n, err)) > 0)
        for (size_t i = 0; i < n; i++)
            note(g, &v[i]);
    g->read = source_read(s);
    g->skips = *source_skips(s);
    source_close(s);
    if (rc == 0) /* what is refused is not accounted for */
        assert_int_equal(g->read, g->lookups + skips_total(&g->skips));
    return rc;
}

static inline int read_with(struct got *g, const struct source_opts *opts, struct err *err)
{
    return read_file(g, path, opts, err);
}

static inline struct got *must_read(const struct source_opts *opts)
{
    static struct got g;
    struct err err = {0};
    if (read_with(&g, opts, &err) < 0)
        fail_msg("%s", err.msg);
    return &g;
}

static inline int refuse(const struct source_opts *opts, struct err *err)
{
    static struct got g;
    return read_with(&g, opts, err);
}

static const struct source_opts plain = {0};

#endif
