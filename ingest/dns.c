/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/dns.h"

#include "ingest/bytes.h"
#include "ingest/lookup.h"

enum {
    LABEL_KIND = 0xc0,
    LABEL_POINTER = 0xc0,
    POINTER_MASK = 0x3fff,
    POINTERS_MAX = 127, /* a name of 255 octets has no more labels, so no more pointers */
    RECORD_FIXED = 10,  /* type, class, TTL, length */
    TYPE_OPT = 41,
    OPTION_SUBNET = 8,
};

bool dns_read_header(struct span m, struct dns_header *ret)
{
    if (m.n < DNS_HEADER_SIZE)
        return false;
    *ret = (struct dns_header){
        .id = be16_at(m, 0),
        .response = byte_at(m, 2) >> 7,
        .opcode = byte_at(m, 2) >> 3 & 15,
        .rcode = byte_at(m, 3) & 15,
        .questions = be16_at(m, 4),
        .answers = be16_at(m, 6),
        .authorities = be16_at(m, 8),
        .additionals = be16_at(m, 10),
    };
    return true;
}

/* One step along a compressed name: *i moves over a pointer or to the next label;
 * a label's length is given, LABEL_POINTER for a pointer. */
static enum dns_fault next_label(struct span m, size_t *i, unsigned *ret_length)
{
    if (*i >= m.n)
        return DNS_ENDS;
    unsigned length = byte_at(m, *i);
    if ((length & LABEL_KIND) == LABEL_POINTER) {
        if (m.n - *i < 2)
            return DNS_ENDS;
        *i = be16_at(m, *i) & POINTER_MASK;
        *ret_length = LABEL_POINTER;
        return DNS_OK;
    }
    if (length & LABEL_KIND)
        return DNS_BAD_NAME;
    if (m.n - *i < 1 + length)
        return DNS_ENDS;
    *i += 1 + length;
    *ret_length = length;
    return DNS_OK;
}

/* Copy the name at *at without compression. Pointers may lead anywhere in the
 * message, forward too: only their number is limited, which ends every loop. */
static enum dns_fault read_name(struct span m, size_t *at, unsigned char out[DNS_NAME_MAX],
                                size_t *ret_n)
{
    size_t i = *at, n = 0, behind = 0;
    unsigned length;
    int pointers = 0;
    do {
        size_t here = i;
        enum dns_fault fault = next_label(m, &i, &length);
        if (fault != DNS_OK) /* what a pointer leads to does not end: it is bad */
            return pointers ? DNS_BAD_NAME : fault;
        if (length == LABEL_POINTER) {
            if (pointers++ == 0)
                behind = here + 2;
            if (pointers > POINTERS_MAX)
                return DNS_BAD_NAME;
            continue;
        }
        if (n + 1 + length > DNS_NAME_MAX)
            return DNS_BAD_NAME;
        memcpy(out + n, m.p + here, 1 + length);
        n += 1 + length;
    } while (length > 0);
    *at = pointers ? behind : i;
    *ret_n = n;
    return DNS_OK;
}

enum dns_fault dns_read_question(struct span m, size_t *at, struct dns_question *ret)
{
    size_t i = *at;
    enum dns_fault fault = read_name(m, &i, ret->name, &ret->name_n);
    if (fault != DNS_OK)
        return fault;
    if (m.n - i < 4)
        return DNS_ENDS;
    ret->type = be16_at(m, i);
    ret->class = be16_at(m, i + 2);
    *at = i + 4;
    return DNS_OK;
}

/* A record without its owner; *at moves behind its data. */
struct record {
    uint16_t type, class;
    uint32_t ttl;
    struct span data;
};

static bool read_record(struct span m, size_t *at, struct record *ret)
{
    size_t i = *at;
    unsigned length;
    do { /* the owner's name, not followed: nobody asks for it */
        size_t here = i;
        if (next_label(m, &i, &length) != DNS_OK)
            return false;
        if (length == LABEL_POINTER) {
            i = here + 2;
            break;
        }
    } while (length > 0);
    if (m.n - i < RECORD_FIXED)
        return false;
    size_t data = be16_at(m, i + 8);
    if (m.n - i - RECORD_FIXED < data)
        return false;
    *ret = (struct record){be16_at(m, i), be16_at(m, i + 2), be32_at(m, i + 4),
                           span_make(m.p + i + RECORD_FIXED, data)};
    *at = i + RECORD_FIXED + data;
    return true;
}

/* Smallest TTL of `count` records; LOOKUP_UNKNOWN if not all can be read. A TTL
 * with the top bit set counts as 0 (RFC 2181, section 8). */
