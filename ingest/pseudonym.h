/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pseudonym - other names for clients, servers and names, the same ones for the same key,
 * for a case that is to be given away.
 *
 * Hides the cryptography. What comes in is canonical (ingest/canon.h), and so is what goes
 * out.
 *   address    Crypto-PAn (Xu, Fan, Ammar, Moon, "Prefix-preserving IP address
 *              anonymization", ICNP 2002; AES-128): two addresses that share their first
 *              k bits, and no more, share exactly that many afterwards. IPv6 the same way
 *              over 128 bits, under a key of its own.
 *   prefix     as the address, then masked again: 192.0.2.0/24 stays a /24.
 *   other text "c-" and 16 hex digits of HMAC-SHA-256 (RFC 2104).
 *   name       label by label: "x" and 16 hex digits of the HMAC of the label and all that
 *              stands right of it, so that names below one domain stay below one domain, and
 *              a label says nothing elsewhere. A top label of the public suffix list is
 *              kept. Of a name of more than 32 labels the leftmost ones become one.
 * What it protects, and what it does not: docs/formats.md.
 *
 *     struct pseudonyms *p;
 *     if (pseudonym_read(&p, "key", suffix_list, err) < 0) ...
 *     pseudonym_name(p, span_of("www.example.com"), out, &n);
 */
#ifndef INGEST_PSEUDONYM_H
#define INGEST_PSEUDONYM_H

#include "base/err.h"
#include "ingest/canon.h"
#include "ingest/suffix.h"

enum { PSEUDONYM_PAN_KEY = 32, PSEUDONYM_KEY_MIN = 16, PSEUDONYM_KEY_MAX = 4096 };

struct pseudonyms;

/* The key is all bytes of the file, PSEUDONYM_KEY_MIN to _MAX of them; ERR_USAGE if there
 * are not that many. `list` is borrowed. */
int pseudonym_read(struct pseudonyms **ret, const char *path, const struct suffix *list,
                   struct err *err);
struct pseudonyms *pseudonym_of_key(struct span key, const struct suffix *list);
void pseudonym_free(struct pseudonyms *p);

/* 16 hex digits that tell two keys apart and say nothing about either. */
const char *pseudonym_key_id(const struct pseudonyms *p);

/* `client` may be `out`. */
void pseudonym_client(const struct pseudonyms *p, struct span client,
                      char out[CANON_CLIENT_MAX], size_t *ret_n);
void pseudonym_name(const struct pseudonyms *p, struct span name, char out[CANON_NAME_MAX],
                    size_t *ret_n);

/* Crypto-PAn itself: n bytes of an address, 4 or 16. */
void pseudonym_pan(const unsigned char key[PSEUDONYM_PAN_KEY], unsigned char *address,
                   size_t n);

#endif
