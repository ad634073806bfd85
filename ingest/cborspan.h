/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cborspan - CBOR (RFC 8949) that lies in memory, read in place: nothing is built,
 * values are named by where they begin.
 *
 *     size_t at[3] = {0}; // of the values of keys 0, 1, 2 of the map at 0
 *     if (cborspan_fields(s, 0, at, 3) != CBORSPAN_OK) ...
 *     if (cborspan_uint(s, at[1], &n)) ...
 *
 * Containers of known and of unknown length are read alike. A position 0 stands for
 * a value that is not there.
 */
#ifndef INGEST_CBORSPAN_H
#define INGEST_CBORSPAN_H

#include <stdint.h>

#include "base/span.h"

enum { CBORSPAN_DEPTH = 32 }; /* deepest nesting that is read */

enum cborspan_got {
    CBORSPAN_OK,
    CBORSPAN_END,  /* no further element */
    CBORSPAN_ENDS, /* the bytes end inside it */
    CBORSPAN_BAD,  /* not CBOR, nested too deep, or of another type than was asked for */
};

enum cborspan_type {
    CBORSPAN_UINT,  /* n */
    CBORSPAN_NINT,  /* -1 - n */
    CBORSPAN_BYTES, /* bytes */
    CBORSPAN_TEXT,  /* bytes */
    CBORSPAN_ARRAY, /* n elements follow, */
    CBORSPAN_MAP,   /* n keys and values */
    CBORSPAN_TAG,   /* one value follows */
    CBORSPAN_SIMPLE,
    CBORSPAN_BREAK, /* end of an open item */
};

struct cborspan_item {
    enum cborspan_type type;
    bool open; /* array, map, bytes or text of unknown length: parts up to a break */
    uint64_t n;
    struct span bytes;
};

/* The item at *at: a string whole, of a container the head. Moves *at behind it. */
enum cborspan_got cborspan_take(struct span s, size_t *at, struct cborspan_item *ret);

/* Move *at behind the whole value there. */
enum cborspan_got cborspan_skip(struct span s, size_t *at);

/* Elements of an array. cborspan_more gives where the next one begins; it need not be
 * whole: then the call after that gives CBORSPAN_ENDS. */
struct cborspan_array {
    struct span s;
    size_t at;
    uint64_t left;
    bool open, begun;
};
enum cborspan_got cborspan_enter(struct span s, size_t at, struct cborspan_array *ret);
enum cborspan_got cborspan_more(struct cborspan_array *a, size_t *ret_at);

/* Where the values of keys 0 to n - 1 of the map begin; others are passed over. On
 * CBORSPAN_ENDS the last one found may not be whole. */
enum cborspan_got cborspan_fields(struct span s, size_t at, size_t *ret_at, size_t n);

/* False if there is nothing at `at` (0), or another type. */
bool cborspan_uint(struct span s, size_t at, uint64_t *ret);
bool cborspan_int(struct span s, size_t at, int64_t *ret);
bool cborspan_bytes(struct span s, size_t at, struct span *ret);

#endif
