/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * listed - is the group one of a list that holds only who was seen? The explanation
 * `truncation` of exclusivity: presence-days of the list's other clients have a zero-truncated
 * negative binomial law (stats/unseen.h); the statistic is -ln of its tail at the group's least
 * client, the law refitted in each replicate. Gives no bound u.
 *
 * Power is of the ratio theta of mean days as listed: every client of the group has the law of
 * the same dispersion whose mean, zero-truncated, is theta times the others' mu / (1 - P(0)).
 * No more days than were listened to. The laws that such a group is held against are fitted to
 * lists that are drawn, as in the test. The kind's effect, the group's share, does not say how
 * it is divided among its clients, and this test asks for the least of them.
 */
#ifndef MODELS_LISTED_H
#define MODELS_LISTED_H

#include "models/trial.h"

struct listed {
    uint64_t *others; /* counts of the list's other clients, each at least 1 */
    size_t nothers, members;
    uint64_t least; /* of the group's members */
    uint64_t most;  /* that any client can have; draws of power keep to it */
};
void listed_test(struct trial *t, const struct listed *list, struct null_result *ret);

#endif
