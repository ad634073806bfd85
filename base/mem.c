/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20, LARGE = 2 * HUGE_PAGE };

/* Large blocks on large pages: fewer page faults, and far fewer misses of the
 * address cache in the tables of a tally. Advice only: no is an answer too. */
static void advise(void *p, size_t size)
{
    uintptr_t from = ((uintptr_t)p + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    madvise((void *)from, ((uintptr_t)p + size - from) & ~(size_t)(HUGE_PAGE - 1),
            MADV_HUGEPAGE);
}

static void *checked(void *p, size_t size)
{
    if (!p && size) {
        fprintf(stderr, "dnsclaim: out of memory, %zu bytes asked for\n", size);
        exit(1);
    }
    if (size >= LARGE)
        advise(p, size);
    return p;
}

void *mem_alloc(size_t size)
{
    return checked(malloc(size), size);
}

void *mem_zero(size_t count, size_t size)
{
    return checked(calloc(count, size), size ? count * size : 0);
}

void *mem_resize(void *p, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        checked(NULL, SIZE_MAX);
    return checked(realloc(p, count * size), count * size);
}

char *mem_copy(const void *p, size_t n)
{
    char *copy = mem_alloc(n + 1);
    if (n)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}

char *mem_format(const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = mem_alloc((size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

struct arena_block {
    struct arena_block *below;
    size_t used, size;
    char bytes[];
};

/* Blocks double, so that a large arena comes to lie on large pages. */
enum { ARENA_FIRST = 1 << 16, ARENA_LAST = 16 << 20 };

static size_t next_block(const struct arena *a, size_t n)
{
    size_t size = a->top ? 2 * a->top->size : ARENA_FIRST;
    if (size > ARENA_LAST)
        size = ARENA_LAST;
    return n > size ? n : size;
}

static char *arena_take(struct arena *a, size_t n, size_t align)
{
    struct arena_block *b = a->top;
    size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
    if (!b || at + n > b->size) {
        size_t size = next_block(a, n);
        b = mem_alloc(sizeof *b + size);
        *b = (struct arena_block){.below = a->top, .size = size};
        a->top = b;
        at = 0;
    }
    b->used = at + n;
    return b->bytes + at;
}

void *arena_alloc(struct arena *a, size_t n)
{
    return arena_take(a, n, 8);
}

char *arena_copy(struct arena *a, const void *p, size_t n)
{
    char *copy = arena_take(a, n + 1, 1);
    if (n)
        memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}

void arena_join(struct arena *a, struct arena *other)
{
    struct arena_block **bottom = &other->top;
    while (*bottom)
        bottom = &(*bottom)->below;
    *bottom = a->top;
    *a = *other;
    *other = (struct arena){0};
}

void arena_free(struct arena *a)
{
    while (a->top) {
        struct arena_block *below = a->top->below;
        free(a->top);
        a->top = below;
    }
}

size_t arena_size(const struct arena *a)
{
    size_t sum = 0;
    for (const struct arena_block *b = a->top; b; b = b->below)
        sum += sizeof *b + b->size;
    return sum;
}
