/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V10, claims of one study: does any of eight false ones stand after the study's correction? A
 * claim that is not rejected is explained, and so has no p. Each claim has one explanation,
 * judged by replicates of a normal score that shares a part of its variance with the others.
 * Foil: no correction. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/verdict.h"
#include "stats/multi.h"
#include "tests/validate/validate.h"

enum { CLAIMS = 8 };
static const char *const ways[] = {"maxt", "neff", "li_ji", "holm", "hommel", "none"};
enum { WAYS = sizeof ways / sizeof *ways };

struct false_claims {
    double shared;
    uint32_t m;
};

/* Replicates in rows of a claim, and the data's own after them. */
static void draw_scores(const struct false_claims *f, struct rng *r, double *ret)
{
    for (uint32_t i = 0; i <= f->m; i++) {
        double common = rng_normal(r);
        for (uint32_t j = 0; j < CLAIMS; j++)
            ret[j * (f->m + 1) + i] =
                sqrt(f->shared) * common + sqrt(1 - f->shared) * rng_normal(r);
    }
}

static void test_null(struct tested_null *ret, const struct battery_row *row, double *values,
                      uint32_t m)
{
    uint32_t reach = 1;
    for (uint32_t i = 0; i < m; i++)
        reach += values[i] >= values[m];
    double p = reach / (m + 1.);
    *ret = (struct tested_null){.row = row,
                                .log_p_adjusted = log(p),
                                .verdict = p <= .05 ? NULL_REJECTED : NULL_NOT_REJECTED,
                                .short_of_effect = p > .05};
    ret->result.values = values;
    ret->result.mc.replicates = m;
}

/* Does a claim stand after each correction? */
static void draw_claims(const void *ctx, struct rng *r, double *ret)
{
    const struct false_claims *f = ctx;
    static const struct claim_kind kind = {.sign = 1};
    static const struct battery_row row = {.null = "cache"};
    static const char *const ids[CLAIMS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct study_claim claims[CLAIMS];
    struct study s = {
        .alpha = .05, .max_replicates = f->m, .claims = claims, .nclaims = CLAIMS};
    struct tested_null nulls[CLAIMS];
    double *values = mem_alloc(CLAIMS * (f->m + 1) * sizeof *values);
    draw_scores(f, r, values);
    s.seed = rng_below(r, 1u << 30);
    for (int way = 0; way < WAYS; way++) {
        struct claim_result answer[CLAIMS] = {0};
        s.correction = correction_find(ways[way]);
        for (size_t j = 0; j < CLAIMS; j++) {
            test_null(&nulls[j], &row, values + j * (f->m + 1), f->m);
            claims[j] = (struct study_claim){.id = ids[j], .kind = &kind, .effect = 2};
            claims[j].search.kind = SEARCH_COUNT;
            answer[j] = (struct claim_result){.nulls = &nulls[j], .nnulls = 1};
            answer[j].effect = (struct effect){3, 2.5, 4, .95};
            answer[j].trial = (struct trial){.study = &s, .claim = &claims[j], .looks = 1};
            verdict_of(&answer[j], &claims[j]);
        }
        verdict_correct(answer, &s);
        ret[way] = 0;
        for (size_t j = 0; j < CLAIMS; j++)
            ret[way] = fmax(ret[way], answer[j].verdict == STANDS);
    }
    free(values);
}

void v10_claims(struct validation *v)
{
    static const char *const names[] = {"apart,", "that share .8 of their variance,"};
    for (int k = 0; k < 2; k++) {
        struct false_claims f = {k ? .8 : 0, 499};
        struct validate_figure figures[WAYS];
        char cells[WAYS][80], prefix[80];
        for (int way = 0; way < WAYS; way++) {
            bool foil = way == WAYS - 1;
            snprintf(cells[way], sizeof cells[way], "%s%s: one stands", foil ? "foil: " : "",
                     ways[way]);
            figures[way] = (struct validate_figure){cells[way], (size_t)way,   FIGURE_MEAN,
                                                    0,          foil ? .1 : 0, foil ? 1 : .05};
        }
        snprintf(prefix, sizeof prefix, "8 false claims %s", names[k]);
        validate_run(v, &(struct validate_plan){"V10", prefix, draw_claims, &f, WAYS, figures,
                                                WAYS, validate_pick(v, 200, 4000), f.m});
    }
}
