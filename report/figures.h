/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * figures - the plots of results.json drawn by gnuplot, kept with their scripts.
 *
 * DIR/figures holds for each plot NAME.tsv (its numbers), NAME.gp (its script),
 * NAME.svg and NAME.pdf, and style.gp, which every script loads. style.gp is written only
 * where there is none, so a reader can change it and render again.
 */
#ifndef REPORT_FIGURES_H
#define REPORT_FIGURES_H

#include <stddef.h>

#include <jansson.h>

#include "base/err.h"

struct figure {
    const json_t *plot; /* borrowed */
    char *name;         /* "1-volume-daily": file name without its ending */
    char *svg;          /* NULL: not drawn */
};

struct figures {
    struct figure *v;
    size_t n, cap;
    size_t missing; /* not drawn */
    char *why;      /* of the first that is missing, or NULL */
};

/* Write and draw every plot of the scan and of every claim. A figure that cannot be drawn is
 * missing, not an error; a file that cannot be written is an error. */
int figures_make(struct figures *ret, const json_t *results, const char *dir, struct err *err);
const struct figure *figures_find(const struct figures *f, const json_t *plot); /* or NULL */
void figures_free(struct figures *f);

#endif
