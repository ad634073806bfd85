/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/apart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "models/occasions.h"

/* Turns of the timer that reach into the window. */
static struct moments *turns_of(const struct study_aside *a, const struct window *w)
{
    struct moments *m = mem_zero(1, sizeof *m);
    int64_t every = (int64_t)llround(a->every_s * 1e9), after = (int64_t)(a->after_s * 1e9);
    int64_t k = floor_div(w->from_ns - after - a->from_ns, every);
    size_t cap = 0;
    for (int64_t t; (t = a->from_ns + k * every) < w->to_ns; k++) {
        MEM_GROW(m->at, m->n, cap);
        m->at[m->n++] = (struct moment){t, t};
    }
    return m;
}

/* [from, to + after) of each moment, joined where they meet. */
static void stretches_after(struct stretches *ret, const struct moments *m,
                            const struct window *w, double after_s)
{
    struct moments later = {.at = mem_alloc((m->n + 1) * sizeof *later.at), .n = m->n};
    for (size_t i = 0; i < m->n; i++)
        later.at[i] = (struct moment){
            m->at[i].from_ns, m->at[i].to_ns + (int64_t)llround(after_s * (double)NS_PER_S)};
    stretches_around(ret, &later, w, 0, 0, SIZE_MAX);
    free(later.at);
}

/* Does the rest hold too little for the test? */
static bool too_little(enum why why)
{
    return why == WHY_MIN_DATA || why == WHY_NO_FREEDOM || why == WHY_NO_FIT ||
           why == WHY_RESOLUTION;
}

/* All that there was is accounted for, or nearly. */
void apart_nothing_left(struct null_result *ret)
{
    free(ret->values);
    free(ret->shift);
    *ret = trial_blank();
    ret->statistic = "sessions apart from the stated moments, too few to test";
    ret->log_p = 0;
}

static void tell(const struct study_aside *a, size_t hits, size_t of, bool left,
                 struct null_result *ret)
{
    char after[TEXT_TIME_MAX];
    text_of_duration(after, (int64_t)(a->after_s * (double)NS_PER_S));
    if (ret->why != WHY_NONE && ret->why != WHY_INCONCLUSIVE)
        return;
    snprintf(ret->detail, sizeof ret->detail,
             "%zu of %zu sessions come within %s after a stated moment (%s); %s", hits, of,
             after, study_source(a->source),
             left ? "the rest was tested alone" : "too few are left to test");
}

int apart_stretches(const struct trial *t, const struct study_aside *a, double more_s,
                    struct stretches *ret, struct null_result *said)
{
    struct moments *turns = a->times ? NULL : turns_of(a, &t->window);
    const struct moments *m = a->times ? a->times : turns;
    bool any = moments_in_window(m, &t->window) > 0;
    if (any)
        stretches_after(ret, m, &t->window, a->after_s + more_s);
    else
        trial_untested(said, WHY_MIN_DATA, "none of the %zu stated moments lies in the window",
                       m->n);
    moments_free(turns);
    return any ? 0 : -1;
}

static void apart_test(struct trial *t, const struct study_aside *a, double more_s,
                       apart_null *run, struct null_result *ret)
{
    struct stretches own, all = {0};
    struct trial rest;
    if (apart_stretches(t, a, 0, &own, ret) < 0)
        return;
    apart_stretches(t, a, more_s, &all, ret);
    size_t hits = stretches_hits(&own, t->a.t, t->a.n) + stretches_hits(&own, t->b.t, t->b.n);
    ret->why = WHY_MIN_DATA;
    if (trial_apart(&rest, t, all.v, all.n, NULL) == 0) {
        ret->why = WHY_NONE;
        run(&rest, ret);
        trial_free(&rest);
    }
    bool left = !too_little(ret->why);
    if (!left && hits > 0)
        apart_nothing_left(ret);
    tell(a, hits, t->a.n + t->b.n, left, ret);
    stretches_free(&own);
    stretches_free(&all);
}

void apart_mail(struct trial *t, double more_s, apart_null *run, struct null_result *ret)
{
    if (study_aside_given(&t->claim->mailings))
        apart_test(t, &t->claim->mailings, more_s, run, ret);
    else
        trial_untested(ret, WHY_NEEDS_DATA, "needs %s", MAIL_LOG);
}

void apart_monitor(struct trial *t, apart_null *run, struct null_result *ret)
{
    if (study_aside_given(&t->claim->monitors))
        apart_test(t, &t->claim->monitors, 0, run, ret);
    else
        trial_untested(ret, WHY_NEEDS_DATA, "needs %s", MONITORS);
}
