/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * holidays - the days off of a country, from a dated list.
 *
 * A file has `#` comments that name its source, and its grade as in the studies ([S] read,
 * [B] unverified, [C] computed), the header `date,name`, and one row a day,
 * ascending. A year in which the file has no day is not known, so a window that reaches into
 * one is refused: no data is not a working year. Lists of named countries are installed
 * beside the studies.
 */
#ifndef MODELS_HOLIDAYS_H
#define MODELS_HOLIDAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

struct holidays {
    int64_t *day; /* since 1970-01-01, local to the country; ascending */
    size_t n;
    char *source; /* the comments, in one line */
    char grade;   /* S, B, C; 0: none is stated */
    char sha256[DIGEST_HEX];
};

/* "unverified [B]", or the like. */
const char *holidays_grade(const struct holidays *h);

/* Two letters name a list in studies/holidays, here or where the program is installed;
 * anything else is a path. ERR_USAGE, with the lists that there are, for two other letters. */
int holidays_open(struct holidays *ret, const char *name, struct err *err);
/* ERR_IO, or ERR_MALFORMED with the line. */
int holidays_read(struct holidays *ret, const char *path, struct err *err);
void holidays_free(struct holidays *h);

bool holidays_on(const struct holidays *h, int64_t day);
/* Is there a day in every year from one day to the other? */
bool holidays_cover(const struct holidays *h, int64_t from_day, int64_t to_day);

#endif
