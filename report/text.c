/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backend for terminals and printers: 96 columns, UTF-8, no colour. Tables
 * are held back until their end, when the width of each column is known. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/escape.h"
#include "report/value.h"

enum { WIDTH = 96, NARROWEST = 8, WORD = 16 };

struct cells {
    char *text[DOC_COLUMNS_MAX];
};

struct text_own {
    struct cells *rows; /* row 0 is the head */
    size_t nrows, cap;
    bool follows; /* something stands above on this page */
};

static void text_begin(struct doc *d, const char *title)
{
    d->own = mem_zero(1, sizeof(struct text_own));
    (void)title; /* the first heading holds it */
}

static void text_end(struct doc *d)
{
    free(((struct text_own *)d->own)->rows);
    free(d->own);
}

/* Characters, not bytes: every byte that does not continue one. */
static size_t width(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* Bytes of s that fit into `room` characters, broken after a space if there is
 * one; *ret_skip bytes are consumed. */
static size_t fit(const char *s, size_t room, size_t *ret_skip)
{
    size_t n = 0, bytes = 0, space = 0;
    for (; s[bytes] && n < room; n++) {
        if (s[bytes] == ' ')
            space = bytes;
        bytes++;
        while (((unsigned char)s[bytes] & 0xc0) == 0x80)
            bytes++;
    }
    if (s[bytes] && s[bytes] != ' ' && space)
        bytes = space;
    *ret_skip = bytes + (s[bytes] == ' ');
    return bytes;
}

static void wrapped(FILE *out, const char *first, const char *indent, const char *s)
{
    const char *lead = first;
    do {
        size_t skip, n = fit(s, WIDTH - width(lead), &skip);
        fprintf(out, "%s%.*s\n", lead, (int)n, s);
        s += skip;
        lead = indent;
    } while (*s);
}

static void wrapped_escaped(FILE *out, const char *first, const char *indent, const char *s)
{
    char *plain = escape_plain(s);
    wrapped(out, first, indent, plain);
    free(plain);
}

static void rule(FILE *out, char c, size_t n)
{
    while (n--)
        fputc(c, out);
    fputc('\n', out);
}

static void text_heading(struct doc *d, int level, const char *s, const char *badge,
                         enum tone tone)
{
    struct text_own *own = d->own;
    (void)tone;
    if (level == 1 && own->follows)
        fputs("\n\f", d->out);
    else if (own->follows)
        fputc('\n', d->out);
    own->follows = true;
    if (d->simulated && level < 3)
        wrapped_escaped(d->out, "SIMULATED: ", "  ", d->simulated);
    char *full = badge ? mem_format("%s: %s", s, badge) : mem_format("%s", s);
    wrapped_escaped(d->out, "", "  ", full);
    size_t n = width(full);
    rule(d->out, level == 1 ? '=' : '-', n < WIDTH ? n : WIDTH);
    free(full);
}

static void text_para(struct doc *d, enum para style, const char *s)
{
    if (style == PARA_QUOTE) {
        char *quoted = mem_format("\u201c%s\u201d", s);
        wrapped_escaped(d->out, "  ", "  ", quoted);
        free(quoted);
    } else {
        wrapped_escaped(d->out, style == PARA_ANSWER ? "> " : "",
                        style == PARA_ANSWER ? "> " : "", s);
    }
}

static void text_list_begin(struct doc *d, const char *title, enum tone tone)
{
    (void)tone;
    wrapped_escaped(d->out, "\n", "", title);
}

static void text_item(struct doc *d, const char *s, const char *pointer)
{
    char *full = pointer ? mem_format("%s [%s]", s, pointer) : mem_format("%s", s);
    wrapped_escaped(d->out, "  - ", "    ", full);
    free(full);
}

static void text_cited(struct doc *d, const char *s, const char *cite)
{
    char *full = *cite ? mem_format("%s [%s].", s, cite) : mem_format("%s.", s);
    wrapped_escaped(d->out, "  - ", "    ", full);
    free(full);
}

static void text_list_end(struct doc *d)
{
    (void)d;
}

static void text_row(struct doc *d, enum tone tone, const char *const *cells)
{
    struct text_own *own = d->own;
    (void)tone;
    MEM_GROW(own->rows, own->nrows, own->cap);
    struct cells *row = &own->rows[own->nrows++];
    for (size_t c = 0; c < d->ncolumns; c++)
        row->text[c] = escape_plain(cells[c] ? cells[c] : "");
}

static bool right(const struct doc *d, size_t column)
{
    return d->columns[column][0] == '#';
}

static void text_table_begin(struct doc *d, const char *caption, const char *const *columns)
{
    const char *head[DOC_COLUMNS_MAX];
    for (size_t c = 0; c < d->ncolumns; c++)
        head[c] = columns[c] + right(d, c);
    fputc('\n', d->out);
    if (*caption)
        wrapped_escaped(d->out, "", "", caption);
    text_row(d, TONE_NONE, head);
}

/* Characters of the longest word, at most WORD. */
static size_t longest_word(const char *s)
{
    size_t longest = 0;
    for (size_t n = 0; *s; s++) {
        n = *s == ' ' ? 0 : n + (((unsigned char)*s & 0xc0) != 0x80);
        longest = n > longest ? n : longest;
    }
    return longest < WORD ? longest : WORD;
}

/* Take one from the widest column that has more than its least; false if none has. */
static bool narrow(size_t *w, const size_t *least, size_t n)
{
    size_t widest = n;
    for (size_t c = 0; c < n; c++)
        if (w[c] > least[c] && (widest == n || w[c] > w[widest]))
            widest = c;
    if (widest < n)
        w[widest]--;
    return widest < n;
}

/* Narrow the widest columns until all fit: a heading that is wider than what stands below it
 * first, then to the longest words. */
static void column_widths(const struct doc *d, size_t *w)
{
    const struct text_own *own = d->own;
    size_t bare[DOC_COLUMNS_MAX] = {0}, word[DOC_COLUMNS_MAX] = {0}, least[DOC_COLUMNS_MAX];
    size_t total = 2 * (d->ncolumns - 1);
    for (size_t c = 0; c < d->ncolumns; c++) {
        w[c] = 0;
        least[c] = NARROWEST;
        for (size_t r = 0; r < own->nrows; r++) {
            size_t n = width(own->rows[r].text[c]),
                   longest = longest_word(own->rows[r].text[c]);
            w[c] = n > w[c] ? n : w[c];
            word[c] = longest > word[c] ? longest : word[c];
            n = r == 0 ? longest : n;
            bare[c] = n > bare[c] ? n : bare[c];
        }
        total += w[c];
    }
    while (total > WIDTH - 2 && (narrow(w, bare, d->ncolumns) || narrow(w, word, d->ncolumns) ||
                                 narrow(w, least, d->ncolumns)))
        total--;
}

static void print_row(const struct doc *d, const struct cells *row, const size_t *w)
{
    const char *rest[DOC_COLUMNS_MAX];
    memcpy(rest, row->text, sizeof rest);
    for (bool more = true; more;) {
        char *line = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&line, &size);
        if (!out)
            return;
        more = false;
        for (size_t c = 0; c < d->ncolumns; c++) {
            size_t skip, n = fit(rest[c], w[c], &skip);
            char *part = mem_copy(rest[c], n);
            int pad = (int)(w[c] - width(part));
            fprintf(out, "  %*s%s%*s", right(d, c) ? pad : 0, "", part, right(d, c) ? 0 : pad,
                    "");
            free(part);
            rest[c] += skip;
            more |= *rest[c] != '\0';
        }
        fclose(out);
        while (size && line[size - 1] == ' ')
            line[--size] = '\0';
        fprintf(d->out, "%s\n", line);
        free(line);
    }
}

