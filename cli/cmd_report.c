/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dnsclaim report DIR - renders stored results again. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "report/compare.h"
#include "report/report.h"

struct values {
    const char *format, *compare;
};

static const struct opt options[] = {
    {"format", OPT_TEXT, "NAME", NULL, offsetof(struct values, format),
     "only this one: verdict, text, html, markdown, latex, paper, bibtex or csv; all unless "
     "given"},
    {"compare", OPT_TEXT, "DIR2", NULL, offsetof(struct values, compare),
     "print how the results in DIR2 differ: lines with * do"},
    OPT_END,
};

static int compare(const char *dir, const char *other, struct err *err)
{
    json_t *a = NULL, *b = NULL;
    int rc = report_load(&a, dir, err);
    if (rc == 0)
        rc = report_load(&b, other, err);
    if (rc == 0)
        compare_write(stdout, a, b);
    json_decref(a);
    json_decref(b);
    return rc;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    int first = opts_read(&cmd_report, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(
            opts_usage(&cmd_report, "expected one folder, found %d", argc - first));
    const struct report_format *format = v.format ? report_find(v.format) : NULL;
    if (v.format && !format)
        return opts_exit(opts_usage(&cmd_report,
                                    "--format: expected verdict, text, html, markdown, latex, "
                                    "paper, bibtex or csv, found '%s'",
                                    v.format));
    const char *dir = argv[first];
    json_t *results = NULL;
    struct err err = {0};
    struct report_done done;
    if (v.compare)
        return compare(dir, v.compare, &err) < 0 ? opts_fail(&err) : 0;
    int rc = report_load(&results, dir, &err);
    if (rc == 0)
        rc = report_write(&done, results, dir, format, &err);
    json_decref(results);
    if (rc < 0)
        return opts_fail(&err);
    for (const struct report_format *f = report_table; f->name; f++)
        if (!format || f == format)
            printf("%s/%s\n", dir, f->file);
    if (done.missing)
        fprintf(stderr, "dnsclaim: %zu of %zu figures not drawn: %s\n", done.missing,
                done.missing + done.figures, done.why);
    return 0;
}

const struct command cmd_report = {
    .group = "results",
    .name = "report",
    .operands = "DIR",
    .help = "render the results in DIR again: text, page, LaTeX, Markdown, CSV, figures",
    .text =
        "Reads DIR/results.json and writes DIR/verdict.txt, report.txt, report.html, "
        "report.md,\n"
        "report.tex (for \\input; paper.tex has its preamble, references.bib what it cites),\n"
        "DIR/tables (CSV with all digits) and DIR/figures (gnuplot script, data, SVG, PDF). "
        "The\n"
        "same results give the same bytes. To change the look of every figure, change\n"
        "DIR/figures/style.gp and run this again.\n",
    .opts = options,
    .run = run,
};
