/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backend for notes and repositories: CommonMark with pipe tables. Every mark that
 * means something is escaped, so a name from a log is never a link, a tag or a column. */
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/escape.h"
#include "report/value.h"

static void markdown_begin(struct doc *d, const char *title)
{
    (void)title; /* the first heading holds it */
    if (d->simulated) {
        fputs("> **Simulated:** ", d->out);
        escape_markdown(d->out, d->simulated);
        fputs("\n\n", d->out);
    }
}

static void markdown_end(struct doc *d)
{
    (void)d;
}

static void markdown_heading(struct doc *d, int level, const char *s, const char *badge,
                             enum tone tone)
{
    (void)tone;
    fprintf(d->out, "%.*s ", level, "######");
    escape_markdown(d->out, s);
    if (badge) {
        fputs(": ", d->out);
        escape_markdown(d->out, badge);
    }
    fputs("\n\n", d->out);
}

static void markdown_para(struct doc *d, enum para style, const char *s)
{
    static const char *const open[] = {"", "**", "> \u201c", ""};
    static const char *const close[] = {"", "**", "\u201d", ""};
    fputs(open[style], d->out);
    escape_markdown(d->out, s);
    fprintf(d->out, "%s\n\n", close[style]);
}

static void markdown_list_begin(struct doc *d, const char *title, enum tone tone)
{
    (void)tone;
    fputs("**", d->out);
    escape_markdown(d->out, title);
    fputs("**\n\n", d->out);
}

static void markdown_item(struct doc *d, const char *s, const char *pointer)
{
    fputs("- ", d->out);
    escape_markdown(d->out, s);
    if (pointer)
        fprintf(d->out, " (`%s`)", pointer);
    fputc('\n', d->out);
}

static void markdown_cited(struct doc *d, const char *s, const char *cite)
{
    char *text = *cite ? mem_format("%s [%s].", s, cite) : mem_format("%s.", s);
    markdown_item(d, text, NULL);
    free(text);
}

static void markdown_list_end(struct doc *d)
{
    fputc('\n', d->out);
}

static void markdown_row(struct doc *d, enum tone tone, const char *const *cells)
{
    (void)tone;
    for (size_t c = 0; c < d->ncolumns; c++) {
        fputs("| ", d->out);
        escape_markdown(d->out, cells[c] ? cells[c] : "");
        fputc(' ', d->out);
    }
    fputs("|\n", d->out);
}

static void markdown_table_begin(struct doc *d, const char *caption, const char *const *columns)
{
    const char *head[DOC_COLUMNS_MAX];
    if (*caption) {
        fputs("**", d->out);
        escape_markdown(d->out, caption);
        fputs("**\n\n", d->out);
    }
    for (size_t c = 0; c < d->ncolumns; c++)
        head[c] = columns[c] + (columns[c][0] == '#');
    markdown_row(d, TONE_NONE, head);
    for (size_t c = 0; c < d->ncolumns; c++)
        fputs(columns[c][0] == '#' ? "|--:" : "|:--", d->out);
    fputs("|\n", d->out);
}

static void markdown_table_end(struct doc *d)
{
    fputc('\n', d->out);
}

static void markdown_figure(struct doc *d, const struct figure *f)
{
    if (f->svg) {
        fputs("![", d->out);
        escape_markdown(d->out, value_text(f->plot, "alt"));
        fprintf(d->out, "](figures/%s.svg)\n\n", f->name);
    }
    fputs("**", d->out);
    escape_markdown(d->out, value_text(f->plot, "title"));
    fputs(".** ", d->out);
    escape_markdown(d->out, value_text(f->plot, "alt"));
    fprintf(d->out, "%s Numbers: `figures/%s.tsv`\n\n", f->svg ? "" : " (Not drawn.)", f->name);
}

/* An indented block, in which nothing is a mark. */
static void markdown_pre(struct doc *d, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n");
        char *line = mem_copy(s, n), *plain = escape_plain(line);
        fprintf(d->out, "    %s\n", plain);
        free(plain);
        free(line);
        s += n + (s[n] == '\n');
    }
    fputc('\n', d->out);
}

const struct doc_ops doc_markdown = {
    .begin = markdown_begin,
    .end = markdown_end,
    .heading = markdown_heading,
    .para = markdown_para,
    .list_begin = markdown_list_begin,
    .item = markdown_item,
    .cited = markdown_cited,
    .list_end = markdown_list_end,
    .row = markdown_row,
    .table_begin = markdown_table_begin,
    .table_end = markdown_table_end,
    .figure = markdown_figure,
    .pre = markdown_pre,
};
