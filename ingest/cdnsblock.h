/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cdnsblock - the messages of one C-DNS block (RFC 8618, section 7): query/response
 * items, whose addresses, names and other repeated values stand in tables of the block.
 *
 * An item is two records if it has a query and a response, so that a capture counts the
 * same read from here as from its packets.
 *
 *     struct cdnsblock b = {.params = params, .nparams = n};
 *     if (cdnsblock_begin(&b, bytes, cut, err) < 0) ...
 *     while (cdnsblock_next(&b, &messages)) ...
 *     cdnsblock_free(&b); // or begin the next one
 */
#ifndef INGEST_CDNSBLOCK_H
#define INGEST_CDNSBLOCK_H

#include "ingest/cborspan.h"
#include "ingest/message.h"

enum { CDNSBLOCK_TABLES = 8 };
#define CDNSBLOCK_TICKS_MAX (UINT64_C(1) << 40) /* a second; keeps times in 128 bits */

/* Which keys its maps have, and from what its tables count. Drafts of before RFC 8618 were
 * written by the compactor of dns-stats.org, whose doc/c-dns.cddl of 2018 describes 0.5. */
enum cdnsblock_layout {
    CDNSBLOCK_RFC8618,
    CDNSBLOCK_DRAFT_05, /* "C-DNS" 0.5 */
    CDNSBLOCK_DRAFT_02, /* "DNS-STAT" 2 */
    CDNSBLOCK_LAYOUTS
};

/* Block parameters, as far as they matter to counts. */
struct cdnsblock_params {
    uint64_t ticks_per_s;                      /* 1 to CDNSBLOCK_TICKS_MAX */
    size_t client_prefix[2], server_prefix[2]; /* IPv4, IPv6: bits that are kept */
};

struct cdnsblock {
    const struct cdnsblock_params *params; /* of the file: set before the first block */
    size_t nparams;
    enum cdnsblock_layout layout;
    /* the rest belongs to the functions below */
    struct span bytes;
    bool cut;
    const struct cdnsblock_params *now;
    int64_t base_s, base_ticks;
    bool timeless;           /* no earliest time is said */
    struct cdnsblock_table { /* where its entries begin */
        uint32_t *at;
        size_t n, cap;
    } tables[CDNSBLOCK_TABLES];
    struct cborspan_array items, malformed;
    bool in_items, in_malformed;
};

/* Begin a block of less than 4 GiB, which has to stay where it is. Of one that is cut
 * the whole items are read, if the tables that they need are there. */
int cdnsblock_begin(struct cdnsblock *b, struct span bytes, bool cut, struct err *err);

/* Count the next item; false when there is none. */
bool cdnsblock_next(struct cdnsblock *b, struct messages *q);

void cdnsblock_free(struct cdnsblock *b);

#endif
