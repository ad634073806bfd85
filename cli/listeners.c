/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/listeners.h"

#include <stdlib.h>

struct edge {
    int64_t t_ns;
    int change; /* of the number of listeners */
};

static int by_time(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    return (x->t_ns > y->t_ns) - (x->t_ns < y->t_ns);
}

int64_t *listeners_time(const struct counts *c)
{
    int64_t *time = mem_zero(c->nsources + 1, sizeof *time);
    struct edge *edges = NULL;
    size_t n = 0, cap = 0, listening = 0;
    for (size_t i = 0; i < c->nlive; i++)
        time[0] += c->live[i].to_ns - c->live[i].from_ns;
    for (size_t i = 0; i < c->nsources; i++)
        for (size_t k = 0; k < 2 * c->sources[i].nlive; k++) {
            const struct counts_live *l = &c->sources[i].live[k / 2];
            MEM_GROW(edges, n, cap);
            edges[n++] = k % 2 ? (struct edge){l->to_ns, -1} : (struct edge){l->from_ns, 1};
        }
    if (n)
        qsort(edges, n, sizeof *edges, by_time);
    for (size_t i = 0; i < n; i++) { /* edges at one time are nothing apart */
        int64_t lasted = i ? edges[i].t_ns - edges[i - 1].t_ns : 0;
        time[listening] += listening ? lasted : 0;
        time[0] -= listening ? lasted : 0;
        listening += (size_t)(int64_t)edges[i].change;
    }
    free(edges);
    return time;
}
