/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, worlds. Logs of worlds whose truth is known (tests/worlds), one claim of each kind about
 * each, answered by the whole program: what stands where it is false, what is found where
 * it is true, how often it is explained wrongly, and how often there is no answer. Each
 * folder's truth.csv says what was known when it was written; that of held-out was committed
 * before any of its logs was drawn.
 *
 * The gate of calibration and power are left out for their cost: power never decides, and
 * the gate can only take answers away. A few logs are answered with both, and must answer
 * the same. On innocent worlds what a claimant's model says (claimed.yaml) is weighed too. */
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

enum { COLUMNS_MAX = 16, WORLDS_MAX = 32, LINE = 1024, VERDICTS = 4 };

struct folder {
    const char *path, *experiment;
    bool more; /* also weigh the claimant's model, and try the gate */
};

/* truth.csv: the head names the claims, a row is a world. */
struct truth {
    const struct folder *in;
    size_t n;
    char claim[COLUMNS_MAX][32], world[64], of[COLUMNS_MAX][8];
};

struct log_answer {
    bool failed, stopped; /* stopped: a screen of the log failed */
    int verdict[COLUMNS_MAX];
    bool adequate[COLUMNS_MAX]; /* every required explanation could be tested */
    bool weighed, hundred;      /* the claimant's model: a ratio of 100 or more */
    bool gated;                 /* answered once more with gate and power */
    size_t same, asked;         /* answers that stayed */
};

