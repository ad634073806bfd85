/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, worlds. Logs of worlds whose truth is known (tests/worlds), one claim of each kind about
 * each, answered by the whole program (v12_log.h): what stands where it is false, what is
 * found where it is true, how often it is explained wrongly, and how often there is no answer.
 * Each folder's truth.csv says what was known when it was written; that of held-out was
 * committed before any of its logs was drawn.
 *
 * Cells of a claim in a world. `stands`: where it is false. `true, stands`, `true, explained or
 * contradicted`: where it is true. `false and data adequate, explained`: of the logs, R of
 * them, in which every required explanation was tested and its test could see the claimed
 * effect with chance .8, just as the verdict sheet says of a user's log; where no log was so
 * there is no cell. `power of the weakest required test`: the mean over logs, 0 where one could
 * not be tested: it tells whether the claim can be answered from such logs at all.
 *
 * The gate of calibration is left out for its cost: it can only take answers away. A few logs
 * are answered with it and with the whole power curve, and must answer the same. What a
 * claimant's model says of the innocent worlds is v12_weighed.c's.
 *
 * Two headline figures stand on their own, for their cost: `worlds-true`, the claims that are
 * true of the worlds written blind, among them synchrony where one session of a in ten is
 * followed, and exclusivity and rarity in logs that can bear them; and `worlds-tampered`, the
 * screens alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/verdict.h"
#include "tests/validate/v12_log.h"
#include "tests/validate/validate.h"

enum { VERDICTS = 4 };

static const char open_folder[] = "tests/worlds", blind_folder[] = "tests/worlds/held-out";

/* A cell is of an experiment, a world and a claim of it, or something else about the log. */
struct place {
    struct validation *v;
    const char *experiment, *world;
};

/* A share and its band: `lo` and `hi` widened by three standard errors. */
static void cell(const struct place *p, const char *of, const char *what, double k, double n,
                 double lo, double hi)
{
    char *name = mem_format("%s, %s: %s", p->world, of, what);
    if (n > 0)
        validate_cell(p->v, p->experiment, name, k / n,
                      fmax(0, lo - 3 * sqrt(lo * (1 - lo) / n)),
                      fmin(1, hi + 3 * sqrt(hi * (1 - hi) / n)), (uint32_t)n, 0);
    free(name);
}

static bool is_true(const struct world_truth *t, size_t k)
{
    return strcmp(t->of[k], "true") == 0;
}

/* What one claim of a world came to. */
static void claim_cells(const struct place *p, const struct world_truth *t, size_t k,
                        const struct world_answer *a, size_t n)
{
    const char *claim = t->claim[k], *of = t->of[k];
    double is[VERDICTS] = {0}, all = 0, adequate = 0, explained = 0, power = 0;
    for (size_t i = 0; i < n; i++) {
        if (a[i].failed)
            continue;
        int verdict = a[i].verdict[k];
        all++;
        is[verdict]++;
        power += a[i].power[k];
        adequate += a[i].adequate[k];
        explained += a[i].adequate[k] && (verdict == EXPLAINED || verdict == CONTRADICTED);
    }
    if (is_true(t, k)) {
        cell(p, claim, "true, stands", is[STANDS], all, .8, 1);
        cell(p, claim, "true, explained or contradicted", is[EXPLAINED] + is[CONTRADICTED], all,
             0, .05);
    } else {
        cell(p, claim, "stands", is[STANDS], all, 0, .05);
    }
    if (strcmp(of, "false") == 0)
        cell(p, claim, "false and data adequate, explained", explained, adequate, .6, 1);
    cell(p, claim, "undetermined", is[UNDETERMINED], all, 0, 1);
    if (strcmp(of, "gated") != 0)
        cell(p, claim, "power of the weakest required test", power, all, 0, 1);
}

static bool is_tampered(const struct world_truth *t)
{
    return strstr(t->world, "tampered") != NULL;
}

static void log_cells(const struct place *p, const struct world_truth *t,
                      const struct world_answer *a, size_t n)
{
    double stopped = 0, asked = 0, same = 0;
    for (size_t i = 0; i < n; i++) {
        stopped += a[i].stopped;
        asked += (double)a[i].asked;
        same += (double)a[i].same;
    }
    cell(p, "log", "stopped at the gate", stopped, (double)n, is_tampered(t) ? .95 : 0,
         is_tampered(t) ? 1 : .05);
    cell(p, "with calibration and power", "answers that stay", same, asked, .95, 1);
}

/* The cells of all worlds that say `what` of a claim, in one; of none, nothing. */
static void sum_cells(const struct place *p, const struct world_truth *worlds, size_t n,
                      const char *of, const char *what, double lo, double hi)
{
    struct place whole = {p->v, p->experiment, "all worlds"};
    double hits = 0, all = 0, figure;
    uint32_t R;
    for (size_t i = 0; i < n; i++) {
        char *name = mem_format("%s, %s: %s", worlds[i].world, of, what);
        if (validate_find(p->v, p->experiment, name, &figure, &R)) {
            hits += figure * R;
            all += R;
        }
        free(name);
    }
    cell(&whole, of, what, hits, all, lo, hi);
}

