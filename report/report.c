/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "report/doc.h"
#include "report/escape.h"
#include "report/output.h"
#include "report/tables.h"
#include "report/value.h"

static void render(const struct doc_ops *ops, FILE *out, const json_t *results,
                   const struct figures *figures, void (*also)(struct doc *, const json_t *))
{
    const char *simulated = value_text(results, "simulated");
    struct doc d = {
        .ops = ops, .out = out, .simulated = *simulated ? simulated : NULL, .figures = figures};
    ops->begin(&d, value_text(json_object_get(results, "study"), "name"));
    sheet_write(&d, results);
    if (also)
        also(&d, results);
    ops->end(&d);
    arena_free(&d.said);
}

static void all(struct doc *d, const json_t *results)
{
    evidence_write(d, results);
    methods_write(d, results);
}

static void verdict(FILE *out, const json_t *results, const struct figures *figures)
{
    render(&doc_text, out, results, figures, NULL);
}

static void text(FILE *out, const json_t *results, const struct figures *figures)
{
    render(&doc_text, out, results, figures, all);
}

static void html(FILE *out, const json_t *results, const struct figures *figures)
{
    render(&doc_html, out, results, figures, all);
}

static void markdown(FILE *out, const json_t *results, const struct figures *figures)
{
    render(&doc_markdown, out, results, figures, all);
}

static void latex(FILE *out, const json_t *results, const struct figures *figures)
{
    render(&doc_latex, out, results, figures, all);
}

/* The preamble that report.tex needs, as a paper that compiles. */
static void paper(FILE *out, const json_t *results, const struct figures *figures)
{
    (void)figures;
    fputs("% pdflatex paper && bibtex paper && pdflatex paper && pdflatex paper\n"
          "\\documentclass[10pt]{article}\n"
          "\\usepackage[T1]{fontenc}\n\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}"
          "\n\\usepackage{textcomp,array,booktabs,longtable,graphicx}\n"
          "\\usepackage[a4paper,margin=20mm]{geometry}\n"
          "\\setlength{\\emergencystretch}{3em}\n\\raggedbottom\n\\begin{document}\n"
          "\\title{",
          out);
    escape_latex(out, value_text(json_object_get(results, "study"), "name"), 40);
    fprintf(out,
            "}\n\\author{dnsclaim %s}\n\\date{}\n\\maketitle\n\\input{report}\n"
            "\\bibliographystyle{plain}\n\\bibliography{references}\n\\end{document}\n",
            value_text(results, "dnsclaim"));
}

static void references(FILE *out, const json_t *results, const struct figures *figures)
{
    (void)figures;
    bib_write(out, results);
}

const struct report_format report_table[] = {
    {"verdict", "verdict.txt", "the verdict sheet as text", verdict},
    {"text", "report.txt", "the verdict sheet and every table as text", text},
    {"html", "report.html", "one page with figures, needs no network", html},
    {"markdown", "report.md", "the same for notes and repositories", markdown},
    {"latex", "report.tex", "the same for \\input into a paper", latex},
    {"paper", "paper.tex", "a paper that is report.tex alone", paper},
    {"bibtex", "references.bib", "the works cited", references},
    {"csv", "tables", "every list of results.json, a file each, with all digits", NULL},
    {0},
};

const struct report_format *report_find(const char *name)
{
    for (const struct report_format *f = report_table; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

int report_load(json_t **ret_results, const char *dir, struct err *err)
{
    char *path = mem_format("%s/results.json", dir);
    int rc = 0;
    json_error_t at;
    FILE *in = fopen(path, "rb");
    json_t *results = in ? json_loadf(in, JSON_REJECT_DUPLICATES, &at) : NULL;
    if (!in)
        rc = err_set_errno(err, "%s", path);
    else if (!results)
        rc = err_set(err, ERR_MALFORMED, "%s:%d:%d: %s", path, at.line, at.column, at.text);
    else if (!value_list(results, "claims") || !*value_text(results, "dnsclaim"))
        rc = err_set(err, ERR_MALFORMED,
                     "%s: expected the results of dnsclaim, found other JSON", path);
    if (in)
        fclose(in);
    free(path);
    if (rc < 0)
        json_decref(results);
    else
        *ret_results = results;
    return rc;
}

static int write_file(const struct report_format *f, const json_t *results, const char *dir,
                      const struct figures *figures, struct err *err)
{
    if (!f->render) /* many files, without words */
        return tables_write(results, dir, err);
    char *path = mem_format("%s/%s", dir, f->file);
    struct output out;
    int rc = output_open(&out, path, err);
    if (rc == 0) {
        f->render(out.f, results, figures);
        rc = output_close(&out, err);
    }
    free(path);
    return rc;
}

int report_write(struct report_done *ret, const json_t *results, const char *dir,
                 const struct report_format *format, struct err *err)
{
    struct figures figures = {0};
    int rc = figures_make(&figures, results, dir, err);
    for (const struct report_format *f = report_table; rc == 0 && f->name; f++)
        if (!format || f == format)
            rc = write_file(f, results, dir, &figures, err);
    if (rc == 0) {
        *ret = (struct report_done){figures.n - figures.missing, figures.missing, ""};
        if (figures.why)
            snprintf(ret->why, sizeof ret->why, "%.255s", figures.why);
    }
    figures_free(&figures);
    return rc;
}
