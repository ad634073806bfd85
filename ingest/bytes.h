/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bytes - integers out of packets, at any alignment. The caller checks bounds.
 */
#ifndef INGEST_BYTES_H
#define INGEST_BYTES_H

#include <stdint.h>

#include "base/span.h"

/* Byte i of s as a number 0..255. */
static inline unsigned byte_at(struct span s, size_t i)
{
    return (unsigned char)s.p[i];
}

static inline uint16_t be16_at(struct span s, size_t i)
{
    return (uint16_t)(byte_at(s, i) << 8 | byte_at(s, i + 1));
}

static inline uint32_t be32_at(struct span s, size_t i)
{
    return (uint32_t)be16_at(s, i) << 16 | be16_at(s, i + 2);
}

static inline uint16_t le16_at(struct span s, size_t i)
{
    return (uint16_t)(byte_at(s, i) | byte_at(s, i + 1) << 8);
}

static inline uint32_t le32_at(struct span s, size_t i)
{
    return le16_at(s, i) | (uint32_t)le16_at(s, i + 2) << 16;
}

/* s without its first n bytes, n <= s.n. */
static inline struct span span_after(struct span s, size_t n)
{
    return (struct span){s.p + n, s.n - n};
}

#endif
