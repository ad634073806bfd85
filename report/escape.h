/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * escape - text from logs and studies made harmless for each place it is put.
 *
 * Names come from opponents. Everywhere, controls and the marks that reorder or
 * hide text (bidirectional marks, zero-width characters) are shown as \u{202e}.
 * Input is UTF-8 (jansson refuses anything else).
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include <stddef.h>
#include <stdio.h>

/* Plain text; a newline becomes a space. malloced. */
char *escape_plain(const char *s);
/* HTML text and double-quoted attributes. */
void escape_html(FILE *out, const char *s);
/* HTML that keeps line breaks and tabs: for <pre>. */
void escape_pre(FILE *out, const char *s);
/* A gnuplot string in single quotes, in which nothing is substituted. */
void escape_gnuplot(FILE *out, const char *s);
/* LaTeX text; a word longer than `room` characters may break there (0: anywhere it is not
 * asked to). What pdflatex's T1 fonts lack is shown as \u{430}. */
void escape_latex(FILE *out, const char *s, size_t room);
/* Markdown text in which no mark means anything. */
void escape_markdown(FILE *out, const char *s);
/* A field of CSV by RFC 4180; text that a spreadsheet would run (= + - @) gets a ' before. */
void escape_csv(FILE *out, const char *s);

#endif
