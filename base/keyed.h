/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keyed - HMAC-SHA-256 (RFC 2104) and AES-128 of single blocks (FIPS 197, ECB). Hides the
 * crypto library.
 */
#ifndef BASE_KEYED_H
#define BASE_KEYED_H

#include <stddef.h>

#include "base/span.h"

enum { KEYED_MAC = 32, KEYED_BLOCK = 16 };

void keyed_mac(struct span key, struct span data, unsigned char ret_mac[KEYED_MAC]);

/* Encrypt n blocks in place, each by itself. */
void keyed_encrypt(const unsigned char key[KEYED_BLOCK], unsigned char *blocks, size_t n);

void keyed_forget(void *secret, size_t n); /* overwritten, also when nothing reads it again */

#endif
