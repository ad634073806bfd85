/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * drawn - a study with a seed of the replicate's, a log of a scenario's text with another, and
 * the screens of a log.
 *
 *     if (!drawn_log("truth", text, "tests/data/study-truth.yaml", r, &counts, &study))
 *         return; // nothing was looked up
 *     ...
 *     study_free(study);
 *     counts_free(counts);
 *
 * Texts and studies are the experiment's own: one that cannot be read ends the program.
 */
#ifndef TESTS_VALIDATE_DRAWN_H
#define TESTS_VALIDATE_DRAWN_H

#include "ingest/counts.h"
#include "models/integrity.h"
#include "models/study.h"
#include "stats/rng.h"

/* Screens at .01, sessions 30 s apart; ttl_s as of integrity_opts. */
void drawn_screens(struct integrity *ret, const struct counts *c, const double *ttl_s,
                   uint64_t seed);

/* `set` as of study_read; matched with the counts, unless NULL. */
struct study *drawn_study(const char *path, const char *const *set, const struct counts *c,
                          struct rng *r);

/* Draws two numbers for the world's seed and, where there is a log, one for the study's. */
bool drawn_log(const char *experiment, const char *scenario, const char *study_path,
               struct rng *r, struct counts **ret_counts, struct study **ret_study);

#endif
