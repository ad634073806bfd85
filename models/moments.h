/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * moments - a list of dates that somebody wrote down: events, causes; or that a machine did:
 * mails that were sent, and to whom.
 *
 * A CSV file whose first row names a column `time`, or whose first column is it; other
 * columns are for people. A time of day needs its zone. A date alone is the whole day, UTC:
 * it is not known when on that day, and what is tested allows for all of it.
 *
 *     struct moments *m;
 *     if (moments_read(&m, "events.csv", err) < 0) ...
 *     m->at[i].from_ns, m->at[i].to_ns        // sorted by from_ns
 *     moments_free(m);
 */
#ifndef MODELS_MOMENTS_H
#define MODELS_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"

struct moment {
    int64_t from_ns, to_ns; /* equal: an instant */
};

struct moments {
    struct moment *at;
    char **client; /* of each, who is meant; NULL: not asked for */
    size_t n;      /* 1 or more */
    char sha256[DIGEST_HEX];
};

/* ERR_USAGE with file and line for a row without a time, and for a date that stands twice;
 * ERR_IO, ERR_LIMIT (4 MiB). */
int moments_read(struct moments **ret, const char *path, struct err *err);
/* A log, in which a time may stand twice. `clients`: it must have a column `client`. */
int moments_read_log(struct moments **ret, const char *path, bool clients, struct err *err);
void moments_free(struct moments *m);

#endif
