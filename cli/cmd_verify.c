/* SPDX-License-Identifier: GPL-3.0-or-later
 * verify: are results what their inputs, case and study give? Inputs are digested, the case is
 * read against its own digest, the study is run again, and every number compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "cli/verify_inputs.h"
#include "ingest/casefile.h"
#include "models/verdict.h"
#include "report/compare.h"
#include "report/report.h"
#include "report/results.h"
#include "report/value.h"

struct values {
    const char *study;
    struct opt_list with;
    bool inputs;
    int64_t threads;
};

static const struct opt options[] = {
    {"study", OPT_TEXT, "FILE", NULL, offsetof(struct values, study),
     "the study's file (default: its text in the results; files beside it are then not found)"},
    {"inputs", OPT_FLAG, NULL, NULL, offsetof(struct values, inputs),
     "ingest the INPUTs again, by the rules that CASE states, and compare every count"},
    {"with", OPT_LIST, "OPTION", NULL, offsetof(struct values, with),
     "an option of ingest that CASE does not state: --with=--live=FILE, --with=--same-log"},
    {"threads", OPT_COUNT, "N", "0", offsetof(struct values, threads),
     "threads; 0: one a processor. The results do not depend on it"},
    OPT_END};

/* --- inputs ------------------------------------------------------------------------- */

static int check_input(const struct counts *c, const char *path, struct err *err)
{
    char sha256[DIGEST_HEX];
    int rc = digest_file(path, sha256, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < c->nsources; i++)
        if (strcmp(c->sources[i].sha256, sha256) == 0) {
            printf("input %s: the digest of source %s\n", path, c->sources[i].name);
            return 0;
        }
    return err_set(err, ERR_MISMATCH, "%s: expected a source of the case, found sha256 %s",
                   path, sha256);
}

/* --- the study ----------------------------------------------------------------------- */

/* What `test --set` replaced stands in run.log. NULL ends *ret; free each and it. */
static char **settings(const char *dir)
{
    char *path = mem_format("%s/run.log", dir), line[4096];
    char **set = mem_zero(1, sizeof *set);
    size_t n = 0;
    FILE *f = fopen(path, "rb");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "set ", 4) != 0)
            continue;
        set = mem_resize(set, n + 2, sizeof *set);
        set[n++] = mem_copy(line + 4, strlen(line + 4));
        set[n] = NULL;
    }
    if (f)
        fclose(f);
    free(path);
    return set;
}

/* Files that the stored text names stood beside the study, and do not stand beside results. */
static int read_stored(const json_t *stored, const char *dir, const char *const *set,
                       struct study **ret, struct err *err)
{
    const json_t *study = json_object_get(stored, "study");
    const char *text = value_text(study, "text");
    char *path = mem_format("%s/%s", dir, value_text(study, "file"));
    int rc = study_of_text(ret, path, mem_copy(text, strlen(text)), strlen(text), set, err);
    if (rc < 0)
        err_context(err, "the study's text in %s (--study says where its file is)", dir);
    free(path);
    return rc;
}

static int read_study(const json_t *stored, const char *dir, const char *path,
                      struct study **ret, struct err *err)
{
    char **set = settings(dir);
    const char *const *replaced = (const char *const *)set;
    int rc = path ? study_read(ret, path, replaced, err)
                  : read_stored(stored, dir, replaced, ret, err);
    for (size_t i = 0; set[i]; i++)
        free(set[i]);
    free(set);
    return rc;
}

/* --- the whole ------------------------------------------------------------------------ */

static int run_again(const struct study *s, const struct counts *c, const json_t *stored,
                     size_t threads, struct err *err)
{
    struct integrity in;
    struct claim_result *r = NULL;
    study_screen(&in, s, c, threads);
    int rc = study_test(&r, s, c, threads, NULL, err);
    if (rc == 0) {
        study_gate(r, s, &in);
        struct settings *o = settings_run(s, c, threads, NULL);
        json_t *now =
            results_json(s, value_text(json_object_get(stored, "study"), "file"), c, &in, r, o);
        char *difference = compare_first(stored, now);
        if (difference)
            rc = err_set(err, ERR_MISMATCH, "expected the same numbers, found %s", difference);
        else
            printf("same numbers\n");
        free(difference);
        json_decref(now);
        settings_free(o, s->nclaims);
        study_test_free(r, s->nclaims);
    }
    integrity_free(&in);
    return rc;
}

static int verify(const char *dir, const char *path, char **inputs, int n,
                  const struct values *v, struct err *err)
{
    json_t *stored = NULL;
    struct counts *c = NULL;
    struct study *s = NULL;
    int rc = report_load(&stored, dir, err);
    if (rc == 0)
        rc = casefile_read(&c, path, err);
    for (int i = 0; rc == 0 && i < n; i++)
        rc = check_input(c, inputs[i], err);
    if (rc == 0 && v->inputs)
        rc = verify_inputs(c, inputs, (size_t)n, &v->with, err);
    if (rc == 0 && v->inputs)
        printf("inputs: the same counts, listening time and digest\n");
    if (rc == 0)
        rc = read_study(stored, dir, v->study, &s, err);
    if (rc == 0)
        rc = study_resolve(s, c, err);
    if (rc == 0)
        rc = run_again(s, c, stored, (size_t)v->threads, err);
    if (s)
        study_free(s);
    if (c)
        counts_free(c);
    json_decref(stored);
    return rc;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct err err = {0};
    int first = opts_read(&cmd_verify, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    if (argc - first < 2)
        return opts_exit(
            opts_usage(&cmd_verify, "expected DIR and CASE, found %d operands", argc - first));
    if (v.inputs && argc - first < 3)
        return opts_exit(opts_usage(&cmd_verify, "--inputs: expected every INPUT of the case"));
    int rc = verify(argv[first], argv[first + 1], argv + first + 2, argc - first - 2, &v, &err);
    free(v.with.v);
    return rc < 0 ? opts_fail(&err) : 0;
}

const struct command cmd_verify = {
    "results",
    "verify",
    "DIR CASE [INPUT...]",
    "read and run again: the same numbers, or the first that differs",
    "Exit code 1 where a number differs, or an input is no source of the case. With --inputs\n"
    "all the way from the logs: they are counted again into a case that is thrown away, and\n"
    "the first rule, source, series or stretch of listening time that differs is named.\n",
    options,
    run};
