/* SPDX-License-Identifier: GPL-3.0-or-later
 * C-DNS (RFC 8618): blocks of query/response items, whose addresses, names and other
 * repeated values stand in tables of the block.
 *
 * A block is held in memory as it is in the file. Its tables become lists of where
 * their entries begin; an entry is read when an item needs it. So the memory is a few
 * times the block, whatever the block claims to hold, and nothing depends on the order
 * of a block's parts.
 *
 * An item is two records if it has a query and a response, so that a capture counts the
 * same read from here as from its packets. */
#include "ingest/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "ingest/cborspan.h"
#include "ingest/dns.h"
#include "ingest/message.h"

enum {
    VALUE_MAX = 64 << 20, /* longest block or preamble */
    READ_SIZE = 1 << 16,  /* least that is read at once */
    VERSION = 1,
};
static const uint64_t ticks_max = UINT64_C(1) << 40; /* a second; keeps times in 128 bits */

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
enum block_key {
    BLOCK_PREAMBLE,
    BLOCK_TABLES = 2,
    BLOCK_ITEMS,
    BLOCK_MALFORMED = 5,
    BLOCK_KEYS
};
enum time_key { EARLIEST_TIME, PARAMETERS_INDEX, TIME_KEYS };
enum table_key {
    ADDRESS,
    CLASS_TYPE,
    NAME,
    SIGNATURE,
    QUESTION_LIST,
    QUESTION,
    RR_LIST,
    RR,
    TABLES
};
enum item_key {
    TIME_OFFSET = 0,
    CLIENT_ADDRESS,
    CLIENT_PORT,
    TRANSACTION_ID,
    ITEM_SIGNATURE,
    RESPONSE_DELAY = 6,
    QUERY_NAME,
    QUERY_EXTENDED = 11,
    RESPONSE_EXTENDED,
    ITEM_KEYS
};
enum signature_key {
    SERVER_ADDRESS = 0,
    TRANSPORT_FLAGS = 2,
    SIGNATURE_FLAGS = 4,
    OPCODE,
    QUERY_CLASS_TYPE = 8,
    RESPONSE_RCODE = 16,
    SIGNATURE_KEYS
};
enum extended_key { MORE_QUESTIONS, ANSWERS, EXTENDED_KEYS };
enum entry_key { ENTRY_NAME, ENTRY_CLASS_TYPE, ENTRY_TTL, ENTRY_KEYS };

enum { TRANSPORT_IPV6 = 1 };
enum { HAS_QUERY = 1, HAS_RESPONSE = 2, QUERY_NO_QUESTION = 16, RESPONSE_NO_QUESTION = 32 };
enum { ANONYMISED = 1, SAMPLED = 2 };

struct params {
    uint64_t ticks_per_s;
    size_t client_prefix[2], server_prefix[2]; /* IPv4, IPv6: bits that are kept */
};

/* Where the entries of a block's table begin. */
struct entries {
    uint32_t *at;
    size_t n, cap;
};

/* An item, resolved as far as its messages share it. */
struct item {
    size_t at[ITEM_KEYS], sign[SIGNATURE_KEYS]; /* values, 0: not there */
    uint64_t flags;
    bool broken; /* refers to an entry that is not there, or of another kind */
    struct lookup v;
    char client[16], server[16];
};

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
    struct params *params;
    size_t nparams, params_cap;
    struct span block;
    bool cut; /* the block is */
    const struct params *now;
    int64_t base_s, base_ticks;
    bool timeless; /* the block says no earliest time */
    struct entries tables[TABLES];
    struct cborspan_array items, malformed;
    bool in_items, in_malformed;
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

