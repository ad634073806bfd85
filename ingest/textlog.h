/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * textlog - what the text logs of servers have in common. A format says what a line's
 * message is; the time before the message is read here.
 *
 *     static enum skip_reason parse(struct span line, struct span *ret_prefix,
 *                                   struct lookup *v);
 */
#ifndef INGEST_TEXTLOG_H
#define INGEST_TEXTLOG_H

#include "ingest/source.h"

/* SKIP_REASONS: all of *v but the time, and what stands before the message; or also the
 * time, and no prefix, when the message itself says it. Else why the line is no look-up. */
typedef enum skip_reason textlog_parser(struct span line, struct span *ret_prefix,
                                        struct lookup *v);

/* Is a line of `head` a look-up, an answer, or about one; or was one written by the
 * program, as syslog names it ("named")? */
bool textlog_probe(struct span head, textlog_parser *parse, const char *program);

int textlog_open(void **ret_state, struct input *in, const struct source_opts *opts,
                 textlog_parser *parse, struct err *err);
int textlog_next(void *state, struct batch *b, struct err *err);
void textlog_close(void *state);

/* ---- for parsers ---- */

/* name_form of a name inside quotation marks, where \" and \\ stand for " and \. */
enum { TEXTLOG_QUOTED = FORMS };

/* An address and a port with `mark` between, the address also in brackets, to v->client
 * and v->port. */
bool textlog_client(struct span word, char mark, struct lookup *v);

/* The next word of *rest, which is stepped over; empty at the end. */
struct span textlog_word(struct span *rest);

/* Where `mark` begins in s, from `at` on; SIZE_MAX if it does not. */
size_t textlog_find(struct span s, size_t at, const char *mark);

#endif
