/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/open.h"
#include "models/dry.h"
#include "models/study.h"
#include "models/verdict.h"
#include "report/output.h"
#include "report/report.h"
#include "report/results.h"

struct values {
    const char *out, *progress;
    struct opt_list set;
    bool force, dry, quiet, json;
    int64_t threads;
};

static const struct opt options[] = {
    {"o", OPT_TEXT, "DIR", NULL, offsetof(struct values, out), "write the results here"},
    {"set", OPT_LIST, "KEY=VALUE", NULL, offsetof(struct values, set),
     "replace a value of the plan; may be given several times"},
    {"force", OPT_FLAG, NULL, NULL, offsetof(struct values, force),
     "write into a DIR that exists"},
    {"dry-run", OPT_FLAG, NULL, NULL, offsetof(struct values, dry),
     "say of each null whether it can be tested, or why not; give no answer"},
    {"threads", OPT_COUNT, "N", "0", offsetof(struct values, threads),
     "threads; 0: one a processor. The results do not depend on it"},
    {"progress", OPT_CHOICE, PROGRESS_FORMS, "terminal", offsetof(struct values, progress),
     PROGRESS_HELP},
    {"json", OPT_FLAG, NULL, NULL, offsetof(struct values, json),
     "the same as --progress json"},
    {"quiet", OPT_FLAG, NULL, NULL, offsetof(struct values, quiet), "no progress, no summary"},
    OPT_END,
};

/* --- stages ----------------------------------------------------------------------------- */

/* What is shown, and the processor seconds of all threads that each stage took. */
struct stages {
    struct progress progress;
    enum stage now;
    double since, cpu_s[STAGES];
};

static double cpu_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void end_stage(struct stages *s)
{
    double now = cpu_now();
    s->cpu_s[s->now] += now - s->since;
    s->since = now;
}

static void show(void *ctx, enum stage stage, const struct study_claim *claim, const char *null,
                 double share)
{
    struct stages *s = ctx;
    end_stage(s);
    s->now = stage;
    progress_watch(&s->progress, stage, claim, null, share);
}

/* --- dry run -------------------------------------------------------------------------- */

static void print_dry(struct dry *d)
{
    const char *id = d->trial.claim->id;
    const struct trial *t = &d->trial;
    for (const struct dry_null *n = d->nulls; n < d->nulls + d->nnulls; n++) {
        char floor[32] = "-";
        if (n->floor > 0)
            snprintf(floor, sizeof floor, "%.3g", n->floor);
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", id, n->row->null,
               n->row->role == ROLE_REQUIRED ? "required" : "advisory",
               n->why == WHY_NONE ? "yes" : why_names[n->why], n->row->needs, n->row->min_data,
               floor, n->detail);
    }
    printf("# %s: %zu sessions, %.1f h live, %s, %zu comparable pairs, %zu control pairs, %g "
           "looks\n",
           id, t->a.n, t->window.live_s / 3600, t->ttl_note, t->npeers, t->ncontrols, t->looks);
    printf("# %s: %.0f replicates of each null would take about %.2g s of one processor; less "
           "where an answer is sure sooner, and bounds, power, gate and settings come on top\n",
           id, (double)t->study->max_replicates, dry_seconds(d));
}

static int dry_run(const struct study *s, const struct counts *c, const struct values *v,
                   struct err *err)
{
    printf("claim\tnull\trole\ttestable\tneeds\tleast data\tp_floor\twhy not\n");
    for (size_t i = 0; i < s->nclaims; i++) {
        struct dry d;
        if (dry_claim(&d, s, &s->claims[i], c, (size_t)v->threads, err) < 0)
            return ERR_DEGENERATE;
        print_dry(&d);
        dry_free(&d);
    }
    return 0;
}

/* --- output ----------------------------------------------------------------------------- */

static int refuse_old(const char *dir, bool force, struct err *err)
{
    return force || access(dir, F_OK) != 0
               ? 0
               : err_set(err, ERR_IO,
                         "%s: expected a new folder, found one that exists (--force "
                         "writes into it)",
                         dir);
}

static int make_dir(const char *dir, bool force, struct err *err)
{
    if (mkdir(dir, 0777) == 0 || (errno == EEXIST && force))
        return 0;
    return errno == EEXIST ? refuse_old(dir, force, err) : err_set_errno(err, "%s", dir);
}

