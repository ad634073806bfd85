/* SPDX-License-Identifier: GPL-3.0-or-later
 * C-DNS (RFC 8618): a file is an array of a name, a preamble and an array of blocks.
 * A block is held in memory as it is in the file; ingest/cdnsblock.h reads it. */
#include "ingest/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ingest/cborspan.h"
#include "ingest/cdnsblock.h"
#include "ingest/message.h"

enum {
    VALUE_MAX = 64 << 20, /* longest block or preamble */
    READ_SIZE = 1 << 16,  /* least that is read at once */
    VERSION = 1,
    DRAFT_TICKS = 1000000, /* a second */
};

/* Keys of maps, by RFC 8618, section 7. */
enum preamble_key { MAJOR_VERSION, MINOR_VERSION, BLOCK_PARAMETERS = 3, PREAMBLE_KEYS };
enum storage_key {
    TICKS_PER_SECOND = 0,
    STORAGE_FLAGS = 5,
    CLIENT_PREFIX4,
    CLIENT_PREFIX6,
    SERVER_PREFIX4,
    SERVER_PREFIX6,
    STORAGE_KEYS
};
enum { ANONYMISED = 1, SAMPLED = 2 };

struct cdns {
    struct input *in;
    char *buffer; /* bytes [start, end) of it are read and not used */
    size_t start, end, cap;
    bool ended;                  /* the input */
    bool over;                   /* nothing is left */
    bool inside;                 /* a file: its preamble was read, its last block was not */
    bool file_open, blocks_open; /* that array is of unknown length */
    uint64_t blocks_left;        /* if its length is known */
    uint64_t number;             /* of the latest block, from 1 */
    bool cut;                    /* it ends inside a block, or before one */
    struct cdnsblock_params *params;
    size_t nparams, params_cap;
    struct cdnsblock block;
    bool drafts;            /* a file was one */
    uint64_t storage_flags; /* of all parameters */
    size_t note_prefix[2];
    struct messages messages;
    char note[128];
};

/* --- bytes ------------------------------------------------------------------------------- */

static struct span unread(const struct cdns *d)
{
    return span_make(d->buffer + d->start, d->end - d->start);
}

/* Read on: at least as much again as is held, so that long values are not tried often. */
static int read_more(struct cdns *d, struct err *err)
{
    size_t held = d->end - d->start, want = held > READ_SIZE ? held : READ_SIZE, got;
    if (held > VALUE_MAX)
        return err_set(err, ERR_LIMIT,
                       "expected a block of at most %d bytes, found a longer one", VALUE_MAX);
    if (d->start > 0)
        memmove(d->buffer, d->buffer + d->start, held);
    d->start = 0;
    d->end = held;
    if (d->end + want > d->cap) {
        d->cap = d->end + want;
        d->buffer = mem_resize(d->buffer, d->cap, 1);
    }
    int rc = input_read_exactly(d->in, d->buffer + d->end, want, &got, err);
    d->end += got;
    d->ended = rc == 0;
    return rc < 0 ? rc : 0;
}

/* The next item, or value if `whole`, of the file: CBORSPAN_OK and its bytes;
 * CBORSPAN_END between values at the end of the input, CBORSPAN_ENDS inside one (the
 * bytes are what there is), or a failure. */
static int next_value(struct cdns *d, bool whole, struct span *ret, struct err *err)
{
    for (;;) {
        struct span s = unread(d);
        struct cborspan_item item;
        size_t n = 0;
        enum cborspan_got got = whole ? cborspan_skip(s, &n) : cborspan_take(s, &n, &item);
        if (got == CBORSPAN_BAD)
            return err_set(err, ERR_MALFORMED,
                           "expected CBOR of at most %d levels, found other bytes",
                           CBORSPAN_DEPTH);
        if (got == CBORSPAN_OK || d->ended) {
            *ret = got == CBORSPAN_OK ? span_make(s.p, n) : s;
            d->start += ret->n;
            return got == CBORSPAN_OK              ? CBORSPAN_OK
                   : s.n == 0 && !input_cut(d->in) ? CBORSPAN_END
                                                   : CBORSPAN_ENDS;
        }
        int rc = read_more(d, err);
        if (rc < 0)
            return rc;
    }
}

