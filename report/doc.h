/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * doc - a report as a sequence of headings, sentences and tables.
 *
 * sheet.c and evidence.c say what a report holds, once; text.c and html.c say
 * how each part looks. Every string given here is unescaped: the backend
 * escapes all of them, so nothing from a log reaches a page untreated.
 *
 *     doc_table(d, "Sources", (const char *const[]){"file", "#look-ups"}, 2);
 *     doc_row(d, TONE_NONE, (const char *[]){name, say(d, "%s", n)});
 *     d->ops->table_end(d);
 */
#ifndef REPORT_DOC_H
#define REPORT_DOC_H

#include <stdio.h>

#include "base/mem.h"
#include "report/bib.h"
#include "report/figures.h"

enum { DOC_COLUMNS_MAX = 12 };

/* Colour of a verdict or a row; the words always say it too. */
enum tone { TONE_NONE, TONE_GOOD, TONE_BAD, TONE_OPEN };

enum para {
    PARA_TEXT,
    PARA_ANSWER, /* the sentence to read first */
    PARA_QUOTE,  /* the claimant's words: the backend adds quotation marks */
    PARA_NOTE,
};

struct doc;
struct doc_ops {
    void (*begin)(struct doc *d, const char *title);
    void (*end)(struct doc *d);
    /* level 1: a page; 2: a claim or a part; 3: below. badge NULL: none. */
    void (*heading)(struct doc *d, int level, const char *text, const char *badge,
                    enum tone tone);
    void (*para)(struct doc *d, enum para style, const char *text);
    /* pointer: where in results.json the sentence comes from; NULL: nowhere */
    void (*list_begin)(struct doc *d, const char *title, enum tone tone);
    void (*item)(struct doc *d, const char *text, const char *pointer);
    /* An item that rests on a work: "Holm 1979" (report/bib.h); "" for none. */
    void (*cited)(struct doc *d, const char *text, const char *cite);
    void (*list_end)(struct doc *d);
    void (*row)(struct doc *d, enum tone tone, const char *const *cells);
    void (*table_begin)(struct doc *d, const char *caption, const char *const *columns);
    void (*table_end)(struct doc *d);
    void (*figure)(struct doc *d, const struct figure *f);
    void (*pre)(struct doc *d, const char *text);
};

struct doc {
    const struct doc_ops *ops;
    FILE *out;
    const char *simulated; /* NULL: real look-ups; else on every page */
    const struct figures *figures;
    struct arena said;          /* what say() made */
    size_t ncolumns;            /* of the open table */
    const char *const *columns; /* "#name" is a number: right aligned */
    void *own;                  /* of the backend */
};

extern const struct doc_ops doc_text, doc_html, doc_latex, doc_markdown;

/* Formatted text that lives as long as the document. */
const char *say(struct doc *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *say_number(struct doc *d, double v);
const char *say_count(struct doc *d, double v);
const char *say_p(struct doc *d, double log10_p);

/* "value (lo to hi)", without an interval where there is none. */
const char *say_interval(struct doc *d, double value, double lo, double hi);

/* What an explanation leaves room for: its bound, or "the smaller or the larger" of two. */
const char *say_room(struct doc *d, const json_t *null);

/* `columns` must stay until table_end. */
void doc_table(struct doc *d, const char *caption, const char *const *columns, size_t n);

/* What every report is made of. */
void sheet_write(struct doc *d, const json_t *results);
void evidence_write(struct doc *d, const json_t *results);
void methods_write(struct doc *d, const json_t *results);

/* What a match is worth (report/baserate.c), where the claim asks: in the sheet and behind. */
void base_rate_sentence(struct doc *d, const json_t *claim);
void base_rate_table(struct doc *d, const json_t *claim);

enum tone doc_tone(const char *verdict);

#endif
