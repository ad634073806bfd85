/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * cells - the cells of a validation, and the file from which a long run resumes.
 *
 * The file's first line names the run (build and length); then a line a cell, as it
 * is finished, and a line an experiment. A file of another run is refused.
 */
#ifndef TESTS_VALIDATE_CELLS_H
#define TESTS_VALIDATE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct row {
    char *experiment, *cell, *note; /* owned */
    double figure, lo, hi;
    uint32_t R, m;
    uint64_t seed;
    bool hit; /* set by cells_add */
};

struct cells {
    struct row *rows;
    size_t n, cap, misses;
    char **done; /* experiments that are complete */
    size_t ndone, done_cap;
    FILE *state; /* NULL: nothing is kept */
};

/* Also prints it; takes its strings. One that is there already is left as it is. */
void cells_add(struct cells *t, struct row row);
/* The cell of that name; NULL: there is none. */
const struct row *cells_find(const struct cells *t, const char *experiment, const char *cell);
bool cells_has(const struct cells *t, const char *experiment, const char *cell);
void cells_done(struct cells *t, const char *experiment);
bool cells_is_done(const struct cells *t, const char *experiment);
/* Read what `path` holds of this run and keep on writing to it; negative, and a
 * message on stderr, if it cannot be read or is another run's. */
int cells_resume(struct cells *t, const char *path, const char *run);
void cells_write(const struct cells *t, FILE *f); /* as Markdown */
void cells_free(struct cells *t);

#endif
