/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * steps - from a look-up of a pair to the pair's next one: did it go to the same server?
 * Private to freeze.c.
 *
 * Next is in time and in the same source, so that sources add up. A moment with several
 * look-ups of the pair in a source has no order, and no step leads into or out of it: which
 * look-ups are set beside each other then depends on their times alone, and any exchange of
 * servers between them leaves the steps where they are.
 *
 *     steps_add(&s, ...);                   // each look-up whose server its record names
 *     steps_count(&s, stayed, moved);       // of the pair, by gap; empties s
 *     steps_free(&s);
 */
#ifndef INGEST_STEPS_H
#define INGEST_STEPS_H

#include "ingest/counts.h"

struct step {
    int64_t time_ns;
    uint32_t source, server;
};

/* {0} is empty. */
struct steps {
    struct step *v;
    size_t n, cap;
};

void steps_add(struct steps *s, struct step step);
void steps_count(struct steps *s, uint64_t ret_stayed[HIST_STEP],
                 uint64_t ret_moved[HIST_STEP]);
void steps_free(struct steps *s);

#endif
