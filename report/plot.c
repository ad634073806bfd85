/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/plot.h"

#include <math.h>

/* A silence shorter than this share of the window is thinner than a line. */
enum { SHORTEST = 1000 };

void plot_point(json_t *axis, double value)
{
    json_array_append_new(axis, isfinite(value) ? json_real(value) : json_null());
}

json_t *plot_series(const char *name, const char *style, json_t *x, json_t *y)
{
    return json_pack("{s:s, s:s, s:o, s:o}", "name", name, "style", style, "x", x, "y", y);
}

json_t *plot_add(json_t *plots, struct plot_text t, const char *alt, json_t *series)
{
    json_t *plot = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id", t.id,
                             "type", t.type, "title", t.title, "alt", alt, "x_label", t.x_label,
                             "y_label", t.y_label, "x_scale", t.x_scale, "y_scale",
                             t.y_scale ? t.y_scale : "linear", "series", series);
    json_array_append_new(plots, plot);
    return plot;
}

void plot_silences(json_t *series, const struct window *w)
{
    json_t *x = json_array(), *y = json_array();
    double start = (double)w->from_ns / 1e9, before = 0;
    for (size_t i = 0; i <= w->nlive; i++) {
        double from = i < w->nlive ? w->live[i].from : w->length_s;
        if (from - before > w->length_s / SHORTEST) {
            plot_point(x, start + before);
            plot_point(y, start + from);
        }
        before = i < w->nlive ? w->live[i].to : from;
    }
    if (json_array_size(x)) {
        json_array_append_new(series, plot_series("no data", "spans", x, y));
    } else {
        json_decref(x);
        json_decref(y);
    }
}