/* The only output with a clock in it. */
static int write_log(const char *dir, const struct study *s, const struct counts *c,
                     const struct stages *stages, const struct values *v, struct err *err)
{
    char *path = mem_format("%s/run.log", dir), now[TEXT_TIME_MAX];
    struct output out;
    if (output_open(&out, path, err) < 0) {
        free(path);
        return ERR_IO;
    }
    fprintf(out.f,
            "dnsclaim %s\nwhen %s\nstudy sha256 %s\ncase sha256 %s\nseed %llu\nthreads %lld\n",
            DNSCLAIM_VERSION, text_iso(now, (int64_t)time(NULL) * NS_PER_S, 0), s->sha256,
            c->sha256, (unsigned long long)s->seed, (long long)v->threads);
    for (size_t i = 0; i < c->nsources; i++)
        fprintf(out.f, "source sha256 %s %s\n", c->sources[i].sha256, c->sources[i].name);
    for (size_t i = 0; i < v->set.n; i++)
        fprintf(out.f, "set %s\n", v->set.v[i]);
    for (int i = 0; i < STAGES; i++)
        fprintf(out.f, "cpu_s %.2f %s\n", stages->cpu_s[i], stage_names[i]);
    int rc = output_close(&out, err);
    free(path);
    return rc;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int write_all(const struct study *s, const char *study_path, const struct counts *c,
                     const struct integrity *in, const struct claim_result *r,
                     const struct settings *settings, struct watch *w, const struct values *v,
                     struct err *err)
{
    watch_at(w, STAGE_REPORT, s, NULL);
    if (make_dir(v->out, v->force, err) < 0)
        return ERR_IO;
    json_t *root = results_json(s, base_name(study_path), c, in, r, settings);
    char *path = mem_format("%s/results.json", v->out);
    int rc = results_write(root, path, err);
    struct report_done done;
    if (rc == 0)
        rc = report_write(&done, root, v->out, NULL, err);
    struct stages *stages = w->ctx;
    end_stage(stages);
    progress_end(&stages->progress);
    if (rc == 0)
        rc = write_log(v->out, s, c, stages, v, err);
    if (rc == 0 && done.missing && !v->quiet)
        fprintf(stderr, "dnsclaim: %zu figures left out: %s\n", done.missing, done.why);
    free(path);
    json_decref(root);
    return rc;
}

/* Lines of a template whose author has not said that the value is his: by the mark, which is
 * to go with the placeholder. Lines that are nothing but comment ask for nothing. */
static void warn_placeholders(const struct study *s, const char *path)
{
    size_t n = 0, first = 0, at = 0;
    for (const char *line = s->text, *end; *line; line = *end ? end + 1 : end) {
        at++;
        end = line + strcspn(line, "\n");
        const char *mark = strstr(line, STUDY_PLACEHOLDER);
        if (mark && mark < end && line[strspn(line, " ")] != '#' && n++ == 0)
            first = at;
    }
    if (n)
        fprintf(stderr,
                "dnsclaim: warning: %s:%zu: %zu lines of the template are still marked %s: "
                "nobody has claimed this, and the answers are no findings\n",
                path, first, n, STUDY_PLACEHOLDER);
}

static void summary(const struct study *s, const struct claim_result *r, const char *dir)
{
    for (size_t i = 0; i < s->nclaims; i++)
        printf("%s: %s (%s)\n", s->claims[i].id, claim_verdict_names[r[i].verdict],
               claim_why_names[r[i].why]);
    printf("report: %s/report.html\n", dir);
}

/* The log first, then the claims, then what the log's screens leave of them. */
static int analyse(const struct study *s, const char *study_path, const struct counts *c,
                   const struct values *v, struct err *err)
{
    struct stages stages = {.since = cpu_now()};
    struct watch w = {.tell = show, .ctx = &stages};
    struct integrity in;
    struct claim_result *r = NULL;
    if (refuse_old(v->out, v->force, err) < 0) /* before minutes of work */
        return ERR_IO;
    progress_start(&stages.progress, "testing", "share",
                   progress_form(v->quiet, v->json, v->progress));
    watch_plan(&w, s, STAGE_SCREENS, STAGE_REPORT);
    watch_at(&w, STAGE_SCREENS, s, NULL);
    study_screen(&in, s, c, (size_t)v->threads);
    int rc = study_test(&r, s, c, (size_t)v->threads, &w, err);
    if (rc == 0) {
        study_gate(r, s, &in);
        struct settings *settings = settings_run(s, c, (size_t)v->threads, &w);
        rc = write_all(s, study_path, c, &in, r, settings, &w, v, err);
        if (rc == 0 && !v->quiet)
            summary(s, r, v->out);
        settings_free(settings, s->nclaims);
        study_test_free(r, s->nclaims);
    }
    progress_end(&stages.progress);
    integrity_free(&in);
    return rc;
}

static int test(const char *case_path, const char *study_path, const struct values *v,
                struct err *err)
{
    struct study *s;
    struct counts *c;
    int rc = open_study(&s, &c, study_path, &v->set, case_path, err);
    if (rc < 0)
        return rc;
    if (!v->dry)
        warn_placeholders(s, study_path);
    rc = v->dry ? dry_run(s, c, v, err) : analyse(s, study_path, c, v, err);
    counts_free(c);
    study_free(s);
    return rc;
}

static int run(int argc, char **argv)
{
    struct values v = {0};
    struct err err = {0};
    int first = opts_read(&cmd_test, &v, argc, argv);
    if (first < 0)
        return opts_exit(first);
    int rc;
    if (argc - first != 2)
        rc = opts_exit(
            opts_usage(&cmd_test, "expected CASE and STUDY, found %d operands", argc - first));
    else if (!v.out && !v.dry)
        rc = opts_exit(opts_usage(&cmd_test, "expected -o DIR"));
    else
        rc = test(argv[first], argv[first + 1], &v, &err) < 0 ? opts_fail(&err) : 0;
    free(v.set.v);
    return rc;
}

const struct command cmd_test = {
    "analyse",
    "test",
    "CASE STUDY -o DIR",
    "test every claim of a study against its battery of innocent explanations",
    "Writes results.json and run.log into DIR, and all that `report` makes of it: "
    "verdict.txt,\n"
    "report.txt, .html, .md and .tex, paper.tex, references.bib, tables/ and figures/.\n",
    options,
    run,
};
