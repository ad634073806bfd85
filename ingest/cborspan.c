/* SPDX-License-Identifier: GPL-3.0-or-later
 * libcbor's streaming decoder reads one item at a time and calls back what it is; its
 * trees are not used, for they copy every string and allocate every number. */
#include "ingest/cborspan.h"

#include <cbor.h>

/* --- what libcbor calls back ------------------------------------------------------------- */

static void set(void *item, enum cborspan_type type, uint64_t n)
{
    *(struct cborspan_item *)item = (struct cborspan_item){.type = type, .n = n};
}

static void set_open(void *item, enum cborspan_type type)
{
    *(struct cborspan_item *)item = (struct cborspan_item){.type = type, .open = true};
}

static void set_string(void *item, enum cborspan_type type, cbor_data p, size_t n)
{
    *(struct cborspan_item *)item =
        (struct cborspan_item){.type = type, .n = n, .bytes = span_make(p, n)};
}

static void uint8(void *item, uint8_t n)
{
    set(item, CBORSPAN_UINT, n);
}

static void uint16(void *item, uint16_t n)
{
    set(item, CBORSPAN_UINT, n);
}

static void uint32(void *item, uint32_t n)
{
    set(item, CBORSPAN_UINT, n);
}

static void uint64(void *item, uint64_t n)
{
    set(item, CBORSPAN_UINT, n);
}

static void nint8(void *item, uint8_t n)
{
    set(item, CBORSPAN_NINT, n);
}

static void nint16(void *item, uint16_t n)
{
    set(item, CBORSPAN_NINT, n);
}

static void nint32(void *item, uint32_t n)
{
    set(item, CBORSPAN_NINT, n);
}

static void nint64(void *item, uint64_t n)
{
    set(item, CBORSPAN_NINT, n);
}

static void bytes(void *item, cbor_data p, size_t n)
{
    set_string(item, CBORSPAN_BYTES, p, n);
}

static void text(void *item, cbor_data p, size_t n)
{
    set_string(item, CBORSPAN_TEXT, p, n);
}

static void open_bytes(void *item)
{
    set_open(item, CBORSPAN_BYTES);
}

static void open_text(void *item)
{
    set_open(item, CBORSPAN_TEXT);
}

static void array(void *item, size_t n)
{
    set(item, CBORSPAN_ARRAY, n);
}

static void open_array(void *item)
{
    set_open(item, CBORSPAN_ARRAY);
}

static void map(void *item, size_t n)
{
    set(item, CBORSPAN_MAP, n);
}

static void open_map(void *item)
{
    set_open(item, CBORSPAN_MAP);
}

static void tag(void *item, uint64_t n)
{
    set(item, CBORSPAN_TAG, n);
}

static void real4(void *item, float x)
{
    (void)x;
    set(item, CBORSPAN_SIMPLE, 0);
}

static void real8(void *item, double x)
{
    (void)x;
    set(item, CBORSPAN_SIMPLE, 0);
}

static void simple(void *item)
{
    set(item, CBORSPAN_SIMPLE, 0);
}

static void boolean(void *item, bool value)
{
    set(item, CBORSPAN_SIMPLE, value);
}

static void end_open(void *item)
{
    set(item, CBORSPAN_BREAK, 0);
}

static const struct cbor_callbacks callbacks = {
    .uint8 = uint8,
    .uint16 = uint16,
    .uint32 = uint32,
    .uint64 = uint64,
    .negint8 = nint8,
    .negint16 = nint16,
    .negint32 = nint32,
    .negint64 = nint64,
    .byte_string = bytes,
    .byte_string_start = open_bytes,
    .string = text,
    .string_start = open_text,
    .array_start = array,
    .indef_array_start = open_array,
    .map_start = map,
    .indef_map_start = open_map,
    .tag = tag,
    .float2 = real4,
    .float4 = real4,
    .float8 = real8,
    .undefined = simple,
    .null = simple,
    .boolean = boolean,
    .indef_break = end_open,
};

/* --- values ------------------------------------------------------------------------------ */

enum cborspan_got cborspan_take(struct span s, size_t *at, struct cborspan_item *ret)
{
    if (*at >= s.n)
        return CBORSPAN_ENDS;
    struct cbor_decoder_result r =
        cbor_stream_decode((cbor_data)s.p + *at, s.n - *at, &callbacks, ret);
    if (r.status == CBOR_DECODER_NEDATA)
        return CBORSPAN_ENDS;
    if (r.status != CBOR_DECODER_FINISHED)
        return CBORSPAN_BAD;
    *at += r.read;
    return CBORSPAN_OK;
}

/* Count an item that was taken; left[0..*depth] are the items left in each container
 * around it, UINT64_MAX if that is open. False if it can stand nowhere. */
