/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The backend for papers: booktabs tables that break over pages, figures as PDF. The file is
 * the body alone, for \input; paper.tex (report/paper.c) holds the preamble that it needs.
 * A table is held back until its end, when the width of each column is known. */
#include <stdlib.h>
#include <string.h>

#include "report/doc.h"
#include "report/escape.h"
#include "report/value.h"

/* Characters of a table's line in \footnotesize; of a column's word that need not
 * break; of a word in running text that may. */
enum { LINE = 112, WORD = 15, LONG = 24 };

struct latex_row {
    char *text[DOC_COLUMNS_MAX];
};

struct latex_own {
    struct latex_row *rows; /* row 0 is the head */
    size_t nrows, cap;
    const char *caption;
};

static void latex_begin(struct doc *d, const char *title)
{
    d->own = mem_zero(1, sizeof(struct latex_own));
    fputs("% The report for \\input; paper.tex has the preamble that it needs.\n", d->out);
    fputs("\\providecommand{\\dnsclaimfigures}{figures}\n% ", d->out);
    escape_latex(d->out, title, 0);
    fputc('\n', d->out);
    if (d->simulated) {
        fputs("\\begin{quote}\\textbf{Simulated:} ", d->out);
        escape_latex(d->out, d->simulated, LINE);
        fputs("\\end{quote}\n", d->out);
    }
}

static void latex_end(struct doc *d)
{
    free(((struct latex_own *)d->own)->rows);
    free(d->own);
}

static void latex_heading(struct doc *d, int level, const char *s, const char *badge,
                          enum tone tone)
{
    static const char *const names[] = {"section", "subsection", "subsubsection"};
    (void)tone;
    fprintf(d->out, "\n\\%s*{", names[level < 3 ? level - 1 : 2]);
    escape_latex(d->out, s, LONG);
    if (badge) {
        fputs(": \\emph{", d->out);
        escape_latex(d->out, badge, 0);
        fputc('}', d->out);
    }
    fputs("}\n", d->out);
}

/* A paragraph by itself, so that no text runs on into it. */
static void latex_para(struct doc *d, enum para style, const char *s)
{
    static const char *const open[] = {"", "\\textbf{", "\\begin{quote}``", "{\\small "};
    static const char *const close[] = {"", "}", "''\\end{quote}", "\\par}"};
    fprintf(d->out, "\n%s", open[style]);
    escape_latex(d->out, s, LONG);
    fprintf(d->out, "%s\n", close[style]);
}

static void latex_list_begin(struct doc *d, const char *title, enum tone tone)
{
    (void)tone;
    fputs("\n\\paragraph{", d->out);
    escape_latex(d->out, title, 0);
    fputs("}\n\\begin{itemize}\n", d->out);
}

/* "/claims/5/nulls" may break before each of its strokes; typewriter type breaks nowhere else.
 */
static void put_pointer(FILE *out, const char *pointer)
{
    const char *before = " ";
    while (*pointer) {
        size_t n = 1 + strcspn(pointer + 1, "/");
        char *part = mem_copy(pointer, n);
        fputs(before, out);
        escape_latex(out, part, LONG);
        free(part);
        pointer += n;
        before = "\\allowbreak{}";
    }
}

static void latex_item(struct doc *d, const char *s, const char *pointer)
{
    fputs("\\item ", d->out);
    escape_latex(d->out, s, LONG);
    if (pointer) {
        fputs(" {\\small\\ttfamily", d->out);
        put_pointer(d->out, pointer);
        fputc('}', d->out);
    }
    fputc('\n', d->out);
}

static void latex_cited(struct doc *d, const char *s, const char *cite)
{
    fputs("\\item ", d->out);
    escape_latex(d->out, s, LONG);
    char keys[DOC_KEYS_MAX];
    if (bib_keys(keys, cite)[0])
        fprintf(d->out, "~\\cite{%s}", keys);
    fputs(".\n", d->out);
}

static void latex_list_end(struct doc *d)
{
    fputs("\\end{itemize}\n", d->out);
}

static void latex_row(struct doc *d, enum tone tone, const char *const *cells)
{
    struct latex_own *own = d->own;
    (void)tone;
    MEM_GROW(own->rows, own->nrows, own->cap);
    struct latex_row *row = &own->rows[own->nrows++];
    for (size_t c = 0; c < d->ncolumns; c++)
        row->text[c] = escape_plain(cells[c] ? cells[c] : "");
}

static bool right(const struct doc *d, size_t column)
{
    return d->columns[column][0] == '#';
}

static void latex_table_begin(struct doc *d, const char *caption, const char *const *columns)
{
    struct latex_own *own = d->own;
    const char *head[DOC_COLUMNS_MAX];
    own->caption = caption;
    for (size_t c = 0; c < d->ncolumns; c++)
        head[c] = columns[c] + right(d, c);
    latex_row(d, TONE_NONE, head);
}

