/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* One code point of valid UTF-8; *ret_length bytes. */
static unsigned code_point(const unsigned char *s, size_t *ret_length)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    unsigned c = s[0] & mask[n];
    size_t i = 1;
    for (; i < n && (s[i] & 0xc0) == 0x80; i++)
        c = c << 6 | (s[i] & 0x3f);
    *ret_length = i;
    return c;
}

/* Controls, and what reorders, hides or breaks lines. */
static bool treacherous(unsigned c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
}

/* Write s; each ASCII character of `special` as the replacement beside it. */
struct rule {
    char c;
    const char *text;
};

static void put(FILE *out, const char *s, const struct rule *rules, const char *kept)
{
    for (size_t n; *s; s += n) {
        unsigned c = code_point((const unsigned char *)s, &n);
        const struct rule *r = rules;
        while (r->c && (unsigned char)r->c != c)
            r++;
        if (r->c)
            fputs(r->text, out);
        else if (treacherous(c) && !(c < 0x20 && strchr(kept, (int)c)))
            fprintf(out, c == '\n' || c == '\t' ? " " : "\\u{%x}", c);
        else
            fwrite(s, 1, n, out);
    }
}

char *escape_plain(const char *s)
{
    static const struct rule none[] = {{0}};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return mem_copy("", 0);
    put(out, s, none, "");
    fclose(out);
    return text;
}

static const struct rule html[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                                   {'"', "&quot;"}, {'\'', "&#39;"}, {0}};

void escape_html(FILE *out, const char *s)
{
    put(out, s, html, "");
}

void escape_pre(FILE *out, const char *s)
{
    put(out, s, html, "\n\t");
}

void escape_gnuplot(FILE *out, const char *s)
{
    static const struct rule quote[] = {{'\'', "''"}, {0}};
    putc('\'', out);
    put(out, s, quote, "");
    putc('\'', out);
}
