/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * text - numbers, durations and times to and from text. Strict (the whole span
 * must be the number) and free of locale and TZ. All return 0, or
 * ERR_MALFORMED without a message: the caller knows the place and the field.
 *
 * Times are int64_t nanoseconds since 1970-01-01T00:00:00 UTC (years 1678 to
 * 2261); durations are int64_t nanoseconds.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdint.h>

#include "base/span.h"

#define NS_PER_S INT64_C(1000000000)
enum { TEXT_TIME_MAX = 40 };

int text_i64(struct span s, int64_t *ret);         /* [-+]digits */
int text_real(struct span s, double *ret);         /* finite decimal or exponent form */
int text_duration(struct span s, int64_t *ret_ns); /* 90s 10ms 1.5h 30m 2d 4w; 0 alone */

/* ISO-8601 date and time: 2016-07-20T10:55:33[.frac][Z|+hh[:mm]], with 'T', 't'
 * or ' ' between, or a date alone (midnight). *ret_zone is false when no zone
 * was written; the time is then as if UTC, and the caller must apply one. */
int text_time(struct span s, int64_t *ret_ns, bool *ret_zone);

/* Decimal count of units since 1970 with up to 9 fraction digits, exactly (not
 * through a double); unit_ns is 1, 1000, 1000000 or NS_PER_S. */
int text_epoch(struct span s, int64_t unit_ns, int64_t *ret_ns);

/* 2016-07-20T10:55:33Z with `decimals` fraction digits (0..9); returns out. */
char *text_iso(char out[TEXT_TIME_MAX], int64_t t_ns, int decimals);

/* 1h, 90s, 1d: the largest unit that divides; returns out. */
char *text_of_duration(char out[TEXT_TIME_MAX], int64_t ns);

/* Length of the UTF-8 sequence at s[i], 0 if there is none (RFC 3629). */
size_t text_utf8(struct span s, size_t i);

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t text_days(int64_t year, int month, int day);
void text_civil(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

/* Floor division, right for negative numerators too; d > 0. */
static inline int64_t floor_div(int64_t n, int64_t d)
{
    return n / d - (n % d < 0);
}

#endif
