/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tamper - a simulated log altered after the fact, with what was done known (methods.md
 * J1): so that screens of integrity can be tried on logs whose truth is known.
 *
 * Alterations are made one after the other, in the order of the world:
 *   copy    rows in [from, to) come again `by` later, in the place of those that stood there
 *   overlay the same, beside those that stood there
 *   insert  so many look-ups at even times in [from, to), of pairs at random
 *   delete  each row in [from, to) is gone, with a probability of `share`
 *   shift   rows in [from, to) move by `by`, as a clock set wrong would have them
 * of the clients and names of each. A row put in, or moved, says so.
 */
#ifndef MODELS_TAMPER_H
#define MODELS_TAMPER_H

#include "models/simulate.h"

extern const char *const tamper_names[TAMPERS]; /* "copy", ... */

/* Change *rows (malloced), *n of them, in no order afterwards. */
void tamper(const struct sim_world *w, struct sim_row **rows, size_t *n);

#endif
