/* SPDX-License-Identifier: GPL-3.0-or-later
 * Rows are nearly in order, so a minute is mostly the latest one; a late row begins the
 * minute once more, and when such doubles may be half of all, they are put together. */
#include "ingest/presence.h"

#include <stdlib.h>

#include "base/mem.h"

enum { DOUBLES_MIN = 4096 };

void presence_turn(struct presence *p, int64_t minute, int64_t t_ns)
{
    if (p->n >= 2 * p->tidied + DOUBLES_MIN)
        presence_tidy(p);
    MEM_GROW(p->v, p->n, p->cap);
    p->v[p->n++] = (struct presence_minute){minute, t_ns, t_ns, 1};
}

static int by_minute(const void *a, const void *b)
{
    const struct presence_minute *x = a, *y = b;
    return (x->minute > y->minute) - (x->minute < y->minute);
}

void presence_tidy(struct presence *p)
{
    size_t n = 0;
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, by_minute);
    for (size_t i = 0; i < p->n; i++) {
        const struct presence_minute next = p->v[i];
        struct presence_minute *last = n ? &p->v[n - 1] : NULL;
        if (!last || last->minute != next.minute) {
            p->v[n++] = next;
            continue;
        }
        last->first_ns = next.first_ns < last->first_ns ? next.first_ns : last->first_ns;
        last->last_ns = next.last_ns > last->last_ns ? next.last_ns : last->last_ns;
        last->lookups += next.lookups;
    }
    p->n = p->tidied = n;
}

void presence_free(struct presence *p)
{
    free(p->v);
    *p = (struct presence){0};
}