static int add_params(struct cdns *d, struct span s, size_t at, struct err *err)
{
    size_t storage[1] = {0}, v[STORAGE_KEYS] = {0};
    uint64_t flags = 0;
    struct params p;
    if (cborspan_fields(s, at, storage, 1) != CBORSPAN_OK || !storage[0] ||
        cborspan_fields(s, storage[0], v, STORAGE_KEYS) != CBORSPAN_OK ||
        !cborspan_uint(s, v[TICKS_PER_SECOND], &p.ticks_per_s) || p.ticks_per_s == 0 ||
        p.ticks_per_s > ticks_max)
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
    MEM_GROW(d->params, d->nparams, d->params_cap);
    d->params[d->nparams++] = p;
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

/* Drafts of the format have the same keys for their version, and other tables. */
static int check_version(enum file_id id, struct span s, const size_t *at, struct err *err)
{
    uint64_t major = 0, minor = 0;
    cborspan_uint(s, at[MAJOR_VERSION], &major);
    cborspan_uint(s, at[MINOR_VERSION], &minor);
    if (id == ID_CDNS && major == VERSION)
        return 0;
    return err_set(err, ERR_MALFORMED,
                   "expected C-DNS 1.0 (RFC 8618), found %s %llu.%llu,"
                   " a draft or a later version that is not read",
                   ids[id], (unsigned long long)major, (unsigned long long)minor);
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
        rc = check_version(id, value, at, err);
    if (rc == 0)
        rc = read_params(d, value, at[BLOCK_PARAMETERS], err);
    if (rc == 0)
        rc = next_of_head(d, CBORSPAN_ARRAY, &item, &value, err);
    if (rc < 0)
        return rc;
    d->blocks_open = item.open;
    d->blocks_left = item.n;
    d->inside = true;
    return 0;
}

/* --- blocks ------------------------------------------------------------------------------ */

static void skip(struct cdns *d, enum skip_reason why)
{
    messages_skip(&d->messages, why);
}

static bool fields(const struct cdns *d, size_t at, size_t *ret_at, size_t n)
{
    return at > 0 && cborspan_fields(d->block, at, ret_at, n) == CBORSPAN_OK;
}

static void index_tables(struct cdns *d, size_t at)
{
    size_t tables[TABLES] = {0}, entry;
    if (at > 0) /* of a block that is cut, the tables that are there */
        cborspan_fields(d->block, at, tables, TABLES);
    for (size_t i = 0; i < TABLES; i++) {
        struct entries *t = &d->tables[i];
        struct cborspan_array a;
        t->n = 0;
        if (cborspan_enter(d->block, tables[i], &a) != CBORSPAN_OK)
            continue;
        while (cborspan_more(&a, &entry) == CBORSPAN_OK) {
            MEM_GROW(t->at, t->n, t->cap);
            t->at[t->n++] = (uint32_t)entry;
        }
    }
}

static int read_preamble(struct cdns *d, size_t at, struct err *err)
{
    size_t v[TIME_KEYS] = {0}, seconds = 0, ticks = 0;
    uint64_t index = 0;
    struct cborspan_array time;
    if (!fields(d, at, v, TIME_KEYS) && !d->cut)
        return err_set(err, ERR_MALFORMED, "expected a block preamble, found none");
    cborspan_uint(d->block, v[PARAMETERS_INDEX], &index);
    if (index >= d->nparams)
        return err_set(err, ERR_MALFORMED,
                       "expected one of the file's %zu block parameters, found index %llu",
                       d->nparams, (unsigned long long)index);
    d->now = &d->params[index];
    d->timeless = cborspan_enter(d->block, v[EARLIEST_TIME], &time) != CBORSPAN_OK ||
                  cborspan_more(&time, &seconds) != CBORSPAN_OK ||
                  cborspan_more(&time, &ticks) != CBORSPAN_OK ||
                  !cborspan_int(d->block, seconds, &d->base_s) ||
                  !cborspan_int(d->block, ticks, &d->base_ticks);
    return 0;
}

/* A list of the block, if it is there; false if it is something else. */
static bool enter_list(const struct cdns *d, size_t at, struct cborspan_array *ret,
                       bool *ret_inside)
{
    enum cborspan_got got = cborspan_enter(d->block, at, ret);
    *ret_inside = got == CBORSPAN_OK;
    return at == 0 || got != CBORSPAN_BAD;
}

static int begin_block(struct cdns *d, struct err *err)
{
    size_t at[BLOCK_KEYS] = {0};
    enum cborspan_got got = cborspan_fields(d->block, 0, at, BLOCK_KEYS);
    if (got == CBORSPAN_BAD)
        return err_set(err, ERR_MALFORMED, "expected a block, found other CBOR");
    int rc = read_preamble(d, at[BLOCK_PREAMBLE], err);
    if (rc < 0)
        return rc;
    index_tables(d, at[BLOCK_TABLES]);
    if (!enter_list(d, at[BLOCK_ITEMS], &d->items, &d->in_items) ||
        !enter_list(d, at[BLOCK_MALFORMED], &d->malformed, &d->in_malformed))
        return err_set(err, ERR_MALFORMED, "expected lists of messages, found other CBOR");
    return 0;
}

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
        rc = next_value(d, true, &d->block, err);
        d->cut = rc == CBORSPAN_ENDS;
        rc = rc < 0 ? rc : begin_block(d, err);
        return rc < 0 ? rc : 1;
    }
    if (!d->over)
        skip(d, SKIP_CUT);
    d->over = true;
    return 0;
}

