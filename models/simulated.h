/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * simulated - the counts that ingest would make of a simulated world's rows, without
 * a file between: the same tally, the same canonical spelling.
 */
#ifndef MODELS_SIMULATED_H
#define MODELS_SIMULATED_H

#include "ingest/counts.h"
#include "models/simulate.h"

/* Draw the world and count it. Live time: the world's span without its outages, marked
 * given. Free with counts_free. Errors as simulate's. */
int simulated_counts(struct counts **ret, const struct sim_world *w, struct err *err);
/* The same, and faster, for those who read series alone: clients, names, pairs and
 * live time are what they would be, but there are no rules, sources and servers. */
int simulated_series(struct counts **ret, const struct sim_world *w, struct err *err);

#endif
