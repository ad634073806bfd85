/* SPDX-License-Identifier: GPL-3.0-or-later
 * check: the integrity screens of a case, as text or JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "ingest/casefile.h"
#include "ingest/pattern.h"
#include "models/integrity.h"
#include "models/study.h"
#include "report/results.h"
#include "report/value.h"

struct values {
    double alpha;
    int64_t ttl_ns, session_ns, seed, threads;
    const char *name;
    bool json, quiet;
};

#define AT(field) offsetof(struct values, field)
static const struct opt options[] = {
    {"alpha", OPT_REAL, "A", "0.01", AT(alpha),
     "chance that an honest log is flagged by any of the screens that have a p; those that "
     "only explain and have a level of their own (list screens) have it once more, and "
     "name_memory, by itself, once more"},
    {"ttl", OPT_DURATION, "D", "0", AT(ttl_ns),
     "time to live of the answers; 0: the largest that the log's answers carry"},
    {"name", OPT_TEXT, "PATTERN", "*", AT(name), "names that --ttl is for, with * and ?"},
    {"session", OPT_DURATION, "D", "30s", AT(session_ns),
     "look-ups of one pair within it are one session"},
    {"seed", OPT_COUNT, "N", "1", AT(seed), "of the replicates"},
    {"json", OPT_FLAG, NULL, NULL, AT(json), "JSON for programs"},
    {"threads", OPT_COUNT, "N", "0", AT(threads),
     "threads; 0: one a processor. The results do not depend on it"},
    {"quiet", OPT_FLAG, NULL, NULL, AT(quiet), "no progress"},
    OPT_END};

/* Times to live by name id; NULL: those of the log. */
static double *given_ttl(const struct counts *c, const struct values *v)
{
    if (v->ttl_ns <= 0)
        return NULL;
    double *ttl = mem_zero(c->nnames + 1, sizeof *ttl);
    integrity_ttl_of_log(c, ttl);
    for (uint32_t i = 0; i < c->nnames; i++)
        if (pattern_match(v->name, c->names[i]))
            ttl[i] = (double)v->ttl_ns / 1e9;
    return ttl;
}

static void print_text(const struct counts *c, const struct integrity *in, double alpha)
{
    char value[VALUE_TEXT_MAX], p[VALUE_TEXT_MAX], least[VALUE_TEXT_MAX];
    size_t n[INTEGRITY_ANSWERS] = {0};
    printf("case %s\n%-14s %-14s %10s %10s %10s  %s\n", c->sha256, "screen", "answer", "value",
           "adjusted p", "would see", "found");
    for (size_t i = 0; i < in->n; i++) {
        const struct screen *s = &screen_table[i];
        const struct screen_result *r = &in->v[i];
        n[r->answer]++;
        printf("%-14s %-14s %10s %10s %10s  %s\n", s->id, integrity_answer_names[r->answer],
               value_number(value, r->value), value_p(p, r->log_p_adjusted / M_LN10),
               value_number(least, r->smallest), r->note);
        if (r->answer == INTEGRITY_EXPLAIN || r->answer == INTEGRITY_FAIL)
            printf("%14s %s\n%14s innocent causes: %s\n", "", s->label, "", s->innocent);
    }
    printf("%zu pass, %zu to be explained, %zu fail, %zu not applicable; alpha %g for all\n"
           "Screens are signs, never proof: a careful forger passes them, innocent causes trip "
           "them.\n",
           n[INTEGRITY_PASS], n[INTEGRITY_EXPLAIN], n[INTEGRITY_FAIL],
           n[INTEGRITY_NOT_APPLICABLE], alpha);
}

static void print_json(const struct counts *c, const struct integrity *in, double alpha)
{
    json_t *root = json_pack("{s:s, s:s, s:f, s:o}", "dnsclaim", DNSCLAIM_VERSION, "sha256",
                             c->sha256, "alpha", alpha, "integrity", results_integrity(in));
    json_dumpf(root, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(root);
}

static int check(const char *path, const struct values *v, struct err *err)
{
    struct counts *c;
    struct integrity in;
    if (casefile_read(&c, path, err) < 0)
        return ERR_IO;
    double *ttl = given_ttl(c, v);
    integrity_run(&in, c,
                  &(struct integrity_opts){.alpha = v->alpha,
                                           .session_s = (double)v->session_ns / 1e9,
                                           .ttl_s = ttl,
                                           .seed = (uint64_t)v->seed,
                                           .threads = (size_t)v->threads});
    if (v->json)
        print_json(c, &in, v->alpha);
    else
        print_text(c, &in, v->alpha);
    integrity_free(&in);
    free(ttl);
    counts_free(c);
    return 0;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct err err = {0};
    int first = opts_read(&cmd_check, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first != 1)
        return opts_exit(opts_usage(&cmd_check, "expected one case, found %d", argc - first));
    if (!(v.alpha > 0 && v.alpha < 1))
        return opts_exit(
            opts_usage(&cmd_check, "--alpha: expected between 0 and 1, found %g", v.alpha));
    return check(argv[first], &v, &err) < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_check = {
    "counts to numbers",
    "check",
    "CASE",
    "screen a log for signs of alteration, each with its innocent causes",
    "An answer is pass, explain (an innocent cause fits as well), fail (the cause that was\n"
    "tested does not fit) or not_applicable (the log does not hold what the screen reads).\n"
    "`list screens` tells each screen's rule and its innocent causes.\n",
    options,
    run};
