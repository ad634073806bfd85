/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * logclock - the time of a line of a text log, from what stands before the message.
 *
 * Known forms, at the beginning of a word:
 *     Nov 13 10:59:46              syslog, dnsmasq, Unbound; no year, no zone
 *     2019-10-08T11:29:05+02:00    also with ' ' for T, a fraction, no zone
 *     19-Oct-2022 05:34:02.425     BIND; no zone
 *     [1699999999]                 Unbound, seconds since 1970
 * Of several the last is taken: it is the program's own, those before it are the
 * collector's.
 *
 * A time without year needs the year of the first line. From December to January the
 * year goes up by one. A line may be late by a day at most; what goes back farther
 * is refused, because its year can only be guessed.
 */
#ifndef INGEST_LOGCLOCK_H
#define INGEST_LOGCLOCK_H

#include "base/err.h"
#include "base/span.h"
#include "base/tz.h"

struct logclock {
    const struct tz *zone; /* of times without one, or NULL */
    int year;              /* of the line at hand, or 0: not given */
    bool any;              /* a time was read */
    bool yearless;         /* one without year was, */
    int64_t latest_ns;     /* and this is the latest of them, by the log's own clock */
    int latest_month;
    uint64_t twice; /* how many times come twice on the zone's clock */
};

/* 1: *ret_ns is the time; 0: there is none, or it cannot be on any clock.
 * ERR_MALFORMED: zone or year are not known, or the year cannot be told. */
int logclock_read(struct logclock *c, struct span prefix, int64_t *ret_ns, struct err *err);

#endif