static void text_table_end(struct doc *d)
{
    struct text_own *own = d->own;
    size_t w[DOC_COLUMNS_MAX], total = 0;
    column_widths(d, w);
    for (size_t r = 0; r < own->nrows; r++) {
        print_row(d, &own->rows[r], w);
        if (r == 0) {
            for (size_t c = 0; c < d->ncolumns; c++)
                total += w[c] + 2;
            fputs("  ", d->out);
            rule(d->out, '-', total - 2);
        }
        for (size_t c = 0; c < d->ncolumns; c++)
            free(own->rows[r].text[c]);
    }
    own->nrows = 0;
    fputc('\n', d->out);
}

static void text_figure(struct doc *d, const struct figure *f)
{
    char *line = mem_format("%s. %s Numbers: figures/%s.tsv%s", value_text(f->plot, "title"),
                            value_text(f->plot, "alt"), f->name, f->svg ? "" : " (not drawn)");
    wrapped_escaped(d->out, "\nFigure: ", "  ", line);
    free(line);
}

static void text_pre(struct doc *d, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n");
        char *line = mem_copy(s, n), *plain = escape_plain(line);
        fprintf(d->out, "  | %s\n", plain);
        free(plain);
        free(line);
        s += n + (s[n] == '\n');
    }
}

const struct doc_ops doc_text = {
    .begin = text_begin,
    .end = text_end,
    .heading = text_heading,
    .para = text_para,
    .list_begin = text_list_begin,
    .item = text_item,
    .cited = text_cited,
    .list_end = text_list_end,
    .row = text_row,
    .table_begin = text_table_begin,
    .table_end = text_table_end,
    .figure = text_figure,
    .pre = text_pre,
};
