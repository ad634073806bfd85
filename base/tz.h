/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tz - offsets of a named time zone, from tzdata's TZif files (RFC 8536).
 *
 * Hides the file format, including the POSIX rule in its footer for times after
 * the last transition. Reads no environment variable; "UTC" needs no file.
 *
 *     struct tz *zone;
 *     if (tz_open(&zone, "Europe/Moscow", err) < 0) ...
 *     int64_t local_s = t_s + tz_offset(zone, t_s);
 *     tz_free(zone);
 */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct tz;

/* ERR_USAGE when there is no such zone (the message says so), ERR_MALFORMED when
 * its file is broken. Also takes fixed offsets: "+03:00", "-0430". */
int tz_open(struct tz **ret, const char *name, struct err *err);
/* From the bytes of a TZif file; ERR_MALFORMED without a message. */
int tz_parse(struct tz **ret, struct span bytes);
void tz_free(struct tz *z);

/* Seconds to add to UTC to get local time at the instant t_s. */
int32_t tz_offset(const struct tz *z, int64_t t_s);

/* Local clock time to UTC. *ret_kind: 0 plain, 1 the hour comes twice (the
 * earlier instant is given), 2 the hour is skipped (the instant after it). */
int64_t tz_to_utc(const struct tz *z, int64_t local_s, int *ret_kind);

#endif