/* Logs of which so many are answered twice: one in `of`, one at least. */
static uint32_t some(uint32_t R, uint32_t of)
{
    return R < 2 ? 0 : (R + of - 1) / of;
}

static void run_world(const struct place *p, const struct world_truth *t, uint32_t R)
{
    size_t k_last = t->n - 1; /* authenticity, which bears on every world */
    char *last = mem_format("%s, %s: undetermined", t->world, t->claim[k_last]);
    double figure;
    uint32_t before;
    if (R > 0 && !validate_find(p->v, p->experiment, last, &figure, &before)) {
        bool tried =
            strcmp(t->world, "w4-shared-rhythm") == 0 || strcmp(t->world, "w7-trigger") == 0;
        struct world_ask ask = {
            .t = t, .screens = true, .claims = true, .gate = tried ? some(R, 20) : 0};
        struct world_answer *a = world_answers(&ask, R);
        log_cells(p, t, a, R);
        for (size_t k = 0; k < t->n; k++)
            if (strcmp(t->of[k], "na") != 0)
                claim_cells(p, t, k, a, R);
        free(a);
    }
    free(last);
}

static void sum_claims(const struct place *p, const struct world_truth *worlds, size_t n)
{
    for (size_t k = 0; n > 0 && k < worlds[0].n; k++) {
        const char *claim = worlds[0].claim[k];
        sum_cells(p, worlds, n, claim, "stands", 0, .05);
        sum_cells(p, worlds, n, claim, "true, stands", .8, 1);
        sum_cells(p, worlds, n, claim, "true, explained or contradicted", 0, .05);
        sum_cells(p, worlds, n, claim, "false and data adequate, explained", .6, 1);
        sum_cells(p, worlds, n, claim, "undetermined", 0, 1);
        sum_cells(p, worlds, n, claim, "power of the weakest required test", 0, 1);
    }
}

static void run_folder(struct validation *v, const char *folder, const char *experiment,
                       uint32_t fast)
{
    struct world_truth *worlds = mem_zero(WORLDS_MAX, sizeof *worlds);
    size_t n = world_truths(folder, worlds);
    struct place p = {v, experiment, ""};
    for (size_t i = 0; i < n; i++) {
        p.world = worlds[i].world;
        run_world(&p, &worlds[i], validate_pick(v, i == 0 ? fast : 0, 500));
    }
    sum_claims(&p, worlds, n);
    free(worlds);
}

void v12_worlds(struct validation *v)
{
    run_folder(v, open_folder, "worlds", 1);
}

void v12_held_out(struct validation *v)
{
    run_folder(v, blind_folder, "worlds-held-out", 0);
}

/* --- headline figures by themselves --------------------------------------------------- */

/* Claims that are true, of the worlds whose truth was written blind. */
void v12_true(struct validation *v)
{
    struct world_truth *worlds = mem_zero(WORLDS_MAX, sizeof *worlds);
    size_t n = world_truths(blind_folder, worlds);
    for (size_t i = 0; i < n; i++) {
        const struct world_truth *t = &worlds[i];
        struct place p = {v, "worlds-true", t->world};
        struct world_ask ask = {.t = t, .of = "true", .screens = true, .claims = true};
        bool has = false;
        for (size_t k = 0; k < t->n; k++)
            has |= is_true(t, k);
        uint32_t R = validate_pick(v, strcmp(t->world, "h7-follow") == 0 ? 1 : 0, 500);
        struct world_answer *a = has ? world_answers(&ask, R) : NULL;
        for (size_t k = 0; k < t->n; k++)
            if (is_true(t, k))
                claim_cells(&p, t, k, a, R);
        free(a);
    }
    sum_claims(&(struct place){v, "worlds-true", ""}, worlds, n);
    free(worlds);
}

/* Every world by its screens: altered logs are to be stopped, honest ones not; of those there
 * are more worlds, and a fifth of the logs. */
void v12_tampered(struct validation *v)
{
    static const char *const folders[] = {open_folder, blind_folder};
    struct world_truth *worlds = mem_zero(WORLDS_MAX, sizeof *worlds);
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        size_t n = world_truths(folders[f], worlds);
        for (size_t i = 0; i < n; i++) {
            struct place p = {v, "worlds-tampered", worlds[i].world};
            uint32_t R =
                is_tampered(&worlds[i]) ? validate_pick(v, 1, 500) : validate_pick(v, 0, 100);
            struct world_ask ask = {.t = &worlds[i], .screens = true};
            struct world_answer *a = world_answers(&ask, R);
            log_cells(&p, &worlds[i], a, R);
            free(a);
        }
    }
    free(worlds);
}
