/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * senders - what the messages of one client are like in their order: runs of ids and ports,
 * letters of names as they were sent. Integrity screens read it (models/screens_order.c); no
 * count depends on it.
 *
 * Hides, for the source at hand, each client's message before, and the letters last sent for a
 * name (one of up to 4,096, the last in its slot). Messages that were sent again are left to
 * the caller (ingest/census.h).
 *
 * A query's letters are noted when its client's ten queries before it with twelve letters or
 * more mixed capitals and small ones, as this one does: a resolver that mixes them at random
 * (draft-vixie-dnsext-dns0x20-00) does so always, and a name with capitals of its own between
 * others is no such thing. Of fair letters the mixed ones remain fair, each by itself and each
 * pair, up to 2^-11.
 *
 *     struct senders *s = senders_new();
 *     senders_add(s, source, &info, client, name, &lookup); // each, in the order of the source
 *     senders_free(s);
 */
#ifndef INGEST_SENDERS_H
#define INGEST_SENDERS_H

#include "ingest/counts.h"
#include "ingest/lookup.h"

struct senders;

struct senders *senders_new(void);
void senders_free(struct senders *s);
size_t senders_memory(const struct senders *s);

/* A message with an id and a port, by the canonical numbers of its client and name; what the
 * source before said is forgotten. */
void senders_add(struct senders *s, size_t source, struct counts_source *info, uint32_t client,
                 uint32_t name, const struct lookup *v);

#endif
