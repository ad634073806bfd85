/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plots - the parts of a claim's pictures (results.json, "plots"), of the pieces in plot.h.
 *
 * Pictures of the look-ups are made from the trial (plots.c, plots_time.c), pictures of the
 * answers from the claim's own JSON (plots_answers.c), so that they can never differ from its
 * tables.
 */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include "report/plot.h"

void plots_time(const struct trial *t, json_t *plots);  /* raster, periodogram, rank */
void plots_answers(const json_t *claim, json_t *plots); /* settings, power, rivals, controls */

#endif
