/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dns - the parts of a DNS message (RFC 1035, RFC 6891) that a look-up needs.
 *
 * Hides name compression. Reads question by question, so that a bad record
 * further on cannot lose a question: it stands first. Nothing is allocated and
 * no state is kept from one message to the next.
 *
 *     struct dns_header h;
 *     size_t at = DNS_HEADER_SIZE;
 *     if (!dns_read_header(message, &h)) ...
 *     while (h.questions-- > 0 && dns_read_question(message, &at, &q) == DNS_OK) ...
 *     dns_read_answer(message, at, &h, &a); // when every question was read
 */
#ifndef INGEST_DNS_H
#define INGEST_DNS_H

#include <stdint.h>

#include "base/span.h"

enum {
    DNS_HEADER_SIZE = 12,
    DNS_NAME_MAX = 255, /* octets of a name on the wire, the root label included */
};

enum dns_opcode { DNS_OPCODE_QUERY = 0 };

enum dns_fault {
    DNS_OK,
    DNS_ENDS,     /* the message ends inside it */
    DNS_BAD_NAME, /* over 255 octets, unknown kind of label, pointer out of the message or
                     in a loop */
};

struct dns_header {
    uint16_t id;
    bool response;
    uint8_t opcode, rcode; /* 4 bits each */
    uint16_t questions, answers, authorities, additionals;
};

struct dns_question {
    unsigned char name[DNS_NAME_MAX]; /* labels, uncompressed, case as sent */
    size_t name_n;
    uint16_t type, class;
};

struct dns_answer {
    int32_t rcode; /* with the 8 high bits of an OPT record, if one was reached */
    int64_t ttl_s; /* smallest of the answer section; LOOKUP_UNKNOWN when there is no
                      answer or the section cannot be read whole */
};

/* EDNS Client Subnet (RFC 7871): for whom a resolver says it asks. */
struct dns_subnet {
    unsigned char address[16]; /* 4 or 16 bytes; bits past the prefix are zero */
    size_t address_n;
    unsigned prefix; /* bits, from 1 */
};

/* False when the message is shorter than a header. */
bool dns_read_header(struct span message, struct dns_header *ret);

/* Read the question at *at and move *at behind it; both untouched on a fault. */
enum dns_fault dns_read_question(struct span message, size_t *at, struct dns_question *ret);

/* Read the records behind the questions, as far as they can be read. */
void dns_read_answer(struct span message, size_t at, const struct dns_header *h,
                     struct dns_answer *ret);

/* The client subnet of the OPT record among the records behind the questions. False when
 * there is none that can be read, when its prefix has no bits (the client asked not to be
 * named), or when it breaks RFC 7871, section 6: family 1 or 2, as many bytes of address
 * as the prefix needs, no bit set past it. The scope is not looked at. */
bool dns_read_subnet(struct span message, size_t at, const struct dns_header *h,
                     struct dns_subnet *ret);

/* What the OPT record of a query is like, for telling resolvers apart: 1 if the records behind
 * the questions were read and have none, else 2 or more, a digest of the size, flags and
 * version that it states and of the codes of its options in order; 0 if they cannot be read.
 * What options hold is not looked at: it differs from query to query. */
uint16_t dns_edns_trait(struct span message, size_t at, const struct dns_header *h);

/* Of a name as it was sent: 0 if it has fewer than 12 letters, 1 if they are of one case, 2 if
 * of both (which 12 letters at random are but once in 2,048). */
uint16_t dns_case_trait(const unsigned char *name, size_t n);

/* How many letters, 64 at most; *ret_upper: bit i is set where letter i is a capital. */
uint8_t dns_letters(const unsigned char *name, size_t n, uint64_t *ret_upper);

#endif
