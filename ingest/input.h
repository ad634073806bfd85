/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * input - the bytes of one file or of stdin ("-"), decompressed by content
 * (gz, xz, zst, bz2, lz4, several members) and digested as they were stored.
 *
 *     struct input *in;
 *     if (input_open(&in, path, err) < 0) ...
 *     struct span head = input_peek(in, 512);    // for probes; consumes nothing
 *     ssize_t n = input_read(in, buf, size, err); // 0 at the end
 *     input_close(in);
 *
 * A directory, an empty file or an unreadable one fails in input_open, with the
 * path and what was found. A compressed stream that is cut gives what is whole
 * (gz: every byte before the cut; the others: whole blocks, so at most
 * the last one is lost), then end of input with input_cut() true. One that is
 * damaged, as far as its own check sums tell, fails in input_read.
 */
#ifndef INGEST_INPUT_H
#define INGEST_INPUT_H

#include <stdint.h>
#include <sys/types.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/span.h"

struct input;

int input_open(struct input **ret, const char *path, struct err *err);
void input_close(struct input *in);

/* Up to n decompressed bytes from the start, without consuming them; only
 * before the first input_read, n <= 4096. */
struct span input_peek(struct input *in, size_t n);

/* Next decompressed bytes: > 0, 0 at the end, ERR_IO or ERR_MALFORMED. */
ssize_t input_read(struct input *in, void *buf, size_t n, struct err *err);

/* Read n bytes: 1; 0 when the input ends before them; or input_read's error.
 * *ret_got says how many there were. */
int input_read_exactly(struct input *in, void *buf, size_t n, size_t *ret_got, struct err *err);

const char *input_path(const struct input *in);
bool input_cut(const struct input *in);
uint64_t input_stored(const struct input *in); /* stored bytes read so far */

/* SHA-256 of all stored bytes; reads on to the end if the reader stopped early. */
void input_digest(struct input *in, char ret_hex[DIGEST_HEX]);

#endif
