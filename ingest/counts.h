/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * counts - the waist of the hourglass: exact integer counts a pair and a tick.
 *
 * What tally_freeze makes, what a case file holds, and the only thing that
 * models read. Everything is in sorted order, so that the same look-ups give
 * the same counts whatever the order of files and rows.
 *
 * A series is a byte string: for each occupied tick, in order, a varint gap to
 * the previous occupied tick (the first: to `first`, so 0) and a varint count.
 * ingest/varint.h says what a varint is; docs/formats.md has the same with a
 * decoder in ten lines of Python.
 */
#ifndef INGEST_COUNTS_H
#define INGEST_COUNTS_H

#include <stdint.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/span.h"
#include "ingest/note.h"
#include "ingest/skip.h"
#include "ingest/varint.h"

/* 64 bytes: a case may hold tens of millions. */
struct counts_pair {
    uint32_t client, name;                /* index into clients, names */
    uint16_t qtype;                       /* 0 unknown */
    uint32_t series_n, copies_n, marks_n; /* lengths of the three parts of `bytes` */
    const char *bytes;
    uint64_t total;      /* look-ups, tap duplicates not among them */
    uint64_t duplicates; /* tap duplicates */
    int64_t first, last; /* occupied ticks: time = tick * tick_ns */
};

/* The series of look-ups. */
static inline struct span counts_series(const struct counts_pair *p)
{
    return span_make(p->bytes, p->series_n);
}

/* The series of tap duplicates, from the same `first`; often empty. */
static inline struct span counts_copies(const struct counts_pair *p)
{
    return span_make(p->bytes ? p->bytes + p->series_n : NULL, p->copies_n);
}

/* Varint triples (mark kind, value, count), sorted. */
static inline struct span counts_marks(const struct counts_pair *p)
{
    return span_make(p->bytes ? p->bytes + p->series_n + p->copies_n : NULL, p->marks_n);
}

/* Kinds of mark: per pair, how often each value was seen. The last two are of steps from a
 * look-up to the pair's next one in the same source (ingest/steps.h), by the time between:
 * did it go to the same server, or to another? */
enum counts_mark {
    MARK_RCODE = 1,
    MARK_TTL = 2,
    MARK_SERVER = 3,
    MARK_ANSWERED = 4,
    MARK_STAYED = 5, /* value: counts_step_bin of the seconds; none in cases of before */
    MARK_MOVED = 6
};

/* Bin below HIST_STEP of a time in seconds: 0 below 1 s, bin k from 2^(k-1) s up. */
unsigned counts_step_bin(uint64_t seconds);

/* Longest runs that a source keeps beside id_longest, strictly up or down. A run of a client is
 * one of its own messages, whatever others ask between them. */
enum counts_run {
    RUN_ID_DOWN,
    RUN_OWN_ID_UP,
    RUN_OWN_ID_DOWN,
    RUN_OWN_PORT_UP,
    RUN_OWN_PORT_DOWN
};

/* When the sensor listened. */
struct counts_live {
    int64_t from_ns, to_ns; /* [from, to) */
    char *why;              /* given, inferred */
};

/* Per source, over its look-ups; what integrity screens read. */
enum {
    HIST_SUBSECOND = 10,
    HIST_SECOND = 60,
    HIST_QUARTER = 96,
    HIST_STEP = 32,
    HIST_BYTE = 256,
    HIST_TRAIT = 3, /* LOOKUP_TRAITS */
    HIST_LETTER = 64,
    HIST_RUN = 5
};
struct counts_source {
    char *name;   /* base name of the input */
    char *format; /* row of the format table */
    char *server; /* of its records that name none, as the user said; or NULL */
    char sha256[DIGEST_HEX];
    uint64_t bytes, read, lookups, intervals, responses_joined;
    int64_t first_ns, last_ns;          /* of its look-ups; first > last if none */
    uint64_t late;                      /* look-ups earlier than the latest before them */
    int64_t latest_late_ns;             /* the worst of those */
    int decimals;                       /* finest fraction of a second seen, 0..9 */
    uint64_t subsecond[HIST_SUBSECOND]; /* first digit of the fraction */
    uint64_t second[HIST_SECOND];       /* second of the minute */
    uint64_t quarter[HIST_QUARTER];     /* quarter of the UTC hour, of the day */
    uint64_t back[HIST_STEP]; /* look-ups earlier than the one before them, by how much: in
                                 bins of counts_step_bin */
    uint64_t id_high[HIST_BYTE], id_low[HIST_BYTE], port_low[HIST_BYTE];
    /* Of messages with an id and a port, those sent again not among them: how many; pairs of
     * them with equal ids, and with equal ports; ids larger than the one before, those by 1
     * (modulo 2^16), and the longest rising run of ids. */
    uint64_t messages, id_pairs, port_pairs, id_rises, id_next, id_longest;
    uint64_t server_same, server_other; /* look-ups that name the server which the client's
                                           look-up before them named, and another */
    /* Queries whose trait (lookup.h) is that of the client's query before them, and another. */
    uint64_t trait_same[HIST_TRAIT], trait_other[HIST_TRAIT];
    uint64_t run_longest[HIST_RUN]; /* enum counts_run; all 0: not noted when it was made */
    /* Letters of names as they were sent, of clients that mix capitals and small ones
     * (ingest/senders.h), the first 64 of a name: capitals and small ones at each place; of
     * names that the client asked for before, by their number of letters less 1, all and
     * those whose letters are as they were then; letters of these that are as they were, and
     * not; neighbours in a name of one case, and not. */
    uint64_t case_upper[HIST_LETTER], case_lower[HIST_LETTER];
    uint64_t case_again[HIST_LETTER], case_equal[HIST_LETTER];
    uint64_t case_same, case_other, case_alike, case_unlike;
    struct skips skips;
    struct notes notes;
    struct counts_live *live; /* when this one listened: sorted, disjoint */
    size_t nlive;
};

