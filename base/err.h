/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * err - how a function says that it failed, and why.
 *
 * A function that can fail returns int: 0 (or a count) when it worked, else a
 * negative err_code. The last parameter is `struct err *err`, NULL allowed; it
 * is written only on failure. Outputs are named ret_..., come just before err,
 * and are untouched on failure.
 *
 *     if (file_open(&f, path, err) < 0)
 *         return err_context(err, "reading the study");
 *
 * Messages are one line, lower case, no full stop: `where: what was expected,
 * what was found`. A lower layer says what; err_context puts where before it.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Whose problem it is. */
enum err_code {
    ERR_USAGE = -1,      /* the request contradicts itself */
    ERR_IO = -2,         /* the operating system refused */
    ERR_MALFORMED = -3,  /* input breaks its own format */
    ERR_MISMATCH = -4,   /* inputs do not fit together */
    ERR_DEGENERATE = -5, /* well formed, but the number asked for does not exist */
    ERR_LIMIT = -6,      /* a stated limit was reached */
};

struct err {
    enum err_code code;
    char msg[1024];
};

/* Set code and message; returns code, so that `return err_set(...)` works. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set with ERR_IO, appending what errno means. */
int err_set_errno(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Put "where: " before the message; returns the code already set. */
int err_context(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
