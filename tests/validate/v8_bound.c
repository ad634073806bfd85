/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V8, the bound of eta over control pairs (models/nulls_sync.c), with and without mailings that
 * reach a and b on the target and on 39 control names. Where b follows a it lies below what is
 * true in at most .05 of logs; and a claim of just what is true is explained, or contradicted,
 * in as many: by both bounds, and by the whole battery. Foil: coincidences less the mean of the
 * controls', as if neither had an error. Where b follows nobody, how often a claim of .05 is
 * explained is printed.
 *
 * What is true is what can be seen of eta: a's session finds none of b in the life of an
 * answer before it, nor one by chance within a minute after it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "models/verdict.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

static const char frame[] =
    "scenario: b follows a, beside what reaches both (simulated)\n"
    "span: {from: 2024-01-01, to: 2024-02-12}\n"
    "seed: 1\n"
    "clients: {a: [192.0.2.1], b: [198.51.100.2]}\n"
    "names: {target: [target.example], controls: [\"mail{1..39}.example\"]}\n"
    "caches:\n"
    "  - {clients: [a, b], names: [target, controls], ttl: 1h}\n"
    "processes:\n"
    "  - {id: people, kind: human, clients: [a, b], names: target, per_day: 4, day_theta: 8}\n"
    "  - {id: controls, kind: human, clients: [a, b], names: controls, per_day: 4, "
    "activity: 0.3, day_theta: 8}\n";
static const char mailing[] =
    "  - {id: mailing, kind: mail, clients: [a, b], names: [target, controls], per_week: 14, "
    "messages: 0.8, within: 5m}\n";
static const char follow[] =
    "  - {id: follow, kind: trigger, clients: b, names: target, after: {clients: a, names: "
    "target}, eta: %g, within: 10s}\n";

enum { WITHIN_S = 60, LIFE_S = 3600, DELAY_S = 7, TRUTH_LOGS = 60 };

struct world {
    bool mailing;
    double eta, claim; /* claim: what is true; where nothing is, .05 */
    char *text;
};

enum column { BELOW, SHORT, EXPLAINS, CONTRADICTS, UNBOUNDED, NAIVE, COLUMNS };

static bool draw(const char *text, struct rng *r, struct counts **counts, struct study **study)
{
    return drawn_log("bound", text, "tests/data/study-bound.yaml", r, counts, study);
}

/* a's sessions with one of b in [from, to) of them. */
static double with_one(const struct subject *a, const struct subject *b, double from, double to)
{
    size_t n = 0, j = 0;
    for (size_t i = 0; i < a->n; i++) {
        while (j < b->n && b->t[j] < a->t[i] + from)
            j++;
        n += j < b->n && b->t[j] < a->t[i] + to;
    }
    return (double)n / (double)a->n;
}

/* eta as it can be seen, from logs in which nobody follows. */
static double seen_of(const char *text, double eta)
{
    double sum = 0;
    for (uint32_t i = 0; i < TRUTH_LOGS; i++) {
        struct rng r;
        struct counts *c;
        struct study *s;
        struct trial t;
        rng_stream(&r, 1, RNG_SIMULATE, rng_subject("bound", 5), i);
        if (!draw(text, &r, &c, &s) || trial_make(&t, s, &s->claims[0], c, 1, NULL) < 0) {
            fprintf(stderr, "bound: a log without look-ups\n");
            abort();
        }
        sum += 1 - with_one(&t.a, &t.b, DELAY_S - LIFE_S, WITHIN_S);
        trial_free(&t);
        study_free(s);
        counts_free(c);
    }
    return eta * sum / TRUTH_LOGS;
}

/* Coincidences less the mean of the controls'. */
static double naive(const struct trial *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->ncontrols; i++)
        sum += with_one(&t->control_a[i], &t->control_b[i], -WITHIN_S, WITHIN_S);
    return with_one(&t->a, &t->b, -WITHIN_S, WITHIN_S) - sum / (double)t->ncontrols;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct counts *c;
    struct study *s;
    struct claim_result k = {0};
    for (int i = 0; i < COLUMNS; i++)
        ret[i] = 0;
    if (!draw(w->text, r, &c, &s))
        return;
    s->claims[0].effect = w->claim;
    if (claim_test(&k, s, &s->claims[0], c, 1, NULL) == 0) {
        for (size_t i = 0; i < k.nnulls; i++) {
            bool controls = strcmp(k.nulls[i].row->null, "controls") == 0;
            ret[SHORT] = ret[SHORT] || k.nulls[i].short_of_effect;
            if (controls)
                ret[BELOW] = k.nulls[i].short_of_effect;
            if (controls)
                ret[UNBOUNDED] = isnan(k.nulls[i].result.u);
        }
        ret[EXPLAINS] = k.verdict == EXPLAINED;
        ret[CONTRADICTS] = k.verdict == EXPLAINED || k.verdict == CONTRADICTED;
        ret[NAIVE] = naive(&k.trial) < w->claim;
        claim_result_free(&k);
    }
    study_free(s);
    counts_free(c);
}

static void run(struct validation *v, bool mailings, double eta, uint32_t R)
{
    static const struct validate_figure followed[] = {
        {"bound over controls below the truth", BELOW, FIGURE_MEAN, 0, 0, .05},
        {"a bound of the two below the truth", SHORT, FIGURE_MEAN, 0, 0, .05},
        {"a claim of just the truth, explained or contradicted", CONTRADICTS, FIGURE_MEAN, 0, 0,
         .05},
        {"no bound over controls", UNBOUNDED, FIGURE_MEAN, 0, 0, .05},
        {"foil: coincidences less the controls', below the truth", NAIVE, FIGURE_MEAN, 0, .3,
         1}};
    static const struct validate_figure nothing[] = {
        {"a claim of .05, explained", EXPLAINS, FIGURE_MEAN, 0, 0, 1},
        {"no bound over controls", UNBOUNDED, FIGURE_MEAN, 0, 0, .05}};
    if (R == 0)
        return;
    char *bare = mem_format("%s%s", frame, mailings ? mailing : "");
    char *more = mem_format(follow, eta);
    struct world w = {mailings, eta, .05, mem_format("%s%s", bare, eta > 0 ? more : "")};
    char *prefix =
        mem_format("%s, eta %.2f:", mailings ? "a common mailing" : "no common cause", eta);
    if (eta > 0)
        w.claim = seen_of(bare, eta);
    validate_run(v, &(struct validate_plan){.experiment = "bound",
                                            .prefix = prefix,
                                            .replicate = replicate,
                                            .ctx = &w,
                                            .columns = COLUMNS,
                                            .figures = eta > 0 ? followed : nothing,
                                            .nfigures = eta > 0 ? 5 : 2,
                                            .R = R,
                                            .m = 199});
    free(prefix);
    free(w.text);
    free(bare);
    free(more);
}

void v8_bound(struct validation *v)
{
    static const double etas[] = {.1, .05, 0};
    for (size_t i = 0; i < sizeof etas / sizeof *etas; i++)
        for (int mailings = 1; mailings >= 0; mailings--)
            run(v, mailings, etas[i],
                validate_pick(v, i == 0 && mailings ? 2 : 0, etas[i] > 0 ? 400 : 100));
}
