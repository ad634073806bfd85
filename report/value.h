/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * value - members of results.json, written and read, and how numbers and codes read to people.
 *
 * A member that is absent or of another type reads as "" or NAN, so a renderer
 * never fails on an edited file; docs/results.schema.json says what is there.
 */
#ifndef REPORT_VALUE_H
#define REPORT_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

enum { VALUE_TEXT_MAX = 48 };

/* A finite real, or null; a p with its log10 sibling, p null where it underflows. */
void value_set_real(json_t *object, const char *key, double value);
void value_set_p(json_t *object, const char *key, double log_p);

const char *value_text(const json_t *object, const char *key);
double value_real(const json_t *object, const char *key); /* NAN: null or absent */
bool value_is(const json_t *object, const char *key, const char *text);
const json_t *value_list(const json_t *object, const char *key); /* NULL is an empty list */

/* Three significant digits with thousands separators; 1.23e-7 outside 1e-4..1e9;
 * whole numbers below 1e9 in full; "-" for NAN. All return out. */
char *value_number(char out[VALUE_TEXT_MAX], double v);
char *value_count(char out[VALUE_TEXT_MAX], double v); /* a whole number, |v| < 1e15 */
/* Rounded where its uncertainty has two digits: 14.5678 within 1.7 reads 14.6;
 * never to fewer than two digits of its own. As value_number where that is no number, or either
 * is tiny or huge. */
char *value_within(char out[VALUE_TEXT_MAX], double v, double uncertainty);
/* p from its base-10 logarithm: 0.0813, 1.2e-137; "-" for NAN. */
char *value_p(char out[VALUE_TEXT_MAX], double log10_p);
/* 3600 reads "1 h". */
char *value_seconds(char out[VALUE_TEXT_MAX], double s);
/* 2016-05-04T01:06:40Z reads "2016-05-04 01:06 UTC". */
char *value_time(char out[VALUE_TEXT_MAX], const char *iso);

/* What a code of the schema says to a layman; an unknown code reads as itself. */
const char *value_words(const char *code);

#endif
