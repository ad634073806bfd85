/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * firstlook - did a client ask for a new name sooner than it asks for new names? (Case paper,
 * need 15: "so someone told it".)
 *
 * A name is born with its first look-up by anybody in the case; one that was there in the first
 * FIRSTLOOK_SETTLE_S of listening is old, or may be. The wait is from there to the client's own
 * first look-up. It is ranked among the client's waits for all other names born in the case; a
 * name that the client never asked for waits longer than the time that was left, and counts
 * where that is longer than the wait in question:
 *     p = (1 + waits at most as long) / (1 + names that count)
 * (a rank; Phipson & Smyth 2010). Only a client's habit is tested, not who told whom. The first
 * asker of all has wait 0 and the least p: somebody always is.
 */
#ifndef MODELS_FIRSTLOOK_H
#define MODELS_FIRSTLOOK_H

#include "ingest/counts.h"

#define FIRSTLOOK_SETTLE_S (7 * 86400.)
enum { FIRSTLOOK_LEAST = 10 };

struct firstlook {
    int64_t born_ns, first_ns; /* of the name; of the client */
    double wait_s;
    size_t names, sooner; /* other new names that count; waits at most as long */
    double p;             /* NAN: fewer than FIRSTLOOK_LEAST names count */
    size_t others_before; /* clients that had asked for the name before this one */
    size_t others_after;  /* and since */
    /* The client's last look-up of type PTR in the hour before, which may tell a name:
     * UINT32_MAX none. */
    uint32_t ptr_name;
    double ptr_before_s;
};

/* ERR_DEGENERATE: the client never asked for the name, or the name is not new. */
int firstlook_test(struct firstlook *ret, const struct counts *c, uint32_t client,
                   uint32_t name, struct err *err);

#endif
