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

/* SKIP_REASONS: all of *v but the time, and what stands before the message. Else why
 * the line is no look-up. */
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

/* The next word of *rest, which is stepped over; empty at the end. */
struct span textlog_word(struct span *rest);

/* Where `mark` begins in s, from `at` on; SIZE_MAX if it does not. */
size_t textlog_find(struct span s, size_t at, const char *mark);

#endif
