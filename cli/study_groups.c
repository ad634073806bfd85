/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/study.h"

enum {
    LISTED = 40,    /* names of a group: the nearest of those that would do */
    PAIRS_LEAST = 5 /* comparable pairs, so that they can be told to differ */
};

struct candidate {
    uint32_t name;
    double far; /* |ln ratio| of days, each and one more */
};

static int by_distance(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int d = (x->far > y->far) - (x->far < y->far);
    return d ? d : (x->name > y->name) - (x->name < y->name);
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A text with * or ? in it is a pattern for others too. */
static bool plain(struct span text)
{
    return !memchr(text.p, '*', text.n) && !memchr(text.p, '?', text.n);
}

/* The nearest names by days: of those that the client asked for (`asked`), of those with half
 * to twice the pair's (`like`). */
static struct draft_group choose(const struct draft *d, const double *days, const double *asked,
                                 bool like)
{
    double wanted = days[d->name];
    struct candidate *v = NULL;
    size_t n = 0, cap = 0;
    for (uint32_t name = 0; name < d->c->nnames; name++) {
        bool far = 2 * days[name] < wanted || days[name] > 2 * wanted;
        if (name == d->name || !plain(d->c->names[name]) || (asked && !(asked[name] > 0)) ||
            (like && far))
            continue;
        MEM_GROW(v, n, cap);
        v[n++] = (struct candidate){name, fabs(log1p(days[name]) - log1p(wanted))};
    }
    if (n)
        qsort(v, n, sizeof *v, by_distance);
    struct draft_group g = {.names = mem_alloc((n + 1) * sizeof *g.names),
                            .n = n < LISTED ? n : LISTED,
                            .of = n,
                            .own = asked != NULL,
                            .like = like};
    for (size_t i = 0; i < g.n; i++)
        g.names[i] = v[i].name;
    qsort(g.names, g.n, sizeof *g.names, by_id);
    free(v);
    return g;
}

void draft_groups(struct draft *d, const struct pairdays *p)
{
    double *own = mem_zero(p->nnames + 1, sizeof *own);
    double *others = mem_zero(p->nnames + 1, sizeof *others);
    for (uint32_t name = 0; name < p->nnames; name++)
        others[name] = p->name[name];
    for (const struct pairdays_cell *c = p->cells; c < p->cells + p->ncells; c++)
        if (c->client == d->client) {
            own[c->name] = c->n;
            others[c->name] -= c->n;
        }
    static const struct {
        bool own, like;
    } tries[] = {{true, true}, {false, true}, {true, false}, {false, false}};
    d->controls = choose(d, own, own, true);
    for (size_t i = 0; i < 4 && d->comparable.n < PAIRS_LEAST; i++) {
        free(d->comparable.names);
        d->comparable = choose(d, others, tries[i].own ? own : NULL, tries[i].like);
    }
    free(own);
    free(others);
}
