/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * listeners - how many sources of a case listened at once, and for how long. A rate over a
 * time in which that number changes is not one rate.
 */
#ifndef CLI_LISTENERS_H
#define CLI_LISTENERS_H

#include "ingest/counts.h"

/* For n = 0 to c->nsources the nanoseconds in which exactly n sources listened ([0]: others of
 * the case's live time); malloced. */
int64_t *listeners_time(const struct counts *c);

#endif
