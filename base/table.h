/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * table - byte strings to dense uint32 ids, in order of first sight.
 *
 * Hides an open-addressing table over an arena. The hash is keyed with a random
 * secret of the process, because names come from opponents who could otherwise
 * send a set that collides; ids depend on the order of insertion only, so the
 * key never shows in a result.
 *
 *     struct table *t = table_new();
 *     uint32_t id = table_intern(t, span_of("a.example"));
 *     struct span s = table_get(t, id);      // valid until table_free
 *
 * For batches: table_hash each key, table_prefetch each hash, then
 * table_prefetch_entry, then table_intern_hashed, so that memory is asked for before it is
 * needed. Not safe for two threads at once.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdint.h>

#include "base/span.h"

#define TABLE_NONE UINT32_MAX

struct table;
struct arena;

struct table *table_new(void);
void table_free(struct table *t);
uint32_t table_intern(struct table *t, struct span key);
struct span table_get(const struct table *t, uint32_t id);
uint32_t table_size(const struct table *t);
size_t table_memory(const struct table *t, bool texts); /* bytes held: all, or by strings */

uint64_t table_hash(struct span key);
void table_prefetch(const struct table *t, uint64_t hash);
/* Once the slot has come: ask for the entry, of a key of n bytes. */
void table_prefetch_entry(const struct table *t, size_t n, uint64_t hash);
uint32_t table_intern_hashed(struct table *t, struct span key, uint64_t hash);

/* A table of aliases: strings to numbers of the caller's, not in order of first
 * sight. NULL if key was not bound; table_get and table_rank are not for these. */
const uint32_t *table_bound(const struct table *t, struct span key, uint64_t hash);
void table_bind(struct table *t, struct span key, uint64_t hash, uint32_t value);

/* Strings in use (by id; NULL: all) in byte order, copied into `bytes`: *ret_texts, malloced,
 * *ret_n of them. Returns, malloced, for each id its place among them, TABLE_NONE if it is not
 * in use. */
uint32_t *table_rank(const struct table *t, const bool *used, struct arena *bytes,
                     struct span **ret_texts, uint32_t *ret_n);

#endif
