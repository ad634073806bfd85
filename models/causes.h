/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * causes - what is said to have made a change, in order of time with the change: what came
 * after it cannot have made it (methods.md, `dates`).
 *
 * The change lies in its date's 95 % interval (stats/change.h), a cell more on either side,
 * since a change inside a cell is dated to one of its borders; cells that were not listened to
 * are gone over. A date alone is its whole day, the claim's own on midnight UTC likewise. Order
 * is told only where the two do not overlap. A fact beside p, which counts both sides.
 */
#ifndef MODELS_CAUSES_H
#define MODELS_CAUSES_H

#include "models/moments.h"
#include "models/occasions.h"
#include "stats/change.h"

enum cause_order { CAUSE_BEFORE, CAUSE_AFTER, CAUSE_UNKNOWN };
extern const char *const cause_order_names[];

struct cause {
    struct moment at;
    bool claimed; /* the claim's own date, not one of the list */
    enum cause_order order;
    double delay_lo_s, delay_s, delay_hi_s; /* from it to the change; below 0: it came later */
};

struct causes {
    struct cause *v; /* the claim's own, then the list in order of time */
    size_t n;
    struct moment change;
    double log_p; /* of any change at all */
};

enum cause_order cause_order_of(struct moment cause, struct moment change);
/* `others`: NULL where the claim lists none. */
struct causes *causes_make(int64_t date_ns, const struct moments *others,
                           const struct daycells *c, int64_t window_ns,
                           const struct change *found);
void causes_free(struct causes *c); /* NULL: nothing */

#endif
