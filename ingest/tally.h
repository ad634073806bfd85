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
 * Sent again: of the same message, but later than that and at most TALLY_RESEND_NS later than
 * the one before it. That is a look-up, and NOTE_RESENT of its source.
 *
 * Counting rule, one for every format. A record is a query, a response, or both
 * (lookup.h: a query with its rcode).
 *   queries       What was asked counts. A response is SKIP_RESPONSE; its rcode, TTL
 *                 and MARK_ANSWERED (value 0) join its pair if that has a look-up in
 *                 any source, and then it is in responses_joined.
 *   responses     What was answered counts; a query without rcode is SKIP_QUERY.
 *   transactions  A query with its response counts once, at the time of the query, and
 *                 either alone counts too. A response belongs to a query of the same
 *                 (client, name, qtype, id, port, server) in any source that is at most
 *                 TALLY_WAIT_NS older, or TALLY_SKEW_NS younger (a tap may stamp the
 *                 response first). It is then SKIP_RESPONSE and joined as above. Which
 *                 responses belong is known when all is read: until tally_freeze each
 *                 is among the look-ups of its source, and what is noted of the source's
 *                 times, ids and ports has them in it.
 *
 *     struct tally *t = tally_new(&opts);
 *     size_t s = tally_source(t, "dns.csv", "delimited");
 *     tally_add(t, s, batch, n, skips, err);
 *     struct counts *c = tally_freeze(t, threads);   // frees t
 *
 * Intervals of passive DNS are kept beside all that, under any counting rule.
 *
 * Live time and the digest of the counts are left to the caller.
 */
#ifndef INGEST_TALLY_H
#define INGEST_TALLY_H

#include "ingest/canon.h"
#include "ingest/counts.h"
#include "ingest/keep.h"
#include "ingest/lookup.h"
#include "ingest/presence.h"
#include "ingest/pseudonym.h"
#include "ingest/suffix.h"

enum tally_count { TALLY_QUERIES, TALLY_RESPONSES, TALLY_TRANSACTIONS, TALLY_COUNTS };
extern const char *const tally_count_names[TALLY_COUNTS];
#define TALLY_WAIT_NS (10 * INT64_C(1000000000))
#define TALLY_SKEW_NS INT64_C(10000)
#define TALLY_RESEND_NS (30 * INT64_C(1000000000))

/* Where a sensor stood. A cache answers between the first and the others. */
enum tally_vantage {
    VANTAGE_UNKNOWN,
    VANTAGE_BELOW, /* between clients and their resolver */
    VANTAGE_ABOVE, /* above a resolver */
    VANTAGE_AUTHORITY,
    TALLY_VANTAGES
};
extern const char *const tally_vantage_names[TALLY_VANTAGES];

struct tally_opts {
    enum tally_count count;
    int64_t tick_ns;  /* > 0 */
    int64_t dedup_ns; /* look-ups equal in client, name, qtype, id, port and server
                         within this time are tap duplicates; 0: none are */
    struct canon_group group;
    enum tally_vantage vantage;          /* of all sources: those of two are never added up */
    bool client_subnet;                  /* readers were told to give the EDNS Client Subnet */
    const struct suffix *registered;     /* names by registered domain; NULL: in full */
    const struct pseudonyms *pseudonyms; /* of clients, servers, names and sources, put on
                                            after grouping; NULL: none */
    /* A row of a log without message ids may be in two sources: in two exports of one log, or
     * by chance in the logs of two servers. */
    bool watch_twins; /* keep what tally_twins needs */
    bool same_log;    /* of rows equal in several sources (client, name, qtype, port, server,
                         rcode, TTL, time to the ns) those of the source that has most of
                         them are look-ups; the others count as duplicates, and are noted */
    const struct keep *keep; /* which look-ups count, by client and name as grouped; NULL:
                                all. The others are SKIP_NOT_KEPT, and show that their source
                                listened: they are in its span and its presence */
    bool merge_types;        /* all types of a pair are one key, of qtype 0 */
};

struct tally;

struct tally *tally_new(const struct tally_opts *opts);
void tally_free(struct tally *t);

/* Begin a source; its index is passed to tally_add. Its info (until the next
 * tally_source) is kept up by tally_add, except sha256, bytes, read and skips,
 * which the caller fills. */
size_t tally_source(struct tally *t, const char *name, const char *format);
struct counts_source *tally_source_info(struct tally *t, size_t source);

/* When the look-ups of a source were, by the minute; of one from a case nothing is known. */
const struct presence *tally_presence(struct tally *t, size_t source);

/* The server of all look-ups of a source whose records name none; before its first.
 * ERR_USAGE for what cannot be one: empty, or too long. */
int tally_serve(struct tally *t, size_t source, const char *server, struct err *err);

/* The source that was begun last failed: forget all that it brought. It stays as
 * a source of format "failed" without look-ups. */
void tally_drop(struct tally *t);

/* Count a batch. What canon refuses, and what is not kept, is counted in `skips`. Fails
 * (ERR_LIMIT) only past 2^32 - 2 distinct clients or names. */
int tally_add(struct tally *t, size_t source, const struct lookup *v, size_t n,
              struct skips *skips, struct err *err);

/* Two sources whose spans overlap and that have equal rows without message ids, and how
 * many were found (ingest/twins.h); false if there are none. The second in which one
 * source ends and another begins is not compared: a log is cut anywhere. */
bool tally_twins(struct tally *t, size_t *ret_a, size_t *ret_b, uint64_t *ret_n);

/* Add everything a case file holds; ERR_MISMATCH when tick or a rule differs. */
int tally_add_counts(struct tally *t, const struct counts *c, struct err *err);

struct counts *tally_freeze(struct tally *t, size_t threads);

/* How much tally_freeze would give, without the memory that giving it takes. */
struct tally_total {
    uint64_t lookups, duplicates;
    uint32_t nclients, nnames;
    size_t npairs, nintervals; /* intervals as read: equal ones are not yet one */
};

struct tally_total tally_total(struct tally *t, size_t threads);

/* Bytes that the tally holds, and records. */
size_t tally_memory(const struct tally *t);
uint64_t tally_records(const struct tally *t);

/* Bytes that are held at the most until counts like `total` are frozen and in a case. */
size_t tally_peak(const struct tally *t, const struct tally_total *total, size_t threads);

#endif
