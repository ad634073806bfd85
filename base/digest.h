/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * digest - SHA-256 (FIPS 180-4), hex in lower case. Hides the crypto library.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#include "base/err.h"

enum { DIGEST_HEX = 65 }; /* 64 digits and NUL */

struct digest;

struct digest *digest_new(void);
void digest_add(struct digest *d, const void *bytes, size_t n);
void digest_end(struct digest *d, char ret_hex[DIGEST_HEX]); /* frees d */
void digest_free(struct digest *d);                          /* without a result */

/* Of a whole file; ERR_IO when it cannot be read. */
int digest_file(const char *path, char ret_hex[DIGEST_HEX], struct err *err);

#endif