/* --- items ------------------------------------------------------------------------------- */

/* The entry that the index at `at` names; 0 if there is no index. */
static size_t entry_of(const struct cdns *d, enum table_key table, size_t at, bool *ret_broken)
{
    uint64_t index;
    if (at == 0)
        return 0;
    if (cborspan_uint(d->block, at, &index) && index < d->tables[table].n)
        return d->tables[table].at[index];
    *ret_broken = true;
    return 0;
}

static struct span bytes_of(const struct cdns *d, enum table_key table, size_t at,
                            bool *ret_broken)
{
    struct span s = {0};
    size_t entry = entry_of(d, table, at, ret_broken);
    if (entry > 0 && !cborspan_bytes(d->block, entry, &s))
        *ret_broken = true;
    return s;
}

/* An address whole: prefixes are stored without the bytes that they leave out. Those are
 * zero, as in a prefix that is counted. Empty if there is none; false if it is wrong. */
static bool address_of(struct cdns *d, struct item *item, size_t at, const size_t prefixes[2],
                       char out[16], struct span *ret)
{
    struct span s = bytes_of(d, ADDRESS, at, &item->broken);
    uint64_t transport = 0;
    bool known = cborspan_uint(d->block, item->sign[TRANSPORT_FLAGS], &transport);
    bool six = known ? transport & TRANSPORT_IPV6 : s.n > 4;
    size_t whole = six ? 16 : 4;
    *ret = (struct span){0};
    if (s.n == 0)
        return true;
    if (s.n > whole || s.n < (prefixes[six] + 7) / 8)
        return false;
    memset(out, 0, whole);
    memcpy(out, s.p, s.n);
    *ret = span_make(out, whole);
    return true;
}

/* Ticks of the query, or of a response without one, and then `delay` more. */
static bool time_of(const struct cdns *d, const struct item *item, int64_t delay,
                    int64_t *ret_ns)
{
    uint64_t offset;
    if (d->timeless || !cborspan_uint(d->block, item->at[TIME_OFFSET], &offset) ||
        d->base_s < 0 || d->base_s > INT64_MAX / NS_PER_S)
        return false;
    uint64_t rate = d->now->ticks_per_s;
    __extension__ __int128 ticks = d->base_s;
    ticks = ticks * rate + d->base_ticks + offset + delay;
    if (ticks < 0 || ticks / rate > INT64_MAX / NS_PER_S - 1)
        return false;
    *ret_ns = (int64_t)(ticks / rate * NS_PER_S + ticks % rate * NS_PER_S / rate);
    return true;
}

static int32_t small_number(const struct cdns *d, size_t at, uint64_t most)
{
    uint64_t n;
    return cborspan_uint(d->block, at, &n) && n <= most ? (int32_t)n : LOOKUP_UNKNOWN;
}

static uint16_t type_of(const struct cdns *d, size_t at, bool *ret_broken)
{
    size_t v[1] = {0}, entry = entry_of(d, CLASS_TYPE, at, ret_broken);
    uint64_t type = 0;
    if (entry > 0 && (!fields(d, entry, v, 1) || !cborspan_uint(d->block, v[0], &type)))
        *ret_broken = true;
    return type <= UINT16_MAX ? (uint16_t)type : 0;
}