/* Longest cell, and longest word up to WORD, of a column. */
static void column_size(const struct doc *d, size_t c, size_t *ret_cell, size_t *ret_word)
{
    const struct latex_own *own = d->own;
    *ret_cell = *ret_word = 4;
    for (size_t r = 0; r < own->nrows; r++) {
        const char *s = own->rows[r].text[c];
        size_t cell = strlen(s);
        *ret_cell = cell > *ret_cell ? cell : *ret_cell;
        for (size_t n; *s; s += n + (s[n] == ' ')) {
            n = strcspn(s, " ");
            *ret_word = n > *ret_word ? n : *ret_word;
        }
    }
    *ret_word = *ret_word < WORD ? *ret_word : WORD;
}

/* The widest column is narrowed until a line holds them, none below its longest word. */
static size_t column_widths(const struct doc *d, size_t *w, size_t line)
{
    size_t total = 0, word[DOC_COLUMNS_MAX];
    for (size_t c = 0; c < d->ncolumns; c++) {
        column_size(d, c, &w[c], &word[c]);
        total += ++w[c];
    }
    while (total > line) {
        size_t widest = DOC_COLUMNS_MAX;
        for (size_t c = 0; c < d->ncolumns; c++)
            if (w[c] > word[c] + 1 && (widest == DOC_COLUMNS_MAX || w[c] > w[widest]))
                widest = c;
        if (widest == DOC_COLUMNS_MAX)
            break;
        w[widest]--;
        total--;
    }
    return total;
}

static void print_rows(const struct doc *d, const size_t *w, double scale)
{
    const struct latex_own *own = d->own;
    for (size_t r = 0; r < own->nrows; r++) {
        for (size_t c = 0; c < d->ncolumns; c++) {
            fputs(c ? " & " : "", d->out);
            escape_latex(d->out, own->rows[r].text[c], (size_t)(scale * (double)w[c]));
        }
        fputs(r == 0 ? " \\\\\n\\midrule\\endhead\n" : " \\\\\n", d->out);
    }
}

static void latex_table_end(struct doc *d)
{
    struct latex_own *own = d->own;
    size_t w[DOC_COLUMNS_MAX];
    size_t line = LINE - 2 * d->ncolumns, total = column_widths(d, w, line);
    double share = (double)(total > line ? total : line);
    fputs("\n{\\footnotesize\\setlength{\\tabcolsep}{1ex}\n\\begin{longtable}[l]{@{}", d->out);
    for (size_t c = 0; c < d->ncolumns; c++)
        fprintf(d->out,
                ">{\\%s\\arraybackslash\\hspace{0pt}}"
                "p{\\dimexpr %.5f\\linewidth-%.5f\\tabcolsep\\relax}",
                right(d, c) ? "raggedleft" : "raggedright",
                .999 * (double)w[c] / share, /* rounding must not make it too wide */
                2 * (double)w[c] / share * (double)(d->ncolumns - 1));
    fputs("@{}}\n", d->out);
    if (*own->caption) {
        fprintf(d->out, "\\multicolumn{%zu}{@{}p{.99\\linewidth}@{}}{\\bfseries\\raggedright ",
                d->ncolumns);
        escape_latex(d->out, own->caption, LONG);
        fputs("}\\\\\n", d->out);
    }
    fputs("\\toprule\n", d->out);
    print_rows(d, w, (double)line / share);
    fputs("\\bottomrule\n\\end{longtable}}\n", d->out);
    for (size_t r = 0; r < own->nrows; r++)
        for (size_t c = 0; c < d->ncolumns; c++)
            free(own->rows[r].text[c]);
    own->nrows = 0;
}

/* Under a file that is not there the text alternative stands alone. */
static void latex_figure(struct doc *d, const struct figure *f)
{
    fprintf(d->out,
            "\n\\begin{center}\n\\IfFileExists{\\dnsclaimfigures/%s.pdf}"
            "{\\includegraphics[width=.9\\linewidth]{\\dnsclaimfigures/%s.pdf}}"
            "{(Not drawn.)}\n\n{\\small\\textbf{",
            f->name, f->name);
    escape_latex(d->out, value_text(f->plot, "title"), LONG);
    fputs(".} ", d->out);
    escape_latex(d->out, value_text(f->plot, "alt"), LONG);
    fputs("\\par}\n\\end{center}\n", d->out);
}

static void latex_pre(struct doc *d, const char *s)
{
    fputs("\n{\\footnotesize\\ttfamily\\raggedright\\noindent\n", d->out);
    while (*s) {
        size_t n = strcspn(s, "\n"), indent = strspn(s, " ");
        char *line = mem_copy(s + (indent < n ? indent : n), n - (indent < n ? indent : n));
        fprintf(d->out, "\\hspace*{%zuex}", indent < n ? indent : 0);
        escape_latex(d->out, line, LONG);
        fputs("\\strut\\\\\n", d->out);
        free(line);
        s += n + (s[n] == '\n');
    }
    fputs("\\par}\n", d->out);
}

const struct doc_ops doc_latex = {
    .begin = latex_begin,
    .end = latex_end,
    .heading = latex_heading,
    .para = latex_para,
    .list_begin = latex_list_begin,
    .item = latex_item,
    .cited = latex_cited,
    .list_end = latex_list_end,
    .row = latex_row,
    .table_begin = latex_table_begin,
    .table_end = latex_table_end,
    .figure = latex_figure,
    .pre = latex_pre,
};
