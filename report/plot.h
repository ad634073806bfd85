/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plot - pieces of a picture as it stands in results.json.
 *
 * A plot is {id, type, title, alt, labels, scales, series}; docs/results.schema.json says
 * what each style of a series means.
 */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

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

#endif
