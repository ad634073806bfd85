/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/validate/v12_log.h"

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

enum { LINE = 1024, FIRST_LOG = 20160720 };

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "v12: %s: %s\n", what, why);
    exit(1);
}

/* --- files ---------------------------------------------------------------------------- */

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
    for (char *word = strtok(line, ",\n"); word && n < WORLD_CLAIMS_MAX;
         word = strtok(NULL, ",\n"))
        snprintf(ret[n++], sizeof *ret, "%s", word);
    return n;
}

size_t world_truths(const char *folder, struct world_truth *ret)
{
    char line[LINE], word[WORLD_CLAIMS_MAX][32];
    char *path = mem_format("%s/truth.csv", folder);
    struct world_truth head = {.folder = folder};
    size_t worlds = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        fail(path, "cannot be read");
    while (fgets(line, sizeof line, f) && worlds < WORLDS_MAX) {
        size_t n = line[0] == '#' ? 0 : cut(line, word);
        if (n < 2)
            continue;
        if (strcmp(word[0], "world") == 0) {
            head.n = n - 1;
            memcpy(head.claim, word + 1, head.n * sizeof *word);
            continue;
        }
        struct world_truth *t = &ret[worlds++];
        *t = head;
        snprintf(t->world, sizeof t->world, "%s", word[0]);
        for (size_t k = 0; k < t->n; k++)
            snprintf(t->of[k], sizeof t->of[k], "%.7s", word[k + 1]);
    }
    fclose(f);
    free(path);
    return worlds;
}

static void open_world(struct scenario *s, const char *folder, const char *world)
{
    struct err err;
    char *path = mem_format("%s/%s.yaml", folder, world);
    char *frame_path = mem_format("%s/frame.yaml", folder);
    char *frame = read_all(frame_path), *own = read_all(path);
    char *text = mem_format("%s%s", frame, own);
    if (scenario_parse(s, path, span_of(text), &err) < 0)
        fail(path, err.msg);
    free(text);
    free(own);
    free(frame);
    free(frame_path);
    free(path);
}

static struct study *open_study(const struct world_truth *t, const struct counts *c,
                                const char *const *set)
{
    struct study *s;
    struct err err;
    char *path = mem_format("%s/study.yaml", t->folder);
    if (study_read(&s, path, set, &err) < 0 || study_resolve(s, c, &err) < 0)
        fail(path, err.msg);
    free(path);
    return s;
}

/* --- one log -------------------------------------------------------------------------- */

/* Which column of truth.csv a claim of the study is; t->n: none, or not asked for, or one that
 * the world does not bear on. */
static size_t column_of(const struct world_ask *ask, const struct study_claim *c)
{
    const struct world_truth *t = ask->t;
    size_t k = 0;
    while (k < t->n && strcmp(c->id, t->claim[k]) != 0)
        k++;
    bool asked =
        k < t->n && strcmp(t->of[k], "na") != 0 && (!ask->of || strcmp(t->of[k], ask->of) == 0);
    return asked ? k : t->n;
}

/* Has the gate answered already? In an altered log a claim that a failed screen touches is
 * undetermined, whatever its tests say. */
static bool answered(const struct world_ask *ask, const struct study_claim *c,
                     const struct integrity *in)
{
    return strcmp(ask->t->of[column_of(ask, c)], "gated") == 0 && ask->screens &&
           integrity_gate(in, c->kind->id);
}

static void keep(struct world_answer *a, const struct world_ask *ask, const struct study *s,
                 const struct claim_result *r)
{
    for (size_t i = 0; i < s->nclaims; i++) {
        size_t k = column_of(ask, &s->claims[i]);
        if (k == ask->t->n)
            continue;
        a->verdict[k] = (int)r[i].verdict;
        if (r[i].trial.study)
            a->adequate[k] = claim_adequate(&r[i], &a->power[k]);
    }
}

/* The claims that are asked for; the others are blank. */
static void test_claims(struct world_answer *a, const struct world_ask *ask, struct study *s,
                        const struct counts *c, const struct integrity *in)
{
    struct err err;
    struct claim_result *r = mem_zero(s->nclaims, sizeof *r);
    struct pairdays_fits fits = {0};
    s->power = s->power_at_claim = true;
    for (size_t i = 0; i < s->nclaims; i++) {
        const struct claim_result blank = {
            .fits = &fits, .log_p = NAN, .verdict = UNDETERMINED};
        const struct study_claim *claim = &s->claims[i];
        r[i] = blank;
        if (column_of(ask, claim) == ask->t->n || answered(ask, claim, in) || a->failed ||
            claim_test(&r[i], s, claim, c, 1, &err) == 0)
            continue;
        a->failed = true;
        r[i] = blank;
    }
    pairdays_fits_free(&fits);
    if (!a->failed) {
        verdict_correct(r, s);
        if (ask->screens)
            study_gate(r, s, in);
        keep(a, ask, s, r);
    }
    study_test_free(r, s->nclaims);
}

static void answer(struct world_answer *a, const struct world_ask *ask, const struct counts *c)
{
    struct study *s = open_study(ask->t, c, NULL);
    struct integrity in = {0};
    if (ask->screens)
        study_screen(&in, s, c, 1);
    for (size_t i = 0; ask->screens && i < s->nclaims; i++)
        a->stopped |= integrity_gate(&in, s->claims[i].kind->id) != NULL;
    if (ask->claims)
        test_claims(a, ask, s, c, &in);
    integrity_free(&in);
    study_free(s);
}

/* As a user's run has it, with the gate of calibration and power: which answers stay? */
static void answer_gated(struct world_answer *a, const struct world_ask *ask,
                         const struct counts *c)
{
    static const char *const set[] = {"power=true", "calibration=40", NULL};
    struct study *s = open_study(ask->t, c, set);
    struct claim_result *r;
    struct world_answer with = {0};
    struct integrity in;
    study_screen(&in, s, c, 1);
    if (study_test(&r, s, c, 1, NULL, NULL) == 0) {
        study_gate(r, s, &in);
        keep(&with, ask, s, r);
        for (size_t k = 0; k < ask->t->n; k++) {
            a->asked += strcmp(ask->t->of[k], "na") != 0;
            a->same += strcmp(ask->t->of[k], "na") != 0 && with.verdict[k] == a->verdict[k] &&
                       with.adequate[k] == a->adequate[k];
        }
        study_test_free(r, s->nclaims);
    }
    integrity_free(&in);
    study_free(s);
}

struct job {
    const struct world_ask *ask;
    struct world_answer *answers;
};

static void one_log(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    const struct world_ask *ask = job->ask;
    struct world_answer *a = &job->answers[i];
    struct scenario s;
    struct counts *c;
    open_world(&s, ask->t->folder, ask->t->world);
    s.world.seed =
        rng_subject_of(rng_subject(ask->t->world, strlen(ask->t->world)), i + FIRST_LOG);
    a->failed = simulated_counts(&c, &s.world, NULL) < 0;
    if (!a->failed) {
        answer(a, ask, c);
        if (i < ask->gate)
            answer_gated(a, ask, c);
        counts_free(c);
    }
    scenario_close(&s);
}

struct world_answer *world_answers(const struct world_ask *ask, size_t n)
{
    struct job job = {ask, mem_zero(n + 1, sizeof *job.answers)};
    par_for(0, n, one_log, &job);
    return job.answers;
}
