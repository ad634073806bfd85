/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/verify_inputs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "ingest/canon.h"
#include "ingest/casefile.h"

/* --- the command line that made the case ------------------------------------------------ */

struct words {
    char **v;
    size_t n, cap;
};

static void add(struct words *w, char *text)
{
    MEM_GROW(w->v, w->n, w->cap);
    w->v[w->n++] = text;
}

static void words_free(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->v[i]);
    free(w->v);
}

/* A rule of the case as ingest takes it. Labels and keys of pseudonyms are files that the
 * case does not name, and beside pseudonyms it hides what was kept: then the user must. */
static void add_rules(struct words *w, const struct counts *c)
{
    const char *client = c->rules[RULE_CLIENT], *vantage = c->rules[RULE_VANTAGE];
    add(w, mem_format("--tick=%" PRId64 "ns", c->tick_ns));
    add(w, mem_format("--dedup=%" PRId64 "ns", c->dedup_ns));
    add(w, mem_format("--count=%s", c->rules[RULE_COUNT]));
    if (strncmp(client, "labels", 6) != 0)
        add(w, mem_format("--client=%s", client));
    add(w, mem_format("--name=%.*s", (int)strcspn(c->rules[RULE_NAME], "/ "),
                      c->rules[RULE_NAME]));
    add(w, mem_format("--qtype=%s",
                      strcmp(c->rules[RULE_TYPE], "merged") == 0 ? "merge" : "each"));
    if (counts_is_part(c) && strcmp(c->rules[RULE_PSEUDONYMS], "none") == 0)
        add(w, mem_format("--keep=%s", c->rules[RULE_KEEP]));
    add(w, mem_format("--vantage=%.*s", (int)strcspn(vantage, "_"), vantage));
}

/* An input whose server the user named is given it again: FILE@server=NAME. */
static int add_input(struct words *w, const struct counts *c, const char *path, struct err *err)
{
    char sha256[DIGEST_HEX];
    int rc = digest_file(path, sha256, err);
    if (rc < 0)
        return rc;
    const char *server = NULL;
    for (size_t i = 0; i < c->nsources; i++)
        if (strcmp(c->sources[i].sha256, sha256) == 0)
            server = c->sources[i].server;
    add(w, server ? mem_format("%s@server=%s", path, server) : mem_format("%s", path));
    return 0;
}

static int read_again(const struct counts *c, char **inputs, size_t n,
                      const struct opt_list *with, const char *path, struct err *err)
{
    struct words w = {0};
    int rc = 0;
    add(&w, mem_format("ingest"));
    add(&w, mem_format("--quiet"));
    add(&w, mem_format("-o%s", path));
    add_rules(&w, c);
    for (size_t i = 0; i < with->n; i++)
        add(&w, mem_format("%s", with->v[i]));
    add(&w, mem_format("--"));
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add_input(&w, c, inputs[i], err);
    if (rc == 0) {
        int argc = (int)w.n;
        char **argv = mem_alloc((w.n + 1) * sizeof *argv); /* getopt may permute it */
        memcpy(argv, w.v, w.n * sizeof *argv);
        argv[w.n] = NULL;
        if (cmd_ingest.run(argc, argv) != 0)
            rc = err_set(err, ERR_MISMATCH,
                         "inputs: expected to be read as for the case, found the error above; "
                         "--with=--OPTION gives what the case does not state");
        free(argv);
    }
    words_free(&w);
    return rc;
}

/* --- the first difference ---------------------------------------------------------------- */

static int differs(struct err *err, const char *what, const char *was, const char *now)
{
    return err_set(err, ERR_MISMATCH, "inputs: %s: expected %s of the case, found %s", what,
                   was, now);
}

static int compare_sources(const struct counts *a, const struct counts *b, struct err *err)
{
    for (size_t i = 0; i < a->nsources; i++) {
        const struct counts_source *s = &a->sources[i], *same = NULL;
        for (size_t k = 0; k < b->nsources; k++)
            if (strcmp(s->sha256, b->sources[k].sha256) == 0)
                same = &b->sources[k];
        char was[32], now[32];
        if (!same)
            return err_set(err, ERR_MISMATCH,
                           "inputs: expected source %s with sha256 %s, found none such",
                           s->name, s->sha256);
        snprintf(was, sizeof was, "%" PRIu64 " look-ups", s->lookups);
        snprintf(now, sizeof now, "%" PRIu64, same->lookups);
        if (s->lookups != same->lookups)
            return differs(err, s->name, was, now);
    }
    return 0;
}

