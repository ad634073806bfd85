/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * source - four functions hide every format.
 *
 *     struct source *s;
 *     if (source_open(&s, "dns.pcap", &opts, err) < 0) ...
 *     const struct lookup *v; size_t n;
 *     int got;
 *     while ((got = source_next(s, &v, &n, err)) > 0)
 *         tally_add(tally, v, n, source_skips(s), err);
 *     source_close(s);
 *
 * The format is told from the first bytes (every row of the table has a probe)
 * unless opts names it. To add a format: one file with the four functions of a
 * row, one row in source.c, a sample in tests/data, a paragraph in
 * docs/formats.md.
 */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include "base/err.h"
#include "base/tz.h"
#include "ingest/input.h"
#include "ingest/lookup.h"
#include "ingest/note.h"
#include "ingest/skip.h"

enum { SOURCE_BATCH = 4096 }; /* most look-ups in one batch */

struct captures;

/* What the user may have to say about an input that the input does not say.
 * {0} is the default. */
struct source_opts {
    const char *format;      /* a name of the table; NULL: by content */
    const char *columns;     /* delimited text: "time,client,name,-,qtype"; NULL: header */
    char delimiter;          /* delimited text; 0: from the first line */
    const char *time_format; /* iso, epoch, epoch_ms, epoch_us, epoch_ns; NULL: told apart */
    const struct tz *zone;   /* of times without a zone; NULL: they are an error */
    int year;                /* of the first time without one; 0: they are an error */
    const uint16_t *ports;   /* captures: ports that carry DNS besides 53; 0 ends it; or NULL */
    bool client_subnet; /* captures: the client is the EDNS Client Subnet if there is one */
    const char *dnstap_type;   /* dnstap: the one type of query that counts; NULL: told */
    struct captures *captures; /* of this run (ingest/captures.h); NULL: each by itself */
    int64_t clock_offset_ns;   /* added to every time */
};

/* What a reader fills. `skips` and `notes` are the source's; `read` counts records. */
struct batch {
    struct lookup *v; /* room for SOURCE_BATCH */
    size_t n;
    uint64_t *read;
    struct skips *skips;
    struct notes *notes;
};

/* At the end of a text: if its stream is cut, and no record said so (told), one skip
 * says so, also when it ends between two records. */
void batch_tell_cut(struct batch *b, const struct input *in, bool told);

/* One format. open takes over `in`'s bytes but not `in` itself. next fills
 * b->v (b->n is 0 on entry) and returns 1, or 0 at the end, or fails with
 * "path:line:" or "path: packet N:" in the message. Spans it hands out stay
 * valid until the next call. `cut` input is not a failure: it is SKIP_CUT. */
struct source_format {
    const char *name, *help, *cite;
    const char *unit;  /* that `at` of a look-up and of a fault counts; NULL: lines */
    bool gives_subnet; /* heeds opts->client_subnet */
    bool (*probe)(struct span head);
    int (*open)(void **ret_state, struct input *in, const struct source_opts *opts,
                struct err *err);
    int (*next)(void *state, struct batch *b, struct err *err);
    void (*close)(void *state);
    const char *(*note)(void *state); /* what a reader of the counts must know; or NULL */
};

extern const struct source_format *const source_formats[]; /* NULL ends it */

struct source;

int source_open(struct source **ret, const char *path, const struct source_opts *opts,
                struct err *err);
int source_next(struct source *s, const struct lookup **ret_v, size_t *ret_n, struct err *err);
struct skips *source_skips(struct source *s);
const struct notes *source_notes(const struct source *s);
uint64_t source_read(const struct source *s); /* records so far */
const struct source_format *source_kind(const struct source *s);
const char *source_note(const struct source *s); /* NULL if there is nothing to say */
struct input *source_input(struct source *s);
void source_close(struct source *s);

#endif