/* --- the head of a file ------------------------------------------------------------------ */

/* The items of a file's head in turn: *ret, which must be of that type. */
static int next_of_head(struct cdns *d, enum cborspan_type type, struct cborspan_item *ret,
                        struct span *ret_value, struct err *err)
{
    size_t at = 0;
    int rc = next_value(d, type == CBORSPAN_MAP, ret_value, err);
    if (rc < 0)
        return rc;
    if (rc != CBORSPAN_OK)
        return err_set(err, ERR_MALFORMED,
                       "expected a file preamble, found the end of the file");
    if (cborspan_take(*ret_value, &at, ret) != CBORSPAN_OK || ret->type != type)
        return err_set(err, ERR_MALFORMED,
                       "expected [\"C-DNS\", {...}, [...]], found other CBOR");
    return 0;
}

static size_t prefix(struct span s, size_t at, size_t all)
{
    uint64_t bits;
    return cborspan_uint(s, at, &bits) && bits < all ? (size_t)bits : all;
}

static void push_params(struct cdns *d, struct cdnsblock_params p)
{
    MEM_GROW(d->params, d->nparams, d->params_cap);
    d->params[d->nparams++] = p;
}

static int add_params(struct cdns *d, struct span s, size_t at, struct err *err)
{
    size_t storage[1] = {0}, v[STORAGE_KEYS] = {0};
    uint64_t flags = 0;
    struct cdnsblock_params p;
    if (cborspan_fields(s, at, storage, 1) != CBORSPAN_OK || !storage[0] ||
        cborspan_fields(s, storage[0], v, STORAGE_KEYS) != CBORSPAN_OK ||
        !cborspan_uint(s, v[TICKS_PER_SECOND], &p.ticks_per_s) || p.ticks_per_s == 0 ||
        p.ticks_per_s > CDNSBLOCK_TICKS_MAX)
        return err_set(
            err, ERR_MALFORMED,
            "block parameters: expected 1 to 2^40 ticks a second, found another value");
    p.client_prefix[0] = prefix(s, v[CLIENT_PREFIX4], 32);
    p.client_prefix[1] = prefix(s, v[CLIENT_PREFIX6], 128);
    p.server_prefix[0] = prefix(s, v[SERVER_PREFIX4], 32);
    p.server_prefix[1] = prefix(s, v[SERVER_PREFIX6], 128);
    if (cborspan_uint(s, v[STORAGE_FLAGS], &flags))
        d->storage_flags |= flags;
    for (int i = 0; i < 2; i++)
        if (p.client_prefix[i] < d->note_prefix[i])
            d->note_prefix[i] = p.client_prefix[i];
    push_params(d, p);
    return 0;
}

static int read_params(struct cdns *d, struct span s, size_t at, struct err *err)
{
    struct cborspan_array a;
    int rc = 0;
    d->nparams = 0;
    if (cborspan_enter(s, at, &a) == CBORSPAN_OK)
        while (rc == 0 && cborspan_more(&a, &at) == CBORSPAN_OK)
            rc = add_params(d, s, at, err);
    if (rc == 0 && d->nparams == 0)
        rc = err_set(err, ERR_MALFORMED, "expected block parameters, found none");
    return rc;
}

enum file_id { ID_CDNS, ID_DRAFT, IDS };
static const char *const ids[] = {"C-DNS", "DNS-STAT"};

static enum file_id id_of(struct span text)
{
    return span_is(text, ids[ID_CDNS])    ? ID_CDNS
           : span_is(text, ids[ID_DRAFT]) ? ID_DRAFT
                                          : IDS;
}

