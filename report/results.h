/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * results - what was found, as results.json: the contract that every other output
 * is made from. docs/results.schema.json fixes types and codes.
 *
 *     json_t *root = results_json(study, "study.yaml", counts, integrity, claims, settings);
 *     if (results_write(root, "out/results.json", err) < 0) ...
 *     json_decref(root);
 *
 * No clock, host name or path stands in it: the same study and case give the same
 * bytes.
 */
#ifndef REPORT_RESULTS_H
#define REPORT_RESULTS_H

#include <jansson.h>

#include "models/integrity.h"
#include "models/settings.h"
#include "models/verdict.h"

/* New reference. `file`: base name of the study's file. */
json_t *results_json(const struct study *s, const char *file, const struct counts *c,
                     const struct integrity *in, const struct claim_result *claims,
                     const struct settings *settings);
int results_write(const json_t *root, const char *path, struct err *err);

/* Smallest detectable effect and curve of a null; null where none was computed. */
json_t *results_power(const struct power_curve *c);

/* The screens of `check`, one object a row of the table. */
json_t *results_integrity(const struct integrity *in);

/* One claim and its pictures (report/results_claim.c, report/plots.c). */
json_t *results_claim(const struct study *s, size_t claim, const struct claim_result *r,
                      const struct settings *settings);
json_t *results_plots(const struct claim_result *r, const json_t *claim);
/* Its words, malloced: the groups of its clients, what it says, and what its verdict says
 * (report/results_words.c). */
char *results_clients(const struct study *s, const struct study_claim *c);
char *results_sentence(const struct study *s, const struct study_claim *c);
char *results_answer(const struct claim_result *r);
/* What a match is worth; null: it was not asked. */
json_t *results_base_rate(const struct base_rate *b, const struct base_answer *a);
json_t *results_base_rate_of(const struct trial *t);
json_t *results_rivals(const struct claim_result *r); /* null: no model was written */
json_t *results_calibration(const struct calibration *c);

/* Levels of every pair of the case by `scan`, where the claims' pairs stand among them, and the
 * overview (report/results_scan.c). Other pairs are points of it, without their names. */
json_t *results_scan(const struct study *s, const struct counts *c,
                     const struct claim_result *claims);

#endif
