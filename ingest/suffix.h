/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * suffix - the registered domain of a name, by the public suffix list.
 *
 * Hides libpsl and where the list lies. Names are canonical (ingest/canon.h).
 *
 *     struct suffix *list;
 *     if (suffix_open(&list, err) < 0) ...
 *     struct span s = suffix_registered(list, span_of("www.example.co.uk")); // example.co.uk
 *     suffix_free(list);
 *
 * Source: https://publicsuffix.org/list/, sections ICANN and PRIVATE.
 */
#ifndef INGEST_SUFFIX_H
#define INGEST_SUFFIX_H

#include "base/err.h"
#include "base/span.h"

struct suffix;

/* The list of the system's package publicsuffix. ERR_IO when it is not there. */
int suffix_open(struct suffix **ret, struct err *err);
void suffix_free(struct suffix *s);

/* First 12 hex digits of the list's SHA-256: which list it was. */
const char *suffix_version(const struct suffix *s);

/* The public suffix and one label more: a part of `name`. A name that has no more than
 * a public suffix (com, localhost, the root) is its own. */
struct span suffix_registered(const struct suffix *s, struct span name);

/* Is this name a public suffix by a rule of its own, not only for want of one? */
bool suffix_lists(const struct suffix *s, struct span name);

#endif