/* What both messages of an item have: SKIP_REASONS, or why neither can be counted. */
static enum skip_reason read_item(struct cdns *d, size_t at, struct item *item)
{
    if (!fields(d, at, item->at, ITEM_KEYS))
        return SKIP_BAD_FIELD;
    size_t sign = entry_of(d, SIGNATURE, item->at[ITEM_SIGNATURE], &item->broken);
    if (sign > 0 && !fields(d, sign, item->sign, SIGNATURE_KEYS))
        item->broken = true;
    if (!cborspan_uint(d->block, item->sign[SIGNATURE_FLAGS], &item->flags))
        item->flags = HAS_QUERY; /* of an item, what is there when nothing is said */
    item->v = (struct lookup){
        .name = bytes_of(d, NAME, item->at[QUERY_NAME], &item->broken),
        .client_form = FORM_WIRE,
        .name_form = FORM_WIRE,
        .qtype = type_of(d, item->sign[QUERY_CLASS_TYPE], &item->broken),
        .rcode = LOOKUP_UNKNOWN,
        .id = small_number(d, item->at[TRANSACTION_ID], UINT16_MAX),
        .port = small_number(d, item->at[CLIENT_PORT], UINT16_MAX),
        .ttl_s = LOOKUP_UNKNOWN,
        .weight = 1,
    };
    address_of(d, item, item->sign[SERVER_ADDRESS], d->now->server_prefix, item->server,
               &item->v.server);
    bool good = address_of(d, item, item->at[CLIENT_ADDRESS], d->now->client_prefix,
                           item->client, &item->v.client);
    if (item->broken)
        return d->cut ? SKIP_CUT : SKIP_BAD_FIELD;
    return good ? SKIP_REASONS : SKIP_BAD_CLIENT;
}

/* One record a question: the item's own, and those of its list of further ones. */
static void push_questions(struct cdns *d, const struct item *item, const struct lookup *v,
                           size_t extended)
{
    size_t lists[EXTENDED_KEYS] = {0}, at;
    struct cborspan_array more;
    bool broken = false;
    messages_push(&d->messages, v);
    if (!fields(d, item->at[extended], lists, EXTENDED_KEYS))
        return;
    size_t list = entry_of(d, QUESTION_LIST, lists[MORE_QUESTIONS], &broken);
    if (cborspan_enter(d->block, list, &more) != CBORSPAN_OK)
        return;
    while (cborspan_more(&more, &at) == CBORSPAN_OK) {
        size_t parts[ENTRY_KEYS] = {0};
        struct lookup next = *v;
        broken = !fields(d, entry_of(d, QUESTION, at, &broken), parts, ENTRY_KEYS);
        next.name = bytes_of(d, NAME, parts[ENTRY_NAME], &broken);
        next.qtype = type_of(d, parts[ENTRY_CLASS_TYPE], &broken);
        if (broken || next.name.n == 0)
            skip(d, broken ? SKIP_BAD_FIELD : SKIP_NO_NAME);
        else
            messages_push(&d->messages, &next);
    }
}

/* Smallest TTL of the answers, as dns_read_answer has it. */
static int64_t smallest_ttl(const struct cdns *d, const struct item *item)
{
    size_t lists[EXTENDED_KEYS] = {0}, at;
    struct cborspan_array answers;
    int64_t smallest = LOOKUP_UNKNOWN;
    bool broken = false;
    if (!fields(d, item->at[RESPONSE_EXTENDED], lists, EXTENDED_KEYS))
        return smallest;
    size_t list = entry_of(d, RR_LIST, lists[ANSWERS], &broken);
    if (cborspan_enter(d->block, list, &answers) != CBORSPAN_OK)
        return smallest;
    while (cborspan_more(&answers, &at) == CBORSPAN_OK) {
        size_t record[ENTRY_KEYS] = {0};
        uint64_t ttl;
        if (!fields(d, entry_of(d, RR, at, &broken), record, ENTRY_KEYS) ||
            !cborspan_uint(d->block, record[ENTRY_TTL], &ttl))
            return LOOKUP_UNKNOWN;
        ttl = ttl > INT32_MAX ? 0 : ttl; /* RFC 2181, section 8 */
        if (smallest == LOOKUP_UNKNOWN || (int64_t)ttl < smallest)
            smallest = (int64_t)ttl;
    }
    return smallest;
}

