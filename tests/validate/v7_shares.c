/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V7, second part: sizes of the nulls of exclusivity and rarity where they are true, from
 * look-ups through study, trial and null. 34 clients ask for a target and for 26 names of
 * like traffic on 84 days. Foil: the exact binomial of look-ups, for which days are nothing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/nulls.h"
#include "stats/tail.h"
#include "tests/made.h"
#include "tests/picked.h"
#include "tests/validate/drawn.h"
#include "tests/validate/validate.h"

enum { DAYS = 84, DAY = 86400, CLIENTS = 34, NAMES = 26, COLUMNS = 4 };

struct world {
    const char *claim;  /* id in tests/data/study-share.yaml */
    double pair, other; /* chance a day that a client asks for the target */
    double shape;       /* of the Gamma factor of a day that the group's two share; 0: none */
    double spread;      /* of each other client's and name's own Gamma factor; 0: none */
    bool chosen;        /* the group's two are chosen from all alike */
};

static double factor(struct rng *r, double shape)
{
    return shape > 0 ? rng_gamma(r, shape, 1 / shape) : 1;
}

static void add(struct made *m, struct rng *r, int client, const char *name, int day,
                double chance)
{
    char text[24];
    if (rng_unit(r) >= chance)
        return;
    snprintf(text, sizeof text, client < 3 ? "192.0.2.%d" : "198.51.100.%d",
             client < 3 ? client : 4 * (client - 2));
    /* a mean of three look-ups each time, in clusters */
    made_add(m, text, name, 1, day * DAY + 3600, 1 + rng_negbin(r, 2, .5));
}

/* Two busiest clients of a name differ from name to name, as those of the target do. */
static void add_names(const struct world *w, struct rng *r, struct made *m)
{
    for (int n = 0; n < NAMES; n++) {
        char name[24];
        int first = 1 + (int)rng_below(r, CLIENTS), second = 1 + (int)rng_below(r, CLIENTS);
        snprintf(name, sizeof name, "n%02d.example", n);
        double own = factor(r, w->spread);
        for (int c = 1; c <= CLIENTS; c++)
            for (int d = 0; d < DAYS; d++)
                add(m, r, c, name, d, own * (c == first || c == second ? w->pair : w->other));
    }
}

static struct counts *draw(const struct world *w, struct rng *r)
{
    struct made m = {0};
    double own[CLIENTS + 1], busy = 1;
    for (int c = 1; c <= CLIENTS; c++)
        own[c] = factor(r, w->spread);
    for (int d = 0; d < DAYS; d++) {
        busy = factor(r, w->shape);
        for (int c = 1; c <= CLIENTS; c++)
            add(&m, r, c, "target.example", d,
                c < 3 ? w->pair * busy * (w->chosen ? own[c] : 1) : w->other * own[c]);
    }
    add_names(w, r, &m);
    return made_counts(&m, 0, DAYS * DAY);
}

/* Foil: look-ups of the group among all of the target, as if each came by itself; or of the
 * block against the mean of the others. */
static double foil(const struct counts *c, bool rarity)
{
    uint64_t in = 0, all = 0;
    for (size_t i = 0; i < c->npairs; i++) {
        if (!span_is(c->names[c->pairs[i].name], "target.example"))
            continue;
        all += c->pairs[i].total;
        in += c->clients[c->pairs[i].client].n < 12 ? c->pairs[i].total : 0;
    }
    return exp(binomial_log_upper(in, all, rarity ? 1. / (CLIENTS - 1) : .5));
}

/* p of the first three nulls of the battery, then of the foil. */
static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct world *w = ctx;
    struct counts *c = draw(w, r);
    struct trial t;
    struct err err;
    struct study *s = drawn_study("tests/data/study-share.yaml", NULL, NULL, r);
    s->power = false;
    struct study_claim *claim = picked_claim(s, w->claim);
    for (size_t i = 0; i < 3; i++)
        ret[i] = 1; /* what cannot be tested does not reject */
    ret[3] = foil(c, strcmp(w->claim, "rare") == 0);
    if (study_resolve(s, c, &err) == 0 && trial_make(&t, s, claim, c, 1, &err) == 0) {
        const struct battery_row *b = claim->kind->battery;
        for (size_t i = 0; i < 3; i++) {
            struct null_result n = {.log_p = 0, .u = NAN};
            b[i].run(&t, &n);
            if (n.why == WHY_NONE || n.why == WHY_INCONCLUSIVE)
                ret[i] = exp(n.log_p);
            free(n.values);
        }
        trial_free(&t);
    }
    study_free(s);
    counts_free(c);
}

#define AT05(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_SHARE, .at = .05, .lo = (lo_),    \
        .hi = (hi_)                                                                            \
    }

static const struct validate_plan plan = {
    .experiment = "V7", .replicate = replicate, .columns = COLUMNS, .m = 399};

void v7_shares(struct validation *v)
{
    enum { RANK, SENSORS, BUSY_DAYS, FOIL };
    uint32_t R = validate_pick(v, 60, 2000);
    /* in and out alike: 2 x .4 = 32 x .025; coverage .9 and .8 makes the true share under 1/2
     */
    const struct world half = {"alone", .3, .01847, 2, 0, false},
                       alike = {"alone", .4, .01, 0, .5, true},
                       block = {"rare", .02, .04, .7, 0, false},
                       spread = {"rare", .025, .05, 0, 1, true};
    const struct validate_figure days[] = {AT05("days wild bootstrap", BUSY_DAYS, 0, .05),
                                           AT05("sensors", SENSORS, 0, .05),
                                           AT05("foil: binomial of look-ups", FOIL, .2, 1)};
    validate_world(v, &plan, "exclusivity, share 1/2, busy days: size of ", &half, days, 3, R);
    const struct validate_figure rank[] = {AT05("concentration", RANK, 0, .05),
                                           AT05("foil: binomial of look-ups", FOIL, .5, 1)};
    validate_world(v, &plan, "exclusivity, all names have two such clients: size of ", &alike,
                   rank, 2, R);
    const struct validate_figure ratio[] = {AT05("days wild bootstrap", BUSY_DAYS, 0, .05),
                                            AT05("sensors", SENSORS, 0, .05),
                                            AT05("foil: binomial of look-ups", FOIL, .15, 1)};
    validate_world(v, &plan, "rarity, ratio 1, busy days: size of ", &block, ratio, 3, R);
    const struct validate_figure unlike[] = {AT05("blocks", RANK, 0, .05),
                                             AT05("foil: binomial of look-ups", FOIL, .2, 1)};
    validate_world(v, &plan, "rarity, blocks differ (Gamma 1): size of ", &spread, unlike, 2,
                   R);
    const struct world two = {"alone", .8, .001, 0, 0, false};
    const struct validate_figure found[] = {AT05("days wild bootstrap", BUSY_DAYS, .8, 1),
                                            AT05("sensors", SENSORS, .8, 1)};
    validate_world(v, &plan, "exclusivity, share .98: power of ", &two, found, 2, R / 2);
}
