/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mem - allocation that does not fail quietly, growing arrays, and an arena.
 *
 * Out of memory ends the program with the size that was asked for: sizes that
 * come from input are checked against a limit first, so input cannot reach it.
 *
 *     struct thing *v = NULL; size_t n = 0, cap = 0;
 *     MEM_GROW(v, n, cap);       // room for v[n]
 *     v[n++] = thing;
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);              /* uninitialised */
void *mem_zero(size_t count, size_t size); /* zeroed; checks count * size */
void *mem_resize(void *p, size_t count, size_t size);
char *mem_copy(const void *p, size_t n); /* n bytes and a final NUL */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Make room for one more element of `array`, which holds n of cap. */
#define MEM_GROW(array, n, cap)                                                                \
    do {                                                                                       \
        if ((n) == (cap)) {                                                                    \
            (cap) = (cap) ? 2 * (cap) : 16;                                                    \
            (array) = mem_resize((array), (cap), sizeof *(array));                             \
        }                                                                                      \
    } while (0)

/* Bytes that live together and die together. Pointers stay valid until
 * arena_free. `{0}` is an empty arena. */
struct arena {
    struct arena_block *top;
};

void *arena_alloc(struct arena *a, size_t n);               /* aligned to 8 */
char *arena_copy(struct arena *a, const void *p, size_t n); /* unaligned, NUL added */
void arena_join(struct arena *a, struct arena *other);      /* a owns it all, other is empty */
void arena_free(struct arena *a);
size_t arena_size(const struct arena *a); /* bytes that it holds, used or not */

#endif