/* Drafts have other keys, and no parameters: times are in microseconds, addresses whole. */
static int take_version(struct cdns *d, enum file_id id, struct span s, const size_t *at,
                        struct err *err)
{
    uint64_t major = 0, minor = 0;
    bool said = cborspan_uint(s, at[MAJOR_VERSION], &major);
    bool both = cborspan_uint(s, at[MINOR_VERSION], &minor) && said;
    if (id == ID_CDNS && major == VERSION)
        d->block.layout = CDNSBLOCK_RFC8618;
    else if (id == ID_CDNS && both && major == 0 && minor == 5)
        d->block.layout = CDNSBLOCK_DRAFT_05;
    else if (id == ID_DRAFT && major == 2)
        d->block.layout = CDNSBLOCK_DRAFT_02;
    else
        return err_set(err, ERR_MALFORMED,
                       "expected C-DNS 1.0 (RFC 8618), or its drafts C-DNS 0.5 and DNS-STAT 2,"
                       " found %s %llu.%llu",
                       ids[id], (unsigned long long)major, (unsigned long long)minor);
    if (d->block.layout == CDNSBLOCK_RFC8618)
        return read_params(d, s, at[BLOCK_PARAMETERS], err);
    d->drafts = true;
    d->nparams = 0;
    push_params(d, (struct cdnsblock_params){DRAFT_TICKS, {32, 128}, {32, 128}});
    return 0;
}

static int read_head(struct cdns *d, struct err *err)
{
    struct cborspan_item item;
    struct span value;
    enum file_id id = IDS;
    size_t at[PREAMBLE_KEYS] = {0};
    int rc = next_of_head(d, CBORSPAN_ARRAY, &item, &value, err);
    if (rc == 0)
        d->file_open = item.open;
    if (rc == 0)
        rc = next_of_head(d, CBORSPAN_TEXT, &item, &value, err);
    if (rc == 0 && (id = id_of(item.bytes)) == IDS)
        rc = err_set(err, ERR_MALFORMED, "expected \"C-DNS\", found another text");
    if (rc == 0)
        rc = next_of_head(d, CBORSPAN_MAP, &item, &value, err);
    if (rc == 0 && cborspan_fields(value, 0, at, PREAMBLE_KEYS) != CBORSPAN_OK)
        rc = err_set(err, ERR_MALFORMED, "expected a file preamble, found a broken one");
    if (rc == 0)
        rc = take_version(d, id, value, at, err);
    if (rc == 0)
        rc = next_of_head(d, CBORSPAN_ARRAY, &item, &value, err);
    if (rc < 0)
        return rc;
    d->blocks_open = item.open;
    d->blocks_left = item.n;
    d->inside = true;
    d->block.params = d->params;
    d->block.nparams = d->nparams;
    return 0;
}

/* --- blocks ------------------------------------------------------------------------------ */

/* The head of what comes next in the file, which stays there. */
static int peek_item(struct cdns *d, struct cborspan_item *ret, struct err *err)
{
    struct span head;
    size_t at = 0;
    int rc = next_value(d, false, &head, err);
    if (rc == CBORSPAN_OK) {
        cborspan_take(head, &at, ret);
        d->start -= head.n;
    }
    return rc;
}

/* What ends a file, or the file before one that is put behind it: true if `item` was
 * that, and is used up. */
static bool end_of_file(struct cdns *d, const struct cborspan_item *item)
{
    bool *open = d->inside ? &d->blocks_open : &d->file_open;
    if (!*open || item->type != CBORSPAN_BREAK)
        return false;
    *open = d->inside = false;
    d->start++;
    return true;
}

static int begin_block(struct cdns *d, struct err *err)
{
    struct span bytes;
    int rc = next_value(d, true, &bytes, err);
    if (rc < 0)
        return rc;
    d->cut = rc == CBORSPAN_ENDS;
    rc = cdnsblock_begin(&d->block, bytes, d->cut, err);
    return rc < 0 ? rc : 1;
}