struct job {
    const struct truth *t;
    struct log_answer *answers;
    uint32_t weigh, gate; /* of so many logs */
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

static bool is_adequate(const struct claim_result *r)
{
    for (size_t i = 0; i < r->nnulls; i++)
        if (r->nulls[i].row->role == ROLE_REQUIRED && r->nulls[i].verdict == NULL_UNTESTABLE)
            return false;
    return r->verdict != UNDETERMINED || r->why != CLAIM_NO_LOOKUPS;
}

static void answer(struct log_answer *a, const struct truth *t, const struct counts *c,
                   const char *const *set)
{
    struct study *s;
    struct claim_result *r;
    struct err err;
    char *path = mem_format("%s/study.yaml", t->in->path);
    if (study_read(&s, path, set, &err) < 0 || study_resolve(s, c, &err) < 0)
        fail(path, err.msg);
    free(path);
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

/* With the gate of calibration and power: which answers stay? */
static void answer_gated(struct log_answer *a, const struct truth *t, const struct counts *c)
{
    static const char *const set[] = {"power=true", "calibration=40", NULL};
    struct log_answer with = {0};
    answer(&with, t, c, set);
    a->gated = !with.failed;
    for (size_t k = 0; a->gated && k < t->n; k++) {
        a->asked++;
        a->same += with.verdict[k] == a->verdict[k];
    }
}

/* The claimant's model against its best innocent rival, for two pairs of one name. */
static void weigh(struct log_answer *a, const struct truth *t, const struct counts *c,
                  uint64_t seed)
{
    struct scenario claimed;
    struct window w;
    struct subject one, two;
    struct evidence e;
    uint32_t x = counts_client(c, span_of("192.0.2.1")),
             y = counts_client(c, span_of("198.51.100.2")),
             name = counts_name(c, span_of("mail.target.example"));
    open_world(&claimed, t->in->path, "claimed");
    window_make(&w, c, 0, 0);
    subject_make(&one, c, &(struct selection){&x, &name, 1, 1}, &w, 30, 3600);
    subject_make(&two, c, &(struct selection){&y, &name, 1, 1}, &w, 30, 3600);
    struct rival_data d = {c, &w, &one, &two, 3600, 30};
    if (evidence_run(&e, &d, &claimed.world, &(struct evidence_opts){seed, 0, 1}, NULL) == 0) {
        a->weighed = true;
        a->hundred = e.rows[e.best].ln_lr >= log(100) - 1e-9;
        evidence_free(&e);
    }
    subject_free(&one);
    subject_free(&two);
    window_free(&w);
    scenario_close(&claimed);
}

static void one_log(void *ctx, size_t i, size_t worker)
{
    (void)worker;
    const struct job *job = ctx;
    struct log_answer *a = &job->answers[i];
    struct scenario s;
    struct counts *c;
    open_world(&s, job->t->in->path, job->t->world);
    s.world.seed =
        rng_subject_of(rng_subject(job->t->world, strlen(job->t->world)), i + 20160720);
    a->failed = simulated_counts(&c, &s.world, NULL) < 0;
    if (!a->failed) {
        answer(a, job->t, c, NULL);
        if (i < job->gate)
            answer_gated(a, job->t, c);
        if (i < job->weigh)
            weigh(a, job->t, c, s.world.seed);
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
        validate_cell(v, t->in->experiment, name, k / n,
                      fmax(0, lo - 3 * sqrt(lo * (1 - lo) / n)),
                      fmin(1, hi + 3 * sqrt(hi * (1 - hi) / n)), (uint32_t)n, 0);
    free(name);
}

/* What one claim of a world came to. */
static void claim_cells(struct validation *v, const struct truth *t, size_t k,
                        const struct log_answer *a, size_t n)
{
    double is[VERDICTS] = {0}, all = 0, adequate = 0, explained = 0;
    for (size_t i = 0; i < n; i++) {
        all += !a[i].failed;
        is[a[i].verdict[k]] += !a[i].failed;
        adequate += !a[i].failed && a[i].adequate[k];
        explained += !a[i].failed && a[i].adequate[k] && a[i].verdict[k] != UNDETERMINED &&
                     a[i].verdict[k] != STANDS;
    }
    if (strcmp(t->of[k], "true") == 0) {
        cell(v, t, t->claim[k], "true, stands", is[STANDS], all, .8, 1);
        cell(v, t, t->claim[k], "true, explained or contradicted",
             is[EXPLAINED] + is[CONTRADICTED], all, 0, .05);
    } else {
        cell(v, t, t->claim[k], "stands", is[STANDS], all, 0, .05);
    }
    if (strcmp(t->of[k], "false") == 0)
        cell(v, t, t->claim[k], "false and data adequate, explained", explained, adequate, .6,
             1);
    cell(v, t, t->claim[k], "undetermined", is[UNDETERMINED], all, 0, 1);
}

static void log_cells(struct validation *v, const struct truth *t, const struct log_answer *a,
                      size_t n)
{
    double stopped = 0, weighed = 0, hundred = 0, asked = 0, same = 0;
    for (size_t i = 0; i < n; i++) {
        stopped += a[i].stopped;
        weighed += a[i].weighed;
        hundred += a[i].hundred;
        asked += (double)a[i].asked;
        same += (double)a[i].same;
    }
    bool tampered = strstr(t->world, "tampered") != NULL;
    cell(v, t, "log", "stopped at the gate", stopped, (double)n, tampered ? .95 : 0,
         tampered ? 1 : .05);
    cell(v, t, "what a claimant says", "a ratio of 100", hundred, weighed, 0, .01);
    cell(v, t, "with calibration and power", "answers that stay", same, asked, .95, 1);
}

/* The cells of all worlds that say `what` of a claim, in one; of none, nothing. */
static void sum_cells(struct validation *v, const struct truth *worlds, size_t n, size_t k,
                      const char *what, double lo, double hi)
{
    double hits = 0, all = 0, figure;
    uint32_t R;
    for (size_t i = 0; i < n; i++) {
        char *name = mem_format("%s, %s: %s", worlds[i].world, worlds[i].claim[k], what);
        if (validate_find(v, worlds[i].in->experiment, name, &figure, &R)) {
            hits += figure * R;
            all += R;
        }
        free(name);
    }
    struct truth whole = worlds[0];
    snprintf(whole.world, sizeof whole.world, "all worlds");
    cell(v, &whole, whole.claim[k], what, hits, all, lo, hi);
}

static size_t read_truth(const struct folder *in, struct truth *ret)
{
    char line[LINE], word[COLUMNS_MAX][32];
    char *path = mem_format("%s/truth.csv", in->path);
    struct truth head = {.in = in};
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
        struct truth *t = &ret[worlds++];
        *t = head;
        snprintf(t->world, sizeof t->world, "%s", word[0]);
        for (size_t k = 0; k < t->n; k++)
            snprintf(t->of[k], sizeof t->of[k], "%.7s", word[k + 1]);
    }
    fclose(f);
    free(path);
    return worlds;
}

/* Logs of which so many are weighed or answered twice: one in `of`, one at least. */
static uint32_t some(uint32_t R, uint32_t of)
{
    return R < 2 ? 0 : (R + of - 1) / of;
}

static void run_world(struct validation *v, const struct truth *t, uint32_t R)
{
    size_t k_last = t->n - 1; /* authenticity, which bears on every world */
    char *last = mem_format("%s, %s: undetermined", t->world, t->claim[k_last]);
    double figure;
    uint32_t before;
    if (R > 0 && !validate_find(v, t->in->experiment, last, &figure, &before)) {
        bool innocent = strncmp(t->world, "w7", 2) < 0 && strncmp(t->world, "w10", 3) != 0,
             tried = strcmp(t->world, "w4-shared-rhythm") == 0 ||
                     strcmp(t->world, "w7-trigger") == 0;
        struct job job = {t, mem_zero(R, sizeof *job.answers),
                          t->in->more && innocent ? some(R, 4) : 0,
                          t->in->more && tried ? some(R, 20) : 0};
        par_for(0, R, one_log, &job);
        log_cells(v, t, job.answers, R);
        for (size_t k = 0; k < t->n; k++)
            if (strcmp(t->of[k], "na") != 0)
                claim_cells(v, t, k, job.answers, R);
        free(job.answers);
    }
    free(last);
}

static void run_folder(struct validation *v, const struct folder *in, uint32_t fast)
{
    struct truth *worlds = mem_zero(WORLDS_MAX, sizeof *worlds);
    size_t n = read_truth(in, worlds);
    for (size_t i = 0; i < n; i++)
        run_world(v, &worlds[i], validate_pick(v, i == 0 ? fast : 0, 500));
    for (size_t k = 0; n > 0 && k < worlds[0].n; k++) {
        sum_cells(v, worlds, n, k, "stands", 0, .05);
        sum_cells(v, worlds, n, k, "true, stands", .8, 1);
        sum_cells(v, worlds, n, k, "true, explained or contradicted", 0, .05);
        sum_cells(v, worlds, n, k, "false and data adequate, explained", .6, 1);
        sum_cells(v, worlds, n, k, "undetermined", 0, 1);
    }
    free(worlds);
}

void v12_worlds(struct validation *v)
{
    run_folder(v, &(struct folder){"tests/worlds", "worlds", true}, 1);
}

void v12_held_out(struct validation *v)
{
    run_folder(v, &(struct folder){"tests/worlds/held-out", "worlds-held-out", false}, 0);
}
