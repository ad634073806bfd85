/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reading - a sample of tests/data read as a whole, as text that a test can state.
 *
 *     expect("two-questions.pcap", "192.0.2.1 q1.example 1\n...", NONE);
 *     expect("cut.pcap", "", SKIPS([SKIP_CUT] = 1));
 */
#ifndef TESTS_READING_H
#define TESTS_READING_H

#include "ingest/canon.h"
#include "ingest/source.h"
#include "tests/check.h"

static const struct source_opts no_opts = {0};

/* All that a sample gives: "client name type" of each look-up, and counters. */
struct reading {
    char lookups[4096], responses[4096]; /* one a line; responses with rcode and TTL */
    int64_t first_ns, last_ns;
    uint64_t n, read;
    struct skips skips;
    struct notes notes;
};

static inline void note(struct reading *r, const struct lookup *v)
{
    char client[CANON_CLIENT_MAX], name[CANON_NAME_MAX];
    size_t client_n, name_n;
    assert_int_equal(canon_client(v->client, v->client_form, client, &client_n), 0);
    assert_int_equal(canon_name(v->name, v->name_form, name, &name_n), 0);
    char *out = v->kind == LOOKUP_QUERY ? r->lookups : r->responses;
    size_t used = strlen(out), room = sizeof r->lookups - used;
    int n = snprintf(out + used, room, "%.*s %.*s %u", (int)client_n, client, (int)name_n, name,
                     v->qtype);
    used += (size_t)n;
    room -= (size_t)n;
    if (v->kind == LOOKUP_RESPONSE)
        n = snprintf(out + used, room, " %d %lld\n", v->rcode, (long long)v->ttl_s);
    else
        n = snprintf(out + used, room, "\n");
    assert_true((size_t)n < room);
}

static inline int read_sample(struct reading *r, const char *file,
                              const struct source_opts *opts, struct err *err)
{
    char path[256];
    struct source *s;
    snprintf(path, sizeof path, "tests/data/%s", file);
    memset(r, 0, sizeof *r);
    int rc = source_open(&s, path, opts, err);
    if (rc < 0)
        return rc;
    const struct lookup *v;
    size_t n;
    while ((rc = source_next(s, &v, &n, err)) > 0)
        for (size_t i = 0; i < n; i++) {
            r->first_ns = r->n == 0 ? v[i].t_ns : r->first_ns;
            r->last_ns = v[i].t_ns;
            r->n++;
            note(r, &v[i]);
        }
    r->read = source_read(s);
    r->skips = *source_skips(s);
    r->notes = *source_notes(s);
    source_close(s);
    return rc;
}

/* The sample gives these look-ups and skips; every record is one or the other. */
static inline void expect_with(const char *file, const struct source_opts *opts,
                               const char *lookups, const struct skips *skips)
{
    struct reading r;
    struct err err = {0};
    if (read_sample(&r, file, opts, &err) < 0)
        fail_msg("%s: %s", file, err.msg);
    if (strcmp(r.lookups, lookups) != 0)
        fail_msg("%s: got\n%sexpected\n%s", file, r.lookups, lookups);
    for (size_t i = 0; i < SKIP_REASONS; i++)
        if (r.skips.count[i] != skips->count[i])
            fail_msg("%s: %llu skips of %s, expected %llu", file,
                     (unsigned long long)r.skips.count[i], skip_table[i].name,
                     (unsigned long long)skips->count[i]);
    if (r.read != r.n + skips_total(&r.skips))
        fail_msg("%s: %llu read, %llu handed over, %llu skipped", file,
                 (unsigned long long)r.read, (unsigned long long)r.n,
                 (unsigned long long)skips_total(&r.skips));
}

static inline void expect(const char *file, const char *lookups, const struct skips *skips)
{
    expect_with(file, &no_opts, lookups, skips);
}

static const struct skips none = {0};
#define NONE (&none)
#define SKIPS(...) (&(const struct skips){.count = {__VA_ARGS__}})

#endif
