/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, worlds. Logs of worlds whose truth is known (tests/worlds), one claim of each kind about
 * each, answered by the whole program: what stands where it is false, what is found where
 * it is true, and how often there is no answer. tests/worlds/truth.csv says
 * what was known when it was written. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/par.h"
#include "models/scenario.h"
#include "models/simulated.h"
#include "models/verdict.h"
#include "stats/rng.h"
#include "tests/validate/validate.h"

enum { COLUMNS_MAX = 16, LINE = 1024, VERDICTS = 4 };
static const char study_path[] = "tests/worlds/study.yaml";

/* truth.csv: the head names the claims. */
struct truth {
    size_t n;
    char claim[COLUMNS_MAX][32], world[64], of[COLUMNS_MAX][8];
};

struct log_answer {
    bool failed, stopped; /* stopped: a screen of the log failed */
    int verdict[COLUMNS_MAX];
    bool adequate[COLUMNS_MAX]; /* every required explanation could be tested */
};

struct job {
    const struct truth *t;
    struct log_answer *answers;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "v12: %s: %s\n", what, why);
    exit(1);
}

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail(path, "cannot be read");
    char *text = mem_zero(1 << 16, 1);
    if (fread(text, 1, (1 << 16) - 1, f) == 0)
        fail(path, "is empty");
    fclose(f);
    return text;
}

static size_t cut(char *line, char (*ret)[32])
{
    size_t n = 0;
    for (char *word = strtok(line, ",\n"); word && n < COLUMNS_MAX; word = strtok(NULL, ",\n"))
        snprintf(ret[n++], sizeof *ret, "%s", word);
    return n;
}

static void open_world(struct scenario *s, const char *world)
{
    struct err err;
    char *path = mem_format("tests/worlds/%s.yaml", world);
    char *frame = read_all("tests/worlds/frame.yaml"), *own = read_all(path);
    char *text = mem_format("%s%s", frame, own);
    if (scenario_parse(s, path, span_of(text), &err) < 0)
        fail(path, err.msg);
    free(text);
    free(own);
    free(frame);
    free(path);
}

static bool is_adequate(const struct claim_result *r)
{
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].row->role == ROLE_REQUIRED && r->nulls[i].verdict == NULL_UNTESTABLE)
            return false;
    return r->verdict != UNDETERMINED || r->why != CLAIM_NO_LOOKUPS;
}

static void answer(struct log_answer *a, const struct truth *t, const struct counts *c)
{
    struct study *s;
    struct claim_result *r;
    struct err err;
    if (study_read(&s, study_path, NULL, &err) < 0 || study_resolve(s, c, &err) < 0)
        fail(study_path, err.msg);
    struct integrity in;
    study_screen(&in, s, c, 1);
    a->failed = study_test(&r, s, c, 1, NULL, NULL, &err) < 0;
    if (!a->failed)
        study_gate(r, s, &in);
    integrity_free(&in);
    for (size_t i = 0; !a->failed && i < s->nclaims; i++)
        for (size_t k = 0; k < t->n; k++)
            if (strcmp(s->claims[i].id, t->claim[k]) == 0) {
                a->verdict[k] = (int)r[i].verdict;
                a->adequate[k] = is_adequate(&r[i]);
                a->stopped |= r[i].gate != NULL;
            }
    if (!a->failed)
        study_test_free(r, s->nclaims);
    study_free(s);
}

static void one_log(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    struct scenario s;
    struct counts *c;
    open_world(&s, job->t->world);
    s.world.seed =
        rng_subject_of(rng_subject(job->t->world, strlen(job->t->world)), i + 20160720);
    job->answers[i].failed = simulated_counts(&c, &s.world, NULL) < 0;
    if (!job->answers[i].failed) {
        answer(&job->answers[i], job->t, c);
        counts_free(c);
    }
    scenario_close(&s);
}

/* A share and its band: `lo` and `hi` widened by three standard errors. */
static void cell(struct validation *v, const struct truth *t, const char *claim,
                 const char *what, double k, double n, double lo, double hi)
{
    char *name = mem_format("%s, %s: %s", t->world, claim, what);
    if (n > 0)
        validate_cell(v, "worlds", name, k / n, fmax(0, lo - 3 * sqrt(lo * (1 - lo) / n)),
                      fmin(1, hi + 3 * sqrt(hi * (1 - hi) / n)), (uint32_t)n, 0);
    free(name);
}

static void cells(struct validation *v, const struct truth *t, const struct log_answer *a,
                  size_t n)
{
    double stopped = 0;
    for (size_t i = 0; i < n; i++)
        stopped += a[i].stopped;
    bool tampered = strstr(t->world, "tampered") != NULL;
    cell(v, t, "log", "stopped at the gate", stopped, (double)n, tampered ? .95 : 0,
         tampered ? 1 : .05);
    for (size_t k = 0; k < t->n; k++) {
        double is[VERDICTS] = {0}, all = 0, adequate = 0, explained = 0;
        for (size_t i = 0; i < n; i++) {
            all += !a[i].failed;
            is[a[i].verdict[k]] += !a[i].failed;
            adequate += !a[i].failed && a[i].adequate[k];
            explained += !a[i].failed && a[i].adequate[k] && a[i].verdict[k] != UNDETERMINED &&
                         a[i].verdict[k] != STANDS;
        }
        bool is_true = strcmp(t->of[k], "true") == 0, is_false = strcmp(t->of[k], "false") == 0;
        if (strcmp(t->of[k], "na") == 0)
            continue;
        cell(v, t, t->claim[k], is_true ? "true, stands" : "stands", is[STANDS], all,
             is_true ? .8 : 0, is_true ? 1 : .05);
        if (is_false)
            cell(v, t, t->claim[k], "false and data adequate, explained", explained, adequate,
                 .6, 1);
        cell(v, t, t->claim[k], "undetermined", is[UNDETERMINED], all, 0, 1);
    }
}

void v12_worlds(struct validation *v)
{
    char line[LINE], word[COLUMNS_MAX][32];
    struct truth t = {0};
    FILE *f = fopen("tests/worlds/truth.csv", "r");
    if (!f)
        fail("tests/worlds/truth.csv", "cannot be read");
    while (fgets(line, sizeof line, f)) {
        size_t n = line[0] == '#' ? 0 : cut(line, word);
        if (n < 2)
            continue;
        if (strcmp(word[0], "world") == 0) {
            t.n = n - 1;
            memcpy(t.claim, word + 1, t.n * sizeof *word);
            continue;
        }
        bool fast = strcmp(word[0], "w0-cache-human") == 0;
        uint32_t R = validate_pick(v, fast ? 1 : 0, 500);
        snprintf(t.world, sizeof t.world, "%s", word[0]);
        for (size_t k = 0; k < t.n; k++)
            snprintf(t.of[k], sizeof t.of[k], "%.7s", word[k + 1]);
        if (R == 0)
            continue;
        struct job job = {&t, mem_zero(R, sizeof *job.answers)};
        par_for(0, R, one_log, &job);
        cells(v, &t, job.answers, R);
        free(job.answers);
    }
    fclose(f);
}
