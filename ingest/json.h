/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * json - the scalars of one JSON text, in place.
 *
 *     if (json_walk(text, n, take, context) < 0) ...   // it is no JSON
 *
 * Numbers come as they are written, so that a time of 19 digits loses none of them,
 * which a library that makes doubles of numbers cannot promise. Strings are
 * unescaped where they stand (they only get shorter), so nothing is allocated and
 * what is handed out lives as long as the text. Grammar: RFC 8259; bytes of strings
 * are not checked to be UTF-8.
 */
#ifndef INGEST_JSON_H
#define INGEST_JSON_H

#include "base/err.h"
#include "base/span.h"

enum {
    JSON_DEPTH = 64, /* of arrays and objects in each other */
    JSON_PATH = 256, /* scalars with a longer path are passed over */
};

enum json_kind { JSON_IS_STRING, JSON_IS_NUMBER, JSON_IS_TRUE, JSON_IS_FALSE, JSON_IS_NULL };

/* `path`: keys joined by '.', "[]" for an element of an array: "dns.answers[].ttl".
 * It is valid during the call. */
typedef void json_taker(void *context, struct span path, enum json_kind kind,
                        struct span value);

/* ERR_MALFORMED without a message; `take` may then have been called. */
int json_walk(char *text, size_t n, json_taker *take, void *context);

/* For formats of an object a line: does `head` begin one, and hold `mark`? */
bool json_probe(struct span head, const char *mark);

#endif
