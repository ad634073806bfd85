/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/fields.h"

#include "base/text.h"
#include "ingest/canon.h"

int fields_begin(struct fields *f, const struct source_opts *opts, struct err *err)
{
    *f = (struct fields){.told = opts->time_format != NULL};
    f->stamp.zone = opts->zone;
    f->stamp.any_size = f->told;
    return f->told ? stamp_named(opts->time_format, &f->stamp.form, err) : 0;
}

int fields_tell(struct fields *f, struct span time, struct err *err)
{
    bool zone;
    int form = f->told ? -1 : stamp_tell(time, &zone);
    if (form < 0)
        return 0;
    if (!zone && !f->stamp.zone)
        return stamp_no_zone(time, err);
    f->stamp.form = (enum stamp_form)form;
    f->told = true;
    return 0;
}

/* `decode` of s, remembered; -1 as it says. */
static int look_up(struct fields_memo memo[FIELDS_MEMO], struct span s,
                   int (*decode)(struct span))
{
    if (s.n > FIELDS_MEMO_TEXT)
        return decode(s);
    unsigned hash = (unsigned char)s.p[0] * 31u + (unsigned char)s.p[s.n - 1] * 7u;
    struct fields_memo *m = &memo[(hash + (unsigned)s.n) % FIELDS_MEMO];
    if (m->n != s.n || memcmp(m->text, s.p, s.n) != 0) {
        *m = (struct fields_memo){.n = s.n, .value = decode(s)};
        memcpy(m->text, s.p, s.n);
    }
    return m->value;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *hit = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 32 : c) : NULL;
    return hit ? (int)(hit - digits) : -1;
}

/* The field in which reading ends. */
static int malformed(struct fields *f, struct span cell)
{
    f->bad = cell;
    return ERR_MALFORMED;
}

/* A whole number of 0..most; ids also as Wireshark writes them, 0x2db8. */
static int read_number(struct span s, int64_t most, int64_t *ret)
{
    if (s.n == 0) {
        *ret = LOOKUP_UNKNOWN;
        return 0;
    }
    int64_t value = 0;
    if (s.n > 2 && s.n <= 6 && s.p[0] == '0' && (s.p[1] | 32) == 'x') {
        for (size_t i = 2; i < s.n; i++) {
            int digit = hex_digit(s.p[i]);
            if (digit < 0)
                return ERR_MALFORMED;
            value = value * 16 + digit;
        }
    } else if (text_i64(s, &value) < 0) {
        return ERR_MALFORMED;
    }
    if (value < 0 || value > most)
        return ERR_MALFORMED;
    *ret = value;
    return 0;
}

/* The columns that a log may lack. */
static int read_optional(struct fields *f, const struct span cell[COLUMN_KINDS],
                         struct lookup *v)
{
    struct span qtype = cell[COLUMN_QTYPE], rcode = cell[COLUMN_RCODE];
    int type = qtype.n ? look_up(f->qtypes, qtype, canon_qtype) : 0;
    int code = rcode.n ? look_up(f->rcodes, rcode, canon_rcode) : LOOKUP_UNKNOWN;
    int64_t ttl, id, port, count;
    if (type < 0 || (rcode.n && code < 0))
        return malformed(f, type < 0 ? qtype : rcode);
    if (read_number(cell[COLUMN_TTL], UINT32_MAX, &ttl) < 0)
        return malformed(f, cell[COLUMN_TTL]);
    if (read_number(cell[COLUMN_ID], UINT16_MAX, &id) < 0)
        return malformed(f, cell[COLUMN_ID]);
    if (read_number(cell[COLUMN_PORT], UINT16_MAX, &port) < 0)
        return malformed(f, cell[COLUMN_PORT]);
    if (read_number(cell[COLUMN_COUNT], UINT32_MAX, &count) < 0)
        return malformed(f, cell[COLUMN_COUNT]);
    v->qtype = (uint16_t)type;
    v->rcode = code;
    v->ttl_s = ttl;
    v->id = (int32_t)id;
    v->port = (int32_t)port;
    v->weight = count < 0 ? 1 : (uint32_t)count;
    return 0;
}

/* Name services that are not DNS but share its messages, and so its logs. */
static enum skip_reason other_protocol(struct span port)
{
    return span_is(port, "5353")   ? SKIP_MDNS
           : span_is(port, "5355") ? SKIP_LLMNR
           : span_is(port, "137")  ? SKIP_NBNS
                                   : SKIP_REASONS;
}

enum skip_reason fields_read(struct fields *f, const struct span cell[COLUMN_KINDS],
                             struct lookup *ret)
{
    *ret = (struct lookup){.kind = LOOKUP_QUERY};
    if (stamp_read(&f->stamp, cell[COLUMN_TIME], &ret->t_ns) < 0) {
        malformed(f, cell[COLUMN_TIME]);
        return SKIP_BAD_TIME;
    }
    enum skip_reason other = other_protocol(cell[COLUMN_SERVER_PORT]);
    if (other != SKIP_REASONS)
        return other;
    struct span opcode = cell[COLUMN_OPCODE];
    if (opcode.n && !span_is(opcode, "0"))
        return SKIP_OPCODE;
    ret->client = cell[COLUMN_CLIENT];
    ret->name = cell[COLUMN_NAME];
    ret->server = cell[COLUMN_SERVER];
    if (ret->client.n == 0 || ret->name.n == 0)
        return SKIP_NO_NAME;
    if (read_optional(f, cell, ret) < 0)
        return SKIP_BAD_FIELD;
    return ret->weight ? SKIP_REASONS : SKIP_ZERO;
}

int fields_find(const struct fields_name *names, struct span name)
{
    for (; names->name; names++)
        if (span_is(name, names->name))
            return names->column;
    return -1;
}

void fields_unescape(char *p, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (p[i] != '\\')
            continue;
        int high = p[i + 1] == 'x' && i + 3 < n ? hex_digit(p[i + 2]) : -1;
        int low = high >= 0 ? hex_digit(p[i + 3]) : -1;
        if (low >= 0) {
            int byte = high * 16 + low;
            p[i + 1] = (char)('0' + byte / 100);
            p[i + 2] = (char)('0' + byte / 10 % 10);
            p[i + 3] = (char)('0' + byte % 10);
        }
        i++; /* what a backslash escapes is no backslash of its own */
    }
}

void fields_least(struct span *least, struct span ttl)
{
    const char *dot = ttl.n ? memchr(ttl.p, '.', ttl.n) : NULL;
    struct span whole = span_make(ttl.p, dot ? (size_t)(dot - ttl.p) : ttl.n);
    int64_t old, new;
    if (text_i64(whole, &new) < 0)
        return;
    if (least->n == 0 || text_i64(*least, &old) < 0 || new < old)
        *least = whole;
}