/* Begin the next block: 1, or 0 at the end. */
static int next_block(struct cdns *d, struct err *err)
{
    while (!d->over && !d->cut) {
        struct cborspan_item item;
        d->inside &= d->blocks_open || d->blocks_left > 0;
        int rc = peek_item(d, &item, err);
        if (rc < 0)
            return rc;
        d->over = rc == CBORSPAN_END && !d->inside && !d->file_open;
        d->cut = rc != CBORSPAN_OK && !d->over;
        if (d->over || d->cut || end_of_file(d, &item))
            continue;
        if (!d->inside) {
            rc = read_head(d, err);
            if (rc < 0)
                return rc;
            continue;
        }
        d->number++;
        d->blocks_left -= !d->blocks_open;
        return begin_block(d, err);
    }
    if (!d->over)
        messages_skip(&d->messages, SKIP_CUT);
    d->over = true;
    return 0;
}

/* --- reading ----------------------------------------------------------------------------- */

static int fail_at(const struct cdns *d, struct err *err)
{
    return err_context(err, "%s: block %llu", input_path(d->in), (unsigned long long)d->number);
}

static int cdns_next(void *state, struct batch *b, struct err *err)
{
    struct cdns *d = state;
    int rc = 1;
    if (messages_begin(&d->messages, b))
        while (rc > 0 && !messages_full(&d->messages))
            if (!cdnsblock_next(&d->block, &d->messages))
                rc = next_block(d, err);
    return rc < 0 ? fail_at(d, err) : messages_give(&d->messages);
}

static bool cdns_probe(struct span head)
{
    struct cborspan_item file, id;
    size_t at = 0;
    if (cborspan_take(head, &at, &file) != CBORSPAN_OK || file.type != CBORSPAN_ARRAY ||
        cborspan_take(head, &at, &id) != CBORSPAN_OK || id.type != CBORSPAN_TEXT)
        return false;
    return id_of(id.bytes) != IDS;
}

static void cdns_close(void *state)
{
    struct cdns *d = state;
    cdnsblock_free(&d->block);
    free(d->buffer);
    free(d->params);
    messages_free(&d->messages);
    free(d);
}

static int cdns_open(void **ret_state, struct input *in, const struct source_opts *opts,
                     struct err *err)
{
    (void)opts;
    struct cdns *d = mem_zero(1, sizeof *d);
    d->in = in;
    d->cap = READ_SIZE;
    d->buffer = mem_alloc(d->cap);
    d->note_prefix[0] = 32;
    d->note_prefix[1] = 128;
    int rc = read_head(d, err);
    if (rc < 0) {
        err_context(err, "%s", input_path(in));
        cdns_close(d);
        return rc;
    }
    *ret_state = d;
    return 0;
}

/* What was done to the clients before they were stored decides what a pair is. */
static const char *cdns_note(void *state)
{
    struct cdns *d = state;
    const char *comma = "";
    size_t n = 0, size = sizeof d->note;
    d->note[0] = '\0';
    if (d->drafts) {
        n += (size_t)snprintf(d->note + n, size - n, "a draft of the format");
        comma = ", ";
    }
    if (d->storage_flags & ANONYMISED) {
        n += (size_t)snprintf(d->note + n, size - n, "%sanonymised", comma);
        comma = ", ";
    }
    if (d->storage_flags & SAMPLED) {
        n += (size_t)snprintf(d->note + n, size - n, "%sa sample", comma);
        comma = ", ";
    }
    if (d->note_prefix[0] < 32 || d->note_prefix[1] < 128)
        snprintf(d->note + n, size - n, "%sclients cut to /%zu (IPv4) and /%zu (IPv6)", comma,
                 d->note_prefix[0], d->note_prefix[1]);
    return d->note[0] ? d->note : NULL;
}

const struct source_format format_cdns = {
    .name = "cdns",
    .help = "C-DNS, version 1.0 and two drafts",
    .cite = "RFC 8618",
    .unit = "record",
    .probe = cdns_probe,
    .open = cdns_open,
    .next = cdns_next,
    .close = cdns_close,
    .note = cdns_note,
};