static bool descend(uint64_t *left, size_t *depth, const struct cborspan_item *item)
{
    bool container = item->type == CBORSPAN_ARRAY || item->type == CBORSPAN_MAP || item->open;
    if (item->type == CBORSPAN_BREAK) {
        bool ends = left[*depth] == UINT64_MAX;
        *depth -= ends;
        return ends;
    }
    if (item->type == CBORSPAN_TAG) /* and the value behind it are one */
        return true;
    left[*depth] -= left[*depth] != UINT64_MAX;
    if (!container)
        return true;
    if (*depth + 1 == CBORSPAN_DEPTH || item->n > UINT64_MAX / 4)
        return false;
    left[++*depth] = item->open                   ? UINT64_MAX
                     : item->type == CBORSPAN_MAP ? 2 * item->n
                                                  : item->n;
    return true;
}

enum cborspan_got cborspan_skip(struct span s, size_t *at)
{
    uint64_t left[CBORSPAN_DEPTH] = {1};
    size_t depth = 0, i = *at;
    while (left[0] > 0 || depth > 0) {
        struct cborspan_item item;
        enum cborspan_got got = cborspan_take(s, &i, &item);
        if (got != CBORSPAN_OK)
            return got;
        if (!descend(left, &depth, &item))
            return CBORSPAN_BAD;
        while (depth > 0 && left[depth] == 0)
            depth--;
    }
    *at = i;
    return CBORSPAN_OK;
}

/* --- containers -------------------------------------------------------------------------- */

static enum cborspan_got enter(struct span s, size_t at, enum cborspan_type type,
                               struct cborspan_array *ret)
{
    struct cborspan_item item;
    enum cborspan_got got =
        at > 0 || type == CBORSPAN_MAP ? cborspan_take(s, &at, &item) : CBORSPAN_BAD;
    if (got == CBORSPAN_OK && item.type != type)
        got = CBORSPAN_BAD;
    if (got == CBORSPAN_OK)
        *ret = (struct cborspan_array){.s = s, .at = at, .left = item.n, .open = item.open};
    return got;
}

enum cborspan_got cborspan_enter(struct span s, size_t at, struct cborspan_array *ret)
{
    return enter(s, at, CBORSPAN_ARRAY, ret);
}

/* Is there another element at a->at? */
static enum cborspan_got another(struct cborspan_array *a)
{
    if (!a->open && a->left == 0)
        return CBORSPAN_END;
    a->left -= !a->open;
    if (!a->open)
        return CBORSPAN_OK;
    struct cborspan_item item;
    size_t at = a->at;
    if (at >= a->s.n)
        return CBORSPAN_ENDS;
    if (cborspan_take(a->s, &at, &item) == CBORSPAN_OK && item.type == CBORSPAN_BREAK)
        return CBORSPAN_END;
    return CBORSPAN_OK;
}

enum cborspan_got cborspan_more(struct cborspan_array *a, size_t *ret_at)
{
    enum cborspan_got got = a->begun ? cborspan_skip(a->s, &a->at) : CBORSPAN_OK;
    if (got == CBORSPAN_OK)
        got = another(a);
    if (got == CBORSPAN_OK && a->at >= a->s.n)
        got = CBORSPAN_ENDS;
    a->begun = true;
    if (got == CBORSPAN_OK)
        *ret_at = a->at;
    return got;
}

enum cborspan_got cborspan_fields(struct span s, size_t at, size_t *ret_at, size_t n)
{
    struct cborspan_array pairs;
    enum cborspan_got got = enter(s, at, CBORSPAN_MAP, &pairs);
    while (got == CBORSPAN_OK && (got = another(&pairs)) == CBORSPAN_OK) {
        uint64_t key;
        bool ours = cborspan_uint(s, pairs.at, &key) && key < n;
        got = cborspan_skip(s, &pairs.at);
        if (got != CBORSPAN_OK)
            break;
        if (ours)
            ret_at[key] = pairs.at;
        got = cborspan_skip(s, &pairs.at);
    }
    return got == CBORSPAN_END ? CBORSPAN_OK : got;
}

static bool take_at(struct span s, size_t at, struct cborspan_item *ret)
{
    return at > 0 && cborspan_take(s, &at, ret) == CBORSPAN_OK;
}

bool cborspan_uint(struct span s, size_t at, uint64_t *ret)
{
    struct cborspan_item item;
    if (!take_at(s, at, &item) || item.type != CBORSPAN_UINT)
        return false;
    *ret = item.n;
    return true;
}

bool cborspan_int(struct span s, size_t at, int64_t *ret)
{
    struct cborspan_item item;
    if (!take_at(s, at, &item) || item.n > INT64_MAX ||
        (item.type != CBORSPAN_UINT && item.type != CBORSPAN_NINT))
        return false;
    *ret = item.type == CBORSPAN_UINT ? (int64_t)item.n : -1 - (int64_t)item.n;
    return true;
}

bool cborspan_bytes(struct span s, size_t at, struct span *ret)
{
    struct cborspan_item item;
    if (!take_at(s, at, &item) || item.type != CBORSPAN_BYTES || item.open)
        return false;
    *ret = item.bytes;
    return true;
}
