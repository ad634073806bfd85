/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * blocks - the null of whole days, from scores of blocks of days (models/contrast.h) to a
 * tested null: replicates until decided, and the floor that n signs have.
 */
#ifndef MODELS_BLOCKS_H
#define MODELS_BLOCKS_H

#include "models/trial.h"

/* Fill statistic, p, interval, floor and why of `ret`; `stream` names the random numbers,
 * `days` the length of a block, for the words. */
void blocks_test(struct trial *t, const char *stream, const double *score, size_t n,
                 size_t days, struct null_result *ret);

/* ret->power of such a test. Signs of whole counts leave sums on a lattice, which injected
 * days are not on: the critical value is the middle between the last that is not rejected and
 * the first that is. */
void blocks_power(struct trial *t, const char *stream, trial_inject *inject, void *ctx,
                  struct null_result *ret);

#endif
