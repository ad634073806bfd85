/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * stamp - the time column of a text log: told apart once, read row by row.
 *
 * A column has one form. ISO-8601 with or without zone, or decimal numbers since
 * 1970 whose whole part has, up to sign,
 *     at most 10 digits: seconds    11 to 13: milliseconds
 *     14 to 16: microseconds        17 to 19: nanoseconds
 * so that from 26 April 1970 (seconds: from ever) to 2262 each time falls to its
 * own unit and to no other. A value of another form or size than the column's cannot
 * be read. When the user names the form, size plays no part.
 */
#ifndef INGEST_STAMP_H
#define INGEST_STAMP_H

#include "base/err.h"
#include "base/span.h"
#include "base/tz.h"

enum stamp_form { STAMP_ISO, STAMP_S, STAMP_MS, STAMP_US, STAMP_NS, STAMP_FORMS };

struct stamp {
    enum stamp_form form;
    bool any_size;         /* the form was named, not told */
    const struct tz *zone; /* of times without one; NULL: they cannot be read */
    uint64_t twice;        /* how many times read come twice on the zone's clock */
    char date[10];         /* the last date read the fast way, */
    int64_t date_ns;       /* and its midnight */
};

/* The form of one value; -1 if it is no time. *ret_zone: true unless it is an
 * ISO time without zone. */
int stamp_tell(struct span s, bool *ret_zone);

/* By name: iso, epoch, epoch_ms, epoch_us, epoch_ns. ERR_USAGE for another. */
int stamp_named(const char *name, enum stamp_form *ret, struct err *err);

/* ERR_MALFORMED: `s` needs a zone, and here is how to give it. */
int stamp_no_zone(struct span s, struct err *err);

/* Local time to UTC. ERR_MALFORMED without a message for a time that a change of clocks
 * skips; of an hour that it repeats the earlier is taken, and *twice goes up. */
int stamp_localise(const struct tz *zone, int64_t local_ns, int64_t *ret_ns, uint64_t *twice);

/* ERR_MALFORMED without a message. */
int stamp_read(struct stamp *st, struct span s, int64_t *ret_ns);

#endif
