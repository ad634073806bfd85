/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/steps.h"

#include <stdlib.h>

#include "base/text.h"

void steps_add(struct steps *s, struct step step)
{
    MEM_GROW(s->v, s->n, s->cap);
    s->v[s->n++] = step;
}

void steps_free(struct steps *s)
{
    free(s->v);
    *s = (struct steps){0};
}

/* What is of one source and moment may stand in any order: it is not looked at. */
static int by_moment(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

/* Is v[i] the only look-up of its source and moment? */
static bool is_alone(const struct steps *s, size_t i)
{
    return (i == 0 || by_moment(&s->v[i - 1], &s->v[i]) != 0) &&
           (i + 1 == s->n || by_moment(&s->v[i], &s->v[i + 1]) != 0);
}

void steps_count(struct steps *s, uint64_t ret_stayed[HIST_STEP], uint64_t ret_moved[HIST_STEP])
{
    for (size_t k = 0; k < HIST_STEP; k++)
        ret_stayed[k] = ret_moved[k] = 0;
    if (s->n > 1)
        qsort(s->v, s->n, sizeof *s->v, by_moment);
    for (size_t i = 1; i < s->n; i++) {
        const struct step *from = &s->v[i - 1], *to = &s->v[i];
        if (from->source != to->source || !is_alone(s, i - 1) || !is_alone(s, i))
            continue;
        uint64_t gap_ns = (uint64_t)to->time_ns - (uint64_t)from->time_ns;
        (from->server == to->server ? ret_stayed
                                    : ret_moved)[counts_step_bin(gap_ns / NS_PER_S)]++;
    }
    s->n = 0;
}
