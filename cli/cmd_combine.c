/* SPDX-License-Identifier: GPL-3.0-or-later
 * combine: what published p-values weigh, one by one and together. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "stats/combine.h"
#include "stats/evalue.h"
#include "stats/multi.h"
#include "stats/tail.h"

struct values {
    double looks, alpha;
};

static const struct opt options[] = {
    {"looks", OPT_REAL, "N", "1", offsetof(struct values, looks),
     "looks that stood behind each p: pairs, windows, statistics"},
    {"alpha", OPT_REAL, "P", ".05", offsetof(struct values, alpha), "level"},
    OPT_END,
};

/* --- one by one ------------------------------------------------------------------------ */

/* The corrections that follow from p alone, a column each. */
static void corrected(const double *log_p, size_t n, size_t i)
{
    double *log_q = mem_alloc(n * sizeof *log_q);
    for (const struct correction *c = correction_table; c->name; c++) {
        if (!c->adjust)
            continue;
        c->adjust(log_p, n, log_q);
        printf("\t%.6g", exp(log_q[i]));
    }
    free(log_q);
}

static void one_by_one(const double *log_p, size_t n, const struct values *v)
{
    printf("p\tafter_looks\tlooks_to_even\tlooks_to_alpha\tbayes_bound\tratio_named\t"
           "ratio_searched\te_value");
    for (const struct correction *c = correction_table; c->name; c++)
        if (c->adjust)
            printf("\t%s", c->name);
    printf("\n");
    for (size_t i = 0; i < n; i++) {
        printf("%.6g\t%.6g\t%.6g\t%.6g\t%.6g\t%.6g\t%.6g\t%.6g", exp(log_p[i]),
               exp(log_sidak(log_p[i], v->looks)), looks_to(log_p[i], .5),
               looks_to(log_p[i], v->alpha), exp(log_sellke_bound(log_p[i])),
               exp(log_match_ratio(log_p[i], 1)), exp(log_match_ratio(log_p[i], v->looks)),
               exp(log_e_of_p(log_p[i], .5)));
        corrected(log_p, n, i);
        printf("\n");
    }
}

/* --- together -------------------------------------------------------------------------- */

static size_t discoveries(const double *log_q, size_t n, double alpha)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += log_q[i] <= log(alpha);
    return found;
}

static void together(const double *log_p, size_t n, const struct values *v)
{
    printf("\ntogether\tp\twhat\n");
    for (const struct combination *c = combination_table; c->name; c++)
        printf("%s\t%.6g\t%s\n", c->name, exp(c->log_p(log_p, n)), c->help);
    double *log_e = mem_alloc(n * sizeof *log_e), *log_q = mem_alloc(n * sizeof *log_q);
    for (size_t i = 0; i < n; i++)
        log_e[i] = log_e_of_p(log_p[i], .5);
    e_bh(log_e, n, log_q);
    double mean = log_e_mean(log_e, n);
    printf("e_mean\t%.6g\tmean e-value %.6g, p at most its inverse; any dependence\n",
           exp(fmin(0, -mean)), exp(mean));
    printf("# e-BH at %g rejects %zu of %zu, under any dependence\n", v->alpha,
           discoveries(log_q, n, v->alpha), n);
    free(log_e);
    free(log_q);
}

/* --- the whole ------------------------------------------------------------------------- */

static int run(int argc, char **argv)
{
    struct values v = {0};
    int first = opts_read(&cmd_combine, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (first == argc)
        return opts_exit(opts_usage(&cmd_combine, "expected p-values, found none"));
    if (!(v.looks >= 1) || !(v.alpha > 0 && v.alpha < 1))
        return opts_exit(opts_usage(
            &cmd_combine, "expected --looks of at least 1 and --alpha between 0 and 1"));
    size_t n = (size_t)(argc - first);
    double *log_p = mem_alloc(n * sizeof *log_p);
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        char *end, *text = argv[first + (int)i];
        double p = strtod(text, &end);
        if (end == text || *end || !(p > 0 && p <= 1))
            rc = opts_exit(opts_usage(&cmd_combine,
                                      "expected a p above 0 and at most 1, found '%s'", text));
        log_p[i] = log(p);
    }
    if (rc == 0) {
        one_by_one(log_p, n, &v);
        together(log_p, n, &v);
    }
    free(log_p);
    return rc;
}

const struct command cmd_combine = {
    "analyse",
    "combine",
    "P...",
    "what published p-values weigh, one by one and together",
    "First table, a row each. after_looks: after the price of --looks. looks_to_even,\n"
    "looks_to_alpha: how many undisclosed looks at nothing would give one so small with the\n"
    "chance 1/2, and alpha. bayes_bound: the most that any alternative can be favoured by\n"
    "(1 / (-e p ln p)); ratio_named, ratio_searched: 1/p and 1/(looks p), between which the\n"
    "worth of a match lies; e_value: 1/2 p^(-1/2). Then each correction over all p.\n"
    "Second table: p of all together. Most need that the p are independent.\n",
    options,
    run,
};
