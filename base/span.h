/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * span - borrowed bytes: a pointer and a length, not terminated, not owned.
 *
 *     struct span s = span_of("mail1");
 *     if (span_is(s, "mail1")) ...
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *p; /* NULL only when n is 0 */
    size_t n;
};

static inline struct span span_make(const void *p, size_t n)
{
    return (struct span){(const char *)p, n};
}

static inline struct span span_of(const char *text)
{
    return (struct span){text, strlen(text)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_equal(a, span_of(text));
}

static inline bool span_starts(struct span a, const char *with)
{
    size_t n = strlen(with);
    return a.n >= n && memcmp(a.p, with, n) == 0;
}

/* Byte order, shorter first on a tie: the order of every sorted output. */
static inline int span_compare(struct span a, struct span b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int d = n ? memcmp(a.p, b.p, n) : 0;
    return d ? d : (a.n > b.n) - (a.n < b.n);
}

#endif
