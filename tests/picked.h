/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * picked - a claim of a study, and an explanation of a claim, by name. Both must be there.
 */
#ifndef TESTS_PICKED_H
#define TESTS_PICKED_H

#include <string.h>

#include "models/kinds.h"

static inline struct study_claim *picked_claim(const struct study *s, const char *id)
{
    size_t i = 0;
    while (strcmp(s->claims[i].id, id) != 0)
        i++;
    return &s->claims[i];
}

static inline const struct battery_row *picked_null(const struct study_claim *c,
                                                    const char *null)
{
    const struct battery_row *b = c->kind->battery;
    while (strcmp(b->null, null) != 0)
        b++;
    return b;
}

#endif
