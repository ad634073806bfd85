/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cache or timer: the rows of ttl_beacon (seven days, TTL 1 h, seconds), one experiment.
 * Memoryless demand is refuted in at most 5 % of its rows, timers below the cache in at
 * least 95 % of theirs; demand is never called a timer; what a busy cache makes of timers
 * may be not separable. Foil: the interval score of RITA, which puts demand behind a
 * cache above a timer behind the same cache. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "models/renewal.h"
#include "tests/validate/validate.h"

enum { DAY = 86400, LENGTH = 7 * DAY, TTL = 3600, CAP = 4000 };

enum maker { DEMAND, CLOCK, SLEEP };
struct row {
    const char *name;
    enum maker maker;
    double every; /* mean time between demands; or the period */
    double spread;
    bool cached;
    double lost;
    uint32_t m;
};

enum column { REFUTED, TIMER, DEMANDS, OPEN, P, COLUMNS };

static size_t raw(const struct row *w, struct rng *r, double *t)
{
    double now = w->maker == DEMAND ? 0 : w->every * rng_unit(r);
    size_t n = 0;
    for (; now < LENGTH && n < CAP;) {
        if (w->maker == DEMAND)
            now += rng_exponential(r, w->every);
        t[n++] = now + (w->maker == CLOCK ? w->spread * rng_normal(r) : 0);
        if (w->maker == CLOCK)
            now += w->every;
        else if (w->maker == SLEEP)
            now += w->every + w->spread * rng_normal(r);
    }
    return n;
}

/* Through the cache, the sensor, and a clock of whole seconds. */
static size_t seen(const struct row *w, struct rng *r, double *t, size_t n)
{
    double lives_until = -1;
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        double at = t[i];
        if (at < 0 || at >= LENGTH || (w->cached && at < lives_until))
            continue;
        lives_until = at + TTL;
        if (rng_unit(r) >= w->lost && (m == 0 || floor(at) > t[m - 1]))
            t[m++] = floor(at);
    }
    return m;
}

static void replicate(const void *ctx, struct rng *r, double *ret)
{
    const struct row *w = ctx;
    double *t = mem_alloc((CAP + 1) * sizeof *t);
    struct interval live = {0, LENGTH};
    struct window win = {.live = &live, .nlive = 1, .length_s = LENGTH, .live_s = LENGTH};
    struct stream s = {.t = t, .ttl_s = TTL};
    s.n = seen(w, r, t, raw(w, r, t));
    struct renewal_opts o = {.resolution_s = 1, .seed = rng_u32(r), .replicates = w->m};
    struct renewal x = {.answer = RENEWAL_NOT_SEPARABLE};
    renewal_compare(&x, &s, &win, &o, NULL);
    ret[REFUTED] = x.refuted;
    ret[TIMER] = x.answer == RENEWAL_IS_TIMER;
    ret[DEMANDS] = x.answer == RENEWAL_IS_DEMAND;
    ret[OPEN] = x.answer == RENEWAL_NOT_SEPARABLE;
    ret[P] = isnan(x.p) ? 0 : x.p;
    free(t);
}

#define MEAN(cell_, column_, lo_, hi_)                                                         \
    {                                                                                          \
        .cell = (cell_), .column = (column_), .kind = FIGURE_MEAN, .lo = (lo_), .hi = (hi_)    \
    }

void v_makers(struct validation *v)
{
    struct row rows[] = {
        {"demand, lambda ttl .1", DEMAND, 36000, 0, true, 0, 0},
        {"demand, lambda ttl .7", DEMAND, 5143, 0, true, 0, 0},
        {"demand, lambda ttl 3", DEMAND, 1200, 0, true, 0, 0},
        {"demand, lambda ttl 10", DEMAND, 360, 0, true, 0, 0},
        {"demand, lambda ttl 12", DEMAND, 300, 0, true, 0, 0},
        {"demand, lambda ttl 60", DEMAND, 60, 0, true, 0, 0},
        {"demand, lambda ttl 3, .3 lost", DEMAND, 1200, 0, true, .3, 0},
        {"demand, lambda ttl 60, .3 lost", DEMAND, 60, 0, true, .3, 0},
        {"clock 3600 s, sd 40, below the cache", CLOCK, 3600, 40, false, 0, 0},
        {"clock 3600 s, sd 40, below, .3 lost", CLOCK, 3600, 40, false, .3, 0},
        {"sleep loop 3600 s, sd 40, below the cache", SLEEP, 3600, 40, false, 0, 0},
        {"sleep loop 3600 s, sd 40, below, .3 lost", SLEEP, 3600, 40, false, .3, 0},
        {"clock 3600 s, sd 40, behind the cache", CLOCK, 3600, 40, true, 0, 0},
        {"sleep loop 3600 s, sd 40, behind the cache", SLEEP, 3600, 40, true, 0, 0},
        {"sleep loop 300 s, sd 10, behind the cache", SLEEP, 300, 10, true, 0, 0},
        {"clock 4000 s, sd 40, behind the cache", CLOCK, 4000, 40, true, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct row *w = &rows[i];
        w->m = validate_pick_m(v, 299, 999);
        bool demand = w->maker == DEMAND, below = !demand && !w->cached;
        char prefix[96];
        snprintf(prefix, sizeof prefix, "%s:", w->name);
        struct validate_figure f[] = {
            MEAN("memoryless demand refuted at .05", REFUTED, 0, demand ? .05 : 1),
            MEAN("called a timer", TIMER, 0, demand ? .001 : 1),
            MEAN("called demand", DEMANDS, 0, demand ? 1 : .05),
            MEAN("not separable", OPEN, 0, 1)};
        if (below)
            f[0].lo = .95;
        validate_run(v, &(struct validate_plan){.experiment = "makers",
                                                .prefix = prefix,
                                                .replicate = replicate,
                                                .ctx = w,
                                                .columns = COLUMNS,
                                                .figures = f,
                                                .nfigures = 4,
                                                .R = validate_pick(v, 2, 1000),
                                                .m = w->m});
    }
}