static int64_t smallest_ttl(struct span m, size_t *at, unsigned count)
{
    int64_t smallest = LOOKUP_UNKNOWN;
    for (; count > 0; count--) {
        struct record r;
        if (!read_record(m, at, &r))
            return LOOKUP_UNKNOWN;
        int64_t ttl = r.ttl > INT32_MAX ? 0 : r.ttl;
        if (smallest == LOOKUP_UNKNOWN || ttl < smallest)
            smallest = ttl;
    }
    return smallest;
}

void dns_read_answer(struct span m, size_t at, const struct dns_header *h,
                     struct dns_answer *ret)
{
    ret->rcode = h->rcode;
    ret->ttl_s = smallest_ttl(m, &at, h->answers);
    struct record r;
    for (unsigned left = (unsigned)h->authorities + h->additionals;
         left > 0 && read_record(m, &at, &r); left--)
        if (r.type == TYPE_OPT) {
            ret->rcode = (int32_t)(r.ttl >> 24 << 4) | h->rcode;
            return;
        }
}

/* ADDRESS of RFC 7871, section 6: as many bytes as the prefix needs, and no bit past it. */
static bool read_subnet(struct span option, struct dns_subnet *ret)
{
    if (option.n < 4)
        return false;
    unsigned family = be16_at(option, 0), prefix = byte_at(option, 2);
    size_t whole = family == 1 ? 4 : 16, n = (prefix + 7) / 8;
    if ((family != 1 && family != 2) || prefix == 0 || n > whole || option.n - 4 != n)
        return false;
    if (prefix % 8 && byte_at(option, 3 + n) & (0xffu >> prefix % 8))
        return false;
    *ret = (struct dns_subnet){.address_n = whole, .prefix = prefix};
    memcpy(ret->address, option.p + 4, n);
    return true;
}

bool dns_read_subnet(struct span m, size_t at, const struct dns_header *h,
                     struct dns_subnet *ret)
{
    struct record r = {0};
    unsigned left = (unsigned)h->answers + h->authorities + h->additionals;
    while (left > 0 && r.type != TYPE_OPT && read_record(m, &at, &r))
        left--;
    if (r.type != TYPE_OPT)
        return false;
    for (size_t i = 0; r.data.n - i >= 4;) {
        size_t n = be16_at(r.data, i + 2);
        if (r.data.n - i - 4 < n)
            return false;
        if (be16_at(r.data, i) == OPTION_SUBNET)
            return read_subnet(span_make(r.data.p + i + 4, n), ret);
        i += 4 + n;
    }
    return false;
}

/* --- what the sender is like ------------------------------------------------------------ */

uint16_t dns_edns_trait(struct span m, size_t at, const struct dns_header *h)
{
    struct record r = {0};
    unsigned left = (unsigned)h->answers + h->authorities + h->additionals;
    while (left > 0 && r.type != TYPE_OPT && read_record(m, &at, &r))
        left--;
    if (r.type != TYPE_OPT)
        return left == 0;
    uint32_t digest = ((uint32_t)r.class << 16 | (r.ttl & 0xffff)) ^ (r.ttl >> 16 & 0xff);
    for (size_t i = 0; r.data.n - i >= 4;) {
        size_t n = be16_at(r.data, i + 2);
        if (r.data.n - i - 4 < n)
            break;
        digest = digest * 16777619u ^ be16_at(r.data, i); /* FNV's prime */
        i += 4 + n;
    }
    return (uint16_t)(2 + (digest * 2654435761u >> 16) % (UINT16_MAX - 1));
}

uint16_t dns_case_trait(const unsigned char *name, size_t n)
{
    unsigned upper = 0, lower = 0;
    for (size_t i = 0; i < n; i++) { /* a length is 63 at most: no letter */
        upper += name[i] >= 'A' && name[i] <= 'Z';
        lower += name[i] >= 'a' && name[i] <= 'z';
    }
    return upper + lower < 12 ? 0 : upper && lower ? 2 : 1;
}

uint8_t dns_letters(const unsigned char *name, size_t n, uint64_t *ret_upper)
{
    uint8_t letters = 0;
    *ret_upper = 0;
    for (size_t i = 0; i < n && letters < 64; i++) {
        bool capital = name[i] >= 'A' && name[i] <= 'Z';
        if (!capital && !(name[i] >= 'a' && name[i] <= 'z'))
            continue;
        *ret_upper |= (uint64_t)capital << letters;
        letters++;
    }
    return letters;
}
