/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * canon - one spelling for each client and each name.
 *
 * A name in canonical form is its labels in RFC 1035 presentation format, ASCII
 * letters in lower case, no trailing dot, "." for the root; bytes that are not
 * printable, and dot and backslash inside a label, as \DDD (dot: \046,
 * backslash: \092). So the text is one-to-one with the folded wire form. At most
 * CANON_NAME_MAX bytes (255 octets on the wire, each as \DDD).
 * A client is its address as inet_ntop writes it (IPv6 in lower case, RFC 5952;
 * v4-mapped folded to IPv4; "#port", "@port" and "%zone" suffixes dropped), or
 * any other text as it stands with control bytes and backslash as \DDD.
 */
#ifndef INGEST_CANON_H
#define INGEST_CANON_H

#include "base/err.h"
#include "base/span.h"
#include "ingest/lookup.h"

enum { CANON_NAME_MAX = 1024, CANON_CLIENT_MAX = 256 };

/* Write the canonical form to out, its length to *ret_n. ERR_MALFORMED (no
 * message) for what is no name (label > 63 octets, name > 255, empty label) or
 * no client (empty, too long). */
int canon_name(struct span name, enum lookup_form form, char out[CANON_NAME_MAX],
               size_t *ret_n);
int canon_client(struct span client, enum lookup_form form, char out[CANON_CLIENT_MAX],
                 size_t *ret_n);

/* A name's text to its labels on the wire, the root's octet too, in the case it is written in;
 * how many octets (at most 255), or ERR_MALFORMED (no message). */
int canon_wire(struct span name, unsigned char out[255]);

/* Would canon_client read this text as an address? */
bool canon_is_address(struct span text);

/* How clients are grouped before they are counted. */
struct canon_group {
    int prefix4, prefix6;              /* 32 and 128, or 0: each address by itself */
    const struct canon_labels *labels; /* or NULL */
};

/* A label file: lines "address-or-prefix,label"; longest prefix wins; what is in
 * none keeps its own spelling. */
int canon_labels_read(struct canon_labels **ret, const char *path, struct err *err);
void canon_labels_free(struct canon_labels *l);

/* Canonical client text to the text it is counted under. */
void canon_group_client(const struct canon_group *g, struct span client,
                        char out[CANON_CLIENT_MAX], size_t *ret_n);

/* A block of addresses, "192.0.2.0/24" or "2001:db8::/32". */
struct canon_block {
    unsigned char bytes[16]; /* 4 or 16 of them; bits past the prefix are zero */
    int family, bits;
};

/* ERR_MALFORMED (no message) for what is no prefix, or has bits past its length. */
int canon_block(struct span text, struct canon_block *ret);
void canon_block_text(const struct canon_block *b, char out[CANON_CLIENT_MAX], size_t *ret_n);
/* Does a client, an address or a prefix in canonical form, lie in the block? */
bool canon_in_block(const struct canon_block *b, struct span client);

/* IANA number of a record type's text: "AAAA", "28", "TYPE28", "1 (A)"; -1 if none.
 * And back: "AAAA", "TYPE65280", or "" for 0. */
int canon_qtype(struct span text);
const char *canon_qtype_name(uint16_t qtype, char out[16]);
int canon_rcode(struct span text); /* "NXDOMAIN", "3", "NOERROR"; -1 if none */

#endif
