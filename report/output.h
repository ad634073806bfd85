/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * output - a file that is there whole or not at all.
 *
 *     struct output o;
 *     if (output_open(&o, path, err) < 0) ...
 *     fprintf(o.f, ...);
 *     rc = output_close(&o, err);
 *
 * It is written beside its place, as PATH.part, and renamed when every byte is there; where
 * one could not be written the part is removed and what stood at PATH before stays. "-" is
 * stdout; a device or a link is written to as it is. A write needs no check of its own: closing
 * tells why the first one failed. `path` must live, and `o` stay in its place, until then.
 */
#ifndef REPORT_OUTPUT_H
#define REPORT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct output {
    FILE *f;
    const char *path;
    char *part; /* NULL: written in its place */
    int fd;
    int why; /* errno of the first write that failed; 0: none yet */
};

/* ERR_IO with the path and what the system says. */
int output_open(struct output *o, const char *path, struct err *err);

/* Whether a write has failed already: a long loop may stop. */
bool output_failed(const struct output *o);

/* ERR_IO as above. */
int output_close(struct output *o, struct err *err);

/* Instead of closing: what stood at PATH before stays, or nothing. */
void output_drop(struct output *o);

#endif
