/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fragment - IP datagrams out of their fragments (RFC 791, RFC 8200).
 *
 * Hides a table that opponents cannot fill: at most FRAGMENTS_MAX datagrams of
 * 64 KB, each given up FRAGMENT_LIFE_NS of packet time after its first
 * fragment, or earlier when its place is needed. Where fragments overlap the
 * later one in the file is believed.
 */
#ifndef INGEST_FRAGMENT_H
#define INGEST_FRAGMENT_H

#include <stdint.h>

#include "base/span.h"

enum { FRAGMENTS_MAX = 256, FRAGMENT_KEY_MAX = 37 };
#define FRAGMENT_LIFE_NS INT64_C(30000000000)

struct fragment {
    struct span source, target; /* 4 or 16 bytes */
    uint32_t id;
    uint8_t protocol; /* of the first fragment, and part of the key for IPv4 */
    bool more;        /* others follow */
    size_t offset;    /* in bytes, a multiple of 8 */
    struct span data;
    int64_t t_ns;
};

struct fragments;

struct fragments *fragments_new(void);
void fragments_free(struct fragments *f);

/* Release what fragments_add gave out; before each packet. */
void fragments_release(struct fragments *f);

/* Hold a fragment. True when it completes its datagram: *ret_data is then valid
 * until fragments_release, and *ret_protocol is what it carries. False for one
 * that cannot be part of a datagram, which is then counted as lost. */
bool fragments_add(struct fragments *f, const struct fragment *part, struct span *ret_data,
                   uint8_t *ret_protocol);

/* Fragments given up since the last call. */
uint64_t fragments_lost(struct fragments *f);

/* End of a file: fragments that are held, each told once. They stay, for the file that
 * continues this one, and fragments_lost will not tell them again. */
uint64_t fragments_waiting(struct fragments *f);

#endif
