/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * keep - which look-ups are counted, where not all are: those of some clients or names.
 *
 * A selector is parts joined by commas, client=PATTERN or name=PATTERN. It takes a look-up
 * whose client one of its client parts matches and whose name one of its name parts does; of
 * what it has no part, anything. A look-up is kept if one selector takes it. Texts are those
 * under which a look-up is counted, as groups of studies match them: * is any run, ? one byte.
 * A client's pattern may also be a prefix, 192.0.2.0/24, in which an address or a prefix lies.
 *
 *     struct keep *k;
 *     if (keep_read(&k, (const char *[]){"client=192.0.2.0/24,name=*.example"}, 1, err) < 0)
 *     if (keep_match(k, KEEP_CLIENT, client) & keep_match(k, KEEP_NAME, name)) // kept
 */
#ifndef INGEST_KEEP_H
#define INGEST_KEEP_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

enum keep_side { KEEP_CLIENT, KEEP_NAME, KEEP_SIDES };
enum { KEEP_SELECTORS = 64 };
#define KEEP_ALL "all" /* the rule of counts from which nothing was left out */

struct keep;

/* n texts, each of one selector or of several with " | " between. ERR_USAGE says which text
 * is none. */
int keep_read(struct keep **ret, const char *const *texts, size_t n, struct err *err);
void keep_free(struct keep *k);

/* The selectors in one spelling, in order: equal for equal selectors, and read back by
 * keep_read. */
const char *keep_rule(const struct keep *k);

/* A bit a selector that may take a look-up with this client or name; of an unknown client
 * (p NULL) those that take any. */
uint64_t keep_match(const struct keep *k, enum keep_side side, struct span text);

#endif
