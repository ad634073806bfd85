/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Explanations of alignment, reaction and authenticity that no other experiment has a size of:
 * one null each, by trial_make and the battery's own function, where it holds. Foil: `coverage`
 * where days scatter, which takes sessions of one day for so many. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/nulls.h"
#include "tests/picked.h"
#include "tests/validate/cached.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { DAY = 86400, LIFE = 3600, WEEK = 7, CONTROLS = 19 };
static const int64_t monday = 94694400; /* 1 January 1973 */

struct alone {
    const char *prefix;
    const char *claim, *null; /* of tests/data/study-alone.yaml */
    double per_day, shape;    /* demands; of the days' Gamma factor, 0: none */
    int days;
    bool any_date; /* the stated date lies anywhere behind the first week */
    uint32_t fast, full;
};

static double p_of(struct trial *t, const char *null)
{
    struct null_result n = trial_blank();
    picked_null(t->claim, null)->run(t, &n);
    free(n.values);
    free(n.shift);
    return n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE ? exp(n.log_p) : 0;
}

/* p of the null, and of `coverage`; what cannot be tested counts against the method. */
static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct alone *w = ctx;
    struct made m = {0};
    struct trial t;
    struct cached asked = {monday, w->days, w->per_day, w->shape, LIFE};
    cached_add(&m, r, "192.0.2.1", "it.example", &asked);
    for (int k = 0; k < CONTROLS; k++) {
        char name[24];
        snprintf(name, sizeof name, "p%02d.example", k);
        if (k == 0 || strcmp(w->null, "controls") == 0) /* the group must match a name */
            cached_add(&m, r, "192.0.2.1", name, &asked);
    }
    struct counts *c = made_counts(&m, monday, monday + (int64_t)w->days * DAY);
    struct study *s = drawn_study("tests/data/study-alone.yaml", NULL, c, r);
    struct study_claim *claim = picked_claim(s, w->claim);
    if (w->any_date)
        claim->date_ns =
            (monday + (int64_t)(WEEK + rng_below(r, (size_t)w->days - WEEK)) * DAY) * NS_PER_S;
    ret[0] = ret[1] = 0;
    if (trial_make(&t, s, claim, c, 1, NULL) == 0) {
        ret[0] = p_of(&t, w->null);
        ret[1] = strcmp(w->claim, "alignment") == 0 ? p_of(&t, "coverage") : 1;
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
}

void v_alone(struct validation *v)
{
    const struct validate_figure f[] = {
        {"p at .05", 0, FIGURE_SHARE, .05, 0, .05},
        {"foil: coverage at .05", 1, FIGURE_SHARE, .05, .08, 1}};
    static const struct alone w[] = {
        {"alignment, explanation choice: size of", "alignment", "choice", 1, 0, 84, false, 4,
         2000},
        {"alignment, explanation causes: size of", "alignment", "causes", 1, 0, 84, false, 4,
         2000},
        {"alignment, explanation weeks: size of", "alignment", "weeks", 1, .7, 147, false, 2,
         1000},
        {"alignment, explanation controls: size of", "alignment", "controls", 1, .7, 84, false,
         2, 1000},
        {"reaction, explanation dates: size of", "reaction", "dates", 1, 2, 84, true, 2, 1000},
        {"rise, explanation scatter: size of", "rise", "scatter", 1, 2, 84, false, 2, 1000},
        {"rise, explanation placebo: size of", "rise", "placebo", 1, 2, 84, false, 2, 1000},
        {"authenticity, explanation cache: size of", "authenticity", "cache", 1.5, 0, 84, false,
         1, 400},
        {"authenticity, explanation rhythm: size of", "authenticity", "rhythm", 1.5, 0, 84,
         false, 1, 400}};
    for (size_t i = 0; i < sizeof w / sizeof *w; i++) {
        validate_run(v, &(struct validate_plan){"alone", w[i].prefix, replicate, &w[i], 2, f,
                                                w[i].shape > 0 && i < 4 ? 2 : 1,
                                                validate_pick(v, w[i].fast, w[i].full), 199});
    }
}
