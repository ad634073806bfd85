/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plots - pieces of a claim's pictures as they stand in results.json ("plots").
 *
 * A plot is {id, type, title, alt, labels, scales, series}; docs/results.schema.json says
 * what each style of a series means. Pictures of the look-ups are made from the trial
 * (plots.c, plots_time.c), pictures of the answers from the claim's own JSON
 * (plots_answers.c), so that they can never differ from its tables.
 */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include <jansson.h>

#include "models/trial.h"

struct plot_text {
    const char *id, *type, *title, *x_label, *y_label, *x_scale, *y_scale; /* NULL: linear */
};

/* Append a plot; takes `series`. An empty list of series appends nothing. */
json_t *plot_add(json_t *plots, struct plot_text t, const char *alt, json_t *series);
/* New reference; takes x and y. */
json_t *plot_series(const char *name, const char *style, json_t *x, json_t *y);
void plot_point(json_t *axis, double value); /* null where it is not finite */

/* Series of when the sensor did not listen, if there is any such time that a picture of the
 * window can show; x in Unix seconds. */
void plot_silences(json_t *series, const struct window *w);

void plots_time(const struct trial *t, json_t *plots);  /* raster, periodogram, rank */
void plots_answers(const json_t *claim, json_t *plots); /* settings, power, rivals, controls */

#endif