/* The first tick that two series do not share. */
static int64_t first_tick(const struct counts_pair *p, const struct counts_pair *q)
{
    struct series_iter x = series_begin(counts_series(p), p->first),
                       y = series_begin(counts_series(q), q->first);
    bool more = true, other = true;
    while (more && other) {
        more = series_next(&x);
        other = series_next(&y);
        if (!more || !other)
            break;
        if (x.tick != y.tick || x.count != y.count)
            return x.tick < y.tick ? x.tick : y.tick;
    }
    return more ? x.tick : other ? y.tick : p->first;
}

static int pair_differs(const struct counts *a, const struct counts_pair *p, uint64_t was,
                        uint64_t now, int64_t tick, struct err *err)
{
    char qtype[16], when[TEXT_TIME_MAX];
    struct span client = a->clients[p->client], name = a->names[p->name];
    return err_set(err, ERR_MISMATCH,
                   "inputs: %.*s, %.*s, %s: expected %" PRIu64
                   " look-ups of the case, found %" PRIu64 "; they part at %s",
                   (int)client.n, client.p, (int)name.n, name.p,
                   canon_qtype_name(p->qtype, qtype), was, now,
                   text_iso(when, tick * a->tick_ns, 0));
}

static bool same_content(const struct counts_pair *p, const struct counts_pair *q)
{
    return span_equal(counts_series(p), counts_series(q)) &&
           span_equal(counts_copies(p), counts_copies(q)) &&
           span_equal(counts_content_marks(p), counts_content_marks(q));
}

/* Both are sorted by client, name and type. */
static int compare_pairs(const struct counts *a, const struct counts *b, struct err *err)
{
    size_t i = 0, k = 0;
    while (i < a->npairs || k < b->npairs) {
        const struct counts_pair *p = &a->pairs[i], *q = &b->pairs[k];
        int by = i == a->npairs ? 1 : k == b->npairs ? -1 : counts_pair_order(a, p, b, q);
        if (by < 0)
            return pair_differs(a, p, p->total, 0, p->first, err);
        if (by > 0)
            return pair_differs(b, q, 0, q->total, q->first, err);
        if (p->first != q->first || !same_content(p, q))
            return pair_differs(a, p, p->total, q->total, first_tick(p, q), err);
        i++;
        k++;
    }
    return 0;
}

static int compare_live(const struct counts *a, const struct counts *b, struct err *err)
{
    size_t n = a->nlive < b->nlive ? a->nlive : b->nlive;
    char was[TEXT_TIME_MAX], now[TEXT_TIME_MAX];
    for (size_t i = 0; i < n; i++) {
        bool from = a->live[i].from_ns != b->live[i].from_ns;
        if (from || a->live[i].to_ns != b->live[i].to_ns)
            return differs(err, from ? "listening time, from" : "listening time, to",
                           text_iso(was, from ? a->live[i].from_ns : a->live[i].to_ns, 0),
                           text_iso(now, from ? b->live[i].from_ns : b->live[i].to_ns, 0));
        if (strcmp(a->live[i].why, b->live[i].why) != 0)
            return err_set(err, ERR_MISMATCH,
                           "inputs: listening time: expected it %s, found it %s "
                           "(--with=--live=FILE)",
                           a->live[i].why, b->live[i].why);
    }
    snprintf(was, sizeof was, "%zu", a->nlive);
    snprintf(now, sizeof now, "%zu", b->nlive);
    return a->nlive == b->nlive ? 0 : differs(err, "stretches of listening time", was, now);
}

static int compare(const struct counts *a, const struct counts *b, struct err *err)
{
    for (int i = 0; i < COUNTS_RULES; i++)
        if (strcmp(a->rules[i], b->rules[i]) != 0)
            return differs(err, counts_rule_keys[i], a->rules[i], b->rules[i]);
    if (compare_sources(a, b, err) < 0 || compare_pairs(a, b, err) < 0 ||
        compare_live(a, b, err) < 0)
        return ERR_MISMATCH;
    return strcmp(a->sha256, b->sha256) == 0
               ? 0
               : differs(err, "content", a->sha256, b->sha256); /* intervals */
}

int verify_inputs(const struct counts *c, char **inputs, size_t n, const struct opt_list *with,
                  struct err *err)
{
    struct counts *again = NULL;
    char *dir = open_temporary("verify");
    if (!mkdtemp(dir)) {
        int rc = err_set_errno(err, "%s", dir);
        free(dir);
        return rc;
    }
    char *path = mem_format("%s/case.db", dir);
    int rc = read_again(c, inputs, n, with, path, err);
    if (rc == 0)
        rc = casefile_read(&again, path, err);
    if (rc == 0)
        rc = compare(c, again, err);
    if (again)
        counts_free(again);
    unlink(path);
    rmdir(dir);
    free(path);
    free(dir);
    return rc;
}
