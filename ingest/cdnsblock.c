/* SPDX-License-Identifier: GPL-3.0-or-later
 * A block's tables become lists of where their entries begin; an entry is read when an
 * item needs it. So the memory is a few times the block, whatever the block claims to
 * hold, and nothing depends on the order of a block's parts. */
#include "ingest/cdnsblock.h"

#include <stdlib.h>

#include "base/text.h"
#include "ingest/dns.h"

/* Keys of maps, by RFC 8618, section 7. */
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
    TABLES = CDNSBLOCK_TABLES
};
enum item_key {
    TIME_OFFSET = 0,
    CLIENT_ADDRESS,
    CLIENT_PORT,
    TRANSACTION_ID,
    ITEM_SIGNATURE,
    HOP_LIMIT,
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
enum { LIST_MAX = 65535 }; /* no message has more questions or answers */

/* The keys of a draft by those of the RFC, of what is read. A draft's indexes count from 1,
 * and 0 is none; its flags say that a query has a question, not that it has none; its
 * addresses are whole, and tell their family by their length. */
enum { NO_KEY = 31, DRAFT_KEYS };
struct layout {
    unsigned char time[TIME_KEYS], item[ITEM_KEYS], sign[SIGNATURE_KEYS];
    bool draft;
};

#define DRAFT_SIGNATURE                                                                        \
    {                                                                                          \
        [SERVER_ADDRESS] = 0, [TRANSPORT_FLAGS] = NO_KEY, [SIGNATURE_FLAGS] = 3, [OPCODE] = 4, \
        [QUERY_CLASS_TYPE] = 7, [RESPONSE_RCODE] = 15                                          \
    }

static const struct layout layouts[CDNSBLOCK_LAYOUTS] = {
    [CDNSBLOCK_RFC8618] = {.draft = false}, /* as they are */
    [CDNSBLOCK_DRAFT_05] = {.draft = true,
                            .time = {[EARLIEST_TIME] = 1, [PARAMETERS_INDEX] = NO_KEY},
                            .item = {[TIME_OFFSET] = 0,
                                     [CLIENT_ADDRESS] = 2,
                                     [CLIENT_PORT] = 3,
                                     [TRANSACTION_ID] = 4,
                                     [ITEM_SIGNATURE] = 5,
                                     [HOP_LIMIT] = 6,
                                     [RESPONSE_DELAY] = 7,
                                     [QUERY_NAME] = 9,
                                     [QUERY_EXTENDED] = 12,
                                     [RESPONSE_EXTENDED] = 13},
                            .sign = DRAFT_SIGNATURE},
    [CDNSBLOCK_DRAFT_02] = {.draft = true,
                            .time = {[EARLIEST_TIME] = 1, [PARAMETERS_INDEX] = NO_KEY},
                            .item = {[TIME_OFFSET] = 0,
                                     [CLIENT_ADDRESS] = 1,
                                     [CLIENT_PORT] = 2,
                                     [TRANSACTION_ID] = 3,
                                     [ITEM_SIGNATURE] = 4,
                                     [HOP_LIMIT] = 5,
                                     [RESPONSE_DELAY] = 6,
                                     [QUERY_NAME] = 7,
                                     [QUERY_EXTENDED] = 9,
                                     [RESPONSE_EXTENDED] = 10},
                            .sign = DRAFT_SIGNATURE},
};
enum { DRAFT_HAS_QUESTION = 4 };

/* An item, resolved as far as its messages share it. */
struct item {
    size_t at[ITEM_KEYS], sign[SIGNATURE_KEYS]; /* values, 0: not there */
    uint64_t flags;
    bool broken; /* refers to an entry that is not there, or of another kind */
    struct lookup v;
    char client[16], server[16];
};

/* --- tables ------------------------------------------------------------------------------ */

static bool fields(const struct cdnsblock *b, size_t at, size_t *ret_at, size_t n)
{
    return at > 0 && cborspan_fields(b->bytes, at, ret_at, n) == CBORSPAN_OK;
}

/* The same of a map whose keys are those of the layout: ret_at has them by the RFC's. */
static bool laid_fields(const struct cdnsblock *b, size_t at, size_t *ret_at, size_t n,
                        const unsigned char *keys)
{
    size_t drafted[DRAFT_KEYS] = {0};
    if (!layouts[b->layout].draft)
        return fields(b, at, ret_at, n);
    bool is = fields(b, at, drafted, NO_KEY);
    for (size_t i = 0; i < n; i++)
        ret_at[i] = drafted[keys[i]];
    return is;
}

static uint64_t flags_of(const struct cdnsblock *b, uint64_t flags)
{
    if (!layouts[b->layout].draft)
        return flags;
    return (flags & (HAS_QUERY | HAS_RESPONSE | RESPONSE_NO_QUESTION)) |
           (flags & DRAFT_HAS_QUESTION ? 0 : QUERY_NO_QUESTION);
}

static void index_tables(struct cdnsblock *b, size_t at)
{
    size_t tables[TABLES] = {0}, entry;
    if (at > 0) /* of a block that is cut, the tables that are there */
        cborspan_fields(b->bytes, at, tables, TABLES);
    for (size_t i = 0; i < TABLES; i++) {
        struct cdnsblock_table *t = &b->tables[i];
        struct cborspan_array a;
        t->n = 0;
        if (cborspan_enter(b->bytes, tables[i], &a) != CBORSPAN_OK)
            continue;
        while (cborspan_more(&a, &entry) == CBORSPAN_OK) {
            MEM_GROW(t->at, t->n, t->cap);
            t->at[t->n++] = (uint32_t)entry;
        }
    }
}

static int read_preamble(struct cdnsblock *b, size_t at, struct err *err)
{
    size_t v[TIME_KEYS] = {0}, seconds = 0, ticks = 0;
    uint64_t index = 0;
    struct cborspan_array time;
    if (!laid_fields(b, at, v, TIME_KEYS, layouts[b->layout].time) && !b->cut)
        return err_set(err, ERR_MALFORMED, "expected a block preamble, found none");
    cborspan_uint(b->bytes, v[PARAMETERS_INDEX], &index);
    if (index >= b->nparams)
        return err_set(err, ERR_MALFORMED,
                       "expected one of the file's %zu block parameters, found index %llu",
                       b->nparams, (unsigned long long)index);
    b->now = &b->params[index];
    b->timeless = cborspan_enter(b->bytes, v[EARLIEST_TIME], &time) != CBORSPAN_OK ||
                  cborspan_more(&time, &seconds) != CBORSPAN_OK ||
                  cborspan_more(&time, &ticks) != CBORSPAN_OK ||
                  !cborspan_int(b->bytes, seconds, &b->base_s) ||
                  !cborspan_int(b->bytes, ticks, &b->base_ticks);
    return 0;
}

/* A list of the block, if it is there; false if it is something else. */
static bool enter_list(const struct cdnsblock *b, size_t at, struct cborspan_array *ret,
                       bool *ret_inside)
{
    enum cborspan_got got = cborspan_enter(b->bytes, at, ret);
    *ret_inside = got == CBORSPAN_OK;
    return at == 0 || got != CBORSPAN_BAD;
}

int cdnsblock_begin(struct cdnsblock *b, struct span bytes, bool cut, struct err *err)
{
    b->bytes = bytes;
    b->cut = cut;
    size_t at[BLOCK_KEYS] = {0};
    enum cborspan_got got = cborspan_fields(b->bytes, 0, at, BLOCK_KEYS);
    if (got == CBORSPAN_BAD)
        return err_set(err, ERR_MALFORMED, "expected a block, found other CBOR");
    int rc = read_preamble(b, at[BLOCK_PREAMBLE], err);
    if (rc < 0)
        return rc;
    index_tables(b, at[BLOCK_TABLES]);
    if (!enter_list(b, at[BLOCK_ITEMS], &b->items, &b->in_items) ||
        !enter_list(b, at[BLOCK_MALFORMED], &b->malformed, &b->in_malformed))
        return err_set(err, ERR_MALFORMED, "expected lists of messages, found other CBOR");
    return 0;
}

/* --- items ------------------------------------------------------------------------------- */

/* The entry that the index at `at` names; 0 if there is no index. */
static size_t entry_of(const struct cdnsblock *b, enum table_key table, size_t at,
                       bool *ret_broken)
{
    uint64_t index;
    uint64_t first = layouts[b->layout].draft;
    if (at == 0)
        return 0;
    bool is = cborspan_uint(b->bytes, at, &index);
    if (is && index < first)
        return 0;
    if (is && (index -= first) < b->tables[table].n)
        return b->tables[table].at[index];
    *ret_broken = true;
    return 0;
}

static struct span bytes_of(const struct cdnsblock *b, enum table_key table, size_t at,
                            bool *ret_broken)
{
    struct span s = {0};
    size_t entry = entry_of(b, table, at, ret_broken);
    if (entry > 0 && !cborspan_bytes(b->bytes, entry, &s))
        *ret_broken = true;
    return s;
}

/* An address whole: prefixes are stored without the bytes that they leave out. Those are
 * zero, as in a prefix that is counted. Empty if there is none; false if it is wrong. */
static bool address_of(const struct cdnsblock *b, struct item *item, size_t at,
                       const size_t prefixes[2], char out[16], struct span *ret)
{
    struct span s = bytes_of(b, ADDRESS, at, &item->broken);
    uint64_t transport = 0;
    bool known = cborspan_uint(b->bytes, item->sign[TRANSPORT_FLAGS], &transport);
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
static bool time_of(const struct cdnsblock *b, const struct item *item, int64_t delay,
                    int64_t *ret_ns)
{
    uint64_t offset;
    if (b->timeless || !cborspan_uint(b->bytes, item->at[TIME_OFFSET], &offset) ||
        b->base_s < 0 || b->base_s > INT64_MAX / NS_PER_S)
        return false;
    uint64_t rate = b->now->ticks_per_s;
    __extension__ __int128 ticks = b->base_s;
    ticks = ticks * rate + b->base_ticks + offset + delay;
    if (ticks < 0 || ticks / rate > INT64_MAX / NS_PER_S - 1)
        return false;
    *ret_ns = (int64_t)(ticks / rate * NS_PER_S + ticks % rate * NS_PER_S / rate);
    return true;
}

static int32_t small_number(const struct cdnsblock *b, size_t at, uint64_t most)
{
    uint64_t n;
    return cborspan_uint(b->bytes, at, &n) && n <= most ? (int32_t)n : LOOKUP_UNKNOWN;
}

static uint16_t type_of(const struct cdnsblock *b, size_t at, bool *ret_broken)
{
    size_t v[1] = {0}, entry = entry_of(b, CLASS_TYPE, at, ret_broken);
    uint64_t type = 0;
    if (entry > 0 && (!fields(b, entry, v, 1) || !cborspan_uint(b->bytes, v[0], &type)))
        *ret_broken = true;
    return type <= UINT16_MAX ? (uint16_t)type : 0;
}

/* What both messages of an item have: SKIP_REASONS, or why neither can be counted. */
static enum skip_reason read_item(const struct cdnsblock *b, size_t at, struct item *item)
{
    if (!laid_fields(b, at, item->at, ITEM_KEYS, layouts[b->layout].item))
        return SKIP_BAD_FIELD;
    size_t sign = entry_of(b, SIGNATURE, item->at[ITEM_SIGNATURE], &item->broken);
    if (sign > 0 && !laid_fields(b, sign, item->sign, SIGNATURE_KEYS, layouts[b->layout].sign))
        item->broken = true;
    if (cborspan_uint(b->bytes, item->sign[SIGNATURE_FLAGS], &item->flags))
        item->flags = flags_of(b, item->flags);
    else
        item->flags = HAS_QUERY; /* of an item, what is there when nothing is said */
    item->v = (struct lookup){
        .name = bytes_of(b, NAME, item->at[QUERY_NAME], &item->broken),
        .client_form = FORM_WIRE,
        .name_form = FORM_WIRE,
        .qtype = type_of(b, item->sign[QUERY_CLASS_TYPE], &item->broken),
        .rcode = LOOKUP_UNKNOWN,
        .id = small_number(b, item->at[TRANSACTION_ID], UINT16_MAX),
        .port = small_number(b, item->at[CLIENT_PORT], UINT16_MAX),
        .ttl_s = LOOKUP_UNKNOWN,
        .weight = 1,
    };
    address_of(b, item, item->sign[SERVER_ADDRESS], b->now->server_prefix, item->server,
               &item->v.server);
    bool good = address_of(b, item, item->at[CLIENT_ADDRESS], b->now->client_prefix,
                           item->client, &item->v.client);
    if (item->broken)
        return b->cut ? SKIP_CUT : SKIP_BAD_FIELD;
    return good ? SKIP_REASONS : SKIP_BAD_CLIENT;
}

/* One record a question: the item's own, and those of its list of further ones. */
static void push_questions(const struct cdnsblock *b, struct messages *q,
                           const struct item *item, const struct lookup *v, size_t extended)
{
    size_t lists[EXTENDED_KEYS] = {0}, at;
    struct cborspan_array more;
    bool broken = false;
    messages_push(q, v);
    if (!fields(b, item->at[extended], lists, EXTENDED_KEYS))
        return;
    if (lists[MORE_QUESTIONS] == 0)
        return;
    size_t list = entry_of(b, QUESTION_LIST, lists[MORE_QUESTIONS], &broken);
    if (cborspan_enter(b->bytes, list, &more) != CBORSPAN_OK) {
        messages_skip(q, SKIP_BAD_FIELD);
        return;
    }
    for (int i = 0; i < LIST_MAX && cborspan_more(&more, &at) == CBORSPAN_OK; i++) {
        size_t parts[ENTRY_KEYS] = {0};
        struct lookup next = *v;
        broken = !fields(b, entry_of(b, QUESTION, at, &broken), parts, ENTRY_KEYS);
        next.name = bytes_of(b, NAME, parts[ENTRY_NAME], &broken);
        next.qtype = type_of(b, parts[ENTRY_CLASS_TYPE], &broken);
        if (broken || next.name.n == 0)
            messages_skip(q, broken ? SKIP_BAD_FIELD : SKIP_NO_NAME);
        else
            messages_push(q, &next);
    }
}

/* Smallest TTL of the answers, as dns_read_answer has it. */
static int64_t smallest_ttl(const struct cdnsblock *b, const struct item *item)
{
    size_t lists[EXTENDED_KEYS] = {0}, at;
    struct cborspan_array answers;
    int64_t smallest = LOOKUP_UNKNOWN;
    bool broken = false;
    if (!fields(b, item->at[RESPONSE_EXTENDED], lists, EXTENDED_KEYS))
        return smallest;
    size_t list = entry_of(b, RR_LIST, lists[ANSWERS], &broken);
    if (cborspan_enter(b->bytes, list, &answers) != CBORSPAN_OK)
        return smallest;
    for (int i = 0; i < LIST_MAX && cborspan_more(&answers, &at) == CBORSPAN_OK; i++) {
        size_t record[ENTRY_KEYS] = {0};
        uint64_t ttl;
        if (!fields(b, entry_of(b, RR, at, &broken), record, ENTRY_KEYS) ||
            !cborspan_uint(b->bytes, record[ENTRY_TTL], &ttl))
            return LOOKUP_UNKNOWN;
        ttl = ttl > INT32_MAX ? 0 : ttl; /* RFC 2181, section 8 */
        if (smallest == LOOKUP_UNKNOWN || (int64_t)ttl < smallest)
            smallest = (int64_t)ttl;
    }
    return smallest;
}

static void add_query(const struct cdnsblock *b, struct messages *q, const struct item *item,
                      enum skip_reason why)
{
    uint64_t opcode = DNS_OPCODE_QUERY;
    struct lookup v = item->v;
    cborspan_uint(b->bytes, item->sign[OPCODE], &opcode);
    int32_t hops = small_number(b, item->at[HOP_LIMIT], UINT8_MAX);
    v.trait[TRAIT_HOPS] = hops > 0 ? (uint16_t)hops : 0;
    if (why != SKIP_REASONS)
        messages_skip(q, why);
    else if (opcode != DNS_OPCODE_QUERY || item->flags & QUERY_NO_QUESTION)
        messages_skip(q, opcode != DNS_OPCODE_QUERY ? SKIP_OPCODE : SKIP_NO_QUESTION);
    else if (v.client.n == 0 || v.name.n == 0)
        messages_skip(q, SKIP_NO_NAME);
    else if (!time_of(b, item, 0, &v.t_ns))
        messages_skip(q, SKIP_BAD_TIME);
    else
        push_questions(b, q, item, &v, QUERY_EXTENDED);
}

static void add_response(const struct cdnsblock *b, struct messages *q, const struct item *item,
                         enum skip_reason why)
{
    uint64_t opcode = DNS_OPCODE_QUERY;
    int64_t delay = 0;
    struct lookup v = item->v;
    v.kind = LOOKUP_RESPONSE;
    v.rcode = small_number(b, item->sign[RESPONSE_RCODE], 4095);
    v.ttl_s = smallest_ttl(b, item);
    cborspan_uint(b->bytes, item->sign[OPCODE], &opcode);
    if (item->flags & HAS_QUERY)
        cborspan_int(b->bytes, item->at[RESPONSE_DELAY], &delay);
    if (why != SKIP_REASONS)
        messages_skip(q, why);
    else if (opcode != DNS_OPCODE_QUERY || item->flags & RESPONSE_NO_QUESTION ||
             v.client.n == 0 || v.name.n == 0)
        messages_skip(q, SKIP_RESPONSE);
    else if (!time_of(b, item, delay, &v.t_ns))
        messages_skip(q, SKIP_BAD_TIME);
    else
        push_questions(b, q, item, &v,
                       item->flags & HAS_QUERY ? QUERY_EXTENDED : RESPONSE_EXTENDED);
}

static void add_item(const struct cdnsblock *b, struct messages *q, size_t at)
{
    struct item item = {0};
    enum skip_reason why = read_item(b, at, &item);
    if (item.flags & HAS_QUERY || !(item.flags & HAS_RESPONSE))
        add_query(b, q, &item, why);
    if (item.flags & HAS_RESPONSE)
        add_response(b, q, &item, why);
}

/* Of a block that is cut, the last element may be too. */
static bool is_whole(const struct cdnsblock *b, size_t at)
{
    return !b->cut || cborspan_skip(b->bytes, &at) == CBORSPAN_OK;
}

bool cdnsblock_next(struct cdnsblock *b, struct messages *q)
{
    size_t at;
    if (b->in_items) {
        b->in_items = cborspan_more(&b->items, &at) == CBORSPAN_OK;
        q->at += b->in_items;
        if (b->in_items && is_whole(b, at))
            add_item(b, q, at);
        return true;
    }
    if (b->in_malformed) {
        b->in_malformed = cborspan_more(&b->malformed, &at) == CBORSPAN_OK;
        q->at += b->in_malformed;
        if (b->in_malformed && is_whole(b, at))
            messages_skip(q, SKIP_BAD_DNS);
        return true;
    }
    return false;
}

void cdnsblock_free(struct cdnsblock *b)
{
    for (size_t i = 0; i < TABLES; i++)
        free(b->tables[i].at);
}
