/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * varint - whole numbers as little-endian base 128, as in protocol buffers: small
 * ones are short. Here in full because nearly all are one byte long, and a call
 * costs more than that.
 *
 *     n += varint_put(out + n, 300);              // room for VARINT_MAX
 *     while (varint_get(&p, end, &value)) ...
 */
#ifndef INGEST_VARINT_H
#define INGEST_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VARINT_MAX = 10 };

/* Append one varint to out; returns bytes written. */
static inline size_t varint_put(unsigned char *out, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        out[n++] = (unsigned char)(value | 0x80);
    out[n++] = (unsigned char)value;
    return n;
}

/* Read one: advances *p, false at the end or when malformed. */
static inline bool varint_get(const unsigned char **p, const unsigned char *end, uint64_t *ret)
{
    uint64_t value = 0;
    const unsigned char *at = *p;
    for (int shift = 0; shift < 64 && at < end; shift += 7) {
        unsigned char byte = *at++;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *p = at;
            *ret = value;
            return true;
        }
    }
    return false;
}

#endif
