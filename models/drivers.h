/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * drivers - series that may move a party for reasons of their own (methods.md D6a), as
 * models/demand.h takes them: without the sessions of the two parties compared.
 *
 *     clients  sessions of other clients for the party's names: what the zone does to all
 *     names    sessions of the party's clients for other names: what the client does
 *     traffic  sessions of all other pairs of the case: what the sensor or the hour does
 */
#ifndef MODELS_DRIVERS_H
#define MODELS_DRIVERS_H

#include "models/demand.h"

enum driver_kind { DRIVER_CLIENTS, DRIVER_NAMES, DRIVER_TRAFFIC, DRIVER_KINDS };
extern const char *const driver_names[DRIVER_KINDS + 1]; /* NULL ends it */

/* Those of `kinds` (bits 1 << kind) for `party`; `other` is who it is compared with. A
 * kind without a session is left out. */
void drivers_make(struct drivers *ret, unsigned kinds, const struct counts *c,
                  const struct subject *party, const struct subject *other,
                  const struct window *w, double session_s);
void drivers_free(struct drivers *d);

#endif
