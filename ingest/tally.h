/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tally - look-ups in any order to counts.
 *
 * Hides interning (raw spelling to canonical id, once a distinct spelling), the
 * records, tap duplicates and sorting. What comes out does not depend on the
 * order of what went in.
 *
 * Tap duplicate: a look-up with a message id whose (client, name, qtype, id, port,
 * server) are those of an earlier one, in any source, that is at most dedup_ns
 * older; a chain of them has one original, its earliest. Duplicates are counted
 * in `copies`, not in `series`, and leave no mark. A record of weight other than
 * 1 stands for several messages and has no id.
 *
 * Response: its rcode, TTL and MARK_ANSWERED (value 0) join its pair if that has
 * a look-up in any source; then it is in responses_joined. It is no look-up, so
 * tally_add counts it under SKIP_RESPONSE either way.
 *
 *     struct tally *t = tally_new(&opts);
 *     size_t s = tally_source(t, "dns.csv", "delimited");
 *     tally_add(t, s, batch, n, skips, err);
 *     struct counts *c = tally_freeze(t, threads);   // frees t
 *
 * Live time and the digest of the counts are left to the caller.
 */
#ifndef INGEST_TALLY_H
#define INGEST_TALLY_H

#include "ingest/canon.h"
#include "ingest/counts.h"
#include "ingest/lookup.h"

struct tally_opts {
    int64_t tick_ns;  /* > 0 */
    int64_t dedup_ns; /* look-ups equal in client, name, qtype, id, port and server
                         within this time are tap duplicates; 0: none are */
    struct canon_group group;
};

struct tally;

struct tally *tally_new(const struct tally_opts *opts);
void tally_free(struct tally *t);

/* Begin a source; its index is passed to tally_add. Its info (until the next
 * tally_source) is kept up by tally_add, except sha256, bytes, read and skips,
 * which the caller fills. */
size_t tally_source(struct tally *t, const char *name, const char *format);
struct counts_source *tally_source_info(struct tally *t, size_t source);

/* The source that was begun last failed: forget all that it brought. It stays as
 * a source of format "failed" without look-ups. */
void tally_drop(struct tally *t);

/* Count a batch. What canon refuses is counted in `skips`. Fails (ERR_LIMIT)
 * only past 2^32 - 2 distinct clients or names. */
int tally_add(struct tally *t, size_t source, const struct lookup *v, size_t n,
              struct skips *skips, struct err *err);

/* Add everything a case file holds; ERR_MISMATCH when tick or rules differ. */
int tally_add_counts(struct tally *t, const struct counts *c, struct err *err);

struct counts *tally_freeze(struct tally *t, size_t threads);

/* How much tally_freeze would give, without the memory that giving it takes. */
struct tally_total {
    uint64_t lookups, duplicates;
    uint32_t nclients, nnames;
    size_t npairs;
};

struct tally_total tally_total(struct tally *t, size_t threads);

#endif
