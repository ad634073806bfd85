/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/causes.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

const char *const cause_order_names[] = {"before", "after", "unknown"};

static const int64_t DAY_NS = 86400 * NS_PER_S;

enum cause_order cause_order_of(struct moment cause, struct moment change)
{
    if (cause.to_ns <= change.from_ns)
        return CAUSE_BEFORE;
    return cause.from_ns >= change.to_ns ? CAUSE_AFTER : CAUSE_UNKNOWN;
}

/* Where the border before cell i lies. */
static int64_t border(const struct daycells *c, int64_t window_ns, size_t i)
{
    return window_ns + (int64_t)((c->grid.t0 + (double)i * c->grid.width) * (double)NS_PER_S);
}

static struct moment change_within(const struct daycells *c, int64_t window_ns,
                                   const struct change *found)
{
    size_t from = found->lo > 0 ? found->lo - 1 : 0, to = found->hi;
    while (from > 0 && !(c->e[from] > 0))
        from--;
    while (to + 1 < c->grid.n && !(c->e[to] > 0))
        to++;
    return (struct moment){border(c, window_ns, from), border(c, window_ns, to + 1)};
}

static double seconds(int64_t from_ns, int64_t to_ns)
{
    return (double)(to_ns - from_ns) / (double)NS_PER_S;
}

static void add(struct causes *r, struct moment at, bool claimed, int64_t best_ns)
{
    r->v[r->n++] = (struct cause){.at = at,
                                  .claimed = claimed,
                                  .order = cause_order_of(at, r->change),
                                  .delay_lo_s = seconds(at.to_ns, r->change.from_ns),
                                  .delay_s = seconds(at.from_ns, best_ns),
                                  .delay_hi_s = seconds(at.from_ns, r->change.to_ns)};
}

struct causes *causes_make(int64_t date_ns, const struct moments *others,
                           const struct daycells *c, int64_t window_ns,
                           const struct change *found)
{
    size_t n = others ? others->n : 0;
    int64_t best_ns = border(c, window_ns, found->split.at);
    struct causes *r = mem_zero(1, sizeof *r);
    r->v = mem_alloc((n + 1) * sizeof *r->v);
    r->change = change_within(c, window_ns, found);
    r->log_p = found->log_p;
    add(r, (struct moment){date_ns, date_ns + (date_ns % DAY_NS ? 0 : DAY_NS)}, true, best_ns);
    for (size_t i = 0; i < n; i++)
        add(r, others->at[i], false, best_ns);
    return r;
}

void causes_free(struct causes *c)
{
    if (c)
        free(c->v);
    free(c);
}
