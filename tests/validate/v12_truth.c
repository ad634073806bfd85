/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V12, claims of just the truth. Kinds whose explanations share one bound keep all of alpha
 * for it (docs/methods.md, The four answers): a claim of exactly what is true may be
 * explained, or contradicted, in at most alpha of logs, on days that scatter. Volume and hours
 * stand in v_nulls.c, authenticity in v12_altered.c. Foil: the same by the measured
 * effect, as if it had no error. */
#include <string.h>

#include "models/verdict.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

/* Six weeks. fell: .85 of the rate from 5 February; steady as well, whose own days do not
 * scatter but those of its three controls do. mine: a asks on .6 of days, b on .5. rare: a on
 * .5, twenty others on .5 / 1.4. days: 1.3 times the rate on six of 42 days. A day's rate r
 * scatters by Gamma 4: somebody asks on 1 - (1 + r/4)^-4 of days. */
static const char world[] =
    "scenario: claims of the truth (simulated)\n"
    "span: {from: 2024-01-08, to: 2024-02-19}\n"
    "seed: 1\n"
    "clients: {a: [192.0.2.1], b: [198.51.100.2], others: [\"10.0.{1..20}.1\"]}\n"
    "names: {fell: [fell.example], steady: [steady.example], controls: [\"c{1..3}.example\"], "
    "mine: [mine.example], rare: [rare.example], "
    "days: [days.example]}\n"
    "processes:\n"
    "  - {id: f, kind: human, clients: a, names: fell, per_day: 10, day_theta: 4, steps: "
    "[{from: 2024-01-08, factor: 1}, {from: 2024-02-05, factor: 0.85}]}\n"
    "  - {id: s, kind: human, clients: a, names: steady, per_day: 30, steps: "
    "[{from: 2024-01-08, factor: 1}, {from: 2024-02-05, factor: 0.85}]}\n"
    "  - {id: c, kind: human, clients: a, names: controls, per_day: 5, day_theta: 1}\n"
    "  - {id: m1, kind: human, clients: a, names: mine, per_day: 1.029735, day_theta: 4}\n"
    "  - {id: m2, kind: human, clients: b, names: mine, per_day: 0.756828, day_theta: 4}\n"
    "  - {id: r1, kind: human, clients: a, names: rare, per_day: 0.756828, day_theta: 4}\n"
    "  - {id: r2, kind: human, clients: others, names: rare, per_day: 0.467064, day_theta: 4}\n"
    "  - {id: d, kind: human, clients: a, names: days, per_day: 6, day_theta: 8, steps: "
    "[{from: 2024-01-08, factor: 1}, "
    "{from: 2024-01-10, factor: 1.3}, {from: 2024-01-11, factor: 1}, "
    "{from: 2024-01-17, factor: 1.3}, {from: 2024-01-18, factor: 1}, "
    "{from: 2024-01-24, factor: 1.3}, {from: 2024-01-25, factor: 1}, "
    "{from: 2024-01-31, factor: 1.3}, {from: 2024-02-01, factor: 1}, "
    "{from: 2024-02-06, factor: 1.3}, {from: 2024-02-07, factor: 1}, "
    "{from: 2024-02-14, factor: 1.3}, {from: 2024-02-15, factor: 1}]}\n";

static const char *const claims[] = {"reaction", "exclusivity", "rarity", "alignment",
                                     "beside"};
enum { CLAIMS = sizeof claims / sizeof *claims };

static void answer(const struct study *s, const struct counts *c, double *ret)
{
    for (size_t k = 0; k < CLAIMS; k++)
        for (size_t i = 0; i < s->nclaims; i++) {
            const struct study_claim *claim = &s->claims[i];
            struct claim_result r = {0};
            if (strcmp(claim->id, claims[k]) != 0 || claim_test(&r, s, claim, c, 1, NULL) < 0)
                continue;
            ret[k] = r.verdict == EXPLAINED || r.verdict == CONTRADICTED;
            ret[CLAIMS + k] = claim->kind->sign * (r.effect.value - claim->effect) < 0;
            claim_result_free(&r);
        }
}

static void one_log(const void *ctx, struct rng *r, double *ret)
{
    (void)ctx;
    struct counts *c;
    struct study *s;
    for (int i = 0; i < 2 * CLAIMS; i++)
        ret[i] = 0;
    if (!drawn_log("truth", world, "tests/data/study-truth.yaml", r, &c, &s))
        return;
    answer(s, c, ret);
    study_free(s);
    counts_free(c);
}

void v12_truth(struct validation *v)
{
    const struct validate_figure f[] = {
        {"reaction", 0, FIGURE_MEAN, 0, 0, .05},
        {"exclusivity", 1, FIGURE_MEAN, 0, 0, .05},
        {"rarity", 2, FIGURE_MEAN, 0, 0, .05},
        {"alignment", 3, FIGURE_MEAN, 0, 0, .05},
        {"reaction beside controls that scatter", 4, FIGURE_MEAN, 0, 0, .05},
        {"reaction, foil: the effect as measured", CLAIMS, FIGURE_MEAN, 0, .3, 1},
        {"exclusivity, foil: the effect as measured", CLAIMS + 1, FIGURE_MEAN, 0, .3, 1},
        {"rarity, foil: the effect as measured", CLAIMS + 2, FIGURE_MEAN, 0, .3, 1},
        {"alignment, foil: the effect as measured", CLAIMS + 3, FIGURE_MEAN, 0, .3, 1},
        {"reaction beside controls, foil: the effect as measured", CLAIMS + 4, FIGURE_MEAN, 0,
         .3, 1}};
    validate_run(v, &(struct validate_plan){.experiment = "truth",
                                            .prefix = "a claim of just the truth, explained:",
                                            .replicate = one_log,
                                            .columns = 2 * CLAIMS,
                                            .figures = f,
                                            .nfigures = sizeof f / sizeof *f,
                                            .R = validate_pick(v, 4, 1000),
                                            .m = 199});
}
