/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/escape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

static bool blank(char c)
{
    return c == ' ' || c == '\n' || c == '\0';
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

static const struct rule markdown[] = {
    {'\\', "\\\\"}, {'`', "\\`"},   {'*', "\\*"}, {'_', "\\_"}, {'[', "\\["},
    {']', "\\]"},   {'|', "\\|"},   {'~', "\\~"}, {'$', "\\$"}, {'<', "&lt;"},
    {'>', "&gt;"},  {'&', "&amp;"}, {'@', "\\@"}, {':', "\\:"}, {0}};

/* Marks that mean something where a block begins; and "www.", which some make a link. */
void escape_markdown(FILE *out, const char *s)
{
    size_t digits = strspn(s, "0123456789");
    if (*s && strchr("#+-=", *s))
        putc('\\', out);
    else if (digits && (s[digits] == '.' || s[digits] == ')') && blank(s[digits + 1])) {
        fprintf(out, "%.*s\\", (int)digits, s);
        s += digits;
    }
    for (const char *www; (www = strcasestr(s, "www.")) != NULL; s = www + 4) {
        char *before = mem_copy(s, (size_t)(www + 3 - s));
        put(out, before, markdown, "");
        fputs("\\.", out);
        free(before);
    }
    put(out, s, markdown, "");
}

void escape_csv(FILE *out, const char *s)
{
    static const struct rule quote[] = {{'"', "\"\""}, {0}};
    fputs(*s && strchr("=+-@\t\r", *s) ? "\"'" : "\"", out);
    put(out, s, quote, "");
    putc('"', out);
}

/* --- LaTeX ------------------------------------------------------------------------- */

static const struct {
    unsigned c;
    const char *text;
} latex[] = {
    {'\\', "\\textbackslash{}"},
    {'{', "\\{"},
    {'}', "\\}"},
    {'$', "\\$"},
    {'&', "\\&"},
    {'#', "\\#"},
    {'%', "\\%"},
    {'_', "\\_"},
    {'^', "\\textasciicircum{}"},
    {'~', "\\textasciitilde{}"},
    {'<', "\\textless{}"},
    {'>', "\\textgreater{}"},
    {'|', "\\textbar{}"},
    {'"', "\\textquotedbl{}"},
    {'`', "\\textasciigrave{}"},
    {'\'', "\\textquotesingle{}"},
    {'-', "-{}"}, /* no dash of two hyphens */
    {',', ",{}"},
    {'?', "?{}"},
    {'!', "!{}"},
    {0xa0, "~"},
    {0xa7, "\\S{}"},
    {0xb0, "\\textdegree{}"},
    {0xb1, "\\textpm{}"},
    {0xd7, "\\texttimes{}"},
    {0xb7, "\\textperiodcentered{}"},
    {0xf7, "\\textdiv{}"},
    {0x2013, "--"},
    {0x2014, "---"},
    {0x2018, "`"},
    {0x2019, "'"},
    {0x201c, "``"},
    {0x201d, "''"},
    {0x2026, "\\dots{}"},
    {0x2212, "\\textminus{}"},
    {0x2264, "$\\le$"},
    {0x2265, "$\\ge$"},
    {0x2192, "$\\to$"},
};

static void put_latex(FILE *out, const char *s, size_t n, unsigned c)
{
    for (size_t i = 0; i < sizeof latex / sizeof *latex; i++)
        if (latex[i].c == c) {
            fputs(latex[i].text, out);
            return;
        }
    if (treacherous(c) || (c >= 0x80 && c < 0xc0) || c > 0xff)
        fprintf(out, c == '\n' || c == '\t' ? " " : "\\textbackslash{}u\\{%x\\}", c);
    else
        fwrite(s, 1, n, out);
}

void escape_latex(FILE *out, const char *s, size_t room)
{
    size_t word = 0, at = 0; /* characters of the word, and those written of it */
    for (size_t n; *s; s += n, at++) {
        unsigned c = code_point((const unsigned char *)s, &n);
        if (blank(*s)) {
            word = 0;
        } else if (word == 0) {
            while (!blank(s[word]))
                word++;
            at = 0;
        }
        if (room && word > room && at > 0 && at % 4 == 0 && !blank(*s))
            fputs("\\hspace{0pt}", out);
        put_latex(out, s, n, c);
    }
}

void escape_gnuplot(FILE *out, const char *s)
{
    static const struct rule quote[] = {{'\'', "''"}, {0}};
    putc('\'', out);
    put(out, s, quote, "");
    putc('\'', out);
}
