/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * census - what a source is like as a record: digits, seconds, hours, order, message
 * ids, ports. Integrity screens read it (models/integrity.h); no count depends on it.
 *
 * Hides the tables of 65,536 ids and ports of the source that is being read, and which
 * messages are repeats: a message whose id, port and type are those of a recent one
 * (one of up to 4,096, the last in its slot) is sent again, and not counted among
 * messages. What is noted depends on the rows of the source in their order, on nothing else.
 *
 *     struct census c;
 *     census_begin(&c);
 *     census_add(&c, &info, &lookup);    // each look-up of the source
 *     census_end(&c, &info);             // sums that need all of it; frees
 */
#ifndef INGEST_CENSUS_H
#define INGEST_CENSUS_H

#include "ingest/counts.h"
#include "ingest/lookup.h"

struct census_ids;

struct census {
    int64_t latest_ns, before_ns;
    int64_t grain_ns;       /* all fractions of a second so far are multiples of this */
    struct census_ids *ids; /* NULL until a message has an id and a port */
};

void census_begin(struct census *c);
/* Is it a message with an id and a port that was not sent again? */
bool census_add(struct census *c, struct counts_source *info, const struct lookup *v);
void census_end(struct census *c, struct counts_source *info); /* twice: no harm */

#endif
