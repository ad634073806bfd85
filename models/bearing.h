/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bearing - which (client, name) of a world bear on the look-ups of some of them, so that a
 * world that is drawn hundreds of times for two pairs need not draw its other names.
 *
 * Everything about one wish comes from a stream of its own (models/simulate.h), so what one
 * pair asks is changed by another's wishes in three ways only: a trigger, a cache that both
 * share, and an exact total of both. The set is closed under these; rows of the pairs that
 * were asked for are the same, to the bit, as when all are drawn.
 */
#ifndef MODELS_BEARING_H
#define MODELS_BEARING_H

#include "models/simulate.h"

/* For sim_world.drawn: nclients x nnames, malloced. NULL: all (a world whose log is altered
 * afterwards, where rows fall among each other). Ids of `of` are the world's. */
bool *bearing_on(const struct sim_world *w, const struct selection *of, size_t n);

#endif