static void add_query(struct cdns *d, const struct item *item, enum skip_reason why)
{
    uint64_t opcode = DNS_OPCODE_QUERY;
    struct lookup v = item->v;
    cborspan_uint(d->block, item->sign[OPCODE], &opcode);
    if (why != SKIP_REASONS)
        skip(d, why);
    else if (opcode != DNS_OPCODE_QUERY || item->flags & QUERY_NO_QUESTION)
        skip(d, opcode != DNS_OPCODE_QUERY ? SKIP_OPCODE : SKIP_NO_QUESTION);
    else if (v.client.n == 0 || v.name.n == 0)
        skip(d, SKIP_NO_NAME);
    else if (!time_of(d, item, 0, &v.t_ns))
        skip(d, SKIP_BAD_TIME);
    else
        push_questions(d, item, &v, QUERY_EXTENDED);
}

static void add_response(struct cdns *d, const struct item *item, enum skip_reason why)
{
    uint64_t opcode = DNS_OPCODE_QUERY;
    int64_t delay = 0;
    struct lookup v = item->v;
    v.kind = LOOKUP_RESPONSE;
    v.rcode = small_number(d, item->sign[RESPONSE_RCODE], 4095);
    v.ttl_s = smallest_ttl(d, item);
    cborspan_uint(d->block, item->sign[OPCODE], &opcode);
    if (item->flags & HAS_QUERY)
        cborspan_int(d->block, item->at[RESPONSE_DELAY], &delay);
    if (why != SKIP_REASONS)
        skip(d, why);
    else if (opcode != DNS_OPCODE_QUERY || item->flags & RESPONSE_NO_QUESTION ||
             v.client.n == 0 || v.name.n == 0)
        skip(d, SKIP_RESPONSE);
    else if (!time_of(d, item, delay, &v.t_ns))
        skip(d, SKIP_BAD_TIME);
    else
        push_questions(d, item, &v,
                       item->flags & HAS_QUERY ? QUERY_EXTENDED : RESPONSE_EXTENDED);
}

static void add_item(struct cdns *d, size_t at)
{
    struct item item = {0};
    enum skip_reason why = read_item(d, at, &item);
    if (item.flags & HAS_QUERY || !(item.flags & HAS_RESPONSE))
        add_query(d, &item, why);
    if (item.flags & HAS_RESPONSE)
        add_response(d, &item, why);
}

/* --- reading ----------------------------------------------------------------------------- */

/* Of a block that is cut, the last element may be too. */
static bool is_whole(const struct cdns *d, size_t at)
{
    return !d->cut || cborspan_skip(d->block, &at) == CBORSPAN_OK;
}

/* Go on with the block: false when it is used up. */
static bool next_item(struct cdns *d)
{
    size_t at;
    if (d->in_items) {
        d->in_items = cborspan_more(&d->items, &at) == CBORSPAN_OK;
        if (d->in_items && is_whole(d, at))
            add_item(d, at);
        return true;
    }
    if (d->in_malformed) {
        d->in_malformed = cborspan_more(&d->malformed, &at) == CBORSPAN_OK;
        if (d->in_malformed && is_whole(d, at))
            skip(d, SKIP_BAD_DNS);
        return true;
    }
    return false;
}

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
            if (!next_item(d))
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
    for (size_t i = 0; i < TABLES; i++)
        free(d->tables[i].at);
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
    if (d->storage_flags & ANONYMISED) {
        n += (size_t)snprintf(d->note + n, size - n, "anonymised");
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
    .help = "C-DNS, version 1.0",
    .cite = "RFC 8618",
    .probe = cdns_probe,
    .open = cdns_open,
    .next = cdns_next,
    .close = cdns_close,
    .note = cdns_note,
};