/* A record of passive DNS: an answer was given `count` times, at some times from from_ns
 * to to_ns. It is in no series, and its texts are not among `clients` and `names`, so
 * nothing that reads events can meet it. */
struct counts_interval {
    struct span client; /* p NULL: several, or unknown */
    struct span name;
    uint16_t qtype;         /* 0 unknown */
    int64_t from_ns, to_ns; /* from_ns COUNTS_EVER: unknown */
    uint64_t count;         /* 0 unknown */
};
#define COUNTS_EVER INT64_MIN

/* What one count is, each rule in words: docs/formats.md has them. Counts of two rules
 * are never added up. */
enum counts_rule {
    RULE_COUNT,      /* queries, responses, transactions */
    RULE_CLIENT,     /* address, prefix/24,48, labels, ecs */
    RULE_NAME,       /* full, registered (and by which list) */
    RULE_TYPE,       /* each, merged */
    RULE_VANTAGE,    /* where the sensor stood: below_resolver, above_resolver, authority,
                        unknown */
    RULE_PSEUDONYMS, /* none, or how and under which key */
    RULE_KEEP,       /* all, or selectors (ingest/keep.h) of what was counted */
    COUNTS_RULES
};
extern const char *const counts_rule_keys[COUNTS_RULES]; /* "count_rule", ... */

struct counts {
    int schema; /* of the case file that it was read from; 0: of none */
    int64_t tick_ns;
    int64_t dedup_ns; /* window in which tap duplicates were looked for */
    char *rules[COUNTS_RULES];
    uint32_t nclients, nnames;
    struct span *clients, *names, *servers; /* sorted in byte order */
    uint32_t nservers;
    struct counts_pair *pairs; /* sorted by client, name, qtype */
    size_t npairs;
    struct counts_interval *intervals; /* sorted by all columns, those without client last */
    size_t nintervals;
    struct counts_source *sources; /* sorted by name, sha256 */
    size_t nsources;
    struct counts_live *live; /* sorted, disjoint */
    size_t nlive;
    char sha256[DIGEST_HEX]; /* of the content: not of sources or the file */
    struct arena bytes;      /* owns what the spans point to */
};

void counts_free(struct counts *c);

/* Were look-ups left out when it was made (RULE_KEEP)? Then what is not in it is no zero. */
bool counts_is_part(const struct counts *c);
/* Is every look-up of `name`, written out, in it, whoever asked? Beside pseudonyms, which hide
 * what was kept, never of a part. */
bool counts_has_all_of(const struct counts *c, struct span name);

/* The marks of what was looked up, those of steps left out: which look-ups of a source follow
 * each other depends on how a log was cut into files. */
struct span counts_content_marks(const struct counts_pair *p);

/* Digest of clients, names, pairs, series, content marks, live time and intervals, in order. */
void counts_digest(const struct counts *c, char ret_hex[DIGEST_HEX]);

/* Pairs of a client as [*ret_from, *ret_to). */
void counts_client_pairs(const struct counts *c, uint32_t client, size_t *ret_from,
                         size_t *ret_to);
/* Live time in [from_ns, to_ns), in ns. */
int64_t counts_live_within(const struct counts *c, int64_t from_ns, int64_t to_ns);

struct counts_live *counts_live_copy(const struct counts_live *v, size_t n);
void counts_live_free(struct counts_live *v, size_t n);
/* Of the spans of `a` what lies in `b` too, with the word of `a`; both sorted and disjoint.
 * *ret is malloced. */
void counts_live_both(const struct counts_live *a, size_t na, const struct counts_live *b,
                      size_t nb, struct counts_live **ret, size_t *ret_n);

/* Index of a client or name by its canonical text; UINT32_MAX if absent. */
uint32_t counts_client(const struct counts *c, struct span text);
uint32_t counts_name(const struct counts *c, struct span text);
/* Of sorted texts (`clients`, `names`) the first that is not below `text`; n: none. */
uint32_t counts_place(const struct span *sorted, uint32_t n, struct span text);

/* The order of pairs in a case, by client, name and type; the two may be of unlike cases. */
int counts_pair_order(const struct counts *a, const struct counts_pair *x,
                      const struct counts *b, const struct counts_pair *y);

/* Walk a series:  struct series_iter it = series_begin(counts_series(p), p->first);
 *                 while (series_next(&it)) use(it.tick, it.count);                   */
struct series_iter {
    const unsigned char *p, *end;
    int64_t tick;
    uint64_t count;
};

struct series_iter series_begin(struct span bytes, int64_t first);
bool series_next(struct series_iter *it);

/* Walk the marks of a pair:  struct marks_iter it = marks_begin(counts_marks(p));
 *                            while (marks_next(&it)) use(it.kind, it.value, it.count); */
struct marks_iter {
    const unsigned char *p, *end;
    uint64_t kind, value, count;
};

struct marks_iter marks_begin(struct span marks);
bool marks_next(struct marks_iter *it);

#endif
