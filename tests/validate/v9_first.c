/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * V9, first look-ups: a client's wait for one new name among its waits for 39 others that come
 * from the same law keeps its size; a client that was told is found. Foil: a wait shorter than
 * an hour is early, whatever the client's habit. */
#include <math.h>
#include <stdio.h>

#include "models/firstlook.h"
#include "tests/made.h"
#include "tests/validate/validate.h"

enum { NAMES = 39 };
enum { P, FOIL, COLUMNS };

struct habit {
    double mean_s;  /* of exponential waits for new names */
    double mean2_s; /* of the name in question */
};

static void add_name(struct made *m, const char *name, int day, double wait_s)
{
    made_add(m, "other", name, 1, (int64_t)day * 86400, 1);
    if (day * 86400. + wait_s < 200 * 86400.)
        made_add(m, "c", name, 1, (int64_t)day * 86400 + (int64_t)wait_s, 1);
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct habit *h = ctx;
    struct made m = {0};
    struct firstlook f = {.p = NAN};
    char name[20];
    made_add(&m, "other", "old.example", 1, 0, 1);
    made_add(&m, "other", "old.example", 1, 200 * 86400, 1);
    made_add(&m, "c", "old.example", 1, 0, 1);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "n%02d.example", i);
        add_name(&m, name, 10 + 2 * i, rng_exponential(r, h->mean_s));
    }
    double wait = rng_exponential(r, h->mean2_s);
    add_name(&m, "new.example", 100, wait);
    struct counts *c = made_counts(&m, 0, 201 * 86400);
    firstlook_test(&f, c, counts_client(c, span_of("c")),
                   counts_name(c, span_of("new.example")), NULL);
    ret[P] = f.p;
    ret[FOIL] = wait < 3600;
    counts_free(c);
}

void v9_first(struct validation *v)
{
    static const struct habit usual = {86400, 86400}, quick = {7200, 7200},
                              told = {864000, 3600};
    const struct validate_figure size[] = {{"p at .05", P, FIGURE_SHARE, .05, .05, .05}};
    const struct validate_figure foil[] = {
        {"p at .05", P, FIGURE_SHARE, .05, .05, .05},
        {"foil: an hour is early", FOIL, FIGURE_MEAN, 0, .3, 1}};
    const struct validate_figure power[] = {{"p at .05", P, FIGURE_SHARE, .05, .8, 1}};
    const struct {
        const char *prefix;
        const struct habit *habit;
        const struct validate_figure *figures;
        size_t n;
    } cells[] = {{"first look-ups, waits of a day:", &usual, size, 1},
                 {"first look-ups, waits of two hours:", &quick, foil, 2},
                 {"first look-ups, an hour where ten days are usual:", &told, power, 1}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        validate_run(v, &(struct validate_plan){.experiment = "V9",
                                                .prefix = cells[i].prefix,
                                                .replicate = replicate,
                                                .ctx = cells[i].habit,
                                                .columns = COLUMNS,
                                                .figures = cells[i].figures,
                                                .nfigures = cells[i].n,
                                                .R = validate_pick(v, 400, 10000)});
}
